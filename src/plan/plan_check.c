/* SPDX-License-Identifier: MIT */
/** @file What every plan must satisfy before an engine sees it. */
#include "plan/plan_check.h"

#include <math.h>

#include "plan/count.h"
#include "util/arena.h"

/** First fault found; the checks below stop where it is set. */
struct checker {
    struct psim_arena *arena;
    const struct psim_plan *plan;
    const struct psim_kernel *kernel;
    const char *fault;
};

#define FAULT(c, ...)                                                                  \
    ((c)->fault = (c)->fault ? (c)->fault : psim_arena_printf((c)->arena, __VA_ARGS__))

static void
check_acts(struct checker *c)
{
    for (uint32_t i = 0; i < c->plan->n_acts; i++) {
        const struct psim_act *act = &c->plan->acts[i];
        if (act->n_demands > PSIM_MAX_DEMANDS || act->n_caches > PSIM_MAX_CACHES) {
            FAULT(c, "act %s: too many demands or caches", act->name);
            return;
        }
        for (uint8_t d = 0; d < act->n_demands; d++) {
            const struct psim_demand *demand = &act->demand[d];
            if (demand->server >= c->plan->n_servers ||
                demand->behind > act->n_caches || !(demand->s_per_unit >= 0)) {
                FAULT(c, "act %s: demand %u is out of range", act->name, d);
            }
        }
        for (uint8_t k = 0; k < act->n_caches; k++) {
            if (act->cache[k] >= c->plan->n_caches) {
                FAULT(c, "act %s: cache %u does not exist", act->name, k);
            }
        }
    }
}

static void
check_params(struct checker *c)
{
    const struct psim_kernel *k = c->kernel;
    for (uint8_t i = 0; i < k->n_params; i++) {
        const struct psim_param *p = &k->params[i];
        if (p->axis >= k->n_axes || p->n_runs == 0) {
            FAULT(c, "%s: parameter %s has no axis or no run", k->name, p->name);
            return;
        }
        uint64_t at = 0;
        for (uint8_t r = 0; r < p->n_runs; r++) {
            const struct psim_run *run = &k->runs[p->first_run + r];
            const int64_t last = run->a * ((int64_t)run->count - 1) + run->b;
            if (run->first != at || run->count == 0 || run->c <= 0 || run->b < 0 ||
                last < 0) {
                FAULT(c, "%s: run %u of %s", k->name, r, p->name);
                return;
            }
            at += run->count;
        }
        if (at != k->extent[p->axis]) {
            FAULT(c, "%s: %s covers %llu of %u", k->name, p->name,
                  (unsigned long long)at, k->extent[p->axis]);
        }
    }
}

static void
check_walk(struct checker *c)
{
    const struct psim_kernel *k = c->kernel;
    uint8_t inner[PSIM_MAX_AXES] = {0}, outer[PSIM_MAX_AXES] = {0};
    for (uint8_t i = 0; i < k->n_levels; i++) {
        const struct psim_level *l = &k->walk[i];
        if (l->axis >= k->n_axes) {
            FAULT(c, "%s: walk over an axis that does not exist", k->name);
            return;
        }
        if (l->span != 0) {
            inner[l->axis]++;
            if (outer[l->axis]) {
                FAULT(c, "%s: axis %u: the band must be faster", k->name, l->axis);
            }
        } else {
            outer[l->axis]++;
        }
    }
    for (uint8_t a = 0; a < k->n_axes; a++) {
        if (k->extent[a] == 0 || inner[a] > 1 || outer[a] != 1) {
            FAULT(c, "%s: axis %u must be walked once", k->name, a);
        }
    }
}

static bool
amount_is_sound(const struct psim_kernel *k, const struct psim_amount *amount)
{
    for (size_t i = 0; i < PSIM_MAX_FACTORS; i++) {
        if (amount->param[i] == PSIM_NONE) return true;
        if (amount->param[i] >= k->n_params) return false;
    }
    return true;
}

/** What one role does to one channel, step by step. */
struct traffic {
    uint8_t open_reserve, open_wait; /**< reserved and not committed, ... */
    bool fills, drains;
    double reserves, commits, waits, releases;
};

static void
check_step(struct checker *c, uint16_t s, struct traffic traffic[], uint8_t *depth)
{
    const struct psim_kernel *k = c->kernel;
    const struct psim_step *step = &k->steps[s];
    const bool has_channel =
        (step->kind >= PSIM_STEP_RESERVE && step->kind <= PSIM_STEP_RELEASE) ||
        (step->kind == PSIM_STEP_DO && (step->flags & PSIM_ASYNC));
    if (!amount_is_sound(k, &step->amount) ||
        (has_channel && step->channel >= k->n_channels)) {
        FAULT(c, "%s: step %u: parameter or channel does not exist", k->name, s);
        return;
    }
    struct traffic *t = has_channel ? &traffic[step->channel] : NULL;
    const double visits = psim_count_visits(k, s).sum;
    switch ((enum psim_step_kind)step->kind) {
    case PSIM_STEP_LOOP:
        if (++*depth > PSIM_MAX_NESTING) FAULT(c, "%s: loops too deep", k->name);
        break;
    case PSIM_STEP_END:
        if ((*depth)-- == 0) FAULT(c, "%s: step %u: end of no loop", k->name, s);
        break;
    case PSIM_STEP_DO:
        if (step->act >= c->plan->n_acts ||
            (step->tile != PSIM_NONE && step->tile >= k->n_tiles)) {
            FAULT(c, "%s: step %u: act or tile does not exist", k->name, s);
        } else if (t && t->open_reserve == 0) {
            FAULT(c, "%s: step %u: fills a slot that is not reserved", k->name, s);
        }
        break;
    case PSIM_STEP_RESERVE:
        t->fills = true;
        t->open_reserve++;
        t->reserves += visits;
        break;
    case PSIM_STEP_COMMIT:
        if (t->open_reserve-- == 0) FAULT(c, "%s: step %u: commit", k->name, s);
        t->commits += visits;
        break;
    case PSIM_STEP_WAIT:
        t->drains = true;
        t->open_wait++;
        t->waits += visits;
        break;
    case PSIM_STEP_RELEASE:
        if (t->open_wait-- == 0) FAULT(c, "%s: step %u: release", k->name, s);
        t->releases += visits;
        break;
    case PSIM_STEP_STOP:
    case PSIM_N_STEP_KINDS:
        break;
    }
}

/** Sums over the roles: who fills, how many gangs drain, how often. */
struct channel_use {
    uint8_t fillers, drainers;
    double commits, waits;
};

static void
check_role(struct checker *c, const struct psim_role *role, struct channel_use use[])
{
    const struct psim_kernel *k = c->kernel;
    struct traffic traffic[PSIM_MAX_CHANNELS] = {0};
    uint8_t depth = 0;
    uint16_t s = role->first_step;
    for (; s < k->n_steps && k->steps[s].kind != PSIM_STEP_STOP; s++) {
        check_step(c, s, traffic, &depth);
        if (c->fault) return;
    }
    if (s == k->n_steps || depth != 0) {
        FAULT(c, "%s: role %s has no stop, or an open loop", k->name, role->name);
    }
    for (uint8_t i = 0; i < k->n_channels; i++) {
        const struct traffic *t = &traffic[i];
        if (t->open_reserve || t->open_wait || t->reserves != t->commits ||
            t->waits != t->releases) {
            FAULT(c, "%s: role %s leaves channel %s open", k->name, role->name,
                  k->channels[i].name);
        }
        if (t->fills) {
            use[i].fillers = (uint8_t)(use[i].fillers + role->gangs);
            use[i].commits += t->commits;
        }
        if (t->drains) {
            use[i].drainers = (uint8_t)(use[i].drainers + role->gangs);
            use[i].waits = t->waits > use[i].waits ? t->waits : use[i].waits;
        }
    }
}

static void
check_channels(struct checker *c, const struct channel_use use[])
{
    const struct psim_kernel *k = c->kernel;
    const double items = (double)psim_kernel_items(k);
    for (uint8_t i = 0; i < k->n_channels; i++) {
        const struct psim_channel *channel = &k->channels[i];
        if (channel->depth == 0 || channel->depth > PSIM_MAX_DEPTH ||
            channel->primed > channel->depth) {
            FAULT(c, "%s: channel %s: depth %u", k->name, channel->name,
                  channel->depth);
        }
        if (use[i].fillers != 1 || use[i].drainers != channel->consumers) {
            FAULT(c, "%s: channel %s: %u gangs fill it, %u of %u drain it", k->name,
                  channel->name, use[i].fillers, use[i].drainers, channel->consumers);
        }
        /* A token may be left over at the end, once for every item. */
        const double left = use[i].commits + channel->primed * items - use[i].waits;
        if (left < 0 || left > channel->primed * items) {
            FAULT(c, "%s: channel %s: %g filled, %g drained", k->name, channel->name,
                  use[i].commits, use[i].waits);
        }
    }
}

static void
check_kernel(struct checker *c)
{
    const struct psim_kernel *k = c->kernel;
    if (k->n_axes == 0 || k->n_axes > PSIM_MAX_AXES || k->n_levels > PSIM_MAX_LEVELS ||
        k->n_params > PSIM_MAX_PARAMS || k->n_channels > PSIM_MAX_CHANNELS ||
        k->n_steps > PSIM_MAX_STEPS || k->n_roles == 0 || k->units == 0 ||
        k->resident == 0 || !(k->launch_s >= 0)) {
        FAULT(c, "%s: a count is zero or too large", k->name);
        return;
    }
    check_params(c);
    check_walk(c);
    struct channel_use use[PSIM_MAX_CHANNELS] = {0};
    unsigned gangs = 0;
    for (uint8_t r = 0; r < k->n_roles && !c->fault; r++) {
        check_role(c, &k->roles[r], use);
        gangs += k->roles[r].gangs;
    }
    if (gangs > PSIM_MAX_GANGS) FAULT(c, "%s: %u gangs", k->name, gangs);
    if (!c->fault) check_channels(c, use);
    for (uint8_t i = 0; i < k->n_tiles; i++) {
        if (k->tiles[i].tensor >= c->plan->n_tensors) {
            FAULT(c, "%s: tile %s of no tensor", k->name, k->tiles[i].name);
        }
    }
    for (uint8_t i = 0; i < k->n_uses; i++) {
        if (k->uses[i].tensor >= c->plan->n_tensors) {
            FAULT(c, "%s: use of no tensor", k->name);
        }
    }
}

const char *
psim_plan_check(struct psim_arena *arena, const struct psim_plan *plan)
{
    struct checker c = {.arena = arena, .plan = plan};
    check_acts(&c);
    for (uint32_t i = 0; i < plan->n_kernels && !c.fault; i++) {
        c.kernel = &plan->kernels[i];
        check_kernel(&c);
    }
    for (uint32_t i = 0; i < plan->n_launches; i++) {
        if (plan->launches[i].kernel >= plan->n_kernels) FAULT(&c, "launch %u", i);
    }
    return c.fault;
}
