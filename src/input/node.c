/* SPDX-License-Identifier: MIT */
/** @file Looking into a parsed tree. */
#include "input/node.h"

#include <assert.h>

#include "util/arena.h"
#include "util/str.h"

const char *
psim_node_kind_name(enum psim_node_kind kind)
{
    static const char *const names[] = {
        [PSIM_NODE_SCALAR] = "single value",
        [PSIM_NODE_LIST] = "list",
        [PSIM_NODE_MAP] = "map",
    };
    assert(kind < PSIM_COUNT(names));
    return names[kind];
}

const struct psim_node *
psim_node_find(const struct psim_node *map, const char *key)
{
    if (map->kind != PSIM_NODE_MAP) return NULL;
    const struct psim_node *child = map->first;
    while (child && !psim_str_equal(child->key, key)) {
        child = child->next;
    }
    return child;
}

size_t
psim_node_count(const struct psim_node *parent)
{
    size_t n = 0;
    for (const struct psim_node *child = parent->first; child; child = child->next) {
        n++;
    }
    return n;
}

bool
psim_node_is_empty(const struct psim_node *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != PSIM_NODE_SCALAR || node->quoted) return false;
    for (size_t i = 0; i < PSIM_COUNT(words); i++) {
        if (psim_str_equal(node->scalar, words[i])) return true;
    }
    return false;
}

bool
psim_node_is_named_list(const struct psim_node *node)
{
    if (node->kind != PSIM_NODE_LIST || !node->first) return false;
    for (const struct psim_node *entry = node->first; entry; entry = entry->next) {
        const struct psim_node *name = psim_node_find(entry, "name");
        if (!name || name->kind != PSIM_NODE_SCALAR) return false;
    }
    return true;
}
