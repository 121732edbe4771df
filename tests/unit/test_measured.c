/* SPDX-License-Identifier: MIT */
/** @file Measurement files: what a record says is found where files have it. */
#include "check_main.h"
#include "compare/measured.h"

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

int
main(void)
{
    Suite *suite = suite_create("compare/measured");
    TCase *tcase = tcase_create("records");
    tcase_add_loop_test(tcase, the_hosts_share_is_found_in_both_places, 0,
                        (int)PSIM_COUNT(rows));
    tcase_add_loop_test(tcase, records_that_say_nothing_of_caches_are_hot, 0,
                        (int)PSIM_COUNT(caches));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
