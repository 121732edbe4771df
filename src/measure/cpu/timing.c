/* SPDX-License-Identifier: MIT */
/** @file Wall clock against a chain of additions. */
#include "measure/cpu/timing.h"

#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

double
psim_now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
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
        const double start_s = psim_now_s();
        uint64_t sum = chain(ADDITIONS);
        __asm__ volatile("" : "+r"(sum));
        const double hz = ADDITIONS / (psim_now_s() - start_s);
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
