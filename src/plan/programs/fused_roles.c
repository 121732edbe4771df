/* SPDX-License-Identifier: MIT */
/** @file fused: what the roles of a work-group do, sequential (flash2) or ping-pong
 * (flash3). */
#include <math.h>

#include "plan/programs/fused_work.h"
#include "util/arena.h"
#include "util/whole.h"

static void
load(struct psim_fused_work *w, uint8_t channel, uint8_t tile, double bytes,
     uint8_t edge)
{
    struct psim_step *step =
        psim_add_do(w->b, w->load, psim_amount_of(bytes, edge, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    step->channel = channel;
    step->tile = tile;
}

static void
build_loader(struct psim_fused_work *w)
{
    struct psim_build *b = w->b;
    psim_add_role(b, "load", 1);
    psim_add_on(b, PSIM_STEP_RESERVE, w->q);
    load(w, w->q, w->tile_q, w->head_dim * w->elem_bytes, w->rows);
    psim_add_on(b, PSIM_STEP_COMMIT, w->q);
    for (int masked = 0; masked < 2; masked++) {
        double keys = w->map.n;
        if (masked && !psim_fused_is_causal(w->a)) {
            keys = (double)(w->a->seq_kv - (w->steps - 1) * w->map.n);
        }
        const double bytes = keys * w->head_dim * w->elem_bytes;
        psim_add_loop(b, psim_amount_of(1, masked ? w->masked : w->whole, PSIM_NONE));
        psim_add_on(b, PSIM_STEP_RESERVE, w->k);
        load(w, w->k, w->tile_k[masked], bytes, PSIM_NONE);
        psim_add_on(b, PSIM_STEP_COMMIT, w->k);
        psim_add_on(b, PSIM_STEP_RESERVE, w->v);
        load(w, w->v, w->tile_v[masked], bytes, PSIM_NONE);
        psim_add_on(b, PSIM_STEP_COMMIT, w->v);
        psim_add_end(b);
    }
    psim_add_stop(b);
}

static void
work(struct psim_fused_work *w, enum psim_primitive does, double times)
{
    (void)psim_add_work(w->b, does, w->dtype, psim_amount_flat(times), 1);
}

/**
 * Differences, exponentials and sums of scores, and what a library spends beside
 * them: one may be done while another is.
 */
static void
exponentials(struct psim_fused_work *w, double scores)
{
    static const enum psim_primitive parts[] = {PSIM_DOES_FMA, PSIM_DOES_EXP2,
                                                PSIM_DOES_ADD, PSIM_DOES_CONVERT};
    const bool narrow = psim_dtype_of_sums(w->dtype) != w->dtype;
    struct psim_mixed mixed[PSIM_COUNT(parts)];
    size_t n = 0;
    for (size_t i = 0; i < PSIM_COUNT(parts); i++) {
        if (parts[i] == PSIM_DOES_CONVERT && !narrow) continue;
        mixed[n++] =
            (struct psim_mixed){psim_find_vector(w->b->hw, parts[i], w->dtype), 1};
    }
    (void)psim_add_do(w->b,
                      psim_act_mix(w->b, "exponentials", mixed, n, w->map.instructions),
                      psim_amount_flat(scores));
}

static void
other_instructions(struct psim_fused_work *w, double times, double each)
{
    if (each <= 0) return;
    (void)psim_add_do(w->b, psim_act_issue(w->b, each), psim_amount_flat(times));
}

/** Scores of keys that are not to be seen: a comparison and a selection, or as the
 * library counts. */
static void
mask(struct psim_fused_work *w, double scores)
{
    if (w->map.masked > 0) {
        other_instructions(w, scores, w->map.masked);
    } else {
        work(w, PSIM_DOES_MAX, 2 * scores);
    }
}

/**
 * Maximum, exponential, sum of a tile of scores; sums are rescaled (eq. P6). The
 * maximum of a row must be known before its first exponential.
 */
static void
softmax(struct psim_fused_work *w, double rows, bool masked)
{
    const double scores = rows * w->map.n;
    work(w, PSIM_DOES_MAX, scores);
    if (masked || w->masks_all) mask(w, scores);
    exponentials(w, scores);
    work(w, PSIM_DOES_MUL, rows * w->head_dim);
}

/**
 * Keys or values become weights of an operation that has a home of its own for them,
 * while others still are.
 *
 * @return how many the product takes, with those that only fill the operation's width
 */
static double
place_weights(struct psim_fused_work *w, double cols, double deep)
{
    const struct psim_mma mma = w->map.compute->by[w->dtype].mma;
    if (w->second == PSIM_NONE) return cols * deep;
    const double weights = (double)psim_round_up((uint64_t)cols, mma.n) *
                           (double)psim_round_up((uint64_t)deep, mma.k);
    psim_add_beside(w->b, w->second, psim_amount_flat(weights * w->elem_bytes));
    return weights;
}

/** One of the two products of a tile, with the fragments it reads on the way. */
static void
product(struct psim_fused_work *w, double rows, double cols, double deep,
        bool in_registers)
{
    const bool matrix = w->map.compute->does == PSIM_DOES_MATMUL;
    if (w->fetch != PSIM_NONE) {
        /* Each bundle has rows of its own and reads all of the other operand; the
         * probabilities are in registers already. */
        const double lanes = w->map.lanes, bundle = w->b->view.bundle_lanes;
        double bytes = fmax(lanes / bundle, 1) * cols * deep * w->elem_bytes;
        if (!in_registers) bytes += rows * deep * w->elem_bytes;
        if (!matrix) {
            struct psim_mapping tile = w->map;
            tile.m = (uint32_t)rows;
            tile.n = (uint32_t)cols;
            tile.k = (uint32_t)deep;
            bytes =
                psim_product_fragment_bytes(&w->b->view, &tile, false, w->elem_bytes);
        }
        struct psim_step *step = psim_add_do(w->b, w->fetch, psim_amount_flat(bytes));
        step->flags = PSIM_POSTED;
        psim_add_beside(w->b, w->convert, psim_amount_flat(bytes / w->elem_bytes));
    }
    const double weights = place_weights(w, cols, deep);
    (void)psim_add_do(w->b, w->matmul,
                      psim_amount_flat((matrix ? 2 : 1) * rows * weights));
}

/** The sums, divided and narrowed, leave. */
static void
build_epilogue(struct psim_fused_work *w, int role, double part)
{
    struct psim_build *b = w->b;
    const double rows = w->map.m * part;
    other_instructions(w, w->b->gang_lanes, w->map.fixed);
    work(w, PSIM_DOES_MUL, rows * w->head_dim);
    const double bytes = w->o_bytes * w->head_dim * part;
    const struct psim_amount amount = psim_amount_of(bytes, w->rows, PSIM_NONE);
    const uint8_t store = psim_act_store(b, w->elem_bytes, true);
    psim_add_beside(b, psim_act_put(b, w->elem_bytes, true), amount);
    struct psim_step *step = psim_add_do(b, store, amount);
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->tile_o[role];
    if (w->tile_logs == PSIM_NONE || role > 0) return;
    step = psim_add_do(b, store, psim_amount_of(w->o_bytes, w->rows, PSIM_NONE));
    step->flags = PSIM_POSTED | PSIM_STORE;
    step->tile = w->tile_logs;
}

/** One role does all: scores, softmax, values, tile by tile. */
static void
build_sequential(struct psim_fused_work *w)
{
    struct psim_build *b = w->b;
    const double rows = w->map.m;
    psim_add_role(b, "math", 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->q);
    for (int masked = 0; masked < 2; masked++) {
        psim_add_loop(b, psim_amount_of(1, masked ? w->masked : w->whole, PSIM_NONE));
        psim_add_on(b, PSIM_STEP_WAIT, w->k);
        product(w, rows, w->map.n, w->head_dim, false);
        psim_add_on(b, PSIM_STEP_RELEASE, w->k);
        softmax(w, rows, masked);
        psim_add_on(b, PSIM_STEP_WAIT, w->v);
        product(w, rows, w->head_dim, w->map.n, true);
        psim_add_on(b, PSIM_STEP_RELEASE, w->v);
        psim_add_end(b);
    }
    psim_add_on(b, PSIM_STEP_RELEASE, w->q);
    build_epilogue(w, 0, 1);
    psim_add_stop(b);
}

/** All of a matrix product whose operands lie where the operation takes them from. */
static void
multiply(struct psim_fused_work *w, double rows, double weights)
{
    (void)psim_add_do(w->b, w->matmul, psim_amount_flat(2 * rows * weights));
}

/**
 * Two roles of half the queries each take turns: while one multiplies, the other
 * does its softmax. A token goes to and fro.
 */
static void
build_ping_pong(struct psim_fused_work *w)
{
    static const char *const names[] = {"math0", "math1"};
    struct psim_build *b = w->b;
    const double rows = w->map.m / 2.0;
    for (int g = 0; g < 2; g++) {
        psim_add_role(b, names[g], 1);
        psim_add_on(b, PSIM_STEP_WAIT, w->q);
        for (int masked = 0; masked < 2; masked++) {
            psim_add_loop(b,
                          psim_amount_of(1, masked ? w->masked : w->whole, PSIM_NONE));
            psim_add_on(b, PSIM_STEP_WAIT, w->k);
            psim_add_on(b, PSIM_STEP_WAIT, w->turn[g]);
            psim_add_on(b, PSIM_STEP_RESERVE, w->turn[1 - g]);
            multiply(w, rows, place_weights(w, w->map.n, w->head_dim));
            psim_add_on(b, PSIM_STEP_RELEASE, w->k);
            psim_add_on(b, PSIM_STEP_WAIT, w->v);
            multiply(w, rows, place_weights(w, w->head_dim, w->map.n));
            psim_add_on(b, PSIM_STEP_RELEASE, w->v);
            psim_add_on(b, PSIM_STEP_COMMIT, w->turn[1 - g]);
            psim_add_on(b, PSIM_STEP_RELEASE, w->turn[g]);
            softmax(w, rows, masked);
            psim_add_end(b);
        }
        psim_add_on(b, PSIM_STEP_RELEASE, w->q);
        build_epilogue(w, g, 0.5);
        psim_add_stop(b);
    }
}

void
psim_fused_roles(struct psim_fused_work *w)
{
    build_loader(w);
    if (w->ping_pong) {
        build_ping_pong(w);
    } else {
        build_sequential(w);
    }
}
