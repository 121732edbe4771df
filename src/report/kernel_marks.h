/* SPDX-License-Identifier: MIT */
/** @file How kernels look in every picture that has them as points. */
#pragma once

#include "report/figure.h"
#include "report/kernel_points.h"

/** Its area grows with the share of the time. */
double psim_mark_radius(const struct psim_figure *figure,
                        const struct psim_kernel_point *point);

/** Results of one picture are told apart by their shapes. */
enum psim_shape psim_shape_of(size_t run);

/** "conv1", "batchnorm x 6": with how often it runs. */
const char *psim_point_name(struct psim_arena *arena,
                            const struct psim_kernel_point *point);

/** How many kernels get a name; the longest ones. */
size_t psim_most_named(const struct psim_figure *figure);

/** Entries of the legend: shapes of several results; what sizes say; what is missing.
 */
void psim_kernel_keys(struct psim_figure *figure, struct psim_arena *arena,
                      const struct psim_result *const *results, size_t n,
                      const struct psim_kernel_points *points);
