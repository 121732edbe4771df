/* SPDX-License-Identifier: MIT */
/** @file Verdicts in the words of the roofline: which side of which ridge, how busy. */
#include "explain/words.h"

#include "explain/word_tables.h"
#include "result/terms.h"
#include "result/verdict.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

static const char *
percent(struct psim_arena *arena, double share)
{
    return psim_arena_printf(arena, "%.*f %%", share < 0.0995 ? 1 : 0, 100 * share);
}

static const char *
quantity(struct psim_arena *arena, double value, enum psim_dim dim)
{
    return psim_quantity_print(arena, value, dim, 4);
}

/** What does no FLOP is no unit that everybody knows: it has its explanation with it.
 */
static const char *
name_words(struct psim_arena *arena, const struct psim_server_use *use)
{
    const bool known = use->side != PSIM_SIDE_COMPUTE || use->counts == PSIM_DIM_FLOP;
    return known || !use->doc
               ? use->name
               : psim_arena_printf(arena, "%s (%s)", use->name, use->doc);
}

/** "dram is busy 100 % of the time, lane.fma 4.2 %." */
static const char *
busy_words(struct psim_arena *arena, const struct psim_verdict *v)
{
    const bool memory_first = v->memory_share >= v->compute_share;
    const struct psim_server_use *first = memory_first ? v->memory : v->compute;
    const struct psim_server_use *second = memory_first ? v->compute : v->memory;
    const double first_share = memory_first ? v->memory_share : v->compute_share;
    const double second_share = memory_first ? v->compute_share : v->memory_share;
    if (!first) return "no part of the machine is busy";
    if (!second) {
        return psim_arena_printf(arena, "%s is busy %s of its time, %s",
                                 name_words(arena, first), percent(arena, first_share),
                                 memory_first ? "and nothing is computed"
                                              : "and no bytes move");
    }
    return psim_arena_printf(arena, "%s is busy %s of its time, %s %s",
                             name_words(arena, first), percent(arena, first_share),
                             name_words(arena, second), percent(arena, second_share));
}

static const char *
verdict_words(struct psim_arena *arena, const struct psim_result *r,
              const struct psim_kernel_result *k, const struct psim_verdict *run)
{
    const struct psim_verdict own = psim_verdict_of(k);
    const double all_s = (k->time_s + k->launch_s) * k->count;
    const char *which =
        r->n_kernels > 1
            ? psim_arena_printf(arena,
                                "Of %zu kernels '%s' takes longest, %s of the "
                                "time. It",
                                r->n_kernels, k->name,
                                percent(arena, all_s / r->time_s))
            : psim_arena_printf(arena, "'%s'", k->name);
    const char *text =
        psim_arena_printf(arena, "%s is %s: %s.", which, psim_verdict_name(own.kind),
                          busy_words(arena, &own));
    if (run->kind != PSIM_VERDICT_LAUNCH || own.kind == PSIM_VERDICT_LAUNCH) {
        return text;
    }
    return psim_arena_printf(
        arena,
        "%s is launch-bound: launches and waits for the host take %s of the "
        "time. By itself %s",
        r->workload_title, percent(arena, psim_verdict_overhead(r)), text);
}

/** The level of the memory in which the tensors live; NULL: none of its bytes move. */
static const struct psim_word_level *
home_of(const struct psim_word_level levels[PSIM_WORD_LEVELS], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (levels[i].home && levels[i].peak_per_s > 0) return &levels[i];
    }
    return NULL;
}

/** Why the busy side is another one than the peaks say; NULL: it is the same one. */
static const char *
contrast_words(struct psim_arena *arena, const struct psim_kernel_result *k,
               const struct psim_verdict *v, const struct psim_word_level *home,
               const struct psim_word_unit *unit, bool left)
{
    static const double much = 1.2;
    if (v->kind == PSIM_VERDICT_MEMORY && !left) {
        if (!psim_str_equal(v->memory->name, home->name)) {
            return psim_arena_printf(arena,
                                     " Not so here: it is not %s but %s that is busy.",
                                     home->name, v->memory->name);
        }
        return " Not so here: the memory achieves less of its peak than the units do.";
    }
    if (v->kind != PSIM_VERDICT_COMPUTE || !left) return NULL;
    if (v->compute->counts != PSIM_DIM_FLOP) {
        return psim_arena_printf(
            arena, " Not so here: %s is busy with what is no FLOP.", v->compute->name);
    }
    if (unit->flop > much * k->flop) {
        return psim_arena_printf(
            arena,
            " Not so here: the units do %s times the FLOP that count, as tiles are "
            "padded.",
            psim_quantity_print(arena, unit->flop / k->flop, NONE, 3));
    }
    return " Not so here: the units achieve less of their peak than the memory does.";
}

/** The textbook's words, at the memory of the tensors, by the stated peaks. */
static const char *
ridge_words(struct psim_arena *arena, const struct psim_kernel_result *k)
{
    struct psim_word_level levels[PSIM_WORD_LEVELS];
    const struct psim_word_level *home = home_of(levels, psim_word_levels(k, levels));
    const struct psim_word_unit unit = psim_word_unit(k);
    const struct psim_verdict v = psim_verdict_of(k);
    if (!home || !unit.name || k->flop <= 0) return NULL;
    const double own = k->flop / home->bytes;
    const double ridge = unit.peak_per_s / home->peak_per_s;
    const bool left = own < ridge;
    const char *contrast = contrast_words(arena, k, &v, home, &unit, left);
    return psim_arena_printf(
        arena,
        "Its %s at %s is %s of the ridge at %s (%s of %s over %s of %s): by these "
        "peaks "
        "alone the %s would take longer.%s",
        quantity(arena, own, PSIM_DIM_FLOP_PER_BYTE), home->name,
        left ? "left" : "right", quantity(arena, ridge, PSIM_DIM_FLOP_PER_BYTE),
        quantity(arena, unit.peak_per_s, PSIM_DIM_FLOP_PER_S), unit.name,
        quantity(arena, home->peak_per_s, PSIM_DIM_BYTES_PER_S), home->name,
        left ? "bytes" : "work", contrast ? contrast : "");
}

/** What of a kernel's time is more than its bound, the largest first. */
static const char *
waiting_words(struct psim_arena *arena, const struct psim_kernel_result *k)
{
    const struct {
        const char *name;
        double s;
    } terms[] = {
        {"filling and draining pipelines, and latencies", k->fill_s},
        {"the last, partial wave and unequal work-groups", k->tail_s},
        {"bytes that caches lose", k->refetch_s},
        {"a lowered clock", k->clock_s},
        {"waiting for each other", k->contention_s},
    };
    size_t most = 0;
    for (size_t i = 1; i < PSIM_COUNT(terms); i++) {
        if (terms[i].s > terms[most].s) most = i;
    }
    if (terms[most].s <= k->bound_s) {
        return psim_arena_printf(arena,
                                 "%s of the time its steps wait for each other, "
                                 "whatever else is free",
                                 percent(arena, k->bound_s / k->time_s));
    }
    return psim_arena_printf(arena, "%s of the time goes into %s",
                             percent(arena, terms[most].s / k->time_s),
                             terms[most].name);
}

static const char *
times_words(struct psim_arena *arena, double ratio)
{
    return psim_quantity_print(arena, ratio, NONE, 3);
}

static const char *
launch_words(struct psim_arena *arena, const struct psim_result *r)
{
    const double all_s = psim_verdict_overhead(r) * r->time_s;
    return psim_arena_printf(
        arena,
        "Launches and waits for the host take %s of %s: what helps is fewer, larger "
        "kernels (fusion, batching), or launches that are recorded as a graph.",
        quantity(arena, all_s, PSIM_DIM_SECONDS),
        quantity(arena, r->time_s, PSIM_DIM_SECONDS));
}

/** What would have to be otherwise. */
static const char *
remedy_words(struct psim_arena *arena, const struct psim_kernel_result *k,
             const struct psim_verdict *v)
{
    const char *unit = v->compute ? v->compute->name : "";
    const bool is_flop = v->compute && v->compute->counts == PSIM_DIM_FLOP;
    switch (v->kind) {
    case PSIM_VERDICT_MEMORY:
        if (!v->compute || k->flop <= 0) {
            return psim_arena_printf(
                arena,
                "It computes nothing: no machine makes it compute-bound. To be "
                "faster it must move fewer bytes, or %s must be faster.",
                v->memory->name);
        }
        return psim_arena_printf(
            arena,
            "%s %s of the time. To become compute-bound%s, each byte of %s must be "
            "used %s times as often: for example by more operations on it while it is "
            "near (fusion), by larger tiles, or by a type of fewer bytes.",
            is_flop ? "The compute units idle"
                    : psim_arena_printf(arena, "%s idles", unit),
            percent(arena, 1 - v->compute_share),
            is_flop ? "" : psim_arena_printf(arena, ", by %s", unit), v->memory->name,
            times_words(arena, v->memory_share / v->compute_share));
    case PSIM_VERDICT_COMPUTE:
        if (!v->memory) {
            return "It moves no bytes: only a faster unit, or less work, makes it "
                   "faster.";
        }
        return psim_arena_printf(
            arena,
            "%s idles %s of the time: a faster memory changes nothing. To become "
            "memory-bound, it would have to move %s times the bytes for the same work; "
            "to be faster, it %s.",
            v->memory->name, percent(arena, 1 - v->memory_share),
            times_words(arena, v->compute_share / v->memory_share),
            is_flop ? "needs a faster unit, a narrower type, or fewer operations"
                    : psim_arena_printf(arena, "must keep %s busy for less", unit));
    case PSIM_VERDICT_LATENCY:
        return psim_arena_printf(
            arena,
            "Neither the memories nor the units are busy half of the time: %s. Neither "
            "more bandwidth nor more FLOP/s help; more independent work at once does, "
            "or "
            "more of it in flight.",
            waiting_words(arena, k));
    case PSIM_VERDICT_LAUNCH:
        return psim_arena_printf(
            arena,
            "Starting a kernel takes %s, running it %s: what helps is fewer, larger "
            "kernels (fusion, batching), or launches that are recorded as a graph.",
            quantity(arena, k->launch_s, PSIM_DIM_SECONDS),
            quantity(arena, k->time_s, PSIM_DIM_SECONDS));
    case PSIM_N_VERDICTS:
        break;
    }
    return NULL;
}

void
psim_words_add(struct psim_arena *arena, const struct psim_result *r,
               struct psim_document *d)
{
    const struct psim_kernel_result *k = psim_result_longest(r);
    const struct psim_verdict run = psim_verdict_of_run(r);
    psim_document_fact(d, "machine", NULL, NONE, psim_cell_text(r->machine));
    psim_document_fact(d, "workload", NULL, NONE, psim_cell_text(r->workload));
    psim_document_fact(d, "engine", NULL, NONE, psim_cell_text(r->engine));
    psim_document_fact(d, "time_s", NULL, PSIM_DIM_SECONDS,
                       psim_cell_number(r->time_s));
    psim_document_fact(d, "verdict", NULL, NONE,
                       psim_cell_text(psim_verdict_name(run.kind)));
    psim_document_fact(d, "kernel", NULL, NONE, psim_cell_text(k ? k->name : NULL));
    if (!k) return;
    psim_document_line(d,
                       psim_arena_printf(arena, "%s takes %s on %s.", r->workload_title,
                                         quantity(arena, r->time_s, PSIM_DIM_SECONDS),
                                         r->machine_title));
    psim_document_line(d, verdict_words(arena, r, k, &run));
    const char *ridge = ridge_words(arena, k);
    if (ridge) psim_document_line(d, ridge);
    const struct psim_verdict own = psim_verdict_of(k);
    psim_document_line(d, run.kind == PSIM_VERDICT_LAUNCH
                              ? launch_words(arena, r)
                              : remedy_words(arena, k, &own));
    psim_word_ridges(arena, k, d);
    psim_word_verdicts(arena, r, d);
}
