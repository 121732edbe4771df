/* SPDX-License-Identifier: MIT */
/** @file A table of ops by where they stand: the copies of an op share its line. */
#include "sim/memo.h"

#include <string.h>

#include "util/arena.h"

/** Attributes hold their places, so only copies of one op of the file are the same. */
static bool
same_op(const struct psim_op *a, const struct psim_op *b)
{
    return a->kind == b->kind && a->keys.cache == b->keys.cache &&
           a->launch == b->launch &&
           memcmp(a->attributes, b->attributes, a->kind->size) == 0;
}

struct psim_memos
psim_memos_new(struct psim_arena *arena, size_t n_ops)
{
    struct psim_memos memos = {.room = 2};
    while (memos.room < 2 * n_ops) {
        memos.room *= 2;
    }
    memos.item = PSIM_NEW_N(arena, struct psim_memo, memos.room);
    return memos;
}

struct psim_memo *
psim_memos_find(const struct psim_memos *memos, const struct psim_op *op)
{
    enum { ANY_PRIME = 8191 };
    size_t at = (size_t)op->at.line * ANY_PRIME + op->at.column;
    for (;; at++) {
        struct psim_memo *memo = &memos->item[at & (memos->room - 1)];
        if (!memo->op || same_op(memo->op, op)) return memo;
    }
}
