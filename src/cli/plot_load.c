/* SPDX-License-Identifier: MIT */
/** @file What most plots need: a machine, and predictions of workloads on it. */
#include "cli/plot.h"
#include "sim/roofs.h"
#include "util/arena.h"
#include "util/str.h"

/** Records of all workloads and of their ops. */
static bool
load_measured(struct psim_arena *arena, struct psim_diag *diag,
              const struct psim_arguments *arguments, struct psim_plot_input *ret)
{
    size_t room = 1;
    struct psim_besides *besides = PSIM_NEW_N(arena, struct psim_besides, ret->n);
    for (size_t run = 0; run < ret->n; run++) {
        if (!psim_load_besides(arena, diag, arguments, ret->hw, ret->workloads[run],
                               &besides[run])) {
            return false;
        }
        room += besides[run].n;
    }
    struct psim_measured_point *points =
        PSIM_NEW_N(arena, struct psim_measured_point, room);
    for (size_t run = 0; run < ret->n; run++) {
        for (size_t i = 0; i < besides[run].n; i++) {
            const struct psim_beside *b = &besides[run].items[i];
            points[ret->n_measured++] = (struct psim_measured_point){
                .run = run,
                .op = b->whole ? NULL : b->op,
                .flop = b->flop,
                .predicted_s = b->pair.predicted_s,
                .measured_s = b->pair.record->time_s,
                .predicted_j = b->pair.predicted_j,
                .measured_j = b->pair.record->energy_j,
            };
        }
    }
    ret->measured = points;
    return true;
}

/** What is looked for and found nowhere is a slip, or a file of other work. */
static void
warn_of_none(struct psim_diag *diag, const struct psim_arguments *arguments,
             const struct psim_plot_input *input)
{
    if (!arguments->measured || input->n_measured > 0) return;
    psim_warning(diag, (struct psim_loc){0},
                 "--measured: no record of '%s' is of these workloads or of their ops",
                 psim_str_excerpt(diag->arena, arguments->measured));
}

bool
psim_plot_load(struct psim_arena *arena, struct psim_diag *diag,
               const struct psim_arguments *arguments, struct psim_plot_input *ret)
{
    const char *const *words = arguments->words;
    const size_t n = arguments->n_words;
    struct psim_predict_options how = {.engine =
                                           psim_need_engine(diag, arguments->engine)};
    if (!how.engine) return false;
    *ret = (struct psim_plot_input){
        .hw = psim_load_machine(arena, diag, words[0], arguments),
        .workloads = PSIM_NEW_N(arena, const struct psim_workload *, n),
        .results = PSIM_NEW_N(arena, const struct psim_result *, n),
    };
    for (size_t at = 1; at < n;) {
        const size_t len = psim_workload_word_count(words + at, n - at);
        ret->workloads[ret->n++] =
            psim_load_workload(arena, diag, arguments, words + at, len);
        at += len;
    }
    if (!ret->hw || diag->error_count > 0) return false;
    for (size_t i = 0; i < ret->n; i++) {
        ret->results[i] = psim_predict(arena, diag, ret->hw, ret->workloads[i], &how);
        if (!ret->results[i]) return false;
    }
    if (!load_measured(arena, diag, arguments, ret)) return false;
    warn_of_none(diag, arguments, ret);
    struct psim_machine_roofs *roofs = PSIM_NEW(arena, struct psim_machine_roofs);
    psim_machine_roofs(arena, ret->hw, roofs);
    ret->roofline = (struct psim_roofline_data){
        .roofs = roofs,
        .results = ret->results,
        .n_results = ret->n,
        .measured = ret->measured,
        .n_measured = ret->n_measured,
    };
    return true;
}

const struct psim_option *const psim_roof_options[] = {
    &psim_option_with, &psim_option_measured, &psim_option_only,
    &psim_option_host_timed, NULL};

int
psim_plot_roofs(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_arguments *arguments,
                const struct psim_figure_style *style,
                const struct psim_roof_plot *plot, struct psim_figure **ret_figure)
{
    struct psim_plot_input input;
    if (!psim_plot_load(arena, diag, arguments, &input)) return PSIM_EXIT_INPUT;
    *ret_figure = plot->figure(arena, style, &input.roofline);
    if (*ret_figure) return PSIM_EXIT_OK;
    psim_error(diag, (struct psim_loc){0}, "plot %s: '%s' lacks what is needed: %s",
               plot->kind, input.hw->name, plot->needs);
    return PSIM_EXIT_INPUT;
}
