/* SPDX-License-Identifier: MIT */
/** @file The same plan at another clock (eq. W2). */
#include "plan/clock.h"

#include "util/arena.h"

static void
slow_down(const struct psim_plan *plan, double shared, double own, struct psim_act *act)
{
    for (uint8_t d = 0; d < act->n_demands; d++) {
        struct psim_demand *demand = &act->demand[d];
        const struct psim_server *server = &plan->servers[demand->server];
        if (server->fixed_clock) continue;
        demand->s_per_unit /= server->units == 1 ? own : shared;
    }
    for (uint8_t k = 0; k <= act->n_caches; k++) {
        const double core_s = act->latency_s[k] - act->fixed_s[k];
        act->latency_s[k] = core_s / own + act->fixed_s[k];
    }
    if (!act->fixed_interval) act->interval_s /= own;
}

struct psim_plan
psim_plan_at_clock(struct psim_arena *arena, const struct psim_plan *plan,
                   double shared, double own)
{
    struct psim_act *acts = PSIM_NEW_N(arena, struct psim_act, plan->n_acts + 1);
    for (uint32_t a = 0; a < plan->n_acts; a++) {
        acts[a] = plan->acts[a];
        slow_down(plan, shared, own, &acts[a]);
    }
    struct psim_plan slower = *plan;
    slower.acts = acts;
    return slower;
}

bool
psim_kernel_droops(const struct psim_plan *plan, const struct psim_kernel *kernel)
{
    for (uint16_t s = 0; s < kernel->n_steps; s++) {
        const struct psim_step *step = &kernel->steps[s];
        if (step->kind == PSIM_STEP_DO && plan->acts[step->act].droops) return true;
    }
    return false;
}
