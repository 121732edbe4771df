/* SPDX-License-Identifier: MIT */
/** @file rows: each row, in registers or in passes (docs/MODEL.md, eq. P7). */
#include <math.h>

#include "plan/programs/rows_work.h"
#include "util/arena.h"
#include "util/whole.h"

enum { SPLIT_ELEMENTS = 16 /* of a lane at least, before a row is split */ };

/** The first lane operation that the machine lacks; NOTHING_KNOWN: none. */
static enum psim_primitive
missing(const struct psim_hw *hw, const struct psim_rows *r)
{
    for (size_t p = 0; p < r->recipe->n_passes; p++) {
        for (size_t i = 0; i < PSIM_COUNT(r->recipe->again[p].work); i++) {
            const enum psim_primitive does = r->recipe->again[p].work[i].does;
            if (does == PSIM_DOES_NOTHING_KNOWN) break;
            if (!psim_find_vector(hw, does, r->dtype).op) return does;
        }
    }
    return PSIM_DOES_NOTHING_KNOWN;
}

static int
issuer_of(const struct psim_hw *hw, const struct psim_rows *r)
{
    const enum psim_primitive does = r->recipe->again[0].work[0].does;
    return psim_find_vector(hw, does, r->dtype).op->group;
}

/**
 * Parts of a row, where one result leaves so few work-groups that they do not
 * fill the machine, or a lane would take too much.
 */
static uint32_t
parts_of_row(const struct psim_hw *hw, const struct psim_rows *r,
             const struct psim_mapping *m, double least, double most)
{
    if (!r->recipe->one_out || m->rows > 1 || m->lanes == 0) return 1;
    const double each = ceil((double)r->cols / m->lanes);
    if (each < most) return 1;
    const struct psim_view view = psim_view_of(hw, issuer_of(hw, r));
    if (view.team < 0) return 1;
    const struct psim_need need = {
        .lanes = m->lanes, .registers = m->registers, .local = -1};
    const double fit = (double)psim_view_residency(&view, &need).groups;
    double parts =
        fmin(ceil(fit * (double)view.units / (double)r->rows), ceil(each / least));
    if (most > 0) parts = fmax(parts, ceil(each / most));
    return parts > 1 ? (uint32_t)parts : 1;
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
        if (tile->padded.given) {
            mapping.padding = (double)(tile->max_cols - r->cols) * tile->padded.value;
        }
        if (mapping.lanes == 0) {
            const struct psim_view view = psim_view_of(hw, issuer_of(hw, r));
            mapping.lanes = psim_view_usual_lanes(&view);
        }
        if (tile->max_elements > 0) {
            mapping.split = parts_of_row(hw, r, &mapping, SPLIT_ELEMENTS,
                                         (double)tile->max_elements);
        }
        psim_mappings_add(ret, &mapping);
        return;
    }
}

/** Bytes in a scratchpad for one row: two of it, and two of what becomes of it. */
static double
staged_bytes(const struct psim_rows *r)
{
    return 4.0 * (double)r->cols * psim_dtype_bytes(r->dtype);
}

/** Without teams: row by row; through a scratchpad as many at once as fit, or fewer. */
static void
lanes_mappings(const struct psim_view *view, const struct psim_part *part,
               struct psim_mappings *ret)
{
    const struct psim_rows *r = &part->u.rows;
    struct psim_access access;
    double fit = 1;
    if (psim_access_find(view, &access) && access.local >= 0) {
        fit = fmax(view->hw->memories[access.local].bytes / staged_bytes(r), 1);
    }
    for (uint64_t rows = (uint64_t)fmin(fit, (double)r->rows); rows > 0; rows /= 4) {
        const struct psim_mapping mapping = {.rows = (uint32_t)rows,
                                             .lanes = (uint32_t)view->lanes};
        psim_mappings_add(ret, &mapping);
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
    const enum psim_primitive lacking = missing(hw, r);
    if (lacking != PSIM_DOES_NOTHING_KNOWN) {
        (void)psim_lacks(diag, hw, part, lacking, r->dtype, part->op->at);
        return;
    }
    library_mappings(hw, part, ret);
    if (ret->n > 0) return;
    const struct psim_view view = psim_view_of(hw, issuer_of(hw, r));
    if (view.team < 0) {
        lanes_mappings(&view, part, ret);
        return;
    }
    for (size_t i = 0; i < PSIM_COUNT(own); i++) {
        if (own[i].lanes > view.team_lanes) break;
        const double each = (double)r->cols * own[i].rows / own[i].lanes;
        if (each > PSIM_ROWS_MOST && i + 1 < PSIM_COUNT(own)) continue;
        const uint32_t held =
            each <= PSIM_ROWS_MOST ? (uint32_t)ceil(each) : PSIM_ROWS_TURN;
        struct psim_mapping mapping = {
            .rows = own[i].rows, .lanes = own[i].lanes, .registers = 24 + held};
        mapping.split = parts_of_row(hw, r, &mapping, SPLIT_ELEMENTS, 0);
        psim_mappings_add(ret, &mapping);
    }
}

/** Whether a row is read once: registers hold it, or the scratchpad does. */
static bool
reads_once(const struct psim_rows_work *w)
{
    const struct psim_rows *r = &w->part->u.rows;
    const struct psim_view *view = &w->b->view;
    const struct psim_mapping *m = w->map;
    if (m->split > 1) return false;
    if (m->passes > 0) return m->passes == 1;
    if (w->b->access.local >= 0) {
        return staged_bytes(r) <= view->hw->memories[w->b->access.local].bytes;
    }
    if (view->team < 0) return r->cols <= PSIM_ROWS_MOST;
    const double each = (double)r->cols * m->rows / m->lanes;
    /* A single pass keeps nothing: its turns are as long as the library's are. */
    if (r->recipe->n_passes == 1 && m->elements > 0) return each <= m->elements;
    return each <= PSIM_ROWS_MOST;
}

/** Half of what a core looks ahead: elements of the longest pass, and their loads. */
static double
ahead_columns(const struct psim_rows_work *w, uint64_t in_flight)
{
    const struct psim_rows *r = &w->part->u.rows;
    double slots = 1, lanes = 1;
    for (size_t p = 0; p < r->recipe->n_passes; p++) {
        const struct psim_pass *pass = &r->recipe->again[p];
        double more = 1;
        for (size_t i = 0; i < PSIM_COUNT(pass->work); i++) {
            if (pass->work[i].does == PSIM_DOES_NOTHING_KNOWN) break;
            const struct psim_ability ability =
                psim_find_vector(w->b->hw, pass->work[i].does, r->dtype);
            more += ability.op->issue_slots * ability.times * pass->work[i].times;
            lanes = fmax(lanes, ability.op->by[ability.dtype].lanes);
        }
        slots = fmax(slots, more);
    }
    return fmax(floor((double)in_flight / 2 / slots), 1) * lanes;
}

/** Columns of one turn: what a lane holds at a time, of as many lanes as a row has. */
static double
turn_columns(const struct psim_rows_work *w)
{
    enum { USUAL = 1024 };
    const struct psim_mapping *m = w->map;
    const struct psim_view *view = &w->b->view;
    const double cols = (double)w->part->u.rows.cols;
    const uint64_t in_flight = view->hw->groups[view->unit].in_flight;
    if (w->once) return cols;
    const double each = m->elements > 0 ? m->elements : PSIM_ROWS_TURN;
    double most = fmax(1, floor((double)m->lanes / m->rows)) * each;
    if (view->team < 0) most = USUAL;
    if (w->b->access.local >= 0) {
        most = view->hw->memories[w->b->access.local].bytes / (4 * w->elem * m->rows);
    }
    if (view->team < 0 && w->b->access.local < 0 && in_flight > 0) {
        most = ahead_columns(w, in_flight);
    }
    return fmin(cols, floor(most));
}

/** With look-ahead or copies, loads are a role that runs ahead of the others. */
static bool
runs_ahead(const struct psim_rows_work *w)
{
    const struct psim_view *view = &w->b->view;
    if (view->team >= 0) return false;
    return w->b->access.local >= 0 || view->hw->groups[view->unit].in_flight > 0;
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_rows *r = &part->u.rows;
    const struct psim_hw *hw = b->hw;
    struct psim_rows_work w = {
        .b = b,
        .part = part,
        .recipe = r->recipe,
        .map = mapping,
        .elem = psim_dtype_bytes(r->dtype),
    };
    psim_build_view_from(b, issuer_of(hw, r), mapping->pace_cycles);
    b->gang_lanes = mapping->lanes;
    w.once = reads_once(&w);
    w.held = (double)r->cols * 4 <= 0.75 * psim_register_bytes(&b->view);
    w.chunk = turn_columns(&w);
    const bool ahead = runs_ahead(&w);
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = r->flop;
    const uint64_t groups = psim_ceil_div(r->rows, mapping->rows);
    const uint8_t axis = psim_add_axis(b, "r", groups);
    psim_add_level(b, axis, 0, false);
    w.rows = psim_add_edge(b, "rows", axis, mapping->rows,
                           r->rows - (groups - 1) * mapping->rows);
    const bool split = psim_rows_tensors(&w, axis) != PSIM_NONE;
    w.channel = psim_add_channel(b, "row", w.once && !ahead ? 1 : 2, 0);
    w.load = psim_act_load(b, w.elem, true);
    w.store = psim_act_store(b, w.elem, true);
    w.fetch = psim_act_fetch(b, w.elem, true);
    w.put = psim_act_put(b, w.elem, true);
    if (ahead) psim_rows_role(&w, PSIM_ROWS_LOADS, split);
    psim_rows_role(&w, ahead ? PSIM_ROWS_BUT_LOADS : PSIM_ROWS_ALL, split);
    k->start_act = psim_act_start(b, NULL);
    const struct psim_need need = {
        .lanes = mapping->lanes,
        .registers = mapping->registers,
        .local = b->access.local,
        .local_bytes = 4 * w.chunk * mapping->rows * w.elem,
    };
    return psim_build_end(b, &need, ahead ? PSIM_DISPATCH_STRIDE : PSIM_DISPATCH_EACH,
                          mapping->resident);
}

const struct psim_program psim_program_rows = {
    .name = "rows",
    .doc = "each row: in registers, or in passes over memory; long ones split",
    .mappings = mappings,
    .build = build,
};
