/* SPDX-License-Identifier: MIT */
/** @file plot roofline: what a machine can do, and what kernels make of it. */
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
    *ret_figure = psim_roofline_figure(arena, style, &input.roofline);
    if (*ret_figure) return PSIM_EXIT_OK;
    psim_error(
        diag, (struct psim_loc){0},
        "plot roofline: '%s' has no roofline: a memory's bandwidth, an operation's "
        "throughput, and FLOP in a kernel are needed",
        input.hw->name);
    return PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_with, &psim_option_measured, &psim_option_only,
    &psim_option_host_timed, NULL};

const struct psim_plot_kind psim_plot_roofline = {
    .name = "roofline",
    .usage = "MACHINE WORKLOAD...",
    .doc = "FLOP/s against FLOP/B: a slope for each memory, a ceiling for each unit",
    .options = options,
    .least_words = 2,
    .draw = draw,
};
