/* SPDX-License-Identifier: MIT */
/** @file Power by the board's counter of energy, and how loads lower the clock.
 *
 * An operation's energy is what it draws beyond the base and beyond what starting its
 * instructions takes, over its rate. Where the counter cannot be read the machine file
 * says nothing of power.
 */
#include <math.h>
#include <time.h>

#include "measure/cuda/clocks.h"
#include "measure/cuda/probe.h"

static double
now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool
read_j(const struct psim_gpu *gpu, double *ret_j)
{
    unsigned long long mj = 0;
    if (gpu->api.monitor_energy(gpu->monitor, &mj) != 0) return false;
    *ret_j = 1e-3 * (double)mj;
    return true;
}

/** Launch for so long; a wait now and then keeps the queue short. */
static bool
loop_for(struct psim_gpu_probe *probe, const struct psim_gpu_work *work, double seconds,
         unsigned *ret_launches)
{
    enum { TOGETHER = 8 };
    const double end_s = now_s() + seconds;
    *ret_launches = 0;
    while (now_s() < end_s) {
        for (int i = 0; i < TOGETHER; i++) {
            if (!psim_gpu_run(probe->gpu, &work->code, &work->launch,
                              work->parameters)) {
                return false;
            }
        }
        *ret_launches += TOGETHER;
        if (!psim_gpu_wait(probe->gpu)) return false;
    }
    return true;
}

bool
psim_gpu_power_of(struct psim_gpu_probe *probe, const struct psim_gpu_work *work,
                  double *ret_w, double *ret_per_s, double *ret_clock_hz)
{
    static const double burst_s = 0.01, before_s = 0.3, while_s = 0.6;
    struct psim_gpu_clock_reader reader;
    struct psim_gpu_clocks before, after;
    double from_j = 0, to_j = 0;
    unsigned launches;
    *ret_w = *ret_per_s = *ret_clock_hz = 0;
    if (!psim_gpu_start_reader(probe->gpu, &reader) ||
        !loop_for(probe, work, burst_s / 4, &launches) ||
        !psim_gpu_read_clocks(probe->gpu, &reader, &before) ||
        !loop_for(probe, work, burst_s, &launches) ||
        !psim_gpu_read_clocks(probe->gpu, &reader, &after) ||
        !loop_for(probe, work, before_s, &launches)) {
        return false;
    }
    *ret_clock_hz = psim_gpu_clock_between(&before, &after);
    const double start_s = now_s();
    if (!read_j(probe->gpu, &from_j) || !loop_for(probe, work, while_s, &launches)) {
        return false;
    }
    const double s = now_s() - start_s;
    if (!read_j(probe->gpu, &to_j)) return false;
    *ret_w = (to_j - from_j) / s;
    *ret_per_s = launches / s;
    return true;
}

/* --- loads --------------------------------------------------------------------- */

struct load {
    double w, per_s, clock_hz;
};

static bool
run_load(struct psim_gpu_probe *probe, struct psim_gpu_work *work, const char *source,
         const char *defines, const char *function, struct load *ret)
{
    return psim_gpu_compile(probe->gpu, source, defines, function,
                            work->launch.shared_bytes, &work->code) &&
           psim_gpu_power_of(probe, work, &ret->w, &ret->per_s, &ret->clock_hz);
}

static bool
load_sleep(struct psim_gpu_probe *probe, struct load *ret)
{
    const uint32_t turns = 2000;
    const void *const parameters[] = {&turns, NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {(uint64_t)probe->gpu->units}, .lanes = 128},
        .parameters = parameters};
    return run_load(probe, &work, "memory", "", "sleep_all", ret);
}

enum { FMA_TURNS = 4000, FMA_LANES = 1024, FMA_EACH = 16 * 4 };

/** Multiply-adds of numbers of many bits, or of zeros. */
static bool
load_fma(struct psim_gpu_probe *probe, float seed, struct load *ret)
{
    const uint32_t turns = FMA_TURNS;
    const void *const parameters[] = {&probe->cycles, &turns, &seed, &probe->data,
                                      NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {(uint64_t)probe->gpu->units}, .lanes = FMA_LANES},
        .parameters = parameters};
    return run_load(probe, &work, "rate",
                    "#define TYPE float\n#define REGISTER \"f\"\n"
                    "#define INSTRUCTION \"fma.rn.f32 %0, %0, %1, %2;\"\n"
                    "#define CHAINS 4\n",
                    "rate", ret);
}

enum { MMA_TURNS = 4000, MMA_EACH = 4 * 4 };

static bool
load_mma(struct psim_gpu_probe *probe, unsigned lanes, struct load *ret)
{
    const uint32_t turns = MMA_TURNS;
    const void *const parameters[] = {&probe->cycles, &turns, &probe->data,
                                      &probe->data, NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {(uint64_t)probe->gpu->units}, .lanes = lanes},
        .parameters = parameters};
    return run_load(probe, &work, "rate_mma", "#define KIND BF16\n#define CHAINS 4\n",
                    "rate_mma", ret);
}

enum { WGMMA_TURNS = 4000, WGMMA_EACH = 4 };

/** Products of the random numbers, or of the zeros behind them. */
static bool
load_wgmma(struct psim_gpu_probe *probe, bool zeros, struct load *ret)
{
    const uint32_t turns = WGMMA_TURNS;
    const psim_gpu_address from = probe->data + (zeros ? probe->data_bytes / 2 : 0);
    const void *const parameters[] = {&probe->cycles, &turns, &from, &probe->data,
                                      NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {(uint64_t)probe->gpu->units},
                   .lanes = 256,
                   .shared_bytes = (size_t)(64 + 256) * 128 + 1024},
        .parameters = parameters};
    return run_load(probe, &work, "rate_wgmma",
                    "#define NAME \"m64n256k16.f32.bf16.bf16\"\n"
                    "#define SCALES \", 1, 1, 0, 0\"\n",
                    "rate_wgmma", ret);
}

static bool
load_read(struct psim_gpu_probe *probe, uint64_t bytes, uint32_t turns,
          struct load *ret)
{
    const uint64_t n = bytes / 16;
    const void *const parameters[] = {&probe->data, &n, &turns, &probe->cycles, NULL};
    struct psim_gpu_work work = {
        .launch = {.grid = {(uint64_t)probe->gpu->units * 4}, .lanes = 512},
        .parameters = parameters};
    if (!run_load(probe, &work, "memory", "", "read_all", ret)) return false;
    ret->per_s *= (double)bytes * turns;
    return true;
}

/* --- figures ------------------------------------------------------------------- */

static bool
take_lanes(struct psim_gpu_probe *probe, double base_w, double *ret_issue_j)
{
    struct load zeros, random;
    const double units = probe->gpu->units;
    const double each = (double)FMA_TURNS * FMA_EACH * FMA_LANES / 32 * units;
    if (!load_fma(probe, 0, &zeros) || !load_fma(probe, 0.71f, &random)) return false;
    *ret_issue_j = fmax(0, (zeros.w - base_w) / (zeros.per_s * each));
    const double flop = each * 64;
    const double fma_j =
        fmax(0, (random.w - base_w) / (random.per_s * flop) - *ret_issue_j / 64);
    return psim_gpu_take(probe, "issue_energy", *ret_issue_j, PSIM_DIM_J_PER_OP, -1,
                         "multiply-adds of zeros on all units, less the base") &&
           psim_gpu_take(probe, "fma_energy", fma_j, PSIM_DIM_J_PER_FLOP, -1,
                         "multiply-adds of numbers of many bits, less the instruction");
}

/** Invocations' energy, and the clock that any of them leaves. */
static bool
take_matrix(struct psim_gpu_probe *probe, double base_w, double issue_j)
{
    struct load one, full;
    const double units = probe->gpu->units;
    const double each = (double)MMA_TURNS * MMA_EACH * 512 / 32 * units;
    if (!load_mma(probe, 32, &one) || !load_mma(probe, 512, &full)) return false;
    const double j = fmax(0, (full.w - base_w) / (full.per_s * each) - issue_j);
    return psim_gpu_take(probe, "mma_energy", j, PSIM_DIM_J_PER_OP, -1,
                         "mma.sync of bf16 on random numbers, all units, less the base "
                         "and the instruction") &&
           psim_gpu_take(probe, "droop_share", fmin(1, one.clock_hz / probe->clock_hz),
                         PSIM_DIM_NONE, -1,
                         "clock in 10 ms of mma.sync by one warp a unit, over that of "
                         "multiply-adds");
}

/** How the clock goes down with power: by two loads of the same instruction. */
static bool
take_group_matrix(struct psim_gpu_probe *probe, double base_w)
{
    struct load random, zeros;
    const double units = probe->gpu->units;
    const double each = (double)WGMMA_TURNS * WGMMA_EACH * 2 * units;
    const double share = psim_gpu_taken(probe, "droop_share");
    if (!psim_gpu_ok(probe->gpu,
                     probe->gpu->api.set_bytes(probe->data + probe->data_bytes / 2, 0,
                                               1 << 20, probe->gpu->stream),
                     "clearing") ||
        !load_wgmma(probe, false, &random) || !load_wgmma(probe, true, &zeros)) {
        return false;
    }
    const double j = fmax(0, (random.w - base_w) / (random.per_s * each));
    const double zeros_j = fmax(0, (zeros.w - base_w) / (zeros.per_s * each));
    if (!psim_gpu_take(
            probe, "wgmma_energy", j, PSIM_DIM_J_PER_OP, -1,
            "wgmma of 64 x 256 of bf16 on random numbers, all units, less the "
            "base") ||
        !psim_gpu_take(probe, "zeros", j > 0 ? fmin(1, zeros_j / j) : 1, PSIM_DIM_NONE,
                       -1, "the same on zeros, over that")) {
        return false;
    }
    /* At once, before the cap acts, it goes at the clock of the first milliseconds. */
    const double rate =
        psim_gpu_taken(probe, "wgmma_bf16_rate") * 4 * units / (2.0 * 64 * 256 * 16);
    const double left = random.clock_hz / probe->clock_hz / share;
    if (!(left < 1) || !(j > 0)) return true;
    static const double exponent = 0.3;
    const double core_w = j * rate * random.clock_hz;
    return psim_gpu_take(
        probe, "droop_from", core_w * pow(left, 1 / exponent), PSIM_DIM_WATTS, -1,
        psim_arena_printf(probe->gpu->arena,
                          "clock of %.3f GHz in 10 ms of wgmma on random "
                          "numbers, %.0f W beyond the base, with the "
                          "exponent",
                          1e-9 * random.clock_hz, core_w));
}

static bool
take_bytes(struct psim_gpu_probe *probe, double base_w)
{
    struct load held, memory;
    if (!load_read(probe, 16 << 20, 512, &held) ||
        !load_read(probe, probe->data_bytes, 4, &memory)) {
        return false;
    }
    const double held_j = fmax(0, (held.w - base_w) / held.per_s);
    const double memory_j = fmax(0, (memory.w - base_w) / memory.per_s - held_j);
    return psim_gpu_take(probe, "l2_energy", held_j, PSIM_DIM_J_PER_BYTE, -1,
                         "reads of 16 MiB again and again, less the base") &&
           psim_gpu_take(probe, "memory_energy", memory_j, PSIM_DIM_J_PER_BYTE, -1,
                         "reads of memory, less the base and the L2");
}

static bool
take_idle(struct psim_gpu_probe *probe)
{
    const struct timespec rest = {.tv_sec = 1};
    const struct psim_gpu *gpu = probe->gpu;
    unsigned idle_mw = 0, cap_mw = 0;
    (void)nanosleep(&rest, NULL);
    if (gpu->api.monitor_power(gpu->monitor, &idle_mw) == 0) {
        psim_gpu_take(probe, "idle", 1e-3 * idle_mw, PSIM_DIM_WATTS, -1,
                      "after a second without work");
    }
    if (gpu->api.monitor_cap(gpu->monitor, &cap_mw) == 0) {
        psim_gpu_take(probe, "cap", 1e-3 * cap_mw, PSIM_DIM_WATTS, -1,
                      "the limit that the driver enforces");
    }
    return true;
}

bool
psim_gpu_probe_power(struct psim_gpu_probe *probe)
{
    struct load sleep;
    double issue_j, unused_j;
    if (!probe->gpu->monitor || !read_j(probe->gpu, &unused_j)) return true;
    if (!take_idle(probe) || !load_sleep(probe, &sleep) ||
        !psim_gpu_take(probe, "base", sleep.w, PSIM_DIM_WATTS, -1,
                       "sleeping warps on all units") ||
        !take_lanes(probe, sleep.w, &issue_j) ||
        !take_matrix(probe, sleep.w, issue_j) || !take_bytes(probe, sleep.w)) {
        return false;
    }
    return probe->gpu->capability != 90 || take_group_matrix(probe, sleep.w);
}
