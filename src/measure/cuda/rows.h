/* SPDX-License-Identifier: MIT */
/** @file How rows are cut: the same for kernels and for the machine file. */
#pragma once

#include "measure/cuda/bench.h"

struct psim_gpu_row_shape {
    unsigned wide;  /**< elements of a vector */
    unsigned lanes; /**< of a row */
    unsigned rows;  /**< of a work-group */
    unsigned each;  /**< vectors of a lane */
};

struct psim_gpu_row_shape psim_gpu_row_shape(enum psim_dtype dtype, uint64_t cols);
