/* SPDX-License-Identifier: MIT */
/** @file Acts: what work-groups do, as demands on servers (eq. M1 to M7). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "plan/demands.h"
#include "util/arena.h"
#include "util/str.h"

static bool
same_demand(const struct psim_demand *a, const struct psim_demand *b)
{
    return a->server == b->server && a->behind == b->behind &&
           a->s_per_unit == b->s_per_unit && a->count_per_unit == b->count_per_unit &&
           a->j_per_unit == b->j_per_unit;
}

/** Alike in all but the name. */
static bool
same_act(const struct psim_act *a, const struct psim_act *b)
{
    bool same = a->counts == b->counts && a->interval_s == b->interval_s &&
                a->fixed_interval == b->fixed_interval && a->droops == b->droops &&
                a->n_demands == b->n_demands && a->n_caches == b->n_caches;
    for (uint8_t d = 0; same && d < a->n_demands; d++) {
        same = same_demand(&a->demand[d], &b->demand[d]);
    }
    for (uint8_t k = 0; same && k <= a->n_caches; k++) {
        same = a->latency_s[k] == b->latency_s[k] && a->fixed_s[k] == b->fixed_s[k] &&
               (k == a->n_caches || a->cache[k] == b->cache[k]);
    }
    return same;
}

/** What one operation does in the same way is one act. */
uint8_t
psim_build_act(struct psim_build *b, const struct psim_act *act)
{
    const uint32_t n = b->plan.n_acts;
    for (uint32_t i = 0; i < n; i++) {
        if (psim_str_equal(b->operation_of[i], act->name) &&
            same_act(&b->acts[i], act)) {
            return (uint8_t)i;
        }
    }
    assert(n < PSIM_BUILD_ACTS);
    b->acts[n] = *act;
    b->acts[n].name = psim_build_unique(b, act->name, b->acts, sizeof *b->acts, n);
    b->operation_of[n] = act->name;
    return (uint8_t)b->plan.n_acts++;
}

/** Name of an operation as one word: itself, in most machines. */
static const char *
act_name(struct psim_build *b, const char *name)
{
    return strchr(name, ' ') ? psim_build_name(b, NULL, name) : name;
}

static struct psim_act
vector_act(struct psim_build *b, const struct psim_ability *ability)
{
    const struct psim_operation *op = ability->op;
    const struct psim_rate_of *rate = &op->by[ability->dtype];
    struct psim_act act = {
        .name = act_name(b, op->name),
        .counts = PSIM_DIM_NONE,
        .latency_s = {rate->latency_s},
        .droops = rate->droops,
    };
    const struct psim_pipe_use use = {
        .per_s = rate->lane_ops_per_s,
        .units = ability->times,
        .count = ability->times * psim_primitive_flop(op->does),
        .counts = PSIM_DIM_FLOP,
        .energy_j = ability->times * rate->energy_j,
    };
    psim_demand_pipe(b, &act, op, &use);
    psim_demand_issue(b, &act, op->issue_slots * ability->times / rate->lanes);
    psim_demand_turn(b, &act, b->in_phase);
    return act;
}

uint8_t
psim_act_vector(struct psim_build *b, const struct psim_ability *ability)
{
    const struct psim_act act = vector_act(b, ability);
    return psim_build_act(b, &act);
}

/** Demands on one server become one. */
static void
merge_demands(struct psim_act *act)
{
    uint8_t kept = 0;
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_demand *demand = &act->demand[d];
        uint8_t twin = 0;
        while (twin < kept && act->demand[twin].server != demand->server) {
            twin++;
        }
        if (twin == kept) {
            act->demand[kept++] = *demand;
        } else {
            act->demand[twin].s_per_unit += demand->s_per_unit;
            act->demand[twin].count_per_unit += demand->count_per_unit;
            act->demand[twin].j_per_unit += demand->j_per_unit;
        }
    }
    act->n_demands = kept;
}

uint8_t
psim_act_mix(struct psim_build *b, const char *name, const struct psim_mixed *mixed,
             size_t n, double instructions)
{
    struct psim_act act = {.name = name, .counts = PSIM_DIM_NONE};
    double slots = instructions / b->view.bundle_lanes;
    for (size_t i = 0; i < n; i++) {
        const struct psim_operation *op = mixed[i].ability.op;
        const struct psim_rate_of *rate = &op->by[mixed[i].ability.dtype];
        const double times = mixed[i].times * mixed[i].ability.times;
        const struct psim_pipe_use use = {
            .per_s = rate->lane_ops_per_s,
            .units = times,
            .count = times * psim_primitive_flop(op->does),
            .counts = PSIM_DIM_FLOP,
            .energy_j = times * rate->energy_j,
        };
        psim_demand_pipe(b, &act, op, &use);
        merge_demands(&act);
        act.droops = act.droops || rate->droops;
        slots += op->issue_slots * times / rate->lanes;
        act.latency_s[0] = fmax(act.latency_s[0], rate->latency_s);
    }
    psim_demand_issue(b, &act, slots);
    psim_demand_turn(b, &act, b->in_phase);
    return psim_build_act(b, &act);
}

uint8_t
psim_act_matrix(struct psim_build *b, const struct psim_operation *op,
                enum psim_dtype dtype, const struct psim_mma *shape, bool streams)
{
    const struct psim_rate_of *rate = &op->by[dtype];
    const double flop = 2.0 * shape->m * shape->n * shape->k;
    const double in = psim_dtype_bytes(dtype);
    const double sum = psim_dtype_bytes(psim_dtype_of_sums(dtype));
    struct psim_act act = {
        .name = act_name(b, op->name),
        .counts = PSIM_DIM_FLOP,
        .latency_s = {streams ? 0 : rate->latency_s},
        .droops = rate->droops,
    };
    const struct psim_pipe_use use = {rate->lane_ops_per_s, 1, 1, PSIM_DIM_FLOP,
                                      rate->energy_j};
    psim_demand_pipe(b, &act, op, &use);
    psim_demand_issue(b, &act, op->issue_slots / flop);
    /* Operands whose home is a memory are read by every instruction (eq. M5). */
    const double bytes[3] = {in * shape->m * shape->k, in * shape->k * shape->n,
                             sum * shape->m * shape->n};
    for (size_t i = 0; i < PSIM_COUNT(bytes); i++) {
        if (op->operand[i] < 0) continue;
        psim_demand_memory(
            b, &act, op->operand[i],
            &(struct psim_memory_use){.bytes = bytes[i] / flop, .write = i == 2});
    }
    if (!op->asynchronous) psim_demand_turn(b, &act, b->in_phase);
    return psim_build_act(b, &act);
}

uint8_t
psim_act_issue(struct psim_build *b, double instructions)
{
    struct psim_act act = {.name = "other_instructions", .counts = PSIM_DIM_NONE};
    psim_demand_issue(b, &act, instructions / b->view.bundle_lanes);
    return psim_build_act(b, &act);
}

uint8_t
psim_act_delay(struct psim_build *b, const char *name, double seconds)
{
    struct psim_act act = {
        .name = act_name(b, name),
        .counts = PSIM_DIM_NONE,
        .latency_s = {seconds},
    };
    return psim_build_act(b, &act);
}

uint8_t
psim_act_start(struct psim_build *b, double setup_s)
{
    if (b->view.team < 0) return PSIM_NONE;
    const struct psim_group *team = &b->hw->groups[b->view.team];
    if (team->start_s + setup_s <= 0 && team->place_per_s <= 0) return PSIM_NONE;
    struct psim_act act = {
        .name = "start",
        .counts = PSIM_DIM_NONE,
        .latency_s = {team->start_s + setup_s},
    };
    if (team->place_per_s > 0) {
        const uint16_t server = psim_build_server(
            b, (struct psim_server_key){PSIM_KEY_PLACE, b->view.team, NULL, 0},
            b->hw->root,
            (struct psim_server){.counts = PSIM_DIM_NONE,
                                 .peak_per_s = team->place_per_s,
                                 .at = team->at});
        /* Work-groups that are simulated as one are placed one by one. */
        const double n = b->kernel && b->kernel->bundle > 1 ? b->kernel->bundle : 1;
        psim_demand(&act, server, 0, n / team->place_per_s, n, 0);
    }
    return psim_build_act(b, &act);
}

/* --- moves ----------------------------------------------------------------- */

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
    const struct psim_pipe_use use = {rate->lane_ops_per_s, units, 1, PSIM_DIM_BYTES,
                                      rate->energy_j};
    psim_demand_pipe(b, act, op, &use);
    if (op->link < 0) psim_demand_issue(b, act, op->issue_slots / width);
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
set_latency(struct psim_act *act, uint8_t k, double own_s,
            const struct psim_memory *answers, double latency_s)
{
    act->latency_s[k] = own_s + latency_s;
    act->fixed_s[k] = answers->fixed_clock ? latency_s : 0;
}

/** What is random meets the outermost cache's data or not: the mean. */
static void
mix_latency(struct psim_act *act, double beyond)
{
    const uint8_t k = act->n_caches;
    const double hit_s = act->latency_s[k - 1], fixed_s = act->fixed_s[k - 1];
    act->latency_s[k] = hit_s + beyond * (act->latency_s[k] - hit_s);
    act->fixed_s[k] = fixed_s + beyond * (act->fixed_s[k] - fixed_s);
}

static struct psim_act
move_act(struct psim_build *b, const struct psim_move *move,
         const struct psim_pieces *pieces)
{
    const struct psim_hw *hw = b->hw;
    const bool load = from_is_far(hw, move);
    const int far = load ? move->from : move->to, near = load ? move->to : move->from;
    struct psim_act act = {
        .name = act_name(b, move->op ? move->op->name
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
    for (uint8_t k = 0; k < act.n_caches; k++) {
        act.cache[k] = psim_build_cache(b, caches[k]);
        const struct psim_memory *cache = &hw->memories[caches[k]];
        set_latency(&act, k, extra, cache, cache->latency_s);
        psim_demand_memory(b, &act, caches[k],
                           &(struct psim_memory_use){1, piece, k, !load, engine});
    }
    const struct psim_memory *m = &hw->memories[far];
    set_latency(&act, act.n_caches, extra, m,
                m->one_access ? 0
                : load        ? m->latency_s
                              : m->write_latency_s);
    const bool whole = pieces->pattern == PSIM_STRIDED && act.n_caches > 0;
    psim_demand_memory(b, &act, far,
                       &(struct psim_memory_use){beyond, whole ? 0 : piece,
                                                 act.n_caches, !load, engine});
    if (load && act.n_caches > 0) mix_latency(&act, beyond);
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
            set_latency(&act, k, extra, outermost, outermost->write_latency_s);
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
    const struct psim_act act = move_act(b, move, pieces);
    return psim_build_act(b, &act);
}

/** Add what @p ratio of another act asks for to each of one. */
static void
add_beside(struct psim_act *act, const struct psim_act *other, double ratio)
{
    act->latency_s[0] += other->latency_s[0];
    act->fixed_s[0] += other->fixed_s[0];
    act->droops = act->droops || other->droops;
    if (other->interval_s * ratio > act->interval_s) {
        act->interval_s = other->interval_s * ratio;
        act->fixed_interval = other->fixed_interval;
    }
    for (uint8_t i = 0; i < other->n_demands; i++) {
        const struct psim_demand *more = &other->demand[i];
        uint8_t d = 0;
        while (d < act->n_demands && act->demand[d].server != more->server) {
            d++;
        }
        if (d == act->n_demands) {
            psim_demand(act, more->server, 0, more->s_per_unit * ratio,
                        more->count_per_unit * ratio, more->j_per_unit * ratio);
            continue;
        }
        act->demand[d].s_per_unit += more->s_per_unit * ratio;
        act->demand[d].count_per_unit += more->count_per_unit * ratio;
        act->demand[d].j_per_unit += more->j_per_unit * ratio;
    }
}

uint8_t
psim_act_fed(struct psim_build *b, const struct psim_fed *fed)
{
    struct psim_act act = vector_act(b, &fed->compute);
    const struct psim_act fetch =
        move_act(b, &fed->fetch, &(struct psim_pieces){PSIM_WHOLE, 0, 1});
    assert(fetch.n_caches == 0);
    add_beside(&act, &fetch, fed->fetch_bytes);
    if (fed->convert.op) {
        const struct psim_act convert = vector_act(b, &fed->convert);
        add_beside(&act, &convert, fed->converts);
    }
    return psim_build_act(b, &act);
}
