/* SPDX-License-Identifier: MIT */
/** @file What all kernels of attention share: tensors, mask. */
#pragma once

#include "measure/cpu/bench.h"

const struct psim_attention *psim_attention_of(const struct psim_bench *bench);

/** Keys that query @p row of a head sees: the first so many. */
size_t psim_attention_visible(const struct psim_attention *attention, size_t row);

/** Q, K, V, and the result. */
void psim_attention_tensors(struct psim_bench *bench);

/** What no kernel of that algorithm can do; NULL: nothing is in its way. */
const char *psim_attention_refuses(const struct psim_bench *bench,
                                   enum psim_attention_algorithm algorithm);
