/* SPDX-License-Identifier: MIT */
/** @file Data types of elements: one list. */
#pragma once

#include <stdint.h>

#include "input/bind.h"

enum psim_dtype {
    PSIM_FP64,
    PSIM_FP32,
    PSIM_TF32, /**< stored as fp32, multiplied with 10 bits of mantissa */
    PSIM_BF16,
    PSIM_FP16,
    PSIM_FP8,
    PSIM_INT64,
    PSIM_INT32,
    PSIM_INT16,
    PSIM_INT8,
    PSIM_COMPLEX64,
    PSIM_N_DTYPES,
};

/** The first spelling is the one shown; specs may write Float32 or Int8 as well. */
extern const struct psim_choice psim_dtype_choices[];

const char *psim_dtype_name(enum psim_dtype dtype);
uint32_t psim_dtype_bytes(enum psim_dtype dtype);

/** What a matrix product of this type writes: fp8 gives bf16, int8 gives int32. */
enum psim_dtype psim_dtype_of_product(enum psim_dtype dtype);

/** The type in which sums and exponentials of this type are computed. */
enum psim_dtype psim_dtype_of_sums(enum psim_dtype dtype);
