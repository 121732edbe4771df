/* SPDX-License-Identifier: MIT */
/** @file The loops that define each op: what they do, and what they touch. */
#pragma once

#include "check_plans.h"

/** What the loops of an op do and touch. */
struct defined {
    uint64_t flop, read_bytes, write_bytes;
};

/** Which elements of a tensor were touched: each counts once. */
struct touched {
    uint8_t *seen;
    uint64_t n;
};

static inline struct touched
nothing_touched(struct psim_arena *arena, uint64_t elements)
{
    return (struct touched){PSIM_NEW_N(arena, uint8_t, elements), 0};
}

static inline void
touch(struct touched *t, uint64_t element)
{
    t->n += !t->seen[element];
    t->seen[element] = 1;
}

static inline uint64_t
bytes_of(int dtype)
{
    return psim_dtype_bytes((enum psim_dtype)dtype);
}

static inline uint64_t
epilogues(uint32_t set)
{
    return (set >> PSIM_EPILOGUE_BIAS & 1) + (set >> PSIM_EPILOGUE_RELU & 1);
}

/** C = A B for each of a batch, then what is done to each element of C. */
static inline struct defined
define_gemm(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_gemm *g = op->attributes;
    struct touched a = nothing_touched(arena, g->batch * g->m * g->k);
    struct touched b = nothing_touched(arena, g->batch * g->k * g->n);
    struct touched c = nothing_touched(arena, g->batch * g->m * g->n);
    struct touched bias = nothing_touched(arena, g->n);
    struct defined d = {0};
    for (uint64_t p = 0; p < g->batch; p++) {
        for (uint64_t i = 0; i < g->m; i++) {
            for (uint64_t j = 0; j < g->n; j++) {
                for (uint64_t s = 0; s < g->k; s++) {
                    touch(&a, (p * g->m + i) * g->k + s);
                    touch(&b, (p * g->k + s) * g->n + j);
                    d.flop += 2;
                }
                touch(&c, (p * g->m + i) * g->n + j);
                if (g->epilogue >> PSIM_EPILOGUE_BIAS & 1) touch(&bias, j);
                d.flop += epilogues(g->epilogue);
            }
        }
    }
    const uint64_t out =
        bytes_of((int)psim_dtype_of_product((enum psim_dtype)g->dtype));
    d.read_bytes = (a.n + b.n) * bytes_of(g->dtype) + bias.n * out;
    d.write_bytes = c.n * out;
    return d;
}

/** Scores, softmax and values of the keys that each query sees. */
static inline struct defined
define_attention(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_attention *a = op->attributes;
    const uint64_t share = a->heads / a->kv_heads, dim = a->head_dim;
    struct touched q = nothing_touched(arena, a->batch * a->heads * a->seq_q);
    struct touched k = nothing_touched(arena, a->batch * a->kv_heads * a->seq_kv);
    struct defined d = {0};
    uint64_t scores = 0;
    for (uint64_t h = 0; h < a->batch * a->heads; h++) {
        for (uint64_t i = 0; i < a->seq_q; i++) {
            touch(&q, h * a->seq_q + i);
            for (uint64_t j = 0; j < a->seq_kv; j++) {
                scores++; /* a matrix that is stored has them all, masked or not */
                if (a->causal && j + a->seq_q > i + a->seq_kv) continue;
                touch(&k, h / share * a->seq_kv + j);
                d.flop += 2 * dim + 5 + 2 * dim;
            }
        }
    }
    const uint64_t elem = bytes_of(a->dtype);
    d.read_bytes = (q.n + 2 * k.n) * dim * elem;
    d.write_bytes = q.n * dim * elem;
    if (a->algorithm == PSIM_ATTENTION_NAIVE) {
        d.read_bytes += 2 * scores * elem;
        d.write_bytes += 2 * scores * elem;
    }
    return d;
}

/** All pixels of an image that one output, under one tap, sums over. */
struct window {
    const struct psim_conv2d *c;
    uint64_t out_h, out_w;
};

/** Pixel of the image under a tap; false where the tap lies in the padding. */
static inline bool
pixel_under(const struct psim_conv2d *c, int dim, uint64_t out, uint64_t tap,
            uint64_t size, uint64_t *ret)
{
    const uint64_t at = out * c->stride.value[dim] + tap * c->dilation.value[dim];
    if (at < c->padding.value[dim] || at - c->padding.value[dim] >= size) return false;
    *ret = at - c->padding.value[dim];
    return true;
}

/** One output channel of one pixel: every tap, every input channel of its group. */
static inline void
define_output(const struct window *w, uint64_t image, uint64_t y, uint64_t x,
              uint64_t channel, struct touched *in, struct touched *weights,
              struct defined *d)
{
    const struct psim_conv2d *c = w->c;
    const uint64_t depth = c->in_channels / c->groups;
    const uint64_t group = channel / (c->out_channels / c->groups);
    for (uint64_t ky = 0; ky < c->kernel.value[0]; ky++) {
        for (uint64_t kx = 0; kx < c->kernel.value[1]; kx++) {
            uint64_t row, column;
            const bool inside = pixel_under(c, 0, y, ky, c->height, &row) &&
                                pixel_under(c, 1, x, kx, c->width, &column);
            for (uint64_t k = 0; k < depth; k++) {
                const uint64_t tap = ky * c->kernel.value[1] + kx;
                touch(weights, (channel * depth + k) *
                                       (c->kernel.value[0] * c->kernel.value[1]) +
                                   tap);
                d->flop += 2;
                if (!inside) continue;
                const uint64_t from = group * depth + k;
                touch(in,
                      ((image * c->height + row) * c->width + column) * c->in_channels +
                          from);
            }
        }
    }
    d->flop += epilogues(c->epilogue);
}

static inline struct defined
define_conv2d(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    struct window w = {.c = c};
    psim_conv2d_output(c, &w.out_h, &w.out_w);
    const uint64_t taps = c->kernel.value[0] * c->kernel.value[1];
    struct touched in =
        nothing_touched(arena, c->batch * c->height * c->width * c->in_channels);
    struct touched weights =
        nothing_touched(arena, c->out_channels * c->in_channels / c->groups * taps);
    struct defined d = {0};
    uint64_t outputs = 0;
    for (uint64_t image = 0; image < c->batch; image++) {
        for (uint64_t y = 0; y < w.out_h; y++) {
            for (uint64_t x = 0; x < w.out_w; x++) {
                for (uint64_t k = 0; k < c->out_channels; k++, outputs++) {
                    define_output(&w, image, y, x, k, &in, &weights, &d);
                }
            }
        }
    }
    const uint64_t elem = bytes_of(c->dtype);
    const uint64_t bias = c->epilogue >> PSIM_EPILOGUE_BIAS & 1 ? c->out_channels : 0;
    d.read_bytes = (in.n + weights.n + bias) * elem;
    /* Of each window one output is left, after a comparison with each other one. */
    const uint64_t window = c->pool.value[0] * c->pool.value[1];
    const uint64_t kept = outputs / window;
    d.flop += outputs - kept;
    d.write_bytes = kept * elem;
    const bool depthwise = c->groups > 1 && c->groups == c->in_channels;
    if (c->algorithm == PSIM_CONV_IM2COL_GEMM && !depthwise) {
        /* One element of the unfolded image for each tap and channel of a pixel. */
        const uint64_t unfolded = outputs / c->out_channels * taps * c->in_channels;
        d.read_bytes += unfolded * elem;
        d.write_bytes += unfolded * elem;
    }
    return d;
}

static inline struct defined
define_elementwise(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    /* FLOP an element: the operators that one writes down; gelu by custom. */
    static const struct {
        const char *name;
        uint64_t flop, inputs;
    } functions[] = {{"add", 1, 2},  {"mul", 1, 2},      {"relu", 1, 1},
                     {"gelu", 8, 1}, {"exp", 1, 1},      {"silu", 4, 1},
                     {"fma", 2, 1},  {"silu_mul", 5, 2}, {"triad", 2, 2},
                     {"fill", 0, 0}, {"copy", 0, 1}};
    const struct psim_elementwise *e = op->attributes;
    struct defined d = {0};
    for (size_t f = 0; f < PSIM_COUNT(functions); f++) {
        if (!psim_str_equal(functions[f].name, psim_functions[e->function].name)) {
            continue;
        }
        for (uint64_t i = 0; i < e->elements; i++) {
            d.flop += functions[f].flop;
            d.read_bytes += functions[f].inputs * bytes_of(e->dtype);
            d.write_bytes += bytes_of(e->dtype);
        }
    }
    return d;
}

/** Rows of so many FLOP an element, with so many vectors of weights. */
static inline struct defined
define_rows(const struct psim_rows_op *r, uint64_t flop, uint64_t vectors)
{
    struct defined d = {0};
    for (uint64_t i = 0; i < r->rows * r->cols; i++) {
        d.flop += flop;
        d.read_bytes += bytes_of(r->dtype);
        d.write_bytes += bytes_of(r->dtype);
    }
    d.read_bytes += vectors * r->cols * bytes_of(r->dtype);
    return d;
}

static inline struct defined
define_softmax(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    /* maximum, difference, exponential, sum, division */
    return define_rows(op->attributes, 5, 0);
}

static inline struct defined
define_layernorm(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    /* sum; difference, square, sum; difference, quotient, weight, bias */
    return define_rows(op->attributes, 8, 2);
}

static inline struct defined
define_rmsnorm(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    /* square, sum; quotient, weight */
    return define_rows(op->attributes, 4, 1);
}

static inline struct defined
define_batchnorm(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    /* difference, quotient, weight, bias; of each column variance + epsilon, its root
     */
    const struct psim_rows_op *r = op->attributes;
    struct defined d = define_rows(r, 4, 4);
    d.flop += 2 * r->cols;
    return d;
}

/** Twenty FLOP a pair by custom; place and mass in, acceleration out. */
static inline struct defined
define_nbody(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    const struct psim_nbody *n = op->attributes;
    struct defined d = {0};
    for (uint64_t i = 0; i < n->bodies; i++) {
        for (uint64_t j = 0; j < n->bodies; j++) {
            d.flop += 20;
        }
        d.read_bytes += 4 * bytes_of(n->dtype);
        d.write_bytes += 3 * bytes_of(n->dtype);
    }
    return d;
}

static inline struct defined
define_reduce(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    const struct psim_reduce *r = op->attributes;
    struct defined d = define_rows(&r->rows, 1, 0);
    d.write_bytes = r->rows.rows * bytes_of(r->rows.dtype);
    return d;
}

static inline struct defined
define_copy(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    const struct psim_copy *c = op->attributes;
    return (struct defined){0, c->bytes, c->bytes};
}

static inline struct defined
define_transpose(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    const struct psim_transpose *t = op->attributes;
    const uint64_t bytes = t->rows * t->cols * bytes_of(t->dtype);
    return (struct defined){0, bytes, bytes};
}

/** Rows in their own order, from the first again behind the last. */
static inline struct defined
define_gather(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_gather *g = op->attributes;
    struct touched rows = nothing_touched(arena, g->table_rows);
    struct defined d = {0};
    for (uint64_t i = 0; i < g->indices; i++) {
        touch(&rows, i % g->table_rows);
        d.read_bytes += 8;
        d.write_bytes += g->cols * bytes_of(g->dtype);
    }
    d.read_bytes += rows.n * g->cols * bytes_of(g->dtype);
    return d;
}

/** The window of one output: which pixels of one channel's image it covers. */
static inline void
cover_window(const struct psim_pool2d *p, uint64_t y, uint64_t x, struct touched *image)
{
    for (uint64_t ky = 0; ky < p->kernel.value[0]; ky++) {
        for (uint64_t kx = 0; kx < p->kernel.value[1]; kx++) {
            const uint64_t row = y * p->stride.value[0] + ky;
            const uint64_t column = x * p->stride.value[1] + kx;
            if (row < p->padding.value[0] || row - p->padding.value[0] >= p->height ||
                column < p->padding.value[1] ||
                column - p->padding.value[1] >= p->width) {
                continue;
            }
            touch(image, (row - p->padding.value[0]) * p->width + column -
                             p->padding.value[1]);
        }
    }
}

static inline struct defined
define_pool(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_pool2d *p = op->attributes;
    const uint64_t images = p->batch * p->channels;
    const uint64_t window = p->kernel.value[0] * p->kernel.value[1];
    struct touched image = nothing_touched(arena, p->height * p->width);
    struct defined d = {0};
    uint64_t out_h, out_w;
    psim_pool2d_output(p, &out_h, &out_w);
    for (uint64_t y = 0; y < out_h; y++) {
        for (uint64_t x = 0; x < out_w; x++) {
            cover_window(p, y, x, &image);
            /* a comparison or sum with each but the first; a mean divides */
            d.flop += images * (window - 1 + (p->function == 1));
            d.write_bytes += images * bytes_of(p->dtype);
        }
    }
    d.read_bytes = images * image.n * bytes_of(p->dtype);
    return d;
}

/** Ten FLOP a butterfly of two: log2 n stages of n / 2 of them. */
static inline struct defined
define_fft(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    const struct psim_fft *f = op->attributes;
    struct defined d = {0};
    for (uint64_t half = 1; half < f->length; half *= 2) {
        d.flop += f->batch * f->length / 2 * 10;
    }
    d.read_bytes = d.write_bytes = f->batch * f->length * 2 * 4;
    return d;
}
