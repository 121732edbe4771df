/* SPDX-License-Identifier: MIT */
/** @file Which copies of the kernels this machine can run. */
#include "measure/cpu/bench.h"
#include "util/arena.h"

#define PAIR(isa)                                                                      \
    extern const struct psim_kernels psim_kernels_##isa##_fp32,                        \
        psim_kernels_##isa##_fp64

PAIR(base);
#ifdef PSIM_X86_COPIES
PAIR(v2);
PAIR(v3);
PAIR(v4);
#endif
#undef PAIR

static bool
always(void)
{
    return true;
}

#ifdef PSIM_X86_COPIES
static bool
has_v2(void)
{
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
}

static bool
has_v3(void)
{
    return has_v2() && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool
has_v4(void)
{
    return has_v3() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

static const struct {
    bool (*is_there)(void);
    const struct psim_kernels *fp32, *fp64;
} copies[] = {
    {always, &psim_kernels_base_fp32, &psim_kernels_base_fp64},
#ifdef PSIM_X86_COPIES
    {has_v2, &psim_kernels_v2_fp32, &psim_kernels_v2_fp64},
    {has_v3, &psim_kernels_v3_fp32, &psim_kernels_v3_fp64},
    {has_v4, &psim_kernels_v4_fp32, &psim_kernels_v4_fp64},
#endif
};

size_t
psim_kernels_all(enum psim_dtype dtype, const struct psim_kernels *ret[8])
{
    size_t n = 0;
    for (size_t i = 0; i < PSIM_COUNT(copies); i++) {
        if (!copies[i].is_there()) continue;
        ret[n++] = dtype == PSIM_FP64 ? copies[i].fp64 : copies[i].fp32;
    }
    return n;
}

const struct psim_kernels *
psim_kernels_for(enum psim_dtype dtype)
{
    const struct psim_kernels *all[8];
    const size_t n = psim_kernels_all(dtype, all);
    return all[n - 1];
}

const struct psim_dot_kernels *
psim_kernels_dot(void)
{
#ifdef PSIM_DOT_COPY
    const bool there = has_v4() && __builtin_cpu_supports("avx512bf16") &&
                       __builtin_cpu_supports("avx512vnni");
    return there ? &psim_dot_v4 : NULL;
#else
    return NULL;
#endif
}
