/* SPDX-License-Identifier: MIT */
/** @file serial: the textbook's attention on one lane (docs/MODEL.md, eq. P10). */
#include "plan/lower.h"
#include "util/arena.h"

static const enum psim_primitive needed[] = {
    PSIM_DOES_FMA, PSIM_DOES_MAX, PSIM_DOES_EXP2, PSIM_DOES_ADD, PSIM_DOES_DIVIDE};

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    const struct psim_attention *a = part->op->attributes;
    for (size_t i = 0; i < PSIM_COUNT(needed); i++) {
        if (!psim_find_vector(hw, needed[i], (enum psim_dtype)a->dtype).op) {
            (void)psim_lacks(diag, hw, part, needed[i], (enum psim_dtype)a->dtype,
                             a->dtype_at);
            return;
        }
    }
    psim_mappings_add(ret, &(struct psim_mapping){.lanes = 1, .rows = 1});
}

struct serial_build {
    struct psim_build *b;
    const struct psim_attention *a;
    enum psim_dtype dtype;
    double elem_bytes, head_dim;
    uint64_t heads, kv_heads; /**< of the whole batch */
    uint8_t load, store;      /**< acts, and what is left of their way: */
    uint8_t fetch, put;       /**< PSIM_NONE without */
    uint8_t keys;             /**< parameter: those that a query sees */
    uint8_t tile_q, tile_k, tile_v, tile_s, tile_o;
};

/** Lane operations one after the other: each needs the result before it. */
static void
chain(struct serial_build *w, enum psim_primitive does, double times, bool dependent)
{
    struct psim_step *step =
        psim_add_work(w->b, does, w->dtype, psim_amount_flat(times), 1);
    if (dependent) step->chain = (uint32_t)times;
}

/** A load that the lane waits for. */
static void
load(struct serial_build *w, uint8_t tile, double bytes)
{
    psim_add_do(w->b, w->load, psim_amount_flat(bytes))->tile = tile;
    if (w->fetch == PSIM_NONE) return;
    (void)psim_add_do(w->b, w->fetch, psim_amount_flat(bytes));
}

static void
store(struct serial_build *w, uint8_t tile, double bytes)
{
    psim_add_beside(w->b, w->put, psim_amount_flat(bytes));
    struct psim_step *step = psim_add_do(w->b, w->store, psim_amount_flat(bytes));
    step->tile = tile;
    step->flags = PSIM_STORE | PSIM_POSTED;
}

static uint8_t
add_plane(struct serial_build *w, const char *name, uint64_t heads, uint64_t rows,
          uint64_t cols, bool by_key)
{
    const uint64_t extent[] = {heads, rows, cols}, block[] = {1, 1, cols};
    const uint8_t tensor =
        psim_build_tensor(w->b, name, psim_dtype_bytes(w->dtype), extent, block, 3);
    const uint8_t tile = psim_add_tile(w->b, name, tensor);
    psim_tile_dim(w->b, tile, 0)->axis = 1;
    psim_tile_dim(w->b, tile, 0)->a = 1;
    psim_tile_dim(w->b, tile, 0)->size = 1;
    struct psim_box_dim *row = psim_tile_dim(w->b, tile, 1);
    row->size = 1;
    if (by_key) {
        row->step[0] = 1;
    } else {
        row->axis = 0;
        row->a = 1;
    }
    return tile;
}

/** One item a query and head; how many keys it sees. @return false: none */
static bool
build_grid(struct serial_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_attention *a = w->a;
    psim_add_level(b, psim_add_axis(b, "row", a->seq_q), 0, false);
    psim_add_level(b, psim_add_axis(b, "h", w->heads), 0, false);
    const int64_t shift = (int64_t)a->seq_kv - (int64_t)a->seq_q + 1;
    struct psim_run run = {0, (uint32_t)a->seq_q, 0, (int64_t)a->seq_kv, 1};
    if (a->causal) run = (struct psim_run){0, (uint32_t)a->seq_q, 1, shift, 1};
    if (run.b < 0) return psim_build_refuse(b, "some queries see no key");
    w->keys = psim_add_param(b, "keys", 0, &run, 1);
    return true;
}

static void
build_planes(struct serial_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_attention *a = w->a;
    w->tile_q = add_plane(w, "Q", w->heads, a->seq_q, a->head_dim, false);
    w->tile_k = add_plane(w, "K", w->kv_heads, a->seq_kv, a->head_dim, true);
    w->tile_v = add_plane(w, "V", w->kv_heads, a->seq_kv, a->head_dim, true);
    w->tile_s = add_plane(w, "S", w->heads, a->seq_q, a->seq_kv, false);
    w->tile_o = add_plane(w, "O", w->heads, a->seq_q, a->head_dim, false);
    psim_tile_dim(b, w->tile_k, 0)->c = psim_tile_dim(b, w->tile_v, 0)->c =
        (int64_t)(a->heads / a->kv_heads);
    const double planes = (double)w->heads * (double)a->seq_q * w->elem_bytes;
    const double kv = (double)(w->kv_heads * a->seq_kv) * w->head_dim * w->elem_bytes;
    psim_add_use(b, b->tiles[w->tile_q].tensor, planes * w->head_dim, 0);
    psim_add_use(b, b->tiles[w->tile_k].tensor, kv, 0);
    psim_add_use(b, b->tiles[w->tile_v].tensor, kv, 0);
    /* S and P of the keys that a query sees, in one place. */
    const double pairs = (double)w->heads * psim_attention_pairs(a);
    psim_add_use(b, b->tiles[w->tile_s].tensor, 0, pairs * w->elem_bytes);
    psim_add_use(b, b->tiles[w->tile_o].tensor, 0, planes * w->head_dim);
}

static void
build_lane(struct serial_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_amount keys = psim_amount_of(1, w->keys, PSIM_NONE);
    const double elem = w->elem_bytes, dim = w->head_dim;
    psim_add_role(b, "lane", 1);
    load(w, w->tile_q, dim * elem);
    psim_add_loop(b, keys); /* s_j = q k_j, and the largest of them */
    load(w, w->tile_k, dim * elem);
    chain(w, PSIM_DOES_FMA, dim, true);
    chain(w, PSIM_DOES_MAX, 1, true);
    store(w, w->tile_s, elem);
    psim_add_end(b);
    psim_add_loop(b, keys); /* p_j = exp(s_j - max), and their sum */
    load(w, w->tile_s, elem);
    chain(w, PSIM_DOES_FMA, 1, true);
    chain(w, PSIM_DOES_EXP2, 1, true);
    chain(w, PSIM_DOES_ADD, 1, true);
    store(w, w->tile_s, elem);
    psim_add_end(b);
    psim_add_loop(b, keys); /* o = sum of p_j / sum v_j */
    load(w, w->tile_s, elem);
    chain(w, PSIM_DOES_DIVIDE, 1, true);
    load(w, w->tile_v, dim * elem);
    chain(w, PSIM_DOES_FMA, dim, false);
    psim_add_end(b);
    store(w, w->tile_o, dim * elem);
    psim_add_stop(b);
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_attention *a = part->op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    struct serial_build w = {
        .b = b,
        .a = a,
        .dtype = dtype,
        .elem_bytes = psim_dtype_bytes(dtype),
        .head_dim = (double)a->head_dim,
        .heads = a->batch * a->heads,
        .kv_heads = a->batch * a->kv_heads,
    };
    psim_build_view_from(b, psim_find_vector(b->hw, PSIM_DOES_FMA, dtype).op->group, 0);
    b->gang_lanes = 1;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = part->op->kind->cost(part->op).flop;
    k->units = 1;
    if (!build_grid(&w)) return false;
    build_planes(&w);
    w.load = psim_act_load(b, w.elem_bytes, false);
    w.store = psim_act_store(b, w.elem_bytes, false);
    w.fetch = psim_act_fetch(b, w.elem_bytes, false);
    w.put = psim_act_put(b, w.elem_bytes, false);
    build_lane(&w);
    const struct psim_need need = {.lanes = mapping->lanes, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_STRIDE, 1);
}

const struct psim_program psim_program_serial = {
    .name = "serial",
    .doc = "textbook attention on one lane: every load and multiply-add in a row",
    .mappings = mappings,
    .build = build,
};
