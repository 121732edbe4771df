/* SPDX-License-Identifier: MIT */
/** @file Event queue and cache against the plainest ones that can be written. */
#include "check_main.h"
#include "check_plans.h"
#include "sim/cache.h"
#include "sim/heap.h"

/* --- event queue ------------------------------------------------------------ */

static const uint32_t nobody = UINT32_MAX;

/** The pending event with the least tick, of equal ones the smallest gang. */
static uint32_t
earliest(const psim_tick *at, const bool *pending, uint32_t n)
{
    uint32_t first = nobody;
    for (uint32_t g = 0; g < n; g++) {
        if (pending[g] && (first == nobody || at[g] < at[first])) first = g;
    }
    return first;
}

/*
 * Gangs that resume in random order and schedule themselves, others, both or nobody:
 * a few ticks only, so that ties are frequent.
 */
START_TEST(events_leave_by_tick_then_by_gang)
{
    static const uint32_t sizes[] = {1, 2, 3, 7, 64, 100};
    const uint32_t n = sizes[_i];
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    struct psim_heap heap;
    psim_heap_init(&arena, &heap, n);
    psim_tick at[100] = {0};
    bool pending[100] = {false};
    for (unsigned turn = 0; turn < 20000; turn++) {
        const uint32_t want = earliest(at, pending, n);
        psim_tick now = 0;
        if (want != nobody) {
            const struct psim_event event = psim_heap_pop(&heap);
            ck_assert_uint_eq(event.gang, want);
            ck_assert_uint_eq(event.at, at[want]);
            pending[want] = false;
            now = event.at;
        }
        for (uint64_t i = check_draw(&random, 0, 2) + (want == nobody); i > 0; i--) {
            const bool own = want != nobody && check_draw(&random, 0, 1);
            const uint32_t g = own ? want : (uint32_t)check_draw(&random, 0, n - 1);
            if (pending[g]) continue;
            pending[g] = true;
            at[g] = now + check_draw(&random, 0, 3);
            psim_heap_push(&heap, (struct psim_event){at[g], g});
        }
        if (turn % 50 > 0) continue;
        /* All of them later, as far as the times of this test go on from there. */
        psim_heap_delay(&heap, 1000);
        for (uint32_t g = 0; g < n; g++) {
            if (pending[g]) at[g] += 1000;
            if (pending[g]) ck_assert_uint_eq(psim_heap_pending(&heap, g), at[g]);
        }
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- cache ------------------------------------------------------------------ */

enum { MOST_BLOCKS = 400 };

/** Blocks, most recently used first. */
struct plain {
    uint64_t key[MOST_BLOCKS], bytes[MOST_BLOCKS], used;
    size_t n;
};

static bool
plain_lookup(struct plain *plain, uint64_t capacity, uint64_t key, uint64_t bytes)
{
    size_t at = 0;
    while (at < plain->n && plain->key[at] != key) {
        at++;
    }
    const bool hit = at < plain->n;
    if (!hit) {
        while (plain->n > 0 && plain->used + bytes > capacity) {
            plain->used -= plain->bytes[--plain->n];
        }
        at = plain->n++;
        plain->used += bytes;
    }
    memmove(&plain->key[1], &plain->key[0], at * sizeof plain->key[0]);
    memmove(&plain->bytes[1], &plain->bytes[0], at * sizeof plain->bytes[0]);
    plain->key[0] = key;
    plain->bytes[0] = bytes;
    return hit;
}

/** A block's size is its own; those at an edge are smaller. */
static uint64_t
bytes_of(uint64_t key)
{
    return key % 5 == 0 ? 40 : 100;
}

START_TEST(blocks_leave_least_recently_used_first)
{
    /* Room for a few, for half, for all of the blocks. */
    static const uint64_t capacities[] = {350, 10000, 40000};
    const uint64_t capacity = capacities[_i];
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    struct psim_cache_state *cache =
        psim_cache_new(&arena, capacity, bytes_of(0), MOST_BLOCKS);
    struct plain plain = {0};
    psim_tick landed[MOST_BLOCKS] = {0};
    unsigned hits = 0;
    for (unsigned turn = 1; turn <= 20000; turn++) {
        /* Neighbours follow one another, with jumps back and forth. */
        const uint64_t key = (turn / 4 + check_draw(&random, 0, 199)) % MOST_BLOCKS;
        const struct psim_lookup found = psim_cache_lookup(cache, key, bytes_of(key));
        const bool hit = plain_lookup(&plain, capacity, key, bytes_of(key));
        ck_assert_msg(found.hit == hit, "turn %u: block %llu", turn,
                      (unsigned long long)key);
        if (hit) {
            ck_assert_uint_eq(*found.ready, landed[key]);
            hits++;
        } else {
            *found.ready = landed[key] = turn;
        }
        if (turn % 3 > 0) continue;
        /* A touch is a look-up of what is there, for its age alone. */
        const uint64_t held = plain.key[check_draw(&random, 0, plain.n - 1)];
        psim_cache_touch(cache, held);
        ck_assert(plain_lookup(&plain, capacity, held, bytes_of(held)));
    }
    ck_assert_uint_gt(hits, 10);
    /* Blocks for which there is room, and one byte or one block too many. */
    ck_assert(psim_cache_fits(cache, capacity, 1));
    ck_assert(!psim_cache_fits(cache, capacity + 1, 1));
    ck_assert(!psim_cache_fits(cache, 1, MOST_BLOCKS + 1));
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/queues");
    TCase *tcase = tcase_create("queues");
    tcase_add_loop_test(tcase, events_leave_by_tick_then_by_gang, 0, 6);
    tcase_add_loop_test(tcase, blocks_leave_least_recently_used_first, 0, 3);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
