/* SPDX-License-Identifier: MIT */
/** @file The list of what acts are made of. */
#include "plan/origins.h"

#include <string.h>

#include "util/arena.h"

void
psim_origin_add(struct psim_build *b, const struct psim_origin *origin)
{
    struct psim_origins *list = b->origins;
    if (!list) return;
    if (list->n == list->room) {
        const size_t room = list->room ? 2 * list->room : 64;
        struct psim_origin *more = PSIM_NEW_N(list->arena, struct psim_origin, room);
        if (list->n > 0) memcpy(more, list->item, list->n * sizeof *more);
        list->item = more;
        list->room = room;
    }
    struct psim_origin *added = &list->item[list->n++];
    *added = *origin;
    added->act = PSIM_NONE;
    added->times = 1;
}

size_t
psim_origin_mark(const struct psim_build *b)
{
    return b->origins ? b->origins->n : 0;
}

void
psim_origin_scale(struct psim_build *b, size_t mark, double times)
{
    for (size_t i = mark; b->origins && i < b->origins->n; i++) {
        b->origins->item[i].times *= times;
    }
}

void
psim_origin_end(struct psim_build *b, uint8_t act)
{
    struct psim_origins *list = b->origins;
    if (!list) return;
    if (act == PSIM_NONE) list->n = list->n_done;
    for (size_t i = list->n_done; i < list->n; i++) {
        list->item[i].act = act;
    }
    list->n_done = list->n;
}
