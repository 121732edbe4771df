/* SPDX-License-Identifier: MIT */
/** @file The plain roofline of a workload. */
#pragma once

#include "model/workload.h"
#include "result/result.h"

/** The plain roofline: FLOP at the fastest unit, compulsory bytes at the peak. */
void psim_sum_roofline(struct psim_arena *arena, const struct psim_hw *hw,
                       const struct psim_workload *workload,
                       struct psim_result *result);
