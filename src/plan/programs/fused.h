/* SPDX-License-Identifier: MIT */
/** @file fused: what its files share. */
#pragma once

#include "plan/lower.h"

/** Query heads that count as queries of one: those that share keys, with one query
 * each. */
uint64_t psim_fused_group(const struct psim_attention *attention);

/** Whether a mask hides keys: the only query of a sequence sees them all. */
bool psim_fused_is_causal(const struct psim_attention *attention);

/** The kernels of one mapping. @return false after psim_build_refuse */
bool psim_fused_build(struct psim_build *b, const struct psim_part *part,
                      const struct psim_mapping *mapping);

/** Partial results of a split attention, one a head and split. */
struct psim_combine {
    uint64_t heads, head_dim, split;
    enum psim_dtype out;
};

/** The kernel after it: weighs and adds them. @return false after psim_build_refuse */
bool psim_combine_build(struct psim_build *b, const struct psim_part *part,
                        const struct psim_combine *combine);
