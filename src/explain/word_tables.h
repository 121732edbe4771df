/* SPDX-License-Identifier: MIT */
/** @file What a kernel does at each level of memory, and what it computes with.
 *
 * Internal to src/explain. */
#pragma once

#include "result/document.h"
#include "result/result.h"

/** One level of memory in one kernel. */
struct psim_word_level {
    const char *name;
    double bytes, busy_s, peak_per_s;
    bool home;
};

enum { PSIM_WORD_LEVELS = 16 };

size_t psim_word_levels(const struct psim_kernel_result *kernel,
                        struct psim_word_level ret[PSIM_WORD_LEVELS]);

/** What a kernel computes with: the operation of the highest peak. */
struct psim_word_unit {
    const char *name; /**< NULL: it computes nothing */
    double peak_per_s;
    double flop; /**< done on its pipes, also what pads a tile */
};

struct psim_word_unit psim_word_unit(const struct psim_kernel_result *kernel);

/** Tables: of each kernel its verdict, of one kernel the ridges. */
void psim_word_verdicts(struct psim_arena *arena, const struct psim_result *result,
                        struct psim_document *document);
void psim_word_ridges(struct psim_arena *arena, const struct psim_kernel_result *kernel,
                      struct psim_document *document);
