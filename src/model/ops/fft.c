/* SPDX-License-Identifier: MIT */
/** @file fft: discrete Fourier transforms of complex sequences. */
#include <math.h>

#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_fft, member)

/* clang-format off */
static const struct psim_choice dtypes[] = {{"complex64", PSIM_FP32}, {"complex128", PSIM_FP64}, {NULL, 0}};
static const struct psim_field fields[] = {
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1e12, AT(batch), .doc = "sequences", .fallback = "1"},
    {.key = "length", .kind = PSIM_FIELD_COUNT, .required = true, .min = 2, .max = 1e12, AT(length), .doc = "complex elements of a sequence"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = dtypes, AT(dtype), .doc = "complex64: two fp32; complex128: two fp64"},
    {0},
};
/* clang-format on */

static void
complete(void *attributes)
{
    struct psim_fft *f = attributes;
    if (f->batch == 0) f->batch = 1;
}

/** Cost (docs/MODEL.md, eq. F11): 5 n log2 n, the count of radix 2. */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_fft *f = op->attributes;
    const double elements = (double)f->batch * (double)f->length;
    const double bytes = 2.0 * psim_dtype_bytes((enum psim_dtype)f->dtype);
    return (struct psim_cost){
        .flop = 5 * elements * log2((double)f->length),
        .read_bytes = elements * bytes,
        .write_bytes = elements * bytes,
    };
}

const struct psim_op_kind psim_op_fft = {
    .name = "fft",
    .doc = "discrete Fourier transforms of complex sequences",
    .fields = fields,
    .size = sizeof(struct psim_fft),
    .complete = complete,
    .cost = cost,
};
