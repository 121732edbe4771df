/* SPDX-License-Identifier: MIT */
/** @file Access patterns of this machine, which calibrate it. */
#pragma once

#include "measure/cpu/host.h"
#include "measure/cpu/team.h"
#include "measure/device.h"

/**
 * Latency by footprint, then stages in a row.
 *
 * @param team what runs the ops: it sleeps meanwhile; there are as many stages at most
 */
void psim_cpu_micros(struct psim_arena *arena, const struct psim_host *host,
                     struct psim_team *team, const struct psim_measure_options *options,
                     struct psim_readings *ret);
