/* SPDX-License-Identifier: MIT */
/** @file How Fourier transforms are cut: the same for kernels and for the machine file.
 */
#pragma once

#include "measure/cuda/bench.h"

enum { PSIM_GPU_MOST_PASSES = 4 };

/** A pass over memory: sums of 2^log_r numbers, a work-group so many of them at once.
 */
struct psim_gpu_fft_pass {
    unsigned log_r, columns, lanes;
};

struct psim_gpu_fft_shape {
    unsigned passes;
    struct psim_gpu_fft_pass pass[PSIM_GPU_MOST_PASSES];
};

struct psim_gpu_fft_shape psim_gpu_fft_shape(enum psim_dtype dtype,
                                             unsigned log_length);

/** "#define ..." of a pass, and the shared memory that it takes. */
const char *psim_gpu_fft_defines(struct psim_arena *arena, enum psim_dtype dtype,
                                 const struct psim_gpu_fft_pass *pass);
size_t psim_gpu_fft_bytes(enum psim_dtype dtype, const struct psim_gpu_fft_pass *pass);
