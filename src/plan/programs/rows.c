/* SPDX-License-Identifier: MIT */
/** @file rows: each row, in registers or in passes (docs/MODEL.md, eq. P7). */
#include <math.h>

#include "plan/lower.h"
#include "util/arena.h"
#include "util/whole.h"

enum {
    MOST_ELEMENTS = 64,  /**< of a lane in registers: a quarter of the usual file */
    TURN_ELEMENTS = 8,   /**< of a lane in one turn of a pass */
    SPLIT_ELEMENTS = 16, /**< of a lane at least, before a row is split */
};

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
        psim_mappings_add(
            ret, &(struct psim_mapping){.rows = 1, .lanes = (uint32_t)view.lanes});
        return;
    }
    for (size_t i = 0; i < PSIM_COUNT(own); i++) {
        if (own[i].lanes > view.team_lanes) break;
        const double each = (double)r->cols * own[i].rows / own[i].lanes;
        if (each > MOST_ELEMENTS && i + 1 < PSIM_COUNT(own)) continue;
        const uint32_t held =
            each <= MOST_ELEMENTS ? (uint32_t)ceil(each) : TURN_ELEMENTS;
        struct psim_mapping mapping = {
            .rows = own[i].rows, .lanes = own[i].lanes, .registers = 24 + held};
        mapping.split = parts_of_row(hw, r, &mapping, SPLIT_ELEMENTS, 0);
        psim_mappings_add(ret, &mapping);
    }
}

/** What the steps of one kernel share. */
struct rows_build {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_recipe *recipe;
    const struct psim_mapping *map;
    uint8_t rows;              /**< parameter: rows of a work-group */
    uint8_t turns, once;       /**< parameters: of a part; PSIM_NONE: flat_turns, 1 */
    uint64_t flat_turns, rest; /**< whole turns of a row; columns of a last one */
    uint8_t channel, load, store;
    uint8_t in[2], out[2], vec[2]; /**< tiles: of a whole turn, of the last one */
    double chunk;                  /**< elements of a row in one turn */
    double elem;
};

static struct psim_amount
of_rows(const struct rows_build *w, double each)
{
    return psim_amount_of(each, w->rows, PSIM_NONE);
}

static void
work(struct rows_build *w, const struct psim_pass *pass, double n)
{
    for (size_t i = 0; i < PSIM_COUNT(pass->work); i++) {
        if (pass->work[i].does == PSIM_DOES_NOTHING_KNOWN) break;
        (void)psim_add_work(w->b, pass->work[i].does, w->part->u.rows.dtype,
                            of_rows(w, n), pass->work[i].times);
    }
}

/** Types narrower than the sums are widened, and narrowed at the end. */
static void
convert(struct rows_build *w, double n)
{
    static const struct psim_pass conversion = {{{PSIM_DOES_CONVERT, 1}}};
    const enum psim_dtype dtype = w->part->u.rows.dtype;
    if (psim_dtype_of_sums(dtype) != dtype) work(w, &conversion, n);
}

static void
load_tile(struct rows_build *w, uint8_t tile, double bytes, bool stream)
{
    struct psim_step *step = psim_add_do(w->b, w->load, of_rows(w, bytes));
    step->flags = stream ? PSIM_ASYNC | PSIM_STREAM : PSIM_ASYNC;
    step->channel = w->channel;
    step->tile = tile;
}

/** @param last  the pass that needs the weights too */
static void
load(struct rows_build *w, int tail, double n, bool stream, bool last)
{
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->channel);
    load_tile(w, w->in[tail], n * w->elem, stream);
    if (last && w->recipe->vectors > 0) {
        load_tile(w, w->vec[tail], n * w->recipe->vectors * w->elem, false);
    }
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->channel);
    psim_add_on(w->b, PSIM_STEP_WAIT, w->channel);
    convert(w, n);
}

static void
store(struct rows_build *w, int tail, double n)
{
    struct psim_step *step = psim_add_do(w->b, w->store, of_rows(w, n * w->elem));
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->out[tail];
}

/** Lanes of a row meet: a barrier, where there is one. */
static void
meet(struct rows_build *w)
{
    const struct psim_view *view = &w->b->view;
    if (view->team < 0) return;
    const double barrier_s = view->hw->groups[view->team].barrier_s;
    if (barrier_s <= 0 || (double)w->map->lanes / w->map->rows <= view->bundle_lanes) {
        return;
    }
    (void)psim_add_do(w->b, psim_act_delay(w->b, "barrier", barrier_s),
                      psim_amount_flat(1));
}

/** Instructions beside the recipe's, as counted in a library's kernel. */
static void
other_instructions(struct rows_build *w, double n, double each)
{
    if (each <= 0 || n <= 0) return;
    (void)psim_add_do(w->b, psim_act_issue(w->b, each), of_rows(w, n));
}

static void
build_once(struct rows_build *w)
{
    const struct psim_recipe *recipe = w->recipe;
    const double cols = (double)w->part->u.rows.cols;
    load(w, 0, cols, true, true);
    for (size_t p = 0; p < recipe->n_passes; p++) {
        work(w, &recipe->once[p], cols);
        if (p == 0) other_instructions(w, cols, w->map->instructions);
        if (p + 1 < recipe->n_passes || recipe->one_out) meet(w);
    }
    if (!recipe->one_out) {
        convert(w, cols);
        store(w, 0, cols);
    }
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
}

/** One pass over a row: whole turns, then the columns that are left. */
static void
build_pass(struct rows_build *w, size_t p)
{
    const struct psim_recipe *recipe = w->recipe;
    const bool last = p + 1 == recipe->n_passes;
    const bool stream = recipe->n_passes == 1;
    for (int tail = 0; tail < (w->rest > 0 ? 2 : 1); tail++) {
        const double n = tail ? (double)w->rest : w->chunk;
        const uint8_t trips = tail ? w->once : w->turns;
        const double flat = tail ? 1 : (double)w->flat_turns;
        if (trips == PSIM_NONE && flat <= 0) continue;
        psim_add_loop(w->b, trips == PSIM_NONE ? psim_amount_flat(flat)
                                               : psim_amount_of(1, trips, PSIM_NONE));
        load(w, tail, n, stream, last);
        work(w, &recipe->again[p], n);
        other_instructions(w, n, w->map->instructions / (double)recipe->n_passes);
        if (last && !recipe->one_out) {
            convert(w, n);
            store(w, tail, n);
        }
        psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
        psim_add_end(w->b);
    }
    if (!last || recipe->one_out) meet(w);
}

/** The sum of a part; who ends last sees all parts written, and adds them. */
static void
add_up(struct rows_build *w, bool split)
{
    store(w, 0, 1);
    if (!split) return;
    w->b->steps[w->b->kernel->n_steps - 1].flags &= (uint8_t)~PSIM_POSTED;
    struct psim_step *step = psim_add_do(w->b, w->load, of_rows(w, w->elem));
    step->tile = w->out[0];
}

/** Tiles of one matrix: [0] of whole turns, [1] of what is left. */
static void
add_matrix(struct rows_build *w, const char *name, const uint64_t extent[2],
           uint8_t rows_axis, uint8_t parts_axis, uint8_t ret_tiles[2])
{
    const bool narrow = extent[1] == 1 && w->recipe->one_out;
    const uint64_t width = narrow ? 1 : (uint64_t)w->chunk;
    const bool walked = rows_axis != PSIM_NONE && extent[0] > 1;
    const uint64_t height = walked ? w->map->rows : extent[0];
    const uint64_t block[] = {height, width};
    const uint8_t tensor =
        psim_build_tensor(w->b, name, (uint32_t)w->elem, extent, block, 2);
    for (int tail = 0; tail < (w->rest > 0 && !narrow ? 2 : 1); tail++) {
        ret_tiles[tail] = psim_add_tile(
            w->b, tail ? psim_arena_printf(w->b->arena, "%s_rest", name) : name,
            tensor);
        struct psim_box_dim *rows = psim_tile_dim(w->b, ret_tiles[tail], 0);
        rows->axis = walked ? rows_axis : PSIM_NONE;
        rows->a = walked ? w->map->rows : 0;
        rows->size = (int64_t)height;
        struct psim_box_dim *cols = psim_tile_dim(w->b, ret_tiles[tail], 1);
        cols->size = (int64_t)(tail ? w->rest : width);
        if (narrow) continue;
        if (tail) {
            cols->offset = (int64_t)(extent[1] - w->rest);
        } else {
            if (width < extent[1]) cols->step[0] = (int64_t)width;
            if (parts_axis != PSIM_NONE) {
                cols->axis = parts_axis;
                cols->a = (int64_t)(w->flat_turns * width);
            }
        }
    }
}

/** How a row is cut: whole turns of a part, and what is left for the last one. */
static uint8_t
cut_row(struct rows_build *w, uint64_t cols)
{
    const uint64_t chunk = (uint64_t)w->chunk, turns = cols / chunk;
    w->rest = cols % chunk;
    w->flat_turns = turns;
    w->turns = w->once = PSIM_NONE;
    if (w->map->split <= 1 || turns < w->map->split) return PSIM_NONE;
    w->flat_turns = psim_ceil_div(turns, w->map->split);
    const uint64_t parts = psim_ceil_div(turns, w->flat_turns);
    const uint8_t axis = psim_add_axis(w->b, "s", parts);
    psim_add_level(w->b, axis, 0, false);
    w->turns = psim_add_edge(w->b, "turns", axis, w->flat_turns,
                             turns - (parts - 1) * w->flat_turns);
    if (w->rest > 0) w->once = psim_add_edge(w->b, "once", axis, 0, 1);
    return axis;
}

static void
add_tensors(struct rows_build *w, uint8_t rows_axis, uint8_t parts_axis)
{
    const struct psim_rows *r = &w->part->u.rows;
    const uint64_t whole[] = {r->rows, r->cols};
    const uint64_t results[] = {r->rows, 1};
    const uint64_t weights[] = {w->recipe->vectors, r->cols};
    add_matrix(w, "in", whole, rows_axis, parts_axis, w->in);
    add_matrix(w, "out", w->recipe->one_out ? results : whole, rows_axis, PSIM_NONE,
               w->out);
    const double bytes = (double)r->rows * (double)r->cols * w->elem;
    psim_add_use(w->b, w->b->tiles[w->in[0]].tensor, bytes, 0);
    psim_add_use(w->b, w->b->tiles[w->out[0]].tensor, 0,
                 w->recipe->one_out ? (double)r->rows * w->elem : bytes);
    if (w->recipe->vectors == 0) return;
    add_matrix(w, "weights", weights, PSIM_NONE, parts_axis, w->vec);
    psim_add_use(w->b, w->b->tiles[w->vec[0]].tensor,
                 (double)(weights[0] * weights[1]) * w->elem, 0);
}

/** Whether a row is read once and stays in registers, rather than turn by turn. */
static bool
in_one_go(const struct rows_build *w)
{
    const struct psim_mapping *m = w->map;
    const uint64_t cols = w->part->u.rows.cols;
    if (m->split > 1) return false;
    if (w->b->view.team < 0) return cols <= MOST_ELEMENTS;
    const double each = (double)cols * m->rows / m->lanes;
    /* A single pass keeps nothing: its turns are as long as the library's are. */
    if (w->recipe->n_passes == 1 && m->elements > 0) return each <= m->elements;
    return m->passes > 0 ? m->passes == 1 : each <= MOST_ELEMENTS;
}

/** Columns of one turn: what a lane holds at a time, of as many lanes as a row has. */
static double
turn_columns(const struct rows_build *w, bool once)
{
    const struct psim_mapping *m = w->map;
    const double cols = (double)w->part->u.rows.cols;
    if (once) return cols;
    const double each = m->elements > 0 ? m->elements : TURN_ELEMENTS;
    const double most =
        w->b->view.team < 0 ? 1024 : fmax(1, floor((double)m->lanes / m->rows)) * each;
    return fmin(cols, most);
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_rows *r = &part->u.rows;
    const struct psim_hw *hw = b->hw;
    struct rows_build w = {.b = b,
                           .part = part,
                           .recipe = r->recipe,
                           .map = mapping,
                           .elem = psim_dtype_bytes(r->dtype)};
    psim_build_view_from(b, issuer_of(hw, r), mapping->pace_cycles);
    b->gang_lanes = mapping->lanes;
    const bool once = in_one_go(&w);
    w.chunk = turn_columns(&w, once);
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = r->flop;
    const uint64_t groups = psim_ceil_div(r->rows, mapping->rows);
    const uint8_t axis = psim_add_axis(b, "r", groups);
    psim_add_level(b, axis, 0, false);
    w.rows = psim_add_edge(b, "rows", axis, mapping->rows,
                           r->rows - (groups - 1) * mapping->rows);
    const uint8_t parts_axis = cut_row(&w, r->cols);
    add_tensors(&w, axis, parts_axis);
    w.channel = psim_add_channel(b, "row", once ? 1 : 2, 0);
    w.load = psim_act_load(b, w.elem, true);
    w.store = psim_act_store(b, w.elem, true);
    psim_add_role(b, "lanes", 1);
    other_instructions(&w, (double)mapping->lanes / mapping->rows, mapping->fixed);
    if (once) build_once(&w);
    for (size_t p = 0; p < r->recipe->n_passes && !once; p++) {
        build_pass(&w, p);
    }
    if (r->recipe->one_out) add_up(&w, parts_axis != PSIM_NONE);
    psim_add_stop(b);
    k->start_act = psim_act_start(b, 0);
    const struct psim_need need = {
        .lanes = mapping->lanes, .registers = mapping->registers, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, mapping->resident);
}

const struct psim_program psim_program_rows = {
    .name = "rows",
    .doc = "each row: in registers, or in passes over memory; long ones split",
    .mappings = mappings,
    .build = build,
};
