/* SPDX-License-Identifier: MIT */
/** @file What all kernels of matrix products share. */
#pragma once

#include "measure/cuda/bench.h"

void psim_gpu_gemm_tensors(struct psim_gpu_bench *bench);
const char *psim_gpu_gemm_refuses(const struct psim_gpu_bench *bench);
