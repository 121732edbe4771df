/* SPDX-License-Identifier: MIT */
/** @file Knobs: what of a machine or of a workload may be otherwise, as a person would
 * type it. */
#pragma once

#include "model/workload.h"
#include "result/result.h"

/** Options that make a prediction another one; all of them together. */
struct psim_turn {
    const char *label;       /**< "x 2", "fp8": for people */
    double factor;           /**< of a knob that scales; 0: a choice */
    bool as_is;              /**< a choice that is what holds already */
    const char *const *sets; /**< for --set: "memory_domains.dram.bandwidth=200 B/s" */
    size_t n_sets;
    const char *const *with; /**< for --with: "dtype=fp16" */
    size_t n_with;
};

/** At what a knob is turned: what was predicted, and of what. */
struct psim_knob_case {
    const struct psim_hw *hw;
    const struct psim_workload *workload;
    const struct psim_result *result;
};

enum {
    PSIM_MAX_CHOICES = 16,    /**< of one knob */
    PSIM_MAX_KNOB_STEPS = 16, /**< factors that a report tries */
};

/** To add a knob: a function in knobs_<what>.c, and a row in knobs.c. */
struct psim_knob {
    const char *name;  /**< "bandwidth" */
    const char *title; /**< for people: "Memory bandwidth" */
    const char *doc;   /**< what is scaled */
    /** Factors that a report tries, ascending, ended by 0; 1 is left out. */
    double steps[PSIM_MAX_KNOB_STEPS];
    /**
     * A knob that scales: the options that make it @p factor times as large, and the
     * factor that is reached, where only whole numbers can be.
     *
     * @return false where there is nothing to scale, so at any factor, or where the
     *         factor is one that cannot be had
     */
    bool (*scale)(struct psim_arena *arena, const struct psim_knob_case *at,
                  double factor, struct psim_turn *ret);
    /** A knob with choices, in an order that means something; the one that holds is
     * among them. @return how many, 0 where there is nothing to choose */
    size_t (*choices)(struct psim_arena *arena, const struct psim_knob_case *at,
                      struct psim_turn ret[PSIM_MAX_CHOICES]);
};

/** THE list, ended by a row without a name. */
extern const struct psim_knob psim_knobs[];

/** The same of knobs that no report turns: levers.c. */
extern const struct psim_knob psim_levers[];
