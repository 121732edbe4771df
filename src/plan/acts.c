/* SPDX-License-Identifier: MIT */
/** @file Acts: an operation of the machine as demands on servers (eq. M1 to M6). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "plan/build.h"
#include "util/arena.h"
#include "util/str.h"

/** One word, since the text form of a plan is made of words. */
static const char *
plan_name(struct psim_build *b, const char *group, const char *name)
{
    char *text = psim_arena_printf(b->names, "%s%s%s", group ? group : "",
                                   group ? "." : "", name);
    for (char *c = text; *c; c++) {
        if (*c == ' ') *c = '_';
    }
    return text;
}

/** How many units share one instance of what hangs on a group: 0 = all. */
static uint32_t
units_sharing(const struct psim_view *view, int group)
{
    const struct psim_hw *hw = view->hw;
    if (psim_group_within(hw, group, view->unit)) return 1;
    if (hw->groups[group].total == 1) return 0;
    return (uint32_t)(view->units / hw->groups[group].total);
}

static bool
same_key(const struct psim_server_key *a, const struct psim_server_key *b)
{
    if (a->kind != b->kind || a->index != b->index || a->unit != b->unit) return false;
    return a->name == b->name ||
           (a->name && b->name && psim_str_equal(a->name, b->name));
}

/** The server for something of the machine that every instance of @p group has. */
static uint16_t
server_for(struct psim_build *b, struct psim_server_key key, int group,
           struct psim_server fresh)
{
    key.unit = b->view.unit;
    for (uint32_t i = 0; i < b->plan.n_servers; i++) {
        if (same_key(&b->keys[i], &key)) return (uint16_t)i;
    }
    assert(b->plan.n_servers < PSIM_BUILD_SERVERS);
    const uint32_t index = b->plan.n_servers++;
    const double merged = psim_group_count(b->hw, group, b->view.unit);
    b->keys[index] = key;
    b->multiplicity[index] = merged > 1 ? merged : 1;
    fresh.units = units_sharing(&b->view, group);
    fresh.peak_per_s *= b->multiplicity[index];
    b->servers[index] = fresh;
    return (uint16_t)index;
}

static void
add_demand(struct psim_act *act, uint16_t server, uint8_t behind, double s_per_unit,
           double count)
{
    if (!(s_per_unit > 0) && !(count > 0)) return;
    assert(act->n_demands < PSIM_MAX_DEMANDS);
    act->demand[act->n_demands++] = (struct psim_demand){
        .server = server,
        .behind = behind,
        .s_per_unit = s_per_unit,
        .count_per_unit = count,
    };
}

static uint8_t
add_act(struct psim_build *b, const struct psim_act *act)
{
    for (uint32_t i = 0; i < b->plan.n_acts; i++) {
        struct psim_act twin = b->acts[i];
        if (!psim_str_equal(twin.name, act->name)) continue;
        twin.name = act->name;
        if (memcmp(&twin, act, sizeof twin) == 0) return (uint8_t)i;
    }
    assert(b->plan.n_acts < PSIM_BUILD_ACTS);
    b->acts[b->plan.n_acts] = *act;
    return (uint8_t)b->plan.n_acts++;
}

/** Name of an operation as one word: itself, in most machines. */
static const char *
act_name(struct psim_build *b, const char *name)
{
    return strchr(name, ' ') ? plan_name(b, NULL, name) : name;
}

/** A bundle alone starts instructions more slowly than the hardware could. */
static void
pace_of_bundles(struct psim_build *b, struct psim_act *act, double slots_per_unit)
{
    for (int g = 0; g < (int)b->hw->n_groups; g++) {
        const struct psim_group *group = &b->hw->groups[g];
        if (!group->software || group->issue_per_s <= 0) continue;
        const double bundles = ceil(b->gang_lanes / psim_group_lanes(b->hw, g));
        const double pace_s = b->pace_s > 0 ? b->pace_s : 1 / group->issue_per_s;
        const double interval = slots_per_unit * pace_s / bundles;
        if (interval > act->interval_s) act->interval_s = interval;
    }
}

/** Hardware groups below the unit that start invocations. */
static void
demand_issue(struct psim_build *b, struct psim_act *act, double slots_per_unit)
{
    pace_of_bundles(b, act, slots_per_unit);
    for (int g = 0; g < (int)b->hw->n_groups && slots_per_unit > 0; g++) {
        const struct psim_group *group = &b->hw->groups[g];
        if (group->software || group->issue_per_s <= 0) continue;
        if (!psim_group_within(b->hw, g, b->view.unit)) continue;
        const uint16_t server =
            server_for(b, (struct psim_server_key){PSIM_KEY_ISSUE, g, NULL, 0}, g,
                       (struct psim_server){.name = plan_name(b, group->name, "issue"),
                                            .counts = PSIM_DIM_NONE,
                                            .peak_per_s = group->issue_per_s,
                                            .at = group->at});
        const double per_s = group->issue_per_s * b->multiplicity[server];
        add_demand(act, server, 0, slots_per_unit / per_s, slots_per_unit);
        return;
    }
}

/** Pipes that a gang reaches: all below the issuer, or one for each issuer in it. */
static double
reached(const struct psim_build *b, const struct psim_operation *op, int group,
        double pipes)
{
    const int issuer = psim_group_hardware(b->hw, op->group);
    const double below = psim_group_count(b->hw, group, issuer);
    const double lanes = psim_group_lanes(b->hw, op->group);
    double issuers = lanes > 0 ? ceil(b->gang_lanes / lanes) : 1;
    if (issuers < 1) issuers = 1;
    const double reach = issuers * (below > 1 ? below : 1);
    return reach < pipes ? reach : pipes;
}

/**
 * Demands on an operation's pipes: one of a list is any of them, so each takes
 * its share. @p units are those of the operation's rate for one of the act.
 */
static void
demand_pipe(struct psim_build *b, struct psim_act *act, const struct psim_operation *op,
            double per_s, double units, double count, enum psim_dim counts)
{
    if (per_s <= 0) return;
    const int own = psim_group_hardware(b->hw, op->group);
    const int group = op->pipe_group >= 0 ? op->pipe_group : own;
    const size_t n = op->n_pipes > 0 ? op->n_pipes : 1;
    for (size_t i = 0; i < n; i++) {
        const char *name = op->n_pipes > 0 ? op->pipe[i] : op->name;
        const uint16_t server = server_for(
            b, (struct psim_server_key){PSIM_KEY_PIPE, group, name, 0}, group,
            (struct psim_server){.name = plan_name(b, b->hw->groups[group].name, name),
                                 .counts = counts,
                                 .peak_per_s = per_s * (units > 0 ? count / units : 1),
                                 .at = op->at});
        const double pipes = b->multiplicity[server];
        add_demand(act, server, 0, units / (per_s * pipes * (double)n),
                   count / (double)n);
        const double reach = reached(b, op, group, pipes);
        const double interval = units / (per_s * reach * (double)n);
        if (reach < pipes && interval > act->interval_s) act->interval_s = interval;
    }
}

/**
 * Equal work-groups whose loops wait for pipes only, served in turn, stay in
 * phase: while all are at one act, the pipes of the others idle (eq. M7).
 */
static void
demand_turn(struct psim_build *b, struct psim_act *act)
{
    if (!b->in_phase) return;
    double longest_s = 0;
    for (uint8_t d = 0; d < act->n_demands; d++) {
        if (b->servers[act->demand[d].server].units != 1) continue;
        longest_s = fmax(longest_s, act->demand[d].s_per_unit);
    }
    const char *unit = b->hw->groups[b->view.unit].name;
    const uint16_t server = server_for(
        b, (struct psim_server_key){PSIM_KEY_TURN, b->view.unit, NULL, 0}, b->view.unit,
        (struct psim_server){.name = plan_name(b, unit, "phase"),
                             .counts = PSIM_DIM_NONE,
                             .at = b->hw->groups[b->view.unit].at});
    add_demand(act, server, 0, longest_s, 0);
}

uint8_t
psim_act_vector(struct psim_build *b, const struct psim_ability *ability)
{
    const struct psim_operation *op = ability->op;
    const struct psim_rate_of *rate = &op->by[ability->dtype];
    struct psim_act act;
    memset(&act, 0, sizeof act);
    act.name = act_name(b, op->name);
    act.counts = PSIM_DIM_NONE;
    act.latency_s[0] = rate->latency_s;
    demand_pipe(b, &act, op, rate->lane_ops_per_s, ability->times,
                ability->times * psim_primitive_flop(op->does), PSIM_DIM_FLOP);
    demand_issue(b, &act, op->issue_slots * ability->times / rate->lanes);
    demand_turn(b, &act);
    return add_act(b, &act);
}

static void demand_memory(struct psim_build *b, struct psim_act *act, int memory,
                          uint8_t behind, bool write, double bytes);

uint8_t
psim_act_matrix(struct psim_build *b, const struct psim_operation *op,
                enum psim_dtype dtype, const struct psim_mma *shape)
{
    const struct psim_rate_of *rate = &op->by[dtype];
    const double flop = 2.0 * shape->m * shape->n * shape->k;
    const double in = psim_dtype_bytes(dtype);
    struct psim_act act;
    memset(&act, 0, sizeof act);
    act.name = act_name(b, op->name);
    act.counts = PSIM_DIM_FLOP;
    act.latency_s[0] = rate->latency_s;
    demand_pipe(b, &act, op, rate->lane_ops_per_s, 1, 1, PSIM_DIM_FLOP);
    demand_issue(b, &act, op->issue_slots / flop);
    /* Operands whose home is a memory are read by every instruction (eq. M5). */
    const double bytes[3] = {in * shape->m * shape->k, in * shape->k * shape->n,
                             4.0 * shape->m * shape->n};
    for (size_t i = 0; i < PSIM_COUNT(bytes); i++) {
        if (op->operand[i] < 0) continue;
        demand_memory(b, &act, op->operand[i], 0, i == 2, bytes[i] / flop);
    }
    if (!op->asynchronous) demand_turn(b, &act);
    return add_act(b, &act);
}

uint8_t
psim_act_issue(struct psim_build *b, const char *name)
{
    struct psim_act act;
    memset(&act, 0, sizeof act);
    act.name = act_name(b, name);
    act.counts = PSIM_DIM_NONE;
    demand_issue(b, &act, 1 / b->view.bundle_lanes);
    demand_turn(b, &act);
    return add_act(b, &act);
}

uint8_t
psim_act_delay(struct psim_build *b, const char *name, double seconds)
{
    struct psim_act act;
    memset(&act, 0, sizeof act);
    act.name = act_name(b, name);
    act.counts = PSIM_DIM_NONE;
    act.latency_s[0] = seconds;
    return add_act(b, &act);
}

uint8_t
psim_act_start(struct psim_build *b, double setup_s)
{
    if (b->view.team < 0) return PSIM_NONE;
    const struct psim_group *team = &b->hw->groups[b->view.team];
    if (team->start_s + setup_s <= 0 && team->place_per_s <= 0) return PSIM_NONE;
    struct psim_act act;
    memset(&act, 0, sizeof act);
    act.name = "start";
    act.counts = PSIM_DIM_NONE;
    act.latency_s[0] = team->start_s + setup_s;
    if (team->place_per_s > 0) {
        const uint16_t server = server_for(
            b, (struct psim_server_key){PSIM_KEY_PLACE, b->view.team, NULL, 0},
            b->hw->root,
            (struct psim_server){.name = plan_name(b, team->name, "place"),
                                 .counts = PSIM_DIM_NONE,
                                 .peak_per_s = team->place_per_s,
                                 .at = team->at});
        add_demand(&act, server, 0, 1 / team->place_per_s, 1);
    }
    return add_act(b, &act);
}

/* --- moves ----------------------------------------------------------------- */

static const struct psim_memory *
whole_of(const struct psim_hw *hw, int memory)
{
    const struct psim_memory *m = &hw->memories[memory];
    return m->part_of >= 0 ? &hw->memories[m->part_of] : m;
}

/** Bandwidth and port of one memory; its parts share the whole's. */
static void
demand_memory(struct psim_build *b, struct psim_act *act, int memory, uint8_t behind,
              bool write, double bytes)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    const struct psim_memory *whole = whole_of(b->hw, memory);
    const int index = (int)(whole - b->hw->memories);
    const double per_s = write ? whole->write_bytes_per_s : whole->read_bytes_per_s;
    const struct psim_server fresh = {.name = plan_name(b, NULL, whole->name),
                                      .counts = PSIM_DIM_BYTES,
                                      .memory = true,
                                      .home = index == b->hw->main_memory,
                                      .peak_per_s = whole->peak_bytes_per_s,
                                      .j_per_count =
                                          whole->energy.given ? whole->energy.value : 0,
                                      .at = whole->at};
    if (!m->one_access && per_s > 0) {
        const uint16_t server =
            server_for(b, (struct psim_server_key){PSIM_KEY_MEMORY, index, NULL, 0},
                       whole->group, fresh);
        const double merged = b->multiplicity[server];
        add_demand(act, server, behind, bytes / (per_s * merged), bytes);
    }
    if (m->port_of >= 0 && m->port_bytes_per_s > 0) {
        const uint16_t server = server_for(
            b, (struct psim_server_key){PSIM_KEY_PORT, memory, NULL, 0}, m->port_of,
            (struct psim_server){.name = plan_name(b, m->name, "port"),
                                 .counts = PSIM_DIM_BYTES,
                                 .peak_per_s = m->port_bytes_per_s,
                                 .at = m->at});
        add_demand(act, server, behind,
                   bytes / (m->port_bytes_per_s * b->multiplicity[server]), bytes);
    }
}

/** A memory with a latency only: each lane has one access in flight (eq. M3). */
static void
demand_lanes(struct psim_build *b, struct psim_act *act, int memory, uint8_t behind,
             double access_bytes)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    const uint16_t server = server_for(
        b, (struct psim_server_key){PSIM_KEY_LANES, memory, NULL, 0}, b->view.unit,
        (struct psim_server){.name = plan_name(b, NULL, m->name),
                             .counts = PSIM_DIM_BYTES,
                             .memory = true,
                             .home = memory == b->hw->main_memory,
                             .at = m->at});
    add_demand(act, server, behind, m->latency_s / (b->view.lanes * access_bytes), 1);
    if (b->gang_lanes < b->view.lanes) {
        const double interval = m->latency_s / (b->gang_lanes * access_bytes);
        if (interval > act->interval_s) act->interval_s = interval;
    }
}

static bool
is_outside(const struct psim_hw *hw, const struct psim_memory *cache,
           const struct psim_memory *near)
{
    if (!near) return true;
    return cache->group != near->group &&
           psim_group_within(hw, near->group, cache->group);
}

/** Caches between the far memory and the near one, inner first. */
static uint8_t
caches_between(const struct psim_build *b, int far, int near, int ret[PSIM_MAX_CACHES])
{
    const struct psim_hw *hw = b->hw;
    const struct psim_memory *near_memory = near >= 0 ? &hw->memories[near] : NULL;
    uint8_t n = 0;
    for (int i = 0; i < (int)hw->n_memories && n < PSIM_MAX_CACHES; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches != far || !is_outside(hw, m, near_memory)) continue;
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

static uint8_t
plan_cache(struct psim_build *b, int memory)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    for (uint32_t i = 0; i < b->plan.n_caches; i++) {
        if (b->cache_memory[i] == memory) return (uint8_t)i;
    }
    const uint32_t index = b->plan.n_caches++;
    const double merged = psim_group_count(b->hw, m->group, b->view.unit);
    b->cache_memory[index] = memory;
    b->caches[index] = (struct psim_cache){
        .name = plan_name(b, NULL, m->name),
        .bytes = (uint64_t)(m->bytes * (merged > 1 ? merged : 1)),
        .units = units_sharing(&b->view, m->group),
    };
    return (uint8_t)index;
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
    demand_pipe(b, act, op, rate->lane_ops_per_s, units, 1, PSIM_DIM_BYTES);
    demand_issue(b, act, op->issue_slots / width);
}

/** Which end is farther from the lanes: the one that hangs higher. */
static bool
from_is_far(const struct psim_hw *hw, const struct psim_move *move)
{
    if (move->to < 0) return true;
    if (move->from < 0) return false;
    const int from = hw->memories[move->from].group, to = hw->memories[move->to].group;
    if (from == to)
        return hw->memories[move->from].bytes >= hw->memories[move->to].bytes;
    return psim_group_within(hw, to, from);
}

uint8_t
psim_act_move(struct psim_build *b, const struct psim_move *move)
{
    const struct psim_hw *hw = b->hw;
    const bool load = from_is_far(hw, move);
    const int far = load ? move->from : move->to, near = load ? move->to : move->from;
    struct psim_act act;
    memset(&act, 0, sizeof act);
    act.name = act_name(b, move->op ? move->op->name : load ? "load" : "store");
    act.counts = PSIM_DIM_BYTES;
    demand_mover(b, &act, move);
    if (near >= 0) demand_memory(b, &act, near, 0, load, 1);

    int caches[PSIM_MAX_CACHES];
    act.n_caches = caches_between(b, far, near, caches);
    const double extra = move->op ? move->op->by[PSIM_FP32].latency_s : 0;
    for (uint8_t k = 0; k < act.n_caches; k++) {
        act.cache[k] = plan_cache(b, caches[k]);
        act.latency_s[k] = extra + hw->memories[caches[k]].latency_s;
        demand_memory(b, &act, caches[k], k, !load, 1);
    }
    const struct psim_memory *m = &hw->memories[far];
    act.latency_s[act.n_caches] = extra + (m->one_access ? 0
                                           : load        ? m->latency_s
                                                         : m->write_latency_s);
    demand_memory(b, &act, far, act.n_caches, !load, 1);
    if (m->one_access) demand_lanes(b, &act, far, act.n_caches, move->access_bytes);
    if (!load && act.n_caches > 0) {
        /* Others see a store once the outermost cache has it. */
        for (uint8_t k = 0; k <= act.n_caches; k++) {
            act.latency_s[k] =
                extra + hw->memories[caches[act.n_caches - 1]].write_latency_s;
        }
    }
    return add_act(b, &act);
}
