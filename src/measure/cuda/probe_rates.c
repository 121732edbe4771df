/* SPDX-License-Identifier: MIT */
/** @file Instructions of lanes: how often they start, how long one waits. */
#include "measure/cuda/probe.h"
#include "util/str.h"

enum { UNROLLED = 16, SCHEDULERS = 4, FULL_LANES = 1024 };

/** One instruction; %0 is what it changes, %1 and %2 are the same all the time. */
static const struct instruction {
    const char *name, *type, *letter, *text;
} instructions[] = {
    {"fma_fp32", "float", "f", "fma.rn.f32 %0, %0, %1, %2;"},
    {"fma_fp64", "double", "d", "fma.rn.f64 %0, %0, %1, %2;"},
    {"add_fp32", "float", "f", "add.rn.f32 %0, %0, %2;"},
    {"mul_fp32", "float", "f", "mul.rn.f32 %0, %0, %1;"},
    {"max_fp32", "float", "f", "max.f32 %0, %0, %1; min.f32 %0, %0, %2;"},
    {"convert", "u32", "r",
     "{.reg .f32 t; mov.b32 t, %0; cvt.rn.bf16x2.f32 %0, t, t;}"},
    {"integer", "u32", "r", "mad.lo.s32 %0, %0, %1, %2;"},
    {"exp2", "float", "f", "ex2.approx.ftz.f32 %0, %0;"},
    /* A compiler leaves two reciprocals of one another away. */
    {"divide", "float", "f", "rcp.approx.ftz.f32 %0, %0; add.rn.f32 %0, %0, %2;"},
    {"rsqrt", "float", "f", "rsqrt.approx.ftz.f32 %0, %0;"},
};

/** Some lines stand for two instructions. */
static double
count_of(const struct instruction *i)
{
    return i->name[0] == 'm' && i->name[1] == 'a' ? 2 : 1; /* maximum and minimum */
}

static const char *
defines(struct psim_gpu_probe *probe, const struct instruction *i, int chains,
        const char *more)
{
    return psim_arena_printf(
        probe->gpu->arena,
        "#define TYPE %s\n#define REGISTER \"%s\"\n#define INSTRUCTION \"%s\"\n"
        "#define CHAINS %d\n%s%s",
        i->type, i->letter, i->text, chains,
        i->letter[0] == 'r' ? "#define INTEGER 1\n" : "", more);
}

/** Cycles that one work-group takes for each turn of one chain of a warp. */
static bool
cycles_of(struct psim_gpu_probe *probe, const struct instruction *i, int chains,
          unsigned lanes, const char *more, double *ret_cycles, double *ret_spread)
{
    const uint32_t turns = 256;
    const float seed = 0.71f;
    const void *const parameters[] = {&probe->cycles, &turns, &seed, &probe->data,
                                      NULL};
    struct psim_gpu_work work = {.launch = {.grid = {1}, .lanes = lanes},
                                 .parameters = parameters};
    if (!psim_gpu_compile(probe->gpu, "rate", defines(probe, i, chains, more), "rate",
                          0, &work.code) ||
        !psim_gpu_median_cycles(probe, &work, 0, ret_cycles, ret_spread)) {
        return false;
    }
    *ret_cycles /= (double)turns * UNROLLED * chains;
    return true;
}

static const char *
named(struct psim_gpu_probe *probe, const char *name, const char *what)
{
    return psim_arena_printf(probe->gpu->arena, "%s_%s", name, what);
}

/** Rate with all warps and four chains in each, latency with one warp and one chain. */
static bool
take_instruction(struct psim_gpu_probe *probe, const struct instruction *i)
{
    enum { CHAINS = 4 };
    double full, one, spread, spread_one;
    if (!cycles_of(probe, i, CHAINS, FULL_LANES, "", &full, &spread) ||
        !cycles_of(probe, i, 1, 32, "", &one, &spread_one)) {
        return false;
    }
    const double warps = (double)FULL_LANES / 32 / SCHEDULERS, n = count_of(i);
    if (psim_str_equal(i->name, "divide"))
        one -= psim_gpu_taken(probe, "add_fp32_latency");
    return psim_gpu_take(probe, named(probe, i->name, "rate"), n * warps / full,
                         PSIM_DIM_OP_PER_CYCLE, spread,
                         psim_arena_printf(probe->gpu->arena,
                                           "%s by 32 warps of a unit, four chains",
                                           i->name)) &&
           psim_gpu_take(probe, named(probe, i->name, "latency"), one / n,
                         PSIM_DIM_CYCLES, spread_one,
                         psim_arena_printf(probe->gpu->arena,
                                           "a chain of %s by one warp", i->name));
}

/** What a scheduler starts at most: two pipes take turns. */
static bool
take_issue(struct psim_gpu_probe *probe)
{
    double full, alone, barrier, spread, spread_alone, spread_barrier;
    static const struct instruction meet = {"barrier", "float", "f", "bar.sync 0;"};
    if (!cycles_of(probe, &instructions[0], 4, FULL_LANES, "#define MIX 1\n", &full,
                   &spread) ||
        !cycles_of(probe, &instructions[0], 8, 32, "", &alone, &spread_alone) ||
        !cycles_of(probe, &meet, 1, 128, "", &barrier, &spread_barrier)) {
        return false;
    }
    return psim_gpu_take(probe, "issue", 2.0 * FULL_LANES / 32 / SCHEDULERS / full,
                         PSIM_DIM_OP_PER_CYCLE, spread,
                         "multiply-adds and logic in turn, 32 warps of a unit") &&
           psim_gpu_take(probe, "warp_issue", 1 / alone, PSIM_DIM_OP_PER_CYCLE,
                         spread_alone, "eight chains of multiply-adds of one warp") &&
           psim_gpu_take(probe, "barrier", barrier, PSIM_DIM_CYCLES, spread_barrier,
                         "four warps meet");
}

bool
psim_gpu_probe_rates(struct psim_gpu_probe *probe)
{
    for (size_t i = 0; i < PSIM_COUNT(instructions); i++) {
        if (!take_instruction(probe, &instructions[i])) return false;
    }
    return take_issue(probe);
}
