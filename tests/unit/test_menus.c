/* SPDX-License-Identifier: MIT */
/** @file What a library's entry changes in a plan, by hand. */
#include <math.h>

#include "check_counted.h"
#include "check_main.h"

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
    suite_add_tcase(suite, menus);
    return check_main(suite);
}
