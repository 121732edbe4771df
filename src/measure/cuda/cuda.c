/* SPDX-License-Identifier: MIT */
/** @file cuda: a GPU of CUDA, with kernels of its own and the vendor's BLAS. */

#include "measure/cuda/chain.h"
#include "measure/cuda/probe.h"
#include "measure/cuda/timing.h"
#include "measure/device.h"
#include "util/quantity.h"
#include "util/str.h"

enum {
    REPEATS = 11,       /* unless the user says otherwise */
    COLD_COPIES = 2000, /* through which cold inputs take turns, at most */
};

/** A loop in which the device's counter of energy changes often enough. */
static const double loop_s = 1;

/** What all ops share. */
struct session {
    struct psim_gpu *gpu;
    const struct psim_measure_options *options;
};

static bool
is_stopped(const struct session *s)
{
    return s->options->stop && s->options->stop();
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
parts_of(struct psim_arena *arena, const struct psim_gpu_chain *chain)
{
    struct psim_reading_part *parts =
        PSIM_NEW_N(arena, struct psim_reading_part, chain->what->n);
    for (size_t i = 0; i < chain->what->n; i++) {
        const struct psim_gpu_bench *bench = &chain->bench[chain->first[i]];
        parts[i] = (struct psim_reading_part){chain->kernel[i]->name, bench->tile,
                                              bench->stages, bench->split};
    }
    return parts;
}

static bool
time_chain(const struct session *s, const struct psim_gpu_chain *chain, double worst,
           struct psim_reading *ret)
{
    struct psim_gpu_time time;
    struct psim_gpu_sustained loop;
    const unsigned repeats = s->options->repeats > 0 ? s->options->repeats : REPEATS;
    if (!psim_gpu_time_calls(&chain->whole, &chain->as_kernel, repeats, &time) ||
        !psim_gpu_sustain(&chain->whole, &chain->as_kernel, time.time_s, loop_s,
                          &loop)) {
        return false;
    }
    *ret = (struct psim_reading){
        .chain = *chain->what,
        .parts = parts_of(s->gpu->arena, chain),
        .time_s = time.time_s,
        .spread = time.spread,
        .clock_hz = time.clock_hz,
        .repeats = time.repeats,
        .calls = time.calls,
        .cold = chain->is_cold,
        .error = worst,
        .timing = "graph",
        .sustained_time_s = loop.time_s,
        .sustained_clock_hz = loop.clock_hz,
        .power_w = loop.power_w,
        .energy_j = loop.energy_j > 0 ? loop.energy_j : -1,
    };
    return true;
}

/** @param ret_reason why it was not measured; NULL: it was */
static bool
measure_chain(const struct session *s, const struct psim_chain *what,
              struct psim_reading *ret, const char **ret_reason)
{
    struct psim_arena own = {0};
    struct psim_gpu_chain chain;
    double worst = 0;
    const bool ok = psim_gpu_chain_prepare(s->gpu, &own, what, is_cold(s, what->ops),
                                           &chain, ret_reason, &worst) &&
                    (*ret_reason || time_chain(s, &chain, worst, ret));
    psim_gpu_free_all(s->gpu);
    psim_arena_free(&own);
    return ok;
}

static void
say(const struct session *s, size_t i, struct psim_chains chains,
    const struct psim_reading *r, const char *reason)
{
    struct psim_arena *arena = s->gpu->arena;
    FILE *out = s->options->progress;
    const struct psim_chain *chain = &chains.items[i];
    if (!out) return;
    fprintf(out, "%zu/%zu %s: ", i + 1, chains.n, psim_chain_id(arena, chain));
    if (reason) {
        fprintf(out, "not measured: %s\n", reason);
    } else {
        double flop = 0, bytes = 0;
        for (size_t j = 0; j < chain->n; j++) {
            const struct psim_cost cost = chain->ops[j].kind->cost(&chain->ops[j]);
            flop += (double)chain->repeat * cost.flop;
            bytes += (double)chain->repeat * (cost.read_bytes + cost.write_bytes);
        }
        fprintf(out, "%s +- %.1f %% (%s, %s)",
                psim_quantity_print(arena, r->time_s, PSIM_DIM_SECONDS, 4),
                100 * r->spread, r->parts[0].kernel, r->cold ? "cold" : "hot");
        fprintf(out, ", %s, %s\n",
                psim_quantity_print(arena, flop / r->time_s, PSIM_DIM_FLOP_PER_S, 3),
                psim_quantity_print(arena, bytes / r->time_s, PSIM_DIM_BYTES_PER_S, 3));
    }
    (void)fflush(out);
}

/** "13.0" of 13000. */
static const char *
version(struct psim_arena *arena, int number)
{
    return psim_arena_printf(arena, "%d.%d", number / 1000, number % 1000 / 10);
}

static const char *
note_of(const struct psim_gpu *gpu)
{
    return psim_arena_printf(
        gpu->arena,
        "time_s: calls recorded as a graph of some 2.5 ms, replayed back to back "
        "between "
        "events; the median, repeat_spread the distance of the quartiles over it. "
        "clock_hz: cycle counters of all units against the device's timer. "
        "sustained_time_s, power_w, energy_j, sm_clock_hz: in a loop of %.0f s; "
        "energy: %s",
        loop_s, gpu->api.no_monitor ? gpu->api.no_monitor : "NVML's counter");
}

static bool
measure_all(const struct session *s, struct psim_chains chains,
            struct psim_readings *ret)
{
    struct psim_gpu *gpu = s->gpu;
    struct psim_reading *readings =
        PSIM_NEW_N(gpu->arena, struct psim_reading, chains.n + 1);
    struct psim_unread *skipped =
        PSIM_NEW_N(gpu->arena, struct psim_unread, chains.n + 1);
    *ret = (struct psim_readings){
        .device = gpu->name,
        .software = psim_arena_printf(
            gpu->arena, "perfsim's kernels by NVRTC %d.%d for %s, driver for CUDA %s",
            gpu->compiler_major, gpu->compiler_minor, gpu->target,
            version(gpu->arena, gpu->driver_version)),
        .note = note_of(gpu),
        .cold_copies = COLD_COPIES,
        .items = readings,
        .skipped = skipped,
    };
    for (size_t i = 0; i < chains.n && !ret->interrupted; i++) {
        const char *reason = NULL;
        if (!measure_chain(s, &chains.items[i], &readings[ret->n], &reason)) {
            return false;
        }
        if (reason) {
            skipped[ret->n_skipped++] = (struct psim_unread){chains.items[i], reason};
        }
        say(s, i, chains, &readings[ret->n], reason);
        ret->n += reason == NULL;
        ret->interrupted = is_stopped(s);
    }
    return true;
}

static bool
measure(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
        struct psim_chains chains, const struct psim_measure_options *options,
        struct psim_readings *ret)
{
    struct psim_gpu gpu;
    if (!psim_gpu_open(arena, diag, number, &gpu)) return false;
    const struct session s = {&gpu, options};
    const bool ok =
        measure_all(&s, chains, ret) &&
        (!options->micro || ret->interrupted || psim_gpu_micros(&gpu, options, ret));
    ret->interrupted = ret->interrupted || is_stopped(&s);
    psim_gpu_close(&gpu);
    return ok;
}

extern const struct psim_device psim_device_cuda;
const struct psim_device psim_device_cuda = {
    .name = "cuda",
    .doc = "a GPU, with kernels compiled for it when they run, and cuBLAS where it is",
    .measure = measure,
    .probe = psim_gpu_probe,
};
