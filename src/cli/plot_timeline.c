/* SPDX-License-Identifier: MIT */
/** @file plot timeline: units against time, by the event engine. */
#include "cli/plot.h"
#include "report/plots.h"

static const struct psim_result *
predict(struct psim_arena *arena, struct psim_diag *diag,
        const struct psim_arguments *arguments, double width_px)
{
    const char *const *words = arguments->words;
    /* Points nearer than three pixels are not told apart, a kernel of six of them is
     * too narrow to look into. A picture is not worth more than half a second. */
    const struct psim_timeline_limits limits = {
        .placed = 8000,
        .points = (size_t)(width_px / 3),
        .steps = 1e7,
        .seen_points = 6,
    };
    const struct psim_predict_options how = {
        .engine =
            psim_need_engine(diag, arguments->engine ? arguments->engine : "event"),
        .timeline = &limits,
    };
    const struct psim_hw *hw = psim_load_machine(arena, diag, words[0], arguments);
    const struct psim_workload *workload =
        psim_load_workload(arena, diag, arguments, words + 1, arguments->n_words - 1);
    if (!how.engine || !hw || !workload) return NULL;
    return psim_predict(arena, diag, hw, workload, &how);
}

static int
draw(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const struct psim_figure_style *style,
     struct psim_figure **ret_figure)
{
    const struct psim_result *result = predict(arena, diag, arguments, style->width_px);
    if (!result) return PSIM_EXIT_INPUT;
    *ret_figure = psim_timeline_figure(arena, style, result);
    return PSIM_EXIT_OK;
}

static const struct psim_option *const options[] = {&psim_option_with, NULL};

const struct psim_plot_kind psim_plot_timeline = {
    .name = "timeline",
    .usage = "MACHINE WORKLOAD | MACHINE OP KEY=VALUE...",
    .doc = "work-groups on their units over time; by the event engine, unless told",
    .options = options,
    .least_words = 2,
    .draw = draw,
};
