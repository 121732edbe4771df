/* SPDX-License-Identifier: MIT */
/** @file What must not matter: order of building, order of running, threads, locale. */
#include <locale.h>
#include <pthread.h>

#include "check_machines.h"
#include "plan/plan_text.h"

static const char *const engines[] = {"analytic", "event"};

/* --- order ------------------------------------------------------------------ */

/** Ops of several kernels, each of which has servers that the others have not. */
static const char *const several[] = {
    "attention algorithm=naive heads=2 seq_q=200 head_dim=64 dtype=fp16",
    "attention algorithm=naive heads=2 seq_q=200 head_dim=64 dtype=fp32",
    "attention algorithm=flash_decode heads=8 seq_q=1 seq_kv=3000 head_dim=64 "
    "dtype=fp16",
    "conv2d algorithm=im2col_gemm batch=2 in_channels=16 out_channels=32 height=20 "
    "width=20 kernel=3,3 dtype=fp16",
    "gemm m=64 n=64 k=8192 dtype=fp16",
};

/** The plan of an op whose parts are built in order, or the last one first. */
static const struct psim_plan *
build_parts(struct psim_arena *arena, const struct psim_hw *hw,
            const struct psim_chosen *c, bool backwards)
{
    struct psim_build *build = PSIM_NEW(arena, struct psim_build);
    psim_build_init(build, arena, hw);
    for (size_t i = 0; i < c->parts.n; i++) {
        const size_t p = backwards ? c->parts.n - 1 - i : i;
        const struct psim_part *part = &c->parts.part[p];
        ck_assert(part->program->build(build, part, &c->mapping[p]));
    }
    return psim_build_plan(build);
}

static uint32_t
kernel_named(const struct psim_plan *plan, const char *name)
{
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        if (strcmp(plan->kernels[k].name, name) == 0) return k;
    }
    ck_abort_msg("no kernel %s", name);
}

START_TEST(the_order_of_building_kernels_changes_nothing)
{
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    const struct psim_op *op = check_op(&arena, several[_i]);
    unsigned compared = 0;
    for (size_t m = 0; m < n_machines; m++) {
        struct psim_chosen c;
        if (!check_choose(&arena, machines[m], op, &c)) continue;
        const struct psim_plan *one = build_parts(&arena, machines[m], &c, false);
        const struct psim_plan *other = build_parts(&arena, machines[m], &c, true);
        for (uint32_t k = 0; k < one->n_kernels; k++) {
            const char *name = one->kernels[k].name;
            for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
                const struct psim_engine *engine = psim_engine_find(engines[e]);
                const struct psim_launch a = {.kernel = k};
                const struct psim_launch b = {.kernel = kernel_named(other, name)};
                struct psim_kernel_time first, second;
                engine->time(&arena, one, &a, &first);
                engine->time(&arena, other, &b, &second);
                CHECK_THAT(
                    first.time_s == second.time_s && first.bound_s == second.bound_s &&
                        first.events == second.events,
                    "%s on %s: %s: %s: %.17g s, built backwards %.17g s", several[_i],
                    machines[m]->name, name, engines[e], first.time_s, second.time_s);
                compared++;
            }
        }
    }
    ck_assert_uint_gt(compared, 0);
    psim_arena_free(&arena);
}
END_TEST

/* --- whole predictions -------------------------------------------------------- */

static const char *const workloads[] = {
    "attention algorithm=naive heads=4 seq_q=300 head_dim=64 dtype=fp16",
    "attention algorithm=flash3 heads=16 seq_q=1000 head_dim=128 causal=true "
    "dtype=bf16",
    "gemm m=1000 n=1000 k=1000 dtype=fp16",
    "conv2d algorithm=implicit_gemm batch=4 in_channels=64 out_channels=64 height=28 "
    "width=28 kernel=3,3 padding=1,1 dtype=fp16",
    "softmax rows=3000 cols=1500 dtype=fp32",
    "elementwise function=gelu elements=1234567 dtype=fp16",
};

/** All bits of a number, in letters that no locale changes. */
static unsigned long long
bits(double value)
{
    unsigned long long raw;
    memcpy(&raw, &value, sizeof raw);
    return raw;
}

/** Times, bounds and bytes of all workloads in both engines, printed to the last bit.
 */
static const char *
predict_all(struct psim_arena *arena, bool backwards)
{
    enum { N = PSIM_COUNT(workloads) * PSIM_COUNT(engines) };
    const char *lines[N];
    const struct psim_hw *hw = check_machine(arena, "h200", NULL, 0);
    for (size_t i = 0; i < N; i++) {
        const size_t at = backwards ? N - 1 - i : i;
        const struct psim_workload *workload =
            check_words(arena, workloads[at / PSIM_COUNT(engines)]);
        struct psim_diag diag = {.arena = arena};
        const struct psim_predict_options options = {
            .engine = psim_engine_find(engines[at % PSIM_COUNT(engines)])};
        const struct psim_result *r =
            psim_predict(arena, &diag, hw, workload, &options);
        if (!r) return NULL; /* a thread cannot fail a test by itself */
        lines[at] =
            psim_arena_printf(arena, "%llx %llx", bits(r->time_s), bits(r->bound_s));
        for (size_t k = 0; k < r->n_kernels; k++) {
            for (size_t v = 0; v < r->kernels[k].n_servers; v++) {
                const struct psim_server_use *use = &r->kernels[k].servers[v];
                lines[at] = psim_arena_printf(
                    arena, "%s\n%s %s %llx %llx %llx", lines[at], r->kernels[k].mapping,
                    use->name, bits(use->read), bits(use->written), bits(use->busy_s));
            }
        }
    }
    const char *all = "";
    for (size_t i = 0; i < N; i++) {
        all = psim_arena_printf(arena, "%s%s\n", all, lines[i]);
    }
    return all;
}

START_TEST(the_order_of_predictions_changes_nothing)
{
    struct psim_arena arena = {0};
    const char *forwards = predict_all(&arena, false);
    ck_assert_ptr_nonnull(forwards);
    ck_assert_str_eq(predict_all(&arena, true), forwards);
    psim_arena_free(&arena);
}
END_TEST

struct thread {
    struct psim_arena arena;
    bool backwards;
    const char *text;
};

static void *
predict_in_thread(void *context)
{
    struct thread *thread = context;
    thread->text = predict_all(&thread->arena, thread->backwards);
    return NULL;
}

START_TEST(two_threads_at_once_predict_what_one_does)
{
    struct psim_arena arena = {0};
    const char *alone = predict_all(&arena, false);
    ck_assert_ptr_nonnull(alone);
    struct thread threads[2] = {{.backwards = false}, {.backwards = true}};
    pthread_t ids[2];
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_create(&ids[i], NULL, predict_in_thread, &threads[i]),
                         0);
    }
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_join(ids[i], NULL), 0);
        ck_assert_ptr_nonnull(threads[i].text);
        ck_assert_str_eq(threads[i].text, alone);
        psim_arena_free(&threads[i].arena);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- locale ------------------------------------------------------------------- */

/** A plan as text and the same plan read back: numbers with points, both ways. */
static const char *
print_plan(struct psim_arena *arena)
{
    const struct psim_hw *hw = check_machine(arena, "h200", NULL, 0);
    struct psim_chosen c;
    ck_assert(check_choose(arena, hw, check_op(arena, workloads[0]), &c));
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    psim_plan_print(out, c.plan, true);
    ck_assert_int_eq(fclose(out), 0);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    struct psim_diag diag = {.arena = arena};
    ck_assert_ptr_nonnull(psim_plan_read(arena, &diag, "plan", copy));
    return copy;
}

START_TEST(a_comma_for_the_point_changes_nothing)
{
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                         "fr_FR.utf8",  "de_DE",      "fr_FR"};
    struct psim_arena arena = {0};
    const char *predicted = predict_all(&arena, false), *plan = print_plan(&arena);
    size_t i = 0;
    while (i < PSIM_COUNT(commas) && !setlocale(LC_ALL, commas[i])) {
        i++;
    }
    /* Where none is installed, any other than "C" that is. */
    if (i == PSIM_COUNT(commas)) (void)setlocale(LC_ALL, "C.UTF-8");
    const char *plan_again = print_plan(&arena), *again = predict_all(&arena, false);
    (void)setlocale(LC_ALL, "C");
    ck_assert_str_eq(plan_again, plan);
    ck_assert_str_eq(again, predicted);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/independence");
    TCase *order = tcase_create("order");
    tcase_add_loop_test(order, the_order_of_building_kernels_changes_nothing, 0,
                        (int)PSIM_COUNT(several));
    tcase_add_test(order, the_order_of_predictions_changes_nothing);
    suite_add_tcase(suite, order);
    TCase *threads = tcase_create("threads");
    tcase_set_timeout(threads, 60);
    tcase_add_test(threads, two_threads_at_once_predict_what_one_does);
    suite_add_tcase(suite, threads);
    TCase *locale = tcase_create("locale");
    tcase_add_test(locale, a_comma_for_the_point_changes_nothing);
    suite_add_tcase(suite, locale);
    return check_main(suite);
}
