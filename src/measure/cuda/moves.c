/* SPDX-License-Identifier: MIT */
/** @file Elements to other places: transpose, rows of a table, copies. */
#include "measure/cuda/bench.h"

enum { SIDE = 32, LANES = 256 };

struct move_plan {
    struct psim_gpu_kernel_code code;
    uint32_t vectors; /* gather: of all rows */
    void *host;       /* copies to and from the host */
};

static const char *
refuses_type(int dtype)
{
    return psim_gpu_type((enum psim_dtype)dtype)
               ? NULL
               : "it is done in fp64, fp32, bf16 and fp16 only";
}

/* --- transpose ----------------------------------------------------------------- */

static const char *
transpose_refuses(const struct psim_gpu_bench *bench)
{
    enum { MOST = 1 << 20 }; /* of the grid's second dimension */
    const struct psim_transpose *t = PSIM_GPU_OP(bench, psim_transpose);
    if (t->rows > MOST || t->cols > MOST)
        return "it is done up to 1048576 rows and columns";
    return refuses_type(t->dtype);
}

static bool
transpose_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_transpose *t = PSIM_GPU_OP(bench, psim_transpose);
    const enum psim_dtype dtype = (enum psim_dtype)t->dtype;
    struct move_plan *plan = PSIM_NEW(bench->arena, struct move_plan);
    bench->plan = plan;
    psim_gpu_input(bench, 0, t->rows * t->cols, dtype);
    psim_gpu_output(bench, t->rows * t->cols, dtype);
    return psim_gpu_compile(
        bench->gpu, "moves",
        psim_arena_printf(bench->arena, "#define T %s\n", psim_gpu_type(dtype)),
        "transpose", 0, &plan->code);
}

static bool
transpose_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct psim_transpose *t = PSIM_GPU_OP(bench, psim_transpose);
    const struct move_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {
        .grid = {(t->cols + SIDE - 1) / SIDE, (t->rows + SIDE - 1) / SIDE},
        .lanes = LANES};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           in = psim_gpu_at(&bench->in[0], set);
    const int rows = (int)t->rows, cols = (int)t->cols;
    const void *const parameters[] = {&out, &in, &rows, &cols, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_transpose_kernel;
const struct psim_gpu_kernel psim_gpu_transpose_kernel = {
    .name = "transpose",
    .op = "transpose",
    .doc = "tiles of 32 x 32 through shared memory",
    .refuses = transpose_refuses,
    .prepare = transpose_prepare,
    .run = transpose_run,
};

/* --- gather -------------------------------------------------------------------- */

static uint64_t
vectors_of(const struct psim_gather *g)
{
    return g->indices * (g->cols / psim_gpu_vector((enum psim_dtype)g->dtype, g->cols));
}

static const char *
gather_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_gather *g = PSIM_GPU_OP(bench, psim_gather);
    const char *reason = refuses_type(g->dtype);
    if (reason) return reason;
    return vectors_of(g) < UINT32_MAX ? NULL : "it is done up to 2^32 vectors";
}

static bool
gather_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_gather *g = PSIM_GPU_OP(bench, psim_gather);
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    const unsigned wide = psim_gpu_vector(dtype, g->cols);
    struct move_plan *plan = PSIM_NEW(bench->arena, struct move_plan);
    bench->plan = plan;
    plan->vectors = (uint32_t)vectors_of(g);
    psim_gpu_input(bench, 0, g->table_rows * g->cols, dtype);
    psim_gpu_input(bench, 1, g->indices, PSIM_INT64);
    bench->in[1].rows = g->table_rows;
    bench->in[1].sequential = g->index == 1;
    psim_gpu_output(bench, g->indices * g->cols, dtype);
    return psim_gpu_compile(
        bench->gpu, "moves",
        psim_arena_printf(
            bench->arena, "#define T %s\n#define WIDE %u\n#define VECTORS %lluu\n",
            psim_gpu_type(dtype), wide, (unsigned long long)(g->cols / wide)),
        "gather", 0, &plan->code);
}

static bool
gather_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct move_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {
        .grid = {((uint64_t)plan->vectors + LANES - 1) / LANES}, .lanes = LANES};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           table = psim_gpu_at(&bench->in[0], set),
                           index = psim_gpu_at(&bench->in[1], set);
    const void *const parameters[] = {&out, &table, &index, &plan->vectors, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_gather_kernel;
const struct psim_gpu_kernel psim_gpu_gather_kernel = {
    .name = "gather",
    .op = "gather",
    .doc = "a lane a vector of a row",
    .refuses = gather_refuses,
    .prepare = gather_prepare,
    .run = gather_run,
};

/* --- copies: the driver's ------------------------------------------------------ */

static const char *
copy_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_copy *c = PSIM_GPU_OP(bench, psim_copy);
    if (c->direction != PSIM_COPY_DEVICE && !c->pinned) {
        return "copies of pageable memory wait for the host, no graph holds them";
    }
    return c->bytes % 4 == 0 ? NULL : "it is done in words of 4 B";
}

static bool
copy_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_copy *c = PSIM_GPU_OP(bench, psim_copy);
    struct move_plan *plan = PSIM_NEW(bench->arena, struct move_plan);
    bench->plan = plan;
    psim_gpu_input(bench, 0, c->bytes / 4, PSIM_FP32);
    psim_gpu_output(bench, c->bytes / 4, PSIM_FP32);
    if (c->direction == PSIM_COPY_DEVICE) return true;
    plan->host = psim_gpu_new_host(bench->gpu, c->bytes);
    return plan->host != NULL;
}

static bool
copy_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct psim_copy *c = PSIM_GPU_OP(bench, psim_copy);
    const struct move_plan *plan = bench->plan;
    const struct psim_gpu_api *api = &bench->gpu->api;
    psim_gpu_stream *stream = bench->gpu->stream;
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           in = psim_gpu_at(&bench->in[0], set);
    const int result = c->direction == PSIM_COPY_DEVICE
                           ? api->copy_within(out, in, c->bytes, stream)
                       : c->direction == PSIM_COPY_HOST_TO_DEVICE
                           ? api->copy_in(out, plan->host, c->bytes, stream)
                           : api->copy_out(plan->host, in, c->bytes, stream);
    return psim_gpu_ok(bench->gpu, result, "a copy");
}

extern const struct psim_gpu_kernel psim_gpu_copy_kernel;
const struct psim_gpu_kernel psim_gpu_copy_kernel = {
    .name = "driver",
    .op = "copy",
    .doc = "the driver's own copies",
    .refuses = copy_refuses,
    .prepare = copy_prepare,
    .run = copy_run,
};
