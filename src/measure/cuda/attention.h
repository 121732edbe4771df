/* SPDX-License-Identifier: MIT */
/** @file What all kernels of attention share. */
#pragma once

#include "measure/cuda/bench.h"

/** Of scores, before their exponentials. */
double psim_gpu_attention_scale(const struct psim_attention *attention);

/** Q, K, V, and the result. */
void psim_gpu_attention_tensors(struct psim_gpu_bench *bench);

/** What no kernel of that algorithm can do; NULL: nothing is in its way. */
const char *psim_gpu_attention_refuses(const struct psim_gpu_bench *bench,
                                       enum psim_attention_algorithm algorithm);
