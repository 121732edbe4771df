/* SPDX-License-Identifier: MIT */
/** @file A prediction of whatever was read: its plan is sound, its numbers are too. */
#pragma once

#include <math.h>

#include "plan/plan_check.h"
#include "sim/predict.h"
#include "util/arena.h"
#include "verdict.h"

/** More work-groups or passes than these take longer than a fuzz run may. */
static const double few_steps = 1e5;

static inline bool
is_time(double s)
{
    return isfinite(s) && s >= 0;
}

/** Both are sums of the same terms in another order. */
static inline bool
at_most(double a, double b)
{
    return a <= b * (1 + 1e-9);
}

static inline void
check_result(const struct psim_result *r)
{
    must(is_time(r->time_s) && is_time(r->bound_s), "times are numbers");
    must(at_most(r->bound_s, r->time_s), "no time is below the bound");
    for (size_t i = 0; i < r->n_kernels; i++) {
        const struct psim_kernel_result *k = &r->kernels[i];
        must(is_time(k->time_s) && k->resident >= 1, "a kernel's time is a number");
        must(at_most(k->bound_s, k->time_s), "no kernel is below its bound");
        for (size_t v = 0; v < k->n_servers; v++) {
            const double busy_s = k->servers[v].busy_s;
            must(is_time(busy_s) && at_most(busy_s, k->time_s), "busy within the time");
        }
    }
}

/** Choose mappings, check the plans, and time them with the engines. */
static inline void
predict_all(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
            const struct psim_workload *workload)
{
    /* The same words at the same place are one error: each run starts with none. */
    psim_diag_clear(diag);
    for (size_t i = 0; i < workload->n_ops && diag->error_count == 0; i++) {
        struct psim_chosen chosen;
        const struct psim_choose_options options = {.launch_s = 0};
        const bool ok =
            psim_choose(arena, diag, hw, &workload->ops[i], &chosen, &options);
        check_verdict(diag, ok, 0);
        const char *wrong = ok ? psim_plan_check(arena, chosen.plan) : NULL;
        must(wrong == NULL, wrong);
    }
    const bool has_plan = diag->error_count == 0;
    print_nowhere(diag);
    for (size_t e = 0; psim_engines[e] && has_plan; e++) {
        struct psim_engine engine = *psim_engines[e];
        if (engine.most_steps > 0) engine.most_steps = few_steps;
        const struct psim_predict_options options = {.engine = &engine};
        psim_diag_clear(diag);
        const struct psim_result *r = psim_predict(arena, diag, hw, workload, &options);
        check_verdict(diag, r != NULL, 0);
        if (r) check_result(r);
    }
}
