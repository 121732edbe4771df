/* SPDX-License-Identifier: MIT */
/** @file conv2d: convolution of images, directly, as a stored or as an implied product.
 */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_conv2d, member)

static const struct psim_choice algorithm_choices[] = {
    {"direct", PSIM_CONV_DIRECT},
    {"im2col_gemm", PSIM_CONV_IM2COL_GEMM},
    {"implicit_gemm", PSIM_CONV_IMPLICIT_GEMM},
    {NULL, 0},
};

static const struct psim_choice layout_choices[] = {
    {"nhwc", 0},
    {"nchw", 1},
    {NULL, 0},
};

static const struct psim_choice epilogue_choices[] = {
    {"bias", PSIM_EPILOGUE_BIAS},
    {"relu", PSIM_EPILOGUE_RELU},
    {"max_pool", PSIM_EPILOGUE_MAX_POOL},
    {NULL, 0},
};

/* clang-format off */
static const struct psim_field fields[] = {
    {.key = "algorithm", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = algorithm_choices, AT(algorithm),
     .doc = "direct: each lane sums its own output pixels; im2col_gemm: the unfolded input is stored, then multiplied; "
            "implicit_gemm: one kernel unfolds while it multiplies"},
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 20, AT(batch), .doc = "images", .fallback = "1"},
    {.key = "in_channels", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 20, AT(in_channels), .doc = "channels of the input"},
    {.key = "out_channels", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 20, AT(out_channels), .doc = "channels of the output"},
    {.key = "height", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(height), .doc = "rows of an input image"},
    {.key = "width", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(width), .doc = "columns of an input image"},
    {.key = "kernel", .kind = PSIM_FIELD_COUNTS, .required = true, .min = 1, .max = 1024, .max_items = 2, AT(kernel), .doc = "[height, width]"},
    {.key = "stride", .kind = PSIM_FIELD_COUNTS, .min = 1, .max = 1024, .max_items = 2, AT(stride), .doc = "[height, width]", .fallback = "1"},
    {.key = "padding", .kind = PSIM_FIELD_COUNTS, .max = 1024, .max_items = 2, AT(padding), .doc = "[height, width], each side", .fallback = "0"},
    {.key = "dilation", .kind = PSIM_FIELD_COUNTS, .min = 1, .max = 1024, .max_items = 2, AT(dilation), .doc = "[height, width]", .fallback = "1"},
    {.key = "groups", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 20,
     .loc_offset = offsetof(struct psim_conv2d, groups_at), AT(groups), .doc = "independent groups of channels", .fallback = "1"},
    {.key = "layout", .kind = PSIM_FIELD_CHOICE, .choices = layout_choices, AT(layout), .doc = "which dimension is contiguous: channels or columns", .fallback = "nhwc"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices,
     .loc_offset = offsetof(struct psim_conv2d, dtype_at), AT(dtype), .doc = "of input, weights and output"},
    {.key = "epilogue", .kind = PSIM_FIELD_CHOICES, .choices = epilogue_choices,
     .loc_offset = offsetof(struct psim_conv2d, epilogue_at), AT(epilogue), .doc = "done on the output before it is written", .fallback = "none"},
    {.key = "pool", .kind = PSIM_FIELD_COUNTS, .min = 1, .max = 1024, .max_items = 2, AT(pool),
     .doc = "windows of `max_pool`, [height, width], side by side; what fills none is not computed", .fallback = "2"},
    {0},
};
/* clang-format on */

static uint64_t
output_size(uint64_t size, uint64_t kernel, uint64_t stride, uint64_t padding,
            uint64_t dilation)
{
    const uint64_t reach = dilation * (kernel - 1) + 1;
    const uint64_t padded = size + 2 * padding;
    return padded < reach ? 0 : (padded - reach) / stride + 1;
}

void
psim_conv2d_output(const struct psim_conv2d *c, uint64_t *ret_height,
                   uint64_t *ret_width)
{
    *ret_height = output_size(c->height, c->kernel.value[0], c->stride.value[0],
                              c->padding.value[0], c->dilation.value[0]);
    *ret_width = output_size(c->width, c->kernel.value[1], c->stride.value[1],
                             c->padding.value[1], c->dilation.value[1]);
    *ret_height -= *ret_height % c->pool.value[0];
    *ret_width -= *ret_width % c->pool.value[1];
}

uint64_t
psim_conv2d_window(const struct psim_conv2d *c)
{
    return c->pool.value[0] * c->pool.value[1];
}

enum { MAX_STRIDE = 1024 }; /* as the table says */

/**
 * Rows (or columns) of the input that any output depends on.
 *
 * Given:
 *   size, outputs   of the input and the output in direction d
 *
 * Notes: output o and tap t read row o s + t l - p (stride s, dilation l, padding p).
 *   So row r needs a tap with t l = r + p modulo s: the first such tap, if any, and
 *   every s / gcd(s, l)-th after it; and 0 <= (r + p - t l) / s < outputs.
 */
static double
touched(const struct psim_conv2d *c, int d, uint64_t size, uint64_t outputs)
{
    const uint64_t taps = c->kernel.value[d], stride = c->stride.value[d];
    const uint64_t dilation = c->dilation.value[d], padding = c->padding.value[d];
    uint64_t first[MAX_STRIDE] = {0}; /* tap + 1, by the rest modulo stride */
    uint64_t period = 1;
    while (period * dilation % stride != 0) {
        period++;
    }
    for (uint64_t tap = 0; tap < taps && tap < period; tap++) {
        first[tap * dilation % stride] = tap + 1;
    }
    double rows = 0;
    for (uint64_t row = 0; row < size; row++) {
        const uint64_t at = row + padding, reach = (outputs - 1) * stride;
        if (first[at % stride] == 0) continue;
        uint64_t tap = first[at % stride] - 1;
        const uint64_t least = at > reach ? (at - reach + dilation - 1) / dilation : 0;
        if (tap < least) tap += (least - tap + period - 1) / period * period;
        if (tap < taps && tap * dilation <= at) rows++;
    }
    return rows;
}

uint64_t
psim_conv2d_taps(const struct psim_conv2d *c)
{
    return c->kernel.value[0] * c->kernel.value[1];
}

bool
psim_conv2d_is_depthwise(const struct psim_conv2d *c)
{
    return c->groups > 1 && c->groups == c->in_channels;
}

double
psim_conv2d_columns(const struct psim_conv2d *c)
{
    uint64_t height, width;
    psim_conv2d_output(c, &height, &width);
    return touched(c, 1, c->width, width);
}

double
psim_conv2d_input_bytes(const struct psim_conv2d *c)
{
    uint64_t height, width;
    psim_conv2d_output(c, &height, &width);
    return (double)c->batch * (double)c->in_channels *
           touched(c, 0, c->height, height) * psim_conv2d_columns(c) *
           psim_dtype_bytes((enum psim_dtype)c->dtype);
}

/** One number stands for both directions. */
static void
complete_pair(struct psim_counts *pair, uint64_t fallback)
{
    if (pair->n == 0) pair->value[0] = fallback;
    if (pair->n < 2) pair->value[1] = pair->value[0];
    pair->n = 2;
}

static bool
pools(const struct psim_conv2d *c)
{
    return c->epilogue >> PSIM_EPILOGUE_MAX_POOL & 1;
}

static void
complete(void *attributes)
{
    struct psim_conv2d *c = attributes;
    if (c->batch == 0) c->batch = 1;
    if (c->groups == 0) c->groups = 1;
    complete_pair(&c->kernel, 1);
    complete_pair(&c->stride, 1);
    complete_pair(&c->padding, 0);
    complete_pair(&c->dilation, 1);
    const size_t given = c->pool.n;
    complete_pair(&c->pool, pools(c) ? 2 : 1);
    /* Who pools nothing has no windows to speak of. */
    if (!pools(c) && given == 0) c->pool.n = 0;
}

/** Windows without pooling, and pooling by who has no tile of pixels to do it in. */
static bool
check_pool(struct psim_diag *diag, const struct psim_conv2d *c)
{
    if (!pools(c) && psim_conv2d_window(c) > 1) {
        return psim_error(diag, c->pool.at,
                          "pool: there is nothing to pool without \"epilogue\": "
                          "\"max_pool\"");
    }
    if (pools(c) && (c->algorithm == PSIM_CONV_DIRECT || psim_conv2d_is_depthwise(c))) {
        return psim_error(diag, c->epilogue_at,
                          "max_pool: a direct or depthwise convolution writes pixel by "
                          "pixel; implicit_gemm or im2col_gemm is needed, or a pool2d "
                          "after it");
    }
    return true;
}

static bool
check(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    uint64_t height, width;
    if (!check_pool(diag, c)) return false;
    psim_conv2d_output(c, &height, &width);
    if ((height == 0 || width == 0) && pools(c)) {
        return psim_error(
            diag, c->epilogue_at,
            "max_pool: a window of %llu x %llu is larger than the output; "
            "a smaller 'pool' is needed",
            (unsigned long long)c->pool.value[0], (unsigned long long)c->pool.value[1]);
    }
    if (height == 0 || width == 0) {
        return psim_error(
            diag, c->kernel.at,
            "kernel: larger than the padded image; a smaller one, or more "
            "padding, is needed");
    }
    if (c->in_channels % c->groups != 0 || c->out_channels % c->groups != 0) {
        return psim_error(
            diag, c->groups_at,
            "groups: %llu do not divide %llu and %llu channels; a divisor of both is "
            "needed",
            (unsigned long long)c->groups, (unsigned long long)c->in_channels,
            (unsigned long long)c->out_channels);
    }
    return true;
}

/**
 * Cost (docs/MODEL.md, eq. F4).
 *
 * Returned:
 *   flop          2 an output, tap and input channel of its group; padding counts,
 *                 as is the custom; bias and relu one an output, pooling one an
 *                 output but the first of its window
 *   read_bytes    the pixels that any output depends on, weights and bias, once
 *   write_bytes   the output once, pooled; im2col_gemm: the unfolded input as well,
 * which is then read once
 */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    uint64_t height, width;
    psim_conv2d_output(c, &height, &width);
    const double bytes = psim_dtype_bytes((enum psim_dtype)c->dtype);
    const double pixels = (double)c->batch * (double)height * (double)width;
    const double outputs = pixels * (double)c->out_channels;
    const double taps = (double)psim_conv2d_taps(c);
    const double depth = taps * (double)c->in_channels / (double)c->groups;
    const bool unfolds =
        c->algorithm == PSIM_CONV_IM2COL_GEMM && !psim_conv2d_is_depthwise(c);
    const double unfolded =
        unfolds ? pixels * taps * (double)c->in_channels * bytes : 0;
    const double bias = c->epilogue >> PSIM_EPILOGUE_BIAS & 1;
    const double window = (double)psim_conv2d_window(c);
    const double extra =
        bias + (c->epilogue >> PSIM_EPILOGUE_RELU & 1) + (window - 1) / window;
    const double own = (double)c->out_channels * (depth + bias) * bytes;
    return (struct psim_cost){
        .flop = outputs * (2 * depth + extra),
        .read_bytes = psim_conv2d_input_bytes(c) + own + unfolded,
        .write_bytes = outputs / window * bytes + unfolded,
    };
}

const struct psim_op_kind psim_op_conv2d = {
    .name = "conv2d",
    .doc = "convolution of a batch of images",
    .fields = fields,
    .size = sizeof(struct psim_conv2d),
    .algorithm_offset = offsetof(struct psim_conv2d, algorithm),
    .algorithms = algorithm_choices,
    .complete = complete,
    .check = check,
    .cost = cost,
};
