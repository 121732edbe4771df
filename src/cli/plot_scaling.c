/* SPDX-License-Identifier: MIT */
/** @file plot scaling: a metric over a parameter of the workload or of the machine. */
#include <string.h>

#include "cli/plot.h"
#include "cli/sweep.h"
#include "report/plots.h"
#include "util/arena.h"
#include "util/str.h"

static const struct psim_loc nowhere;

static const struct psim_metric *
find_metric(struct psim_diag *diag, const char *key)
{
    if (!key) key = "time_s";
    struct psim_guess guess = psim_guess_start(key);
    for (size_t i = 0; i < psim_metric_count; i++) {
        if (psim_str_equal(psim_metrics[i].key, key)) return &psim_metrics[i];
        psim_guess_try(&guess, psim_metrics[i].key);
    }
    psim_error(diag, nowhere,
               "--metric: no metric '%s'; 'perfsim list metrics' shows all",
               psim_str_excerpt(diag->arena, key));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return NULL;
}

/** Units of which more work side by side: "parallel_groups.core.number". */
static bool
counts_units(const struct psim_sweep *sweep)
{
    static const char ending[] = ".number";
    for (size_t i = 0; i < sweep->n_keys; i++) {
        const size_t len = strlen(sweep->keys[i]), n = sizeof ending - 1;
        if (len <= n || !psim_sweep_of_machine(sweep->keys[i]) ||
            !psim_str_equal(sweep->keys[i] + len - n, ending)) {
            return false;
        }
    }
    return true;
}

/** What a workload is called without the key that is swept: "gemm" of "gemm, m=16". */
static const char *
name_without(struct psim_arena *arena, const char *name, const struct psim_sweep *sweep)
{
    const char *with = strstr(name, psim_arena_printf(arena, ", %s=", sweep->keys[0]));
    return with ? psim_arena_copy(arena, name, (size_t)(with - name)) : name;
}

/** Results of every value, of one workload after the other. */
static bool
predict_all(struct psim_arena *arena, struct psim_diag *diag,
            const struct psim_arguments *arguments, const struct psim_sweep *sweep,
            const char *const *words, size_t n, struct psim_scaling_data *ret)
{
    const struct psim_result **results =
        PSIM_NEW_N(arena, const struct psim_result *, n * sweep->n);
    for (size_t i = 0; i < sweep->n; i++) {
        const struct psim_arguments one =
            psim_sweep_arguments(arena, sweep, arguments, i);
        struct psim_plot_input input;
        if (!psim_plot_load(arena, diag, &one, words, n, &input)) {
            psim_note(diag, nowhere, "that is where %s is %s", sweep->parameter,
                      sweep->texts[i]);
            return false;
        }
        for (size_t run = 0; run < input.n; run++) {
            results[run * sweep->n + i] = input.results[run];
        }
        ret->n_runs = input.n;
        ret->machine = input.hw->title;
    }
    const char **names = PSIM_NEW_N(arena, const char *, ret->n_runs);
    for (size_t run = 0; run < ret->n_runs; run++) {
        names[run] = name_without(arena, results[run * sweep->n]->workload, sweep);
    }
    ret->results = results;
    ret->names = names;
    return true;
}

static int
draw(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const char *const *words, size_t n,
     const struct psim_figure_style *style, struct psim_figure **ret_figure)
{
    struct psim_sweep sweep;
    const struct psim_metric *metric = find_metric(diag, arguments->metric);
    if (!metric) return PSIM_EXIT_USAGE;
    if (!arguments->sweep) {
        psim_error(diag, nowhere, "plot scaling: --sweep KEY=V1,V2,... is needed");
        return PSIM_EXIT_USAGE;
    }
    if (!psim_sweep_read(arena, diag, arguments->sweep, &sweep)) return PSIM_EXIT_USAGE;
    struct psim_scaling_data data = {
        .parameter = sweep.parameter,
        .values = sweep.values,
        .texts = sweep.texts,
        .n = sweep.n,
        .words = sweep.words,
        .parallel = counts_units(&sweep),
        .metric = metric,
    };
    if (!predict_all(arena, diag, arguments, &sweep, words, n, &data)) {
        return PSIM_EXIT_INPUT;
    }
    *ret_figure = psim_scaling_figure(arena, style, &data);
    if (*ret_figure) return PSIM_EXIT_OK;
    psim_error(diag, nowhere, "plot scaling: '%s' is not known on '%s'", metric->key,
               data.results[0]->machine);
    return PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_with, &psim_option_sweep, &psim_option_metric, NULL};

const struct psim_plot_kind psim_plot_scaling = {
    .name = "scaling",
    .usage = "MACHINE WORKLOAD... --sweep KEY=VALUES",
    .doc = "a metric over a parameter of the workload or of the machine",
    .options = options,
    .least_words = 2,
    .draw = draw,
};
