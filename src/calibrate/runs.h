/* SPDX-License-Identifier: MIT */
/** @file Predictions of many records on many machines at once, by threads. */
#pragma once

#include "compare/compare.h"

/** What was measured, of all files. */
struct psim_target {
    const struct psim_measured *file;
    const struct psim_record *record;
};

struct psim_targets {
    const struct psim_target *items;
    size_t n;
};

/** What is predicted of one record; 0: not known. */
struct psim_answer {
    double time_s, energy_j;
};

/** One machine to be asked. */
struct psim_question {
    const struct psim_hw_text *machine;
    const struct psim_engine *engine;
    const bool *wanted;         /**< of each target; NULL: all */
    struct psim_answer *answer; /**< of each target that is wanted: filled */
    bool refused;               /**< filled: the machine cannot be read */
};

/** Answer all questions. The answers do not depend on the number of threads. */
void psim_runs(struct psim_question *questions, size_t n, struct psim_targets targets,
               unsigned threads);
