/* SPDX-License-Identifier: MIT */
/** @file Threads: to start them, to give them work, to have them meet; their clock. */
#include <pthread.h>

#include "measure/cpu/taken.h"
#include "measure/cpu/timing.h"
#include "measure/stats.h"
#include "util/arena.h"

static void *
end_at_once(void *argument)
{
    return argument;
}

static void
start_and_join(const void *context, size_t turns)
{
    (void)context;
    for (size_t i = 0; i < turns; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, end_at_once, NULL) != 0) return;
        (void)pthread_join(thread, NULL);
    }
}

static void
nothing(void *context, unsigned thread)
{
    (void)context, (void)thread;
}

/** A round of the team in which nothing is done. */
static void
launch(const void *context, size_t turns)
{
    const struct psim_probe *probe = context;
    for (size_t i = 0; i < turns; i++) {
        psim_team_run(probe->team, nothing, NULL);
    }
}

struct meetings {
    struct psim_team *team;
    size_t n;
};

static void
meet(void *context, unsigned thread)
{
    const struct meetings *meetings = context;
    (void)thread;
    for (size_t i = 0; i < meetings->n; i++) {
        psim_team_meet(meetings->team);
    }
}

static void
meet_often(const void *context, size_t turns)
{
    const struct psim_probe *probe = context;
    struct meetings meetings = {probe->team, turns};
    psim_team_run(probe->team, meet, &meetings);
}

/** What loads every core, and the clock behind it. */
struct load {
    const struct psim_kernels *kernels;
    double seconds;
    double clock_hz;
};

static void
work_and_look(void *context, unsigned thread)
{
    struct load *load = context;
    const double end_s = psim_now_s() + load->seconds;
    while (psim_now_s() < end_s) {
        double sum = load->kernels->micro->fma_rate(10000);
        __asm__ volatile("" : "+m"(sum));
    }
    if (thread == 0) load->clock_hz = psim_core_clock_hz();
}

static struct psim_taken
clock_under_load(const struct psim_probe *probe)
{
    enum { TIMES = 7 };
    double clocks_hz[TIMES];
    for (int i = 0; i < TIMES; i++) {
        struct load load = {probe->kernels[PSIM_TAKEN_FP32], 5 * probe->sample_s, 0};
        psim_team_run(probe->team, work_and_look, &load);
        clocks_hz[i] = load.clock_hz;
    }
    return (struct psim_taken){
        psim_median(clocks_hz, TIMES), psim_spread(clocks_hz, TIMES),
        "a chain of additions against the clock, after multiply-adds on all cores"};
}

void
psim_probe_costs(struct psim_probe *probe, struct psim_taken_all *ret)
{
    ret->clock_hz = clock_under_load(probe);
    struct psim_taken s =
        psim_take_time(probe, PSIM_BY_TEAM, start_and_join, NULL, NULL);
    ret->start_s = psim_taken_with(s, s.value, "pthread_create and pthread_join");
    s = psim_take_time(probe, PSIM_BY_TEAM, launch, probe, NULL);
    ret->launch_s = psim_taken_with(
        s, s.value, "empty work for a team that waits for it, until all are done");
    s = psim_take_time(probe, PSIM_BY_TEAM, meet_often, probe, NULL);
    ret->barrier_s =
        psim_taken_with(s, s.value, "one counter on which all threads wait");
}
