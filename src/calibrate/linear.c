/* SPDX-License-Identifier: MIT */
/** @file Loss, choice of parameters and their uncertainty, of a model of straight
 * lines.
 */
#include "calibrate/linear.h"

#include <math.h>

#include "util/arena.h"

/** Where the loss turns from square to straight: errors beyond it are outliers. */
static const double turn = 0.05;

/** Less is not worth a number: Akaike's price of a parameter, in log-likelihood. */
static const double least_gain = 1;

double
psim_loss_of(double residual, double *ret_slope)
{
    const double x = residual / turn, root = sqrt(1 + x * x);
    *ret_slope = x / (turn * root);
    return root - 1;
}

double
psim_loss(const double *residual, size_t n_rows)
{
    double sum = 0;
    for (size_t i = 0; i < n_rows; i++) {
        double slope;
        sum += psim_loss_of(residual[i], &slope);
    }
    return sum;
}

double
psim_pull(const double *logs, const double *spread, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += logs[i] * logs[i] / (2 * spread[i] * spread[i]);
    }
    return sum;
}

/** The square that touches the loss: its matrix, and downhill, in rows of n + 1. */
static double *
normal_matrix(struct psim_arena *arena, const struct psim_linear *l)
{
    const size_t n = l->n, width = n + 1;
    double *m = PSIM_NEW_N(arena, double, n *width + 1);
    for (size_t row = 0; row < l->n_rows; row++) {
        const double *slope = l->slope[row], r = l->residual[row];
        const double x = r / turn, weight = 1 / (sqrt(1 + x * x) * turn * turn);
        for (size_t i = 0; i < n; i++) {
            if (slope[i] == 0) continue;
            for (size_t k = 0; k < n; k++) {
                m[i * width + k] += weight * slope[i] * slope[k];
            }
            m[i * width + n] -= weight * slope[i] * r;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const double pull = 1 / (l->spread[i] * l->spread[i]);
        m[i * width + i] += pull;
        m[i * width + n] -= pull * l->at[i];
    }
    return m;
}

/**
 * Solve the matrix for one more parameter (the sweep operator): what is left of the
 * others is what it cannot explain, and its own diagonal the inverse's.
 */
static void
sweep(double *m, size_t n, size_t pivot)
{
    const size_t width = n + 1;
    const double d = m[pivot * width + pivot];
    for (size_t k = 0; k < width; k++) {
        m[pivot * width + k] /= d;
    }
    for (size_t i = 0; i < n; i++) {
        const double b = m[i * width + pivot];
        if (i == pivot || b == 0) continue;
        for (size_t k = 0; k < width; k++) {
            m[i * width + k] -= b * m[pivot * width + k];
        }
        m[i * width + pivot] = -b / d;
    }
    m[pivot * width + pivot] = 1 / d;
}

size_t
psim_linear_choose(struct psim_arena *arena, const struct psim_linear *l, size_t most,
                   bool *chosen)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    const size_t n = l->n, width = n + 1;
    double *m = normal_matrix(arena, l);
    size_t n_chosen = 0;
    for (size_t i = 0; i < n; i++) {
        if (!chosen[i]) continue;
        sweep(m, n, i);
        n_chosen++;
    }
    while (n_chosen < most) {
        size_t best = n;
        double best_gain = least_gain;
        for (size_t i = 0; i < n; i++) {
            const double g = m[i * width + n];
            const bool stuck =
                (g > 0 && l->at[i] >= l->most[i]) || (g < 0 && l->at[i] <= l->least[i]);
            const double gain = g * g / (2 * m[i * width + i]);
            if (chosen[i] || stuck || gain <= best_gain) continue;
            best = i;
            best_gain = gain;
        }
        if (best == n) break;
        chosen[best] = true;
        sweep(m, n, best);
        n_chosen++;
    }
    psim_arena_rewind(arena, mark);
    return n_chosen;
}

void
psim_linear_spread(struct psim_arena *arena, const struct psim_linear *l,
                   const bool *chosen, double *ret_spread)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    double *m = normal_matrix(arena, l);
    for (size_t i = 0; i < l->n; i++) {
        if (chosen[i]) sweep(m, l->n, i);
    }
    for (size_t i = 0; i < l->n; i++) {
        ret_spread[i] = chosen[i] ? sqrt(m[i * (l->n + 1) + i]) : l->spread[i];
    }
    psim_arena_rewind(arena, mark);
}
