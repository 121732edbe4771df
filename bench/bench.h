/* SPDX-License-Identifier: MIT */
/** @file What the benchmarks share: a machine, an op in words, one line a figure. */
#pragma once

#include "sim/predict.h"
#include "util/arena.h"

/** Everything a benchmark stands on; whatever is missing ends the program. */
struct bench {
    struct psim_arena arena;
    struct psim_diag diag;
    const struct psim_hw *hw;
};

/** Load the machine of the benchmarks. */
void bench_open(struct bench *bench);
void bench_close(struct bench *bench);

struct bench_op {
    const char *name;
    const char *words;    /**< as on the command line */
    bool in_event;        /**< short enough for the event engine */
    double event_limit_s; /**< 0: only its pace has a limit */
};

/** What is usual of each kind, and what has many mappings; ended by a NULL name. */
extern const struct bench_op bench_ops[];

const struct psim_workload *bench_workload(struct bench *bench, const char *words);

/** The plan of the mapping that is chosen for an op. */
const struct psim_plan *bench_plan(struct bench *bench, const char *words);

/** All kernels of a plan through an engine. */
struct bench_timing {
    const struct psim_engine *engine;
    const struct psim_plan *plan;
    bool in_full;  /**< every event */
    double events; /**< returned */
};

/** @param context a struct bench_timing */
void bench_time_plan(void *context);

/** End the program with what went wrong, if anything did. */
void bench_stop_on_error(struct bench *bench);

/** Processor time of this process: what others do on the machine counts less. */
double bench_cpu_s(void);

/** Times of one thing, in order. */
struct bench_times {
    double median_s, least_s;
};

/**
 * Times of @p work over at least 5 runs and about half a second. A run that is too
 * short for the clock is repeated within one measurement.
 */
struct bench_times bench_times_of(void (*work)(void *context), void *context);

/** Sort @p times: the first is the least. @return the median */
double bench_median(double *times, size_t n);

/**
 * "what  median  least  limit  ok". The least is what a quiet machine shows; the
 * median is held to the limit, 0 for none. What is over its limit is said: how fast
 * a machine is no test can know.
 */
void bench_line(const char *what, double median, double least, double limit,
                const char *unit);
/** The same for what should be large: the best is the most. */
void bench_line_rate(const char *what, double median, double most, double limit,
                     const char *unit);
