/* SPDX-License-Identifier: MIT */
/** @file Event queue: winners replayed from a leaf to the root, without a branch.
 *
 * A gang that resumes mostly schedules its next event at once: what is popped stays
 * in the tree until then, so that the two cost one replay. */
#include "sim/heap.h"

#include <assert.h>

#include "util/arena.h"

/** Later than any event. */
static const psim_tick never = UINT64_MAX / 2;

/** Whether the sibling of the node @p at, which holds @p mine, is the earlier one. */
static inline bool
before(struct psim_event sibling, struct psim_event mine, size_t at)
{
    /* The left one of a pair has the smaller gangs: it wins ties. */
    return sibling.at < mine.at + (at & 1);
}

/** Set a leaf and find the winners on its way to the root. */
static void
replay(struct psim_heap *heap, struct psim_event event)
{
    struct psim_event winner = event;
    for (size_t at = heap->leaves + event.gang; at > 1; at /= 2) {
        heap->node[at] = winner;
        const struct psim_event sibling = heap->node[at ^ 1];
        const bool other = before(sibling, winner, at);
        winner.at = other ? sibling.at : winner.at;
        winner.gang = other ? sibling.gang : winner.gang;
    }
    heap->node[1] = winner;
}

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
        heap->node[i] = (struct psim_event){never, (uint32_t)(i & (leaves - 1))};
    }
}

void
psim_heap_push(struct psim_heap *heap, struct psim_event event)
{
    assert(event.gang < heap->leaves && event.at < never);
    if (heap->is_stale && event.gang == heap->stale) {
        heap->is_stale = false;
    } else {
        assert(heap->node[heap->leaves + event.gang].at == never);
    }
    heap->n++;
    replay(heap, event);
}

struct psim_event
psim_heap_pop(struct psim_heap *heap)
{
    assert(heap->n > 0);
    if (heap->is_stale) replay(heap, (struct psim_event){never, heap->stale});
    const struct psim_event top = heap->node[1];
    heap->n--;
    heap->stale = top.gang;
    heap->is_stale = true;
    return top;
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
        if (heap->node[i].at != never) heap->node[i].at += by;
    }
}
