/* SPDX-License-Identifier: MIT */
/** @file engine: bytes over a link to the host, by what copies on its own
 * (docs/MODEL.md, eq. P13). */
#include <math.h>

#include "plan/demands.h"
#include "plan/lower.h"
#include "util/arena.h"

/** A copy while its kernel is built. */
struct transfer {
    struct psim_build *b;
    uint64_t bytes, block, n_blocks; /**< whole blocks */
    uint64_t rest;                   /**< of the last block; 0: there is none */
    bool out, staged;
    uint8_t move, stage; /**< acts */
    uint8_t tile, last, channel;
};

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    const struct psim_transfer *t = &part->u.transfer;
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        const bool out = op->from == hw->main_memory;
        if (op->link < 0 || out != (t->way == PSIM_WAY_OUT)) continue;
        const struct psim_link *link = &hw->links[op->link];
        const bool staged = !t->pinned && link->staging.given;
        psim_mappings_add(
            ret,
            &(struct psim_mapping){
                .copy = op, .stages = staged ? (uint32_t)link->staging.number : 0});
    }
    if (ret->n > 0) return;
    const char *home = hw->memories[hw->main_memory].name, *link = hw->links[0].name;
    const bool out = t->way == PSIM_WAY_OUT;
    (void)psim_error(diag, part->op->at,
                     "direction: no operation of '%s' moves data %s its host; one with "
                     "'moves: [%s, %s]' is needed",
                     hw->name, out ? "to" : "from", out ? home : link,
                     out ? link : home);
}

static uint8_t
act_stage(struct psim_build *b, int link, bool out)
{
    struct psim_act act = {.name = "stage", .counts = PSIM_DIM_BYTES};
    psim_demand_staging(b, &act, link, out);
    return psim_build_act(b, &act);
}

/** The whole blocks in order, and the last one, which has what is left. */
static void
add_tiles(struct transfer *t)
{
    struct psim_build *b = t->b;
    const uint8_t tensor =
        psim_build_tensor(b, t->out ? "from" : "to", 1, &t->bytes, &t->block, 1);
    t->tile = psim_add_tile(b, "block", tensor);
    struct psim_box_dim *dim = psim_tile_dim(b, t->tile, 0);
    dim->size = (int64_t)t->block;
    dim->step[0] = (int64_t)t->block;
    if (t->rest > 0) {
        t->last = psim_add_tile(b, "last", tensor);
        dim = psim_tile_dim(b, t->last, 0);
        dim->offset = (int64_t)(t->block * t->n_blocks);
        dim->size = (int64_t)t->rest;
    }
    (void)psim_add_use(b, tensor, t->out ? (double)t->bytes : 0,
                       t->out ? 0 : (double)t->bytes);
}

/** One block over the link, or between the host's pages and a buffer. */
static void
add_block(const struct transfer *t, bool over_link, bool last)
{
    struct psim_build *b = t->b;
    const bool fills = over_link == t->out;
    const struct psim_amount amount = {
        .coef = last ? t->rest : t->block,
        .param = {PSIM_NONE, PSIM_NONE, PSIM_NONE, PSIM_NONE},
    };
    if (t->staged) {
        psim_add_on(b, fills ? PSIM_STEP_RESERVE : PSIM_STEP_WAIT, t->channel);
    }
    struct psim_step *step = psim_add_do(b, over_link ? t->move : t->stage, amount);
    if (over_link) {
        step->tile = last ? t->last : t->tile;
        step->flags = (uint8_t)(PSIM_STREAM | (t->out ? 0 : PSIM_STORE) |
                                (t->staged ? 0 : PSIM_POSTED));
    }
    if (t->staged) {
        psim_add_on(b, fills ? PSIM_STEP_COMMIT : PSIM_STEP_RELEASE, t->channel);
    }
}

static void
add_role(const struct transfer *t, bool over_link)
{
    struct psim_build *b = t->b;
    psim_add_role(b, over_link ? "engine" : "host", 1);
    if (t->n_blocks > 1) {
        psim_add_loop(b, psim_amount_flat((double)t->n_blocks));
        add_block(t, over_link, false);
        psim_add_end(b);
    } else {
        add_block(t, over_link, false);
    }
    if (t->rest > 0) add_block(t, over_link, true);
    psim_add_stop(b);
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    const struct psim_transfer *want = &part->u.transfer;
    const struct psim_operation *op = mapping->copy;
    const struct psim_link *link = &b->hw->links[op->link];
    struct transfer t = {.b = b,
                         .bytes = want->bytes,
                         .block = want->bytes,
                         .out = want->way == PSIM_WAY_OUT,
                         .staged = mapping->stages > 0};
    const uint64_t buffer = link->staging.bytes;
    if (t.staged && buffer > 0 && buffer < t.block) t.block = buffer;
    t.n_blocks = t.bytes / t.block;
    t.rest = t.bytes % t.block;
    psim_build_view_on(b, op->group);
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->beside = true;
    const uint8_t axis = psim_add_axis(b, "copy", 1);
    psim_add_level(b, axis, 0, false);
    add_tiles(&t);
    const struct psim_move move = {op, t.out ? b->hw->main_memory : -1,
                                   t.out ? -1 : b->hw->main_memory, 1, true};
    t.move = psim_act_move(b, &move);
    if (t.staged) {
        t.stage = act_stage(b, op->link, t.out);
        t.channel = psim_add_channel(b, "buffers", link->staging.number, t.block);
        add_role(&t, false);
    }
    add_role(&t, true);
    const struct psim_need need = {.lanes = 1, .local = -1};
    if (!psim_build_end(b, &need, PSIM_DISPATCH_EACH, 1)) return false;
    k->launch_s += op->setup_s + (t.staged ? link->staging.setup_s : 0);
    return true;
}

const struct psim_program psim_program_engine = {
    .name = "engine",
    .doc = "bytes over a link, by what copies on its own",
    .mappings = mappings,
    .build = build,
};
