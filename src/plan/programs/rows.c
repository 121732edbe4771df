/* SPDX-License-Identifier: MIT */
/** @file rows: softmax over the columns of each row, in registers or in passes. */
#include <math.h>

#include "plan/lower.h"
#include "util/arena.h"
#include "util/whole.h"

enum { MOST_ELEMENTS = 64 /* of a lane in registers: a quarter of the usual file */ };

/** The lane operations of one element, in the order of a program. */
static const enum psim_primitive needed[] = {
    PSIM_DOES_MAX, PSIM_DOES_FMA, PSIM_DOES_EXP2, PSIM_DOES_ADD, PSIM_DOES_MUL};

static int
issuer_of(const struct psim_hw *hw, enum psim_dtype dtype)
{
    return psim_find_vector(hw, PSIM_DOES_EXP2, dtype).op->group;
}

static void
library_mappings(const struct psim_hw *hw, const struct psim_part *part,
                 struct psim_mappings *ret)
{
    const struct psim_rows *r = &part->u.rows;
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, r->dtype, NULL);
    for (size_t i = 0; library && i < library->n_tiles; i++) {
        const struct psim_menu_tile *tile = &library->tiles[i];
        if (tile->max_cols > 0 && r->cols > tile->max_cols) continue;
        /* A library takes its first variant that holds the row. */
        struct psim_mapping mapping = psim_library_mapping(hw, library, tile);
        if (mapping.rows == 0) mapping.rows = 1;
        psim_mappings_add(ret, &mapping);
        return;
    }
}

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    static const struct {
        uint32_t rows, lanes;
    } own[] = {{4, 128}, {1, 128}, {1, 256}, {1, 512}, {1, 1024}};
    const struct psim_rows *r = &part->u.rows;
    for (size_t i = 0; i < PSIM_COUNT(needed); i++) {
        if (!psim_find_vector(hw, needed[i], r->dtype).op) {
            (void)psim_lacks(diag, hw, part, needed[i], r->dtype, part->op->at);
            return;
        }
    }
    library_mappings(hw, part, ret);
    if (ret->n > 0) return;
    const struct psim_view view = psim_view_of(hw, issuer_of(hw, r->dtype));
    if (view.team < 0) {
        psim_mappings_add(
            ret, &(struct psim_mapping){.rows = 1, .lanes = (uint32_t)view.lanes});
        return;
    }
    for (size_t i = 0; i < PSIM_COUNT(own); i++) {
        if (own[i].lanes > view.team_lanes) break;
        const double each = (double)r->cols * own[i].rows / own[i].lanes;
        if (each > MOST_ELEMENTS && i + 1 < PSIM_COUNT(own)) continue;
        const uint32_t held = each <= MOST_ELEMENTS ? (uint32_t)ceil(each) : 8;
        psim_mappings_add(ret, &(struct psim_mapping){.rows = own[i].rows,
                                                      .lanes = own[i].lanes,
                                                      .registers = 24 + held});
    }
}

/** What the steps of one kernel share. */
struct rows_build {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_mapping *map;
    uint8_t param; /**< rows of a work-group */
    uint8_t channel, load, store, tile_in, tile_out;
    uint8_t tiles_in[2], tiles_out[2];
    double chunk; /**< elements of a row in one turn */
    double elem;
};

static void
work(struct rows_build *w, enum psim_primitive does, double times)
{
    const struct psim_ability ability =
        psim_find_vector(w->b->hw, does, w->part->u.rows.dtype);
    (void)psim_add_do(w->b, psim_act_vector(w->b, &ability),
                      psim_amount_of(w->chunk * times, w->param, PSIM_NONE));
}

static void
load(struct rows_build *w, bool again)
{
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->channel);
    struct psim_step *step = psim_add_do(
        w->b, w->load, psim_amount_of(w->chunk * w->elem, w->param, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    if (!again) step->flags |= PSIM_STREAM;
    step->channel = w->channel;
    step->tile = w->tile_in;
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->channel);
    psim_add_on(w->b, PSIM_STEP_WAIT, w->channel);
}

static void
store(struct rows_build *w)
{
    struct psim_step *step = psim_add_do(
        w->b, w->store, psim_amount_of(w->chunk * w->elem, w->param, PSIM_NONE));
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->tile_out;
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
}

/** Lanes of a row meet: a barrier, where there is one. */
static void
meet(struct rows_build *w)
{
    const struct psim_view *view = &w->b->view;
    if (view->team < 0) return;
    const double barrier_s = view->hw->groups[view->team].barrier_s;
    if (barrier_s <= 0 || (double)w->map->lanes / w->map->rows <= view->bundle_lanes)
        return;
    (void)psim_add_do(w->b, psim_act_delay(w->b, "barrier", barrier_s),
                      psim_amount_flat(1));
}

static void
extra(struct rows_build *w, double share)
{
    if (w->map->instructions <= 0) return;
    (void)psim_add_do(
        w->b, psim_act_issue(w->b, "other_instructions"),
        psim_amount_of(w->chunk * w->map->instructions * share, w->param, PSIM_NONE));
}

/** Types narrower than the sums are widened, and narrowed at the end. */
static void
convert(struct rows_build *w, double times)
{
    const enum psim_dtype dtype = w->part->u.rows.dtype;
    if (psim_dtype_of_sums(dtype) == dtype) return;
    work(w, PSIM_DOES_CONVERT, times);
}

static void
build_once(struct rows_build *w)
{
    load(w, false);
    convert(w, 1);
    work(w, PSIM_DOES_MAX, 1);
    meet(w);
    work(w, PSIM_DOES_FMA, 1);
    work(w, PSIM_DOES_EXP2, 1);
    work(w, PSIM_DOES_ADD, 1);
    extra(w, 1);
    meet(w);
    work(w, PSIM_DOES_MUL, 1);
    convert(w, 1);
    store(w);
}

/** What one turn of a pass does, after its load and before its end. */
static void
pass_maximum(struct rows_build *w)
{
    work(w, PSIM_DOES_MAX, 1);
    extra(w, 1.0 / 3);
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
}

static void
pass_sum(struct rows_build *w)
{
    work(w, PSIM_DOES_FMA, 1);
    work(w, PSIM_DOES_EXP2, 1);
    work(w, PSIM_DOES_ADD, 1);
    extra(w, 1.0 / 3);
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
}

static void
pass_quotient(struct rows_build *w)
{
    work(w, PSIM_DOES_FMA, 1);
    work(w, PSIM_DOES_EXP2, 1);
    work(w, PSIM_DOES_MUL, 1);
    convert(w, 1);
    extra(w, 1.0 / 3);
    store(w);
}

/** The row in turns, three times; the last turn may be shorter. */
static void
build_passes(struct rows_build *w)
{
    static void (*const passes[])(struct rows_build *) = {pass_maximum, pass_sum,
                                                          pass_quotient};
    const double cols = (double)w->part->u.rows.cols, chunk = w->chunk;
    const double turns = floor(cols / chunk), rest = cols - turns * chunk;
    for (size_t p = 0; p < PSIM_COUNT(passes); p++) {
        for (int last = 0; last < (rest > 0 ? 2 : 1); last++) {
            w->chunk = last ? rest : chunk;
            w->tile_in = w->tiles_in[last];
            w->tile_out = w->tiles_out[last];
            psim_add_loop(w->b, psim_amount_flat(last ? 1 : turns));
            load(w, true);
            convert(w, 1);
            passes[p](w);
            psim_add_end(w->b);
        }
        if (p + 1 < PSIM_COUNT(passes)) meet(w);
    }
    w->chunk = chunk;
}

/** Tiles of one matrix: [0] of the turns, [1] of a shorter last one. */
static void
add_matrix(struct rows_build *w, const char *name, uint8_t axis, uint8_t ret_tiles[2])
{
    const struct psim_rows *r = &w->part->u.rows;
    const uint64_t chunk = (uint64_t)w->chunk, rest = r->cols % chunk;
    const uint64_t extent[] = {r->rows, r->cols};
    const uint64_t block[] = {w->map->rows, chunk};
    const uint8_t tensor =
        psim_build_tensor(w->b, name, (uint32_t)w->elem, extent, block, 2);
    for (int last = 0; last < (rest > 0 ? 2 : 1); last++) {
        ret_tiles[last] = psim_add_tile(
            w->b, last ? psim_arena_printf(w->b->arena, "%s_rest", name) : name,
            tensor);
        struct psim_box_dim *rows = psim_tile_dim(w->b, ret_tiles[last], 0);
        rows->axis = axis;
        rows->a = w->map->rows;
        rows->size = w->map->rows;
        struct psim_box_dim *cols = psim_tile_dim(w->b, ret_tiles[last], 1);
        cols->size = (int64_t)(last ? rest : chunk);
        if (last) cols->offset = (int64_t)(r->cols - rest);
        if (!last && chunk < r->cols) cols->step[0] = (int64_t)chunk;
    }
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_rows *r = &part->u.rows;
    const struct psim_hw *hw = b->hw;
    struct rows_build w = {
        .b = b, .part = part, .map = mapping, .elem = psim_dtype_bytes(r->dtype)};
    psim_build_view_from(b, issuer_of(hw, r->dtype), mapping->pace_cycles);
    b->gang_lanes = mapping->lanes;
    const double each = (double)r->cols * mapping->rows / mapping->lanes;
    const bool once = mapping->passes > 0 ? mapping->passes == 1
                      : b->view.team < 0  ? r->cols <= MOST_ELEMENTS
                                          : each <= MOST_ELEMENTS;
    const double most = b->view.team < 0 ? 1024 : (double)mapping->lanes * 8;
    w.chunk = once || (double)r->cols < most ? (double)r->cols : most;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = r->flop;
    const uint64_t groups = psim_ceil_div(r->rows, mapping->rows);
    const uint8_t axis = psim_add_axis(b, "r", groups);
    psim_add_level(b, axis, 0, false);
    w.param = psim_add_edge(b, "rows", axis, mapping->rows,
                            r->rows - (groups - 1) * mapping->rows);
    add_matrix(&w, "in", axis, w.tiles_in);
    add_matrix(&w, "out", axis, w.tiles_out);
    w.tile_in = w.tiles_in[0];
    w.tile_out = w.tiles_out[0];
    const double bytes = (double)r->rows * (double)r->cols * w.elem;
    psim_add_use(b, b->tiles[w.tile_in].tensor, bytes, 0);
    psim_add_use(b, b->tiles[w.tile_out].tensor, 0, bytes);
    w.channel = psim_add_channel(b, "row", once ? 1 : 2, 0);
    const int memory = hw->main_memory, registers = psim_hw_memory(hw, "registers");
    w.load = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, memory, registers, false), memory, -1,
                               w.elem, true});
    w.store = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, registers, memory, false), -1, memory,
                               w.elem, true});
    psim_add_role(b, "lanes", 1);
    if (once) {
        build_once(&w);
    } else {
        build_passes(&w);
    }
    psim_add_stop(b);
    k->start_act = psim_act_start(b, 0);
    const struct psim_need need = {
        .lanes = mapping->lanes, .registers = mapping->registers, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, mapping->resident);
}

const struct psim_program psim_program_rows = {
    .name = "rows",
    .doc = "softmax of rows: in registers, or in three passes over memory",
    .mappings = mappings,
    .build = build,
};
