/* SPDX-License-Identifier: MIT */
/** @file Calibration: figures of a machine fitted to measurements, and what it shows.
 */
#pragma once

#include "calibrate/fit.h"
#include "result/document.h"

/** One measurement file, as it was given. */
struct psim_input {
    const char *path;
    const char *hash; /**< of its bytes, SHA-256, in hexadecimal */
    const struct psim_measured *measured;
};

struct psim_inputs {
    const struct psim_input *items;
    size_t n;
};

struct psim_calibrate_options {
    const struct psim_engine *const *engines;
    size_t n_engines;
    size_t folds; /**< of the cross-validation; 0: none */
    bool half;    /**< fit one half of the records, score the other */
    unsigned threads;
    const char *const *keep; /**< patterns of paths that stay as they are */
    size_t n_keep;
    const char *parameters_path; /**< which to move; NULL: by rule */
    const char *date;            /**< for the overlay; NULL: none */
    void (*progress)(void *context, const char *step);
    void *context;
};

/** Errors of some rows. */
struct psim_fit_score {
    size_t n;
    double mape, median_ape, bias;
};

struct psim_calibration {
    const char *name; /**< of the machine */
    const struct psim_hw_text *machine;
    const struct psim_calibrate_options *options;
    struct psim_inputs inputs;
    struct psim_parameters parameters;
    struct psim_problem problem;
    size_t n_skipped;   /**< records that cannot be predicted */
    const bool *fitted; /**< of each row: the fit saw it */
    const size_t *fold; /**< of each row */
    const double *before,
        *after;            /**< residuals of all rows: of the file, of the overlay */
    const double *crossed; /**< each by a fit that did not see it; NULL */
    const double *first_slope; /**< of each parameter, the steepest of any row */
    const double *spread;      /**< how far each is still likely to be off */
    struct psim_fit fit;
    const struct psim_change *changes; /**< rounded, as they stand in the overlay */
    size_t n_changes;
    const char *overlay; /**< its text */
};

/**
 * Fit a machine to measurements.
 *
 * @return false after an error
 */
bool psim_calibrate(struct psim_arena *arena, struct psim_diag *diag,
                    const struct psim_hw_text *machine, struct psim_inputs inputs,
                    const struct psim_calibrate_options *options,
                    struct psim_calibration *ret);

/** Rows of a group ("all": every one), of one engine and kind, that the fit saw or did
 * not. */
struct psim_rows_of {
    const char *group;
    size_t engine;
    bool energy, fitted;
};
struct psim_fit_score psim_calibration_score(struct psim_arena *arena,
                                             const struct psim_calibration *calibration,
                                             const double *residual,
                                             struct psim_rows_of rows);

/** Groups of records that determine a parameter most: "softmax, layernorm". */
const char *psim_calibration_groups(struct psim_arena *arena,
                                    const struct psim_calibration *calibration,
                                    size_t parameter);

/** Whether a parameter ended at the least or the most that it may be. */
bool psim_calibration_at_end(const struct psim_calibration *calibration,
                             size_t parameter);

/** A number above 0 with as many digits as an overlay has. */
double psim_calibration_rounded(double value);

/** The overlay as YAML; its figures are those of `changes`. */
const char *psim_calibration_overlay(struct psim_arena *arena,
                                     const struct psim_calibration *calibration);

/** perfsim/calibration/v1, see docs/REPORT.md. */
void psim_calibration_document(struct psim_arena *arena,
                               const struct psim_calibration *calibration,
                               struct psim_document *ret);
