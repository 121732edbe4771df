/* SPDX-License-Identifier: MIT */
/** @file Schedules that a person can draw: both engines, tick for tick. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "plan/plan_check.h"
#include "plan/plan_text.h"
#include "sim/engine.h"
#include "util/arena.h"

/*
 * Four stages of a CPU pipeline, each on its own core, 100 frames: 3, 5, 2 and
 * 4 us. The first frame takes 3 + 5 + 2 + 4 = 14 us, then one leaves every 5 us:
 * 14 + 99 * 5 = 509 us. The slowest stage alone needs 100 * 5 = 500 us.
 */
static const char pipeline[] = "server core0 op\n"
                               "server core1 op\n"
                               "server core2 op\n"
                               "server core3 op\n"
                               "act stage0 op\n"
                               "  core0 time 3e-6\n"
                               "act stage1 op\n"
                               "  core1 time 5e-6\n"
                               "act stage2 op\n"
                               "  core2 time 2e-6\n"
                               "act stage3 op\n"
                               "  core3 time 4e-6\n"
                               "kernel frames on socket\n"
                               "  axes f 1\n"
                               "  walk f\n"
                               "  channel a depth 2\n"
                               "  channel b depth 2\n"
                               "  channel c depth 2\n"
                               "  role first\n"
                               "    loop 100\n"
                               "      reserve a\n"
                               "      do stage0 1\n"
                               "      commit a\n"
                               "    end\n"
                               "  role second\n"
                               "    loop 100\n"
                               "      wait a\n"
                               "      reserve b\n"
                               "      do stage1 1\n"
                               "      commit b\n"
                               "      release a\n"
                               "    end\n"
                               "  role third\n"
                               "    loop 100\n"
                               "      wait b\n"
                               "      reserve c\n"
                               "      do stage2 1\n"
                               "      commit c\n"
                               "      release b\n"
                               "    end\n"
                               "  role fourth\n"
                               "    loop 100\n"
                               "      wait c\n"
                               "      do stage3 1\n"
                               "      release c\n"
                               "    end\n"
                               "run frames\n";

/*
 * A systolic array of 128 x 128 at 1 GHz: 16 weight tiles of 128 cycles each,
 * loaded into a double buffer, 512 rows through each, 256 cycles from the last
 * row's entry to its exit. The first tile's load is not hidden:
 * 128 + 16 * 512 + 256 = 8,576 cycles = 8.576 us. The array alone: 8.192 us.
 */
static const char systolic[] = "server weight_port op\n"
                               "server array op\n"
                               "act load_weights op\n"
                               "  weight_port time 128e-9\n"
                               "act matmul op latency 256e-9\n"
                               "  array time 1e-9\n"
                               "kernel gemm on core\n"
                               "  axes t 1\n"
                               "  walk t\n"
                               "  channel w depth 2\n"
                               "  channel o depth 2\n"
                               "  role loader\n"
                               "    loop 16\n"
                               "      reserve w\n"
                               "      do load_weights 1 into w\n"
                               "      commit w\n"
                               "    end\n"
                               "  role feeder\n"
                               "    loop 16\n"
                               "      wait w\n"
                               "      reserve o\n"
                               "      do matmul 512 into o\n"
                               "      commit o\n"
                               "      release w\n"
                               "    end\n"
                               "  role drain\n"
                               "    loop 16\n"
                               "      wait o\n"
                               "      release o\n"
                               "    end\n"
                               "run gemm\n";

/*
 * Ring all-reduce over 4 devices, 1 MB, links of 100 GB/s and 2 us: 2 (4 - 1) = 6
 * steps of 250 kB each: 6 * (2 + 2.5) = 27 us. Each link carries 6 * 250 kB =
 * 15 us of data, so the bound of the plan is 15 us.
 */
static const char ring[] = "server link0 B\n"
                           "server link1 B\n"
                           "server link2 B\n"
                           "server link3 B\n"
                           "act send0 B latency 2e-6\n"
                           "  link0 time 1e-11\n"
                           "act send1 B latency 2e-6\n"
                           "  link1 time 1e-11\n"
                           "act send2 B latency 2e-6\n"
                           "  link2 time 1e-11\n"
                           "act send3 B latency 2e-6\n"
                           "  link3 time 1e-11\n"
                           "kernel all_reduce on node\n"
                           "  axes n 1\n"
                           "  walk n\n"
                           "  channel c0 depth 2\n"
                           "  channel c1 depth 2\n"
                           "  channel c2 depth 2\n"
                           "  channel c3 depth 2\n"
                           "  role device0\n"
                           "    loop 6\n"
                           "      reserve c0\n"
                           "      do send0 250000 into c0\n"
                           "      commit c0\n"
                           "      wait c3\n"
                           "      release c3\n"
                           "    end\n"
                           "  role device1\n"
                           "    loop 6\n"
                           "      reserve c1\n"
                           "      do send1 250000 into c1\n"
                           "      commit c1\n"
                           "      wait c0\n"
                           "      release c0\n"
                           "    end\n"
                           "  role device2\n"
                           "    loop 6\n"
                           "      reserve c2\n"
                           "      do send2 250000 into c2\n"
                           "      commit c2\n"
                           "      wait c1\n"
                           "      release c1\n"
                           "    end\n"
                           "  role device3\n"
                           "    loop 6\n"
                           "      reserve c3\n"
                           "      do send3 250000 into c3\n"
                           "      commit c3\n"
                           "      wait c2\n"
                           "      release c2\n"
                           "    end\n"
                           "run all_reduce\n";

/*
 * One lane, textbook attention's scores of one query: 1,024 keys, each a blocking
 * load of 512 B at 10 GB/s (51.2 ns) with 400 ns latency, then 128 multiply-adds
 * in a chain of 4 ns each: (128 - 1) * 4 + 4 = 512 ns.
 * 1,024 * (51.2 + 400 + 512) ns = 986.3168 us, and no schedule of one lane can
 * be faster: bound = event.
 */
static const char one_lane[] = "server memory B\n"
                               "server lane op\n"
                               "act load B latency 400e-9\n"
                               "  memory time 1e-10\n"
                               "act fma op latency 4e-9\n"
                               "  lane time 1e-9\n"
                               "kernel scores on lane\n"
                               "  axes row 1\n"
                               "  walk row\n"
                               "  role lane\n"
                               "    loop 1024\n"
                               "      do load 512\n"
                               "      do fma 128 chain 128\n"
                               "    end\n"
                               "run scores\n";

/*
 * A pipeline of depth 40 in an FPGA at 300 MHz with an initiation interval of 2:
 * the first of 1,000 items takes 40 cycles, one more leaves every 2:
 * 40 + 999 * 2 = 2,038 cycles = 6.79333 us. The latency after an item's own two
 * cycles is 38.
 */
static const char fpga[] = "server pipeline op\n"
                           "act mac op latency 1.26666666666666667e-7\n"
                           "  pipeline time 6.6666666666666667e-9\n"
                           "kernel items on fabric\n"
                           "  axes n 1\n"
                           "  walk n\n"
                           "  role pipeline\n"
                           "    do mac 1000\n"
                           "run items\n";

/*
 * Two units, three tiles, one tile at a time on a unit, one memory: load 4 us,
 * compute 6 us. Unit 0: load 0-4, compute 4-10; unit 1: load 4-8, compute 8-14;
 * the third tile on unit 0: load 10-14, compute 14-20. End: 20 us.
 * Bound: three tiles' work on two units, (3 * (4 + 6)) / 2 = 15 us.
 */
static const char two_units[] = "server memory op for all\n"
                                "server pipe op\n"
                                "act load op\n"
                                "  memory time 4e-6\n"
                                "act compute op\n"
                                "  pipe time 6e-6\n"
                                "kernel tiles on unit units 2\n"
                                "  axes t 3\n"
                                "  walk t\n"
                                "  role tile\n"
                                "    do load 1\n"
                                "    do compute 1\n"
                                "run tiles\n";

/*
 * Two units take 100 items from a queue. A first role passes each on in 1 us, so the
 * units take turns: 0, 2, 4, ... and 1, 3, 5, ... A second role, which nothing holds
 * to the first, needs (t + 1) us for item t: 1 + 3 + ... + 99 = 2,500 us on one unit,
 * 2 + 4 + ... + 100 = 2,550 us on the other, long after the first role has taken the
 * last item at 50 us. Bound: (1 + 2 + ... + 100) / 2 = 2,525 us.
 */
static const char ahead[] = "server pass op\n"
                            "server work op\n"
                            "act hand_on op\n"
                            "  pass time 1e-6\n"
                            "act compute op\n"
                            "  work time 1e-6\n"
                            "kernel items on unit units 2 dispatch queue\n"
                            "  axes t 100\n"
                            "  walk t\n"
                            "  param size t 100 x ( 1 i + 1 ) / 1\n"
                            "  role first\n"
                            "    do hand_on 1\n"
                            "  role second\n"
                            "    do compute 1*size\n"
                            "run items\n";

/*
 * Tiles of 10 us of steps and 16 us until each has left, sums of two of them: the
 * steps of the third wait until the first has left, at 10 + 16 = 26 us, those of the
 * fourth until the second has, at 36 us. The fourth is summed at 46 us and has left at
 * 62 us: two tiles every 10 + 16 us. The steps alone are 4 * 10 us; what one role
 * does of a tile that leaves is 4 * 8 us.
 */
static const char two_tiles[] = "server pipe op\n"
                                "act steps op\n"
                                "  pipe time 10e-6\n"
                                "act half op latency 8e-6\n"
                                "kernel product on unit\n"
                                "  axes t 1\n"
                                "  walk t\n"
                                "  channel sums depth 2 consumers 2\n"
                                "  channel half depth 2\n"
                                "  role math\n"
                                "    loop 4\n"
                                "      reserve sums\n"
                                "      do steps 1\n"
                                "      commit sums\n"
                                "    end\n"
                                "  role drain\n"
                                "    loop 4\n"
                                "      wait sums\n"
                                "      reserve half\n"
                                "      do half 1\n"
                                "      commit half\n"
                                "      release sums\n"
                                "    end\n"
                                "  role store\n"
                                "    loop 4\n"
                                "      wait sums\n"
                                "      wait half\n"
                                "      do half 1\n"
                                "      release half\n"
                                "      release sums\n"
                                "    end\n"
                                "run product\n";

static const struct {
    const char *name, *plan;
    double event_s, bound_s;
} rows[] = {
    {"pipeline of four stages", pipeline, 509e-6, 500e-6},
    {"systolic array", systolic, 8.576e-6, 8.192e-6},
    {"ring all-reduce", ring, 27e-6, 15e-6},
    {"one lane", one_lane, 986.3168e-6, 986.3168e-6},
    {"FPGA pipeline", fpga, 2038 / 300e6, 2038 / 300e6},
    {"two units, three tiles", two_units, 20e-6, 15e-6},
    {"a role ahead of another", ahead, 2550e-6, 2525e-6},
    {"two tiles at once", two_tiles, 62e-6, 40e-6},
};

/** Both are sums of a few terms that are rounded to a femtosecond each. */
static void
ck_same_tick(const char *name, double got_s, double want_s)
{
    ck_assert_msg(fabs(got_s - want_s) <= 1000e-15, "%s: %.9g us, want %.9g us", name,
                  got_s * 1e6, want_s * 1e6);
}

START_TEST(both_engines_draw_the_schedule)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_plan *plan =
        psim_plan_read(&arena, &diag, rows[_i].name, rows[_i].plan);
    if (!plan) psim_diag_print(&diag, stderr, false);
    ck_assert_msg(plan != NULL, "%s: cannot be read", rows[_i].name);
    const char *fault = psim_plan_check(&arena, plan);
    ck_assert_msg(fault == NULL, "%s: %s", rows[_i].name, fault);

    struct psim_kernel_time time;
    psim_engine_find("event")->time(&arena, plan, &plan->launches[0], &time);
    ck_same_tick(rows[_i].name, time.time_s, rows[_i].event_s);
    ck_same_tick(rows[_i].name, time.bound_s, rows[_i].bound_s);
    const double sum =
        time.bound_s + time.refetch_s + time.fill_s + time.tail_s + time.contention_s;
    ck_same_tick(rows[_i].name, sum, rows[_i].event_s);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/schedules");
    TCase *tcase = tcase_create("by hand");
    tcase_add_loop_test(tcase, both_engines_draw_the_schedule, 0,
                        (int)PSIM_COUNT(rows));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
