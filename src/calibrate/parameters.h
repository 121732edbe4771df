/* SPDX-License-Identifier: MIT */
/** @file What a calibration may move: one number for one figure or for several. */
#pragma once

#include "calibrate/spots.h"

/** No machine is fitted by more numbers. */
enum { PSIM_MAX_FITTED = 60 };

/** One number: the logarithm of the factor by which its figures are changed. */
struct psim_parameter {
    const char
        *name; /**< for people: the path of the first figure, and how many more */
    const char *kind; /**< by which rule: "latency"; "given": none */
    const struct psim_spot *const *spots;
    const double *first; /**< of each spot, the first guess in its unit */
    size_t n_spots;
    double least, most; /**< of the logarithm; 0 lies between */
    double spread;      /**< how far it is likely to be off (eq. K2) */
    struct psim_loc at; /**< where a file names it; line 0 */
};

struct psim_parameters {
    const struct psim_parameter *items;
    size_t n;
};

/** The numbers that any machine may have fitted, by kind of figure (docs/CALIBRATE.md).
 * Those that match a pattern of @p keep stay as they are. */
struct psim_parameters psim_parameters_default(struct psim_arena *arena,
                                               struct psim_spots spots,
                                               const char *const *keep, size_t n_keep);

/**
 * Those that a file names (perfsim/parameters/v1).
 *
 * @return false after an error
 */
bool psim_parameters_load(struct psim_arena *arena, struct psim_diag *diag,
                          const char *path, struct psim_spots spots,
                          struct psim_parameters *ret);

/** One number for these figures, in the range that they share by their rules; figures
 * of no rule may become twice as small or large. */
struct psim_parameter psim_parameter_of(struct psim_arena *arena,
                                        const struct psim_spot *const *spots, size_t n);

/** The figures of all parameters with their factors exp(@p logs), in their units. */
size_t psim_parameters_changes(struct psim_arena *arena,
                               const struct psim_parameters *parameters,
                               const double *logs, struct psim_change **ret);

/** Table of the rules, for docs: patterns end with NULL. */
struct psim_rule {
    const char *pattern; /**< of paths, as a shell matches files */
    const char *kind;
    double down, up; /**< it may become so many times smaller, or larger */
    double most;     /**< in the SI unit; 0: no such end */
    bool peak;       /**< where a sheet states it, it stays */
};
extern const struct psim_rule psim_rules[];

/** How far a figure is likely to be off, by what its file says of it. */
double psim_rule_spread(enum psim_confidence confidence);
