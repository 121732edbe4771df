/* SPDX-License-Identifier: MIT */
/** @file Kernels as points of a roofline: work, bytes at each level, share of the time.
 */
#pragma once

#include "result/result.h"
#include "result/roofs.h"

/** Launches of one kernel that need as much of everything for each FLOP, as one. */
struct psim_kernel_point {
    const char *name;   /**< of the first: its op's, where kernels' names do not tell */
    const char *kernel; /**< its own name */
    size_t run;         /**< of which result */
    double flop;        /**< of one launch, as all here */
    double time_s;      /**< without its launch */
    double energy_j;    /**< negative: not known */
    double count;       /**< launches */
    double share;       /**< of them all, in the time of their workload */
    const double *bytes; /**< at each slope of the machine */
};

struct psim_kernel_points {
    struct psim_kernel_point *points; /**< those that take longest in all first */
    size_t n;
    size_t n_small, n_idle; /**< left out: too short to matter, without FLOP */
    double small_s, idle_s; /**< time of all their launches */
    double all_s;           /**< of the workloads */
};

/** The kernels of several results that have a place in a roofline. */
void psim_kernel_points(struct psim_arena *arena,
                        const struct psim_machine_roofs *roofs,
                        const struct psim_result *const *results, size_t n,
                        struct psim_kernel_points *ret);

/**
 * FLOP of a result's kernels over their bytes at one slope; of one op or, for NULL, of
 * all.
 * @return negative where there are none
 */
double psim_op_intensity(const struct psim_machine_roofs *roofs,
                         const struct psim_result *result, const char *op,
                         size_t slope);

/** What is not shown, in words: "not shown: 53 kernels without FLOP (1.2 % of the
 * time)"; NULL where all is. */
const char *psim_kernel_points_rest(struct psim_arena *arena,
                                    const struct psim_kernel_points *points);
