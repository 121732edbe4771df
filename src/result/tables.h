/* SPDX-License-Identifier: MIT */
/** @file A result as a document: what is said about it, in which tables. */
#pragma once

#include "result/document.h"
#include "result/result.h"

/** One engine's result. */
void psim_result_document(struct psim_arena *arena, const struct psim_result *result,
                          struct psim_document *ret);

/** Both engines' results of one prediction, and what their difference is made of. */
void psim_result_difference(struct psim_arena *arena,
                            const struct psim_result *analytic,
                            const struct psim_result *event, struct psim_document *ret);

/** The files and options that a machine was read from; people see them where they are
 * several. */
void psim_document_layers(struct psim_arena *arena, struct psim_document *document,
                          const char *const *layers, size_t n_layers);

/** "specs/toy.yaml:12", for people and for `explain`. */
const char *psim_loc_text(struct psim_arena *arena, struct psim_loc at);
