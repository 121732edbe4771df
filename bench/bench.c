/* SPDX-License-Identifier: MIT */
/** @file What the benchmarks share. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONV                                                                           \
    "batch=32 in_channels=64 out_channels=64 height=56 width=56 kernel=3,3 "           \
    "padding=1,1 dtype=fp16"
#define HEADS "batch=4 heads=16 seq_q=4096 head_dim=128 dtype=fp16"

const struct bench_op bench_ops[] = {
    {"gemm 4096^3 fp16", "gemm m=4096 n=4096 k=4096 dtype=fp16", true, 0},
    {"gemm 8192^3 bf16", "gemm m=8192 n=8192 k=8192 dtype=bf16", true, 60e-3},
    {"gemm 2048^3 fp32", "gemm m=2048 n=2048 k=2048 dtype=fp32", true, 0},
    {"gemm 64x8192x8192 bf16", "gemm m=64 n=8192 k=8192 dtype=bf16", true, 0},
    {"gemm 1x4096x4096 bf16", "gemm m=1 n=4096 k=4096 dtype=bf16", true, 0},
    {"gemm 32 x 1000^3 fp8", "gemm m=1000 n=1000 k=1000 batch=32 dtype=fp8", true, 0},
    {"flash2 4096", "attention algorithm=flash2 " HEADS, true, 0},
    {"flash2 4096 causal", "attention algorithm=flash2 causal=true " HEADS, true, 0},
    {"flash3 4096", "attention algorithm=flash3 " HEADS, true, 0},
    {"flash_decode 2048",
     "attention algorithm=flash_decode batch=16 heads=32 seq_q=1 seq_kv=2048 "
     "head_dim=128 dtype=fp16",
     true, 0},
    {"naive 4096", "attention algorithm=naive " HEADS, false, 0},
    {"softmax 16384x4096", "softmax rows=16384 cols=4096 dtype=fp32", true, 0},
    {"elementwise 2^26", "elementwise function=add elements=67108864 dtype=fp32", true,
     0},
    {"conv2d implicit_gemm", "conv2d algorithm=implicit_gemm " CONV, true, 0},
    {"conv2d im2col_gemm", "conv2d algorithm=im2col_gemm " CONV, false, 0},
    {"conv2d direct", "conv2d algorithm=direct " CONV, true, 0},
    {0},
};

enum { MAX_RUNS = 101, MIN_RUNS = 5, MAX_WORDS = 16 };

void
bench_stop_on_error(struct bench *bench)
{
    if (bench->diag.error_count == 0) return;
    psim_diag_print(&bench->diag, stderr, false);
    exit(EXIT_FAILURE);
}

void
bench_open(struct bench *bench)
{
    *bench = (struct bench){0};
    bench->diag.arena = &bench->arena;
    bench->hw = psim_hw_load(&bench->arena, &bench->diag, "specs/h200.yaml", NULL);
    bench_stop_on_error(bench);
}

void
bench_close(struct bench *bench)
{
    psim_arena_free(&bench->arena);
}

const struct psim_workload *
bench_workload(struct bench *bench, const char *words)
{
    const char *word[MAX_WORDS];
    size_t n = 0;
    char *text = psim_arena_copy(&bench->arena, words, strlen(words));
    for (char *at = strtok(text, " "); at && n < MAX_WORDS; at = strtok(NULL, " ")) {
        word[n++] = at;
    }
    const struct psim_workload *workload =
        psim_workload_words(&bench->arena, &bench->diag, word, n, NULL);
    bench_stop_on_error(bench);
    return workload;
}

const struct psim_plan *
bench_plan(struct bench *bench, const char *words)
{
    const struct psim_choose_options options = {0};
    const struct psim_op *op = bench_workload(bench, words)->ops;
    struct psim_chosen chosen;
    (void)psim_choose(&bench->arena, &bench->diag, bench->hw, op, &chosen, &options);
    bench_stop_on_error(bench);
    return chosen.plan;
}

void
bench_time_plan(void *context)
{
    struct bench_timing *t = context;
    struct psim_arena arena = {0};
    t->events = 0;
    for (uint32_t k = 0; k < t->plan->n_kernels; k++) {
        struct psim_kernel_time time;
        const struct psim_launch launch = {.kernel = k, .in_full = t->in_full};
        t->engine->time(&arena, t->plan, &launch, &time);
        t->events += (double)time.events;
    }
    psim_arena_free(&arena);
}

double
bench_cpu_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double
once_s(void (*work)(void *context), void *context, unsigned times)
{
    const double start_s = bench_cpu_s();
    for (unsigned i = 0; i < times; i++) {
        work(context);
    }
    return (bench_cpu_s() - start_s) / times;
}

static int
ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double
bench_median(double *times, size_t n)
{
    qsort(times, n, sizeof *times, ascending);
    return times[n / 2];
}

struct bench_times
bench_times_of(void (*work)(void *context), void *context)
{
    double times_s[MAX_RUNS];
    const double first_s = once_s(work, context, 1);
    const unsigned times = first_s < 1e-3 ? (unsigned)(1e-3 / (first_s + 1e-7)) + 1 : 1;
    const double end_s = bench_cpu_s() + 0.5;
    size_t n = 0;
    while (n < MIN_RUNS || (n < MAX_RUNS && bench_cpu_s() < end_s)) {
        times_s[n++] = once_s(work, context, times);
    }
    const double median_s = bench_median(times_s, n);
    return (struct bench_times){median_s, times_s[0]};
}

static void
line(const char *what, double median, double best, const char *unit, const char *limit)
{
    printf("%-44s %9.4g %-4s (best %7.4g)  %s\n", what, median, unit, best, limit);
    fflush(stdout);
}

void
bench_line(const char *what, double median, double least, double limit,
           const char *unit)
{
    char text[64] = "";
    if (limit > 0) {
        (void)snprintf(text, sizeof text, "at most %g %s: %s", limit, unit,
                       median <= limit ? "ok" : "OVER");
    }
    line(what, median, least, unit, text);
}

void
bench_line_rate(const char *what, double median, double most, double limit,
                const char *unit)
{
    char text[64] = "";
    if (limit > 0) {
        (void)snprintf(text, sizeof text, "at least %g %s: %s", limit, unit,
                       median >= limit ? "ok" : "UNDER");
    }
    line(what, median, most, unit, text);
}
