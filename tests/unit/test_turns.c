/* SPDX-License-Identifier: MIT */
/** @file Who waits for whom where units take turns: schedules by hand (eq. E4, E5,
 * M15).
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "plan/plan_check.h"
#include "plan/plan_text.h"
#include "sim/engine.h"
#include "util/arena.h"

/*
 * Two work-groups on one unit: 10 us on a pipe, 5 us elsewhere, 1 us on the pipe. One
 * after the other, the first has the pipe until 10, comes back at 15 and finds it taken
 * until 20, so that it ends at 21; the second has it until 20 and again from 25: 26 us.
 * In phase both are done with the long one at 20, come back at 25, and have 2 us:
 * 27 us. In phase for 0.6 of the time the first is done at 10 + 0.6 (20 - 10) = 16, and
 * back at 21, when the second has left: they do not meet again, 26 us.
 */
#define TWO_GROUPS(phase)                                                              \
    "server pipe op\n"                                                                 \
    "act work op\n"                                                                    \
    "  pipe time 1e-6\n"                                                               \
    "act elsewhere op latency 5e-6\n"                                                  \
    "kernel groups on unit units 1 resident 2 dispatch each" phase "\n"                \
    "  axes g 2\n"                                                                     \
    "  walk g\n"                                                                       \
    "  role lanes\n"                                                                   \
    "    do work 10\n"                                                                 \
    "    do elsewhere 1\n"                                                             \
    "    do work 1\n"                                                                  \
    "run groups\n"

/*
 * Two roles on a unit with room for two work-groups, four gangs in all. One asks for
 * 10 us of the pipe at 0, the other for 1 us at 5, and then waits for 20 us. In order
 * that 1 us begins at 10, and all ends at 31. Of four that take turns none waits for
 * more than four times what it asks: 5 + 4 + 20 = 29 us.
 */
#define TWO_ROLES(phase)                                                               \
    "server pipe op\n"                                                                 \
    "act work op\n"                                                                    \
    "  pipe time 1e-6\n"                                                               \
    "act before op latency 5e-6\n"                                                     \
    "act behind op latency 2e-5\n"                                                     \
    "kernel roles on unit units 1 resident 2 dispatch each" phase "\n"                 \
    "  axes g 1\n"                                                                     \
    "  walk g\n"                                                                       \
    "  role long\n"                                                                    \
    "    do work 10\n"                                                                 \
    "  role short\n"                                                                   \
    "    do before 1\n"                                                                \
    "    do work 1\n"                                                                  \
    "    do behind 1\n"                                                                \
    "run roles\n"

/*
 * Two units load 10 us from one memory, work for 5 us and store 10 us. In the order in
 * which they ask: loads end at 10 and 20; the first works until 15 and stores from 20,
 * as the memory is taken, until 30; the second stores from 30 until 40 us. Interleaved,
 * both loads end at 20, and both work until 25: stores end at 35 and 45 us.
 */
#define TWO_UNITS(phase)                                                               \
    "server memory op for all\n"                                                       \
    "server pipe op\n"                                                                 \
    "act load op\n"                                                                    \
    "  memory time 1e-5\n"                                                             \
    "act work op\n"                                                                    \
    "  pipe time 5e-6\n"                                                               \
    "act store op\n"                                                                   \
    "  memory time 1e-5\n"                                                             \
    "kernel units on unit units 2 dispatch each" phase "\n"                            \
    "  axes g 2\n"                                                                     \
    "  walk g\n"                                                                       \
    "  channel c depth 1\n"                                                            \
    "  role lanes\n"                                                                   \
    "    reserve c\n"                                                                  \
    "    do load 1 into c\n"                                                           \
    "    commit c\n"                                                                   \
    "    wait c\n"                                                                     \
    "    do work 1\n"                                                                  \
    "    release c\n"                                                                  \
    "    do store 1\n"                                                                 \
    "run units\n"

/*
 * 10 us of reads, then 10 us of writes. The analytic engine takes 40 us for it: those
 * of the memory, and around them what a lone item takes. So the memory counts as busy
 * for half of the time, and a read waits for half a turn of 2 us: 10 + 1 + 10 = 21 us.
 * Where half as much is written, for a quarter: 10 + 0.5 + 5 = 15.5 us.
 */
#define TURNING(turn, written)                                                         \
    "server memory B for all home" turn "\n"                                           \
    "act load B\n"                                                                     \
    "  memory time 1e-6 count 1\n"                                                     \
    "act put B\n"                                                                      \
    "  memory time 1e-6 count 1\n"                                                     \
    "tensor out 1 B 10/10\n"                                                           \
    "kernel both on unit units 1 dispatch each\n"                                      \
    "  axes g 1\n"                                                                     \
    "  walk g\n"                                                                       \
    "  tile out of out\n"                                                              \
    "    dim size 10\n"                                                                \
    "  role lanes\n"                                                                   \
    "    do load 10\n"                                                                 \
    "    do put " written " tile out store stream\n"                                   \
    "run both\n"

static const struct {
    const char *name, *plan;
    double event_s;
} rows[] = {
    {"groups one after the other", TWO_GROUPS(""), 26e-6},
    {"groups in phase", TWO_GROUPS(" in_phase 1"), 27e-6},
    {"groups partly in phase", TWO_GROUPS(" in_phase 0.6"), 26e-6},
    {"roles in order", TWO_ROLES(""), 31e-6},
    {"roles in turn", TWO_ROLES(" in_phase 1e-12"), 29e-6},
    {"units in order", TWO_UNITS(""), 40e-6},
    {"units interleaved", TWO_UNITS(" in_phase 1"), 45e-6},
    {"a bus that turns at once", TURNING("", "10"), 20e-6},
    {"a bus that turns", TURNING(" turn 2e-6", "10"), 21e-6},
    {"a bus that turns half as often", TURNING(" turn 2e-6", "5"), 15.5e-6},
};

START_TEST(units_take_turns)
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
    ck_assert_msg(fabs(time.time_s - rows[_i].event_s) <= 1000e-15,
                  "%s: %.9g us, want %.9g us", rows[_i].name, time.time_s * 1e6,
                  rows[_i].event_s * 1e6);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/turns");
    TCase *tcase = tcase_create("by hand");
    tcase_add_loop_test(tcase, units_take_turns, 0, (int)PSIM_COUNT(rows));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
