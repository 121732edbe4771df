/* SPDX-License-Identifier: MIT */
/** @file Why a number is what it is: formulas of formulas, down to the lines of files.
 */
#pragma once

#include "input/bind.h"

struct psim_arena;

enum psim_reason_kind {
    PSIM_REASON_FORMULA, /**< of its parts */
    PSIM_REASON_FIGURE,  /**< it stands in a file */
    PSIM_REASON_COUNTED, /**< from the kernel's program: parts are what that was made of
                          */
    PSIM_REASON_FOUND,   /**< by a search or a simulation: parts are what that was given
                          */
    PSIM_REASON_RULE,    /**< of the model, as that a multiply-add is two FLOP */
    PSIM_REASON_LIST,    /**< no number: what its parts have in common */
    PSIM_N_REASON_KINDS,
};

/** "formula", "figure", "counted", "found", "rule", "list". */
const char *psim_reason_kind_name(enum psim_reason_kind kind);

/** One number. Reasons may share parts: they form a graph without circles. */
struct psim_reason {
    enum psim_reason_kind kind;
    const char *name; /**< as formulas call it */
    const char *doc;  /**< what it is, in words; NULL: the name says it */
    double value;     /**< in the SI unit of dim */
    enum psim_dim dim;
    bool percent;
    /**
     * Of the parts: "$0 x ($1 + $2)", with + - x / max() min() ceil() floor() pow(),
     * or "sum", "max", "min" of all of them. FORMULA only.
     */
    const char *formula;
    const char *equation; /**< of docs/MODEL.md: "eq. A5"; NULL */
    const struct psim_reason **parts;
    size_t n_parts, room;
    struct psim_loc at;  /**< FIGURE: its line; else where what it is of was said */
    const char *written; /**< FIGURE: as it stands there */
    enum psim_confidence confidence;
    const char *source; /**< who says so; NULL */
};

struct psim_reason *psim_reason_new(struct psim_arena *arena,
                                    enum psim_reason_kind kind, const char *name,
                                    double value, enum psim_dim dim);

/** One more part; NULL is none. */
void psim_reason_add(struct psim_arena *arena, struct psim_reason *reason,
                     const struct psim_reason *part);

/** A formula that grows factor by factor, or term by term: "$0", "$0 x $1 / $2". A part
 * that is NULL is left away. */
void psim_reason_times(struct psim_arena *arena, struct psim_reason *reason,
                       const struct psim_reason *part);
void psim_reason_over(struct psim_arena *arena, struct psim_reason *reason,
                      const struct psim_reason *part);

/** What the formula yields of the values of the parts; of what has none its value. */
double psim_reason_evaluate(const struct psim_reason *reason);

/** The formula with the parts' names, or with their values, for people. */
const char *psim_reason_formula(struct psim_arena *arena,
                                const struct psim_reason *reason, bool with_values);

/** A value as people read it: "1.555 TB/s", "37 %". */
const char *psim_reason_value(struct psim_arena *arena,
                              const struct psim_reason *reason);

/**
 * The first reason, looked at parts first, whose value is not what its formula yields
 * within @p tolerance of the largest number in it; NULL where all sums close.
 */
const struct psim_reason *psim_reason_fault(const struct psim_reason *reason,
                                            double tolerance);
