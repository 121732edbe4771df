/* SPDX-License-Identifier: MIT */
/** @file An op from its attributes to its result, mapping choice included. */
#include <stdio.h>

#include "bench.h"

struct predicting {
    struct bench *bench;
    const struct psim_workload *workload;
    struct psim_predict_options options;
    double mappings;
};

static void
predict(void *context)
{
    struct predicting *p = context;
    struct psim_arena arena = {0};
    const struct psim_result *result =
        psim_predict(&arena, &p->bench->diag, p->bench->hw, p->workload, &p->options);
    bench_stop_on_error(p->bench);
    p->mappings = (double)result->mappings_tried;
    psim_arena_free(&arena);
}

static void
bench_op(struct bench *bench, const struct bench_op *op)
{
    struct predicting p = {
        .bench = bench,
        .workload = bench_workload(bench, op->words),
        .options = {.engine = psim_engine_find("analytic")},
    };
    const struct bench_times t = bench_times_of(predict, &p);
    char what[64];
    (void)snprintf(what, sizeof what, "%s, %.0f mappings", op->name, p.mappings);
    bench_line(what, t.median_s * 1e6, t.least_s * 1e6, 200, "us");
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
