/* SPDX-License-Identifier: MIT */
/** @file plot energy: what a FLOP costs, and where bytes stop to matter. */
#include "cli/plot.h"
#include "report/plots.h"

static int
draw(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const struct psim_figure_style *style,
     struct psim_figure **ret_figure)
{
    static const struct psim_roof_plot plot = {
        .kind = "energy",
        .needs =
            "what a byte of its memory takes (energy) and what the operations take, "
            "and FLOP in a kernel",
        .figure = psim_energy_figure,
    };
    return psim_plot_roofs(arena, diag, arguments, style, &plot, ret_figure);
}

const struct psim_plot_kind psim_plot_energy = {
    .name = "energy",
    .usage = "MACHINE WORKLOAD...",
    .doc = "J/FLOP against FLOP/B: energy balance beside time balance",
    .options = psim_roof_options,
    .least_words = 2,
    .draw = draw,
};
