/* SPDX-License-Identifier: MIT */
/** @file What the event engine keeps of a kernel: by hand, and sums of any kernel. */
#include <math.h>

#include "check_machines.h"
#include "plan/plan_text.h"
#include "sim/tape.h"

static const struct psim_plan *
read_plan(struct psim_arena *arena, const char *text)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_plan *plan = psim_plan_read(arena, &diag, "plan", text);
    if (!plan) psim_diag_print(&diag, stderr, false);
    CHECK_THAT(plan != NULL, "cannot be read:\n%s", text);
    return plan;
}

/** Everything by itself; counters in bins of a microsecond. */
static struct psim_tape_detail
all_of(const struct psim_plan *plan)
{
    return (struct psim_tape_detail){
        .in_full = true,
        .step_s = 1e-6,
        .n_bins = 100,
        .of_units = plan->kernels[0].units,
        .shown = plan->kernels[0].units,
        .closely = plan->kernels[0].units,
        .first_s = (double)INFINITY,
        .most_single = SIZE_MAX,
        .first_groups = UINT64_MAX,
        .group_units = plan->kernels[0].units,
    };
}

static struct psim_tape
run(struct psim_arena *arena, const struct psim_plan *plan,
    const struct psim_tape_detail *detail, struct psim_kernel_time *ret)
{
    struct psim_tape tape = {.arena = arena, .detail = *detail};
    const struct psim_launch launch = {0};
    psim_engine_find("event")->tape(arena, plan, &launch, &tape, ret);
    return tape;
}

static double
us(const struct psim_tape *tape, psim_tick ticks)
{
    return (double)ticks * tape->tick_s * 1e6;
}

static void
check_us(const char *what, double got, double want)
{
    CHECK_THAT(fabs(got - want) < 1e-6, "%s: %.9g us, not %.9g us", what, got, want);
}

/* --- by hand -------------------------------------------------------------------- */

/*
 * Two units, three work-groups, one memory. A load of 1,000 B holds the memory for 1 us
 * and is there 1 us later; then 2 us of work. Unit 0: load 0-1, there at 2, work 2-4;
 * unit 1: load 1-2, there at 3, work 3-5; the third, on unit 0 from 4 on: load 4-5,
 * there at 6, work 6-8.
 */
static const char two_units[] = "server memory B for all\n"
                                "server pipe op\n"
                                "act load B latency 1e-6\n"
                                "  memory time 1e-9\n"
                                "act work op\n"
                                "  pipe time 1e-6\n"
                                "kernel tiles on unit units 2\n"
                                "  axes t 3\n"
                                "  walk t\n"
                                "  role tile\n"
                                "    do load 1000\n"
                                "    do work 2\n"
                                "run tiles\n";

static const struct {
    uint32_t unit;
    const char *act;
    uint64_t item;
    double start_us, end_us;
} two_units_spans[] = {
    /* The pipes of units come first. */
    {0, "work", 0, 2, 4}, {0, "work", 2, 6, 8}, {1, "work", 1, 3, 5},
    {0, "load", 0, 0, 1}, {1, "load", 1, 1, 2}, {0, "load", 2, 4, 5},
};

START_TEST(two_units_take_three_tiles)
{
    static const double groups_us[][2] = {{0, 4}, {0, 5}, {4, 8}};
    static const uint32_t units[] = {0, 1, 0};
    /* Of two units: both until 4 us, and one after, for the third is there at once. */
    static const double resident[] = {2, 2, 2, 2, 2, 1, 1, 1, 0};
    struct psim_arena arena = {0};
    const struct psim_plan *plan = read_plan(&arena, two_units);
    const struct psim_tape_detail detail = all_of(plan);
    struct psim_kernel_time time;
    const struct psim_tape tape = run(&arena, plan, &detail, &time);
    ck_assert_uint_eq(tape.n_spans, PSIM_COUNT(two_units_spans));
    for (size_t i = 0; i < tape.n_spans; i++) {
        const struct psim_tape_span *span = &tape.spans[i];
        ck_assert_str_eq(tape.pairs[span->pair].act, two_units_spans[i].act);
        ck_assert_uint_eq(span->item, two_units_spans[i].item);
        ck_assert_uint_eq(span->count, 1);
        check_us("start", us(&tape, span->start), two_units_spans[i].start_us);
        check_us("end", us(&tape, span->end), two_units_spans[i].end_us);
        const uint32_t server = strcmp(two_units_spans[i].act, "work") == 0 ? 1 : 0;
        ck_assert_uint_eq(span->instance,
                          psim_tape_instance(&tape, server, two_units_spans[i].unit));
    }
    ck_assert_uint_eq(tape.n_groups, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(tape.groups[i].item, i);
        ck_assert_uint_eq(tape.groups[i].unit, units[i]);
        ck_assert_uint_eq(tape.groups[i].lane, 0);
        check_us("start", us(&tape, tape.groups[i].start), groups_us[i][0]);
        check_us("end", us(&tape, tape.groups[i].end), groups_us[i][1]);
    }
    for (size_t i = 0; i < PSIM_COUNT(resident); i++) {
        check_us("resident", tape.resident[i] * tape.tick_s * 1e6, resident[i]);
        check_us("active", tape.active[i] * tape.tick_s * 1e6, resident[i]);
    }
    psim_arena_free(&arena);
}
END_TEST

/*
 * Two units take six items from a queue; one role passes each on in 1 us, another needs
 * (t + 1) us for item t, and nothing holds it to the first. Unit 0 takes 0, 2 and 4 at
 * 0, 1 and 2 us; the second role has them at 0-1, 1-4 and 4-9. Unit 1: 1, 3 and 5 at
 * 0, 1 and 2 us, done at 0-2, 2-6 and 6-12. A work-group is there from the first role's
 * coming to the second one's end, so they overlap: those of a unit lie in lanes.
 */
static const char run_ahead[] = "server pass op\n"
                                "server work op\n"
                                "act hand_on op\n"
                                "  pass time 1e-6\n"
                                "act compute op\n"
                                "  work time 1e-6\n"
                                "kernel items on unit units 2 dispatch queue\n"
                                "  axes t 6\n"
                                "  walk t\n"
                                "  param size t 6 x ( 1 i + 1 ) / 1\n"
                                "  role first\n"
                                "    do hand_on 1\n"
                                "  role second\n"
                                "    do compute 1*size\n"
                                "run items\n";

START_TEST(roles_run_ahead_in_lanes)
{
    static const struct {
        uint64_t item;
        uint32_t unit, lane;
        double start_us, end_us;
    } rows[] = {
        /* Item 2 begins before the second role is done with item 0, item 5 before it is
         * with item 1: at the same instant, but the first role comes first. */
        {0, 0, 0, 0, 1}, {1, 1, 0, 0, 2}, {2, 0, 1, 1, 4},
        {3, 1, 1, 1, 6}, {4, 0, 0, 2, 9}, {5, 1, 2, 2, 12},
    };
    struct psim_arena arena = {0};
    const struct psim_plan *plan = read_plan(&arena, run_ahead);
    const struct psim_tape_detail detail = all_of(plan);
    struct psim_kernel_time time;
    const struct psim_tape tape = run(&arena, plan, &detail, &time);
    ck_assert_uint_eq(tape.n_groups, PSIM_COUNT(rows));
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        const struct psim_tape_group *group = &tape.groups[i];
        ck_assert_uint_eq(group->item, rows[i].item);
        ck_assert_uint_eq(group->unit, rows[i].unit);
        ck_assert_uint_eq(group->lane, rows[i].lane);
        check_us("start", us(&tape, group->start), rows[i].start_us);
        check_us("end", us(&tape, group->end), rows[i].end_us);
    }
    /* A slot has something to do however many items it has: one unit ends at 9 us. */
    double resident = 0;
    for (size_t i = 0; i < detail.n_bins; i++) {
        resident += tape.resident[i] * tape.tick_s * 1e6;
    }
    check_us("resident", resident, 9 + 12);
    psim_arena_free(&arena);
}
END_TEST

/*
 * A hundred turns of 1 us of loading and 3 us of work. Spans that begin in the first 8
 * us or from 392 us on stand for themselves; others that begin in the same 40 us are
 * joined: the load at 0 and 4 alone, then those that begin at 8 to 36 us (8 of them),
 * at 40 to 76 us (10) ... 360 to 388 us (8), alone at 392 and 396 us.
 */
static const char turns[] = "server memory op\n"
                            "server pipe op\n"
                            "act load op\n"
                            "  memory time 1e-6\n"
                            "act work op\n"
                            "  pipe time 3e-6\n"
                            "kernel turns on unit\n"
                            "  axes t 1\n"
                            "  walk t\n"
                            "  role tile\n"
                            "    loop 100\n"
                            "      do load 1\n"
                            "      do work 1\n"
                            "    end\n"
                            "run turns\n";

START_TEST(spans_are_joined_between_first_and_last)
{
    struct psim_arena arena = {0};
    const struct psim_plan *plan = read_plan(&arena, turns);
    struct psim_tape_detail detail = all_of(plan);
    detail.first_s = 8e-6;
    detail.last_s = 392e-6;
    detail.join_closely_s = 40e-6;
    detail.n_bins = 4;
    detail.step_s = 100e-6;
    struct psim_kernel_time time;
    const struct psim_tape tape = run(&arena, plan, &detail, &time);
    /* Two singles, ten joined, two singles: of the memory, and the same of the pipe. */
    ck_assert_uint_eq(tape.n_spans, 2 * 14);
    for (size_t i = 0; i < 14; i++) {
        const struct psim_tape_span *span = &tape.spans[i];
        const bool single = i < 2 || i >= 12, shorter = i == 2 || i == 11;
        const unsigned count = single ? 1 : shorter ? 8 : 10;
        /* Stretch j begins at 40 j us. */
        const double start_us = i < 3     ? 4.0 * (double)i
                                : i >= 12 ? 392 + 4.0 * (double)(i - 12)
                                          : 40.0 * (double)(i - 2);
        ck_assert_uint_eq(span->count, count);
        check_us("start", us(&tape, span->start), start_us);
        check_us("end", us(&tape, span->end), start_us + 4.0 * (count - 1) + 1);
        check_us("busy", us(&tape, span->busy), count);
    }
    /* A quarter of the time: 25 us in each bin of 100 us; the pipe the rest of it. */
    for (size_t bin = 0; bin < 4; bin++) {
        check_us("memory", tape.held[bin] * tape.tick_s * 1e6, 25);
        check_us("pipe", tape.held[detail.n_bins + bin] * tape.tick_s * 1e6, 75);
    }
    psim_arena_free(&arena);
}
END_TEST

/* No more singles than are allowed; others are joined. */
START_TEST(too_many_singles_are_joined)
{
    struct psim_arena arena = {0};
    const struct psim_plan *plan = read_plan(&arena, turns);
    struct psim_tape_detail detail = all_of(plan);
    detail.first_s = 80e-6;
    detail.last_s = 392e-6;
    detail.join_closely_s = 1;
    detail.most_single = 10;
    struct psim_kernel_time time;
    const struct psim_tape tape = run(&arena, plan, &detail, &time);
    /* 20 turns begin in 80 us: 40 spans, of which 10 stand for themselves; all 4 of the
     * last two turns do. All others of a server are one. */
    ck_assert_uint_eq(tape.n_spans, 10 + 2 + 4);
    psim_arena_free(&arena);
}
END_TEST

/*
 * The three tiles with the first work-group by itself: the other one of unit 0 begins
 * when that has ended, the one of unit 1 at once. Where a unit is left out, nothing is
 * kept of it.
 */
START_TEST(other_groups_are_joined)
{
    struct psim_arena arena = {0};
    const struct psim_plan *plan = read_plan(&arena, two_units);
    struct psim_tape_detail detail = all_of(plan);
    struct psim_kernel_time time;
    detail.first_groups = 1;
    struct psim_tape tape = run(&arena, plan, &detail, &time);
    ck_assert_uint_eq(tape.n_groups, 1);
    ck_assert_uint_eq(tape.n_joined, 2);
    ck_assert_uint_eq(tape.joined[0].unit, 0);
    check_us("unit 0", us(&tape, tape.joined[0].start), 4);
    check_us("unit 0", us(&tape, tape.joined[0].end), 8);
    check_us("unit 1", us(&tape, tape.joined[1].end), 5);
    ck_assert_uint_eq(tape.joined[1].count, 1);
    detail.first_groups = 0;
    detail.group_units = detail.shown = detail.closely = 1;
    tape = run(&arena, plan, &detail, &time);
    /* Both of unit 0, one right after the other. */
    ck_assert_uint_eq(tape.n_joined, 1);
    ck_assert_uint_eq(tape.joined[0].count, 2);
    check_us("unit 0", us(&tape, tape.joined[0].start), 0);
    check_us("unit 0", us(&tape, tape.joined[0].end), 8);
    ck_assert_uint_eq(tape.n_spans, PSIM_COUNT(two_units_spans) - 1);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(chosen_units_are_even)
{
    /* The first and the last of 132, and of three the middle one: 131 / 2 = 65. */
    for (uint32_t units = 1; units < 140; units++) {
        for (uint32_t n = 1; n < 150; n++) {
            uint32_t chosen = 0;
            for (uint32_t u = 0; u < units; u++) {
                if (psim_tape_is_chosen(u, n, units)) chosen++;
            }
            CHECK_THAT(chosen == (n < units ? n : units), "%u of %u: %u", n, units,
                       chosen);
            CHECK_THAT(psim_tape_is_chosen(0, n, units), "%u of %u: not the first", n,
                       units);
        }
    }
    ck_assert(psim_tape_is_chosen(131, 2, 132));
    ck_assert(psim_tape_is_chosen(65, 3, 132));
    ck_assert(!psim_tape_is_chosen(66, 3, 132));
    ck_assert(!psim_tape_is_chosen(0, 0, 132));
}
END_TEST

/* --- of any kernel ---------------------------------------------------------------- */

/** What is kept must not change what comes out. */
static void
check_same_time(const struct psim_plan *plan, const struct psim_kernel_time *a,
                const struct psim_kernel_time *b, const char *text)
{
    CHECK_THAT(a->time_s == b->time_s && a->events == b->events, "%s: another time",
               text);
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        CHECK_THAT(memcmp(&a->loads[v], &b->loads[v], sizeof a->loads[v]) == 0,
                   "%s: %s has another load", text, plan->servers[v].name);
    }
}

/** Spans of an instance follow each other, and their sum is what it did. */
static void
check_spans(struct psim_arena *arena, const struct psim_tape *tape, const char *text)
{
    psim_tick *busy = PSIM_NEW_N(arena, psim_tick, tape->n_instances + 1);
    for (size_t i = 0; i < tape->n_spans; i++) {
        const struct psim_tape_span *span = &tape->spans[i], *before = span - 1;
        const bool same = i > 0 && before->instance == span->instance;
        CHECK_THAT(i == 0 || before->instance <= span->instance, "%s: order", text);
        CHECK_THAT(!same || before->end <= span->start, "%s: spans overlap", text);
        CHECK_THAT(span->busy <= span->end - span->start, "%s: too busy", text);
        CHECK_THAT(span->count > 1 || span->busy == span->end - span->start,
                   "%s: a single span with a gap", text);
        busy[span->instance] += span->busy;
    }
    for (size_t i = 0; i < tape->n_instances; i++) {
        CHECK_THAT(busy[i] == (tape->kept[i] ? tape->busy[i] : 0),
                   "%s: instance %zu is busy for %llu ticks, its spans for %llu", text,
                   i, (unsigned long long)tape->busy[i], (unsigned long long)busy[i]);
    }
}

static void
check_groups(struct psim_arena *arena, const struct psim_tape *tape,
             const struct psim_plan *plan, uint32_t kernel, const char *text)
{
    enum { LANES = 64 };
    const struct psim_kernel *k = &plan->kernels[kernel];
    psim_tick *free_at = PSIM_NEW_N(arena, psim_tick, (size_t)k->units * LANES);
    uint64_t n = tape->n_groups;
    for (size_t i = 0; i < tape->n_groups; i++) {
        const struct psim_tape_group *group = &tape->groups[i];
        psim_tick *lane = &free_at[(size_t)group->unit * LANES + group->lane];
        CHECK_THAT(group->start <= group->end, "%s: ends before it begins", text);
        CHECK_THAT(*lane <= group->start, "%s: two work-groups in a lane", text);
        *lane = group->end;
    }
    for (size_t i = 0; i < tape->n_joined; i++) {
        CHECK_THAT(tape->joined[i].start <= tape->joined[i].end, "%s: joined", text);
        n += tape->joined[i].count;
    }
    CHECK_THAT(tape->detail.group_units < k->units || n == psim_kernel_items(k),
               "%s: %llu work-groups of %llu", text, (unsigned long long)n,
               (unsigned long long)psim_kernel_items(k));
}

/** Bins hold what servers did in all, and no more than fits. */
static void
check_bins(const struct psim_tape *tape, const struct psim_plan *plan, uint32_t kernel,
           const char *text)
{
    const struct psim_kernel *k = &plan->kernels[kernel];
    const size_t n = tape->detail.n_bins;
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        double held = 0, busy = 0;
        size_t before = SIZE_MAX;
        for (size_t p = 0; p < tape->n_pairs; p++) {
            if (tape->pairs[p].server != v) continue;
            for (size_t i = 0; i < n; i++) {
                held += tape->held[p * n + i];
            }
        }
        for (uint32_t u = 0; u < k->units; u++) {
            const size_t i = psim_tape_instance(tape, v, u);
            if (i != before) busy += (double)tape->busy[i];
            before = i;
        }
        CHECK_THAT(fabs(held - busy) <= 1e-9 * busy, "%s: %s: %.17g ticks, not %.17g",
                   text, plan->servers[v].name, held, busy);
    }
    const double full = tape->detail.step_s / tape->tick_s * k->units * (1 + 1e-9);
    for (size_t i = 0; i + 1 < n; i++) {
        CHECK_THAT(tape->active[i] <= full, "%s: more units than there are", text);
        CHECK_THAT(tape->resident[i] <= full * k->resident, "%s: too many", text);
    }
}

/** Some detail that leaves out this or that. */
static struct psim_tape_detail
draw_detail(struct check_random *random, const struct psim_kernel *k, double time_s)
{
    const uint32_t n = (uint32_t)check_draw(random, 1, k->units);
    const bool all = check_draw(random, 0, 2) == 0;
    return (struct psim_tape_detail){
        .in_full = true,
        .step_s = time_s / (double)check_draw(random, 1, 50),
        .phase_s = time_s / (double)check_draw(random, 100, 1000),
        .n_bins = check_draw(random, 1, 60),
        .of_units = k->units,
        .shown = all ? k->units : n,
        .closely = all ? k->units : (uint32_t)check_draw(random, 1, 2),
        .first_s = all ? (double)INFINITY : time_s / 10,
        .last_s = time_s * 0.9,
        .most_single = all ? SIZE_MAX : check_draw(random, 0, 1000),
        .join_closely_s = time_s / (double)check_draw(random, 1, 500),
        .join_s = time_s / (double)check_draw(random, 1, 50),
        .first_groups = all ? UINT64_MAX : check_draw(random, 0, 20),
        .last_groups = check_draw(random, 0, 20),
        .group_units = all ? k->units : n,
    };
}

START_TEST(sums_are_those_of_the_run)
{
    enum { SHAPES = 25 };
    struct psim_arena arena = {0};
    struct check_random random = {(uint64_t)_i + 4711};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 40 * SHAPES, "only %u of %u shapes", built, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)_i,
                                           check_short((enum check_kind)_i));
        const struct psim_hw *hw = machines[i % n_machines];
        const struct psim_op *op = check_op(&arena, text);
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            text = psim_arena_printf(&arena, "%s on %s", text, hw->name);
            for (uint32_t k = 0; k < c.plan->n_kernels; k++) {
                const struct psim_engine *engine = psim_engine_find("event");
                const struct psim_launch launch = {.kernel = k};
                struct psim_kernel_time plain, taped;
                engine->time(&arena, c.plan, &launch, &plain);
                struct psim_tape tape = {
                    .arena = &arena,
                    .detail = draw_detail(&random, &c.plan->kernels[k], plain.time_s)};
                engine->tape(&arena, c.plan, &launch, &tape, &taped);
                check_same_time(c.plan, &plain, &taped, text);
                check_spans(&arena, &tape, text);
                check_groups(&arena, &tape, c.plan, k, text);
                check_bins(&tape, c.plan, k, text);
            }
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/tape");
    TCase *hand = tcase_create("by hand");
    tcase_add_test(hand, two_units_take_three_tiles);
    tcase_add_test(hand, roles_run_ahead_in_lanes);
    tcase_add_test(hand, spans_are_joined_between_first_and_last);
    tcase_add_test(hand, too_many_singles_are_joined);
    tcase_add_test(hand, other_groups_are_joined);
    tcase_add_test(hand, chosen_units_are_even);
    suite_add_tcase(suite, hand);
    TCase *any = tcase_create("of any kernel");
    tcase_set_timeout(any, 120);
    tcase_add_loop_test(any, sums_are_those_of_the_run, 0, CHECK_N_KINDS);
    suite_add_tcase(suite, any);
    return check_main(suite);
}
