/* SPDX-License-Identifier: MIT */
/** @file probe: the steps, and what all of them share. */
#include "measure/cuda/probe.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "measure/stats.h"
#include "util/str.h"

enum { REPEATS = 7 };

static const struct psim_loc nowhere;

bool
psim_gpu_take(struct psim_gpu_probe *probe, const char *name, double value,
              enum psim_dim dim, double spread, const char *how)
{
    assert(probe->n < PSIM_GPU_FIGURES);
    probe->figure[probe->n++] = (struct psim_gpu_figure){name, value, dim, spread, how};
    FILE *out = probe->options->progress;
    if (out) {
        fprintf(out, "%s: %s (%s)\n", name,
                psim_quantity_print(probe->gpu->arena, value, dim, 4), how);
        (void)fflush(out);
    }
    return true;
}

const struct psim_gpu_figure *
psim_gpu_find(const struct psim_gpu_probe *probe, const char *name)
{
    for (size_t i = 0; i < probe->n; i++) {
        if (psim_str_equal(probe->figure[i].name, name)) return &probe->figure[i];
    }
    return NULL;
}

double
psim_gpu_taken(const struct psim_gpu_probe *probe, const char *name)
{
    const struct psim_gpu_figure *f = psim_gpu_find(probe, name);
    return f ? f->value : 0;
}

static bool
run(const struct psim_gpu_probe *probe, const struct psim_gpu_work *work)
{
    return psim_gpu_run(probe->gpu, &work->code, &work->launch, work->parameters);
}

bool
psim_gpu_median_cycles(struct psim_gpu_probe *probe, const struct psim_gpu_work *work,
                       size_t word, double *ret_cycles, double *ret_spread)
{
    double values[REPEATS];
    assert(word < PSIM_GPU_WORDS);
    if (!run(probe, work)) return false;
    for (int i = 0; i < REPEATS; i++) {
        uint32_t cycles = 0;
        if (!run(probe, work) ||
            !psim_gpu_copy_out(probe->gpu, &cycles,
                               probe->cycles + word * sizeof(cycles), sizeof(cycles))) {
            return false;
        }
        values[i] = cycles;
    }
    *ret_cycles = psim_median(values, REPEATS);
    *ret_spread = psim_spread(values, REPEATS);
    return true;
}

/* --- time ---------------------------------------------------------------------- */

/** Launches one after the other, or a graph of them. */
struct batch {
    const struct psim_gpu_work *work;
    psim_gpu_exec *exec; /* NULL: in the stream */
    unsigned launches;
};

static bool
launch_batch(struct psim_gpu_probe *probe, const struct batch *batch)
{
    const struct psim_gpu *gpu = probe->gpu;
    if (batch->exec) {
        return psim_gpu_ok(gpu, gpu->api.graph_launch(batch->exec, gpu->stream),
                           "a graph");
    }
    for (unsigned i = 0; i < batch->launches; i++) {
        if (!run(probe, batch->work)) return false;
    }
    return true;
}

static bool
record(struct psim_gpu_probe *probe, struct batch *batch)
{
    const struct psim_gpu *gpu = probe->gpu;
    psim_gpu_graph *graph = NULL;
    if (!psim_gpu_ok(gpu, gpu->api.capture_start(gpu->stream, 1),
                     "recording a graph")) {
        return false;
    }
    const bool ok = launch_batch(probe, batch);
    const int ended = gpu->api.capture_end(gpu->stream, &graph);
    bool ready = ok && psim_gpu_ok(gpu, ended, "recording a graph");
    if (ready) {
        ready = psim_gpu_ok(gpu, gpu->api.graph_ready(&batch->exec, graph, 0),
                            "making a graph ready");
        if (!ready) batch->exec = NULL;
    }
    if (graph) (void)gpu->api.graph_free(graph);
    return ready;
}

static bool
time_batch(struct psim_gpu_probe *probe, const struct batch *batch,
           psim_gpu_event *events[2], double *ret_s)
{
    const struct psim_gpu *gpu = probe->gpu;
    float ms = 0;
    const bool ok =
        psim_gpu_ok(gpu, gpu->api.event_record(events[0], gpu->stream), "an event") &&
        launch_batch(probe, batch) &&
        psim_gpu_ok(gpu, gpu->api.event_record(events[1], gpu->stream), "an event") &&
        psim_gpu_wait(gpu) &&
        psim_gpu_ok(gpu, gpu->api.event_elapsed(&ms, events[0], events[1]),
                    "reading events");
    *ret_s = 1e-3 * (double)ms / batch->launches;
    return ok;
}

bool
psim_gpu_median_s(struct psim_gpu_probe *probe, const struct psim_gpu_work *work,
                  bool graph, unsigned launches, double *ret_s, double *ret_spread)
{
    const struct psim_gpu *gpu = probe->gpu;
    psim_gpu_event *events[2] = {NULL, NULL};
    struct batch batch = {work, NULL, launches};
    double values[REPEATS], warm_s;
    bool ok = !graph || record(probe, &batch);
    for (int i = 0; i < 2 && ok; i++) {
        ok = psim_gpu_ok(gpu, gpu->api.event_new(&events[i], 0), "making an event");
    }
    ok = ok && time_batch(probe, &batch, events, &warm_s);
    for (int i = 0; i < REPEATS && ok; i++) {
        ok = time_batch(probe, &batch, events, &values[i]);
    }
    if (ok) {
        *ret_s = psim_median(values, REPEATS);
        *ret_spread = psim_spread(values, REPEATS);
    }
    for (int i = 0; i < 2; i++) {
        if (events[i]) (void)gpu->api.event_free(events[i]);
    }
    if (batch.exec) (void)gpu->api.exec_free(batch.exec);
    return ok;
}

/* --- the whole ----------------------------------------------------------------- */

/** Random numbers of bf16 at the start of the memory that all steps use. */
static bool
fill(struct psim_gpu_probe *probe)
{
    struct psim_gpu *gpu = probe->gpu;
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = {.grid = {(uint64_t)gpu->units * 16},
                                           .lanes = 256};
    const uint64_t n = 1 << 20, seed = 1;
    const void *const parameters[] = {&probe->data, &n, &seed, NULL};
    return psim_gpu_compile(gpu, "tools", "#define T bf16_t\n", "fill_random", 0,
                            &code) &&
           psim_gpu_run(gpu, &code, &launch, parameters) && psim_gpu_wait(gpu);
}

bool
psim_gpu_probe_start(struct psim_gpu_probe *probe)
{
    struct psim_gpu *gpu = probe->gpu;
    probe->data_bytes = (size_t)1 << 30;
    while (probe->data_bytes > gpu->memory_bytes / 4) {
        probe->data_bytes /= 2;
    }
    probe->data = psim_gpu_new(gpu, probe->data_bytes);
    probe->cycles = psim_gpu_new(gpu, PSIM_GPU_WORDS * sizeof(uint32_t));
    return probe->data && probe->cycles && fill(probe);
}

static bool
all_steps(struct psim_gpu_probe *probe)
{
    static bool (*const steps[])(struct psim_gpu_probe * probe) = {
        psim_gpu_probe_start,
        psim_gpu_probe_costs,
        psim_gpu_probe_rates,
        psim_gpu_probe_matrix,
        psim_gpu_probe_memory,
        psim_gpu_probe_sides,
        fill,
        psim_gpu_probe_power,
    };
    for (size_t i = 0; i < PSIM_COUNT(steps); i++) {
        if (probe->options->stop && probe->options->stop()) {
            return psim_error(probe->gpu->diag, nowhere,
                              "probe: interrupted; a machine needs all its figures");
        }
        if (!steps[i](probe)) return false;
    }
    return true;
}

const char *
psim_gpu_probe(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
               const struct psim_measure_options *options)
{
    struct psim_gpu gpu;
    if (!psim_gpu_open(arena, diag, number, &gpu)) return NULL;
    struct psim_gpu_probe *probe = PSIM_NEW(arena, struct psim_gpu_probe);
    probe->gpu = &gpu;
    probe->options = options;
    if (gpu.capability < 80) {
        psim_error(
            diag, nowhere,
            "cuda:%u: its compute capability is %d.%d; 8.0 is needed for a probe",
            number, gpu.capability / 10, gpu.capability % 10);
        psim_gpu_close(&gpu);
        return NULL;
    }
    const char *text = all_steps(probe) ? psim_gpu_spec(probe) : NULL;
    if (diag->error_count > 0) text = NULL; /* of a kernel that is listed there */
    psim_gpu_close(&gpu);
    return text;
}
