/* SPDX-License-Identifier: MIT */
/** @file Commands and their options: one table each, usage is printed from it. */
#pragma once

#include "compare/beside.h"
#include "report/format.h"
#include "sim/predict.h"

enum psim_exit {
    PSIM_EXIT_OK = 0,
    PSIM_EXIT_INPUT = 1, /**< the input is wrong or the job could not be done */
    PSIM_EXIT_USAGE = 2,
    PSIM_EXIT_BOUND = 3, /**< a stated bound does not hold */
};

/** What options say. Lists grow in the order of the command line. */
struct psim_arguments {
    const char **words; /**< what is no option */
    size_t n_words;
    const char *engine, *format, *output, *launch, *measured;
    const char *parameters, *folds, *holdout, *date;
    const char *device, *threads, *repeats, *seconds;
    const char *script, *width, *sweep, *metric;
    const char **overlays, **sets, **with, **only, **keep;
    size_t n_overlays, n_sets, n_with, n_only, n_keep;
    bool no_overlay, no_timeline, host_timed, program, mappings, full, check, sustained,
        cold, hot, micro, dark;
};

struct psim_option {
    const char *name;     /**< "--engine" */
    const char *argument; /**< "NAME"; NULL: a flag */
    const char *doc;
    size_t offset;       /**< in psim_arguments: const char *, bool, or a list */
    size_t count_offset; /**< of a list's length; 0: not a list */
    /** Prints what it may be, instead of `doc`; the first is the default. */
    void (*print_doc)(FILE *out);
};

struct psim_command {
    const char *name;
    const char *usage; /**< what follows the name */
    const char *doc;
    const struct psim_option *const *options; /**< ended by NULL */
    size_t least_words, most_words;           /**< 0 most: any number */
    bool no_words;
    int (*run)(struct psim_arena *arena, struct psim_diag *diag,
               const struct psim_arguments *arguments);
};

/** The list, ended by NULL. */
extern const struct psim_command *const psim_commands[];

extern const struct psim_option psim_option_engine, psim_option_one_engine,
    psim_option_timed_engine, psim_option_format, psim_option_output,
    psim_option_overlay, psim_option_no_overlay, psim_option_set, psim_option_with,
    psim_option_measured, psim_option_sustained, psim_option_full, psim_option_program,
    psim_option_mappings, psim_option_check, psim_option_only, psim_option_host_timed,
    psim_option_launch, psim_option_device, psim_option_threads, psim_option_repeats,
    psim_option_cold, psim_option_hot, psim_option_micro, psim_option_seconds,
    psim_option_parameters, psim_option_folds, psim_option_holdout, psim_option_date,
    psim_option_workers, psim_option_keep, psim_option_fitted, psim_option_picture,
    psim_option_script, psim_option_dark, psim_option_width, psim_option_no_timeline,
    psim_option_sweep, psim_option_metric;

/**
 * Read the words after the command's name; behind "--" none is an option.
 * @return false after an error: wrong usage
 */
bool psim_arguments_read(struct psim_arena *arena, struct psim_diag *diag,
                         const struct psim_command *command, int argc, char **argv,
                         struct psim_arguments *ret);

/** --launch. @return false after an error: wrong usage */
bool psim_read_launch(struct psim_diag *diag, const char *name,
                      struct psim_predict_options *ret);

/** What `perfsim --help` and `perfsim COMMAND --help` print. */
void psim_usage(FILE *out);
void psim_command_usage(FILE *out, const struct psim_command *command);

/* --- what several commands need -------------------------------------------- */

/** What is looked for by its name. */
struct psim_file_kind {
    const char *folder, *ending; /**< "specs", ".yaml" */
    const char *what;            /**< "machine" */
    const char *list;            /**< what `perfsim list` calls them; NULL: nothing */
};

extern const struct psim_file_kind psim_machine_files, psim_workload_files,
    psim_measurement_files;

/** A path as it is, else a name in the data folders; NULL after an error. */
const char *psim_find_file(struct psim_arena *arena, struct psim_diag *diag,
                           const struct psim_file_kind *kind, const char *name);

/** The same for a name of any kind. */
const char *psim_find_any(struct psim_arena *arena, struct psim_diag *diag,
                          const char *name);

/** The data folders that exist, nearest first. @return how many */
size_t psim_data_folders(struct psim_arena *arena, const char *ret[4]);

/** A machine's files laid over each other. @return false after an error */
bool psim_open_machine(struct psim_arena *arena, struct psim_diag *diag,
                       const char *name, const struct psim_arguments *arguments,
                       struct psim_hw_text *ret);

/** A machine with its overlays and settings. */
const struct psim_hw *psim_load_machine(struct psim_arena *arena,
                                        struct psim_diag *diag, const char *name,
                                        const struct psim_arguments *arguments);

/** The records of a file that the options leave; NULL after an error. */
const struct psim_measured *psim_load_measured(struct psim_arena *arena,
                                               struct psim_diag *diag,
                                               const struct psim_arguments *arguments,
                                               const char *word);

/** Records of the workload and of its ops, of the file that --measured names; none
 * without it. @return false after an error */
bool psim_load_besides(struct psim_arena *arena, struct psim_diag *diag,
                       const struct psim_arguments *arguments, const struct psim_hw *hw,
                       const struct psim_workload *workload, struct psim_besides *ret);

/** A pattern of --only that nothing matches is a slip: nothing compared is no answer.
 * @return false after an error */
bool psim_check_only(struct psim_diag *diag, const struct psim_arguments *arguments,
                     size_t n_records);

struct psim_comparison;

/**
 * "MACHINE MEASUREMENTS...": predictions beside all records that the options leave.
 *
 * @return the machine; NULL after an error
 */
const struct psim_hw *psim_compare_words(struct psim_arena *arena,
                                         struct psim_diag *diag,
                                         const struct psim_arguments *arguments,
                                         const struct psim_engine *engine,
                                         struct psim_comparison *ret);

/** How many of some words are the first workload: a name, or an op with KEY=VALUE. */
size_t psim_workload_word_count(const char *const *words, size_t n);

/** A workload file, or an op in words; with what --with says. */
const struct psim_workload *psim_load_workload(struct psim_arena *arena,
                                               struct psim_diag *diag,
                                               const struct psim_arguments *arguments,
                                               const char *const *words, size_t n);

/** By name; NULL after an error that lists what there is. */
const struct psim_engine *psim_need_engine(struct psim_diag *diag, const char *name);
const struct psim_format *psim_need_format(struct psim_diag *diag, const char *name);

/**
 * Write a text to a file, which is there whole or not at all, or to stdout. What
 * must not reach a terminal is shown as '?'. What is no plain file, such as a
 * device, is written to as it is.
 *
 * @param path NULL: stdout
 * @return false after an error
 */
bool psim_write_text(struct psim_diag *diag, const char *text, const char *path);

/** The same for bytes as they are; @p path is not NULL. */
bool psim_write_bytes(struct psim_diag *diag, const char *bytes, size_t len,
                      const char *path);

/** The same for a document in a format. */
bool psim_write_document(struct psim_diag *diag, const struct psim_format *format,
                         const struct psim_document *document, const char *path);

/** The same for a page of HTML. */
struct psim_page;
bool psim_write_page(struct psim_diag *diag, const struct psim_page *page,
                     const char *path);

/** Whether a stream is a terminal that may be coloured (NO_COLOR). */
bool psim_may_colour(FILE *stream);

/** What the options say of how to measure; false after an error: wrong usage. */
struct psim_measure_options;
bool psim_measure_options(struct psim_diag *diag,
                          const struct psim_arguments *arguments,
                          struct psim_measure_options *ret);

/** Ctrl-C is held back from now on: devices ask for it between two steps. */
void psim_hold_interrupts(void);
