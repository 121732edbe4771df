/* SPDX-License-Identifier: MIT */
/** @file What --sweep says: some keys, and the values that all of them take in turn. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct psim_arena;
struct psim_diag;
struct psim_arguments;

enum { PSIM_SWEEP_MOST = 64 };

struct psim_sweep {
    const char *const *keys; /**< as for --set or --with */
    size_t n_keys;
    const char *parameter;    /**< "seq_q, seq_k" */
    const char *const *texts; /**< of the values, as given */
    const double *values;     /**< ascending; 0, 1, 2 ... where they are words */
    size_t n;
    bool words;
};

/**
 * Read "KEY[,KEY...]=V1,V2,..." or "...=FROM..TO", which doubles: "batch=1..64",
 * "memory_domains.hbm.bandwidth=1 TB/s..8 TB/s".
 *
 * @return false after an error: wrong usage
 */
bool psim_sweep_read(struct psim_arena *arena, struct psim_diag *diag, const char *text,
                     struct psim_sweep *ret);

/** The arguments with one of the values: figures of the machine by --set, keys of ops
 * by
 * --with. */
struct psim_arguments psim_sweep_arguments(struct psim_arena *arena,
                                           const struct psim_sweep *sweep,
                                           const struct psim_arguments *arguments,
                                           size_t at);

/** Whether a key is a path in a machine's file. */
bool psim_sweep_of_machine(const char *key);
