/* SPDX-License-Identifier: MIT */
/** @file product: what the roles of a work-group do, step by step. */
#include <math.h>

#include "plan/origins.h"
#include "plan/programs/product_work.h"
#include "util/whole.h"

/** Open the loops over k: of the whole steps, or of the partial one. */
static unsigned
open_loops(struct psim_product_work *w, bool partial)
{
    struct psim_build *b = w->b;
    unsigned depth = 0;
    if (w->p->conv && !w->joined) {
        for (int d = 0; d < 2; d++, depth++) {
            psim_add_loop(b, psim_amount_flat((double)w->p->conv->kernel.value[d]));
        }
    }
    if (!partial) {
        const double whole =
            (double)(w->per_split - (w->rest && w->split == 1 ? 1 : 0));
        const bool split = w->trips != PSIM_NONE;
        psim_add_loop(b, psim_amount_of(split ? 1 : whole, w->trips, PSIM_NONE));
        depth++;
    } else if (w->tail != PSIM_NONE) {
        psim_add_loop(b, psim_amount_of(1, w->tail, PSIM_NONE));
        depth++;
    }
    return depth;
}

static void
close_loops(struct psim_product_work *w, unsigned depth)
{
    while (depth-- > 0) {
        psim_add_end(w->b);
    }
}

static void
load_operand(struct psim_product_work *w, uint8_t tile, double deep, uint8_t edge,
             bool cast)
{
    struct psim_step *step = psim_add_do(
        w->b, w->load_act, psim_amount_of(deep * w->in_bytes, edge, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    step->channel = w->ab;
    step->tile = tile;
    const bool can = w->route.copy && w->route.copy->multicast_group >= 0;
    if (cast && can) step->cast = (uint8_t)w->map.cluster;
}

/** Work-groups that share moves must have met before the first one lands. */
static void
meet_cluster(struct psim_product_work *w)
{
    const struct psim_hw *hw = w->b->hw;
    if (w->map.cluster <= 1 || !w->route.copy || w->route.copy->multicast_group < 0) {
        return;
    }
    const int cluster = w->route.copy->multicast_group;
    const double barrier_s = hw->groups[cluster].barrier_s;
    if (barrier_s <= 0) return;
    (void)psim_add_do(w->b, psim_act_delay(w->b, "cluster_barrier", barrier_s, cluster),
                      psim_amount_flat(1));
}

static void
build_loader(struct psim_product_work *w)
{
    psim_add_role(w->b, "load", 1);
    meet_cluster(w);
    if (w->map.fixed > 0) {
        (void)psim_add_do(w->b, psim_act_issue(w->b, w->map.fixed),
                          psim_amount_flat(w->b->gang_lanes));
    }
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        const unsigned depth = open_loops(w, partial);
        const double deep = partial ? (double)w->rest : w->map.k;
        psim_add_on(w->b, PSIM_STEP_RESERVE, w->ab);
        load_operand(w, w->tile_a[partial], deep, w->rows, w->share_a);
        load_operand(w, w->tile_b[partial], deep, w->cols, !w->share_a);
        psim_add_on(w->b, PSIM_STEP_COMMIT, w->ab);
        close_loops(w, depth);
    }
    psim_add_stop(w->b);
}

/** b goes on from local memory to a home of its own: weights of a systolic array. */
static void
build_second(struct psim_product_work *w)
{
    psim_add_role(w->b, "weights", 1);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        const unsigned depth = open_loops(w, partial);
        const struct psim_mma mma = w->map.compute->by[w->p->dtype].mma;
        const double deep = (double)psim_round_up(partial ? w->rest : w->map.k, mma.k);
        psim_add_on(w->b, PSIM_STEP_WAIT, w->ab);
        psim_add_on(w->b, PSIM_STEP_RESERVE, w->weights);
        struct psim_step *step =
            psim_add_do(w->b, w->second_act,
                        psim_amount_flat(deep * (double)psim_round_up(w->map.n, mma.n) *
                                         w->in_bytes));
        step->flags = PSIM_ASYNC;
        step->channel = w->weights;
        psim_add_on(w->b, PSIM_STEP_COMMIT, w->weights);
        psim_add_on(w->b, PSIM_STEP_RELEASE, w->ab);
        close_loops(w, depth);
    }
    psim_add_stop(w->b);
}

/** One step of the sum: fragments come while the step before is multiplied. */
static void
build_math_step(struct psim_product_work *w, double deep)
{
    struct psim_build *b = w->b;
    const bool matrix = w->map.compute->does == PSIM_DOES_MATMUL;
    const struct psim_mma mma = w->map.compute->by[w->p->dtype].mma;
    double padded = matrix ? (double)psim_round_up((uint64_t)deep, mma.k) : deep;
    if (w->map.library && w->p->conv) padded = w->map.k;
    /* A systolic array is as wide as its weights, whether all are used or not. */
    const double cols = w->weights == PSIM_NONE
                            ? (double)w->map.n
                            : (double)psim_round_up(w->map.n, mma.n);
    /* A product of complex numbers is four of real ones. */
    const double sums = (double)w->map.m * cols * padded * w->numbers * w->numbers;
    const double work = sums * (matrix ? 2 : 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->ab);
    if (w->weights != PSIM_NONE) psim_add_on(b, PSIM_STEP_WAIT, w->weights);
    if (w->put_act != PSIM_NONE) {
        const double bytes = ((double)w->map.m + w->map.n) * deep * w->in_bytes;
        (void)psim_add_do(b, w->put_act, psim_amount_flat(bytes));
    }
    if (w->fetch_act != PSIM_NONE) {
        struct psim_mapping step_map = w->map;
        step_map.k = (uint32_t)deep;
        const double bytes =
            psim_product_fragment_bytes(&b->view, &step_map, matrix, w->in_bytes);
        struct psim_step *step = psim_add_do(b, w->fetch_act, psim_amount_flat(bytes));
        step->flags = PSIM_POSTED;
    }
    (void)psim_add_do(b, w->compute_act, psim_amount_flat(work));
    if (w->map.instructions > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->map.instructions),
                          psim_amount_flat(sums));
    }
    if (w->weights != PSIM_NONE) psim_add_on(b, PSIM_STEP_RELEASE, w->weights);
    psim_add_on(b, PSIM_STEP_RELEASE, w->ab);
}

/**
 * The tile leaves part by part through a buffer: each part is written there and
 * must have left before the next one is (eq. P4). The bytes themselves are those
 * of the store that follows.
 */
static void
build_drain(struct psim_product_work *w, double bytes)
{
    struct psim_build *b = w->b;
    const struct psim_hw *hw = b->hw;
    const double parts = ceil(bytes / w->map.out_buffer);
    const uint8_t put = psim_act_move(
        b, &(struct psim_move){NULL, -1, w->route.local, w->out_bytes, true});
    const struct psim_operation *drain = w->route.drain;
    double latency_s = drain->by[PSIM_FP32].latency_s;
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_OWN_WAIT, .behind = PSIM_NONE, .s = latency_s,
                .op = drain, .dtype = PSIM_FP32);
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches == drain->to && m->group != b->view.unit) {
            latency_s += m->latency_s;
            PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_PASSED, .behind = PSIM_NONE,
                        .s = m->latency_s, .index = (int)i);
        }
    }
    const uint8_t leave = psim_act_delay(b, "drain", latency_s, -1);
    (void)psim_add_do(b, put, psim_amount_flat(bytes));
    psim_add_loop(b, psim_amount_flat(parts));
    (void)psim_add_do(b, leave, psim_amount_flat(1));
    psim_add_end(b);
}

/** One lane operation for each element of so many rows of the tile, where the
 * machine has it. */
static void
on_cells(struct psim_product_work *w, enum psim_primitive does, double rows,
         uint8_t param)
{
    const double cells = rows * w->map.n;
    (void)psim_add_work(w->b, does, w->p->out, psim_amount_of(cells, param, PSIM_NONE),
                        1);
}

/** The bias was asked for long before: nobody waits for it. */
static void
build_bias(struct psim_product_work *w)
{
    struct psim_step *step =
        psim_add_do(w->b, psim_act_load(w->b, w->out_bytes, true),
                    psim_amount_of(w->out_bytes, w->cols, w->adds));
    step->flags = PSIM_POSTED;
    step->tile = w->tile_bias;
    on_cells(w, PSIM_DOES_ADD, w->map.m, w->adds);
}

/** What a library's kernel spends on each element of a tile that leaves, or a part. */
static void
build_leaving(struct psim_product_work *w, double part)
{
    const double slots = w->map.library ? w->map.library->leaves : 0;
    if (slots <= 0) return;
    const double cells = (double)w->map.m * w->map.n;
    (void)psim_add_do(w->b, psim_act_issue(w->b, slots),
                      psim_amount_flat(round(cells * part)));
}

/** Bias, relu, and the largest of each window. */
static void
build_additions(struct psim_product_work *w)
{
    if (w->tile_bias != PSIM_NONE) build_bias(w);
    /* Of a split sum, who adds the parts sees which are negative. */
    if (w->split == 1 && w->p->epilogue >> PSIM_EPILOGUE_RELU & 1) {
        on_cells(w, PSIM_DOES_MAX, w->map.m, PSIM_NONE);
    }
    const double compared = (double)w->map.m / w->window * (w->window - 1);
    if (w->window > 1) on_cells(w, PSIM_DOES_MAX, compared, PSIM_NONE);
}

/** The tile leaves, through local memory if it can. */
static void
build_store(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const double bytes = w->c_bytes;
    if (w->map.out_buffer > 0 && w->route.drain) {
        build_drain(w, (double)w->map.m / w->window * w->map.n * bytes);
    }
    const struct psim_amount amount = psim_amount_of(bytes, w->kept, w->cols);
    const uint8_t store = psim_act_store(b, bytes, true);
    if (!w->route.in_local) psim_add_beside(b, psim_act_put(b, bytes, true), amount);
    struct psim_step *step = psim_add_do(b, store, amount);
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->tile_c;
}

static void
build_epilogue(struct psim_product_work *w)
{
    build_additions(w);
    build_leaving(w, 1);
    build_store(w);
}

static void
build_math(struct psim_product_work *w)
{
    psim_add_role(w->b, "math", 1);
    if (w->sums != PSIM_NONE) psim_add_on(w->b, PSIM_STEP_RESERVE, w->sums);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        const unsigned depth = open_loops(w, partial);
        build_math_step(w, partial ? (double)w->rest : w->map.k);
        close_loops(w, depth);
    }
    if (w->sums != PSIM_NONE) {
        psim_add_on(w->b, PSIM_STEP_COMMIT, w->sums);
    } else {
        build_epilogue(w);
    }
    psim_add_stop(w->b);
}

/** The last rows leave the array; then the tile leaves, while the next one enters. */
static void
build_drain_role(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const double latency_s = w->map.compute->by[w->p->dtype].latency_s;
    psim_add_role(b, "drain", 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->sums);
    if (latency_s > 0) {
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_OWN_WAIT, .behind = PSIM_NONE,
                    .s = latency_s, .op = w->map.compute, .dtype = w->p->dtype);
        (void)psim_add_do(b, psim_act_delay(b, "last_rows", latency_s, -1),
                          psim_amount_flat(1));
    }
    build_epilogue(w);
    psim_add_on(b, PSIM_STEP_RELEASE, w->sums);
    psim_add_stop(b);
}

/**
 * Two parts of the lanes have sums of their own: while one adds, the tile of the
 * other leaves (eq. P15). A tile leaves in two halves, so that two may leave at once.
 */
static void
build_halves(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    psim_add_role(b, "drain", 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->sums);
    psim_add_on(b, PSIM_STEP_RESERVE, w->half);
    build_additions(w);
    build_leaving(w, 0.5);
    psim_add_on(b, PSIM_STEP_COMMIT, w->half);
    psim_add_on(b, PSIM_STEP_RELEASE, w->sums);
    psim_add_stop(b);
    psim_add_role(b, "store", 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->sums);
    psim_add_on(b, PSIM_STEP_WAIT, w->half);
    build_leaving(w, 0.5);
    build_store(w);
    psim_add_on(b, PSIM_STEP_RELEASE, w->half);
    psim_add_on(b, PSIM_STEP_RELEASE, w->sums);
    psim_add_stop(b);
}

void
psim_product_roles(struct psim_product_work *w)
{
    build_loader(w);
    if (w->route.second) build_second(w);
    build_math(w);
    if (w->half != PSIM_NONE) {
        build_halves(w);
    } else if (w->sums != PSIM_NONE) {
        build_drain_role(w);
    }
}
