/* SPDX-License-Identifier: MIT */
/** @file Rows: softmax, norms, reductions; each row by one thread. */

#include "measure/cpu/bench.h"

/** All of these ops start with it. */
static const struct psim_rows_op *
rows_of(const struct psim_bench *bench)
{
    return PSIM_ATTRIBUTES(bench, psim_rows_op);
}

static const char *
refuses(const struct psim_bench *bench)
{
    return psim_refuses_type(rows_of(bench)->dtype);
}

static void
prepare_rows(struct psim_bench *bench, int vectors, size_t results)
{
    const struct psim_rows_op *r = rows_of(bench);
    psim_bench_input(bench, 0, r->rows * r->cols);
    for (int i = 0; i < vectors; i++) {
        psim_bench_input(bench, 1 + i, r->cols);
    }
    psim_bench_output(bench, results);
}

/** Of row @p row, thread by thread. */
#define EACH_ROW(name, call)                                                           \
    static void name##_part(void *context, unsigned thread)                            \
    {                                                                                  \
        const struct psim_bench *b = context;                                          \
        const size_t cols = rows_of(b)->cols;                                          \
        size_t first, end;                                                             \
        psim_team_share(b->team, thread, rows_of(b)->rows, 1, &first, &end);           \
        for (size_t row = first; row < end; row++) {                                   \
            const void *in = psim_tensor_at(&b->in[0], row * cols);                    \
            call;                                                                      \
        }                                                                              \
    }                                                                                  \
    static void name##_run(struct psim_bench *bench)                                   \
    {                                                                                  \
        psim_team_run(bench->team, name##_part, bench);                                \
    }

#define OUT psim_tensor_at(&b->out, row *cols)
EACH_ROW(softmax, b->kernels->rows->softmax(OUT, in, cols))
EACH_ROW(layernorm,
         b->kernels->rows->layernorm(OUT, in, b->in[1].data, b->in[2].data, cols))
EACH_ROW(rmsnorm, b->kernels->rows->rmsnorm(OUT, in, b->in[1].data, cols))

static void
put(const struct psim_tensor *tensor, size_t index, double value)
{
    if (tensor->element_bytes == sizeof(double)) {
        ((double *)tensor->data)[index] = value;
    } else {
        ((float *)tensor->data)[index] = (float)value;
    }
}

static double
reduced(const struct psim_bench *b, const void *in, size_t n)
{
    const struct psim_reduce *r = PSIM_ATTRIBUTES(b, psim_reduce);
    return r->function == 0 ? b->kernels->rows->sum(in, n)
                            : b->kernels->rows->max(in, n);
}

EACH_ROW(reduce, put(&b->out, row, reduced(b, in, cols)))

static void
prepare_softmax(struct psim_bench *bench)
{
    prepare_rows(bench, 0, rows_of(bench)->rows * rows_of(bench)->cols);
}

static void
prepare_layernorm(struct psim_bench *bench)
{
    prepare_rows(bench, 2, rows_of(bench)->rows * rows_of(bench)->cols);
}

static void
prepare_rmsnorm(struct psim_bench *bench)
{
    prepare_rows(bench, 1, rows_of(bench)->rows * rows_of(bench)->cols);
}

static void
prepare_reduce(struct psim_bench *bench)
{
    prepare_rows(bench, 0, rows_of(bench)->rows);
}

/* clang-format off */
#define KERNEL(op_name, words)                                                         \
    const struct psim_cpu_kernel psim_cpu_##op_name = {                                \
        .name = "rows", .op = #op_name, .doc = (words), .refuses = refuses,            \
        .prepare = prepare_##op_name, .run = op_name##_run,                            \
    }
/* clang-format on */
KERNEL(softmax, "three passes over a row: maximum, exponentials, product");
KERNEL(layernorm, "three passes over a row: mean, variance, result");
KERNEL(rmsnorm, "two passes over a row: squares, result");
KERNEL(reduce, "one pass over a row, in eight chains");
