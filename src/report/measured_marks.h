/* SPDX-License-Identifier: MIT */
/** @file What was measured, hollow, joined to what was predicted. */
#pragma once

#include "report/kernel_points.h"
#include "report/plots.h"

/** What a picture has on its axis, of a kernel or an op: FLOP/s, J/FLOP; 0 or less: it
 * has none. */
typedef double psim_axis_value(double flop, double time_s, double energy_j);

/** Where one is: its intensity at the memory of the tensors, and both values. */
struct psim_measured_place {
    const struct psim_measured_point *point;
    double x, predicted, measured;
};

/** Those that have a place. @return how many */
size_t psim_measured_places(struct psim_arena *arena,
                            const struct psim_roofline_data *data,
                            psim_axis_value *value,
                            const struct psim_measured_place **ret);

/**
 * A hollow mark for each, joined to its prediction; that has a mark of its own, a small
 * one, where no kernel is drawn there. The first few say their value, of @p dim.
 */
void psim_measured_marks(struct psim_figure *figure, struct psim_arena *arena,
                         const struct psim_measured_place *places, size_t n,
                         const struct psim_kernel_points *kernels, size_t home,
                         psim_axis_value *value, enum psim_dim dim);
