/* SPDX-License-Identifier: MIT */
/** @file Ops in a row on a GPU: what one has written the next one reads. */
#pragma once

#include "measure/cuda/bench.h"
#include "measure/reading.h"

/** Ops with their kernels; as one kernel, for those who time it. */
struct psim_gpu_chain {
    const struct psim_chain *what;
    struct psim_gpu_bench *bench; /**< of each op that is the first of its kind */
    const struct psim_gpu_kernel **kernel;
    size_t *first;               /**< of each op, which bench runs it */
    struct psim_gpu_bench whole; /**< its plan is the chain */
    struct psim_gpu_kernel as_kernel;
    bool is_cold; /**< calls that take turns find nothing in the last-level cache */
};

/**
 * Find kernels, compile them, make tensors, look at each op's result on inputs of its
 * own; then have each op read what the one before has written, where it is as large.
 *
 * @param ret_reason why it cannot be run; NULL: it can
 * @param ret_worst  error over tolerance
 * @return false after an error
 */
bool psim_gpu_chain_prepare(struct psim_gpu *gpu, struct psim_arena *arena,
                            const struct psim_chain *what, bool cold,
                            struct psim_gpu_chain *ret, const char **ret_reason,
                            double *ret_worst);
