/* SPDX-License-Identifier: MIT */
/** @file product: routes of operands, and which mappings to try. */
#include "plan/programs/product.h"

#include <math.h>

#include "util/arena.h"
#include "util/str.h"

/* Choices where no library makes them. */
enum {
    STEP_BYTES = 128, /* of an operand's row, a step: a line of the usual cache */
    LEAST_TILE = 16,  /* the side of the usual instruction */
    MOST_TILE = 1024, /* two slots of a larger one fit no usual local memory */
    LANE_SUMS = 64,   /* of a lane: as many as the usual register file has beside ... */
    OTHER_REGISTERS = 48, /* ... operands, addresses and counters */
    LEAST_BUNDLES = 4,    /* one for each issuer of the usual unit */
    MOST_LANES = 512,
    MOST_SPLIT = 16,
};

bool
psim_product_route(const struct psim_hw *hw, const struct psim_view *view,
                   const struct psim_operation *compute,
                   const struct psim_operation *copy, struct psim_product_route *ret)
{
    const int registers = psim_hw_memory(hw, "registers"), memory = hw->main_memory;
    *ret = (struct psim_product_route){.local = psim_find_local(view)};
    const int home_b = compute->operand[1];
    const bool in_registers = home_b < 0 || home_b == registers;
    const int home_c = compute->operand[2];
    int local = copy && copy->to != registers ? copy->to : ret->local;
    if (!in_registers && hw->memories[home_b].caches < 0) {
        local = compute->operand[0] >= 0 && compute->operand[0] != registers
                    ? compute->operand[0]
                    : home_b;
    }
    const bool scratchpad = local >= 0 && hw->memories[local].caches < 0;
    const struct psim_operation *direct = copy ? copy
                                          : scratchpad
                                              ? psim_find_move(hw, memory, local, true)
                                              : NULL;
    ret->local = local;
    ret->in_local = home_c >= 0 && home_c == local;
    if (scratchpad) ret->drain = psim_find_move(hw, local, memory, true);
    if (scratchpad && direct && direct->asynchronous && direct->to == local) {
        ret->copy = direct;
        ret->route = in_registers ? PSIM_ROUTE_STAGED : PSIM_ROUTE_COPY;
        if (in_registers) ret->fetch = psim_find_move(hw, local, -1, false);
        if (!in_registers && home_b != local) {
            ret->second = psim_find_move(hw, local, home_b, true);
            if (!ret->second) return false;
        }
        return true;
    }
    if (!in_registers) return false;
    ret->copy = copy ? copy : psim_find_move(hw, memory, -1, false);
    if (scratchpad) {
        ret->put = psim_find_move(hw, -1, local, false);
        ret->fetch = psim_find_move(hw, local, -1, false);
    }
    if (scratchpad && ret->put) {
        ret->route = PSIM_ROUTE_HELD;
        return true;
    }
    ret->route = PSIM_ROUTE_CACHED;
    return true;
}

struct psim_mma
psim_product_instruction(const struct psim_operation *compute, enum psim_dtype dtype,
                         uint32_t m, uint32_t n, bool turns)
{
    /* C = A B is also C^T = B^T A^T: the instruction may lie across the tile.
     * Taken is the way that reads fewer bytes a FLOP: 1/m + 1/n is least. */
    const struct psim_mma own = compute->by[dtype].mma;
    const uint32_t most_m[2] = {own.m, own.n}, most_n[2] = {own.n, own.m};
    struct psim_mma best = {0, 0, own.k};
    double best_cost = 0;
    for (int way = 0; way < (turns ? 2 : 1); way++) {
        const uint32_t im = most_m[way] < m ? most_m[way] : m;
        const uint32_t in = most_n[way] < n ? most_n[way] : n;
        /* The first dimension of the instruction cannot be cut. */
        if (way == 0 ? im < own.m : in < own.m) continue;
        const double cost = 1.0 / im + 1.0 / in;
        if (best.m == 0 || cost < best_cost) {
            best = (struct psim_mma){im, in, own.k};
            best_cost = cost;
        }
    }
    return best.m == 0 ? own : best;
}

double
psim_product_fragment_bytes(const struct psim_view *view,
                            const struct psim_mapping *mapping, bool matrix,
                            double elem_bytes)
{
    const double m = mapping->m, n = mapping->n, k = mapping->k;
    double bundles = mapping->lanes / view->bundle_lanes;
    if (bundles < 1) bundles = 1;
    if (!matrix) {
        /* Without software groups, sums that fill three quarters of the registers. */
        const double file = psim_register_bytes(view);
        double sums = m * n * fmax(mapping->slices, 1) / fmax(mapping->lanes, 1);
        if (view->team < 0) sums = file > 0 ? 0.75 * file / fmax(elem_bytes, 4) : 16;
        const double edge = sqrt(sums);
        return m * n * k * elem_bytes * (1 / fmin(edge, m) + 1 / fmin(edge, n));
    }
    /* Bundles in a grid as square as the tile allows: each reads its own rows of A
     * and columns of B. */
    double rows = 1;
    while (rows * 2 <= bundles && m / (rows * 2) >= n / (bundles / (rows * 2)) / 2) {
        rows *= 2;
    }
    const double cols = bundles / rows;
    return k * elem_bytes * (cols * m + rows * n);
}

/* --- mappings -------------------------------------------------------------- */

static bool
rows_are_multiples(const struct psim_product *p, double bytes)
{
    return fmod(p->a_row_bytes, bytes) == 0 && fmod(p->b_row_bytes, bytes) == 0;
}

static bool
library_fits(const struct psim_library_kernel *library, const struct psim_product *p,
             const struct psim_operation *copy)
{
    if (library->batch != 0 && (library->batch == 2) != (p->batch > 1)) return false;
    double align = (double)library->align_bytes;
    if (align <= 0 && copy) align = copy->align_bytes;
    const double other = (double)library->misaligned_bytes;
    if (other > 1 && rows_are_multiples(p, other)) return false;
    return align <= 1 || rows_are_multiples(p, align);
}

static void
add_splits(const struct psim_product *p, uint32_t units, struct psim_mapping mapping,
           uint64_t most, struct psim_mappings *ret)
{
    static const uint32_t splits[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
    const double tiles = ceil((double)p->m / mapping.m) *
                         ceil((double)p->n / mapping.n) * (double)p->batch;
    for (size_t i = 0; i < PSIM_COUNT(splits); i++) {
        const uint32_t split = splits[i];
        if (split > 1 && (split > most || p->window > 1 || (p->conv && p->batch > 1)))
            break;
        /* Each part needs a few steps, and more work-groups than units are waste; a
         * library that fills the machine does it once. */
        const double waves = mapping.library && mapping.library->fills > 0 ? 1 : 2;
        if (split > 1 &&
            (p->k < 4ULL * mapping.k * split || tiles * split > waves * units)) {
            break;
        }
        mapping.split = split;
        psim_mappings_add(ret, &mapping);
    }
}

/** Work-groups over units. */
static double
filled(const struct psim_product *p, const struct psim_mapping *m, uint32_t units)
{
    const double groups = ceil((double)p->m / m->m) * ceil((double)p->n / m->n) *
                          (double)p->batch * m->split;
    return groups / units;
}

/** A library that prefers a full machine passes over what fills too little (eq. S4). */
static void
prefer_full(const struct psim_product *p, uint32_t units, double least, size_t first,
            struct psim_mappings *list)
{
    double most = 0;
    for (size_t i = first; i < list->n; i++) {
        most = fmax(most, filled(p, &list->item[i], units));
    }
    for (size_t i = first; i < list->n && most >= least; i++) {
        list->item[i].passed_over = filled(p, &list->item[i], units) < least;
    }
}

static void
library_mappings(const struct psim_hw *hw, const struct psim_part *part,
                 const struct psim_operation *fastest, struct psim_mappings *ret)
{
    const struct psim_product *p = &part->u.product;
    const double elem = psim_dtype_bytes(p->dtype);
    const struct psim_library_kernel *library = NULL;
    while ((library = psim_library_next(hw, part, p->dtype, library))) {
        const struct psim_operation *copy =
            library->copy >= 0 ? &hw->operations[library->copy] : NULL;
        if (!library_fits(library, p, copy)) continue;
        const struct psim_operation *compute =
            library->operation >= 0 ? &hw->operations[library->operation] : fastest;
        const uint32_t units = psim_view_of(hw, compute->group).units;
        const double step =
            library->step_bytes ? (double)library->step_bytes : STEP_BYTES;
        const size_t first = ret->n;
        for (size_t i = 0; i < library->n_tiles; i++) {
            const struct psim_menu_tile *tile = &library->tiles[i];
            struct psim_mapping mapping = psim_library_mapping(hw, library, tile);
            mapping.compute = compute;
            mapping.m = (uint32_t)tile->m;
            mapping.n = (uint32_t)tile->n;
            mapping.k = (uint32_t)(tile->k ? (double)tile->k : step / elem);
            if (mapping.m == 0 || mapping.n == 0 || mapping.lanes == 0) continue;
            add_splits(p, units, mapping, library->max_split, ret);
        }
        prefer_full(p, units, library->fills, first, ret);
    }
}

/** Powers of two around the instruction's shape, as large as memory holds. */
static void
own_mappings(const struct psim_hw *hw, const struct psim_part *part,
             const struct psim_operation *compute, struct psim_mappings *ret)
{
    const struct psim_product *p = &part->u.product;
    const struct psim_view view = psim_view_of(hw, compute->group);
    const bool matrix = compute->does == PSIM_DOES_MATMUL;
    const struct psim_mma mma = compute->by[p->dtype].mma;
    const double elem = psim_dtype_bytes(p->dtype);
    const uint32_t first = LEAST_TILE;
    /* Lanes that multiply one by one need no more of a tile than there is. */
    const bool cut = !matrix && view.team < 0;
    struct psim_access access;
    const bool staged = psim_access_find(&view, &access) && access.local >= 0;
    for (uint32_t m = first; m <= MOST_TILE; m *= 2) {
        for (uint32_t c = first; c <= MOST_TILE; c *= 2) {
            /* A tile larger than twice the matrix is all padding. */
            if ((m > first && m / 2 >= p->m) || (c > first && c / 2 >= p->n)) continue;
            uint32_t k = matrix ? mma.k : 8;
            while (k * elem < STEP_BYTES && k < p->k) {
                k *= 2;
            }
            double lanes = view.lanes;
            if (view.team >= 0) {
                lanes =
                    fmax((double)m * c / LANE_SUMS, LEAST_BUNDLES * view.bundle_lanes);
                if (lanes > view.team_lanes || lanes > MOST_LANES) continue;
            }
            struct psim_mapping mapping = {
                .compute = compute,
                .m = cut && m > p->m ? (uint32_t)p->m : m,
                .n = cut && c > p->n ? (uint32_t)p->n : c,
                .k = k,
                .lanes = (uint32_t)lanes,
                .cluster = 1,
                .registers =
                    (uint32_t)(view.team >= 0 ? (double)m * c / lanes + OTHER_REGISTERS
                                              : 0),
                .dispatch = view.team >= 0 ? PSIM_DISPATCH_EACH : PSIM_DISPATCH_STRIDE,
            };
            const bool splits = view.team >= 0 && !p->conv;
            add_splits(p, view.units, mapping, splits ? MOST_SPLIT : 1, ret);
            /* A step with a copy of its own: fewer latencies, but a later start. */
            while (staged && mapping.k < p->k && mapping.k < 64 * k) {
                mapping.k *= 4;
                add_splits(p, view.units, mapping, 1, ret);
            }
        }
    }
}

/** Of each matrix operation, since the fastest may fit a small product worst. */
static void
all_own_mappings(const struct psim_hw *hw, const struct psim_part *part,
                 const struct psim_operation *compute, struct psim_mappings *ret)
{
    const enum psim_dtype dtype = part->u.product.dtype;
    own_mappings(hw, part, compute, ret);
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (op == compute || op->does != PSIM_DOES_MATMUL) continue;
        if (op->by[dtype].supported) own_mappings(hw, part, op, ret);
    }
}

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    const struct psim_product *p = &part->u.product;
    const struct psim_op_keys *keys = &part->op->keys;
    const struct psim_operation *compute = psim_find_product(hw, p->dtype).op;
    if (!compute) {
        (void)psim_lacks_product(diag, hw, part, p->dtype, part->op->at);
        return;
    }
    library_mappings(hw, part, compute, ret);
    if (ret->n == 0) all_own_mappings(hw, part, compute, ret);
    psim_mappings_fix(ret, keys, keys->tile.m, keys->tile.n, keys->tile.k);
}

/** Least times of a product with one mapping, as far as they are seen at a glance. */
struct glance {
    const struct psim_hw *hw;
    double held_s[PSIM_MAX_MEMORIES]; /* of a memory, all instances busy all the time */
    double longest_s;
};

static void
hold(struct glance *g, int memory, double bytes, bool write)
{
    const struct psim_memory *m = &g->hw->memories[memory];
    const int index = m->part_of >= 0 ? m->part_of : memory;
    const struct psim_memory *whole = &g->hw->memories[index];
    const double per_s = write ? whole->write_bytes_per_s : whole->read_bytes_per_s;
    if (m->one_access || per_s <= 0 || (write && whole->duplex)) return;
    g->held_s[index] += bytes / per_s / (double)g->hw->groups[whole->group].total;
    g->longest_s = fmax(g->longest_s, g->held_s[index]);
}

/** What a matrix operation reads and writes of operands that live in memories. */
static void
hold_operands(struct glance *g, const struct psim_operation *op, enum psim_dtype dtype,
              const struct psim_mapping *mapping, double flop)
{
    const struct psim_mma shape =
        psim_product_instruction(op, dtype, mapping->m, mapping->n, true);
    const double elem = psim_dtype_bytes(dtype);
    const double sum = psim_dtype_bytes(psim_dtype_of_sums(dtype));
    const double once = flop / (2.0 * shape.m * shape.n * shape.k);
    const double bytes[] = {elem * shape.m * shape.k, elem * shape.k * shape.n,
                            sum * shape.m * shape.n};
    for (int i = 0; i < 3; i++) {
        if (op->operand[i] >= 0) hold(g, op->operand[i], once * bytes[i], i == 2);
    }
}

/**
 * All tiles at the pace of the pipe, of the memories that hold operands, of the
 * memory of the tensors, each evenly shared; at the least one tile on one unit.
 */
static double
quick_s(const struct psim_view *view, const struct psim_part *part,
        const struct psim_mapping *mapping, double launch_s)
{
    const struct psim_hw *hw = view->hw;
    const struct psim_product *p = &part->u.product;
    const struct psim_operation *op = mapping->compute;
    const enum psim_dtype dtype = psim_computed_dtype(op, p->dtype);
    const struct psim_rate_of *rate = &op->by[dtype];
    const double elem = psim_dtype_bytes(p->dtype);
    const double depth = (double)p->k * (double)p->batch;
    const double tiles_m = ceil((double)p->m / mapping->m);
    const double tiles_n = ceil((double)p->n / mapping->n);
    const double flop = 2 * tiles_m * mapping->m * tiles_n * mapping->n * depth;
    struct glance g = {.hw = hw};
    const double peak = psim_hw_peak_per_s(hw, op, dtype);
    if (peak > 0) {
        const double all_s = flop / peak * (rate->peak_per_s / rate->lane_ops_per_s);
        const double tiles = tiles_m * tiles_n * (double)p->batch * mapping->split;
        const bool own = psim_group_within(hw, op->pipe_group, view->unit);
        g.longest_s = own && tiles < view->units ? all_s * view->units / tiles : all_s;
    }
    if (op->does == PSIM_DOES_MATMUL) hold_operands(&g, op, p->dtype, mapping, flop);
    const double a = (double)p->m * depth * elem, b = (double)p->n * depth * elem;
    const double shares = p->share_b > 1 ? (double)p->share_b : 1;
    const struct psim_operation *copy = mapping->copy;
    if (copy && copy->asynchronous && copy->to >= 0 && copy->to == op->operand[1]) {
        hold(&g, copy->to, a * tiles_n + b * tiles_m, true);
    }
    if (!p->conv) hold(&g, hw->main_memory, a + b / shares, false);
    const uint64_t deep = p->conv ? p->channels : p->k;
    const bool whole = p->conv && p->batch > 1;
    const bool reduces = mapping->split > 1 && !whole && deep > mapping->k;
    return g.longest_s + (reduces ? 2 : 1) * launch_s;
}

const struct psim_program psim_program_product = {
    .name = "product",
    .doc = "tiles of C = A B: operands staged, multiplied, written",
    .asks = PSIM_ASKS_TILE | PSIM_ASKS_STEPS,
    .mappings = mappings,
    .quick_s = quick_s,
    .build = psim_product_build,
};
