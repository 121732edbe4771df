/* SPDX-License-Identifier: MIT */
/** @file Numbers of kernels that no metric has.
 *
 * Internal to src/explain. */
#pragma once

#include "explain/why.h"

psim_why_one psim_why_launches, psim_why_time_share, psim_why_work_groups,
    psim_why_units, psim_why_resident, psim_why_waves, psim_why_late_bytes;
