/* SPDX-License-Identifier: MIT */
/** @file Exact sums over a grid, in the number of runs, not of work-groups. */
#pragma once

#include "plan/plan.h"

/** Smallest, largest and sum of a quantity over all items of a grid. */
struct psim_range {
    double sum, least, most;
};

/**
 * Sum over the whole grid of the product of the amounts: a step's amount and
 * the trip counts of the loops around it. Exact while below 2^53. Cost: the
 * runs of the parameters involved; where two parameters of one axis vary inside
 * a common stretch, that stretch is enumerated (docs/MODEL.md, eq. C1).
 *
 * `least` and `most` are those of the products of each axis' extremes: exact,
 * since axes are independent.
 */
struct psim_range psim_count(const struct psim_kernel *kernel,
                             const struct psim_amount *const *amounts, size_t n);

/** The amount of a step with the loops around it; LOOP: how often it is entered. */
struct psim_range psim_count_step(const struct psim_kernel *kernel, uint16_t step);

/** How often a step is executed over the grid. */
struct psim_range psim_count_visits(const struct psim_kernel *kernel, uint16_t step);

/** What psim_count_step and psim_count_visits say of one step. */
struct psim_step_count {
    struct psim_range amount, visits;
};

/** The counts of all steps of a kernel, in one go. */
void psim_count_steps(const struct psim_kernel *kernel,
                      struct psim_step_count ret[PSIM_MAX_STEPS]);

/** How many steps all gangs of all work-groups take: the work of simulating them. */
double psim_count_effort(const struct psim_kernel *kernel);
