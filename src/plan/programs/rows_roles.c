/* SPDX-License-Identifier: MIT */
/** @file rows: tensors of a kernel, and what its roles do, step by step (eq. P7). */
#include <math.h>

#include "plan/programs/rows_work.h"
#include "util/arena.h"
#include "util/whole.h"

/** Tiles of one matrix: [0] of whole turns, [1] of what is left. */
static void
add_matrix(struct psim_rows_work *w, const char *name, const uint64_t extent[2],
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
cut_row(struct psim_rows_work *w, uint64_t cols)
{
    const uint64_t chunk = (uint64_t)w->chunk, turns = cols / chunk;
    w->rest = cols % chunk;
    w->flat_turns = turns;
    w->turns = w->tail = PSIM_NONE;
    if (w->map->split <= 1 || turns < w->map->split) return PSIM_NONE;
    w->flat_turns = psim_ceil_div(turns, w->map->split);
    const uint64_t parts = psim_ceil_div(turns, w->flat_turns);
    const uint8_t axis = psim_add_axis(w->b, "s", parts);
    psim_add_level(w->b, axis, 0, false);
    w->turns = psim_add_edge(w->b, "turns", axis, w->flat_turns,
                             turns - (parts - 1) * w->flat_turns);
    if (w->rest > 0) w->tail = psim_add_edge(w->b, "once", axis, 0, 1);
    return axis;
}

uint8_t
psim_rows_tensors(struct psim_rows_work *w, uint8_t rows_axis)
{
    const struct psim_rows *r = &w->part->u.rows;
    const uint8_t parts_axis = cut_row(w, r->cols);
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
    if (w->recipe->vectors == 0) return parts_axis;
    add_matrix(w, "weights", weights, PSIM_NONE, parts_axis, w->vec);
    psim_add_use(w->b, w->b->tiles[w->vec[0]].tensor,
                 (double)(weights[0] * weights[1]) * w->elem, 0)
        ->constant = true;
    return parts_axis;
}

/* --- steps ----------------------------------------------------------------- */

static struct psim_amount
of_rows(const struct psim_rows_work *w, double each)
{
    return psim_amount_of(each, w->rows, PSIM_NONE);
}

/** Types narrower than the sums are widened, and narrowed at the end. */
static double
converts(const struct psim_rows_work *w)
{
    const enum psim_dtype dtype = w->part->u.rows.dtype;
    return psim_dtype_of_sums(dtype) != dtype;
}

static void
work(struct psim_rows_work *w, const struct psim_pass *pass, double n,
     const struct psim_element_work *beside)
{
    if (w->share == PSIM_ROWS_LOADS) return;
    struct psim_times list[PSIM_COUNT(pass->work) + 1];
    size_t i = 0;
    for (; i < PSIM_COUNT(pass->work); i++) {
        if (pass->work[i].does == PSIM_DOES_NOTHING_KNOWN) break;
        list[i] = pass->work[i];
    }
    list[i] = (struct psim_times){PSIM_DOES_NOTHING_KNOWN, 0};
    const struct psim_element_work all = {
        .work = list,
        .dtype = w->part->u.rows.dtype,
        .share = 1,
        .converts = beside->converts,
        .instructions = beside->instructions,
    };
    psim_add_element_work(w->b, &all, of_rows(w, n));
}

static void
load_tile(struct psim_rows_work *w, uint8_t tile, double bytes, bool stream)
{
    struct psim_step *step = psim_add_do(w->b, w->load, of_rows(w, bytes));
    step->flags = stream ? PSIM_ASYNC | PSIM_STREAM : PSIM_ASYNC;
    step->channel = w->channel;
    step->tile = tile;
}

/** @param last  the pass that needs the weights too */
static void
load(struct psim_rows_work *w, int tail, double n, bool stream, bool last)
{
    const double weights = last ? n * w->recipe->vectors * w->elem : 0;
    if (w->share != PSIM_ROWS_BUT_LOADS) {
        psim_add_on(w->b, PSIM_STEP_RESERVE, w->channel);
        load_tile(w, w->in[tail], n * w->elem, stream);
        if (weights > 0) load_tile(w, w->vec[tail], weights, false);
        psim_add_on(w->b, PSIM_STEP_COMMIT, w->channel);
    }
    if (w->share == PSIM_ROWS_LOADS) return;
    psim_add_on(w->b, PSIM_STEP_WAIT, w->channel);
    psim_add_beside(w->b, w->fetch, of_rows(w, n * w->elem + weights));
}

static void
release(struct psim_rows_work *w)
{
    if (w->share != PSIM_ROWS_LOADS) psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
}

/** Between passes over a row that lies in a scratchpad: it goes there and back. */
static void
go_round(struct psim_rows_work *w, double n)
{
    if (w->held || w->share == PSIM_ROWS_LOADS) return;
    psim_add_beside(w->b, w->put, of_rows(w, n * w->elem));
    psim_add_beside(w->b, w->fetch, of_rows(w, n * w->elem));
}

static void
store(struct psim_rows_work *w, int tail, double n)
{
    if (w->share == PSIM_ROWS_LOADS) return;
    psim_add_beside(w->b, w->put, of_rows(w, n * w->elem));
    struct psim_step *step = psim_add_do(w->b, w->store, of_rows(w, n * w->elem));
    step->flags = PSIM_POSTED | PSIM_STORE;
    /* What is written takes the place of rows that are still to be read again. */
    if (w->once || w->recipe->one_out) step->flags |= PSIM_STREAM;
    step->tile = w->out[tail];
}

/** Lanes of a row meet: a barrier, where there is one. */
static void
meet(struct psim_rows_work *w)
{
    const struct psim_view *view = &w->b->view;
    if (view->team < 0 || w->share == PSIM_ROWS_LOADS) return;
    const double barrier_s = view->hw->groups[view->team].barrier_s;
    if (barrier_s <= 0 || (double)w->map->lanes / w->map->rows <= view->bundle_lanes) {
        return;
    }
    (void)psim_add_do(w->b, psim_act_delay(w->b, "barrier", barrier_s, view->team),
                      psim_amount_flat(1));
}

/** Instructions beside the recipe's, as counted in a library's kernel. */
static void
other_instructions(struct psim_rows_work *w, double n, double each)
{
    if (each <= 0 || n <= 0 || w->share == PSIM_ROWS_LOADS) return;
    (void)psim_add_do(w->b, psim_act_issue(w->b, each), of_rows(w, n));
}

static void
build_once(struct psim_rows_work *w)
{
    const struct psim_recipe *recipe = w->recipe;
    const double cols = (double)w->part->u.rows.cols;
    load(w, 0, cols, true, true);
    for (size_t p = 0; p < recipe->n_passes; p++) {
        const bool first = p == 0, last = p + 1 == recipe->n_passes;
        const struct psim_element_work beside = {
            .converts = converts(w) * (first + (last && !recipe->one_out)),
            .instructions = first ? w->map->instructions : 0,
        };
        work(w, &recipe->once[p], cols, &beside);
        if (first) other_instructions(w, 1, w->map->padding);
        if (p + 1 < recipe->n_passes) go_round(w, cols);
        if (p + 1 < recipe->n_passes || recipe->one_out) meet(w);
    }
    if (!recipe->one_out) store(w, 0, cols);
    release(w);
}

/** One pass over a row: whole turns, then the columns that are left. */
static void
build_pass(struct psim_rows_work *w, size_t p)
{
    const struct psim_recipe *recipe = w->recipe;
    const bool last = p + 1 == recipe->n_passes;
    const bool stream = recipe->n_passes == 1;
    for (int tail = 0; tail < (w->rest > 0 ? 2 : 1); tail++) {
        const double n = tail ? (double)w->rest : w->chunk;
        const uint8_t trips = tail ? w->tail : w->turns;
        const double flat = tail ? 1 : (double)w->flat_turns;
        if (trips == PSIM_NONE && flat <= 0) continue;
        psim_add_loop(w->b, trips == PSIM_NONE ? psim_amount_flat(flat)
                                               : psim_amount_of(1, trips, PSIM_NONE));
        load(w, tail, n, stream, last);
        const struct psim_element_work beside = {
            .converts = converts(w) * (1 + (last && !recipe->one_out)),
            .instructions = w->map->instructions / (double)recipe->n_passes,
        };
        work(w, &recipe->again[p], n, &beside);
        if (last && !recipe->one_out) store(w, tail, n);
        release(w);
        psim_add_end(w->b);
    }
    if (!last || recipe->one_out) meet(w);
}

/** The sum of a part; who ends last sees all parts written, and adds them. */
static void
add_up(struct psim_rows_work *w, bool split)
{
    if (w->share == PSIM_ROWS_LOADS) return;
    store(w, 0, 1);
    if (!split) return;
    w->b->steps[w->b->kernel->n_steps - 1].flags &= (uint8_t)~PSIM_POSTED;
    struct psim_step *step = psim_add_do(w->b, w->load, of_rows(w, w->elem));
    step->tile = w->out[0];
}

/**
 * What a lane does beside its elements: before them its place is found, behind them
 * lanes exchange what they have, each step waiting for the one before.
 */
static void
beside_elements(struct psim_rows_work *w)
{
    const struct psim_mapping *m = w->map;
    const double lanes = (double)m->lanes / m->rows;
    const double each = m->elements > 0 ? m->elements : 1;
    const double work = fmin(lanes, ceil((double)w->part->u.rows.cols / each));
    const double usual_s = w->b->pace_s;
    if (m->fixed_pace_cycles > 0) {
        w->b->pace_s =
            m->fixed_pace_cycles / w->b->hw->groups[w->b->view.unit].clock_hz;
    }
    other_instructions(w, lanes, (m->fixed * work + m->idle * (lanes - work)) / lanes);
    w->b->pace_s = usual_s;
}

void
psim_rows_role(struct psim_rows_work *w, enum psim_rows_share share, bool split)
{
    w->share = share;
    psim_add_role(w->b, share == PSIM_ROWS_LOADS ? "load" : "lanes", 1);
    beside_elements(w);
    if (w->once) build_once(w);
    for (size_t p = 0; p < w->recipe->n_passes && !w->once; p++) {
        build_pass(w, p);
    }
    if (w->recipe->one_out) add_up(w, split);
    psim_add_stop(w->b);
}
