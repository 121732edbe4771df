/* SPDX-License-Identifier: MIT */
/** @file Keys of ops said otherwise than in the file: `--with batch=8`.
 *
 * Internal to the reading of workloads. */
#pragma once

#include "model/workload.h"

/** One change, read. */
struct psim_change {
    const char *op;  /**< only ops of that kind or name; NULL: any */
    const char *key; /**< which they must know */
    struct psim_loc at;
    const struct psim_node *value;
    bool used;
};

struct psim_changes {
    struct psim_change *item;
    size_t n;
};

/** @param with may be NULL @return false after an error, all of them told */
bool psim_changes_read(struct psim_arena *arena, struct psim_diag *diag,
                       const struct psim_workload_with *with, struct psim_changes *ret);

/** An op's map with what the changes say of it; without any, @p map itself. */
const struct psim_node *psim_changes_apply(struct psim_arena *arena,
                                           const struct psim_changes *changes,
                                           const struct psim_op_kind *kind,
                                           const struct psim_node *map);

/** "batch=8, attention.seq_q=1024": what tells the workload from the file's; NULL where
 * nothing is changed. */
const char *psim_changes_text(struct psim_arena *arena,
                              const struct psim_workload_with *with);

/** A change of a key that no op has is a slip. @return false after an error */
bool psim_changes_check(struct psim_diag *diag, const struct psim_changes *changes);
