/* SPDX-License-Identifier: MIT */
/** @file The list of ops that one op stands for. */
#include "model/expand.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"

void *
psim_expand(struct psim_expansion *x, const char *kind, const char *name)
{
    if (x->n_ops == x->room) {
        const size_t room = x->room ? 2 * x->room : 16;
        struct psim_expanded *more = PSIM_NEW_N(x->arena, struct psim_expanded, room);
        if (x->n_ops > 0) memcpy(more, x->ops, x->n_ops * sizeof *more);
        x->ops = more;
        x->room = room;
    }
    struct psim_expanded *one = &x->ops[x->n_ops++];
    one->kind = psim_op_kind_find(kind);
    assert(one->kind);
    one->name = name;
    one->attributes = psim_arena_alloc(x->arena, 1, one->kind->size);
    return one->attributes;
}
