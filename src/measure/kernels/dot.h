/* SPDX-License-Identifier: MIT */
/** @file Loops of the instructions that sum products of narrow types. */
#pragma once

#include <stddef.h>

struct psim_dot_kernels {
    size_t chains;                       /**< invocations of a turn of the rate loops */
    size_t bf16_products, int8_products; /**< multiply-adds of an invocation */
    double (*bf16_rate)(size_t turns);
    double (*bf16_latency)(size_t turns);
    double (*int8_rate)(size_t turns);
    double (*int8_latency)(size_t turns);
};

extern const struct psim_dot_kernels psim_dot_v4;
