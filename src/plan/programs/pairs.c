/* SPDX-License-Identifier: MIT */
/** @file pairs: all pairs of two blocks, one of which stays (docs/MODEL.md, eq. P12).
 */
#include <math.h>

#include "plan/lower.h"
#include "util/arena.h"
#include "util/whole.h"

/**
 * What one pair takes: differences 3, their squares' sum 1 + 2, its root's inverse 1
 * with what softens it 1, mass over distance cubed 3, three sums of products.
 */
static const struct psim_times pair_work[] = {
    {PSIM_DOES_ADD, 4},
    {PSIM_DOES_MUL, 4},
    {PSIM_DOES_FMA, 5},
    {PSIM_DOES_RSQRT, 1},
};

static void
library_mappings(const struct psim_hw *hw, const struct psim_part *part,
                 struct psim_mappings *ret)
{
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, part->u.pairs.dtype, NULL);
    for (size_t i = 0; library && i < library->n_tiles; i++) {
        struct psim_mapping mapping =
            psim_library_mapping(hw, library, &library->tiles[i]);
        mapping.k = (uint32_t)library->tiles[i].k;
        if (mapping.elements == 0) mapping.elements = 1;
        if (mapping.lanes > 0 && mapping.k > 0) psim_mappings_add(ret, &mapping);
    }
}

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    static const uint32_t lanes[] = {64, 128, 256};
    enum { BLOCK = 256 /* bodies that pass by at a time */ };
    const enum psim_dtype dtype = part->u.pairs.dtype;
    for (size_t i = 0; i < PSIM_COUNT(pair_work); i++) {
        if (psim_find_vector(hw, pair_work[i].does, dtype).op) continue;
        (void)psim_lacks(diag, hw, part, pair_work[i].does, dtype, part->op->at);
        return;
    }
    library_mappings(hw, part, ret);
    if (ret->n > 0) return;
    const struct psim_operation *fma = psim_find_vector(hw, PSIM_DOES_FMA, dtype).op;
    const struct psim_view view = psim_view_of(hw, fma->group);
    for (uint32_t elements = 1; elements <= 4; elements *= 2) {
        for (size_t i = 0; i < PSIM_COUNT(lanes); i++) {
            struct psim_mapping mapping = {
                .lanes = lanes[i], .elements = elements, .k = BLOCK, .registers = 40};
            if (view.team < 0) mapping.lanes = (uint32_t)view.lanes;
            if (view.team >= 0 && mapping.lanes > view.team_lanes) break;
            psim_mappings_add(ret, &mapping);
            if (view.team < 0) break;
        }
    }
}

/** The kernel while it is built. */
struct pairs_build {
    struct psim_build *b;
    const struct psim_pairs *p;
    const struct psim_mapping *map;
    double body_bytes;  /**< place and mass */
    uint64_t stay;      /**< bodies of a work-group */
    int local;          /**< scratchpad through which blocks pass; -1: a cache */
    uint8_t rows;       /**< parameter: bodies of a work-group */
    uint8_t own, other; /**< tiles */
    uint8_t rest, out;
    uint8_t channel;
};

static uint8_t
add_bodies(struct pairs_build *w, const char *name, uint8_t tensor, bool stays)
{
    const uint8_t tile = psim_add_tile(w->b, name, tensor);
    struct psim_box_dim *dim = psim_tile_dim(w->b, tile, 0);
    dim->size = (int64_t)(stays ? w->stay : w->map->k);
    if (stays) {
        dim->axis = 0;
        dim->a = dim->size;
    } else {
        dim->axis = PSIM_NONE;
        dim->step[0] = dim->size;
    }
    return tile;
}

static void
build_tensors(struct pairs_build *w)
{
    struct psim_build *b = w->b;
    const uint64_t n = w->p->bodies, block = w->map->k < n ? w->map->k : n;
    const double elem = w->body_bytes / 4;
    const uint8_t bodies =
        psim_build_tensor(b, "bodies", (uint32_t)w->body_bytes, &n, &block, 1);
    w->own = add_bodies(w, "own", bodies, true);
    w->other = add_bodies(w, "others", bodies, false);
    w->rest = PSIM_NONE;
    if (n % w->map->k > 0) {
        w->rest = add_bodies(w, "last", bodies, false);
        struct psim_box_dim *dim = psim_tile_dim(b, w->rest, 0);
        dim->step[0] = 0;
        dim->size = (int64_t)(n % w->map->k);
        dim->offset = (int64_t)(n / w->map->k * w->map->k);
    }
    const uint64_t stay = w->stay < n ? w->stay : n;
    const uint8_t result =
        psim_build_tensor(b, "accelerations", (uint32_t)(3 * elem), &n, &stay, 1);
    w->out = add_bodies(w, "result", result, true);
    psim_add_use(b, bodies, (double)n * w->body_bytes, 0);
    psim_add_use(b, result, 0, (double)n * 3 * elem);
}

/** All lanes have put, or read, a block. */
static void
meet(struct pairs_build *w)
{
    const struct psim_view *view = &w->b->view;
    if (view->team < 0 || w->map->lanes <= view->bundle_lanes) return;
    const double barrier_s = view->hw->groups[view->team].barrier_s;
    if (barrier_s <= 0) return;
    (void)psim_add_do(w->b, psim_act_delay(w->b, "barrier", barrier_s, view->team),
                      psim_amount_flat(1));
}

static void
compute(struct pairs_build *w, double others)
{
    struct psim_build *b = w->b;
    struct psim_mixed mixed[PSIM_COUNT(pair_work)];
    for (size_t i = 0; i < PSIM_COUNT(pair_work); i++) {
        mixed[i] =
            (struct psim_mixed){psim_find_vector(b->hw, pair_work[i].does, w->p->dtype),
                                pair_work[i].times};
    }
    const struct psim_amount pairs = psim_amount_of(others, w->rows, PSIM_NONE);
    const uint8_t all =
        psim_act_mix(b, "pair", mixed, PSIM_COUNT(pair_work), w->map->instructions);
    (void)psim_add_do(b, all, pairs);
}

/** A block of others passes by those that stay. */
static void
build_block(struct pairs_build *w, uint8_t tile, double others)
{
    struct psim_build *b = w->b;
    const double bytes = others * w->body_bytes;
    psim_add_on(b, PSIM_STEP_RESERVE, w->channel);
    struct psim_step *step =
        psim_add_do(b, psim_act_load(b, w->body_bytes, true), psim_amount_flat(bytes));
    step->flags = PSIM_ASYNC;
    step->channel = w->channel;
    step->tile = tile;
    psim_add_on(b, PSIM_STEP_COMMIT, w->channel);
    psim_add_on(b, PSIM_STEP_WAIT, w->channel);
    if (w->local >= 0) {
        const struct psim_hw *hw = b->hw;
        const double bundles = ceil(w->map->lanes / fmax(b->view.bundle_lanes, 1));
        const struct psim_operation *put = psim_find_move(hw, -1, w->local, false);
        const struct psim_operation *fetch = psim_find_move(hw, w->local, -1, false);
        if (b->access.local < 0) {
            (void)psim_add_do(
                b,
                psim_act_move(
                    b, &(struct psim_move){put, -1, w->local, w->body_bytes, true}),
                psim_amount_flat(bytes));
            meet(w);
        }
        psim_add_beside(b,
                        psim_act_move(b, &(struct psim_move){fetch, w->local, -1,
                                                             w->body_bytes, true}),
                        psim_amount_flat(bytes * bundles));
    }
    compute(w, others);
    if (w->local >= 0 && b->access.local < 0) meet(w);
    psim_add_on(b, PSIM_STEP_RELEASE, w->channel);
}

static void
build_steps(struct pairs_build *w)
{
    struct psim_build *b = w->b;
    const uint64_t whole = w->p->bodies / w->map->k, rest = w->p->bodies % w->map->k;
    psim_add_role(b, "lanes", 1);
    struct psim_step *own =
        psim_add_do(b, psim_act_load(b, w->body_bytes, true),
                    psim_amount_of(w->body_bytes, w->rows, PSIM_NONE));
    own->tile = w->own;
    psim_add_beside(b, psim_act_fetch(b, w->body_bytes, true),
                    psim_amount_of(w->body_bytes, w->rows, PSIM_NONE));
    if (whole > 0) {
        psim_add_loop(b, psim_amount_flat((double)whole));
        build_block(w, w->other, w->map->k);
        psim_add_end(b);
    }
    if (rest > 0) build_block(w, w->rest, (double)rest);
    const double bytes = 3 * w->body_bytes / 4;
    const struct psim_amount result = psim_amount_of(bytes, w->rows, PSIM_NONE);
    psim_add_beside(b, psim_act_put(b, bytes, true), result);
    struct psim_step *store = psim_add_do(b, psim_act_store(b, bytes, true), result);
    store->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    store->tile = w->out;
    psim_add_stop(b);
}

/** Scratchpad of the unit that lanes write and read; -1: they load from a cache. */
static int
block_memory(const struct psim_build *b)
{
    if (b->access.local >= 0) return b->access.local;
    const int local = psim_find_local(&b->view);
    if (local < 0 || b->hw->memories[local].caches >= 0) return -1;
    if (!psim_find_move(b->hw, -1, local, false)) return -1;
    return psim_find_move(b->hw, local, -1, false) ? local : -1;
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_pairs *p = &part->u.pairs;
    const struct psim_ability fma = psim_find_vector(b->hw, PSIM_DOES_FMA, p->dtype);
    psim_build_view_from(b, fma.op->group, mapping->pace_cycles);
    b->gang_lanes = mapping->lanes;
    struct pairs_build w = {
        .b = b,
        .p = p,
        .map = mapping,
        .body_bytes = 4.0 * psim_dtype_bytes(p->dtype),
        .stay = (uint64_t)mapping->lanes * mapping->elements,
        .local = block_memory(b),
    };
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = p->flop;
    const uint64_t groups = psim_ceil_div(p->bodies, w.stay);
    const uint8_t axis = psim_add_axis(b, "i", groups);
    psim_add_level(b, axis, 0, false);
    w.rows = psim_add_edge(b, "rows", axis, w.stay, p->bodies - (groups - 1) * w.stay);
    build_tensors(&w);
    const uint64_t depth = mapping->stages > 0 ? mapping->stages : 1;
    const double slot = w.local >= 0 ? mapping->k * w.body_bytes : 0;
    w.channel = psim_add_channel(b, "block", depth, (uint64_t)slot);
    build_steps(&w);
    k->start_act = psim_act_start(b, NULL);
    const struct psim_need need = {
        .lanes = mapping->lanes,
        .registers = mapping->registers,
        .local = w.local,
        .local_bytes = (double)depth * slot,
    };
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, mapping->resident);
}

const struct psim_program psim_program_pairs = {
    .name = "pairs",
    .doc = "all pairs: some stay in registers, blocks of the others pass by",
    .mappings = mappings,
    .build = build,
};
