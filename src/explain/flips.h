/* SPDX-License-Identifier: MIT */
/** @file What would change the verdict: of each knob the smallest turn that does. */
#pragma once

#include "explore/turned.h"
#include "result/verdict.h"

/** The smallest turn of one knob behind which another side is busy. */
struct psim_flip {
    const struct psim_knob *knob;
    struct psim_turn turn;
    enum psim_verdict_kind verdict; /**< that follows */
    double time_s;                  /**< the same */
    bool found;                     /**< false: none within PSIM_FLIP_MOST changes it */
};

enum {
    PSIM_MAX_FLIPS = 16,
    PSIM_FLIP_MOST = 64, /**< factor up to which, and down to whose inverse, is tried */
};

/**
 * One for each knob and lever that can be turned here, in the order of the lists. A
 * scale is bisected to a hundredth, between the last factor that leaves the verdict and
 * the first that does not; of both directions the nearer one. Of choices the next one
 * is taken. (docs/MODEL.md, eq. D3)
 *
 * @return how many
 */
size_t psim_flips_find(struct psim_arena *arena, const struct psim_knob_case *at,
                       const struct psim_turner *turner,
                       struct psim_flip ret[PSIM_MAX_FLIPS]);
