/* SPDX-License-Identifier: MIT */
/** @file Formulas of what ops ask for, in the names of their attributes.
 *
 * Internal to src/explain. */
#pragma once

#include "model/op.h"

enum { PSIM_COST_VARIABLES = 5 };

/**
 * One kind of op, or a way to do it. Formulas are of the kind's keys ("m",
 * "kernel[0]"), of `w`, bytes of an element, of `w_out`, those of a product's, and of
 * variables.
 */
struct psim_cost_row {
    const char *kind;
    bool (*applies)(
        const struct psim_op *op); /**< NULL: always; the first row counts */
    const char *equation;
    const char *formula[3]; /**< by enum psim_why_cost */
    struct {
        const char *name, *doc;
        const char *formula;                       /**< either */
        double (*value)(const struct psim_op *op); /**< or */
    } variable[PSIM_COST_VARIABLES];
};

/** THE list, ended by a row without a kind. */
extern const struct psim_cost_row psim_cost_rows[];
