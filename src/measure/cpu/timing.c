/* SPDX-License-Identifier: MIT */
/** @file Wall clock against a chain of additions. */
#include "measure/cpu/timing.h"

#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

static double
seconds_of(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double
psim_now_s(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double
psim_own_s(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double
psim_process_s(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/** @p n additions, each of the result before. */
static uint64_t
chain(uint64_t n)
{
    uint64_t x = 1, step = n;
    for (uint64_t i = 0; i < n; i += 16) {
        /* Not unrolled by a compiler that adds them up beforehand. */
#define STEP                                                                           \
    x += step;                                                                         \
    __asm__ volatile("" : "+r"(x));
        STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP
#undef STEP
    }
    return x;
}

double
psim_core_clock_hz(void)
{
    enum { ADDITIONS = 160000, TRIES = 3 };
    double best_hz = 0;
    for (int i = 0; i < TRIES; i++) {
        const double start_s = psim_own_s();
        uint64_t sum = chain(ADDITIONS);
        __asm__ volatile("" : "+r"(sum));
        const double hz = ADDITIONS / (psim_own_s() - start_s);
        if (hz > best_hz) best_hz = hz;
    }
    return best_hz;
}

long
psim_times_preempted(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_nivcsw : 0;
}

void
psim_rest(double seconds)
{
    const struct timespec rest = {(time_t)seconds,
                                  (long)(1e9 * (seconds - (double)(time_t)seconds))};
    (void)nanosleep(&rest, NULL);
}

static void
walk(void *context, unsigned thread)
{
    const struct psim_flush *flush = context;
    unsigned sum = 0;
    (void)thread;
    for (size_t i = 0; i < flush->bytes; i += 64) {
        sum += flush->data[i];
    }
    __asm__ volatile("" : "+r"(sum));
}

void
psim_flush_caches(struct psim_team *team, const struct psim_flush *flush)
{
    struct psim_flush own = *flush;
    psim_team_run(team, walk, &own);
}
