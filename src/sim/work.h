/* SPDX-License-Identifier: MIT */
/** @file What one item of a kernel asks for, summed once: the analytic engine's view.
 */
#pragma once

#include "plan/reuse.h"
#include "sim/engine.h"

enum { PSIM_MAX_SERVERS = 64, PSIM_MAX_ROLES = 16 };

/** Demand on one server over the whole grid, and the most that one item asks. */
struct psim_server_work {
    double total_s, most_s;
    double ideal_s; /**< the same with compulsory bytes */
    double burst_s; /**< of total_s, what all items ask for before they wait */
    double read, written;
    double energy_j; /**< at full voltage */
};

/** One gang's own chain of steps, over the whole grid. */
struct psim_role_work {
    double least_s,
        most_s;       /**< blocking steps: no schedule is faster; most: of an item, or
                           more, where the longest of each step are of several items */
    double longest_s; /**< the same of the first or the last item: not more than most */
    double inside_s;  /**< estimate: in loops */
    double outside_s; /**< estimate: before and after them */
    double turns;     /**< iterations of its loops in an item, at least 1 */
    double fill_s;    /**< until its first slot is full, an item */
    double ramp_s;    /**< of that, beside loops that fill the slot: steady work */
    double ring_s;    /**< a turn, where roles wait for each other in a ring */
    double drain_s;   /**< until its last posted move has landed */
};

/** Slots of one channel: (fill + hold) / depth bounds their rate. */
struct psim_channel_work {
    double fill_s, hold_s; /**< over the whole grid */
    double looped_s;       /**< of fill_s, in loops that a slot stays open for */
    double slots;          /**< filled, over the whole grid */
    uint8_t filler;        /**< role */
    bool own;              /**< its filler waits for it itself */
    double burst_s[PSIM_MAX_SERVERS]; /**< of a server's, what fills first slots */
};

struct psim_work {
    const struct psim_plan *plan;
    const struct psim_kernel *kernel;
    double items;
    double start_s; /**< placing one work-group */
    double turning; /**< of a bus' turn, what a read waits */
    struct psim_server_work server[PSIM_MAX_SERVERS];
    struct psim_role_work role[PSIM_MAX_ROLES];
    struct psim_channel_work channel[PSIM_MAX_CHANNELS];
};

/**
 * Instances of a server that the kernel's units have.
 */
double psim_work_instances(const struct psim_work *w, uint32_t units);

/**
 * For how long a server that units share serves the first slots of all items that start
 * together, where the role that asks waits for them; else 0 (docs/MODEL.md, eq. E5).
 */
double psim_work_burst_s(const struct psim_work *w, uint8_t channel);

/**
 * Sum a kernel (docs/MODEL.md, eq. A1 to A4).
 * @param turning  of a bus' turn, what a read waits (eq. M15)
 */
void psim_work_sum(const struct psim_plan *plan, const struct psim_launch *launch,
                   double turning, struct psim_work *ret);

/** A step's totals over the grid, one gang. */
struct psim_step_sum {
    double amount, most_amount, visits, most_visits;
};

/** The sums of each step, of which those of a kernel are made: for who explains them.
 */
struct psim_summing {
    struct psim_work *work;
    struct psim_traffic walk, ideal;
    uint32_t resident; /**< set of tensors that the outermost cache holds already */
    struct psim_step_sum sum[PSIM_MAX_STEPS];
};

/** The same, with the sums of the steps. */
void psim_work_sum_steps(const struct psim_plan *plan, const struct psim_launch *launch,
                         double turning, struct psim_work *ret,
                         struct psim_summing *ret_steps);

/** By how much a multicast divides a step's demand on a server: 1 on a unit's own. */
double psim_work_cast(const struct psim_step *step, const struct psim_server *server);

/**
 * Time of one visit to a step with nothing in the way, and at the very least (eq. A2).
 * Of @p ahead visits that are under way together and end in order, the slowest counts.
 */
void psim_work_visit(const struct psim_summing *s, uint16_t index, double amount,
                     double ahead, double *ret_estimate, double *ret_least);
