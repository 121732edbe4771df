/* SPDX-License-Identifier: MIT */
/** @file Timelines of predictions: by hand, and what holds for all of them. */
#include <math.h>

#include "check_plans.h"
#include "model/workload.h"
#include "result/timeline.h"

static const struct psim_hw *
load(struct psim_arena *arena, const char *path)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_hw *hw = psim_hw_load(arena, &diag, path, NULL);
    if (!hw) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(hw);
    return hw;
}

/** Of ops in JSON, or of a file that ends in ".json". */
static const struct psim_result *
predict(struct psim_arena *arena, const struct psim_hw *hw, const char *ops,
        const struct psim_timeline_limits *limits, bool sustained)
{
    struct psim_diag diag = {.arena = arena};
    const bool file = strlen(ops) > 5 && strcmp(ops + strlen(ops) - 5, ".json") == 0;
    const char *text = psim_arena_printf(
        arena, "{\"schema\": \"perfsim/workload/v1\", \"ops\": [%s]}", ops);
    const struct psim_workload *w = file ? psim_workload_load(arena, &diag, ops, NULL)
                                         : psim_workload_read(arena, &diag, "w", text);
    const struct psim_predict_options options = {.engine = psim_engine_find("event"),
                                                 .sustained = sustained,
                                                 .timeline = limits};
    const struct psim_result *r =
        w ? psim_predict(arena, &diag, hw, w, &options) : NULL;
    if (!r) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(r);
    return r;
}

static void
check_near(const char *what, double got, double want, double within)
{
    CHECK_THAT(fabs(got - want) <= within * fabs(want), "%s: %.17g, not %.17g", what,
               got, want);
}

static const struct psim_counter *
counter_of(const struct psim_timeline *line, enum psim_counter_kind kind,
           const char *what)
{
    for (size_t i = 0; i < line->n_counters; i++) {
        const struct psim_counter *c = &line->counters[i];
        if (c->kind == kind && (!what || strcmp(c->what, what) == 0)) return c;
    }
    return NULL;
}

/* --- by hand -------------------------------------------------------------------- */

/*
 * The toy machine adds 8 numbers of 4 B on four lanes: two passes of 4. Two loads of
 * 16 B at 100 B/s take 0.16 s each; so the numbers of the first pass are there at
 * 0.32 s, of the second at 0.64 s, for there is room for both. Four additions at 200 a
 * second take 0.02 s, then the sums are stored, 0.16 s each, behind all loads: at
 * 0.64 s and at 0.8 s. The work-group posts its last store at 0.66 s and has ended; the
 * kernel ends at 0.96 s.
 */
static const struct {
    const char *track, *name;
    double start_s, end_s;
} toy_spans[] = {
    {"dram of chip 0", "load", 0, 0.16},
    {"dram of chip 0", "load", 0.16, 0.32},
    {"dram of chip 0", "load", 0.32, 0.48},
    {"dram of chip 0", "load", 0.48, 0.64},
    {"dram of chip 0", "store", 0.64, 0.8},
    {"dram of chip 0", "store", 0.8, 0.96},
    {"lane.fma of chip 0", "fma", 0.32, 0.34},
    {"lane.fma of chip 0", "fma", 0.64, 0.66},
    {"chip 0", "work-group", 0, 0.66},
};

START_TEST(toy_machine_adds_eight_numbers)
{
    static const double fma[] = {0, 0, 0, 0.2, 0, 0, 0.2, 0, 0, 0};
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena, "specs/toy.yaml");
    /* Ten points at most: steps of 0.1 s. */
    const struct psim_timeline_limits limits = {.points = 10};
    const struct psim_result *r =
        predict(&arena, hw,
                "{\"op\": \"elementwise\", \"function\": \"add\", \"elements\": 8, "
                "\"dtype\": \"fp32\"}",
                &limits, false);
    const struct psim_timeline *line = r->timeline;
    ck_assert_double_eq(line->time_s, r->time_s);
    check_near("time", line->time_s, 0.96, 1e-12);
    ck_assert_uint_eq(line->n_kernels, 1);
    ck_assert_uint_eq(line->n_spans, PSIM_COUNT(toy_spans));
    for (size_t i = 0; i < line->n_spans; i++) {
        const struct psim_span *span = &line->spans[i];
        ck_assert_str_eq(line->tracks[span->track].name, toy_spans[i].track);
        ck_assert_str_eq(span->name, toy_spans[i].name);
        check_near(span->name, span->start_s, toy_spans[i].start_s, 1e-12);
        check_near(span->name, span->end_s, toy_spans[i].end_s, 1e-12);
    }
    ck_assert_uint_eq(line->n_placed, 1);
    ck_assert_str_eq(line->detail, "");
    /* 0.02 s of work in each of the bins from 0.3 s and from 0.6 s on. */
    const struct psim_counter *busy = counter_of(line, PSIM_COUNTER_BUSY, "lane.fma");
    ck_assert_uint_eq(busy->n, 10);
    for (size_t i = 0; i < busy->n; i++) {
        check_near("busy", busy->value[i], fma[i], 1e-9);
    }
    /* The memory is busy all the time: 100 B/s, also in the last bin of 0.06 s. */
    const struct psim_counter *dram = counter_of(line, PSIM_COUNTER_BANDWIDTH, "dram");
    for (size_t i = 0; i < dram->n; i++) {
        check_near("bandwidth", dram->value[i], 100, 1e-9);
    }
    ck_assert_double_eq(dram->peak, 100);
    /* Until 0.66 s: 0.6 of the bin from 0.6 s on. */
    const struct psim_counter *full = counter_of(line, PSIM_COUNTER_OCCUPANCY, NULL);
    check_near("occupancy", full->value[5], 1, 1e-9);
    check_near("occupancy", full->value[6], 0.6, 1e-9);
    ck_assert_double_eq(full->value[7], 0);
    ck_assert_ptr_null(counter_of(line, PSIM_COUNTER_POWER, NULL));
    psim_arena_free(&arena);
}
END_TEST

/*
 * The machine of tests/fixtures/hw_watts.yaml adds 10^6 numbers in 12 ms
 * (test_power.c): 10 W at least, 5 W while the core works, 1 GB/s x 100 pJ/B = 0.1 W,
 * and 15 pJ for each of 83.3 million additions a second: 1.25 mW. A work-group has
 * ended once its last store is posted, some of which are still under way in the last of
 * 12 bins.
 */
START_TEST(power_is_what_draws_it)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena, "tests/fixtures/hw_watts.yaml");
    const struct psim_timeline_limits limits = {.points = 12};
    const struct psim_result *r = predict(
        &arena, hw,
        "{\"op\": \"elementwise\", \"function\": \"add\", \"elements\": 1000000, "
        "\"dtype\": \"fp32\"}",
        &limits, false);
    const struct psim_counter *power =
        counter_of(r->timeline, PSIM_COUNTER_POWER, NULL);
    ck_assert_double_eq(power->peak, 12);
    check_near("energy", power->mean * r->time_s, r->energy_j, 1e-12);
    for (size_t i = 0; i < power->n; i++) {
        check_near("power", power->value[i], 15.10125, 1e-2);
    }
    psim_arena_free(&arena);
}
END_TEST

static const char two_adds[] =
    "{\"op\": \"elementwise\", \"function\": \"add\", \"elements\": 1000, \"dtype\": "
    "\"fp32\"}, {\"op\": \"elementwise\", \"function\": \"mul\", \"elements\": 100000, "
    "\"dtype\": \"fp32\"}";

static const char resnet50[] =
    "{\"op\": \"model\", \"model\": \"resnet50\", \"batch\": 4, \"dtype\": \"fp16\", "
    "\"launch\": \"stream\"}";

/* --- of all timelines ------------------------------------------------------------- */

/** Kernels follow each other: wait, launch, run; the last one ends with the run. */
static void
check_kernels(const struct psim_result *r, const char *what)
{
    const struct psim_timeline *line = r->timeline;
    double before_s = 0;
    for (size_t i = 0; i < line->n_kernels; i++) {
        const struct psim_timeline_kernel *k = &line->kernels[i];
        const double begin_s = k->start_s - k->launch_s - k->wait_s;
        CHECK_THAT(fabs(begin_s - before_s) <= 1e-12 * line->time_s,
                   "%s: launch %zu begins at %.17g s, not %.17g s", what, i, begin_s,
                   before_s);
        CHECK_THAT(k->start_s <= k->end_s && k->wait_s >= 0, "%s: launch %zu", what, i);
        before_s = k->end_s;
    }
    CHECK_THAT(before_s == line->time_s, "%s: ends at %.17g s", what, before_s);
    CHECK_THAT(line->turns > 1 || line->time_s == r->time_s, "%s: %.17g s, not %.17g s",
               what, line->time_s, r->time_s);
}

static void
check_spans(struct psim_arena *arena, const struct psim_timeline *line,
            const char *what)
{
    double *busy_s = PSIM_NEW_N(arena, double, line->n_tracks + 1);
    double *free_s = PSIM_NEW_N(arena, double, line->n_tracks + 1);
    for (size_t i = 0; i < line->n_spans; i++) {
        const struct psim_span *span = &line->spans[i];
        const struct psim_timeline_kernel *k = &line->kernels[span->kernel];
        CHECK_THAT(i >= k->first_span && i < k->first_span + k->n_spans, "%s: order",
                   what);
        CHECK_THAT(free_s[span->track] <= span->start_s, "%s: overlap on %s", what,
                   line->tracks[span->track].name);
        CHECK_THAT(k->start_s <= span->start_s && span->start_s <= span->end_s &&
                       span->end_s <= k->end_s,
                   "%s: a span of %s is not in its kernel", what,
                   line->tracks[span->track].name);
        free_s[span->track] = span->end_s;
        busy_s[span->track] += span->busy_s;
    }
    for (size_t t = 0; t < line->n_tracks; t++) {
        CHECK_THAT(busy_s[t] == line->tracks[t].busy_s && busy_s[t] > 0,
                   "%s: %s is busy for %.17g s, its spans for %.17g s", what,
                   line->tracks[t].name, line->tracks[t].busy_s, busy_s[t]);
    }
    for (size_t i = 0; i < line->n_placed; i++) {
        const struct psim_placement_of *placed = &line->placed[i], *next = placed + 1;
        const struct psim_timeline_kernel *k = &line->kernels[placed->kernel];
        CHECK_THAT(placed->unit < k->units && placed->group < k->groups, "%s", what);
        CHECK_THAT(i >= k->first_placed && i < k->first_placed + k->n_placed, "%s",
                   what);
        for (size_t a = 0; a < 4; a++) {
            CHECK_THAT(placed->x[a] < k->extent[a] || k->extent[a] == 0, "%s", what);
        }
        CHECK_THAT(i + 1 == line->n_placed || next->kernel != placed->kernel ||
                       placed->start_s <= next->start_s,
                   "%s: placements are not in order", what);
    }
}

/** Over the run, counters are what the result says. */
static void
check_counters(const struct psim_result *r, const char *what)
{
    const struct psim_timeline *line = r->timeline;
    for (size_t i = 0; i < line->n_counters; i++) {
        const struct psim_counter *c = &line->counters[i];
        double sum = 0;
        for (size_t v = 0; v < c->n; v++) {
            const double end_s = fmin(line->time_s, (double)(v + 1) * c->step_s);
            sum += c->value[v] * (end_s - (double)v * c->step_s);
            CHECK_THAT(c->value[v] >= 0, "%s: %s is negative", what, c->name);
            CHECK_THAT(!c->percent || c->value[v] <= 1 + 1e-6, "%s: %s is %.17g", what,
                       c->name, c->value[v]);
        }
        check_near(c->name, sum, c->mean * line->time_s, 1e-6);
    }
    if (line->turns > 1) return;
    const struct psim_counter *power = counter_of(line, PSIM_COUNTER_POWER, NULL);
    CHECK_THAT((power != NULL) == (r->energy_j >= 0), "%s: power", what);
    if (power) check_near(what, power->mean * line->time_s, r->energy_j, 1e-9);
    for (size_t m = 0; m < r->n_memories; m++) {
        const struct psim_counter *c =
            counter_of(line, PSIM_COUNTER_BANDWIDTH, r->memories[m].name);
        CHECK_THAT(c != NULL, "%s: no bandwidth of %s", what, r->memories[m].name);
        check_near(c->name, c->mean * line->time_s,
                   r->memories[m].read + r->memories[m].written, 1e-9);
    }
}

static const struct {
    const char *machine, *ops;
    struct psim_timeline_limits limits;
    bool sustained;
} rows[] = {
    {"specs/h200.yaml", two_adds, {0}, false},
    {"tests/fixtures/hw_watts.yaml", two_adds, {0}, false},
    {"specs/a100.yaml", "workloads/flash_attn.json", {0}, false},
    {"specs/a100.yaml", "workloads/flash_attn.json", {0}, true},
    {"specs/h200.yaml", "workloads/naive_attn.json", {0}, false},
    {"specs/h200.yaml", "workloads/gemm.json", {.spans = 3000, .placed = 50}, true},
    {"specs/h200.yaml", resnet50, {.spans = 5000, .placed = 100}, false},
    {"specs/h200.yaml", resnet50, {.kernels = 40, .points = 77}, false},
    {"specs/h200.yaml", resnet50, {.kernels = 1}, false},
    {"specs/h200.yaml",
     resnet50,
     {.points = 400, .steps = 1e5, .seen_points = 6},
     false},
    {"specs/h200.yaml", resnet50, {.kernels = 9, .steps = 3e5, .seen_points = 3}, true},
    {"specs/a100.yaml", "workloads/llama3_8b_decode.json", {.kernels = 7}, false},
    {"specs/a100.yaml", "workloads/conv_im2col.json", {.steps = 1}, false},
    {"specs/h200.yaml", "workloads/mlp_chain.json", {.steps = 1e5}, false},
    {"specs/v100_sxm2.yaml", "workloads/naive_attn_serial.json", {0}, false},
    {"specs/zen5.yaml", "workloads/vector_add.json", {.spans = 100}, false},
    {"specs/toy.yaml", "workloads/vector_add.json", {0}, false},
};

START_TEST(timelines_add_up)
{
    struct psim_arena arena = {0};
    const char *what =
        psim_arena_printf(&arena, "%s on %s", rows[_i].ops, rows[_i].machine);
    const struct psim_hw *hw = load(&arena, rows[_i].machine);
    const struct psim_result *r =
        predict(&arena, hw, rows[_i].ops, &rows[_i].limits, rows[_i].sustained);
    const struct psim_result *plain =
        predict(&arena, hw, rows[_i].ops, NULL, rows[_i].sustained);
    const struct psim_timeline *line = r->timeline;
    const struct psim_timeline_limits *limits = &rows[_i].limits;
    ck_assert_ptr_null(plain->timeline);
    ck_assert_double_eq(plain->time_s, r->time_s);
    ck_assert_double_eq(plain->energy_j, r->energy_j);
    check_kernels(r, what);
    check_spans(&arena, line, what);
    check_counters(r, what);
    CHECK_THAT(limits->placed == 0 || line->n_placed <= limits->placed,
               "%s: %zu work-groups", what, line->n_placed);
    CHECK_THAT(limits->kernels == 0 || line->n_kernels <= limits->kernels,
               "%s: %zu kernels", what, line->n_kernels);
    /* About so many: at least one for each track and launch, and the work-groups. */
    CHECK_THAT(limits->spans == 0 ||
                   (double)line->n_spans <=
                       1.2 * (double)limits->spans + (double)line->n_placed,
               "%s: %zu spans", what, line->n_spans);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_is_joined_is_said)
{
    static const struct {
        struct psim_timeline_limits limits;
        const char *says;
    } words[] = {
        {{.spans = 3000}, "spans of a server that begin in the same"},
        {{.placed = 50}, "work-groups are joined, but for waves at the beginning"},
        {{.spans = 100}, "servers of 1 of 132 units are shown"},
        {{.kernels = 3}, "launches from the 3th on are joined to one"},
        {{.steps = 1e4}, "only sums are known"},
        {{.points = 100, .steps = 1e4, .seen_points = 100},
         "or are too short to be seen"},
    };
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena, "specs/h200.yaml");
    const struct psim_result *r =
        predict(&arena, hw, "workloads/naive_attn.json", &words[_i].limits, false);
    CHECK_THAT(strstr(r->timeline->detail, words[_i].says) != NULL, "'%s', not '%s'",
               r->timeline->detail, words[_i].says);
    psim_arena_free(&arena);
}
END_TEST

/*
 * Where no launch is long enough to be seen, a timeline has nothing but what was
 * predicted: a span of joined work-groups for each launch and unit. How busy it all is
 * on the whole is what it is if all of it is simulated, to a hundredth of the time;
 * slots, which are counted as taken until their unit has ended, to a twentieth.
 */
START_TEST(what_is_too_short_is_not_simulated)
{
    const struct psim_timeline_limits all = {.points = 100};
    const struct psim_timeline_limits none = {
        .points = 100, .steps = 1, .seen_points = 101};
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena, "specs/h200.yaml");
    const struct psim_timeline *full =
        predict(&arena, hw, resnet50, &all, false)->timeline;
    const struct psim_timeline *line =
        predict(&arena, hw, resnet50, &none, false)->timeline;
    ck_assert_uint_eq(line->n_kernels, full->n_kernels);
    ck_assert_uint_eq(line->n_placed, 0);
    for (size_t i = 0; i < line->n_spans; i++) {
        const struct psim_span *span = &line->spans[i];
        ck_assert_uint_eq(line->tracks[span->track].lane, PSIM_LANE_JOINED);
        ck_assert_double_eq(span->end_s, line->kernels[span->kernel].end_s);
    }
    ck_assert_uint_eq(line->n_counters, full->n_counters);
    for (size_t i = 0; i < full->n_counters; i++) {
        const struct psim_counter *was = &full->counters[i];
        const struct psim_counter *is = counter_of(line, was->kind, was->what);
        ck_assert_ptr_nonnull(is);
        const double within = was->kind == PSIM_COUNTER_OCCUPANCY ? 0.05 : 0.01;
        CHECK_THAT(!was->percent || fabs(is->mean - was->mean) <= within,
                   "%s: %g, not %g", was->name, is->mean, was->mean);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(analytic_engine_has_none)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = load(&arena, "specs/toy.yaml");
    const struct psim_timeline_limits limits = {0};
    const struct psim_predict_options options = {.engine = psim_engine_find("analytic"),
                                                 .timeline = &limits};
    const struct psim_workload *w =
        check_words(&arena, "elementwise function=add elements=8 dtype=fp32");
    ck_assert_ptr_null(psim_predict(&arena, &diag, hw, w, &options));
    ck_assert_uint_eq(diag.error_count, 1);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/timeline");
    TCase *hand = tcase_create("by hand");
    tcase_add_test(hand, toy_machine_adds_eight_numbers);
    tcase_add_test(hand, power_is_what_draws_it);
    suite_add_tcase(suite, hand);
    TCase *all = tcase_create("of all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, timelines_add_up, 0, (int)PSIM_COUNT(rows));
    tcase_add_loop_test(all, what_is_joined_is_said, 0, 6);
    tcase_add_test(all, what_is_too_short_is_not_simulated);
    tcase_add_test(all, analytic_engine_has_none);
    suite_add_tcase(suite, all);
    return check_main(suite);
}
