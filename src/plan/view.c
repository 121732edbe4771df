/* SPDX-License-Identifier: MIT */
/** @file The machine seen by one kernel. */
#include "plan/view.h"

#include <math.h>
#include <string.h>

#include "util/str.h"

/** Whether @p outer bundles @p inner, directly or through other bundles. */
static bool
bundles(const struct psim_hw *hw, int outer, int inner)
{
    if (outer == inner) return true;
    const struct psim_group *g = &hw->groups[outer];
    for (size_t c = 0; g->software && c < g->n_children; c++) {
        if (bundles(hw, g->child[c], inner)) return true;
    }
    return false;
}

static bool
is_launched(const struct psim_group *group)
{
    return group->launch[0].given || group->launch[1].given;
}

/** The smallest bundle that can meet and is not itself what is launched. */
static int
find_team(const struct psim_hw *hw)
{
    int launched = -1, team = -1;
    for (size_t i = 0; i < hw->n_groups; i++) {
        if (hw->groups[i].software && is_launched(&hw->groups[i])) launched = (int)i;
    }
    for (int i = 0; i < (int)hw->n_groups; i++) {
        const struct psim_group *g = &hw->groups[i];
        if (!g->software || !g->barrier.given || i == launched) continue;
        if (launched >= 0 && !bundles(hw, launched, i)) continue;
        if (team < 0 || bundles(hw, team, i)) team = i;
    }
    return team;
}

/** Lanes of a bundle at its largest: {groups: warp, number: {max: 32}} is 1,024. */
static double
most_lanes(const struct psim_hw *hw, int group)
{
    const struct psim_group *g = &hw->groups[group];
    if (g->n_children == 0) return g->number[0] > 0 ? (double)g->number[0] : 1;
    double lanes = 0;
    for (size_t c = 0; c < g->n_children; c++) {
        lanes += (double)g->number[c] * most_lanes(hw, g->child[c]);
    }
    return lanes;
}

struct psim_view
psim_view_of(const struct psim_hw *hw, int issuer)
{
    struct psim_view view = {.hw = hw, .team = find_team(hw), .bundle_lanes = 1};
    if (view.team >= 0) {
        const struct psim_group *team = &hw->groups[view.team];
        view.unit = team->runs_on;
        view.team_lanes = most_lanes(hw, view.team);
        view.lanes = view.team_lanes;
        if (team->n_children > 0) view.bundle_lanes = most_lanes(hw, team->child[0]);
    } else {
        view.unit = psim_group_hardware(hw, issuer);
        while (!hw->groups[view.unit].declared && hw->groups[view.unit].parent >= 0) {
            view.unit = hw->groups[view.unit].parent;
        }
        view.lanes = psim_group_lanes(hw, view.unit);
    }
    view.units = (uint32_t)hw->groups[view.unit].total;
    return view;
}

struct psim_view
psim_view_on(const struct psim_hw *hw, int unit)
{
    return (struct psim_view){
        .hw = hw,
        .unit = unit,
        .team = -1,
        .units = (uint32_t)hw->groups[unit].total,
        .lanes = psim_group_lanes(hw, unit),
        .bundle_lanes = 1,
    };
}

uint32_t
psim_view_usual_lanes(const struct psim_view *view)
{
    enum { BUNDLES = 4 /* one for each issuer of the usual unit */ };
    if (view->team < 0) return (uint32_t)view->lanes;
    return (uint32_t)fmin(BUNDLES * view->bundle_lanes, view->team_lanes);
}

static struct psim_ability
fastest(const struct psim_hw *hw, enum psim_primitive does, enum psim_dtype dtype)
{
    struct psim_ability best = {.dtype = dtype, .times = 1};
    double best_per_s = 0;
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (op->moves || op->does != does || !op->by[dtype].supported) continue;
        const double achieved = op->achieved.given ? op->achieved.value : 1;
        const double per_s = achieved * psim_hw_peak_per_s(hw, op, dtype);
        if (per_s >= best_per_s && (per_s > best_per_s || !best.op)) {
            best.op = op;
            best_per_s = per_s;
        }
    }
    return best;
}

struct psim_ability
psim_find_ability(const struct psim_hw *hw, enum psim_primitive does,
                  enum psim_dtype dtype)
{
    double times = 1;
    while (does != PSIM_DOES_NOTHING_KNOWN) {
        struct psim_ability found = fastest(hw, does, dtype);
        if (found.op) {
            found.times = times;
            return found;
        }
        double more;
        does = psim_primitive_instead(does, &more);
        times *= more;
    }
    return (struct psim_ability){.dtype = dtype};
}

/** Whether any operation computes with values of that type, or converts them. */
static bool
knows(const struct psim_hw *hw, enum psim_dtype dtype)
{
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (!op->moves && op->by[dtype].supported) return true;
    }
    return false;
}

struct psim_ability
psim_find_vector(const struct psim_hw *hw, enum psim_primitive does,
                 enum psim_dtype dtype)
{
    const enum psim_dtype wide = psim_dtype_of_sums(dtype);
    const struct psim_ability own = psim_find_ability(hw, does, dtype);
    if (own.op || wide == dtype || !knows(hw, dtype)) return own;
    return psim_find_ability(hw, does, wide);
}

struct psim_ability
psim_find_product(const struct psim_hw *hw, enum psim_dtype dtype)
{
    const struct psim_ability matrix = psim_find_ability(hw, PSIM_DOES_MATMUL, dtype);
    if (matrix.op) return matrix;
    for (size_t i = 0; i < hw->n_operations; i++) {
        if (hw->operations[i].does == PSIM_DOES_MATMUL) {
            return psim_find_ability(hw, PSIM_DOES_FMA, dtype);
        }
    }
    return psim_find_vector(hw, PSIM_DOES_FMA, dtype);
}

enum psim_dtype
psim_computed_dtype(const struct psim_operation *op, enum psim_dtype dtype)
{
    return op->by[dtype].supported ? dtype : psim_dtype_of_sums(dtype);
}

const struct psim_operation *
psim_find_move(const struct psim_hw *hw, int from, int to, bool asynchronous)
{
    const int registers = psim_hw_memory(hw, "registers");
    const struct psim_operation *best = NULL;
    if (from < 0) from = registers;
    if (to < 0) to = registers;
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (!op->moves || op->link >= 0) continue;
        if (op->from != from || op->to != to) continue;
        if (op->asynchronous != asynchronous) continue;
        const double width = op->by[0].lanes;
        if (!best || width > best->by[0].lanes) best = op;
    }
    return best;
}

/** Whether programs bring tensors there by an operation of their own. */
static bool
is_filled(const struct psim_hw *hw, int memory)
{
    return psim_find_move(hw, hw->main_memory, memory, true) ||
           psim_find_move(hw, hw->main_memory, memory, false);
}

/** Which of two memories of a unit programs would rather keep a tile in. */
static bool
is_better_local(const struct psim_hw *hw, int memory, int than)
{
    const struct psim_memory *m = &hw->memories[memory], *t = &hw->memories[than];
    const bool scratchpad = m->caches < 0, filled = is_filled(hw, memory);
    if (scratchpad != (t->caches < 0)) return scratchpad;
    if (scratchpad && filled != is_filled(hw, than)) return filled;
    /* The part that programs address, not the array it is carved from. */
    if (scratchpad && m->part_of == than) return true;
    if (scratchpad && (m->part_of >= 0) != (t->part_of >= 0)) return false;
    return m->bytes > t->bytes;
}

int
psim_find_local(const struct psim_view *view)
{
    const struct psim_hw *hw = view->hw;
    const int registers = psim_hw_memory(hw, "registers"); /* sums live there */
    int best = -1;
    for (int i = 0; i < (int)hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (i == hw->main_memory || i == registers || m->group != view->unit) continue;
        if (best < 0 || is_better_local(hw, i, best)) best = i;
    }
    return best;
}

double
psim_register_bytes(const struct psim_view *view)
{
    const int registers = psim_hw_memory(view->hw, "registers");
    if (registers < 0) return 0;
    const struct psim_memory *m = &view->hw->memories[registers];
    return m->bytes * psim_group_count(view->hw, m->group, view->unit);
}

/** How much of a capacity one work-group takes: 1 of "blocks", its warps of "warps". */
static double
taken(const struct psim_view *view, const char *capacity, double lanes)
{
    const struct psim_hw *hw = view->hw;
    for (int i = 0; i < (int)hw->n_groups; i++) {
        const struct psim_group *g = &hw->groups[i];
        if (!g->software) continue;
        double each = 0;
        const size_t len = strlen(g->name);
        if (strncmp(capacity, g->name, len) == 0 &&
            psim_str_equal(capacity + len, "s")) {
            each = 1;
        }
        for (size_t t = 0; t < g->take.n; t++) {
            if (psim_str_equal(g->take.item[t].name, capacity)) {
                each = (double)g->take.item[t].count;
            }
        }
        if (each <= 0) continue;
        if (i == view->team) return each;
        if (view->team >= 0 && bundles(hw, view->team, i)) {
            return each * ceil(lanes / most_lanes(hw, i));
        }
    }
    return 0;
}

static void
limit(struct psim_residency *residency, double groups, const char *by)
{
    if (residency->limited_by && groups >= residency->groups) return;
    residency->groups = groups >= 1e6 ? 1000000 : (uint32_t)groups;
    residency->limited_by = by;
}

struct psim_residency
psim_view_residency(const struct psim_view *view, const struct psim_need *need)
{
    const struct psim_hw *hw = view->hw;
    struct psim_residency residency = {0};
    for (size_t i = 0; i < hw->n_groups; i++) {
        const struct psim_group *g = &hw->groups[i];
        const double n = g->software ? 0 : psim_group_count(hw, (int)i, view->unit);
        for (size_t c = 0; c < g->holds.n && n > 0; c++) {
            const double takes = taken(view, g->holds.item[c].name, need->lanes);
            if (takes <= 0) continue;
            limit(&residency, floor(n * (double)g->holds.item[c].count / takes),
                  g->holds.item[c].name);
        }
    }
    const double registers = psim_register_bytes(view);
    if (registers > 0 && need->registers > 0) {
        limit(&residency, floor(registers / (need->lanes * need->registers * 4)),
              "registers");
    }
    if (need->local >= 0 && need->local_bytes > 0) {
        const struct psim_memory *m = &hw->memories[need->local];
        if (m->bytes > 0) {
            limit(&residency, floor(m->bytes / need->local_bytes), m->name);
        }
    }
    if (view->team < 0) {
        /* Hardware without software groups runs one work-group after the other. */
        limit(&residency, 1, hw->groups[view->unit].name);
    } else if (!residency.limited_by) {
        residency = (struct psim_residency){1, hw->groups[view->unit].name};
    }
    return residency;
}

static const struct psim_figure *
find_launch(const struct psim_hw *hw, enum psim_launch_mode mode, bool host)
{
    for (size_t i = 0; i < hw->n_groups; i++) {
        const struct psim_figure *figure =
            host ? &hw->groups[i].host[mode] : &hw->groups[i].launch[mode];
        if (figure->given) return figure;
    }
    return NULL;
}

/** The group that starts instructions on the unit; NULL where none says how many. */
static const struct psim_group *
issuer_of(const struct psim_view *view)
{
    for (int i = 0; i < (int)view->hw->n_groups; i++) {
        const struct psim_group *g = &view->hw->groups[i];
        if (g->software || g->issue_per_s <= 0) continue;
        if (psim_group_within(view->hw, i, view->unit)) return g;
    }
    return NULL;
}

double
psim_view_in_phase(const struct psim_view *view)
{
    const struct psim_group *issuer = issuer_of(view);
    return issuer ? issuer->in_phase : 0;
}

double
psim_view_fetched_in_phase(const struct psim_view *view)
{
    const struct psim_group *issuer = issuer_of(view);
    return issuer ? issuer->fetched_in_phase : 0;
}

double
psim_launch_s(const struct psim_hw *hw, enum psim_launch_mode mode)
{
    const struct psim_figure *figure = find_launch(hw, mode, false);
    return figure ? figure->value : 0;
}

double
psim_host_s(const struct psim_hw *hw, enum psim_launch_mode mode)
{
    const struct psim_figure *figure = find_launch(hw, mode, true);
    return figure ? figure->value : 0;
}
