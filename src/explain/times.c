/* SPDX-License-Identifier: MIT */
/** @file Times: of a kernel the terms, of a workload its kernels (eq. A9, T1 to T3). */
#include <math.h>

#include "explain/why.h"
#include "plan/view.h"
#include "util/arena.h"

/* --- one kernel ----------------------------------------------------------------- */

/** Whether the clock is another one than the file's. */
static bool
is_slower(const struct psim_why *w, const struct psim_logged *l)
{
    return l->time.clock != 1 || w->log->clock != 1;
}

const struct psim_reason *
psim_why_kernel_bound(struct psim_why *w, const struct psim_logged *l)
{
    return psim_why_bound(psim_why_kernel(w, l, true), false);
}

const struct psim_reason *
psim_why_clock_term(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_CLOCK_TERM);
    if (known || !is_slower(w, l)) return known;
    struct psim_reason *term =
        psim_why_of(w, "clock", l->result.clock_s, PSIM_DIM_SECONDS, "$0 - $1",
                    psim_why_bound(psim_why_kernel(w, l, false), false),
                    psim_why_kernel_bound(w, l), NULL);
    term->equation = "eq. W3";
    term->doc = "what the bound grows by at the clock that is reached";
    return psim_why_keep(w, l, PSIM_KEPT_CLOCK_TERM, term);
}

static const struct psim_reason *
difference(struct psim_why *w, const char *name, double value,
           const struct psim_reason *more, const struct psim_reason *less,
           const char *doc)
{
    if (value == 0) return NULL;
    struct psim_reason *term =
        psim_why_of(w, name, value, PSIM_DIM_SECONDS, "$0 - $1", more, less, NULL);
    term->equation = "eq. A9";
    term->doc = doc;
    return term;
}

const struct psim_reason *
psim_why_refetch_term(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_REFETCH_TERM);
    if (known) return known;
    struct psim_why_kernel *k = psim_why_kernel(w, l, false);
    return psim_why_keep(w, l, PSIM_KEPT_REFETCH_TERM,
                         difference(w, "refetch", l->result.refetch_s,
                                    psim_why_bound(k, true), psim_why_bound(k, false),
                                    "bytes moved beyond the compulsory ones"));
}

/** Addresses whose translation no cache holds (eq. T3). */
static const struct psim_reason *
translation(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_memory *m = &w->hw->memories[w->hw->main_memory];
    const double n = (double)l->reads_anew + l->writes_anew;
    if (n <= 0 || m->translation_s <= 0) return NULL;
    struct psim_reason *anew = psim_why_new(
        w, PSIM_REASON_FOUND, "reads and writes that are new", n, PSIM_DIM_NONE);
    anew->equation = "eq. T3";
    anew->at = l->op->at;
    struct psim_reason *all = psim_why_of(
        w, "translation", n * m->translation_s, PSIM_DIM_SECONDS, "$0 x $1", anew,
        psim_why_seconds(w, "translation of addresses", &m->translation, m->group,
                         m->translation_s),
        NULL);
    all->equation = "eq. T3";
    return all;
}

const struct psim_reason *
psim_why_fill_term(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_FILL_TERM);
    if (known) return known;
    struct psim_why_kernel *k = psim_why_kernel(w, l, false);
    const struct psim_reason *anew = translation(w, l);
    const double own_s = l->result.fill_s - (anew ? anew->value : 0);
    const char *doc = "filling and draining pipelines, latencies";
    const struct psim_reason *own =
        difference(w, anew ? "latencies" : "fill", own_s, psim_why_estimate(k, false),
                   psim_why_bound(k, true), doc);
    if (!anew) return psim_why_keep(w, l, PSIM_KEPT_FILL_TERM, own);
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA, "fill",
                                           l->result.fill_s, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = "eq. T3";
    sum->doc = doc;
    psim_reason_add(w->arena, sum, own);
    psim_reason_add(w->arena, sum, anew);
    return psim_why_keep(w, l, PSIM_KEPT_FILL_TERM, sum);
}

const struct psim_reason *
psim_why_tail_term(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_TAIL_TERM);
    if (known) return known;
    struct psim_why_kernel *k = psim_why_kernel(w, l, false);
    return psim_why_keep(w, l, PSIM_KEPT_TAIL_TERM,
                         difference(w, "tail", l->result.tail_s,
                                    psim_why_estimate(k, true),
                                    psim_why_estimate(k, false),
                                    "the last, partial wave; unequal work-groups"));
}

const struct psim_reason *
psim_why_contention(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_CONTENTION);
    if (known || l->result.contention_s == 0) return known;
    struct psim_reason *found = psim_why_new(w, PSIM_REASON_FOUND, "contention",
                                             l->result.contention_s, PSIM_DIM_SECONDS);
    found->equation = "eq. E2";
    found->doc = "waiting for each other, as only the event engine sees";
    found->at = l->op->at;
    return psim_why_keep(w, l, PSIM_KEPT_CONTENTION, found);
}

const struct psim_reason *
psim_why_kernel_time(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_KERNEL_TIME);
    if (known) return known;
    struct psim_reason *time =
        psim_why_new(w, PSIM_REASON_FORMULA,
                     psim_why_text(w, "time of %s", psim_why_kernel_name(w, l)),
                     l->result.time_s, PSIM_DIM_SECONDS);
    time->formula = "sum";
    time->equation = "eq. A9";
    time->at = l->op->at;
    psim_reason_add(w->arena, time, psim_why_kernel_bound(w, l));
    psim_reason_add(w->arena, time, psim_why_clock_term(w, l));
    psim_reason_add(w->arena, time, psim_why_refetch_term(w, l));
    psim_reason_add(w->arena, time, psim_why_fill_term(w, l));
    psim_reason_add(w->arena, time, psim_why_tail_term(w, l));
    psim_reason_add(w->arena, time, psim_why_contention(w, l));
    return psim_why_keep(w, l, PSIM_KEPT_KERNEL_TIME, time);
}

static const struct psim_reason *
launch_figure(struct psim_why *w, const struct psim_op *op, bool host)
{
    const enum psim_launch_mode mode = psim_why_launch_mode(w, op);
    for (size_t i = 0; i < w->hw->n_groups; i++) {
        const struct psim_group *g = &w->hw->groups[i];
        const struct psim_figure *figure = host ? &g->host[mode] : &g->launch[mode];
        if (!figure->given) continue;
        return psim_why_figure(
            w,
            psim_why_text(w, "%s of a '%s'", host ? "host's time" : "launch", g->name),
            figure);
    }
    return NULL;
}

const struct psim_reason *
psim_why_launch(struct psim_why *w, const struct psim_logged *l)
{
    const double value = l->result.launch_s;
    if (value <= 0) return NULL;
    const struct psim_reason *given = launch_figure(w, l->op, false);
    if (given && given->value == value) return given;
    struct psim_reason *launch =
        psim_why_new(w, PSIM_REASON_COUNTED, "launch", value, PSIM_DIM_SECONDS);
    launch->equation = "eq. P13";
    launch->doc = "with the setup of its operation";
    launch->at = l->op->at;
    psim_reason_add(w->arena, launch, given);
    return launch;
}

/* --- the workload ---------------------------------------------------------------- */

/** How often equal launches count. */
static double
weight_of(const struct psim_why *w, const struct psim_why_group *g,
          enum psim_why_turns turns)
{
    const double repeat = (double)w->workload->repeat;
    if (turns == PSIM_WHY_EACH_TURN || repeat <= 1) return g->runs * g->times;
    return g->launched->turn > 0 ? g->runs * repeat : 0;
}

struct psim_reason *
psim_why_sum(struct psim_why *w, const char *name, double value, enum psim_dim dim,
             enum psim_why_turns turns, psim_why_one *one)
{
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA, name, value, dim);
    sum->formula = "sum";
    struct psim_why_group *groups;
    const size_t n = psim_why_groups(w, &groups);
    for (size_t g = 0; g < n; g++) {
        const double runs = weight_of(w, &groups[g], turns);
        const struct psim_reason *each = runs > 0 ? one(w, groups[g].launched) : NULL;
        if (!each) continue;
        if (runs != 1) {
            struct psim_reason *launches =
                psim_why_new(w, PSIM_REASON_COUNTED, "launches", runs, PSIM_DIM_NONE);
            launches->at = groups[g].launched->op->at;
            each =
                psim_why_of(w,
                            psim_why_text(w, "all launches of %s",
                                          psim_why_kernel_name(w, groups[g].launched)),
                            runs * each->value, dim, "$0 x $1", launches, each, NULL);
        }
        psim_reason_add(w->arena, sum, each);
    }
    return sum;
}

static const struct psim_reason *
with_launch(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *time = psim_why_kernel_time(w, l);
    const struct psim_reason *launch = psim_why_launch(w, l);
    if (!launch) return time;
    return psim_why_of(w, psim_why_text(w, "%s with its launch", time->name),
                       launch->value + time->value, PSIM_DIM_SECONDS, "$0 + $1", launch,
                       time, NULL);
}

static const struct psim_reason *
found_at(struct psim_why *w, const char *name, double value)
{
    struct psim_reason *found =
        psim_why_new(w, PSIM_REASON_FOUND, name, value, PSIM_DIM_SECONDS);
    found->equation = "eq. T1";
    return found;
}

/** What the launches of one kernel wait for the host; NULL: nothing. */
static const struct psim_reason *
wait_for_host(struct psim_why *w, const struct psim_logged *l)
{
    const double n = l->chosen->parts.part[l->part].launches;
    const double own_s = l->result.launch_s + l->result.time_s;
    const double ahead_s = l->before_s - l->host_before_s - l->issue_s;
    const double first_s = fmax(0, -ahead_s);
    const double later_s = fmax(0, (l->issue_s - own_s) * (n - 1) - fmax(0, ahead_s));
    static const double rounding = 1e-12;
    if (first_s + later_s <= rounding * l->before_s) return NULL;
    const struct psim_reason *host = launch_figure(w, l->op, true);
    if (!host || host->value != l->issue_s) {
        struct psim_reason *call = psim_why_new(w, PSIM_REASON_FIGURE, "host's time",
                                                l->issue_s, PSIM_DIM_SECONDS);
        const struct psim_library_kernel *library = l->chosen->mapping[l->part].library;
        call->doc = "of a call of the library";
        if (library) call->at = library->at;
        host = call;
    }
    struct psim_reason *wait =
        psim_why_of(w, psim_why_text(w, "wait before %s", psim_why_kernel_name(w, l)),
                    first_s + later_s, PSIM_DIM_SECONDS,
                    n > 1 ? "max(0, $0 + $1 - $2) + "
                            "max(0, ($1 - $3) x ($4 - 1) - max(0, $2 - $0 - $1))"
                          : "max(0, $0 + $1 - $2)",
                    found_at(w, "time when the host was free", l->host_before_s), host,
                    found_at(w, "end of what was before", l->before_s),
                    n > 1 ? with_launch(w, l) : NULL,
                    psim_why_rule(w, "launches", n, PSIM_DIM_NONE, NULL), NULL);
    wait->equation = "eq. T1";
    return wait;
}

const struct psim_reason *
psim_why_host_wait(struct psim_why *w)
{
    const struct psim_reason *known = psim_why_known(w, w->result, PSIM_KEPT_HOST_WAIT);
    if (known) return known;
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA, "waits for the host",
                                           w->result->host_wait_s, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = "eq. T1";
    sum->doc = "the machine is idle, as the host has not issued the next launch yet";
    const double repeat = (double)w->workload->repeat;
    for (size_t i = 0; i < w->log->n; i++) {
        const struct psim_logged *l = &w->log->item[i];
        const struct psim_reason *wait = wait_for_host(w, l);
        if (wait && l->turn > 0 && repeat != 2) {
            wait = psim_why_of(
                w, wait->name, (repeat - 1) * wait->value, PSIM_DIM_SECONDS, "$0 x $1",
                psim_why_rule(w, "further turns", repeat - 1, PSIM_DIM_NONE, "eq. T2"),
                wait, NULL);
        }
        psim_reason_add(w->arena, sum, wait);
    }
    return psim_why_keep(w, w->result, PSIM_KEPT_HOST_WAIT, sum);
}

const struct psim_reason *
psim_why_time(struct psim_why *w)
{
    const struct psim_reason *known = psim_why_known(w, w->result, PSIM_KEPT_TIME);
    if (known) return known;
    struct psim_reason *time =
        psim_why_sum(w, "time", w->result->time_s, PSIM_DIM_SECONDS, PSIM_WHY_EACH_TURN,
                     with_launch);
    time->equation = w->workload->repeat > 1 ? "eq. T2" : "eq. T1";
    if (w->result->host_wait_s > 0) {
        psim_reason_add(w->arena, time, psim_why_host_wait(w));
    }
    return psim_why_keep(w, w->result, PSIM_KEPT_TIME, time);
}
