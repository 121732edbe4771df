/* SPDX-License-Identifier: MIT */
/** @file Find the numbers of a machine's tree, and copy it with others in their place.
 */
#include "calibrate/spots.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/** Texts that may begin as numbers do. */
static const char *const no_figures[] = {"name",    "schema", "extends",
                                         "title",   "units",  "source",
                                         "sources", "note",   "confidence"};

struct finder {
    struct psim_arena *arena;
    const struct psim_node *units; /**< the header; NULL */
    struct psim_spot *items;
    size_t n, room;
};

/** What is known of all that lies in one node. */
struct around {
    const char *path;
    const struct psim_node *entry;
    const char *confidence;
    bool nameable;
};

static const char *
word_of(const struct psim_node *map, const char *key)
{
    const struct psim_node *n = psim_node_find(map, key);
    return n && n->kind == PSIM_NODE_SCALAR ? n->scalar : NULL;
}

static struct psim_node *
copy_node(struct psim_arena *arena, const struct psim_node *node)
{
    struct psim_node *ret = PSIM_NEW(arena, struct psim_node);
    *ret = *node;
    return ret;
}

static enum psim_confidence
confidence_of(const char *word)
{
    for (int c = PSIM_CONFIDENCE_UNSTATED + 1; word && c < PSIM_N_CONFIDENCES; c++) {
        const enum psim_confidence it = (enum psim_confidence)c;
        if (psim_str_equal(psim_confidence_name(it), word)) return it;
    }
    return PSIM_CONFIDENCE_UNSTATED;
}

/** Add a scalar, if it is a number with a unit or without one. */
static void
add_number(struct finder *f, const struct psim_node *node, const char *key,
           const struct around *at)
{
    double number;
    const char *end = psim_str_number(node->scalar, &number);
    if (end == node->scalar || !(number > 0) || node->quoted) return;
    struct psim_quantity quantity;
    enum psim_dim found;
    const char *unit = f->units ? word_of(f->units, key) : NULL;
    if (psim_quantity_parse(node->scalar, (psim_dims)-1, unit, &quantity, &found) !=
        PSIM_QUANTITY_OK) {
        return;
    }
    if (f->n == f->room) {
        f->room = f->room ? 2 * f->room : 256;
        struct psim_spot *more = PSIM_NEW_N(f->arena, struct psim_spot, f->room);
        if (f->n > 0) memcpy(more, f->items, f->n * sizeof *more);
        f->items = more;
    }
    const char *dot = strrchr(at->path, '.');
    const size_t stem_len = dot ? (size_t)(dot - at->path) : 0;
    f->items[f->n++] = (struct psim_spot){
        .path = at->path,
        .stem = psim_arena_copy(f->arena, at->path, stem_len),
        .key = dot ? dot + 1 : at->path,
        .node = node,
        .entry = at->entry,
        .nameable = at->nameable,
        .number = number,
        .unit = end,
        .value = quantity.value,
        .dim = quantity.dim,
        .confidence = confidence_of(at->confidence),
    };
}

/** Whether a tie key of @p wanted is absent from @p entry, or another. */
static bool
differs(const struct psim_node *entry, const struct psim_node *wanted, const char *key)
{
    const struct psim_node *a = psim_node_find(wanted, key);
    const struct psim_node *b = psim_node_find(entry, key);
    if (!a || a->kind == PSIM_NODE_MAP) return false;
    if (!b || a->kind != b->kind) return true;
    if (a->kind == PSIM_NODE_SCALAR) return !psim_str_equal(a->scalar, b->scalar);
    a = a->first;
    b = b->first;
    for (; a && b && psim_str_equal(a->scalar, b->scalar); a = a->next) {
        b = b->next;
    }
    return a || b;
}

/** Other entries of the name of @p entry; all, or those that an overlay would mean. */
static size_t
count_namesakes(const struct psim_node *list, const struct psim_node *entry, bool all)
{
    size_t n = 0;
    for (const struct psim_node *e = list->first; e; e = e->next) {
        if (e == entry || !psim_str_equal(word_of(e, "name"), word_of(entry, "name"))) {
            continue;
        }
        bool same = true;
        for (const char *const *key = psim_hw_tie_keys; *key && !all; key++) {
            same = same && !differs(e, entry, *key);
        }
        if (same) n++;
    }
    return n;
}

/** "vendor/gemm/wgmma/bulk_copy/bf16+fp16": the name, and where needed the ties. */
static const char *
entry_name(struct finder *f, const struct psim_node *list,
           const struct psim_node *entry)
{
    const char *text = word_of(entry, "name");
    if (count_namesakes(list, entry, true) == 0) return text;
    for (const char *const *key = psim_hw_tie_keys; *key; key++) {
        const struct psim_node *tie = psim_node_find(entry, *key);
        if (!tie || tie->kind == PSIM_NODE_MAP) continue;
        if (tie->kind == PSIM_NODE_SCALAR) {
            text = psim_arena_printf(f->arena, "%s/%s", text, tie->scalar);
            continue;
        }
        const char *join = "/";
        for (const struct psim_node *word = tie->first; word; word = word->next) {
            if (word->kind != PSIM_NODE_SCALAR) continue;
            text = psim_arena_printf(f->arena, "%s%s%s", text, join, word->scalar);
            join = "+";
        }
    }
    return text;
}

static void walk(struct finder *f, const struct psim_node *node, const char *key,
                 const struct around *at);

static void
walk_list(struct finder *f, const struct psim_node *list, const char *key,
          const struct around *at)
{
    const bool named = psim_node_is_named_list(list);
    size_t i = 0;
    for (const struct psim_node *entry = list->first; entry; entry = entry->next, i++) {
        struct around in = *at;
        if (named) {
            in.path = psim_arena_printf(f->arena, "%s.%s", at->path,
                                        entry_name(f, list, entry));
            in.entry = entry;
            in.nameable = count_namesakes(list, entry, true) == 0 ||
                          count_namesakes(list, entry, false) == 0;
        } else {
            in.path = psim_arena_printf(f->arena, "%s.%zu", at->path, i);
        }
        walk(f, entry, key, &in);
    }
}

static bool
holds_figures(const char *key)
{
    for (size_t i = 0; i < PSIM_COUNT(no_figures); i++) {
        if (psim_str_equal(no_figures[i], key)) return false;
    }
    return true;
}

static void
walk(struct finder *f, const struct psim_node *node, const char *key,
     const struct around *at)
{
    if (node->kind == PSIM_NODE_SCALAR) {
        add_number(f, node, key, at);
        return;
    }
    if (node->kind == PSIM_NODE_LIST) {
        walk_list(f, node, key, at);
        return;
    }
    struct around in = *at;
    const char *confidence = word_of(node, "confidence");
    if (confidence) in.confidence = confidence;
    const struct psim_node *value = psim_node_find(node, "value");
    if (value) {
        if (value->kind == PSIM_NODE_SCALAR) add_number(f, value, key, &in);
        return;
    }
    for (const struct psim_node *child = node->first; child; child = child->next) {
        if (!holds_figures(child->key)) continue;
        in.path = *at->path ? psim_arena_printf(f->arena, "%s.%s", at->path, child->key)
                            : child->key;
        /* {bf16: 3 op/cycle} of `throughput`: units go by the outer key. */
        const bool by_type = node->key && f->units && word_of(f->units, node->key) &&
                             !word_of(f->units, child->key);
        walk(f, child, by_type ? node->key : child->key, &in);
    }
}

struct psim_spots
psim_spots_find(struct psim_arena *arena, const struct psim_node *root)
{
    struct finder f = {.arena = arena, .units = psim_node_find(root, "units")};
    const struct around top = {.path = "", .nameable = true};
    walk(&f, root, "", &top);
    return (struct psim_spots){f.items, f.n};
}

/**
 * What stands in an entry that says nothing of it, by the fallbacks of docs/SPEC.md:
 * written out, so that it may be fitted, where the entry has the word @p is at @p where
 * or below it. A throughput that a sheet states is a peak and stays one; what of it is
 * reached may move.
 */
static const struct {
    const char *list, *where, *is, *key, *text;
} fallbacks[] = {
    {"parallel_groups", "scheduler", "loose_round_robin", "in_phase", "1"},
    {"operations", "throughput", "datasheet", "achieved", "1"},
};

/** Whether a word stands somewhere in a node. */
static bool
has_word(const struct psim_node *node, const char *word)
{
    if (node->kind == PSIM_NODE_SCALAR) return psim_str_equal(node->scalar, word);
    const struct psim_node *child = node->first;
    while (child && !has_word(child, word)) {
        child = child->next;
    }
    return child != NULL;
}

static struct psim_node *
new_scalar(struct psim_arena *arena, struct psim_loc at, const char *key,
           const char *text)
{
    struct psim_node *node = PSIM_NEW(arena, struct psim_node);
    *node = (struct psim_node){
        .kind = PSIM_NODE_SCALAR, .at = at, .key = key, .key_at = at, .scalar = text};
    return node;
}

/** `key: {value: text, confidence: assumed}` before all else in a map. */
static void
add_assumed(struct psim_arena *arena, struct psim_node *map, const char *key,
            const char *text)
{
    struct psim_node *value = new_scalar(arena, map->at, "value", text);
    value->next = new_scalar(arena, map->at, "confidence",
                             psim_confidence_name(PSIM_CONFIDENCE_ASSUMED));
    struct psim_node *figure = new_scalar(arena, map->at, key, NULL);
    figure->kind = PSIM_NODE_MAP;
    figure->first = value;
    figure->next = map->first;
    map->first = figure;
}

/** Entries get what they leave to a fallback; the copies' own children follow. */
static void
complete_list(struct psim_arena *arena, struct psim_node *list)
{
    const struct psim_node *entry = list->first, **slot = &list->first;
    for (; entry; entry = entry->next) {
        struct psim_node *own = copy_node(arena, entry);
        for (size_t i = 0; i < PSIM_COUNT(fallbacks); i++) {
            const struct psim_node *where = psim_node_find(entry, fallbacks[i].where);
            if (psim_str_equal(list->key, fallbacks[i].list) && where &&
                has_word(where, fallbacks[i].is) &&
                !psim_node_find(entry, fallbacks[i].key)) {
                add_assumed(arena, own, fallbacks[i].key, fallbacks[i].text);
            }
        }
        *slot = own;
        slot = &own->next;
    }
}

/* --- a tree with other numbers -------------------------------------------------- */

/** Changes by the place of their node in memory: only looked up in, never listed. */
struct changed {
    struct psim_arena *arena;
    struct psim_change *items;
    size_t n;
};

static int
by_node(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t)((const struct psim_change *)a)->spot->node;
    const uintptr_t y = (uintptr_t)((const struct psim_change *)b)->spot->node;
    return (x > y) - (x < y);
}

/** A copy of @p node, or NULL where nothing in it is changed. */
static struct psim_node *
change(const struct changed *c, const struct psim_node *node)
{
    if (node->kind == PSIM_NODE_SCALAR) {
        const struct psim_spot spot = {.node = node};
        const struct psim_change key = {.spot = &spot};
        const struct psim_change *found =
            bsearch(&key, c->items, c->n, sizeof key, by_node);
        if (!found) return NULL;
        struct psim_node *ret = copy_node(c->arena, node);
        ret->scalar = psim_spot_text(c->arena, found->spot, found->number);
        return ret;
    }
    const struct psim_arena_mark mark = psim_arena_mark(c->arena);
    const struct psim_node *first = NULL, **slot = &first;
    bool any = false;
    for (const struct psim_node *child = node->first; child; child = child->next) {
        struct psim_node *other = change(c, child);
        if (other) any = true;
        if (!other) other = copy_node(c->arena, child);
        other->next = NULL;
        *slot = other;
        slot = &other->next;
    }
    if (!any) {
        psim_arena_rewind(c->arena, mark);
        return NULL;
    }
    struct psim_node *ret = copy_node(c->arena, node);
    ret->first = first;
    return ret;
}

static struct psim_node *
copy_whole(struct psim_arena *arena, const struct psim_node *node)
{
    struct psim_node *ret = copy_node(arena, node);
    const struct psim_node **slot = &ret->first;
    for (const struct psim_node *child = node->first; child; child = child->next) {
        struct psim_node *own = copy_whole(arena, child);
        *slot = own;
        slot = &own->next;
    }
    *slot = NULL;
    if (ret->kind == PSIM_NODE_LIST && ret->key) complete_list(arena, ret);
    return ret;
}

const struct psim_node *
psim_spots_own(struct psim_arena *arena, const struct psim_node *root)
{
    return copy_whole(arena, root);
}

const struct psim_node *
psim_spots_change(struct psim_arena *arena, const struct psim_node *root,
                  const struct psim_change *changes, size_t n)
{
    struct changed c = {arena, PSIM_NEW_N(arena, struct psim_change, n + 1), n};
    if (n > 0) memcpy(c.items, changes, n * sizeof *changes);
    qsort(c.items, n, sizeof *c.items, by_node);
    const struct psim_node *ret = change(&c, root);
    return ret ? ret : root;
}

const char *
psim_spot_text(struct psim_arena *arena, const struct psim_spot *spot, double number)
{
    return psim_arena_printf(arena, "%s%s", psim_number_print(arena, number),
                             spot->unit);
}
