/* SPDX-License-Identifier: MIT */
/** @file Roles and channels: sums of the visits to their steps (eq. A3, A4). */
#include <math.h>

#include "explain/asks.h"
#include "util/arena.h"

/** All roles and channels of a kernel, as sums that grow. */
struct psim_why_roles {
    struct {
        struct psim_reason *inside, *outside, *least, *drain;
        struct psim_why_role done;
        bool made;
    } role[PSIM_MAX_ROLES];
    struct {
        struct psim_reason *fill, *beside;
    } channel[PSIM_MAX_CHANNELS];
};

/** A role while its steps are gone through. */
struct going {
    struct psim_why_kernel *k;
    struct psim_why_roles *all;
    uint8_t role;
    bool fill[PSIM_MAX_CHANNELS], outside[PSIM_MAX_CHANNELS];
    const struct psim_reason *landing[PSIM_MAX_CHANNELS]; /* the slowest into a slot */
};

static struct psim_reason *
new_sum(struct psim_why_kernel *k, const char *name, const char *equation)
{
    struct psim_reason *sum =
        psim_why_new(k->w, PSIM_REASON_FORMULA, name, 0, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = equation;
    return sum;
}

static void
add_to(struct psim_why_kernel *k, struct psim_reason *sum,
       const struct psim_reason *one)
{
    if (!one) return;
    psim_reason_add(k->w->arena, sum, one);
    sum->value += one->value;
}

/** A visit as often as it is paid. */
static const struct psim_reason *
all_visits(struct psim_why_kernel *k, uint16_t step, double ahead, bool least)
{
    const struct psim_reason *one = psim_why_visit(k, step, ahead, least);
    if (!one) return NULL;
    const struct psim_reason *n = psim_why_visits(k, step);
    return psim_why_of(k->w,
                       psim_why_text(k->w, "all visits to '%s'",
                                     k->plan->acts[k->kernel->steps[step].act].name),
                       n->value * one->value, PSIM_DIM_SECONDS, "$0 x $1", n, one,
                       NULL);
}

static void
go_do(struct going *g, uint16_t step, bool in_loop)
{
    struct psim_why_kernel *k = g->k;
    const struct psim_kernel *kernel = k->kernel;
    const struct psim_step *s = &kernel->steps[step];
    const struct psim_step_sum *sum = &k->steps->sum[step];
    if (sum->visits <= 0) return;
    const bool async = (s->flags & PSIM_ASYNC) != 0;
    double ahead = async ? kernel->channels[s->channel].depth : 1;
    if (!async && !in_loop) {
        ahead = fmin(k->work->items, (double)kernel->units * kernel->resident);
    }
    if (async) {
        const struct psim_reason *landing = all_visits(k, step, ahead, false);
        const struct psim_reason **slowest = &g->landing[s->channel];
        if (landing && (!*slowest || landing->value > (*slowest)->value)) {
            *slowest = landing;
        }
        return;
    }
    if (s->flags & PSIM_POSTED) {
        const struct psim_reason *last =
            in_loop ? NULL : psim_why_visit(k, step, ahead, false);
        struct psim_reason *drain = g->all->role[g->role].drain;
        if (!last) return;
        psim_reason_add(k->w->arena, drain, last);
        drain->value = fmax(drain->value, last->value);
        return;
    }
    const struct psim_reason *all = all_visits(k, step, ahead, false);
    add_to(k, g->all->role[g->role].least, all_visits(k, step, ahead, true));
    add_to(k, in_loop ? g->all->role[g->role].inside : g->all->role[g->role].outside,
           all);
    for (uint8_t c = 0; c < kernel->n_channels; c++) {
        if (!g->fill[c]) continue;
        add_to(k, g->all->channel[c].fill, all);
        if (!(g->outside[c] && in_loop)) add_to(k, g->all->channel[c].beside, all);
    }
}

static void
go_slot(struct going *g, const struct psim_step *s, bool in_loop)
{
    struct psim_why_kernel *k = g->k;
    const uint8_t c = s->channel;
    if (s->kind == PSIM_STEP_RESERVE) {
        g->fill[c] = true;
        g->outside[c] = !in_loop;
    } else if (s->kind == PSIM_STEP_COMMIT) {
        g->fill[c] = false;
        add_to(k, g->all->channel[c].fill, g->landing[c]);
        add_to(k, g->all->channel[c].beside, g->landing[c]);
    } else if (s->kind == PSIM_STEP_WAIT) {
        add_to(k,
               in_loop ? g->all->role[g->role].inside : g->all->role[g->role].outside,
               g->landing[c]);
        g->landing[c] = NULL;
    }
}

static void
go_through(struct psim_why_kernel *k, struct psim_why_roles *all, uint8_t role)
{
    const struct psim_kernel *kernel = k->kernel;
    struct going g = {.k = k, .all = all, .role = role};
    unsigned depth = 0;
    for (uint16_t i = kernel->roles[role].first_step;
         kernel->steps[i].kind != PSIM_STEP_STOP; i++) {
        const struct psim_step *s = &kernel->steps[i];
        if (s->kind == PSIM_STEP_LOOP) {
            depth++;
        } else if (s->kind == PSIM_STEP_END) {
            depth--;
        } else if (s->kind == PSIM_STEP_DO) {
            go_do(&g, i, depth > 0);
        } else {
            go_slot(&g, s, depth > 0);
        }
    }
}

/** The engine's number, which the parts must yield. */
static const struct psim_reason *
done(struct psim_reason *sum, double value)
{
    if (sum->n_parts == 0) return NULL;
    sum->value = value;
    return sum;
}

static struct psim_why_roles *
roles_of(struct psim_why_kernel *k)
{
    if (k->roles) return k->roles;
    struct psim_why_roles *all = PSIM_NEW(k->w->arena, struct psim_why_roles);
    const struct psim_kernel *kernel = k->kernel;
    for (uint8_t c = 0; c < kernel->n_channels; c++) {
        const char *name = kernel->channels[c].name;
        all->channel[c].fill = new_sum(
            k, psim_why_text(k->w, "filling all slots of '%s'", name), "eq. A3");
        all->channel[c].beside = new_sum(
            k, psim_why_text(k->w, "filling '%s' beside loops", name), "eq. A4");
    }
    for (uint8_t r = 0; r < kernel->n_roles; r++) {
        const char *name = kernel->roles[r].name;
        all->role[r].inside =
            new_sum(k, psim_why_text(k->w, "loops of '%s'", name), "eq. A3");
        all->role[r].outside =
            new_sum(k, psim_why_text(k->w, "'%s' outside its loops", name), "eq. A3");
        all->role[r].least =
            new_sum(k, psim_why_text(k->w, "least of '%s'", name), "eq. A3");
        all->role[r].drain =
            new_sum(k, psim_why_text(k->w, "drain of '%s'", name), "eq. A3");
        all->role[r].drain->formula = "max";
        go_through(k, all, r);
    }
    for (uint8_t r = 0; r < kernel->n_roles; r++) {
        const struct psim_role_work *work = &k->work->role[r];
        struct psim_why_role *role = &all->role[r].done;
        role->inside = done(all->role[r].inside, work->inside_s);
        role->outside = done(all->role[r].outside, work->outside_s);
        role->least = done(all->role[r].least, work->least_s);
        role->drain = done(all->role[r].drain, work->drain_s);
    }
    return k->roles = all;
}

const struct psim_reason *
psim_why_channel_fill(struct psim_why_kernel *k, uint8_t channel, bool beside_loops)
{
    struct psim_why_roles *all = roles_of(k);
    const struct psim_channel_work *work = &k->work->channel[channel];
    return beside_loops
               ? done(all->channel[channel].beside, work->fill_s - work->looped_s)
               : done(all->channel[channel].fill, work->fill_s);
}

/** Whether a role waits for something before the first slot of a channel is full. */
static bool
waits_before(const struct psim_kernel *kernel, uint8_t role, uint8_t channel)
{
    for (uint16_t i = kernel->roles[role].first_step;
         kernel->steps[i].kind != PSIM_STEP_STOP; i++) {
        const struct psim_step *s = &kernel->steps[i];
        if (s->kind == PSIM_STEP_COMMIT && s->channel == channel) return false;
        if (s->kind == PSIM_STEP_WAIT) return true;
    }
    return false;
}

/** Until a role's first slot is full: the longest way through the channels. */
static const struct psim_reason *
first_slot(struct psim_why_kernel *k, uint8_t role, bool ramp, unsigned depth)
{
    struct psim_why *w = k->w;
    const struct psim_kernel *kernel = k->kernel;
    const double value = ramp ? k->work->role[role].ramp_s : k->work->role[role].fill_s;
    if (value <= 0) return NULL;
    struct psim_reason *longest = psim_why_new(
        w, depth < kernel->n_roles ? PSIM_REASON_FORMULA : PSIM_REASON_FOUND,
        psim_why_text(w, "first slot of '%s'", kernel->roles[role].name), value,
        PSIM_DIM_SECONDS);
    longest->equation = "eq. A4";
    if (depth >= kernel->n_roles) return longest; /* a ring has no first one */
    longest->formula = "max";
    for (uint16_t i = kernel->roles[role].first_step;
         kernel->steps[i].kind != PSIM_STEP_STOP; i++) {
        const uint8_t c = kernel->steps[i].channel;
        if (kernel->steps[i].kind != PSIM_STEP_WAIT) continue;
        const struct psim_channel_work *channel = &k->work->channel[c];
        if (kernel->channels[c].primed > 0 || channel->slots <= 0 ||
            channel->filler == role) {
            continue;
        }
        const struct psim_reason *before =
            waits_before(kernel, channel->filler, c)
                ? first_slot(k, channel->filler, ramp, depth + 1)
                : NULL;
        const struct psim_reason *all = psim_why_channel_fill(k, c, ramp);
        if (!before && !all) continue;
        const struct psim_reason *n = psim_why_number(
            k, psim_why_text(w, "slots of '%s' filled", kernel->channels[c].name),
            channel->slots, PSIM_DIM_NONE);
        const char *name = psim_why_text(w, "a slot of '%s'", kernel->channels[c].name);
        const double sum_s =
            (before ? before->value : 0) + (all ? all->value / channel->slots : 0);
        const struct psim_reason *one =
            !all     ? before
            : before ? psim_why_of(w, name, sum_s, PSIM_DIM_SECONDS, "$0 / $1 + $2",
                                   all, n, before, NULL)
                     : psim_why_of(w, name, sum_s, PSIM_DIM_SECONDS, "$0 / $1", all, n,
                                   NULL);
        psim_reason_add(w->arena, longest, one);
    }
    return longest;
}

const struct psim_why_role *
psim_why_role(struct psim_why_kernel *k, uint8_t role)
{
    struct psim_why_roles *all = roles_of(k);
    if (!all->role[role].made) {
        all->role[role].made = true;
        all->role[role].done.fill = first_slot(k, role, false, 0);
        all->role[role].done.ramp = first_slot(k, role, true, 0);
    }
    return &all->role[role].done;
}
