/* SPDX-License-Identifier: MIT */
/** @file Lay one tree over another, map by map, list by name. */
#include "input/merge.h"

#include <string.h>

#include "input/index.h"
#include "util/arena.h"
#include "util/str.h"

/** Each of them is looked at for each entry of the overlay. */
enum { MAX_NAMESAKES = 64 };

struct merger {
    struct psim_arena *arena;
    struct psim_arena scratch; /**< indices, given back as each list or map ends */
    struct psim_diag *diag;
    const char *const *tie_keys;
    bool ok;
};

/** Children of a merged node in the making. */
struct children {
    const struct psim_node *first;
    const struct psim_node **slot;
};

static struct psim_node *
copy(struct merger *m, const struct psim_node *node)
{
    struct psim_node *ret = PSIM_NEW(m->arena, struct psim_node);
    *ret = *node;
    ret->next = NULL;
    return ret;
}

static void
append(struct children *children, struct psim_node *node)
{
    *children->slot = node;
    children->slot = &node->next;
}

static struct psim_node *merge_nodes(struct merger *m, const struct psim_node *base,
                                     const struct psim_node *over);

static void
merge_maps(struct merger *m, const struct psim_node *base, const struct psim_node *over,
           struct children *ret)
{
    const struct psim_arena_mark mark = psim_arena_mark(&m->scratch);
    const struct psim_index index = psim_index_keys(&m->scratch, over);
    bool *in_base = PSIM_NEW_N(&m->scratch, bool, index.n);

    for (const struct psim_node *child = base->first; child; child = child->next) {
        const struct psim_index_entry *found;
        if (psim_index_find(&index, child->key, &found) == 0) {
            append(ret, copy(m, child));
        } else {
            in_base[found->position] = true;
            append(ret, merge_nodes(m, child, found->node));
        }
    }
    size_t i = 0;
    for (const struct psim_node *child = over->first; child; child = child->next) {
        if (!in_base[i++]) append(ret, copy(m, child));
    }
    psim_arena_rewind(&m->scratch, mark);
}

/** Whether both are the same word, or lists of the same words. */
static bool
same_words(const struct psim_node *a, const struct psim_node *b)
{
    if (a->kind != b->kind || a->kind == PSIM_NODE_MAP) return false;
    if (a->kind == PSIM_NODE_SCALAR) return psim_str_equal(a->scalar, b->scalar);
    a = a->first;
    b = b->first;
    for (; a && b; a = a->next, b = b->next) {
        if (a->kind != PSIM_NODE_SCALAR || !same_words(a, b)) return false;
    }
    return !a && !b;
}

/** Whether @p base has every tie key that @p over gives, with the same words. */
static bool
agrees(const struct merger *m, const struct psim_node *base,
       const struct psim_node *over)
{
    for (const char *const *key = m->tie_keys; key && *key; key++) {
        const struct psim_node *wanted = psim_node_find(over, *key);
        if (!wanted || wanted->kind == PSIM_NODE_MAP) continue;
        const struct psim_node *found = psim_node_find(base, *key);
        if (!found || !same_words(found, wanted)) return false;
    }
    return true;
}

/** "'supported_by' or 'native'". */
static const char *
tie_words(const struct merger *m)
{
    const char *words = NULL;
    for (const char *const *key = m->tie_keys; key && *key; key++) {
        words = words ? psim_arena_printf(m->arena, "%s or '%s'", words, *key)
                      : psim_arena_printf(m->arena, "'%s'", *key);
    }
    return words ? words : "a name of its own";
}

/** The entries that an entry of the overlay may mean. */
struct namesakes {
    const struct psim_index_entry *first;
    size_t n;
};

static void
ambiguous(struct merger *m, const struct psim_node *name,
          const struct psim_node *const twins[2])
{
    m->ok = false;
    if (!psim_diag_shows(m->diag, name->at)) {
        (void)psim_error_unseen(m->diag);
        return;
    }
    (void)psim_error(m->diag, name->at,
                     "name: '%s' means several entries; %s is needed to tell them "
                     "apart",
                     psim_str_excerpt(m->diag->arena, name->scalar), tie_words(m));
    psim_note(m->diag, twins[0]->at, "one of them");
    psim_note(m->diag, twins[1]->at, "another");
}

/**
 * The one entry of the base that @p over means.
 *
 * @param alone whether no other entry of the overlay has its name
 * @return NULL where it is a new one, and after an error
 */
static const struct psim_index_entry *
find_target(struct merger *m, struct namesakes same, const struct psim_node *over,
            bool alone)
{
    const struct psim_node *name = psim_node_find(over, "name");
    if (same.n == 1 && alone) return same.first;
    if (same.n > MAX_NAMESAKES) {
        m->ok =
            psim_error(m->diag, name->at, "name: more than %d entries are named '%s'",
                       MAX_NAMESAKES, psim_str_excerpt(m->diag->arena, name->scalar));
        return NULL;
    }
    const struct psim_index_entry *target = NULL;
    for (size_t i = 0; i < same.n; i++) {
        if (!agrees(m, same.first[i].node, over)) continue;
        if (target) {
            const struct psim_node *const twins[] = {target->node, same.first[i].node};
            ambiguous(m, name, twins);
            return NULL;
        }
        target = &same.first[i];
    }
    return target;
}

static void
merge_lists(struct merger *m, const struct psim_node *base,
            const struct psim_node *over, struct children *ret)
{
    const struct psim_arena_mark mark = psim_arena_mark(&m->scratch);
    const struct psim_index base_names = psim_index_names(&m->scratch, base);
    const struct psim_index over_names = psim_index_names(&m->scratch, over);
    const struct psim_node **over_of =
        PSIM_NEW_N(&m->scratch, const struct psim_node *, base_names.n);
    struct children added = {.slot = &added.first};

    for (const struct psim_node *entry = over->first; entry; entry = entry->next) {
        const struct psim_node *name = psim_node_find(entry, "name");
        const struct psim_index_entry *twin;
        const bool alone = psim_index_find(&over_names, name->scalar, &twin) == 1;
        struct namesakes same;
        same.n = psim_index_find(&base_names, name->scalar, &same.first);
        const struct psim_index_entry *target = find_target(m, same, entry, alone);
        if (!target) {
            append(&added, copy(m, entry));
        } else if (over_of[target->position]) {
            m->ok = psim_error(m->diag, name->at,
                               "name: the entry '%s' is changed twice; one entry for "
                               "both is needed",
                               psim_str_excerpt(m->diag->arena, name->scalar));
            psim_note(m->diag, over_of[target->position]->at, "first changed here");
        } else {
            over_of[target->position] = entry;
        }
    }
    size_t i = 0;
    for (const struct psim_node *entry = base->first; entry; entry = entry->next, i++) {
        append(ret, over_of[i] ? merge_nodes(m, entry, over_of[i]) : copy(m, entry));
    }
    *ret->slot = added.first;
    psim_arena_rewind(&m->scratch, mark);
}

/** Whether @p over changes the entries of a list of names, rather than the list. */
static bool
changes_entries(struct merger *m, const struct psim_node *base,
                const struct psim_node *over)
{
    if (!psim_node_is_named_list(base) || over->kind != PSIM_NODE_LIST) return false;
    if (psim_node_is_named_list(over)) return true;
    for (const struct psim_node *entry = over->first; entry; entry = entry->next) {
        if (entry->kind != PSIM_NODE_MAP) return false;
    }
    for (const struct psim_node *entry = over->first; entry; entry = entry->next) {
        const struct psim_node *name = psim_node_find(entry, "name");
        if (name && name->kind == PSIM_NODE_SCALAR) continue;
        m->ok = psim_error(m->diag, entry->at,
                           "an entry without name; the name of the entry that it "
                           "changes or adds is needed");
    }
    return false;
}

static struct psim_node *
merge_nodes(struct merger *m, const struct psim_node *base,
            const struct psim_node *over)
{
    const bool maps = base->kind == PSIM_NODE_MAP && over->kind == PSIM_NODE_MAP;
    const bool as_maps = maps && !psim_node_find(over, "value");
    if (!as_maps && !changes_entries(m, base, over)) return copy(m, over);

    struct psim_node *ret = copy(m, base);
    struct children children = {.slot = &children.first};
    if (as_maps) {
        merge_maps(m, base, over, &children);
    } else {
        merge_lists(m, base, over, &children);
    }
    ret->first = children.first;
    return ret;
}

const struct psim_node *
psim_merge(struct psim_arena *arena, struct psim_diag *diag,
           const struct psim_node *base, const struct psim_node *over,
           const char *const *tie_keys)
{
    struct merger m = {.arena = arena, .diag = diag, .tie_keys = tie_keys, .ok = true};
    const struct psim_node *ret = merge_nodes(&m, base, over);
    psim_arena_free(&m.scratch);
    return m.ok ? ret : NULL;
}
