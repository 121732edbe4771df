/* SPDX-License-Identifier: MIT */
/** @file FLOP and bytes of ops and of their plans against the loops that define them.
 */
#include "check_define.h"
#include "check_machines.h"

enum { SHAPES = 1000 };

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

/**
 * A library that prepares the columns of a batchnorm first writes what it makes of a
 * vector in the type of sums, and reads that instead of the vector.
 */
static void
add_preparations(const struct psim_op *op, const struct psim_chosen *c,
                 struct defined *d)
{
    if (!psim_str_equal(op->kind->name, "batchnorm")) return;
    const struct psim_rows_op *r = op->attributes;
    const uint64_t wide = bytes_of((int)psim_dtype_of_sums((enum psim_dtype)r->dtype));
    const uint64_t prepared = c->parts.n - 1;
    d->read_bytes += prepared * r->cols * wide;
    d->write_bytes += prepared * r->cols * wide;
}

/**
 * Kernels that take channels first are given image and weights in that order and
 * give the output back in it: each is read and written once more.
 */
static void
add_order(const struct psim_op *op, const struct psim_chosen *c, struct defined *d)
{
    if (!psim_str_equal(c->parts.part[0].name, "image_order")) return;
    const struct psim_conv2d *conv = op->attributes;
    const uint64_t elem = bytes_of(conv->dtype);
    uint64_t height, width;
    psim_conv2d_output(conv, &height, &width);
    const uint64_t taps = conv->kernel.value[0] * conv->kernel.value[1];
    const uint64_t moved =
        conv->batch * conv->in_channels * conv->height * conv->width +
        conv->in_channels / conv->groups * conv->out_channels * taps +
        conv->batch * conv->out_channels * height * width /
            (conv->pool.value[0] * conv->pool.value[1]);
    d->read_bytes += moved * elem;
    d->write_bytes += moved * elem;
}

/** A transform that does not fit moves all in each pass; a library may write more. */
static void
add_passes(const struct psim_hw *hw, const struct psim_op *op,
           const struct psim_chosen *c, struct defined *d)
{
    uint64_t passes = 0;
    for (size_t p = 0; p < c->parts.n; p++) {
        passes += c->parts.part[p].launches;
    }
    if (psim_str_equal(op->kind->name, "fft")) {
        d->read_bytes *= passes;
        d->write_bytes *= passes;
    }
    if (!psim_str_equal(op->kind->name, "pool2d")) return;
    const struct psim_pool2d *pool = op->attributes;
    const struct psim_library_kernel *library =
        psim_library_next(hw, &c->parts.part[0], (enum psim_dtype)pool->dtype, NULL);
    if (library) {
        d->write_bytes += d->write_bytes / bytes_of(pool->dtype) *
                          (uint64_t)library->also_writes_bytes;
    }
}

/** The last piece of 16 B counts as a whole one. */
static struct defined
define_pieces(struct psim_arena *arena, const struct psim_op *op)
{
    struct defined d = define_copy(arena, op);
    d.read_bytes = d.write_bytes = (d.read_bytes + 15) / 16 * 16;
    return d;
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
    [CHECK_IM2COL] = {define_conv2d, 8, ""},
    [CHECK_IMPLICIT] = {define_conv2d, 8, ""},
    [CHECK_LAYERNORM] = {define_layernorm, 24, ""},
    [CHECK_RMSNORM] = {define_rmsnorm, 24, ""},
    [CHECK_BATCHNORM] = {define_batchnorm, 24, ""},
    [CHECK_REDUCE] = {define_reduce, 24, ""},
    [CHECK_COPY] = {define_copy, 24, "", define_pieces},
    [CHECK_TRANSPOSE] = {define_transpose, 24, ""},
    [CHECK_GATHER] = {define_gather, 24, ""},
    [CHECK_POOL] = {define_pool, 8, ""},
    [CHECK_FFT] = {define_fft, 24, ""},
    [CHECK_NBODY] = {define_nbody, 24, ""},
};

static const char *
random_text(struct psim_arena *arena, struct check_random *random, int kind)
{
    const char *text =
        check_random_op(arena, random, (enum check_kind)kind, kinds[kind].most);
    /* What random indices touch is a mean, not a count. */
    const char *index = strstr(text, "index=random");
    if (index) {
        return psim_arena_printf(arena, "%.*sindex=sequential%s", (int)(index - text),
                                 text, index + strlen("index=random"));
    }
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

/**
 * Some libraries write a table of an image's pixels, 4 B each, before its product, and
 * mask scores in a kernel of its own, which reads and writes each of them.
 */
static void
add_own_kernels(const struct psim_op *op, const struct psim_chosen *c,
                struct defined *d)
{
    for (size_t p = 0; p < c->parts.n; p++) {
        if (psim_str_equal(c->parts.part[p].name, "offsets")) {
            uint64_t height, width;
            psim_conv2d_output(op->attributes, &height, &width);
            d->write_bytes += 4 * height * width;
        }
        if (psim_str_equal(c->parts.part[p].name, "mask")) {
            const struct psim_attention *a = op->attributes;
            const uint64_t bytes = a->batch * a->heads * a->seq_q * a->seq_kv *
                                   psim_dtype_bytes((enum psim_dtype)a->dtype);
            d->read_bytes += bytes;
            d->write_bytes += bytes;
        }
    }
}

/** What a plan's kernels say that they do, and must at least move. */
static struct defined
planned(const struct psim_chosen *c)
{
    struct defined sum = {0};
    uint32_t kernel = 0;
    for (size_t p = 0; p < c->parts.n; p++) {
        bool first = true;
        for (uint32_t i = 0; i < c->kernels_of[p]; i++, kernel++) {
            const struct psim_kernel *k = &c->plan->kernels[kernel];
            if (check_is_clear(k)) continue;
            const uint64_t launches = c->parts.part[p].launches;
            sum.flop += (uint64_t)k->flop * launches;
            for (uint8_t u = 0; u < k->n_uses; u++) {
                sum.read_bytes += k->uses[u].read_bytes * launches;
                sum.write_bytes += k->uses[u].write_bytes * launches;
                if (first || k->uses[u].read_bytes == 0) continue;
                /* Partial sums: the kernel before wrote what this one reads. They
                 * are the mapping's, not the op's. */
                sum.read_bytes -= k->uses[u].read_bytes;
                sum.write_bytes -= k->uses[u].read_bytes;
            }
            first = false;
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
            if (_i == CHECK_IMPLICIT) add_order(op, &c, &want);
            add_passes(hw, op, &c, &want);
            add_preparations(op, &c, &want);
            add_own_kernels(op, &c, &want);
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
