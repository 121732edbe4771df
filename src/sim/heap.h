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

/** At most one event a gang is pending, so the size is known beforehand. */
struct psim_heap {
    struct psim_event *events;
    size_t n, room;
};

void psim_heap_init(struct psim_arena *arena, struct psim_heap *heap, size_t room);
void psim_heap_push(struct psim_heap *heap, struct psim_event event);
/** The earliest event; ties go to the smaller gang: insertion order is no input. */
struct psim_event psim_heap_pop(struct psim_heap *heap);
