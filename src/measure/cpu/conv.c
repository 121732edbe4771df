/* SPDX-License-Identifier: MIT */
/** @file Convolutions, channels last: direct, unfolded in memory, unfolded on the way.
 */
#include <string.h>

#include "measure/cpu/product.h"
#include "util/arena.h"

enum { MAX_ROWS = 64 };

struct plan {
    uint64_t height, width; /* of the output */
    size_t pixels, taps, channels;
    size_t *tap_y, *tap_x;   /* of each tap, in pixels of the input */
    const void *zeros;       /* a pixel of padding */
    char *columns;           /* im2col: the unfolded image */
    char *weights;           /* direct: packed */
    size_t tap_bytes;        /* of them, of one tap */
    struct psim_queue queue; /* direct: of stretches of pixels */
    struct psim_matmul product;
};

static const struct psim_conv2d *
conv_of(const struct psim_bench *bench)
{
    return PSIM_ATTRIBUTES(bench, psim_conv2d);
}

static bool
has(const struct psim_conv2d *c, enum psim_epilogue what)
{
    return (c->epilogue >> what & 1) != 0;
}

static const char *
refuses(const struct psim_bench *bench, enum psim_conv_algorithm algorithm)
{
    const struct psim_conv2d *c = conv_of(bench);
    if (c->algorithm != (int)algorithm) return psim_other_algorithm;
    if (c->groups != 1) return "it is done with one group of channels";
    if (c->layout != 0) return "it is done in layout nhwc only";
    if (psim_conv2d_window(c) > PSIM_MATMUL_WINDOW) {
        return "it is done with windows of up to 64 pixels";
    }
    return psim_refuses_type(c->dtype);
}

/** Tensors, weights [tap][channel][output channel], and the product of them. */
static struct plan *
prepare(struct psim_bench *bench)
{
    const struct psim_conv2d *c = conv_of(bench);
    struct plan *plan = PSIM_NEW(bench->arena, struct plan);
    psim_conv2d_output(c, &plan->height, &plan->width);
    plan->pixels = c->batch * plan->height * plan->width;
    plan->taps = c->kernel.value[0] * c->kernel.value[1];
    plan->channels = c->in_channels;
    plan->tap_y = PSIM_NEW_N(bench->arena, size_t, plan->taps);
    plan->tap_x = PSIM_NEW_N(bench->arena, size_t, plan->taps);
    for (size_t tap = 0; tap < plan->taps; tap++) {
        plan->tap_y[tap] = tap / c->kernel.value[1] * c->dilation.value[0];
        plan->tap_x[tap] = tap % c->kernel.value[1] * c->dilation.value[1];
    }
    plan->zeros =
        psim_bench_scratch(bench, plan->channels * bench->kernels->element_bytes);
    psim_bench_input(bench, 0, c->batch * c->height * c->width * c->in_channels);
    psim_bench_input(bench, 1, plan->taps * c->in_channels * c->out_channels);
    if (has(c, PSIM_EPILOGUE_BIAS)) psim_bench_input(bench, 2, c->out_channels);
    psim_bench_output(bench, plan->pixels / psim_conv2d_window(c) * c->out_channels);
    plan->product = (struct psim_matmul){
        .m = plan->pixels,
        .n = c->out_channels,
        .k = plan->taps * c->in_channels,
        .batch = 1,
        .a_stride = plan->taps * c->in_channels,
        .context = bench,
        .b = bench->in[1].data,
        .b_stride = c->out_channels,
        .b_share = 1,
        .c = bench->out.data,
        .c_stride = c->out_channels,
        .bias = has(c, PSIM_EPILOGUE_BIAS) ? bench->in[2].data : NULL,
        .relu = has(c, PSIM_EPILOGUE_RELU),
        .window = psim_conv2d_window(c),
    };
    bench->plan = plan;
    return plan;
}

/** Where the first tap of a pixel of the output lies; above and left of the image
 * coordinates wrap, and are too large as well. */
struct corner {
    size_t image, y, x;
};

static struct corner
corner_of(const struct psim_bench *bench, size_t pixel)
{
    const struct psim_conv2d *c = conv_of(bench);
    const struct plan *plan = bench->plan;
    /* Pixels of a window follow one another; without pooling it is one. */
    const size_t high = c->pool.value[0], wide = c->pool.value[1];
    const size_t in_window = pixel % (high * wide), window = pixel / (high * wide);
    const size_t row = window / (plan->width / wide);
    const size_t image = row / (plan->height / high);
    const size_t y = (row - image * (plan->height / high)) * high + in_window / wide;
    const size_t x = (window - row * (plan->width / wide)) * wide + in_window % wide;
    return (struct corner){image * c->height,
                           y * c->stride.value[0] - c->padding.value[0],
                           x * c->stride.value[1] - c->padding.value[1]};
}

/** The input of a tap, or the padding's zeros. */
static const void *
source(const struct psim_bench *bench, const struct corner *corner, size_t tap)
{
    const struct psim_conv2d *c = conv_of(bench);
    const struct plan *plan = bench->plan;
    const size_t y = corner->y + plan->tap_y[tap], x = corner->x + plan->tap_x[tap];
    if (y >= c->height || x >= c->width) return plan->zeros;
    return psim_tensor_at(&bench->in[0],
                          ((corner->image + y) * c->width + x) * plan->channels);
}

/* --- implicit: panels of A are filled from the image ---------------------------- */

static void
pack_image(const struct psim_matmul *p, void *to, const struct psim_panels *s)
{
    const struct psim_bench *bench = p->context;
    const struct plan *plan = bench->plan;
    const size_t rows = p->kernels->product->rows, bytes = p->kernels->element_bytes;
    for (size_t i = 0; i < s->n; i += rows) {
        const size_t n = s->n - i < rows ? s->n - i : rows;
        char *panel = (char *)to + i * s->k * bytes;
        struct corner corners[MAX_ROWS];
        for (size_t r = 0; r < n; r++) {
            corners[r] = corner_of(bench, s->first + i + r);
        }
        for (size_t done = 0; done < s->k;) {
            const size_t tap = (s->first_k + done) / plan->channels;
            const size_t channel = (s->first_k + done) % plan->channels;
            const size_t left = plan->channels - channel;
            const size_t run = left < s->k - done ? left : s->k - done;
            const void *from[MAX_ROWS];
            for (size_t r = 0; r < n; r++) {
                from[r] =
                    (const char *)source(bench, &corners[r], tap) + channel * bytes;
            }
            p->kernels->product->pack_rows(panel + done * rows * bytes, from, n, run);
            done += run;
        }
    }
}

static const char *
implicit_refuses(const struct psim_bench *bench)
{
    return refuses(bench, PSIM_CONV_IMPLICIT_GEMM);
}

static void
implicit_prepare(struct psim_bench *bench)
{
    struct plan *plan = prepare(bench);
    plan->product.pack_a = pack_image;
    psim_matmul_prepare(bench, &plan->product);
}

static void
product_run(struct psim_bench *bench)
{
    struct plan *plan = bench->plan;
    psim_matmul_run(bench->team, &plan->product);
}

/* --- im2col: the unfolded image is stored ---------------------------------------- */

static const char *
im2col_refuses(const struct psim_bench *bench)
{
    return refuses(bench, PSIM_CONV_IM2COL_GEMM);
}

static void
im2col_prepare(struct psim_bench *bench)
{
    struct plan *plan = prepare(bench);
    plan->columns = psim_bench_scratch(bench, plan->pixels * plan->product.k *
                                                  bench->kernels->element_bytes);
    plan->product.a = plan->columns;
    psim_matmul_prepare(bench, &plan->product);
}

static void
unfold_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct plan *plan = bench->plan;
    const size_t bytes = plan->channels * bench->kernels->element_bytes;
    size_t first, end;
    psim_team_share(bench->team, thread, plan->pixels, 1, &first, &end);
    char *to = plan->columns + first * plan->taps * bytes;
    for (size_t pixel = first; pixel < end; pixel++) {
        const struct corner corner = corner_of(bench, pixel);
        for (size_t tap = 0; tap < plan->taps; tap++, to += bytes) {
            memcpy(to, source(bench, &corner, tap), bytes);
        }
    }
}

static void
im2col_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, unfold_part, bench);
    product_run(bench);
}

/* --- direct: a few pixels, all channels, tap by tap ------------------------------ */

enum { STRETCH = 4 }; /* register tiles of pixels that share a tap's weights */

static const char *
direct_refuses(const struct psim_bench *bench)
{
    return refuses(bench, PSIM_CONV_DIRECT);
}

static size_t
stretch_of(const struct psim_bench *bench)
{
    return STRETCH * bench->kernels->product->rows;
}

static void
direct_prepare(struct psim_bench *bench)
{
    struct plan *plan = prepare(bench);
    const size_t cols = bench->kernels->product->cols;
    const size_t panels = (conv_of(bench)->out_channels + cols - 1) / cols;
    plan->tap_bytes = panels * cols * plan->channels * bench->kernels->element_bytes;
    plan->weights = psim_bench_scratch(bench, plan->taps * plan->tap_bytes);
}

static void
pack_weights(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct plan *plan = bench->plan;
    const struct psim_product_kernels *k = bench->kernels->product;
    const size_t n = conv_of(bench)->out_channels;
    size_t first, end;
    psim_team_share(bench->team, thread, plan->taps, 1, &first, &end);
    for (size_t tap = first; tap < end; tap++) {
        for (size_t j = 0; j < n; j += k->cols) {
            k->pack_steps(plan->weights + tap * plan->tap_bytes +
                              j * plan->channels * bench->kernels->element_bytes,
                          psim_tensor_at(&bench->in[1], tap * plan->channels * n + j),
                          n, n - j < k->cols ? n - j : k->cols, plan->channels);
        }
    }
}

static void
direct_stretch(const struct psim_bench *bench, size_t first, size_t m)
{
    const struct psim_conv2d *c = conv_of(bench);
    const struct plan *plan = bench->plan;
    const struct psim_product_kernels *k = bench->kernels->product;
    const size_t n = c->out_channels;
    char *out = psim_tensor_at(&bench->out, first * n);
    struct corner corners[STRETCH * MAX_ROWS];
    for (size_t i = 0; i < m; i++) {
        corners[i] = corner_of(bench, first + i);
    }
    for (size_t tap = 0; tap < plan->taps; tap++) {
        const void *rows[STRETCH * MAX_ROWS];
        for (size_t i = 0; i < m; i++) {
            rows[i] = source(bench, &corners[i], tap);
        }
        k->block_rows(&(struct psim_block){out, n, m, n, plan->channels, tap > 0}, rows,
                      plan->weights + tap * plan->tap_bytes);
    }
    for (size_t i = 0; c->epilogue != 0 && i < m; i++) {
        k->epilogue(out + i * n * bench->kernels->element_bytes,
                    has(c, PSIM_EPILOGUE_BIAS) ? bench->in[2].data : NULL,
                    has(c, PSIM_EPILOGUE_RELU), n);
    }
}

static void
direct_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    struct plan *plan = bench->plan;
    const size_t stretch = stretch_of(bench);
    size_t piece;
    pack_weights(context, thread);
    psim_team_meet(bench->team);
    while (
        psim_queue_take(&plan->queue, (plan->pixels + stretch - 1) / stretch, &piece)) {
        const size_t left = plan->pixels - piece * stretch;
        direct_stretch(bench, piece * stretch, left < stretch ? left : stretch);
    }
}

static void
direct_run(struct psim_bench *bench)
{
    struct plan *plan = bench->plan;
    atomic_store(&plan->queue.next, 0);
    psim_team_run(bench->team, direct_part, bench);
}

const struct psim_cpu_kernel psim_cpu_conv_direct = {
    .name = "direct",
    .op = "conv2d",
    .doc = "sums of a few pixels in registers, tap by tap, the image as it lies",
    .refuses = direct_refuses,
    .prepare = direct_prepare,
    .run = direct_run,
};

const struct psim_cpu_kernel psim_cpu_conv_im2col = {
    .name = "im2col",
    .op = "conv2d",
    .doc = "the unfolded image is stored, then multiplied",
    .refuses = im2col_refuses,
    .prepare = im2col_prepare,
    .run = im2col_run,
};

const struct psim_cpu_kernel psim_cpu_conv_implicit = {
    .name = "implicit",
    .op = "conv2d",
    .doc = "tiles are packed straight from the image",
    .refuses = implicit_refuses,
    .prepare = implicit_prepare,
    .run = product_run,
};
