/* SPDX-License-Identifier: MIT */
/** @file Times of kernels that an engine has run before: a network repeats its layers.
 */
#pragma once

#include "sim/power.h"

struct psim_timed;

/** Grows as needed; zero-initialise it. */
struct psim_timed_table {
    struct psim_timed *item;
    size_t n, room; /**< a power of two, or nothing yet */
    size_t asked;   /**< which was asked for last: the first one is 0, and so on */
};

/**
 * The time of a launch of a plan, at the clock that its load leaves (psim_power_time).
 * Where it is known it is not run again: an engine gives the same for the same. A table
 * is of one engine and one machine.
 */
struct psim_kernel_time
psim_timed(struct psim_arena *arena, struct psim_timed_table *table,
           const struct psim_engine *engine, const struct psim_setting *setting,
           const struct psim_plan *plan, const struct psim_launch *launch);
