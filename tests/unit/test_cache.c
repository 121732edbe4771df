/* SPDX-License-Identifier: MIT */
/** @file The cache of blocks, look-up by look-up. */
#include "check_plans.h"
#include "sim/cache.h"

enum { BLOCK = 100 };

/** One look-up by hand: which block, and whether it is there. */
struct look {
    uint64_t key;
    bool hit;
};

/*
 * Three blocks of 100 B fit 300 B. A fourth drops the one used longest ago, and a hit
 * makes a block the most recent: with 1, 2, 3 held and 1 used again, 4 drops 2.
 */
static const struct look least_recently_used[] = {
    {1, false}, {2, false}, {3, false}, {1, true},  {4, false},
    {1, true},  {3, true},  {2, false}, {4, false},
};

START_TEST(the_block_used_longest_ago_is_dropped)
{
    struct psim_arena arena = {0};
    struct psim_cache_state *cache =
        psim_cache_new(&arena, UINT64_C(3) * BLOCK, BLOCK, 5);
    for (size_t i = 0; i < PSIM_COUNT(least_recently_used); i++) {
        const struct look *look = &least_recently_used[i];
        const bool hit = psim_cache_lookup(cache, look->key, BLOCK).hit;
        ck_assert_msg(hit == look->hit, "look %zu, at block %llu: %s", i,
                      (unsigned long long)look->key, hit ? "a hit" : "a miss");
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(who_finds_a_block_learns_when_it_lands)
{
    struct psim_arena arena = {0};
    struct psim_cache_state *cache =
        psim_cache_new(&arena, UINT64_C(3) * BLOCK, BLOCK, 8);
    struct psim_lookup found = psim_cache_lookup(cache, 7, BLOCK);
    ck_assert(!found.hit);
    *found.ready = 1234;
    found = psim_cache_lookup(cache, 7, BLOCK);
    ck_assert(found.hit);
    ck_assert_uint_eq(*found.ready, 1234);
    /* Dropped and asked for again, it lands anew. */
    for (uint64_t key = 0; key < 3; key++) {
        ck_assert(!psim_cache_lookup(cache, key, BLOCK).hit);
    }
    found = psim_cache_lookup(cache, 7, BLOCK);
    ck_assert(!found.hit);
    ck_assert_uint_eq(*found.ready, 0);
    psim_arena_free(&arena);
}
END_TEST

/* 250 B hold two blocks of 100 B and one of 50 B, and not a third of 100 B. */
START_TEST(bytes_are_counted_not_blocks)
{
    struct psim_arena arena = {0};
    struct psim_cache_state *cache = psim_cache_new(&arena, 250, 50, 8);
    ck_assert(!psim_cache_lookup(cache, 1, 100).hit);
    ck_assert(!psim_cache_lookup(cache, 2, 100).hit);
    ck_assert(!psim_cache_lookup(cache, 3, 50).hit);
    ck_assert(psim_cache_lookup(cache, 1, 100).hit);
    ck_assert(psim_cache_lookup(cache, 2, 100).hit);
    ck_assert(psim_cache_lookup(cache, 3, 50).hit);
    ck_assert(!psim_cache_lookup(cache, 4, 51).hit); /* 1 leaves: 201 B */
    ck_assert(psim_cache_lookup(cache, 2, 100).hit);
    ck_assert(psim_cache_lookup(cache, 3, 50).hit);
    ck_assert(!psim_cache_lookup(cache, 1, 100).hit);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_block_larger_than_the_cache_is_held_alone)
{
    struct psim_arena arena = {0};
    struct psim_cache_state *cache = psim_cache_new(&arena, 250, 100, 8);
    ck_assert(!psim_cache_lookup(cache, 1, 100).hit);
    ck_assert(!psim_cache_lookup(cache, 2, 1000).hit);
    ck_assert(psim_cache_lookup(cache, 2, 1000).hit);
    ck_assert(!psim_cache_lookup(cache, 1, 100).hit);
    ck_assert(!psim_cache_lookup(cache, 2, 1000).hit);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/cache");
    TCase *tcase = tcase_create("by hand");
    tcase_add_test(tcase, the_block_used_longest_ago_is_dropped);
    tcase_add_test(tcase, who_finds_a_block_learns_when_it_lands);
    tcase_add_test(tcase, bytes_are_counted_not_blocks);
    tcase_add_test(tcase, a_block_larger_than_the_cache_is_held_alone);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
