/* SPDX-License-Identifier: MIT */
/** @file What a kernel asks of each server: the sum of its steps (eq. A1, A5). */
#include <math.h>

#include "explain/asks.h"
#include "util/arena.h"

/** Size of the cache that is the @p behind -th on an act's way. */
static const struct psim_reason *
cache_size(struct psim_why_kernel *k, const struct psim_act *act, uint8_t behind)
{
    const struct psim_cache *cache = &k->plan->caches[act->cache[behind - 1]];
    const int memory = psim_hw_memory(k->w->hw, cache->name);
    if (memory < 0) return NULL;
    return psim_why_figure(k->w, psim_why_text(k->w, "size of %s", cache->name),
                           &k->w->hw->memories[memory].size);
}

const struct psim_reason *
psim_why_missed(struct psim_why_kernel *k, uint16_t step, uint8_t behind, bool ideal)
{
    const struct psim_step *s = &k->kernel->steps[step];
    const struct psim_traffic *traffic = ideal ? &k->steps->ideal : &k->steps->walk;
    const struct psim_act *act = &k->plan->acts[s->act];
    const uint64_t which =
        UINT64_C(1) << 40 | (uint64_t)step << 16 | (uint64_t)behind << 1 | ideal;
    const struct psim_reason *known = psim_why_known(k->w, k->steps, which);
    if (known) return known;
    struct psim_reason *missed = psim_why_new(
        k->w, PSIM_REASON_FOUND,
        psim_why_text(k->w, "%s of %s", ideal ? "bytes that must come" : "bytes missed",
                      k->plan->caches[act->cache[behind - 1]].name),
        traffic->missed_bytes[step][behind - 1], PSIM_DIM_BYTES);
    missed->equation = "eq. R4";
    missed->doc = ideal ? "each byte once, but what the cache held before"
                        : "what the cache has lost, or never had";
    missed->at = k->kernel->at;
    psim_reason_add(k->w->arena, missed, psim_why_amount(k, step));
    psim_reason_add(k->w->arena, missed, cache_size(k, act, behind));
    return psim_why_keep(k->w, k->steps, which, missed);
}

/** Gangs of the role that a step belongs to. */
static const struct psim_role *
role_of(const struct psim_kernel *kernel, uint16_t step)
{
    const struct psim_role *role = &kernel->roles[0];
    for (uint8_t r = 1; r < kernel->n_roles; r++) {
        if (kernel->roles[r].first_step > step) continue;
        if (kernel->roles[r].first_step >= role->first_step) role = &kernel->roles[r];
    }
    return role;
}

/** amount x gangs: what the whole kernel asks for by a step. */
static const struct psim_reason *
asked(struct psim_why_kernel *k, uint16_t step, const struct psim_reason *amount)
{
    const double gangs = role_of(k->kernel, step)->gangs;
    if (gangs == 1) return amount;
    return psim_why_of(k->w, "asked for", amount->value * gangs, amount->dim, "$0 x $1",
                       amount, psim_why_number(k, "gangs", gangs, PSIM_DIM_NONE), NULL);
}

/** What reaches a server of what a step asks for; NULL: nothing. */
static const struct psim_reason *
reaching(struct psim_why_kernel *k, uint16_t step, uint8_t behind, uint16_t server,
         bool ideal)
{
    const struct psim_step *s = &k->kernel->steps[step];
    const struct psim_reason *all = asked(k, step, psim_why_amount(k, step));
    if (behind > 0 && s->tile != PSIM_NONE) {
        return psim_why_missed(k, step, behind, ideal);
    }
    if (behind > 0) return ideal && (s->flags & PSIM_STORE) ? NULL : all;
    const double cast = psim_work_cast(s, &k->plan->servers[server]);
    if (cast == 1) return all;
    return psim_why_of(
        k->w, "moved once for a cluster", all->value / cast, all->dim, "$0 / $1", all,
        psim_why_number(k, "work-groups fed by a move", cast, PSIM_DIM_NONE), NULL);
}

/** "'load' of in0 in role 'lanes'" */
static const char *
step_name(struct psim_why_kernel *k, uint16_t step)
{
    const struct psim_step *s = &k->kernel->steps[step];
    const char *tile = s->tile == PSIM_NONE ? NULL : k->kernel->tiles[s->tile].name;
    return psim_why_text(k->w, "'%s'%s%s", k->plan->acts[s->act].name,
                         tile ? " of " : "", tile ? tile : "");
}

static enum psim_dim
dim_of(const struct psim_why_kernel *k, uint16_t server, enum psim_why_each each)
{
    return each == PSIM_WHY_SECONDS  ? PSIM_DIM_SECONDS
           : each == PSIM_WHY_JOULES ? PSIM_DIM_JOULES
                                     : k->plan->servers[server].counts;
}

static void
add_step(struct psim_why_kernel *k, uint16_t step, uint16_t server, bool ideal,
         enum psim_why_each each, struct psim_reason *sum)
{
    const struct psim_act *act = &k->plan->acts[k->kernel->steps[step].act];
    for (uint8_t behind = 0; behind <= act->n_caches; behind++) {
        const struct psim_reason *one =
            psim_why_demand(k, k->kernel->steps[step].act, server, behind, each);
        const struct psim_reason *n =
            one ? reaching(k, step, behind, server, ideal) : NULL;
        if (!n) continue;
        /* A byte counts as a byte. */
        const bool plain = one->kind == PSIM_REASON_COUNTED && one->value == 1;
        struct psim_reason *part =
            psim_why_of(k->w, step_name(k, step), n->value * one->value, sum->dim,
                        plain ? "$0" : "$0 x $1", n, plain ? NULL : one, NULL);
        psim_reason_add(k->w->arena, sum, part);
    }
}

/** Placing work-groups: once a slot, or once each. */
static const struct psim_reason *
starts(struct psim_why_kernel *k)
{
    const double slots = (double)k->kernel->units * k->kernel->resident;
    const bool each = k->kernel->dispatch == PSIM_DISPATCH_EACH;
    return each || k->work->items < slots ? psim_why_items(k)
                                          : psim_why_slots_of_units(k);
}

static void
add_starts(struct psim_why_kernel *k, uint16_t server, enum psim_why_each each,
           struct psim_reason *sum)
{
    /* Only their time counts, not what they count or draw. */
    if (k->kernel->start_act == PSIM_NONE || each != PSIM_WHY_SECONDS) return;
    const struct psim_reason *one =
        psim_why_demand(k, k->kernel->start_act, server, 0, each);
    if (!one) return;
    const struct psim_reason *n = starts(k);
    psim_reason_add(k->w->arena, sum,
                    psim_why_of(k->w, "placing work-groups", n->value * one->value,
                                sum->dim, "$0 x $1", n, one, NULL));
}

const struct psim_reason *
psim_why_total(struct psim_why_kernel *k, uint16_t server, bool ideal,
               enum psim_why_each each, enum psim_why_flow flow)
{
    const struct psim_server *s = &k->plan->servers[server];
    const struct psim_server_work *work = &k->work->server[server];
    const uint64_t which = UINT64_C(2) << 40 | (uint64_t)server << 16 |
                           (uint64_t)each << 8 | (uint64_t)flow << 4 | ideal;
    const struct psim_reason *known = psim_why_known(k->w, k->steps, which);
    if (known) return known;
    double value = ideal ? work->ideal_s : work->total_s;
    if (each == PSIM_WHY_JOULES) value = work->energy_j;
    if (each == PSIM_WHY_COUNTS) {
        value = (flow != PSIM_WHY_WRITES ? work->read : 0) +
                (flow != PSIM_WHY_READS ? work->written : 0);
    }
    const char *what = each == PSIM_WHY_JOULES ? "energy on"
                       : each == PSIM_WHY_SECONDS
                           ? (ideal ? "least work on" : "work on")
                       : flow == PSIM_WHY_READS  ? "read by"
                       : flow == PSIM_WHY_WRITES ? "written by"
                                                 : "counted by";
    struct psim_reason *sum = psim_why_new(k->w, PSIM_REASON_FORMULA,
                                           psim_why_text(k->w, "%s %s", what, s->name),
                                           value, dim_of(k, server, each));
    sum->formula = "sum";
    sum->equation = "eq. A1";
    sum->at = s->at;
    for (uint16_t i = 0; i < k->kernel->n_steps; i++) {
        const struct psim_step *step = &k->kernel->steps[i];
        if (step->kind != PSIM_STEP_DO) continue;
        const bool store = (step->flags & PSIM_STORE) != 0;
        if (flow != PSIM_WHY_ALL && store != (flow == PSIM_WHY_WRITES)) continue;
        add_step(k, i, server, ideal, each, sum);
    }
    add_starts(k, server, each, sum);
    return psim_why_keep(k->w, k->steps, which, sum);
}

/** What the largest item asks of a server. */
static const struct psim_reason *
most_of(struct psim_why_kernel *k, uint16_t server)
{
    struct psim_reason *most =
        psim_why_new(k->w, PSIM_REASON_FOUND,
                     psim_why_text(k->w, "work of the largest item on %s",
                                   k->plan->servers[server].name),
                     k->work->server[server].most_s, PSIM_DIM_SECONDS);
    most->equation = "eq. A1";
    most->at = k->kernel->at;
    psim_reason_add(k->w->arena, most,
                    psim_why_total(k, server, false, PSIM_WHY_SECONDS, PSIM_WHY_ALL));
    return most;
}

/** Instances of a server that the kernel's units have. */
static const struct psim_reason *
instances(struct psim_why_kernel *k, uint16_t server)
{
    const uint32_t units = k->plan->servers[server].units;
    const double n = psim_work_instances(k->work, units);
    if (n == 1) return NULL;
    const struct psim_reason *all = psim_why_instances(k->w, k->unit, k->w->hw->root);
    if (units == 1 && all && all->value == n) return all;
    struct psim_reason *counted = psim_why_new(
        k->w, PSIM_REASON_COUNTED,
        psim_why_text(k->w, "instances of %s", k->plan->servers[server].name), n,
        PSIM_DIM_NONE);
    counted->at = k->plan->servers[server].at;
    return counted;
}

static const struct psim_reason *
even(struct psim_why_kernel *k, uint16_t server, const char *name, bool refetch)
{
    const struct psim_reason *total =
        psim_why_total(k, server, !refetch, PSIM_WHY_SECONDS, PSIM_WHY_ALL);
    const struct psim_reason *n = instances(k, server);
    struct psim_reason *busy =
        psim_why_new(k->w, PSIM_REASON_FORMULA, name, total->value / (n ? n->value : 1),
                     PSIM_DIM_SECONDS);
    busy->equation = "eq. A5";
    busy->at = k->plan->servers[server].at;
    psim_reason_times(k->w->arena, busy, total);
    psim_reason_over(k->w->arena, busy, n);
    return busy;
}

/** The tail of the last wave, of unequal items (eq. A5). */
static const struct psim_reason *
with_tail(struct psim_why_kernel *k, uint16_t server, const char *name, double value)
{
    struct psim_why *w = k->w;
    const struct psim_server_work *work = &k->work->server[server];
    const double n = psim_work_instances(k->work, k->plan->servers[server].units);
    const double each = work->total_s / k->work->items;
    const struct psim_reason *total =
        psim_why_total(k, server, false, PSIM_WHY_SECONDS, PSIM_WHY_ALL);
    const struct psim_reason *items = psim_why_items(k);
    const struct psim_reason *one =
        psim_why_rule(w, "instance", 1, PSIM_DIM_NONE, NULL);
    const struct psim_reason *shared = instances(k, server);
    if (!shared) shared = one;
    struct psim_reason *busy;
    if (!psim_analytic_uneven(work->most_s, each)) {
        busy = psim_why_of(w, name, value, PSIM_DIM_SECONDS, "ceil($0 / $1) x $2 / $0",
                           items, shared, total, NULL);
    } else if (k->work->items <= n) {
        busy = psim_why_of(w, name, value, PSIM_DIM_SECONDS, "$0", most_of(k, server),
                           NULL);
    } else {
        const struct psim_reason *most = psim_why_of(
            w, "largest item, in mean ones", work->most_s / each, PSIM_DIM_NONE,
            "$0 / $1 x $2", most_of(k, server), total, items, NULL);
        struct psim_reason *late = psim_why_of(
            w, "how far the last item is behind", psim_analytic_behind(most->value),
            PSIM_DIM_NONE, "$0 - min(0.5 + ($0 - 1) x ($0 - 1) / 6, 0.5 x $0)", most,
            NULL);
        late->equation = "eq. A5";
        busy = psim_why_of(w, name, value, PSIM_DIM_SECONDS,
                           "$0 / $1 + $2 x $0 / $3 x (1 - 1 / $1)", total, shared, late,
                           items, NULL);
    }
    busy->equation = "eq. A5";
    busy->at = k->plan->servers[server].at;
    return busy;
}

const struct psim_reason *
psim_why_busy(struct psim_why_kernel *k, uint16_t server,
              const struct psim_effects *with)
{
    const struct psim_server *s = &k->plan->servers[server];
    const bool tail = with->tail && s->units != 0;
    const uint64_t which = UINT64_C(3) << 40 | (uint64_t)server << 16 |
                           (uint64_t)tail << 1 | with->refetch;
    const struct psim_reason *known = psim_why_known(k->w, k->steps, which);
    if (known) return known;
    const double value = psim_analytic_server_s(k->work, server, with);
    if (value <= 0) return NULL;
    const char *name =
        psim_why_text(k->w, "%s busy%s", s->name, with->refetch ? "" : " at least");
    const struct psim_reason *busy =
        tail ? with_tail(k, server, name, value) : even(k, server, name, with->refetch);
    return psim_why_keep(k->w, k->steps, which, busy);
}
