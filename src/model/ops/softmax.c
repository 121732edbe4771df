/* SPDX-License-Identifier: MIT */
/** @file softmax: over the columns of each row. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_softmax, member)

/* clang-format off */
static const struct psim_field fields[] = {
    {.key = "rows", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 4294967295.0, AT(rows), .doc = "independent rows"},
    {.key = "cols", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 30, AT(cols), .doc = "elements of a row"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices,
     .loc_offset = offsetof(struct psim_softmax, dtype_at), AT(dtype), .doc = "of input and output"},
    {0},
};
/* clang-format on */

/** Cost (docs/MODEL.md, eq. F6): max, difference, exponential, sum, division. */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_softmax *s = op->attributes;
    const double elements = (double)s->rows * (double)s->cols;
    const double bytes = psim_dtype_bytes((enum psim_dtype)s->dtype);
    return (struct psim_cost){
        .flop = 5 * elements,
        .read_bytes = elements * bytes,
        .write_bytes = elements * bytes,
    };
}

const struct psim_op_kind psim_op_softmax = {
    .name = "softmax",
    .doc = "exponentials of a row, divided by their sum",
    .fields = fields,
    .size = sizeof(struct psim_softmax),
    .cost = cost,
};
