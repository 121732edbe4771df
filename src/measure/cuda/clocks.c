/* SPDX-License-Identifier: MIT */
/** @file Cycle counters of all units beside the timer of the device. */
#include "measure/cuda/clocks.h"

#include "measure/stats.h"

bool
psim_gpu_start_reader(struct psim_gpu *gpu, struct psim_gpu_clock_reader *ret)
{
    ret->cycles = psim_gpu_new(gpu, PSIM_GPU_MOST_UNITS * sizeof(long long));
    ret->ns = psim_gpu_new(gpu, PSIM_GPU_MOST_UNITS * sizeof(uint64_t));
    return ret->cycles && ret->ns &&
           psim_gpu_compile(gpu, "tools", "#define T float\n", "read_clocks", 0,
                            &ret->code);
}

bool
psim_gpu_read_clocks(const struct psim_gpu *gpu,
                     const struct psim_gpu_clock_reader *reader,
                     struct psim_gpu_clocks *ret)
{
    const struct psim_gpu_launch launch = {.grid = {(uint64_t)gpu->units * 2},
                                           .lanes = 32};
    const void *const parameters[] = {&reader->cycles, &reader->ns, NULL};
    return psim_gpu_ok(gpu,
                       gpu->api.set_bytes(reader->ns, 0, sizeof(ret->ns), gpu->stream),
                       "clearing") &&
           psim_gpu_run(gpu, &reader->code, &launch, parameters) &&
           psim_gpu_copy_out(gpu, ret->cycles, reader->cycles, sizeof(ret->cycles)) &&
           psim_gpu_copy_out(gpu, ret->ns, reader->ns, sizeof(ret->ns));
}

double
psim_gpu_clock_between(const struct psim_gpu_clocks *from,
                       const struct psim_gpu_clocks *to)
{
    double hz[PSIM_GPU_MOST_UNITS];
    size_t n = 0;
    for (size_t i = 0; i < PSIM_GPU_MOST_UNITS; i++) {
        if (from->ns[i] == 0 || to->ns[i] <= from->ns[i]) continue;
        const double cycles = (double)(to->cycles[i] - from->cycles[i]);
        hz[n++] = cycles / (1e-9 * (double)(to->ns[i] - from->ns[i]));
    }
    return n > 0 ? psim_median(hz, n) : 0;
}
