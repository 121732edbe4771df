/* SPDX-License-Identifier: MIT */
/** @file cuda: a GPU of CUDA, with kernels of its own and the vendor's BLAS. */

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

static bool
time_op(const struct session *s, const struct psim_gpu_kernel *kernel,
        const struct psim_gpu_bench *bench, struct psim_reading *ret)
{
    struct psim_gpu_time time;
    struct psim_gpu_sustained loop;
    const unsigned repeats = s->options->repeats > 0 ? s->options->repeats : REPEATS;
    if (!psim_gpu_time_calls(bench, kernel, repeats, &time) ||
        !psim_gpu_sustain(bench, kernel, time.time_s, loop_s, &loop)) {
        return false;
    }
    ret->time_s = time.time_s;
    ret->spread = time.spread;
    ret->clock_hz = time.clock_hz;
    ret->repeats = time.repeats;
    ret->calls = time.calls;
    ret->cold = psim_gpu_bench_is_cold(bench);
    ret->timing = "graph";
    ret->tile = bench->tile;
    ret->stages = bench->stages;
    ret->split = bench->split;
    ret->sustained_time_s = loop.time_s;
    ret->sustained_clock_hz = loop.clock_hz;
    ret->power_w = loop.power_w;
    ret->energy_j = loop.energy_j > 0 ? loop.energy_j : -1;
    return true;
}

/** @param ret_reason why the op was not measured; NULL: it was */
static bool
run_op(const struct session *s, const struct psim_gpu_kernel *kernel,
       struct psim_gpu_bench *bench, struct psim_reading *ret, const char **ret_reason)
{
    struct psim_check check;
    if (!kernel->prepare(bench) ||
        !psim_gpu_bench_fill(bench, is_cold(s, bench->op), ret_reason)) {
        return false;
    }
    if (*ret_reason) return true;
    if (!psim_gpu_bench_check(bench, kernel, &check)) return false;
    *ret_reason = psim_what_is_wrong(s->gpu->arena, kernel->name, &check);
    if (*ret_reason) return true;
    *ret = (struct psim_reading){
        .op = bench->op, .kernel = kernel->name, .error = check.worst};
    return time_op(s, kernel, bench, ret);
}

static bool
measure_op(const struct session *s, const struct psim_op *op, struct psim_reading *ret,
           const char **ret_reason)
{
    struct psim_arena own = {0};
    struct psim_gpu_bench bench = {.gpu = s->gpu, .arena = &own, .op = op};
    const struct psim_gpu_kernel *kernel = psim_gpu_kernel_for(&bench, ret_reason);
    bool ok = true;
    if (kernel) {
        *ret_reason = NULL;
        ok = run_op(s, kernel, &bench, ret, ret_reason);
    }
    psim_gpu_free_all(s->gpu);
    psim_arena_free(&own);
    return ok;
}

static void
say(const struct session *s, size_t i, size_t n, const struct psim_op *op,
    const struct psim_reading *r, const char *reason)
{
    struct psim_arena *arena = s->gpu->arena;
    FILE *out = s->options->progress;
    if (!out) return;
    fprintf(out, "%zu/%zu %s: ", i + 1, n, psim_op_id(arena, op));
    if (reason) {
        fprintf(out, "not measured: %s\n", reason);
    } else {
        const struct psim_cost cost = op->kind->cost(op);
        fprintf(out, "%s +- %.1f %% (%s, %s)",
                psim_quantity_print(arena, r->time_s, PSIM_DIM_SECONDS, 4),
                100 * r->spread, r->kernel, r->cold ? "cold" : "hot");
        fprintf(
            out, ", %s, %s\n",
            psim_quantity_print(arena, cost.flop / r->time_s, PSIM_DIM_FLOP_PER_S, 3),
            psim_quantity_print(arena, (cost.read_bytes + cost.write_bytes) / r->time_s,
                                PSIM_DIM_BYTES_PER_S, 3));
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
measure_all(const struct session *s, struct psim_op_list ops, struct psim_readings *ret)
{
    struct psim_gpu *gpu = s->gpu;
    struct psim_reading *readings =
        PSIM_NEW_N(gpu->arena, struct psim_reading, ops.n + 1);
    struct psim_unread *skipped = PSIM_NEW_N(gpu->arena, struct psim_unread, ops.n + 1);
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
    for (size_t i = 0; i < ops.n && !ret->interrupted; i++) {
        const char *reason = NULL;
        if (!measure_op(s, ops.items[i], &readings[ret->n], &reason)) return false;
        if (reason)
            skipped[ret->n_skipped++] = (struct psim_unread){ops.items[i], reason};
        say(s, i, ops.n, ops.items[i], &readings[ret->n], reason);
        ret->n += reason == NULL;
        ret->interrupted = is_stopped(s);
    }
    return true;
}

static bool
measure(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
        struct psim_op_list ops, const struct psim_measure_options *options,
        struct psim_readings *ret)
{
    struct psim_gpu gpu;
    if (!psim_gpu_open(arena, diag, number, &gpu)) return false;
    const struct session s = {&gpu, options};
    const bool ok = measure_all(&s, ops, ret) && (!options->micro || ret->interrupted ||
                                                  psim_gpu_micros(&gpu, options, ret));
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
