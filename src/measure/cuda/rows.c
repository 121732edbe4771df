/* SPDX-License-Identifier: MIT */
/** @file Rows: softmax, norms, reductions; a warp or a work-group a row. */
#include "measure/cuda/rows.h"

static const struct psim_rows_op *
rows_of(const struct psim_gpu_bench *bench)
{
    return PSIM_GPU_OP(bench, psim_rows_op);
}

struct rows_plan {
    struct psim_gpu_kernel_code code;
    struct psim_gpu_row_shape shape;
};

struct psim_gpu_row_shape
psim_gpu_row_shape(enum psim_dtype dtype, uint64_t cols)
{
    enum { WARP = 32, WARP_ROWS = 4, MOST_OF_WARP = 1024, MOST_LANES = 1024 };
    const unsigned wide = psim_gpu_vector(dtype, cols);
    struct psim_gpu_row_shape s = {.wide = wide, .lanes = WARP, .rows = WARP_ROWS};
    if (cols > MOST_OF_WARP) {
        /* Half of the most vectors that a lane may have, then more lanes. */
        s.rows = 1;
        s.lanes = 128;
        while (s.lanes < MOST_LANES && cols > (uint64_t)s.lanes * wide * 4) {
            s.lanes *= 2;
        }
    }
    const uint64_t pass = (uint64_t)s.lanes * wide;
    s.each = (unsigned)((cols + pass - 1) / pass);
    return s;
}

static const char *
refuses(const struct psim_gpu_bench *bench)
{
    enum { MOST_OF_LANE = 64 };
    const struct psim_rows_op *r = rows_of(bench);
    if (r->dtype != PSIM_FP32 && r->dtype != PSIM_BF16 && r->dtype != PSIM_FP16) {
        return "it is done in fp32, bf16 and fp16 only";
    }
    const struct psim_gpu_row_shape s =
        psim_gpu_row_shape((enum psim_dtype)r->dtype, r->cols);
    if (s.each * s.wide > MOST_OF_LANE) return "rows of that length are not held";
    return NULL;
}

/** Reductions keep nothing: rows may be of any length. */
static const char *
reduce_refuses(const struct psim_gpu_bench *bench)
{
    const char *type = "it is done in fp32, bf16 and fp16 only";
    const int dtype = rows_of(bench)->dtype;
    return dtype == PSIM_FP32 || dtype == PSIM_BF16 || dtype == PSIM_FP16 ? NULL : type;
}

static bool
prepare(struct psim_gpu_bench *bench, const char *what, int vectors, uint64_t results)
{
    enum { REDUCE_UNDER_WAY = 4 };
    const struct psim_rows_op *r = rows_of(bench);
    const enum psim_dtype dtype = (enum psim_dtype)r->dtype;
    struct rows_plan *plan = PSIM_NEW(bench->arena, struct rows_plan);
    bench->plan = plan;
    plan->shape = psim_gpu_row_shape(dtype, r->cols);
    psim_gpu_input(bench, 0, r->rows * r->cols, dtype);
    for (int i = 0; i < vectors; i++) {
        psim_gpu_input(bench, 1 + i, r->cols, dtype);
    }
    psim_gpu_output(bench, results, dtype);
    const bool reduces = results == r->rows && vectors == 0;
    const unsigned each = reduces && plan->shape.each > REDUCE_UNDER_WAY
                              ? REDUCE_UNDER_WAY
                              : plan->shape.each;
    return psim_gpu_compile(
        bench->gpu, "rows",
        psim_arena_printf(bench->arena,
                          "#define T %s\n#define WIDE %u\n#define LANES %u\n"
                          "#define ROWS %u\n#define PER %u\n#define %s 1\n",
                          psim_gpu_type(dtype), plan->shape.wide, plan->shape.lanes,
                          plan->shape.rows, each, what),
        "rows", 0, &plan->code);
}

static bool
run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct rows_plan *plan = bench->plan;
    const struct psim_rows_op *r = rows_of(bench);
    const uint64_t groups = (r->rows + plan->shape.rows - 1) / plan->shape.rows;
    const struct psim_gpu_launch launch = {
        .grid = {groups}, .lanes = plan->shape.lanes * plan->shape.rows};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           in = psim_gpu_at(&bench->in[0], set),
                           weight = psim_gpu_at(&bench->in[1], set),
                           bias = psim_gpu_at(&bench->in[2], set);
    const uint32_t cols = (uint32_t)r->cols;
    const void *const parameters[] = {&out, &in, &weight, &bias, &r->rows, &cols, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

static uint64_t
elements_of(const struct psim_gpu_bench *bench)
{
    return rows_of(bench)->rows * rows_of(bench)->cols;
}

static bool
prepare_softmax(struct psim_gpu_bench *bench)
{
    return prepare(bench, "SOFTMAX", 0, elements_of(bench));
}

static bool
prepare_layernorm(struct psim_gpu_bench *bench)
{
    return prepare(bench, "LAYERNORM", 2, elements_of(bench));
}

static bool
prepare_rmsnorm(struct psim_gpu_bench *bench)
{
    return prepare(bench, "RMSNORM", 1, elements_of(bench));
}

static bool
prepare_reduce(struct psim_gpu_bench *bench)
{
    const bool sum = PSIM_GPU_OP(bench, psim_reduce)->function == 0;
    return prepare(bench, sum ? "SUM" : "MAX", 0, rows_of(bench)->rows);
}

/* clang-format off */
#define KERNEL(kind, words, why_not)                                                   \
    extern const struct psim_gpu_kernel psim_gpu_##kind##_kernel;                      \
    const struct psim_gpu_kernel psim_gpu_##kind##_kernel = {                          \
        .name = "rows", .op = #kind, .doc = words, .refuses = why_not,                 \
        .prepare = prepare_##kind, .run = run,                                         \
    }
/* clang-format on */
KERNEL(softmax, "a row is held in registers: maximum, exponentials, product", refuses);
KERNEL(layernorm, "a row is held in registers: mean, variance, result", refuses);
KERNEL(rmsnorm, "a row is held in registers: squares, result", refuses);
KERNEL(reduce, "a row is read once", reduce_refuses);
