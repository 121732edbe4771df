/* SPDX-License-Identifier: MIT */
/** @file One kernel of the program `fused` while it is built. */
#pragma once

#include "plan/programs/fused.h"
#include "plan/programs/product.h"

/** floor((a x + b) / c) of query tile x. */
struct psim_fused_diagonal {
    int64_t a, b, c;
};

/** What the parts of the kernel need to know of each other. */
struct psim_fused_work {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_attention *a;
    struct psim_mapping map;
    struct psim_product_route route;
    enum psim_dtype dtype;
    double elem_bytes, head_dim;
    double o_bytes; /**< of an element that this kernel writes: sums where split */
    uint64_t queries, heads, group; /**< a GQA group's heads count as queries of one */
    uint64_t steps, per_split;      /**< key tiles: in all, of one part */
    bool ping_pong;
    bool masks_all; /**< every tile, where the keys do not fill the last */
    struct psim_fused_diagonal diagonal; /**< first masked key tile, where causal */
    uint8_t axis_q, axis_h, axis_s; /**< query tile, head, split; PSIM_NONE without */
    uint8_t whole, masked;    /**< parameters: key tiles without and with a mask */
    uint8_t rows;             /**< parameter: queries of the tile */
    uint8_t q, k, v, turn[2]; /**< channels */
    uint8_t tile_q, tile_k[2], tile_v[2]; /**< [1]: masked */
    uint8_t tile_logs;                    /**< of the sums, where keys are split */
    uint8_t tile_o[2];                    /**< [1]: of the second of two roles */
    uint8_t load, matmul;                 /**< acts */
    uint8_t fetch, convert, second;       /**< acts; PSIM_NONE without */
};

/** Axes, their order, and how many key tiles each query tile meets. */
void psim_fused_grid(struct psim_fused_work *w);

/** Q, K, V and O as tensors in blocks, and the boxes of them that a work-group moves.
 */
void psim_fused_tiles(struct psim_fused_work *w);

/** The roles of a work-group: the loader, and one or two who compute. */
void psim_fused_roles(struct psim_fused_work *w);
