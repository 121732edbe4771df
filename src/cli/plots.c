/* SPDX-License-Identifier: MIT */
/** @file THE list of plot kinds. */
#include "cli/plot.h"

extern const struct psim_plot_kind psim_plot_roofline;

const struct psim_plot_kind *const psim_plot_kinds[] = {
    &psim_plot_roofline,
    NULL,
};
