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
    const double s = bench_median_s(bench_time_plan, &timing);
    char what[64];
    (void)snprintf(what, sizeof what, "a kernel of %s", op->name);
    bench_line(what, s / timing.plan->n_kernels * 1e6, 3, "us");
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
