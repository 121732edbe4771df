/* SPDX-License-Identifier: MIT */
/** @file A result as a document. */
#include "result/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/metric.h"
#include "result/terms.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

const char *
psim_loc_text(struct psim_arena *arena, struct psim_loc at)
{
    if (!at.source) return "";
    if (at.line == 0) return at.source->name;
    return psim_arena_printf(arena, "%s:%u", at.source->name, at.line);
}

static struct psim_cell
known(double value)
{
    return value < 0 ? psim_cell_none : psim_cell_number(value);
}

/** How long, and how far from the best. */
static const char *
verdict(struct psim_arena *arena, const struct psim_result *r)
{
    const double share = r->time_s > 0 ? r->bound_s / r->time_s : 0;
    const char *time = psim_quantity_print(arena, r->time_s, PSIM_DIM_SECONDS, 4);
    const char *bound = psim_quantity_print(arena, r->bound_s, PSIM_DIM_SECONDS, 4);
    return psim_arena_printf(
        arena, "%s takes %s on %s; no mapping takes less than %s (%.0f %% of it).",
        r->workload_title, time, r->machine_title, bound, 100 * share);
}

/** What holds the workload back, in words that a newcomer understands. */
static const char *
binding_words(struct psim_arena *arena, const struct psim_result *r)
{
    return psim_arena_printf(arena, "It is bound by %s%s%s.", r->bound_by,
                             r->bound_by_doc ? ": " : "",
                             r->bound_by_doc ? r->bound_by_doc : "");
}

/** Two times that differ by rounding only: the op is where the roofs meet. */
static bool
balanced(double compute_s, double memory_s)
{
    return fabs(compute_s - memory_s) <= 1e-9 * memory_s;
}

/** Left or right of the ridge: the textbook's verdict, from the plain roofline. */
static const char *
roofline_words(struct psim_arena *arena, const struct psim_result *r)
{
    double compute_s = 0, memory_s = 0;
    for (size_t i = 0; i < r->n_roofs; i++) {
        *(r->roofs[i].dim == PSIM_DIM_FLOP_PER_S ? &compute_s : &memory_s) +=
            r->roofs[i].time_s;
    }
    if (compute_s <= 0 || memory_s <= 0) return NULL;
    const double bytes = r->read_bytes + r->write_bytes;
    const double own = bytes > 0 ? r->flop / bytes : 0;
    const char *printed = psim_quantity_print(arena, own, PSIM_DIM_FLOP_PER_BYTE, 4);
    if (balanced(compute_s, memory_s)) {
        return psim_arena_printf(
            arena,
            "By the plain roofline it is balanced: %s is the ridge, "
            "where memory and arithmetic take the same time.",
            printed);
    }
    const double ridge = own * memory_s / compute_s;
    return psim_arena_printf(
        arena,
        "By the plain roofline it is %s-bound: %s is %s of the "
        "ridge at %s.",
        memory_s >= compute_s ? "memory" : "compute", printed,
        memory_s >= compute_s ? "left" : "right",
        psim_quantity_print(arena, ridge, PSIM_DIM_FLOP_PER_BYTE, 4));
}

/** What it draws, and whether that is what the machine may. */
static const char *
power_words(struct psim_arena *arena, const struct psim_result *r)
{
    if (r->energy_j < 0 || !(r->time_s > 0)) return NULL;
    const double watts = r->energy_j / r->time_s;
    const char *power = psim_quantity_print(arena, watts, PSIM_DIM_WATTS, 3);
    const char *clock = psim_quantity_print(arena, r->clock_hz, PSIM_DIM_HERTZ, 3);
    const bool above = r->cap_w >= 0 && watts > r->cap_w && !r->sustained;
    return psim_arena_printf(
        arena, "It draws %s in the mean at a clock of %s%s.", power, clock,
        above          ? ", more than it may for long: repeated for a second, it is "
                         "slower (--sustained)"
        : r->sustained ? ", repeated for a second or more"
                       : "");
}

static void
add_facts(struct psim_document *d, const struct psim_result *r)
{
    psim_document_fact(d, "machine", NULL, NONE, psim_cell_text(r->machine));
    psim_document_fact(d, "workload", NULL, NONE, psim_cell_text(r->workload));
    psim_document_fact(d, "engine", NULL, NONE, psim_cell_text(r->engine));
    for (size_t i = 0; i < psim_metric_count; i++) {
        const struct psim_metric *m = &psim_metrics[i];
        struct psim_fact *fact =
            psim_document_fact(d, m->key, m->heading, m->dim, known(m->get(r)));
        fact->percent = m->percent;
        fact->remark = m->doc;
    }
    psim_document_fact(d, "bound_by", "bound by", NONE, psim_cell_text(r->bound_by))
        ->remark = r->bound_by_doc;
    psim_document_fact(d, "sustained", NULL, NONE, psim_cell_flag(r->sustained));
    psim_document_fact(d, "mappings_tried", NULL, NONE,
                       psim_cell_number(r->mappings_tried));
}

static void
add_memories(struct psim_arena *arena, struct psim_document *d,
             const struct psim_result *r)
{
    static const struct psim_column columns[] = {
        {"name", "memory", NONE, false},
        {"read_bytes", "read", PSIM_DIM_BYTES, false},
        {"written_bytes", "written", PSIM_DIM_BYTES, false},
        {"flop_per_byte", "intensity", PSIM_DIM_FLOP_PER_BYTE, false},
        {"bytes_per_s", "rate", PSIM_DIM_BYTES_PER_S, false},
        {"peak_bytes_per_s", "peak", PSIM_DIM_BYTES_PER_S, false},
        {"share", "of the peak", NONE, true},
        {"at", "given in", NONE, false},
    };
    struct psim_table *t = psim_document_table(
        d, "memories", "Traffic at each level of memory", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < r->n_memories; i++) {
        const struct psim_server_use *m = &r->memories[i];
        const double bytes = m->read + m->written;
        const double rate = r->time_s > 0 ? bytes / r->time_s : 0;
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(m->name);
        row[1] = psim_cell_number(m->read);
        row[2] = psim_cell_number(m->written);
        row[3] = bytes > 0 ? psim_cell_number(r->flop / bytes) : psim_cell_none;
        row[4] = psim_cell_number(rate);
        row[5] = m->peak_per_s > 0 ? psim_cell_number(m->peak_per_s) : psim_cell_none;
        row[6] =
            m->peak_per_s > 0 ? psim_cell_number(rate / m->peak_per_s) : psim_cell_none;
        row[7] = psim_cell_text(psim_loc_text(arena, m->at));
    }
}

static void
add_roofs(struct psim_arena *arena, struct psim_document *d,
          const struct psim_result *r)
{
    static const struct psim_column columns[] = {
        {"name", "roof", NONE, false},
        {"peak_flop_per_s", "peak", PSIM_DIM_FLOP_PER_S, false},
        {"peak_bytes_per_s", "or", PSIM_DIM_BYTES_PER_S, false},
        {"time_s", "alone takes", PSIM_DIM_SECONDS, false},
        {"share", "of the time", NONE, true},
        {"at", "given in", NONE, false},
    };
    struct psim_table *t = psim_document_table(d, "roofs", "Share of each roof",
                                               columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < r->n_roofs; i++) {
        const struct psim_roof *roof = &r->roofs[i];
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(roof->name);
        row[roof->dim == PSIM_DIM_FLOP_PER_S ? 1 : 2] = known(roof->peak_per_s);
        row[3] = psim_cell_number(roof->time_s);
        row[4] =
            r->time_s > 0 ? psim_cell_number(roof->time_s / r->time_s) : psim_cell_none;
        row[5] = psim_cell_text(psim_loc_text(arena, roof->at));
    }
}

/* Each kernel in the order of its launch. */
static const struct psim_column kernel_columns[] = {
    {"name", "kernel", NONE, false},
    {"op", NULL, NONE, false},
    {"count", "runs", NONE, false},
    {"time_s", "time each", PSIM_DIM_SECONDS, false},
    {"launch_s", "launch", PSIM_DIM_SECONDS, false},
    {"share", "of the time", NONE, true},
    {"bound_s", "at least", PSIM_DIM_SECONDS, false},
    {"bound_by", "bound by", NONE, false},
    {"flop", "work", PSIM_DIM_FLOP, false},
    {"clock_hz", "clock", PSIM_DIM_HERTZ, false},
    {"energy_j", "energy each", PSIM_DIM_JOULES, false},
    {"clock_s", NULL, PSIM_DIM_SECONDS, false},
    {"refetch_s", NULL, PSIM_DIM_SECONDS, false},
    {"fill_s", NULL, PSIM_DIM_SECONDS, false},
    {"tail_s", NULL, PSIM_DIM_SECONDS, false},
    {"contention_s", NULL, PSIM_DIM_SECONDS, false},
    {"late_bytes", NULL, PSIM_DIM_BYTES, false},
    {"work_groups", "groups", NONE, false},
    {"units", NULL, NONE, false},
    {"resident", "a unit", NONE, false},
    {"resident_by", "limited by", NONE, false},
    {"waves", "waves", NONE, false},
    {"mapping", "mapping", NONE, false},
};

static void
add_kernels(struct psim_arena *arena, struct psim_document *d,
            const struct psim_result *r)
{
    struct psim_column *shown =
        PSIM_NEW_N(arena, struct psim_column, PSIM_COUNT(kernel_columns));
    memcpy(shown, kernel_columns, sizeof kernel_columns);
    if (psim_result_has_namesakes(r)) shown[1].heading = "op";
    struct psim_table *t =
        psim_document_table(d, "kernels", "Kernels", shown, PSIM_COUNT(kernel_columns));
    for (size_t i = 0; i < r->n_kernels; i++) {
        const struct psim_kernel_result *k = &r->kernels[i];
        const double all_s = (k->time_s + k->launch_s) * k->count;
        const double slots = (double)k->units * k->resident;
        struct psim_cell *row = psim_table_row(arena, t);
        const struct psim_cell cells[] = {
            psim_cell_text(k->name),
            psim_cell_text(k->op),
            psim_cell_number(k->count),
            psim_cell_number(k->time_s),
            psim_cell_number(k->launch_s),
            psim_cell_number(r->time_s > 0 ? all_s / r->time_s : 0),
            psim_cell_number(k->bound_s),
            psim_cell_text(k->bound_by),
            psim_cell_number(k->flop),
            known(k->clock_hz),
            known(k->energy_j),
            psim_cell_number(k->clock_s),
            psim_cell_number(k->refetch_s),
            psim_cell_number(k->fill_s),
            psim_cell_number(k->tail_s),
            psim_cell_number(k->contention_s),
            psim_cell_number(k->late_bytes),
            psim_cell_number(k->groups),
            psim_cell_number(k->units),
            psim_cell_number(k->resident),
            psim_cell_text(k->resident_by),
            psim_cell_number(slots > 0 ? k->groups / slots : 0),
            psim_cell_text(k->mapping),
        };
        for (size_t c = 0; c < PSIM_COUNT(cells); c++) {
            row[c] = cells[c];
        }
    }
}

static int
by_busy(const void *a, const void *b)
{
    const struct psim_server_use *const *left = a, *const *right = b;
    if ((*left)->busy_s != (*right)->busy_s) {
        return (*left)->busy_s > (*right)->busy_s ? -1 : 1;
    }
    return *left < *right ? -1 : 1; /* in the plan's order */
}

/** How busy each server is in the kernel that takes longest in all. */
static void
add_servers(struct psim_arena *arena, struct psim_document *d,
            const struct psim_result *r)
{
    static const struct psim_column columns[] = {
        {"kernel", NULL, NONE, false},
        {"name", "server", NONE, false},
        {"busy_s", "busy", PSIM_DIM_SECONDS, false},
        {"share", "of the kernel", NONE, true},
        {"doc", "what it is", NONE, false},
        {"at", "given in", NONE, false},
    };
    const struct psim_kernel_result *k = psim_result_longest(r);
    if (!k) return;
    const char *title = psim_arena_printf(arena, "What keeps '%s' busy", k->name);
    struct psim_table *t =
        psim_document_table(d, "servers", title, columns, PSIM_COUNT(columns));
    const struct psim_server_use **busiest =
        PSIM_NEW_N(arena, const struct psim_server_use *, k->n_servers + 1);
    for (size_t v = 0; v < k->n_servers; v++) {
        busiest[v] = &k->servers[v];
    }
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
    qsort(busiest, k->n_servers, sizeof *busiest, by_busy);
    for (size_t v = 0; v < k->n_servers; v++) {
        const struct psim_server_use *s = busiest[v];
        if (s->busy_s <= 0) continue;
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(k->name);
        row[1] = psim_cell_text(s->name);
        row[2] = psim_cell_number(s->busy_s);
        row[3] =
            k->time_s > 0 ? psim_cell_number(s->busy_s / k->time_s) : psim_cell_none;
        row[4] = s->doc ? psim_cell_text(s->doc) : psim_cell_none;
        row[5] = psim_cell_text(psim_loc_text(arena, s->at));
    }
}

/** What drew how much: nothing where the machine does not say. */
static void
add_energies(struct psim_arena *arena, struct psim_document *d,
             const struct psim_result *r)
{
    static const struct psim_column columns[] = {
        {"name", "drawn by", NONE, false},
        {"energy_j", "energy", PSIM_DIM_JOULES, false},
        {"share", "of all", NONE, true},
        {"power_w", "in the mean", PSIM_DIM_WATTS, false},
        {"doc", "what it is", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "energy", "Energy", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < r->n_energies; i++) {
        const struct psim_energy_part *part = &r->energies[i];
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(part->name);
        row[1] = psim_cell_number(part->energy_j);
        row[2] = psim_cell_number(part->energy_j / r->energy_j);
        row[3] = r->time_s > 0 ? psim_cell_number(part->energy_j / r->time_s)
                               : psim_cell_none;
        row[4] = part->doc ? psim_cell_text(part->doc) : psim_cell_none;
    }
}

static void
add_assumptions(struct psim_arena *arena, struct psim_document *d,
                const struct psim_result *r)
{
    static const struct psim_column columns[] = {
        {"text", "assumed", NONE, false},
        {"at", "because of", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "assumptions", r->n_assumptions ? "Assumed" : NULL,
                            columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < r->n_assumptions; i++) {
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(r->assumptions[i].text);
        row[1] = psim_cell_text(psim_loc_text(arena, r->assumptions[i].at));
    }
}

void
psim_document_layers(struct psim_arena *arena, struct psim_document *d,
                     const char *const *layers, size_t n_layers)
{
    static const struct psim_column columns[] = {
        {"file", "machine read from", NONE, false}};
    struct psim_table *t = psim_document_table(
        d, "layers", n_layers > 1 ? "Layers" : NULL, columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < n_layers; i++) {
        psim_table_row(arena, t)[0] = psim_cell_text(layers[i]);
    }
}

void
psim_result_document(struct psim_arena *arena, const struct psim_result *r,
                     struct psim_document *d)
{
    *d = (struct psim_document){
        .schema = "perfsim/result/v1",
        .title = psim_arena_printf(arena, "%s on %s (%s engine)", r->workload_title,
                                   r->machine_title, r->engine),
    };
    psim_document_line(d, verdict(arena, r));
    if (r->bound_by) psim_document_line(d, binding_words(arena, r));
    const char *words = roofline_words(arena, r);
    if (words) psim_document_line(d, words);
    const char *power = power_words(arena, r);
    if (power) psim_document_line(d, power);
    add_facts(d, r);
    add_memories(arena, d, r);
    add_roofs(arena, d, r);
    add_kernels(arena, d, r);
    psim_result_terms(arena, r, d);
    add_servers(arena, d, r);
    add_energies(arena, d, r);
    add_assumptions(arena, d, r);
    psim_document_layers(arena, d, r->layers, r->n_layers);
}
