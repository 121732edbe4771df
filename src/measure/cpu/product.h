/* SPDX-License-Identifier: MIT */
/** @file C = A B in packed tiles: what products, attention and convolutions share. */
#pragma once

#include "measure/cpu/bench.h"

struct psim_matmul;

/** What is packed at once: k elements from first_k on, of n rows of A or columns of B.
 */
struct psim_panels {
    size_t item; /**< of the batch */
    size_t first, n, first_k, k;
};

/** Put rows of A into panels. */
typedef void psim_pack_rows(const struct psim_matmul *p, void *to,
                            const struct psim_panels *panels);

struct psim_matmul {
    const struct psim_kernels *kernels;
    size_t m, n, k, batch;
    const void *a; /**< row major; strides are in elements */
    size_t a_stride, a_batch;
    psim_pack_rows *pack_a; /**< NULL: A is that matrix */
    const void *context;    /**< of pack_a */
    const void *b;
    size_t b_stride, b_batch, b_share; /**< neighbours of the batch that share a B */
    bool b_columns; /**< B lies column by column: k elements side by side */
    void *c;
    size_t c_stride, c_batch;
    const void *bias;
    bool relu;
    size_t window; /**< so many rows become one, the largest of each column; 0: none */
    size_t tile_m, tile_n, tile_k;
    char *scratch; /**< of all threads: panels of A and B; with windows, a tile of C */
    size_t scratch_bytes;
    struct psim_queue queue;
};

enum {
    PSIM_MATMUL_TILES = 4,
    PSIM_MATMUL_WINDOW = 64, /**< rows of one at most */
};

/** Sides of a tile of C and the depth of a step. */
struct psim_matmul_tile {
    size_t m, n, k;
};

/** The menu of tiles for a type, largest first: as the L2 holds them. */
void psim_matmul_menu(const struct psim_kernels *kernels, const struct psim_host *host,
                      struct psim_matmul_tile ret[PSIM_MATMUL_TILES]);

/** Choose the tile, and allocate what threads pack into. */
void psim_matmul_prepare(struct psim_bench *bench, struct psim_matmul *p);

/** Do it, by the whole team. */
void psim_matmul_run(struct psim_team *team, struct psim_matmul *p);
