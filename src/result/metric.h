/* SPDX-License-Identifier: MIT */
/** @file THE list of metrics: every format, `list` and docs walk it. */
#pragma once

#include "result/result.h"

enum psim_better {
    PSIM_BETTER_LOWER,
    PSIM_BETTER_HIGHER,
    PSIM_BETTER_NEITHER,
};

/** One figure of a whole run. */
struct psim_metric {
    const char *key;     /**< in JSON, with its unit: "time_s" */
    const char *heading; /**< for people */
    const char *doc;
    enum psim_dim dim;
    bool percent;
    enum psim_better better;
    /** Negative where it is not known. */
    double (*get)(const struct psim_result *result);
};

extern const struct psim_metric psim_metrics[];
extern const size_t psim_metric_count;

/** Bytes that crossed the memory of the tensors; negative where none is known. */
double psim_result_main_bytes(const struct psim_result *result);
