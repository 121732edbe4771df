/* SPDX-License-Identifier: MIT */
/** @file The analytic engine: bounds and an estimate in closed form (eq. A5 to A9). */
#include "sim/analytic.h"

#include <math.h>

#include "util/arena.h"

static void
consider(struct psim_limit *limit, double time_s, enum psim_binding binding,
         size_t index)
{
    if (time_s > limit->time_s) {
        *limit = (struct psim_limit){time_s, binding, (uint16_t)index};
    }
}

/** The same of a candidate that names less: where the two differ by rounding, it
 * yields. */
static void
consider_beyond(struct psim_limit *limit, double time_s, enum psim_binding binding,
                size_t index)
{
    if (time_s > limit->time_s * (1 + 1e-12)) {
        consider(limit, time_s, binding, index);
    } else {
        limit->time_s = fmax(limit->time_s, time_s);
    }
}

static bool
uneven(double most, double mean)
{
    return most > 1.02 * mean;
}

static double
behind(double most)
{
    const double left = fmin(0.5 + (most - 1) * (most - 1) / 6, 0.5 * most);
    return most - left;
}

static double
server_s(const struct psim_work *w, uint32_t index, const struct psim_effects *with)
{
    const struct psim_server *server = &w->plan->servers[index];
    const struct psim_server_work *work = &w->server[index];
    const double total = with->refetch ? work->total_s : work->ideal_s;
    const double n = psim_work_instances(w, server->units);
    const double even = total / n;
    if (!with->tail || server->units == 0) return even;
    const double each = work->total_s / w->items;
    if (uneven(work->most_s, each)) {
        if (w->items <= n) return work->most_s;
        return even + behind(work->most_s / each) * each * (1 - 1 / n);
    }
    return ceil(w->items / n) * each;
}

static struct psim_limit
steady_s(const struct psim_work *w, uint8_t role)
{
    struct psim_limit limit = {0};
    const struct psim_kernel *k = w->kernel;
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        if (w->plan->servers[v].units != 1) continue;
        consider(&limit, w->server[v].total_s / w->items, PSIM_BIND_SERVER, v);
    }
    /* A role that does nothing but hold one server is held by that. */
    const struct psim_role_work *own = &w->role[role];
    consider_beyond(&limit, own->inside_s / w->items, PSIM_BIND_ROLE, role);
    consider_beyond(&limit, own->ring_s * own->turns, PSIM_BIND_ROLE, role);
    for (uint8_t c = 0; c < k->n_channels; c++) {
        const struct psim_channel_work *channel = &w->channel[c];
        if (channel->slots <= w->items) continue; /* refilled by later items only */
        consider_beyond(&limit,
                        (channel->fill_s + channel->hold_s) / k->channels[c].depth /
                            w->items,
                        PSIM_BIND_CHANNEL, c);
    }
    return limit;
}

static double
refill_s(const struct psim_work *w, double steady_s)
{
    double longest_s = 0;
    for (uint8_t c = 0; c < w->kernel->n_channels; c++) {
        const struct psim_channel_work *channel = &w->channel[c];
        if (channel->slots <= 0 || channel->slots > w->items) continue;
        const double held_s = channel->hold_s / w->items;
        const double turn_s = channel->fill_s / w->items + fmax(held_s, steady_s);
        longest_s = fmax(longest_s, turn_s / w->kernel->channels[c].depth);
    }
    return longest_s;
}

static double
queue_s(const struct psim_work *w)
{
    const double slots = (double)w->kernel->units * w->kernel->resident;
    const double first = fmin(1, slots / w->items);
    double longest_s = 0;
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        if (w->plan->servers[v].units == 1) continue;
        const double n = psim_work_instances(w, w->plan->servers[v].units);
        const double all_s = w->server[v].burst_s * first / n;
        const double own_s = w->server[v].burst_s / w->items;
        longest_s = fmax(longest_s, all_s - own_s);
    }
    return longest_s;
}

static bool
comes_after(const struct psim_work *w, uint8_t role)
{
    const struct psim_kernel *k = w->kernel;
    for (uint16_t i = k->roles[role].first_step; k->steps[i].kind != PSIM_STEP_STOP;
         i++) {
        if (k->steps[i].kind == PSIM_STEP_LOOP) return false;
        if (k->steps[i].kind != PSIM_STEP_WAIT) continue;
        const struct psim_channel_work *channel = &w->channel[k->steps[i].channel];
        if (channel->looped_s > 0 && channel->slots <= w->items) return true;
    }
    return false;
}

static struct psim_item_time
item_s(const struct psim_work *w)
{
    const double queued_s = queue_s(w);
    struct psim_item_time item = {.most = 1};
    for (uint8_t r = 0; r < w->kernel->n_roles; r++) {
        const struct psim_role_work *role = &w->role[r];
        const struct psim_limit steady = steady_s(w, r);
        const double before = w->start_s + role->fill_s;
        const double first =
            role->outside_s / w->items + role->inside_s / w->items / role->turns;
        const double held_s =
            comes_after(w, r) ? role->inside_s / w->items : steady.time_s;
        const double body = first + (1 - 1 / role->turns) * held_s;
        const double whole = before + body + role->drain_s;
        if (whole + queued_s <= item.whole_s) continue;
        const double each = role->least_s / w->items;
        item = (struct psim_item_time){
            .whole_s = whole + queued_s,
            .fill_s = w->start_s + role->ramp_s + first + role->drain_s,
            .next_s = fmax(body, refill_s(w, steady.time_s)),
            .role = r,
            .most = uneven(role->most_s, each) ? role->most_s / each : 1,
            .limit = steady,
        };
        if (w->kernel->dispatch == PSIM_DISPATCH_EACH) item.next_s = before + body;
        if (role->outside_s > role->inside_s) {
            item.limit.binding = PSIM_BIND_ROLE;
            item.limit.index = r;
        }
    }
    return item;
}

static struct psim_limit
bound_s(const struct psim_work *w, const struct psim_effects *with)
{
    struct psim_limit limit = {0};
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        consider(&limit, server_s(w, v, with), PSIM_BIND_SERVER, v);
    }
    const double slots = (double)w->kernel->units * w->kernel->resident;
    for (uint8_t r = 0; r < w->kernel->n_roles; r++) {
        consider(&limit, w->role[r].least_s / slots, PSIM_BIND_ROLE, r);
        consider(&limit, w->role[r].longest_s, PSIM_BIND_ROLE, r);
    }
    return limit;
}

/** The server of the unit that is held longest: where all end together, it binds. */
static uint32_t
busiest_own(const struct psim_work *w)
{
    uint32_t busiest = w->plan->n_servers;
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        if (w->plan->servers[v].units != 1) continue;
        if (busiest == w->plan->n_servers ||
            w->server[v].total_s > w->server[busiest].total_s) {
            busiest = v;
        }
    }
    return busiest;
}

static double
surrounded_s(const struct psim_work *w, uint32_t v, const struct psim_item_time *item,
             const struct psim_effects *with)
{
    const bool own = w->plan->servers[v].units == 1;
    const double alone = own ? w->server[v].total_s / w->items : 0;
    double around = own ? item->whole_s - alone : item->fill_s;
    /* What is in phase is in the turns already: the rest of a loop passes under them.
     */
    if (w->plan->servers[v].in_phase) around = fmin(around, item->fill_s);
    return server_s(w, v, with) + (around > 0 ? around : 0);
}

static struct psim_limit
estimate_s(const struct psim_work *w, const struct psim_item_time *lone,
           const struct psim_effects *with)
{
    struct psim_limit limit = bound_s(w, with);
    if (!with->fill) return limit;
    const struct psim_kernel *k = w->kernel;
    const struct psim_item_time item = *lone;
    const uint32_t busiest = busiest_own(w);
    if (busiest < w->plan->n_servers) {
        consider(&limit, surrounded_s(w, busiest, lone, with), PSIM_BIND_SERVER,
                 busiest);
    }
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        const double time_s = surrounded_s(w, v, lone, with);
        /* What differs by rounding ends with the busiest one. */
        const bool own = w->plan->servers[v].units == 1;
        if (own && time_s <= limit.time_s * (1 + 1e-12)) continue;
        consider(&limit, time_s, PSIM_BIND_SERVER, v);
    }
    double waves = w->items / ((double)k->units * k->resident);
    if (waves < 1) waves = 1;
    double time_s = item.whole_s + (waves - 1) * item.next_s;
    if (with->tail && item.most > 1) {
        /* Where all run at once, nothing comes after the longest. */
        time_s += (waves > 1 ? behind(item.most) : item.most - 1) * item.next_s;
    } else if (with->tail) {
        time_s = item.whole_s + (ceil(waves) - 1) * item.next_s;
    }
    consider(&limit, time_s, item.limit.binding, item.limit.index);
    return limit;
}

/**
 * Of a bus' turn, what a read waits in the mean: as far as its memory is busy, and as
 * much is written as is read (eq. M15).
 */
static double
turning_part(const struct psim_work *w)
{
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        const bool both = w->server[v].read > 0 && w->server[v].written > 0;
        if (w->plan->servers[v].turn_s <= 0 || !both) continue;
        const struct psim_effects all = {true, true, true};
        const struct psim_item_time lone = item_s(w);
        const double time_s = estimate_s(w, &lone, &all).time_s;
        return server_s(w, v, &all) / time_s *
               fmin(1, w->server[v].written / w->server[v].read);
    }
    return 0;
}

static double
not_less(double value, double least)
{
    return value > least ? value : least;
}

static void
analytic_time(struct psim_arena *arena, const struct psim_plan *plan,
              const struct psim_launch *launch, struct psim_kernel_time *ret)
{
    struct psim_work w;
    psim_work_sum(plan, launch, 0, &w);
    const double turning = turning_part(&w);
    if (turning > 0) psim_work_sum(plan, launch, turning, &w);
    const struct psim_item_time lone = item_s(&w);
    const double bound =
        bound_s(&w, &(struct psim_effects){false, false, false}).time_s;
    const double refetched =
        not_less(bound_s(&w, &(struct psim_effects){true, false, false}).time_s, bound);
    const double filled = not_less(
        estimate_s(&w, &lone, &(struct psim_effects){true, true, false}).time_s,
        refetched);
    const struct psim_effects all = {true, true, true};
    const struct psim_limit limit = estimate_s(&w, &lone, &all);
    const double time = not_less(limit.time_s, filled);
    *ret = (struct psim_kernel_time){
        .time_s = time,
        .bound_s = bound,
        .refetch_s = refetched - bound,
        .fill_s = filled - refetched,
        .tail_s = time - filled,
        .turning = turning,
        .binding = limit.binding,
        .binding_index = limit.index,
        .loads = PSIM_NEW_N(arena, struct psim_load, plan->n_servers),
    };
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        ret->loads[v] = (struct psim_load){
            .busy_s = server_s(&w, v, &all),
            .read = w.server[v].read,
            .written = w.server[v].written,
            .energy_j = w.server[v].energy_j,
        };
    }
}

const struct psim_engine psim_engine_analytic = {
    .name = "analytic",
    .doc = "bound and estimate in closed form, microseconds a kernel",
    .time = analytic_time,
};

/* --- for who explains a time ------------------------------------------------- */

bool
psim_analytic_uneven(double most, double mean)
{
    return uneven(most, mean);
}

double
psim_analytic_behind(double most)
{
    return behind(most);
}

double
psim_analytic_server_s(const struct psim_work *w, uint32_t index,
                       const struct psim_effects *with)
{
    return server_s(w, index, with);
}

struct psim_limit
psim_analytic_steady(const struct psim_work *w, uint8_t role)
{
    return steady_s(w, role);
}

double
psim_analytic_queue_s(const struct psim_work *w)
{
    return queue_s(w);
}

bool
psim_analytic_comes_after(const struct psim_work *w, uint8_t role)
{
    return comes_after(w, role);
}

struct psim_item_time
psim_analytic_item(const struct psim_work *w)
{
    return item_s(w);
}

struct psim_limit
psim_analytic_bound(const struct psim_work *w, const struct psim_effects *with)
{
    return bound_s(w, with);
}

struct psim_limit
psim_analytic_estimate(const struct psim_work *w, const struct psim_item_time *lone,
                       const struct psim_effects *with)
{
    return estimate_s(w, lone, with);
}
