/* SPDX-License-Identifier: MIT */
/** @file Ops that were met before keep their mapping: a network repeats its layers. */
#pragma once

#include "sim/predict.h"

struct psim_memo {
    const struct psim_op *op;         /**< NULL: a free place */
    const struct psim_chosen *chosen; /**< NULL: none was found */
};

struct psim_memos {
    struct psim_memo *item;
    size_t room; /**< a power of two, at least twice the ops */
};

/** Places for that many ops at least. */
struct psim_memos psim_memos_new(struct psim_arena *arena, size_t n_ops);

/** The place of an op: its own or, where none of the kind was met, a free one. */
struct psim_memo *psim_memos_find(const struct psim_memos *memos,
                                  const struct psim_op *op);
