/* SPDX-License-Identifier: MIT */
/** @file One item of a kernel from start to end (eq. A6).
 *
 * Internal to src/explain. */
#pragma once

#include "explain/why.h"

/** The item that the estimate is made of. */
struct psim_why_item {
    const struct psim_reason *whole; /**< from placing it to its end */
    const struct psim_reason *fill;  /**< of that, before its roles are in step; NULL */
    const struct psim_reason *next;  /**< from its end to that of the next; NULL */
    const struct psim_reason *most; /**< the longest, in mean ones; NULL: equal items */
};

struct psim_why_item psim_why_item(struct psim_why_kernel *k);
