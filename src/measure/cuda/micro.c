/* SPDX-License-Identifier: MIT */
/** @file Latency by footprint: records that calibrate a machine. */
#include "measure/cuda/probe.h"
#include "util/quantity.h"

enum { FIRST_BYTES = 8 << 10, MOST = 32 };

static bool
take(struct psim_gpu_probe *probe, uint64_t bytes, struct psim_micro *ret)
{
    /* A walk through more than the cache holds leaves nothing of it there. */
    const bool through = bytes <= 2 * probe->gpu->l2_bytes;
    double cycles;
    if (!psim_gpu_chase(probe, bytes, through, &cycles)) return false;
    *ret = (struct psim_micro){.instruction = "pointer_chase",
                               .keys = {{"bytes", (double)bytes}},
                               .cycles = cycles};
    FILE *out = probe->options->progress;
    if (out) {
        fprintf(out, "micro pointer_chase: bytes=%llu: %.4g cycles\n",
                (unsigned long long)bytes, cycles);
        (void)fflush(out);
    }
    return true;
}

bool
psim_gpu_micros(struct psim_gpu *gpu, const struct psim_measure_options *options,
                struct psim_readings *ret)
{
    struct psim_gpu_probe *probe = PSIM_NEW(gpu->arena, struct psim_gpu_probe);
    struct psim_micro *micros = PSIM_NEW_N(gpu->arena, struct psim_micro, MOST);
    probe->gpu = gpu;
    probe->options = options;
    ret->micros = micros;
    if (!psim_gpu_probe_start(probe)) return false;
    for (uint64_t bytes = FIRST_BYTES;
         bytes <= probe->data_bytes && !(options->stop && options->stop());
         bytes *= 2) {
        if (!take(probe, bytes, &micros[ret->n_micros])) return false;
        ret->n_micros++;
    }
    return true;
}
