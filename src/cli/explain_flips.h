/* SPDX-License-Identifier: MIT */
/** @file What would change the verdict, for cmd_explain.c only. */
#pragma once

#include "cli/turn_words.h"
#include "explore/knob.h"
#include "sim/predict.h"

/**
 * A table: of each knob the smallest turn that changes the verdict.
 *
 * @param narrow for people: options that would fill several lines are left to other
 *               formats
 */
void psim_explain_flips(struct psim_arena *arena, const struct psim_turn_words *words,
                        const struct psim_hw_text *text,
                        const struct psim_knob_case *at,
                        const struct psim_predict_options *how, bool narrow,
                        struct psim_document *document);
