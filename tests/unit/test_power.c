/* SPDX-License-Identifier: MIT */
/** @file Power by hand: energy by what draws it, the clock that droops, the cap. */
#include <math.h>

#include "check_main.h"
#include "model/workload.h"
#include "plan/clock.h"
#include "plan/plan_text.h"
#include "sim/power.h"
#include "sim/predict.h"

/* The machine of tests/fixtures/hw_watts.yaml: four lanes of 1 GHz; 1 GB/s and 100 pJ/B
 * of memory, whose clock is fixed; 10 pJ to start an operation; an add 5 pJ, a
 * multiply-add 90 pJ. 10 W at least, 5 W while the core works, 12 W for long. Voltage
 * 0.5 + 0.5 c at the part c of the clock. Multiply-adds of fp64 droop: 0.9 of the clock
 * at once, less above 3 W by the square root. */
static const char machine[] = "tests/fixtures/hw_watts.yaml";

#define FMA                                                                            \
    "{\"op\": \"elementwise\", \"function\": \"fma\", \"flop_per_element\": 400, "     \
    "\"elements\": 1000000, \"dtype\": "

static const struct {
    const char *name, *op;
    double time_s, clock_hz;
    double base_j, active_j, memory_j, pipe_j, issue_j;
} rows[] = {
    /* 12 MB at 1 GB/s; 10^6 adds on four lanes take 0.25 ms beside that. Base 10 W and
     * active 5 W over 12 ms, 12 MB x 100 pJ, 10^6 x 5 pJ and 10^6 x 10 pJ. */
    {"memory binds",
     "{\"op\": \"elementwise\", \"function\": \"add\", \"elements\": 1000000, "
     "\"dtype\": \"fp32\"}",
     12e-3, 1e9, 120e-3, 60e-3, 1.2e-3, 5e-6, 10e-6},
    /* 200 multiply-adds of each of 10^6 elements on four lanes: 50 ms, after 4 MB were
     * read in 4 ms. Active over the 50 ms for which the pipe works, base over all;
     * 8 MB x 100 pJ, 2 x 10^8 x 90 pJ, 2 x 10^8 x 10 pJ. */
    {"lanes bind", FMA "\"fp32\"}", 54e-3, 1e9, 540e-3, 250e-3, 0.8e-3, 18e-3, 2e-3},
    /* The same on zeros: a tenth of what multiply-adds take. */
    {"zeros", FMA "\"fp32\", \"data\": \"zeros\"}", 54e-3, 1e9, 540e-3, 250e-3, 0.8e-3,
     1.8e-3, 2e-3},
    /* Of 8 B: 8 ms and 50 ms / c. The core takes 5 W x 50 ms + 18 mJ + 2 mJ = 270 mJ at
     * any clock. c = 0.9 sqrt(3 W / P), P = 270 mJ / (8 ms + 50 ms / c), so
     * c^3 = 0.072 c + 0.45: c = 0.797612. 8 + 50 / 0.797612 = 70.6871 ms. */
    {"droops", FMA "\"fp64\"}", 70.6871e-3, 0.797612e9, 706.871e-3, 250e-3, 1.6e-3,
     18e-3, 2e-3},
};

static const struct psim_result *
predict(struct psim_arena *arena, const struct psim_hw *hw, const char *op,
        const char *engine, bool sustained)
{
    struct psim_diag diag = {.arena = arena};
    const char *text = psim_arena_printf(
        arena, "{\"schema\": \"perfsim/workload/v1\", \"ops\": [%s]}", op);
    const struct psim_workload *w = psim_workload_read(arena, &diag, "op", text);
    const struct psim_predict_options options = {.engine = psim_engine_find(engine),
                                                 .sustained = sustained};
    const struct psim_result *r =
        w ? psim_predict(arena, &diag, hw, w, &options) : NULL;
    if (!r) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(r);
    return r;
}

static const struct psim_hw *
load(struct psim_arena *arena)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_hw *hw = psim_hw_load(arena, &diag, machine, NULL);
    if (!hw) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(hw);
    return hw;
}

/** Hand figures have six digits. */
static void
near(const char *row, const char *what, double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 2e-6 * want, "%s: %s is %.9g, not %.9g", row,
                  what, got, want);
}

START_TEST(energy_is_what_its_parts_take)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena);
    const char *name = rows[_i].name;
    const struct psim_result *r = predict(&arena, hw, rows[_i].op, "analytic", false);
    near(name, "time", r->time_s, rows[_i].time_s);
    near(name, "clock", r->clock_hz, rows[_i].clock_hz);
    const double want[] = {rows[_i].base_j, rows[_i].active_j, rows[_i].memory_j,
                           rows[_i].pipe_j, rows[_i].issue_j};
    const char *const names[] = {"base", "active", "dram", "lane.", "core.issue"};
    double sum = 0;
    ck_assert_uint_eq(r->n_energies, PSIM_COUNT(want));
    for (size_t i = 0; i < PSIM_COUNT(want); i++) {
        size_t part = 0;
        while (part < r->n_energies &&
               strncmp(r->energies[part].name, names[i], strlen(names[i])) != 0) {
            part++;
        }
        ck_assert_msg(part < r->n_energies, "%s: no %s", name, names[i]);
        near(name, names[i], r->energies[part].energy_j, want[i]);
        sum += r->energies[part].energy_j;
    }
    near(name, "energy", r->energy_j, sum);
    near(name, "energy of the kernel", r->kernels[0].energy_j, sum);
    const struct psim_kernel_result *k = &r->kernels[0];
    near(name, "sum of the terms",
         k->bound_s + k->clock_s + k->refetch_s + k->fill_s + k->tail_s, k->time_s);
    psim_arena_free(&arena);
}
END_TEST

/* 12 W at the clock c: v = 0.5 + 0.5 c.
 * Memory binds: 10 + 0.1 + v^2 (5 c + 15 uJ / 12 ms) = 12. At c = 0.5967: v^2 =
 * 0.63740, 0.63740 x (2.9835 + 0.00125) = 1.9025; at 0.5963: 1.8997. So c = 0.5964. It
 * droops: c_r = 0.9 c, since the core draws less than 3 W. 10 + (v^2 270 mJ + 1.6 mJ) /
 * (8 ms + 50 ms / c_r) = 12. At c = 0.656: v^2 = 0.685584, t = 92.688 ms, 2.0144 W; at
 * 0.652: 0.682276, 93.207 ms, 1.9936 W. So c = 0.6532, c_r = 0.5879. */
static const struct {
    const char *name;
    size_t row;
    double clock_hz;
} capped[] = {{"memory binds", 0, 0.5964e9}, {"droops", 3, 0.5879e9}};

START_TEST(the_cap_holds_for_long)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena);
    const struct psim_result *r =
        predict(&arena, hw, rows[capped[_i].row].op, "analytic", true);
    /* The search ends within 0.3 % of the cap: of 2 W above the base, 1.8 %. */
    ck_assert_double_eq_tol(r->energy_j / r->time_s, 12, 0.003 * 12);
    ck_assert_double_eq_tol(r->clock_hz, capped[_i].clock_hz, 0.02 * 1e9);
    ck_assert(r->sustained);
    near(capped[_i].name, "bound", r->bound_s,
         predict(&arena, hw, rows[capped[_i].row].op, "analytic", false)->bound_s);
    psim_arena_free(&arena);
}
END_TEST

/* Both engines count the same events, so what they draw but for the base is the same
 * where the clock is; where it droops, the slower one draws less power. */
START_TEST(engines_draw_alike)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = load(&arena);
    for (int sustained = 0; sustained < 2; sustained++) {
        const struct psim_result *a =
            predict(&arena, hw, rows[_i].op, "analytic", sustained);
        const struct psim_result *e =
            predict(&arena, hw, rows[_i].op, "event", sustained);
        const double analytic_j = a->energy_j - 10 * a->time_s;
        const double event_j = e->energy_j - 10 * e->time_s;
        ck_assert_double_eq_tol(event_j, analytic_j, 0.02 * analytic_j);
        ck_assert_double_ge(e->clock_hz, a->clock_hz * (1 - 1e-9));
        ck_assert_double_le(e->energy_j / e->time_s, sustained ? 12.24 : 20.0);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_machine_without_power_has_no_energy)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *toy = psim_hw_load(&arena, &diag, "specs/toy.yaml", NULL);
    ck_assert_ptr_nonnull(toy);
    for (int sustained = 0; sustained < 2; sustained++) {
        const struct psim_result *r =
            predict(&arena, toy, rows[0].op, "analytic", sustained);
        ck_assert(r->energy_j < 0 && r->clock_hz < 0 && !r->sustained);
        ck_assert_uint_eq(r->n_energies, 0);
        ck_assert_double_eq(r->kernels[0].clock_s, 0);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(voltage_follows_the_clock_down_to_its_floor)
{
    /* 1 - 0.6 (1 - c): 0.85 at 0.75, 0.7 at 0.5; not below 0.8. */
    const struct psim_power power = {.voltage_floor = {.value = 0.8},
                                     .voltage_slope = {.value = 0.6}};
    ck_assert_double_eq(psim_power_voltage(&power, 1), 1);
    ck_assert_double_eq_tol(psim_power_voltage(&power, 0.75), 0.85, 1e-12);
    ck_assert_double_eq(psim_power_voltage(&power, 0.5), 0.8);
}
END_TEST

/* At half the clock: a pipe and the issuer take twice as long, the memory as long as
 * ever; of 100 ns of latency 60 ns are fixed, so 40 become 80. */
static const char plan_text[] = "server pipe op\n"
                                "server dram B for all home fixed\n"
                                "server switch B for 4\n"
                                "cache l2 4096 for all\n"
                                "act work op droops interval 3e-9 latency 4e-9\n"
                                "  pipe time 1e-9 energy 2e-12\n"
                                "act load B interval 5e-9 fixed latency 2e-8\n"
                                "  pipe time 2e-9\n"
                                "  switch time 3e-9\n"
                                "  cache l2 miss 1e-7 fixed 6e-8\n"
                                "  dram time 1e-9 energy 3e-12\n"
                                "act idle op latency 1e-9\n"
                                "kernel k\n"
                                "  axes i 1\n"
                                "  walk i\n"
                                "  role r\n"
                                "    do idle 1\n"
                                "    do work 1\n"
                                "kernel quiet\n"
                                "  axes i 1\n"
                                "  walk i\n"
                                "  role r\n"
                                "    do idle 1\n";

START_TEST(what_is_fixed_keeps_its_pace)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_plan *plan = psim_plan_read(&arena, &diag, "plan", plan_text);
    if (!plan) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(plan);
    const struct psim_plan half = psim_plan_at_clock(&arena, plan, 0.5, 0.5);
    const struct psim_act *work = &half.acts[0], *move = &half.acts[1];
    ck_assert_double_eq_tol(work->demand[0].s_per_unit, 2e-9, 1e-21);
    ck_assert_double_eq_tol(work->demand[0].j_per_unit, 2e-12, 1e-24);
    ck_assert_double_eq_tol(work->interval_s, 6e-9, 1e-21);
    ck_assert_double_eq_tol(work->latency_s[0], 8e-9, 1e-21);
    ck_assert_double_eq_tol(move->demand[0].s_per_unit, 4e-9, 1e-21);
    ck_assert_double_eq_tol(move->demand[1].s_per_unit, 6e-9, 1e-21);
    ck_assert_double_eq_tol(move->demand[2].s_per_unit, 1e-9, 1e-21);
    ck_assert_double_eq_tol(move->interval_s, 5e-9, 1e-21);
    ck_assert_double_eq_tol(move->latency_s[0], 4e-8, 1e-20);
    ck_assert_double_eq_tol(move->latency_s[1], 1.4e-7, 1e-19);
    ck_assert_double_eq(plan->acts[0].interval_s, 3e-9); /* as it was */
    /* A unit droops by itself: 4 units' switch keeps 0.8 of its pace, 3 / 0.8 ns. */
    const struct psim_plan drooped = psim_plan_at_clock(&arena, plan, 0.8, 0.5);
    ck_assert_double_eq_tol(drooped.acts[0].demand[0].s_per_unit, 2e-9, 1e-21);
    ck_assert_double_eq_tol(drooped.acts[1].demand[1].s_per_unit, 3.75e-9, 1e-21);
    ck_assert_double_eq_tol(drooped.acts[1].latency_s[0], 4e-8, 1e-20);
    ck_assert(psim_kernel_droops(plan, &plan->kernels[0]));
    ck_assert(!psim_kernel_droops(plan, &plan->kernels[1]));
    psim_arena_free(&arena);
}
END_TEST

/* 4.096 nJ of an instruction of 2 x 16 x 8 x 16 = 4,096 FLOP are 1 pJ/FLOP; 3 pJ/FLOP
 * of a multiply-add are 6 pJ; 512 pJ of a move of 256 B are 2 pJ/B. */
static const char kinds[] =
    "schema: perfsim/hardware/v1\n"
    "name: kinds\n"
    "parallel_groups:\n"
    "  - {name: core, groups: lane, number: 4, clock: 1 GHz}\n"
    "memory_domains:\n"
    "  - {name: dram, shared_across: core, size: 1 GiB, bandwidth: 1 GB/s}\n"
    "operations:\n"
    "  - {name: mma, does: matmul, supported_by: core, tile: {m: 16, n: 8, k: 16},"
    " throughput: {bf16: 1 op/cycle}, energy: 4.096 nJ/op}\n"
    "  - {name: fma, supported_by: lane, throughput: {fp32: 1 op/cycle}, energy: 3 "
    "pJ/FLOP}\n"
    "  - {name: load, supported_by: core, moves: [dram, registers], width: 256 B,"
    " energy: 512 pJ/op}\n"
    "  - {name: convert, supported_by: lane, throughput: {fp32: 1 op/cycle}, energy: 7 "
    "pJ/op}\n";

START_TEST(energies_are_of_what_programs_count)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw *hw = psim_hw_read(&arena, &diag, "kinds", kinds);
    if (!hw) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(hw);
    ck_assert_double_eq_tol(hw->operations[0].by[PSIM_BF16].energy_j, 1e-12, 1e-24);
    ck_assert_double_eq_tol(hw->operations[1].by[PSIM_FP32].energy_j, 6e-12, 1e-24);
    ck_assert_double_eq_tol(hw->operations[2].by[PSIM_FP32].energy_j, 2e-12, 1e-24);
    ck_assert_double_eq_tol(hw->operations[3].by[PSIM_FP32].energy_j, 7e-12, 1e-24);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/power");
    TCase *tcase = tcase_create("power");
    tcase_add_loop_test(tcase, energy_is_what_its_parts_take, 0, (int)PSIM_COUNT(rows));
    tcase_add_loop_test(tcase, the_cap_holds_for_long, 0, (int)PSIM_COUNT(capped));
    tcase_add_loop_test(tcase, engines_draw_alike, 0, (int)PSIM_COUNT(rows));
    tcase_add_test(tcase, a_machine_without_power_has_no_energy);
    tcase_add_test(tcase, voltage_follows_the_clock_down_to_its_floor);
    tcase_add_test(tcase, what_is_fixed_keeps_its_pace);
    tcase_add_test(tcase, energies_are_of_what_programs_count);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
