/* SPDX-License-Identifier: MIT */
/** @file What was measured: readings, and the file that holds them. */
#pragma once

#include <stdio.h>

#include "model/workload.h"

/** Ops that are run in a row and timed as one: those of a graph, or a single one. */
struct psim_chain {
    const struct psim_op *ops;
    size_t n;
    uint64_t repeat; /**< of all of them */
};

enum {
    PSIM_CHAIN_OPS = 64,    /**< a longer list is not run */
    PSIM_CHAIN_RUNS = 4096, /**< of ops, in one call */
};

/** How one of the ops was run. */
struct psim_reading_part {
    const char *kernel;         /**< that ran it */
    struct psim_tile_keys tile; /**< of the kernel; zeros where that says nothing */
    uint64_t stages, split;
};

/** What was run. */
struct psim_reading {
    struct psim_chain chain;
    const struct psim_reading_part *parts; /**< of each op */
    double time_s;                         /**< of one call, the median */
    double spread;                         /**< of the repeats (measure/stats.h) */
    double clock_hz;    /**< effective, beside the runs; 0: not known */
    double energy_j;    /**< negative: not known */
    bool cold;          /**< caches were flushed before each call */
    unsigned repeats;   /**< whose median it is */
    unsigned calls;     /**< in each of them */
    unsigned disturbed; /**< repeats in which other processes took a processor: set
                           aside where enough others are left */
    double error;       /**< of the result, over what rounding may do */
    const char *timing; /**< NULL: host-timed */
    /* In a loop of a good part of a second, where power is limited; 0: not known. */
    double sustained_time_s, power_w, sustained_clock_hz;
};

/** What was not. */
struct psim_unread {
    struct psim_chain chain;
    const char *reason;
};

/** What was asked of a micro-benchmark: "bytes", 16384. */
struct psim_micro_key {
    const char *key; /**< NULL ends a list */
    double value;
};

enum { PSIM_MICRO_KEYS = 7 };

/** An access pattern: it calibrates a machine and is no workload. */
struct psim_micro {
    const char *instruction; /**< "pointer_chase" */
    struct psim_micro_key keys[PSIM_MICRO_KEYS];
    double time_s;   /**< of one step, or of all frames */
    double spread;   /**< of the repeats */
    double clock_hz; /**< effective, beside the runs */
    double cycles;   /**< of one step, or of all frames */
};

struct psim_readings {
    const char *device, *software, *note;
    /** Copies through which cold inputs take turns; 0: caches are flushed. */
    unsigned cold_copies;
    const struct psim_reading *items;
    size_t n;
    const struct psim_micro *micros;
    size_t n_micros;
    const struct psim_unread *skipped;
    size_t n_skipped;
    bool interrupted; /**< the rest was not looked at */
};

/** "gemm_128_128_64_1_fp32": an op and what tells it from others; a graph: all ops. */
const char *psim_chain_id(struct psim_arena *arena, const struct psim_chain *chain);

/** NULL, or why it cannot be run in one call, as the end of a sentence. */
const char *psim_chain_refuses(const struct psim_chain *chain);

/** Which op of a chain an op repeats: nested graphs have the same ones again. */
size_t psim_chain_first(const struct psim_chain *chain, size_t i);

/** perfsim/measurements/v1, with a newline behind it. */
const char *psim_readings_text(struct psim_arena *arena,
                               const struct psim_readings *readings);
