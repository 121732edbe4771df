/* SPDX-License-Identifier: MIT */
/** @file What a probe of a GPU takes: figures by name, with their spread, and how. */
#pragma once

#include "measure/cuda/gpu.h"
#include "measure/device.h"
#include "util/quantity.h"

enum { PSIM_GPU_FIGURES = 128 };

/** One figure, as the machine's template names it (machine.txt). */
struct psim_gpu_figure {
    const char *name;
    double value;
    enum psim_dim dim;
    double spread;   /**< of the repeats (measure/stats.h); negative: one alone */
    const char *how; /**< in words */
};

struct psim_gpu_probe {
    struct psim_gpu *gpu;
    const struct psim_measure_options *options;
    struct psim_gpu_figure figure[PSIM_GPU_FIGURES];
    size_t n;
    psim_gpu_address data; /**< random numbers of bf16, and place for results */
    size_t data_bytes;
    psim_gpu_address cycles; /**< what kernels say of themselves */
    double clock_hz;         /**< effective, of multiply-adds on all units */
};

/** A figure that was taken. @return true, so that steps can be joined */
bool psim_gpu_take(struct psim_gpu_probe *probe, const char *name, double value,
                   enum psim_dim dim, double spread, const char *how);

/** NULL: it was not taken. */
const struct psim_gpu_figure *psim_gpu_find(const struct psim_gpu_probe *probe,
                                            const char *name);

/** The value of a figure; 0: it was not taken. */
double psim_gpu_taken(const struct psim_gpu_probe *probe, const char *name);

/** Something that is launched again and again. */
struct psim_gpu_work {
    struct psim_gpu_kernel_code code;
    struct psim_gpu_launch launch;
    const void *const *parameters;
};

enum { PSIM_GPU_WORDS = 8192 }; /**< place for cycles */

/** Run it some times; the median of what @p pick makes of the words it wrote. */
bool psim_gpu_median_cycles(struct psim_gpu_probe *probe,
                            const struct psim_gpu_work *work, size_t word,
                            double *ret_cycles, double *ret_spread);

/** Seconds of one launch, of many back to back in a graph or in the stream. */
bool psim_gpu_median_s(struct psim_gpu_probe *probe, const struct psim_gpu_work *work,
                       bool graph, unsigned launches, double *ret_s,
                       double *ret_spread);

/** Power of a loop of it of about a second, and the clock at its start. */
bool psim_gpu_power_of(struct psim_gpu_probe *probe, const struct psim_gpu_work *work,
                       double *ret_w, double *ret_per_s, double *ret_clock_hz);

/** Memory for a probe's steps, with random numbers at its start. */
bool psim_gpu_probe_start(struct psim_gpu_probe *probe);

/**
 * Cycles of a step of one lane through a ring of so many bytes, a power of 2, cached
 * wherever they may be.
 * @param through whether the ring is walked once before: what caches can hold they do
 */
bool psim_gpu_chase(struct psim_gpu_probe *probe, uint64_t bytes, bool through,
                    double *ret_cycles);

/** Latency by footprint: records that calibrate a machine. */
bool psim_gpu_micros(struct psim_gpu *gpu, const struct psim_measure_options *options,
                     struct psim_readings *ret);

bool psim_gpu_probe_rates(struct psim_gpu_probe *probe);
bool psim_gpu_probe_matrix(struct psim_gpu_probe *probe);
bool psim_gpu_probe_memory(struct psim_gpu_probe *probe);
bool psim_gpu_probe_sides(struct psim_gpu_probe *probe);
bool psim_gpu_probe_costs(struct psim_gpu_probe *probe);
bool psim_gpu_probe_power(struct psim_gpu_probe *probe);

/** The machine file from its template. */
const char *psim_gpu_spec(const struct psim_gpu_probe *probe);

/** A machine file of the device; NULL after an error. */
const char *psim_gpu_probe(struct psim_arena *arena, struct psim_diag *diag,
                           unsigned number, const struct psim_measure_options *options);
