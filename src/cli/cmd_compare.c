/* SPDX-License-Identifier: MIT */
/** @file compare: predictions beside measurements. */
#include "cli/command.h"
#include "compare/compare.h"
#include "util/arena.h"

const struct psim_hw *
psim_compare_words(struct psim_arena *arena, struct psim_diag *diag,
                   const struct psim_arguments *arguments,
                   const struct psim_engine *engine, struct psim_comparison *ret)
{
    const struct psim_hw *hw =
        psim_load_machine(arena, diag, arguments->words[0], arguments);
    size_t n_records = 0;
    *ret = (struct psim_comparison){0};
    for (size_t i = 1; i < arguments->n_words; i++) {
        const struct psim_measured *measured =
            psim_load_measured(arena, diag, arguments, arguments->words[i]);
        if (!hw || !measured) continue;
        n_records += measured->n_records;
        psim_measured_check_device(diag, measured, hw);
        psim_compare_add(arena, hw, engine, measured, ret);
    }
    const bool ok = hw && diag->error_count == 0;
    return ok && psim_check_only(diag, arguments, n_records) ? hw : NULL;
}

static int
compare(struct psim_arena *arena, struct psim_diag *diag,
        const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    const struct psim_engine *engine = psim_need_engine(diag, arguments->engine);
    if (!format || !engine) return PSIM_EXIT_USAGE;
    struct psim_comparison comparison;
    if (!psim_compare_words(arena, diag, arguments, engine, &comparison)) {
        return PSIM_EXIT_INPUT;
    }
    struct psim_document document;
    psim_compare_document(arena, &comparison, &document);
    return psim_write_document(diag, format, &document, arguments->output)
               ? PSIM_EXIT_OK
               : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_one_engine, &psim_option_format, &psim_option_only,
    &psim_option_host_timed, &psim_option_output, &psim_option_overlay,
    &psim_option_no_overlay, &psim_option_set,    NULL,
};

const struct psim_command psim_command_compare = {
    .name = "compare",
    .usage = "MACHINE MEASUREMENTS...",
    .doc = "set predictions beside measured times",
    .options = options,
    .least_words = 2,
    .run = compare,
};
