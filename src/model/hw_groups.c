/* SPDX-License-Identifier: MIT */
/** @file Groups: a tree of hardware, and software bundles that run on it. */
#include <math.h>

#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

/** More instances than any machine has, few enough for 64 bits and a simulation. */
static const double max_instances = 1e9;

int
psim_hw_group(const struct psim_hw *hw, const char *name)
{
    for (size_t i = 0; i < hw->n_groups; i++) {
        if (psim_str_equal(hw->groups[i].name, name)) return (int)i;
    }
    return -1;
}

int
psim_hw_need_group(struct psim_hw_build *b, const char *key,
                   const struct psim_word *name)
{
    const int found = psim_hw_group(b->hw, name->text);
    if (found >= 0) return found;
    struct psim_guess guess = psim_guess_start(name->text);
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        psim_guess_try(&guess, b->groups[i].name);
    }
    psim_error(b->diag, name->at,
               "%s: no group '%s'; the name of a parallel group is needed", key,
               name->text);
    if (guess.best) psim_note(b->diag, name->at, "did you mean '%s'?", guess.best);
    return -1;
}

bool
psim_hw_read_capacities(struct psim_hw_build *b, const char *key,
                        const struct psim_node *node, struct psim_capacities *ret)
{
    if (!node) return true;
    if (node->kind != PSIM_NODE_MAP) {
        return psim_error(b->diag, node->at,
                          "%s: a map of counts is needed, as in {blocks: 32}", key);
    }
    bool ok = true;
    for (const struct psim_node *n = node->first; n; n = n->next) {
        double value = 0;
        const char *end = n->scalar ? psim_str_number(n->scalar, &value) : NULL;
        if (!end || end == n->scalar || *end || value < 1 || value > max_instances ||
            value != floor(value)) {
            ok = psim_error(b->diag, n->at,
                            "%s: %s: a whole number from 1 to 1e9 is needed", key,
                            n->key);
        } else if (ret->n == PSIM_MAX_CAPACITIES) {
            ok = psim_error(b->diag, n->at, "%s: more than %d capacities", key,
                            PSIM_MAX_CAPACITIES);
        } else {
            ret->item[ret->n++] =
                (struct psim_capacity){n->key, (uint64_t)value, n->at};
        }
    }
    return ok;
}

static bool
read_count(struct psim_hw_build *b, const struct psim_node *node, uint64_t *ret)
{
    double value = 0;
    const char *end =
        node->kind == PSIM_NODE_SCALAR ? psim_str_number(node->scalar, &value) : NULL;
    if (!end || end == node->scalar || *end || value < 1 || value > max_instances ||
        value != floor(value)) {
        return psim_error(b->diag, node->at,
                          "number: a whole number from 1 to 1e9 is needed");
    }
    *ret = (uint64_t)value;
    return true;
}

/** A count, a list of counts as long as `groups`, or {max: n}. */
static bool
read_number(struct psim_hw_build *b, const struct psim_node *node,
            struct psim_group *group)
{
    for (size_t i = 0; i < group->n_children; i++) {
        group->number[i] = 1;
    }
    if (!node) return true;
    if (node->kind == PSIM_NODE_SCALAR) {
        if (group->n_children > 1) {
            return psim_error(
                b->diag, node->at,
                "number: a list of %zu is needed, one for each of 'groups'",
                group->n_children);
        }
        return read_count(b, node, &group->number[0]);
    }
    if (node->kind == PSIM_NODE_MAP) {
        const struct psim_node *max = psim_node_find(node, "max");
        if (!max || psim_node_count(node) != 1) {
            return psim_error(b->diag, node->at, "number: {max: n} is needed");
        }
        group->number_is_max = true;
        return read_count(b, max, &group->number[0]);
    }
    if (psim_node_count(node) != group->n_children) {
        return psim_error(b->diag, node->at,
                          "number: %zu counts for %zu groups; one each is needed",
                          psim_node_count(node), group->n_children);
    }
    bool ok = true;
    size_t i = 0;
    for (const struct psim_node *n = node->first; n; n = n->next) {
        ok = read_count(b, n, &group->number[i++]) && ok;
    }
    return ok;
}

/** A name that only `groups` mentions is a leaf. */
static int
child_index(struct psim_hw_build *b, const struct psim_word *word)
{
    const int found = psim_hw_group(b->hw, word->text);
    if (found >= 0) return found;
    b->groups[b->hw->n_groups] = (struct psim_group){
        .name = word->text, .at = word->at, .runs_on = -1, .parent = -1};
    return (int)b->hw->n_groups++;
}

static bool
read_children(struct psim_hw_build *b, const struct psim_raw_group *raw,
              struct psim_group *group)
{
    if (raw->groups.n > PSIM_COUNT(group->child)) {
        return psim_error(b->diag, raw->groups.items[PSIM_COUNT(group->child)].at,
                          "groups: more than %zu kinds of parts",
                          PSIM_COUNT(group->child));
    }
    for (size_t i = 0; i < raw->groups.n; i++) {
        group->child[i] = child_index(b, &raw->groups.items[i]);
    }
    group->n_children = raw->groups.n;
    return read_number(b, raw->number, group);
}

/** First pass: all names, so that groups may be given in any order. */
static bool
declare(struct psim_hw_build *b)
{
    const struct psim_raw_group *raw = b->raw->groups.items;
    bool ok = true;
    for (size_t i = 0; i < b->raw->groups.n; i++) {
        const int twin = psim_hw_group(b->hw, raw[i].name.text);
        if (twin >= 0) {
            ok = psim_error(b->diag, raw[i].name.at, "name: group '%s' is given twice",
                            raw[i].name.text);
            psim_note(b->diag, b->groups[twin].at, "first given here");
            continue;
        }
        b->groups[b->hw->n_groups++] = (struct psim_group){
            .name = raw[i].name.text,
            .at = raw[i].at,
            .declared = true,
            .software = raw[i].runs_on.n > 0,
            .runs_on = -1,
            .parent = -1,
            .lock_step = raw[i].lock_step,
            .scheduler = (enum psim_scheduler)raw[i].scheduler,
            .in_flight = raw[i].in_flight,
            .clock = raw[i].clock,
            .issue = raw[i].issue,
            .start = raw[i].start,
            .place = raw[i].place,
            .barrier = raw[i].barrier,
        };
    }
    return ok;
}

static bool
read_one(struct psim_hw_build *b, const struct psim_raw_group *raw,
         struct psim_group *group)
{
    bool ok = read_children(b, raw, group);
    ok = psim_hw_read_capacities(b, "holds", raw->holds, &group->holds) && ok;
    ok = psim_hw_read_capacities(b, "take", raw->take, &group->take) && ok;
    for (size_t i = 0; i < PSIM_N_LAUNCH_MODES; i++) {
        group->launch[i] = raw->launch[i];
        group->host[i] = raw->host[i];
    }
    if (group->software) {
        group->runs_on = psim_hw_need_group(b, "runs_on", &raw->runs_on.items[0]);
        if (group->runs_on < 0) return false;
        if (b->groups[group->runs_on].software) {
            return psim_error(
                b->diag, raw->runs_on.items[0].at,
                "runs_on: '%s' is software itself; a hardware group is needed",
                raw->runs_on.items[0].text);
        }
    }
    return ok;
}

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
            if (child->software) {
                ok = psim_error(
                    b->diag, group->at,
                    "groups: '%s' is software; a part of hardware must be hardware",
                    child->name);
            } else if (child->parent >= 0 && child->parent != (int)i) {
                ok = psim_error(
                    b->diag, group->at,
                    "groups: '%s' is a part of '%s' already; one container is needed",
                    child->name, b->groups[child->parent].name);
            } else {
                child->parent = (int)i;
            }
        }
    }
    return ok;
}

static bool
find_root(struct psim_hw_build *b)
{
    bool ok = true;
    b->hw->root = -1;
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        const struct psim_group *group = &b->groups[i];
        if (group->software) continue;
        /* Walk up: whoever does not arrive within as many steps goes in a circle. */
        int at = (int)i;
        size_t steps = 0;
        while (b->groups[at].parent >= 0 && steps++ <= b->hw->n_groups) {
            at = b->groups[at].parent;
        }
        if (steps > b->hw->n_groups) {
            return psim_error(b->diag, group->at, "groups: '%s' contains itself",
                              group->name);
        }
        if (b->hw->root >= 0 && b->hw->root != at) {
            ok = psim_error(
                b->diag, group->at,
                "'%s' lies in '%s' and '%s' does not; one group must contain "
                "all hardware",
                group->name, b->groups[at].name, b->groups[b->hw->root].name);
            break;
        }
        b->hw->root = at;
    }
    if (b->hw->root < 0) {
        ok = psim_error(b->diag, b->raw->at, "parallel_groups: no hardware group");
    }
    return ok;
}

/** Instances in all, from the root downwards. */
static bool
count_instances(struct psim_hw_build *b, int index, double total)
{
    struct psim_group *group = &b->groups[index];
    if (total > max_instances) {
        return psim_error(
            b->diag, group->at,
            "number: %g instances of '%s' in all; at most 1e9 are allowed", total,
            group->name);
    }
    group->total = (uint64_t)total;
    bool ok = true;
    for (size_t c = 0; c < group->n_children; c++) {
        ok =
            count_instances(b, group->child[c], total * (double)group->number[c]) && ok;
    }
    return ok;
}

static double
part_clock_hz(const struct psim_hw_build *b, int index)
{
    const struct psim_group *group = &b->groups[index];
    if (group->clock.given) return group->clock.value;
    for (size_t c = 0; c < group->n_children; c++) {
        const double hz = part_clock_hz(b, group->child[c]);
        if (hz > 0) return hz;
    }
    return 0;
}

static double
clock_hz(struct psim_hw_build *b, int index)
{
    int at = b->groups[index].software ? b->groups[index].runs_on : index;
    const int own = at;
    for (; at >= 0; at = b->groups[at].parent) {
        if (b->groups[at].clock.given) return b->groups[at].clock.value;
    }
    const double hz = part_clock_hz(b, own);
    return hz > 0 ? hz : part_clock_hz(b, b->hw->root);
}

/** Software groups may bundle only what is known, and not themselves. */
static bool
check_software(struct psim_hw_build *b, size_t index, size_t depth)
{
    const struct psim_group *group = &b->groups[index];
    if (depth > b->hw->n_groups) {
        return psim_error(b->diag, group->at, "groups: '%s' contains itself",
                          group->name);
    }
    for (size_t c = 0; c < group->n_children; c++) {
        if (!group->software || !b->groups[group->child[c]].software) continue;
        if (!check_software(b, (size_t)group->child[c], depth + 1)) return false;
    }
    return true;
}

static double
ops_per_s(const struct psim_figure *figure, double hz)
{
    if (!figure->given) return 0;
    return figure->value * (figure->dim == PSIM_DIM_OP_PER_CYCLE ? hz : 1);
}

bool
psim_hw_build_groups(struct psim_hw_build *b)
{
    if (!declare(b)) return false;
    const struct psim_raw_group *raw = b->raw->groups.items;
    bool ok = true;
    for (size_t i = 0; i < b->raw->groups.n; i++) {
        ok = read_one(b, &raw[i], &b->groups[i]) && ok;
    }
    if (!ok || !find_parents(b) || !find_root(b)) return false;
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        if (!check_software(b, i, 0)) return false;
    }
    if (!count_instances(b, b->hw->root, 1)) return false;
    for (size_t i = 0; i < b->hw->n_groups; i++) {
        struct psim_group *group = &b->groups[i];
        group->clock_hz = clock_hz(b, (int)i);
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
    return true;
}

double
psim_hw_seconds(const struct psim_figure *figure, double hz)
{
    if (!figure->given) return 0;
    return figure->dim == PSIM_DIM_CYCLES ? figure->value / hz : figure->value;
}

int
psim_group_hardware(const struct psim_hw *hw, int group)
{
    return hw->groups[group].software ? hw->groups[group].runs_on : group;
}

bool
psim_group_within(const struct psim_hw *hw, int inner, int outer)
{
    for (int at = inner; at >= 0; at = hw->groups[at].parent) {
        if (at == outer) return true;
    }
    return false;
}

double
psim_group_count(const struct psim_hw *hw, int inner, int outer)
{
    if (!psim_group_within(hw, inner, outer)) return 0;
    return (double)hw->groups[inner].total / (double)hw->groups[outer].total;
}

double
psim_group_lanes(const struct psim_hw *hw, int group)
{
    const struct psim_group *g = &hw->groups[group];
    if (g->n_children == 0 || g->number_is_max) {
        /* A bundle without parts is made of lanes: {name: warp, number: 32}. */
        return g->software && g->n_children == 0 && g->number[0] > 0
                   ? (double)g->number[0]
                   : 1;
    }
    double lanes = 0;
    for (size_t c = 0; c < g->n_children; c++) {
        lanes += (double)g->number[c] * psim_group_lanes(hw, g->child[c]);
    }
    return lanes;
}
