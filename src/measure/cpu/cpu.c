/* SPDX-License-Identifier: MIT */
/** @file cpu: the machine that perfsim runs on, with kernels of its own. */
#include <math.h>

#include "measure/cpu/blas.h"
#include "measure/cpu/chain.h"
#include "measure/cpu/micro.h"
#include "measure/cpu/probe.h"
#include "measure/cpu/rapl.h"
#include "measure/cpu/timing.h"
#include "measure/device.h"
#include "measure/stats.h"
#include "util/arena.h"
#include "util/quantity.h"
#include "util/str.h"

static const struct psim_loc nowhere; /* a machine has no lines */

enum {
    REPEATS = 11, /* unless the user says otherwise */
    MOST_REPEATS = 404,
    LEAST_REPEATS = 3, /* of what takes long */
    TRIES = 4,         /* for each repeat that no other process disturbs */
};
/** More repeats than the least are made only as long as an op takes no longer. */
static const double patience_s = 3.0;
static const double longest_rest_s = 20e-3; /* after a repeat that was disturbed */
/** A shorter call in hot caches is repeated: the clock itself takes some 0.05 us. */
static const double least_s = 50e-6;

/** What all ops share. */
struct session {
    const struct psim_host *host;
    struct psim_team *team;
    const struct psim_blas *blas;
    struct psim_flush flush;
    struct psim_rapl rapl;
    const struct psim_measure_options *options;
};

static bool
is_stopped(const struct session *session)
{
    return session->options->stop && session->options->stop();
}

static double
time_calls(struct psim_cpu_chain *chain, unsigned calls)
{
    const double start_s = psim_now_s();
    for (unsigned i = 0; i < calls; i++) {
        psim_cpu_chain_run(chain);
    }
    return (psim_now_s() - start_s) / calls;
}

/** Calls of one repeat: one in cold caches, else as many as the clock can tell. */
static unsigned
calls_of(double once_s, bool cold)
{
    if (cold || once_s >= least_s) return 1;
    return (unsigned)ceil(least_s / fmax(once_s, 1e-8));
}

/** Times of repeats; those that nobody disturbed first. */
struct repeats {
    double times_s[MOST_REPEATS];
    unsigned n, undisturbed;
};

static void
add_repeat(struct repeats *r, double s, bool disturbed)
{
    r->times_s[r->n++] = s;
    if (disturbed) return;
    r->times_s[r->n - 1] = r->times_s[r->undisturbed];
    r->times_s[r->undisturbed++] = s;
}

/**
 * One repeat. Others disturb it where a thread had to give up its processor, or waited
 * for one: threads of a team spin, so that together they take the time of all.
 */
static bool
repeat(const struct session *s, struct psim_cpu_chain *chain, unsigned calls, bool cold,
       double *ret_s)
{
    static const double nearly = 0.93;
    if (cold) psim_flush_caches(s->team, &s->flush);
    const long preempted = psim_times_preempted();
    const double had_s = psim_process_s();
    *ret_s = time_calls(chain, calls);
    const double taken_s = psim_process_s() - had_s;
    const double threads = chain->alone ? 1 : psim_team_threads(s->team);
    return psim_times_preempted() > preempted ||
           taken_s < nearly * threads * *ret_s * calls;
}

/** Warm up, repeat, take the middle of what nobody disturbed. */
static void
time_it(const struct session *s, struct psim_cpu_chain *chain, bool cold,
        struct psim_reading *ret)
{
    struct repeats r = {.n = 0};
    const unsigned calls = calls_of(time_calls(chain, 1), cold);
    const unsigned asked = s->options->repeats > 0 ? s->options->repeats : REPEATS;
    const unsigned wanted = asked * TRIES < MOST_REPEATS ? asked : MOST_REPEATS / TRIES;
    const double clock_hz = psim_core_clock_hz(), start_s = psim_now_s();
    while (r.undisturbed < wanted && r.n < TRIES * wanted &&
           !(r.n > 0 && is_stopped(s))) {
        const bool late = psim_now_s() - start_s > patience_s;
        if (late && r.n >= LEAST_REPEATS && r.n >= asked / TRIES) break;
        double time_s;
        const bool disturbed = repeat(s, chain, calls, cold, &time_s);
        add_repeat(&r, time_s, disturbed);
        /* Who has slept is not soon sent away again. */
        if (disturbed) psim_rest(fmin(longest_rest_s, 2 * time_s * calls));
    }
    const unsigned n = r.undisturbed >= LEAST_REPEATS ? r.undisturbed : r.n;
    ret->time_s = psim_median(r.times_s, n);
    ret->spread = psim_spread(r.times_s, n);
    ret->clock_hz = (clock_hz + psim_core_clock_hz()) / 2;
    ret->disturbed = r.n - r.undisturbed;
    ret->repeats = n;
    ret->calls = calls;
    ret->cold = cold;
}

/** Joules of one call, of a tenth of a second of them; negative: not known. */
static double
energy_of(const struct session *s, struct psim_cpu_chain *chain, double time_s)
{
    static const double long_enough_s = 0.1;
    if (s->rapl.n_domains == 0) return -1;
    const unsigned calls = (unsigned)fmin(1e6, ceil(long_enough_s / time_s));
    const double start_j = psim_rapl_j(&s->rapl);
    (void)time_calls(chain, calls);
    const double j = psim_rapl_j(&s->rapl) - start_j;
    return start_j >= 0 && j > 0 ? j / calls : -1;
}

static bool
is_cold(const struct session *s, const struct psim_op *op)
{
    if (s->options->cache == PSIM_CACHE_AS_OP_SAYS) {
        return op->keys.cache == PSIM_CACHE_COLD;
    }
    return s->options->cache == PSIM_CACHE_ALL_COLD;
}

static const struct psim_reading_part *
parts_of(struct psim_arena *arena, const struct psim_cpu_chain *chain)
{
    struct psim_reading_part *parts =
        PSIM_NEW_N(arena, struct psim_reading_part, chain->what->n);
    for (size_t i = 0; i < chain->what->n; i++) {
        parts[i].kernel = chain->kernel[i]->name;
    }
    return parts;
}

/** @return NULL, or why it was not measured */
static const char *
measure_chain(struct psim_arena *arena, const struct session *s,
              const struct psim_chain *what, struct psim_reading *ret)
{
    struct psim_arena own = {0};
    const struct psim_bench shared = {
        .arena = &own, .host = s->host, .team = s->team, .blas = s->blas};
    struct psim_cpu_chain chain;
    double worst;
    const char *reason = psim_cpu_chain_prepare(&shared, what, &chain);
    if (!reason) reason = psim_cpu_chain_check(arena, &chain, &worst);
    if (!reason) {
        *ret = (struct psim_reading){
            .chain = *what, .parts = parts_of(arena, &chain), .error = worst};
        time_it(s, &chain, is_cold(s, what->ops), ret);
        ret->energy_j = energy_of(s, &chain, ret->time_s);
    }
    psim_cpu_chain_free(&chain);
    psim_arena_free(&own);
    return reason;
}

static void
say(const struct session *s, struct psim_arena *arena, struct psim_chains chains,
    size_t i, const struct psim_reading *r, const char *reason)
{
    if (!s->options->progress) return;
    fprintf(s->options->progress, "%zu/%zu %s: ", i + 1, chains.n,
            psim_chain_id(arena, &chains.items[i]));
    if (reason) {
        fprintf(s->options->progress, "not measured: %s\n", reason);
    } else {
        fprintf(
            s->options->progress, "%s +- %.1f %% (%s)%s\n",
            psim_quantity_print(arena, r->time_s, PSIM_DIM_SECONDS, 4), 100 * r->spread,
            r->cold ? "cold" : "hot",
            r->disturbed > 0
                ? psim_arena_printf(arena, ", %u repeats were disturbed", r->disturbed)
                : "");
    }
    (void)fflush(s->options->progress);
}

static unsigned
threads_of(const struct psim_host *host, const struct psim_measure_options *options)
{
    const unsigned wanted = options->threads > 0 ? options->threads : host->n_cores;
    return wanted < host->n_cores ? wanted : host->n_cores;
}

/** The BLAS before threads are bound: its own threads inherit where the caller runs. */
static void
open_session(struct psim_arena *arena, struct psim_region **regions,
             const struct psim_measure_options *options, bool blas, struct session *ret)
{
    *ret = (struct session){.host = psim_host_look(arena), .options = options};
    const unsigned threads = threads_of(ret->host, options);
    if (blas) ret->blas = psim_blas_open(arena, threads);
    ret->team = psim_team_start(arena, ret->host->cpus, threads);
    ret->flush.bytes = 2 * psim_host_last_cache_bytes(ret->host);
    ret->flush.data = psim_region_new(arena, regions, ret->flush.bytes);
    for (size_t i = 0; i < ret->flush.bytes; i++) {
        ret->flush.data[i] = 1; /* pages of their own, not all the one of zeros */
    }
    psim_rapl_open(arena, &ret->rapl);
}

static bool
asks_for_blas(struct psim_chains chains)
{
    for (size_t i = 0; i < chains.n; i++) {
        /* Ops of graphs are there on their own as well. */
        const char *library = chains.items[i].ops[0].keys.library.text;
        if (library && psim_str_equal(library, "blas")) return true;
    }
    return false;
}

static const char *
software_of(struct psim_arena *arena, const struct session *s)
{
    return psim_arena_printf(
        arena, "perfsim's kernels for %s, vectors of %zu B; BLAS: %s; told by %s",
        psim_kernels_for(PSIM_FP32)->isa, psim_kernels_for(PSIM_FP32)->vector_bytes,
        s->blas ? psim_blas_name(s->blas) : "none", s->host->told_by);
}

static const char *
note_of(struct psim_arena *arena, const struct session *s)
{
    return psim_arena_printf(
        arena,
        "%u threads, one a core; time_s is the median of the repeats, repeat_spread "
        "the "
        "distance of their quartiles over it; clock_hz by a chain of additions beside "
        "the runs; energy: %s",
        psim_team_threads(s->team),
        s->rapl.n_domains > 0 ? "RAPL, all packages" : s->rapl.reason);
}

static bool
measure(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
        struct psim_chains chains, const struct psim_measure_options *options,
        struct psim_readings *ret)
{
    struct psim_region *regions = NULL;
    struct session s;
    if (number != 0) {
        return psim_error(diag, nowhere, "--device: there is one cpu; 'cpu' is needed");
    }
    open_session(arena, &regions, options, asks_for_blas(chains), &s);
    struct psim_reading *readings =
        PSIM_NEW_N(arena, struct psim_reading, chains.n + 1);
    struct psim_unread *skipped = PSIM_NEW_N(arena, struct psim_unread, chains.n + 1);
    *ret = (struct psim_readings){
        .device = s.host->model,
        .software = software_of(arena, &s),
        .note = note_of(arena, &s),
        .items = readings,
        .skipped = skipped,
    };
    for (size_t i = 0; i < chains.n && !ret->interrupted; i++) {
        const char *reason =
            measure_chain(arena, &s, &chains.items[i], &readings[ret->n]);
        if (reason) {
            skipped[ret->n_skipped++] = (struct psim_unread){chains.items[i], reason};
        }
        say(&s, arena, chains, i, &readings[ret->n], reason);
        ret->n += reason == NULL;
        ret->interrupted = is_stopped(&s);
    }
    if (options->micro && !ret->interrupted) {
        psim_cpu_micros(arena, s.host, s.team, options, ret);
        ret->interrupted = is_stopped(&s);
    }
    psim_team_stop(s.team);
    psim_regions_free(&regions);
    return true;
}

const struct psim_device psim_device_cpu = {
    .name = "cpu",
    .doc =
        "the cores that perfsim runs on, with its own kernels and a BLAS where one is",
    .measure = measure,
    .probe = psim_cpu_probe,
};
