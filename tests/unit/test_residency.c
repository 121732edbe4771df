/* SPDX-License-Identifier: MIT */
/** @file What one kernel leaves in the outermost cache for a later one. */
#include "check_machines.h"
#include "sim/residency.h"

/** One kernel: MB that it reads of its tensors 0, 1 and writes of its tensor 2. */
struct turn {
    uint64_t reads[2], writes;
    uint32_t resident; /**< set of tensors that it must find */
    bool constant;     /**< its first input is no other kernel's output */
    bool again;        /**< before it, the list of kernels starts anew */
    uint32_t waves;    /**< in which its work-groups run; 0: any number */
};

enum { MOST_TURNS = 5, MB = 1000000 };

/*
 * A tensor is found where what was touched since, and the larger of what its writer
 * touched with it and what its reader touches, fit the cache together.
 */
static const struct {
    const char *name;
    uint64_t capacity; /**< MB */
    struct turn turns[MOST_TURNS];
} rows[] = {
    /* 10 + 20, then 20 + 5, then 5 + 7; 20 of two kernels ago: 12 since, and 21. */
    {"a chain",
     60,
     {{.reads = {10}, .writes = 20},
      {.reads = {20}, .writes = 5, .resident = 1},
      {.reads = {5}, .writes = 7, .resident = 1},
      {.reads = {20}, .writes = 1, .resident = 1}}},
    {"the writer's inputs fit beside it",
     60,
     {{.reads = {40}, .writes = 20}, {.reads = {20}, .writes = 1, .resident = 1}}},
    {"the writer's inputs do not",
     60,
     {{.reads = {41}, .writes = 20}, {.reads = {20}, .writes = 1}}},
    /* One wave reads all, then writes: 20, and the reader's 21. */
    {"the writer's only wave",
     60,
     {{.reads = {100}, .writes = 20, .waves = 1},
      {.reads = {20}, .writes = 1, .resident = 1}}},
    /* Of two waves, half of 100 + 20 follows what the first one writes; of three, 80.
     */
    {"the second of two waves fits beside it",
     60,
     {{.reads = {100}, .writes = 20, .waves = 2},
      {.reads = {20}, .writes = 1, .resident = 1}}},
    {"the last two of three do not",
     60,
     {{.reads = {100}, .writes = 20, .waves = 3}, {.reads = {20}, .writes = 1}}},
    {"the reader's output fits beside it",
     60,
     {{.reads = {1}, .writes = 20}, {.reads = {20}, .writes = 40, .resident = 1}}},
    {"the reader's output does not",
     60,
     {{.reads = {1}, .writes = 20}, {.reads = {20}, .writes = 41}}},
    /* 25 + 1 of a kernel between: with 20 + 14 it is 60, with 20 + 15 one more. */
    {"a kernel between",
     60,
     {{.reads = {1}, .writes = 20},
      {.reads = {25}, .writes = 1},
      {.reads = {20}, .writes = 14, .resident = 1}}},
    {"a larger one between",
     60,
     {{.reads = {1}, .writes = 20},
      {.reads = {25}, .writes = 1},
      {.reads = {20}, .writes = 15}}},
    /* What is written once is one of two inputs of its size, not both. */
    {"two inputs of one size",
     60,
     {{.reads = {1}, .writes = 8}, {.reads = {8, 8}, .writes = 1, .resident = 1}}},
    {"the second input",
     60,
     {{.reads = {1}, .writes = 8}, {.reads = {9, 8}, .writes = 1, .resident = 2}}},
    {"weights of the same size",
     60,
     {{.reads = {1}, .writes = 8},
      {.reads = {8, 8}, .writes = 1, .resident = 2, .constant = true}}},
    /* What is read a second time was written by nobody here: only a list that starts
     * anew says that it is the same. */
    {"an input is no output",
     60,
     {{.reads = {8}, .writes = 1}, {.reads = {8}, .writes = 2}}},
    {"a list again",
     60,
     {{.reads = {20, 30}, .writes = 10},
      {.reads = {20, 30}, .writes = 10, .resident = 3, .again = true}}},
    {"a list too long for the cache",
     60,
     {{.reads = {30}, .writes = 1},
      {.reads = {40}, .writes = 2},
      {.reads = {30}, .writes = 1, .again = true},
      {.reads = {40}, .writes = 2}}},
    {"a list that fits",
     60,
     {{.reads = {20}, .writes = 1},
      {.reads = {30}, .writes = 2},
      {.reads = {20}, .writes = 1, .resident = 1, .again = true},
      {.reads = {30}, .writes = 2, .resident = 1}}},
    {"no cache",
     0,
     {{.reads = {1}, .writes = 1},
      {.reads = {1}, .writes = 1},
      {.reads = {1}, .writes = 1, .again = true}}},
};

static uint32_t
step(struct psim_residency_list *list, const struct turn *turn)
{
    const struct psim_use uses[] = {
        {.tensor = 0, .read_bytes = turn->reads[0] * MB, .constant = turn->constant},
        {.tensor = 1, .read_bytes = turn->reads[1] * MB},
        {.tensor = 2, .write_bytes = turn->writes * MB},
    };
    const struct psim_kernel kernel = {
        .n_uses = PSIM_COUNT(uses),
        .uses = uses,
        .n_axes = 1,
        .extent = {turn->waves},
        .units = turn->waves > 0,
        .resident = 1,
    };
    if (turn->again) psim_residency_start(list);
    return psim_residency_step(list, &kernel);
}

START_TEST(a_kernel_finds_what_others_left)
{
    struct psim_residency_list list = {.capacity_bytes =
                                           (double)rows[_i].capacity * MB};
    psim_residency_start(&list);
    for (size_t t = 0; t < MOST_TURNS && rows[_i].turns[t].writes > 0; t++) {
        const uint32_t got = step(&list, &rows[_i].turns[t]);
        ck_assert_msg(got == rows[_i].turns[t].resident,
                      "%s: kernel %zu finds %u, want %u", rows[_i].name, t, got,
                      rows[_i].turns[t].resident);
    }
}
END_TEST

/* What is not held is touched anew: inputs and outputs apart. An output that a run of
 * the list before has left is not. */
START_TEST(what_is_not_held_is_touched_anew)
{
    struct psim_residency_list list = {.capacity_bytes = 60.0 * MB};
    const struct turn small = {.reads = {5}, .writes = 1};
    psim_residency_start(&list);
    (void)step(&list, &small);
    ck_assert(list.reads_anew && list.writes_anew);
    psim_residency_start(&list);
    (void)step(&list, &small);
    ck_assert(!list.reads_anew && !list.writes_anew);
    (void)step(&list, &(struct turn){.reads = {1}, .writes = 7});
    ck_assert(!list.reads_anew && list.writes_anew);
}
END_TEST

/* The second kernel is left out: the third is known again all the same. */
START_TEST(a_kernel_that_is_skipped_keeps_its_place)
{
    struct psim_residency_list list = {.capacity_bytes = 60.0 * MB};
    for (int turn = 0; turn < 2; turn++) {
        psim_residency_start(&list);
        const uint32_t want = turn == 0 ? 0 : 1;
        ck_assert_uint_eq(step(&list, &(struct turn){.reads = {5}, .writes = 1}), want);
        psim_residency_skip(&list);
        ck_assert_uint_eq(step(&list, &(struct turn){.reads = {6}, .writes = 2}), want);
    }
}
END_TEST

/* More tensors than the list remembers: the oldest are forgotten, nothing else. */
START_TEST(a_long_list_forgets_its_end)
{
    struct psim_residency_list list = {.capacity_bytes = 1e15};
    psim_residency_start(&list);
    for (uint64_t i = 0; i < UINT64_C(2) * PSIM_HELD; i++) {
        const uint32_t got =
            step(&list, &(struct turn){.reads = {1000 + i}, .writes = 9000 + i});
        ck_assert_msg(got == 0, "kernel %llu finds %u", (unsigned long long)i, got);
        ck_assert_uint_le(list.n, PSIM_HELD);
    }
    ck_assert_uint_eq(step(&list, &(struct turn){.reads = {9000}, .writes = 1}), 0);
    const uint64_t last = 9000 + 2 * PSIM_HELD - 1;
    ck_assert_uint_eq(step(&list, &(struct turn){.reads = {last}, .writes = 1}), 1);
}
END_TEST

/* The capacity is that of a cache that the whole machine shares. */
START_TEST(only_a_cache_of_all_units_keeps_tensors)
{
    struct psim_arena arena = {0};
    struct psim_residency_list list;
    psim_residency_init(&list, check_machine(&arena, "h200", NULL, 0));
    ck_assert_double_eq(list.capacity_bytes, 60 * 1048576.0);
    psim_residency_init(&list, check_machine_text(&arena, check_bundles));
    ck_assert_double_eq(list.capacity_bytes, 256 * 1024.0);
    psim_residency_init(&list, check_machine_text(&arena, check_cores));
    ck_assert_double_eq(list.capacity_bytes, 0);
    psim_residency_init(&list, check_machine(&arena, "toy", NULL, 0));
    ck_assert_double_eq(list.capacity_bytes, 0);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/residency");
    TCase *tcase = tcase_create("between kernels");
    tcase_add_loop_test(tcase, a_kernel_finds_what_others_left, 0,
                        (int)PSIM_COUNT(rows));
    tcase_add_test(tcase, what_is_not_held_is_touched_anew);
    tcase_add_test(tcase, a_kernel_that_is_skipped_keeps_its_place);
    tcase_add_test(tcase, a_long_list_forgets_its_end);
    tcase_add_test(tcase, only_a_cache_of_all_units_keeps_tensors);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
