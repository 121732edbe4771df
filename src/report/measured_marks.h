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

struct psim_measured_places {
    const struct psim_measured_place *places;
    size_t n;
    psim_axis_value *value;
    enum psim_dim dim; /**< of the values */
    size_t home;       /**< slope of the memory of the tensors */
};

/** Those that have a place. */
struct psim_measured_places psim_measured_places(struct psim_arena *arena,
                                                 const struct psim_roofline_data *data,
                                                 psim_axis_value *value,
                                                 enum psim_dim dim);

/**
 * A hollow mark for each, joined to its prediction; that has a mark of its own, a small
 * one, where no kernel is drawn there. The first few say their value.
 */
void psim_measured_marks(struct psim_figure *figure, struct psim_arena *arena,
                         const struct psim_measured_places *measured,
                         const struct psim_kernel_points *kernels);
