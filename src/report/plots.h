/* SPDX-License-Identifier: MIT */
/** @file Pictures of results: plain data in, a figure out. */
#pragma once

#include "report/figure.h"
#include "result/result.h"
#include "result/roofs.h"

/** Results of one machine, and its roofs. */
struct psim_roofline_data {
    const struct psim_machine_roofs *roofs;
    const struct psim_result *const *results;
    size_t n_results;
};

/**
 * A slope for each memory, a ceiling for each kind of unit and data type, each kernel
 * as a point per memory (docs/MODEL.md, eq. F8).
 *
 * @return NULL where no kernel has both FLOP and bytes, or no memory a bandwidth
 */
struct psim_figure *psim_roofline_figure(struct psim_arena *arena,
                                         const struct psim_figure_style *style,
                                         const struct psim_roofline_data *data);
