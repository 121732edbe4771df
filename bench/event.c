/* SPDX-License-Identifier: MIT */
/** @file Mapped kernels through the event engine. */
#include <stdio.h>

#include "bench.h"

static void
bench_op(struct bench *bench, const struct bench_op *op)
{
    struct bench_timing timing = {
        .engine = psim_engine_find("event"),
        .plan = bench_plan(bench, op->words),
    };
    const struct bench_times t = bench_times_of(bench_time_plan, &timing);
    bench_line(op->name, t.median_s * 1e3, t.least_s * 1e3, op->event_limit_s * 1e3,
               "ms");
    timing.in_full = true;
    const struct bench_times full = bench_times_of(bench_time_plan, &timing);
    bench_line_rate("  million events a second, all simulated",
                    timing.events / full.median_s * 1e-6,
                    timing.events / full.least_s * 1e-6, 15, "M/s");
}

int
main(void)
{
    struct bench bench;
    bench_open(&bench);
    for (size_t i = 0; bench_ops[i].name; i++) {
        if (bench_ops[i].in_event) bench_op(&bench, &bench_ops[i]);
    }
    bench_close(&bench);
    return 0;
}
