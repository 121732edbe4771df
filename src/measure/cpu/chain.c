/* SPDX-License-Identifier: MIT */
/** @file Ops in a row, each by its kernel. */
#include "measure/cpu/chain.h"

#include <math.h>

#include "util/arena.h"

/** More than half of the memory is not ours. */
static bool
is_too_large(const struct psim_bench *shared, const struct psim_chain *what)
{
    double bytes = 0;
    for (size_t i = 0; i < what->n; i++) {
        const struct psim_cost cost = what->ops[i].kind->cost(&what->ops[i]);
        bytes += cost.read_bytes + cost.write_bytes;
    }
    return bytes > shared->host->memory_bytes / 2;
}

/** What kernels there are: NULL, or why there is none for some op. */
static const char *
find_kernels(const struct psim_bench *shared, struct psim_cpu_chain *chain)
{
    for (size_t i = 0; i < chain->what->n; i++) {
        const struct psim_op *op = &chain->what->ops[i];
        const char *reason;
        chain->first[i] = psim_chain_first(chain->what, i);
        chain->bench[i] = *shared;
        chain->bench[i].op = op;
        chain->bench[i].kernels = psim_kernels_for(psim_op_dtype(op));
        chain->kernel[i] = psim_cpu_kernel_for(&chain->bench[i], &reason);
        if (!chain->kernel[i]) return reason;
        chain->alone = chain->alone || chain->kernel[i]->alone;
    }
    return NULL;
}

const char *
psim_cpu_chain_prepare(const struct psim_bench *shared, const struct psim_chain *what,
                       struct psim_cpu_chain *ret)
{
    *ret = (struct psim_cpu_chain){.what = what};
    const char *reason = psim_chain_refuses(what);
    if (reason) return reason;
    ret->bench = PSIM_NEW_N(shared->arena, struct psim_bench, what->n);
    ret->kernel = PSIM_NEW_N(shared->arena, const struct psim_cpu_kernel *, what->n);
    ret->first = PSIM_NEW_N(shared->arena, size_t, what->n);
    reason = find_kernels(shared, ret);
    if (reason) return reason;
    if (is_too_large(shared, what)) return "it takes more than half of the memory";
    for (size_t i = 0; i < what->n; i++) {
        if (ret->first[i] != i) continue;
        if (i > 0) ret->bench[i].given = ret->bench[ret->first[i - 1]].out;
        ret->kernel[i]->prepare(&ret->bench[i]);
    }
    return NULL;
}

void
psim_cpu_chain_run(struct psim_cpu_chain *chain)
{
    for (uint64_t turn = 0; turn < chain->what->repeat; turn++) {
        for (size_t i = 0; i < chain->what->n; i++) {
            const size_t own = chain->first[i];
            chain->kernel[own]->run(&chain->bench[own]);
        }
    }
}

const char *
psim_cpu_chain_check(struct psim_arena *arena, struct psim_cpu_chain *chain,
                     double *ret_worst)
{
    *ret_worst = 0;
    psim_cpu_chain_run(chain);
    for (size_t i = 0; i < chain->what->n; i++) {
        if (chain->first[i] != i) continue;
        const struct psim_check check = psim_bench_check(&chain->bench[i]);
        const char *wrong = psim_what_is_wrong(arena, chain->kernel[i]->name, &check);
        if (wrong) return wrong;
        *ret_worst = fmax(*ret_worst, check.worst);
    }
    return NULL;
}

void
psim_cpu_chain_free(struct psim_cpu_chain *chain)
{
    for (size_t i = 0; chain->bench && i < chain->what->n; i++) {
        psim_regions_free(&chain->bench[i].regions);
    }
}
