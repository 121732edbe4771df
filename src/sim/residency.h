/* SPDX-License-Identifier: MIT */
/** @file Which tensors the outermost cache holds between kernels. */
#pragma once

#include "model/hw.h"
#include "plan/plan.h"

enum { PSIM_HELD = 64 };

/** A tensor that was touched: sizes tell what a following kernel reads. */
struct psim_held {
    double bytes;
    bool written; /**< by the kernel before */
};

/** Most recently touched first (docs/MODEL.md, eq. R5). */
struct psim_residency_list {
    double capacity_bytes;
    struct psim_held item[PSIM_HELD];
    size_t n;
};

void psim_residency_init(struct psim_residency_list *list, const struct psim_hw *hw);

/**
 * The tensors that a kernel finds, and the list after it. What the kernel before
 * wrote is what this one reads first where the sizes agree.
 *
 * @param hot inputs are there before, as far as the cache holds them
 */
uint32_t psim_residency_step(struct psim_residency_list *list,
                             const struct psim_kernel *kernel, bool hot);
