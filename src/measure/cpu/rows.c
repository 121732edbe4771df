/* SPDX-License-Identifier: MIT */
/** @file Rows: softmax, norms, reductions; each row by one thread. */
#include <math.h>

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

/* --- references ---------------------------------------------------------------- */

/** What a row is made of, in double precision. */
struct row {
    double sum, absolute, squares, most, exponentials;
};

static struct row
row_of(const struct psim_bench *bench, size_t row)
{
    const size_t cols = rows_of(bench)->cols;
    struct row r = {.most = -HUGE_VAL};
    for (size_t i = 0; i < cols; i++) {
        const double x = psim_tensor_get(&bench->in[0], row * cols + i);
        r.sum += x;
        r.absolute += fabs(x);
        r.squares += x * x;
        r.most = fmax(r.most, x);
    }
    for (size_t i = 0; i < cols; i++) {
        r.exponentials += exp(psim_tensor_get(&bench->in[0], row * cols + i) - r.most);
    }
    return r;
}

static struct psim_expected
expect_softmax(const struct psim_bench *bench, size_t index)
{
    const struct row r = row_of(bench, index / rows_of(bench)->cols);
    const double x = psim_tensor_get(&bench->in[0], index);
    const double value = exp(x - r.most) / r.exponentials;
    return (struct psim_expected){value, value};
}

static struct psim_expected
expect_layernorm(const struct psim_bench *bench, size_t index)
{
    const size_t cols = rows_of(bench)->cols, col = index % cols;
    const struct row r = row_of(bench, index / cols);
    const double mean = r.sum / (double)cols;
    const double variance = r.squares / (double)cols - mean * mean;
    const double x = psim_tensor_get(&bench->in[0], index);
    const double weight = psim_tensor_get(&bench->in[1], col);
    const double bias = psim_tensor_get(&bench->in[2], col);
    const double root = 1 / sqrt(variance + 1e-5);
    return (struct psim_expected){
        (x - mean) * root * weight + bias,
        (fabs(x) + r.absolute / (double)cols) * root * fabs(weight) + fabs(bias)};
}

static struct psim_expected
expect_rmsnorm(const struct psim_bench *bench, size_t index)
{
    const size_t cols = rows_of(bench)->cols;
    const struct row r = row_of(bench, index / cols);
    const double value = psim_tensor_get(&bench->in[0], index) *
                         psim_tensor_get(&bench->in[1], index % cols) /
                         sqrt(r.squares / (double)cols + 1e-5);
    return (struct psim_expected){value, fabs(value)};
}

static struct psim_expected
expect_reduce(const struct psim_bench *bench, size_t index)
{
    const struct row r = row_of(bench, index);
    if (PSIM_ATTRIBUTES(bench, psim_reduce)->function == 0) {
        return (struct psim_expected){r.sum, r.absolute};
    }
    return (struct psim_expected){r.most, 0};
}

static double
expect_cost(const struct psim_bench *bench)
{
    return 20 * (double)rows_of(bench)->cols;
}

/* clang-format off */
#define KERNEL(op_name, words)                                                         \
    const struct psim_cpu_kernel psim_cpu_##op_name = {                                \
        .name = "rows", .op = #op_name, .doc = (words), .refuses = refuses,            \
        .prepare = prepare_##op_name, .run = op_name##_run,                            \
        .expect = expect_##op_name, .expect_cost = expect_cost,                        \
    }
/* clang-format on */
KERNEL(softmax, "three passes over a row: maximum, exponentials, product");
KERNEL(layernorm, "three passes over a row: mean, variance, result");
KERNEL(rmsnorm, "two passes over a row: squares, result");
KERNEL(reduce, "one pass over a row, in eight chains");
