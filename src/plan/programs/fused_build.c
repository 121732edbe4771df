/* SPDX-License-Identifier: MIT */
/** @file fused: the kernel of a mapping, sequential (flash2) or ping-pong (flash3). */
#include <math.h>

#include "plan/programs/fused.h"
#include "plan/programs/product.h"
#include "util/arena.h"

struct fused_build {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_attention *a;
    struct psim_mapping map;
    struct psim_product_route route;
    enum psim_dtype dtype;
    double elem, dim;
    uint64_t queries, heads, group; /* a GQA group's heads count as queries of one */
    uint64_t steps, per_split;
    bool ping_pong;
    uint8_t axis_q, axis_h, axis_s;
    uint8_t whole, masked;    /* parameters: key tiles without and with a mask */
    uint8_t rows;             /* parameter: queries of the tile */
    uint8_t q, k, v, turn[2]; /* channels */
    uint8_t tile_q, tile_k[2], tile_v[2], tile_o;
    uint8_t load, fetch, matmul;
};

static uint64_t
ceil_div(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* --- grid ------------------------------------------------------------------ */

/** Key tiles that query tile x sees: floor((a x + b) / c), at most all. */
struct triangle {
    int64_t a, b, c, all;
};

static int64_t
sees(const struct triangle *t, uint64_t x)
{
    const int64_t n = t->a * (int64_t)x + t->b;
    const int64_t tiles = n <= 0 ? 0 : n / t->c;
    return tiles < t->all ? tiles : t->all;
}

/** First x that sees at least @p tiles; @p extent where none does. */
static uint64_t
first_that_sees(const struct triangle *t, int64_t tiles, uint64_t extent)
{
    uint64_t lo = 0, hi = extent;
    while (lo < hi) {
        const uint64_t mid = lo + (hi - lo) / 2;
        if (sees(t, mid) >= tiles) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return lo;
}

static uint8_t
add_stretch(struct psim_run *runs, uint8_t n, uint64_t first, uint64_t end,
            struct psim_run run)
{
    if (end <= first) return n;
    run.first = (uint32_t)first;
    run.count = (uint32_t)(end - first);
    run.b += run.a * (int64_t)first;
    runs[n] = run;
    return (uint8_t)(n + 1);
}

/**
 * Key tiles by query tile. Causal: a triangle, whose last tiles are masked; else
 * all, the last of them masked where the keys do not fill it (eq. P3).
 */
static void
add_trips(struct fused_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_attention *a = w->a;
    const int64_t bq = w->map.m, bk = w->map.n;
    const uint64_t extent = b->kernel->extent[w->axis_q];
    struct psim_run whole[3], masked[3];
    uint8_t n_whole = 0, n_masked = 0;
    if (!a->causal) {
        const int64_t ragged = a->seq_kv % w->map.n != 0;
        const int64_t steps = (int64_t)w->per_split;
        if (w->axis_s != PSIM_NONE) {
            const uint64_t splits = b->kernel->extent[w->axis_s];
            const uint64_t last = w->steps - (splits - 1) * w->per_split;
            w->whole = psim_add_edge(b, "tiles", w->axis_s, w->per_split,
                                     last - (uint64_t)ragged);
            w->masked = psim_add_edge(b, "masked", w->axis_s, 0, (uint64_t)ragged);
            return;
        }
        w->whole = psim_add_edge(b, "tiles", w->axis_q, (uint64_t)(steps - ragged),
                                 (uint64_t)(steps - ragged));
        w->masked =
            psim_add_edge(b, "masked", w->axis_q, (uint64_t)ragged, (uint64_t)ragged);
        return;
    }
    const struct triangle t = {
        .a = bq,
        .b = bq + (int64_t)a->seq_kv - (int64_t)a->seq_q + bk - 1,
        .c = bk,
        .all = (int64_t)w->steps,
    };
    const int64_t edge = bq > bk ? bq / bk : 1;
    const uint64_t some = first_that_sees(&t, 1, extent);
    const uint64_t enough = first_that_sees(&t, edge, extent);
    const uint64_t full = first_that_sees(&t, t.all, extent);
    const int64_t most = t.all - edge > 0 ? t.all - edge : 0;
    const uint64_t mid = enough < full ? full : enough;
    n_whole = add_stretch(whole, n_whole, 0, enough, (struct psim_run){0, 0, 0, 0, 1});
    n_whole = add_stretch(whole, n_whole, enough, mid,
                          (struct psim_run){0, 0, t.a, t.b - edge * t.c, t.c});
    n_whole =
        add_stretch(whole, n_whole, mid, extent, (struct psim_run){0, 0, 0, most, 1});
    n_masked = add_stretch(masked, n_masked, 0, some, (struct psim_run){0, 0, 0, 0, 1});
    n_masked = add_stretch(masked, n_masked, some, enough < full ? enough : full,
                           (struct psim_run){0, 0, t.a, t.b, t.c});
    n_masked = add_stretch(masked, n_masked, enough < full ? enough : full, extent,
                           (struct psim_run){0, 0, 0, t.all < edge ? t.all : edge, 1});
    w->whole = psim_add_param(b, "tiles", w->axis_q, whole, n_whole);
    w->masked = psim_add_param(b, "masked", w->axis_q, masked, n_masked);
}

static void
build_grid(struct fused_build *w)
{
    struct psim_build *b = w->b;
    const uint64_t tiles = ceil_div(w->queries, w->map.m);
    w->axis_q = psim_add_axis(b, "q", tiles);
    w->axis_h = psim_add_axis(b, "h", w->heads);
    w->axis_s = PSIM_NONE;
    const uint64_t splits = ceil_div(w->steps, w->per_split);
    if (splits > 1) {
        w->axis_s = psim_add_axis(b, "s", splits);
        psim_add_level(b, w->axis_s, 0, false);
    }
    psim_add_level(b, w->axis_q, 0, false);
    psim_add_level(b, w->axis_h, 0, false);
    w->rows = psim_add_edge(b, "rows", w->axis_q, w->map.m,
                            w->queries - (tiles - 1) * w->map.m);
    add_trips(w);
}

/* --- tensors --------------------------------------------------------------- */

static uint8_t
add_tensor(struct fused_build *w, const char *name, uint64_t heads, uint64_t rows,
           uint32_t block_rows, double elem)
{
    const uint64_t extent[] = {heads, rows, w->a->head_dim};
    const uint64_t block[] = {1, block_rows < rows ? block_rows : rows, w->a->head_dim};
    return psim_build_tensor(w->b, name, (uint32_t)elem, extent, block, 3);
}

/** One head's (or group's) plane: heads that share keys find the same. */
static uint8_t
add_head_tile(struct fused_build *w, const char *name, uint8_t tensor, uint64_t share)
{
    const uint8_t tile = psim_add_tile(w->b, name, tensor);
    struct psim_box_dim *head = psim_tile_dim(w->b, tile, 0);
    head->axis = w->axis_h;
    head->a = 1;
    head->c = (int64_t)share;
    head->size = 1;
    return tile;
}

static void
along_keys(struct fused_build *w, uint8_t tile, bool masked)
{
    struct psim_box_dim *rows = psim_tile_dim(w->b, tile, 1);
    rows->size = w->map.n;
    rows->step[0] = w->map.n;
    if (w->axis_s != PSIM_NONE) {
        rows->axis = w->axis_s;
        rows->a = (int64_t)(w->per_split * w->map.n);
    }
    if (!masked) return;
    /* The masked tiles come last: on the diagonal, or at the end of the keys. */
    rows->step[0] = 0;
    if (w->a->causal) {
        rows->axis = w->axis_q;
        rows->a = w->map.m;
        rows->offset = (int64_t)w->a->seq_kv - (int64_t)w->a->seq_q;
        rows->size = w->map.m > w->map.n ? w->map.m : w->map.n;
    } else {
        rows->axis = PSIM_NONE;
        rows->offset = (int64_t)((w->steps - 1) * w->map.n);
    }
}

static void
build_tensors(struct fused_build *w)
{
    const struct psim_attention *a = w->a;
    const uint64_t kv_heads = a->batch * a->kv_heads;
    const uint64_t share = w->group > 1 ? 1 : a->heads / a->kv_heads;
    const uint8_t q = add_tensor(w, "Q", w->heads, w->queries, w->map.m, w->elem);
    const uint8_t k = add_tensor(w, "K", kv_heads, a->seq_kv, w->map.n, w->elem);
    const uint8_t v = add_tensor(w, "V", kv_heads, a->seq_kv, w->map.n, w->elem);
    w->tile_q = add_head_tile(w, "Q", q, 1);
    struct psim_box_dim *rows = psim_tile_dim(w->b, w->tile_q, 1);
    rows->axis = w->axis_q;
    rows->a = rows->size = w->map.m;
    for (int masked = 0; masked < 2; masked++) {
        w->tile_k[masked] = add_head_tile(w, masked ? "K_masked" : "K", k, share);
        w->tile_v[masked] = add_head_tile(w, masked ? "V_masked" : "V", v, share);
        along_keys(w, w->tile_k[masked], masked);
        along_keys(w, w->tile_v[masked], masked);
    }
    const bool split = w->axis_s != PSIM_NONE;
    const double out_elem = split ? 4 : w->elem;
    const uint64_t splits = split ? w->b->kernel->extent[w->axis_s] : 1;
    const uint8_t o = add_tensor(w, split ? "partial" : "O", w->heads * splits,
                                 w->queries, w->map.m, out_elem);
    w->tile_o = psim_add_tile(w->b, "O", o);
    const double plane = (double)(w->queries * a->head_dim);
    const double keys = (double)(kv_heads * a->seq_kv * a->head_dim) * w->elem;
    psim_add_use(w->b, q, (double)w->heads * plane * w->elem, 0);
    psim_add_use(w->b, k, keys, 0);
    psim_add_use(w->b, v, keys, 0);
    psim_add_use(w->b, o, 0, (double)(w->heads * splits) * plane * out_elem);
}

/* --- steps ----------------------------------------------------------------- */

static void
load(struct fused_build *w, uint8_t channel, uint8_t tile, double bytes, uint8_t edge)
{
    struct psim_step *step =
        psim_add_do(w->b, w->load, psim_amount_of(bytes, edge, PSIM_NONE, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    step->channel = channel;
    step->tile = tile;
}

static void
build_loader(struct fused_build *w)
{
    struct psim_build *b = w->b;
    psim_add_role(b, "load", 1);
    psim_add_on(b, PSIM_STEP_RESERVE, w->q);
    load(w, w->q, w->tile_q, w->dim * w->elem, w->rows);
    psim_add_on(b, PSIM_STEP_COMMIT, w->q);
    for (int masked = 0; masked < 2; masked++) {
        const double bytes = w->map.n * w->dim * w->elem;
        psim_add_loop(
            b, psim_amount_of(1, masked ? w->masked : w->whole, PSIM_NONE, PSIM_NONE));
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
work(struct fused_build *w, enum psim_primitive does, double times)
{
    const struct psim_ability ability = psim_find_vector(w->b->hw, does, w->dtype);
    (void)psim_add_do(w->b, psim_act_vector(w->b, &ability),
                      psim_amount_of(times, PSIM_NONE, PSIM_NONE, PSIM_NONE));
}

/** Maximum, exponential, sum of a tile of scores; the sums so far are rescaled. */
static void
softmax(struct fused_build *w, double rows, bool masked)
{
    const double scores = rows * w->map.n;
    work(w, PSIM_DOES_MAX, masked ? 2 * scores : scores);
    work(w, PSIM_DOES_FMA, scores);
    work(w, PSIM_DOES_EXP2, scores);
    work(w, PSIM_DOES_ADD, scores);
    if (psim_dtype_of_sums(w->dtype) != w->dtype) work(w, PSIM_DOES_CONVERT, scores);
    work(w, PSIM_DOES_MUL, rows * w->dim);
    if (w->map.instructions > 0) {
        (void)psim_add_do(w->b, psim_act_issue(w->b, "other_instructions"),
                          psim_amount_of(scores * w->map.instructions, PSIM_NONE,
                                         PSIM_NONE, PSIM_NONE));
    }
}

/** One of the two products of a tile, with the fragments it reads on the way. */
static void
product(struct fused_build *w, double rows, double cols, double deep, bool in_registers)
{
    const bool matrix = w->map.compute->does == PSIM_DOES_MATMUL;
    if (w->fetch != PSIM_NONE) {
        /* Each bundle has rows of its own and reads all of the other operand; the
         * probabilities are in registers already. */
        const double lanes = w->map.lanes, bundle = w->b->view.bundle_lanes;
        double bytes = fmax(lanes / bundle, 1) * cols * deep * w->elem;
        if (!in_registers) bytes += rows * deep * w->elem;
        if (!matrix) {
            struct psim_mapping tile = w->map;
            tile.m = (uint32_t)rows;
            tile.n = (uint32_t)cols;
            tile.k = (uint32_t)deep;
            bytes = psim_product_fragment_bytes(&w->b->view, &tile, false, w->elem);
        }
        struct psim_step *step = psim_add_do(
            w->b, w->fetch, psim_amount_of(bytes, PSIM_NONE, PSIM_NONE, PSIM_NONE));
        step->flags = PSIM_POSTED;
    }
    (void)psim_add_do(w->b, w->matmul,
                      psim_amount_of((matrix ? 2 : 1) * rows * cols * deep, PSIM_NONE,
                                     PSIM_NONE, PSIM_NONE));
}

/** The sums, divided and narrowed, leave. */
static void
build_epilogue(struct fused_build *w, double part)
{
    struct psim_build *b = w->b;
    const double rows = w->map.m * part;
    const bool split = w->axis_s != PSIM_NONE;
    work(w, PSIM_DOES_MUL, rows * w->dim);
    const double bytes = (split ? 4 : w->elem) * w->dim * part;
    const uint8_t act = psim_act_move(
        b, &(struct psim_move){w->route.store, -1, b->hw->main_memory, w->elem, true});
    struct psim_step *step =
        psim_add_do(b, act, psim_amount_of(bytes, w->rows, PSIM_NONE, PSIM_NONE));
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->tile_o;
}

/** One role does all: scores, softmax, values, tile by tile. */
static void
build_sequential(struct fused_build *w)
{
    struct psim_build *b = w->b;
    const double rows = w->map.m;
    psim_add_role(b, "math", 1);
    psim_add_on(b, PSIM_STEP_WAIT, w->q);
    for (int masked = 0; masked < 2; masked++) {
        psim_add_loop(
            b, psim_amount_of(1, masked ? w->masked : w->whole, PSIM_NONE, PSIM_NONE));
        psim_add_on(b, PSIM_STEP_WAIT, w->k);
        product(w, rows, w->map.n, w->dim, false);
        psim_add_on(b, PSIM_STEP_RELEASE, w->k);
        softmax(w, rows, masked);
        psim_add_on(b, PSIM_STEP_WAIT, w->v);
        product(w, rows, w->dim, w->map.n, true);
        psim_add_on(b, PSIM_STEP_RELEASE, w->v);
        psim_add_end(b);
    }
    psim_add_on(b, PSIM_STEP_RELEASE, w->q);
    build_epilogue(w, 1);
    psim_add_stop(b);
}

/**
 * Two roles of half the queries each take turns: while one multiplies, the other
 * does its softmax. A token goes to and fro.
 */
static void
build_ping_pong(struct fused_build *w)
{
    static const char *const names[] = {"math0", "math1"};
    struct psim_build *b = w->b;
    const double rows = w->map.m / 2.0;
    for (int g = 0; g < 2; g++) {
        psim_add_role(b, names[g], 1);
        psim_add_on(b, PSIM_STEP_WAIT, w->q);
        for (int masked = 0; masked < 2; masked++) {
            psim_add_loop(b, psim_amount_of(1, masked ? w->masked : w->whole, PSIM_NONE,
                                            PSIM_NONE));
            psim_add_on(b, PSIM_STEP_WAIT, w->k);
            psim_add_on(b, PSIM_STEP_WAIT, w->v);
            psim_add_on(b, PSIM_STEP_WAIT, w->turn[g]);
            psim_add_on(b, PSIM_STEP_RESERVE, w->turn[1 - g]);
            (void)psim_add_do(b, w->matmul,
                              psim_amount_of(4 * rows * w->map.n * w->dim, PSIM_NONE,
                                             PSIM_NONE, PSIM_NONE));
            psim_add_on(b, PSIM_STEP_COMMIT, w->turn[1 - g]);
            psim_add_on(b, PSIM_STEP_RELEASE, w->turn[g]);
            psim_add_on(b, PSIM_STEP_RELEASE, w->k);
            psim_add_on(b, PSIM_STEP_RELEASE, w->v);
            softmax(w, rows, masked);
            psim_add_end(b);
        }
        psim_add_on(b, PSIM_STEP_RELEASE, w->q);
        build_epilogue(w, 0.5);
        psim_add_stop(b);
    }
}

static void
build_channels(struct fused_build *w)
{
    struct psim_build *b = w->b;
    const double q_bytes = w->map.m * w->dim * w->elem;
    const double kv_bytes = w->map.n * w->dim * w->elem;
    w->q = psim_add_channel(b, "q", 1, (uint64_t)q_bytes);
    w->k = psim_add_channel(b, "k", w->map.stages, (uint64_t)kv_bytes);
    w->v = psim_add_channel(b, "v", w->map.stages, (uint64_t)kv_bytes);
    if (!w->ping_pong) return;
    w->turn[0] = psim_add_channel(b, "turn0", 1, 0);
    w->turn[1] = psim_add_channel(b, "turn1", 1, 0);
    b->channels[w->turn[0]].primed = 1;
    b->channels[w->q].consumers = 2;
    b->channels[w->k].consumers = 2;
    b->channels[w->v].consumers = 2;
}

static void
build_acts(struct fused_build *w)
{
    struct psim_build *b = w->b;
    const int memory = b->hw->main_memory;
    const int to =
        w->route.copy && w->route.copy->to == w->route.local ? w->route.local : -1;
    w->load =
        psim_act_move(b, &(struct psim_move){w->route.copy, memory, to, w->elem, true});
    w->fetch = PSIM_NONE;
    if (w->route.route != PSIM_ROUTE_COPY && w->route.local >= 0) {
        w->fetch = psim_act_move(
            b, &(struct psim_move){w->route.fetch, w->route.local, -1, w->elem, true});
    }
    if (w->map.compute->does == PSIM_DOES_MATMUL) {
        const uint32_t rows = w->ping_pong ? w->map.m / 2 : w->map.m;
        const struct psim_mma shape =
            psim_product_instruction(w->map.compute, w->dtype, rows, w->map.n);
        w->matmul = psim_act_matrix(b, w->map.compute, w->dtype, &shape);
    } else {
        w->matmul =
            psim_act_vector(b, &(struct psim_ability){w->map.compute, w->dtype, 1});
    }
}

static bool
setup(struct fused_build *w, const struct psim_mapping *mapping)
{
    struct psim_build *b = w->b;
    const struct psim_attention *a = w->a;
    w->map = *mapping;
    w->dtype = (enum psim_dtype)a->dtype;
    w->elem = psim_dtype_bytes(w->dtype);
    w->dim = (double)a->head_dim;
    w->ping_pong = a->algorithm == PSIM_ATTENTION_FLASH3;
    w->group = a->seq_q == 1 ? a->heads / a->kv_heads : 1;
    w->queries = a->seq_q * w->group;
    w->heads = a->batch * a->heads / w->group;
    w->steps = ceil_div(a->seq_kv, w->map.n);
    if (w->map.split < 1) w->map.split = 1;
    w->per_split = ceil_div(w->steps, w->map.split);
    if (w->map.stages == 0) w->map.stages = 2;
    psim_build_view_from(b, mapping->compute->group, mapping->pace_cycles);
    b->gang_lanes = b->view.team >= 0 ? w->map.lanes : (uint32_t)b->view.lanes;
    if (w->ping_pong) b->gang_lanes /= 3; /* a third loads, two multiply */
    if (!psim_product_route(b->hw, &b->view, mapping->compute, mapping->copy,
                            &w->route)) {
        return psim_build_refuse(b, "operands cannot reach '%s'",
                                 mapping->compute->name);
    }
    return true;
}

/** The second kernel of split keys. */
static bool
build_combine(struct fused_build *w, uint64_t split)
{
    const struct psim_part combine = {
        .program = &psim_program_combine,
        .name = "combine",
        .op = w->part->op,
        .u.combine = {.heads = w->heads * w->queries,
                      .head_dim = w->a->head_dim,
                      .split = split,
                      .out = w->dtype},
    };
    const struct psim_mapping mapping = {.lanes = 128, .rows = 4, .registers = 52};
    return psim_program_combine.build(w->b, &combine, &mapping);
}

bool
psim_fused_build(struct psim_build *b, const struct psim_part *part,
                 const struct psim_mapping *mapping)
{
    struct fused_build w = {.b = b, .part = part, .a = part->op->attributes};
    if (!setup(&w, mapping)) return false;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = part->op->kind->cost(part->op).flop;
    b->in_phase = !w.ping_pong && psim_view_in_turn(&b->view);
    build_grid(&w);
    const uint64_t split = w.axis_s == PSIM_NONE ? 1 : k->extent[w.axis_s];
    build_tensors(&w);
    build_channels(&w);
    build_acts(&w);
    build_loader(&w);
    if (w.ping_pong) {
        build_ping_pong(&w);
    } else {
        build_sequential(&w);
    }
    k->start_act = psim_act_start(b, w.route.copy ? w.route.copy->setup_s : 0);
    const double slot = 2.0 * w.map.n * w.dim * w.elem * w.map.stages;
    const struct psim_need need = {
        .lanes = w.map.lanes,
        .registers = w.map.registers,
        .local = w.route.route == PSIM_ROUTE_CACHED ? -1 : w.route.local,
        .local_bytes = slot + w.map.m * w.dim * w.elem,
    };
    if (!psim_build_end(b, &need, w.map.dispatch, w.map.resident)) return false;
    return split == 1 || build_combine(&w, split);
}
