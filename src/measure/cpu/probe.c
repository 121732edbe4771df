/* SPDX-License-Identifier: MIT */
/** @file probe: what this machine can do, step by step. */
#include "measure/cpu/probe.h"

#include <math.h>

#include "measure/cpu/bench.h"
#include "measure/cpu/taken.h"
#include "measure/cpu/timing.h"
#include "measure/stats.h"
#include "util/arena.h"

enum {
    REPEATS = 15, /* of each figure */
    TRIES = 5,    /* for each repeat that no other process disturbs */
};
/** Of one repeat, where the whole takes the usual time. */
/** Threads of a team spin: together they take the time of all, or wait for others. */
static const double nearly = 0.93, longest_rest_s = 10e-3;
static const double usual_sample_s = 1.5e-3, usual_s = 30;

/** By the clock of this thread; of a team's work by the wall's. */
static double
time_turns(enum psim_by by, psim_probed *what, const void *context, size_t turns)
{
    const double wall_s = psim_now_s(), own_s = psim_own_s();
    what(context, turns);
    return by == PSIM_BY_ONE ? psim_own_s() - own_s : psim_now_s() - wall_s;
}

/** As many turns as a sample takes. */
static size_t
turns_of(const struct psim_probe *probe, enum psim_by by, psim_probed *what,
         const void *context)
{
    size_t turns = 1;
    for (;;) {
        const double s = time_turns(by, what, context, turns);
        if (s >= probe->sample_s / 2) {
            const double wanted = (double)turns * probe->sample_s / s;
            return wanted < 1 ? 1 : (size_t)wanted;
        }
        turns *= s < probe->sample_s / 64 ? 16 : 2;
    }
}

struct psim_taken
psim_take_time_after(const struct psim_probe *probe, enum psim_by by,
                     psim_probed *before, psim_probed *what, const void *context,
                     double *ret_clock_hz)
{
    double times_s[REPEATS * TRIES], clocks_hz[REPEATS * TRIES];
    const size_t turns = turns_of(probe, by, what, context);
    const double threads = psim_team_threads(probe->team);
    size_t n = 0, kept = 0;
    const bool late = psim_now_s() > probe->end_s;
    const size_t most = late ? REPEATS : (size_t)REPEATS * TRIES;
    while (n < most && kept < REPEATS) {
        const double before_hz = ret_clock_hz ? psim_core_clock_hz() : 0;
        if (before) before(context, 1);
        const long preempted = psim_times_preempted();
        const double had_s = psim_process_s();
        const double took_s = time_turns(by, what, context, turns);
        const double had_now_s = psim_process_s() - had_s;
        const bool disturbed =
            by == PSIM_BY_TEAM && (psim_times_preempted() > preempted ||
                                   had_now_s < nearly * threads * took_s);
        const double hz = ret_clock_hz ? (before_hz + psim_core_clock_hz()) / 2 : 0;
        times_s[n] = took_s / (double)turns;
        clocks_hz[n] = hz;
        if (disturbed) {
            psim_rest(late ? 0 : fmin(longest_rest_s, 2 * took_s));
        } else {
            times_s[n] = times_s[kept];
            clocks_hz[n] = clocks_hz[kept];
            times_s[kept] = took_s / (double)turns;
            clocks_hz[kept++] = hz;
        }
        n++;
    }
    const size_t used = kept >= 3 ? kept : n;
    if (ret_clock_hz) *ret_clock_hz = psim_median(clocks_hz, used);
    return (struct psim_taken){psim_median(times_s, used), psim_spread(times_s, used),
                               ""};
}

struct psim_taken
psim_take_time(const struct psim_probe *probe, enum psim_by by, psim_probed *what,
               const void *context, double *ret_clock_hz)
{
    return psim_take_time_after(probe, by, NULL, what, context, ret_clock_hz);
}

struct psim_taken
psim_taken_with(struct psim_taken taken, double value, const char *how)
{
    return (struct psim_taken){value, taken.spread, how};
}

static void
say(const struct psim_probe *probe, const char *step)
{
    if (!probe->options->progress) return;
    fprintf(probe->options->progress, "probe: %s\n", step);
    (void)fflush(probe->options->progress);
}

const char *
psim_cpu_probe(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
               const struct psim_measure_options *options)
{
    static const struct psim_loc nowhere;
    static const struct {
        const char *what;
        void (*take)(struct psim_probe *probe, struct psim_taken_all *ret);
    } steps[] = {
        {"threads, barriers, clock under load", psim_probe_costs},
        {"instructions", psim_probe_rates},
        {"inner loops", psim_probe_kernels},
        {"caches and memory", psim_probe_memory},
    };
    if (number != 0) {
        psim_error(diag, nowhere, "--device: there is one cpu; 'cpu' is needed");
        return NULL;
    }
    struct psim_probe probe = {
        .arena = arena,
        .host = psim_host_look(arena),
        .kernels = {psim_kernels_for(PSIM_FP32), psim_kernels_for(PSIM_FP64)},
        .options = options,
    };
    const double seconds = options->seconds > 0 ? options->seconds : usual_s;
    probe.end_s = psim_now_s() + seconds;
    probe.sample_s = fmax(2e-5, usual_sample_s * seconds / usual_s);
    const unsigned wanted =
        options->threads > 0 ? options->threads : probe.host->n_cores;
    probe.team =
        psim_team_start(arena, probe.host->cpus,
                        wanted < probe.host->n_cores ? wanted : probe.host->n_cores);
    struct psim_taken_all *taken = PSIM_NEW(arena, struct psim_taken_all);
    taken->host = probe.host;
    taken->n_threads = psim_team_threads(probe.team);
    bool stopped = false;
    for (size_t i = 0; i < PSIM_COUNT(steps) && !stopped; i++) {
        say(&probe, steps[i].what);
        steps[i].take(&probe, taken);
        stopped = options->stop && options->stop();
    }
    psim_team_stop(probe.team);
    psim_regions_free(&probe.regions);
    if (stopped) {
        psim_error(diag, nowhere,
                   "probe: interrupted; a machine needs all its figures");
        return NULL;
    }
    return psim_probe_spec(arena, taken);
}
