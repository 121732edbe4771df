/* SPDX-License-Identifier: MIT */
/** @file References of ops whose elements are sums; references.c lists them. */
#pragma once

#include "measure/references.h"

#define PSIM_REFERENCE(op)                                                             \
    struct psim_expected psim_expect_##op(                                             \
        const void *attributes, const struct psim_inputs *in, uint64_t index);         \
    double psim_cost_##op(const void *attributes)
PSIM_REFERENCE(gemm);
PSIM_REFERENCE(conv2d);
PSIM_REFERENCE(pool2d);
PSIM_REFERENCE(attention);
PSIM_REFERENCE(nbody);
PSIM_REFERENCE(fft);
#undef PSIM_REFERENCE
