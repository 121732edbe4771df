/* SPDX-License-Identifier: MIT */
/** @file What crosses below each cache: reuse in closed form, band by band. */
#pragma once

#include "plan/count.h"

/**
 * Bytes over the whole grid, all gangs, that each step moves below each cache; set
 * for the steps that look a tile up in one.
 */
struct psim_traffic {
    double missed_bytes[PSIM_MAX_STEPS][PSIM_MAX_CACHES];
};

/**
 * Estimate the traffic of one kernel (docs/MODEL.md, eq. R1 to R4).
 *
 * The work-groups that run at once share what they read together. Going on
 * along the walk, a tensor is read again where the bytes touched in between
 * exceed the cache. Cost: levels of the walk times steps that look up.
 *
 * @param counts    of the kernel's steps, by psim_count_steps
 * @param resident  set of tensors that the outermost cache holds at the start
 * @param ret_walk  what the walk and the capacities leave
 * @param ret_ideal each byte once: the compulsory traffic, for bounds
 */
void psim_reuse(const struct psim_plan *plan, const struct psim_kernel *kernel,
                const struct psim_step_count *counts, uint32_t resident,
                struct psim_traffic *ret_walk, struct psim_traffic *ret_ideal);
