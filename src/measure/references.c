/* SPDX-License-Identifier: MIT */
/** @file THE list of references; those of streams, moves and rows. */
#include "measure/references.h"

#include <assert.h>
#include <math.h>

#include "measure/random.h"
#include "measure/references_sums.h"
#include "util/arena.h"
#include "util/str.h"

static double
input(const struct psim_inputs *in, int i, uint64_t index)
{
    return in->get(in->bench, i, index);
}

/* --- elementwise ----------------------------------------------------------------- */

/* clang-format off */
#define FUNCTION(name, value)                                                          \
    static double                                                                      \
    of_##name(double a, double b, double s)                                            \
    {                                                                                  \
        (void)a, (void)b, (void)s;                                                     \
        return value;                                                                  \
    }
FUNCTION(add, a + b)
FUNCTION(sub, a - b)
FUNCTION(mul, a * b)
FUNCTION(div, a / b)
FUNCTION(scale, a * s)
FUNCTION(relu, fmax(a, 0))
FUNCTION(gelu, 0.5 * a * (1 + erf(a / sqrt(2))))
FUNCTION(exp, exp(a))
FUNCTION(silu, a / (1 + exp(-a)))
FUNCTION(silu_mul, a * b / (1 + exp(-a)))
FUNCTION(triad, a + s * b)
FUNCTION(fill, s)
FUNCTION(copy, a)
/* A chain of s times x/2 + 1/2: each halves the distance to 1. */
FUNCTION(fma, 1 + (a - 1) * exp2(-s))

static const struct {
    const char *name;
    double (*of)(double a, double b, double s);
} functions[] = {
    {"add", of_add}, {"sub", of_sub}, {"mul", of_mul}, {"div", of_div},
    {"scale", of_scale}, {"relu", of_relu}, {"gelu", of_gelu}, {"exp", of_exp},
    {"silu", of_silu}, {"silu_mul", of_silu_mul}, {"triad", of_triad},
    {"fill", of_fill}, {"copy", of_copy}, {"fma", of_fma},
};
/* clang-format on */

double (*psim_stream_reference(const char *name))(double a, double b, double s)
{
    for (size_t i = 0; i < PSIM_COUNT(functions); i++) {
        if (psim_str_equal(functions[i].name, name)) return functions[i].of;
    }
    return NULL;
}

const char *
psim_stream_function(const struct psim_elementwise *e)
{
    const char *name = psim_functions[e->function].name;
    return psim_str_equal(name, "mul") && e->inputs == 1 ? "scale" : name;
}

double
psim_stream_number(const struct psim_elementwise *e)
{
    static const double factor = 1.5; /* of triad and scale, value of fill */
    const bool chain = psim_str_equal(psim_functions[e->function].name, "fma");
    return chain ? psim_elementwise_flop(e) / 2 : factor;
}

static struct psim_expected
expect_elementwise(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_elementwise *e = attributes;
    const double a = e->inputs > 0 ? input(in, 0, index) : 0;
    const double b = e->inputs > 1 ? input(in, 1, index) : 0;
    const double value =
        psim_stream_reference(psim_stream_function(e))(a, b, psim_stream_number(e));
    return (struct psim_expected){.value = value,
                                  .scale = fmax(fabs(value), fabs(a) + fabs(b))};
}

static double
cost_elementwise(const void *attributes)
{
    return 20 + psim_elementwise_flop(attributes);
}

/* --- moves ----------------------------------------------------------------------- */

static double
cost_move(const void *attributes)
{
    (void)attributes;
    return 1;
}

static struct psim_expected
expect_copy(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    (void)attributes;
    return (struct psim_expected){.value = input(in, 0, index)};
}

static struct psim_expected
expect_transpose(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_transpose *t = attributes;
    const uint64_t from = index % t->rows * t->cols + index / t->rows;
    return (struct psim_expected){.value = input(in, 0, from)};
}

uint64_t
psim_gather_row(const struct psim_gather *g, uint64_t i)
{
    return (g->index == 0 ? psim_random(PSIM_GATHER_SEED, i) : i) % g->table_rows;
}

static struct psim_expected
expect_gather(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_gather *g = attributes;
    const uint64_t from = psim_gather_row(g, index / g->cols) * g->cols;
    return (struct psim_expected){.value = input(in, 0, from + index % g->cols)};
}

/* --- rows ------------------------------------------------------------------------ */

static const double epsilon = 1e-5; /* of the norms */

/** What a row is made of. */
struct row {
    double sum, absolute, squares, most;
    double exponentials; /* their sum, over that of the largest */
};

static struct row
row_of(const struct psim_rows_op *op, const struct psim_inputs *in, uint64_t row)
{
    struct row r = {.most = -HUGE_VAL};
    for (uint64_t i = 0; i < op->cols; i++) {
        const double x = input(in, 0, row * op->cols + i);
        r.sum += x;
        r.absolute += fabs(x);
        r.squares += x * x;
        /* Under the largest so far: nothing overflows. */
        if (x > r.most) r.exponentials *= exp(r.most - x);
        r.most = fmax(r.most, x);
        r.exponentials += exp(x - r.most);
    }
    return r;
}

static struct psim_expected
expect_softmax(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_rows_op *op = attributes;
    const struct row r = row_of(op, in, index / op->cols);
    const double value = exp(input(in, 0, index) - r.most) / r.exponentials;
    return (struct psim_expected){.value = value, .scale = value};
}

static struct psim_expected
expect_layernorm(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_rows_op *op = attributes;
    const struct row r = row_of(op, in, index / op->cols);
    const double cols = (double)op->cols, mean = r.sum / cols;
    const double root = 1 / sqrt(r.squares / cols - mean * mean + epsilon);
    const double x = input(in, 0, index), weight = input(in, 1, index % op->cols);
    const double bias = input(in, 2, index % op->cols);
    return (struct psim_expected){
        .value = (x - mean) * root * weight + bias,
        .scale = (fabs(x) + r.absolute / cols) * root * fabs(weight) + fabs(bias)};
}

static struct psim_expected
expect_rmsnorm(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_rows_op *op = attributes;
    const struct row r = row_of(op, in, index / op->cols);
    const double value = input(in, 0, index) * input(in, 1, index % op->cols) /
                         sqrt(r.squares / (double)op->cols + epsilon);
    return (struct psim_expected){.value = value, .scale = fabs(value)};
}

static struct psim_expected
expect_reduce(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_reduce *op = attributes;
    const struct row r = row_of(&op->rows, in, index);
    if (op->function != 0) return (struct psim_expected){.value = r.most};
    return (struct psim_expected){.value = r.sum, .scale = r.absolute};
}

static double
cost_rows(const void *attributes)
{
    return 20 * (double)((const struct psim_rows_op *)attributes)->cols;
}

/* --- the list -------------------------------------------------------------------- */

static const struct psim_reference references[] = {
    {"elementwise", expect_elementwise, cost_elementwise},
    {"copy", expect_copy, cost_move},
    {"transpose", expect_transpose, cost_move},
    {"gather", expect_gather, cost_move},
    {"softmax", expect_softmax, cost_rows},
    {"layernorm", expect_layernorm, cost_rows},
    {"rmsnorm", expect_rmsnorm, cost_rows},
    {"reduce", expect_reduce, cost_rows},
    {"gemm", psim_expect_gemm, psim_cost_gemm},
    {"conv2d", psim_expect_conv2d, psim_cost_conv2d},
    {"pool2d", psim_expect_pool2d, psim_cost_pool2d},
    {"attention", psim_expect_attention, psim_cost_attention},
    {"nbody", psim_expect_nbody, psim_cost_nbody},
    {"fft", psim_expect_fft, psim_cost_fft},
};

const struct psim_reference *
psim_reference_of(const struct psim_op *op)
{
    for (size_t i = 0; i < PSIM_COUNT(references); i++) {
        if (!psim_str_equal(references[i].op, op->kind->name)) continue;
        if (references[i].expect != expect_copy) return &references[i];
        const struct psim_copy *c = op->attributes;
        return c->direction == PSIM_COPY_DEVICE ? &references[i] : NULL;
    }
    assert(!"an op that has a kernel has a reference");
    return NULL;
}
