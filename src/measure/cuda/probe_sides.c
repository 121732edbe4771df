/* SPDX-License-Identifier: MIT */
/** @file Halves of the last-level cache: latency and bandwidth near and far.
 *
 * A line that a unit reads comes into the half of its memory, and into the half of that
 * unit. So of lines that unit 0 has read, a unit of the other half has some near, as
 * their memory is, and some far; when it reads them again all are near. Of each line
 * the difference of both times is what the way between the halves takes.
 */
#include <stdlib.h>

#include "measure/cuda/probe.h"
#include "measure/stats.h"

enum {
    LINES = 480,
    FIRST = 8, /* a page's place is looked up anew */
    REGION_BYTES = 2 << 20,
    SHARE_BYTES = 32 << 10, /* what a unit reads at a time */
    REPEATS = 5,
    LANES = 512,
};

/** A line is far if it takes so much of the latency more. */
static const double far_part = 0.15;
/** A unit is on the other side if so many of its lines are far. */
static const double other_side = 0.1;

struct sides {
    struct psim_gpu_probe *probe;
    struct psim_gpu_kernel_code read_lines, read_shares, flush;
    psim_gpu_address arrived, place;
    uint64_t stretch_bytes; /* of reads: most of a half */
    uint64_t used_bytes;    /* of the data: what was touched before is elsewhere */
    double *near, *extra;
    size_t n_near, n_extra;
    uint32_t *other; /* of each unit: whether it is on the other side than unit 0 */
};

/** So much shared memory that a unit has no room for two work-groups. */
static size_t
whole_unit(const struct psim_gpu *gpu)
{
    return gpu->unit_shared_bytes / 2 + 1024 < gpu->block_shared_bytes
               ? gpu->unit_shared_bytes / 2 + 1024
               : gpu->block_shared_bytes;
}

static bool
compile(struct sides *s)
{
    struct psim_gpu *gpu = s->probe->gpu;
    const size_t bytes = whole_unit(gpu);
    s->arrived = psim_gpu_new(gpu, sizeof(uint32_t));
    s->place = psim_gpu_new(gpu, (size_t)gpu->units * sizeof(uint32_t));
    return s->arrived && s->place &&
           psim_gpu_compile(gpu, "sides", "", "read_lines", bytes, &s->read_lines) &&
           psim_gpu_compile(gpu, "sides", "", "read_shares", bytes, &s->read_shares) &&
           psim_gpu_compile(gpu, "memory", "", "read_all", 0, &s->flush);
}

/** On all units at once; the first parameter but one counts those that have come. */
static bool
launch(struct sides *s, const struct psim_gpu_kernel_code *code, unsigned lanes,
       const void *const *parameters)
{
    const struct psim_gpu *gpu = s->probe->gpu;
    const struct psim_gpu_launch all = {.grid = {(uint64_t)gpu->units},
                                        .lanes = lanes,
                                        .shared_bytes = whole_unit(gpu)};
    return psim_gpu_ok(gpu,
                       gpu->api.set_bytes(s->arrived, 0, sizeof(uint32_t), gpu->stream),
                       "counting units") &&
           psim_gpu_run(gpu, code, &all, parameters);
}

/** The upper half of the data is read: nothing of the lower one is in the cache. */
static bool
flush(struct sides *s)
{
    const struct psim_gpu_probe *p = s->probe;
    const uint64_t n = p->data_bytes / 2 / 16;
    const uint32_t once = 1;
    const psim_gpu_address upper = p->data + p->data_bytes / 2;
    const struct psim_gpu_launch all = {.grid = {(uint64_t)p->gpu->units * 4},
                                        .lanes = LANES};
    const void *const parameters[] = {&upper, &n, &once, &p->cycles, NULL};
    s->used_bytes = 0;
    return psim_gpu_run(p->gpu, &s->flush, &all, parameters);
}

/** Memory that was not touched since the last flush. */
static bool
untouched(struct sides *s, uint64_t bytes, psim_gpu_address *ret)
{
    if (s->used_bytes + bytes > s->probe->data_bytes / 2 && !flush(s)) return false;
    *ret = s->probe->data + s->used_bytes;
    s->used_bytes += bytes;
    return true;
}

/** As much as a half can hold, and at least something for each unit. */
static uint64_t
stretch_of(const struct psim_gpu *gpu)
{
    const uint64_t most = gpu->l2_bytes * 2 / 5 / SHARE_BYTES * SHARE_BYTES;
    const uint64_t least = (uint64_t)gpu->units * SHARE_BYTES;
    return most > least ? most : least;
}

/* --- latency --------------------------------------------------------------------- */

static bool
read_lines(struct sides *s, psim_gpu_address from, uint32_t unit, uint32_t turns)
{
    const uint32_t lines = LINES;
    const void *const parameters[] = {
        &from, &lines, &turns, &unit, &s->arrived, &s->probe->cycles, NULL};
    return launch(s, &s->read_lines, 1, parameters);
}

/** What a unit says of lines that unit 0 has read. */
static bool
look_from(struct sides *s, uint32_t unit)
{
    enum { BOTH_TURNS = 2 * LINES };
    uint32_t words[BOTH_TURNS];
    psim_gpu_address from;
    const double latency = psim_gpu_taken(s->probe, "l2_latency");
    if (!untouched(s, REGION_BYTES, &from) || !read_lines(s, from, 0, 1) ||
        !read_lines(s, from, unit, 2) ||
        !psim_gpu_copy_out(s->probe->gpu, words, s->probe->cycles, sizeof(words))) {
        return false;
    }
    size_t far = 0;
    for (size_t i = FIRST; i < LINES; i++) {
        const double again = words[LINES + i];
        const double extra = (double)words[i] - again;
        s->near[s->n_near++] = again;
        /* What had to come from memory says nothing of the halves. */
        if (extra <= far_part * latency || extra > latency) continue;
        s->extra[s->n_extra++] = extra;
        far++;
    }
    s->other[unit] = (double)far > other_side * (LINES - FIRST);
    return true;
}

static int
compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static uint32_t
count_other(const struct sides *s)
{
    uint32_t n = 0;
    for (int i = 0; i < s->probe->gpu->units; i++) {
        n += s->other[i];
    }
    return n;
}

/** Of sorted values: below it lies that part of them. */
static double
quantile(const double *values, size_t n, double part)
{
    return values[(size_t)((double)(n - 1) * part)];
}

static bool
take_latency(struct sides *s)
{
    struct psim_gpu_probe *p = s->probe;
    const double latency = psim_gpu_taken(p, "l2_latency");
    if (count_other(s) == 0) return true; /* one whole, as far as can be seen */
    qsort(s->near, s->n_near, sizeof(*s->near), compare);
    qsort(s->extra, s->n_extra, sizeof(*s->extra), compare);
    const double middle = quantile(s->extra, s->n_extra, 0.5);
    const double quarters =
        quantile(s->extra, s->n_extra, 0.75) - quantile(s->extra, s->n_extra, 0.25);
    /* A look at the clock takes some cycles of each step: the chain does not look. */
    const double look = quantile(s->near, s->n_near, 0.5) - latency;
    return psim_gpu_take(
        p, "l2_far_latency", latency + middle, PSIM_DIM_CYCLES,
        quarters / (latency + middle),
        psim_arena_printf(p->gpu->arena,
                          "lines that a unit of the other half has read, %u of %d "
                          "units; tenths: %.0f "
                          "and %.0f cycles; near: %.0f and %.0f",
                          count_other(s), p->gpu->units,
                          latency + quantile(s->extra, s->n_extra, 0.1),
                          latency + quantile(s->extra, s->n_extra, 0.9),
                          quantile(s->near, s->n_near, 0.1) - look,
                          quantile(s->near, s->n_near, 0.9) - look));
}

/* --- bandwidth ------------------------------------------------------------------- */

/** Bytes in a cycle that one unit reads, while all of its half do. */
static bool
read_shares(struct sides *s, psim_gpu_address from, bool other, double *ret)
{
    struct psim_gpu *gpu = s->probe->gpu;
    const size_t units = (size_t)gpu->units;
    const uint32_t n = (uint32_t)(s->stretch_bytes / 16);
    uint32_t *place = PSIM_NEW_N(gpu->arena, uint32_t, units), of = 0;
    uint32_t *words = PSIM_NEW_N(gpu->arena, uint32_t, 2 * units);
    double *rates = PSIM_NEW_N(gpu->arena, double, units);
    for (size_t i = 0; i < units; i++) {
        place[i] = (s->other[i] != 0) == other ? of++ : UINT32_MAX;
    }
    const void *const parameters[] = {
        &from, &n, &s->place, &of, &s->arrived, &s->probe->cycles, NULL};
    if (!psim_gpu_copy_in(gpu, s->place, place, units * sizeof(*place)) ||
        !launch(s, &s->read_shares, LANES, parameters) ||
        !psim_gpu_copy_out(gpu, words, s->probe->cycles, 2 * of * sizeof(*words))) {
        return false;
    }
    for (uint32_t i = 0; i < of; i++) {
        rates[i] = 16.0 * words[2 * i + 1] / words[2 * i];
    }
    qsort(rates, of, sizeof(*rates), compare);
    *ret = quantile(rates, of, 0.5);
    return true;
}

static bool
take_bandwidth(struct sides *s)
{
    struct psim_gpu_probe *p = s->probe;
    double first[REPEATS], again[REPEATS], ignored;
    if (count_other(s) == 0) return true;
    for (int i = 0; i < REPEATS; i++) {
        psim_gpu_address from;
        if (!untouched(s, s->stretch_bytes, &from) ||
            !read_shares(s, from, false, &ignored) ||
            !read_shares(s, from, true, &first[i]) ||
            !read_shares(s, from, true, &again[i])) {
            return false;
        }
    }
    return psim_gpu_take(p, "l2_near_port", psim_median(again, REPEATS),
                         PSIM_DIM_BYTES_PER_CYCLE, psim_spread(again, REPEATS),
                         psim_arena_printf(
                             p->gpu->arena, "the units of one half read %llu MiB again",
                             (unsigned long long)s->stretch_bytes >> 20)) &&
           psim_gpu_take(p, "l2_far_port", psim_median(first, REPEATS),
                         PSIM_DIM_BYTES_PER_CYCLE, psim_spread(first, REPEATS),
                         "they read what those of the other half have read: about half "
                         "of it is far");
}

/** After the L2's latency. */
bool
psim_gpu_probe_sides(struct psim_gpu_probe *probe)
{
    const size_t units = (size_t)probe->gpu->units;
    struct psim_arena *arena = probe->gpu->arena;
    struct sides s = {
        .probe = probe,
        .stretch_bytes = stretch_of(probe->gpu),
        .used_bytes = probe->data_bytes, /* the first use flushes */
        .near = PSIM_NEW_N(arena, double, units *LINES),
        .extra = PSIM_NEW_N(arena, double, units *LINES),
        .other = PSIM_NEW_N(arena, uint32_t, units),
    };
    if (!compile(&s)) return false;
    for (uint32_t unit = 1; unit < units; unit++) {
        if (!look_from(&s, unit)) return false;
    }
    return take_latency(&s) && take_bandwidth(&s);
}
