/* SPDX-License-Identifier: MIT */
/** @file The children of a node by a word: sorted, searched by halves. */
#include "input/index.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"

static int
by_word_then_position(const void *left, const void *right)
{
    const struct psim_index_entry *a = left, *b = right;
    const int order = strcmp(a->word, b->word);
    if (order != 0) return order;
    return a->position < b->position ? -1 : a->position > b->position;
}

static struct psim_index
index_children(struct psim_arena *arena, const struct psim_node *parent, bool by_name)
{
    const size_t n = psim_node_count(parent);
    struct psim_index index = {
        .entries = PSIM_NEW_N(arena, struct psim_index_entry, n),
        .n = n,
    };
    size_t i = 0;
    for (const struct psim_node *child = parent->first; child; child = child->next) {
        index.entries[i] = (struct psim_index_entry){
            .word = by_name ? psim_node_find(child, "name")->scalar : child->key,
            .node = child,
            .position = i,
        };
        i++;
    }
    if (n > 1) {
        qsort(index.entries, n, sizeof *index.entries, by_word_then_position);
    }
    return index;
}

struct psim_index
psim_index_keys(struct psim_arena *arena, const struct psim_node *map)
{
    return index_children(arena, map, false);
}

struct psim_index
psim_index_names(struct psim_arena *arena, const struct psim_node *list)
{
    return index_children(arena, list, true);
}

/** How many entries come before @p word, or before and with it. */
static size_t
n_before(const struct psim_index *index, const char *word, bool with)
{
    size_t first = 0, rest = index->n;
    while (rest > 0) {
        const size_t half = rest / 2;
        const int order = strcmp(index->entries[first + half].word, word);
        if (order < 0 || (with && order == 0)) {
            first += half + 1;
            rest -= half + 1;
        } else {
            rest = half;
        }
    }
    return first;
}

size_t
psim_index_find(const struct psim_index *index, const char *word,
                const struct psim_index_entry **ret_first)
{
    /* Not counted one by one: all entries of a long list may have one name. */
    const size_t first = n_before(index, word, false);
    *ret_first = index->entries + first;
    return n_before(index, word, true) - first;
}
