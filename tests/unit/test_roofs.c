/* SPDX-License-Identifier: MIT */
/** @file The roofs of two small machines by hand, and the sense of all that ship. */
#include "check_machines.h"
#include "check_main.h"
#include "sim/roofs.h"
#include "util/str.h"

static const struct {
    const char *machine, *memory;
    double bytes_per_s;
    bool home;
} slopes[] = {
    /* 4 units x 128 B/cycle x 1 GHz; the others as they stand. */
    {check_bundles, "scratch", 512e9, false},
    {check_bundles, "cache", 200e9, false},
    {check_bundles, "dram", 100e9, true},
    /* 4 cores x 64 B/cycle x 2 GHz. */
    {check_cores, "cache", 512e9, false},
    {check_cores, "dram", 40e9, true},
};

static const struct {
    const char *machine, *operation, *dtypes;
    enum psim_ceiling_kind kind;
    double flop_per_s;
} ceilings[] = {
    /* 16 parts x 256 FLOP/cycle x 1 GHz. */
    {check_bundles, "mma", "fp16", PSIM_CEILING_MATRIX, 4096e9},
    /* 16 parts x 1 op/cycle x 32 lanes x 2 FLOP x 1 GHz. */
    {check_bundles, "fma", "fp32", PSIM_CEILING_VECTOR, 1024e9},
    /* 4 cores x 2 op/cycle x 8 elements x 2 FLOP x 2 GHz. */
    {check_cores, "fma", "fp32", PSIM_CEILING_VECTOR, 256e9},
};

START_TEST(slopes_by_hand)
{
    struct psim_arena arena = {0};
    struct psim_machine_roofs roofs;
    psim_machine_roofs(&arena, check_machine_text(&arena, slopes[_i].machine), &roofs);
    size_t found = 0;
    for (size_t i = 0; i < roofs.n_slopes; i++) {
        if (!psim_str_equal(roofs.slopes[i].memory, slopes[_i].memory)) continue;
        found++;
        ck_assert_double_eq_tol(roofs.slopes[i].peak_bytes_per_s,
                                slopes[_i].bytes_per_s, 1);
        ck_assert(roofs.slopes[i].home == slopes[_i].home);
    }
    ck_assert_uint_eq(found, 1);
    psim_arena_free(&arena);
}
END_TEST

/* Results call a memory in one word; a slope must be found by that. */
START_TEST(a_slope_is_called_as_its_memory_in_results)
{
    static const char machine[] =
        "schema: perfsim/hardware/v1\n"
        "name: blanks\n"
        "parallel_groups: [{name: chip, groups: lane, number: 4, clock: 1 Hz}]\n"
        "memory_domains: [{name: main store, shared_across: chip, bandwidth: 9 B/s}]\n"
        "operations: [{name: fma, supported_by: lane, throughput: {fp32: 1 op/s}}]\n";
    struct psim_arena arena = {0};
    struct psim_machine_roofs roofs;
    const struct psim_hw *hw = check_machine_text(&arena, machine);
    psim_machine_roofs(&arena, hw, &roofs);
    struct psim_diag diag = {.arena = &arena};
    const struct psim_predict_options options = {.engine =
                                                     psim_engine_find("analytic")};
    const struct psim_workload *add =
        check_words(&arena, "elementwise function=add elements=64 dtype=fp32");
    const struct psim_result *r = psim_predict(&arena, &diag, hw, add, &options);
    ck_assert_ptr_nonnull(r);
    ck_assert_uint_eq(r->n_memories, 1);
    ck_assert_str_eq(r->memories[0].name, "main_store");
    ck_assert_str_eq(roofs.slopes[0].memory, r->memories[0].name);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(ceilings_by_hand)
{
    struct psim_arena arena = {0};
    struct psim_machine_roofs roofs;
    psim_machine_roofs(&arena, check_machine_text(&arena, ceilings[_i].machine),
                       &roofs);
    size_t found = 0;
    for (size_t i = 0; i < roofs.n_ceilings; i++) {
        const struct psim_ceiling *c = &roofs.ceilings[i];
        if (!psim_str_equal(c->operation, ceilings[_i].operation)) continue;
        found++;
        ck_assert_str_eq(c->dtypes, ceilings[_i].dtypes);
        ck_assert_int_eq((int)c->kind, (int)ceilings[_i].kind);
        ck_assert_double_eq_tol(c->peak_flop_per_s, ceilings[_i].flop_per_s, 1);
    }
    ck_assert_uint_eq(found, 1);
    psim_arena_free(&arena);
}
END_TEST

/** One home where its bandwidth is stated, fastest and highest first, and the highest
 * is the fastest operation's. */
START_TEST(roofs_of_all_machines)
{
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n = check_all_machines(&arena, machines);
    for (size_t m = 0; m < n; m++) {
        struct psim_machine_roofs roofs;
        psim_machine_roofs(&arena, machines[m], &roofs);
        size_t homes = 0;
        for (size_t i = 0; i < roofs.n_slopes; i++) {
            homes += roofs.slopes[i].home;
            ck_assert(i == 0 || roofs.slopes[i].peak_bytes_per_s <=
                                    roofs.slopes[i - 1].peak_bytes_per_s);
        }
        const struct psim_hw *hw = machines[m];
        const bool stated = hw->memories[hw->main_memory].peak_bytes_per_s > 0;
        ck_assert_msg(homes == stated, "%s: %zu homes", hw->name, homes);
        double highest = 0;
        for (int d = 0; d < PSIM_N_DTYPES; d++) {
            const enum psim_dtype dtype = (enum psim_dtype)d;
            const struct psim_operation *op = psim_hw_fastest(machines[m], dtype);
            const double peak = op ? psim_hw_peak_per_s(machines[m], op, dtype) : 0;
            if (peak > highest) highest = peak;
        }
        ck_assert(roofs.n_ceilings > 0);
        ck_assert_double_eq(roofs.ceilings[0].peak_flop_per_s, highest);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/roofs");
    TCase *tc = tcase_create("roofs");
    tcase_add_test(tc, a_slope_is_called_as_its_memory_in_results);
    tcase_add_loop_test(tc, slopes_by_hand, 0, (int)PSIM_COUNT(slopes));
    tcase_add_loop_test(tc, ceilings_by_hand, 0, (int)PSIM_COUNT(ceilings));
    tcase_add_test(tc, roofs_of_all_machines);
    suite_add_tcase(suite, tc);
    return check_main(suite);
}
