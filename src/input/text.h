/* SPDX-License-Identifier: MIT */
/** @file Input texts before their syntax: from the disk, and clean of odd bytes. */
#pragma once

#include "util/diag.h"

struct psim_arena;

/**
 * The bytes of a file or pipe, up to PSIM_READ_MAX_BYTES, with a zero behind them.
 * A failure is recorded under @p path as a source of its own.
 */
bool psim_text_load(struct psim_arena *arena, struct psim_diag *diag, const char *path,
                    const char **ret_text, size_t *ret_len);

/**
 * The text as a source for messages, once its size and bytes were found good; a
 * byte order mark is left away, since it is no character of the first line.
 *
 * @return NULL after an error
 */
const struct psim_source *psim_text_open(struct psim_diag *diag, const char *name,
                                         const char *text, size_t len);

/**
 * Whether the text is UTF-8 without control characters (tab and line ends excepted)
 * and without those line ends that only some programs count: a lone carriage
 * return, U+0085, U+2028, U+2029. The first fault is recorded.
 */
bool psim_text_check(struct psim_diag *diag, const struct psim_source *source);

/**
 * Whether no line behind the first begins with '%', which opens a directive in
 * YAML: libyaml compares each with all before it, and a file of them would hang.
 */
bool psim_text_check_directives(struct psim_diag *diag,
                                const struct psim_source *source, size_t offset);

/** Move both ends over blanks: YAML takes the tabs of JSON only within brackets. */
void psim_text_trim(const char *text, size_t *pos, size_t *end);
