/* SPDX-License-Identifier: MIT */
/** @file run: predict a workload on a machine. */
#include "cli/command.h"
#include "result/tables.h"
#include "util/str.h"

static const struct psim_result *
predict(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
        const struct psim_workload *workload, const struct psim_predict_options *how,
        const char *engine)
{
    struct psim_predict_options options = *how;
    options.engine = psim_need_engine(diag, engine);
    return options.engine ? psim_predict(arena, diag, hw, workload, &options) : NULL;
}

static int
run(struct psim_arena *arena, struct psim_diag *diag,
    const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    const bool both = arguments->engine && psim_str_equal(arguments->engine, "both");
    if (!both && !psim_need_engine(diag, arguments->engine)) return PSIM_EXIT_USAGE;
    struct psim_predict_options how = {.sustained = arguments->sustained};
    if (!format || !psim_read_launch(diag, arguments->launch, &how))
        return PSIM_EXIT_USAGE;
    const struct psim_hw *hw =
        psim_load_machine(arena, diag, arguments->words[0], arguments);
    const struct psim_workload *workload = psim_load_workload(
        arena, diag, arguments, arguments->words + 1, arguments->n_words - 1);
    if (!hw || !workload) {
        return PSIM_EXIT_INPUT; /* both were read: both are reported */
    }

    struct psim_besides besides;
    if (!psim_load_besides(arena, diag, arguments, hw, workload, &besides)) {
        return PSIM_EXIT_INPUT;
    }
    const struct psim_result *result =
        predict(arena, diag, hw, workload, &how, both ? "event" : arguments->engine);
    if (!result) return PSIM_EXIT_INPUT;
    struct psim_document document;
    psim_result_document(arena, result, &document);
    if (both) {
        const struct psim_result *analytic =
            predict(arena, diag, hw, workload, &how, "analytic");
        if (!analytic) return PSIM_EXIT_INPUT;
        psim_result_difference(arena, analytic, result, &document);
    }
    if (arguments->measured) psim_beside_document(arena, &besides, &document);
    return psim_write_document(diag, format, &document, arguments->output)
               ? PSIM_EXIT_OK
               : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_engine,
    &psim_option_format,
    &psim_option_output,
    &psim_option_overlay,
    &psim_option_no_overlay,
    &psim_option_set,
    &psim_option_with,
    &psim_option_sustained,
    &psim_option_launch,
    &psim_option_measured,
    NULL,
};

const struct psim_command psim_command_run = {
    .name = "run",
    .usage = "MACHINE WORKLOAD | MACHINE OP KEY=VALUE...",
    .doc = "predict how long a workload takes on a machine",
    .options = options,
    .least_words = 2,
    .run = run,
};
