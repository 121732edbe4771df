/* SPDX-License-Identifier: MIT */
/** @file Verdicts at their limits, from both sides (docs/MODEL.md, eq. D2). */
#include "check_main.h"
#include "result/verdict.h"

/* Busy times of a kernel of 10 s, its launch, and what follows by hand. */
static const struct {
    const char *name;
    double memory_s, compute_s, launch_s, host_wait_s;
    enum psim_verdict_kind kernel, run;
} rows[] = {
    {"the memory alone", 9, 0, 0, 0, PSIM_VERDICT_MEMORY, PSIM_VERDICT_MEMORY},
    {"both alike", 8, 8, 0, 0, PSIM_VERDICT_MEMORY, PSIM_VERDICT_MEMORY},
    {"the units a little longer", 8, 8.01, 0, 0, PSIM_VERDICT_COMPUTE,
     PSIM_VERDICT_COMPUTE},
    {"half of the time", 5, 1, 0, 0, PSIM_VERDICT_MEMORY, PSIM_VERDICT_MEMORY},
    {"less than half", 4.99, 1, 0, 0, PSIM_VERDICT_LATENCY, PSIM_VERDICT_LATENCY},
    {"nothing", 0, 0, 0, 0, PSIM_VERDICT_LATENCY, PSIM_VERDICT_LATENCY},
    /* 10 s of 20 s are a launch: not more than half. */
    {"a launch as long", 9, 0, 10, 0, PSIM_VERDICT_MEMORY, PSIM_VERDICT_MEMORY},
    {"a longer launch", 9, 0, 10.01, 0, PSIM_VERDICT_LAUNCH, PSIM_VERDICT_LAUNCH},
    /* 4 s + 7 s of 21 s. */
    {"a slow host", 9, 0, 4, 7, PSIM_VERDICT_MEMORY, PSIM_VERDICT_LAUNCH},
};

START_TEST(the_busier_side_counts)
{
    struct psim_server_use servers[] = {
        {.name = "port", .side = PSIM_SIDE_MEMORY, .busy_s = rows[_i].memory_s / 2},
        {.name = "dram", .side = PSIM_SIDE_MEMORY, .busy_s = rows[_i].memory_s},
        {.name = "place", .side = PSIM_SIDE_NEITHER, .busy_s = 9.9},
        {.name = "pipe", .side = PSIM_SIDE_COMPUTE, .busy_s = rows[_i].compute_s},
    };
    struct psim_kernel_result kernel = {
        .name = "k",
        .count = 1,
        .time_s = 10,
        .launch_s = rows[_i].launch_s,
        .servers = servers,
        .n_servers = PSIM_COUNT(servers),
    };
    const struct psim_result result = {
        .kernels = &kernel,
        .n_kernels = 1,
        .time_s = 10 + rows[_i].launch_s + rows[_i].host_wait_s,
        .host_wait_s = rows[_i].host_wait_s,
    };
    const struct psim_verdict own = psim_verdict_of(&kernel);
    ck_assert_msg(own.kind == rows[_i].kernel, "%s: %s", rows[_i].name,
                  psim_verdict_name(own.kind));
    ck_assert_msg(psim_verdict_of_run(&result).kind == rows[_i].run, "%s: the run",
                  rows[_i].name);
    ck_assert((own.memory != NULL) == (rows[_i].memory_s > 0));
    if (own.memory) ck_assert_str_eq(own.memory->name, "dram");
    ck_assert_double_eq(own.memory_share, rows[_i].memory_s / 10);
    ck_assert_double_eq(own.compute_share, rows[_i].compute_s / 10);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("result/verdict");
    TCase *tcase = tcase_create("verdicts");
    tcase_add_loop_test(tcase, the_busier_side_counts, 0, (int)PSIM_COUNT(rows));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
