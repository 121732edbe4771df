/* SPDX-License-Identifier: MIT */
/** @file gemm: dense matrix product. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_gemm, member)

static const struct psim_choice epilogue_choices[] = {
    {"bias", PSIM_EPILOGUE_BIAS},
    {"relu", PSIM_EPILOGUE_RELU},
    {NULL, 0},
};

/* clang-format off */
static const struct psim_field fields[] = {
    {.key = "m", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 26, AT(m), .doc = "rows of A and C"},
    {.key = "n", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 26, AT(n), .doc = "columns of B and C"},
    {.key = "k", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 26, AT(k), .doc = "columns of A, rows of B"},
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 24, AT(batch), .doc = "independent products", .fallback = "1"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices,
     .loc_offset = offsetof(struct psim_gemm, dtype_at), AT(dtype), .doc = "of A and B; fp8 writes bf16, int8 writes int32"},
    {.key = "epilogue", .kind = PSIM_FIELD_CHOICES, .choices = epilogue_choices, AT(epilogue), .doc = "done on C before it is written", .fallback = "none"},
    {0},
};
/* clang-format on */

static void
complete(void *attributes)
{
    struct psim_gemm *g = attributes;
    if (g->batch == 0) g->batch = 1;
}

/**
 * Cost of C = A B, each operand touched once (docs/MODEL.md, eq. F2).
 *
 * Given:
 *   m, n, k, batch   elements; A is m x k, B is k x n, C is m x n
 *
 * Returned:
 *   flop             2 m n k a product; a bias and a relu one an element of C
 *   read_bytes       A and B once
 *   write_bytes      C once, in the type of the product
 *
 * References:
 *   Williams, Waterman & Patterson, "Roofline", CACM 52(4), 2009, sec. 3.
 */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_gemm *g = op->attributes;
    const double m = (double)g->m, n = (double)g->n, k = (double)g->k;
    const double batch = (double)g->batch;
    const double in = psim_dtype_bytes((enum psim_dtype)g->dtype);
    const double out =
        psim_dtype_bytes(psim_dtype_of_product((enum psim_dtype)g->dtype));
    const double extra = (g->epilogue >> PSIM_EPILOGUE_BIAS & 1) +
                         (g->epilogue >> PSIM_EPILOGUE_RELU & 1);
    const double bias = g->epilogue >> PSIM_EPILOGUE_BIAS & 1 ? n * out : 0;
    return (struct psim_cost){
        .flop = batch * (2 * m * n * k + extra * m * n),
        .read_bytes = batch * (m * k + k * n) * in + bias,
        .write_bytes = batch * m * n * out,
    };
}

const struct psim_op_kind psim_op_gemm = {
    .name = "gemm",
    .doc = "matrix product C = A B, row major",
    .fields = fields,
    .size = sizeof(struct psim_gemm),
    .complete = complete,
    .cost = cost,
};
