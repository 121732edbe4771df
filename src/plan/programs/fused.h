/* SPDX-License-Identifier: MIT */
/** @file fused: what its files share. */
#pragma once

#include "plan/lower.h"

/** The kernels of one mapping. @return false after psim_build_refuse */
bool psim_fused_build(struct psim_build *b, const struct psim_part *part,
                      const struct psim_mapping *mapping);
