/* SPDX-License-Identifier: MIT */
/** @file References of products, windows, attention, bodies and Fourier transforms. */
#include "measure/references_sums.h"

#include <math.h>

static double
input(const struct psim_inputs *in, int i, uint64_t index)
{
    return in->get(in->bench, i, index);
}

static void
add(struct psim_expected *sum, double term)
{
    sum->value += term;
    sum->scale += fabs(term);
}

/** A bias is input 2. */
static void
finish(struct psim_expected *sum, uint32_t epilogue, const struct psim_inputs *in,
       uint64_t col)
{
    if (epilogue >> PSIM_EPILOGUE_BIAS & 1) add(sum, input(in, 2, col));
    if (epilogue >> PSIM_EPILOGUE_RELU & 1) sum->value = fmax(sum->value, 0);
}

/* --- gemm ------------------------------------------------------------------------ */

struct psim_expected
psim_expect_gemm(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_gemm *g = attributes;
    const uint64_t row = index / g->n, col = index % g->n;
    const uint64_t matrix = row / g->m * g->k * g->n;
    struct psim_expected e = {0};
    for (uint64_t i = 0; i < g->k; i++) {
        add(&e, input(in, 0, row * g->k + i) * input(in, 1, matrix + i * g->n + col));
    }
    /* tf32 rounds its operands to as many bits as fp16 has. */
    if (g->dtype == PSIM_TF32) e.slack = e.scale * psim_unit(PSIM_FP16);
    /* Matrix units may add products of fp8 to no more than 14 bits ("DeepSeek-V3
     * Technical Report", 2024, section 3.5.2). */
    if (g->dtype == PSIM_FP8) e.slack = e.scale * 0x1p-13;
    finish(&e, g->epilogue, in, col);
    return e;
}

double
psim_cost_gemm(const void *attributes)
{
    return 2 * (double)((const struct psim_gemm *)attributes)->k;
}

/* --- conv2d, pool2d: layout nhwc ------------------------------------------------- */

/** Where a window of an image lies. */
struct window {
    uint64_t image;
    int64_t y, x; /* of its first tap; negative: in the padding */
};

static struct window
window_of(uint64_t pixel, uint64_t height, uint64_t width,
          const struct psim_counts *stride, const struct psim_counts *padding)
{
    return (struct window){pixel / width / height,
                           (int64_t)(pixel / width % height * stride->value[0]) -
                               (int64_t)padding->value[0],
                           (int64_t)(pixel % width * stride->value[1]) -
                               (int64_t)padding->value[1]};
}

/** The pixel at a place of a window's image; false in the padding. */
static bool
find_pixel(const struct window *w, uint64_t down, uint64_t right, uint64_t height,
           uint64_t width, uint64_t *ret)
{
    const int64_t y = w->y + (int64_t)down, x = w->x + (int64_t)right;
    if (y < 0 || y >= (int64_t)height || x < 0 || x >= (int64_t)width) return false;
    *ret = (w->image * height + (uint64_t)y) * width + (uint64_t)x;
    return true;
}

/** A pixel of the convolution alone: its number, and a channel of it. */
static struct psim_expected
conv_pixel(const struct psim_conv2d *c, const struct psim_inputs *in, uint64_t pixel,
           uint64_t out)
{
    uint64_t height, width, from;
    psim_conv2d_output(c, &height, &width);
    const struct window w = window_of(pixel, height, width, &c->stride, &c->padding);
    struct psim_expected e = {0};
    for (uint64_t tap = 0; tap < c->kernel.value[0] * c->kernel.value[1]; tap++) {
        if (!find_pixel(&w, tap / c->kernel.value[1] * c->dilation.value[0],
                        tap % c->kernel.value[1] * c->dilation.value[1], c->height,
                        c->width, &from)) {
            continue;
        }
        for (uint64_t i = 0; i < c->in_channels; i++) {
            add(&e,
                input(in, 0, from * c->in_channels + i) *
                    input(in, 1, (tap * c->in_channels + i) * c->out_channels + out));
        }
    }
    finish(&e, c->epilogue, in, out);
    return e;
}

/** The largest of its window; without pooling that is one pixel. */
struct psim_expected
psim_expect_conv2d(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_conv2d *c = attributes;
    const uint64_t out = index % c->out_channels, pooled = index / c->out_channels;
    const uint64_t high = c->pool.value[0], wide = c->pool.value[1];
    uint64_t height, width;
    psim_conv2d_output(c, &height, &width);
    const uint64_t line = pooled / (width / wide); /* of all images: none is cut */
    struct psim_expected e = {.value = -HUGE_VAL};
    for (uint64_t i = 0; i < high * wide; i++) {
        const uint64_t y = line * high + i / wide;
        const uint64_t x = pooled % (width / wide) * wide + i % wide;
        const struct psim_expected one = conv_pixel(c, in, y * width + x, out);
        e.value = fmax(e.value, one.value);
        e.scale = fmax(e.scale, one.scale);
    }
    return e;
}

double
psim_cost_conv2d(const void *attributes)
{
    const struct psim_conv2d *c = attributes;
    return 2 * (double)(psim_conv2d_window(c) * c->kernel.value[0] *
                        c->kernel.value[1] * c->in_channels);
}

struct psim_expected
psim_expect_pool2d(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_pool2d *p = attributes;
    uint64_t height, width, from;
    psim_pool2d_output(p, &height, &width);
    const struct window w =
        window_of(index / p->channels, height, width, &p->stride, &p->padding);
    const uint64_t taps = p->kernel.value[0] * p->kernel.value[1];
    struct psim_expected sum = {0};
    double most = -HUGE_VAL;
    for (uint64_t tap = 0; tap < taps; tap++) {
        if (!find_pixel(&w, tap / p->kernel.value[1], tap % p->kernel.value[1],
                        p->height, p->width, &from)) {
            continue;
        }
        const double x = input(in, 0, from * p->channels + index % p->channels);
        most = fmax(most, x);
        add(&sum, x / (double)taps);
    }
    return p->function == 0 ? (struct psim_expected){.value = most} : sum;
}

double
psim_cost_pool2d(const void *attributes)
{
    const struct psim_pool2d *p = attributes;
    return 4 * (double)(p->kernel.value[0] * p->kernel.value[1]);
}

/* --- attention ------------------------------------------------------------------- */

/** Score of a query and a key. */
static double
score(const struct psim_inputs *in, uint64_t d, uint64_t query, uint64_t key)
{
    double dot = 0;
    for (uint64_t i = 0; i < d; i++) {
        dot += input(in, 0, query * d + i) * input(in, 1, key * d + i);
    }
    return dot / sqrt((double)d);
}

struct psim_expected
psim_expect_attention(const void *attributes, const struct psim_inputs *in,
                      uint64_t index)
{
    const struct psim_attention *a = attributes;
    const uint64_t d = a->head_dim, query = index / d, head = query / a->seq_q;
    const uint64_t keys = head / (a->heads / a->kv_heads) * a->seq_kv;
    const uint64_t seen =
        a->causal ? query % a->seq_q + 1 + a->seq_kv - a->seq_q : a->seq_kv;
    double all = 0, squares = 0, largest = 0, most = -HUGE_VAL;
    struct psim_expected e = {0};
    for (uint64_t j = 0; j < seen; j++) {
        const double s = score(in, d, query, keys + j);
        const double v = input(in, 2, (keys + j) * d + index % d);
        /* Under the largest so far: nothing overflows. */
        const double shrink = s > most ? exp(most - s) : 1;
        most = fmax(most, s);
        const double p = exp(s - most);
        all = all * shrink + p;
        e.value = e.value * shrink + p * v;
        e.scale = e.scale * shrink + p * fabs(v);
        squares = squares * shrink * shrink + p * v * p * v;
        largest = fmax(largest, fabs(s));
    }
    /* Weights are rounded once, scores that are kept as well: an error of the score is
     * one of the weight, of that part. They are independent: four times what they are
     * likely to come to. */
    const double part = psim_unit((enum psim_dtype)a->dtype) * (1 + largest);
    return (struct psim_expected){.value = e.value / all,
                                  .scale = e.scale / all,
                                  .slack = 4 * part * sqrt(squares) / all};
}

double
psim_cost_attention(const void *attributes)
{
    const struct psim_attention *a = attributes;
    return 2 * (double)a->seq_kv * (double)a->head_dim;
}

/* --- nbody, fft ------------------------------------------------------------------ */

/** Inputs 0 to 3: x, y, z and mass; the result: all x, then all y, then all z. */
struct psim_expected
psim_expect_nbody(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    static const double softening = 1e-2;
    const uint64_t n = ((const struct psim_nbody *)attributes)->bodies;
    const uint64_t axis = index / n, body = index % n;
    struct psim_expected e = {0};
    for (uint64_t j = 0; j < n; j++) {
        double square = softening, d[3];
        for (int i = 0; i < 3; i++) {
            d[i] = input(in, i, j) - input(in, i, body);
            square += d[i] * d[i];
        }
        add(&e, input(in, 3, j) * d[axis] / (square * sqrt(square)));
    }
    return e;
}

double
psim_cost_nbody(const void *attributes)
{
    return 40 * (double)((const struct psim_nbody *)attributes)->bodies;
}

struct psim_expected
psim_expect_fft(const void *attributes, const struct psim_inputs *in, uint64_t index)
{
    const struct psim_fft *f = attributes;
    const uint64_t item = index / 2 / f->length * f->length, j = index / 2 % f->length;
    double re = 0, im = 0, square = 0;
    for (uint64_t i = 0; i < f->length; i++) {
        const double x = input(in, 0, 2 * (item + i));
        const double y = input(in, 0, 2 * (item + i) + 1);
        /* The product of indices is taken modulo the length: exact for any. */
        const double angle =
            -2 * acos(-1) * (double)(i * j % f->length) / (double)f->length;
        re += x * cos(angle) - y * sin(angle);
        im += x * sin(angle) + y * cos(angle);
        square += x * x + y * y;
    }
    /* Rounding is spread evenly over all outputs: their size is that of the norm. */
    return (struct psim_expected){.value = index % 2 == 0 ? re : im,
                                  .scale = sqrt(square)};
}

double
psim_cost_fft(const void *attributes)
{
    return 80 * (double)((const struct psim_fft *)attributes)->length;
}
