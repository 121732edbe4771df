/* SPDX-License-Identifier: MIT */
/** @file Products of any layout: tiles, launches. */
#include "measure/cuda/product.h"

/* clang-format off */
const struct psim_gpu_tile psim_gpu_product_tiles[] = {
    {128, 256, 3, 2, 4},
    {128, 128, 3, 2, 2},
    {128, 64, 4, 2, 2},
    {64, 64, 4, 2, 2},
    {0},
};
/* Places of pixels, and factors of fp8 where they are unpacked, take registers: warps
 * have fewer sums. */
const struct psim_gpu_tile psim_gpu_small_tiles[] = {
    {128, 128, 3, 2, 4},
    {128, 64, 4, 2, 2},
    {64, 64, 4, 2, 2},
    {0},
};
/* clang-format on */

enum { ROW_BYTES = 128 }; /* of a stage */

unsigned
psim_gpu_tile_k(enum psim_dtype dtype)
{
    return ROW_BYTES / psim_dtype_bytes(dtype);
}

const char *
psim_gpu_product_refuses(const struct psim_gpu *gpu, int dtype)
{
    if (gpu->capability < 80) return "compute capability 8.0 is needed";
    return dtype == PSIM_BF16 || dtype == PSIM_FP16
               ? NULL
               : "it is done in bf16 and fp16 only";
}

/** Elements that units compute, idle ones and edges counted in. */
static double
wasteful(const struct psim_gpu_tile *t, const struct psim_gpu_bench *bench, uint64_t m,
         uint64_t n, uint64_t batch)
{
    const uint64_t groups = (m + t->m - 1) / t->m * ((n + t->n - 1) / t->n) * batch;
    const uint64_t units = (uint64_t)bench->gpu->units;
    return (double)((groups + units - 1) / units) * t->m * t->n;
}

const struct psim_gpu_tile *
psim_gpu_best_tile(const struct psim_gpu_tile *tiles,
                   const struct psim_gpu_bench *bench, uint64_t m, uint64_t n,
                   uint64_t batch)
{
    /* A larger tile reads less: a smaller one must save this much. */
    static const double worth = 1.25;
    const struct psim_gpu_tile *best = tiles;
    for (const struct psim_gpu_tile *t = tiles + 1; t->m > 0; t++) {
        if (wasteful(t, bench, m, n, batch) * worth <
            wasteful(best, bench, m, n, batch)) {
            best = t;
        }
    }
    return best;
}

size_t
psim_gpu_tile_bytes(const struct psim_gpu_tile *tile)
{
    return (size_t)(tile->m + tile->n) * ROW_BYTES * tile->stages;
}

static const char *
pool_defines(struct psim_arena *arena, const struct psim_gpu_product *product)
{
    if (product->pool[0] == 0) return "";
    return psim_arena_printf(arena, "#define POOL_Y %u\n#define POOL_X %u\n",
                             product->pool[0], product->pool[1]);
}

bool
psim_gpu_product_prepare(struct psim_gpu_bench *bench, enum psim_dtype dtype,
                         enum psim_gpu_layout layout, struct psim_gpu_product *product)
{
    const bool small = layout == PSIM_GPU_IMAGE || dtype == PSIM_FP8;
    const struct psim_gpu_tile *t =
        psim_gpu_best_tile(small ? psim_gpu_small_tiles : psim_gpu_product_tiles, bench,
                           product->problem.m, product->problem.n, product->batch);
    product->tile = *t;
    return psim_gpu_compile(
        bench->gpu, "product",
        psim_arena_printf(bench->arena,
                          "#define T %s\n#define M %u\n#define N %u\n#define K %u\n"
                          "#define STAGES %u\n#define WARPS_M %u\n#define WARPS_N %u\n"
                          "%s%s%s%s%s",
                          psim_gpu_type(dtype), t->m, t->n, psim_gpu_tile_k(dtype),
                          t->stages, t->warps_m, t->warps_n,
                          layout == PSIM_GPU_B_ROWS  ? "#define B_ROWS 1\n"
                          : layout == PSIM_GPU_IMAGE ? "#define CONV 1\n"
                                                     : "",
                          product->problem.scale < 1 ? "#define SCALED 1\n" : "",
                          product->bias ? "#define BIAS 1\n" : "",
                          product->relu ? "#define RELU 1\n" : "",
                          pool_defines(bench->arena, product)),
        "product", psim_gpu_tile_bytes(t), &product->code);
}

bool
psim_gpu_product_run(const struct psim_gpu_bench *bench,
                     const struct psim_gpu_product *product, psim_gpu_address c,
                     psim_gpu_address a, psim_gpu_address b)
{
    const struct psim_gpu_tile *t = &product->tile;
    const struct psim_gpu_launch launch = {
        .grid = {(product->problem.m + t->m - 1) / t->m,
                 (product->problem.n + t->n - 1) / t->n, product->batch},
        .lanes = 32 * t->warps_m * t->warps_n,
        .shared_bytes = psim_gpu_tile_bytes(t),
    };
    const void *const parameters[] = {&c, &a, &b, &product->problem, NULL};
    return psim_gpu_run(bench->gpu, &product->code, &launch, parameters);
}

bool
psim_gpu_tiled_prepare(struct psim_gpu_bench *bench, bool b_rows,
                       struct psim_gpu_tiled *tiled)
{
    return psim_gpu_compile(bench->gpu, "tiled", b_rows ? "#define B_ROWS 1\n" : "",
                            "tiled", 0, &tiled->code);
}

bool
psim_gpu_tiled_run(const struct psim_gpu_bench *bench,
                   const struct psim_gpu_tiled *tiled, psim_gpu_address c,
                   psim_gpu_address a, psim_gpu_address b)
{
    enum { SIDE = 128, LANES = 256 };
    const struct psim_gpu_launch launch = {
        .grid = {(tiled->n + SIDE - 1) / SIDE, (tiled->m + SIDE - 1) / SIDE,
                 tiled->batch},
        .lanes = LANES,
    };
    const void *const parameters[] = {
        &c,  &a, &b, &tiled->m, &tiled->n, &tiled->k, &tiled->share, &tiled->scale,
        NULL};
    return psim_gpu_run(bench->gpu, &tiled->code, &launch, parameters);
}
