/* SPDX-License-Identifier: MIT */
/** @file What a machine's operations reach at most, as stated. */
#include "model/hw.h"

double
psim_hw_peak_per_s(const struct psim_hw *hw, const struct psim_operation *op,
                   enum psim_dtype dtype)
{
    const struct psim_rate_of *rate = &op->by[dtype];
    if (!rate->supported) return 0;
    const int group = op->pipe_group >= 0 ? op->pipe_group : op->group;
    double pipes = (double)hw->groups[psim_group_hardware(hw, group)].total;
    if (op->n_pipes > 1) pipes *= (double)op->n_pipes;
    const bool lane_ops = op->does != PSIM_DOES_MATMUL && !op->moves;
    return rate->peak_per_s * pipes * (lane_ops ? psim_primitive_flop(op->does) : 1);
}

const struct psim_operation *
psim_hw_fastest(const struct psim_hw *hw, enum psim_dtype dtype)
{
    const struct psim_operation *best = NULL;
    double best_per_s = 0;
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (op->moves) continue;
        const double per_s = psim_hw_peak_per_s(hw, op, dtype);
        if (per_s > best_per_s) {
            best = op;
            best_per_s = per_s;
        }
    }
    return best;
}
