/* SPDX-License-Identifier: MIT */
/** @file Convolutions as parts: products, direct sums, products of transforms. */
#include <math.h>

#include "plan/lower.h"
#include "util/whole.h"

/** What libraries offer for a step of a convolution that has a name of its own. */
static const struct psim_library_kernel *
kernel_of(const struct psim_hw *hw, const struct psim_op *op, const char *algorithm)
{
    const struct psim_conv2d *c = op->attributes;
    const struct psim_part wanted = {
        .op = op, .library_op = "conv2d", .algorithm = algorithm};
    const struct psim_library_kernel *library = NULL;
    do {
        library = psim_library_next(hw, &wanted, (enum psim_dtype)c->dtype, library);
    } while (library && !library->algorithm); /* one for any algorithm has none of it */
    return library;
}

/** One element in, one out. */
static struct psim_stream
one_to_one(uint64_t elements, enum psim_dtype dtype)
{
    return (struct psim_stream){
        .elements = elements,
        .inputs = 1,
        .outputs = 1,
        .reads = 1,
        .dtype = dtype,
        .in = dtype,
        .out = dtype,
    };
}

/** Such a step, of a library's kernel for it. */
static struct psim_stream *
add_step(const struct psim_op *op, const char *name, const char *algorithm,
         double elements, struct psim_parts *ret)
{
    const struct psim_conv2d *c = op->attributes;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, name, op, "conv2d");
    part->algorithm = algorithm;
    part->u.stream = one_to_one((uint64_t)elements, (enum psim_dtype)c->dtype);
    return &part->u.stream;
}

/** Pixels of one image of the output, before they are pooled. */
static uint64_t
image_pixels(const struct psim_conv2d *c)
{
    uint64_t height, width;
    psim_conv2d_output(c, &height, &width);
    return height * width;
}

/** Elements of the output, pooled. */
static double
output_elements(const struct psim_conv2d *c)
{
    const uint64_t pixels = c->batch * image_pixels(c) / psim_conv2d_window(c);
    return (double)pixels * (double)c->out_channels;
}

/**
 * A library whose kernels take channels first changes the order of what comes with
 * channels last: image and weights before, the output after.
 */
static bool
is_reordered(const struct psim_hw *hw, const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    return c->layout == 0 && kernel_of(hw, op, "channels_first");
}

static void
add_order(const struct psim_op *op, bool before, struct psim_parts *ret)
{
    const struct psim_conv2d *c = op->attributes;
    const double image = (double)c->batch * (double)c->in_channels * (double)c->height *
                         (double)c->width;
    const uint64_t inputs = c->in_channels / c->groups; /* of a group */
    const double weights =
        (double)inputs * (double)c->out_channels * (double)psim_conv2d_taps(c);
    if (before) {
        (void)add_step(op, "image_order", "channels_first", image, ret);
        add_step(op, "weight_order", "channels_first", weights, ret)->weights = true;
    } else {
        (void)add_step(op, "output_order", "channels_first", output_elements(c), ret);
    }
}

/** Where the pixels of an image begin, as a table that a library's kernels read. */
static void
add_offsets(const struct psim_hw *hw, const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_conv2d *c = op->attributes;
    if (!kernel_of(hw, op, "offsets")) return;
    const double pixels = (double)image_pixels(c);
    struct psim_stream *s = add_step(op, "offsets", "offsets", pixels, ret);
    s->inputs = s->reads = 0;
    s->out = PSIM_INT32;
    /* A pixel's row and column, then its place: two divisions and a sum. */
    s->work[0] = (struct psim_times){PSIM_DOES_INTEGER, 3};
}

/** The image's columns as a matrix in memory. */
static void
add_unfolding(const struct psim_hw *hw, const struct psim_op *op,
              struct psim_parts *ret)
{
    const struct psim_conv2d *c = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "im2col", op, "im2col");
    struct psim_stream *s = &part->u.stream;
    *s = one_to_one(c->batch * image_pixels(c) * psim_conv2d_taps(c) * c->in_channels,
                    dtype);
    /* Its index as image, row, column and channel. */
    s->work[0] = (struct psim_times){PSIM_DOES_INTEGER, 4};
    s->unfold = c;
    /* Some libraries unfold image by image: the op's batch becomes launches. */
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, dtype, NULL);
    if (!library || library->launches <= 0) return;
    s->elements /= c->batch;
    part->launches = (uint32_t)c->batch;
}

/** Input channels of a group, after a library's kernel has padded them. */
static uint64_t
add_padding(const struct psim_hw *hw, const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_conv2d *c = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    const uint32_t elem = psim_dtype_bytes(dtype);
    const struct psim_part wanted = {
        .op = op, .library_op = "conv2d", .algorithm = "implicit_gemm"};
    const struct psim_library_kernel *library = NULL;
    while ((library = psim_library_next(hw, &wanted, dtype, library))) {
        const uint64_t multiple = library->pad_channels;
        if (multiple == 0 || c->groups > 1 || c->in_channels % multiple == 0) continue;
        const uint64_t channels = (c->in_channels / multiple + 1) * multiple;
        struct psim_part *part =
            psim_add_part(ret, &psim_program_stream, "pad", op, "pad");
        part->u.stream = one_to_one(c->batch * c->height * c->width, dtype);
        part->u.stream.in_bytes = (uint32_t)c->in_channels * elem;
        part->u.stream.out_bytes = (uint32_t)channels * elem;
        return channels;
    }
    return c->in_channels / c->groups;
}

/** One product for each group, whose pixels have so many input channels. */
static struct psim_product
product_of(const struct psim_op *op, uint64_t channels)
{
    const struct psim_conv2d *c = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    const double elem = psim_dtype_bytes(dtype);
    const uint64_t outputs = c->out_channels / c->groups;
    return (struct psim_product){
        .m = c->batch * image_pixels(c),
        .n = outputs,
        .k = psim_conv2d_taps(c) * channels,
        .batch = c->groups,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = (double)channels * elem,
        .b_row_bytes = (double)outputs * elem,
        .epilogue = c->epilogue,
        .window = psim_conv2d_window(c),
        .weights = true,
        .biases = c->groups,
        .flop = op->kind->cost(op).flop,
        .channels = channels,
    };
}

/** It reads the columns that lie in memory. */
static void
read_columns(const struct psim_conv2d *c, struct psim_product *product)
{
    const double elem = psim_dtype_bytes(product->dtype);
    product->a_row_bytes = (double)product->k * elem;
    if (c->layout == 0 || c->groups > 1) return;
    /* Channels first: an image's columns lie beside each other, and each image is a
     * product of its own with the same weights. */
    product->m = image_pixels(c);
    product->batch = product->share_b = c->batch;
    product->a_row_bytes = (double)product->m * elem;
}

/** A 1 x 1 kernel without stride is a product of matrices as they lie. */
static bool
is_plain(const struct psim_conv2d *c)
{
    return psim_conv2d_taps(c) == 1 && c->stride.value[0] == 1 &&
           c->stride.value[1] == 1 && c->padding.value[0] == 0 &&
           c->padding.value[1] == 0;
}

bool
psim_lower_conv2d(struct psim_diag *diag, const struct psim_hw *hw,
                  const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_conv2d *c = op->attributes;
    /* One channel a group leaves nothing to multiply: its programs are direct ones. */
    const bool depthwise = psim_conv2d_is_depthwise(c);
    if (c->algorithm == PSIM_CONV_DIRECT || depthwise) {
        struct psim_part *part =
            psim_add_part(ret, &psim_program_direct, "direct", op, "conv2d");
        part->algorithm = depthwise ? "depthwise" : "direct";
        return true;
    }
    const bool stored = c->algorithm == PSIM_CONV_IM2COL_GEMM;
    if (stored) add_unfolding(hw, op, ret);
    const bool gathered = !stored && !is_plain(c);
    const bool reordered = gathered && is_reordered(hw, op);
    if (reordered) add_order(op, true, ret);
    const uint64_t channels =
        gathered ? add_padding(hw, op, ret) : c->in_channels / c->groups;
    /* Some libraries list what they run for it apart from their products. */
    const bool own = !stored && !gathered && kernel_of(hw, op, "pointwise");
    if (own || gathered) add_offsets(hw, op, ret);
    struct psim_part *part =
        psim_add_part(ret, &psim_program_product, stored ? "gemm" : "implicit_gemm", op,
                      own || gathered ? "conv2d" : "gemm");
    part->algorithm = stored ? NULL : own ? "pointwise" : "implicit_gemm";
    part->u.product = product_of(op, channels);
    if (gathered) part->u.product.conv = c;
    if (stored) read_columns(c, &part->u.product);
    if (reordered) add_order(op, false, ret);
    return true;
}

/** The edge of the transforms that hold the padded image; 0: a library has none. */
static uint64_t
transform_edge(const struct psim_library_kernel *library, const struct psim_conv2d *c)
{
    uint64_t longest = 0, edge = 0;
    const uint64_t size[] = {c->height, c->width};
    for (int d = 0; d < 2; d++) {
        const uint64_t padded = size[d] + 2 * c->padding.value[d];
        if (padded > longest) longest = padded;
        if (c->stride.value[d] != 1 || c->dilation.value[d] != 1) return 0;
    }
    for (size_t i = 0; i < library->n_tiles; i++) {
        const uint64_t most = library->tiles[i].max_cols;
        if (most >= longest && (edge == 0 || most < edge)) edge = most;
    }
    return edge;
}

/** Of so many planes, there or back. */
struct transform {
    const char *name;
    double planes, pixels; /**< pixels of a plane that are no padding */
    bool back;
};

/** A transform with that edge (eq. P14). */
static void
add_transform(const struct psim_op *op, const struct transform *t, uint64_t edge,
              struct psim_parts *ret)
{
    const double points = (double)edge * ((double)edge / 2 + 1);
    struct psim_stream *s = add_step(op, t->name, "transform", t->planes * points, ret);
    const double elem = psim_dtype_bytes(s->in), complex_bytes = 2 * elem;
    const double real_bytes = fmax(1, round(t->pixels / points * elem));
    s->in_bytes = (uint32_t)(t->back ? complex_bytes : real_bytes);
    s->out_bytes = (uint32_t)(t->back ? real_bytes : complex_bytes);
    s->size = edge;
    /* As of a transform in one dimension: 1 multiply-add and 3 additions a stage. */
    const double stages = 2 * log2((double)edge);
    s->work[0] = (struct psim_times){PSIM_DOES_FMA, stages};
    s->work[1] = (struct psim_times){PSIM_DOES_ADD, 3 * stages};
}

bool
psim_lower_transformed(struct psim_diag *diag, const struct psim_hw *hw,
                       const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_conv2d *c = op->attributes;
    const struct psim_library_kernel *library = kernel_of(hw, op, "transform");
    if (!library || c->algorithm != PSIM_CONV_IMPLICIT_GEMM) return true;
    if (psim_conv2d_taps(c) == 1 || c->groups > 1) return true;
    if (psim_conv2d_window(c) > 1) return true; /* planes come back whole */
    const uint64_t edge = transform_edge(library, c);
    if (edge == 0) return true;
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    const double images = (double)c->batch * (double)c->in_channels;
    const double filters = (double)c->in_channels * (double)c->out_channels;
    const double outputs = (double)c->batch * (double)c->out_channels;
    const double pixels = (double)c->height * (double)c->width;
    const bool reordered = is_reordered(hw, op);
    if (reordered) add_order(op, true, ret);
    if (kernel_of(hw, op, "turn")) {
        struct psim_stream *turn =
            add_step(op, "turn", "turn", filters * (double)psim_conv2d_taps(c), ret);
        turn->run = psim_conv2d_taps(c);
        turn->weights = true;
    }
    const struct transform of_weights = {"weight_transform", filters,
                                         (double)psim_conv2d_taps(c), false},
                           of_image = {"image_transform", images, pixels, false},
                           of_output = {"output_transform", outputs,
                                        output_elements(c) / outputs, true};
    add_transform(op, &of_weights, edge, ret);
    add_transform(op, &of_image, edge, ret);
    struct psim_part *part =
        psim_add_part(ret, &psim_program_product, "transformed", op, "conv2d");
    part->algorithm = "transformed";
    part->u.product = (struct psim_product){
        .m = c->batch,
        .n = c->out_channels,
        .k = c->in_channels,
        .batch = edge * (edge / 2 + 1),
        .numbers = 2,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = 2 * (double)c->in_channels * psim_dtype_bytes(dtype),
        .b_row_bytes = 2 * (double)c->out_channels * psim_dtype_bytes(dtype),
        .flop = op->kind->cost(op).flop,
    };
    add_transform(op, &of_output, edge, ret);
    if (reordered) add_order(op, false, ret);
    return true;
}
