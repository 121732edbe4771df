/* SPDX-License-Identifier: MIT */
/** @file plot breakdown: what binds each kernel. */
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
    *ret_figure =
        psim_breakdown_figure(arena, style, input.hw->title, input.results, input.n);
    return PSIM_EXIT_OK;
}

static const struct psim_option *const options[] = {&psim_option_with, NULL};

const struct psim_plot_kind psim_plot_breakdown = {
    .name = "breakdown",
    .usage = "MACHINE WORKLOAD...",
    .doc = "the time of each kernel: what binds it, and what comes on top",
    .options = options,
    .least_words = 2,
    .draw = draw,
};
