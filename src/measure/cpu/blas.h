/* SPDX-License-Identifier: MIT */
/** @file A BLAS of the system, opened at run time. */
#pragma once

#include <stdbool.h>

struct psim_arena;
struct psim_blas;

/** By it some libraries choose their kernels. */
#define PSIM_BLAS_VARIABLE "OPENBLAS_CORETYPE"

/**
 * Open the first BLAS that is there. Some choose their kernels by that variable, or by
 * the processor, and not always well: names that suit are tried, each in a process of
 * its own, beside what the environment says, and the fastest is taken. Before any
 * thread is bound.
 *
 * @return NULL where there is none
 */
const struct psim_blas *psim_blas_open(struct psim_arena *arena, unsigned threads);

/**
 * FLOP/s of a product of 512 cubed by one thread, with the best of the kernels that the
 * library has; 0: there is no library. In processes of their own.
 */
double psim_blas_rate(struct psim_arena *arena, bool fp64, const char **ret_coretype);

struct psim_blas_product {
    bool fp64; /**< else fp32 */
    int m, n, k;
};

/** C = A B, row major. */
void psim_blas_gemm(const struct psim_blas *blas, struct psim_blas_product product,
                    const void *a, const void *b, void *c);

/** "OpenBLAS 0.3.21 ..., OPENBLAS_CORETYPE=ZEN". */
const char *psim_blas_name(const struct psim_blas *blas);
