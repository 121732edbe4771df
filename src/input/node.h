/* SPDX-License-Identifier: MIT */
/** @file A parsed input: a tree in which every node knows its place. */
#pragma once

#include "util/diag.h"

struct psim_arena;

enum psim_node_kind {
    PSIM_NODE_SCALAR,
    PSIM_NODE_LIST,
    PSIM_NODE_MAP,
};

/** Children hang in file order; in a map each child carries its key. */
struct psim_node {
    enum psim_node_kind kind;
    struct psim_loc at;     /**< where the value stands */
    const char *key;        /**< NULL outside maps */
    struct psim_loc key_at; /**< where the key stands */
    const char *scalar;     /**< NULL unless a scalar */
    bool quoted;            /**< "4096" is text, 4096 a number */
    const struct psim_node *first, *next;
};

/** For messages: "single value", "list", "map". */
const char *psim_node_kind_name(enum psim_node_kind kind);

/** The child of a map with that key, NULL where there is none. */
const struct psim_node *psim_node_find(const struct psim_node *map, const char *key);
size_t psim_node_count(const struct psim_node *parent);

/** Whether nothing stands there: `key:`, `~` or `null` without quotes. */
bool psim_node_is_empty(const struct psim_node *node);

/** Whether @p node is a list with entries, all of them maps with a word as `name`. */
bool psim_node_is_named_list(const struct psim_node *node);
