/* SPDX-License-Identifier: MIT */
/** @file What every textbook says of a machine, and every roof of what crosses it. */
#include <math.h>

#include "check_machines.h"

static const char *const engines[] = {"analytic", "event"};

static const struct psim_result *
predict(struct psim_arena *arena, const char *engine, const struct psim_hw *hw,
        const struct psim_workload *workload)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_predict_options options = {.engine = psim_engine_find(engine)};
    return psim_predict(arena, &diag, hw, workload, &options);
}

/* --- the machine for the blackboard ------------------------------------------------
 */

/* Four lanes of 50 multiply-adds a second: 400 FLOP/s. One memory: 100 B/s. */
START_TEST(the_toy_ridge_is_at_4_flop_a_byte)
{
    struct psim_arena arena = {0};
    const struct psim_hw *toy = check_machine(&arena, "toy", NULL, 0);
    const struct psim_operation *fma = psim_hw_fastest(toy, PSIM_FP32);
    ck_assert_ptr_nonnull(fma);
    ck_assert_double_eq(psim_hw_peak_per_s(toy, fma, PSIM_FP32), 400);
    ck_assert_double_eq(toy->memories[toy->main_memory].peak_bytes_per_s, 100);
    psim_arena_free(&arena);
}
END_TEST

/*
 * An element is 4 B in and 4 B out: 2 FLOP/B are 16 FLOP an element, 16 FLOP/B are 128.
 * 10^6 elements are 8 MB, 80,000 s of memory; at 16 FLOP each 16 MFLOP, 40,000 s of
 * the lanes, at 128 each 128 MFLOP, 320,000 s of the lanes.
 */
static const struct {
    const char *name;
    unsigned flop_per_element;
    double bound_s, flop_per_s, bytes_per_s;
    const char *bound_by;
} textbook[] = {
    /* 16e6 FLOP / 80,000 s = 200 FLOP/s at the memory's whole 100 B/s */
    {"2 FLOP/B", 16, 80000, 200, 100, "dram"},
    /* 8e6 B / 320,000 s = 25 B/s at the lanes' whole 400 FLOP/s */
    {"16 FLOP/B", 128, 320000, 400, 25, "lane.fma"},
    /* on the ridge both are held all the time: 4 FLOP/B are 32 an element */
    {"4 FLOP/B", 32, 80000, 400, 100, NULL},
};

START_TEST(the_toy_machine_is_the_textbook_s)
{
    struct psim_arena arena = {0};
    const struct psim_hw *toy = check_machine(&arena, "toy", NULL, 0);
    const char *words = psim_arena_printf(
        &arena,
        "elementwise function=fma elements=1000000 flop_per_element=%u dtype=fp32",
        textbook[_i].flop_per_element);
    for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
        const struct psim_result *r =
            predict(&arena, engines[e], toy, check_words(&arena, words));
        ck_assert_ptr_nonnull(r);
        const double bytes = r->read_bytes + r->write_bytes;
        ck_assert_double_eq_tol(r->bound_s, textbook[_i].bound_s, 1e-9 * r->bound_s);
        ck_assert_double_eq_tol(r->flop / r->bound_s, textbook[_i].flop_per_s, 1e-9);
        ck_assert_double_eq_tol(bytes / r->bound_s, textbook[_i].bytes_per_s, 1e-9);
        ck_assert_double_eq_tol(r->roofline_s, textbook[_i].bound_s, 1e-9 * r->bound_s);
        /* It computes while it loads, but for the first load and the last result of
         * some thousands. */
        ck_assert_double_ge(r->time_s, r->bound_s * (1 - 1e-9));
        ck_assert_double_le(r->time_s, r->bound_s * 1.001);
        /* The closed form does not tell what is held from what waits for it. */
        if (!textbook[_i].bound_by || e == 0) continue;
        CHECK_THAT(strcmp(r->bound_by, textbook[_i].bound_by) == 0,
                   "%s, %s: bound by %s, not %s", textbook[_i].name, engines[e],
                   r->bound_by, textbook[_i].bound_by);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- roofs ---------------------------------------------------------------------------
 */

/** Each server's count at its peak is a roof of the kernel. */
static void
check_roofs(const char *text, const char *engine, const struct psim_result *r)
{
    for (size_t k = 0; k < r->n_kernels; k++) {
        const struct psim_kernel_result *kernel = &r->kernels[k];
        for (size_t v = 0; v < kernel->n_servers; v++) {
            const struct psim_server_use *use = &kernel->servers[v];
            if (use->peak_per_s <= 0) continue;
            const double roof_s = (use->read + use->written) / use->peak_per_s;
            CHECK_THAT(kernel->time_s >= roof_s * (1 - 1e-6),
                       "%s, %s: %s takes %.9g us, %s alone %.9g us", text, engine,
                       kernel->name, kernel->time_s * 1e6, use->name, roof_s * 1e6);
        }
    }
}

START_TEST(no_time_is_below_a_roof)
{
    enum { SHAPES = 40 };
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned predicted = 0;
    for (unsigned i = 0; predicted < SHAPES; i++) {
        CHECK_THAT(i < 30 * SHAPES, "only %u of %u shapes", predicted, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)_i,
                                           check_short((enum check_kind)_i));
        const struct psim_workload *workload = check_words(&arena, text);
        const struct psim_hw *hw = machines[i % n_machines];
        text = psim_arena_printf(&arena, "%s on %s", text, hw->name);
        for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
            const struct psim_result *r = predict(&arena, engines[e], hw, workload);
            if (!r) break;
            predicted += e == 0;
            check_roofs(text, engines[e], r);
            CHECK_THAT(r->time_s >= r->bound_s * (1 - 1e-6),
                       "%s, %s: %.9g us is below the bound of %.9g us", text,
                       engines[e], r->time_s * 1e6, r->bound_s * 1e6);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- fusion
 * ---------------------------------------------------------------------------- */

/** Bytes that cross the memory of the tensors; negative where the op is refused. */
static double
home_bytes(struct psim_arena *arena, const char *engine, const struct psim_hw *hw,
           const char *words)
{
    const struct psim_result *r = predict(arena, engine, hw, check_words(arena, words));
    if (!r) return -1;
    double bytes = 0;
    for (size_t i = 0; i < r->n_memories; i++) {
        if (r->memories[i].home) bytes += r->memories[i].read + r->memories[i].written;
    }
    return bytes;
}

/**
 * Whether the fused kernel's tiles are tall enough. Each tile of q queries reads all
 * keys and values again where they do not stay in a cache: 2 d / q elements for each
 * score, against 4 of S and P, which are written and read.
 */
static bool
tall_enough(struct psim_arena *arena, const struct psim_hw *hw, const char *words)
{
    struct psim_chosen c;
    const struct psim_op *op = check_op(arena, words);
    const struct psim_attention *a = op->attributes;
    return check_choose(arena, hw, op, &c) && 2 * a->head_dim <= 4ULL * c.mapping[0].m;
}

START_TEST(fused_attention_moves_no_more_than_unfused)
{
    struct check_random random = {1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    const char *engine = engines[_i];
    unsigned compared = 0;
    for (unsigned i = 0; i < 200; i++) {
        const struct psim_hw *hw = machines[i % n_machines];
        const unsigned long long seq = check_draw_size(&random, 1500);
        const char *rest = psim_arena_printf(
            &arena, "heads=%llu seq_q=%llu head_dim=%llu dtype=%s",
            (unsigned long long)check_draw(&random, 1, 8), seq,
            32ULL * check_draw(&random, 1, 4), CHECK_PICK(&random, "fp16", "fp32"));
        const char *fused =
            psim_arena_printf(&arena, "attention algorithm=flash2 split=1 %s", rest);
        const char *unfused =
            psim_arena_printf(&arena, "attention algorithm=naive %s", rest);
        const double few = home_bytes(&arena, engine, hw, fused);
        const double many = home_bytes(&arena, engine, hw, unfused);
        if (few >= 0 && many >= 0 && tall_enough(&arena, hw, fused)) {
            compared++;
            CHECK_THAT(few <= many * (1 + 1e-9),
                       "%s on %s, %s: fused %.12g B, in three kernels %.12g B", rest,
                       hw->name, engine, few, many);
        }
        psim_arena_rewind(&arena, mark);
    }
    ck_assert_uint_gt(compared, 50);
    psim_arena_free(&arena);
}
END_TEST

/* --- an older chip -------------------------------------------------------------------
 */

/* 1,555 to 2,039 GB/s against 4,800, and fewer, slower multiprocessors: what moves 32 B
 * for each element that it wants is no faster for being on the older chip. */
static const char *const scattered[] = {
    "transpose rows=4096 cols=4096 dtype=fp32",
    "transpose rows=8192 cols=8192 dtype=bf16",
    "transpose rows=1024 cols=1024 dtype=fp32",
    "gather table_rows=67108864 cols=1 indices=16777216 index=random dtype=fp32",
    "gather table_rows=50000 cols=1024 indices=65536 index=random dtype=fp16",
    "gather table_rows=50000 cols=64 indices=65536 index=sequential dtype=fp32",
};

START_TEST(an_older_chip_moves_what_is_scattered_no_faster)
{
    static const char *const older[] = {"v100_pcie", "a100_pcie_40gb", "a100", "h200"};
    struct psim_arena arena = {0};
    for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
        double before_s = INFINITY;
        for (size_t i = 0; i < PSIM_COUNT(older); i++) {
            const struct psim_hw *hw = check_machine(&arena, older[i], NULL, 0);
            const struct psim_result *r =
                predict(&arena, engines[e], hw, check_words(&arena, scattered[_i]));
            ck_assert_ptr_nonnull(r);
            CHECK_THAT(r->time_s <= before_s,
                       "%s, %s: %.9g us on %s, %.9g us on the one before it",
                       scattered[_i], engines[e], r->time_s * 1e6, older[i],
                       before_s * 1e6);
            before_s = r->time_s;
        }
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/sense");
    TCase *tcase = tcase_create("sense");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, the_toy_ridge_is_at_4_flop_a_byte);
    tcase_add_loop_test(tcase, the_toy_machine_is_the_textbook_s, 0,
                        (int)PSIM_COUNT(textbook));
    tcase_add_loop_test(tcase, no_time_is_below_a_roof, 0, CHECK_N_KINDS);
    tcase_add_loop_test(tcase, fused_attention_moves_no_more_than_unfused, 0,
                        (int)PSIM_COUNT(engines));
    tcase_add_loop_test(tcase, an_older_chip_moves_what_is_scattered_no_faster, 0,
                        (int)PSIM_COUNT(scattered));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
