/* SPDX-License-Identifier: MIT */
/** @file The fit's model near one point: residuals that change in straight lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct psim_arena;

/**
 * What is minimised (docs/MODEL.md, eq. K1 and K2), where the residuals are
 * r + slope (logs - at).
 */
struct psim_linear {
    size_t n_rows, n; /**< of residuals, of parameters */
    const double *residual;
    const double *const *slope; /**< of each row: n slopes */
    const double *at;           /**< logarithms of the factors there */
    const double *least, *most, *spread;
};

/** Of one residual: square where it is small, straight beyond, and its slope. */
double psim_loss_of(double residual, double *ret_slope);

/** Sum of the loss of residuals, and of the pull of the first guesses. */
double psim_loss(const double *residual, size_t n_rows);
double psim_pull(const double *logs, const double *spread, size_t n);

/**
 * Which parameters are worth moving (eq. K4): one after the other, that which lowers
 * the loss most beside those before.
 *
 * @param chosen those that are set stay chosen
 * @return how many are set then, at most @p most
 */
size_t psim_linear_choose(struct psim_arena *arena, const struct psim_linear *linear,
                          size_t most, bool *chosen);

/** How far each chosen parameter is still likely to be off, by the records and its
 * spread; of others their spread. */
void psim_linear_spread(struct psim_arena *arena, const struct psim_linear *linear,
                        const bool *chosen, double *ret_spread);

/** NULL, or what this build lacks for psim_linear_step(), in words. */
const char *psim_linear_lack(void);

/**
 * The least loss of the model with the chosen parameters within @p radius of where
 * they are, and within their ends (eq. K3). Others stay.
 */
void psim_linear_step(struct psim_arena *arena, const struct psim_linear *linear,
                      const bool *chosen, double radius, double *ret_logs);
