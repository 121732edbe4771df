/* SPDX-License-Identifier: MIT */
/** @file THE list of plot kinds. */
#include "cli/plot.h"

extern const struct psim_plot_kind psim_plot_roofline;
extern const struct psim_plot_kind psim_plot_energy;
extern const struct psim_plot_kind psim_plot_breakdown;
extern const struct psim_plot_kind psim_plot_scaling;
extern const struct psim_plot_kind psim_plot_accuracy;
extern const struct psim_plot_kind psim_plot_timeline;

const struct psim_plot_kind *const psim_plot_kinds[] = {
    &psim_plot_roofline,
    &psim_plot_energy,
    &psim_plot_breakdown,
    &psim_plot_scaling,
    &psim_plot_accuracy,
    &psim_plot_timeline,
    NULL,
};
