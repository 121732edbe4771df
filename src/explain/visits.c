/* SPDX-License-Identifier: MIT */
/** @file One visit to a step: what holds its gang, and what it waits for (eq. A2). */
#include <math.h>

#include "explain/asks.h"
#include "util/arena.h"

/** What one visit asks for. */
static const struct psim_reason *
amount_each(struct psim_why_kernel *k, uint16_t step)
{
    const struct psim_step_sum *sum = &k->steps->sum[step];
    if (sum->visits == 1) return psim_why_amount(k, step);
    return psim_why_of(k->w, "amount of a visit", sum->amount / sum->visits,
                       k->plan->acts[k->kernel->steps[step].act].counts, "$0 / $1",
                       psim_why_amount(k, step), psim_why_visits(k, step), NULL);
}

/** Whether loads of a step look up tiles, so that only a part goes on. */
static bool
may_miss(const struct psim_step *step)
{
    return step->tile != PSIM_NONE && !(step->flags & PSIM_STORE);
}

/** The share of the bytes that so many caches missed; NULL: all. */
static const struct psim_reason *
miss_share(struct psim_why_kernel *k, uint16_t step, uint8_t behind)
{
    const struct psim_step_sum *sum = &k->steps->sum[step];
    const struct psim_step *s = &k->kernel->steps[step];
    if (behind == 0 || !may_miss(s) || sum->amount <= 0) return NULL;
    const double missed = k->steps->walk.missed_bytes[step][behind - 1];
    if (missed >= sum->amount) return NULL;
    const struct psim_reason *bytes = psim_why_missed(k, step, behind, false);
    return psim_why_of(k->w, "part that misses", missed / sum->amount, PSIM_DIM_NONE,
                       "$0 / $1", bytes, psim_why_amount(k, step), NULL);
}

static void
add_candidate(struct psim_why_kernel *k, struct psim_reason *held,
              const struct psim_reason *one)
{
    if (one && one->value > 0) psim_reason_add(k->w->arena, held, one);
}

/** What holds the gang: its own pace, or the slowest server. */
static const struct psim_reason *
held(struct psim_why_kernel *k, uint16_t step, bool least)
{
    struct psim_why *w = k->w;
    const struct psim_step *s = &k->kernel->steps[step];
    const struct psim_act *act = &k->plan->acts[s->act];
    const struct psim_reason *amount = amount_each(k, step);
    struct psim_reason *most =
        psim_why_new(w, PSIM_REASON_FORMULA, "held", 0, PSIM_DIM_SECONDS);
    most->formula = "max";
    most->equation = "eq. A2";
    const struct psim_reason *pace = psim_why_interval(k, s->act);
    if (pace) {
        add_candidate(k, most,
                      psim_why_of(w, "at the gang's own pace",
                                  amount->value * pace->value, PSIM_DIM_SECONDS,
                                  "$0 x $1", amount, pace, NULL));
    }
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_demand *demand = &act->demand[d];
        if (least && demand->behind != 0) continue;
        const struct psim_server *server = &k->plan->servers[demand->server];
        const struct psim_reason *one = psim_why_single_demand(k, s->act, d);
        if (!one) continue;
        const struct psim_reason *miss = miss_share(k, step, demand->behind);
        const double cast = psim_work_cast(s, server);
        struct psim_reason *on =
            psim_why_of(w, psim_why_text(w, "on %s", server->name),
                        amount->value * one->value / cast * (miss ? miss->value : 1),
                        PSIM_DIM_SECONDS, "$0 x $1", amount, one, NULL);
        if (cast > 1) {
            psim_reason_over(
                w->arena, on,
                psim_why_number(k, "work-groups fed by a move", cast, PSIM_DIM_NONE));
        }
        psim_reason_times(w->arena, on, miss);
        add_candidate(k, most, on);
    }
    if (most->n_parts == 0) return NULL;
    most->value = psim_reason_evaluate(most);
    return most->n_parts == 1 ? most->parts[0] : most;
}

/** As @p ahead visits end in order, a rare miss is felt as often. */
static const struct psim_reason *
late_part(struct psim_why_kernel *k, uint16_t step, uint8_t behind, double ahead)
{
    const struct psim_reason *miss = miss_share(k, step, behind);
    if (!miss || ahead == 1 || miss->value * ahead >= 1) {
        return miss && miss->value * ahead < 1 ? miss : NULL;
    }
    return psim_why_of(
        k->w, "part that waits", miss->value * ahead, PSIM_DIM_NONE, "$0 x $1", miss,
        psim_why_number(k, "visits under way", ahead, PSIM_DIM_NONE), NULL);
}

/** A bus that is turned (eq. M15). */
static void
add_turning(struct psim_why_kernel *k, uint16_t step, double ahead,
            struct psim_reason *sum)
{
    struct psim_why *w = k->w;
    const struct psim_act *act = &k->plan->acts[k->kernel->steps[step].act];
    if (k->work->turning <= 0) return;
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_server *server = &k->plan->servers[act->demand[d].server];
        const int memory = server->turn_s > 0 && server->level
                               ? psim_hw_memory(w->hw, server->level)
                               : -1;
        if (memory < 0) continue;
        const struct psim_memory *m = &w->hw->memories[memory];
        struct psim_reason *part =
            psim_why_new(w, PSIM_REASON_FOUND, "part of a turn that a read waits",
                         k->work->turning, PSIM_DIM_NONE);
        part->equation = "eq. M15";
        part->at = server->at;
        struct psim_reason *turn = psim_why_of(
            w, "a turned bus", k->work->turning * server->turn_s, PSIM_DIM_SECONDS,
            "$0 x $1", part,
            psim_why_seconds(w, "turnaround", &m->turnaround, m->group, server->turn_s),
            NULL);
        const struct psim_reason *late =
            late_part(k, step, act->demand[d].behind, ahead);
        if (late) turn->value *= late->value;
        psim_reason_times(w->arena, turn, late);
        psim_reason_add(w->arena, sum, turn);
        sum->value += turn->value;
    }
}

/** Latency in the mean, where a part of the moves has missed. */
static const struct psim_reason *
latency(struct psim_why_kernel *k, uint16_t step, double ahead)
{
    struct psim_why *w = k->w;
    const struct psim_step *s = &k->kernel->steps[step];
    const struct psim_act *act = &k->plan->acts[s->act];
    const struct psim_reason *nearest = psim_why_act_latency(k, s->act, 0);
    if (s->flags & PSIM_STORE) return nearest;
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA, "latency", 0, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = "eq. A2";
    const struct psim_reason *before = nearest;
    const struct psim_reason *all = nearest; /* that everything waits for */
    for (uint8_t j = 1; j <= act->n_caches; j++) {
        const struct psim_reason *next = psim_why_act_latency(k, s->act, j);
        const struct psim_reason *late = late_part(k, step, j, ahead);
        if (!late && all == before) {
            all = next;
        } else if (next) {
            struct psim_reason *more =
                before ? psim_why_of(w, "of what misses", next->value - before->value,
                                     PSIM_DIM_SECONDS, "($0 - $1)", next, before, NULL)
                       : psim_why_of(w, "of what misses", next->value, PSIM_DIM_SECONDS,
                                     "$0", next, NULL);
            if (late) more->value *= late->value;
            psim_reason_times(w->arena, more, late);
            psim_reason_add(w->arena, sum, more);
            sum->value += more->value;
        }
        before = next;
    }
    psim_reason_add(w->arena, sum, all);
    if (all) sum->value += all->value;
    add_turning(k, step, ahead, sum);
    if (sum->n_parts == 0) return NULL;
    return sum->n_parts == 1 ? sum->parts[0] : sum;
}

/** The nearest that may answer; what streams comes from the memory. */
static const struct psim_reason *
least_latency(struct psim_why_kernel *k, uint16_t step)
{
    const struct psim_step *s = &k->kernel->steps[step];
    const struct psim_act *act = &k->plan->acts[s->act];
    uint8_t nearest = 0;
    if (act->n_caches > 0 && !(s->flags & PSIM_STORE)) {
        const bool no_tile = s->tile == PSIM_NONE;
        const bool held_out =
            !no_tile &&
            (k->steps->resident >> k->kernel->tiles[s->tile].tensor & 1) != 0;
        for (uint8_t j = 1; j <= act->n_caches; j++) {
            if (act->latency_s[j] < act->latency_s[nearest]) nearest = j;
        }
        if ((s->flags & PSIM_STREAM) || no_tile) {
            nearest = (uint8_t)(act->n_caches - (held_out ? 1 : 0));
        }
    }
    return psim_why_act_latency(k, s->act, nearest);
}

const struct psim_reason *
psim_why_visit(struct psim_why_kernel *k, uint16_t step, double ahead, bool least)
{
    struct psim_why *w = k->w;
    const struct psim_step *s = &k->kernel->steps[step];
    const struct psim_step_sum *sum = &k->steps->sum[step];
    const struct psim_act *act = &k->plan->acts[s->act];
    double estimate_s, least_s;
    psim_work_visit(k->steps, step, sum->amount / sum->visits, ahead, &estimate_s,
                    &least_s);
    const double value = least ? least_s : estimate_s;
    if (value <= 0) return NULL;
    const struct psim_reason *hold = held(k, step, least);
    const struct psim_reason *wait =
        least ? least_latency(k, step) : latency(k, step, ahead);
    const char *name =
        psim_why_text(w, "%svisit to '%s'", least ? "least " : "", act->name);
    struct psim_reason *visit =
        psim_why_new(w, PSIM_REASON_FORMULA, name, value, PSIM_DIM_SECONDS);
    visit->equation = "eq. A2";
    psim_reason_add(w->arena, visit, wait ? wait : hold);
    if (!wait || !hold) {
        visit->formula = "$0";
    } else {
        psim_reason_add(w->arena, visit, hold);
        visit->formula = "$1 + $0";
    }
    if (s->chain > 1 && wait) {
        psim_reason_add(w->arena, visit,
                        psim_why_number(k, "in a chain", s->chain, PSIM_DIM_NONE));
        visit->formula = hold ? "max($1, ($2 - 1) x $0) + $0" : "($1 - 1) x $0 + $0";
    }
    return visit;
}
