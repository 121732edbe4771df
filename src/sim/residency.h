/* SPDX-License-Identifier: MIT */
/** @file Which tensors the outermost cache holds between kernels. */
#pragma once

#include "model/hw.h"
#include "plan/plan.h"

enum { PSIM_HELD = 512 /**< tensors that are remembered */ };

/** A tensor that was touched. */
struct psim_held {
    double bytes;
    uint64_t id;   /**< which kernel of the list first touched it, and as what */
    uint64_t when; /**< the step in which it was touched last */
    double early;  /**< of what was touched with it, what came after its first byte */
    bool written;  /**< by a kernel: a later one may read it */
};

/** docs/MODEL.md, eq. R5. */
struct psim_residency_list {
    double capacity_bytes;
    struct psim_held item[PSIM_HELD];
    size_t n;
    uint64_t now;                 /**< steps so far */
    uint64_t position;            /**< of the next kernel in the list of kernels */
    bool reads_anew, writes_anew; /**< the last kernel: what was not held */
};

/** A cache that holds nothing yet. */
void psim_residency_init(struct psim_residency_list *list, const struct psim_hw *hw);

/** The list of kernels starts, for the first time or again. */
void psim_residency_start(struct psim_residency_list *list);

/** The next kernel: the set of tensors that it finds, and what is held after it. */
uint32_t psim_residency_step(struct psim_residency_list *list,
                             const struct psim_kernel *kernel);

/** The next kernel touches nothing. */
void psim_residency_skip(struct psim_residency_list *list);
