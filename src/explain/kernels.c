/* SPDX-License-Identifier: MIT */
/** @file Kernels as they were launched, with the sums that explain them. */
#include "explain/why.h"

#include "plan/clock.h"
#include "plan/view.h"
#include "util/arena.h"
#include "util/str.h"

enum psim_launch_mode
psim_why_launch_mode(const struct psim_why *w, const struct psim_op *op)
{
    return w->launch_given ? w->launch : op->launch;
}

/** What the acts of a plan are made of: each plan is built once more, once. */
static const struct psim_origins *
origins_of(struct psim_why *w, const struct psim_logged *launched)
{
    for (size_t i = 0; i < w->n_plans; i++) {
        if (w->plans[i].chosen == launched->chosen) return &w->plans[i].origins;
    }
    struct psim_why_plan *plan = &w->plans[w->n_plans++];
    const enum psim_launch_mode mode = psim_why_launch_mode(w, launched->op);
    plan->chosen = launched->chosen;
    psim_chosen_trace(w->arena, w->hw, psim_launch_s(w->hw, mode), launched->chosen,
                      &plan->origins);
    return &plan->origins;
}

/** Of what a read waits for a turned bus: as the analytic engine finds it. */
static double
turning_of(struct psim_why *w, const struct psim_plan *plan,
           const struct psim_launch *launch)
{
    struct psim_kernel_time time;
    const struct psim_arena_mark mark = psim_arena_mark(w->arena);
    psim_engine_find("analytic")->time(w->arena, plan, launch, &time);
    psim_arena_rewind(w->arena, mark);
    return time.turning;
}

struct psim_why_kernel *
psim_why_kernel(struct psim_why *w, const struct psim_logged *launched, bool nominal)
{
    const double clock = launched->time.clock;
    const bool at_nominal = nominal || (clock == 1 && w->log->clock == 1);
    const size_t index = 2 * (size_t)(launched - w->log->item) + at_nominal;
    if (!w->kernels) {
        w->kernels = PSIM_NEW_N(w->arena, struct psim_why_kernel *, 2 * w->log->n + 1);
    }
    if (w->kernels[index]) return w->kernels[index];
    struct psim_why_kernel *k = PSIM_NEW(w->arena, struct psim_why_kernel);
    const struct psim_plan *plan = launched->chosen->plan;
    *k = (struct psim_why_kernel){
        .w = w,
        .launched = launched,
        .origins = origins_of(w, launched),
        .plan = plan,
        .kernel = &plan->kernels[launched->kernel],
        .shared = at_nominal ? 1 : w->log->clock,
        .own = at_nominal ? 1 : clock,
        .work = PSIM_NEW(w->arena, struct psim_work),
        .steps = PSIM_NEW(w->arena, struct psim_summing),
    };
    k->unit = psim_hw_group(w->hw, k->kernel->unit_name);
    if (!at_nominal) {
        struct psim_plan *slower = PSIM_NEW(w->arena, struct psim_plan);
        *slower = psim_plan_at_clock(w->arena, plan, k->shared, k->own);
        k->plan = slower;
    }
    const struct psim_launch launch = {.kernel = launched->kernel,
                                       .resident = launched->resident};
    const double turning = turning_of(w, k->plan, &launch);
    psim_work_sum_steps(k->plan, &launch, turning, k->work, k->steps);
    k->lone = psim_analytic_item(k->work);
    w->kernels[index] = k;
    return k;
}

const char *
psim_why_kernel_name(struct psim_why *w, const struct psim_logged *launched)
{
    const struct psim_kernel_result *r = &launched->result;
    for (size_t i = 0; i < w->log->n; i++) {
        const struct psim_kernel_result *other = &w->log->item[i].result;
        if (psim_str_equal(r->name, other->name) && !psim_str_equal(r->op, other->op)) {
            return psim_why_text(w, "'%s' of %s", r->name, r->op);
        }
    }
    return psim_why_text(w, "'%s'", r->name);
}

static bool
is_equal(const struct psim_logged *a, const struct psim_logged *b)
{
    return a->chosen == b->chosen && a->kernel == b->kernel && a->turn == b->turn &&
           a->resident == b->resident && a->reads_anew == b->reads_anew &&
           a->writes_anew == b->writes_anew && a->flop_energy == b->flop_energy &&
           a->result.time_s == b->result.time_s;
}

size_t
psim_why_groups(struct psim_why *w, struct psim_why_group **ret)
{
    if (w->groups) {
        *ret = w->groups;
        return w->n_groups;
    }
    const double repeat = (double)w->workload->repeat;
    w->groups = PSIM_NEW_N(w->arena, struct psim_why_group, w->log->n + 1);
    for (size_t i = 0; i < w->log->n; i++) {
        const struct psim_logged *l = &w->log->item[i];
        size_t g = 0;
        while (g < w->n_groups && !is_equal(w->groups[g].launched, l)) {
            g++;
        }
        if (g == w->n_groups) {
            w->groups[w->n_groups++] = (struct psim_why_group){
                .launched = l, .times = l->turn > 0 ? repeat - 1 : 1};
        }
        w->groups[g].runs += l->chosen->parts.part[l->part].launches;
    }
    *ret = w->groups;
    return w->n_groups;
}
