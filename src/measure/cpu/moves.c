/* SPDX-License-Identifier: MIT */
/** @file Moves and pooling, cut into parts for each thread. */

#include "measure/cpu/bench.h"
#include "util/arena.h"

/* --- transpose ----------------------------------------------------------------- */

static const char *
transpose_refuses(const struct psim_bench *bench)
{
    return psim_refuses_type(PSIM_ATTRIBUTES(bench, psim_transpose)->dtype);
}

static void
transpose_prepare(struct psim_bench *bench)
{
    const struct psim_transpose *t = PSIM_ATTRIBUTES(bench, psim_transpose);
    psim_bench_input(bench, 0, t->rows * t->cols);
    psim_bench_output(bench, t->rows * t->cols);
}

static void
transpose_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_transpose *t = PSIM_ATTRIBUTES(bench, psim_transpose);
    size_t first, end;
    psim_team_share(bench->team, thread, t->cols, 16, &first, &end);
    bench->kernels->moves->transpose(bench->out.data, bench->in[0].data, t->rows,
                                     t->cols, first, end);
}

static void
transpose_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, transpose_part, bench);
}

const struct psim_cpu_kernel psim_cpu_transpose = {
    .name = "squares",
    .op = "transpose",
    .doc = "squares of 16 x 16, a stretch of columns for each thread",
    .refuses = transpose_refuses,
    .prepare = transpose_prepare,
    .run = transpose_run,
};

/* --- gather -------------------------------------------------------------------- */

static const char *
gather_refuses(const struct psim_bench *bench)
{
    return psim_refuses_type(PSIM_ATTRIBUTES(bench, psim_gather)->dtype);
}

static void
gather_prepare(struct psim_bench *bench)
{
    const struct psim_gather *g = PSIM_ATTRIBUTES(bench, psim_gather);
    psim_bench_input(bench, 0, g->table_rows * g->cols);
    psim_bench_output(bench, g->indices * g->cols);
    int64_t *index = psim_bench_scratch(bench, g->indices * sizeof *index);
    for (size_t i = 0; i < g->indices; i++) {
        index[i] = (int64_t)psim_gather_row(g, i);
    }
    bench->plan = index;
}

static void
gather_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_gather *g = PSIM_ATTRIBUTES(bench, psim_gather);
    const int64_t *index = bench->plan;
    size_t first, end;
    psim_team_share(bench->team, thread, g->indices, 16, &first, &end);
    bench->kernels->moves->gather(psim_tensor_at(&bench->out, first * g->cols),
                                  bench->in[0].data, index + first, end - first,
                                  g->cols);
}

static void
gather_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, gather_part, bench);
}

const struct psim_cpu_kernel psim_cpu_gather = {
    .name = "gather",
    .op = "gather",
    .doc = "a stretch of the indices for each thread",
    .refuses = gather_refuses,
    .prepare = gather_prepare,
    .run = gather_run,
};

/* --- pool2d -------------------------------------------------------------------- */

enum { MAX_TAPS = 256 };

static const char *
pool_refuses(const struct psim_bench *bench)
{
    const struct psim_pool2d *p = PSIM_ATTRIBUTES(bench, psim_pool2d);
    const char *reason = psim_refuses_type(p->dtype);
    if (reason) return reason;
    if (p->layout != 0) return "it is done in layout nhwc only";
    if (p->kernel.value[0] * p->kernel.value[1] > MAX_TAPS) {
        return "its windows are too large";
    }
    /* A window of padding alone has no largest element. */
    return p->padding.value[0] >= p->kernel.value[0] ||
                   p->padding.value[1] >= p->kernel.value[1]
               ? "its padding is as large as its windows"
               : NULL;
}

static void
pool_prepare(struct psim_bench *bench)
{
    const struct psim_pool2d *p = PSIM_ATTRIBUTES(bench, psim_pool2d);
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    psim_bench_input(bench, 0, p->batch * p->height * p->width * p->channels);
    psim_bench_output(bench, p->batch * height * width * p->channels);
}

/** Pixels of the window that lie in the image. @return how many */
static size_t
window(const struct psim_bench *bench, size_t pixel, const void *ret[MAX_TAPS])
{
    const struct psim_pool2d *p = PSIM_ATTRIBUTES(bench, psim_pool2d);
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    const size_t image = pixel / (height * width);
    const size_t y0 = pixel / width % height * p->stride.value[0];
    const size_t x0 = pixel % width * p->stride.value[1];
    size_t n = 0;
    for (size_t i = 0; i < p->kernel.value[0]; i++) {
        for (size_t j = 0; j < p->kernel.value[1]; j++) {
            const size_t y = y0 + i - p->padding.value[0]; /* wraps below 0 */
            const size_t x = x0 + j - p->padding.value[1];
            if (y >= p->height || x >= p->width) continue;
            const size_t at = (image * p->height + y) * p->width + x;
            ret[n++] = psim_tensor_at(&bench->in[0], at * p->channels);
        }
    }
    return n;
}

/** Whether all columns of the windows of column @p x and of the one before are there.
 */
static bool
follows(const struct psim_pool2d *p, size_t x)
{
    const size_t stride = p->stride.value[1], padding = p->padding.value[1];
    return x > 0 && (x - 1) * stride >= padding &&
           x * stride + p->kernel.value[1] <= p->width + padding;
}

static void
pool_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_pool2d *p = PSIM_ATTRIBUTES(bench, psim_pool2d);
    const struct psim_move_kernels *k = bench->kernels->moves;
    const size_t taps = p->kernel.value[0] * p->kernel.value[1];
    const size_t row_bytes = p->channels * bench->kernels->element_bytes;
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    size_t first, end, n = 0;
    psim_team_share(bench->team, thread, bench->out.elements / p->channels, 1, &first,
                    &end);
    const void *in[MAX_TAPS];
    for (size_t pixel = first, x = first % width; pixel < end; pixel++, x++) {
        if (x == width) x = 0;
        if (pixel > first && follows(p, x)) {
            for (size_t t = 0; t < n; t++) {
                in[t] = (const char *)in[t] + p->stride.value[1] * row_bytes;
            }
        } else {
            n = window(bench, pixel, in);
        }
        char *out = (char *)bench->out.data + pixel * row_bytes;
        if (p->function == 0) {
            k->pool_max(out, in, n, p->channels);
        } else {
            k->pool_mean(out, in, n, taps, p->channels);
        }
    }
}

static void
pool_run(struct psim_bench *bench)
{
    psim_team_run(bench->team, pool_part, bench);
}

const struct psim_cpu_kernel psim_cpu_pool2d = {
    .name = "windows",
    .op = "pool2d",
    .doc = "a stretch of the pixels for each thread, vectors of channels",
    .refuses = pool_refuses,
    .prepare = pool_prepare,
    .run = pool_run,
};
