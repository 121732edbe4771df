/* SPDX-License-Identifier: MIT */
/** @file The fit: parameters that bring predictions near to what was measured. */
#pragma once

#include "calibrate/linear.h"
#include "calibrate/parameters.h"
#include "calibrate/runs.h"

/** One thing that was measured, beside what one engine says of it. */
struct psim_row {
    size_t target;
    size_t engine; /**< of those that the fit asks */
    bool energy;   /**< else time */
    double measured;
};

/** What a fit reads; it changes nothing of it. */
struct psim_problem {
    const struct psim_hw_text *machine; /**< whose tree the parameters' spots are of */
    const struct psim_parameters *parameters;
    struct psim_targets targets;
    const struct psim_engine *const *engines; /**< whose predictions are fitted */
    size_t n_engines;
    /** Whose predictions say which way to go: a quick one may do it for all. */
    const struct psim_engine *guide;
    const struct psim_row *rows;
    size_t n_rows;
    unsigned threads;
    /** Called with what is done next; may be NULL. */
    void (*progress)(void *context, const char *step);
    void *context;
};

/** How residuals change with the parameters, at one point. */
struct psim_slopes {
    size_t n;      /**< of parameters */
    double *items; /**< of each target: n of its time, then n of its energy */
};

struct psim_fit {
    double *logs;              /**< of each parameter's factor */
    bool *chosen;              /**< those that were moved */
    double *residual;          /**< of each row: ln(predicted / measured) */
    struct psim_slopes slopes; /**< at the last point where they were taken */
    double loss;
    unsigned steps;
};

/** Rows of all targets that can be predicted for the machine as its file is, with their
 * residuals there; others are left out. @return their number */
size_t psim_problem_rows(struct psim_arena *arena, const struct psim_problem *problem,
                         bool with_energy, const struct psim_row **ret_rows,
                         const double **ret_residual);

/** Residuals at one point; @p logs NULL: of the machine as its file is. Rows that are
 * not
 * @p wanted (NULL: all are) are left alone. @return false where the machine is refused
 */
bool psim_problem_residuals(struct psim_arena *arena,
                            const struct psim_problem *problem, const double *logs,
                            const bool *wanted, double *residual);

/** Whether the machine can be read at a point. */
bool psim_problem_reads(struct psim_arena *arena, const struct psim_problem *problem,
                        const double *logs);

/** Which slopes are asked for. */
struct psim_slopes_of {
    const double *logs; /**< the point */
    const bool *moves;  /**< parameters; NULL: all. The slopes of others are 0 */
    const bool *wanted; /**< rows; NULL: all */
    /** Where it says that a record does not depend on a parameter, nobody asks again.
     * NULL: nothing is known. */
    const struct psim_slopes *known;
};

void psim_problem_slopes(struct psim_arena *arena, const struct psim_problem *problem,
                         const struct psim_slopes_of *of, struct psim_slopes *ret);

/** The slopes of one row. */
const double *psim_slopes_row(const struct psim_slopes *slopes,
                              const struct psim_row *row);

/** Where every fit begins: it is the same for all of them. */
struct psim_start {
    const double *residual;
    const struct psim_slopes *slopes;
};

/** Fit those rows that are @p wanted (NULL: all). */
void psim_fit(struct psim_arena *arena, const struct psim_problem *problem,
              const struct psim_start *start, const bool *wanted, size_t most_steps,
              struct psim_fit *ret);
