/* SPDX-License-Identifier: MIT */
/** @file The same plan where the core's clock is another one. */
#pragma once

#include "plan/plan.h"

/**
 * What a plan becomes when clocks fall: times on servers, latencies and gangs' paces
 * grow, but for what is fixed (docs/MODEL.md, eq. W2). Peaks stay as stated. Tables
 * that do not change are shared.
 *
 * @param shared of the nominal clock, what is left to servers of several units
 * @param own    what is left to a unit, its servers, gangs and latencies
 */
struct psim_plan psim_plan_at_clock(struct psim_arena *arena,
                                    const struct psim_plan *plan, double shared,
                                    double own);

/** Whether a kernel uses an act that makes the clock droop. */
bool psim_kernel_droops(const struct psim_plan *plan, const struct psim_kernel *kernel);
