/* SPDX-License-Identifier: MIT */
/** @file Formulas of reasons: one text is what is printed, and what is computed. */
#pragma once

#include "explain/reason.h"

/** What the formula of a reason yields of the values of its parts. */
double psim_formula_evaluate(const struct psim_reason *reason);
