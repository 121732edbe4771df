/* SPDX-License-Identifier: MIT */
/** @file FLOP and bytes of ops and of their plans against the loops that define them.
 */
#include "check_machines.h"

enum { SHAPES = 1000 };

/** What the loops of an op do and touch. */
struct defined {
    uint64_t flop, read_bytes, write_bytes;
};

/** Which elements of a tensor were touched: each counts once. */
struct touched {
    uint8_t *seen;
    uint64_t n;
};

static struct touched
nothing_touched(struct psim_arena *arena, uint64_t elements)
{
    return (struct touched){PSIM_NEW_N(arena, uint8_t, elements), 0};
}

static void
touch(struct touched *t, uint64_t element)
{
    t->n += !t->seen[element];
    t->seen[element] = 1;
}

static uint64_t
bytes_of(int dtype)
{
    return psim_dtype_bytes((enum psim_dtype)dtype);
}

static uint64_t
epilogues(uint32_t set)
{
    return (set >> PSIM_EPILOGUE_BIAS & 1) + (set >> PSIM_EPILOGUE_RELU & 1);
}

/** C = A B for each of a batch, then what is done to each element of C. */
static struct defined
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
static struct defined
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
static bool
pixel_under(const struct psim_conv2d *c, int dim, uint64_t out, uint64_t tap,
            uint64_t size, uint64_t *ret)
{
    const uint64_t at = out * c->stride.value[dim] + tap * c->dilation.value[dim];
    if (at < c->padding.value[dim] || at - c->padding.value[dim] >= size) return false;
    *ret = at - c->padding.value[dim];
    return true;
}

/** One output channel of one pixel: every tap, every input channel of its group. */
static void
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

static struct defined
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
    d.write_bytes = outputs * elem;
    const bool depthwise = c->groups > 1 && c->groups == c->in_channels;
    if (c->algorithm == PSIM_CONV_IM2COL_GEMM && !depthwise) {
        /* One element of the unfolded image for each tap and channel of a pixel. */
        const uint64_t unfolded = outputs / c->out_channels * taps * c->in_channels;
        d.read_bytes += unfolded * elem;
        d.write_bytes += unfolded * elem;
    }
    return d;
}

/**
 * What a plan does beside what the op asks: a library that takes channels by eight
 * only copies the image first, and then reads what it has added.
 */
static void
add_padding(const struct psim_op *op, const struct psim_chosen *c, struct defined *d)
{
    if (!psim_str_equal(c->parts.part[0].name, "pad")) return;
    const struct psim_conv2d *conv = op->attributes;
    const uint64_t elem = bytes_of(conv->dtype);
    const uint64_t pixels = conv->batch * conv->height * conv->width;
    const uint64_t padded = (conv->in_channels + 7) / 8 * 8;
    const uint64_t bias =
        conv->epilogue >> PSIM_EPILOGUE_BIAS & 1 ? conv->out_channels * elem : 0;
    d->read_bytes = (d->read_bytes - bias) / conv->in_channels * padded + bias;
    d->read_bytes += pixels * conv->in_channels * elem;
    d->write_bytes += pixels * padded * elem;
}

/** One lane keeps S and P in one place, and only of the keys that a query sees. */
static struct defined
define_serial(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_attention *a = op->attributes;
    const uint64_t elem = bytes_of(a->dtype), dim = a->head_dim;
    const uint64_t scores = a->batch * a->heads * a->seq_q * a->seq_kv;
    struct defined d = define_attention(arena, op);
    d.read_bytes -= 2 * scores * elem;
    d.write_bytes -= 2 * scores * elem;
    d.write_bytes += d.flop / (4 * dim + 5) * elem; /* so many a pair */
    return d;
}

static struct defined
define_elementwise(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    /* FLOP an element: the operators that one writes down; gelu by custom. */
    static const struct {
        const char *name;
        uint64_t flop, inputs;
    } functions[] = {{"add", 1, 2}, {"relu", 1, 1},     {"gelu", 8, 1},
                     {"exp", 1, 1}, {"silu_mul", 5, 2}, {"triad", 2, 2},
                     {"fma", 2, 1}, {"fill", 0, 0},     {"copy", 0, 1}};
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

static struct defined
define_softmax(struct psim_arena *arena, const struct psim_op *op)
{
    (void)arena;
    const struct psim_rows_op *s = op->attributes;
    struct defined d = {0};
    for (uint64_t i = 0; i < s->rows * s->cols; i++) {
        d.flop += 5; /* maximum, difference, exponential, sum, division */
        d.read_bytes += bytes_of(s->dtype);
        d.write_bytes += bytes_of(s->dtype);
    }
    return d;
}

static const struct {
    struct defined (*define)(struct psim_arena *arena, const struct psim_op *op);
    uint64_t most;    /**< keeps the loops short */
    const char *more; /**< now and then behind the words */
    /** Of its plan, where that is not the op itself. */
    struct defined (*define_plan)(struct psim_arena *arena, const struct psim_op *op);
} kinds[CHECK_N_KINDS] = {
    [CHECK_GEMM] = {define_gemm, 24, " epilogue=bias,relu"},
    [CHECK_ELEMENTWISE] = {define_elementwise, 24, ""},
    [CHECK_SOFTMAX] = {define_softmax, 24, ""},
    [CHECK_NAIVE] = {define_attention, 48, ""},
    [CHECK_FLASH2] = {define_attention, 48, ""},
    [CHECK_FLASH3] = {define_attention, 48, ""},
    [CHECK_FLASH_DECODE] = {define_attention, 200, ""},
    [CHECK_SERIAL] = {define_attention, 48, "", define_serial},
    [CHECK_DIRECT] = {define_conv2d, 8, " epilogue=bias,relu"},
    [CHECK_IM2COL] = {define_conv2d, 8, " epilogue=bias,relu"},
    [CHECK_IMPLICIT] = {define_conv2d, 8, " epilogue=bias,relu"},
};

static const char *
random_text(struct psim_arena *arena, struct check_random *random, int kind)
{
    const char *text =
        check_random_op(arena, random, (enum check_kind)kind, kinds[kind].most);
    if (check_draw(random, 0, 2) > 0) return text;
    return psim_arena_printf(arena, "%s%s", text, kinds[kind].more);
}

START_TEST(cost_is_that_of_the_loops)
{
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    for (unsigned i = 0; i < SHAPES; i++) {
        const struct psim_arena_mark mark = psim_arena_mark(&arena);
        const char *text = random_text(&arena, &random, _i);
        const struct psim_op *op = check_op(&arena, text);
        const struct defined want = kinds[_i].define(&arena, op);
        const struct psim_cost got = op->kind->cost(op);
        CHECK_THAT(got.flop == (double)want.flop &&
                       got.read_bytes == (double)want.read_bytes &&
                       got.write_bytes == (double)want.write_bytes,
                   "%s: got %.17g FLOP, %.17g + %.17g B; want %llu, %llu + %llu", text,
                   got.flop, got.read_bytes, got.write_bytes,
                   (unsigned long long)want.flop, (unsigned long long)want.read_bytes,
                   (unsigned long long)want.write_bytes);
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/** What a plan's kernels say that they do, and must at least move. */
static struct defined
planned(const struct psim_chosen *c)
{
    struct defined sum = {0};
    uint32_t kernel = 0;
    for (size_t p = 0; p < c->parts.n; p++) {
        for (uint32_t i = 0; i < c->kernels_of[p]; i++, kernel++) {
            const struct psim_kernel *k = &c->plan->kernels[kernel];
            const uint64_t launches = c->parts.part[p].launches;
            sum.flop += (uint64_t)k->flop * launches;
            for (uint8_t u = 0; u < k->n_uses; u++) {
                sum.read_bytes += k->uses[u].read_bytes * launches;
                sum.write_bytes += k->uses[u].write_bytes * launches;
                if (i == 0 || k->uses[u].read_bytes == 0) continue;
                /* Partial sums: the kernel before wrote what this one reads. They
                 * are the mapping's, not the op's. */
                sum.read_bytes -= k->uses[u].read_bytes;
                sum.write_bytes -= k->uses[u].read_bytes;
            }
        }
    }
    return sum;
}

START_TEST(plans_do_and_move_what_the_op_asks)
{
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 20 * SHAPES, "only %u of %u shapes", built, i);
        const char *text = random_text(&arena, &random, _i);
        const struct psim_op *op = check_op(&arena, text);
        const struct psim_hw *hw = machines[i % n_machines];
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            const struct defined got = planned(&c);
            struct defined want = kinds[_i].define_plan
                                      ? kinds[_i].define_plan(&arena, op)
                                      : kinds[_i].define(&arena, op);
            if (_i == CHECK_IMPLICIT) add_padding(op, &c, &want);
            CHECK_THAT(
                got.flop == want.flop && got.read_bytes == want.read_bytes &&
                    got.write_bytes == want.write_bytes,
                "%s on %s: got %llu FLOP, %llu + %llu B; want %llu, %llu + %llu", text,
                hw->name, (unsigned long long)got.flop,
                (unsigned long long)got.read_bytes, (unsigned long long)got.write_bytes,
                (unsigned long long)want.flop, (unsigned long long)want.read_bytes,
                (unsigned long long)want.write_bytes);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/cost");
    TCase *ops = tcase_create("ops");
    tcase_set_timeout(ops, 60);
    tcase_add_loop_test(ops, cost_is_that_of_the_loops, 0, CHECK_N_KINDS);
    suite_add_tcase(suite, ops);
    TCase *plans = tcase_create("plans");
    tcase_set_timeout(plans, 60);
    tcase_add_loop_test(plans, plans_do_and_move_what_the_op_asks, 0, CHECK_N_KINDS);
    suite_add_tcase(suite, plans);
    return check_main(suite);
}
