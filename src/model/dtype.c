/* SPDX-License-Identifier: MIT */
/** @file Data types of elements: one list. */
#include "model/dtype.h"

#include "util/arena.h"

static const struct {
    const char *name;
    uint32_t bytes;
    enum psim_dtype product, sums;
} dtypes[] = {
    [PSIM_FP64] = {"fp64", 8, PSIM_FP64, PSIM_FP64},
    [PSIM_FP32] = {"fp32", 4, PSIM_FP32, PSIM_FP32},
    [PSIM_TF32] = {"tf32", 4, PSIM_FP32, PSIM_FP32},
    [PSIM_BF16] = {"bf16", 2, PSIM_BF16, PSIM_FP32},
    [PSIM_FP16] = {"fp16", 2, PSIM_FP16, PSIM_FP32},
    [PSIM_FP8] = {"fp8", 1, PSIM_BF16, PSIM_FP32},
    [PSIM_INT64] = {"int64", 8, PSIM_INT64, PSIM_INT64},
    [PSIM_INT32] = {"int32", 4, PSIM_INT32, PSIM_INT32},
    [PSIM_INT16] = {"int16", 2, PSIM_INT32, PSIM_INT32},
    [PSIM_INT8] = {"int8", 1, PSIM_INT32, PSIM_INT32},
    [PSIM_COMPLEX64] = {"complex64", 8, PSIM_COMPLEX64, PSIM_COMPLEX64},
};
_Static_assert(PSIM_COUNT(dtypes) == PSIM_N_DTYPES, "a row each");

const struct psim_choice psim_dtype_choices[] = {
    {"fp64", PSIM_FP64},           {"fp32", PSIM_FP32},
    {"tf32", PSIM_TF32},           {"bf16", PSIM_BF16},
    {"fp16", PSIM_FP16},           {"fp8", PSIM_FP8},
    {"int64", PSIM_INT64},         {"int32", PSIM_INT32},
    {"int16", PSIM_INT16},         {"int8", PSIM_INT8},
    {"complex64", PSIM_COMPLEX64}, {"Float64", PSIM_FP64},
    {"Float32", PSIM_FP32},        {"Float16", PSIM_FP16},
    {"BFloat16", PSIM_BF16},       {"Int64", PSIM_INT64},
    {"Int32", PSIM_INT32},         {"Int16", PSIM_INT16},
    {"Int8", PSIM_INT8},           {NULL, 0},
};

const char *
psim_dtype_name(enum psim_dtype dtype)
{
    return dtypes[dtype].name;
}

uint32_t
psim_dtype_bytes(enum psim_dtype dtype)
{
    return dtypes[dtype].bytes;
}

enum psim_dtype
psim_dtype_of_product(enum psim_dtype dtype)
{
    return dtypes[dtype].product;
}

enum psim_dtype
psim_dtype_of_sums(enum psim_dtype dtype)
{
    return dtypes[dtype].sums;
}
