/* SPDX-License-Identifier: MIT */
/** @file Ops in a row, each by its kernel. */
#include "measure/cuda/chain.h"

#include <math.h>

/** @return NULL, or why there is none for some op */
static const char *
find_kernels(struct psim_gpu *gpu, struct psim_arena *arena,
             struct psim_gpu_chain *chain)
{
    for (size_t i = 0; i < chain->what->n; i++) {
        const char *reason;
        chain->first[i] = psim_chain_first(chain->what, i);
        chain->bench[i] = (struct psim_gpu_bench){
            .gpu = gpu, .arena = arena, .op = &chain->what->ops[i]};
        chain->kernel[i] = psim_gpu_kernel_for(&chain->bench[i], &reason);
        if (!chain->kernel[i]) return reason;
    }
    return NULL;
}

/** Tensors of all ops, as many sets of them as it takes. */
static bool
make_tensors(struct psim_gpu_chain *chain, bool cold, const char **ret_reason)
{
    struct psim_gpu *gpu = chain->whole.gpu;
    const uint64_t runs = chain->what->n * chain->what->repeat;
    uint64_t bytes = 0;
    for (size_t i = 0; i < chain->what->n; i++) {
        if (chain->first[i] != i) continue;
        if (!chain->kernel[i]->prepare(&chain->bench[i])) return false;
        bytes += psim_gpu_bench_bytes(&chain->bench[i]);
    }
    if (!psim_gpu_sets(gpu, bytes, cold, runs, &chain->whole.sets, ret_reason)) {
        return false;
    }
    chain->is_cold = psim_gpu_is_cold(gpu, bytes, chain->whole.sets);
    for (size_t i = 0; i < chain->what->n && !*ret_reason; i++) {
        if (chain->first[i] != i) continue;
        chain->bench[i].sets = chain->whole.sets;
        if (!psim_gpu_bench_fill(&chain->bench[i])) return false;
    }
    return true;
}

static bool
check(struct psim_gpu_chain *chain, const char **ret_reason, double *ret_worst)
{
    *ret_worst = 0;
    for (size_t i = 0; i < chain->what->n && !*ret_reason; i++) {
        struct psim_check one;
        if (chain->first[i] != i) continue;
        if (!psim_gpu_bench_check(&chain->bench[i], chain->kernel[i], &one)) {
            return false;
        }
        *ret_reason =
            psim_what_is_wrong(chain->whole.gpu->arena, chain->kernel[i]->name, &one);
        *ret_worst = fmax(*ret_worst, one.worst);
    }
    return true;
}

static void
link_ops(struct psim_gpu_chain *chain)
{
    for (size_t i = 1; i < chain->what->n; i++) {
        const struct psim_gpu_tensor *out = &chain->bench[chain->first[i - 1]].out;
        struct psim_gpu_tensor *in = &chain->bench[i].in[0];
        if (chain->first[i] != i || in->elements != out->elements ||
            in->dtype != out->dtype) {
            continue;
        }
        in->at = out->at;
    }
}

static bool
run(const struct psim_gpu_bench *whole, unsigned set)
{
    const struct psim_gpu_chain *chain = whole->plan;
    for (uint64_t turn = 0; turn < chain->what->repeat; turn++) {
        for (size_t i = 0; i < chain->what->n; i++) {
            const size_t own = chain->first[i];
            if (!chain->kernel[own]->run(&chain->bench[own], set)) return false;
        }
    }
    return true;
}

bool
psim_gpu_chain_prepare(struct psim_gpu *gpu, struct psim_arena *arena,
                       const struct psim_chain *what, bool cold,
                       struct psim_gpu_chain *ret, const char **ret_reason,
                       double *ret_worst)
{
    *ret = (struct psim_gpu_chain){
        .what = what,
        .bench = PSIM_NEW_N(arena, struct psim_gpu_bench, what->n),
        .kernel = PSIM_NEW_N(arena, const struct psim_gpu_kernel *, what->n),
        .first = PSIM_NEW_N(arena, size_t, what->n),
        .whole = {.gpu = gpu, .arena = arena, .op = what->ops, .plan = ret},
        .as_kernel = {.name = "graph", .op = "graph", .run = run},
    };
    *ret_reason = psim_chain_refuses(what);
    if (!*ret_reason) *ret_reason = find_kernels(gpu, arena, ret);
    if (*ret_reason) return true;
    if (!make_tensors(ret, cold, ret_reason) || !check(ret, ret_reason, ret_worst)) {
        return false;
    }
    if (!*ret_reason) link_ops(ret);
    return true;
}
