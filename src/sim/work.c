/* SPDX-License-Identifier: MIT */
/** @file Sums over the grid for the analytic engine (docs/MODEL.md, eq. A1 to A4). */
#include "sim/work.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "plan/count.h"
#include "sim/work_wait.h"

static double
greater(double a, double b)
{
    return a > b ? a : b;
}

/** Demands on servers that several units share are divided by the multicast. */
static double
cast_of(const struct psim_step *step, const struct psim_server *server)
{
    return step->cast > 1 && server->units != 1 ? step->cast : 1;
}

/** The share of a step's moves that an item starts before it waits: eq. A6. */
static double
at_once(const struct psim_summing *s, const struct psim_step *step,
        const struct psim_step_sum *sum)
{
    if (!(step->flags & PSIM_ASYNC) || sum->visits <= 0) return 0;
    const double slots = s->work->kernel->channels[step->channel].depth;
    return fmin(1, slots * s->work->items / sum->visits);
}

static void
add_demands(struct psim_summing *s, uint16_t index, const struct psim_role *role)
{
    const struct psim_plan *plan = s->work->plan;
    const struct psim_step *step = &s->work->kernel->steps[index];
    const struct psim_act *act = &plan->acts[step->act];
    const struct psim_step_sum *sum = &s->sum[index];
    const double asked = sum->amount * role->gangs;
    const double most_asked = sum->most_amount * role->gangs;
    const double burst = at_once(s, step, sum);
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_demand *demand = &act->demand[d];
        const struct psim_server *server = &plan->servers[demand->server];
        struct psim_server_work *w = &s->work->server[demand->server];
        const double cast = cast_of(step, server);
        double total = asked / cast, most = most_asked / cast;
        double ideal = total;
        if (demand->behind != 0) {
            if (step->tile == PSIM_NONE) {
                ideal = (step->flags & PSIM_STORE) ? 0 : asked;
                total = asked;
            } else {
                total = s->walk.missed_bytes[index][demand->behind - 1];
                ideal = s->ideal.missed_bytes[index][demand->behind - 1];
            }
            most = asked > 0 ? most_asked * total / asked : 0;
        }
        const double count = total * demand->count_per_unit;
        *((step->flags & PSIM_STORE) ? &w->written : &w->read) += count;
        w->energy_j += total * demand->j_per_unit;
        w->total_s += total * demand->s_per_unit;
        w->most_s += most * demand->s_per_unit;
        w->ideal_s += ideal * demand->s_per_unit;
        w->burst_s += total * demand->s_per_unit * burst;
        if (burst > 0) {
            s->work->channel[step->channel].burst_s[demand->server] +=
                total * demand->s_per_unit * burst;
        }
    }
}

/**
 * Time of one visit to a step with nothing in the way, and at the very least. Of
 * @p ahead visits that are under way together and end in order, the slowest counts.
 */
static void
visit_s(const struct psim_summing *s, uint16_t index, double amount, double ahead,
        double *ret_estimate, double *ret_least)
{
    const struct psim_plan *plan = s->work->plan;
    const struct psim_step *step = &s->work->kernel->steps[index];
    const struct psim_act *act = &plan->acts[step->act];
    const struct psim_step_sum *sum = &s->sum[index];
    double held = amount * act->interval_s, misses[PSIM_MAX_CACHES + 1] = {1};
    for (uint8_t k = 1; k <= act->n_caches; k++) {
        misses[k] = 1;
        if (step->tile != PSIM_NONE && sum->amount > 0 && !(step->flags & PSIM_STORE)) {
            misses[k] = s->walk.missed_bytes[index][k - 1] / sum->amount;
            if (misses[k] > 1) misses[k] = 1;
        }
    }
    double least_held = held;
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_demand *demand = &act->demand[d];
        const double one =
            amount * demand->s_per_unit / cast_of(step, &plan->servers[demand->server]);
        if (demand->behind == 0) least_held = greater(least_held, one);
        held = greater(held, one * misses[demand->behind]);
    }
    /* A store is done when its first home has it; a load when the last answers. */
    double latency = act->latency_s[0];
    double least_latency = act->latency_s[0];
    if (act->n_caches > 0 && !(step->flags & PSIM_STORE)) {
        const bool held_out =
            step->tile != PSIM_NONE &&
            (s->resident >> s->work->kernel->tiles[step->tile].tensor & 1);
        for (uint8_t k = 1; k <= act->n_caches; k++) {
            const double late = misses[k] * ahead < 1 ? misses[k] * ahead : 1;
            latency += late * (act->latency_s[k] - act->latency_s[k - 1]);
            /* Nobody says that a memory answers later than its cache. */
            if (act->latency_s[k] < least_latency) least_latency = act->latency_s[k];
        }
        if ((step->flags & PSIM_STREAM) || step->tile == PSIM_NONE) {
            least_latency = act->latency_s[act->n_caches - (held_out ? 1 : 0)];
        }
    }
    for (uint8_t d = 0; d < act->n_demands && !(step->flags & PSIM_STORE); d++) {
        const struct psim_server *server = &plan->servers[act->demand[d].server];
        const double late = fmin(1, misses[act->demand[d].behind] * ahead);
        latency += late * s->work->turning * server->turn_s;
    }
    const double chain = step->chain > 1 ? step->chain - 1 : 0;
    *ret_estimate = greater(held, chain * latency) + latency;
    *ret_least = greater(least_held, chain * least_latency) + least_latency;
}

/** Which channels a role holds open while it goes through its steps. */
struct open {
    bool fill[PSIM_MAX_CHANNELS], hold[PSIM_MAX_CHANNELS];
    bool outside[PSIM_MAX_CHANNELS];  /**< reserved outside any loop */
    double hold_s[PSIM_MAX_CHANNELS]; /**< by this role; the slowest consumer counts */
    double landing_s[PSIM_MAX_CHANNELS]; /**< the slowest asynchronous move of a slot */
};

static void
sum_do(struct psim_summing *s, uint8_t role_index, uint16_t index, struct open *open,
       bool in_loop)
{
    const struct psim_kernel *k = s->work->kernel;
    const struct psim_step *step = &k->steps[index];
    const struct psim_step_sum *sum = &s->sum[index];
    struct psim_role_work *role = &s->work->role[role_index];
    if (sum->visits <= 0) return;
    const bool async = (step->flags & PSIM_ASYNC) != 0;
    double ahead = async ? k->channels[step->channel].depth : 1;
    /* What work-groups ask for as they start, they ask for together: who finds that
     * another has asked waits as long. */
    if (!async && !in_loop) {
        ahead = fmin(s->work->items, (double)k->units * k->resident);
    }
    double estimate, least;
    visit_s(s, index, sum->amount / sum->visits, ahead, &estimate, &least);
    if (async) {
        double *landing = &open->landing_s[step->channel];
        *landing = greater(*landing, estimate * sum->visits);
        return;
    }
    if (step->flags & PSIM_POSTED) {
        if (!in_loop) role->drain_s = greater(role->drain_s, estimate);
        return;
    }
    const double total = estimate * sum->visits;
    role->least_s += least * sum->visits;
    if (sum->most_visits > 0) {
        const double mean = sum->amount / sum->visits;
        const double most = sum->most_amount / sum->most_visits;
        double most_estimate, most_least = least;
        if (most != mean) visit_s(s, index, most, 1, &most_estimate, &most_least);
        role->most_s += most_least * sum->most_visits;
    }
    *(in_loop ? &role->inside_s : &role->outside_s) += total;
    for (uint8_t c = 0; c < k->n_channels; c++) {
        if (open->fill[c]) s->work->channel[c].fill_s += total;
        if (open->fill[c] && open->outside[c] && in_loop) {
            s->work->channel[c].looped_s += total;
        }
        if (open->hold[c]) open->hold_s[c] += total;
    }
}

/** Blocking steps of one item: no schedule of it is faster. */
static double
item_least_s(const struct psim_summing *s, uint8_t role,
             const uint32_t x[PSIM_MAX_AXES])
{
    const struct psim_kernel *k = s->work->kernel;
    double visits[PSIM_MAX_NESTING + 1] = {1}, sum = 0;
    unsigned depth = 0;
    for (uint16_t i = k->roles[role].first_step; k->steps[i].kind != PSIM_STEP_STOP;
         i++) {
        const struct psim_step *step = &k->steps[i];
        if (step->kind == PSIM_STEP_LOOP) {
            const double trips = (double)psim_amount_value(k, &step->amount, x);
            visits[depth + 1] = visits[depth] * trips;
            depth++;
        } else if (step->kind == PSIM_STEP_END) {
            depth--;
        } else if (step->kind == PSIM_STEP_DO && visits[depth] > 0 &&
                   !(step->flags & (PSIM_ASYNC | PSIM_POSTED))) {
            const double amount = (double)psim_amount_value(k, &step->amount, x);
            double estimate, least;
            visit_s(s, i, amount, 1, &estimate, &least);
            sum += least * visits[depth];
        }
    }
    return sum;
}

/** Unequal items are longest at an end of the grid, or this is a smaller bound. */
static double
longest_item_s(const struct psim_summing *s, uint8_t role)
{
    const struct psim_kernel *k = s->work->kernel;
    uint32_t first[PSIM_MAX_AXES] = {0}, last[PSIM_MAX_AXES] = {0};
    for (uint8_t a = 0; a < k->n_axes; a++) {
        last[a] = k->extent[a] - 1;
    }
    return greater(item_least_s(s, role, first), item_least_s(s, role, last));
}

/** Whether a role has a step of that kind for a channel. */
static bool
has_step(const struct psim_kernel *k, uint8_t role, enum psim_step_kind kind,
         uint8_t channel)
{
    for (uint16_t i = k->roles[role].first_step; k->steps[i].kind != PSIM_STEP_STOP;
         i++) {
        if (k->steps[i].kind == kind && k->steps[i].channel == channel) return true;
    }
    return false;
}

/**
 * Slots that are open while another role makes something of them stay so as long.
 * Roles in a ring wait for each other by turns: that is no part of it.
 */
static void
hold_for(struct psim_summing *s, uint8_t role, uint8_t awaited, struct open *open)
{
    const struct psim_kernel *k = s->work->kernel;
    const struct psim_channel_work *channel = &s->work->channel[awaited];
    if (channel->slots <= 0) return;
    for (uint8_t c = 0; c < k->n_channels; c++) {
        if (has_step(k, role, PSIM_STEP_RESERVE, c) &&
            has_step(k, channel->filler, PSIM_STEP_WAIT, c)) {
            return;
        }
    }
    for (uint8_t c = 0; c < k->n_channels; c++) {
        if (open->hold[c] && has_step(k, channel->filler, PSIM_STEP_WAIT, c)) {
            open->hold_s[c] += channel->fill_s;
        }
    }
}

/** A step that takes, fills, waits for or frees a slot of its channel. */
static void
sum_slot(struct psim_summing *s, uint8_t role_index, uint16_t index, struct open *open,
         bool in_loop)
{
    const struct psim_step *step = &s->work->kernel->steps[index];
    struct psim_role_work *role = &s->work->role[role_index];
    assert(step->channel < s->work->kernel->n_channels);
    struct psim_channel_work *channel = &s->work->channel[step->channel];
    double *landing_s = &open->landing_s[step->channel];
    switch ((enum psim_step_kind)step->kind) {
    case PSIM_STEP_RESERVE:
        open->fill[step->channel] = true;
        open->outside[step->channel] = !in_loop;
        channel->slots += s->sum[index].visits;
        channel->filler = role_index;
        break;
    case PSIM_STEP_COMMIT:
        open->fill[step->channel] = false;
        channel->fill_s += *landing_s;
        break;
    case PSIM_STEP_WAIT:
        if (channel->slots > 0) channel->own = channel->filler == role_index;
        /* What the role itself has just asked for, it waits for. */
        *(in_loop ? &role->inside_s : &role->outside_s) += *landing_s;
        *landing_s = 0;
        hold_for(s, role_index, step->channel, open);
        open->hold[step->channel] = true;
        break;
    case PSIM_STEP_RELEASE:
        open->hold[step->channel] = false;
        break;
    case PSIM_STEP_LOOP:
    case PSIM_STEP_END:
    case PSIM_STEP_DO:
    case PSIM_STEP_STOP:
    case PSIM_N_STEP_KINDS:
        assert(!"a step of a channel");
    }
}

static void
sum_role(struct psim_summing *s, uint8_t role_index)
{
    const struct psim_kernel *k = s->work->kernel;
    struct psim_role_work *role = &s->work->role[role_index];
    struct open open = {0};
    unsigned depth = 0;
    double turns = 0, most_visits = 0;
    for (uint16_t i = k->roles[role_index].first_step;
         k->steps[i].kind != PSIM_STEP_STOP; i++) {
        if (depth > 0) most_visits = greater(most_visits, s->sum[i].visits);
        switch ((enum psim_step_kind)k->steps[i].kind) {
        case PSIM_STEP_LOOP:
            depth++;
            break;
        case PSIM_STEP_END:
            if (--depth > 0) break;
            turns += most_visits / s->work->items;
            most_visits = 0;
            break;
        case PSIM_STEP_DO:
            sum_do(s, role_index, i, &open, depth > 0);
            break;
        case PSIM_STEP_RESERVE:
        case PSIM_STEP_COMMIT:
        case PSIM_STEP_WAIT:
        case PSIM_STEP_RELEASE:
            sum_slot(s, role_index, i, &open, depth > 0);
            break;
        case PSIM_STEP_STOP:
        case PSIM_N_STEP_KINDS:
            break;
        }
    }
    role->turns = greater(turns, 1);
    const double each = role->least_s / s->work->items;
    role->longest_s = role->most_s > each ? longest_item_s(s, role_index) : each;
    for (uint8_t c = 0; c < k->n_channels; c++) {
        double *hold = &s->work->channel[c].hold_s;
        *hold = greater(*hold, open.hold_s[c]);
    }
}

double
psim_work_instances(const struct psim_work *w, uint32_t units)
{
    if (units == 0) return 1;
    return ceil((double)w->kernel->units / units);
}

/** Starts of work-groups: persistent ones once a slot, others once an item. */
static void
sum_starts(struct psim_work *w)
{
    const struct psim_kernel *k = w->kernel;
    if (k->start_act == PSIM_NONE) return;
    const struct psim_act *start = &w->plan->acts[k->start_act];
    const double slots = (double)k->units * k->resident;
    const bool each = k->dispatch == PSIM_DISPATCH_EACH;
    const double starts = each || w->items < slots ? w->items : slots;
    w->start_s = start->latency_s[0];
    for (uint8_t d = 0; d < start->n_demands; d++) {
        struct psim_server_work *server = &w->server[start->demand[d].server];
        server->total_s += starts * start->demand[d].s_per_unit;
        server->ideal_s += starts * start->demand[d].s_per_unit;
        server->most_s += start->demand[d].s_per_unit;
    }
}

/** Nothing summed yet; only what the kernel has is looked at. */
static void
clear(struct psim_work *w, const struct psim_plan *plan, const struct psim_kernel *k)
{
    memset(w, 0, offsetof(struct psim_work, server));
    memset(w->server, 0, plan->n_servers * sizeof *w->server);
    memset(w->role, 0, k->n_roles * sizeof *w->role);
    for (uint8_t c = 0; c < k->n_channels; c++) {
        memset(&w->channel[c], 0, offsetof(struct psim_channel_work, burst_s));
        memset(w->channel[c].burst_s, 0, plan->n_servers * sizeof(double));
    }
}

static inline void
sum_kernel(const struct psim_plan *plan, const struct psim_launch *launch,
           double turning, struct psim_work *ret, struct psim_summing *s)
{
    const struct psim_kernel *k = &plan->kernels[launch->kernel];
    assert(plan->n_servers <= PSIM_MAX_SERVERS && k->n_roles <= PSIM_MAX_ROLES);
    clear(ret, plan, k);
    ret->plan = plan;
    ret->kernel = k;
    ret->turning = turning;
    ret->items = (double)psim_kernel_items(k);
    struct psim_step_count counts[PSIM_MAX_STEPS];
    psim_count_steps(k, counts);
    s->work = ret;
    s->resident = launch->resident;
    psim_reuse(plan, k, counts, launch->resident, &s->walk, &s->ideal);
    for (uint16_t i = 0; i < k->n_steps; i++) {
        const struct psim_range amount = counts[i].amount, visits = counts[i].visits;
        s->sum[i] =
            (struct psim_step_sum){amount.sum, amount.most, visits.sum, visits.most};
    }
    sum_starts(ret);
    for (uint8_t r = 0; r < k->n_roles; r++) {
        for (uint16_t i = k->roles[r].first_step; k->steps[i].kind != PSIM_STEP_STOP;
             i++) {
            if (k->steps[i].kind == PSIM_STEP_DO) {
                add_demands(s, i, &k->roles[r]);
            }
        }
        sum_role(s, r);
    }
    psim_work_wait(ret);
}

void
psim_work_sum(const struct psim_plan *plan, const struct psim_launch *launch,
              double turning, struct psim_work *ret)
{
    struct psim_summing s; /* large: only what the kernel's steps need is filled */
    sum_kernel(plan, launch, turning, ret, &s);
}

/* --- for who explains a sum -------------------------------------------------- */

void
psim_work_sum_steps(const struct psim_plan *plan, const struct psim_launch *launch,
                    double turning, struct psim_work *ret,
                    struct psim_summing *ret_steps)
{
    sum_kernel(plan, launch, turning, ret, ret_steps);
}

double
psim_work_cast(const struct psim_step *step, const struct psim_server *server)
{
    return cast_of(step, server);
}

void
psim_work_visit(const struct psim_summing *s, uint16_t index, double amount,
                double ahead, double *ret_estimate, double *ret_least)
{
    visit_s(s, index, amount, ahead, ret_estimate, ret_least);
}
