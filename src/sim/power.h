/* SPDX-License-Identifier: MIT */
/** @file What a kernel draws, and the clock that this leaves (docs/MODEL.md, eq. W1 to
 * W3).
 *
 * Clocks are parts of the nominal one. */
#pragma once

#include "model/hw.h"
#include "sim/engine.h"

/** What a kernel's power depends on, beside its plan and its loads. */
struct psim_setting {
    const struct psim_power *power;
    double clock;       /**< that the machine is set to */
    double flop_energy; /**< of what FLOP take, by the data (`zeros`) */
};

/** Voltage of the core, of that at the nominal clock. */
double psim_power_voltage(const struct psim_power *power, double clock);

/** Part of the machine's units that a kernel gives work to. */
double psim_power_units(const struct psim_plan *plan, const struct psim_kernel *kernel);

/** Energy on one server, at the voltage that it has. */
double psim_power_server_j(const struct psim_setting *setting,
                           const struct psim_server *server,
                           const struct psim_load *load);

/** What units with work-groups draw beyond that in one run of the kernel. */
double psim_power_active_j(const struct psim_setting *setting,
                           const struct psim_plan *plan,
                           const struct psim_kernel *kernel,
                           const struct psim_kernel_time *time);

/** How a kernel that droops comes to its clock (eq. W3), for who explains it. */
struct psim_droop {
    double top;    /**< the clock that is left however little is drawn */
    double clock;  /**< that is left */
    double core_j; /**< energy of the core, at `top` */
    double time_s; /**< at `clock`, as the times at two clocks tell it */
};

/** By the analytic engine. @return false: the kernel does not droop */
bool psim_power_droop(const struct psim_setting *setting, const struct psim_plan *plan,
                      const struct psim_launch *launch, struct psim_droop *ret);

/**
 * Time one kernel at the clock that its load leaves of the one that is set. Where the
 * machine says nothing of its power, that is the nominal one.
 *
 * @param ret its `bound_s` is that at the nominal clock
 */
void psim_power_time(struct psim_arena *arena, const struct psim_engine *engine,
                     const struct psim_setting *setting, const struct psim_plan *plan,
                     const struct psim_launch *launch, struct psim_kernel_time *ret);

/**
 * Run it once more at the clock that psim_power_time() found, and keep what happens
 * when. The engine must be one that can.
 *
 * @param clock the kernel's, as psim_power_time() gave it
 */
void psim_power_tape(struct psim_arena *arena, const struct psim_engine *engine,
                     const struct psim_setting *setting, const struct psim_plan *plan,
                     const struct psim_launch *launch, double clock,
                     struct psim_tape *tape, struct psim_kernel_time *ret);
