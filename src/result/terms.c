/* SPDX-License-Identifier: MIT */
/** @file The terms of a kernel's time: the bound of its plan, and what comes on top. */
#include "result/terms.h"

#include <math.h>
#include <string.h>

#include "result/tables.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE       PSIM_DIM_NONE
#define TERM(name) #name, #name "_s", offsetof(struct psim_kernel_result, name##_s)

static const struct {
    const char *name, *key;
    size_t offset;
    const char *doc;
} terms[] = {
    {TERM(clock), "a clock lower than the highest"},
    {TERM(refetch), "bytes moved beyond the compulsory ones"},
    {TERM(fill), "filling and draining pipelines, latencies"},
    {TERM(tail), "the last, partial wave; unequal work-groups"},
    {TERM(contention), "waiting for each other, as only the event engine sees"},
};

static double
term_s(const struct psim_kernel_result *kernel, size_t term)
{
    const char *base = (const char *)kernel;
    return *(const double *)(const void *)(base + terms[term].offset);
}

const struct psim_kernel_result *
psim_result_longest(const struct psim_result *r)
{
    const struct psim_kernel_result *longest = NULL;
    for (size_t i = 0; i < r->n_kernels; i++) {
        const struct psim_kernel_result *k = &r->kernels[i];
        if (!longest || k->time_s * k->count > longest->time_s * longest->count) {
            longest = k;
        }
    }
    return longest;
}

bool
psim_result_has_namesakes(const struct psim_result *r)
{
    enum { LOOKED_AT = 64 /* of those before: a network shows it in the first few */ };
    for (size_t i = 1; i < r->n_kernels; i++) {
        for (size_t j = 0; j < i && j < LOOKED_AT; j++) {
            const struct psim_kernel_result *a = &r->kernels[i], *b = &r->kernels[j];
            if (psim_str_equal(a->name, b->name) && !psim_str_equal(a->op, b->op)) {
                return true;
            }
        }
    }
    return false;
}

/** What is left by rounding where times are subtracted is no term. */
static bool
is_shown(const struct psim_kernel_result *kernel, size_t term)
{
    static const double rounding = 1e-12;
    return fabs(term_s(kernel, term)) > rounding * kernel->time_s;
}

/** On a machine without latencies the bound of a plan may be all. */
static bool
has_terms(const struct psim_result *r)
{
    for (size_t k = 0; k < r->n_kernels; k++) {
        for (size_t i = 0; i < PSIM_COUNT(terms); i++) {
            if (is_shown(&r->kernels[k], i)) return true;
        }
    }
    return false;
}

void
psim_result_terms(struct psim_arena *arena, const struct psim_result *r,
                  struct psim_document *d)
{
    if (!has_terms(r)) return;
    enum { OP = 1, TIME, BOUND, FIRST_TERM, LAUNCH = FIRST_TERM + PSIM_COUNT(terms) };
    struct psim_column *columns = PSIM_NEW_N(arena, struct psim_column, LAUNCH + 1);
    const bool both = psim_result_has_namesakes(r);
    columns[0] = (struct psim_column){"name", "kernel", NONE, false};
    columns[OP] = (struct psim_column){"op", both ? "op" : NULL, NONE, false};
    columns[TIME] =
        (struct psim_column){"time_s", "time each", PSIM_DIM_SECONDS, false};
    columns[BOUND] =
        (struct psim_column){"bound_s", "= at least", PSIM_DIM_SECONDS, false};
    columns[LAUNCH] =
        (struct psim_column){"launch_s", "after a launch of", PSIM_DIM_SECONDS, false};
    for (size_t i = 0; i < PSIM_COUNT(terms); i++) {
        columns[FIRST_TERM + i] = (struct psim_column){
            terms[i].key, psim_arena_printf(arena, "+ %s", terms[i].name),
            PSIM_DIM_SECONDS, false};
    }
    struct psim_table *t = psim_document_table(
        d, NULL, "What the time of each kernel is made of", columns, LAUNCH + 1);
    for (size_t k = 0; k < r->n_kernels; k++) {
        const struct psim_kernel_result *kernel = &r->kernels[k];
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(kernel->name);
        row[OP] = psim_cell_text(kernel->op);
        row[TIME] = psim_cell_number(kernel->time_s);
        row[BOUND] = psim_cell_number(kernel->bound_s);
        for (size_t i = 0; i < PSIM_COUNT(terms); i++) {
            /* A term that is nowhere has no column. */
            if (!is_shown(kernel, i)) continue;
            row[FIRST_TERM + i] = psim_cell_number(term_s(kernel, i));
        }
        if (kernel->launch_s > 0) row[LAUNCH] = psim_cell_number(kernel->launch_s);
    }
}

/** Sum of one term over all launches of all kernels. */
static double
sum_of(const struct psim_result *r, size_t term)
{
    double sum = 0;
    for (size_t i = 0; i < r->n_kernels; i++) {
        sum += term_s(&r->kernels[i], term) * r->kernels[i].count;
    }
    return sum;
}

static void
add_term(struct psim_arena *arena, struct psim_table *t, const char *name, double s,
         const char *doc)
{
    struct psim_cell *row = psim_table_row(arena, t);
    row[0] = psim_cell_text(name);
    row[1] = psim_cell_number(s);
    row[2] = psim_cell_text(doc);
}

/** What is there before any term: with the terms it sums to the time. */
static void
add_start(struct psim_arena *arena, const struct psim_result *r, struct psim_table *t)
{
    double bound_s = 0, launch_s = 0;
    for (size_t i = 0; i < r->n_kernels; i++) {
        bound_s += r->kernels[i].bound_s * r->kernels[i].count;
        launch_s += r->kernels[i].launch_s * r->kernels[i].count;
    }
    add_term(arena, t, "bound", bound_s, "no schedule of these kernels is faster");
    add_term(arena, t, "launch", launch_s, "launches of the kernels");
    add_term(arena, t, "host", r->host_wait_s, "waiting for the host's next launch");
}

void
psim_result_difference(struct psim_arena *arena, const struct psim_result *analytic,
                       const struct psim_result *event, struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"term", "term", NONE, false},
        {"time_s", "time", PSIM_DIM_SECONDS, false},
        {"doc", "what it is", NONE, false},
    };
    psim_document_fact(d, "analytic_time_s", "analytic", PSIM_DIM_SECONDS,
                       psim_cell_number(analytic->time_s));
    psim_document_fact(d, "event_time_s", "event", PSIM_DIM_SECONDS,
                       psim_cell_number(event->time_s));
    struct psim_table *t = psim_document_table(
        d, "difference", "From the bound of the plan to the event engine's time",
        columns, PSIM_COUNT(columns));
    add_start(arena, event, t);
    for (size_t i = 0; i < PSIM_COUNT(terms); i++) {
        add_term(arena, t, terms[i].name, sum_of(event, i), terms[i].doc);
    }
}
