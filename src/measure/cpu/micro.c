/* SPDX-License-Identifier: MIT */
/** @file Latency by footprint, and stages in a row: records that calibrate a machine.
 */
#include "measure/cpu/micro.h"

#include <assert.h>
#include <string.h>

#include "measure/cpu/stages.h"
#include "measure/cpu/taken.h"
#include "measure/cpu/timing.h"
#include "util/arena.h"
#include "util/quantity.h"

enum { MOST = 64 }; /* records */

struct micros {
    struct psim_probe probe;
    struct psim_micro *items;
    size_t n;
};

static bool
is_stopped(const struct micros *m)
{
    return m->probe.options->stop && m->probe.options->stop();
}

static void
add(struct micros *m, const struct psim_micro *micro)
{
    struct psim_arena *arena = m->probe.arena;
    FILE *out = m->probe.options->progress;
    m->items[m->n++] = *micro;
    if (!out) return;
    fprintf(out, "micro %s:", micro->instruction);
    for (const struct psim_micro_key *k = micro->keys; k->key; k++) {
        fprintf(out, " %s=%.0f", k->key, k->value);
    }
    fprintf(out, ": %s, %.4g cycles +- %.1f %%\n",
            psim_quantity_print(arena, micro->time_s, PSIM_DIM_SECONDS, 4),
            micro->cycles, 100 * micro->spread);
    (void)fflush(out);
}

/* --- pointer chase --------------------------------------------------------------- */

/** Four times the last cache, but no more than a part of the memory. */
static size_t
largest_footprint(const struct psim_host *host)
{
    enum { MOST_BYTES = 512 << 20, PART = 8 };
    const size_t wanted = 4 * psim_host_last_cache_bytes(host);
    size_t most = (size_t)host->memory_bytes / PART;
    if (most > MOST_BYTES) most = MOST_BYTES;
    return wanted < most ? wanted : most;
}

/** Powers of two, and what lies half way between them. */
static void
chase(struct micros *m)
{
    enum { FIRST = 8 << 10 };
    struct psim_probe *probe = &m->probe;
    const size_t most = largest_footprint(probe->host);
    char *data = psim_region_new(probe->arena, &probe->regions, most);
    memset(data, 1, most);
    for (size_t bytes = FIRST; bytes <= most && !is_stopped(m); bytes *= 2) {
        for (size_t size = bytes; size <= most && size < 2 * bytes; size += bytes / 2) {
            struct psim_taken cycles, s;
            psim_probe_latency(probe, data, size, &cycles, &s);
            add(m, &(struct psim_micro){
                       .instruction = "pointer_chase",
                       .keys = {{"bytes", (double)size}},
                       .time_s = s.value,
                       .spread = s.spread,
                       .cycles = cycles.value,
                       .clock_hz = cycles.value / s.value,
                   });
        }
    }
}

/* --- stages ---------------------------------------------------------------------- */

struct pipeline {
    struct psim_stages stages;
    struct psim_team *team;
    size_t wrong;
};

static void
run_frames(const void *context, size_t turns)
{
    struct pipeline *p;
    memcpy(&p, context, sizeof(p)); /* what is run changes */
    for (size_t i = 0; i < turns; i++) {
        p->wrong += psim_stages_run(p->team, &p->stages);
    }
}

/** Frames through stages by as many threads, or by one. */
static void
take_pipeline(struct micros *m, const struct psim_stages *shape, unsigned threads)
{
    struct psim_probe probe = m->probe;
    struct pipeline p = {.stages = *shape};
    struct pipeline *const context = &p;
    p.team = probe.team = psim_team_start(probe.arena, probe.host->cpus, threads);
    const bool all = psim_team_threads(p.team) == threads;
    double clock_hz = 0;
    if (all) {
        const struct psim_taken s = psim_take_time(&probe, PSIM_BY_TEAM, run_frames,
                                                   (const void *)&context, &clock_hz);
        const struct psim_micro micro = {
            .instruction = "pipeline",
            .keys = {{"stages", shape->n},
                     {"threads", threads},
                     {"frames", (double)shape->frames},
                     {"depth", (double)shape->depth},
                     {"bytes", (double)(shape->words * sizeof(uint64_t))},
                     {"work_cycles", (double)shape->additions}},
            .time_s = s.value,
            .spread = s.spread,
            .cycles = s.value * clock_hz,
            .clock_hz = clock_hz,
        };
        assert(p.wrong == 0);
        add(m, &micro);
    }
    psim_team_stop(p.team);
}

/** Hand-over alone, then work that is worth handing on; by threads, and by one. */
static void
pipelines(struct micros *m)
{
    enum { FRAMES = 256, MOST_STAGES = 4, DEPTH = 2, LINE_WORDS = 8, PAGE_WORDS = 512 };
    static const struct {
        size_t words, additions;
    } shapes[] = {{LINE_WORDS, 0}, {PAGE_WORDS, 0}, {LINE_WORDS, 20000}};
    struct psim_probe *probe = &m->probe;
    const unsigned threads = psim_team_threads(probe->team);
    struct psim_stage_queue queue[MOST_STAGES] = {0};
    for (size_t i = 0; i < MOST_STAGES; i++) {
        queue[i].words = psim_region_new(probe->arena, &probe->regions,
                                         (size_t)DEPTH * PAGE_WORDS * sizeof(uint64_t));
    }
    for (unsigned n = 2; n <= MOST_STAGES; n *= 2) {
        for (size_t i = 0; i < PSIM_COUNT(shapes) && !is_stopped(m); i++) {
            const struct psim_stages shape = {
                n, FRAMES, DEPTH, shapes[i].words, shapes[i].additions, queue};
            take_pipeline(m, &shape, 1);
            if (n <= threads) take_pipeline(m, &shape, n);
        }
    }
}

void
psim_cpu_micros(struct psim_arena *arena, const struct psim_host *host,
                struct psim_team *team, const struct psim_measure_options *options,
                struct psim_readings *ret)
{
    static const double sample_s = 1.5e-3, patience_s = 20;
    struct micros m = {
        .probe = {.arena = arena,
                  .host = host,
                  .team = team,
                  .options = options,
                  .sample_s = sample_s,
                  .end_s = psim_now_s() + patience_s},
        .items = PSIM_NEW_N(arena, struct psim_micro, MOST),
    };
    chase(&m);
    pipelines(&m);
    psim_regions_free(&m.probe.regions);
    ret->micros = m.items;
    ret->n_micros = m.n;
}
