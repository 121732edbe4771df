/* SPDX-License-Identifier: MIT */
/** @file Where the time between the bound and the schedule goes: four terms, no rest.
 */
#include <math.h>

#include "check_machines.h"
#include "plan/plan_check.h"
#include "plan/plan_text.h"
#include "result/document.h"
#include "result/tables.h"
#include "result/terms.h"

/** Sums of five terms of one size: a few units in the last place. */
static const double rounding = 1e-12;

static void
check_terms(const char *text, const char *engine, const struct psim_kernel_time *t)
{
    const double sum =
        t->bound_s + t->refetch_s + t->fill_s + t->tail_s + t->contention_s;
    CHECK_THAT(fabs(sum - t->time_s) <= rounding * t->time_s,
               "%s, %s: %.12g + %.12g + %.12g + %.12g + %.12g us are not %.12g us",
               text, engine, t->bound_s * 1e6, t->refetch_s * 1e6, t->fill_s * 1e6,
               t->tail_s * 1e6, t->contention_s * 1e6, t->time_s * 1e6);
    CHECK_THAT(t->bound_s > 0 && t->refetch_s >= 0 && t->fill_s >= 0 && t->tail_s >= 0,
               "%s, %s: a term of the analytic engine is negative", text, engine);
}

START_TEST(the_terms_make_up_the_difference)
{
    enum { SHAPES = 100 };
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 30 * SHAPES, "only %u of %u shapes", built, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)_i,
                                           check_short((enum check_kind)_i));
        const struct psim_hw *hw = machines[i % n_machines];
        const struct psim_op *op = check_op(&arena, text);
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            text = psim_arena_printf(&arena, "%s on %s", text, hw->name);
            for (uint32_t k = 0; k < c.plan->n_kernels; k++) {
                const struct psim_launch launch = {.kernel = k};
                struct psim_kernel_time a, e;
                psim_engine_find("analytic")->time(&arena, c.plan, &launch, &a);
                psim_engine_find("event")->time(&arena, c.plan, &launch, &e);
                check_terms(text, "analytic", &a);
                check_terms(text, "event", &e);
                /* The closed form knows no waiting; the schedule's first three terms
                 * are those of the closed form. */
                CHECK_THAT(a.contention_s == 0 && e.refetch_s == a.refetch_s &&
                               e.fill_s == a.fill_s && e.tail_s == a.tail_s,
                           "%s: the engines differ in a term that both have", text);
            }
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- each term by hand -------------------------------------------------------------
 */

/*
 * One unit, a memory of 1 B/ns behind a cache of 1,000 B; 8 work-groups read the same
 * two panels of 600 B each in turn. Both do not fit: each is read 4 times, 4,800 B,
 * while 1,200 B would do.
 *   bound    1,200 ns of memory           (compulsory)
 *   refetch  3,600 ns
 */
static const char refetching[] = "server memory B\n"
                                 "cache near 1000 for all\n"
                                 "act load B\n"
                                 "  cache near miss 0\n"
                                 "  memory time 1e-9\n"
                                 "tensor panel 1 B 2/1 600/600\n"
                                 "kernel again on unit\n"
                                 "  axes p 2 r 4\n"
                                 "  walk p r\n"
                                 "  tile panel of panel\n"
                                 "    dim size 1 by p\n"
                                 "    dim size 600\n"
                                 "  use panel read 1200 write 0\n"
                                 "  role lane\n"
                                 "    do load 600 tile panel\n"
                                 "run again\n";

/*
 * Two units, three work-groups of 10 us each: the mean unit works 15 us, the one with
 * two of them 20 us. Nothing is filled, read again or waited for.
 */
static const char tail[] = "server pipe op\n"
                           "act compute op\n"
                           "  pipe time 10e-6\n"
                           "kernel three on unit units 2\n"
                           "  axes t 3\n"
                           "  walk t\n"
                           "  role lane\n"
                           "    do compute 1\n"
                           "run three\n";

/*
 * One unit, one work-group: 10 slots of 1 us of copy, each landing 5 us later, in a
 * channel of 8, then 1 us of compute each. The pipe is held for 10 us; before it lie
 * the first copy and its latency, 1 + 5 us: 16 us in all, 6 of them filling.
 */
static const char fill[] = "server mover op\n"
                           "server pipe op\n"
                           "act copy op latency 5e-6\n"
                           "  mover time 1e-6\n"
                           "act compute op\n"
                           "  pipe time 1e-6\n"
                           "kernel stages on unit\n"
                           "  axes t 1\n"
                           "  walk t\n"
                           "  channel c depth 8\n"
                           "  role load\n"
                           "    loop 10\n"
                           "      reserve c\n"
                           "      do copy 1 into c\n"
                           "      commit c\n"
                           "    end\n"
                           "  role math\n"
                           "    loop 10\n"
                           "      wait c\n"
                           "      do compute 1\n"
                           "      release c\n"
                           "    end\n"
                           "run stages\n";

static const struct {
    const char *name, *plan;
    double bound_s, refetch_s, fill_s, tail_s, time_s;
} rows[] = {
    {"refetch", refetching, 1200e-9, 3600e-9, 0, 0, 4800e-9},
    {"tail", tail, 15e-6, 0, 0, 5e-6, 20e-6},
    {"fill", fill, 10e-6, 0, 6e-6, 0, 16e-6},
};

START_TEST(a_term_is_what_its_name_says)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_plan *plan =
        psim_plan_read(&arena, &diag, rows[_i].name, rows[_i].plan);
    if (!plan) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(plan);
    const char *fault = psim_plan_check(&arena, plan);
    ck_assert_msg(fault == NULL, "%s: %s", rows[_i].name, fault);
    struct psim_kernel_time t;
    psim_engine_find("event")->time(&arena, plan, &plan->launches[0], &t);
    const double close_s = 1e-12; /* a few femtoseconds of rounding */
    ck_assert_double_eq_tol(t.bound_s, rows[_i].bound_s, close_s);
    ck_assert_double_eq_tol(t.refetch_s, rows[_i].refetch_s, close_s);
    ck_assert_double_eq_tol(t.fill_s, rows[_i].fill_s, close_s);
    ck_assert_double_eq_tol(t.tail_s, rows[_i].tail_s, close_s);
    ck_assert_double_eq_tol(t.contention_s, 0, close_s);
    ck_assert_double_eq_tol(t.time_s, rows[_i].time_s, close_s);
    psim_arena_free(&arena);
}
END_TEST

/* A kernel of 0.8 s whose fill is what a subtraction of doubles left, 2^-53 s = 111 as,
 * has no table of terms; one with a tail of 1 us has one, with that tail and without
 * the fill. */
START_TEST(rounding_is_no_term)
{
    struct psim_arena arena = {0};
    struct psim_kernel_result kernel = {
        .name = "k", .count = 1, .time_s = 0.8, .bound_s = 0.8, .fill_s = 0x1p-53};
    const struct psim_result result = {.kernels = &kernel, .n_kernels = 1};
    struct psim_document without = {0}, with = {0};
    psim_result_terms(&arena, &result, &without);
    ck_assert_uint_eq(without.n_tables, 0);
    kernel.tail_s = 1e-6;
    psim_result_terms(&arena, &result, &with);
    ck_assert_uint_eq(with.n_tables, 1);
    const struct psim_table *t = &with.tables[0];
    for (size_t c = 0; c < t->n_columns; c++) {
        const bool shown = t->cells[c].kind == PSIM_CELL_NUMBER;
        if (psim_str_equal(t->columns[c].key, "fill_s")) ck_assert(!shown);
        if (psim_str_equal(t->columns[c].key, "tail_s")) ck_assert(shown);
    }
    psim_arena_free(&arena);
}
END_TEST

/* Three launches of a kernel, each 2 s after one of 0.5 s: bound 1, clock 0.25, refetch
 * 0.125, fill 0.5, tail 0.25, contention -0.125. The host lets the machine wait for 1.5
 * s: 3 x 2.5 + 1.5 = 9 s, and so the rows sum to. */
START_TEST(rows_of_the_difference_sum_to_the_time)
{
    struct psim_arena arena = {0};
    struct psim_kernel_result kernel = {.name = "k",
                                        .count = 3,
                                        .time_s = 2,
                                        .launch_s = 0.5,
                                        .bound_s = 1,
                                        .clock_s = 0.25,
                                        .refetch_s = 0.125,
                                        .fill_s = 0.5,
                                        .tail_s = 0.25,
                                        .contention_s = -0.125};
    const struct psim_result event = {
        .kernels = &kernel, .n_kernels = 1, .time_s = 9, .host_wait_s = 1.5};
    struct psim_document d = {0};
    psim_result_difference(&arena, &event, &event, &d);
    const struct psim_table *t = &d.tables[0];
    double sum = 0;
    for (size_t row = 0; row < t->n_rows; row++) {
        sum += t->cells[row * t->n_columns + 1].number;
    }
    ck_assert_double_eq(sum, 9);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/difference");
    TCase *tcase = tcase_create("terms");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, the_terms_make_up_the_difference, 0, CHECK_N_KINDS);
    tcase_add_loop_test(tcase, a_term_is_what_its_name_says, 0, (int)PSIM_COUNT(rows));
    tcase_add_test(tcase, rounding_is_no_term);
    tcase_add_test(tcase, rows_of_the_difference_sum_to_the_time);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
