/* SPDX-License-Identifier: MIT */
/** @file Matrix products by the matrix instruction of four warps, operands by bulk
 * copies (kernels/wgmma.cu). */
#include "measure/cuda/gemm.h"
#include "measure/cuda/product.h"

enum { TILE_M = 128, TILE_K = 64, BOX = 64, LANES = 384 };

/* Depths that fill a unit's shared memory. */
static const struct psim_gpu_tile tiles[] = {
    {.m = TILE_M, .n = 256, .stages = 4},
    {.m = TILE_M, .n = 128, .stages = 6},
    {.m = 0},
};

struct wgmma_plan {
    struct psim_gpu_kernel_code code;
    struct psim_gpu_tile tile;
    uint64_t groups;
};

static const char *
refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = PSIM_GPU_OP(bench, psim_gemm);
    if (bench->gpu->capability != 90) return "compute capability 9.0 is needed";
    if (!bench->gpu->api.map_encode) return "a driver with tensor maps is needed";
    if (g->dtype != PSIM_BF16 && g->dtype != PSIM_FP16) {
        return "it is done in bf16 and fp16 only";
    }
    if (g->k % 8 != 0 || g->n % 8 != 0) return "rows of whole 16 B are needed";
    return psim_gpu_gemm_refuses(bench);
}

static size_t
shared_bytes(const struct psim_gpu_tile *t)
{
    enum { ALIGN_BYTES = 1024, BARRIER_BYTES = 16 };
    return psim_gpu_tile_bytes(t) + ALIGN_BYTES + BARRIER_BYTES * t->stages;
}

static bool
prepare(struct psim_gpu_bench *bench)
{
    const struct psim_gemm *g = PSIM_GPU_OP(bench, psim_gemm);
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    struct wgmma_plan *plan = PSIM_NEW(bench->arena, struct wgmma_plan);
    bench->plan = plan;
    psim_gpu_gemm_tensors(bench);
    plan->tile = *psim_gpu_best_tile(tiles, bench, g->m, g->n, g->batch);
    plan->groups = (g->m + plan->tile.m - 1) / plan->tile.m *
                   ((g->n + plan->tile.n - 1) / plan->tile.n);
    bench->tile =
        (struct psim_tile_keys){.m = plan->tile.m, .n = plan->tile.n, .k = TILE_K};
    bench->stages = plan->tile.stages;
    return psim_gpu_compile(
        bench->gpu, "wgmma",
        psim_arena_printf(bench->arena,
                          "#define T %s\n#define TYPE \"%s\"\n#define N %u\n"
                          "#define STAGES %u\n",
                          psim_gpu_type(dtype), dtype == PSIM_BF16 ? "bf16" : "f16",
                          plan->tile.n, plan->tile.stages),
        "product", shared_bytes(&plan->tile), &plan->code);
}

/** A stack of matrices, boxes of 64 columns that are permuted in rows of 128 B. */
static bool
make_map(const struct psim_gpu_bench *bench, psim_gpu_address at, uint64_t batch,
         uint64_t rows, uint64_t cols, uint32_t box_rows, struct psim_gpu_map *ret)
{
    enum {
        FP16 = 6,
        BF16 = 9,
        PLAIN = 0,
        PERMUTED_128 = 3,
        PROMOTE_256 = 3,
        ZEROS = 0
    };
    const int type = bench->in[0].dtype == PSIM_BF16 ? BF16 : FP16;
    const uint64_t sizes[] = {cols, rows, batch};
    const uint64_t strides[] = {cols * 2, rows * cols * 2};
    const uint32_t box[] = {BOX, box_rows, 1}, steps[] = {1, 1, 1};
    return psim_gpu_ok(bench->gpu,
                       bench->gpu->api.map_encode(ret, type, 3, at, sizes, strides, box,
                                                  steps, PLAIN, PERMUTED_128,
                                                  PROMOTE_256, ZEROS),
                       "describing a tensor");
}

static bool
run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct psim_gemm *g = PSIM_GPU_OP(bench, psim_gemm);
    const struct wgmma_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {.grid = {plan->groups, g->batch},
                                           .lanes = LANES,
                                           .shared_bytes = shared_bytes(&plan->tile)};
    struct psim_gpu_map a, b;
    const psim_gpu_address c = psim_gpu_at(&bench->out, set);
    const int share = 1, steps = (int)((g->k + TILE_K - 1) / TILE_K);
    const void *const parameters[] = {&c, &g->m, &g->n, &share, &steps, &a, &b, NULL};
    return make_map(bench, psim_gpu_at(&bench->in[0], set), g->batch, g->m, g->k,
                    TILE_M, &a) &&
           make_map(bench, psim_gpu_at(&bench->in[1], set), g->batch, g->k, g->n,
                    TILE_K, &b) &&
           psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_wgmma_kernel;
const struct psim_gpu_kernel psim_gpu_wgmma_kernel = {
    .name = "wgmma",
    .op = "gemm",
    .doc = "the matrix instruction of four warps, operands by bulk copies",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};
