/* SPDX-License-Identifier: MIT */
/** @file fused: attention in one kernel, online softmax; which mappings to try. */
#include "plan/programs/fused.h"

#include <assert.h>
#include <math.h>

#include "util/arena.h"

/** Vector work of the softmax, which every fused attention needs. */
static const enum psim_primitive needed[] = {
    PSIM_DOES_MAX, PSIM_DOES_FMA, PSIM_DOES_EXP2, PSIM_DOES_ADD, PSIM_DOES_MUL};

uint64_t
psim_fused_group(const struct psim_attention *attention)
{
    return attention->seq_q == 1 ? attention->heads / attention->kv_heads : 1;
}

bool
psim_fused_is_causal(const struct psim_attention *attention)
{
    return attention->causal && attention->seq_q > 1;
}

/** A product by a matrix operation that blocks (or does not), else by multiply-adds. */
static const struct psim_operation *
find_compute(const struct psim_hw *hw, enum psim_dtype dtype, bool asynchronous)
{
    const struct psim_operation *best = NULL;
    double best_per_s = 0;
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (op->does != PSIM_DOES_MATMUL || !op->by[dtype].supported) continue;
        if (op->asynchronous != asynchronous) continue;
        const double per_s = psim_hw_peak_per_s(hw, op, dtype);
        if (per_s > best_per_s) {
            best = op;
            best_per_s = per_s;
        }
    }
    if (best || asynchronous) return best;
    return psim_find_product(hw, dtype).op;
}

static bool
machine_can(struct psim_diag *diag, const struct psim_hw *hw,
            const struct psim_part *part, const struct psim_operation **ret_compute)
{
    const struct psim_attention *a = part->op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    const bool flash3 = a->algorithm == PSIM_ATTENTION_FLASH3;
    *ret_compute = find_compute(hw, dtype, flash3);
    if (!*ret_compute && flash3 && find_compute(hw, dtype, false)) {
        return psim_error(
            diag, a->algorithm_at,
            "algorithm: flash3 needs an asynchronous matrix operation for %s, "
            "which '%s' has not; flash2 does not",
            psim_dtype_name(dtype), hw->name);
    }
    if (!*ret_compute) {
        return psim_lacks_product(diag, hw, part, dtype, a->dtype_at);
    }
    for (size_t i = 0; i < PSIM_COUNT(needed); i++) {
        if (!psim_find_vector(hw, needed[i], dtype).op) {
            return psim_lacks(diag, hw, part, needed[i], dtype, a->dtype_at);
        }
    }
    return true;
}

/** Work-groups of a mapping that does not split. */
static double
unsplit_groups(const struct psim_attention *a, const struct psim_mapping *mapping)
{
    const double group = (double)psim_fused_group(a);
    return ceil((double)a->seq_q * group / mapping->m) * (double)a->batch *
           (double)a->heads / group;
}

/** Work-groups that run at once. */
static double
slots_of(const struct psim_hw *hw, const struct psim_mapping *mapping)
{
    const struct psim_view view = psim_view_of(hw, mapping->compute->group);
    return view.units * (mapping->resident ? mapping->resident : 1.0);
}

/** Of the last wave and all before it, the part that works. */
static double
fullness(double groups, double slots)
{
    const double waves = groups / slots;
    return waves / ceil(waves);
}

/**
 * Into how many parts a library cuts the keys that says so (eq. S3): the fewest whose
 * waves are `split_full` as full as the fullest. Numbers of parts that leave the
 * longest as long are none.
 */
static uint32_t
library_parts(const struct psim_hw *hw, const struct psim_attention *a,
              const struct psim_mapping *mapping)
{
    const struct psim_library_kernel *library = mapping->library;
    const double groups = unsplit_groups(a, mapping), slots = slots_of(hw, mapping);
    const double steps = ceil((double)a->seq_kv / mapping->n);
    const double most = fmin((double)library->max_split, fmin(slots, steps));
    if (groups >= library->split_below * slots || psim_fused_is_causal(a)) return 1;
    double fullest = 0;
    for (double parts = 1; parts <= most; parts++) {
        if (parts > 1 && ceil(steps / parts) == ceil(steps / (parts - 1))) continue;
        fullest = fmax(fullest, fullness(groups * parts, slots));
    }
    for (double parts = 1; parts <= most; parts++) {
        if (parts > 1 && ceil(steps / parts) == ceil(steps / (parts - 1))) continue;
        if (fullness(groups * parts, slots) >= library->split_full * fullest) {
            return (uint32_t)parts;
        }
    }
    return 1;
}

/** Parts into which the keys may be split: for few queries only (eq. S3). */
static void
add_splits(const struct psim_hw *hw, const struct psim_attention *a,
           struct psim_mapping mapping, struct psim_mappings *ret)
{
    static const uint32_t splits[] = {1,  2,  3,  4,  5,  6,  7,  8,  10,
                                      12, 16, 20, 24, 32, 48, 64, 96, 128};
    const struct psim_library_kernel *library = mapping.library;
    const double most = library ? (double)library->max_split : 128;
    const double tiles = unsplit_groups(a, &mapping), slots = slots_of(hw, &mapping);
    const bool full =
        library && library->split_below > 0 && tiles >= library->split_below * slots;
    const double steps = ceil((double)a->seq_kv / mapping.n);
    const double least = library ? (double)library->min_split : 1;
    for (size_t i = 0; i < PSIM_COUNT(splits); i++) {
        const double split = splits[i];
        if (split < least) continue;
        if (split > 1 && (split > most || split > steps || full ||
                          psim_fused_is_causal(a) || tiles * split > 2 * slots)) {
            break;
        }
        mapping.split = splits[i];
        psim_mappings_add(ret, &mapping);
    }
}

/** The first tile of an entry that serves the head dimension. */
static bool
find_tile(const struct psim_hw *hw, const struct psim_attention *a,
          const struct psim_library_kernel *library,
          const struct psim_operation *fastest, struct psim_mapping *ret)
{
    for (size_t i = 0; i < library->n_tiles; i++) {
        const struct psim_menu_tile *tile = &library->tiles[i];
        if (tile->head_dim > 0 && a->head_dim > tile->head_dim) continue;
        *ret = psim_library_mapping(hw, library, tile);
        if (!ret->compute) ret->compute = fastest;
        ret->m = (uint32_t)tile->q;
        ret->n = (uint32_t)tile->kv;
        if (ret->m > 0 && ret->n > 0 && ret->lanes > 0) return true;
    }
    return false;
}

/** What its libraries offer; one that says how it splits prefers that to all else. */
static void
library_mappings(const struct psim_hw *hw, const struct psim_part *part,
                 const struct psim_operation *fastest, struct psim_mappings *ret)
{
    const struct psim_attention *a = part->op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    const struct psim_library_kernel *library = NULL;
    struct psim_mapping mapping;
    bool splits = false;
    while (!splits && (library = psim_library_next(hw, part, dtype, library))) {
        if (library->split_full <= 0) continue;
        if (!find_tile(hw, a, library, fastest, &mapping)) continue;
        mapping.split = library_parts(hw, a, &mapping);
        splits = mapping.split >= library->min_split;
        if (splits) psim_mappings_add(ret, &mapping);
    }
    library = NULL;
    while ((library = psim_library_next(hw, part, dtype, library))) {
        if (library->split_full > 0) continue;
        if (find_tile(hw, a, library, fastest, &mapping)) {
            mapping.passed_over = splits;
            add_splits(hw, a, mapping, ret);
        }
    }
}

static void
own_mappings(const struct psim_hw *hw, const struct psim_part *part,
             const struct psim_operation *compute, struct psim_mappings *ret)
{
    static const uint32_t queries[] = {16, 32, 64, 128, 256, 512, 1024};
    static const uint32_t keys[] = {32, 64, 128, 256, 512, 1024};
    enum { MOST_OF_TEAM = 128 /* rows and keys for which its lanes have registers */ };
    const struct psim_attention *a = part->op->attributes;
    const struct psim_view view = psim_view_of(hw, compute->group);
    const bool flash3 = a->algorithm == PSIM_ATTENTION_FLASH3;
    for (size_t i = 0; i < PSIM_COUNT(queries); i++) {
        if (view.team >= 0 && queries[i] > MOST_OF_TEAM) break;
        if (i > 0 && queries[i - 1] >= a->seq_q * (a->heads / a->kv_heads)) break;
        for (size_t j = 0; j < PSIM_COUNT(keys); j++) {
            if (view.team >= 0 && keys[j] > MOST_OF_TEAM) break;
            /* Rows of one query tile stay in a bundle: 16 or 32 rows each. */
            double lanes = view.team >= 0
                               ? fmax(queries[i] * view.bundle_lanes / 16, 128)
                               : view.lanes;
            if (flash3) lanes = 384;
            if (view.team >= 0 && lanes > view.team_lanes) continue;
            const double sums = queries[i] * ((double)a->head_dim + keys[j]) / lanes;
            const struct psim_mapping mapping = {
                .compute = compute,
                .m = flash3 ? 128 : queries[i],
                .n = keys[j],
                .lanes = (uint32_t)lanes,
                .registers = (uint32_t)(view.team >= 0 ? fmin(sums + 64, 255) : 0),
                .dispatch = flash3           ? PSIM_DISPATCH_QUEUE
                            : view.team >= 0 ? PSIM_DISPATCH_EACH
                                             : PSIM_DISPATCH_STRIDE,
            };
            add_splits(hw, a, mapping, ret);
        }
        if (flash3) break;
    }
}

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    const struct psim_op_keys *keys = &part->op->keys;
    const struct psim_operation *compute;
    if (!machine_can(diag, hw, part, &compute)) return;
    assert(compute);
    library_mappings(hw, part, compute, ret);
    if (ret->n == 0) own_mappings(hw, part, compute, ret);
    psim_mappings_fix(ret, keys, keys->tile.q, keys->tile.kv, 0);
}

/** Both products of all pairs at the peak. */
static double
quick_s(const struct psim_view *view, const struct psim_part *part,
        const struct psim_mapping *mapping, double launch_s)
{
    const struct psim_attention *a = part->op->attributes;
    const enum psim_dtype dtype =
        psim_computed_dtype(mapping->compute, (enum psim_dtype)a->dtype);
    const double peak = psim_hw_peak_per_s(view->hw, mapping->compute, dtype);
    const double pairs = psim_attention_pairs(a) * (double)(a->batch * a->heads);
    const bool counts = peak > 0 && a->seq_q > 1;
    return launch_s + (counts ? 4 * pairs * (double)a->head_dim / peak : 0);
}

const struct psim_program psim_program_fused = {
    .name = "fused",
    .doc = "attention in one kernel: scores and probabilities stay on the unit",
    .asks = PSIM_ASKS_KEYS | PSIM_ASKS_STEPS,
    .mappings = mappings,
    .quick_s = quick_s,
    .build = psim_fused_build,
};
