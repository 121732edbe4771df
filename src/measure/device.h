/* SPDX-License-Identifier: MIT */
/** @file The contract of one kind of device on which ops are run for real.
 *
 * To add a kind: write its file, which defines one such constant, and name it in
 * devices.c.
 */
#pragma once

#include "measure/reading.h"

enum psim_cache_asked {
    PSIM_CACHE_AS_OP_SAYS,
    PSIM_CACHE_ALL_COLD,
    PSIM_CACHE_ALL_HOT
};

/** What to measure. */
struct psim_chains {
    const struct psim_chain *items;
    size_t n;
};

/** How to measure. */
struct psim_measure_options {
    unsigned threads; /**< 0: one a core */
    unsigned repeats; /**< 0: the device's own number */
    enum psim_cache_asked cache;
    bool micro;         /**< access patterns as well, which calibrate a machine */
    double seconds;     /**< probe: about so long at most; 0: its own */
    FILE *progress;     /**< a line for each step; NULL: none */
    bool (*stop)(void); /**< whether the user wants it to end */
};

struct psim_device {
    const char *name; /**< "cpu", in front of a colon and a number */
    const char *doc;
    /**
     * Run ops and time them. What cannot be run is listed in the result.
     * @return false after an error
     */
    bool (*measure)(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
                    struct psim_chains chains,
                    const struct psim_measure_options *options,
                    struct psim_readings *ret);
    /**
     * Measure the machine itself.
     * @return a machine file; NULL after an error
     */
    const char *(*probe)(struct psim_arena *arena, struct psim_diag *diag,
                         unsigned number, const struct psim_measure_options *options);
};

/** The list, ended by NULL. */
extern const struct psim_device *const psim_devices[];

/**
 * "cpu", "cpu:0".
 * @return NULL after an error
 */
const struct psim_device *psim_device_find(struct psim_diag *diag, const char *words,
                                           unsigned *ret_number);

/** Different ops of some workloads, in their order, each once; then their graphs. */
struct psim_chains psim_distinct_chains(struct psim_arena *arena,
                                        const struct psim_workload *const *workloads,
                                        size_t n);
