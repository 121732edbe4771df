/* SPDX-License-Identifier: MIT */
/** @file Graph replay between events; cycles against time; the counter of energy. */
#include "measure/cuda/timing.h"

#include <math.h>
#include <time.h>

#include "measure/cuda/clocks.h"
#include "measure/stats.h"

enum {
    MOST_CALLS = 2000, /* of a graph */
    TRIAL_CALLS = 3,
    BUSY = 600, /* CUDA_ERROR_NOT_READY */
};

/** A repeat is about so long: events are told apart to half a microsecond. */
static const double repeat_s = 2.5e-3;

/* --- graphs -------------------------------------------------------------------- */

/** Record so many calls, which take turns on the sets. NULL after an error. */
static psim_gpu_exec *
record(const struct psim_gpu_bench *bench, const struct psim_gpu_kernel *kernel,
       unsigned calls)
{
    enum { CAPTURE_OF_THREAD = 1 };
    const struct psim_gpu *gpu = bench->gpu;
    psim_gpu_graph *graph = NULL;
    psim_gpu_exec *exec = NULL;
    if (!psim_gpu_ok(gpu, gpu->api.capture_start(gpu->stream, CAPTURE_OF_THREAD),
                     "recording a graph")) {
        return NULL;
    }
    bool ok = true;
    for (unsigned i = 0; i < calls && ok; i++) {
        ok = kernel->run(bench, i % bench->sets);
    }
    /* It must end, whatever happened in it. */
    const int ended = gpu->api.capture_end(gpu->stream, &graph);
    if (ok && psim_gpu_ok(gpu, ended, "recording a graph") &&
        !psim_gpu_ok(gpu, gpu->api.graph_ready(&exec, graph, 0),
                     "making a graph ready")) {
        exec = NULL;
    }
    if (graph) (void)gpu->api.graph_free(graph);
    return exec;
}

/** Seconds between events that were reached. */
static bool
elapsed(const struct psim_gpu *gpu, psim_gpu_event *from, psim_gpu_event *to,
        double *ret_s)
{
    float ms = 0;
    if (!psim_gpu_ok(gpu, gpu->api.event_elapsed(&ms, from, to), "reading events")) {
        return false;
    }
    *ret_s = 1e-3 * (double)ms;
    return true;
}

static bool
make_events(const struct psim_gpu *gpu, psim_gpu_event **events, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (!psim_gpu_ok(gpu, gpu->api.event_new(&events[i], 0), "making an event")) {
            return false;
        }
    }
    return true;
}

static void
free_events(const struct psim_gpu *gpu, psim_gpu_event **events, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (events[i]) (void)gpu->api.event_free(events[i]);
    }
}

static bool
mark(const struct psim_gpu *gpu, psim_gpu_event *event)
{
    return psim_gpu_ok(gpu, gpu->api.event_record(event, gpu->stream), "an event");
}

/** About how long a call takes: a few of them, one after the other. */
static bool
try_calls(const struct psim_gpu_bench *bench, const struct psim_gpu_kernel *kernel,
          double *ret_s)
{
    const struct psim_gpu *gpu = bench->gpu;
    psim_gpu_event *events[2] = {NULL, NULL};
    bool ok =
        kernel->run(bench, 0) && make_events(gpu, events, 2) && mark(gpu, events[0]);
    for (unsigned i = 0; i < TRIAL_CALLS && ok; i++) {
        ok = kernel->run(bench, (i + 1) % bench->sets);
    }
    ok = ok && mark(gpu, events[1]) && psim_gpu_wait(gpu) &&
         elapsed(gpu, events[0], events[1], ret_s);
    free_events(gpu, events, 2);
    *ret_s /= TRIAL_CALLS;
    return ok;
}

/** Graphs back to back, an event between each two. */
static bool
replay(const struct psim_gpu *gpu, psim_gpu_exec *exec, psim_gpu_event **events,
       unsigned repeats, const struct psim_gpu_clock_reader *reader,
       struct psim_gpu_time *ret)
{
    struct psim_gpu_clocks before, after;
    double times_s[PSIM_GPU_MOST_REPEATS];
    bool ok = psim_gpu_ok(gpu, gpu->api.graph_launch(exec, gpu->stream), "a graph") &&
              psim_gpu_read_clocks(gpu, reader, &before) && mark(gpu, events[0]);
    for (unsigned i = 0; i < repeats && ok; i++) {
        ok = psim_gpu_ok(gpu, gpu->api.graph_launch(exec, gpu->stream), "a graph") &&
             mark(gpu, events[i + 1]);
    }
    ok = ok && psim_gpu_read_clocks(gpu, reader, &after);
    for (unsigned i = 0; i < repeats && ok; i++) {
        ok = elapsed(gpu, events[i], events[i + 1], &times_s[i]);
        times_s[i] /= ret->calls;
    }
    if (!ok) return false;
    ret->time_s = psim_median(times_s, repeats);
    ret->spread = psim_spread(times_s, repeats);
    ret->clock_hz = psim_gpu_clock_between(&before, &after);
    return true;
}

static unsigned
calls_for(const struct psim_gpu_bench *bench, double seconds, double call_s)
{
    const double wanted = fmin(MOST_CALLS, ceil(seconds / fmax(call_s, 1e-7)));
    const double turns =
        ceil(wanted / bench->sets); /* each set as often as any other */
    return (unsigned)fmin(MOST_CALLS, turns * bench->sets);
}

bool
psim_gpu_time_calls(const struct psim_gpu_bench *bench,
                    const struct psim_gpu_kernel *kernel, unsigned repeats,
                    struct psim_gpu_time *ret)
{
    const struct psim_gpu *gpu = bench->gpu;
    psim_gpu_event *events[PSIM_GPU_MOST_REPEATS + 1] = {NULL};
    struct psim_gpu_clock_reader reader;
    double call_s = 0;
    if (repeats > PSIM_GPU_MOST_REPEATS) repeats = PSIM_GPU_MOST_REPEATS;
    if (!psim_gpu_start_reader(bench->gpu, &reader) ||
        !try_calls(bench, kernel, &call_s))
        return false;
    *ret = (struct psim_gpu_time){.repeats = repeats};
    ret->calls = calls_for(bench, repeat_s, call_s);
    psim_gpu_exec *exec = record(bench, kernel, ret->calls);
    const bool ok = exec && make_events(gpu, events, repeats + 1) &&
                    replay(gpu, exec, events, repeats, &reader, ret);
    free_events(gpu, events, repeats + 1);
    if (exec) (void)gpu->api.exec_free(exec);
    return ok;
}

/* --- energy -------------------------------------------------------------------- */

static double
now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** The counter when it last changed. */
struct tick {
    double at_s, j;
};

/** Watch the counter of energy until the stream is empty: its first change after some
 * time, and its last one. */
static bool
watch(const struct psim_gpu *gpu, double seconds, struct tick *ret_first,
      struct tick *ret_last)
{
    const double start_s = now_s();
    unsigned long long last = 0, mj = 0;
    int state = 0;
    bool known = gpu->monitor != NULL;
    *ret_first = *ret_last = (struct tick){0, 0};
    while ((state = gpu->api.stream_query(gpu->stream)) == BUSY) {
        if (!known) continue;
        known = gpu->api.monitor_energy(gpu->monitor, &mj) == 0;
        const double at_s = now_s();
        /* What was before it, and how power rose, is left away. */
        if (known && mj != last && last != 0 && at_s - start_s > seconds / 4) {
            *ret_last = (struct tick){at_s, 1e-3 * (double)mj};
            if (ret_first->at_s == 0) *ret_first = *ret_last;
        }
        last = mj;
    }
    return psim_gpu_ok(gpu, state, "running a loop");
}

bool
psim_gpu_sustain(const struct psim_gpu_bench *bench,
                 const struct psim_gpu_kernel *kernel, double time_s, double seconds,
                 struct psim_gpu_sustained *ret)
{
    static const double graph_s = 0.02;
    const struct psim_gpu *gpu = bench->gpu;
    psim_gpu_event *events[2] = {NULL, NULL};
    struct psim_gpu_clock_reader reader;
    struct psim_gpu_clocks before, after;
    struct tick first = {0, 0}, last = {0, 0};
    double all_s = 0;
    *ret = (struct psim_gpu_sustained){0};
    const unsigned calls = calls_for(bench, graph_s, time_s);
    const unsigned launches = (unsigned)ceil(seconds / (calls * time_s));
    if (!psim_gpu_start_reader(bench->gpu, &reader)) return false;
    psim_gpu_exec *exec = record(bench, kernel, calls);
    bool ok = exec && make_events(gpu, events, 2) &&
              psim_gpu_read_clocks(gpu, &reader, &before) && mark(gpu, events[0]);
    for (unsigned i = 0; i < launches && ok; i++) {
        ok = psim_gpu_ok(gpu, gpu->api.graph_launch(exec, gpu->stream), "a graph");
    }
    ok = ok && mark(gpu, events[1]) && watch(gpu, seconds, &first, &last) &&
         psim_gpu_read_clocks(gpu, &reader, &after) &&
         elapsed(gpu, events[0], events[1], &all_s);
    if (ok) {
        ret->time_s = all_s / ((double)launches * calls);
        ret->clock_hz = psim_gpu_clock_between(&before, &after);
        if (last.at_s > first.at_s) {
            ret->power_w = (last.j - first.j) / (last.at_s - first.at_s);
            ret->energy_j = ret->power_w * ret->time_s;
        }
    }
    free_events(gpu, events, 2);
    if (exec) (void)gpu->api.exec_free(exec);
    return ok;
}
