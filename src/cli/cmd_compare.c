/* SPDX-License-Identifier: MIT */
/** @file compare: predictions beside measurements. */
#include "cli/command.h"
#include "compare/compare.h"
#include "util/arena.h"
#include "util/str.h"

/** The records of a file that are compared; NULL after an error. */
static const struct psim_measured *
load(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const char *word)
{
    const char *path = psim_find_file(arena, diag, &psim_measurement_files, word);
    const struct psim_measured *all =
        path ? psim_measured_load(arena, diag, path) : NULL;
    if (all && arguments->host_timed) all = psim_measured_by_host(arena, all);
    if (!all || arguments->n_only == 0) return all;
    return psim_measured_only(arena, all, arguments->only, arguments->n_only);
}

/** A pattern that nothing matches is a slip: nothing compared is no answer. */
static bool
check_any(struct psim_diag *diag, const struct psim_arguments *arguments,
          size_t n_records)
{
    static const struct psim_loc nowhere;
    if (n_records > 0 || arguments->n_only == 0) return true;
    return psim_error(diag, nowhere, "--only: no record's id is like '%s'",
                      psim_str_excerpt(diag->arena, arguments->only[0]));
}

static int
compare(struct psim_arena *arena, struct psim_diag *diag,
        const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    const struct psim_engine *engine = psim_need_engine(diag, arguments->engine);
    if (!format || !engine) return PSIM_EXIT_USAGE;
    const struct psim_hw *hw =
        psim_load_machine(arena, diag, arguments->words[0], arguments);
    struct psim_comparison comparison = {0};
    size_t n_records = 0;
    for (size_t i = 1; i < arguments->n_words; i++) {
        const struct psim_measured *measured =
            load(arena, diag, arguments, arguments->words[i]);
        if (!hw || !measured) continue;
        n_records += measured->n_records;
        psim_measured_check_device(diag, measured, hw);
        psim_compare_add(arena, hw, engine, measured, &comparison);
    }
    if (!hw || diag->error_count > 0 || !check_any(diag, arguments, n_records)) {
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
