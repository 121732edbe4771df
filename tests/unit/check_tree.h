/* SPDX-License-Identifier: MIT */
/** @file A parsed tree as one line of text, for tests to compare. */
#pragma once

#include "check_main.h"
#include "input/node.h"

/** "{a: 1, b: [x, \"quoted\"]}", from @p node alone; "null" where it is NULL. */
static inline const char *
check_tree(struct psim_arena *arena, const struct psim_node *node)
{
    if (!node) return "null";
    if (node->kind == PSIM_NODE_SCALAR) {
        const char *quote = node->quoted ? "\"" : "";
        return psim_arena_printf(arena, "%s%s%s", quote, node->scalar, quote);
    }
    const bool map = node->kind == PSIM_NODE_MAP;
    const char *text = map ? "{" : "[";
    for (const struct psim_node *child = node->first; child; child = child->next) {
        text = psim_arena_printf(arena, "%s%s%s%s%s", text,
                                 child == node->first ? "" : ", ",
                                 child->key ? child->key : "", child->key ? ": " : "",
                                 check_tree(arena, child));
    }
    return psim_arena_printf(arena, "%s%s", text, map ? "}" : "]");
}
