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

/** How many errors, and how many warnings, are worth a person's time at once. */
enum { PSIM_DIAG_SHOWN = 20 };

/** Notes hang on the error or warning before them and stay with it when sorted. */
struct psim_diag_entry {
    enum psim_severity severity;
    struct psim_loc at;
    const char *message;
    struct psim_diag_entry *note; /**< the notes of this entry */
    struct psim_diag_entry *next;
};

/**
 * The errors of one command. Zero-initialise but for the arena.
 *
 * Only what will be shown is kept, so that a file with a million faults costs no
 * more memory than one with twenty: the entries hang in the order of printing, and
 * what falls behind the limit is counted only.
 */
struct psim_diag {
    struct psim_arena *arena;
    struct psim_diag_entry *first;
    struct psim_diag_entry *last; /**< the latest, for its notes; NULL if not kept */
    unsigned error_count, warning_count;
    unsigned said;         /**< errors, with those that were said before */
    unsigned source_count; /**< inputs opened so far */
};

/**
 * Record an error at @p at. Always false: `return psim_error(...)`. The same words
 * at the same place are one error: an alias shows its fault wherever it is used.
 */
bool psim_error(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Whether an error at @p at would be shown. Where it would not, and its words are
 * costly to make, psim_error_unseen() counts it: a file may hold a million of them.
 */
bool psim_diag_shows(struct psim_diag *diag, struct psim_loc at);
bool psim_error_unseen(struct psim_diag *diag);

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

/** The place of a byte, in characters as everywhere; @p offset <= len. */
struct psim_loc psim_source_at(const struct psim_source *source, size_t offset);

/** The byte of a place; the end of the line, or of the text, where it lies behind it.
 */
size_t psim_source_offset(struct psim_loc at);

/**
 * Print the entries in the order of the files and of their lines: for each
 * `file:line:column: error: message`, the line and a caret, then its notes (with
 * the line only where it is another one). At most 20 errors and 20 warnings are
 * shown, then how many more there are. Control characters of the input are shown
 * as '?'; a long line is cut around the caret, a long message at its end.
 *
 * @param colour whether to use terminal colours
 */
void psim_diag_print(const struct psim_diag *diag, FILE *out, bool colour);
