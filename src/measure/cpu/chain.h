/* SPDX-License-Identifier: MIT */
/** @file Ops in a row: what one has written the next one reads, where it is as large.
 */
#pragma once

#include "measure/cpu/bench.h"
#include "measure/reading.h"

/** One call of it runs all ops. */
struct psim_cpu_chain {
    const struct psim_chain *what;
    struct psim_bench *bench; /**< of each op that is the first of its kind */
    const struct psim_cpu_kernel **kernel;
    size_t *first; /**< of each op, which bench runs it */
    bool alone;    /**< of some kernel only the caller surely works all the time */
};

/**
 * Find kernels, make tensors.
 *
 * @param shared what all benches have: arena, host, team, BLAS
 * @return NULL, or why it cannot be run: the end of a sentence
 */
const char *psim_cpu_chain_prepare(const struct psim_bench *shared,
                                   const struct psim_chain *what,
                                   struct psim_cpu_chain *ret);

/** All ops, `repeat` times. */
void psim_cpu_chain_run(struct psim_cpu_chain *chain);

/** Run it, and look at each result. @return NULL, or why it is wrong */
const char *psim_cpu_chain_check(struct psim_arena *arena, struct psim_cpu_chain *chain,
                                 double *ret_worst);

void psim_cpu_chain_free(struct psim_cpu_chain *chain);
