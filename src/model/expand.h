/* SPDX-License-Identifier: MIT */
/** @file Kinds of op that stand for a list of others: a block, a network. */
#pragma once

#include "model/op.h"

/** One op of the list. */
struct psim_expanded {
    const struct psim_op_kind *kind;
    const char *name; /**< what reports call it: "layer1.0.conv2" */
    void *attributes; /**< of kind->size bytes, zero where not set */
};

/** The list while it grows. */
struct psim_expansion {
    struct psim_arena *arena;
    struct psim_expanded *ops;
    size_t n_ops, room;
    enum psim_launch_mode launch; /**< of all of them */
};

/**
 * Append one op. Its attributes are the caller's to set; what the kind's table calls
 * a fallback holds where they are left 0.
 */
void *psim_expand(struct psim_expansion *expansion, const char *kind, const char *name);
