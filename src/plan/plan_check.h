/* SPDX-License-Identifier: MIT */
/** @file What every plan must satisfy before an engine sees it. */
#pragma once

#include "plan/plan.h"

/**
 * All rules that a lowering could break: indices in range, loops closed, runs
 * that cover their axis, a walk that reaches every item once, channels with one
 * filling role that are reserved, committed, waited for and released in order
 * and as often. Cost: a few passes over the steps, none over the grid.
 *
 * @return NULL where the plan is sound, else what is wrong, for a programmer
 */
const char *psim_plan_check(struct psim_arena *arena, const struct psim_plan *plan);
