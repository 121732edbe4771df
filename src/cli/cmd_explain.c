/* SPDX-License-Identifier: MIT */
/** @file explain: why a number of a prediction is what it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/explain_flips.h"
#include "cli/explain_plans.h"
#include "explain/explain.h"
#include "explain/words.h"
#include "util/arena.h"
#include "util/str.h"

static const struct psim_loc nowhere; /* a command line has no lines */

/** What is to be explained: one subject, all of them, or what is said without one. */
struct asked {
    const struct psim_subject *subject;
    bool all;
    size_t n_words; /**< of the machine and the workload */
};

/** The metric is the last word, where that is none of a workload. */
static bool
read_metric(struct psim_diag *diag, const struct psim_arguments *arguments,
            struct asked *ret)
{
    *ret = (struct asked){.n_words = arguments->n_words};
    const char *last = arguments->words[arguments->n_words - 1];
    if (arguments->n_words < 3 || strchr(last, '=')) return true;
    ret->n_words--;
    ret->all = psim_str_equal(last, "all");
    if (!ret->all) ret->subject = psim_subject_need(diag, last);
    if ((ret->all || ret->subject) && (arguments->program || arguments->mappings)) {
        return psim_error(
            diag, nowhere,
            "explain: a metric, --program or --mappings; only one of them");
    }
    return ret->all || ret->subject;
}

/** Print one subject, or add its rows. @return whether it is known */
static bool
say(struct psim_why *why, const struct psim_subject *subject,
    struct psim_printer *printer, FILE *out, struct psim_reason_rows *rows)
{
    const struct psim_reason **reasons;
    const size_t n = psim_explain(why, subject, &reasons);
    for (size_t i = 0; i < n && rows; i++) {
        psim_reason_rows_add(rows, subject->key, reasons[i]);
    }
    for (size_t i = 0; i < n && out; i++) {
        psim_reason_print(printer, out, reasons[i]);
        fputc('\n', out);
    }
    return n > 0;
}

/** All that was asked for, as text or as rows. @return false after an error */
static bool
say_all(struct psim_arena *arena, struct psim_diag *diag, struct psim_why *why,
        const struct asked *asked, FILE *out, struct psim_reason_rows *rows, bool full)
{
    struct psim_printer *printer = psim_printer_new(arena, full);
    for (const struct psim_subject *s = psim_subjects; s->key && asked->all; s++) {
        (void)say(why, s, printer, out, rows);
    }
    if (asked->all) return true;
    const struct psim_subject *subject =
        asked->subject ? asked->subject : &psim_subjects[0];
    if (say(why, subject, printer, out, rows)) return true;
    return subject->run
               ? psim_error(diag, nowhere,
                            "explain: '%s' is not known: the machine's file does not "
                            "say what it takes",
                            subject->key)
               : psim_error(diag, nowhere, "explain: no kernel has a '%s' here",
                            subject->key);
}

static bool
as_text(struct psim_arena *arena, struct psim_diag *diag, struct psim_why *why,
        const struct asked *asked, const struct psim_document *words,
        const struct psim_arguments *arguments)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    if (!asked->subject) {
        psim_formats[0]->write(words, out, false);
        fputc('\n', out);
    }
    bool ok = say_all(arena, diag, why, asked, out, NULL, arguments->full);
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    if (ok) ok = psim_write_text(diag, text, arguments->output);
    free(text);
    return ok;
}

static bool
as_document(struct psim_arena *arena, struct psim_diag *diag, struct psim_why *why,
            const struct asked *asked, struct psim_document *words,
            const struct psim_format *format, const char *output)
{
    struct psim_reason_rows *rows = psim_reason_rows_new(arena, words);
    return say_all(arena, diag, why, asked, NULL, rows, true) &&
           psim_write_document(diag, format, words, output);
}

/** The prediction in words, its numbers taken apart, and what would change it. */
static bool
explain_numbers(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_hw_text *text, const struct psim_knob_case *at,
                const struct psim_predict_options *how, const struct asked *asked,
                const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    const bool is_text = format == psim_formats[0];
    struct psim_why *why = psim_explain_open(arena, diag, at->hw, at->workload, how);
    if (!why) return false;
    struct psim_document words = {.schema = "perfsim/explanation/v1"};
    psim_words_add(arena, psim_explain_result(why), &words);
    /* Each turn is a prediction: of an engine that takes its time, none is asked. */
    if (how->engine->most_steps <= 0 && !asked->subject) {
        struct psim_knob_case turned = *at;
        turned.result = psim_explain_result(why);
        const struct psim_turn_words context = {arguments, arguments->words + 1,
                                                asked->n_words - 1};
        const bool narrow = is_text && !arguments->full;
        psim_explain_flips(arena, &context, text, &turned, how, narrow, &words);
    }
    return is_text ? as_text(arena, diag, why, asked, &words, arguments)
                   : as_document(arena, diag, why, asked, &words, format,
                                 arguments->output);
}

/** Options that exclude each other. */
static bool
check_options(struct psim_diag *diag, const struct psim_arguments *arguments)
{
    if (arguments->program && arguments->mappings) {
        return psim_error(diag, nowhere, "explain: --program or --mappings, not both");
    }
    if (arguments->format && arguments->program) {
        return psim_error(diag, nowhere,
                          "explain: --format is not for --program; a program is text "
                          "of its own");
    }
    return true;
}

static int
explain(struct psim_arena *arena, struct psim_diag *diag,
        const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    struct psim_predict_options how = {.sustained = arguments->sustained};
    how.engine = psim_need_engine(diag, arguments->engine);
    struct asked asked;
    if (!format || !how.engine || !check_options(diag, arguments) ||
        !psim_read_launch(diag, arguments->launch, &how) ||
        !read_metric(diag, arguments, &asked)) {
        return PSIM_EXIT_USAGE;
    }
    struct psim_hw_text text;
    const struct psim_hw *hw =
        psim_open_machine(arena, diag, arguments->words[0], arguments, &text)
            ? psim_hw_judge(arena, diag, &text)
            : NULL;
    const struct psim_workload *workload = psim_load_workload(
        arena, diag, arguments, arguments->words + 1, asked.n_words - 1);
    if (!hw || !workload) return PSIM_EXIT_INPUT;
    bool ok = false;
    if (arguments->mappings) {
        struct psim_document document = {.schema = "perfsim/mappings/v1"};
        ok = psim_explain_mappings(arena, diag, hw, workload, &document) &&
             psim_write_document(diag, format, &document, arguments->output);
    } else if (arguments->program) {
        const char *programs = psim_explain_programs(arena, diag, hw, workload);
        ok = programs && psim_write_text(diag, programs, arguments->output);
    } else {
        const struct psim_knob_case at = {.hw = hw, .workload = workload};
        ok = explain_numbers(arena, diag, &text, &at, &how, &asked, arguments);
    }
    return ok ? PSIM_EXIT_OK : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_full,
    &psim_option_program,
    &psim_option_mappings,
    &psim_option_one_engine,
    &psim_option_format,
    &psim_option_output,
    &psim_option_overlay,
    &psim_option_no_overlay,
    &psim_option_set,
    &psim_option_with,
    &psim_option_sustained,
    &psim_option_launch,
    NULL,
};

const struct psim_command psim_command_explain = {
    .name = "explain",
    .usage = "MACHINE WORKLOAD [METRIC | all] [--program | --mappings]",
    .doc = "say why a number is what it is, down to the lines of the files",
    .options = options,
    .least_words = 2,
    .run = explain,
};
