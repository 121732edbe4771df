/* SPDX-License-Identifier: MIT */
/** @file calibrate: figures of a machine fitted to measurements, as an overlay. */
#include <string.h>
#include <unistd.h>

#include "calibrate/calibrate.h"
#include "calibrate/hash.h"
#include "cli/command.h"
#include "input/text.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_FOLDS = 20, MAX_THREADS = 256 };

static const struct psim_loc nowhere; /* a command line has no lines */

/** A whole number from @p least to @p most; @p fallback where none is given. */
static bool
read_count(struct psim_diag *diag, const char *option, const char *word, int64_t least,
           int64_t most, int64_t *value)
{
    if (!word) return true;
    if (psim_str_whole(word, value) == PSIM_WHOLE_OK && *value >= least &&
        *value <= most) {
        return true;
    }
    return psim_error(
        diag, nowhere, "%s: '%s' stands here; a whole number from %d to %d is needed",
        option, psim_str_excerpt(diag->arena, word), (int)least, (int)most);
}

static bool
check_date(struct psim_diag *diag, const char *date)
{
    static const char form[] = "dddd-dd-dd";
    bool ok = !date || strlen(date) == strlen(form);
    for (size_t i = 0; date && ok && form[i]; i++) {
        const bool digit = date[i] >= '0' && date[i] <= '9';
        ok = form[i] == 'd' ? digit : date[i] == form[i];
    }
    if (ok) return true;
    return psim_error(diag, nowhere,
                      "--date: '%s' is no date; one as 2026-11-21 is needed",
                      psim_str_excerpt(diag->arena, date));
}

static bool
read_numbers(struct psim_diag *diag, const struct psim_arguments *arguments,
             struct psim_calibrate_options *ret)
{
    int64_t folds = 0, threads = sysconf(_SC_NPROCESSORS_ONLN);
    if (threads < 1) threads = 1;
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    bool ok = read_count(diag, "--folds", arguments->folds, 2, MAX_FOLDS, &folds);
    ok = read_count(diag, "--threads", arguments->threads, 1, MAX_THREADS, &threads) &&
         ok;
    ok = check_date(diag, arguments->date) && ok;
    if (arguments->holdout && !psim_str_equal(arguments->holdout, "half")) {
        ok = psim_error(diag, nowhere, "--holdout: '%s' stands here; 'half' is needed",
                        psim_str_excerpt(diag->arena, arguments->holdout));
    } else if (arguments->holdout && arguments->folds) {
        ok = psim_error(diag, nowhere,
                        "--holdout and --folds both leave records out; one of them is "
                        "needed");
    }
    if (arguments->parameters && arguments->n_keep > 0) {
        ok = psim_error(diag, nowhere,
                        "--keep: with --parameters that file says what moves; one of "
                        "the two is needed");
    }
    ret->folds = (size_t)folds;
    ret->threads = (unsigned)threads;
    ret->half = arguments->holdout != NULL;
    ret->date = arguments->date;
    return ok;
}

static bool
read_engines(struct psim_arena *arena, struct psim_diag *diag, const char *name,
             struct psim_calibrate_options *ret)
{
    size_t n = 0;
    if (name && psim_str_equal(name, "both")) {
        while (psim_engines[n]) {
            n++;
        }
        ret->engines = psim_engines;
        ret->n_engines = n;
        return true;
    }
    const struct psim_engine **one = PSIM_NEW_N(arena, const struct psim_engine *, 1);
    *one = psim_need_engine(diag, name);
    ret->engines = one;
    ret->n_engines = 1;
    return *one != NULL;
}

/** One measurement file with its hash; NULL measured after an error. */
static struct psim_input
read_input(struct psim_arena *arena, struct psim_diag *diag,
           const struct psim_arguments *arguments, const char *word)
{
    struct psim_input input = {.measured =
                                   psim_load_measured(arena, diag, arguments, word)};
    const char *bytes;
    size_t n;
    if (!input.measured) return input;
    input.path = psim_find_file(arena, diag, &psim_measurement_files, word);
    if (!psim_text_load(arena, diag, input.path, &bytes, &n)) input.measured = NULL;
    if (input.measured) input.hash = psim_hash_bytes(arena, bytes, n);
    return input;
}

static bool
read_inputs(struct psim_arena *arena, struct psim_diag *diag,
            const struct psim_arguments *arguments, struct psim_input *inputs)
{
    size_t n_records = 0;
    bool ok = true;
    for (size_t i = 1; i < arguments->n_words; i++) {
        inputs[i - 1] = read_input(arena, diag, arguments, arguments->words[i]);
        if (!inputs[i - 1].measured) {
            ok = false;
            continue;
        }
        n_records += inputs[i - 1].measured->n_records;
    }
    return ok && psim_check_only(diag, arguments, n_records);
}

/** Somebody who waits sees what is done; a file or a pipe gets none of it. */
static void
show_progress(void *context, const char *step)
{
    (void)context;
    if (isatty(STDERR_FILENO) == 1) fprintf(stderr, "perfsim: %s\n", step);
}

static int
calibrate(struct psim_arena *arena, struct psim_diag *diag,
          const struct psim_arguments *arguments)
{
    struct psim_calibrate_options options = {
        .keep = arguments->keep,
        .n_keep = arguments->n_keep,
        .parameters_path = arguments->parameters,
        .progress = show_progress,
    };
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    bool ok = read_engines(arena, diag, arguments->engine, &options);
    ok = read_numbers(diag, arguments, &options) && ok;
    if (!format || !ok) return PSIM_EXIT_USAGE;
    const char *lack = psim_linear_lack();
    if (lack) {
        (void)psim_error(diag, nowhere, "calibrate: %s", lack);
        return PSIM_EXIT_INPUT;
    }
    /* First guesses are those of the machine's own file: a fit is not fitted anew. */
    struct psim_arguments without = *arguments;
    without.no_overlay = true;
    struct psim_hw_text machine;
    struct psim_input *inputs =
        PSIM_NEW_N(arena, struct psim_input, arguments->n_words);
    ok = psim_open_machine(arena, diag, arguments->words[0], &without, &machine);
    ok = read_inputs(arena, diag, arguments, inputs) && ok;
    struct psim_calibration calibration;
    if (!ok || !psim_calibrate(arena, diag, &machine,
                               (struct psim_inputs){inputs, arguments->n_words - 1},
                               &options, &calibration)) {
        return PSIM_EXIT_INPUT;
    }
    struct psim_document document;
    psim_calibration_document(arena, &calibration, &document);
    if (arguments->output &&
        !psim_write_text(diag, calibration.overlay, arguments->output)) {
        return PSIM_EXIT_INPUT;
    }
    return psim_write_document(diag, format, &document, NULL) ? PSIM_EXIT_OK
                                                              : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_fitted, &psim_option_engine,
    &psim_option_only,   &psim_option_host_timed,
    &psim_option_keep,   &psim_option_parameters,
    &psim_option_folds,  &psim_option_holdout,
    &psim_option_date,   &psim_option_workers,
    &psim_option_format, &psim_option_overlay,
    &psim_option_set,    NULL,
};

const struct psim_command psim_command_calibrate = {
    .name = "calibrate",
    .usage = "MACHINE MEASUREMENTS...",
    .doc = "fit figures of a machine to measured times and energies",
    .options = options,
    .least_words = 2,
    .run = calibrate,
};
