/* SPDX-License-Identifier: MIT */
/** @file Predictions beside measurements, record by record, and how far off. */
#pragma once

#include "compare/measured.h"
#include "result/document.h"
#include "sim/predict.h"

/** A record with its prediction. */
struct psim_pair {
    const struct psim_record *record;
    double predicted_s, bound_s, roofline_s;
    double predicted_j; /**< negative: not known */
    const char *bound_by;
    const char *kernel, *mapping; /**< of the kernel that takes longest in all */
};

struct psim_skip {
    const struct psim_record *record;
    const char *reason;
};

struct psim_comparison {
    const char *machine, *engine;
    const char *const *layers; /**< files and options the machine was read from */
    size_t n_layers;
    struct psim_pair *pairs;
    size_t n_pairs;
    struct psim_skip *skips;
    size_t n_skips;
    size_t n_calibration;
};

/** Errors of one group of records (docs/MODEL.md, eq. V1). */
struct psim_score {
    size_t n;
    double mape, median_ape, p90_ape, bias, typical_factor, roofline_mape;
};

/**
 * Predict one record. Threads may do so at once, each with an arena of its own.
 *
 * @return NULL, or why it cannot be predicted
 */
const char *psim_compare_record(struct psim_arena *arena, const struct psim_hw *hw,
                                const struct psim_engine *engine,
                                const struct psim_measured *measured,
                                const struct psim_record *record,
                                struct psim_pair *ret);

/** Predict every record of @p measured and add it to @p comparison. */
void psim_compare_add(struct psim_arena *arena, const struct psim_hw *hw,
                      const struct psim_engine *engine,
                      const struct psim_measured *measured,
                      struct psim_comparison *comparison);

/** Score the pairs of a group ("all": every one), of steady records only or of all. */
struct psim_score psim_compare_score(struct psim_arena *arena,
                                     const struct psim_comparison *comparison,
                                     const char *group, bool energy, bool steady);

/** perfsim/comparison/v1, see docs/REPORT.md. */
void psim_compare_document(struct psim_arena *arena,
                           const struct psim_comparison *comparison,
                           struct psim_document *ret);
