/* SPDX-License-Identifier: MIT */
/** @file Each element once: functions of elements, copies. */
#include <string.h>

#include "measure/cpu/bench.h"
#include "util/arena.h"
#include "util/str.h"

struct plan {
    psim_stream_fn *run;
    double s;
    size_t inputs;
};

static const struct psim_stream_kernel *
find(const struct psim_bench *bench)
{
    const char *name = psim_stream_function(PSIM_ATTRIBUTES(bench, psim_elementwise));
    for (const struct psim_stream_kernel *k = bench->kernels->streams; k->name; k++) {
        if (psim_str_equal(k->name, name)) return k;
    }
    return NULL;
}

static const char *
refuses(const struct psim_bench *bench)
{
    const struct psim_elementwise *e = PSIM_ATTRIBUTES(bench, psim_elementwise);
    const struct psim_function *f = &psim_functions[e->function];
    const char *reason = psim_refuses_type(e->dtype);
    if (reason) return reason;
    const struct psim_stream_kernel *kernel = find(bench);
    if (!kernel) return "there is no kernel for that function";
    if (kernel->exact32 && e->dtype == PSIM_FP64) return "it is done in fp32 only";
    const bool scale = psim_str_equal(kernel->name, "scale");
    if (e->outputs != 1 || e->strided || (e->inputs != f->inputs && !scale)) {
        return "it is done with the inputs of its function, one output and whole rows";
    }
    return NULL;
}

static void
prepare(struct psim_bench *bench)
{
    const struct psim_elementwise *e = PSIM_ATTRIBUTES(bench, psim_elementwise);
    struct plan *plan = PSIM_NEW(bench->arena, struct plan);
    *plan = (struct plan){find(bench)->run, psim_stream_number(e), e->inputs};
    for (size_t i = 0; i < e->inputs; i++) {
        psim_bench_input(bench, (int)i, e->elements);
    }
    psim_bench_output(bench, e->elements);
    bench->plan = plan;
}

static void
run_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct plan *plan = bench->plan;
    size_t first, end;
    psim_team_share(bench->team, thread, bench->out.elements, 64, &first, &end);
    if (first == end) return;
    plan->run(psim_tensor_at(&bench->out, first),
              plan->inputs > 0 ? psim_tensor_at(&bench->in[0], first) : NULL,
              plan->inputs > 1 ? psim_tensor_at(&bench->in[1], first) : NULL, plan->s,
              end - first);
}

static void
run(struct psim_bench *bench)
{
    psim_team_run(bench->team, run_part, bench);
}

const struct psim_cpu_kernel psim_cpu_streams = {
    .name = "streams",
    .op = "elementwise",
    .doc = "a stretch of the elements for each thread",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};

/* --- copy: bytes, as fp32 ------------------------------------------------------ */

static const char *
copy_refuses(const struct psim_bench *bench)
{
    const struct psim_copy *c = PSIM_ATTRIBUTES(bench, psim_copy);
    if (c->direction != PSIM_COPY_DEVICE) return "the host is the device itself";
    return c->bytes % sizeof(float) == 0 ? NULL : "it copies multiples of 4 bytes";
}

static void
copy_prepare(struct psim_bench *bench)
{
    const size_t n = PSIM_ATTRIBUTES(bench, psim_copy)->bytes / sizeof(float);
    psim_bench_input(bench, 0, n);
    psim_bench_output(bench, n);
}

static void
copy_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    size_t first, end;
    psim_team_share(bench->team, thread, bench->out.elements, 64, &first, &end);
    memcpy(psim_tensor_at(&bench->out, first), psim_tensor_at(&bench->in[0], first),
           (end - first) * bench->out.element_bytes);
}

static void
copy_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, copy_part, bench);
}

const struct psim_cpu_kernel psim_cpu_copy = {
    .name = "memcpy",
    .op = "copy",
    .doc = "the C library's, a stretch for each thread",
    .refuses = copy_refuses,
    .prepare = copy_prepare,
    .run = copy_run,
};
