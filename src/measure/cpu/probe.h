/* SPDX-License-Identifier: MIT */
/** @file The probe of this machine. */
#pragma once

#include "measure/device.h"

/** As struct psim_device says. */
const char *psim_cpu_probe(struct psim_arena *arena, struct psim_diag *diag,
                           unsigned number, const struct psim_measure_options *options);
