/* SPDX-License-Identifier: MIT */
/** @file fused: the kernels of a mapping. */
#include "plan/programs/fused_work.h"
#include "util/whole.h"

static void
build_channels(struct psim_fused_work *w)
{
    struct psim_build *b = w->b;
    const double q_bytes = w->map.m * w->head_dim * w->elem_bytes;
    const double kv_bytes = w->map.n * w->head_dim * w->elem_bytes;
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
build_acts(struct psim_fused_work *w)
{
    struct psim_build *b = w->b;
    const int memory = b->hw->main_memory;
    const int to =
        w->route.copy && w->route.copy->to == w->route.local ? w->route.local : -1;
    w->load = psim_act_move(
        b, &(struct psim_move){w->route.copy, memory, to, w->elem_bytes, true});
    w->fetch = w->convert = w->second = PSIM_NONE;
    if (w->route.route != PSIM_ROUTE_COPY && w->route.local >= 0) {
        w->fetch = psim_act_move(b, &(struct psim_move){w->route.fetch, w->route.local,
                                                        -1, w->elem_bytes, true});
    }
    if (w->route.second) {
        w->second = psim_act_move(
            b, &(struct psim_move){w->route.second, w->route.local, w->route.second->to,
                                   w->elem_bytes, true});
    }
    if (w->map.compute->does == PSIM_DOES_MATMUL) {
        const uint32_t rows = w->ping_pong ? w->map.m / 2 : w->map.m;
        const struct psim_mma shape =
            psim_product_instruction(w->map.compute, w->dtype, rows, w->map.n, true);
        w->matmul = psim_act_matrix(b, w->map.compute, w->dtype, &shape, false);
        return;
    }
    const enum psim_dtype wide = psim_computed_dtype(w->map.compute, w->dtype);
    if (wide != w->dtype) {
        const struct psim_ability convert =
            psim_find_vector(b->hw, PSIM_DOES_CONVERT, w->dtype);
        if (convert.op) w->convert = psim_act_vector(b, &convert);
    }
    w->matmul = psim_act_vector(b, &(struct psim_ability){w->map.compute, wide, 1});
}

/** Scores and sums that lie beside the operands, where the operation wants them so. */
static double
local_sum_bytes(const struct psim_fused_work *w)
{
    return w->route.in_local ? 4.0 * w->map.m * (w->map.n + w->head_dim) : 0;
}

static bool
setup(struct psim_fused_work *w, const struct psim_mapping *mapping)
{
    struct psim_build *b = w->b;
    const struct psim_attention *a = w->a;
    w->map = *mapping;
    w->dtype = (enum psim_dtype)a->dtype;
    w->elem_bytes = psim_dtype_bytes(w->dtype);
    w->head_dim = (double)a->head_dim;
    w->ping_pong = a->algorithm == PSIM_ATTENTION_FLASH3;
    w->group = psim_fused_group(a);
    w->queries = a->seq_q * w->group;
    w->heads = a->batch * a->heads / w->group;
    w->steps = psim_ceil_div(a->seq_kv, w->map.n);
    if (w->map.split < 1) w->map.split = 1;
    w->per_split = psim_ceil_div(w->steps, w->map.split);
    w->o_bytes = w->per_split < w->steps
                     ? psim_dtype_bytes(psim_dtype_of_sums(w->dtype))
                     : w->elem_bytes;
    w->masks_all = mapping->library && mapping->library->masks_all &&
                   !psim_fused_is_causal(a) && a->seq_kv % w->map.n != 0;
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

bool
psim_fused_build(struct psim_build *b, const struct psim_part *part,
                 const struct psim_mapping *mapping)
{
    struct psim_fused_work w = {.b = b, .part = part, .a = part->op->attributes};
    if (!setup(&w, mapping)) return false;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = part->op->kind->cost(part->op).flop;
    if (!w.ping_pong) {
        b->in_phase = psim_view_in_phase(&b->view);
        b->fetched_in_phase = psim_view_fetched_in_phase(&b->view);
    }
    psim_fused_grid(&w);
    const uint64_t split = w.axis_s == PSIM_NONE ? 1 : k->extent[w.axis_s];
    psim_fused_tiles(&w);
    build_channels(&w);
    build_acts(&w);
    psim_fused_roles(&w);
    k->start_act = psim_act_start(b, w.route.copy);
    const double slot = 2.0 * w.map.n * w.head_dim * w.elem_bytes * w.map.stages;
    const struct psim_need need = {
        .lanes = w.map.lanes,
        .registers = w.map.registers,
        .local = w.route.route == PSIM_ROUTE_CACHED ? -1 : w.route.local,
        .local_bytes = slot + w.map.m * w.head_dim * w.elem_bytes + local_sum_bytes(&w),
    };
    if (!psim_build_end(b, &need, w.map.dispatch, w.map.resident)) return false;
    if (split == 1) return true;
    const struct psim_combine combine = {
        .heads = w.heads * w.queries,
        .head_dim = w.a->head_dim,
        .split = split,
        .out = w.dtype,
    };
    return psim_combine_build(b, part, &combine);
}
