/* SPDX-License-Identifier: MIT */
/** @file product: the kernels of a mapping. */
#include <math.h>

#include "plan/programs/product.h"
#include "util/arena.h"

extern bool psim_product_build(struct psim_build *b, const struct psim_part *part,
                               const struct psim_mapping *mapping);

/** Everything that more than one of the functions below needs to know. */
struct product_build {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_product *p;
    struct psim_mapping map;
    struct psim_product_route route;
    uint64_t tiles_m, tiles_n;              /* rounded up to the cluster */
    uint64_t steps, per_split, split, rest; /* steps of k; rest: elements of the last */
    bool share_a;                           /* the cluster shares A: it lies along n */
    uint8_t axis_m, axis_n, axis_s, axis_b;
    uint8_t rows, cols, trips, tail;      /* parameters; PSIM_NONE where constant */
    uint8_t ab, weights;                  /* channels */
    uint8_t tile_a[2], tile_b[2], tile_c; /* [1]: of the partial step */
    uint8_t load_act, second_act, put_act, fetch_act, compute_act;
    double in, out, slot_bytes;
};

static uint64_t
ceil_div(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint64_t
round_up(uint64_t a, uint64_t b)
{
    return ceil_div(a, b) * b;
}

/** Steps along k: of one tap where the product is a convolution. */
static void
find_steps(struct product_build *w)
{
    const struct psim_product *p = w->p;
    uint64_t depth = p->k;
    if (p->conv) depth = p->channels;
    const uint32_t least_k = w->map.compute->by[p->dtype].mma.k;
    const uint64_t needed = round_up(depth, least_k);
    /* A library's convolution takes whole steps for each tap, as its name says. */
    if (w->map.k > needed && !(w->map.library && p->conv)) w->map.k = (uint32_t)needed;
    w->rest = depth % w->map.k;
    w->steps = ceil_div(depth, w->map.k);
    w->per_split = ceil_div(w->steps, w->map.split);
    w->split = p->conv ? 1 : ceil_div(w->steps, w->per_split);
    if (p->conv) w->per_split = w->steps;
}

static uint64_t
taps(const struct psim_product *p)
{
    return p->conv ? p->conv->kernel.value[0] * p->conv->kernel.value[1] : 1;
}

/** Rows of A or columns of B in each tile; tiles that only fill a cluster have none. */
static uint8_t
add_edge_and_padding(struct psim_build *b, const char *name, uint8_t axis,
                     uint64_t total, uint32_t tile)
{
    const uint32_t extent = b->kernel->extent[axis];
    const uint32_t real = (uint32_t)ceil_div(total, tile);
    const int64_t last = (int64_t)(total - (uint64_t)(real - 1) * tile);
    struct psim_run runs[3];
    uint8_t n = 0;
    if (real > 1) runs[n++] = (struct psim_run){0, real - 1, 0, tile, 1};
    runs[n++] = (struct psim_run){real - 1, 1, 0, last, 1};
    if (extent > real) runs[n++] = (struct psim_run){real, extent - real, 0, 0, 1};
    return psim_add_param(b, name, axis, runs, n);
}

/**
 * The walk: bands in which the work-groups that run at once cover a nearly square
 * part of C, so that they share most of what they read. The cluster is fastest.
 */
static void
build_walk(struct product_build *w)
{
    struct psim_build *b = w->b;
    const double at_once = b->view.units;
    const double own = w->share_a ? w->map.n : w->map.m;
    const double other = w->share_a ? w->map.m : w->map.n;
    double band = floor(sqrt(at_once * other / own) + 0.5);
    if (band < 1) band = 1;
    band = (double)round_up((uint64_t)band, w->map.cluster);
    const uint8_t fast = w->share_a ? w->axis_n : w->axis_m;
    const uint8_t slow = w->share_a ? w->axis_m : w->axis_n;
    psim_add_level(b, fast, (uint64_t)band, false);
    psim_add_level(b, slow, 0, false);
    psim_add_level(b, fast, 0, false);
    if (w->axis_s != PSIM_NONE) psim_add_level(b, w->axis_s, 0, false);
    if (w->axis_b != PSIM_NONE) psim_add_level(b, w->axis_b, 0, false);
}

static void
build_grid(struct product_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_product *p = w->p;
    w->axis_m = psim_add_axis(b, "m", w->tiles_m);
    w->axis_n = psim_add_axis(b, "n", w->tiles_n);
    w->axis_s = w->axis_b = w->trips = w->tail = PSIM_NONE;
    if (w->split > 1) w->axis_s = psim_add_axis(b, "s", w->split);
    if (p->batch > 1) w->axis_b = psim_add_axis(b, "b", p->batch);
    build_walk(w);
    w->rows = add_edge_and_padding(b, "rows", w->axis_m, p->m, w->map.m);
    w->cols = add_edge_and_padding(b, "cols", w->axis_n, p->n, w->map.n);
    if (w->split > 1) {
        const uint64_t last = w->steps - (w->split - 1) * w->per_split;
        w->trips = psim_add_edge(b, "steps", w->axis_s, w->per_split,
                                 last - (w->rest ? 1 : 0));
        if (w->rest) w->tail = psim_add_edge(b, "tail", w->axis_s, 0, 1);
    }
}

/* --- tensors and tiles ----------------------------------------------------- */

/** A matrix of a batch of them, cut into tiles of rows x cols. */
struct matrix {
    const char *name;
    uint64_t rows, cols;
    uint64_t block_rows, block_cols;
    double elem_bytes;
};

static uint8_t
add_matrix(struct product_build *w, const struct matrix *m)
{
    const uint64_t extent[] = {w->p->batch, m->rows, m->cols};
    const uint64_t block[] = {1, m->block_rows < m->rows ? m->block_rows : m->rows,
                              m->block_cols < m->cols ? m->block_cols : m->cols};
    const uint8_t tensor =
        psim_build_tensor(w->b, m->name, (uint32_t)m->elem_bytes, extent, block, 3);
    return tensor;
}

static uint8_t
add_matrix_tile(struct product_build *w, const char *name, uint8_t tensor)
{
    const uint8_t tile = psim_add_tile(w->b, name, tensor);
    struct psim_box_dim *batch = psim_tile_dim(w->b, tile, 0);
    batch->size = 1;
    batch->axis = w->axis_b;
    batch->a = w->axis_b == PSIM_NONE ? 0 : 1;
    return tile;
}

/** Along k: the split's first step, then one step a turn; or the partial step. */
static void
along_k(struct product_build *w, struct psim_box_dim *dim, bool partial)
{
    const int64_t k = w->map.k;
    if (partial) {
        dim->offset = (int64_t)(w->steps - 1) * k;
        dim->size = (int64_t)w->rest;
        return;
    }
    dim->axis = w->axis_s;
    dim->a = w->axis_s == PSIM_NONE ? 0 : (int64_t)w->per_split * k;
    dim->step[0] = k;
    dim->size = k;
}

static void
along_tiles(struct psim_box_dim *dim, uint8_t axis, uint32_t tile)
{
    dim->axis = axis;
    dim->a = tile;
    dim->size = tile;
}

static void
build_tiles(struct product_build *w)
{
    const struct psim_product *p = w->p;
    const double batch = (double)p->batch;
    const uint8_t a =
        add_matrix(w, &(struct matrix){"A", p->m, p->k, w->map.m, w->map.k, w->in});
    const uint8_t b =
        add_matrix(w, &(struct matrix){"B", p->k, p->n, w->map.k, w->map.n, w->in});
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        w->tile_a[partial] = add_matrix_tile(w, partial ? "A_tail" : "A", a);
        along_tiles(psim_tile_dim(w->b, w->tile_a[partial], 1), w->axis_m, w->map.m);
        along_k(w, psim_tile_dim(w->b, w->tile_a[partial], 2), partial);
        w->tile_b[partial] = add_matrix_tile(w, partial ? "B_tail" : "B", b);
        along_k(w, psim_tile_dim(w->b, w->tile_b[partial], 1), partial);
        along_tiles(psim_tile_dim(w->b, w->tile_b[partial], 2), w->axis_n, w->map.n);
    }
    psim_add_use(w->b, a, batch * (double)p->m * (double)p->k * w->in, 0);
    psim_add_use(w->b, b, batch * (double)p->k * (double)p->n * w->in, 0);
}

/**
 * The unfolded image as boxes of the image itself: rows of all columns, a chunk of
 * channels deep. Taps of one column of the kernel find the same rows again.
 */
static void
build_conv_tiles(struct product_build *w)
{
    const struct psim_product *p = w->p;
    const struct psim_conv2d *c = p->conv;
    uint64_t out_h, out_w;
    psim_conv2d_output(c, &out_h, &out_w);
    const uint64_t channels = p->channels;
    const uint64_t chunk = w->map.k < channels ? w->map.k : channels;
    const uint64_t image[] = {c->batch * c->height, channels};
    const uint64_t block[] = {1, chunk};
    const uint8_t x = psim_build_tensor(w->b, "X", (uint32_t)(w->in * (double)c->width),
                                        image, block, 2);
    const uint64_t weights[] = {taps(p), channels, p->n};
    const uint64_t weight_block[] = {1, chunk, w->map.n < p->n ? w->map.n : p->n};
    const uint8_t k =
        psim_build_tensor(w->b, "W", (uint32_t)w->in, weights, weight_block, 3);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        const int64_t offset = partial ? (int64_t)(w->steps - 1) * w->map.k : 0;
        const int64_t deep = partial ? (int64_t)w->rest : w->map.k;
        w->tile_a[partial] = psim_add_tile(w->b, partial ? "X_tail" : "X", x);
        *psim_tile_dim(w->b, w->tile_a[partial], 0) = (struct psim_box_dim){
            .axis = w->axis_m,
            .a = w->map.m,
            .b_last = (int64_t)w->map.m - 1,
            .c = (int64_t)out_w,
            .m = (int64_t)out_h,
            .mul = (int64_t)c->stride.value[0],
            .carry = (int64_t)c->height,
            .offset = -(int64_t)c->padding.value[0],
            .size = 1,
            .step = {(int64_t)c->dilation.value[0]},
        };
        struct psim_box_dim *deep_x = psim_tile_dim(w->b, w->tile_a[partial], 1);
        deep_x->offset = offset;
        deep_x->size = deep;
        if (!partial) deep_x->step[2] = w->map.k;
        w->tile_b[partial] = psim_add_tile(w->b, partial ? "W_tail" : "W", k);
        struct psim_box_dim *tap = psim_tile_dim(w->b, w->tile_b[partial], 0);
        tap->size = 1;
        tap->step[0] = (int64_t)c->kernel.value[1];
        tap->step[1] = 1;
        struct psim_box_dim *deep_w = psim_tile_dim(w->b, w->tile_b[partial], 1);
        deep_w->offset = offset;
        deep_w->size = deep;
        if (!partial) deep_w->step[2] = w->map.k;
        along_tiles(psim_tile_dim(w->b, w->tile_b[partial], 2), w->axis_n, w->map.n);
    }
    const struct psim_cost cost = w->part->op->kind->cost(w->part->op);
    const double weight_bytes =
        (double)taps(p) * (double)channels * (double)p->n * w->in;
    psim_add_use(w->b, x, cost.read_bytes - weight_bytes, 0);
    psim_add_use(w->b, k, weight_bytes, 0);
}

static void
build_output(struct product_build *w)
{
    const struct psim_product *p = w->p;
    const double bytes = w->split > 1 ? 4 : w->out;
    const uint64_t extent[] = {p->batch * w->split, p->m, p->n};
    const uint64_t block[] = {1, w->map.m < p->m ? w->map.m : p->m,
                              w->map.n < p->n ? w->map.n : p->n};
    const uint8_t c = psim_build_tensor(w->b, w->split > 1 ? "partial" : "C",
                                        (uint32_t)bytes, extent, block, 3);
    w->tile_c = psim_add_tile(w->b, "C", c);
    struct psim_box_dim *plane = psim_tile_dim(w->b, w->tile_c, 0);
    plane->size = 1;
    plane->axis = w->axis_s != PSIM_NONE ? w->axis_s : w->axis_b;
    plane->a = plane->axis == PSIM_NONE ? 0 : 1;
    along_tiles(psim_tile_dim(w->b, w->tile_c, 1), w->axis_m, w->map.m);
    along_tiles(psim_tile_dim(w->b, w->tile_c, 2), w->axis_n, w->map.n);
    psim_add_use(w->b, c, 0,
                 (double)(p->batch * w->split) * (double)p->m * (double)p->n * bytes);
}

/* --- steps ----------------------------------------------------------------- */

/** Open the loops over k: of the whole steps, or of the partial one. */
static unsigned
open_loops(struct product_build *w, bool partial)
{
    struct psim_build *b = w->b;
    unsigned depth = 0;
    if (w->p->conv) {
        for (int d = 0; d < 2; d++, depth++) {
            psim_add_loop(b, psim_amount_of((double)w->p->conv->kernel.value[d],
                                            PSIM_NONE, PSIM_NONE, PSIM_NONE));
        }
    }
    if (!partial) {
        const double whole =
            (double)(w->per_split - (w->rest && w->split == 1 ? 1 : 0));
        const bool split = w->trips != PSIM_NONE;
        psim_add_loop(
            b, psim_amount_of(split ? 1 : whole, w->trips, PSIM_NONE, PSIM_NONE));
        depth++;
    } else if (w->tail != PSIM_NONE) {
        psim_add_loop(b, psim_amount_of(1, w->tail, PSIM_NONE, PSIM_NONE));
        depth++;
    }
    return depth;
}

static void
close_loops(struct product_build *w, unsigned depth)
{
    while (depth-- > 0) {
        psim_add_end(w->b);
    }
}

static void
load_operand(struct product_build *w, uint8_t tile, double deep, uint8_t edge,
             bool cast)
{
    struct psim_step *step = psim_add_do(
        w->b, w->load_act, psim_amount_of(deep * w->in, edge, PSIM_NONE, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    step->channel = w->ab;
    step->tile = tile;
    if (cast) step->cast = (uint8_t)w->map.cluster;
}

/** Work-groups that share moves must have met before the first one lands. */
static void
meet_cluster(struct product_build *w)
{
    const struct psim_hw *hw = w->b->hw;
    if (w->map.cluster <= 1 || !w->route.copy || w->route.copy->multicast_group < 0)
        return;
    const double barrier_s = hw->groups[w->route.copy->multicast_group].barrier_s;
    if (barrier_s <= 0) return;
    (void)psim_add_do(w->b, psim_act_delay(w->b, "cluster_barrier", barrier_s),
                      psim_amount_of(1, PSIM_NONE, PSIM_NONE, PSIM_NONE));
}

static void
build_loader(struct product_build *w)
{
    psim_add_role(w->b, "load", 1);
    meet_cluster(w);
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
build_second(struct product_build *w)
{
    psim_add_role(w->b, "weights", 1);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        const unsigned depth = open_loops(w, partial);
        const struct psim_mma mma = w->map.compute->by[w->p->dtype].mma;
        const double deep = (double)round_up(partial ? w->rest : w->map.k, mma.k);
        psim_add_on(w->b, PSIM_STEP_WAIT, w->ab);
        psim_add_on(w->b, PSIM_STEP_RESERVE, w->weights);
        struct psim_step *step =
            psim_add_do(w->b, w->second_act,
                        psim_amount_of(deep * (double)round_up(w->map.n, mma.n) * w->in,
                                       PSIM_NONE, PSIM_NONE, PSIM_NONE));
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
build_math_step(struct product_build *w, double deep)
{
    struct psim_build *b = w->b;
    const bool matrix = w->map.compute->does == PSIM_DOES_MATMUL;
    const struct psim_mma mma = w->map.compute->by[w->p->dtype].mma;
    double padded = matrix ? (double)round_up((uint64_t)deep, mma.k) : deep;
    if (w->map.library && w->p->conv) padded = w->map.k;
    const double work = (double)w->map.m * w->map.n * padded * (matrix ? 2 : 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->ab);
    if (w->weights != PSIM_NONE) psim_add_on(b, PSIM_STEP_WAIT, w->weights);
    if (w->put_act != PSIM_NONE) {
        const double bytes = ((double)w->map.m + w->map.n) * deep * w->in;
        (void)psim_add_do(b, w->put_act,
                          psim_amount_of(bytes, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    }
    if (w->fetch_act != PSIM_NONE) {
        struct psim_mapping step_map = w->map;
        step_map.k = (uint32_t)deep;
        const double bytes =
            psim_product_fragment_bytes(&b->view, &step_map, matrix, w->in);
        struct psim_step *step = psim_add_do(
            b, w->fetch_act, psim_amount_of(bytes, PSIM_NONE, PSIM_NONE, PSIM_NONE));
        step->flags = PSIM_POSTED;
    }
    (void)psim_add_do(b, w->compute_act,
                      psim_amount_of(work, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    if (w->map.instructions > 0) {
        const double more = (double)w->map.m * w->map.n * padded * w->map.instructions;
        (void)psim_add_do(b, psim_act_issue(b, "other_instructions"),
                          psim_amount_of(more, PSIM_NONE, PSIM_NONE, PSIM_NONE));
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
build_drain(struct product_build *w, double bytes)
{
    struct psim_build *b = w->b;
    const struct psim_hw *hw = b->hw;
    const double parts = ceil(bytes / w->map.out_buffer);
    const uint8_t put =
        psim_act_move(b, &(struct psim_move){NULL, -1, w->route.local, w->out, true});
    const struct psim_operation *drain = w->route.drain;
    double latency_s = drain->by[PSIM_FP32].latency_s;
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches == drain->to && m->group != b->view.unit)
            latency_s += m->latency_s;
    }
    (void)psim_add_do(b, put, psim_amount_of(bytes, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    psim_add_loop(b, psim_amount_of(parts, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    (void)psim_add_do(b, psim_act_delay(b, "drain", latency_s),
                      psim_amount_of(1, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    psim_add_end(b);
}

/** Bias, relu, conversion, then the tile leaves, through local memory if it can. */
static void
build_epilogue(struct product_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_hw *hw = b->hw;
    const double cells = (double)w->map.m * w->map.n;
    for (int e = PSIM_EPILOGUE_BIAS; e <= PSIM_EPILOGUE_RELU && w->split == 1; e++) {
        if (!(w->p->epilogue >> e & 1)) continue;
        const struct psim_ability ability = psim_find_vector(
            hw, e == PSIM_EPILOGUE_BIAS ? PSIM_DOES_ADD : PSIM_DOES_MAX, w->p->out);
        if (!ability.op) continue;
        (void)psim_add_do(b, psim_act_vector(b, &ability),
                          psim_amount_of(cells, PSIM_NONE, PSIM_NONE, PSIM_NONE));
    }
    const double bytes = w->split > 1 ? 4 : w->out;
    if (w->map.out_buffer > 0 && w->route.drain) build_drain(w, cells * bytes);
    const struct psim_move direct = {w->route.store, -1, hw->main_memory, bytes, true};
    struct psim_step *step =
        psim_add_do(b, psim_act_move(b, &direct),
                    psim_amount_of(bytes, w->rows, w->cols, PSIM_NONE));
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->tile_c;
}

static void
build_math(struct product_build *w)
{
    psim_add_role(w->b, "math", 1);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        const unsigned depth = open_loops(w, partial);
        build_math_step(w, partial ? (double)w->rest : w->map.k);
        close_loops(w, depth);
    }
    build_epilogue(w);
    psim_add_stop(w->b);
}

static void
build_acts(struct product_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_operation *compute = w->map.compute;
    const bool matrix = compute->does == PSIM_DOES_MATMUL;
    const int memory = b->hw->main_memory;
    w->put_act = w->fetch_act = w->second_act = PSIM_NONE;
    const int to =
        w->route.copy && w->route.copy->to == w->route.local ? w->route.local : -1;
    /* A library that asks for less alignment than the copy moves in small pieces. */
    const uint64_t asked = w->map.library ? w->map.library->align_bytes : 0;
    const double access = asked > 0 ? (double)asked : w->in;
    const bool aligned = asked == 0;
    w->load_act = psim_act_move(
        b, &(struct psim_move){w->route.copy, memory, to, access, aligned});
    if (w->route.route == PSIM_ROUTE_HELD) {
        w->put_act = psim_act_move(
            b, &(struct psim_move){w->route.put, -1, w->route.local, access, aligned});
    }
    if (w->route.route != PSIM_ROUTE_COPY && w->route.local >= 0) {
        w->fetch_act = psim_act_move(
            b, &(struct psim_move){w->route.fetch, w->route.local, -1, w->in, true});
    }
    if (w->route.second) {
        w->second_act =
            psim_act_move(b, &(struct psim_move){w->route.second, w->route.local,
                                                 w->route.second->to, w->in, true});
    }
    if (matrix) {
        const struct psim_mma shape =
            psim_product_instruction(compute, w->p->dtype, w->map.m, w->map.n);
        w->compute_act = psim_act_matrix(b, compute, w->p->dtype, &shape);
    } else {
        w->compute_act =
            psim_act_vector(b, &(struct psim_ability){compute, w->p->dtype, 1});
    }
}

/** Slots of the operand buffer: the mapping's, else what leaves room for the groups. */
static uint64_t
choose_stages(const struct product_build *w)
{
    enum { USUAL = 3, MOST = 8 };
    if (w->map.stages > 0) return w->map.stages;
    if (w->route.local < 0) return 2;
    const struct psim_memory *local = &w->b->hw->memories[w->route.local];
    if (w->route.route == PSIM_ROUTE_CACHED) return 2;
    if (w->route.route == PSIM_ROUTE_HELD) return 2;
    if (local->bytes <= 0) return USUAL;
    const double fit = floor(local->bytes / w->slot_bytes);
    if (w->route.route == PSIM_ROUTE_STAGED) return fit < USUAL ? 2 : USUAL;
    return fit > MOST ? MOST : fit < 2 ? 2 : (uint64_t)fit;
}

static void
setup(struct product_build *w, const struct psim_mapping *mapping)
{
    struct psim_build *b = w->b;
    w->map = *mapping;
    w->in = psim_dtype_bytes(w->p->dtype);
    w->out = psim_dtype_bytes(w->p->out);
    find_steps(w);
    w->share_a = w->map.m >= w->map.n;
    if (w->map.cluster < 1) w->map.cluster = 1;
    w->tiles_m = ceil_div(w->p->m, w->map.m);
    w->tiles_n = ceil_div(w->p->n, w->map.n);
    uint64_t *along = w->share_a ? &w->tiles_n : &w->tiles_m;
    if (*along < w->map.cluster) w->map.cluster = 1;
    *along = round_up(*along, w->map.cluster);
    w->slot_bytes = ((double)w->map.m + w->map.n) * w->map.k * w->in;
    b->gang_lanes = w->map.lanes;
    if (b->view.team < 0) b->gang_lanes = (uint32_t)b->view.lanes;
}

/** The second kernel of a split sum: partial sums are read and added (eq. P2). */
static bool
build_reduce(struct product_build *w)
{
    const struct psim_part reduce = {
        .program = &psim_program_stream,
        .name = "reduce",
        .op = w->part->op,
        .u.stream = {.elements = w->p->m * w->p->n * w->p->batch,
                     .inputs = 1,
                     .outputs = 1,
                     .reads = (uint32_t)w->split,
                     .dtype = PSIM_FP32,
                     .in = PSIM_FP32,
                     .out = w->p->out,
                     .work = {{PSIM_DOES_ADD, (double)w->split - 1}}},
    };
    struct psim_mapping mapping = {.lanes = 256, .elements = 1, .registers = 32};
    if (w->b->view.team >= 0 && mapping.lanes > w->b->view.team_lanes) {
        mapping.lanes = (uint32_t)w->b->view.team_lanes;
    }
    return psim_program_stream.build(w->b, &reduce, &mapping);
}

bool
psim_product_build(struct psim_build *b, const struct psim_part *part,
                   const struct psim_mapping *mapping)
{
    struct product_build w = {.b = b, .part = part, .p = &part->u.product};
    psim_build_view_from(b, mapping->compute->group, mapping->pace_cycles);
    if (!psim_product_route(b->hw, &b->view, mapping->compute, mapping->copy,
                            &w.route)) {
        return psim_build_refuse(b, "operands cannot reach '%s'",
                                 mapping->compute->name);
    }
    setup(&w, mapping);
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = w.p->flop;
    build_grid(&w);
    if (w.p->conv) {
        build_conv_tiles(&w);
    } else {
        build_tiles(&w);
    }
    build_output(&w);
    const uint64_t stages = choose_stages(&w);
    w.ab = psim_add_channel(b, "ab", stages, (uint64_t)w.slot_bytes);
    w.weights = PSIM_NONE;
    if (w.route.second) {
        w.weights = psim_add_channel(b, "w", 2, 0);
        b->channels[w.ab].consumers = 2;
    }
    build_acts(&w);
    build_loader(&w);
    if (w.route.second) build_second(&w);
    build_math(&w);
    k->start_act = psim_act_start(b, w.route.copy ? w.route.copy->setup_s : 0);
    const bool scratchpad = w.route.route != PSIM_ROUTE_CACHED && w.route.local >= 0;
    const struct psim_need need = {
        .lanes = w.map.lanes,
        .registers = w.map.registers,
        .local = scratchpad ? w.route.local : -1,
        .local_bytes = (double)stages * w.slot_bytes,
    };
    if (w.route.route == PSIM_ROUTE_CACHED && w.route.local >= 0 &&
        2 * w.slot_bytes > b->hw->memories[w.route.local].bytes) {
        return psim_build_refuse(b, "the tiles do not fit %s",
                                 b->hw->memories[w.route.local].name);
    }
    if (!psim_build_end(b, &need, w.map.dispatch, w.map.resident)) return false;
    return w.split == 1 || build_reduce(&w);
}
