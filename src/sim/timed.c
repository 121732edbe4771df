/* SPDX-License-Identifier: MIT */
/** @file A table of times by plan, kernel and what its cache holds. */
#include "sim/timed.h"

#include <string.h>

#include "util/arena.h"

struct psim_timed {
    const struct psim_plan *plan; /**< NULL: a free place */
    double clock, flop_energy;
    uint32_t kernel, resident;
    size_t number; /**< in the order in which they were first asked for */
    struct psim_kernel_time time;
};

static bool
is_of(const struct psim_timed *timed, const struct psim_setting *setting,
      const struct psim_plan *plan, const struct psim_launch *launch)
{
    return timed->plan == plan && timed->clock == setting->clock &&
           timed->flop_energy == setting->flop_energy &&
           timed->kernel == launch->kernel && timed->resident == launch->resident;
}

/** By what the kernel is: an address would be another one in the next run. */
static size_t
hash_of(const struct psim_plan *plan, uint32_t kernel, uint32_t resident)
{
    const struct psim_kernel *k = &plan->kernels[kernel];
    uint64_t hash = ((uint64_t)kernel << 32 | resident) + k->n_steps;
    for (uint8_t a = 0; a < k->n_axes; a++) {
        hash = (hash ^ k->extent[a]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return (size_t)hash;
}

static void
grow(struct psim_arena *arena, struct psim_timed_table *table)
{
    const struct psim_timed_table old = *table;
    table->room = old.room > 0 ? 2 * old.room : 16;
    table->item = PSIM_NEW_N(arena, struct psim_timed, table->room);
    for (size_t i = 0; i < old.room; i++) {
        const struct psim_timed *timed = &old.item[i];
        if (!timed->plan) continue;
        size_t at = hash_of(timed->plan, timed->kernel, timed->resident);
        while (table->item[at & (table->room - 1)].plan) {
            at++;
        }
        table->item[at & (table->room - 1)] = *timed;
    }
}

struct psim_kernel_time
psim_timed(struct psim_arena *arena, struct psim_timed_table *table,
           const struct psim_engine *engine, const struct psim_setting *setting,
           const struct psim_plan *plan, const struct psim_launch *launch)
{
    if (2 * (table->n + 1) > table->room) grow(arena, table);
    size_t at = hash_of(plan, launch->kernel, launch->resident);
    for (;; at++) {
        struct psim_timed *timed = &table->item[at & (table->room - 1)];
        if (is_of(timed, setting, plan, launch)) {
            table->asked = timed->number;
            return timed->time;
        }
        if (timed->plan) continue;
        table->asked = timed->number = table->n++;
        timed->plan = plan;
        timed->clock = setting->clock;
        timed->flop_energy = setting->flop_energy;
        timed->kernel = launch->kernel;
        timed->resident = launch->resident;
        psim_power_time(arena, engine, setting, plan, launch, &timed->time);
        return timed->time;
    }
}
