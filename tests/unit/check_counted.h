/* SPDX-License-Identifier: MIT */
/** @file What the plan of an op counts on the machine of bundles. */
#pragma once

#include "check_machines.h"
#include "plan/count.h"

/** How the bundles reach memory; no issue slots, so that only the others count. */
static const char check_loads_and_stores[] =
    "  - {name: load, supported_by: bundle, moves: [dram, registers], issue: 0,"
    " width: 128 B, throughput: 1 op/cycle}\n"
    "  - {name: store, supported_by: bundle, moves: [registers, dram], issue: 0,"
    " width: 128 B, throughput: 1 op/cycle}\n";

/** The machine of bundles, with a library's kernels or without. */
static inline const struct psim_hw *
check_bundles_with(struct psim_arena *arena, const char *more)
{
    struct psim_diag diag = {.arena = arena};
    const char *text =
        psim_arena_printf(arena, "%s%s%s", check_bundles, check_loads_and_stores, more);
    const struct psim_hw *hw = psim_hw_read(arena, &diag, "bundles", text);
    if (!hw) psim_diag_print(&diag, stderr, false);
    ck_assert_ptr_nonnull(hw);
    return hw;
}

/** What all steps of a plan count on the servers of a name, over the whole grid. */
static inline double
check_counted(const struct psim_plan *plan, const char *server)
{
    double sum = 0;
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        const struct psim_kernel *kernel = &plan->kernels[k];
        for (uint16_t s = 0; s < kernel->n_steps; s++) {
            if (kernel->steps[s].kind != PSIM_STEP_DO) continue;
            const struct psim_act *act = &plan->acts[kernel->steps[s].act];
            for (uint8_t d = 0; d < act->n_demands; d++) {
                const struct psim_demand *demand = &act->demand[d];
                if (!psim_str_equal(plan->servers[demand->server].name, server)) {
                    continue;
                }
                sum += psim_count_step(kernel, s).sum * demand->count_per_unit;
            }
        }
    }
    return sum;
}

static inline double
check_counted_of_op(struct psim_arena *arena, const char *more, const char *op,
                    const char *server)
{
    struct psim_chosen c;
    ck_assert(
        check_choose(arena, check_bundles_with(arena, more), check_op(arena, op), &c));
    return check_counted(c.plan, server);
}
