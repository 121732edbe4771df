/* SPDX-License-Identifier: MIT */
/** @file Event queue with one order only: tick, then who resumes. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct psim_arena;

/** Femtoseconds, or 10^k of them where a run would not fit. */
typedef uint64_t psim_tick;

struct psim_event {
    psim_tick at;
    uint32_t gang;
};

/**
 * A tree of winners over the gangs, each of which has at most one event pending. A gang
 * that resumes mostly schedules its next event at once: what is popped stays in the
 * tree until then, so that the two cost one replay.
 */
struct psim_heap {
    struct psim_event *node; /**< [1] the earliest; [leaves + gang] a gang's own */
    size_t leaves;
    size_t n;       /**< pending */
    uint32_t stale; /**< gang whose popped event is still in the tree */
    bool is_stale;
};

/** Later than any event. */
#define PSIM_NEVER (UINT64_MAX / 2)

/** @param room gangs are numbered below it */
void psim_heap_init(struct psim_arena *arena, struct psim_heap *heap, size_t room);
/** When a gang's event is, or was if it was the last one to be popped. */
psim_tick psim_heap_pending(const struct psim_heap *heap, uint32_t gang);
/** All events happen that much later. */
void psim_heap_delay(struct psim_heap *heap, psim_tick by);

/** Set a leaf and find the winners on its way to the root, without a branch. */
static inline void
psim_heap_replay(const struct psim_heap *heap, struct psim_event event)
{
    struct psim_event *const node = heap->node;
    struct psim_event winner = event;
    for (size_t at = heap->leaves + event.gang; at > 1; at /= 2) {
        node[at] = winner;
        const struct psim_event sibling = node[at ^ 1];
        /* The left one of a pair has the smaller gangs: it wins ties. */
        const bool other = sibling.at < winner.at + (at & 1);
        winner.at = other ? sibling.at : winner.at;
        winner.gang = other ? sibling.gang : winner.gang;
    }
    node[1] = winner;
}

/** The gang has no other event pending; the tick is below PSIM_NEVER. */
static inline void
psim_heap_push(struct psim_heap *heap, struct psim_event event)
{
    assert(event.gang < heap->leaves && event.at < PSIM_NEVER);
    assert(heap->node[heap->leaves + event.gang].at == PSIM_NEVER ||
           (heap->is_stale && event.gang == heap->stale));
    if (event.gang == heap->stale) heap->is_stale = false;
    heap->n++;
    psim_heap_replay(heap, event);
}

/** The earliest event; ties go to the smaller gang: insertion order is no input. */
static inline struct psim_event
psim_heap_pop(struct psim_heap *heap)
{
    assert(heap->n > 0);
    if (heap->is_stale) {
        psim_heap_replay(heap, (struct psim_event){PSIM_NEVER, heap->stale});
    }
    const struct psim_event top = heap->node[1];
    heap->n--;
    heap->stale = top.gang;
    heap->is_stale = true;
    return top;
}
