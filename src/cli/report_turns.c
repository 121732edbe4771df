/* SPDX-License-Identifier: MIT */
/** @file Every knob turned: "what if", predicted when the report is made. */
#include <unistd.h>

#include "cli/report_parts.h"
#include "explore/turned.h"
#include "sim/roofs.h"
#include "util/arena.h"

static struct psim_page_turn
turn_of(struct psim_arena *arena, const struct psim_turned *turned)
{
    struct psim_page_turn ret = {
        .knob = turned->knob->name,
        .title = turned->knob->title,
        .doc = turned->knob->doc,
        .label = turned->turn.label,
        .factor = turned->turn.factor,
        .as_is = turned->turn.as_is,
        .options = psim_turn_options(arena, &turned->turn),
        .why_not = turned->why_not,
        .result = turned->result,
    };
    if (turned->hw) psim_machine_roofs(arena, turned->hw, &ret.roofs);
    return ret;
}

void
psim_report_turns(struct psim_arena *arena, const struct psim_turn_words *words,
                  const struct psim_hw_text *text, const struct psim_knob_case *at,
                  const struct psim_predict_options *how, struct psim_page_run *ret)
{
    struct psim_turned *turned;
    const size_t n = psim_turned_list(arena, at, &turned);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct psim_turn_words context = *words;
    const struct psim_turner turner = {
        .text = text,
        .options = how,
        .load = psim_turn_workload,
        .context = &context,
        .threads = processors > 1 ? (unsigned)processors : 1,
    };
    psim_turned_predict(arena, &turner, turned, n);
    struct psim_page_turn *turns = PSIM_NEW_N(arena, struct psim_page_turn, n + 1);
    for (size_t i = 0; i < n; i++) {
        turns[i] = turn_of(arena, &turned[i]);
    }
    ret->turns = turns;
    ret->n_turns = n;
}
