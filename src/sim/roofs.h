/* SPDX-License-Identifier: MIT */
/** @file The roofs of a machine, whatever runs on it. */
#pragma once

#include "model/hw.h"
#include "result/roofs.h"

/**
 * A slope for each memory that states a bandwidth, a ceiling for each kind of unit and
 * data type (docs/MODEL.md, eq. F8): as stated, not as achieved.
 */
void psim_machine_roofs(struct psim_arena *arena, const struct psim_hw *hw,
                        struct psim_machine_roofs *ret);
