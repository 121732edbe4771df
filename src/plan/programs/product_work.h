/* SPDX-License-Identifier: MIT */
/** @file One kernel of the program `product` while it is built. */
#pragma once

#include "plan/programs/product.h"

/** What the parts of the kernel need to know of each other. */
struct psim_product_work {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_product *p;
    struct psim_mapping map;
    struct psim_product_route route;
    uint64_t tiles_m, tiles_n; /**< of C, rounded up to the cluster */
    bool joined;               /**< taps lie in one k, and a step takes several */
    uint64_t steps;            /**< along k; with taps: of one tap */
    uint64_t per_split, split; /**< steps of a part of the sum; parts */
    uint64_t rest;             /**< elements of k in the partial last step; 0 = none */
    bool share_a;              /**< the cluster shares A: it lies along n */
    uint8_t axis_m, axis_n;
    uint8_t axis_s, axis_b;          /**< split, batch; PSIM_NONE without */
    uint8_t rows, cols, trips, tail; /**< parameters; PSIM_NONE where constant */
    uint8_t kept;                    /**< rows of C that are written */
    uint8_t ab, weights, sums, half; /**< channels; PSIM_NONE where there is none */
    uint8_t tile_a[2], tile_b[2], tile_c; /**< [1]: of the partial step */
    uint8_t tile_bias, adds; /**< PSIM_NONE without; parameter: who adds the bias */
    uint8_t load_act, second_act, put_act, fetch_act, compute_act;
    uint32_t window;            /**< rows of C of which one is kept; 1: all are */
    double numbers;             /**< of an element: 2 of a complex one */
    double in_bytes, out_bytes; /**< of an element of A and B, of the op's C */
    double c_bytes;             /**< of one that this kernel writes: sums where split */
    double slot_bytes;          /**< of A and B, one step */
};

/** Axes, the order in which tiles are walked, rows and columns of each tile. */
void psim_product_grid(struct psim_product_work *w);

/** A, B and C as tensors in blocks, and the boxes of them that a work-group moves. */
void psim_product_tiles(struct psim_product_work *w);

/** The roles of a work-group: the loader, who places weights, who multiplies. */
void psim_product_roles(struct psim_product_work *w);
