/* SPDX-License-Identifier: MIT */
/** @file More of anything is never slower, by the bound; twice the work never faster.
 *
 * Times of schedules have no such order: with one unit more the last wave may be a
 * worse one (R. L. Graham, Bounds on multiprocessing timing anomalies, 1969). */
#include <math.h>

#include "check_machines.h"

/** Both are sums of some dozens of terms in another order. */
static const double rounding = 1e-12;

/* --- the same plan on a better machine ----------------------------------------- */

static double
bound_of(struct psim_arena *arena, const struct psim_plan *plan, uint32_t kernel)
{
    struct psim_kernel_time time;
    const struct psim_launch launch = {.kernel = kernel};
    psim_engine_find("analytic")->time(arena, plan, &launch, &time);
    return time.bound_s;
}

/** What is made better in a copy of a plan. */
enum better {
    FASTER_SERVER,
    LARGER_CACHE,
    MORE_UNITS,
    MORE_RESIDENT,
    DEEPER_CHANNEL,
    SHORTER_LATENCY,
    N_BETTER,
};

static const char *const better_names[N_BETTER] = {
    [FASTER_SERVER] = "a faster server",   [LARGER_CACHE] = "a larger cache",
    [MORE_UNITS] = "more units",           [MORE_RESIDENT] = "more work-groups at once",
    [DEEPER_CHANNEL] = "a deeper channel", [SHORTER_LATENCY] = "shorter latencies",
};

static struct psim_plan
copy_of(struct psim_arena *arena, const struct psim_plan *plan)
{
    struct psim_plan copy = *plan;
    struct psim_act *acts = PSIM_NEW_N(arena, struct psim_act, plan->n_acts + 1);
    struct psim_cache *caches =
        PSIM_NEW_N(arena, struct psim_cache, plan->n_caches + 1);
    struct psim_kernel *kernels =
        PSIM_NEW_N(arena, struct psim_kernel, plan->n_kernels + 1);
    memcpy(acts, plan->acts, plan->n_acts * sizeof *acts);
    memcpy(caches, plan->caches, plan->n_caches * sizeof *caches);
    memcpy(kernels, plan->kernels, plan->n_kernels * sizeof *kernels);
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        const size_t n = kernels[k].n_channels;
        struct psim_channel *channels = PSIM_NEW_N(arena, struct psim_channel, n + 1);
        if (n > 0) memcpy(channels, kernels[k].channels, n * sizeof *channels);
        kernels[k].channels = channels;
    }
    copy.acts = acts;
    copy.caches = caches;
    copy.kernels = kernels;
    return copy;
}

/** The copy's own tables, behind their const. */
static void
improve_acts(const struct psim_plan *copy, struct check_random *random,
             enum better better, double factor)
{
    struct psim_act *acts = (struct psim_act *)copy->acts;
    const uint64_t server = check_draw(random, 0, copy->n_servers - 1U);
    for (uint32_t i = 0; i < copy->n_acts; i++) {
        for (uint8_t d = 0; d < acts[i].n_demands && better == FASTER_SERVER; d++) {
            if (acts[i].demand[d].server == server) {
                acts[i].demand[d].s_per_unit /= factor;
            }
        }
        for (uint8_t k = 0; k <= acts[i].n_caches && better == SHORTER_LATENCY; k++) {
            acts[i].latency_s[k] /= factor;
        }
    }
}

static void
improve(const struct psim_plan *copy, struct check_random *random, enum better better,
        double factor)
{
    struct psim_cache *caches = (struct psim_cache *)copy->caches;
    struct psim_kernel *kernels = (struct psim_kernel *)copy->kernels;
    improve_acts(copy, random, better, factor);
    for (uint32_t i = 0; i < copy->n_caches && better == LARGER_CACHE; i++) {
        caches[i].bytes = (uint64_t)((double)caches[i].bytes * factor);
    }
    for (uint32_t k = 0; k < copy->n_kernels; k++) {
        struct psim_kernel *kernel = &kernels[k];
        struct psim_channel *channels = (struct psim_channel *)kernel->channels;
        if (better == MORE_UNITS) {
            kernel->units = (uint32_t)ceil(kernel->units * factor);
        }
        if (better == MORE_RESIDENT) kernel->resident++;
        for (uint8_t i = 0; i < kernel->n_channels && better == DEEPER_CHANNEL; i++) {
            if (channels[i].depth < PSIM_MAX_DEPTH) channels[i].depth++;
        }
    }
}

START_TEST(a_better_machine_never_raises_the_bound_of_a_plan)
{
    enum { SHAPES = 100 };
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 30 * SHAPES, "only %u of %u shapes", built, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)_i, 1000);
        const struct psim_hw *hw = machines[i % n_machines];
        const struct psim_op *op = check_op(&arena, text);
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            for (int better = 0; better < N_BETTER; better++) {
                const double factor = (double)check_draw(&random, 101, 400) / 100;
                const struct psim_plan copy = copy_of(&arena, c.plan);
                improve(&copy, &random, (enum better)better, factor);
                for (uint32_t k = 0; k < c.plan->n_kernels; k++) {
                    const double before = bound_of(&arena, c.plan, k);
                    const double after = bound_of(&arena, &copy, k);
                    CHECK_THAT(after <= before * (1 + rounding),
                               "%s on %s: %s: bound %.12g us, with %s (%g) %.12g us",
                               text, hw->name, c.plan->kernels[k].name, before * 1e6,
                               better_names[better], factor, after * 1e6);
                }
            }
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- the best mapping on a better machine ---------------------------------------- */

/** Figures of a machine file, each with the range in which it is drawn. */
static const struct {
    const char *path, *unit;
    unsigned least, most;
} figures[] = {
    {"memory_domains.hbm.bandwidth.peak", "GB/s", 1000, 20000},
    {"memory_domains.l2.bandwidth.peak", "GB/s", 2000, 40000},
    {"memory_domains.l2.size", "MiB", 1, 500},
    {"memory_domains.l2.port.bandwidth", "B/cycle", 16, 256},
    {"memory_domains.l1_array.bandwidth", "B/cycle", 32, 512},
    {"memory_domains.shared.size", "KiB", 100, 256},
    {"memory_domains.registers.size", "KiB", 64, 256},
    {"parallel_groups.gpu.number", "", 16, 400},
    {"parallel_groups.sm.holds.blocks", "", 8, 64},
    {"parallel_groups.subcore.holds.warps", "", 8, 64},
    {"operations.wgmma.throughput.bf16", "FLOP/cycle", 256, 4096},
    {"operations.wgmma.throughput.fp16", "FLOP/cycle", 256, 4096},
    {"operations.mma.throughput.fp16", "FLOP/cycle", 128, 4096},
    {"operations.bulk_copy.throughput", "B/cycle", 32, 512},
    {"operations.exp2.throughput.fp32", "milliop/cycle", 30, 1000},
    {"operations.fma.throughput.fp32", "milliop/cycle", 250, 4000},
    {"operations.load.throughput", "milliop/cycle", 60, 1000},
};

static const char *
set_of(struct psim_arena *arena, size_t figure, unsigned value)
{
    const char *unit = figures[figure].unit;
    if (strcmp(unit, "milliop/cycle") == 0) {
        return psim_arena_printf(arena, "%s=%u.%03u op/cycle", figures[figure].path,
                                 value / 1000, value % 1000);
    }
    return psim_arena_printf(arena, "%s=%u %s", figures[figure].path, value, unit);
}

static double
best_bound(struct psim_arena *arena, const struct psim_hw *hw, const struct psim_op *op)
{
    struct psim_chosen c;
    return check_choose(arena, hw, op, &c) ? c.bound_s : (double)INFINITY;
}

START_TEST(a_better_machine_never_raises_the_best_bound)
{
    enum { PAIRS = 12, OPS = 20 };
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    for (unsigned i = 0; i < PAIRS; i++) {
        const struct psim_arena_mark mark = psim_arena_mark(&arena);
        const unsigned least = figures[_i].least, most = figures[_i].most;
        const unsigned low = (unsigned)check_draw(&random, least, most - 1);
        const unsigned high = (unsigned)check_draw(&random, low + 1, most);
        const char *sets[2] = {set_of(&arena, (size_t)_i, low),
                               set_of(&arena, (size_t)_i, high)};
        const struct psim_hw *worse = check_machine(&arena, "h200", &sets[0], 1);
        const struct psim_hw *better = check_machine(&arena, "h200", &sets[1], 1);
        for (unsigned o = 0; o < OPS; o++) {
            const int kind = (int)check_draw(&random, 0, CHECK_N_KINDS - 1);
            const char *text =
                check_random_op(&arena, &random, (enum check_kind)kind, 4000);
            const struct psim_op *op = check_op(&arena, text);
            const double before = best_bound(&arena, worse, op);
            const double after = best_bound(&arena, better, op);
            CHECK_THAT(after <= before * (1 + rounding),
                       "%s: at least %.9g us with %s, %.9g us with %s", text,
                       before * 1e6, sets[0], after * 1e6, sets[1]);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- twice the work --------------------------------------------------------------- */

/**
 * Keys that multiply the work of an op. Rows of matrices stay multiples of 64 elements:
 * rows that are not aligned need other, slower kernels, and twice as long they may be.
 */
static const struct {
    enum check_kind kind;
    const char *key;
    unsigned long long step;
} works[] = {
    {CHECK_GEMM, "batch=", 1},
    {CHECK_GEMM, "m=", 1},
    {CHECK_GEMM, "n=", 64},
    {CHECK_GEMM, "k=", 64},
    {CHECK_ELEMENTWISE, "elements=", 1},
    {CHECK_SOFTMAX, "rows=", 1},
    {CHECK_NAIVE, "batch=", 1},
    {CHECK_FLASH2, "batch=", 1},
    {CHECK_FLASH3, "batch=", 1},
    {CHECK_FLASH_DECODE, "batch=", 1},
    {CHECK_SERIAL, "batch=", 1},
    {CHECK_DIRECT, "batch=", 1},
    {CHECK_IM2COL, "batch=", 1},
    {CHECK_IMPLICIT, "batch=", 1},
    {CHECK_LAYERNORM, "rows=", 1},
    {CHECK_RMSNORM, "rows=", 1},
    {CHECK_BATCHNORM, "rows=", 1},
    {CHECK_REDUCE, "rows=", 1},
    {CHECK_COPY, "bytes=", 1},
    {CHECK_TRANSPOSE, "rows=", 1},
    {CHECK_GATHER, "indices=", 1},
    {CHECK_POOL, "batch=", 1},
    {CHECK_FFT, "batch=", 1},
    {CHECK_NBODY, "bodies=", 1},
};

/** The words with the value of one key so many times as large. */
static const char *
times(struct psim_arena *arena, const char *text, const char *key,
      unsigned long long factor)
{
    const char *with_blank = psim_arena_printf(arena, " %s", key);
    const char *at = strstr(text, with_blank);
    CHECK_THAT(at != NULL, "%s has no %s", text, key);
    at += strlen(with_blank);
    char *end;
    const unsigned long long value = strtoull(at, &end, 10);
    return psim_arena_printf(arena, "%.*s%llu%s", (int)(at - text), text,
                             factor * value, end);
}

START_TEST(twice_the_work_never_lowers_the_best_bound)
{
    enum { SHAPES = 60 };
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    unsigned compared = 0;
    for (unsigned i = 0; compared < SHAPES; i++) {
        const struct psim_arena_mark mark = psim_arena_mark(&arena);
        CHECK_THAT(i < 30 * SHAPES, "only %u of %u shapes", compared, i);
        const char *text = check_random_op(&arena, &random, works[_i].kind, 2000);
        text = times(&arena, text, works[_i].key, works[_i].step);
        const char *twice = times(&arena, text, works[_i].key, 2);
        const struct psim_hw *hw = machines[i % n_machines];
        const double one = best_bound(&arena, hw, check_op(&arena, text));
        if (!isinf(one)) {
            const double two = best_bound(&arena, hw, check_op(&arena, twice));
            compared++;
            CHECK_THAT(two >= one * (1 - rounding),
                       "%s on %s: at least %.9g us, with twice the %s %.9g us", text,
                       hw->name, one * 1e6, works[_i].key, two * 1e6);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/monotone");
    TCase *tcase = tcase_create("bounds");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_better_machine_never_raises_the_bound_of_a_plan, 0,
                        CHECK_N_KINDS);
    tcase_add_loop_test(tcase, a_better_machine_never_raises_the_best_bound, 0,
                        (int)PSIM_COUNT(figures));
    tcase_add_loop_test(tcase, twice_the_work_never_lowers_the_best_bound, 0,
                        (int)PSIM_COUNT(works));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
