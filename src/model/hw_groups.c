/* SPDX-License-Identifier: MIT */
/** @file Groups: a tree of hardware, and software bundles that run on it. */
#include <math.h>

#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

/** Of one number. */
static const double max_count = 1e9;

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
               psim_str_excerpt(b->diag->arena, name->text));
    if (guess.best) psim_note(b->diag, name->at, "did you mean '%s'?", guess.best);
    return -1;
}

/** What stands there, for a message: "'1.5'" or "a list". */
static const char *
quoted(struct psim_hw_build *b, const struct psim_node *node)
{
    struct psim_arena *arena = b->diag->arena;
    if (node->kind != PSIM_NODE_SCALAR) {
        return psim_arena_printf(arena, "a %s", psim_node_kind_name(node->kind));
    }
    return psim_arena_printf(arena, "'%s'", psim_str_excerpt(arena, node->scalar));
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
        if (!end || end == n->scalar || *end || value < 1 || value > max_count ||
            value != floor(value)) {
            ok = psim_error(
                b->diag, n->at,
                "%s: %s: %s is no count; a whole number from 1 to 1e9 is needed", key,
                psim_str_excerpt(b->diag->arena, n->key), quoted(b, n));
        } else if (ret->n == PSIM_MAX_CAPACITIES) {
            ok = psim_error(b->diag, n->at, "%s: more than %d capacities", key,
                            PSIM_MAX_CAPACITIES);
        } else {
            ret->item[ret->n++] =
                (struct psim_capacity){n->key, (uint64_t)value, n->at, n->key_at};
        }
    }
    return ok;
}

/** {4: 30, 8: 15}: so many instances of so many parts. */
static bool
read_fits(struct psim_hw_build *b, const struct psim_node *node,
          struct psim_capacities *ret)
{
    bool ok = psim_hw_read_capacities(b, "fits", node, ret);
    for (size_t i = 0; i < ret->n; i++) {
        const struct psim_capacity *item = &ret->item[i];
        double parts = 0;
        const char *end = psim_str_number(item->name, &parts);
        if (end && !*end && parts >= 1 && parts == floor(parts)) continue;
        ok =
            psim_error(b->diag, item->key_at,
                       "fits: '%s' is no number of parts; a whole number is needed, as "
                       "in {4: 30, 8: 15}",
                       psim_str_excerpt(b->diag->arena, item->name));
    }
    return ok;
}

uint64_t
psim_group_fits(const struct psim_hw *hw, int group, uint64_t parts)
{
    const struct psim_capacities *fits = &hw->groups[group].fits;
    for (size_t i = 0; i < fits->n; i++) {
        double size = 0;
        (void)psim_str_number(fits->item[i].name, &size);
        if (size == (double)parts) return fits->item[i].count;
    }
    return 0;
}

static bool
read_count(struct psim_hw_build *b, const struct psim_node *node, uint64_t *ret)
{
    double value = 0;
    const char *end =
        node->kind == PSIM_NODE_SCALAR ? psim_str_number(node->scalar, &value) : NULL;
    if (!end || end == node->scalar || *end || value < 1 || value > max_count ||
        value != floor(value)) {
        return psim_error(
            b->diag, node->at,
            "number: %s is no count; a whole number from 1 to 1e9 is needed",
            quoted(b, node));
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
        group->number_at[i] = group->child_at[i];
    }
    if (!node) return true;
    if (group->n_children == 0 && !group->software) {
        return psim_error(
            b->diag, node->key_at,
            "number: of nothing; 'groups', the parts that are counted, is "
            "needed");
    }
    if (node->kind == PSIM_NODE_SCALAR) {
        if (group->n_children > 1) {
            return psim_error(
                b->diag, node->at,
                "number: a list of %zu is needed, one for each of 'groups'",
                group->n_children);
        }
        group->number_at[0] = node->at;
        return read_count(b, node, &group->number[0]);
    }
    if (node->kind == PSIM_NODE_MAP) {
        const struct psim_node *max = psim_node_find(node, "max");
        if (!max || psim_node_count(node) != 1) {
            return psim_error(b->diag, node->at, "number: {max: n} is needed");
        }
        if (!group->software) {
            return psim_error(
                b->diag, node->at,
                "number: {max: n} is what a mapping chooses, of software; "
                "hardware needs a whole number");
        }
        group->number_is_max = true;
        group->number_at[0] = max->at;
        return read_count(b, max, &group->number[0]);
    }
    if (psim_node_count(node) != group->n_children) {
        return psim_error(b->diag, node->at,
                          "number: %zu counts for %zu groups; one each is needed",
                          psim_node_count(node), group->n_children);
    }
    bool ok = true;
    size_t i = 0;
    for (const struct psim_node *n = node->first; n; n = n->next, i++) {
        group->number_at[i] = n->at;
        ok = read_count(b, n, &group->number[i]) && ok;
    }
    return ok;
}

/** A name that only `groups` of hardware mentions is a leaf. @return -1: an error */
static int
child_index(struct psim_hw_build *b, const struct psim_word *word,
            const struct psim_group *parent)
{
    const int found = psim_hw_group(b->hw, word->text);
    if (parent->software) {
        if (found < 0) return psim_hw_need_group(b, "groups", word);
        if (b->groups[found].software) return found;
        (void)psim_error(b->diag, word->at,
                         "groups: '%s' is hardware; a bundle of software is made of "
                         "software",
                         psim_str_excerpt(b->diag->arena, word->text));
        return -1;
    }
    if (found >= 0) return found;
    b->groups[b->hw->n_groups] = (struct psim_group){.name = word->text,
                                                     .at = word->at,
                                                     .name_at = word->at,
                                                     .runs_on = -1,
                                                     .parent = -1};
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
    if (group->software && raw->groups.n > 1) {
        /* One kind also keeps the walk through bundles of bundles a straight line. */
        return psim_error(b->diag, raw->groups.items[1].at,
                          "groups: software bundles one kind of part, not several");
    }
    bool ok = true;
    for (size_t i = 0; i < raw->groups.n; i++) {
        const struct psim_word *word = &raw->groups.items[i];
        for (size_t j = 0; j < i; j++) {
            if (!psim_str_equal(raw->groups.items[j].text, word->text)) continue;
            ok = psim_error(b->diag, word->at,
                            "groups: '%s' is named twice; one name with its number is "
                            "needed",
                            psim_str_excerpt(b->diag->arena, word->text));
        }
        group->child[i] = child_index(b, word, group);
        group->child_at[i] = word->at;
        if (group->child[i] < 0) ok = false;
    }
    if (ok) group->n_children = raw->groups.n;
    return ok && read_number(b, raw->number, group);
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
                            psim_str_excerpt(b->diag->arena, raw[i].name.text));
            psim_note(b->diag, b->groups[twin].name_at, "first given here");
        }
        b->groups[b->hw->n_groups++] = (struct psim_group){
            .name = raw[i].name.text,
            .at = raw[i].at,
            .name_at = raw[i].name.at,
            .declared = true,
            .software = raw[i].runs_on.n > 0,
            .runs_on = -1,
            .parent = -1,
            .lock_step = raw[i].lock_step,
            .scheduler = (enum psim_scheduler)raw[i].scheduler,
            .in_phase = raw[i].in_phase.given ? raw[i].in_phase.value
                        : raw[i].scheduler == PSIM_SCHEDULER_ROUND_ROBIN ? 1
                                                                         : 0,
            .fetched_in_phase = raw[i].fetched_in_phase.value,
            .phase = raw[i].in_phase,
            .fetched_phase = raw[i].fetched_in_phase,
            .in_flight = raw[i].in_flight,
            .clock = raw[i].clock,
            .issue = raw[i].issue,
            .energy = raw[i].energy,
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
    ok = read_fits(b, raw->fits, &group->fits) && ok;
    for (size_t i = 0; i < PSIM_N_LAUNCH_MODES; i++) {
        group->launch[i] = raw->launch[i];
        group->host[i] = raw->host[i];
    }
    for (size_t i = 0; i < raw->runs_on.n; i++) {
        const struct psim_word *word = &raw->runs_on.items[i];
        const int found = psim_hw_need_group(b, "runs_on", word);
        if (found < 0) {
            ok = false;
        } else if (b->groups[found].software) {
            ok = psim_error(
                b->diag, word->at,
                "runs_on: '%s' is software itself; a hardware group is needed",
                psim_str_excerpt(b->diag->arena, word->text));
        }
        if (i == 0) group->runs_on = found;
    }
    return ok;
}

void
psim_hw_read_group_nodes(struct psim_hw_build *b)
{
    const struct psim_raw_group *raw = b->raw->groups.items;
    for (size_t i = 0; i < b->raw->groups.n; i++) {
        struct psim_capacities unused = {0};
        (void)psim_hw_read_capacities(b, "holds", raw[i].holds, &unused);
        unused.n = 0;
        (void)psim_hw_read_capacities(b, "take", raw[i].take, &unused);
        unused.n = 0;
        (void)read_fits(b, raw[i].fits, &unused);
    }
}

bool
psim_hw_build_groups(struct psim_hw_build *b)
{
    bool ok = declare(b);
    const struct psim_raw_group *raw = b->raw->groups.items;
    for (size_t i = 0; i < b->raw->groups.n; i++) {
        ok = read_one(b, &raw[i], &b->groups[i]) && ok;
    }
    for (size_t i = 0; i < b->raw->groups.n; i++) {
        ok = psim_hw_check_takes(b, &b->groups[i].take) && ok;
    }
    return ok;
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
