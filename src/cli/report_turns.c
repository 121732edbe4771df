/* SPDX-License-Identifier: MIT */
/** @file Every knob turned: "what if", predicted when the report is made. */
#include <string.h>
#include <unistd.h>

#include "cli/report_parts.h"
#include "explore/turned.h"
#include "sim/roofs.h"
#include "util/arena.h"

/** The workload again, with what a knob changes in it. */
static const struct psim_workload *
load(void *context, struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_turn *turn)
{
    const struct psim_report_words *words = context;
    struct psim_arguments with = *words->arguments;
    const char **all = PSIM_NEW_N(arena, const char *, with.n_with + turn->n_with + 1);
    for (size_t i = 0; i < with.n_with; i++) {
        all[i] = with.with[i];
    }
    for (size_t i = 0; i < turn->n_with; i++) {
        all[with.n_with + i] = turn->with[i];
    }
    with.with = all;
    with.n_with += turn->n_with;
    return psim_load_workload(arena, diag, &with, words->words, words->n);
}

/** "--set 'a.b=2 B/s'": for a shell. */
static const char *
add_option(struct psim_arena *arena, const char *text, const char *option,
           const char *value)
{
    const char *join = *text ? " " : "";
    if (strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                      "._=-/") == strlen(value)) {
        return psim_arena_printf(arena, "%s%s%s %s", text, join, option, value);
    }
    char *quoted = psim_arena_alloc(arena, 4 * strlen(value) + 1, 1);
    size_t n = 0;
    for (const char *c = value; *c; c++) {
        if (*c == '\'') {
            memcpy(quoted + n, "'\\'", 3);
            n += 3;
        }
        quoted[n++] = *c;
    }
    return psim_arena_printf(arena, "%s%s%s '%s'", text, join, option, quoted);
}

static const char *
options_of(struct psim_arena *arena, const struct psim_turn *turn)
{
    const char *text = "";
    for (size_t i = 0; i < turn->n_sets; i++) {
        text = add_option(arena, text, "--set", turn->sets[i]);
    }
    for (size_t i = 0; i < turn->n_with; i++) {
        text = add_option(arena, text, "--with", turn->with[i]);
    }
    return text;
}

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
        .options = options_of(arena, &turned->turn),
        .why_not = turned->why_not,
        .result = turned->result,
    };
    if (turned->hw) psim_machine_roofs(arena, turned->hw, &ret.roofs);
    return ret;
}

void
psim_report_turns(struct psim_arena *arena, const struct psim_report_words *words,
                  const struct psim_hw_text *text, const struct psim_hw *hw,
                  const struct psim_workload *workload,
                  const struct psim_predict_options *how, struct psim_page_run *ret)
{
    const struct psim_knob_case at = {hw, workload, ret->result};
    struct psim_turned *turned;
    const size_t n = psim_turned_list(arena, &at, &turned);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct psim_report_words context = *words;
    const struct psim_turner turner = {
        .text = text,
        .options = how,
        .load = load,
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
