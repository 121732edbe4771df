/* SPDX-License-Identifier: MIT */
/** @file Kinds of op over the rows or columns of a matrix: softmax, norms, reduce. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_rows_op, member)
#define ROWS                                                                           \
    {                                                                                  \
        .key = "rows", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1,           \
        .max = 4294967295.0, AT(rows), .doc = "independent rows"                       \
    }
#define COLS                                                                           \
    {                                                                                  \
        .key = "cols", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1,           \
        .max = 1 << 30, AT(cols), .doc = "elements of a row"                           \
    }
#define DTYPE(what)                                                                    \
    {                                                                                  \
        .key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true,                   \
        .choices = psim_dtype_choices,                                                 \
        .loc_offset = offsetof(struct psim_rows_op, dtype_at), AT(dtype),              \
        .doc = (what)                                                                  \
    }

/* clang-format off */
static const struct psim_field row_fields[] = {ROWS, COLS, DTYPE("of input, weights and output"), {0}};

static const struct psim_choice functions[] = {{"sum", 0}, {"max", 1}, {NULL, 0}};
static const struct psim_field reduce_fields[] = {
    {.key = "function", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = functions,
     .offset = offsetof(struct psim_reduce, function), .doc = "what becomes of a row"},
    ROWS, COLS, DTYPE("of input and output"), {0},
};
/* clang-format on */
_Static_assert(offsetof(struct psim_reduce, rows) == 0, "fields of rows fit both");

/** Of @p vectors weights, as long as a row (docs/MODEL.md, eq. F6). */
static struct psim_cost
cost_of(const struct psim_rows_op *r, double flop, double vectors)
{
    const double elements = (double)r->rows * (double)r->cols;
    const double bytes = psim_dtype_bytes((enum psim_dtype)r->dtype);
    return (struct psim_cost){
        .flop = flop * elements,
        .read_bytes = (elements + vectors * (double)r->cols) * bytes,
        .write_bytes = elements * bytes,
    };
}

/** Max, difference, exponential, sum, division. */
static struct psim_cost
softmax_cost(const struct psim_op *op)
{
    return cost_of(op->attributes, 5, 0);
}

/** Mean, difference, square, its sum; difference, two products and a sum. */
static struct psim_cost
layernorm_cost(const struct psim_op *op)
{
    return cost_of(op->attributes, 8, 2);
}

/** Square, sum; two products. */
static struct psim_cost
rmsnorm_cost(const struct psim_op *op)
{
    return cost_of(op->attributes, 4, 1);
}

/** Difference, two products and a sum, with four vectors of a row's length. Each
 * column adds the variance's epsilon and takes a root. */
static struct psim_cost
batchnorm_cost(const struct psim_op *op)
{
    const struct psim_rows_op *r = op->attributes;
    struct psim_cost cost = cost_of(r, 4, 4);
    cost.flop += 2 * (double)r->cols;
    return cost;
}

static struct psim_cost
reduce_cost(const struct psim_op *op)
{
    const struct psim_reduce *r = op->attributes;
    struct psim_cost cost = cost_of(&r->rows, 1, 0);
    cost.write_bytes /= (double)r->rows.cols;
    return cost;
}

const struct psim_op_kind psim_op_softmax = {
    .name = "softmax",
    .doc = "exponentials of a row, divided by their sum",
    .fields = row_fields,
    .size = sizeof(struct psim_rows_op),
    .cost = softmax_cost,
};

const struct psim_op_kind psim_op_layernorm = {
    .name = "layernorm",
    .doc = "rows with mean 0 and variance 1, then weights and a bias",
    .fields = row_fields,
    .size = sizeof(struct psim_rows_op),
    .cost = layernorm_cost,
};

const struct psim_op_kind psim_op_rmsnorm = {
    .name = "rmsnorm",
    .doc = "rows divided by the root of their mean square, then weights",
    .fields = row_fields,
    .size = sizeof(struct psim_rows_op),
    .cost = rmsnorm_cost,
};

const struct psim_op_kind psim_op_batchnorm = {
    .name = "batchnorm",
    .doc = "each column by its known mean and variance, then its weight and bias",
    .fields = row_fields,
    .size = sizeof(struct psim_rows_op),
    .cost = batchnorm_cost,
};

const struct psim_op_kind psim_op_reduce = {
    .name = "reduce",
    .doc = "one result a row: sum, max",
    .fields = reduce_fields,
    .size = sizeof(struct psim_reduce),
    .cost = reduce_cost,
};
