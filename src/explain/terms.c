/* SPDX-License-Identifier: MIT */
/** @file Bound and estimate of a kernel: the largest of their candidates (eq. A7, A8).
 */
#include <math.h>

#include "explain/asks.h"
#include "explain/items.h"
#include "util/arena.h"

static void
add(struct psim_why_kernel *k, struct psim_reason *ret, const struct psim_reason *part)
{
    if (part && part->value > 0) psim_reason_add(k->w->arena, ret, part);
}

/** Steps of a role that wait for each other, on all places at once or of one item. */
static void
add_role(struct psim_why_kernel *k, uint8_t role, struct psim_reason *ret)
{
    struct psim_why *w = k->w;
    const struct psim_role_work *work = &k->work->role[role];
    const char *name = k->kernel->roles[role].name;
    const struct psim_reason *least = psim_why_role(k, role)->least;
    if (!least) return;
    const double slots = (double)k->kernel->units * k->kernel->resident;
    struct psim_reason *all =
        psim_why_of(w, psim_why_text(w, "chain of '%s' on every place", name),
                    work->least_s / slots, PSIM_DIM_SECONDS, "$0 / $1", least,
                    psim_why_slots_of_units(k), NULL);
    all->equation = "eq. A7";
    add(k, ret, all);
    const double each = work->least_s / k->work->items;
    struct psim_reason *item;
    if (work->longest_s == each) {
        item = psim_why_of(w, psim_why_text(w, "chain of '%s' in an item", name),
                           work->longest_s, PSIM_DIM_SECONDS, "$0 / $1", least,
                           psim_why_items(k), NULL);
    } else {
        item = psim_why_new(w, PSIM_REASON_FOUND,
                            psim_why_text(w, "chain of '%s' in the longest item", name),
                            work->longest_s, PSIM_DIM_SECONDS);
        item->at = k->kernel->at;
        psim_reason_add(w->arena, item, least);
    }
    item->equation = "eq. A7";
    add(k, ret, item);
}

static void
add_bounds(struct psim_why_kernel *k, const struct psim_effects *with,
           struct psim_reason *ret)
{
    for (uint16_t v = 0; v < k->plan->n_servers; v++) {
        add(k, ret, psim_why_busy(k, v, with));
    }
    for (uint8_t r = 0; r < k->kernel->n_roles; r++) {
        add_role(k, r, ret);
    }
}

const struct psim_reason *
psim_why_bound(struct psim_why_kernel *k, bool refetch)
{
    const uint64_t which = UINT64_C(4) << 40 | refetch;
    const struct psim_reason *known = psim_why_known(k->w, k->steps, which);
    if (known) return known;
    const struct psim_effects with = {.refetch = refetch};
    double value =
        psim_analytic_bound(k->work, &(struct psim_effects){false, false, false})
            .time_s;
    const char *name = refetch       ? "bound with refetches"
                       : k->own == 1 ? "bound"
                                     : "bound at the clock that is reached";
    struct psim_reason *bound =
        psim_why_new(k->w, PSIM_REASON_FORMULA, name, 0, PSIM_DIM_SECONDS);
    if (refetch) {
        const double own = psim_analytic_bound(k->work, &with).time_s;
        /* Bytes that must come may be more than those that come, by rounding. */
        if (own < value) add(k, bound, psim_why_bound(k, false));
        value = fmax(value, own);
    }
    bound->value = value;
    bound->formula = "max";
    bound->equation = "eq. A7";
    bound->doc = refetch ? "the same with the bytes that caches lose"
                         : "no schedule of this kernel is faster";
    add_bounds(k, &with, bound);
    return psim_why_keep(k->w, k->steps, which, bound);
}

/** A server's work with the latencies before and after it. */
static const struct psim_reason *
surrounded(struct psim_why_kernel *k, uint16_t v, const struct psim_why_item *item,
           const struct psim_effects *with)
{
    struct psim_why *w = k->w;
    const struct psim_server *server = &k->plan->servers[v];
    const struct psim_reason *busy = psim_why_busy(k, v, with);
    if (!busy) return NULL;
    const bool own = server->units == 1;
    const double alone_s = own ? k->work->server[v].total_s / k->work->items : 0;
    double around_s = own ? k->lone.whole_s - alone_s : k->lone.fill_s;
    const bool phase = server->in_phase && k->lone.fill_s < around_s;
    if (phase) around_s = k->lone.fill_s;
    if (around_s <= 0) return busy;
    const char *name = psim_why_text(w, "%s and the latencies around it", server->name);
    struct psim_reason *sum;
    if (own && !phase) {
        sum = psim_why_of(w, name, busy->value + around_s, PSIM_DIM_SECONDS,
                          "$0 + ($1 - $2 / $3)", busy, item->whole,
                          psim_why_total(k, v, false, PSIM_WHY_SECONDS, PSIM_WHY_ALL),
                          psim_why_items(k), NULL);
    } else {
        sum = psim_why_of(w, name, busy->value + around_s, PSIM_DIM_SECONDS, "$0 + $1",
                          busy, item->fill, NULL);
    }
    sum->equation = "eq. A8";
    return sum;
}

/** Item after item in the slots. */
static const struct psim_reason *
chain(struct psim_why_kernel *k, const struct psim_why_item *item, bool tail)
{
    struct psim_why *w = k->w;
    const double slots = (double)k->kernel->units * k->kernel->resident;
    const double waves = fmax(1, k->work->items / slots);
    const double next_s = item->next ? item->next->value : 0;
    if (!item->whole) return NULL;
    double value = item->whole->value + (waves - 1) * next_s;
    const char *formula = "$0 + ($1 - 1) x $2";
    const bool unequal = tail && item->most != NULL;
    if (unequal && waves > 1) {
        value += psim_analytic_behind(item->most->value) * next_s;
        formula = "$0 + ($1 - 1) x $2 + "
                  "($3 - min(0.5 + ($3 - 1) x ($3 - 1) / 6, 0.5 x $3)) x $2";
    } else if (unequal) {
        value += (item->most->value - 1) * next_s;
        formula = "$0 + ($1 - 1) x $2 + ($3 - 1) x $2";
    } else if (tail) {
        value = item->whole->value + (ceil(waves) - 1) * next_s;
        formula = "$0 + (ceil($1) - 1) x $2";
    }
    struct psim_reason *n =
        psim_why_of(w, "waves", waves, PSIM_DIM_NONE, "max(1, $0 / $1)",
                    psim_why_items(k), psim_why_slots_of_units(k), NULL);
    n->equation = "eq. D1";
    struct psim_reason *all;
    if (!item->next) {
        all = psim_why_of(w, "item after item", value, PSIM_DIM_SECONDS, "$0",
                          item->whole, NULL);
    } else {
        all =
            psim_why_of(w, "item after item", value, PSIM_DIM_SECONDS, formula,
                        item->whole, n, item->next, unequal ? item->most : NULL, NULL);
    }
    all->equation = "eq. A8";
    return all;
}

const struct psim_reason *
psim_why_estimate(struct psim_why_kernel *k, bool tail)
{
    const uint64_t which = UINT64_C(5) << 40 | tail;
    const struct psim_reason *known = psim_why_known(k->w, k->steps, which);
    if (known) return known;
    const struct psim_effects with = {.refetch = true, .fill = true, .tail = tail};
    const struct psim_reason *less =
        tail ? psim_why_estimate(k, false) : psim_why_bound(k, true);
    const double own = psim_analytic_estimate(k->work, &k->lone, &with).time_s;
    struct psim_reason *estimate = psim_why_new(
        k->w, PSIM_REASON_FORMULA, tail ? "estimate with whole waves" : "estimate",
        fmax(own, less->value), PSIM_DIM_SECONDS);
    estimate->formula = "max";
    estimate->equation = "eq. A8";
    estimate->doc = tail ? "the last, partial wave, and unequal items"
                         : "with the latencies around the work";
    if (own < less->value) add(k, estimate, less);
    add_bounds(k, &with, estimate);
    const struct psim_why_item item = psim_why_item(k);
    for (uint16_t v = 0; v < k->plan->n_servers; v++) {
        const struct psim_reason *one = surrounded(k, v, &item, &with);
        if (one != psim_why_busy(k, v, &with)) add(k, estimate, one);
    }
    add(k, estimate, chain(k, &item, tail));
    return psim_why_keep(k->w, k->steps, which, estimate);
}
