/* SPDX-License-Identifier: MIT */
/** @file The steps of the program `stream` (docs/MODEL.md, eq. P8). */
#include <math.h>

#include "plan/programs/stream.h"

#include "util/arena.h"

uint32_t
psim_stream_taps(const struct psim_stream *s, const struct psim_mapping *mapping)
{
    return mapping->k > 0 && mapping->k < s->taps ? mapping->k : 0;
}

static struct psim_amount
amount(const struct psim_stream_pass *pass, double each)
{
    return psim_amount_of((double)pass->elements * each, pass->rest, PSIM_NONE);
}

/** @param times how often each element of the input is asked for */
static void
add_load(const struct psim_stream_steps *w, const struct psim_stream_pass *pass,
         uint32_t input, uint8_t tile, double times)
{
    const struct psim_stream *s = w->s;
    const bool last = input + 1 == s->inputs;
    struct psim_pieces pieces = s->pieces;
    const bool random = last && pieces.pattern == PSIM_RANDOM;
    /* Squares pass through local memory: their rows are whole on both sides. */
    if (pieces.pattern == PSIM_STRIDED && w->map->n > 0) pieces.bytes *= w->map->n;
    /* Neighbours ask for the same elements: a cache has them. */
    const bool meets = s->unfold || (last && s->taps > 1);
    const double elem = psim_stream_in_bytes(s);
    const struct psim_move move = psim_load_move(w->b, elem, true);
    const uint8_t act =
        last ? psim_act_move_pieces(w->b, &move, &pieces) : psim_act_move(w->b, &move);
    struct psim_step *step = psim_add_do(w->b, act, amount(pass, elem * times));
    step->flags = meets || random ? PSIM_ASYNC : PSIM_ASYNC | PSIM_STREAM;
    step->channel = w->channel;
    step->tile = random ? PSIM_NONE : (uint8_t)(pass->tile + tile);
}

static struct psim_amount
amount_of_index(const struct psim_stream *s, const struct psim_stream_pass *pass)
{
    if (pass->rest != PSIM_NONE) return psim_amount_of(1, pass->index, PSIM_NONE);
    return psim_amount_flat((double)psim_stream_index_bytes(s, pass->elements));
}

/** Indices come first: what they point to can be asked for only then. */
static void
load_index(const struct psim_stream_steps *w, const struct psim_stream_pass *pass)
{
    const struct psim_stream *s = w->s;
    if (s->index_bytes <= 0) return;
    const uint8_t act = psim_act_load(w->b, 8, true);
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->index_channel);
    const struct psim_amount bytes = amount_of_index(s, pass);
    struct psim_step *step = psim_add_do(w->b, act, bytes);
    step->flags = PSIM_ASYNC | PSIM_STREAM;
    step->channel = w->index_channel;
    step->tile = (uint8_t)(pass->tile + w->index);
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->index_channel);
    psim_add_on(w->b, PSIM_STEP_WAIT, w->index_channel);
    psim_add_beside(w->b, psim_act_fetch(w->b, 8, true), bytes);
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->index_channel);
}

/** How often an element of an input is asked for. */
static double
reads_of(const struct psim_stream *s, uint32_t input)
{
    return input + 1 == s->inputs && s->taps > 1 ? s->taps : s->reads;
}

static void
add_loads(const struct psim_stream_steps *w, const struct psim_stream_pass *pass)
{
    const struct psim_stream *s = w->s;
    load_index(w, pass);
    if (s->inputs == 0 || w->taps > 0) return;
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->channel);
    for (uint32_t i = 0; i < s->inputs; i++) {
        add_load(w, pass, i, (uint8_t)i, reads_of(s, i));
    }
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->channel);
}

/** Lane operations and other instructions of a share of what an element takes. */
static void
add_operations(const struct psim_stream_steps *w, const struct psim_stream_pass *pass,
               double share)
{
    const struct psim_element_work all = {
        .work = w->s->work,
        .dtype = w->s->dtype,
        .share = share,
        .instructions = w->map->instructions * share,
    };
    psim_add_element_work(w->b, &all, amount(pass, 1));
}

/** Some taps, and what is done with them before the next are asked for. */
static void
add_taps(const struct psim_stream_steps *w, const struct psim_stream_pass *pass,
         uint8_t tile, uint32_t taps)
{
    const double elem = psim_stream_in_bytes(w->s);
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->channel);
    add_load(w, pass, w->s->inputs - 1, tile, taps);
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->channel);
    psim_add_on(w->b, PSIM_STEP_WAIT, w->channel);
    psim_add_beside(w->b, psim_act_fetch(w->b, elem, true), amount(pass, elem * taps));
    add_operations(w, pass, (double)taps / w->s->taps);
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->channel);
}

static void
add_window(const struct psim_stream_steps *w, const struct psim_stream_pass *pass)
{
    const uint64_t turns = w->s->taps / w->taps; /* whole ones */
    psim_add_loop(w->b, psim_amount_flat((double)turns));
    add_taps(w, pass, (uint8_t)(w->s->inputs - 1), w->taps);
    psim_add_end(w->b);
    if (w->last_taps == PSIM_NONE) return;
    add_taps(w, pass, w->last_taps, w->s->taps % w->taps);
}

static void
add_work(const struct psim_stream_steps *w, const struct psim_stream_pass *pass)
{
    struct psim_build *b = w->b;
    const struct psim_stream *s = w->s;
    const double in = psim_stream_in_bytes(s), out = psim_stream_out_bytes(s);
    const bool waits = s->inputs > 0 && w->taps == 0;
    if (waits) {
        double reads = 0;
        for (uint32_t i = 0; i < s->inputs; i++) {
            reads += reads_of(s, i);
        }
        psim_add_on(b, PSIM_STEP_WAIT, w->channel);
        psim_add_beside(b, psim_act_fetch(b, in, true), amount(pass, in * reads));
    }
    if (w->taps > 0) {
        add_window(w, pass);
    } else {
        add_operations(w, pass, 1);
    }
    const uint8_t store = psim_act_store(b, out, true);
    psim_add_beside(b, psim_act_put(b, out, true), amount(pass, out * s->outputs));
    for (uint32_t i = 0; i < s->outputs; i++) {
        struct psim_step *step = psim_add_do(b, store, amount(pass, out));
        step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
        step->tile = (uint8_t)(pass->tile + w->out + i);
    }
    if (waits) psim_add_on(b, PSIM_STEP_RELEASE, w->channel);
}

/**
 * What each column needs is read, and waited for, before the first pass. With teams
 * each lane has it of a column of its own, also where many lanes have the same.
 */
static void
add_columns(const struct psim_stream_steps *w)
{
    struct psim_build *b = w->b;
    const struct psim_stream *s = w->s;
    if (w->columns == PSIM_NONE) return;
    double lanes_or_cols = (double)b->tiles[w->columns].dim[0].size;
    if (b->view.team >= 0) lanes_or_cols = fmax(lanes_or_cols, (double)b->gang_lanes);
    const struct psim_amount lanes = psim_amount_flat(lanes_or_cols);
    const struct psim_amount bytes =
        psim_amount_flat((double)lanes.coef * s->cols_bytes);
    psim_add_do(b, psim_act_load(b, s->cols_bytes, true), bytes)->tile = w->columns;
    psim_add_beside(b, psim_act_fetch(b, s->cols_bytes, true), bytes);
    for (size_t i = 0; i < PSIM_COUNT(s->cols_work); i++) {
        if (s->cols_work[i].does == PSIM_DOES_NOTHING_KNOWN) break;
        (void)psim_add_work(b, s->cols_work[i].does, s->dtype, lanes,
                            s->cols_work[i].times);
    }
}

void
psim_stream_add_role(struct psim_stream_steps *w, bool loads, bool works)
{
    struct psim_build *b = w->b;
    psim_add_role(b, works ? "lanes" : "load", 1);
    if (works && w->map->fixed > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->map->fixed),
                          psim_amount_flat(b->gang_lanes));
    }
    if (works) add_columns(w);
    for (int tail = 0; tail < (w->loops && w->once != PSIM_NONE ? 2 : 1); tail++) {
        const struct psim_stream_pass *pass = tail ? &w->rest : &w->whole;
        const uint8_t trips = tail ? w->once : w->trips;
        if (w->loops) psim_add_loop(b, psim_amount_of(1, trips, PSIM_NONE));
        if (loads) add_loads(w, pass);
        if (works) add_work(w, pass);
        if (w->loops) psim_add_end(b);
    }
    psim_add_stop(b);
}
