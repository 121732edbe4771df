/* SPDX-License-Identifier: MIT */
/** @file Event queue: a heap of four children, since comparing is cheaper than missing.
 */
#include "sim/heap.h"

#include <assert.h>

#include "util/arena.h"

enum { CHILDREN = 4 };

static bool
before(struct psim_event a, struct psim_event b)
{
    if (a.at != b.at) return a.at < b.at;
    return a.gang < b.gang;
}

void
psim_heap_init(struct psim_arena *arena, struct psim_heap *heap, size_t room)
{
    *heap = (struct psim_heap){
        .events = PSIM_NEW_N(arena, struct psim_event, room),
        .room = room,
    };
}

void
psim_heap_push(struct psim_heap *heap, struct psim_event event)
{
    assert(heap->n < heap->room);
    size_t at = heap->n++;
    while (at > 0) {
        const size_t parent = (at - 1) / CHILDREN;
        if (!before(event, heap->events[parent])) break;
        heap->events[at] = heap->events[parent];
        at = parent;
    }
    heap->events[at] = event;
}

struct psim_event
psim_heap_pop(struct psim_heap *heap)
{
    assert(heap->n > 0);
    const struct psim_event top = heap->events[0];
    const struct psim_event last = heap->events[--heap->n];
    size_t at = 0;
    for (;;) {
        const size_t first = at * CHILDREN + 1;
        if (first >= heap->n) break;
        const size_t end = first + CHILDREN < heap->n ? first + CHILDREN : heap->n;
        size_t best = first;
        for (size_t i = first + 1; i < end; i++) {
            if (before(heap->events[i], heap->events[best])) best = i;
        }
        if (!before(heap->events[best], last)) break;
        heap->events[at] = heap->events[best];
        at = best;
    }
    heap->events[at] = last;
    return top;
}
