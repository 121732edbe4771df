/* SPDX-License-Identifier: MIT */
/** @file Knobs: the options that they give are those that a person would type. */
#include <math.h>

#include "check_machines.h"
#include "explore/turned.h"

static const struct psim_knob *
find(const char *name)
{
    static const struct psim_knob *const lists[] = {psim_knobs, psim_levers};
    for (size_t list = 0; list < PSIM_COUNT(lists); list++) {
        for (const struct psim_knob *knob = lists[list]; knob->name; knob++) {
            if (strcmp(knob->name, name) == 0) return knob;
        }
    }
    ck_abort_msg("no knob '%s'", name);
}

/** The analytic engine's result; NULL where the machine cannot run it. */
static const struct psim_result *
predict(struct psim_arena *arena, const struct psim_hw *hw,
        const struct psim_workload *workload)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_predict_options options = {.engine =
                                                     psim_engine_find("analytic")};
    return psim_predict(arena, &diag, hw, workload, &options);
}

static struct psim_knob_case
case_of(struct psim_arena *arena, const char *machine, const char *words)
{
    struct psim_knob_case at = {
        .hw = check_machine(arena, machine, NULL, 0),
        .workload = check_words(arena, words),
    };
    at.result = predict(arena, at.hw, at.workload);
    return at;
}

/* --- what is typed ---------------------------------------------------------------- */

static const struct {
    const char *name, *machine, *words, *knob;
    double factor;
    const char *option; /* the first of --set, or of --with */
    size_t n;           /* of all options; 0: as many as pipes are used */
} typed[] = {
    /* 100 B/s */
    {"a bandwidth", "toy", "elementwise function=add elements=64 dtype=fp32",
     "bandwidth", 2, "memory_domains.dram.bandwidth=200 B/s", 1},
    /* 50 op/s */
    {"a throughput by data type", "toy",
     "elementwise function=add elements=64 dtype=fp32", "compute", 0.5,
     "operations.fma.throughput={fp32: 25 op/s}", 1},
    /* results have no blanks in names, machines may */
    {"an operation of two words", "cuda_example",
     "elementwise function=add elements=64 dtype=fp32", "compute", 2,
     "operations.vector add.throughput=20 Mop/s", 1},
    /* 1 Hz, and what is stated by the second follows: 50 op/s */
    /* tf32 512, bf16 and fp16 1024, fp8 and int8 2048 FLOP/cycle; then the issue of
       sub-core and warp */
    {"a throughput of some data types", "h200", "gemm m=4096 n=4096 k=4096 dtype=fp16",
     "compute", 2,
     "operations.wgmma.throughput={tf32: 1024 FLOP/cycle, bf16: 2048 FLOP/cycle, "
     "fp16: 2048 FLOP/cycle, fp8: 4096 FLOP/cycle, int8: 4096 FLOP/cycle}",
     0},
    {"a clock", "toy", "elementwise function=add elements=64 dtype=fp32", "clock", 2,
     "parallel_groups.chip.clock=2 Hz", 2},
    /* bandwidth: {peak: 4.8 TB/s, read: ...} */
    {"a peak beside shares", "h200", "elementwise function=add elements=64 dtype=fp32",
     "bandwidth", 2, "memory_domains.hbm.bandwidth.peak=9.6 TB/s", 1},
    /* l1_array 256 KiB, shared 227 KiB, l1 192 KiB, l2 60 MiB with 36 MB to write
       back: what shares an array with a cache goes with it */
    {"caches and their arrays", "h200",
     "elementwise function=add elements=64 dtype=fp32", "cache", 2,
     "memory_domains.l1_array.size=512 KiB", 5},
    {"a batch", "h200", "gemm m=64 n=64 k=64 batch=3 dtype=fp16", "batch", 2, "batch=6",
     1},
    /* what a product of 4,096 cubed asks of an A100's L2, 5120 B/cycle behind ports of
       64 B/cycle, takes longer than what it asks of DRAM */
    {"a level that is not the last", "a100", "gemm m=4096 n=4096 k=4096 dtype=fp16",
     "level", 0.5, "memory_domains.l2.bandwidth.peak=2560 B/cycle", 2},
    /* queries and keys go together */
    {"tokens", "h200",
     "attention algorithm=flash2 seq_q=512 head_dim=64 heads=8 dtype=fp16", "size", 2,
     "seq_q=1024", 2},
    {"rows of a product", "h200", "gemm m=64 n=32 k=16 dtype=fp16", "size", 2, "m=128",
     1},
    {"elements", "toy", "elementwise function=add elements=64 dtype=fp32", "size", 0.5,
     "elements=32", 1},
};

START_TEST(options_are_those_of_a_person)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at =
        case_of(&arena, typed[_i].machine, typed[_i].words);
    struct psim_turn turn;
    ck_assert_msg(find(typed[_i].knob)->scale(&arena, &at, typed[_i].factor, &turn),
                  "%s: nothing to scale", typed[_i].name);
    if (typed[_i].n > 0) ck_assert_uint_eq(turn.n_sets + turn.n_with, typed[_i].n);
    ck_assert_str_eq(turn.n_sets > 0 ? turn.sets[0] : turn.with[0], typed[_i].option);
    ck_assert_double_eq(turn.factor, typed[_i].factor);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_is_not_there_cannot_be_turned)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at =
        case_of(&arena, "toy", "elementwise function=add elements=64 dtype=fp32");
    struct psim_turn turn;
    ck_assert(!find("cache")->scale(&arena, &at, 2, &turn));
    ck_assert(!find("batch")->scale(&arena, &at, 2, &turn));
    /* Its only memory holds the tensors. */
    ck_assert(!find("level")->scale(&arena, &at, 2, &turn));
    struct psim_turn choices[PSIM_MAX_CHOICES];
    ck_assert_uint_eq(find("tile")->choices(&arena, &at, choices), 0);
    ck_assert_uint_eq(find("algorithm")->choices(&arena, &at, choices), 0);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(half_a_batch_of_one_is_none)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at =
        case_of(&arena, "h200", "gemm m=64 n=64 k=64 batch=1 dtype=fp16");
    struct psim_turn turn;
    ck_assert(!find("batch")->scale(&arena, &at, 0.25, &turn));
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_name_with_a_dot_cannot_be_typed)
{
    static const char text[] =
        "schema: perfsim/hardware/v1\n"
        "name: dots\n"
        "parallel_groups: [{name: chip, groups: lane, number: 4, clock: 1 Hz}]\n"
        "memory_domains: [{name: a.b, shared_across: chip, bandwidth: 100 B/s}]\n"
        "operations: [{name: fma, supported_by: lane, throughput: {fp32: 50 op/s}}]\n";
    struct psim_arena arena = {0};
    struct psim_knob_case at = {
        .hw = check_machine_text(&arena, text),
        .workload =
            check_words(&arena, "elementwise function=add elements=64 dtype=fp32"),
    };
    at.result = predict(&arena, at.hw, at.workload);
    struct psim_turn turn;
    ck_assert(!find("bandwidth")->scale(&arena, &at, 2, &turn));
    ck_assert(find("compute")->scale(&arena, &at, 2, &turn));
    psim_arena_free(&arena);
}
END_TEST

/* wgmma and mma of the H200 have tf32, bf16, fp16, fp8, int8 and fp64 between them, its
 * lanes fp32; integers of 32 bits are no FLOP. */
START_TEST(precisions_are_those_of_the_machine)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at =
        case_of(&arena, "h200", "gemm m=64 n=64 k=64 dtype=fp16");
    struct psim_turn turn[PSIM_MAX_CHOICES];
    const size_t n = find("precision")->choices(&arena, &at, turn);
    const char *all = "";
    for (size_t i = 0; i < n; i++) {
        all = psim_arena_printf(&arena, "%s %s%s", all, turn[i].with[0],
                                turn[i].as_is ? "!" : "");
    }
    ck_assert_str_eq(all, " dtype=fp64 dtype=fp32 dtype=tf32 dtype=bf16 dtype=fp16! "
                          "dtype=fp8 dtype=int8");
    psim_arena_free(&arena);
}
END_TEST

START_TEST(algorithms_are_those_of_the_op)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at = case_of(
        &arena, "h200", "attention algorithm=flash2 seq_q=512 head_dim=64 dtype=fp16");
    struct psim_turn turn[PSIM_MAX_CHOICES];
    const size_t n = find("algorithm")->choices(&arena, &at, turn);
    const char *all = "";
    for (size_t i = 0; i < n; i++) {
        all = psim_arena_printf(&arena, "%s %s%s", all, turn[i].with[0],
                                turn[i].as_is ? "!" : "");
    }
    ck_assert_str_eq(all, " algorithm=naive algorithm=flash2! algorithm=flash3 "
                          "algorithm=flash_decode");
    psim_arena_free(&arena);
}
END_TEST

/** "tile={m: 64, n: 128, k: 32}" */
static double
area_of(const char *text)
{
    unsigned m, n, k;
    ck_assert_msg(sscanf(text, "tile={m: %u, n: %u, k: %u}", &m, &n, &k) == 3, "%s",
                  text);
    return (double)m * n;
}

START_TEST(tiles_are_in_the_order_of_their_size)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at =
        case_of(&arena, "a100", "gemm m=4096 n=4096 k=4096 dtype=fp16");
    struct psim_turn turn[PSIM_MAX_CHOICES];
    const size_t n = find("tile")->choices(&arena, &at, turn);
    size_t as_is = 0;
    ck_assert_uint_gt(n, 2);
    for (size_t i = 0; i < n; i++) {
        as_is += turn[i].as_is;
        if (i > 0) {
            ck_assert(area_of(turn[i - 1].with[0]) <= area_of(turn[i].with[0]));
        }
    }
    ck_assert_uint_eq(as_is, 1);
    psim_arena_free(&arena);
}
END_TEST

/* --- what it does ----------------------------------------------------------------- */

/** The prediction with what a knob says laid over the machine. */
static double
turned_s(struct psim_arena *arena, const char *machine, const char *knob, double factor,
         const struct psim_knob_case *at)
{
    struct psim_turn turn;
    if (!find(knob)->scale(arena, at, factor, &turn)) return at->result->time_s;
    const struct psim_hw *hw = check_machine(arena, machine, turn.sets, turn.n_sets);
    const struct psim_result *result = predict(arena, hw, at->workload);
    ck_assert_msg(result != NULL, "%s: %s x %g: no prediction", machine, knob, factor);
    return result->time_s;
}

static const char *const machine_knobs[] = {"bandwidth", "compute", "cache", "clock"};

/* Figures are typed with nine digits. */
START_TEST(a_knob_at_one_changes_nothing)
{
    struct psim_arena arena = {0};
    const char *names[CHECK_MAX_MACHINES];
    const size_t n = check_machines(&arena, names);
    for (size_t i = 0; i < n; i++) {
        const struct psim_knob_case at =
            case_of(&arena, names[i], "gemm m=512 n=512 k=512 dtype=fp32");
        if (!at.result) continue;
        const double turned = turned_s(&arena, names[i], machine_knobs[_i], 1, &at);
        ck_assert_msg(fabs(turned / at.result->time_s - 1) < 1e-7, "%s: %s: %g, not %g",
                      names[i], machine_knobs[_i], turned, at.result->time_s);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(every_machine_takes_every_knob)
{
    static const char *const words[] = {
        "gemm m=4096 n=4096 k=4096 dtype=fp32",
        "elementwise function=add elements=16777216 dtype=fp32",
    };
    struct psim_arena arena = {0};
    const char *names[CHECK_MAX_MACHINES];
    const size_t n = check_machines(&arena, names);
    for (size_t i = 0; i < n * PSIM_COUNT(words); i++) {
        const char *name = names[i % n];
        const struct psim_knob_case at = case_of(&arena, name, words[i / n]);
        if (!at.result) continue;
        const double half = turned_s(&arena, name, machine_knobs[_i], 0.5, &at);
        const double twice = turned_s(&arena, name, machine_knobs[_i], 2, &at);
        /* More of anything takes no longer; tiles of another size may, a little. */
        ck_assert_msg(twice <= half * 1.02, "%s: %s: %g s at x 2, %g s at x 0.5", name,
                      machine_knobs[_i], twice, half);
    }
    psim_arena_free(&arena);
}
END_TEST

/* 0.08 FLOP/B is left of the ridge at 4: half the time with twice the bandwidth, and
 * with twice the compute the same. */
START_TEST(the_toy_machine_answers_as_the_textbook)
{
    struct psim_arena arena = {0};
    const struct psim_knob_case at =
        case_of(&arena, "toy", "elementwise function=add elements=1000000 dtype=fp32");
    const double s = at.result->time_s;
    ck_assert_double_eq_tol(turned_s(&arena, "toy", "bandwidth", 2, &at) / s, 0.5,
                            1e-9);
    ck_assert_double_eq_tol(turned_s(&arena, "toy", "compute", 2, &at) / s, 1, 1e-9);
    ck_assert_double_eq_tol(turned_s(&arena, "toy", "clock", 2, &at) / s, 1, 1e-9);
    psim_arena_free(&arena);
}
END_TEST

/* --- all at once -------------------------------------------------------------------
 */

static const struct psim_workload *
load_words(void *context, struct psim_arena *arena, struct psim_diag *diag,
           const struct psim_turn *turn)
{
    (void)diag;
    const char *dtype = turn->n_with > 0 ? turn->with[0] : "dtype=fp16";
    return check_words(arena,
                       psim_arena_printf(arena, "%s %s", (const char *)context, dtype));
}

START_TEST(turns_do_not_depend_on_threads)
{
    static char words[] = "gemm m=256 n=256 k=256";
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_knob_case at =
        case_of(&arena, "h200", "gemm m=256 n=256 k=256 dtype=fp16");
    struct psim_hw_text text;
    ck_assert(psim_hw_open(&arena, &diag, "specs/h200.yaml", NULL, &text));
    const struct psim_predict_options options = {.engine =
                                                     psim_engine_find("analytic")};
    struct psim_turned *one, *many;
    const size_t n = psim_turned_list(&arena, &at, &one);
    ck_assert_uint_eq(psim_turned_list(&arena, &at, &many), n);
    struct psim_turner turner = {&text, &options, load_words, words, 1};
    psim_turned_predict(&arena, &turner, one, n);
    turner.threads = 5;
    psim_turned_predict(&arena, &turner, many, n);
    size_t n_as_is = 0;
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg((one[i].result != NULL) != (one[i].why_not != NULL), "%s %s",
                      one[i].knob->name, one[i].turn.label);
        ck_assert((one[i].result != NULL) == (many[i].result != NULL));
        if (!one[i].result) continue;
        ck_assert_double_eq(one[i].result->time_s, many[i].result->time_s);
        if (one[i].turn.as_is) n_as_is++;
        if (one[i].turn.as_is) ck_assert_ptr_eq(one[i].result, at.result);
    }
    ck_assert_uint_eq(n_as_is, 1);
    psim_arena_free(&arena);
}
END_TEST

/* The H200's vector units compute no int8. */
START_TEST(what_cannot_be_predicted_says_why)
{
    static char words[] = "batchnorm rows=1024 cols=64";
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_knob_case at =
        case_of(&arena, "h200", "batchnorm rows=1024 cols=64 dtype=fp16");
    struct psim_hw_text text;
    ck_assert(psim_hw_open(&arena, &diag, "specs/h200.yaml", NULL, &text));
    const struct psim_predict_options options = {.engine =
                                                     psim_engine_find("analytic")};
    const struct psim_turner turner = {&text, &options, load_words, words, 2};
    struct psim_turned *turned;
    const size_t n = psim_turned_list(&arena, &at, &turned);
    psim_turned_predict(&arena, &turner, turned, n);
    size_t refused = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(turned[i].turn.label, "int8") != 0) continue;
        refused++;
        ck_assert_ptr_null(turned[i].result);
        ck_assert_ptr_nonnull(strstr(turned[i].why_not, "int8"));
    }
    ck_assert_uint_eq(refused, 1);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("explore/knobs");
    TCase *words = tcase_create("typed");
    tcase_add_loop_test(words, options_are_those_of_a_person, 0, PSIM_COUNT(typed));
    tcase_add_test(words, what_is_not_there_cannot_be_turned);
    tcase_add_test(words, half_a_batch_of_one_is_none);
    tcase_add_test(words, a_name_with_a_dot_cannot_be_typed);
    tcase_add_test(words, precisions_are_those_of_the_machine);
    tcase_add_test(words, algorithms_are_those_of_the_op);
    tcase_add_test(words, tiles_are_in_the_order_of_their_size);
    suite_add_tcase(suite, words);
    TCase *turned = tcase_create("turned");
    tcase_set_timeout(turned, 60);
    tcase_add_loop_test(turned, a_knob_at_one_changes_nothing, 0,
                        PSIM_COUNT(machine_knobs));
    tcase_add_loop_test(turned, every_machine_takes_every_knob, 0,
                        PSIM_COUNT(machine_knobs));
    tcase_add_test(turned, the_toy_machine_answers_as_the_textbook);
    tcase_add_test(turned, turns_do_not_depend_on_threads);
    tcase_add_test(turned, what_cannot_be_predicted_says_why);
    suite_add_tcase(suite, turned);
    return check_main(suite);
}
