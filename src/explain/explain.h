/* SPDX-License-Identifier: MIT */
/** @file Why a prediction is what it is: what can be asked, and the answers. */
#pragma once

#include "explain/reason.h"
#include "result/document.h"
#include "sim/predict.h"

struct psim_why;

/**
 * Predict, and keep what the result is made of.
 *
 * @param options how; its `log` is not looked at
 * @return NULL after an error
 */
struct psim_why *psim_explain_open(struct psim_arena *arena, struct psim_diag *diag,
                                   const struct psim_hw *hw,
                                   const struct psim_workload *workload,
                                   const struct psim_predict_options *options);

/** The result that is explained. */
const struct psim_result *psim_explain_result(const struct psim_why *why);

/** A number that reports show: of the whole run, or of each kernel. */
struct psim_subject {
    const char *key; /**< of a metric, or of a column of the kernels' table */
    const char *doc;
    /** Of the run: NULL is yielded where it is not known of this machine. */
    const struct psim_reason *(*run)(struct psim_why *why);
    /** Or of one launch of a kernel: NULL where it is nothing, or not known. */
    const struct psim_reason *(*kernel)(struct psim_why *why,
                                        const struct psim_logged *launched);
};

/** THE list, ended by a row without a key: all metrics, then what kernels have. */
extern const struct psim_subject psim_subjects[];

/** NULL after an error that names what was probably meant. */
const struct psim_subject *psim_subject_need(struct psim_diag *diag, const char *key);

/**
 * The reasons of a subject: of the run one, of kernels one each; equal kernels once.
 * @return how many; 0 where it is not known
 */
size_t psim_explain(struct psim_why *why, const struct psim_subject *subject,
                    const struct psim_reason ***ret);

/** A reason as indented text, with what it is made of; @p full: also what changes
 * little, and what was not the largest. What was printed before is not printed again.
 */
struct psim_printer;
struct psim_printer *psim_printer_new(struct psim_arena *arena, bool full);
void psim_reason_print(struct psim_printer *printer, FILE *out,
                       const struct psim_reason *reason);

/** The same as rows of a table, each with the number of its parent; what has rows
 * already is referred to. */
struct psim_reason_rows;
struct psim_reason_rows *psim_reason_rows_new(struct psim_arena *arena,
                                              struct psim_document *document);
void psim_reason_rows_add(struct psim_reason_rows *rows, const char *subject,
                          const struct psim_reason *reason);
