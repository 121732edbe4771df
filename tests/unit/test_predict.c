/* SPDX-License-Identifier: MIT */
/** @file Whole predictions: what a cache holds at the start counts in bounds too. */
#include "check_main.h"
#include "model/workload.h"
#include "sim/predict.h"
#include "util/arena.h"

/** Memory a hundred times slower than the cache before it, and no latencies. */
static const char machine[] =
    "schema: perfsim/hardware/v1\n"
    "name: slow\n"
    "parallel_groups:\n"
    "  - {name: core, groups: lane, number: 4, clock: 1 GHz}\n"
    "memory_domains:\n"
    "  - {name: cache, shared_across: core, size: 1 MiB, caches: dram,"
    " bandwidth: 100 GB/s}\n"
    "  - {name: dram, shared_across: core, size: 1 GiB, bandwidth: 1 GB/s}\n"
    "operations:\n"
    "  - {name: add, supported_by: lane, throughput: {fp32: 1 op/cycle}}\n";

/* A sum over 256 x 256 elements of 4 B: 262,144 B of input. From memory they take
 * 262.144 us; from the cache 2.62144 us, and 65,536 additions on four lanes of
 * 1 GHz 16.384 us. The sums written are 1,024 B, which the cache may keep. */
#define SUM                                                                            \
    "{\"op\": \"reduce\", \"function\": \"sum\", \"rows\": 256, \"cols\": 256, "       \
    "\"dtype\": \"fp32\""
#define FILL                                                                           \
    "{\"op\": \"elementwise\", \"function\": \"fill\", \"elements\": 65536, "          \
    "\"dtype\": \"fp32\"}"
#define WORKLOAD(ops) "{\"schema\": \"perfsim/workload/v1\", \"ops\": [" ops "]}"

static const struct {
    const char *name, *workload;
    double least_bound_s, most_bound_s;
} rows[] = {
    {"cold", WORKLOAD(SUM "}"), 262.144e-6, 262.144e-6},
    {"hot", WORKLOAD(SUM ", \"cache\": \"hot\"}"), 16.384e-6, 262e-6},
    /* The fill writes what the sum reads: 262,144 B, which the cache holds. Its own
     * bound is 2.62144 us: the bytes that go to the cache. */
    {"left by the kernel before", WORKLOAD(FILL ", " SUM "}"), 19.00544e-6, 262e-6},
    /* The first turn fills and sums, as above; so does the second. */
    {"twice",
     "{\"schema\": \"perfsim/workload/v1\", \"repeat\": 2, \"ops\": [" FILL ", " SUM
     "}]}",
     2 * 19.00544e-6, 524e-6},
};

START_TEST(no_time_is_below_its_bound)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = psim_hw_read(&arena, &diag, "machine", machine);
    const struct psim_workload *workload =
        psim_workload_read(&arena, &diag, rows[_i].name, rows[_i].workload);
    if (!hw || !workload) psim_diag_print(&diag, stderr, false);
    ck_assert(hw != NULL && workload != NULL);
    for (size_t e = 0; psim_engines[e]; e++) {
        const struct psim_predict_options options = {.engine = psim_engines[e]};
        const struct psim_result *r =
            psim_predict(&arena, &diag, hw, workload, &options);
        ck_assert(r != NULL);
        ck_assert_msg(r->bound_s <= r->time_s * (1 + 1e-9),
                      "%s, %s: bound %.9g us, time %.9g us", rows[_i].name, r->engine,
                      r->bound_s * 1e6, r->time_s * 1e6);
        ck_assert_msg(r->bound_s >= rows[_i].least_bound_s * (1 - 1e-9) &&
                          r->bound_s <= rows[_i].most_bound_s * (1 + 1e-9),
                      "%s: bound %.9g us", rows[_i].name, r->bound_s * 1e6);
    }
    psim_arena_free(&arena);
}
END_TEST

/** 100,000 fp32 additions on a machine: 3 x 400,000 B. */
static const struct psim_result *
addition_on(struct psim_arena *arena, const char *yaml)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_hw *hw = psim_hw_read(arena, &diag, "machine", yaml);
    const struct psim_workload *workload =
        psim_workload_read(arena, &diag, "add",
                           WORKLOAD("{\"op\": \"elementwise\", \"function\": \"add\", "
                                    "\"elements\": 100000, \"dtype\": \"fp32\"}"));
    ck_assert(hw != NULL && workload != NULL);
    const struct psim_predict_options options = {.engine = psim_engines[0]};
    const struct psim_result *r = psim_predict(arena, &diag, hw, workload, &options);
    ck_assert(r != NULL);
    return r;
}

/* 100 B in flight and 100 ns make 1 GB/s: three times 400,000 B take 1.2 ms. The
 * latency is that of the array of which the cache is a part. */
static const char port[] =
    "schema: perfsim/hardware/v1\n"
    "name: port\n"
    "parallel_groups:\n"
    "  - {name: core, groups: lane, number: 4, clock: 1 GHz}\n"
    "memory_domains:\n"
    "  - {name: array, shared_across: core, size: 64 KiB, latency: 100 ns,"
    " bandwidth: 100 GB/s}\n"
    "  - {name: cache, shared_across: core, part_of: array, caches: dram,"
    " port: {of: core, in_flight: 100 B}}\n"
    "  - {name: dram, shared_across: core, size: 1 GiB, bandwidth: 50 GB/s}\n"
    "operations:\n"
    "  - {name: add, supported_by: lane, throughput: {fp32: 1 op/cycle}}\n";

START_TEST(a_part_has_the_latency_of_the_whole_in_flight)
{
    struct psim_arena arena = {0};
    const struct psim_result *r = addition_on(&arena, port);
    ck_assert_double_eq_tol(r->bound_s, 1.2e-3, 1.2e-12);
    psim_arena_free(&arena);
}
END_TEST

/*
 * Two sockets with a memory of 50 GB/s each: the roof is 100 GB/s. 3 x 400,000 B of
 * an addition take 12 us by the plain roofline, more than 100,000 FLOP at the 16
 * FLOP/cycle of 8 cores with two lanes each: 6.25 us at 1 GHz.
 */
static const char sockets[] =
    "schema: perfsim/hardware/v1\n"
    "name: sockets\n"
    "parallel_groups:\n"
    "  - {name: core, groups: lane, number: 2, clock: 1 GHz}\n"
    "  - {name: socket, groups: core, number: 4}\n"
    "  - {name: board, groups: socket, number: 2}\n"
    "memory_domains:\n"
    "  - {name: dram, shared_across: socket, size: 1 GiB, bandwidth: 50 GB/s}\n"
    "operations:\n"
    "  - {name: add, supported_by: lane, throughput: {fp32: 1 op/cycle}}\n";

START_TEST(the_roof_of_memory_is_that_of_all_its_instances)
{
    struct psim_arena arena = {0};
    const struct psim_result *r = addition_on(&arena, sockets);
    ck_assert_double_eq_tol(r->roofline_s, 12e-6, 1e-14);
    ck_assert_double_eq(r->roofs[r->n_roofs - 1].peak_per_s, 100e9);
    psim_arena_free(&arena);
}
END_TEST

/*
 * An addition reads 2 x 400,000 B and writes 400,000 B, so a third of the last 150,000
 * B that went through the cache is written, and still there: 50,000 B.
 */
static const char lagging[] =
    "schema: perfsim/hardware/v1\n"
    "name: lagging\n"
    "parallel_groups:\n"
    "  - {name: core, groups: lane, number: 2, clock: 1 GHz, issue: 4 op/cycle}\n"
    "  - {name: chip, groups: core, number: 4}\n"
    "memory_domains:\n"
    "  - {name: l2, shared_across: chip, caches: dram, size: 1 MB, write_back: 150 "
    "kB,\n"
    "     latency: 10 ns, bandwidth: 200 GB/s}\n"
    "  - {name: dram, shared_across: chip, bandwidth: 50 GB/s}\n"
    "operations:\n"
    "  - {name: add, supported_by: lane, throughput: {fp32: 1 op/cycle}}\n"
    "  - {name: fma, supported_by: lane, throughput: {fp32: 1 op/cycle}}\n";

START_TEST(a_write_back_cache_holds_the_last_writes)
{
    struct psim_arena arena = {0};
    const struct psim_result *r = addition_on(&arena, lagging);
    ck_assert_uint_eq(r->n_kernels, 1);
    ck_assert_double_eq_tol(r->kernels[0].late_bytes, 50e3, 1e-6);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/predict");
    TCase *tcase = tcase_create("bounds");
    tcase_add_loop_test(tcase, no_time_is_below_its_bound, 0, (int)PSIM_COUNT(rows));
    tcase_add_test(tcase, a_part_has_the_latency_of_the_whole_in_flight);
    tcase_add_test(tcase, the_roof_of_memory_is_that_of_all_its_instances);
    tcase_add_test(tcase, a_write_back_cache_holds_the_last_writes);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
