/* SPDX-License-Identifier: MIT */
/** @file The product by the matrix instruction of a warp (kernels/product.cu): for
 * matrices, for scores and values of attention, and for images. */
#pragma once

#include "measure/cuda/bench.h"

/** What the kernel is told: laid out as there. */
struct psim_gpu_problem {
    uint64_t m, n, share; /**< share: so many products use the same right matrix */
    int32_t k;
    float scale;
    psim_gpu_address bias; /**< 0: none */
    int32_t height, width, channels, out_height, out_width, kernel_width;
    int32_t stride[2], padding[2], dilation[2];
};

/** A tile that is offered: a work-group's part of the result. */
struct psim_gpu_tile {
    unsigned m, n, stages, warps_m, warps_n;
};

/** Elements of a row or column that a stage holds: 128 bytes. */
unsigned psim_gpu_tile_k(enum psim_dtype dtype);

/** Ended by m of 0. */
extern const struct psim_gpu_tile psim_gpu_product_tiles[], psim_gpu_small_tiles[];

enum psim_gpu_layout {
    PSIM_GPU_B_COLUMNS, /**< B is k x n */
    PSIM_GPU_B_ROWS,    /**< B is n x k */
    PSIM_GPU_IMAGE,     /**< A is unfolded from an image, B is k x n */
};

struct psim_gpu_product {
    struct psim_gpu_problem problem;
    struct psim_gpu_tile tile;
    uint64_t batch;
    bool bias, relu;  /**< what becomes of the sums */
    unsigned pool[2]; /**< windows of an image, of which the largest is kept; 0: none */
    struct psim_gpu_kernel_code code;
};

/** NULL: the device has the instruction for elements of 16 bits; else why not, the end
 * of a sentence. */
const char *psim_gpu_product_refuses(const struct psim_gpu *gpu, int dtype);

/** Tile in which a product of that size wastes the least of the device. */
const struct psim_gpu_tile *psim_gpu_best_tile(const struct psim_gpu_tile *tiles,
                                               const struct psim_gpu_bench *bench,
                                               uint64_t m, uint64_t n, uint64_t batch);

/** Choose a tile, compile. `problem` and `batch` of @p product say what is asked. */
bool psim_gpu_product_prepare(struct psim_gpu_bench *bench, enum psim_dtype dtype,
                              enum psim_gpu_layout layout,
                              struct psim_gpu_product *product);

size_t psim_gpu_tile_bytes(const struct psim_gpu_tile *tile);

bool psim_gpu_product_run(const struct psim_gpu_bench *bench,
                          const struct psim_gpu_product *product, psim_gpu_address c,
                          psim_gpu_address a, psim_gpu_address b);

/** The same on the lanes, fp32 (kernels/tiled.cu). */
struct psim_gpu_tiled {
    uint64_t m, n, batch, share;
    int k;
    float scale;
    struct psim_gpu_kernel_code code;
};
bool psim_gpu_tiled_prepare(struct psim_gpu_bench *bench, bool b_rows,
                            struct psim_gpu_tiled *tiled);
bool psim_gpu_tiled_run(const struct psim_gpu_bench *bench,
                        const struct psim_gpu_tiled *tiled, psim_gpu_address c,
                        psim_gpu_address a, psim_gpu_address b);
