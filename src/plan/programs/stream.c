/* SPDX-License-Identifier: MIT */
/** @file stream: a function of each element; every byte is touched once. */
#include "plan/programs/stream.h"

#include "util/arena.h"
#include "util/whole.h"

bool
psim_stream_work(const struct psim_hw *hw, const struct psim_stream *s,
                 struct psim_ability abilities[8], size_t *ret_missing)
{
    for (size_t i = 0; s->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
        abilities[i] = psim_find_vector(hw, s->work[i].does, s->dtype);
        if (!abilities[i].op) {
            *ret_missing = i;
            return false;
        }
    }
    return true;
}

/** Who issues the work; without any, whoever moves data; else the leaf. */
int
psim_stream_issuer(const struct psim_hw *hw, const struct psim_stream *s)
{
    struct psim_ability abilities[8];
    size_t missing;
    if (s->work[0].does != PSIM_DOES_NOTHING_KNOWN &&
        psim_stream_work(hw, s, abilities, &missing)) {
        return abilities[0].op->group;
    }
    const struct psim_operation *any = psim_find_move(hw, hw->main_memory, -1, false);
    if (!any) any = psim_hw_fastest(hw, s->dtype);
    return any ? any->group : hw->root;
}

uint32_t
psim_stream_in_bytes(const struct psim_stream *s)
{
    return s->in_bytes ? s->in_bytes : psim_dtype_bytes(s->in);
}

uint32_t
psim_stream_out_bytes(const struct psim_stream *s)
{
    return s->out_bytes ? s->out_bytes : psim_dtype_bytes(s->out);
}

uint64_t
psim_stream_width(const struct psim_stream *s, const struct psim_view *view)
{
    const struct psim_hw *hw = view->hw;
    double width = view->lanes;
    struct psim_ability abilities[8];
    size_t missing;
    if (psim_stream_work(hw, s, abilities, &missing)) {
        for (size_t i = 0; s->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
            const double own = abilities[i].op->by[abilities[i].dtype].lanes;
            if (own > width) width = own;
        }
    }
    return (uint64_t)width;
}

double
psim_stream_staged_bytes(const struct psim_stream *s)
{
    return 2 * ((double)s->inputs * s->reads * psim_stream_in_bytes(s) +
                (double)s->outputs * psim_stream_out_bytes(s) + s->index_bytes);
}

/** The grid that the user gave: work-groups of so many lanes, so many elements each.
 */
static void
user_mapping(const struct psim_part *part, struct psim_mappings *ret)
{
    const struct psim_op_keys *keys = &part->op->keys;
    const uint64_t elements = part->u.stream.elements;
    uint64_t lanes = 1, groups = 1;
    for (size_t i = 0; i < keys->block_dim.n; i++) {
        lanes *= keys->block_dim.value[i];
    }
    for (size_t i = 0; i < keys->grid_dim.n; i++) {
        groups *= keys->grid_dim.value[i];
    }
    if (keys->grid_dim.n == 0) groups = psim_ceil_div(elements, lanes);
    const uint64_t each = psim_ceil_div(elements, lanes * groups);
    psim_mappings_add(ret, &(struct psim_mapping){.lanes = (uint32_t)lanes,
                                                  .elements = (uint32_t)each});
}

/** A work-group has no more lanes than its run needs, in whole bundles. */
static void
fit_to_run(const struct psim_view *view, uint64_t run, struct psim_mapping *mapping)
{
    if (run == 0 || mapping->rows != 1 || view->bundle_lanes <= 0) return;
    const uint64_t bundle = (uint64_t)view->bundle_lanes;
    const uint64_t lanes = psim_ceil_div(run, mapping->elements);
    const uint64_t whole = psim_ceil_div(lanes, bundle) * bundle;
    if (whole < mapping->lanes) mapping->lanes = (uint32_t)whole;
}

/** Of copies a library may have several kernels, by size and launch (eq. S5). */
static bool
takes_copy(const struct psim_library_kernel *library, const struct psim_part *part)
{
    const uint64_t bytes = part->u.stream.bytes;
    if (bytes == 0) return true;
    if (library->max_bytes > 0 && (double)bytes > library->max_bytes) return false;
    if (library->align_bytes > 0 && bytes % library->align_bytes != 0) return false;
    return library->launch == 0 || library->launch == 1 + (int)part->launch;
}

/** The first entry that serves the function: a library has one kernel for it. */
static void
library_mappings(const struct psim_hw *hw, const struct psim_part *part,
                 struct psim_mappings *ret)
{
    const struct psim_stream *s = &part->u.stream;
    const struct psim_library_kernel *library = NULL;
    do {
        library = psim_library_next(hw, part, s->in, library);
        if (!library) return;
    } while (!takes_copy(library, part));
    const struct psim_view view = psim_view_of(hw, psim_stream_issuer(hw, s));
    for (size_t i = 0; i < library->n_tiles; i++) {
        const struct psim_menu_tile *tile = &library->tiles[i];
        const uint64_t most = tile->max_cols > 0 ? tile->max_cols : tile->taps;
        if (s->size > 0 && most > 0 && s->size > most) continue;
        struct psim_mapping mapping = psim_library_mapping(hw, library, tile);
        if (mapping.elements == 0) mapping.elements = 1;
        if (mapping.lanes == 0) mapping.lanes = psim_view_usual_lanes(&view);
        mapping.n = (uint32_t)tile->n;
        mapping.k = (uint32_t)tile->k;
        fit_to_run(&view, s->run, &mapping);
        psim_mappings_add(ret, &mapping);
        if (s->size > 0) return;
    }
}

static void
team_mappings(const struct psim_view *view, const struct psim_part *part,
              struct psim_mappings *ret)
{
    static const uint32_t lanes[] = {128, 256, 512, 1024};
    static const uint32_t bytes[] = {16, 32, 64};
    const uint32_t elem = psim_stream_in_bytes(&part->u.stream);
    for (size_t l = 0; l < PSIM_COUNT(lanes); l++) {
        if (lanes[l] > view->team_lanes) break;
        for (size_t e = 0; e < PSIM_COUNT(bytes); e++) {
            const struct psim_mapping mapping = {
                .lanes = lanes[l],
                .elements = bytes[e] > elem ? bytes[e] / elem : 1,
            };
            psim_mappings_add(ret, &mapping);
        }
    }
}

/** Through a scratchpad: the larger a copy, the fewer latencies, the later the start.
 */
static void
staged_mappings(const struct psim_view *view, const struct psim_part *part,
                struct psim_mappings *ret)
{
    const struct psim_stream *s = &part->u.stream;
    struct psim_access access;
    if (!psim_access_find(view, &access) || access.local < 0) return;
    const double bytes = view->hw->memories[access.local].bytes;
    const uint64_t fit =
        (uint64_t)((bytes > 0 ? bytes : 1 << 20) / psim_stream_staged_bytes(s));
    const uint64_t width = psim_stream_width(s, view);
    for (uint64_t part_of = 1; part_of <= 256; part_of *= 4) {
        const uint64_t elements = fit / part_of / width * width;
        if (elements == 0) break;
        const struct psim_mapping mapping = {.elements = (uint32_t)elements};
        psim_mappings_add(ret, &mapping);
    }
}

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    const struct psim_stream *s = &part->u.stream;
    struct psim_ability abilities[8];
    size_t missing = 0;
    if (!psim_stream_work(hw, s, abilities, &missing)) {
        (void)psim_lacks(diag, hw, part, s->work[missing].does, s->dtype, part->op->at);
        return;
    }
    if (part->op->keys.block_dim.n > 0) {
        user_mapping(part, ret);
        return;
    }
    library_mappings(hw, part, ret);
    if (ret->n > 0) return;
    const struct psim_view view = psim_view_of(hw, psim_stream_issuer(hw, s));
    if (view.team >= 0) {
        team_mappings(&view, part, ret);
        return;
    }
    staged_mappings(&view, part, ret);
    if (ret->n == 0) psim_mappings_add(ret, &(struct psim_mapping){.elements = 1});
}

const struct psim_program psim_program_stream = {
    .name = "stream",
    .doc = "each element once: load, compute, store",
    .asks = PSIM_ASKS_GRID,
    .mappings = mappings,
    .build = psim_stream_build,
};
