/* SPDX-License-Identifier: MIT */
/** @file Event queue: what does not happen at every event. */
#include "sim/heap.h"

#include "util/arena.h"

void
psim_heap_init(struct psim_arena *arena, struct psim_heap *heap, size_t room)
{
    size_t leaves = 1;
    while (leaves < room) {
        leaves *= 2;
    }
    *heap = (struct psim_heap){
        .node = PSIM_NEW_N(arena, struct psim_event, 2 * leaves),
        .leaves = leaves,
    };
    for (size_t i = 0; i < 2 * leaves; i++) {
        heap->node[i] = (struct psim_event){PSIM_NEVER, (uint32_t)(i & (leaves - 1))};
    }
}

psim_tick
psim_heap_pending(const struct psim_heap *heap, uint32_t gang)
{
    return heap->node[heap->leaves + gang].at;
}

void
psim_heap_delay(struct psim_heap *heap, psim_tick by)
{
    for (size_t i = 0; i < 2 * heap->leaves; i++) {
        if (heap->node[i].at != PSIM_NEVER) heap->node[i].at += by;
    }
}
