/* SPDX-License-Identifier: MIT */
/** @file Sums over the kernels of a result. */
#pragma once

#include "model/hw.h"
#include "result/result.h"

/** Totals of each memory over all kernels, inner levels first. */
void psim_total_memories(struct psim_arena *arena, struct psim_result *result);

/** Energy by what draws it, and the mean clock (docs/MODEL.md, eq. W1). */
void psim_total_energy(struct psim_arena *arena, const struct psim_hw *hw,
                       struct psim_result *result);
