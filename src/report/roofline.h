/* SPDX-License-Identifier: MIT */
/** @file What the files of the roofline share while it is made. */
#pragma once

#include "report/kernel_points.h"
#include "report/plots.h"

struct psim_measured_place;

/** A roofline, and what is drawn into it. */
struct psim_roofline {
    struct psim_arena *arena;
    const struct psim_roofline_data *data;
    const struct psim_machine_roofs *roofs;
    struct psim_kernel_points kernels;
    const struct psim_measured_place *measured;
    size_t n_measured;
    struct psim_figure *figure;
    double em;
    double left, right, low, high; /**< of the axes: FLOP/B, FLOP/s */
    double top_flop_per_s;         /**< the highest ceiling in use */
};

enum psim_roof_use {
    PSIM_ROOF_UNUSED, /**< of no data type in use */
    PSIM_ROOF_SLOWER, /**< of one, and not its fastest unit */
    PSIM_ROOF_USED,
};

/** Whether results have to do with a ceiling. */
enum psim_roof_use psim_roof_use(const struct psim_result *const *results, size_t n,
                                 const struct psim_ceiling *ceiling);

/** The highest ceiling in use, else the highest; FLOP/s. */
double psim_roofs_top(const struct psim_machine_roofs *roofs,
                      const struct psim_result *const *results, size_t n);

/** Index of the memory in which the tensors live, or of the slowest; there is one. */
size_t psim_roofs_home(const struct psim_machine_roofs *roofs);

/** Which of the theme's colours a memory has: the tensors' the first, those nearer to
 * the lanes the next. */
size_t psim_slope_colour(const struct psim_machine_roofs *roofs, size_t slope);

/** The lines of all roofs. */
void psim_roofline_roofs(struct psim_roofline *r);
/** Names of those that matter most; and of the others. */
void psim_roofline_name_first(struct psim_roofline *r);
void psim_roofline_name_rest(struct psim_roofline *r);
