/* SPDX-License-Identifier: MIT */
/** @file Measured records of what a workload is made of, beside its prediction. */
#pragma once

#include "compare/compare.h"

/** A record of the whole workload, or of one of its ops. */
struct psim_beside {
    bool whole;      /**< of the whole workload; else of one op */
    size_t op_index; /**< whose: the first of the ops that are the same */
    const char *op;  /**< its name; of the whole, the workload's */
    double count;    /**< how often the workload has that op, with its repetitions */
    double flop;     /**< of one */
    double bytes;    /**< that one must move (docs/MODEL.md, eq. F2 to F8) */
    /** The record, and its prediction as it was measured: its launch, its caches. */
    struct psim_pair pair;
};

struct psim_besides {
    const struct psim_beside *items; /**< the whole first, then in order of the ops */
    size_t n;
    size_t n_ops,
        n_found; /**< different ops of the workload; of these, with a record */
};

/**
 * Find records of the same work (psim_op_same): of the whole list of ops, and of each
 * op. Of several the one is taken whose caches, then library are as the op says, then
 * the first. What cannot be predicted as it was measured is left out.
 */
void psim_beside_find(struct psim_arena *arena, const struct psim_hw *hw,
                      const struct psim_engine *engine,
                      const struct psim_workload *workload,
                      const struct psim_measured *measured, struct psim_besides *ret);

/** A table of them, and a sentence on the whole. */
void psim_beside_document(struct psim_arena *arena, const struct psim_besides *besides,
                          struct psim_document *document);
