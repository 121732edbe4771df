/* SPDX-License-Identifier: MIT */
/** @file What an engine is: a plan in, times and loads of its kernels out. */
#pragma once

#include "plan/plan.h"

struct psim_tape;

/** What one server did in one kernel, over all its instances. */
struct psim_load {
    double busy_s;        /**< of the busiest instance */
    double read, written; /**< in what the server counts, over all instances */
    double energy_j;      /**< over all instances, at full voltage */
};

enum psim_binding {
    PSIM_BIND_SERVER,  /**< index: of the server */
    PSIM_BIND_ROLE,    /**< the chain of dependent steps of a role */
    PSIM_BIND_CHANNEL, /**< latency against the depth of a channel */
};

/**
 * One kernel on an idle machine, from its first work-group's start to the end
 * of its last store. All times without the launch.
 *
 * bound_s + clock_s + refetch_s + fill_s + tail_s + contention_s = time_s. The
 * analytic engine leaves contention_s zero; the event engine's is what remains of its
 * time after the analytic terms of the same plan. Engines leave clock_s zero: they
 * know one clock only.
 */
struct psim_kernel_time {
    double time_s;
    double bound_s;      /**< no schedule of this plan is faster, at any clock */
    double clock_s;      /**< what the bound grows by at the clock reached (eq. W3) */
    double refetch_s;    /**< bytes beyond the compulsory ones */
    double fill_s;       /**< filling and draining pipelines, latencies */
    double tail_s;       /**< the last, partial wave; unequal work-groups */
    double contention_s; /**< waiting for each other (eq. E2) */
    double turning;      /**< of a bus' turn, what a read waits (eq. M15) */
    double clock;        /**< reached, of the nominal one; engines leave it zero */
    enum psim_binding binding;
    uint16_t binding_index;
    struct psim_load *loads; /**< one a server of the plan */
    uint64_t events;         /**< resumptions of a gang; 0 if not simulated */
    uint64_t skipped;        /**< of the events, because they recur */
};

struct psim_engine {
    const char *name;
    const char *doc;
    double most_steps; /**< of a workload (psim_count_effort); 0: any number */
    void (*time)(struct psim_arena *arena, const struct psim_plan *plan,
                 const struct psim_launch *launch, struct psim_kernel_time *ret);
    /** The same, and keep what happens when; NULL: the engine does not know it. */
    void (*tape)(struct psim_arena *arena, const struct psim_plan *plan,
                 const struct psim_launch *launch, struct psim_tape *tape,
                 struct psim_kernel_time *ret);
};

/** The list, ended by NULL. */
extern const struct psim_engine *const psim_engines[];
/** NULL where there is none of that name. */
const struct psim_engine *psim_engine_find(const char *name);
