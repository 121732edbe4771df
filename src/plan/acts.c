/* SPDX-License-Identifier: MIT */
/** @file Acts: what work-groups do, as demands on servers (eq. M1 to M7). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "plan/demands.h"
#include "plan/origins.h"
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
            psim_origin_end(b, PSIM_NONE);
            return (uint8_t)i;
        }
    }
    assert(n < PSIM_BUILD_ACTS);
    b->acts[n] = *act;
    b->acts[n].name = psim_build_unique(b, act->name, b->acts, sizeof *b->acts, n);
    b->operation_of[n] = act->name;
    psim_origin_end(b, (uint8_t)n);
    return (uint8_t)b->plan.n_acts++;
}

const char *
psim_act_name(struct psim_build *b, const char *name)
{
    return strchr(name, ' ') ? psim_build_name(b, NULL, name) : name;
}

static struct psim_act
vector_act(struct psim_build *b, const struct psim_ability *ability)
{
    const struct psim_operation *op = ability->op;
    const struct psim_rate_of *rate = &op->by[ability->dtype];
    struct psim_act act = {
        .name = psim_act_name(b, op->name),
        .counts = PSIM_DIM_NONE,
        .latency_s = {rate->latency_s},
        .droops = rate->droops,
    };
    const struct psim_pipe_use use = {
        .dtype = ability->dtype,
        .per_s = rate->lane_ops_per_s,
        .units = ability->times,
        .count = ability->times * psim_primitive_flop(op->does),
        .counts = PSIM_DIM_FLOP,
        .energy_j = ability->times * rate->energy_j,
    };
    psim_demand_pipe(b, &act, op, &use);
    psim_demand_issue(
        b, &act, psim_demand_slots(b, op, ability->dtype, ability->times, rate->lanes));
    psim_demand_turn(b, &act, b->in_phase);
    psim_demand_wait(b, op, ability->dtype, false);
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
    double slots =
        psim_demand_slots(b, NULL, PSIM_FP32, instructions, b->view.bundle_lanes);
    for (size_t i = 0; i < n; i++) {
        const struct psim_operation *op = mixed[i].ability.op;
        const struct psim_rate_of *rate = &op->by[mixed[i].ability.dtype];
        const double times = mixed[i].times * mixed[i].ability.times;
        const enum psim_dtype dtype = mixed[i].ability.dtype;
        const struct psim_pipe_use use = {
            .dtype = dtype,
            .per_s = rate->lane_ops_per_s,
            .units = times,
            .count = times * psim_primitive_flop(op->does),
            .counts = PSIM_DIM_FLOP,
            .energy_j = times * rate->energy_j,
        };
        psim_demand_pipe(b, &act, op, &use);
        merge_demands(&act);
        act.droops = act.droops || rate->droops;
        slots += psim_demand_slots(b, op, dtype, times, rate->lanes);
        psim_demand_wait(b, op, dtype, true);
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
        .name = psim_act_name(b, op->name),
        .counts = PSIM_DIM_FLOP,
        .latency_s = {streams ? 0 : rate->latency_s},
        .droops = rate->droops,
    };
    const struct psim_pipe_use use = {dtype, rate->lane_ops_per_s, 1,
                                      1,     PSIM_DIM_FLOP,        rate->energy_j};
    psim_demand_pipe(b, &act, op, &use);
    psim_demand_issue(b, &act, psim_demand_slots(b, op, dtype, 1, flop));
    if (!streams) psim_demand_wait(b, op, dtype, false);
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
    psim_demand_issue(
        b, &act,
        psim_demand_slots(b, NULL, PSIM_FP32, instructions, b->view.bundle_lanes));
    return psim_build_act(b, &act);
}

uint8_t
psim_act_delay(struct psim_build *b, const char *name, double seconds, int meeting)
{
    if (meeting >= 0) {
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_DELAY, .behind = PSIM_NONE, .s = seconds,
                    .index = meeting);
    }
    struct psim_act act = {
        .name = psim_act_name(b, name),
        .counts = PSIM_DIM_NONE,
        .latency_s = {seconds},
    };
    return psim_build_act(b, &act);
}

uint8_t
psim_act_start(struct psim_build *b, const struct psim_operation *copy)
{
    const double setup_s = copy ? copy->setup_s : 0;
    if (b->view.team < 0) return PSIM_NONE;
    const struct psim_group *team = &b->hw->groups[b->view.team];
    if (team->start_s + setup_s <= 0 && team->place_per_s <= 0) return PSIM_NONE;
    struct psim_act act = {
        .name = "start",
        .counts = PSIM_DIM_NONE,
        .latency_s = {team->start_s + setup_s},
    };
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_START, .behind = PSIM_NONE, .s = team->start_s,
                .index = b->view.team);
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_SETUP, .behind = PSIM_NONE, .s = setup_s,
                .op = copy);
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
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_PLACE, .server = server,
                    .s = n / team->place_per_s, .count = n, .index = b->view.team,
                    .units = n);
    }
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
    const size_t fetched = psim_origin_mark(b);
    const struct psim_act fetch =
        psim_move_make(b, &fed->fetch, &(struct psim_pieces){PSIM_WHOLE, 0, 1});
    assert(fetch.n_caches == 0);
    add_beside(&act, &fetch, fed->fetch_bytes);
    psim_origin_scale(b, fetched, fed->fetch_bytes);
    if (fed->convert.op) {
        const size_t converted = psim_origin_mark(b);
        const struct psim_act convert = vector_act(b, &fed->convert);
        add_beside(&act, &convert, fed->converts);
        psim_origin_scale(b, converted, fed->converts);
    }
    return psim_build_act(b, &act);
}
