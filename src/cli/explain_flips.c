/* SPDX-License-Identifier: MIT */
/** @file What would change the verdict, as options that a person can type. */
#include "cli/explain_flips.h"

#include <string.h>

#include "cli/turn_words.h"
#include "explain/flips.h"
#include "util/arena.h"

#define NONE PSIM_DIM_NONE

/* clang-format off */
static const struct psim_column columns[] = {
    {"knob", "knob", NONE, false},
    {"change", "smallest change", NONE, false},
    {"factor", NULL, NONE, false},
    {"verdict", "then", NONE, false},
    {"time_s", "in", PSIM_DIM_SECONDS, false},
    {"options", "to see it", NONE, false},
};
/* clang-format on */

/** What a line for people has room for. */
enum { MOST_WORDS = 160 };

/** How far was looked, where nothing was found. */
static const char *
none_words(struct psim_arena *arena, const struct psim_knob *knob)
{
    if (!knob->scale) return "none of the choices";
    return psim_arena_printf(arena, "none from x 1/%d to x %d", PSIM_FLIP_MOST,
                             PSIM_FLIP_MOST);
}

void
psim_explain_flips(struct psim_arena *arena, const struct psim_turn_words *words,
                   const struct psim_hw_text *text, const struct psim_knob_case *at,
                   const struct psim_predict_options *how, bool narrow,
                   struct psim_document *document)
{
    struct psim_turn_words context = *words;
    const struct psim_turner turner = {.text = text,
                                       .options = how,
                                       .load = psim_turn_workload,
                                       .context = &context,
                                       .threads = 1};
    struct psim_flip flips[PSIM_MAX_FLIPS];
    const size_t n = psim_flips_find(arena, at, &turner, flips);
    struct psim_table *table =
        psim_document_table(document, "flips", "What would change the verdict", columns,
                            PSIM_COUNT(columns));
    for (size_t i = 0; i < n; i++) {
        const struct psim_flip *flip = &flips[i];
        struct psim_cell *row = psim_table_row(arena, table);
        row[0] = psim_cell_text(flip->knob->name);
        if (!flip->found) {
            row[1] = psim_cell_text(none_words(arena, flip->knob));
            continue;
        }
        row[1] = psim_cell_text(flip->turn.label);
        if (flip->turn.factor > 0) row[2] = psim_cell_number(flip->turn.factor);
        row[3] = psim_cell_text(psim_verdict_name(flip->verdict));
        row[4] = psim_cell_number(flip->time_s);
        const char *options = psim_turn_options(arena, &flip->turn);
        const bool too_long = narrow && strlen(options) > MOST_WORDS;
        row[5] = psim_cell_text(too_long ? "many figures: --full shows them" : options);
    }
}
