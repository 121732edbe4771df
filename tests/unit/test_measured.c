/* SPDX-License-Identifier: MIT */
/** @file Measurement files: what a record says is found where files have it. */
#include "check_main.h"
#include "compare/compare.h"
#include "sim/engine.h"
#include "util/str.h"

/* The file's own figures: 21 us beside the workload, 12 us within `measured`. */
static const struct {
    const char *id;
    double overhead_s;
} rows[] = {
    {"beside", 2.1e-5},
    {"within", 1.2e-5},
    {"none", 0},
};

START_TEST(the_hosts_share_is_found_in_both_places)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_measured *m =
        psim_measured_load(&arena, &diag, "tests/fixtures/overheads.json");
    ck_assert_msg(m != NULL, "%s", check_printed(&arena, &diag, false));
    ck_assert_uint_eq(m->n_records, PSIM_COUNT(rows));
    ck_assert_str_eq(m->records[_i].id, rows[_i].id);
    ck_assert_double_eq(m->records[_i].host_overhead_s, rows[_i].overhead_s);
    psim_arena_free(&arena);
}
END_TEST

/* Who says nothing repeats a call with the same tensors; a workload may say it too. */
static const struct {
    const char *id;
    int cache;
} caches[] = {
    {"nothing", PSIM_CACHE_HOT},
    {"record", PSIM_CACHE_COLD},
    {"workload", PSIM_CACHE_COLD},
};

START_TEST(records_that_say_nothing_of_caches_are_hot)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_measured *m =
        psim_measured_load(&arena, &diag, "tests/fixtures/caches.json");
    ck_assert_msg(m != NULL, "%s", check_printed(&arena, &diag, false));
    ck_assert_uint_eq(m->n_records, PSIM_COUNT(caches));
    ck_assert_str_eq(m->records[_i].id, caches[_i].id);
    ck_assert_ptr_nonnull(m->records[_i].workload);
    ck_assert_int_eq((int)m->records[_i].workload->ops[0].keys.cache, caches[_i].cache);
    psim_arena_free(&arena);
}
END_TEST

/*
 * Of 60 MiB: 32 x 1.5 MiB read and 1.5 MiB written fit, of 2 MiB they do not. A copy
 * says where to: 32 x (0.5 + 0.5) MiB fit, of 1 MiB they are 64. So does what reads
 * nothing: 32 x 1 MiB, and 64. Of two copies in place of 32 all fit.
 */
static const struct {
    const char *words[8];
    double copies;
    bool hot;
} rotated[] = {
    {{"softmax", "rows=64", "cols=12288", "dtype=bf16"}, 32, true},
    {{"softmax", "rows=64", "cols=16384", "dtype=bf16"}, 32, false},
    {{"softmax", "rows=64", "cols=16384", "dtype=bf16"}, 2, true},
    {{"copy", "bytes=524288"}, 32, true},
    {{"copy", "bytes=1048576"}, 32, false},
    {{"elementwise", "function=fill", "elements=262144", "dtype=fp32"}, 32, true},
    {{"elementwise", "function=fill", "elements=524288", "dtype=fp32"}, 32, false},
};

static double
predicted_s(struct psim_arena *arena, const struct psim_hw *hw, int row, bool cold,
            const char *cache)
{
    struct psim_diag diag = {.arena = arena};
    const char *words[8];
    size_t n = 0;
    for (; rotated[row].words[n]; n++) {
        words[n] = rotated[row].words[n];
    }
    words[n++] = cache;
    const struct psim_measured file = {.cold_copies = rotated[row].copies};
    const struct psim_record record = {
        .id = "r",
        .group = "g",
        .cold = cold,
        .launch = PSIM_LAUNCH_GRAPH,
        .energy_j = -1,
        .workload = psim_workload_words(arena, &diag, words, n, NULL),
    };
    ck_assert_msg(record.workload != NULL, "%s", check_printed(arena, &diag, false));
    struct psim_pair pair;
    const char *refused = psim_compare_record(arena, hw, psim_engine_find("analytic"),
                                              &file, &record, &pair);
    ck_assert_msg(!refused, "%s", refused);
    return pair.predicted_s;
}

START_TEST(copies_that_a_cache_holds_are_hot)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw_layers none = {0};
    const struct psim_hw *hw = psim_hw_load(&arena, &diag, "specs/h200.yaml", &none);
    ck_assert_msg(hw != NULL, "%s", check_printed(&arena, &diag, false));
    const double hot_s = predicted_s(&arena, hw, _i, false, "cache=hot");
    const double cold_s = predicted_s(&arena, hw, _i, false, "cache=cold");
    ck_assert_double_lt(hot_s, cold_s);
    ck_assert_double_eq(predicted_s(&arena, hw, _i, true, "cache=cold"),
                        rotated[_i].hot ? hot_s : cold_s);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("compare/measured");
    TCase *tcase = tcase_create("records");
    tcase_add_loop_test(tcase, the_hosts_share_is_found_in_both_places, 0,
                        (int)PSIM_COUNT(rows));
    tcase_add_loop_test(tcase, records_that_say_nothing_of_caches_are_hot, 0,
                        (int)PSIM_COUNT(caches));
    tcase_add_loop_test(tcase, copies_that_a_cache_holds_are_hot, 0,
                        (int)PSIM_COUNT(rotated));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
