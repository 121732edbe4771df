/* SPDX-License-Identifier: MIT */
/** @file Acts that move bytes: through which caches, at whose latency (eq. M6, M8). */
#include <assert.h>

#include "plan/demands.h"
#include "plan/origins.h"

/** On the way of a unit's moves, and outside the near memory, where there is one. */
static bool
is_passed(const struct psim_view *view, const struct psim_memory *cache,
          const struct psim_memory *near, bool engine)
{
    const struct psim_hw *hw = view->hw;
    /* An engine of the whole unit reaches no cache of its parts. */
    if (engine) return psim_group_within(hw, view->unit, cache->group);
    if (near) {
        return cache->group != near->group &&
               psim_group_within(hw, near->group, cache->group);
    }
    return psim_group_within(hw, view->unit, cache->group) ||
           psim_group_within(hw, cache->group, view->unit);
}

/** Caches between the far memory and the near one, inner first. */
static uint8_t
caches_between(struct psim_build *b, int far, int near, bool engine,
               int ret[PSIM_MAX_CACHES])
{
    const struct psim_hw *hw = b->hw;
    const struct psim_memory *near_memory = near >= 0 ? &hw->memories[near] : NULL;
    uint8_t n = 0;
    for (int i = 0; i < (int)hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches != far || !is_passed(&b->view, m, near_memory, engine)) continue;
        if (n == PSIM_MAX_CACHES) {
            (void)psim_build_refuse(b, "'%s' lies behind more than %d caches",
                                    hw->memories[far].name, PSIM_MAX_CACHES);
            return n;
        }
        uint8_t at = n++;
        while (at > 0) {
            const struct psim_memory *inner = &hw->memories[ret[at - 1]];
            const bool behind = psim_group_within(hw, inner->group, m->group) &&
                                (inner->group != m->group || inner->bytes <= m->bytes);
            if (behind) break;
            ret[at] = ret[at - 1];
            at--;
        }
        ret[at] = i;
    }
    return n;
}

/** The pipe and the issue slots of the operation that moves. */
static void
demand_mover(struct psim_build *b, struct psim_act *act, const struct psim_move *move)
{
    const struct psim_operation *op = move->op;
    if (!op) return;
    const struct psim_rate_of *rate = &op->by[PSIM_FP32];
    const double lanes = psim_group_lanes(b->hw, op->group);
    double width = rate->lanes;
    if (!move->aligned && move->access_bytes * lanes < width) {
        width = move->access_bytes * lanes;
    }
    const bool by_invocation = rate->throughput.dim == PSIM_DIM_OP_PER_CYCLE ||
                               rate->throughput.dim == PSIM_DIM_OP_PER_S;
    const double units = by_invocation ? rate->lanes / width : 1;
    const struct psim_pipe_use use = {PSIM_FP32, rate->lane_ops_per_s, units,
                                      1,         PSIM_DIM_BYTES,       rate->energy_j};
    psim_demand_pipe(b, act, op, &use);
    if (op->link >= 0) return;
    psim_demand_issue(b, act, psim_demand_slots(b, op, PSIM_FP32, 1, width));
}

/** Which end is farther from the lanes: the one that hangs higher. */
static bool
from_is_far(const struct psim_hw *hw, const struct psim_move *move)
{
    if (move->to < 0) return true;
    if (move->from < 0) return false;
    const int from = hw->memories[move->from].group, to = hw->memories[move->to].group;
    if (from == to) {
        return hw->memories[move->from].bytes >= hw->memories[move->to].bytes;
    }
    return psim_group_within(hw, to, from);
}

/** Latency where @p k caches were missed: of the operation, and of who answers. */
static void
set_latency(struct psim_build *b, struct psim_act *act, uint8_t k, double own_s,
            const struct psim_memory *answers, double latency_s)
{
    act->latency_s[k] = own_s + latency_s;
    act->fixed_s[k] = answers->fixed_clock ? latency_s : 0;
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_WAIT, .behind = k, .s = latency_s,
                .index = (int)(answers - b->hw->memories));
}

/** What is random meets the outermost cache's data or not: the mean. */
static void
mix_latency(struct psim_build *b, struct psim_act *act, double beyond)
{
    const uint8_t k = act->n_caches;
    const double hit_s = act->latency_s[k - 1], fixed_s = act->fixed_s[k - 1];
    act->latency_s[k] = hit_s + beyond * (act->latency_s[k] - hit_s);
    act->fixed_s[k] = fixed_s + beyond * (act->fixed_s[k] - fixed_s);
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_MIXED, .behind = k, .s = act->latency_s[k],
                .units = beyond);
}

struct psim_act
psim_move_make(struct psim_build *b, const struct psim_move *move,
               const struct psim_pieces *pieces)
{
    const struct psim_hw *hw = b->hw;
    const bool load = from_is_far(hw, move);
    const int far = load ? move->from : move->to, near = load ? move->to : move->from;
    struct psim_act act = {
        .name = psim_act_name(b, move->op ? move->op->name
                                 : load   ? "load"
                                          : "store"),
        .counts = PSIM_DIM_BYTES,
    };
    demand_mover(b, &act, move);
    if (near >= 0) {
        psim_demand_memory(b, &act, near,
                           &(struct psim_memory_use){.bytes = 1, .write = load});
    }

    const double piece = pieces->pattern == PSIM_WHOLE ? 0 : pieces->bytes;
    const double beyond = pieces->pattern == PSIM_RANDOM ? pieces->missing : 1;
    int caches[PSIM_MAX_CACHES] = {0};
    const bool engine = move->op && move->op->link >= 0;
    act.n_caches = caches_between(b, far, near, engine, caches);
    assert(act.n_caches <= PSIM_MAX_CACHES);
    const double extra = move->op ? move->op->by[PSIM_FP32].latency_s : 0;
    if (move->op) psim_demand_wait(b, move->op, PSIM_FP32, false);
    for (uint8_t k = 0; k < act.n_caches; k++) {
        act.cache[k] = psim_build_cache(b, caches[k]);
        const struct psim_memory *cache = &hw->memories[caches[k]];
        set_latency(b, &act, k, extra, cache, cache->latency_s);
        psim_demand_memory(b, &act, caches[k],
                           &(struct psim_memory_use){1, piece, k, !load, engine});
    }
    const struct psim_memory *m = &hw->memories[far];
    set_latency(b, &act, act.n_caches, extra, m,
                m->one_access ? 0
                : load        ? m->latency_s
                              : m->write_latency_s);
    const bool whole = pieces->pattern == PSIM_STRIDED && act.n_caches > 0;
    psim_demand_memory(b, &act, far,
                       &(struct psim_memory_use){beyond, whole ? 0 : piece,
                                                 act.n_caches, !load, engine});
    if (load && act.n_caches > 0) mix_latency(b, &act, beyond);
    if (load && move->to < 0 && act.n_caches == 0) {
        psim_demand_turn(b, &act, b->fetched_in_phase);
    }
    if (m->one_access) {
        psim_demand_lanes(b, &act, far, act.n_caches, move->access_bytes);
    }
    if (!load && act.n_caches > 0) {
        /* Others see a store once the outermost cache has it. */
        const struct psim_memory *outermost = &hw->memories[caches[act.n_caches - 1]];
        for (uint8_t k = 0; k <= act.n_caches; k++) {
            set_latency(b, &act, k, extra, outermost, outermost->write_latency_s);
        }
    }
    if (engine) psim_demand_link(b, &act, move->op->link, load);
    return act;
}

uint8_t
psim_act_move(struct psim_build *b, const struct psim_move *move)
{
    return psim_act_move_pieces(b, move, &(struct psim_pieces){PSIM_WHOLE, 0, 1});
}

uint8_t
psim_act_move_pieces(struct psim_build *b, const struct psim_move *move,
                     const struct psim_pieces *pieces)
{
    const struct psim_act act = psim_move_make(b, move, pieces);
    return psim_build_act(b, &act);
}
