/* SPDX-License-Identifier: MIT */
/** @file Latencies of acts, and the pace of a gang by itself. */
#include "explain/asks.h"

#include <math.h>

#include "util/arena.h"

static bool
is_interval(enum psim_origin_kind kind)
{
    return kind == PSIM_ORIGIN_PACE || kind == PSIM_ORIGIN_REACH ||
           kind == PSIM_ORIGIN_ACCESS;
}

/** The figure of a library's tile that is the pace of bundles alone. */
static const struct psim_reason *
stated_pace(struct psim_why_kernel *k, double pace_s, int group)
{
    static const double close = 1e-9;
    const char *name = "pace that the library states";
    const struct psim_mapping *m = &k->launched->chosen->mapping[k->launched->part];
    const double cycles = pace_s * k->w->hw->groups[group].clock_hz;
    const struct psim_figure *stated[] = {m->tile ? &m->tile->pace : NULL,
                                          m->tile ? &m->tile->fixed_pace : NULL};
    for (size_t i = 0; i < PSIM_COUNT(stated); i++) {
        if (stated[i] && stated[i]->given &&
            fabs(stated[i]->value - cycles) < close * cycles) {
            return psim_why_seconds(k->w, name, stated[i], group, pace_s);
        }
    }
    return psim_why_number(k, name, pace_s, PSIM_DIM_SECONDS);
}

/** slots x pace / bundles (eq. M4) */
static const struct psim_reason *
pace(struct psim_why_kernel *k, const struct psim_origin *o)
{
    struct psim_why *w = k->w;
    const struct psim_group *group = &w->hw->groups[o->index];
    const double pace_s = o->s * o->per / o->units;
    const struct psim_reason *rate = psim_why_a_second(
        k, "issue rate of a bundle", &group->issue, o->index, group->issue_per_s);
    const bool own = pace_s * group->issue_per_s > 1 + 1e-9 ||
                     pace_s * group->issue_per_s < 1 - 1e-9;
    struct psim_reason *s = psim_why_new(w, PSIM_REASON_FORMULA, "pace of a bundle",
                                         o->s, PSIM_DIM_SECONDS);
    s->equation = "eq. M4";
    psim_reason_times(w->arena, s, psim_why_slots(k, o));
    if (own) {
        psim_reason_times(w->arena, s, stated_pace(k, pace_s, o->index));
    } else {
        psim_reason_over(w->arena, s, rate);
    }
    if (o->per != 1) {
        psim_reason_over(w->arena, s,
                         psim_why_number(k, "bundles", o->per, PSIM_DIM_NONE));
    }
    return s;
}

static const struct psim_reason *
nominal_interval(struct psim_why_kernel *k, uint8_t act)
{
    const struct psim_act *a = &k->launched->chosen->plan->acts[act];
    if (a->interval_s <= 0) return NULL;
    const struct psim_origin *longest = NULL;
    for (size_t i = 0; i < k->origins->n; i++) {
        const struct psim_origin *o = &k->origins->item[i];
        if (o->act != act || !is_interval(o->kind)) continue;
        if (!longest || o->s * o->times > longest->s * longest->times) longest = o;
    }
    if (!longest) return NULL;
    const struct psim_reason *one = longest->kind == PSIM_ORIGIN_PACE
                                        ? pace(k, longest)
                                        : psim_why_ask(k, longest, PSIM_WHY_SECONDS);
    if (!one || longest->times == 1) return one;
    return psim_why_of(
        k->w, one->name, one->value * longest->times, one->dim, "$0 x $1",
        psim_why_number(k, "times for one", longest->times, PSIM_DIM_NONE), one, NULL);
}

const struct psim_reason *
psim_why_interval(struct psim_why_kernel *k, uint8_t act)
{
    const struct psim_reason *one = nominal_interval(k, act);
    const struct psim_reason *share = psim_why_clock_share(k, true);
    if (!one || !share || k->plan->acts[act].fixed_interval) return one;
    return psim_why_of(k->w, one->name, one->value / share->value, one->dim, "$0 / $1",
                       one, share, NULL);
}

static const struct psim_reason *
wait_of(struct psim_why_kernel *k, const struct psim_origin *o)
{
    struct psim_why *w = k->w;
    const struct psim_hw *hw = w->hw;
    if (o->s == 0) return NULL;
    const struct psim_reason *known = psim_why_known(w, o, 0);
    if (known) return known;
    const struct psim_reason *reason = NULL;
    if (o->kind == PSIM_ORIGIN_OWN_WAIT) {
        const struct psim_operation *op = o->op;
        const struct psim_figure *latency = &op->by[o->dtype].latency;
        const char *name = psim_why_text(w, "latency of '%s'", op->name);
        reason = op->clock.given && latency->dim == PSIM_DIM_CYCLES
                     ? psim_why_of(w, name, o->s, PSIM_DIM_SECONDS, "$0 / $1",
                                   psim_why_figure(w, "cycles", latency),
                                   psim_why_figure(w, "clock", &op->clock), NULL)
                     : psim_why_seconds(w, name, latency, op->group, o->s);
    } else if (o->kind == PSIM_ORIGIN_WAIT) {
        const struct psim_memory *m = &hw->memories[o->index];
        reason = psim_why_latency(w, o->index,
                                  o->s == m->write_latency_s && o->s != m->latency_s);
    } else if (o->kind == PSIM_ORIGIN_PASSED) {
        reason = psim_why_latency(w, o->index, false);
    } else if (o->kind == PSIM_ORIGIN_SETUP) {
        reason = psim_why_seconds(w, psim_why_text(w, "setup of '%s'", o->op->name),
                                  &o->op->setup, o->op->group, o->s);
    } else if (o->kind == PSIM_ORIGIN_WAY) {
        const struct psim_link *l = &hw->links[o->index];
        reason = psim_why_of(w, psim_why_text(w, "ways over %s", l->name), o->s,
                             PSIM_DIM_SECONDS, "$0 x $1",
                             psim_why_number(k, "ways", o->units, PSIM_DIM_NONE),
                             psim_why_seconds(w, "latency of a way", &l->latency,
                                              l->group, l->latency_s),
                             NULL);
    } else if (o->kind == PSIM_ORIGIN_DELAY) {
        const struct psim_group *g = &hw->groups[o->index];
        reason = psim_why_seconds(w, psim_why_text(w, "barrier of a '%s'", g->name),
                                  &g->barrier, o->index, o->s);
    } else if (o->kind == PSIM_ORIGIN_START) {
        const struct psim_group *g = &hw->groups[o->index];
        reason = psim_why_seconds(w, psim_why_text(w, "start of a '%s'", g->name),
                                  &g->start, o->index, o->s);
    }
    if (!reason) reason = psim_why_number(k, "latency", o->s, PSIM_DIM_SECONDS);
    return psim_why_keep(w, o, 0, reason);
}

/** The last word on who answers where @p missed caches were missed. */
static const struct psim_origin *
answering(const struct psim_why_kernel *k, uint8_t act, uint8_t missed,
          enum psim_origin_kind kind)
{
    const struct psim_origin *last = NULL;
    for (size_t i = 0; i < k->origins->n; i++) {
        const struct psim_origin *o = &k->origins->item[i];
        if (o->act == act && o->kind == kind && o->behind == missed) last = o;
    }
    return last;
}

static const struct psim_reason *
nominal_latency(struct psim_why_kernel *k, uint8_t act, uint8_t missed, bool mixes)
{
    struct psim_why *w = k->w;
    const struct psim_act *a = &k->launched->chosen->plan->acts[act];
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA,
                                           psim_why_text(w, "latency of '%s'", a->name),
                                           a->latency_s[missed], PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = "eq. M6";
    const struct psim_origin *mixed = answering(k, act, missed, PSIM_ORIGIN_MIXED);
    if (mixed && mixed->units != 1 && mixes) {
        const struct psim_reason *hit = nominal_latency(k, act, missed - 1, true);
        const struct psim_reason *miss = nominal_latency(k, act, missed, false);
        if (!hit || !miss) return NULL;
        sum->formula = "$0 + $1 x ($2 - $0)";
        sum->equation = "eq. M8";
        psim_reason_add(w->arena, sum, hit);
        psim_reason_add(
            w->arena, sum,
            psim_why_number(k, "part that misses", mixed->units, PSIM_DIM_NONE));
        psim_reason_add(w->arena, sum, miss);
        return sum;
    }
    const struct psim_origin *who = answering(k, act, missed, PSIM_ORIGIN_WAIT);
    const struct psim_reason *longest = NULL;
    double value = 0;
    for (size_t i = 0; i < k->origins->n; i++) {
        const struct psim_origin *o = &k->origins->item[i];
        const bool waits = o->kind == PSIM_ORIGIN_OWN_WAIT ||
                           o->kind == PSIM_ORIGIN_WAY || o->kind == PSIM_ORIGIN_DELAY ||
                           o->kind == PSIM_ORIGIN_PASSED ||
                           o->kind == PSIM_ORIGIN_START || o->kind == PSIM_ORIGIN_SETUP;
        if (o->act != act || !(waits || o == who)) continue;
        const struct psim_reason *one = wait_of(k, o);
        if (!one) continue;
        if (o->longest) {
            if (!longest || one->value > longest->value) longest = one;
            continue;
        }
        psim_reason_add(w->arena, sum, one);
        value += one->value;
    }
    psim_reason_add(w->arena, sum, longest);
    if (longest) value += longest->value;
    if (!mixes) sum->value = value;
    if (sum->n_parts == 0) return NULL;
    return sum->n_parts == 1 ? sum->parts[0] : sum;
}

const struct psim_reason *
psim_why_act_latency(struct psim_why_kernel *k, uint8_t act, uint8_t missed)
{
    struct psim_why *w = k->w;
    const struct psim_act *a = &k->launched->chosen->plan->acts[act];
    const double fixed_s = a->fixed_s[missed];
    const uint64_t nominal_key = UINT64_C(1) << 62 | missed;
    const struct psim_reason *one = psim_why_known(w, a, nominal_key);
    if (!one) {
        one = psim_why_keep(w, a, nominal_key, nominal_latency(k, act, missed, true));
    }
    const struct psim_reason *share = psim_why_clock_share(k, true);
    if (!one || !share || fixed_s >= one->value) return one;
    const struct psim_act *slow = &k->plan->acts[act];
    const uint64_t key = UINT64_C(3) << 62 | missed;
    const struct psim_reason *known = psim_why_known(w, slow, key);
    if (known) return known;
    const char *name = psim_why_text(w, "%s at that clock", one->name);
    struct psim_reason *slower =
        fixed_s > 0 ? psim_why_of(w, name, slow->latency_s[missed], PSIM_DIM_SECONDS,
                                  "($0 - $1) / $2 + $1", one,
                                  psim_why_number(k, "what no clock changes", fixed_s,
                                                  PSIM_DIM_SECONDS),
                                  share, NULL)
                    : psim_why_of(w, name, slow->latency_s[missed], PSIM_DIM_SECONDS,
                                  "$0 / $1", one, share, NULL);
    slower->equation = "eq. W2";
    return psim_why_keep(w, slow, key, slower);
}
