/* SPDX-License-Identifier: MIT */
/** @file Bodies, all pairs; and Fourier transforms of powers of two. */
#include <math.h>
#include <string.h>

#include "measure/cpu/bench.h"
#include "util/arena.h"

/* --- nbody ----------------------------------------------------------------------- */

static const char *
nbody_refuses(const struct psim_bench *bench)
{
    return psim_refuses_type(PSIM_ATTRIBUTES(bench, psim_nbody)->dtype);
}

/** Inputs 0 to 3: x, y, z and mass; the result: all x, then all y, then all z. */
static void
nbody_prepare(struct psim_bench *bench)
{
    const size_t n = PSIM_ATTRIBUTES(bench, psim_nbody)->bodies;
    for (int i = 0; i < 4; i++) {
        psim_bench_input(bench, i, n);
    }
    psim_bench_output(bench, 3 * n);
}

static void
nbody_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const size_t n = PSIM_ATTRIBUTES(bench, psim_nbody)->bodies;
    const void *const place[4] = {bench->in[0].data, bench->in[1].data,
                                  bench->in[2].data, bench->in[3].data};
    void *const out[3] = {bench->out.data, psim_tensor_at(&bench->out, n),
                          psim_tensor_at(&bench->out, 2 * n)};
    size_t first, end;
    psim_team_share(bench->team, thread, n, 32, &first, &end);
    bench->kernels->fields->bodies(out, place, first, end, n);
}

static void
nbody_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, nbody_part, bench);
}

const struct psim_cpu_kernel psim_cpu_nbody = {
    .name = "pairs",
    .op = "nbody",
    .doc = "two vectors of bodies in registers, all others pass by",
    .refuses = nbody_refuses,
    .prepare = nbody_prepare,
    .run = nbody_run,
};

/* --- fft ------------------------------------------------------------------------- */

struct plan {
    void *roots;       /* e^(-2 pi i j / length), complex */
    char *scratch;     /* of a sequence for each thread, or of one for all */
    size_t item_bytes; /* of a sequence */
    bool together;     /* the team works on one sequence at a time */
};

static const struct psim_fft *
fft_of(const struct psim_bench *bench)
{
    return PSIM_ATTRIBUTES(bench, psim_fft);
}

static const char *
fft_refuses(const struct psim_bench *bench)
{
    const uint64_t n = fft_of(bench)->length;
    return (n & (n - 1)) == 0 ? NULL : "its length is no power of two";
}

static void
put(void *to, size_t index, size_t element_bytes, double value)
{
    if (element_bytes == sizeof(double)) {
        ((double *)to)[index] = value;
    } else {
        ((float *)to)[index] = (float)value;
    }
}

static void
fft_prepare(struct psim_bench *bench)
{
    const struct psim_fft *f = fft_of(bench);
    const size_t bytes = bench->kernels->element_bytes;
    const unsigned threads = psim_team_threads(bench->team);
    struct plan *plan = PSIM_NEW(bench->arena, struct plan);
    psim_bench_input(bench, 0, 2 * f->batch * f->length);
    psim_bench_output(bench, 2 * f->batch * f->length);
    plan->item_bytes = 2 * f->length * bytes;
    plan->together = f->batch < threads;
    plan->roots = psim_bench_scratch(bench, plan->item_bytes);
    plan->scratch =
        psim_bench_scratch(bench, (plan->together ? 1 : threads) * plan->item_bytes);
    for (size_t i = 0; i < f->length; i++) {
        const double angle = -2 * acos(-1) * (double)i / (double)f->length;
        put(plan->roots, 2 * i, bytes, cos(angle));
        put(plan->roots, 2 * i + 1, bytes, sin(angle));
    }
    bench->plan = plan;
}

static size_t
passes_of(size_t length)
{
    size_t passes = 0;
    for (; length > 1; length /= length == 2 ? 2 : 4) {
        passes++;
    }
    return passes;
}

/** One sequence: from `in` to and fro between `scratch` and `out`, ending in `out`. */
static void
transform(const struct psim_bench *bench, void *out, const void *in, char *scratch,
          unsigned thread)
{
    const struct psim_fft *f = fft_of(bench);
    const struct plan *plan = bench->plan;
    size_t left = passes_of(f->length);
    size_t length = f->length, stride = 1;
    const void *from = in;
    while (length > 1) {
        void *to = --left % 2 == 0 ? out : scratch;
        const size_t radix = length == 2 ? 2 : 4;
        struct psim_fft_pass pass = {length, stride, plan->roots, 0, f->length / radix};
        if (plan->together) {
            psim_team_share(bench->team, thread, pass.end, 16, &pass.first, &pass.end);
        }
        bench->kernels->fields->fft_pass(to, from, &pass);
        if (plan->together) psim_team_meet(bench->team);
        length /= radix;
        stride *= radix;
        from = to;
    }
}

static void
fft_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_fft *f = fft_of(bench);
    const struct plan *plan = bench->plan;
    size_t first = 0, end = f->batch;
    if (!plan->together) {
        psim_team_share(bench->team, thread, f->batch, 1, &first, &end);
    }
    char *scratch = plan->scratch + (plan->together ? 0 : thread * plan->item_bytes);
    for (size_t item = first; item < end; item++) {
        transform(bench, (char *)bench->out.data + item * plan->item_bytes,
                  (const char *)bench->in[0].data + item * plan->item_bytes, scratch,
                  thread);
    }
}

static void
fft_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, fft_part, bench);
}

const struct psim_cpu_kernel psim_cpu_fft = {
    .name = "stockham",
    .op = "fft",
    .doc = "Stockham's passes of radix 4, sequences or butterflies for each thread",
    .refuses = fft_refuses,
    .prepare = fft_prepare,
    .run = fft_run,
};
