/* SPDX-License-Identifier: MIT */
/** @file Located diagnostics: collected where they are found, printed once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct psim_arena;

/** One input text, kept whole so that an error can show its line. */
struct psim_source {
    const char *name; /**< as the user typed it */
    const char *text;
    size_t len;
    unsigned order; /**< in which order the inputs were opened: messages follow it */
};

/** A place in an input. line and column count from 1; line 0 = whole file. */
struct psim_loc {
    const struct psim_source *source;
    unsigned line, column;
};

enum psim_severity {
    PSIM_SEVERITY_ERROR,
    PSIM_SEVERITY_WARNING,
    PSIM_SEVERITY_NOTE,
};

/** Notes hang on the error or warning before them and stay with it when sorted. */
struct psim_diag_entry {
    enum psim_severity severity;
    struct psim_loc at;
    const char *message;
    struct psim_diag_entry *note; /**< the notes of this entry */
    struct psim_diag_entry *next;
};

/** The errors of one command. Zero-initialise but for the arena. */
struct psim_diag {
    struct psim_arena *arena;
    struct psim_diag_entry *first, *last;
    unsigned error_count, warning_count;
    unsigned source_count; /**< inputs opened so far */
};

/** Record an error at @p at. Always false: `return psim_error(...)`. */
bool psim_error(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Something that is allowed and probably not meant: it is shown, the run goes on. */
void psim_warning(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Add to the entry before it: "first defined here", "did you mean ...". */
void psim_note(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Forget all entries: a search that tried and failed starts afresh. */
void psim_diag_clear(struct psim_diag *diag);

/** A new input, in the order of opening. @p text must outlive the diagnostics. */
const struct psim_source *psim_source_new(struct psim_diag *diag, const char *name,
                                          const char *text, size_t len);

/**
 * Print the entries in the order of the files and of their lines: for each
 * `file:line:column: error: message`, the line and a caret, then its notes.
 * At most 20 errors are shown, then how many more there are. Control
 * characters of the input are shown as '?'; a long line is cut around the caret.
 *
 * @param colour whether to use terminal colours
 */
void psim_diag_print(const struct psim_diag *diag, FILE *out, bool colour);
