/* SPDX-License-Identifier: MIT */
/** @file fused: what its two files share. */
#pragma once

#include "plan/lower.h"

bool psim_fused_build(struct psim_build *b, const struct psim_part *part,
                      const struct psim_mapping *mapping);
