/* SPDX-License-Identifier: MIT */
/** @file The tree of groups: one root, no circles, how many of each, their clocks. */
#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

/** More instances than any machine has, few enough for 64 bits and a simulation. */
static const double max_instances = 1e9;

/** Hardware may have one container only, or "shared by" would mean two things. */
static bool
find_parents(struct psim_hw_build *b)
{
    bool ok = true;
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        const struct psim_group *group = &b->groups[i];
        if (group->software) continue;
        for (size_t c = 0; c < group->n_children; c++) {
            struct psim_group *child = &b->groups[group->child[c]];
            const char *name = psim_str_excerpt(b->diag->arena, child->name);
            if (child->software) {
                ok = psim_error(
                    b->diag, group->child_at[c],
                    "groups: '%s' is software; a part of hardware must be hardware",
                    name);
            } else if (child->parent >= 0 && child->parent != (int)i) {
                ok = psim_error(
                    b->diag, group->child_at[c],
                    "groups: '%s' is a part of '%s' already; one container is needed",
                    name,
                    psim_str_excerpt(b->diag->arena, b->groups[child->parent].name));
            } else {
                child->parent = (int)i;
            }
        }
    }
    return ok;
}

/** The outermost container of a hardware group; -1 where it contains itself. */
static int
outermost(const struct psim_hw_build *b, int at)
{
    for (size_t steps = 0; steps <= b->hw->n_groups; steps++) {
        if (b->groups[at].parent < 0) return at;
        at = b->groups[at].parent;
    }
    return -1;
}

/** Every group of a circle is told where it is named, once for all of them. */
static bool
find_circles(struct psim_hw_build *b)
{
    for (int i = 0; i < (int)b->hw->n_groups; i++) {
        const struct psim_group *group = &b->groups[i];
        if (group->software || outermost(b, i) >= 0) continue;
        return psim_error(
            b->diag, group->name_at,
            "groups: '%s' contains itself; a part needs another name than "
            "what it is a part of",
            psim_str_excerpt(b->diag->arena, group->name));
    }
    return true;
}

/** How many hardware groups lie in this one, itself among them. */
static size_t
count_within(const struct psim_hw_build *b, int root)
{
    size_t n = 0;
    for (int i = 0; i < (int)b->hw->n_groups; i++) {
        n += !b->groups[i].software && outermost(b, i) == root;
    }
    return n;
}

/** Something stands outside of the root: perhaps one of its parts is misspelt. */
static bool
outside(struct psim_hw_build *b, const struct psim_group *stray)
{
    struct psim_guess guess = psim_guess_start(stray->name);
    psim_error(b->diag, stray->name_at,
               "'%s' is no part of '%s'; one group must contain all hardware",
               psim_str_excerpt(b->diag->arena, stray->name),
               psim_str_excerpt(b->diag->arena, b->groups[b->hw->root].name));
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        const struct psim_group *leaf = &b->groups[i];
        if (!leaf->declared) psim_guess_try(&guess, leaf->name);
    }
    for (size_t i = 0; i < b->hw->n_groups && guess.best; i++) {
        if (!psim_str_equal(b->groups[i].name, guess.best)) continue;
        psim_note(b->diag, b->groups[i].name_at, "is '%s' meant here?",
                  psim_str_excerpt(b->diag->arena, stray->name));
    }
    return false;
}

static bool
find_root(struct psim_hw_build *b)
{
    size_t most = 0;
    b->hw->root = -1;
    for (int i = 0; i < (int)b->hw->n_groups; i++) {
        if (b->groups[i].software || b->groups[i].parent >= 0) continue;
        const size_t n = count_within(b, i);
        if (n <= most) continue;
        most = n;
        b->hw->root = i;
    }
    if (b->hw->root < 0) {
        return psim_error(b->diag, b->raw->groups_at,
                          "parallel_groups: no hardware; a group without 'runs_on' is "
                          "needed");
    }
    bool ok = true;
    for (int i = 0; i < (int)b->hw->n_groups; i++) {
        const struct psim_group *group = &b->groups[i];
        if (group->software || group->parent >= 0 || i == b->hw->root) continue;
        ok = outside(b, group);
    }
    return ok;
}

/** Instances in all, from the root downwards. */
static bool
count_instances(struct psim_hw_build *b, int index, double total)
{
    struct psim_group *group = &b->groups[index];
    group->total = (uint64_t)total;
    bool ok = true;
    for (size_t c = 0; c < group->n_children; c++) {
        const double n = total * (double)group->number[c];
        if (n > max_instances) {
            ok = psim_error(
                b->diag, group->number_at[c],
                "number: %g instances of '%s' in all; at most 1e9 are allowed", n,
                psim_str_excerpt(b->diag->arena, b->groups[group->child[c]].name));
        } else if (!count_instances(b, group->child[c], n)) {
            ok = false;
        }
    }
    return ok;
}

/** Software bundles one kind of part: a line, in which nothing may come twice. */
static bool
count_lanes(struct psim_hw_build *b, const struct psim_group *bundle)
{
    const struct psim_group *group = bundle;
    double lanes = 1;
    for (size_t steps = 0; steps <= b->hw->n_groups; steps++) {
        if (group->number[0] > 0) lanes *= (double)group->number[0];
        if (group->n_children > 0) {
            group = &b->groups[group->child[0]];
            continue;
        }
        if (lanes <= max_instances) return true;
        return psim_error(b->diag, bundle->number_at[0],
                          "number: %g lanes in one '%s'; at most 1e9 are allowed",
                          lanes, psim_str_excerpt(b->diag->arena, bundle->name));
    }
    return psim_error(b->diag, bundle->name_at,
                      "groups: '%s' contains itself; a part needs another name than "
                      "what it is a part of",
                      psim_str_excerpt(b->diag->arena, bundle->name));
}

static const struct psim_figure *
part_clock(const struct psim_hw *hw, int index)
{
    const struct psim_group *group = &hw->groups[index];
    if (group->clock.given) return &group->clock;
    for (size_t c = 0; c < group->n_children; c++) {
        const struct psim_figure *clock = part_clock(hw, group->child[c]);
        if (clock) return clock;
    }
    return NULL;
}

const struct psim_figure *
psim_hw_clock(const struct psim_hw *hw, int group)
{
    const int own = hw->groups[group].software ? hw->groups[group].runs_on : group;
    for (int at = own; at >= 0; at = hw->groups[at].parent) {
        if (hw->groups[at].clock.given) return &hw->groups[at].clock;
    }
    const struct psim_figure *clock = part_clock(hw, own);
    return clock ? clock : part_clock(hw, hw->root);
}

static double
ops_per_s(const struct psim_figure *figure, double hz)
{
    if (!figure->given) return 0;
    return figure->value * (figure->dim == PSIM_DIM_OP_PER_CYCLE ? hz : 1);
}

static void
find_clocks(struct psim_hw_build *b)
{
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        struct psim_group *group = &b->groups[i];
        const struct psim_figure *clock = psim_hw_clock(b->hw, (int)i);
        group->clock_hz = clock ? clock->value : 0;
        if (group->clock_hz <= 0) {
            group->clock_hz = 1e9;
            psim_hw_assume(b, b->raw->at,
                           "no clock is given: cycles are those of 1 GHz");
        }
        group->start_s = psim_hw_seconds(&group->start, group->clock_hz);
        group->barrier_s = psim_hw_seconds(&group->barrier, group->clock_hz);
        group->issue_per_s = ops_per_s(&group->issue, group->clock_hz);
        group->place_per_s = ops_per_s(&group->place, group->clock_hz);
    }
}

bool
psim_hw_build_tree(struct psim_hw_build *b)
{
    if (!find_parents(b) || !find_circles(b)) return false;
    bool ok = find_root(b);
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        if (b->groups[i].software && !count_lanes(b, &b->groups[i])) ok = false;
    }
    if (!ok || !count_instances(b, b->hw->root, 1)) return false;
    find_clocks(b);
    return true;
}

bool
psim_hw_check_takes(struct psim_hw_build *b, const struct psim_capacities *take)
{
    bool ok = true;
    for (size_t t = 0; t < take->n; t++) {
        const struct psim_capacity *taken = &take->item[t];
        struct psim_guess guess = psim_guess_start(taken->name);
        bool held = false;
        for (size_t i = 0; i < b->hw->n_groups; i++) {
            const struct psim_capacities *holds = &b->groups[i].holds;
            for (size_t c = 0; c < holds->n; c++) {
                if (psim_str_equal(holds->item[c].name, taken->name)) held = true;
                psim_guess_try(&guess, holds->item[c].name);
            }
        }
        if (held) continue;
        ok = psim_error(b->diag, taken->key_at,
                        "take: no group holds '%s'; a capacity under 'holds' is needed",
                        psim_str_excerpt(b->diag->arena, taken->name));
        if (guess.best) {
            psim_note(b->diag, taken->key_at, "did you mean '%s'?", guess.best);
        }
    }
    return ok;
}
