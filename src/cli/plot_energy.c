/* SPDX-License-Identifier: MIT */
/** @file plot energy: what a FLOP costs, and where bytes stop to matter. */
#include "cli/plot.h"
#include "report/plots.h"

static int
draw(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const char *const *words, size_t n,
     const struct psim_figure_style *style, struct psim_figure **ret_figure)
{
    struct psim_plot_input input;
    if (!psim_plot_load(arena, diag, arguments, words, n, &input)) {
        return PSIM_EXIT_INPUT;
    }
    *ret_figure = psim_energy_figure(arena, style, &input.roofline);
    if (*ret_figure) return PSIM_EXIT_OK;
    psim_error(
        diag, (struct psim_loc){0},
        "plot energy: '%s' has no energy roofline: what a byte of its memory takes "
        "(energy) and what the operations take is needed, and FLOP in a kernel",
        input.hw->name);
    return PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_with, &psim_option_measured, &psim_option_only,
    &psim_option_host_timed, NULL};

const struct psim_plot_kind psim_plot_energy = {
    .name = "energy",
    .usage = "MACHINE WORKLOAD...",
    .doc = "J/FLOP against FLOP/B: energy balance beside time balance",
    .options = options,
    .least_words = 2,
    .draw = draw,
};
