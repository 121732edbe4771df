/* SPDX-License-Identifier: MIT */
/** @file Turns of knobs as words of a command line, there and back. */
#pragma once

#include "cli/command.h"
#include "explore/knob.h"

/** The words of a workload on the command line. */
struct psim_turn_words {
    const struct psim_arguments *arguments;
    const char *const *words;
    size_t n;
};

/** The workload again, with what a turn changes in it; for psim_turner.load.
 * @param context struct psim_turn_words @return NULL after an error */
const struct psim_workload *psim_turn_workload(void *context, struct psim_arena *arena,
                                               struct psim_diag *diag,
                                               const struct psim_turn *turn);

/** "--set 'a.b=2 B/s' --with batch=2": for a shell. */
const char *psim_turn_options(struct psim_arena *arena, const struct psim_turn *turn);
