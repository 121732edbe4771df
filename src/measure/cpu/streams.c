/* SPDX-License-Identifier: MIT */
/** @file Each element once: functions of elements, copies. */
#include <math.h>
#include <string.h>

#include "measure/cpu/bench.h"
#include "util/arena.h"
#include "util/str.h"

/** Factor of triad and scale, value of fill. */
static const double factor = 1.5;

struct plan {
    psim_stream_fn *run;
    double s;
    size_t inputs;
};

static const struct psim_stream_kernel *
find(const struct psim_bench *bench)
{
    const struct psim_elementwise *e = PSIM_ATTRIBUTES(bench, psim_elementwise);
    const char *name = psim_functions[e->function].name;
    /* A product of one input is one with a number. */
    if (psim_str_equal(name, "mul") && e->inputs == 1) name = "scale";
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
    const struct psim_stream_kernel *kernel = find(bench);
    *plan = (struct plan){kernel->run, factor, e->inputs};
    if (psim_str_equal(kernel->name, "fma")) plan->s = psim_elementwise_flop(e) / 2;
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

static double
reference(const char *name, double a, double b, double s)
{
    if (psim_str_equal(name, "add")) return a + b;
    if (psim_str_equal(name, "sub")) return a - b;
    if (psim_str_equal(name, "mul")) return a * b;
    if (psim_str_equal(name, "div")) return a / b;
    if (psim_str_equal(name, "scale")) return a * s;
    if (psim_str_equal(name, "relu")) return fmax(a, 0);
    if (psim_str_equal(name, "gelu")) return 0.5 * a * (1 + erf(a / sqrt(2)));
    if (psim_str_equal(name, "exp")) return exp(a);
    if (psim_str_equal(name, "silu")) return a / (1 + exp(-a));
    if (psim_str_equal(name, "silu_mul")) return a * b / (1 + exp(-a));
    if (psim_str_equal(name, "triad")) return a + s * b;
    if (psim_str_equal(name, "fill")) return s;
    if (psim_str_equal(name, "fma")) {
        for (size_t t = 0; t < (size_t)s; t++) {
            a = a * 0.5 + 0.5;
        }
    }
    return a;
}

static struct psim_expected
expect(const struct psim_bench *bench, size_t index)
{
    const struct plan *plan = bench->plan;
    const double a = plan->inputs > 0 ? psim_tensor_get(&bench->in[0], index) : 0;
    const double b = plan->inputs > 1 ? psim_tensor_get(&bench->in[1], index) : 0;
    const double value = reference(find(bench)->name, a, b, plan->s);
    return (struct psim_expected){value, fmax(fabs(value), fabs(a) + fabs(b))};
}

static double
expect_cost(const struct psim_bench *bench)
{
    return 20 + psim_elementwise_flop(PSIM_ATTRIBUTES(bench, psim_elementwise));
}

const struct psim_cpu_kernel psim_cpu_streams = {
    .name = "streams",
    .op = "elementwise",
    .doc = "a stretch of the elements for each thread",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
    .expect = expect,
    .expect_cost = expect_cost,
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

static struct psim_expected
copy_expect(const struct psim_bench *bench, size_t index)
{
    return (struct psim_expected){psim_tensor_get(&bench->in[0], index), 0};
}

static double
copy_cost(const struct psim_bench *bench)
{
    (void)bench;
    return 1;
}

const struct psim_cpu_kernel psim_cpu_copy = {
    .name = "memcpy",
    .op = "copy",
    .doc = "the C library's, a stretch for each thread",
    .refuses = copy_refuses,
    .prepare = copy_prepare,
    .run = copy_run,
    .expect = copy_expect,
    .expect_cost = copy_cost,
};
