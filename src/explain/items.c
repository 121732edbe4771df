/* SPDX-License-Identifier: MIT */
/** @file One item from start to end, by its slowest role (eq. A6). */
#include "explain/items.h"

#include <math.h>

#include "explain/asks.h"
#include "util/arena.h"

static const struct psim_reason *
of_an_item(struct psim_why_kernel *k, const char *name, const struct psim_reason *all)
{
    if (!all || k->work->items == 1) return all;
    return psim_why_of(k->w, name, all->value / k->work->items, PSIM_DIM_SECONDS,
                       "$0 / $1", all, psim_why_items(k), NULL);
}

static struct psim_reason *
found(struct psim_why_kernel *k, const char *name, double value, enum psim_dim dim,
      const char *equation)
{
    struct psim_reason *leaf = psim_why_new(k->w, PSIM_REASON_FOUND, name, value, dim);
    leaf->equation = equation;
    leaf->at = k->kernel->at;
    return leaf;
}

static void
add(struct psim_why_kernel *k, struct psim_reason *ret, const struct psim_reason *part)
{
    if (part && part->value > 0) psim_reason_add(k->w->arena, ret, part);
}

static const struct psim_reason *
turns_of(struct psim_why_kernel *k, uint8_t role)
{
    struct psim_reason *turns =
        psim_why_new(k->w, PSIM_REASON_COUNTED, "turns of its loops",
                     k->work->role[role].turns, PSIM_DIM_NONE);
    turns->equation = "eq. A3";
    turns->at = k->kernel->at;
    return turns;
}

/** (fill + hold) / depth of a channel whose slots the item fills more than once. */
static const struct psim_reason *
channel_turns(struct psim_why_kernel *k, uint8_t c)
{
    struct psim_why *w = k->w;
    const struct psim_channel *channel = &k->kernel->channels[c];
    const struct psim_channel_work *work = &k->work->channel[c];
    if (work->slots <= k->work->items) return NULL;
    const struct psim_reason *fill = psim_why_channel_fill(k, c, false);
    const struct psim_reason *hold =
        work->hold_s > 0
            ? found(k, psim_why_text(w, "holding all slots of '%s'", channel->name),
                    work->hold_s, PSIM_DIM_SECONDS, "eq. A3")
            : NULL;
    if (!fill && !hold) return NULL;
    struct psim_reason *turns =
        psim_why_new(w, PSIM_REASON_FORMULA,
                     psim_why_text(w, "slots of '%s' in turn", channel->name),
                     (work->fill_s + work->hold_s) / channel->depth / k->work->items,
                     PSIM_DIM_SECONDS);
    turns->equation = "eq. A6";
    turns->formula = fill && hold ? "($0 + $1) / $2 / $3" : "$0 / $1 / $2";
    psim_reason_add(w->arena, turns, fill);
    psim_reason_add(w->arena, turns, hold);
    psim_reason_add(w->arena, turns,
                    psim_why_number(k, "slots at once", channel->depth, PSIM_DIM_NONE));
    psim_reason_add(w->arena, turns, psim_why_items(k));
    return turns;
}

/** What an item takes once its roles are in step: its slowest role, channel or server.
 */
static const struct psim_reason *
steady(struct psim_why_kernel *k, uint8_t role, double value)
{
    struct psim_why *w = k->w;
    if (value <= 0) return NULL;
    struct psim_reason *most = psim_why_new(w, PSIM_REASON_FORMULA, "an item in step",
                                            value, PSIM_DIM_SECONDS);
    most->formula = "max";
    most->equation = "eq. A6";
    add(k, most, of_an_item(k, "loops of an item", psim_why_role(k, role)->inside));
    const struct psim_role_work *work = &k->work->role[role];
    if (work->ring_s > 0) {
        add(k, most,
            psim_why_of(w, "roles that wait for each other", work->ring_s * work->turns,
                        PSIM_DIM_SECONDS, "$0 x $1",
                        found(k, "a turn of the ring", work->ring_s, PSIM_DIM_SECONDS,
                              "eq. A4"),
                        turns_of(k, role), NULL));
    }
    for (uint8_t c = 0; c < k->kernel->n_channels; c++) {
        add(k, most, channel_turns(k, c));
    }
    for (uint16_t v = 0; v < k->plan->n_servers; v++) {
        if (k->plan->servers[v].units != 1 || k->work->server[v].total_s <= 0) continue;
        add(k, most,
            of_an_item(k, psim_why_text(w, "an item on %s", k->plan->servers[v].name),
                       psim_why_total(k, v, false, PSIM_WHY_SECONDS, PSIM_WHY_ALL)));
    }
    return most;
}

/** What is paid once: outside loops, and the first turn of them. */
static const struct psim_reason *
first_turn(struct psim_why_kernel *k, uint8_t role)
{
    struct psim_why *w = k->w;
    const struct psim_why_role *r = psim_why_role(k, role);
    const struct psim_role_work *work = &k->work->role[role];
    const struct psim_reason *outside =
        of_an_item(k, "an item outside loops", r->outside);
    const struct psim_reason *inside = of_an_item(k, "loops of an item", r->inside);
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA, "first turn",
                     work->outside_s / k->work->items +
                         work->inside_s / k->work->items / work->turns,
                     PSIM_DIM_SECONDS);
    sum->equation = "eq. A6";
    sum->formula = "sum";
    add(k, sum, outside);
    if (inside && work->turns != 1) {
        inside =
            psim_why_of(w, "a turn of the loops", inside->value / work->turns,
                        PSIM_DIM_SECONDS, "$0 / $1", inside, turns_of(k, role), NULL);
    }
    add(k, sum, inside);
    return sum->n_parts > 0 ? sum : NULL;
}

/** The turns behind the first one; NULL: there are none. */
static const struct psim_reason *
other_turns(struct psim_why_kernel *k, uint8_t role, double steady_s)
{
    struct psim_why *w = k->w;
    const struct psim_role_work *work = &k->work->role[role];
    if (work->turns <= 1) return NULL;
    const bool after = psim_analytic_comes_after(k->work, role);
    const struct psim_reason *held =
        after ? of_an_item(k, "loops of an item", psim_why_role(k, role)->inside)
              : steady(k, role, steady_s);
    if (!held) return NULL;
    struct psim_reason *others = psim_why_of(
        w, "other turns", (1 - 1 / work->turns) * held->value, PSIM_DIM_SECONDS,
        "(1 - 1 / $0) x $1", turns_of(k, role), held, NULL);
    others->equation = "eq. A6";
    return others;
}

/** What is waited for where all items ask at once. */
static const struct psim_reason *
queue(struct psim_why_kernel *k)
{
    const double value = psim_analytic_queue_s(k->work);
    if (value <= 0) return NULL;
    struct psim_reason *queue =
        found(k, "queue of the first requests", value, PSIM_DIM_SECONDS, "eq. A6");
    queue->doc = "a server that all share gives it to the last after all others";
    return queue;
}

static const struct psim_reason *
sum_of(struct psim_why_kernel *k, const char *name, double value,
       const struct psim_reason *const *parts, size_t n)
{
    struct psim_reason *sum =
        psim_why_new(k->w, PSIM_REASON_FORMULA, name, value, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = "eq. A6";
    for (size_t i = 0; i < n; i++) {
        add(k, sum, parts[i]);
    }
    return sum->n_parts > 0 ? sum : NULL;
}

/** From the end of an item to that of the next in its slot. */
static const struct psim_reason *
next_of(struct psim_why_kernel *k, const struct psim_reason *first,
        const struct psim_reason *others, const struct psim_reason *start,
        const struct psim_reason *slot)
{
    const double value = k->lone.next_s;
    const struct psim_reason *const body[] = {first, others};
    const double body_s = (first ? first->value : 0) + (others ? others->value : 0);
    if (value <= 0) return NULL;
    if (k->kernel->dispatch == PSIM_DISPATCH_EACH) {
        const struct psim_reason *const parts[] = {start, slot, first, others};
        return sum_of(k, "next item", value, parts, PSIM_COUNT(parts));
    }
    if (body_s >= value * (1 - 1e-12)) {
        return sum_of(k, "next item", value, body, PSIM_COUNT(body));
    }
    return found(k, "slots that wait for the next item", value, PSIM_DIM_SECONDS,
                 "eq. A6");
}

struct psim_why_item
psim_why_item(struct psim_why_kernel *k)
{
    struct psim_why *w = k->w;
    const uint8_t role = k->lone.role;
    const struct psim_why_role *r = psim_why_role(k, role);
    const struct psim_limit step = psim_analytic_steady(k->work, role);
    const struct psim_reason *start =
        k->work->start_s > 0 ? psim_why_act_latency(k, k->kernel->start_act, 0) : NULL;
    const struct psim_reason *first = first_turn(k, role);
    const struct psim_reason *others = other_turns(k, role, step.time_s);
    const struct psim_reason *const whole[] = {start,  r->fill,  first,
                                               others, r->drain, queue(k)};
    const struct psim_reason *const fill[] = {start, r->ramp, first, r->drain};
    struct psim_why_item item = {
        .whole =
            sum_of(k, psim_why_text(w, "an item of '%s'", k->kernel->roles[role].name),
                   k->lone.whole_s, whole, PSIM_COUNT(whole)),
        .fill = sum_of(k, "an item until it is in step", k->lone.fill_s, fill,
                       PSIM_COUNT(fill)),
        .next = next_of(k, first, others, start, r->fill),
    };
    if (k->lone.most > 1) {
        item.most = found(k, "longest item, in mean ones", k->lone.most, PSIM_DIM_NONE,
                          "eq. A3");
    }
    return item;
}
