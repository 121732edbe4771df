/* SPDX-License-Identifier: MIT */
/** @file combine: partial sums of a split attention, weighed and added, split by split.
 */
#include <math.h>

#include "plan/lower.h"
#include "util/whole.h"

/** The one mapping: a bundle a head. */
static const struct psim_mapping combine_mapping = {
    .lanes = 128, .rows = 4, .registers = 52};

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    (void)diag;
    (void)hw;
    (void)part;
    psim_mappings_add(ret, &combine_mapping);
}

/**
 * A work-group takes a few heads and goes through their splits one after the
 * other: each is a load that must arrive before the next is asked for.
 */
static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_combine *c = &part->u.combine;
    const struct psim_hw *hw = b->hw;
    const int memory = hw->main_memory, registers = psim_hw_memory(hw, "registers");
    const double dim = (double)c->head_dim, out = psim_dtype_bytes(c->out);
    b->gang_lanes = b->view.team >= 0 ? mapping->lanes : (uint32_t)b->view.lanes;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    const uint64_t groups = psim_ceil_div(c->heads, mapping->rows);
    const uint8_t axis = psim_add_axis(b, "r", groups);
    psim_add_level(b, axis, 0, false);
    const uint8_t rows = psim_add_edge(b, "rows", axis, mapping->rows,
                                       c->heads - (groups - 1) * mapping->rows);
    const uint64_t extent[] = {c->split, c->heads, c->head_dim};
    const uint64_t block[] = {1, mapping->rows, c->head_dim};
    const uint8_t partial = psim_build_tensor(b, "partial", 4, extent, block, 3);
    const uint8_t result =
        psim_build_tensor(b, "O", (uint32_t)out, extent + 1, block + 1, 2);
    const uint8_t tile = psim_add_tile(b, "partial", partial);
    psim_tile_dim(b, tile, 0)->size = 1;
    psim_tile_dim(b, tile, 0)->step[0] = 1;
    psim_tile_dim(b, tile, 1)->axis = axis;
    psim_tile_dim(b, tile, 1)->a = psim_tile_dim(b, tile, 1)->size = mapping->rows;
    const uint8_t tile_o = psim_add_tile(b, "O", result);
    psim_tile_dim(b, tile_o, 0)->axis = axis;
    psim_tile_dim(b, tile_o, 0)->a = psim_tile_dim(b, tile_o, 0)->size = mapping->rows;
    const double all = (double)c->heads * dim;
    psim_add_use(b, partial, all * (double)c->split * 4, 0);
    psim_add_use(b, result, 0, all * out);
    const uint8_t load = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, memory, registers, false), memory, -1,
                               4, true});
    const uint8_t store = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, registers, memory, false), -1, memory,
                               out, true});
    const struct psim_ability fma = psim_find_vector(hw, PSIM_DOES_FMA, c->out);
    psim_add_role(b, "lanes", 1);
    psim_add_loop(b, psim_amount_of((double)c->split, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    struct psim_step *step =
        psim_add_do(b, load, psim_amount_of(dim * 4, rows, PSIM_NONE, PSIM_NONE));
    step->tile = tile;
    step->flags = PSIM_STREAM;
    if (fma.op) {
        (void)psim_add_do(b, psim_act_vector(b, &fma),
                          psim_amount_of(dim, rows, PSIM_NONE, PSIM_NONE));
    }
    psim_add_end(b);
    step = psim_add_do(b, store, psim_amount_of(dim * out, rows, PSIM_NONE, PSIM_NONE));
    step->tile = tile_o;
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    psim_add_stop(b);
    const struct psim_need need = {
        .lanes = mapping->lanes, .registers = mapping->registers, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, 0);
}

const struct psim_program psim_program_combine = {
    .name = "combine",
    .doc = "partial results of split keys, added split by split",
    .mappings = mappings,
    .build = build,
};
