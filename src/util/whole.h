/* SPDX-License-Identifier: MIT */
/** @file Whole numbers: division that rounds up. */
#pragma once

#include <stdint.h>

/** a / b, rounded up; a + b must not overflow. */
static inline uint64_t
psim_ceil_div(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/** The least multiple of @p b that is not below @p a. */
static inline uint64_t
psim_round_up(uint64_t a, uint64_t b)
{
    return psim_ceil_div(a, b) * b;
}
