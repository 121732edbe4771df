/* SPDX-License-Identifier: MIT */
/** @file What most plots need: a machine, and predictions of workloads on it. */
#include "cli/plot.h"
#include "util/arena.h"

bool
psim_plot_load(struct psim_arena *arena, struct psim_diag *diag,
               const struct psim_arguments *arguments, const char *const *words,
               size_t n, struct psim_plot_input *ret)
{
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
    return true;
}
