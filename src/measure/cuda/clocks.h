/* SPDX-License-Identifier: MIT */
/** @file The effective clock: cycles of the units against the device's timer. */
#pragma once

#include "measure/cuda/gpu.h"

enum { PSIM_GPU_MOST_UNITS = 1024 };

/** Cycles and nanoseconds of each unit at one moment. */
struct psim_gpu_clocks {
    long long cycles[PSIM_GPU_MOST_UNITS];
    uint64_t ns[PSIM_GPU_MOST_UNITS];
};

struct psim_gpu_clock_reader {
    struct psim_gpu_kernel_code code;
    psim_gpu_address cycles, ns;
};

bool psim_gpu_start_reader(struct psim_gpu *gpu, struct psim_gpu_clock_reader *ret);

/** Behind what is in the stream; units that get no work-group say 0. */
bool psim_gpu_read_clocks(const struct psim_gpu *gpu,
                          const struct psim_gpu_clock_reader *reader,
                          struct psim_gpu_clocks *ret);

/** The median over the units; 0: not known. */
double psim_gpu_clock_between(const struct psim_gpu_clocks *from,
                              const struct psim_gpu_clocks *to);
