/* SPDX-License-Identifier: MIT */
/** @file Time, clock and energy of one kernel's calls. */
#pragma once

#include "measure/cuda/bench.h"

enum { PSIM_GPU_MOST_REPEATS = 101 };

struct psim_gpu_time {
    double time_s, spread; /**< of one call: median of the repeats, and how far apart */
    double clock_hz;       /**< effective, of the units; 0: not known */
    unsigned calls, repeats;
};

/**
 * Calls are recorded as a graph, which is launched once for each repeat, all of them
 * back to back; times are of events between them.
 */
bool psim_gpu_time_calls(const struct psim_gpu_bench *bench,
                         const struct psim_gpu_kernel *kernel, unsigned repeats,
                         struct psim_gpu_time *ret);

struct psim_gpu_sustained {
    double time_s, energy_j, power_w, clock_hz; /**< of one call; 0: not known */
};

/** The same in a loop of @p seconds, with the energy that the device counts. */
bool psim_gpu_sustain(const struct psim_gpu_bench *bench,
                      const struct psim_gpu_kernel *kernel, double time_s,
                      double seconds, struct psim_gpu_sustained *ret);
