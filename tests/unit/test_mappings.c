/* SPDX-License-Identifier: MIT */
/** @file What a user fixes of a mapping, and what stays of the list. */
#include "check_main.h"
#include "plan/lower.h"

/** A menu of three: two ways to use one tile, and another tile. */
static struct psim_mappings
menu(struct psim_arena *arena)
{
    static const struct psim_mapping items[] = {
        {.m = 64, .n = 64, .k = 64, .lanes = 128, .stages = 8, .cluster = 1},
        {.m = 128, .n = 256, .k = 64, .lanes = 384, .stages = 4, .split = 1},
        {.m = 128, .n = 256, .k = 64, .lanes = 384, .stages = 4, .split = 2},
    };
    struct psim_mappings list = {.arena = arena};
    for (size_t i = 0; i < PSIM_COUNT(items); i++) {
        psim_mappings_add(&list, &items[i]);
    }
    return list;
}

START_TEST(a_tile_of_the_menu_keeps_its_stages_and_lanes)
{
    struct psim_arena arena = {0};
    struct psim_mappings list = menu(&arena);
    const struct psim_op_keys keys = {0};
    psim_mappings_fix(&list, &keys, 128, 256, 64);
    ck_assert_uint_eq(list.n, 2);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(list.item[i].lanes, 384);
        ck_assert_uint_eq(list.item[i].stages, 4);
        ck_assert_uint_eq(list.item[i].split, i + 1);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_else_is_fixed_wins_over_the_menu)
{
    struct psim_arena arena = {0};
    struct psim_mappings list = menu(&arena);
    const struct psim_op_keys keys = {.stages = 2, .split = 3};
    psim_mappings_fix(&list, &keys, 128, 0, 0);
    ck_assert_uint_eq(list.n, 1); /* the two ways differed in the split alone */
    ck_assert_uint_eq(list.item[0].n, 256);
    ck_assert_uint_eq(list.item[0].lanes, 384);
    ck_assert_uint_eq(list.item[0].stages, 2);
    ck_assert_uint_eq(list.item[0].split, 3);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_tile_that_no_menu_has_is_tried_with_all_that_there_is)
{
    struct psim_arena arena = {0};
    struct psim_mappings list = menu(&arena);
    const struct psim_op_keys keys = {0};
    psim_mappings_fix(&list, &keys, 96, 0, 32);
    ck_assert_uint_eq(list.n, 3);
    for (size_t i = 0; i < list.n; i++) {
        ck_assert_uint_eq(list.item[i].m, 96);
        ck_assert_uint_eq(list.item[i].n, i == 0 ? 64 : 256);
        ck_assert_uint_eq(list.item[i].k, 32);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/mappings");
    TCase *tcase = tcase_create("fix");
    tcase_add_test(tcase, a_tile_of_the_menu_keeps_its_stages_and_lanes);
    tcase_add_test(tcase, what_else_is_fixed_wins_over_the_menu);
    tcase_add_test(tcase, a_tile_that_no_menu_has_is_tried_with_all_that_there_is);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
