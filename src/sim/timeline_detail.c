/* SPDX-License-Identifier: MIT */
/** @file How much of each kernel a timeline keeps, and what is said of the rest. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan/count.h"
#include "sim/timeline.h"
#include "sim/work.h"
#include "util/arena.h"

/** Of the spans that a kernel may have. */
static const double single_part = 0.5, closely_part = 0.25, others_part = 0.25;
/** Of those that stand for themselves, at its beginning. */
static const double first_part = 0.6;
enum { MOST_STRETCHES = 512, MOST_OTHER_STRETCHES = 64 };

/* --- what there is ------------------------------------------------------------ */

/** Different servers that an act asks: of single units, of several. */
static void
count_servers(const struct psim_plan *plan, const struct psim_act *act, double *ret_own,
              double *ret_shared)
{
    uint64_t seen = 0;
    static_assert(PSIM_MAX_SERVERS <= 64, "a bit each");
    *ret_own = *ret_shared = 0;
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const uint16_t server = act->demand[d].server;
        if (seen >> server & 1) continue;
        seen |= UINT64_C(1) << server;
        *(plan->servers[server].units == 1 ? ret_own : ret_shared) += 1;
    }
}

static void
count_spans(struct psim_taped *taped)
{
    const struct psim_plan *plan = taped->first->plan;
    const struct psim_kernel *k = &plan->kernels[taped->first->launch.kernel];
    struct psim_step_count counts[PSIM_MAX_STEPS];
    psim_count_steps(k, counts);
    for (uint8_t r = 0; r < k->n_roles; r++) {
        for (uint16_t s = k->roles[r].first_step; k->steps[s].kind != PSIM_STEP_STOP;
             s++) {
            if (k->steps[s].kind != PSIM_STEP_DO) continue;
            double own, shared;
            count_servers(plan, &plan->acts[k->steps[s].act], &own, &shared);
            const double visits = counts[s].visits.sum * k->roles[r].gangs;
            taped->own_spans += own * visits;
            taped->shared_spans += shared * visits;
        }
    }
    if (k->start_act != PSIM_NONE) {
        double own, shared;
        count_servers(plan, &plan->acts[k->start_act], &own, &shared);
        taped->own_spans += own * (double)psim_kernel_items(k);
        taped->shared_spans += shared * (double)psim_kernel_items(k);
    }
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        const uint32_t units = plan->servers[v].units;
        if (units == 1) {
            taped->own++;
        } else {
            taped->shared += units == 0 ? 1 : (k->units + units - 1) / units;
        }
    }
}

static const struct psim_kernel *
kernel_of(const struct psim_taped *taped)
{
    return psim_launched_kernel(taped->first);
}

/** Units of a kernel that are shown, where so many of all are. */
static double
shown_of(const struct psim_draft *draft, const struct psim_taped *taped, uint32_t shown)
{
    const uint32_t units = kernel_of(taped)->units;
    double n = 0;
    for (uint32_t u = 0; u < units; u++) {
        if (psim_tape_is_chosen(u, shown, draft->most_units)) n++;
    }
    return n;
}

/** Tracks of servers that a launch has. */
static double
tracks_of(const struct psim_draft *draft, const struct psim_taped *taped,
          uint32_t shown)
{
    return taped->shared + taped->own * shown_of(draft, taped, shown);
}

/** Spans that a launch has, if none are joined. */
static double
all_spans(const struct psim_draft *draft, const struct psim_taped *taped)
{
    const double units = kernel_of(taped)->units;
    const double part = shown_of(draft, taped, draft->shown) / units;
    return taped->shared_spans + taped->own_spans * part;
}

/* --- how much of it ------------------------------------------------------------ */

/** Units whose servers are shown, if every launch has one span a track at least. */
static uint32_t
most_shown(const struct psim_draft *draft, double spans)
{
    uint32_t low = 1, high = draft->most_units;
    while (low < high) {
        const uint32_t middle = high - (high - low) / 2;
        double sum = 0;
        for (size_t i = 0; i < draft->n_taped; i++) {
            const struct psim_taped *taped = &draft->taped[i];
            if (!taped->first) continue;
            sum += taped->launches * tracks_of(draft, taped, middle);
        }
        if (sum <= spans) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/** The same for those whose work-groups are. */
static uint32_t
most_group_units(const struct psim_draft *draft, double spans)
{
    const double units = floor(spans / (double)(draft->n_singles + 1));
    return units < 1                   ? 1
           : units < draft->most_units ? (uint32_t)units
                                       : draft->most_units;
}

/** What a launch asks for, and its share: half of all evenly, half by its time. */
struct claim {
    double asks, weight, launches;
};

/** The level up to which claims are met, so that all of them get @p all. */
static double
level_of(const struct claim *claims, size_t n, double all)
{
    enum { HALVINGS = 100 };
    double asked = 0, low = 0, high = 0x1p100;
    for (size_t i = 0; i < n; i++) {
        asked += claims[i].asks * claims[i].launches;
    }
    if (asked <= all) return high;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        double sum = 0;
        for (size_t c = 0; c < n; c++) {
            sum += fmin(claims[c].asks, middle * claims[c].weight) * claims[c].launches;
        }
        *(sum <= all ? &low : &high) = middle;
    }
    return low;
}

static double
weight_of(const struct psim_draft *draft, const struct psim_taped *taped)
{
    const double time_s = draft->line->time_s, share_s = taped->first->time.time_s;
    return 0.5 / (double)draft->n_singles + (time_s > 0 ? 0.5 * share_s / time_s : 0);
}

/** Spans that stand for themselves first and last, others joined in between. */
static void
choose_spans(const struct psim_draft *draft, struct psim_taped *taped, double spans)
{
    struct psim_tape_detail *detail = &taped->tape.detail;
    const double time_s = taped->first->time.time_s - taped->first->translation_s;
    const double tracks = tracks_of(draft, taped, draft->shown);
    if (all_spans(draft, taped) <= spans) {
        detail->closely = detail->shown;
        detail->first_s = INFINITY;
        detail->most_single = SIZE_MAX;
        return;
    }
    const uint32_t two = detail->shown < 2 ? detail->shown : 2;
    detail->closely = two;
    const double closely = taped->shared + taped->own * shown_of(draft, taped, two);
    const double at_once = taped->shared_spans + taped->own_spans *
                                                     shown_of(draft, taped, two) /
                                                     kernel_of(taped)->units;
    const double part = fmin(1, single_part * spans / at_once);
    detail->first_s = time_s * part * first_part;
    detail->last_s = time_s * (1 - part * (1 - first_part));
    detail->most_single = (size_t)(single_part * spans * first_part);
    const double stretches = floor(closely_part * spans / closely);
    const double others = floor(others_part * spans / fmax(1, tracks - closely));
    detail->join_closely_s = time_s / fmin(MOST_STRETCHES, fmax(1, stretches));
    detail->join_s = time_s / fmin(MOST_OTHER_STRETCHES, fmax(1, others));
}

static void
choose_groups(struct psim_taped *taped, double groups)
{
    struct psim_tape_detail *detail = &taped->tape.detail;
    const double items = (double)psim_kernel_items(kernel_of(taped));
    if (groups >= items) {
        detail->first_groups = UINT64_MAX;
        return;
    }
    /* Whole waves: a part of one would show some units at work and others not. */
    const double wave = (double)kernel_of(taped)->units * kernel_of(taped)->resident;
    const double waves = floor(groups / wave);
    const double first = ceil(waves * first_part);
    detail->first_groups = (uint64_t)(first * wave);
    detail->last_groups = (uint64_t)((waves - first) * wave);
}

/** A candidate, and what there is to see of it for each step. */
struct candidate {
    struct psim_taped *taped;
    double worth;
};

static int
compare_worth(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->worth != y->worth) return x->worth > y->worth ? -1 : 1;
    return (x->taped > y->taped) - (x->taped < y->taped);
}

/**
 * Launches in the order in which they are run. Where not all can be, those come first
 * of which there is most to see, and those that are too short not at all.
 */
static size_t
list_candidates(const struct psim_draft *draft, struct candidate *ret)
{
    const bool any = draft->limits.seen_points == 0;
    const double least_s = (double)draft->limits.seen_points * draft->step_s;
    double steps = 0;
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < draft->n_taped; i++) {
        struct psim_taped *taped = &draft->taped[i];
        if (!taped->first || taped->launches == 0) continue;
        taped->effort = psim_count_effort(kernel_of(taped));
        steps += taped->effort;
        const double worth = taped->first->time.time_s / fmax(1, taped->effort);
        ret[n++] = (struct candidate){taped, any ? 0 : worth};
    }
    if (any || steps <= draft->limits.steps) return n;
    for (size_t i = 0; i < n; i++) {
        if (ret[i].taped->first->time.time_s >= least_s) ret[kept++] = ret[i];
    }
    qsort(ret, kept, sizeof *ret, compare_worth);
    return kept;
}

/** They are run in full, while that does not take too long; one at least, if it takes
 * twice as long. */
static void
choose_in_full(struct psim_draft *draft)
{
    struct candidate *candidates =
        PSIM_NEW_N(draft->run->arena, struct candidate, draft->n_taped + 1);
    const size_t n = list_candidates(draft, candidates);
    double left = draft->limits.steps;
    for (size_t i = 0; i < n; i++) {
        const bool alone = i == 0 && draft->limits.seen_points > 0;
        if (candidates[i].taped->effort > (alone ? 2 * left : left)) continue;
        candidates[i].taped->tape.detail.in_full = true;
        left -= candidates[i].taped->effort;
    }
}

static void
choose_bins(const struct psim_draft *draft, struct psim_taped *taped)
{
    struct psim_tape_detail *detail = &taped->tape.detail;
    const double start_s = taped->start_s, step_s = draft->step_s;
    detail->step_s = step_s;
    detail->phase_s = start_s - floor(start_s / step_s) * step_s;
    detail->n_bins =
        (size_t)((taped->first->time.time_s + detail->phase_s) / step_s) + 1;
}

void
psim_timeline_choose(struct psim_draft *draft)
{
    const double spans = (double)draft->limits.spans;
    struct psim_arena *arena = draft->run->arena;
    struct claim *claims = PSIM_NEW_N(arena, struct claim, draft->n_taped + 1);
    struct claim *groups = PSIM_NEW_N(arena, struct claim, draft->n_taped + 1);
    for (size_t i = 0; i < draft->n_taped; i++) {
        if (draft->taped[i].first) count_spans(&draft->taped[i]);
    }
    choose_in_full(draft);
    draft->shown = most_shown(draft, 0.4 * spans);
    draft->group_units = most_group_units(draft, 0.2 * spans);
    for (size_t i = 0; i < draft->n_taped; i++) {
        const struct psim_taped *taped = &draft->taped[i];
        if (!taped->first || !taped->tape.detail.in_full) continue;
        const double weight = weight_of(draft, taped);
        claims[i] = (struct claim){all_spans(draft, taped), weight, taped->launches};
        groups[i] = (struct claim){(double)psim_kernel_items(kernel_of(taped)), weight,
                                   taped->launches};
    }
    const double level = level_of(claims, draft->n_taped, 0.8 * spans);
    const double group_level =
        level_of(groups, draft->n_taped, (double)draft->limits.placed);
    for (size_t i = 0; i < draft->n_taped; i++) {
        struct psim_taped *taped = &draft->taped[i];
        struct psim_tape_detail *detail = &taped->tape.detail;
        if (!taped->first) continue;
        detail->of_units = draft->most_units;
        detail->shown = draft->shown;
        detail->group_units = draft->group_units;
        choose_bins(draft, taped);
        if (!detail->in_full) continue;
        choose_spans(draft, taped, level * claims[i].weight);
        choose_groups(taped, group_level * groups[i].weight);
    }
}

/* --- in words -------------------------------------------------------------------- */

/** What was left out, over all launches. */
struct left_out {
    double spans, groups, sums; /**< launches in which it was */
    double join_s, join_closely_s;
    bool units; /**< there are units whose servers are not shown */
};

static void
look_at(const struct psim_draft *draft, const struct psim_taped *taped,
        struct left_out *ret)
{
    const struct psim_tape_detail *detail = &taped->tape.detail;
    const struct psim_kernel *k = kernel_of(taped);
    if (taped->own > 0 && shown_of(draft, taped, draft->shown) < k->units) {
        ret->units = true;
    }
    if (!detail->in_full) {
        ret->sums += taped->launches;
        return;
    }
    if (detail->closely < detail->shown || detail->join_closely_s > 0) {
        ret->spans += taped->launches;
        ret->join_s = fmax(ret->join_s, detail->join_s);
        ret->join_closely_s = fmax(ret->join_closely_s, detail->join_closely_s);
    }
    if (detail->first_groups < psim_kernel_items(k)) ret->groups += taped->launches;
}

static void
say_parts(const struct psim_draft *draft, const struct left_out *out, FILE *text)
{
    struct psim_arena *arena = draft->run->arena;
    const char *many = draft->line->n_kernels > 1 ? "up to " : "";
    if (out->units) {
        fprintf(text, "servers of %u of %u units are shown, counters are over all; ",
                draft->shown, draft->most_units);
    }
    if (out->spans > 0) {
        fprintf(
            text,
            "spans of a server that begin in the same %s%s are joined, of the first "
            "and the last unit and of what units share those in the same %s%s, but "
            "for the beginning and the end of a kernel; ",
            many, psim_quantity_print(arena, out->join_s, PSIM_DIM_SECONDS, 3), many,
            psim_quantity_print(arena, out->join_closely_s, PSIM_DIM_SECONDS, 3));
    }
    if (out->groups > 0) {
        fprintf(
            text,
            "work-groups are joined, but for waves at the beginning and the end of a "
            "kernel, on ");
        if (draft->group_units < draft->most_units) {
            fprintf(text, "%u of %u units; ", draft->group_units, draft->most_units);
        } else {
            fprintf(text, "all units; ");
        }
    }
    if (out->sums > 0) {
        fprintf(text,
                "of %.0f of %zu launches only sums are known, as they have too many "
                "steps%s; ",
                out->sums, draft->n_singles,
                draft->limits.seen_points > 0 ? " or are too short to be seen" : "");
    }
}

const char *
psim_timeline_detail(const struct psim_draft *draft)
{
    struct left_out out = {0};
    char *text = NULL;
    size_t len = 0;
    for (size_t i = 0; i < draft->n_taped; i++) {
        if (draft->taped[i].first) look_at(draft, &draft->taped[i], &out);
    }
    FILE *file = open_memstream(&text, &len);
    if (!file) psim_die_out_of_memory(0);
    if (draft->line->turns > 1) {
        fprintf(file, "the first of %.0f turns is shown; ", draft->line->turns);
    }
    if (draft->n_rests > 0) {
        fprintf(file, "launches from the %zuth on are joined to one; ",
                draft->n_singles + 1);
    }
    say_parts(draft, &out, file);
    if (fclose(file) != 0) psim_die_out_of_memory(len);
    const size_t behind = 2; /* the last "; " */
    const char *copy =
        psim_arena_copy(draft->run->arena, text, len > behind ? len - behind : 0);
    free(text);
    return copy;
}
