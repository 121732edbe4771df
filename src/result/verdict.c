/* SPDX-License-Identifier: MIT */
/** @file Verdicts: busy shares of the two sides of a machine (eq. D2). */
#include "result/verdict.h"

#include "result/terms.h"

const char *
psim_verdict_name(enum psim_verdict_kind kind)
{
    static const char *const names[PSIM_N_VERDICTS] = {
        [PSIM_VERDICT_MEMORY] = "memory-bound",
        [PSIM_VERDICT_COMPUTE] = "compute-bound",
        [PSIM_VERDICT_LATENCY] = "latency-bound",
        [PSIM_VERDICT_LAUNCH] = "launch-bound",
    };
    return names[kind];
}

static void
keep_busiest(const struct psim_server_use *use, const struct psim_server_use **busiest)
{
    if (use->busy_s <= 0) return;
    if (!*busiest || use->busy_s > (*busiest)->busy_s) *busiest = use;
}

struct psim_verdict
psim_verdict_of(const struct psim_kernel_result *kernel)
{
    static const double half = 0.5;
    struct psim_verdict v = {.kind = PSIM_VERDICT_LATENCY};
    for (size_t i = 0; i < kernel->n_servers; i++) {
        const struct psim_server_use *use = &kernel->servers[i];
        if (use->side == PSIM_SIDE_MEMORY) keep_busiest(use, &v.memory);
        if (use->side == PSIM_SIDE_COMPUTE) keep_busiest(use, &v.compute);
    }
    if (kernel->time_s > 0) {
        if (v.memory) v.memory_share = v.memory->busy_s / kernel->time_s;
        if (v.compute) v.compute_share = v.compute->busy_s / kernel->time_s;
    }
    if (kernel->launch_s > kernel->time_s) {
        v.kind = PSIM_VERDICT_LAUNCH;
    } else if (v.memory_share >= half || v.compute_share >= half) {
        v.kind = v.memory_share >= v.compute_share ? PSIM_VERDICT_MEMORY
                                                   : PSIM_VERDICT_COMPUTE;
    }
    return v;
}

double
psim_verdict_overhead(const struct psim_result *r)
{
    double launches_s = 0;
    for (size_t i = 0; i < r->n_kernels; i++) {
        launches_s += r->kernels[i].launch_s * r->kernels[i].count;
    }
    return r->time_s > 0 ? (launches_s + r->host_wait_s) / r->time_s : 0;
}

struct psim_verdict
psim_verdict_of_run(const struct psim_result *r)
{
    static const double half = 0.5;
    const struct psim_kernel_result *longest = psim_result_longest(r);
    struct psim_verdict v = {.kind = PSIM_VERDICT_LAUNCH};
    if (longest) v = psim_verdict_of(longest);
    if (psim_verdict_overhead(r) > half) v.kind = PSIM_VERDICT_LAUNCH;
    return v;
}
