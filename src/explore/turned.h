/* SPDX-License-Identifier: MIT */
/** @file Knobs turned: each with the prediction that follows. */
#pragma once

#include "explore/knob.h"
#include "sim/predict.h"

/** One turn of one knob; all others stay as they are. */
struct psim_turned {
    const struct psim_knob *knob;
    struct psim_turn turn;
    const struct psim_hw *hw;
    const struct psim_workload *workload;
    const struct psim_result *result; /**< NULL: it cannot be predicted */
    const char *why_not;              /**< in words; NULL where there is a result */
};

/** From where a machine and a workload are read again. */
struct psim_turner {
    const struct psim_hw_text *text; /**< of the machine that knobs are turned of */
    const struct psim_predict_options *options;
    /** The workload with what psim_turn.with says; NULL after an error. */
    const struct psim_workload *(*load)(void *context, struct psim_arena *arena,
                                        struct psim_diag *diag,
                                        const struct psim_turn *turn);
    void *context;
    unsigned threads; /**< at least 1; the answers do not depend on it */
};

/**
 * Every step that the list of knobs names for a report, in the order of the list; what
 * cannot be turned here is left out. Nothing is predicted yet; a choice that holds
 * already has the prediction of @p at.
 *
 * @return how many
 */
size_t psim_turned_list(struct psim_arena *arena, const struct psim_knob_case *at,
                        struct psim_turned **ret);

/** Predict each of them: a turn that cannot be predicted says why. */
void psim_turned_predict(struct psim_arena *arena, const struct psim_turner *turner,
                         struct psim_turned *turned, size_t n);
