/* SPDX-License-Identifier: MIT */
/** @file combine: partial sums of a split attention, split by split (eq. P11). */
#include "plan/programs/fused.h"
#include "util/whole.h"

/** As the library's, or a bundle for each of four rows, with few registers. */
static struct psim_mapping
shape_of(const struct psim_hw *hw, const struct psim_part *part, enum psim_dtype dtype)
{
    const struct psim_mapping own = {.lanes = 128, .rows = 4, .registers = 52};
    const struct psim_part wanted = {.op = part->op, .library_op = "combine"};
    const struct psim_library_kernel *library =
        psim_library_next(hw, &wanted, dtype, NULL);
    if (!library || library->n_tiles == 0) return own;
    const struct psim_mapping its = psim_library_mapping(hw, library, library->tiles);
    return its.lanes > 0 && its.rows > 0 ? its : own;
}

/** What a row's split has: a sum, or its logarithm. @return the tile */
static uint8_t
add_partial(struct psim_build *b, const char *name, const struct psim_combine *c,
            uint32_t rows, uint64_t deep)
{
    const double bytes = psim_dtype_bytes(psim_dtype_of_sums(c->out));
    const uint64_t extent[] = {c->split, c->heads, deep};
    const uint64_t block[] = {1, rows, deep};
    const uint8_t tensor =
        psim_build_tensor(b, name, (uint32_t)bytes, extent, block, 3);
    const uint8_t tile = psim_add_tile(b, name, tensor);
    psim_tile_dim(b, tile, 0)->size = 1;
    psim_tile_dim(b, tile, 1)->axis = 0;
    psim_tile_dim(b, tile, 1)->a = psim_tile_dim(b, tile, 1)->size = rows;
    psim_add_use(b, tensor, (double)(c->heads * c->split * deep) * bytes, 0);
    return tile;
}

/** Before any sum: what each split counts for, by the logarithms of their sums. */
static void
weigh_splits(struct psim_build *b, const struct psim_combine *c, uint8_t rows,
             const struct psim_mapping *shape)
{
    const double sum = psim_dtype_bytes(psim_dtype_of_sums(c->out));
    const double splits = (double)c->split;
    const uint8_t logs = add_partial(b, "logs", c, shape->rows, 1);
    psim_tile_dim(b, logs, 0)->size = (int64_t)c->split;
    struct psim_step *step = psim_add_do(b, psim_act_load(b, sum, true),
                                         psim_amount_of(splits * sum, rows, PSIM_NONE));
    step->tile = logs;
    const struct psim_amount all = psim_amount_of(splits, rows, PSIM_NONE);
    (void)psim_add_work(b, PSIM_DOES_MAX, c->out, all, 1);
    (void)psim_add_work(b, PSIM_DOES_EXP2, c->out, all, 1);
    (void)psim_add_work(b, PSIM_DOES_ADD, c->out, all, 1);
    if (shape->fixed <= 0) return;
    (void)psim_add_do(b, psim_act_issue(b, shape->fixed),
                      psim_amount_flat(b->gang_lanes));
}

/** A split's rows arrive, and are added. */
static void
build_loop(struct psim_build *b, const struct psim_combine *c, uint8_t rows,
           uint8_t partial)
{
    const double sum = psim_dtype_bytes(psim_dtype_of_sums(c->out));
    const double dim = (double)c->head_dim;
    const struct psim_amount bytes = psim_amount_of(dim * sum, rows, PSIM_NONE);
    psim_add_loop(b, psim_amount_flat((double)c->split));
    struct psim_step *step = psim_add_do(b, psim_act_load(b, sum, true), bytes);
    step->tile = partial;
    step->flags = PSIM_STREAM;
    psim_add_beside(b, psim_act_fetch(b, sum, true), bytes);
    (void)psim_add_work(b, PSIM_DOES_FMA, c->out, psim_amount_of(dim, rows, PSIM_NONE),
                        1);
    psim_add_end(b);
}

/**
 * A work-group takes a few rows and goes through their splits one after the
 * other: each is a load that must arrive before the next is asked for.
 */
bool
psim_combine_build(struct psim_build *b, const struct psim_part *part,
                   const struct psim_combine *c)
{
    const struct psim_mapping shape = shape_of(b->hw, part, c->out);
    const double dim = (double)c->head_dim, out = psim_dtype_bytes(c->out);
    b->gang_lanes = b->view.team >= 0 ? shape.lanes : (uint32_t)b->view.lanes;
    struct psim_kernel *k = psim_build_kernel(b, "combine");
    k->at = part->op->at;
    const uint64_t groups = psim_ceil_div(c->heads, shape.rows);
    const uint8_t axis = psim_add_axis(b, "r", groups);
    psim_add_level(b, axis, 0, false);
    const uint8_t rows = psim_add_edge(b, "rows", axis, shape.rows,
                                       c->heads - (groups - 1) * shape.rows);
    const uint64_t extent[] = {c->heads, c->head_dim};
    const uint64_t block[] = {shape.rows, c->head_dim};
    const uint8_t result = psim_build_tensor(b, "O", (uint32_t)out, extent, block, 2);
    const uint8_t tile_o = psim_add_tile(b, "O", result);
    psim_tile_dim(b, tile_o, 0)->axis = axis;
    psim_tile_dim(b, tile_o, 0)->a = psim_tile_dim(b, tile_o, 0)->size = shape.rows;
    psim_add_use(b, result, 0, (double)c->heads * dim * out);
    const uint8_t partial = add_partial(b, "partial", c, shape.rows, c->head_dim);
    psim_tile_dim(b, partial, 0)->step[0] = 1;
    const uint8_t store = psim_act_store(b, out, true);
    psim_add_role(b, "lanes", 1);
    weigh_splits(b, c, rows, &shape);
    build_loop(b, c, rows, partial);
    const struct psim_amount bytes = psim_amount_of(dim * out, rows, PSIM_NONE);
    psim_add_beside(b, psim_act_put(b, out, true), bytes);
    struct psim_step *step = psim_add_do(b, store, bytes);
    step->tile = tile_o;
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    psim_add_stop(b);
    const struct psim_need need = {
        .lanes = shape.lanes, .registers = shape.registers, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, 0);
}
