/* SPDX-License-Identifier: MIT */
/** @file Levels of memory: latency by a chase, bandwidth by one core and by all. */
#include <math.h>
#include <string.h>

#include "measure/cpu/taken.h"
#include "measure/cpu/timing.h"
#include "measure/random.h"
#include "util/arena.h"

enum { LINE = 64 };

/* --- latency -----------------------------------------------------------------------
 */

/** Where the chase is: each sample goes on from where the last one stopped. */
struct chase {
    void *const **at;
    const char *data;
    size_t bytes;
};

/** Lines of a window: so few pages that their addresses stay known to the core. */
enum { WINDOW_LINES = 4096 };

/** Lines first to end of a stretch in random order, the last one leads to `next`. */
static void
make_window(char *data, size_t n, const char *next)
{
    size_t order[WINDOW_LINES];
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    /* The first line stays the first: the window before leads to it. */
    for (size_t i = n - 1; i > 1; i--) {
        const size_t j = 1 + (size_t)(psim_random(1, i) % i);
        const size_t t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (size_t i = 0; i < n; i++) {
        const char *to = i + 1 < n ? data + order[i + 1] * LINE : next;
        memcpy(data + order[i] * LINE, &to, sizeof to);
    }
}

/** A circle through all lines, window by window: no stride that a core could guess. */
static void *const *
make_circle(char *data, size_t bytes)
{
    const size_t n = bytes / LINE;
    for (size_t i = 0; i < n; i += WINDOW_LINES) {
        const size_t left = n - i;
        make_window(data + i * LINE, left < WINDOW_LINES ? left : WINDOW_LINES,
                    left > WINDOW_LINES ? data + (i + WINDOW_LINES) * LINE : data);
    }
    return (void *const *)(void *)data;
}

static void
chase(const void *context, size_t turns)
{
    enum { STEPS = 64 };
    void *const **position = ((const struct chase *)context)->at;
    void *const *at = *position;
    for (size_t i = 0; i < turns * STEPS; i++) {
        at = (void *const *)*at;
    }
    *position = at;
}

/** All of it, fast: what neighbours have driven out of a cache is there again. */
static void
touch_all(const void *context, size_t turns)
{
    const struct chase *c = context;
    unsigned sum = 0;
    (void)turns;
    for (size_t i = 0; i < c->bytes; i += LINE) {
        sum += (unsigned char)c->data[i];
    }
    __asm__ volatile("" : "+r"(sum));
}

void
psim_probe_latency(struct psim_probe *probe, char *data, size_t bytes,
                   struct psim_taken *ret_cycles, struct psim_taken *ret_s)
{
    enum { STEPS = 64 };
    void *const *start = make_circle(data, bytes);
    const struct chase c = {&start, data, bytes};
    chase(&c, bytes / LINE / STEPS + 1); /* all of it once */
    double clock_hz;
    const struct psim_taken s =
        psim_take_time_after(probe, PSIM_BY_ONE, touch_all, chase, &c, &clock_hz);
    const char *how = psim_arena_printf(
        probe->arena, "pointer chase through %zu KiB, random within 256 KiB",
        bytes >> 10);
    *ret_s = psim_taken_with(s, s.value / STEPS, how);
    *ret_cycles = psim_taken_with(s, s.value / STEPS * clock_hz, how);
}

/* --- bandwidth ---------------------------------------------------------------------
 */

enum access { READ, WRITE, COPY, RANDOM, N_ACCESSES };

struct sweep {
    const struct psim_probe *probe;
    enum access access;
    char *data;        /* of all threads */
    size_t bytes;      /* of each */
    const int64_t *at; /* random places */
    bool alone;
    size_t turns; /* set by sweep() */
};

static double
gather(const struct sweep *s, const char *data)
{
    const float *table = (const float *)(const void *)data;
    const size_t n = s->bytes / LINE;
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += table[s->at[i]];
    }
    return (double)sum;
}

static void
sweep_once(void *context, unsigned thread)
{
    const struct sweep *s = context;
    const struct psim_kernels *k = s->probe->kernels[PSIM_TAKEN_FP32];
    if (s->alone && thread > 0) return;
    char *data = s->data + thread * s->bytes;
    const size_t n = s->bytes / k->element_bytes;
    if (s->access == READ) {
        double sum = k->micro->load(data, n, s->turns);
        __asm__ volatile("" : "+m"(sum));
    } else if (s->access == WRITE) {
        k->micro->store(data, n, s->turns);
    } else if (s->access == COPY) {
        k->micro->copy(data, data + s->bytes / 2, n / 2, s->turns);
    } else {
        for (size_t i = 0; i < s->turns; i++) {
            double sum = gather(s, data);
            __asm__ volatile("" : "+m"(sum));
        }
    }
}

static void
sweep(const void *context, size_t turns)
{
    struct sweep own = *(const struct sweep *)context;
    own.turns = turns;
    if (own.alone) {
        sweep_once(&own, 0);
    } else {
        psim_team_run(own.probe->team, sweep_once, &own);
    }
}

/** Bytes per second of each core. */
static struct psim_taken
take_bandwidth(const struct sweep *s)
{
    static const char *const words[N_ACCESSES] = {"reads", "writes", "copies",
                                                  "reads of single elements"};
    const double threads = s->alone ? 1 : psim_team_threads(s->probe->team);
    const double bytes = (double)s->bytes;
    const double moved = s->access == RANDOM ? bytes / LINE * sizeof(float) : bytes;
    sweep(s, 1);
    const struct psim_taken t =
        psim_take_time(s->probe, s->alone ? PSIM_BY_ONE : PSIM_BY_TEAM, sweep, s, NULL);
    return psim_taken_with(t, threads * moved / t.value,
                           psim_arena_printf(s->probe->arena, "%s of %zu KiB by %s",
                                             words[s->access], s->bytes >> 10,
                                             s->alone ? "one core" : "each core"));
}

/** Others can only slow a memory down: of some looks at it the best one counts. */
static void
keep_faster(struct psim_taken *kept, struct psim_taken next)
{
    if (next.value > kept->value) *kept = next;
}

static void
keep_shorter(struct psim_taken *kept, struct psim_taken next)
{
    if (!(kept->value > 0) || next.value < kept->value) *kept = next;
}

static void
take_level(struct psim_probe *probe, char *data, size_t each, size_t alone,
           const int64_t *at, struct psim_taken_level *ret)
{
    struct psim_taken cycles, s;
    psim_probe_latency(probe, data, alone, &cycles, &s);
    keep_shorter(&ret->latency_cycles, cycles);
    keep_shorter(&ret->latency_s, s);
    memset(data, 0, alone);
    const struct {
        enum access access;
        bool alone;
        struct psim_taken *ret;
    } sweeps[] = {
        {READ, true, &ret->read_bytes_per_s},
        {WRITE, true, &ret->write_bytes_per_s},
        {COPY, true, &ret->copy_bytes_per_s},
        {READ, false, &ret->all_read_bytes_per_s},
        {WRITE, false, &ret->all_write_bytes_per_s},
        {COPY, false, &ret->all_copy_bytes_per_s},
        {RANDOM, false, &ret->random_bytes_per_s},
    };
    for (size_t i = 0; i < PSIM_COUNT(sweeps); i++) {
        if (sweeps[i].access == RANDOM && !at) continue;
        const struct sweep one = {
            .probe = probe,
            .access = sweeps[i].access,
            .data = data,
            .bytes = sweeps[i].alone ? alone : each,
            .at = at,
            .alone = sweeps[i].alone,
        };
        keep_faster(sweeps[i].ret, take_bandwidth(&one));
    }
}

/** Elements of a stretch in random order, one for each of its lines. */
static void
make_places(int64_t *at, size_t bytes)
{
    enum { SEED = 5 };
    for (size_t i = 0; i < bytes / LINE; i++) {
        at[i] = (int64_t)(psim_random(SEED, i) % (bytes / sizeof(float)));
    }
}

/** A footprint that this level holds and none of those before; of a shared one not
 * more than it must be, since others have their part of it. */
static size_t
footprint(const struct psim_host *host, unsigned level)
{
    if (level == host->n_caches) return 3 * psim_host_last_cache_bytes(host);
    const struct psim_host_cache *cache = &host->cache[level];
    const size_t below = level > 0 ? host->cache[level - 1].bytes : 0;
    const size_t half = cache->bytes / 2;
    if (half < 2 * below) return (cache->bytes + below) / 2;
    return cache->cores > 1 && half > 4 * below && below > 0 ? 4 * below : half;
}

/**
 * How much of the outermost cache is ours: the largest power of two of its footprint
 * whose reads are nearer to this cache's than to the memory's, by their ratios.
 * Neighbours that nobody sees, of other virtual machines, have a part.
 */
static void
take_held(struct psim_probe *probe, char *data, struct psim_taken_all *taken)
{
    const unsigned last = probe->host->n_caches - 1;
    struct psim_taken_level *cache = &taken->level[last];
    const size_t cores = probe->host->cache[last].cores;
    const double between = sqrt(cache->all_read_bytes_per_s.value *
                                taken->level[last + 1].all_read_bytes_per_s.value);
    size_t held = footprint(probe->host, last);
    struct psim_taken rate = cache->all_read_bytes_per_s;
    struct sweep all = {.probe = probe, .access = READ};
    all.data = data;
    for (size_t bytes = 2 * held; bytes <= probe->host->cache[last].bytes; bytes *= 2) {
        all.bytes = bytes / cores / 4096 * 4096;
        rate = take_bandwidth(&all);
        if (rate.value < between) break;
        held = bytes;
    }
    cache->held_bytes = psim_taken_with(rate, (double)held,
                                        "the most that is read at this cache's rate");
}

/** One chase from node 0 through memory that a processor of each node touched first. */
static void
take_nodes(struct psim_probe *probe, size_t bytes, struct psim_taken_all *ret)
{
    const struct psim_host *host = probe->host;
    for (unsigned i = 0; i < host->n_nodes; i++) {
        if (host->node_cpu[i] < 0) continue;
        struct psim_region *region = NULL;
        char *data = psim_region_new(probe->arena, &region, bytes);
        psim_host_touch(host->node_cpu[i], data, bytes);
        struct psim_taken cycles;
        psim_probe_latency(probe, data, bytes, &cycles, &ret->node_latency_s[i]);
        psim_regions_free(&region);
    }
}

void
psim_probe_memory(struct psim_probe *probe, struct psim_taken_all *ret)
{
    static const char *const names[PSIM_HOST_CACHES] = {"l1", "l2", "l3", "l4"};
    enum { WHOLE = LINE * 4096, LOOKS = 3 };
    const struct psim_host *host = probe->host;
    const size_t threads = psim_team_threads(probe->team);
    const size_t largest = footprint(host, host->n_caches);
    /* Pages are of the node of the thread that touches them first: one does it all. */
    char *data =
        psim_region_new(probe->arena, &probe->regions, largest + threads * WHOLE);
    memset(data, 1, largest + threads * WHOLE);
    int64_t *at = psim_region_new(probe->arena, &probe->regions,
                                  largest / threads / LINE * sizeof *at);
    for (unsigned look = 0; look < LOOKS * (host->n_caches + 1); look++) {
        const unsigned level = look % (host->n_caches + 1);
        const bool memory = level == host->n_caches;
        const size_t alone = footprint(host, level) / WHOLE * WHOLE;
        const size_t small = footprint(host, level) / 4096 * 4096;
        const size_t bytes = alone > 0 ? alone : small;
        /* A shared cache must hold what all its cores sweep over. */
        const size_t cores = memory ? threads : host->cache[level].cores;
        size_t each = bytes / cores / 4096 * 4096;
        if (each == 0) each = bytes;
        make_places(at, each);
        ret->level[level].name = memory ? "dram" : names[level];
        take_level(probe, data, each, bytes, level > 1 ? at : NULL, &ret->level[level]);
        ret->n_levels = level + 1;
    }
    if (host->n_caches > 1) take_held(probe, data, ret);
    const struct psim_kernels *k = probe->kernels[PSIM_TAKEN_FP32];
    const double per_cycle = (double)k->vector_bytes * ret->clock_hz.value;
    const struct psim_taken_level *l1 = &ret->level[0];
    ret->load_per_cycle =
        psim_taken_with(l1->read_bytes_per_s, l1->read_bytes_per_s.value / per_cycle,
                        l1->read_bytes_per_s.how);
    ret->store_per_cycle =
        psim_taken_with(l1->write_bytes_per_s, l1->write_bytes_per_s.value / per_cycle,
                        l1->write_bytes_per_s.how);
    if (host->n_nodes > 1) take_nodes(probe, largest, ret);
}
