/* SPDX-License-Identifier: MIT */
/** @file The children of a node by a word, so that laying trees over each other is
 * never quadratic. */
#pragma once

#include "input/node.h"

struct psim_arena;

/** One child: its word, and which child it is. */
struct psim_index_entry {
    const char *word;
    const struct psim_node *node;
    size_t position;
};

/** In the order of the words, then of the positions. */
struct psim_index {
    struct psim_index_entry *entries;
    size_t n;
};

/** The children of a map by their keys. */
struct psim_index psim_index_keys(struct psim_arena *arena,
                                  const struct psim_node *map);

/** The children of a list by the word of their key `name`; all must have one. */
struct psim_index psim_index_names(struct psim_arena *arena,
                                   const struct psim_node *list);

/** How many children have that word; the first of them is @p ret_first. */
size_t psim_index_find(const struct psim_index *index, const char *word,
                       const struct psim_index_entry **ret_first);
