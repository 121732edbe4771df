/* SPDX-License-Identifier: MIT */
/** @file plot roofline: what a machine can do, and what kernels make of it. */
#include "cli/plot.h"
#include "report/plots.h"

static int
draw(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const struct psim_figure_style *style,
     struct psim_figure **ret_figure)
{
    static const struct psim_roof_plot plot = {
        .kind = "roofline",
        .needs =
            "a memory's bandwidth, an operation's throughput, and FLOP in a kernel",
        .figure = psim_roofline_figure,
    };
    return psim_plot_roofs(arena, diag, arguments, style, &plot, ret_figure);
}

const struct psim_plot_kind psim_plot_roofline = {
    .name = "roofline",
    .usage = "MACHINE WORKLOAD...",
    .doc = "FLOP/s against FLOP/B: a slope for each memory, a ceiling for each unit",
    .options = psim_roof_options,
    .least_words = 2,
    .draw = draw,
};
