/* SPDX-License-Identifier: MIT */
/** @file What `perfsim report` collects, for cmd_report.c and report_*.c only. */
#pragma once

#include "cli/turn_words.h"
#include "explore/knob.h"
#include "report/page.h"

/**
 * Programs and grids of all kernels of a result: those that the prediction chose.
 *
 * @param ret gets `kernels`, `programs` and their number
 * @return false after an error
 */
bool psim_report_programs(struct psim_arena *arena, struct psim_diag *diag,
                          const struct psim_hw *hw,
                          const struct psim_workload *workload,
                          const struct psim_predict_options *how,
                          struct psim_page_run *ret);

/** The event engine's run; @p ret gets `timeline`, or why there is none. */
void psim_report_timeline(struct psim_arena *arena, const struct psim_hw *hw,
                          const struct psim_workload *workload,
                          const struct psim_predict_options *how,
                          struct psim_page_run *ret);

/** Every knob turned; @p ret gets `turns` and their number. */
void psim_report_turns(struct psim_arena *arena, const struct psim_turn_words *words,
                       const struct psim_hw_text *text, const struct psim_knob_case *at,
                       const struct psim_predict_options *how,
                       struct psim_page_run *ret);
