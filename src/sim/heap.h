/* SPDX-License-Identifier: MIT */
/** @file Event queue with one order only: tick, then who resumes. */
#pragma once

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

/** A tree of winners over the gangs, each of which has at most one event pending. */
struct psim_heap {
    struct psim_event *node; /**< [1] the earliest; [leaves + gang] a gang's own */
    size_t leaves;
    size_t n;       /**< pending */
    uint32_t stale; /**< gang whose popped event is still in the tree */
    bool is_stale;
};

/** @param room gangs are numbered below it */
void psim_heap_init(struct psim_arena *arena, struct psim_heap *heap, size_t room);
/** The gang has no other event pending; the tick is below 2^63. */
void psim_heap_push(struct psim_heap *heap, struct psim_event event);
/** The earliest event; ties go to the smaller gang: insertion order is no input. */
struct psim_event psim_heap_pop(struct psim_heap *heap);
/** When a gang's event is, or was if it was the last one to be popped. */
psim_tick psim_heap_pending(const struct psim_heap *heap, uint32_t gang);
/** All events happen that much later. */
void psim_heap_delay(struct psim_heap *heap, psim_tick by);
