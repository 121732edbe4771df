/* SPDX-License-Identifier: MIT */
/** @file What a library's entry changes in a plan, by hand. */
#include <math.h>
#include <string.h>

#include "check_counted.h"
#include "check_main.h"
#include "plan/programs/product.h"

/*
 * Tiles of 64 queries and 64 keys by four bundles. Fixed: 4 x 50 = 200 slots a tile of
 * queries. Masked: 5 of a score in place of the 2 of eq. P6, 64 x 64 / 32 x 3 = 384 a
 * tile: of 160 keys the third, which they do not fill, or all three; of a causal square
 * of 128 the two on the diagonal.
 */
static const struct {
    const char *name, *keys, *more, *shape;
    double slots;
} attentions[] = {
    {"fixed", "", ", fixed: 50", "seq_q=64 seq_kv=160", 200},
    {"fixed, two tiles", "", ", fixed: 50", "seq_q=128 seq_kv=160", 400},
    {"the last keys", "", ", masked: 5", "seq_q=64 seq_kv=160", 384},
    {"whole tiles", "", ", masked: 5", "seq_q=64 seq_kv=128", 0},
    {"all keys", "masks_all: true, ", ", masked: 5", "seq_q=64 seq_kv=160", 1152},
    {"a diagonal", "", ", masked: 5", "seq_q=128 seq_kv=128 causal=true", 768},
};

START_TEST(attention_has_instructions_of_its_library)
{
    struct psim_arena arena = {0};
    static const char entry[] =
        "libraries:\n"
        "  - {name: l, op: attention, algorithm: flash2, operation: mma, lanes: 128, %s"
        "tiles: [{q: 64, kv: 64, head_dim: 64%s}]}\n";
    const char *op = psim_arena_printf(
        &arena, "attention algorithm=flash2 batch=1 heads=1 head_dim=64 dtype=fp16 %s",
        attentions[_i].shape);
    const char *keys = attentions[_i].keys;
    const char *plain = psim_arena_printf(&arena, entry, keys, "");
    const char *more = psim_arena_printf(&arena, entry, keys, attentions[_i].more);
    const double slots = check_counted_of_op(&arena, more, op, "part.issue") -
                         check_counted_of_op(&arena, plain, op, "part.issue");
    ck_assert_msg(fabs(slots - attentions[_i].slots) < 1e-6, "%s: %g slots, want %g",
                  attentions[_i].name, slots, attentions[_i].slots);
    psim_arena_free(&arena);
}
END_TEST

/*
 * One query, four units: 1, 2, 3 or 4 parts fill 1/4 to 4/4 of a wave. Of 640 keys ten
 * tiles can be cut so; of 192 three tiles, and 3/4 is the fullest.
 */
static const struct {
    const char *full;
    unsigned keys, parts;
} parts[] = {
    {"0.85", 640, 4}, {"0.7", 640, 3}, {"0.5", 640, 2}, {"0.25", 640, 1},
    {"0.85", 192, 3}, {"0.6", 192, 2}, {"1", 64, 1},
};

START_TEST(a_library_may_say_into_how_many_parts_keys_are_cut)
{
    struct psim_arena arena = {0};
    const char *library = psim_arena_printf(
        &arena,
        "libraries:\n"
        "  - {name: l, op: attention, algorithm: flash2, operation: mma, lanes: 128,"
        " max_split: 128, split_below: 0.8, split_full: %s,"
        " tiles: [{q: 64, kv: 64, head_dim: 64}]}\n",
        parts[_i].full);
    const char *op = psim_arena_printf(
        &arena,
        "attention algorithm=flash2 batch=1 heads=1 seq_q=1 seq_kv=%u head_dim=64 "
        "dtype=fp16",
        parts[_i].keys);
    struct psim_chosen c;
    ck_assert(check_choose(&arena, check_bundles_with(&arena, library),
                           check_op(&arena, op), &c));
    ck_assert_uint_eq(c.mapping[0].split, parts[_i].parts);
    psim_arena_free(&arena);
}
END_TEST

/*
 * 8 x 16 pixels, 32 outputs, one tile. Of windows of 2 x 2 a quarter is left: 4,096
 * outputs are compared 3,072 times, and 1,024 x 4 B are written.
 */
START_TEST(a_tile_may_pool_its_own_pixels)
{
    struct psim_arena arena = {0};
    static const char entry[] = "libraries:\n"
                                "  - {name: l, op: conv2d, operation: fma,"
                                " tiles: [{m: 128, n: 32, k: 8, lanes: 64}]}\n";
    const char *op = "conv2d algorithm=implicit_gemm in_channels=8 out_channels=32"
                     " height=8 width=16 kernel=3 padding=1 dtype=fp32";
    const char *pooled = psim_arena_printf(&arena, "%s epilogue=max_pool", op);
    ck_assert_double_eq_tol(check_counted_of_op(&arena, entry, pooled, "part.other") -
                                check_counted_of_op(&arena, entry, op, "part.other"),
                            3072, 1e-6);
    ck_assert_double_eq_tol(
        check_op(&arena, op)->kind->cost(check_op(&arena, op)).write_bytes, 4096 * 4,
        1e-6);
    const struct psim_op *small = check_op(&arena, pooled);
    ck_assert_double_eq_tol(small->kind->cost(small).write_bytes, 1024 * 4, 1e-6);
    psim_arena_free(&arena);
}
END_TEST

/*
 * A step of 8 of a tile of 32 x 32 by 64 lanes: 1,024 / 64 = 16 sums a lane, 4 x 4.
 * Each of 8 multiply-adds 1,024 times reads 4 B of A once in 4 and 4 B of B once in 4:
 * 1,024 x 8 x 4 (1/4 + 1/4) = 16,384. Of 128 x 128 by 256 lanes, 8 x 8:
 * 16,384 x 8 x 4 / 4 = 131,072. In four slices 128 lanes have 32 x 32 x 4 / 128 = 32
 * sums each: of 32 deep 1,024 x 32 x 4 x 2 / sqrt(32) = 46,340.95.
 */
static const struct {
    struct psim_mapping mapping;
    double bytes;
} fragments[] = {
    {{.m = 32, .n = 32, .k = 8, .lanes = 64}, 16384},
    {{.m = 128, .n = 128, .k = 8, .lanes = 256}, 131072},
    {{.m = 32, .n = 32, .k = 32, .lanes = 128, .slices = 4}, 46340.950011842},
};

START_TEST(lanes_read_the_operands_of_their_own_sums)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = check_bundles_with(&arena, "");
    const struct psim_view view = psim_view_of(hw, hw->operations[0].group);
    ck_assert_double_eq_tol(
        psim_product_fragment_bytes(&view, &fragments[_i].mapping, false, 4),
        fragments[_i].bytes, 1e-6);
    psim_arena_free(&arena);
}
END_TEST

static const struct {
    const char *op;
    unsigned lanes;
} batches[] = {
    {"gemm m=64 n=64 k=64 batch=1 dtype=fp32", 64},
    {"gemm m=64 n=64 k=64 batch=2 dtype=fp32", 128},
};

START_TEST(a_library_may_have_other_kernels_for_batches)
{
    struct psim_arena arena = {0};
    static const char entries[] =
        "libraries:\n"
        "  - {name: l, op: gemm, operation: fma, batch: one, align: 4 B,"
        " tiles: [{m: 64, n: 64, k: 8, lanes: 64}]}\n"
        "  - {name: l, op: gemm, operation: fma, batch: many, align: 4 B,"
        " tiles: [{m: 64, n: 64, k: 8, lanes: 128}]}\n";
    struct psim_chosen c;
    ck_assert(check_choose(&arena, check_bundles_with(&arena, entries),
                           check_op(&arena, batches[_i].op), &c));
    ck_assert_ptr_nonnull(c.mapping[0].library);
    ck_assert_uint_eq(c.mapping[0].lanes, batches[_i].lanes);
    psim_arena_free(&arena);
}
END_TEST

/*
 * Of a convolution of two images of 8 x 8, and of masked scores, the kernels by name.
 * 64 offsets of 4 B are written whatever the batch; of 2 x 4 x 16 x 16 scores of 2 B
 * each is read once and written once.
 */
static const struct {
    const char *entry, *op, *kernel;
    uint64_t read_bytes, write_bytes; /**< of that kernel; of none, none */
    unsigned kernels;
} steps[] = {
    {"",
     "conv2d in_channels=8 out_channels=32 batch=2 height=8 width=8 kernel=3"
     " padding=1 algorithm=implicit_gemm dtype=fp32",
     NULL, 0, 0, 1},
    {"  - {name: l, op: conv2d, algorithm: offsets, lanes: 64, tiles: [{elements: "
     "1}]}\n",
     "conv2d in_channels=8 out_channels=32 batch=2 height=8 width=8 kernel=3"
     " padding=1 algorithm=implicit_gemm dtype=fp32",
     "offsets", 0, 256, 2},
    {"",
     "attention algorithm=naive batch=2 heads=4 seq_q=16 seq_kv=16 head_dim=16"
     " causal=true dtype=fp16",
     NULL, 0, 0, 3},
    {"  - {name: l, op: attention, algorithm: mask, lanes: 64, tiles: [{elements: "
     "1}]}\n",
     "attention algorithm=naive batch=2 heads=4 seq_q=16 seq_kv=16 head_dim=16"
     " causal=true dtype=fp16",
     "mask", 4096, 4096, 4},
    {"  - {name: l, op: attention, algorithm: mask, lanes: 64, tiles: [{elements: "
     "1}]}\n",
     "attention algorithm=naive batch=2 heads=4 seq_q=16 seq_kv=16 head_dim=16"
     " dtype=fp16",
     NULL, 0, 0, 3},
};

START_TEST(a_library_may_run_kernels_of_its_own_before_others)
{
    struct psim_arena arena = {0};
    const char *more = steps[_i].entry[0] ? psim_arena_printf(&arena, "libraries:\n%s",
                                                              steps[_i].entry)
                                          : "";
    struct psim_chosen c;
    ck_assert(check_choose(&arena, check_bundles_with(&arena, more),
                           check_op(&arena, steps[_i].op), &c));
    ck_assert_uint_eq(c.plan->n_kernels, steps[_i].kernels);
    uint64_t read_bytes = 0, write_bytes = 0;
    for (uint32_t k = 0; k < c.plan->n_kernels; k++) {
        const struct psim_kernel *kernel = &c.plan->kernels[k];
        if (!steps[_i].kernel || strcmp(kernel->name, steps[_i].kernel) != 0) continue;
        for (uint8_t u = 0; u < kernel->n_uses; u++) {
            read_bytes += kernel->uses[u].read_bytes;
            write_bytes += kernel->uses[u].write_bytes;
        }
    }
    ck_assert_uint_eq(read_bytes, steps[_i].read_bytes);
    ck_assert_uint_eq(write_bytes, steps[_i].write_bytes);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/menus");
    TCase *menus = tcase_create("menus");
    tcase_add_loop_test(menus, attention_has_instructions_of_its_library, 0,
                        (int)PSIM_COUNT(attentions));
    tcase_add_loop_test(menus, a_library_may_say_into_how_many_parts_keys_are_cut, 0,
                        (int)PSIM_COUNT(parts));
    tcase_add_test(menus, a_tile_may_pool_its_own_pixels);
    tcase_add_loop_test(menus, lanes_read_the_operands_of_their_own_sums, 0,
                        (int)PSIM_COUNT(fragments));
    tcase_add_loop_test(menus, a_library_may_have_other_kernels_for_batches, 0,
                        (int)PSIM_COUNT(batches));
    tcase_add_loop_test(menus, a_library_may_run_kernels_of_its_own_before_others, 0,
                        (int)PSIM_COUNT(steps));
    suite_add_tcase(suite, menus);
    return check_main(suite);
}
