/* SPDX-License-Identifier: MIT */
/** @file pool2d: the largest or the mean of each window of an image. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_pool2d, member)

/* clang-format off */
static const struct psim_choice functions[] = {{"max", 0}, {"mean", 1}, {NULL, 0}};
static const struct psim_choice layouts[] = {{"nhwc", 0}, {"nchw", 1}, {NULL, 0}};
static const struct psim_field fields[] = {
    {.key = "function", .kind = PSIM_FIELD_CHOICE, .choices = functions, AT(function), .doc = "of a window", .fallback = "max"},
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 20, AT(batch), .doc = "images", .fallback = "1"},
    {.key = "channels", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 20, AT(channels), .doc = "of input and output"},
    {.key = "height", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(height), .doc = "rows of an input image"},
    {.key = "width", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(width), .doc = "columns of an input image"},
    {.key = "kernel", .kind = PSIM_FIELD_COUNTS, .required = true, .min = 1, .max = 1024, .max_items = 2, AT(kernel), .doc = "[height, width] of a window"},
    {.key = "stride", .kind = PSIM_FIELD_COUNTS, .min = 1, .max = 1024, .max_items = 2, AT(stride), .doc = "[height, width]", .fallback = "that of `kernel`"},
    {.key = "padding", .kind = PSIM_FIELD_COUNTS, .max = 1024, .max_items = 2, AT(padding), .doc = "[height, width], each side", .fallback = "0"},
    {.key = "layout", .kind = PSIM_FIELD_CHOICE, .choices = layouts, AT(layout), .doc = "which dimension is contiguous: channels or columns", .fallback = "nhwc"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices, AT(dtype), .doc = "of input and output"},
    {0},
};
/* clang-format on */

/** One number stands for both directions. */
static void
spread(struct psim_counts *pair, const struct psim_counts *fallback)
{
    if (pair->n == 0 && fallback) *pair = *fallback;
    if (pair->n == 1) pair->value[1] = pair->value[0];
    pair->n = 2;
}

static void
complete(void *attributes)
{
    struct psim_pool2d *p = attributes;
    if (p->batch == 0) p->batch = 1;
    spread(&p->kernel, NULL);
    spread(&p->stride, &p->kernel);
    spread(&p->padding, NULL);
}

static bool
check(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_pool2d *p = op->attributes;
    if (p->kernel.value[0] > p->height + 2 * p->padding.value[0] ||
        p->kernel.value[1] > p->width + 2 * p->padding.value[1]) {
        return psim_error(
            diag, op->at,
            "kernel: larger than the padded image; a smaller one, or more padding, is "
            "needed");
    }
    return true;
}

void
psim_pool2d_output(const struct psim_pool2d *p, uint64_t *ret_height,
                   uint64_t *ret_width)
{
    *ret_height = (p->height + 2 * p->padding.value[0] - p->kernel.value[0]) /
                      p->stride.value[0] +
                  1;
    *ret_width =
        (p->width + 2 * p->padding.value[1] - p->kernel.value[1]) / p->stride.value[1] +
        1;
}

/** Rows or columns of the input that some window covers. */
static double
covered(uint64_t size, uint64_t out, uint64_t kernel, uint64_t stride, uint64_t padding)
{
    uint64_t n = 0;
    for (uint64_t x = 0; x < size; x++) {
        const uint64_t at = x + padding;
        const uint64_t last = at / stride < out - 1 ? at / stride : out - 1;
        if (at - last * stride < kernel) n++;
    }
    return (double)n;
}

/** Cost (docs/MODEL.md, eq. F10): a comparison or sum a window's element but one. */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_pool2d *p = op->attributes;
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    const double images = (double)p->batch * (double)p->channels;
    const double outputs = images * (double)height * (double)width;
    const double window = (double)(p->kernel.value[0] * p->kernel.value[1]);
    const double bytes = psim_dtype_bytes((enum psim_dtype)p->dtype);
    const double read = covered(p->height, height, p->kernel.value[0],
                                p->stride.value[0], p->padding.value[0]) *
                        covered(p->width, width, p->kernel.value[1], p->stride.value[1],
                                p->padding.value[1]);
    return (struct psim_cost){
        .flop = outputs * (p->function == 0 ? window - 1 : window),
        .read_bytes = images * read * bytes,
        .write_bytes = outputs * bytes,
    };
}

const struct psim_op_kind psim_op_pool2d = {
    .name = "pool2d",
    .doc = "the largest or the mean of each window of an image",
    .fields = fields,
    .size = sizeof(struct psim_pool2d),
    .complete = complete,
    .check = check,
    .cost = cost,
};
