/* SPDX-License-Identifier: MIT */
/** @file Whole processes from start to exit: time, peak memory, instructions.
 *
 * bench_process PERFSIM. This program is small when it starts another one, since the
 * peak of a process counts what it was before. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "bench.h"

enum { MAX_ARGUMENTS = 16, RUNS = 41, MAX_COMMAND = 1024 };

static const struct {
    const char *name, *arguments;
    double most_ms, most_mib; /**< 0: no limit */
} cases[] = {
    {"--version", "--version", 0, 0},
    {"run a100 flash_attn", "run specs/a100.yaml workloads/flash_attn.json", 5, 20},
    {"the same, json", "run specs/a100.yaml workloads/flash_attn.json --format json", 5,
     20},
    {"run h200 flash_attn", "run specs/h200.yaml workloads/flash_attn.json", 5, 20},
    {"run a100 gemm", "run specs/a100.yaml workloads/gemm.json", 5, 20},
    {"check a100", "check specs/a100.yaml", 5, 20},
    {"check flash_attn", "check workloads/flash_attn.json", 5, 20},
    {"event, gemm 16384^3",
     "run specs/a100.yaml gemm m=16384 n=16384 k=16384 dtype=bf16 --engine event", 0,
     20},
    {"event, gemm 16384^3 on h200",
     "run specs/h200.yaml gemm m=16384 n=16384 k=16384 dtype=bf16 --engine event", 100,
     0},
    {"event, causal flash2 of 16384",
     "run specs/h200.yaml attention algorithm=flash2 causal=true heads=16 seq_q=16384 "
     "head_dim=128 dtype=bf16 --engine event",
     100, 0},
    {"event, naive attention of 16384",
     "run specs/h200.yaml attention algorithm=naive heads=16 seq_q=16384 head_dim=128 "
     "dtype=bf16 --engine event",
     100, 0},
    {"event, resnet50 batch 256",
     "run specs/h200.yaml workloads/resnet50.json --engine event", 100, 0},
    {"event, elementwise 2^30",
     "run specs/a100.yaml elementwise function=add elements=1073741824 dtype=fp32 "
     "--engine event",
     0, 20},
};

static double
now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static void
fail(const char *what)
{
    fprintf(stderr, "bench_process: '%s' failed\n", what);
    exit(EXIT_FAILURE);
}

/** Processor time and peak memory of all processes that were waited for. */
static void
used(double *ret_ms, double *ret_peak_mib)
{
    struct rusage all;
    (void)getrusage(RUSAGE_CHILDREN, &all);
    *ret_ms = 1e3 * (double)(all.ru_utime.tv_sec + all.ru_stime.tv_sec) +
              1e-3 * (double)(all.ru_utime.tv_usec + all.ru_stime.tv_usec);
    *ret_peak_mib = (double)all.ru_maxrss / 1024;
}

/** Run once, its stdout thrown away. @return wall clock in ms */
static double
run(const char *program, const char *arguments)
{
    extern char **environ;
    char text[MAX_COMMAND], *words[MAX_ARGUMENTS + 1], first[MAX_COMMAND];
    (void)snprintf(first, sizeof first, "%s", program);
    (void)snprintf(text, sizeof text, "%s", arguments);
    size_t n = 0;
    words[n++] = first;
    for (char *at = strtok(text, " "); at && n < MAX_ARGUMENTS;
         at = strtok(NULL, " ")) {
        words[n++] = at;
    }
    words[n] = NULL;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) != 0) {
        fail("posix_spawn_file_actions");
    }
    pid_t pid;
    int status;
    const double start_ms = now_ms();
    if (posix_spawn(&pid, program, &actions, NULL, words, environ) != 0) fail(program);
    if (waitpid(pid, &status, 0) != pid || status != 0) fail(arguments);
    const double wall_ms = now_ms() - start_ms;
    (void)posix_spawn_file_actions_destroy(&actions);
    return wall_ms;
}

/** What callgrind counts: the same however busy the machine is. 0: not installed. */
static double
instructions(const char *program, const char *arguments)
{
    char command[2 * MAX_COMMAND], line[256];
    (void)snprintf(command, sizeof command,
                   "valgrind --tool=callgrind --callgrind-out-file=/dev/null %s %s "
                   "2>&1 >/dev/null",
                   program, arguments);
    FILE *out = popen(command, "r");
    if (!out) return 0;
    double count = 0;
    while (fgets(line, sizeof line, out)) {
        const char *found = strstr(line, "Collected : ");
        if (found) count = strtod(found + strlen("Collected : "), NULL);
    }
    (void)pclose(out);
    return count;
}

/** One case in a process of its own, since the peak is that of all its children. */
static void
bench_case(const char *program, size_t i)
{
    double wall_ms[RUNS], processor_ms[RUNS], before_ms = 0, peak_mib = 0;
    size_t n = 0;
    for (const double end_ms = now_ms() + 1e3; n < RUNS && (n < 3 || now_ms() < end_ms);
         n++) {
        double after_ms;
        wall_ms[n] = run(program, cases[i].arguments);
        used(&after_ms, &peak_mib);
        processor_ms[n] = after_ms - before_ms;
        before_ms = after_ms;
    }
    const double median_ms = bench_median(wall_ms, n);
    bench_line(cases[i].name, median_ms, wall_ms[0], cases[i].most_ms, "ms");
    const double busy_ms = bench_median(processor_ms, n);
    bench_line("  of the processor", busy_ms, processor_ms[0], cases[i].most_ms, "ms");
    bench_line("  peak memory", peak_mib, peak_mib, cases[i].most_mib, "MiB");
    if (cases[i].most_ms <= 0) return;
    const double count = instructions(program, cases[i].arguments);
    if (count > 0) printf("  %.2f million instructions\n", count * 1e-6);
}

int
main(int argc, char **argv)
{
    if (argc == 3) {
        bench_case(argv[1], strtoul(argv[2], NULL, 10));
        return EXIT_SUCCESS;
    }
    if (argc != 2) fail("bench_process PERFSIM");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[MAX_COMMAND];
        (void)snprintf(command, sizeof command, "%s %s %zu", argv[0], argv[1], i);
        if (system(command) != 0) fail(cases[i].name);
    }
    return EXIT_SUCCESS;
}
