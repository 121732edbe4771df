/* SPDX-License-Identifier: MIT */
/** @file What else `explain` shows: programs and mappings. */
#pragma once

#include "result/document.h"
#include "sim/predict.h"

/** All programs as one text. @return NULL after an error */
const char *psim_explain_programs(struct psim_arena *arena, struct psim_diag *diag,
                                  const struct psim_hw *hw,
                                  const struct psim_workload *workload);

/** Every mapping that was looked at, as a table. @return false after an error */
bool psim_explain_mappings(struct psim_arena *arena, struct psim_diag *diag,
                           const struct psim_hw *hw,
                           const struct psim_workload *workload,
                           struct psim_document *document);
