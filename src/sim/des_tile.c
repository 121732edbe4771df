/* SPDX-License-Identifier: MIT */
/** @file Boxes of tensors made ready for being looked up: which blocks they touch. */
#include <assert.h>

#include "sim/des.h"
#include "util/arena.h"
#include "util/whole.h"

static bool
is_fixed(const struct psim_box_dim *box)
{
    bool fixed = box->axis == PSIM_NONE;
    for (size_t d = 0; d < PSIM_MAX_NESTING; d++) {
        if (box->step[d] != 0) fixed = false;
    }
    return fixed;
}

/** Whether a box goes from block to block and begins with one. */
static void
find_even(struct psim_des_dim *dim)
{
    const int64_t block = (int64_t)dim->block;
    bool even = dim->plain && dim->a >= 0 && dim->a % block == 0 && dim->lo >= 0 &&
                dim->lo % block == 0 && dim->hi - dim->lo > 0 &&
                dim->hi - dim->lo <= block;
    for (uint8_t d = 0; d < dim->n_steps && even; d++) {
        even = dim->box->step[d] >= 0 && dim->box->step[d] % block == 0;
        dim->step[d] = (uint64_t)dim->box->step[d] / dim->block;
    }
    dim->even = even;
    if (!even) return;
    dim->one = (uint64_t)dim->a / dim->block;
    dim->first = (uint64_t)dim->lo / dim->block;
}

/** What is the same for all items and turns. */
static struct psim_des_dim
build_dim(const struct psim_tensor *tensor, const struct psim_box_dim *box, uint8_t d)
{
    struct psim_des_dim dim = {
        .box = box,
        .extent = tensor->extent[d],
        .block = tensor->block[d],
        .count = psim_ceil_div(tensor->extent[d], tensor->block[d]),
        .axis = box->axis == PSIM_NONE ? 0 : box->axis,
        .a = box->axis == PSIM_NONE ? 0 : box->mul * box->a,
        .lo = box->mul * box->b + box->offset,
        .hi = box->mul * box->b_last + box->offset + box->size,
        .plain = box->c == 1 && box->m == 0,
        .shift = PSIM_NONE,
        .fixed = is_fixed(box),
    };
    for (uint8_t bit = 0; bit < 63; bit++) {
        if (dim.block == UINT64_C(1) << bit) dim.shift = bit;
    }
    for (int at = 0; at < PSIM_MAX_NESTING; at++) {
        if (box->step[at] != 0) dim.n_steps = (uint8_t)(at + 1);
    }
    if (!dim.fixed) {
        find_even(&dim);
        return dim;
    }
    static const uint64_t nowhere[PSIM_MAX_NESTING] = {0};
    static const uint32_t anywhere[PSIM_MAX_AXES] = {0};
    uint64_t lo, hi;
    psim_box_span(box, dim.extent, anywhere, nowhere, &lo, &hi);
    dim.first = lo < hi ? lo / dim.block : 1;
    dim.last = lo < hi ? (hi - 1) / dim.block : 0;
    dim.even = dim.first == dim.last;
    return dim;
}

static uint64_t
blocks_of(const struct psim_tensor *tensor)
{
    uint64_t blocks = 1;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        blocks *= psim_ceil_div(tensor->extent[d], tensor->block[d]);
    }
    return blocks;
}

/** Blocks of all tensors that are looked up have a number each, from 0 on. */
static uint64_t
first_key(struct psim_des *des, uint8_t t)
{
    static_assert(PSIM_MAX_TENSORS <= 32, "a bit each");
    if (!(des->keyed >> t & 1)) {
        des->keyed |= UINT32_C(1) << t;
        des->first_key[t] = des->n_keys;
        des->n_keys += blocks_of(&des->plan->tensors[t]);
    }
    return des->first_key[t];
}

const struct psim_des_tile *
psim_des_tile(struct psim_des *des, const struct psim_tile *from)
{
    const struct psim_tensor *tensor = &des->plan->tensors[from->tensor];
    struct psim_des_tile *tile = PSIM_NEW(des->arena, struct psim_des_tile);
    tile->key = first_key(des, from->tensor);
    tile->elem_bytes = tensor->elem_bytes;
    tile->even = true;
    for (int d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        static const struct psim_des_dim none = {
            .extent = 1, .block = 1, .count = 1, .fixed = true, .even = true};
        tile->dim[d] =
            d < tensor->n_dims ? build_dim(tensor, &from->dim[d], (uint8_t)d) : none;
        tile->even = tile->even && tile->dim[d].even;
    }
    return tile;
}
