/* SPDX-License-Identifier: MIT */
/** @file Calibration: figures that are known are found again; numbers of its parts. */
#include <math.h>

#include "calibrate/calibrate.h"
#include "calibrate/hash.h"
#include "check_main.h"
#include "input/read.h"
#include "util/str.h"

static const char machine_path[] = "tests/fixtures/hw_fit.yaml";

/* Copies of several sizes are bound by the memory, products by fma, what is small by
 * the launch. */
static const char *const workloads[][8] = {
    {"elementwise", "function=relu", "elements=1000000", "dtype=fp32"},
    {"elementwise", "function=relu", "elements=3000000", "dtype=fp32"},
    {"elementwise", "function=copy", "elements=2000000", "dtype=fp32"},
    {"elementwise", "function=copy", "elements=500000", "dtype=fp32"},
    {"elementwise", "function=copy", "elements=100", "dtype=fp32"},
    {"elementwise", "function=relu", "elements=100", "dtype=fp32"},
    {"elementwise", "function=relu", "elements=1000", "dtype=fp32"},
    {"elementwise", "function=copy", "elements=1000", "dtype=fp32"},
    {"gemm", "m=256", "n=256", "k=256", "dtype=fp32"},
    {"gemm", "m=256", "n=512", "k=128", "dtype=fp32"},
    {"gemm", "m=64", "n=64", "k=64", "dtype=fp32"},
    {"gemm", "m=512", "n=512", "k=512", "dtype=fp32"},
};
enum { N_RECORDS = PSIM_COUNT(workloads), N_TRUE = 4 };

/* What the machine that is measured has, and its own file has not. */
static const struct {
    const char *set, *path;
    double number;
} truth[N_TRUE] = {
    {"parallel_groups.chip.launch=3 us", "parallel_groups.chip.launch", 3},
    {"memory_domains.dram.bandwidth.read=0.72", "memory_domains.dram.bandwidth.read",
     0.72},
    {"memory_domains.dram.bandwidth.write=0.72", "memory_domains.dram.bandwidth.write",
     0.72},
    {"operations.fma.throughput.fp32=0.8 op/cycle", "operations.fma.throughput.fp32",
     0.8},
};

static size_t
count_words(const char *const *words)
{
    size_t n = 0;
    while (n < 8 && words[n]) {
        n++;
    }
    return n;
}

/** What that other machine is predicted to take is taken for measured. */
static struct psim_measured *
measured_of(struct psim_arena *arena, struct psim_diag *diag)
{
    const char *sets[N_TRUE];
    for (size_t i = 0; i < N_TRUE; i++) {
        sets[i] = truth[i].set;
    }
    const struct psim_hw_layers layers = {.sets = sets, .n_sets = N_TRUE};
    const struct psim_hw *hw = psim_hw_load(arena, diag, machine_path, &layers);
    ck_assert_msg(hw != NULL, "%s", check_printed(arena, diag, false));
    struct psim_measured *m = PSIM_NEW(arena, struct psim_measured);
    m->device = "fit";
    m->records = PSIM_NEW_N(arena, struct psim_record, N_RECORDS);
    m->n_records = N_RECORDS;
    for (size_t i = 0; i < N_RECORDS; i++) {
        struct psim_record *r = &m->records[i];
        *r = (struct psim_record){.id = psim_arena_printf(arena, "r%zu", i),
                                  .group = workloads[i][0],
                                  .energy_j = -1,
                                  .repeat_spread = -1,
                                  .launch = PSIM_LAUNCH_STREAM};
        r->workload = psim_workload_words(arena, diag, workloads[i],
                                          count_words(workloads[i]), NULL);
        struct psim_pair pair;
        const char *refused =
            psim_compare_record(arena, hw, psim_engines[0], m, r, &pair);
        ck_assert_msg(!refused, "%s", refused);
        r->time_s = pair.predicted_s;
    }
    return m;
}

static void
calibrate(struct psim_arena *arena, struct psim_diag *diag,
          const struct psim_measured *m, const struct psim_calibrate_options *options,
          struct psim_calibration *ret)
{
    struct psim_hw_text *machine = PSIM_NEW(arena, struct psim_hw_text);
    struct psim_input *input = PSIM_NEW(arena, struct psim_input);
    *input = (struct psim_input){"m.json", "0123", m};
    ck_assert(psim_hw_open(arena, diag, machine_path, NULL, machine));
    const bool ok = psim_calibrate(arena, diag, machine, (struct psim_inputs){input, 1},
                                   options, ret);
    ck_assert_msg(ok, "%s", check_printed(arena, diag, false));
}

static const struct psim_calibrate_options plain = {
    .engines = psim_engines,
    .n_engines = 1,
    .threads = 1,
    .parameters_path = "tests/fixtures/pa_fit.yaml",
};

/** The number that the overlay has at that path; 0: it is not in it. */
static double
fitted(const struct psim_calibration *c, const char *path)
{
    for (size_t i = 0; i < c->n_changes; i++) {
        if (psim_str_equal(c->changes[i].spot->path, path)) return c->changes[i].number;
    }
    return 0;
}

static void
check_truth(const struct psim_calibration *c)
{
    for (size_t i = 0; i < N_TRUE; i++) {
        const double found = fitted(c, truth[i].path);
        ck_assert_msg(fabs(found / truth[i].number - 1) <= 0.01, "%s: %g, want %g",
                      truth[i].path, found, truth[i].number);
    }
}

START_TEST(figures_are_found_again)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    struct psim_calibration c;
    calibrate(&arena, &diag, measured_of(&arena, &diag), &plain, &c);
    check_truth(&c);
    psim_arena_free(&arena);
}
END_TEST

/* With the square of the error, one of 12 records that is 4 times too long would move
 * the figures that it depends on by up to ln 4 / 5, a third: 5 records tell of fma and
 * of the memory each. A robust loss leaves it 1 / (4 x 20 x ...) of that. */
START_TEST(outliers_move_nothing)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    struct psim_measured *m = measured_of(&arena, &diag);
    m->records[_i].time_s *= 4;
    struct psim_calibration c;
    calibrate(&arena, &diag, m, &plain, &c);
    for (size_t i = 0; i < N_TRUE; i++) {
        const double found = fitted(&c, truth[i].path);
        ck_assert_msg(fabs(found / truth[i].number - 1) <= 0.03, "%s: %g, want %g",
                      truth[i].path, found, truth[i].number);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_no_record_tells_of_stays)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    struct psim_calibration c;
    calibrate(&arena, &diag, measured_of(&arena, &diag), &plain, &c);
    const struct psim_parameter *last = &c.parameters.items[c.parameters.n - 1];
    ck_assert_str_eq(last->name, "operations.fma.throughput.fp64");
    ck_assert(!c.fit.chosen[c.parameters.n - 1]);
    ck_assert_double_eq(c.first_slope[c.parameters.n - 1], 0);
    ck_assert_double_eq(c.fit.logs[c.parameters.n - 1], 0);
    ck_assert_double_eq(fitted(&c, last->name), 0);
    psim_arena_free(&arena);
}
END_TEST

/* All numbers that may move, both engines, folds: the same bytes. */
START_TEST(threads_change_nothing)
{
    const char *texts[2];
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    struct psim_measured *m = measured_of(&arena, &diag);
    for (size_t i = 0; i < 2; i++) {
        struct psim_calibrate_options options = plain;
        options.parameters_path = NULL;
        options.n_engines = 2;
        options.folds = 3;
        options.threads = i == 0 ? 1 : 5;
        struct psim_calibration c;
        calibrate(&arena, &diag, m, &options, &c);
        texts[i] = c.overlay;
    }
    check_same_text("5 threads", texts[1], texts[0]);
    psim_arena_free(&arena);
}
END_TEST

/** The half that is left out is fitted by nobody, and as well predicted: the fit is
 * exact. */
START_TEST(a_half_is_left_out)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    struct psim_calibrate_options options = plain;
    options.half = true;
    struct psim_calibration c;
    calibrate(&arena, &diag, measured_of(&arena, &diag), &options, &c);
    const struct psim_fit_score seen = psim_calibration_score(
        &arena, &c, c.after, (struct psim_rows_of){"all", 0, false, true});
    const struct psim_fit_score left = psim_calibration_score(
        &arena, &c, c.after, (struct psim_rows_of){"all", 0, false, false});
    ck_assert_uint_eq(seen.n, N_RECORDS / 2);
    ck_assert_uint_eq(left.n, N_RECORDS / 2);
    ck_assert_msg(left.mape < 0.02, "off by %g", left.mape);
    psim_arena_free(&arena);
}
END_TEST

/* By hand, with the turn at 0.05: r = 0.05 gives sqrt(2) - 1, its slope is
 * 1 / (0.05 sqrt(2)) = 14.14; far out the loss is |r| / 0.05 - 1, its slope 20. */
START_TEST(the_loss_is_square_then_straight)
{
    double slope;
    ck_assert_double_eq_tol(psim_loss_of(0.05, &slope), sqrt(2) - 1, 1e-12);
    ck_assert_double_eq_tol(slope, 20 / sqrt(2), 1e-9);
    ck_assert_double_eq_tol(psim_loss_of(-5, &slope), 99.005, 1e-3);
    ck_assert_double_eq_tol(slope, -20, 1e-2);
    const double logs[] = {0.2, -0.3}, spread[] = {0.1, 0.3};
    /* 0.2^2 / (2 x 0.1^2) + 0.3^2 / (2 x 0.3^2) = 2 + 0.5 */
    ck_assert_double_eq_tol(psim_pull(logs, spread, 2), 2.5, 1e-12);
}
END_TEST

/* Two parameters, the same but for one row: the first explains all rows, so the second
 * gains nothing beside it; the third moves no row. */
START_TEST(a_parameter_must_gain_beside_the_others)
{
    struct psim_arena arena = {0};
    const double residual[] = {0.06, 0.06, 0.06, 0.06};
    const double rows[4][3] = {{1, 1, 0}, {1, 1, 0}, {1, 1, 0}, {1, 0.5, 0}};
    const double *slope[] = {rows[0], rows[1], rows[2], rows[3]};
    const double at[3] = {0}, least[] = {-1, -1, -1}, most[] = {1, 1, 1};
    const double spread[] = {1, 1, 1};
    const struct psim_linear linear = {4, 3, residual, slope, at, least, most, spread};
    bool chosen[3] = {false};
    ck_assert_uint_eq(psim_linear_choose(&arena, &linear, 3, chosen), 1);
    ck_assert(chosen[0] && !chosen[1] && !chosen[2]);
    double left[3];
    psim_linear_spread(&arena, &linear, chosen, left);
    /* 4 rows of weight 1 / (sqrt(1 + 1.2^2) 0.05^2) = 256.07, and the pull's 1:
     * 1 / sqrt(1025.3) = 0.03123 */
    ck_assert_double_eq_tol(left[0], 0.03123, 1e-5);
    ck_assert_double_eq(left[2], 1);
    double logs[3];
    psim_linear_step(&arena, &linear, chosen, 1, logs);
    /* -0.06 but for the pull: 4 d / 0.05^2 = 0.06 / 1, d = 3.75e-5 */
    ck_assert_double_eq_tol(logs[0], -0.06 + 3.75e-5, 1e-6);
    ck_assert_double_eq(logs[1], 0);
    psim_linear_step(&arena, &linear, chosen, 0.01, logs);
    ck_assert_double_eq_tol(logs[0], -0.01, 1e-12);
    psim_arena_free(&arena);
}
END_TEST

static const struct {
    const char *path, *text;
    bool nameable;
} spots[] = {
    {"parallel_groups.chip.launch", "2.5 us", true},
    {"libraries.lib/elementwise/add.tiles.0.instructions", "2.5", true},
    {"libraries.lib/elementwise/relu.instructions", "2.5", true},
    {"libraries.lib/reduce.instructions", "2.5", false},
    {"operations.fma.throughput.fp64", "2.5 op/cycle", true},
};

START_TEST(a_figure_is_found_by_its_path)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_node *root = psim_read_file(&arena, &diag, machine_path);
    const struct psim_spots all = psim_spots_find(&arena, root);
    const struct psim_spot *found = NULL;
    for (size_t i = 0; i < all.n && !found; i++) {
        if (psim_str_equal(all.items[i].path, spots[_i].path)) found = &all.items[i];
    }
    ck_assert_msg(found != NULL, "%s", spots[_i].path);
    ck_assert_str_eq(psim_spot_text(&arena, found, 2.5), spots[_i].text);
    ck_assert(found->nameable == spots[_i].nameable);
    const struct psim_change change = {found, 2.5};
    const struct psim_node *other = psim_spots_change(&arena, root, &change, 1);
    const struct psim_spots after = psim_spots_find(&arena, other);
    ck_assert_uint_eq(after.n, all.n);
    for (size_t i = 0; i < all.n; i++) {
        const bool same = &all.items[i] != found;
        ck_assert_double_eq(after.items[i].number, same ? all.items[i].number : 2.5);
    }
    psim_arena_free(&arena);
}
END_TEST

/* The table of rules in the document is that of the code. */
START_TEST(rules_are_documented)
{
    static char page[1 << 16];
    FILE *file = fopen("docs/CALIBRATE.md", "r");
    ck_assert_ptr_nonnull(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    ck_assert_int_eq(fclose(file), 0);
    for (const struct psim_rule *rule = psim_rules; rule->pattern; rule++) {
        char row[256];
        (void)snprintf(row, sizeof row, "| `%s` | %s | %g | %g |%s%g", rule->pattern,
                       rule->kind ? rule->kind : "", rule->down, rule->up,
                       rule->most > 0 ? " " : "", rule->most);
        if (!(rule->most > 0)) row[strlen(row) - 1] = '\0';
        ck_assert_msg((strstr(page, row) != NULL) == (rule->kind != NULL), "%s", row);
    }
}
END_TEST

/* FIPS 180-4's own example. */
START_TEST(the_hash_is_sha_256)
{
    struct psim_arena arena = {0};
    ck_assert_str_eq(
        psim_hash_bytes(&arena, "abc", 3),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("calibrate/calibrate");
    TCase *tcase = tcase_create("fits");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, figures_are_found_again);
    tcase_add_loop_test(tcase, outliers_move_nothing, 0, N_RECORDS);
    tcase_add_test(tcase, what_no_record_tells_of_stays);
    tcase_add_test(tcase, threads_change_nothing);
    tcase_add_test(tcase, a_half_is_left_out);
    suite_add_tcase(suite, tcase);
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, the_loss_is_square_then_straight);
    tcase_add_test(parts, a_parameter_must_gain_beside_the_others);
    tcase_add_loop_test(parts, a_figure_is_found_by_its_path, 0,
                        (int)PSIM_COUNT(spots));
    tcase_add_test(parts, rules_are_documented);
    tcase_add_test(parts, the_hash_is_sha_256);
    suite_add_tcase(suite, parts);
    return check_main(suite);
}
