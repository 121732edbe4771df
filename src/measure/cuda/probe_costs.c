/* SPDX-License-Identifier: MIT */
/** @file Launches, copy engines, the clock without a load that lowers it. */
#include <math.h>
#include <time.h>

#include "measure/cuda/clocks.h"
#include "measure/cuda/probe.h"
#include "measure/stats.h"

enum { NODES = 1000 };

static double
now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- launches ------------------------------------------------------------------ */

static bool
time_nothing(struct psim_gpu_probe *probe, uint64_t groups, bool graph, double *ret_s,
             double *ret_spread)
{
    const void *const parameters[] = {NULL};
    struct psim_gpu_work work = {.launch = {.grid = {groups}, .lanes = 128},
                                 .parameters = parameters};
    return psim_gpu_compile(probe->gpu, "tools", "#define T float\n", "nothing", 0,
                            &work.code) &&
           psim_gpu_median_s(probe, &work, graph, NODES, ret_s, ret_spread);
}

static bool
take_launches(struct psim_gpu_probe *probe)
{
    enum { MANY = 32 };
    const uint64_t units = (uint64_t)probe->gpu->units;
    double stream_s, one_s, full_s, many_s, spread_stream, spread, spread_many;
    if (!time_nothing(probe, units, false, &stream_s, &spread_stream) ||
        !time_nothing(probe, 1, true, &one_s, &spread) ||
        !time_nothing(probe, units, true, &full_s, &spread) ||
        !time_nothing(probe, units * MANY, true, &many_s, &spread_many)) {
        return false;
    }
    const double groups = (double)units * (MANY - 1);
    return psim_gpu_take(
               probe, "launch_graph", full_s, PSIM_DIM_SECONDS, spread,
               psim_arena_printf(probe->gpu->arena,
                                 "empty kernels in a graph, a work-group a unit "
                                 "(%.3f us of one work-group)",
                                 1e6 * one_s)) &&
           psim_gpu_take(probe, "host_stream", stream_s, PSIM_DIM_SECONDS,
                         spread_stream, "empty kernels launched one after the other") &&
           (many_s <= full_s ||
            psim_gpu_take(probe, "place", groups / (many_s - full_s), PSIM_DIM_OP_PER_S,
                          spread_many,
                          "work-groups of empty kernels beyond one a unit"));
}

/* --- copies -------------------------------------------------------------------- */

/** One way, from or to pinned memory; seconds by the host's clock. */
static bool
copy_once(struct psim_gpu_probe *probe, bool in, void *host, size_t bytes,
          unsigned times, double *ret_s)
{
    const struct psim_gpu *gpu = probe->gpu;
    if (!psim_gpu_wait(gpu)) return false;
    const double start_s = now_s();
    for (unsigned i = 0; i < times; i++) {
        const int result =
            in ? gpu->api.copy_in(probe->data, host, bytes, gpu->stream)
               : gpu->api.copy_out(host, probe->data, bytes, gpu->stream);
        if (!psim_gpu_ok(gpu, result, "a copy")) return false;
    }
    if (!psim_gpu_wait(gpu)) return false;
    *ret_s = (now_s() - start_s) / times;
    return true;
}

static bool
take_way(struct psim_gpu_probe *probe, bool in, void *host, const char *name)
{
    enum { REPEATS = 5, LARGE = 64 << 20, SMALL = 4096, OFTEN = 200 };
    double large[REPEATS], small[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        if (!copy_once(probe, in, host, LARGE, 2, &large[i]) ||
            !copy_once(probe, in, host, SMALL, OFTEN, &small[i])) {
            return false;
        }
    }
    struct psim_arena *arena = probe->gpu->arena;
    const double small_s = psim_median(small, REPEATS);
    const double launch_s = psim_gpu_taken(probe, "launch_graph");
    return psim_gpu_take(probe, name, LARGE / psim_median(large, REPEATS),
                         PSIM_DIM_BYTES_PER_S, psim_spread(large, REPEATS),
                         "copies of 64 MiB of pinned memory") &&
           psim_gpu_take(
               probe, psim_arena_printf(arena, "%s_setup", name),
               fmax(0, small_s - launch_s), PSIM_DIM_SECONDS,
               psim_spread(small, REPEATS),
               "copies of 4 KiB of pinned memory back to back, less a launch");
}

static bool
take_copies(struct psim_gpu_probe *probe)
{
    void *host = psim_gpu_new_host(probe->gpu, 64 << 20);
    return host && take_way(probe, true, host, "host_to_device") &&
           take_way(probe, false, host, "device_to_host") &&
           psim_gpu_take(probe, "host_peak",
                         fmax(psim_gpu_taken(probe, "host_to_device"),
                              psim_gpu_taken(probe, "device_to_host")),
                         PSIM_DIM_BYTES_PER_S, -1, "the faster way");
}

/* --- clock --------------------------------------------------------------------- */

static bool
take_clock(struct psim_gpu_probe *probe)
{
    enum { LAUNCHES = 40 };
    struct psim_gpu_clock_reader reader;
    struct psim_gpu_clocks before, after;
    const uint32_t turns = 2000;
    const float seed = 0.71f;
    const void *const parameters[] = {&probe->cycles, &turns, &seed, &probe->data,
                                      NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {(uint64_t)probe->gpu->units}, .lanes = 256},
        .parameters = parameters};
    bool ok = psim_gpu_start_reader(probe->gpu, &reader) &&
              psim_gpu_compile(probe->gpu, "rate",
                               "#define TYPE float\n#define REGISTER \"f\"\n"
                               "#define INSTRUCTION \"fma.rn.f32 %0, %0, %1, %2;\"\n"
                               "#define CHAINS 4\n",
                               "rate", 0, &work.code) &&
              psim_gpu_run(probe->gpu, &work.code, &work.launch, parameters) &&
              psim_gpu_read_clocks(probe->gpu, &reader, &before);
    for (int i = 0; i < LAUNCHES && ok; i++) {
        ok = psim_gpu_run(probe->gpu, &work.code, &work.launch, parameters);
    }
    if (!ok || !psim_gpu_read_clocks(probe->gpu, &reader, &after)) return false;
    probe->clock_hz = psim_gpu_clock_between(&before, &after);
    return psim_gpu_take(probe, "clock", probe->clock_hz, PSIM_DIM_HERTZ, -1,
                         "cycle counters of all units against the device's timer while "
                         "they multiply and add");
}

bool
psim_gpu_probe_costs(struct psim_gpu_probe *probe)
{
    return take_clock(probe) && take_launches(probe) && take_copies(probe);
}
