/* SPDX-License-Identifier: MIT */
/** @file Latency and bandwidth of shared memory, L1, L2 and memory. */
#include <math.h>
#include <stdlib.h>

#include "measure/cuda/probe.h"
#include "measure/stats.h"

enum { LINE_BYTES = 128, TIMED = 2048, LANES = 512 };

static bool
compile(struct psim_gpu_probe *probe, const char *function, size_t shared_bytes,
        struct psim_gpu_kernel_code *ret)
{
    return psim_gpu_compile(probe->gpu, "memory", "", function, shared_bytes, ret);
}

/* --- latency ------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static bool
make_chain(struct psim_gpu_probe *probe, uint64_t lines)
{
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = {.grid = {(uint64_t)probe->gpu->units * 4},
                                           .lanes = 256};
    const void *const parameters[] = {&probe->data, &lines, NULL};
    return compile(probe, "make_chain", 0, &code) &&
           psim_gpu_run(probe->gpu, &code, &launch, parameters);
}

/** Cycles of a step through a ring; of single steps the quickest and slowest tenth. */
static bool
follow(struct psim_gpu_probe *probe, const char *function, uint64_t bytes, bool through,
       double *ret_cycles, double ret_tenths[2])
{
    uint32_t words[TIMED + 1];
    const uint64_t lines = bytes / LINE_BYTES;
    const uint32_t timed = TIMED, before = through ? (uint32_t)lines : 0;
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = {.grid = {1}, .lanes = 1};
    const void *const parameters[] = {&probe->data, &before, &timed, &probe->cycles,
                                      NULL};
    if (!make_chain(probe, lines) || !compile(probe, function, 0, &code) ||
        !psim_gpu_run(probe->gpu, &code, &launch, parameters) ||
        !psim_gpu_copy_out(probe->gpu, words, probe->cycles, sizeof(words))) {
        return false;
    }
    *ret_cycles = (double)words[TIMED] / TIMED;
    qsort(words, TIMED, sizeof(*words), compare);
    /* A look at the clock takes some cycles of each single step. */
    double all = 0;
    for (size_t i = 0; i < TIMED; i++) {
        all += words[i];
    }
    const double extra = all / TIMED - *ret_cycles;
    ret_tenths[0] = words[TIMED / 10] - extra;
    ret_tenths[1] = words[TIMED * 9 / 10] - extra;
    return true;
}

bool
psim_gpu_chase(struct psim_gpu_probe *probe, uint64_t bytes, bool through,
               double *ret_cycles)
{
    double tenths[2];
    return follow(probe, "follow_near", bytes, through, ret_cycles, tenths);
}

static bool
take_store(struct psim_gpu_probe *probe)
{
    const uint32_t timed = TIMED;
    const void *const parameters[] = {&probe->data, &timed, &probe->cycles, NULL};
    struct psim_gpu_work work = {.launch = {.grid = {1}, .lanes = 1},
                                 .parameters = parameters};
    double cycles, spread;
    return compile(probe, "store_and_fence", 0, &work.code) &&
           psim_gpu_median_cycles(probe, &work, 0, &cycles, &spread) &&
           psim_gpu_take(probe, "l2_write_latency", cycles / TIMED, PSIM_DIM_CYCLES,
                         spread, "a store and a fence, one after the other");
}

static bool
take_latencies(struct psim_gpu_probe *probe)
{
    const uint64_t l2 = probe->gpu->l2_bytes;
    uint64_t far = (uint64_t)1 << 20;
    while (far * 2 <= probe->data_bytes && far < 8 * l2) {
        far *= 2; /* a power of 2 */
    }
    double l1, held, memory, tenths[2], none[2], shared, spread;
    const uint32_t timed = TIMED;
    const void *const parameters[] = {&timed, &probe->cycles, NULL};
    struct psim_gpu_work work = {.launch = {.grid = {1}, .lanes = 1},
                                 .parameters = parameters};
    if (!follow(probe, "follow_near", 32 << 10, true, &l1, none) ||
        !follow(probe, "follow_far", 2 << 20, true, &held, tenths) ||
        !follow(probe, "follow_far", far, false, &memory, none) ||
        !compile(probe, "follow_shared", 0, &work.code) ||
        !psim_gpu_median_cycles(probe, &work, TIMED, &shared, &spread)) {
        return false;
    }
    struct psim_arena *arena = probe->gpu->arena;
    return take_store(probe) &&
           psim_gpu_take(probe, "shared_latency", shared / TIMED, PSIM_DIM_CYCLES,
                         spread, "a chain through shared memory") &&
           psim_gpu_take(probe, "l1_latency", l1, PSIM_DIM_CYCLES, -1,
                         "a chain through 32 KiB") &&
           psim_gpu_take(
               probe, "l2_latency", held, PSIM_DIM_CYCLES, -1,
               psim_arena_printf(arena,
                                 "a chain through 2 MiB; a tenth of the lines "
                                 "within %.0f cycles, a tenth beyond %.0f",
                                 tenths[0], tenths[1])) &&
           psim_gpu_take(probe, "memory_latency", memory, PSIM_DIM_CYCLES, -1,
                         psim_arena_printf(arena, "a chain through %llu MiB",
                                           (unsigned long long)(far >> 20)));
}

/* --- bandwidth ----------------------------------------------------------------- */

/** Bytes of shared memory or of the L1 that a unit reads in a cycle. */
static bool
take_walk(struct psim_gpu_probe *probe, const char *function, const char *name,
          const char *how)
{
    enum { BYTES = 64 << 10, TURNS = 64 };
    const uint32_t n = BYTES / 16, turns = TURNS;
    const void *const parameters[] = {&probe->data, &n, &turns, &probe->cycles, NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {1}, .lanes = 1024, .shared_bytes = BYTES},
        .parameters = parameters};
    double cycles, spread;
    return compile(probe, function, BYTES, &work.code) &&
           psim_gpu_median_cycles(probe, &work, 0, &cycles, &spread) &&
           psim_gpu_take(probe, name, (double)BYTES * (TURNS - 1) / cycles,
                         PSIM_DIM_BYTES_PER_CYCLE, spread, how);
}

/** Bytes per second of a kernel that touches `bytes` some times. */
static bool
rate_of(struct psim_gpu_probe *probe, const char *function, uint64_t groups,
        uint64_t bytes, double *ret_per_s, double *ret_spread)
{
    const uint64_t n = bytes / 16;
    const uint64_t often = ((uint64_t)1 << 30) / bytes;
    const uint32_t turns = often > 64 ? 64 : often > 0 ? (uint32_t)often : 1;
    const void *const parameters[] = {&probe->data, &n, &turns, &probe->cycles, NULL};
    struct psim_gpu_work work = {.launch = {.grid = {groups}, .lanes = LANES},
                                 .parameters = parameters};
    double s;
    if (!compile(probe, function, 0, &work.code) ||
        !psim_gpu_median_s(probe, &work, false, 4, &s, ret_spread)) {
        return false;
    }
    *ret_per_s = (double)bytes * turns / s;
    return true;
}

/** Of growing stretches; what the cache holds is the best of those well within it. */
static bool
take_reads(struct psim_gpu_probe *probe)
{
    const uint64_t groups = (uint64_t)probe->gpu->units * 4;
    const char *table = "";
    double held = 0, held_spread = 0, last = 0, spread = 0;
    const uint64_t most = probe->gpu->l2_bytes * 2 / 3;
    const uint64_t first = most < 1 << 20 ? most : 1 << 20;
    for (uint64_t bytes = first; bytes <= probe->data_bytes; bytes *= 2) {
        if (!rate_of(probe, "read_all", groups, bytes, &last, &spread)) return false;
        if (bytes <= most && last > held) {
            held = last;
            held_spread = spread;
        }
        table = psim_arena_printf(probe->gpu->arena, "%s%s%llu MiB at %.3g TB/s", table,
                                  bytes > first ? ", " : "",
                                  (unsigned long long)(bytes >> 20), 1e-12 * last);
    }
    return psim_gpu_take(probe, "l2_read", held, PSIM_DIM_BYTES_PER_S, held_spread,
                         psim_arena_printf(probe->gpu->arena,
                                           "reads again and again: %s", table)) &&
           psim_gpu_take(probe, "memory_read", last, PSIM_DIM_BYTES_PER_S, spread,
                         psim_arena_printf(probe->gpu->arena, "reads of %zu MiB",
                                           probe->data_bytes >> 20));
}

/** Memory in one turn, each lane two vectors, as the kernels do. */
static bool
take_writes(struct psim_gpu_probe *probe)
{
    enum { EACH_BYTES = 2 * LANES * 16 };
    const uint64_t groups = probe->data_bytes / EACH_BYTES;
    double held, memory, spread, spread_memory;
    return rate_of(probe, "write_all", (16 << 20) / EACH_BYTES, 16 << 20, &held,
                   &spread) &&
           psim_gpu_take(probe, "l2_write", held, PSIM_DIM_BYTES_PER_S, spread,
                         "stores to 16 MiB, again and again") &&
           rate_of(probe, "write_all", groups, probe->data_bytes, &memory,
                   &spread_memory) &&
           psim_gpu_take(probe, "memory_write", memory, PSIM_DIM_BYTES_PER_S,
                         spread_memory, "stores to as much");
}

/** One half to the other; single words. */
static bool
take_mixed(struct psim_gpu_probe *probe)
{
    enum { EACH = 8, WORDS = 4, APART_BYTES = 64 };
    const uint64_t n = probe->data_bytes / 2 / 16, words = probe->data_bytes / 4;
    const psim_gpu_address to = probe->data + probe->data_bytes / 2;
    const void *const halves[] = {&to, &probe->data, &n, NULL};
    const void *const apart[] = {&probe->data, &words, &probe->cycles, NULL};
    struct psim_gpu_work copy = {
        .launch = {.grid = {(n + EACH * LANES - 1) / (EACH * LANES)}, .lanes = LANES},
        .parameters = halves};
    const uint64_t groups = (uint64_t)probe->gpu->units * 256;
    struct psim_gpu_work single = {.launch = {.grid = {groups}, .lanes = LANES},
                                   .parameters = apart};
    double s, spread, apart_s, spread_apart;
    if (!compile(probe, "copy_all", 0, &copy.code) ||
        !psim_gpu_median_s(probe, &copy, false, 4, &s, &spread) ||
        !compile(probe, "read_apart", 0, &single.code) ||
        !psim_gpu_median_s(probe, &single, false, 4, &apart_s, &spread_apart)) {
        return false;
    }
    /* Of the time of a copy the reads take as long as alone: the rest is the writes'.
     */
    const double each = (double)probe->data_bytes / 2;
    const double write_s = s - each / psim_gpu_taken(probe, "memory_read");
    const double bytes = (double)groups * LANES * WORDS * APART_BYTES;
    return psim_gpu_take(
               probe, "memory_mixed", each / write_s, PSIM_DIM_BYTES_PER_S, spread,
               psim_arena_printf(probe->gpu->arena,
                                 "one half copied to the other at %.3g TB/s, less "
                                 "the reads",
                                 2e-12 * each / s)) &&
           psim_gpu_take(probe, "memory_scattered", bytes / apart_s,
                         PSIM_DIM_BYTES_PER_S, spread_apart,
                         "single words at random, 64 B moved for each");
}

/** What one unit draws while few others do. */
static bool
take_port(struct psim_gpu_probe *probe)
{
    enum { UNITS = 8 };
    double per_s, spread;
    return rate_of(probe, "read_all", UNITS, 8 << 20, &per_s, &spread) &&
           psim_gpu_take(probe, "l2_port", per_s / UNITS / probe->clock_hz,
                         PSIM_DIM_BYTES_PER_CYCLE, spread,
                         "eight work-groups, each on a unit of its own, read 8 MiB "
                         "again and again");
}

/** As the driver states it: two transfers a clock. */
static bool
take_peak(struct psim_gpu_probe *probe)
{
    const struct psim_gpu *gpu = probe->gpu;
    return psim_gpu_take(probe, "memory_peak",
                         2 * gpu->memory_clock_hz * gpu->memory_bus_bits / 8,
                         PSIM_DIM_BYTES_PER_S, -1, "the driver's clock and bus");
}

bool
psim_gpu_probe_memory(struct psim_gpu_probe *probe)
{
    return take_peak(probe) && take_latencies(probe) &&
           take_walk(probe, "walk_shared", "shared_rate",
                     "64 KiB of shared memory by 32 warps") &&
           take_walk(probe, "walk_l1", "l1_rate",
                     "64 KiB through the L1 by 32 warps") &&
           take_reads(probe) && take_writes(probe) && take_mixed(probe) &&
           take_port(probe);
}
