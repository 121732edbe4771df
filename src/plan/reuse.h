/* SPDX-License-Identifier: MIT */
/** @file What crosses below each cache: reuse in closed form, band by band. */
#pragma once

#include "plan/count.h"

enum psim_reuse {
    PSIM_REUSE_WALK,  /**< what the walk and the capacities leave */
    PSIM_REUSE_IDEAL, /**< each byte once: the compulsory traffic, for bounds */
};

/** Bytes over the whole grid, all gangs, that each step moves below each cache. */
struct psim_traffic {
    double missed_bytes[PSIM_MAX_STEPS][PSIM_MAX_CACHES];
};

/**
 * Estimate the traffic of one kernel (docs/MODEL.md, eq. R1 to R4).
 *
 * The work-groups that run at once share what they read together. Going on
 * along the walk, a tensor is read again where the bytes touched in between
 * exceed the cache. Cost: levels of the walk times steps.
 *
 * @param counts   of the kernel's steps, by psim_count_steps
 * @param resident set of tensors that the outermost cache holds at the start
 */
void psim_reuse(const struct psim_plan *plan, const struct psim_kernel *kernel,
                const struct psim_step_count *counts, uint32_t resident,
                enum psim_reuse mode, struct psim_traffic *ret);
