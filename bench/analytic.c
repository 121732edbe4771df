/* SPDX-License-Identifier: MIT */
/** @file A mapped kernel through the analytic engine. */
#include <stdio.h>

#include "bench.h"

static void
bench_op(struct bench *bench, const struct bench_op *op)
{
    struct bench_timing timing = {
        .engine = psim_engine_find("analytic"),
        .plan = bench_plan(bench, op->words),
    };
    const struct bench_times t = bench_times_of(bench_time_plan, &timing);
    const double us = 1e6 / timing.plan->n_kernels;
    char what[64];
    (void)snprintf(what, sizeof what, "a kernel of %s", op->name);
    bench_line(what, t.median_s * us, t.least_s * us, 3, "us");
}

int
main(void)
{
    struct bench bench;
    bench_open(&bench);
    for (size_t i = 0; bench_ops[i].name; i++) {
        bench_op(&bench, &bench_ops[i]);
    }
    bench_close(&bench);
    return 0;
}
