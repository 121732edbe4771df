/* SPDX-License-Identifier: MIT */
/** @file What pictures of results have in common: what they are called. */
#include "report/plots.h"

#include "util/arena.h"

const char *
psim_words_joined(struct psim_arena *arena, const char *const *words, size_t n)
{
    const char *text = words[0];
    for (size_t i = 1; i < n; i++) {
        text = psim_arena_printf(arena, "%s%s%s", text, i + 1 < n ? ", " : " and ",
                                 words[i]);
    }
    return text;
}

struct psim_figure *
psim_figure_of_results(struct psim_arena *arena, const struct psim_figure_style *style,
                       const char *what, const char *machine,
                       const struct psim_result *const *results, size_t n)
{
    if (n == 1) {
        const char *time =
            psim_quantity_print(arena, results[0]->time_s, PSIM_DIM_SECONDS, 4);
        return psim_figure_new(
            arena, style, results[0]->workload_title,
            psim_arena_printf(arena, "%s: %s on %s", what, time, machine));
    }
    const char **names = PSIM_NEW_N(arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        names[i] = results[i]->workload;
    }
    return psim_figure_new(arena, style, psim_words_joined(arena, names, n),
                           psim_arena_printf(arena, "%s on %s", what, machine));
}
