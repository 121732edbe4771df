/* SPDX-License-Identifier: MIT */
/** @file What a run of the event engine yields: its end, loads, what binds. */
#include <assert.h>

#include "sim/des.h"

static void
find_loads(const struct psim_des *des, struct psim_load *loads)
{
    const struct psim_plan *plan = des->plan;
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        const struct psim_des_servers *of = &des->servers[v];
        psim_tick busiest = 0;
        for (uint32_t u = 0; u < des->kernel->units; u++) {
            const psim_tick busy = psim_des_server(des, of->first, of->units, u)->busy;
            if (busy > busiest) busiest = busy;
        }
        loads[v].busy_s = (double)busiest * des->tick_s;
    }
    for (uint16_t s = 0; s < des->kernel->n_steps; s++) {
        const struct psim_step *step = &des->kernel->steps[s];
        if (step->kind != PSIM_STEP_DO) continue;
        const struct psim_act *act = &plan->acts[step->act];
        for (uint8_t d = 0; d < act->n_demands; d++) {
            const struct psim_demand *demand = &act->demand[d];
            const bool shared = plan->servers[demand->server].units != 1;
            const double cast = shared && step->cast > 1 ? step->cast : 1;
            const double amount =
                demand->behind == 0 ? (double)des->counts[s].amount / cast
                                    : (double)des->counts[s].missed[demand->behind - 1];
            const double count = amount * demand->count_per_unit;
            struct psim_load *load = &loads[demand->server];
            *((step->flags & PSIM_STORE) ? &load->written : &load->read) += count;
            load->energy_j += amount * demand->j_per_unit;
        }
    }
}

/** The server that was busy longest; latencies bind where none was busy half the time.
 */
static void
find_binding(const struct psim_plan *plan, struct psim_kernel_time *time)
{
    uint32_t busiest = 0;
    for (uint32_t v = 1; v < plan->n_servers; v++) {
        if (time->loads[v].busy_s > time->loads[busiest].busy_s) busiest = v;
    }
    if (time->loads[busiest].busy_s < 0.5 * time->time_s) return;
    time->binding = PSIM_BIND_SERVER;
    time->binding_index = (uint16_t)busiest;
}

/**
 * Nobody may be left waiting, and what was reserved was filled and freed, but for
 * tokens: psim_plan_check saw to it.
 */
static void
check_end(const struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    for (size_t i = 0; i < (size_t)des->slots * des->gangs_per_slot; i++) {
        assert(des->gangs[i].state == PSIM_GANG_DONE || des->gangs[i].class == 0);
    }
    for (size_t i = 0; i < (size_t)des->slots * k->n_channels; i++) {
        const struct psim_des_channel *channel = &des->channels[i];
        assert(channel->reserved == channel->committed);
        assert(channel->committed - channel->freed <=
               k->channels[i % k->n_channels].primed);
    }
}

/** Whose share came early leaves work behind: a kernel ends when that is done. */
static void
end_with_servers(struct psim_des *des)
{
    for (size_t i = 0; i < des->n_instances; i++) {
        const psim_tick free_at = des->instances[i].free_at;
        if (free_at > des->end) des->end = free_at;
    }
}

void
psim_des_end(struct psim_des *des, struct psim_kernel_time *time)
{
    if (des->end_before > des->end) des->end = des->end_before;
    end_with_servers(des);
    check_end(des);
    const double analytic_s = time->time_s;
    time->time_s = (double)des->end * des->tick_s;
    time->contention_s = time->time_s - analytic_s;
    time->events = des->events;
    time->skipped = des->skip.skipped;
    for (uint32_t v = 0; v < des->plan->n_servers; v++) {
        time->loads[v] = (struct psim_load){0};
    }
    find_loads(des, time->loads);
    find_binding(des->plan, time);
}
