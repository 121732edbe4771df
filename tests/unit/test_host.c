/* SPDX-License-Identifier: MIT */
/** @file Copies from and to a host, and which kernel copies within the memory. */
#include <math.h>
#include <string.h>

#include "check_plans.h"
#include "sim/predict.h"

static const char *const engines[] = {"analytic", "event"};

/** What is laid over a machine; NULL: nothing. */
static const struct psim_result *
predict(struct psim_arena *arena, const char *machine, const char *engine,
        const char *words, const char *const *sets, size_t n_sets)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_hw_layers layers = {.sets = sets, .n_sets = n_sets};
    const struct psim_hw *hw = psim_hw_load(arena, &diag, machine, &layers);
    const char *text = psim_arena_printf(
        arena,
        "{\"schema\": \"perfsim/workload/v1\", \"name\": \"t\", \"ops\": "
        "[{\"op\": \"copy\", %s}]}",
        words);
    const struct psim_workload *workload = psim_workload_read(arena, &diag, "t", text);
    ck_assert_msg(hw && workload, "%s", check_printed(arena, &diag, false));
    const struct psim_predict_options options = {.engine = psim_engine_find(engine)};
    const struct psim_result *result =
        psim_predict(arena, &diag, hw, workload, &options);
    ck_assert_msg(result != NULL, "%s", check_printed(arena, &diag, false));
    return result;
}

/* --- by hand -------------------------------------------------------------------------
 */

/*
 * A machine for the blackboard: 10 B/s from the host, half of it back, 1 s each way;
 * the host's own copies at 4 B/s through two buffers of 20 B; 2 s to set a copy up, 3 s
 * more of pageable memory. DRAM, at 100 B/s and without latency, is never short.
 *
 *   pinned, in, 100 B     100 / 10 = 10 s; there and back 2 s                    12 s
 *   pinned, out, 100 B    100 / 5 = 20 s; one way 1 s                            21 s
 *   pageable, in, 100 B   the host fills 5 buffers, 5 s each: 25 s; the last is on the
 *                         link for 2 s, and there and back 2 s                   29 s
 *   pageable, out, 100 B  the first is on the link for 4 s and 1 s; the host empties
 *                         5, 5 s each; later ones come meanwhile (5 s each)      30 s
 *   pageable, out, 110 B  and 10 B more: 2.5 s of the host                       32.5 s
 *   pageable, in, 10 B    2.5 s of the host, 1 s of the link, 2 s of way         5.5 s
 *
 * Bounds: what is held longest, host or link; where a copy waits for its own moves, the
 * moves with their ways: in, 5 x 5 s of the host; out, 5 x (4 + 1) s of the engine.
 *
 * The analytic engine is the same but where a part of a buffer is left: of what the
 * host does after its loop it takes a share twice, here three quarters of 2.5 s.
 */
static const struct {
    const char *name, *words;
    double time_s, bound_s, setup_s, apart_s;
} rows[] = {
    {"pinned in", "\"bytes\": 100, \"direction\": \"host_to_device\", \"pinned\": true",
     12, 10, 2, 0},
    {"pinned out",
     "\"bytes\": 100, \"direction\": \"device_to_host\", \"pinned\": true", 21, 20, 2,
     0},
    {"pageable in", "\"bytes\": 100, \"direction\": \"host_to_device\"", 29, 25, 5, 0},
    {"pageable out", "\"bytes\": 100, \"direction\": \"device_to_host\"", 30, 25, 5, 0},
    {"a part left", "\"bytes\": 110, \"direction\": \"device_to_host\"", 32.5, 28, 5,
     0.75 * 2.5},
    {"less than a buffer", "\"bytes\": 10, \"direction\": \"host_to_device\"", 5.5, 3,
     5, 0},
};

START_TEST(copies_take_what_a_person_adds_up)
{
    struct psim_arena arena = {0};
    for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
        const struct psim_result *r = predict(&arena, "tests/fixtures/hw_host.yaml",
                                              engines[e], rows[_i].words, NULL, 0);
        const struct psim_kernel_result *k = &r->kernels[0];
        const double apart_s = e == 0 ? rows[_i].apart_s : 0;
        CHECK_THAT(k->time_s >= rows[_i].time_s - 1e-9 &&
                       k->time_s <= rows[_i].time_s + apart_s + 1e-9,
                   "%s, %s: %.12g s, not %.12g", rows[_i].name, engines[e], k->time_s,
                   rows[_i].time_s);
        CHECK_THAT(fabs(k->bound_s - rows[_i].bound_s) < 1e-9,
                   "%s, %s: bound %.12g s, not %.12g", rows[_i].name, engines[e],
                   k->bound_s, rows[_i].bound_s);
        CHECK_THAT(fabs(k->launch_s - rows[_i].setup_s) < 1e-9,
                   "%s, %s: set up in %.12g s, not %.12g", rows[_i].name, engines[e],
                   k->launch_s, rows[_i].setup_s);
    }
    psim_arena_free(&arena);
}
END_TEST

/* With one buffer the host waits while it is on the link: 5 x (5 + 2 + 2) = 45 s. */
START_TEST(one_buffer_is_filled_and_emptied_in_turn)
{
    struct psim_arena arena = {0};
    const char *const sets[] = {"links.bus.staging.number=1"};
    for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
        const struct psim_result *r =
            predict(&arena, "tests/fixtures/hw_host.yaml", engines[e], rows[2].words,
                    sets, PSIM_COUNT(sets));
        ck_assert_double_eq_tol(r->kernels[0].time_s, 45, 1e-9);
    }
    psim_arena_free(&arena);
}
END_TEST

/* Each byte crosses the machine's own memory once, and must: 100 B in, none read. */
START_TEST(only_one_end_is_in_the_machine)
{
    struct psim_arena arena = {0};
    const struct psim_result *in =
        predict(&arena, "tests/fixtures/hw_host.yaml", "event", rows[2].words, NULL, 0);
    const struct psim_result *out =
        predict(&arena, "tests/fixtures/hw_host.yaml", "event", rows[4].words, NULL, 0);
    ck_assert_uint_eq(in->n_memories, 1);
    ck_assert_double_eq(in->memories[0].written, 100);
    ck_assert_double_eq(in->memories[0].read, 0);
    ck_assert_double_eq(in->write_bytes, 100);
    ck_assert_double_eq(in->read_bytes, 0);
    ck_assert_double_eq(out->memories[0].read, 110);
    ck_assert_double_eq(out->memories[0].written, 0);
    ck_assert_double_eq(out->read_bytes, 110);
    ck_assert_double_eq(out->write_bytes, 0);
    psim_arena_free(&arena);
}
END_TEST

/* --- sense ---------------------------------------------------------------------------
 */

/** A machine drawn at random: rates and latencies of the link and of the host. */
static size_t
draw(struct psim_arena *arena, struct check_random *random, double link_per_s,
     const char *sets[8])
{
    size_t n = 0;
    sets[n++] =
        psim_arena_printf(arena, "links.bus.bandwidth.peak=%.17g B/s", link_per_s);
    sets[n++] = psim_arena_printf(arena, "links.bus.latency=%u s",
                                  (unsigned)check_draw(random, 0, 5));
    sets[n++] = psim_arena_printf(arena, "links.bus.staging.bandwidth=%u B/s",
                                  (unsigned)check_draw(random, 1, 40));
    sets[n++] = psim_arena_printf(arena, "links.bus.staging.buffer=%u B",
                                  (unsigned)check_draw(random, 1, 50));
    sets[n++] = psim_arena_printf(arena, "links.bus.staging.number=%u",
                                  (unsigned)check_draw(random, 1, 4));
    sets[n++] = psim_arena_printf(arena, "links.bus.staging.setup=%u s",
                                  (unsigned)check_draw(random, 0, 3));
    return n;
}

START_TEST(copies_make_sense_on_any_link)
{
    enum { DRAWS = 25 };
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    for (unsigned i = 0; i < DRAWS; i++) {
        const struct check_random here = random;
        const unsigned per_s = (unsigned)check_draw(&random, 1, 30);
        const unsigned bytes = (unsigned)check_draw(&random, 1, 300);
        const char *way =
            check_draw(&random, 0, 1) ? "host_to_device" : "device_to_host";
        for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
            double time_s[2][2], bound_s[2][2]; /* [pinned][a faster link] */
            for (int pinned = 0; pinned < 2; pinned++) {
                for (int faster = 0; faster < 2; faster++) {
                    struct check_random again = here;
                    const char *sets[8];
                    const size_t n =
                        draw(&arena, &again, per_s * (faster ? 1.5 : 1), sets);
                    const char *words = psim_arena_printf(
                        &arena, "\"bytes\": %u, \"direction\": \"%s\", \"pinned\": %s",
                        bytes, way, pinned ? "true" : "false");
                    const struct psim_result *r =
                        predict(&arena, "tests/fixtures/hw_host.yaml", engines[e],
                                words, sets, n);
                    time_s[pinned][faster] = r->time_s;
                    bound_s[pinned][faster] = r->bound_s;
                    CHECK_THAT(r->time_s >= r->bound_s * (1 - 1e-12),
                               "draw %u of %d, %s: below its bound", i, _i, engines[e]);
                }
                CHECK_THAT(time_s[pinned][1] <= time_s[pinned][0] * (1 + 1e-12) &&
                               bound_s[pinned][1] <= bound_s[pinned][0] * (1 + 1e-12),
                           "draw %u of %d, %s: a faster link is slower", i, _i,
                           engines[e]);
            }
            CHECK_THAT(time_s[1][0] <= time_s[0][0] * (1 + 1e-12),
                       "draw %u of %d, %s: pinned takes %g s, pageable %g s", i, _i,
                       engines[e], time_s[1][0], time_s[0][0]);
        }
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- copies within the memory
 * ---------------------------------------------------------
 */

/** Whether the kernel that an H200's driver takes for a copy is its slower one. */
static const struct {
    const char *launch;
    uint64_t bytes;
    bool slow;
} copies[] = {
    {"stream", UINT64_C(1) << 30, false},
    {"stream", (UINT64_C(1) << 30) + 16, false},
    {"graph", 4096, false},
    {"graph", 512 << 10, false},
    {"graph", (512 << 10) - 16, false},
    {"graph", (8 << 20) + 4096, false},
    {"graph", (8 << 20) + 16, true},
    {"graph", UINT64_C(256) << 20, false},
    {"graph", (UINT64_C(256) << 20) + 4096, true},
    {"graph", (UINT64_C(256) << 20) + 8192, false},
    {"graph", UINT64_C(511) << 20, false},
    {"graph", UINT64_C(512) << 20, true},
};

START_TEST(a_library_picks_the_kernel_of_a_copy)
{
    struct psim_arena arena = {0};
    const char *text = psim_arena_printf(
        &arena,
        "{\"schema\": \"perfsim/workload/v1\", \"name\": \"t\", \"launch\": \"%s\", "
        "\"ops\": [{\"op\": \"copy\", \"bytes\": %llu}]}",
        copies[_i].launch, (unsigned long long)copies[_i].bytes);
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = psim_hw_load(&arena, &diag, "specs/h200.yaml", NULL);
    const struct psim_workload *workload = psim_workload_read(&arena, &diag, "t", text);
    ck_assert_msg(hw && workload, "%s", check_printed(&arena, &diag, false));
    const struct psim_predict_options options = {.engine =
                                                     psim_engine_find("analytic")};
    const struct psim_result *r = psim_predict(&arena, &diag, hw, workload, &options);
    ck_assert_ptr_nonnull(r);
    bool slow = false;
    for (size_t v = 0; v < r->kernels[0].n_servers; v++) {
        slow = slow || strcmp(r->kernels[0].servers[v].name, "sm.graph_load") == 0;
    }
    CHECK_THAT(slow == copies[_i].slow, "%s, %llu B: %s", copies[_i].launch,
               (unsigned long long)copies[_i].bytes, slow ? "slow" : "fast");
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/host");
    TCase *tcase = tcase_create("by hand");
    tcase_add_loop_test(tcase, copies_take_what_a_person_adds_up, 0,
                        (int)PSIM_COUNT(rows));
    tcase_add_test(tcase, one_buffer_is_filled_and_emptied_in_turn);
    tcase_add_test(tcase, only_one_end_is_in_the_machine);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("sense");
    tcase_add_loop_test(tcase, copies_make_sense_on_any_link, 0, 4);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("kernels of copies");
    tcase_add_loop_test(tcase, a_library_picks_the_kernel_of_a_copy, 0,
                        (int)PSIM_COUNT(copies));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
