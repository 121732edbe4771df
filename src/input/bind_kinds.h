/* SPDX-License-Identifier: MIT */
/** @file What the kinds of fields share: one binder each, and the words of messages. */
#pragma once

#include "input/bind.h"

/** What every binder reads besides its node. */
struct psim_binder {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_bare_units *units; /**< may be NULL */
};

/** Fill @p member from @p node. @return false after an error */
typedef bool psim_bind_fn(const struct psim_binder *b, const struct psim_node *node,
                          const struct psim_field *field, void *member);

psim_bind_fn psim_bind_text, psim_bind_texts, psim_bind_count, psim_bind_counts;
psim_bind_fn psim_bind_bool, psim_bind_choice, psim_bind_choices;
psim_bind_fn psim_bind_figure, psim_bind_figures;

/** psim_bind() inside a map or list. */
bool psim_bind_rows(const struct psim_binder *b, const struct psim_node *map,
                    const struct psim_field *fields, void *ret_struct);

/**
 * Whether @p node is a single value that is there. Else the error says of @p name
 * what stands in its place and that @p needed is needed.
 */
bool psim_bind_is_value(const struct psim_binder *b, const struct psim_node *node,
                        const char *name, const char *needed);

/** The error "name: a list stands here; a map is needed", or of no value at all. */
bool psim_bind_mismatch(const struct psim_binder *b, const struct psim_node *node,
                        const char *name, const char *needed);

/** One more than the largest value of a list of choices. */
size_t psim_bind_n_choices(const struct psim_choice *choices);

/**
 * Find a word in a list of choices. An unknown one is an error that names those
 * that are known, and the one that was probably meant.
 */
bool psim_bind_find_choice(const struct psim_binder *b,
                           const struct psim_choice *choices, struct psim_word word,
                           const char *name, int *ret_value);
