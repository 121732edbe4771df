/* SPDX-License-Identifier: MIT */
/** @file What acts ask of servers: of each of their origins the sum. */
#include <stdint.h>

#include "explain/asks.h"
#include "util/arena.h"

static bool
is_demand(enum psim_origin_kind kind)
{
    return kind == PSIM_ORIGIN_PIPE || kind == PSIM_ORIGIN_ISSUE ||
           kind == PSIM_ORIGIN_MEMORY || kind == PSIM_ORIGIN_PORT ||
           kind == PSIM_ORIGIN_LANES || kind == PSIM_ORIGIN_TURN ||
           kind == PSIM_ORIGIN_PLACE || kind == PSIM_ORIGIN_LINK ||
           kind == PSIM_ORIGIN_STAGING;
}

/** A reason so many times. */
static const struct psim_reason *
so_often(struct psim_why_kernel *k, const struct psim_reason *one, double times)
{
    if (!one || times == 1) return one;
    return psim_why_of(k->w, one->name, one->value * times, one->dim, "$0 x $1",
                       psim_why_number(k, "times for one", times, PSIM_DIM_NONE), one,
                       NULL);
}

/** What the acts of the plan ask at the nominal clock. */
static const struct psim_reason *
nominal_demand(struct psim_why_kernel *k, uint8_t act, uint16_t server, uint8_t behind,
               enum psim_why_each each)
{
    static const char *const names[] = {"time of one", "counts of one",
                                        "energy of one"};
    static const enum psim_dim dims[] = {PSIM_DIM_SECONDS, PSIM_DIM_NONE,
                                         PSIM_DIM_JOULES};
    const struct psim_act *a = &k->launched->chosen->plan->acts[act];
    const uint64_t which =
        (uint64_t)server << 32 | (uint64_t)behind << 8 | (uint64_t)each;
    const struct psim_reason *known = psim_why_known(k->w, a, which);
    if (known) return known;
    double value = 0;
    for (uint8_t d = 0; d < a->n_demands; d++) {
        const struct psim_demand *demand = &a->demand[d];
        if (demand->server != server || demand->behind != behind) continue;
        value += each == PSIM_WHY_SECONDS  ? demand->s_per_unit
                 : each == PSIM_WHY_COUNTS ? demand->count_per_unit
                                           : demand->j_per_unit;
    }
    if (value <= 0) return NULL;
    struct psim_reason *sum = psim_why_new(
        k->w, PSIM_REASON_FORMULA, psim_why_text(k->w, "%s '%s'", names[each], a->name),
        value, dims[each]);
    sum->formula = "sum";
    if (each == PSIM_WHY_COUNTS) sum->dim = k->plan->servers[server].counts;
    for (size_t i = 0; i < k->origins->n; i++) {
        const struct psim_origin *o = &k->origins->item[i];
        if (o->act != act || !is_demand(o->kind)) continue;
        if (o->server != server || o->behind != behind) continue;
        psim_reason_add(k->w->arena, sum,
                        so_often(k, psim_why_ask(k, o, each), o->times));
    }
    const struct psim_reason *reason = sum->n_parts == 1 ? sum->parts[0] : sum;
    return psim_why_keep(k->w, a, which, reason);
}

/** The time of one at the clock that is looked at. */
static const struct psim_reason *
at_clock(struct psim_why_kernel *k, uint16_t server, const struct psim_reason *one)
{
    const struct psim_server *s = &k->plan->servers[server];
    const struct psim_reason *share =
        s->fixed_clock ? NULL : psim_why_clock_share(k, s->units == 1);
    if (!one || !share) return one;
    const uint64_t which = k->plan->servers[server].units == 1 ? 3 : 4;
    const struct psim_reason *known =
        psim_why_known(k->w, one, (uint64_t)(uintptr_t)share << 4 | which);
    if (known) return known;
    struct psim_reason *slower = psim_why_of(
        k->w, psim_why_text(k->w, "%s at that clock", one->name),
        one->value / share->value, PSIM_DIM_SECONDS, "$0 / $1", one, share, NULL);
    slower->equation = "eq. W2";
    return psim_why_keep(k->w, one, (uint64_t)(uintptr_t)share << 4 | which, slower);
}

const struct psim_reason *
psim_why_demand(struct psim_why_kernel *k, uint8_t act, uint16_t server, uint8_t behind,
                enum psim_why_each each)
{
    const struct psim_reason *one = nominal_demand(k, act, server, behind, each);
    return each == PSIM_WHY_SECONDS ? at_clock(k, server, one) : one;
}

const struct psim_reason *
psim_why_single_demand(struct psim_why_kernel *k, uint8_t act, uint8_t index)
{
    const struct psim_act *a = &k->launched->chosen->plan->acts[act];
    const struct psim_demand *own = &a->demand[index];
    unsigned before = 0, all = 0;
    for (uint8_t d = 0; d < a->n_demands; d++) {
        const struct psim_demand *demand = &a->demand[d];
        if (demand->server != own->server || demand->behind != own->behind) continue;
        if (d < index) before++;
        all++;
    }
    if (all == 1) {
        return psim_why_demand(k, act, own->server, own->behind, PSIM_WHY_SECONDS);
    }
    for (size_t i = 0; i < k->origins->n; i++) {
        const struct psim_origin *o = &k->origins->item[i];
        if (o->act != act || !is_demand(o->kind) || o->server != own->server ||
            o->behind != own->behind || before-- > 0) {
            continue;
        }
        const struct psim_reason *known = psim_why_known(k->w, o, 1);
        if (!known) {
            known = psim_why_keep(
                k->w, o, 1,
                so_often(k, psim_why_ask(k, o, PSIM_WHY_SECONDS), o->times));
        }
        return at_clock(k, own->server, known);
    }
    return NULL;
}
