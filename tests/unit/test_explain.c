/* SPDX-License-Identifier: MIT */
/** @file Explanations close: each number is what its formula yields of its parts, and
 * each root is the number that is reported. */
#include <dirent.h>
#include <math.h>

#include "check_machines.h"
#include "explain/explain.h"
#include "explain/formula.h"
#include "result/metric.h"

/** Sums are done in another order here than where the number comes from. */
static const double tolerance = 1e-9;

/** What is explained, for messages. */
struct subject {
    struct psim_arena *arena;
    const char *text;
    const struct psim_hw *hw;
    const struct psim_workload *workload;
    struct psim_predict_options options;
};

/** A file's figure says where it stands. */
static void
ck_leaves(const struct subject *s, const char *key, const struct psim_reason *r)
{
    CHECK_THAT(r->name && *r->name, "%s: %s: a number without a name", s->text, key);
    CHECK_THAT(isfinite(r->value), "%s: %s: %s is %g", s->text, key, r->name, r->value);
    if (r->kind == PSIM_REASON_FIGURE) {
        CHECK_THAT(r->at.source != NULL && r->at.line > 0, "%s: %s: no place of '%s'",
                   s->text, key, r->name);
    }
    if (r->kind == PSIM_REASON_FORMULA) {
        CHECK_THAT(r->formula != NULL, "%s: %s: no formula of '%s'", s->text, key,
                   r->name);
    }
}

static void
ck_closes(const struct subject *s, const char *key, const struct psim_reason *root)
{
    ck_leaves(s, key, root);
    const struct psim_reason *fault = psim_reason_fault(root, tolerance);
    if (!fault) return;
    CHECK_THAT(false, "%s: %s: %s is %.17g, of its parts %.17g\n= %s\n= %s", s->text,
               key, fault->name, fault->value, psim_reason_evaluate(fault),
               psim_reason_formula(s->arena, fault, false),
               psim_reason_formula(s->arena, fault, true));
}

static const struct psim_metric *
metric_of(const char *key)
{
    for (size_t i = 0; i < psim_metric_count; i++) {
        if (psim_str_equal(psim_metrics[i].key, key)) return &psim_metrics[i];
    }
    return NULL;
}

/** @return false where the machine cannot do it */
static bool
explain_all(const struct subject *s)
{
    struct psim_diag diag = {.arena = s->arena};
    struct psim_why *why =
        psim_explain_open(s->arena, &diag, s->hw, s->workload, &s->options);
    if (!why) return false;
    const struct psim_result *result = psim_explain_result(why);
    for (const struct psim_subject *subject = psim_subjects; subject->key; subject++) {
        const struct psim_reason **reasons;
        const size_t n = psim_explain(why, subject, &reasons);
        for (size_t i = 0; i < n; i++) {
            ck_closes(s, subject->key, reasons[i]);
        }
        const struct psim_metric *metric = metric_of(subject->key);
        if (!metric) continue;
        const double reported = metric->get(result);
        CHECK_THAT(n == (reported >= 0), "%s: %s is %g, %zu reasons", s->text,
                   subject->key, reported, n);
        CHECK_THAT(n == 0 || reasons[0]->value == reported,
                   "%s: %s is reported as %.17g, explained as %.17g", s->text,
                   subject->key, reported, reasons[0]->value);
    }
    return true;
}

/* --- all machines, all workloads ---------------------------------------------------
 */

static size_t
all_workloads(struct psim_arena *arena, const char *ret[CHECK_MAX_MACHINES])
{
    size_t n = 0;
    DIR *folder = opendir("workloads");
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0) continue;
        ck_assert(n < CHECK_MAX_MACHINES);
        ret[n++] = psim_arena_printf(arena, "workloads/%s", entry->d_name);
    }
    ck_assert_int_eq(closedir(folder), 0);
    return n;
}

/** Machines are the rows of a loop: each is a test of its own. */
static void
explain_workloads(int machine, const struct psim_predict_options *options)
{
    struct psim_arena arena = {0};
    const char *machines[CHECK_MAX_MACHINES], *workloads[CHECK_MAX_MACHINES];
    const size_t n_machines = check_machines(&arena, machines);
    const size_t n = all_workloads(&arena, workloads);
    if ((size_t)machine >= n_machines) {
        psim_arena_free(&arena);
        return;
    }
    const char *spec = psim_arena_printf(&arena, "specs/%s.yaml", machines[machine]);
    struct psim_diag diag = {.arena = &arena};
    const struct psim_hw_layers layers = {.own_overlays = true};
    const struct psim_hw *hw = psim_hw_load(&arena, &diag, spec, &layers);
    ck_assert_ptr_nonnull(hw);
    unsigned explained = 0;
    for (size_t i = 0; i < n; i++) {
        const struct psim_arena_mark mark = psim_arena_mark(&arena);
        struct psim_diag own = {.arena = &arena};
        const struct psim_workload *workload =
            psim_workload_load(&arena, &own, workloads[i], NULL);
        ck_assert_ptr_nonnull(workload);
        explained += explain_all(&(struct subject){
            &arena,
            psim_arena_printf(&arena, "%s, %s", machines[machine], workloads[i]), hw,
            workload, *options});
        psim_arena_rewind(&arena, mark);
    }
    ck_assert_msg(explained > 0, "%s explains nothing", machines[machine]);
    psim_arena_free(&arena);
}

START_TEST(all_numbers_of_workloads_close)
{
    explain_workloads(
        _i, &(struct psim_predict_options){.engine = psim_engine_find("analytic")});
}
END_TEST

START_TEST(a_capped_clock_closes)
{
    explain_workloads(_i, &(struct psim_predict_options){
                              .engine = psim_engine_find("analytic"),
                              .sustained = true,
                              .launch_given = true,
                              .launch = PSIM_LAUNCH_GRAPH,
                          });
}
END_TEST

/* --- random ops ---------------------------------------------------------------------
 */

START_TEST(random_ops_close)
{
    enum { SHAPES = 60 };
    struct check_random random = {(uint64_t)_i + 77};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned explained = 0;
    for (unsigned i = 0; explained < SHAPES; i++) {
        ck_assert_msg(i < 30 * SHAPES, "only %u of %u", explained, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)_i, 4000);
        const struct psim_hw *hw = machines[i % n_machines];
        const struct psim_predict_options options = {
            .engine = psim_engine_find("analytic"),
            .sustained = check_draw(&random, 0, 3) == 0,
        };
        explained += explain_all(&(struct subject){
            &arena, psim_arena_printf(&arena, "%s on %s", text, hw->name), hw,
            check_words(&arena, text), options});
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_the_event_engine_sees_closes)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = check_machine(&arena, "a100", NULL, 0);
    static const char *const texts[] = {
        "gemm m=512 n=640 k=384 dtype=fp16",
        "attention algorithm=flash2 batch=2 heads=4 seq_q=512 head_dim=64 dtype=fp16",
        "softmax rows=300 cols=700 dtype=fp32",
    };
    for (size_t i = 0; i < PSIM_COUNT(texts); i++) {
        const struct psim_predict_options options = {.engine =
                                                         psim_engine_find("event")};
        ck_assert(explain_all(&(struct subject){
            &arena, texts[i], hw, check_words(&arena, texts[i]), options}));
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("explain/explain");
    TCase *tcase = tcase_create("explanations");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, all_numbers_of_workloads_close, 0, 16);
    tcase_add_loop_test(tcase, a_capped_clock_closes, 0, 16);
    tcase_add_loop_test(tcase, random_ops_close, 0, CHECK_N_KINDS);
    tcase_add_test(tcase, what_the_event_engine_sees_closes);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
