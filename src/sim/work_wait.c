/* SPDX-License-Identifier: MIT */
/** @file What roles wait for in each other's channels (docs/MODEL.md, eq. A3, A4). */
#include "sim/work_wait.h"

#include <math.h>

/** Whether a role must wait for something before a channel's first slot is full. */
static bool
waits_before_filling(const struct psim_kernel *k, uint8_t role, uint8_t channel)
{
    for (uint16_t i = k->roles[role].first_step; k->steps[i].kind != PSIM_STEP_STOP;
         i++) {
        const struct psim_step *step = &k->steps[i];
        if (step->kind == PSIM_STEP_COMMIT && step->channel == channel) return false;
        if (step->kind == PSIM_STEP_WAIT) return true;
    }
    return false;
}

/** What a role waits for in one channel before its first slot is full there. */
static void
wait_for_slot(struct psim_work *w, struct psim_role_work *role, uint8_t c)
{
    const struct psim_kernel *k = w->kernel;
    const struct psim_channel_work *channel = &w->channel[c];
    const struct psim_role_work *filler = &w->role[channel->filler];
    if (k->channels[c].primed > 0 || channel->slots <= 0 || filler == role) return;
    const bool waits = waits_before_filling(k, channel->filler, c);
    const double beside = channel->fill_s - channel->looped_s;
    role->fill_s = fmax(role->fill_s, (waits ? filler->fill_s : 0) +
                                          channel->fill_s / channel->slots);
    role->ramp_s =
        fmax(role->ramp_s, (waits ? filler->ramp_s : 0) + beside / channel->slots);
}

/** When each role's first slot is full: the longest way through the channels. */
static void
sum_fill(struct psim_work *w)
{
    const struct psim_kernel *k = w->kernel;
    bool changed = true;
    for (uint8_t round = 0; round < k->n_roles && changed; round++) {
        changed = false;
        for (uint8_t r = 0; r < k->n_roles; r++) {
            struct psim_role_work *role = &w->role[r];
            const double fill_s = role->fill_s, ramp_s = role->ramp_s;
            role->fill_s = role->ramp_s = 0;
            for (uint16_t i = k->roles[r].first_step;
                 k->steps[i].kind != PSIM_STEP_STOP; i++) {
                if (k->steps[i].kind != PSIM_STEP_WAIT) continue;
                wait_for_slot(w, role, k->steps[i].channel);
            }
            if (role->fill_s != fill_s || role->ramp_s != ramp_s) changed = true;
        }
    }
}

/**
 * Roles that wait for each other in a ring take, a turn, the mean of the ring's
 * moves: what one hands on comes back after as many turns as there are roles.
 */
static double
ring_s(const struct psim_work *w, uint8_t first, uint8_t at, double sum,
       unsigned length)
{
    const struct psim_kernel *k = w->kernel;
    double worst = 0;
    if (length > k->n_roles) return 0;
    for (uint16_t i = k->roles[at].first_step; k->steps[i].kind != PSIM_STEP_STOP;
         i++) {
        if (k->steps[i].kind != PSIM_STEP_WAIT) continue;
        const struct psim_channel_work *channel = &w->channel[k->steps[i].channel];
        const bool primed = k->channels[k->steps[i].channel].primed > 0;
        if (primed || channel->slots <= 0) continue;
        if (channel->filler == at) continue;
        const double with = sum + channel->fill_s / channel->slots;
        const double ring = channel->filler == first
                                ? with / (length + 1)
                                : ring_s(w, first, channel->filler, with, length + 1);
        worst = fmax(worst, ring);
    }
    return worst;
}

void
psim_work_wait(struct psim_work *w)
{
    const uint8_t n_roles = w->kernel->n_roles;
    sum_fill(w);
    for (uint8_t r = 0; r < n_roles && n_roles > 2; r++) {
        w->role[r].ring_s = ring_s(w, r, r, 0, 0);
    }
}

double
psim_work_burst_s(const struct psim_work *w, uint8_t channel)
{
    if (!w->channel[channel].own) return 0;
    const double slots = (double)w->kernel->units * w->kernel->resident;
    const double first = fmin(1, slots / w->items);
    double longest_s = 0;
    for (uint32_t v = 0; v < w->plan->n_servers; v++) {
        const struct psim_server *server = &w->plan->servers[v];
        if (server->units == 1) continue;
        const double n = psim_work_instances(w, server->units);
        const double burst_s = w->channel[channel].burst_s[v];
        longest_s = fmax(longest_s, burst_s * first / n - burst_s / w->items);
    }
    return longest_s;
}
