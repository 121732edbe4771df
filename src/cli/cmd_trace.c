/* SPDX-License-Identifier: MIT */
/** @file trace: what happens when, for viewers of traces. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "report/trace.h"
#include "util/arena.h"

static bool
write_trace(struct psim_arena *arena, struct psim_diag *diag,
            const struct psim_result *result, const char *path)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    psim_trace_write(arena, result, out);
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const bool ok = path ? psim_write_bytes(diag, text, len, path)
                         : psim_write_text(diag, text, path);
    free(text);
    return ok;
}

static int
trace(struct psim_arena *arena, struct psim_diag *diag,
      const struct psim_arguments *arguments)
{
    const struct psim_timeline_limits limits = {0};
    struct psim_predict_options how = {
        .engine =
            psim_need_engine(diag, arguments->engine ? arguments->engine : "event"),
        .sustained = arguments->sustained,
        .timeline = &limits,
    };
    if (!how.engine || !psim_read_launch(diag, arguments->launch, &how)) {
        return PSIM_EXIT_USAGE;
    }
    const struct psim_hw *hw =
        psim_load_machine(arena, diag, arguments->words[0], arguments);
    const struct psim_workload *workload = psim_load_workload(
        arena, diag, arguments, arguments->words + 1, arguments->n_words - 1);
    if (!hw || !workload) return PSIM_EXIT_INPUT;
    const struct psim_result *result = psim_predict(arena, diag, hw, workload, &how);
    if (!result) return PSIM_EXIT_INPUT;
    return write_trace(arena, diag, result, arguments->output) ? PSIM_EXIT_OK
                                                               : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_output,     &psim_option_timed_engine, &psim_option_overlay,
    &psim_option_no_overlay, &psim_option_set,          &psim_option_with,
    &psim_option_sustained,  &psim_option_launch,       NULL,
};

const struct psim_command psim_command_trace = {
    .name = "trace",
    .usage = "MACHINE WORKLOAD -o FILE | MACHINE OP KEY=VALUE... -o FILE",
    .doc = "write what happens when, as trace events for Perfetto",
    .options = options,
    .least_words = 2,
    .run = trace,
};
