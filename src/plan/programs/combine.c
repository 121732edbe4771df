/* SPDX-License-Identifier: MIT */
/** @file combine: partial sums of a split attention, split by split (eq. P11). */
#include "plan/programs/fused.h"
#include "util/whole.h"

/* What libraries take for it: a bundle a head, few registers. */
enum { LANES = 128, HEADS = 4, REGISTERS = 52 };

/**
 * A work-group takes a few heads and goes through their splits one after the
 * other: each is a load that must arrive before the next is asked for.
 */
bool
psim_combine_build(struct psim_build *b, struct psim_loc at,
                   const struct psim_combine *c)
{
    const double dim = (double)c->head_dim, out = psim_dtype_bytes(c->out);
    b->gang_lanes = b->view.team >= 0 ? LANES : (uint32_t)b->view.lanes;
    struct psim_kernel *k = psim_build_kernel(b, "combine");
    k->at = at;
    const uint64_t groups = psim_ceil_div(c->heads, HEADS);
    const uint8_t axis = psim_add_axis(b, "r", groups);
    psim_add_level(b, axis, 0, false);
    const uint8_t rows =
        psim_add_edge(b, "rows", axis, HEADS, c->heads - (groups - 1) * HEADS);
    const uint64_t extent[] = {c->split, c->heads, c->head_dim};
    const uint64_t block[] = {1, HEADS, c->head_dim};
    const double sum = psim_dtype_bytes(psim_dtype_of_sums(c->out));
    const uint8_t partial =
        psim_build_tensor(b, "partial", (uint32_t)sum, extent, block, 3);
    const uint8_t result =
        psim_build_tensor(b, "O", (uint32_t)out, extent + 1, block + 1, 2);
    const uint8_t tile = psim_add_tile(b, "partial", partial);
    psim_tile_dim(b, tile, 0)->size = 1;
    psim_tile_dim(b, tile, 0)->step[0] = 1;
    psim_tile_dim(b, tile, 1)->axis = axis;
    psim_tile_dim(b, tile, 1)->a = psim_tile_dim(b, tile, 1)->size = HEADS;
    const uint8_t tile_o = psim_add_tile(b, "O", result);
    psim_tile_dim(b, tile_o, 0)->axis = axis;
    psim_tile_dim(b, tile_o, 0)->a = psim_tile_dim(b, tile_o, 0)->size = HEADS;
    const double all = (double)c->heads * dim;
    psim_add_use(b, partial, all * (double)c->split * sum, 0);
    psim_add_use(b, result, 0, all * out);
    const uint8_t load = psim_act_load(b, sum, true);
    const uint8_t store = psim_act_store(b, out, true);
    psim_add_role(b, "lanes", 1);
    psim_add_loop(b, psim_amount_flat((double)c->split));
    struct psim_step *step =
        psim_add_do(b, load, psim_amount_of(dim * sum, rows, PSIM_NONE));
    step->tile = tile;
    step->flags = PSIM_STREAM;
    const struct psim_amount elements = psim_amount_of(dim, rows, PSIM_NONE);
    psim_add_beside(b, psim_act_fetch(b, sum, true),
                    psim_amount_of(dim * sum, rows, PSIM_NONE));
    (void)psim_add_work(b, PSIM_DOES_FMA, c->out, elements, 1);
    psim_add_end(b);
    const struct psim_amount bytes = psim_amount_of(dim * out, rows, PSIM_NONE);
    psim_add_beside(b, psim_act_put(b, out, true), bytes);
    step = psim_add_do(b, store, bytes);
    step->tile = tile_o;
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    psim_add_stop(b);
    const struct psim_need need = {.lanes = LANES, .registers = REGISTERS, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, 0);
}
