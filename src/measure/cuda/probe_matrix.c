/* SPDX-License-Identifier: MIT */
/** @file Matrix instructions, and the clock that they leave. */
#include "measure/cuda/probe.h"

enum { SCHEDULERS = 4, CHAINS = 4, UNROLLED = 4, MMA_LANES = 512, WGMMA_LANES = 256 };

static const struct {
    const char *kind, *type;
    double flop;    /* of an invocation */
    int capability; /* the least that has it */
} warp_kinds[] = {
    {"BF16", "bf16", 2.0 * 16 * 8 * 16, 80}, {"FP16", "fp16", 2.0 * 16 * 8 * 16, 80},
    {"TF32", "tf32", 2.0 * 16 * 8 * 8, 80},  {"INT8", "int8", 2.0 * 16 * 8 * 32, 80},
    {"FP64", "fp64", 2.0 * 16 * 8 * 4, 80},  {"FP8", "fp8", 2.0 * 16 * 8 * 32, 89},
};

static const struct {
    const char *type, *name, *scales;
    bool integer;
    double flop;
} group_kinds[] = {
    {"bf16", "m64n256k16.f32.bf16.bf16", ", 1, 1, 0, 0", false, 2.0 * 64 * 256 * 16},
    {"fp16", "m64n256k16.f32.f16.f16", ", 1, 1, 0, 0", false, 2.0 * 64 * 256 * 16},
    {"tf32", "m64n256k8.f32.tf32.tf32", ", 1, 1", false, 2.0 * 64 * 256 * 8},
    {"fp8", "m64n256k32.f32.e4m3.e4m3", ", 1, 1", false, 2.0 * 64 * 256 * 32},
    {"int8", "m64n256k32.s32.s8.s8", "", true, 2.0 * 64 * 256 * 32},
};

/** Invocations of one scheduler in a cycle, and of a chain of one warp. */
static bool
take_warp_kind(struct psim_gpu_probe *probe, size_t k)
{
    struct psim_arena *arena = probe->gpu->arena;
    const uint32_t turns = 256;
    const void *const parameters[] = {&probe->cycles, &turns, &probe->data,
                                      &probe->data, NULL};
    struct psim_gpu_work work = {.parameters = parameters};
    double cycles[2], spread[2];
    for (int one = 0; one < 2; one++) {
        work.launch = (struct psim_gpu_launch){
            .grid = {1}, .lanes = one ? 32u : (unsigned)MMA_LANES};
        const int chains = one ? 1 : CHAINS;
        const char *defines = psim_arena_printf(
            arena, "#define KIND %s\n#define CHAINS %d\n", warp_kinds[k].kind, chains);
        if (!psim_gpu_compile(probe->gpu, "rate_mma", defines, "rate_mma", 0,
                              &work.code) ||
            !psim_gpu_median_cycles(probe, &work, 0, &cycles[one], &spread[one])) {
            return false;
        }
        cycles[one] /= (double)turns * UNROLLED * chains;
    }
    const char *type = warp_kinds[k].type;
    return psim_gpu_take(probe, psim_arena_printf(arena, "mma_%s_rate", type),
                         warp_kinds[k].flop * MMA_LANES / 32 / SCHEDULERS / cycles[0],
                         PSIM_DIM_FLOP_PER_CYCLE, spread[0],
                         "mma.sync by 16 warps of a unit, four sums each") &&
           psim_gpu_take(probe, psim_arena_printf(arena, "mma_%s_latency", type),
                         cycles[1], PSIM_DIM_CYCLES, spread[1],
                         "a chain of mma.sync by one warp");
}

static bool
compile_group_kind(struct psim_gpu_probe *probe, size_t k,
                   struct psim_gpu_kernel_code *ret, size_t *ret_bytes)
{
    enum { TILES_BYTES = (64 + 256) * 128, ALIGN_BYTES = 1024 };
    *ret_bytes = TILES_BYTES + ALIGN_BYTES;
    return psim_gpu_compile(
        probe->gpu, "rate_wgmma",
        psim_arena_printf(probe->gpu->arena,
                          "#define NAME \"%s\"\n#define SCALES \"%s\"\n%s",
                          group_kinds[k].name, group_kinds[k].scales,
                          group_kinds[k].integer ? "#define INTEGER 1\n" : ""),
        "rate_wgmma", *ret_bytes, ret);
}

static bool
take_group_kind(struct psim_gpu_probe *probe, size_t k)
{
    const uint32_t turns = 1024;
    double cycles, spread;
    const void *const parameters[] = {&probe->cycles, &turns, &probe->data,
                                      &probe->data, NULL};
    struct psim_gpu_work work = {.launch = {.grid = {1}, .lanes = WGMMA_LANES},
                                 .parameters = parameters};
    if (!compile_group_kind(probe, k, &work.code, &work.launch.shared_bytes) ||
        !psim_gpu_median_cycles(probe, &work, 0, &cycles, &spread)) {
        return false;
    }
    /* Two groups of four warps, four instructions a turn, four schedulers. */
    const double per_cycle = group_kinds[k].flop * 4 * turns * 2 / cycles / SCHEDULERS;
    return psim_gpu_take(
        probe,
        psim_arena_printf(probe->gpu->arena, "wgmma_%s_rate", group_kinds[k].type),
        per_cycle, PSIM_DIM_FLOP_PER_CYCLE, spread,
        "wgmma of 64 x 256 by two groups of four warps, both operands in shared "
        "memory");
}

bool
psim_gpu_probe_matrix(struct psim_gpu_probe *probe)
{
    for (size_t k = 0; k < PSIM_COUNT(warp_kinds); k++) {
        if (warp_kinds[k].capability > probe->gpu->capability) continue;
        if (!take_warp_kind(probe, k)) return false;
    }
    for (size_t k = 0; k < PSIM_COUNT(group_kinds) && probe->gpu->capability == 90;
         k++) {
        if (!take_group_kind(probe, k)) return false;
    }
    return true;
}
