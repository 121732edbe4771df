/* SPDX-License-Identifier: MIT */
/** @file Matrix products: by the warp's instruction, on lanes, by the vendor's BLAS. */
#include "measure/cuda/gemm.h"

#include "measure/cuda/product.h"

static const struct psim_gemm *
gemm_of(const struct psim_gpu_bench *bench)
{
    return PSIM_GPU_OP(bench, psim_gemm);
}

void
psim_gpu_gemm_tensors(struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    psim_gpu_input(bench, 0, g->batch * g->m * g->k, dtype);
    psim_gpu_input(bench, 1, g->batch * g->k * g->n, dtype);
    psim_gpu_output(bench, g->batch * g->m * g->n, psim_dtype_of_product(dtype));
}

const char *
psim_gpu_gemm_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    if (g->epilogue != 0) return "it is done without an epilogue";
    if (g->k > INT32_MAX / 2 || g->m > INT32_MAX || g->n > INT32_MAX ||
        g->batch > UINT16_MAX) {
        return "it is done up to 2^31 rows and columns, 65535 times";
    }
    return NULL;
}

/* --- matrix units -------------------------------------------------------------- */

/** The instruction wants both factors along k, and turns 16 bits but no bytes: B of
 * bytes is stored by columns. */
static bool
is_bytes(const struct psim_gemm *g)
{
    return g->dtype == PSIM_FP8 || g->dtype == PSIM_INT8;
}

static const char *
mma_refuses(const struct psim_gpu_bench *bench)
{
    enum { CHUNK_BYTES = 16 };
    const struct psim_gemm *g = gemm_of(bench);
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    const uint64_t bytes = psim_dtype_bytes(dtype);
    const uint64_t kept = psim_dtype_bytes(psim_dtype_of_product(dtype));
    if (dtype == PSIM_FP8 && bench->gpu->capability < 89) {
        return "compute capability 8.9 is needed";
    }
    const char *reason =
        psim_gpu_product_refuses(bench->gpu, is_bytes(g) ? PSIM_BF16 : g->dtype);
    if (reason) return reason;
    if (g->k * bytes % CHUNK_BYTES != 0 || g->n * kept % CHUNK_BYTES != 0) {
        return "rows of whole 16 B are needed";
    }
    return psim_gpu_gemm_refuses(bench);
}

static bool
mma_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    struct psim_gpu_product *plan = PSIM_NEW(bench->arena, struct psim_gpu_product);
    bench->plan = plan;
    psim_gpu_gemm_tensors(bench);
    plan->batch = g->batch;
    plan->problem = (struct psim_gpu_problem){
        .m = g->m, .n = g->n, .k = (int32_t)g->k, .scale = 1, .share = 1};
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    if (is_bytes(g)) {
        bench->in[1].turned_rows = g->k;
        bench->in[1].turned_cols = g->n;
    }
    if (!psim_gpu_product_prepare(
            bench, dtype, is_bytes(g) ? PSIM_GPU_B_ROWS : PSIM_GPU_B_COLUMNS, plan)) {
        return false;
    }
    bench->tile = (struct psim_tile_keys){
        .m = plan->tile.m, .n = plan->tile.n, .k = psim_gpu_tile_k(dtype)};
    bench->stages = plan->tile.stages;
    return true;
}

static bool
mma_run(const struct psim_gpu_bench *bench, unsigned set)
{
    return psim_gpu_product_run(bench, bench->plan, psim_gpu_at(&bench->out, set),
                                psim_gpu_at(&bench->in[0], set),
                                psim_gpu_at(&bench->in[1], set));
}

extern const struct psim_gpu_kernel psim_gpu_mma_kernel;
const struct psim_gpu_kernel psim_gpu_mma_kernel = {
    .name = "mma",
    .op = "gemm",
    .doc = "the matrix instruction of a warp, operands by asynchronous copies",
    .refuses = mma_refuses,
    .prepare = mma_prepare,
    .run = mma_run,
};

/* --- lanes --------------------------------------------------------------------- */

static const char *
tiled_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    if (g->dtype != PSIM_FP32) return "it is done in fp32 only";
    if (g->k % 4 != 0 || g->n % 4 != 0) return "rows of whole 16 B are needed";
    return psim_gpu_gemm_refuses(bench);
}

static bool
tiled_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    struct psim_gpu_tiled *plan = PSIM_NEW(bench->arena, struct psim_gpu_tiled);
    bench->plan = plan;
    psim_gpu_gemm_tensors(bench);
    bench->tile = (struct psim_tile_keys){.m = 128, .n = 128, .k = 8};
    bench->stages = 2;
    *plan = (struct psim_gpu_tiled){.m = g->m,
                                    .n = g->n,
                                    .k = (int)g->k,
                                    .batch = g->batch,
                                    .share = 1,
                                    .scale = 1};
    return psim_gpu_tiled_prepare(bench, false, plan);
}

static bool
tiled_run(const struct psim_gpu_bench *bench, unsigned set)
{
    return psim_gpu_tiled_run(bench, bench->plan, psim_gpu_at(&bench->out, set),
                              psim_gpu_at(&bench->in[0], set),
                              psim_gpu_at(&bench->in[1], set));
}

extern const struct psim_gpu_kernel psim_gpu_tiled_kernel;
const struct psim_gpu_kernel psim_gpu_tiled_kernel = {
    .name = "tiled",
    .op = "gemm",
    .doc = "tiles of 128 x 128, 8 x 8 sums a lane",
    .refuses = tiled_refuses,
    .prepare = tiled_prepare,
    .run = tiled_run,
};

/* --- the vendor's -------------------------------------------------------------- */

/* As its headers number them. */
enum blas_type { BLAS_FP32 = 0, BLAS_FP64 = 1, BLAS_FP16 = 2, BLAS_BF16 = 14 };
enum blas_compute { COMPUTE_FP32 = 68, COMPUTE_FP64 = 70, COMPUTE_TF32 = 77 };

static const struct {
    bool known;
    enum blas_type type;
    enum blas_compute compute;
} blas_types[PSIM_N_DTYPES] = {
    [PSIM_FP64] = {true, BLAS_FP64, COMPUTE_FP64},
    [PSIM_FP32] = {true, BLAS_FP32, COMPUTE_FP32},
    [PSIM_TF32] = {true, BLAS_FP32, COMPUTE_TF32},
    [PSIM_FP16] = {true, BLAS_FP16, COMPUTE_FP32},
    [PSIM_BF16] = {true, BLAS_BF16, COMPUTE_FP32},
};

static const char *
cublas_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    if (bench->gpu->api.no_blas) return bench->gpu->api.no_blas;
    if (!blas_types[g->dtype].known)
        return "it is done in floating point of 16 bits and more only";
    return psim_gpu_gemm_refuses(bench);
}

/** A handle, with memory of its own: a graph must not take any. */
static bool
open_blas(struct psim_gpu *gpu)
{
    enum { WORKSPACE_BYTES = 64 << 20 };
    if (!gpu->blas && !psim_gpu_ok(gpu, gpu->api.blas_new(&gpu->blas), "cuBLAS")) {
        gpu->blas = NULL;
        return false;
    }
    const psim_gpu_address workspace = psim_gpu_new(gpu, WORKSPACE_BYTES);
    return workspace &&
           psim_gpu_ok(gpu, gpu->api.blas_stream(gpu->blas, gpu->stream), "cuBLAS") &&
           psim_gpu_ok(gpu,
                       gpu->api.blas_workspace(gpu->blas, workspace, WORKSPACE_BYTES),
                       "cuBLAS");
}

static bool
cublas_prepare(struct psim_gpu_bench *bench)
{
    psim_gpu_gemm_tensors(bench);
    return open_blas(bench->gpu);
}

/** It wants columns: C' = B' A', all of them as they lie in memory. */
static bool
cublas_run(const struct psim_gpu_bench *bench, unsigned set)
{
    enum { AS_IS = 0, ANY_ALGORITHM = -1 };
    const struct psim_gemm *g = gemm_of(bench);
    const struct psim_gpu *gpu = bench->gpu;
    const int m = (int)g->m, n = (int)g->n, k = (int)g->k;
    const int type = (int)blas_types[g->dtype].type;
    const float one_f = 1, zero_f = 0;
    const double one_d = 1, zero_d = 0;
    const bool wide = g->dtype == PSIM_FP64;
    return psim_gpu_ok(
        gpu,
        gpu->api.blas_gemm(
            gpu->blas, AS_IS, AS_IS, n, m, k,
            wide ? (const void *)&one_d : (const void *)&one_f,
            psim_gpu_at(&bench->in[1], set), type, n, (long long)g->k * n,
            psim_gpu_at(&bench->in[0], set), type, k, (long long)g->m * k,
            wide ? (const void *)&zero_d : (const void *)&zero_f,
            psim_gpu_at(&bench->out, set), type, n, (long long)g->m * n, (int)g->batch,
            (int)blas_types[g->dtype].compute, ANY_ALGORITHM),
        "cuBLAS");
}

extern const struct psim_gpu_kernel psim_gpu_cublas_kernel;
const struct psim_gpu_kernel psim_gpu_cublas_kernel = {
    .name = "cublas",
    .op = "gemm",
    .doc = "the vendor's library",
    .refuses = cublas_refuses,
    .prepare = cublas_prepare,
    .run = cublas_run,
};
