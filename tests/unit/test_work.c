/* SPDX-License-Identifier: MIT */
/** @file Fractions of operations, and what a machine cannot do at all. */
#include "check_counted.h"

/*
 * 64,000 additions of one element each: 64,000 / 32 = 2,000 issue slots, since a
 * bundle has 32 lanes. A library that spends 2.5 instructions an element beside
 * them: 2,000 (1 + 2.5) = 7,000.
 */
START_TEST(instructions_of_a_library_may_be_fractions)
{
    struct psim_arena arena = {0};
    const char *op = "elementwise function=add elements=64000 dtype=fp32";
    ck_assert_double_eq_tol(check_counted_of_op(&arena, "", op, "part.issue"), 2000,
                            1e-9);
    const char *library = "libraries:\n"
                          "  - {name: l, op: elementwise, lanes: 128,"
                          " instructions: 2.5, tiles: [{elements: 1}]}\n";
    ck_assert_double_eq_tol(check_counted_of_op(&arena, library, op, "part.issue"),
                            7000, 1e-9);
    psim_arena_free(&arena);
}
END_TEST

/*
 * 64 x 64 sums in tiles of 32 x 32: 4 work-groups of 128 lanes. A library that spends
 * 50 instructions a lane once: 4 x 128 / 32 bundles x 50 = 800 more.
 */
START_TEST(a_product_has_instructions_that_its_depth_does_not_change)
{
    struct psim_arena arena = {0};
    static const char entry[] = "libraries:\n"
                                "  - {name: l, op: gemm, operation: fma, lanes: 128,"
                                " tiles: [{m: 32, n: 32, k: 8%s}]}\n";
    const char *plain = psim_arena_printf(&arena, entry, "");
    const char *more = psim_arena_printf(&arena, entry, ", fixed: 50");
    static const char *const ops[] = {"gemm m=64 n=64 k=32 dtype=fp32",
                                      "gemm m=64 n=64 k=512 dtype=fp32"};
    for (size_t i = 0; i < PSIM_COUNT(ops); i++) {
        const double without = check_counted_of_op(&arena, plain, ops[i], "part.issue");
        const double with = check_counted_of_op(&arena, more, ops[i], "part.issue");
        ck_assert_double_eq_tol(with - without, 800, 1e-6);
    }
    psim_arena_free(&arena);
}
END_TEST

/*
 * 1,024 rows of 4 elements; 128 lanes of 4 elements have 512. A row is a work-group's,
 * unless the library has 128 rows of 4 in one: 1,024 / 128 = 8.
 */
START_TEST(rows_of_a_table_may_share_a_work_group)
{
    struct psim_arena arena = {0};
    static const struct {
        const char *rows;
        uint32_t groups;
    } rows[] = {{"", 1024}, {", rows: 128", 8}, {", rows: 64", 16}};
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        const char *library =
            psim_arena_printf(&arena,
                              "libraries:\n  - {name: l, op: gather, lanes: 128, "
                              "tiles: [{elements: 4%s}]}\n",
                              rows[i].rows);
        struct psim_chosen c;
        ck_assert(check_choose(
            &arena, check_bundles_with(&arena, library),
            check_op(&arena, "gather table_rows=5000 cols=4 indices=1024 dtype=fp32"),
            &c));
        ck_assert_uint_eq(c.plan->kernels[0].extent[0], rows[i].groups);
    }
    psim_arena_free(&arena);
}
END_TEST

/** Seconds for which a byte that is loaded holds the cache. */
static double
cache_s_per_byte(const struct psim_plan *plan)
{
    for (uint32_t a = 0; a < plan->n_acts; a++) {
        const struct psim_act *act = &plan->acts[a];
        if (!psim_str_equal(act->name, "load")) continue;
        for (uint8_t d = 0; d < act->n_demands; d++) {
            const struct psim_demand *demand = &act->demand[d];
            if (psim_str_equal(plan->servers[demand->server].name, "cache")) {
                return demand->s_per_unit;
            }
        }
    }
    ck_abort_msg("no load through the cache");
    return 0;
}

/*
 * A cache of 200 GB/s that serves 64 B at a time: a column's elements of 4 B take the
 * time of 64 B each, 64 / 4 / 200e9 = 80 ps a byte. Squares of 16 that pass through
 * local memory have rows of 16 x 4 B = 64 B: 5 ps a byte, as any stream.
 */
START_TEST(squares_of_a_transpose_have_whole_rows)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    static const char place[] = "bandwidth: 200 GB/s,";
    static const struct {
        const char *tile;
        double want_s;
    } rows[] = {{"", 80e-12}, {", n: 16", 5e-12}, {", n: 8", 10e-12}};
    const char *at = strstr(check_bundles, place);
    ck_assert_ptr_nonnull(at);
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        const char *text = psim_arena_printf(
            &arena,
            "%.*saccess: 64 B, %s%slibraries:\n"
            "  - {name: l, op: transpose, lanes: 128, tiles: [{elements: 4%s}]}\n",
            (int)(at - check_bundles), check_bundles, at, check_loads_and_stores,
            rows[i].tile);
        struct psim_chosen c;
        ck_assert(check_choose(
            &arena, psim_hw_read(&arena, &diag, "bundles", text),
            check_op(&arena, "transpose rows=256 cols=256 dtype=fp32"), &c));
        ck_assert_double_eq_tol(cache_s_per_byte(c.plan), rows[i].want_s, 1e-15);
    }
    psim_arena_free(&arena);
}
END_TEST

/*
 * A transform of 2^13 elements in two passes: 13 / 2 = 6.5 of its 13 stages each, a
 * multiply-add (2 FLOP) and three additions (1 FLOP each) an element and stage:
 * 2^13 * 13 * 5 = 532,480 FLOP, all on the pipe that adds and multiplies.
 */
START_TEST(stages_of_a_pass_may_be_fractions)
{
    struct psim_arena arena = {0};
    const char *library = "libraries:\n"
                          "  - {name: l, op: fft, lanes: 128,"
                          " tiles: [{elements: 8, passes: 2}]}\n";
    const char *op = "fft batch=1 length=8192 dtype=complex64";
    ck_assert_double_eq_tol(check_counted_of_op(&arena, library, op, "part.fma"),
                            532480, 1e-6);
    psim_arena_free(&arena);
}
END_TEST

/** A library that does not say how many lanes: four bundles of 32. */
START_TEST(lanes_that_a_library_leaves_open_are_the_usual_ones)
{
    static const char *const ops[] = {
        "elementwise function=add elements=1000 dtype=fp32",
        "softmax rows=10 cols=100 dtype=fp32",
    };
    struct psim_arena arena = {0};
    const char *libraries = "libraries:\n"
                            "  - {name: l, op: elementwise, tiles: [{elements: 4}]}\n"
                            "  - {name: l, op: softmax, tiles: [{rows: 1}]}\n";
    const struct psim_hw *hw = check_bundles_with(&arena, libraries);
    for (size_t i = 0; i < PSIM_COUNT(ops); i++) {
        struct psim_chosen c;
        ck_assert(check_choose(&arena, hw, check_op(&arena, ops[i]), &c));
        ck_assert_uint_eq(c.mapping[0].lanes, 128);
    }
    psim_arena_free(&arena);
}
END_TEST

/*
 * 8 x 16 pixels, 32 outputs, 5 x 20 taps of one channel, in one tile with steps of 8:
 * each tap is a step, 100 * 8 * 128 * 32 * 2 = 6,553,600 FLOP; or ceil(100 / 8) = 13
 * steps take all taps, 13 * 8 * 128 * 32 * 2 = 851,968 FLOP.
 */
START_TEST(taps_of_few_channels_may_be_joined)
{
    struct psim_arena arena = {0};
    static const char library[] =
        "libraries:\n"
        "  - {name: l, op: conv2d, operation: fma, joins_taps: %s,"
        " tiles: [{m: 128, n: 32, k: 8, lanes: 64}]}\n";
    const char *op = "conv2d algorithm=implicit_gemm in_channels=1 out_channels=32"
                     " height=12 width=35 kernel=[5,20] dtype=fp32";
    const char *joined = psim_arena_printf(&arena, library, "true");
    const char *apart = psim_arena_printf(&arena, library, "false");
    ck_assert_double_eq_tol(check_counted_of_op(&arena, apart, op, "part.fma"), 6553600,
                            1e-6);
    ck_assert_double_eq_tol(check_counted_of_op(&arena, joined, op, "part.fma"), 851968,
                            1e-6);
    psim_arena_free(&arena);
}
END_TEST

/*
 * 128 pixels and 32 outputs are one tile; the sum over 512 channels of 9 taps is
 * 128 * 32 * 512 * 9 * 2 = 37,748,736 FLOP. Four units take a part each, and 128 * 32
 * outputs are the sum of four: 3 * 4,096 = 12,288 FLOP more. Groups are not split.
 */
START_TEST(the_sum_of_a_convolution_may_be_split)
{
    struct psim_arena arena = {0};
    const char *library = "libraries:\n"
                          "  - {name: l, op: conv2d, operation: fma, max_split: 4,"
                          " tiles: [{m: 128, n: 32, k: 8, lanes: 64}]}\n";
    const char *op = "conv2d algorithm=implicit_gemm in_channels=512 out_channels=32"
                     " height=8 width=16 kernel=3 padding=1 dtype=fp32";
    const struct psim_hw *hw = check_bundles_with(&arena, library);
    struct psim_chosen c;
    ck_assert(check_choose(&arena, hw, check_op(&arena, op), &c));
    ck_assert_uint_eq(c.mapping[0].split, 4);
    ck_assert_uint_eq(c.plan->n_kernels, 2);
    ck_assert_double_eq_tol(check_counted(c.plan, "part.fma"), 37748736 + 12288, 1e-6);
    op = psim_arena_printf(&arena, "%s groups=2", op);
    ck_assert(check_choose(&arena, hw, check_op(&arena, op), &c));
    ck_assert_uint_eq(c.plan->n_kernels, 1);
    psim_arena_free(&arena);
}
END_TEST

/** A library that transforms images of up to 16 x 16. */
static const char transforms[] =
    "libraries:\n"
    "  - {name: l, op: conv2d, algorithm: transform, tiles: [{max_cols: 16}]}\n"
    "  - {name: l, op: conv2d, algorithm: turn, tiles: [{rows: 1, lanes: 32}]}\n"
    "  - {name: l, op: conv2d, algorithm: transformed, operation: fma,"
    " tiles: [{m: 32, n: 32, k: 8, lanes: 64}]}\n";

/*
 * Two images of 4 channels and 14 x 14 pixels, padded by one: 16 x 16 hold them, and
 * 16 (16 / 2 + 1) = 144 complex numbers are a plane's transform. 4 channels and 8
 * outputs are 32 filters of 9 taps: 288 elements are turned, 32 * 144 = 4,608 numbers
 * transformed; of the images 2 * 4 * 144 = 1,152, of the output 2 * 8 * 144 = 2,304.
 * A product of 2 x 8 x 4 for each of the 144 numbers.
 */
START_TEST(a_convolution_may_be_a_product_of_transforms)
{
    static const struct {
        const char *name;
        uint64_t elements;
    } wanted[] = {{"turn", 288},
                  {"weight_transform", 4608},
                  {"image_transform", 1152},
                  {"transformed", 0},
                  {"output_transform", 2304}};
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = check_bundles_with(&arena, transforms);
    const char *text = "conv2d algorithm=implicit_gemm batch=2 in_channels=4"
                       " out_channels=8 height=14 width=14 kernel=3 padding=1"
                       " dtype=fp32 layout=nchw";
    struct psim_parts parts = {0};
    ck_assert(psim_lower_instead(&diag, hw, check_op(&arena, text), &parts));
    ck_assert_uint_eq(parts.n, PSIM_COUNT(wanted));
    for (size_t i = 0; i < parts.n; i++) {
        ck_assert_str_eq(parts.part[i].name, wanted[i].name);
        if (wanted[i].elements == 0) continue;
        ck_assert_uint_eq(parts.part[i].u.stream.elements, wanted[i].elements);
    }
    const struct psim_product *p = &parts.part[3].u.product;
    ck_assert_uint_eq(p->m, 2);
    ck_assert_uint_eq(p->n, 8);
    ck_assert_uint_eq(p->k, 4);
    ck_assert_uint_eq(p->batch, 144);
    ck_assert_uint_eq(p->numbers, 2);
    psim_arena_free(&arena);
}
END_TEST

static const char *const not_transformed[] = {
    "height=14 width=14 kernel=3 padding=1 stride=2", /* transforms have no stride */
    "height=14 width=14 kernel=3 padding=2",          /* 18 pixels do not fit 16 */
    "height=14 width=14 kernel=1", /* one tap is a product as it is */
    "height=14 width=14 kernel=3 padding=1 tile={m:32,n:32,k:8}", /* whoever cuts it
                                                                   * says so
                                                                   */
};

START_TEST(transforms_are_not_for_all)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = check_bundles_with(&arena, transforms);
    const char *text = psim_arena_printf(
        &arena,
        "conv2d algorithm=implicit_gemm in_channels=4 out_channels=8 dtype=fp32 %s",
        not_transformed[_i]);
    struct psim_parts parts = {0};
    ck_assert(psim_lower_instead(&diag, hw, check_op(&arena, text), &parts));
    ck_assert_uint_eq(parts.n, 0);
    psim_arena_free(&arena);
}
END_TEST

/** One core that multiplies matrices and does nothing else. */
static const char only_products[] =
    "schema: perfsim/hardware/v1\n"
    "name: products\n"
    "parallel_groups:\n"
    "  - {name: core, clock: 1 GHz}\n"
    "memory_domains:\n"
    "  - {name: dram, shared_across: core, size: 8 GiB, bandwidth: 100 GB/s,"
    " latency: 400 cycles}\n"
    "operations:\n"
    "  - {name: mma, does: matmul, supported_by: core,"
    " tile: {fp16: {m: 16, n: 16, k: 16}}, throughput: {fp16: 1 TFLOP/s}}\n";

static const struct {
    const char *op, *said; /**< NULL: it can be done */
} products[] = {
    {"gemm m=256 n=256 k=4096 dtype=fp16", NULL},
    {"gemm m=256 n=256 k=4096 dtype=fp16 split=4", "no operation does add for fp32"},
    {"gemm m=256 n=256 k=4096 dtype=fp16 epilogue=relu",
     "no operation does max for fp16"},
    {"gemm m=256 n=256 k=4096 dtype=fp16 epilogue=bias",
     "no operation does add for fp16"},
};

START_TEST(what_a_machine_cannot_do_is_said)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = psim_hw_read(&arena, &diag, "products", only_products);
    ck_assert_ptr_nonnull(hw);
    const struct psim_choose_options options = {0};
    struct psim_chosen c;
    const struct psim_op *op = check_op(&arena, products[_i].op);
    const bool done = psim_choose(&arena, &diag, hw, op, &c, &options);
    ck_assert_int_eq(done, products[_i].said == NULL);
    if (!done) {
        const char *said = check_printed(&arena, &diag, false);
        ck_assert_msg(strstr(said, products[_i].said) != NULL, "%s", said);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/work");
    TCase *work = tcase_create("operations");
    tcase_add_test(work, instructions_of_a_library_may_be_fractions);
    tcase_add_test(work, a_product_has_instructions_that_its_depth_does_not_change);
    tcase_add_test(work, rows_of_a_table_may_share_a_work_group);
    tcase_add_test(work, squares_of_a_transpose_have_whole_rows);
    tcase_add_test(work, stages_of_a_pass_may_be_fractions);
    tcase_add_test(work, lanes_that_a_library_leaves_open_are_the_usual_ones);
    tcase_add_test(work, taps_of_few_channels_may_be_joined);
    tcase_add_test(work, the_sum_of_a_convolution_may_be_split);
    tcase_add_test(work, a_convolution_may_be_a_product_of_transforms);
    tcase_add_loop_test(work, transforms_are_not_for_all, 0,
                        PSIM_COUNT(not_transformed));
    tcase_add_loop_test(work, what_a_machine_cannot_do_is_said, 0,
                        (int)PSIM_COUNT(products));
    suite_add_tcase(suite, work);
    return check_main(suite);
}
