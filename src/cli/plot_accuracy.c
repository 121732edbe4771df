/* SPDX-License-Identifier: MIT */
/** @file plot accuracy: predicted against measured times of measurement files. */
#include <string.h>

#include "cli/plot.h"
#include "compare/compare.h"
#include "report/plots.h"
#include "util/arena.h"
#include "util/str.h"

static const struct psim_loc nowhere;

/** Index of a group in the list, at its end where it is new: "gemm" of "gemm/blas". */
static size_t
group_of(struct psim_arena *arena, const char *name, const char **groups, size_t *n)
{
    const char *family = psim_arena_copy(arena, name, strcspn(name, "/"));
    for (size_t i = 0; i < *n; i++) {
        if (psim_str_equal(groups[i], family)) return i;
    }
    groups[*n] = family;
    return (*n)++;
}

static void
take_pairs(struct psim_arena *arena, const struct psim_comparison *comparison,
           struct psim_accuracy_data *ret)
{
    const size_t room = comparison->n_pairs + 1;
    struct psim_accuracy_point *points =
        PSIM_NEW_N(arena, struct psim_accuracy_point, room);
    const char **groups = PSIM_NEW_N(arena, const char *, room);
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        const struct psim_pair *pair = &comparison->pairs[i];
        if (pair->record->time_s <= 0 || pair->predicted_s <= 0) continue;
        points[ret->n++] = (struct psim_accuracy_point){
            .label = pair->record->id,
            .group = group_of(arena, pair->record->group, groups, &ret->n_groups),
            .measured = pair->record->time_s,
            .predicted = pair->predicted_s,
        };
    }
    ret->points = points;
    ret->groups = groups;
}

static int
draw(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const struct psim_figure_style *style,
     struct psim_figure **ret_figure)
{
    const struct psim_engine *engine = psim_need_engine(diag, arguments->engine);
    if (!engine) return PSIM_EXIT_USAGE;
    struct psim_comparison comparison;
    const struct psim_hw *hw =
        psim_compare_words(arena, diag, arguments, engine, &comparison);
    if (!hw) return PSIM_EXIT_INPUT;
    struct psim_accuracy_data data = {.machine = hw->title, .engine = engine->name};
    take_pairs(arena, &comparison, &data);
    if (data.n == 0) {
        psim_error(diag, nowhere,
                   "plot accuracy: no record of these files can be predicted on '%s'; "
                   "'perfsim compare' says why",
                   hw->name);
        return PSIM_EXIT_INPUT;
    }
    *ret_figure = psim_accuracy_figure(arena, style, &data);
    return PSIM_EXIT_OK;
}

static const struct psim_option *const options[] = {&psim_option_only,
                                                    &psim_option_host_timed, NULL};

const struct psim_plot_kind psim_plot_accuracy = {
    .name = "accuracy",
    .usage = "MACHINE MEASUREMENTS...",
    .doc = "predicted against measured times, with bands of 10 and 25 %",
    .options = options,
    .least_words = 2,
    .draw = draw,
};
