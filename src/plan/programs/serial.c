/* SPDX-License-Identifier: MIT */
/** @file serial: the textbook's attention, all loops on one lane. */
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
    enum psim_dtype dtype;
    uint8_t load, store, keys; /**< keys: parameter of those that a query sees */
};

/** Lane operations one after the other: each needs the result before it. */
static void
chain(struct serial_build *w, enum psim_primitive does, double times, bool dependent)
{
    const struct psim_ability ability = psim_find_vector(w->b->hw, does, w->dtype);
    struct psim_step *step =
        psim_add_do(w->b, psim_act_vector(w->b, &ability), psim_amount_flat(times));
    if (dependent) step->chain = (uint32_t)times;
}

static void
access(struct serial_build *w, uint8_t act, uint8_t tile, double bytes, bool stores)
{
    struct psim_step *step = psim_add_do(w->b, act, psim_amount_flat(bytes));
    step->tile = tile;
    if (stores) step->flags = PSIM_STORE | PSIM_POSTED;
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

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_attention *a = part->op->attributes;
    const struct psim_hw *hw = b->hw;
    struct serial_build w = {.b = b, .dtype = (enum psim_dtype)a->dtype};
    const struct psim_ability fma = psim_find_vector(hw, PSIM_DOES_FMA, w.dtype);
    const double elem = psim_dtype_bytes(w.dtype), dim = (double)a->head_dim;
    const int memory = hw->main_memory, registers = psim_hw_memory(hw, "registers");
    b->view = psim_view_of(hw, fma.op->group);
    b->gang_lanes = 1;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = part->op->kind->cost(part->op).flop;
    k->units = 1;
    const uint64_t heads = a->batch * a->heads, kv_heads = a->batch * a->kv_heads;
    psim_add_level(b, psim_add_axis(b, "row", a->seq_q), 0, false);
    psim_add_level(b, psim_add_axis(b, "h", heads), 0, false);
    const int64_t shift = (int64_t)a->seq_kv - (int64_t)a->seq_q + 1;
    struct psim_run run = {0, (uint32_t)a->seq_q, 0, (int64_t)a->seq_kv, 1};
    if (a->causal) run = (struct psim_run){0, (uint32_t)a->seq_q, 1, shift, 1};
    if (run.b < 0) return psim_build_refuse(b, "some queries see no key");
    w.keys = psim_add_param(b, "keys", 0, &run, 1);
    const uint8_t q = add_plane(&w, "Q", heads, a->seq_q, a->head_dim, false);
    const uint8_t key = add_plane(&w, "K", kv_heads, a->seq_kv, a->head_dim, true);
    const uint8_t value = add_plane(&w, "V", kv_heads, a->seq_kv, a->head_dim, true);
    const uint8_t s = add_plane(&w, "S", heads, a->seq_q, a->seq_kv, false);
    const uint8_t o = add_plane(&w, "O", heads, a->seq_q, a->head_dim, false);
    psim_tile_dim(b, key, 0)->c = psim_tile_dim(b, value, 0)->c =
        (int64_t)(a->heads / a->kv_heads);
    w.load = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, memory, registers, false), memory, -1,
                               elem, false});
    w.store = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, registers, memory, false), -1, memory,
                               elem, false});
    const struct psim_amount keys = psim_amount_of(1, w.keys, PSIM_NONE);
    psim_add_role(b, "lane", 1);
    access(&w, w.load, q, dim * elem, false);
    psim_add_loop(b, keys); /* s_j = q k_j, and the largest of them */
    access(&w, w.load, key, dim * elem, false);
    chain(&w, PSIM_DOES_FMA, dim, true);
    chain(&w, PSIM_DOES_MAX, 1, true);
    access(&w, w.store, s, elem, true);
    psim_add_end(b);
    psim_add_loop(b, keys); /* p_j = exp(s_j - max), and their sum */
    access(&w, w.load, s, elem, false);
    chain(&w, PSIM_DOES_FMA, 1, true);
    chain(&w, PSIM_DOES_EXP2, 1, true);
    chain(&w, PSIM_DOES_ADD, 1, true);
    access(&w, w.store, s, elem, true);
    psim_add_end(b);
    psim_add_loop(b, keys); /* o = sum of p_j / sum v_j */
    access(&w, w.load, s, elem, false);
    chain(&w, PSIM_DOES_DIVIDE, 1, true);
    access(&w, w.load, value, dim * elem, false);
    chain(&w, PSIM_DOES_FMA, dim, false);
    psim_add_end(b);
    access(&w, w.store, o, dim * elem, true);
    psim_add_stop(b);
    const double planes = (double)heads * (double)a->seq_q * elem;
    const double kv = (double)(kv_heads * a->seq_kv) * dim * elem;
    psim_add_use(b, b->tiles[q].tensor, planes * dim, 0);
    psim_add_use(b, b->tiles[key].tensor, kv, 0);
    psim_add_use(b, b->tiles[value].tensor, kv, 0);
    /* S and P of the keys that a query sees, in one place. */
    const double pairs = (double)heads * psim_attention_pairs(a);
    psim_add_use(b, b->tiles[s].tensor, 0, pairs * elem);
    psim_add_use(b, b->tiles[o].tensor, 0, planes * dim);
    const struct psim_need need = {.lanes = mapping->lanes, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_STRIDE, 1);
}

const struct psim_program psim_program_serial = {
    .name = "serial",
    .doc = "textbook attention on one lane: every load and multiply-add in a row",
    .mappings = mappings,
    .build = build,
};
