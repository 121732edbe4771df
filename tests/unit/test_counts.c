/* SPDX-License-Identifier: MIT */
/** @file Sums in closed form are sums over work-groups, and those of the op itself. */
#include "check_machines.h"
#include "check_visit.h"
#include "plan/count.h"
#include "plan/plan_check.h"

enum { SHAPES = 1000 };

static const char *const kind_names[CHECK_N_KINDS] = {
    [CHECK_GEMM] = "gemm",
    [CHECK_ELEMENTWISE] = "elementwise",
    [CHECK_SOFTMAX] = "softmax",
    [CHECK_NAIVE] = "attention/naive",
    [CHECK_FLASH2] = "attention/flash2",
    [CHECK_FLASH3] = "attention/flash3",
    [CHECK_FLASH_DECODE] = "attention/flash_decode",
    [CHECK_SERIAL] = "attention/serial",
    [CHECK_DIRECT] = "conv2d/direct",
    [CHECK_IM2COL] = "conv2d/im2col",
    [CHECK_IMPLICIT] = "conv2d/implicit",
    [CHECK_LAYERNORM] = "layernorm",
    [CHECK_RMSNORM] = "rmsnorm",
    [CHECK_BATCHNORM] = "batchnorm",
    [CHECK_REDUCE] = "reduce",
    [CHECK_COPY] = "copy",
    [CHECK_TRANSPOSE] = "transpose",
    [CHECK_GATHER] = "gather",
    [CHECK_POOL] = "pool2d",
    [CHECK_FFT] = "fft",
    [CHECK_NBODY] = "nbody",
};

/** What each step does, counted one work-group after the other. */
struct tally {
    uint64_t amount[PSIM_MAX_STEPS], visits[PSIM_MAX_STEPS];
    uint64_t item_amount[PSIM_MAX_STEPS]; /**< of the item under way */
    uint64_t least[PSIM_MAX_STEPS], most[PSIM_MAX_STEPS];
    uint64_t item;
    bool started;
};

static void
close_item(struct tally *t)
{
    for (size_t s = 0; s < PSIM_MAX_STEPS && t->started; s++) {
        if (t->item_amount[s] < t->least[s]) t->least[s] = t->item_amount[s];
        if (t->item_amount[s] > t->most[s]) t->most[s] = t->item_amount[s];
        t->item_amount[s] = 0;
    }
}

static void
tally_step(void *context, const struct check_visit *visit)
{
    struct tally *t = context;
    if (!t->started || t->item != visit->item) {
        close_item(t);
        t->item = visit->item;
        t->started = true;
    }
    t->visits[visit->step]++;
    if (visit->kernel->steps[visit->step].kind != PSIM_STEP_DO) return;
    t->amount[visit->step] += visit->amount;
    t->item_amount[visit->step] += visit->amount;
}

static void
check_kernel_sums(const char *op, const struct psim_plan *plan,
                  const struct psim_kernel *k)
{
    struct tally t = {0};
    memset(t.least, 0xff, sizeof t.least);
    check_visit_all(plan, k, tally_step, &t);
    close_item(&t);
    for (uint16_t s = 0; s < k->n_steps; s++) {
        if (k->steps[s].kind == PSIM_STEP_STOP) continue;
        const struct psim_range visits = psim_count_visits(k, s);
        CHECK_THAT(visits.sum == (double)t.visits[s],
                   "%s: %s: step %u: %.17g visits in closed form, %llu one by one", op,
                   k->name, s, visits.sum, (unsigned long long)t.visits[s]);
        if (k->steps[s].kind != PSIM_STEP_DO) continue;
        const struct psim_range sum = psim_count_step(k, s);
        CHECK_THAT(
            sum.sum == (double)t.amount[s] && sum.least == (double)t.least[s] &&
                sum.most == (double)t.most[s],
            "%s: %s: step %u: %.17g (%g to %g) in closed form, %llu (%llu to %llu) "
            "one by one",
            op, k->name, s, sum.sum, sum.least, sum.most,
            (unsigned long long)t.amount[s], (unsigned long long)t.least[s],
            (unsigned long long)t.most[s]);
    }
}

/** Each place of the grid is taken exactly once. */
static void
check_kernel_walk(struct psim_arena *arena, const char *op, const struct psim_kernel *k)
{
    const uint64_t items = psim_kernel_items(k);
    uint8_t *seen = PSIM_NEW_N(arena, uint8_t, items);
    for (uint64_t i = 0; i < items; i++) {
        uint32_t x[PSIM_MAX_AXES];
        psim_kernel_walk(k, i, x);
        uint64_t place = 0;
        for (uint8_t a = 0; a < k->n_axes; a++) {
            CHECK_THAT(x[a] < k->extent[a], "%s: %s: item %llu lies outside", op,
                       k->name, (unsigned long long)i);
            place = place * k->extent[a] + x[a];
        }
        CHECK_THAT(seen[place]++ == 0, "%s: %s: item %llu is taken twice", op, k->name,
                   (unsigned long long)i);
    }
}

/** Extents that keep a brute-force count of a kind short. */
static uint64_t
most_of(enum check_kind kind)
{
    return kind == CHECK_SERIAL ? 24 : kind == CHECK_IMPLICIT ? 64 : 200;
}

START_TEST(sums_over_runs_are_sums_over_work_groups)
{
    const enum check_kind kind = (enum check_kind)_i;
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 20 * SHAPES, "%s: only %u of %u shapes", kind_names[kind], built,
                   i);
        const struct psim_hw *hw = machines[i % n_machines];
        const char *text = check_random_op(&arena, &random, kind, most_of(kind));
        struct psim_chosen c;
        const struct psim_op *op = check_op(&arena, text);
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            const char *fault = psim_plan_check(&arena, c.plan);
            CHECK_THAT(fault == NULL, "%s: %s", text, fault);
            for (uint32_t k = 0; k < c.plan->n_kernels; k++) {
                check_kernel_walk(&arena, text, &c.plan->kernels[k]);
                check_kernel_sums(text, c.plan, &c.plan->kernels[k]);
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
    Suite *suite = suite_create("plan/counts");
    TCase *sums = tcase_create("closed form");
    tcase_set_timeout(sums, 60);
    tcase_add_loop_test(sums, sums_over_runs_are_sums_over_work_groups, 0,
                        CHECK_N_KINDS);
    suite_add_tcase(suite, sums);
    return check_main(suite);
}
