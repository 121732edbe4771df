/* SPDX-License-Identifier: MIT */
/** @file How entries of `libraries:` are written.
 *
 * Registers are those of the code that the compiler made for this device. Issue slots
 * beyond those of perfsim's programs were counted by hardware counters on a device of
 * compute capability 9.0: the sources are the same, so that elsewhere they are likely.
 * What was not counted yet is estimated from the source.
 */
#pragma once

#include "measure/cuda/gpu.h"

struct psim_gpu_entries {
    FILE *out;
    struct psim_gpu *gpu;
    const char *pace; /**< of instructions that wait for one another: a line */
};

/** Registers of a function's code; 0: it does not compile, which `diag` says. */
unsigned psim_gpu_entry_registers(const struct psim_gpu_entries *entries,
                                  const char *source, const char *function,
                                  const char *defines, size_t shared_bytes);

/** An entry, up to its tiles; @p more: lines of keys. Its slots were counted. */
void psim_gpu_entry(const struct psim_gpu_entries *entries, const char *name,
                    const char *op, const char *more);

/** The same of few warps, each of whose instructions waits for the one before. */
void psim_gpu_entry_paced(const struct psim_gpu_entries *entries, const char *name,
                          const char *op, const char *more);

/** The same whose slots are estimated. */
void psim_gpu_entry_estimated(const struct psim_gpu_entries *entries, const char *name,
                              const char *op, const char *more);

/** One tile; without registers where they are 0. */
void psim_gpu_entry_tile(const struct psim_gpu_entries *entries, const char *text,
                         unsigned registers);

/* --- families of entries --------------------------------------------------------- */

void psim_gpu_entries_of_products(const struct psim_gpu_entries *entries);
void psim_gpu_entries_of_fields(const struct psim_gpu_entries *entries);
