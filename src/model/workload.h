/* SPDX-License-Identifier: MIT */
/** @file A workload: ops in order, how often, how launched. */
#pragma once

#include "model/op.h"

enum {
    PSIM_MAX_OPS = 65536,     /**< of a workload, with all repetitions inside it */
    PSIM_MAX_GRAPH_DEPTH = 4, /**< graphs inside graphs */
};

struct psim_workload {
    const char *name, *title;
    struct psim_loc at;
    const struct psim_op *ops; /**< graphs are unrolled into their ops */
    size_t n_ops;
    uint64_t repeat; /**< of the whole list */
};

/**
 * Keys said otherwise than in the file: "batch=8" for every op that knows the key,
 * "attention.algorithm=flash2" for the ops of that kind or name. The value is YAML.
 */
struct psim_workload_with {
    const char *const *words;
    size_t n;
};

/**
 * @param with may be NULL
 * @return NULL after at least one error has been recorded in @p diag
 */
const struct psim_workload *psim_workload_load(struct psim_arena *arena,
                                               struct psim_diag *diag, const char *path,
                                               const struct psim_workload_with *with);

/** The same from text; @p name stands for the file in messages. */
const struct psim_workload *psim_workload_read(struct psim_arena *arena,
                                               struct psim_diag *diag, const char *name,
                                               const char *text);

/**
 * One op from words: "gemm m=4096 n=4096 k=4096 dtype=bf16". A list is
 * [3,3] or 3,3. Messages show the words as one line.
 *
 * @param with may be NULL
 */
const struct psim_workload *psim_workload_words(struct psim_arena *arena,
                                                struct psim_diag *diag,
                                                const char *const *words, size_t n,
                                                const struct psim_workload_with *with);

/** One op from a map that is already read: a record of a measurement file. */
const struct psim_workload *psim_workload_node(struct psim_arena *arena,
                                               struct psim_diag *diag,
                                               const struct psim_node *op,
                                               const struct psim_workload_with *with);

/** Sum over the ops, once through the list times `repeat`. */
struct psim_cost psim_workload_cost(const struct psim_workload *workload);

/** "attention/flash2": the op, with its algorithm where it has one. */
const char *psim_op_group(struct psim_arena *arena, const struct psim_op *op);

extern const struct psim_field psim_workload_fields[];
