/* SPDX-License-Identifier: MIT */
/** @file product: the kernels of a mapping (docs/MODEL.md, eq. P1). */
#include <assert.h>
#include <math.h>

#include "plan/programs/product_work.h"
#include "util/whole.h"

/** Steps along k: of one tap where the product is a convolution. */
static void
find_steps(struct psim_product_work *w)
{
    const struct psim_product *p = w->p;
    w->joined = p->conv && w->map.library && w->map.library->joins_taps &&
                p->channels < w->map.k;
    uint64_t depth = p->k;
    if (p->conv && !w->joined) depth = p->channels;
    const uint32_t least_k = w->map.compute->by[p->dtype].mma.k;
    const uint64_t needed = psim_round_up(depth, least_k);
    /* A library's convolution takes whole steps for each tap, as its name says. */
    if (w->map.k > needed && !(w->map.library && p->conv)) w->map.k = (uint32_t)needed;
    w->rest = depth % w->map.k;
    w->steps = psim_ceil_div(depth, w->map.k);
    w->per_split = psim_ceil_div(w->steps, w->map.split);
    /* Groups of channels and parts of the sum would be two axes of one dimension; so
     * would taps and parts. */
    if (p->conv && (p->batch > 1 || w->joined)) w->per_split = w->steps;
    w->split = psim_ceil_div(w->steps, w->per_split);
}

/**
 * Whether one loop fetches operands, widens them and multiplies: on a unit without
 * bundles, which would take turns, and from a memory right beside it.
 */
static bool
is_fed(const struct psim_product_work *w)
{
    const struct psim_hw *hw = w->b->hw;
    if (w->map.compute->does == PSIM_DOES_MATMUL) return false;
    if (w->b->view.team >= 0 || w->route.local < 0) return false;
    for (size_t i = 0; i < hw->n_memories; i++) {
        if (hw->memories[i].caches == w->route.local) return false;
    }
    return true;
}

static uint8_t
fed_act(struct psim_product_work *w, const struct psim_ability *fma)
{
    struct psim_build *b = w->b;
    const double cells = (double)w->map.m * w->map.n * w->map.k;
    const double bytes =
        psim_product_fragment_bytes(&b->view, &w->map, false, w->in_bytes) / cells;
    struct psim_fed fed = {
        .compute = *fma,
        .fetch = {w->route.fetch, w->route.local, -1, w->in_bytes, true},
        .fetch_bytes = bytes,
        .converts = bytes / w->in_bytes,
    };
    if (fma->dtype != w->p->dtype) {
        fed.convert = psim_find_vector(b->hw, PSIM_DOES_CONVERT, w->p->dtype);
    }
    return psim_act_fed(b, &fed);
}

static void
build_acts(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const struct psim_operation *compute = w->map.compute;
    const bool matrix = compute->does == PSIM_DOES_MATMUL;
    const int memory = b->hw->main_memory;
    w->put_act = w->fetch_act = w->second_act = PSIM_NONE;
    const int to =
        w->route.copy && w->route.copy->to == w->route.local ? w->route.local : -1;
    /* A library that asks for less alignment than the copy moves in small pieces. */
    const uint64_t asked = w->map.library ? w->map.library->align_bytes : 0;
    const double access = asked > 0 ? (double)asked : w->in_bytes;
    const bool aligned = asked == 0;
    w->load_act = psim_act_move(
        b, &(struct psim_move){w->route.copy, memory, to, access, aligned});
    if (w->route.route == PSIM_ROUTE_HELD) {
        w->put_act = psim_act_move(
            b, &(struct psim_move){w->route.put, -1, w->route.local, access, aligned});
    }
    const bool fed = is_fed(w);
    if (w->route.route != PSIM_ROUTE_COPY && w->route.local >= 0 && !fed) {
        w->fetch_act =
            psim_act_move(b, &(struct psim_move){w->route.fetch, w->route.local, -1,
                                                 w->in_bytes, true});
    }
    if (w->route.second) {
        w->second_act = psim_act_move(
            b, &(struct psim_move){w->route.second, w->route.local, w->route.second->to,
                                   w->in_bytes, true});
    }
    if (matrix) {
        const bool turns = !w->map.library || !w->map.library->upright;
        const struct psim_mma shape =
            psim_product_instruction(compute, w->p->dtype, w->map.m, w->map.n, turns);
        w->compute_act =
            psim_act_matrix(b, compute, w->p->dtype, &shape, w->route.second != NULL);
        return;
    }
    const struct psim_ability fma = {compute, psim_computed_dtype(compute, w->p->dtype),
                                     1};
    w->compute_act = fed ? fed_act(w, &fma) : psim_act_vector(b, &fma);
}

/** Units that work-groups fill: a cluster lies in one part of the machine (eq. M16). */
static uint32_t
clustered_units(const struct psim_product_work *w)
{
    const struct psim_operation *copy = w->route.copy;
    const uint32_t units = w->b->view.units;
    if (w->map.cluster <= 1 || !copy || copy->multicast_group < 0) return units;
    const uint64_t filled =
        psim_group_fits(w->b->hw, copy->multicast_group, w->map.cluster) *
        w->map.cluster;
    return filled > 0 && filled < units ? (uint32_t)filled : units;
}

/** Slots of the operand buffer: the mapping's, else what leaves room for the groups. */
static uint64_t
choose_stages(const struct psim_product_work *w)
{
    enum { USUAL = 3, MOST = 8 };
    if (w->map.stages > 0) return w->map.stages;
    if (w->route.local < 0) return 2;
    const struct psim_memory *local = &w->b->hw->memories[w->route.local];
    if (w->route.route == PSIM_ROUTE_CACHED) return 2;
    if (w->route.route == PSIM_ROUTE_HELD) return 2;
    if (local->bytes <= 0) return USUAL;
    const double fit = floor(local->bytes / w->slot_bytes);
    if (w->route.route == PSIM_ROUTE_STAGED) return fit < USUAL ? 2 : USUAL;
    return fit > MOST ? MOST : fit < 2 ? 2 : (uint64_t)fit;
}

static void
setup(struct psim_product_work *w, const struct psim_mapping *mapping)
{
    struct psim_build *b = w->b;
    w->map = *mapping;
    w->numbers = w->p->numbers > 1 ? w->p->numbers : 1;
    w->window = w->p->window > 1 ? (uint32_t)w->p->window : 1;
    w->in_bytes = psim_dtype_bytes(w->p->dtype) * w->numbers;
    w->out_bytes = psim_dtype_bytes(w->p->out) * w->numbers;
    find_steps(w);
    const enum psim_dtype sums = psim_dtype_of_sums(w->p->dtype);
    w->c_bytes = w->split > 1 ? psim_dtype_bytes(sums) * w->numbers : w->out_bytes;
    if (w->map.cluster < 1) w->map.cluster = 1;
    w->tiles_m = psim_ceil_div(w->p->m, w->map.m);
    w->tiles_n = psim_ceil_div(w->p->n, w->map.n);
    assert(w->tiles_m > 0 && w->tiles_n > 0); /* no product is empty */
    w->share_a = w->map.m >= w->map.n;
    const uint64_t beside = w->share_a ? w->tiles_n : w->tiles_m;
    const uint64_t others = w->share_a ? w->tiles_m : w->tiles_n;
    /* The longer side is shared, where there are tiles enough beside each other. */
    if (beside < w->map.cluster && others > beside) w->share_a = !w->share_a;
    uint64_t *along = w->share_a ? &w->tiles_n : &w->tiles_m;
    while (*along < w->map.cluster) {
        w->map.cluster /= 2;
    }
    *along = psim_round_up(*along, w->map.cluster);
    w->slot_bytes = ((double)w->map.m + w->map.n) * w->map.k * w->in_bytes;
    b->gang_lanes = w->map.lanes;
    const struct psim_library_kernel *library = w->map.library;
    if (library && library->loaders > 0 && library->loaders < w->map.lanes) {
        const uint32_t parts = library->sums > 1 ? (uint32_t)library->sums : 1;
        b->gang_lanes = (w->map.lanes - (uint32_t)library->loaders) / parts;
    }
    if (b->view.team < 0) b->gang_lanes = (uint32_t)b->view.lanes;
}

/** The second kernel of a split sum: partial sums are read and added (eq. P2). */
static bool
build_reduce(struct psim_product_work *w)
{
    const enum psim_dtype sums = psim_dtype_of_sums(w->p->dtype);
    struct psim_part reduce = {
        .program = &psim_program_stream,
        .name = "reduce",
        .op = w->part->op,
        .u.stream = {.elements = w->p->m * w->p->n * w->p->batch,
                     .inputs = 1,
                     .outputs = 1,
                     .reads = (uint32_t)w->split,
                     .dtype = sums,
                     .in = sums,
                     .out = w->p->out,
                     .work = {{PSIM_DOES_ADD, (double)w->split - 1}}},
    };
    if (w->p->epilogue >> PSIM_EPILOGUE_RELU & 1) {
        reduce.u.stream.work[1].does = PSIM_DOES_MAX;
        reduce.u.stream.work[1].times = 1;
    }
    struct psim_mapping mapping = {.lanes = 256, .elements = 1, .registers = 32};
    if (w->b->view.team >= 0 && mapping.lanes > w->b->view.team_lanes) {
        mapping.lanes = (uint32_t)w->b->view.team_lanes;
    }
    return psim_program_stream.build(w->b, &reduce, &mapping);
}

/** Where work-groups take turns by a counter, it is set to zero before (eq. P2). */
static bool
build_clear(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const struct psim_library_kernel *library = w->map.library;
    const uint32_t index = b->plan.n_kernels - 1;
    const struct psim_kernel product = b->kernels[index];
    const bool turns =
        psim_kernel_items(&product) > (uint64_t)product.units * product.resident;
    if (!library || library->clears_bytes == 0 || !turns) return true;
    const struct psim_part clear = {
        .program = &psim_program_stream,
        .name = "clear",
        .op = w->part->op,
        .u.stream = {.elements = library->clears_bytes / 4,
                     .outputs = 1,
                     .dtype = PSIM_INT32,
                     .in = PSIM_INT32,
                     .out = PSIM_INT32},
    };
    const struct psim_mapping mapping = {.lanes = 32, .elements = 1, .registers = 16};
    if (!psim_program_stream.build(b, &clear, &mapping)) return false;
    b->kernels[index] = b->kernels[index + 1];
    b->kernels[index + 1] = product;
    return true;
}

/**
 * Weights have a home of their own: two slots of it, so that the next come while
 * rows pass those before. Sums drain while the next tile's begin: two of them, too.
 */
static bool
add_stationary(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const struct psim_memory *home = &b->hw->memories[w->route.second->to];
    const struct psim_mma mma = w->map.compute->by[w->p->dtype].mma;
    const double bytes = (double)psim_round_up(w->map.k, mma.k) *
                         (double)psim_round_up(w->map.n, mma.n) * w->in_bytes;
    const double homes = psim_group_count(b->hw, home->group, b->view.unit);
    if (home->bytes > 0 && 2 * bytes > home->bytes * fmax(homes, 1)) {
        return psim_build_refuse(b, "not enough %s", home->name);
    }
    w->weights = psim_add_channel(b, "w", 2, (uint64_t)bytes);
    w->sums = psim_add_channel(b, "sums", 2, 4ULL * w->map.m * w->map.n);
    b->channels[w->ab].consumers = 2;
    return true;
}

/** Sums that lie beside the operands: those of the tile, and of the one that drains. */
static double
local_sum_bytes(const struct psim_product_work *w)
{
    const double bytes = 4.0 * w->map.m * w->map.n;
    if (w->weights != PSIM_NONE) return 2 * bytes;
    return w->route.in_local ? bytes : 0;
}

bool
psim_product_build(struct psim_build *b, const struct psim_part *part,
                   const struct psim_mapping *mapping)
{
    struct psim_product_work w = {.b = b, .part = part, .p = &part->u.product};
    psim_build_view_from(b, mapping->compute->group, mapping->pace_cycles);
    if (!psim_product_route(b->hw, &b->view, mapping->compute, mapping->copy,
                            &w.route)) {
        return psim_build_refuse(b, "operands cannot reach '%s'",
                                 mapping->compute->name);
    }
    setup(&w, mapping);
    if (w.window > 1 && (w.split > 1 || w.map.m % w.window != 0)) {
        return psim_build_refuse(b, w.split > 1 ? "parts of a sum cannot be pooled"
                                                : "windows would span two tiles");
    }
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = w.p->flop;
    k->units = clustered_units(&w);
    psim_product_grid(&w);
    psim_product_tiles(&w);
    const uint64_t stages = choose_stages(&w);
    w.ab = psim_add_channel(b, "ab", stages, (uint64_t)w.slot_bytes);
    w.weights = w.sums = PSIM_NONE;
    w.half = PSIM_NONE;
    if (w.route.second && !add_stationary(&w)) return false;
    if (!w.route.second && w.map.library && w.map.library->sums > 1) {
        w.sums = psim_add_channel(b, "sums", w.map.library->sums, 0);
        w.half = psim_add_channel(b, "half", 2, 0);
        b->channels[w.sums].consumers = 2;
    }
    build_acts(&w);
    psim_product_roles(&w);
    k->start_act = psim_act_start(b, w.route.copy);
    const bool scratchpad = w.route.route != PSIM_ROUTE_CACHED && w.route.local >= 0;
    const struct psim_need need = {
        .lanes = w.map.lanes,
        .registers = w.map.registers,
        .local = scratchpad ? w.route.local : -1,
        .local_bytes = (double)stages * w.slot_bytes + local_sum_bytes(&w),
    };
    if (w.route.route == PSIM_ROUTE_CACHED && w.route.local >= 0 &&
        2 * w.slot_bytes > b->hw->memories[w.route.local].bytes) {
        return psim_build_refuse(b, "the tiles do not fit %s",
                                 b->hw->memories[w.route.local].name);
    }
    if (!psim_build_end(b, &need, w.map.dispatch, w.map.resident)) return false;
    return build_clear(&w) && (w.split == 1 || build_reduce(&w));
}
