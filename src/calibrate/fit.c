/* SPDX-License-Identifier: MIT */
/** @file Gauss-Newton steps in a trust region, each by the robust loss itself. */
#include "calibrate/fit.h"

#include <math.h>
#include <string.h>

#include "util/arena.h"

/** A second look finds what the first choice has uncovered. */
enum { ROUNDS = 2, MAX_TRIES = 4 };

/** Of a fit's first step, and of any: logarithms of factors. */
static const double first_radius = 0.4, most_radius = 1;

/** A step that lowers the loss by a smaller part of it was the last. */
static const double least_progress = 2e-3;

/** The rows of one fit, and where it is. */
struct path {
    struct psim_arena *arena;
    const struct psim_problem *problem;
    const bool *wanted;
    struct psim_linear linear;
    size_t *row_of; /**< of each residual of the linear model */
    double *residual, *logs, *least, *most, *spread;
    const double **slope;
};

static void
start_path(struct path *p, const struct psim_start *start)
{
    const struct psim_parameters *ps = p->problem->parameters;
    const size_t n_rows = p->problem->n_rows;
    p->row_of = PSIM_NEW_N(p->arena, size_t, n_rows + 1);
    p->residual = PSIM_NEW_N(p->arena, double, n_rows + 1);
    p->slope = PSIM_NEW_N(p->arena, const double *, n_rows + 1);
    p->logs = PSIM_NEW_N(p->arena, double, ps->n + 1);
    p->least = PSIM_NEW_N(p->arena, double, ps->n + 1);
    p->most = PSIM_NEW_N(p->arena, double, ps->n + 1);
    p->spread = PSIM_NEW_N(p->arena, double, ps->n + 1);
    for (size_t i = 0; i < ps->n; i++) {
        p->least[i] = ps->items[i].least;
        p->most[i] = ps->items[i].most;
        p->spread[i] = ps->items[i].spread;
    }
    size_t n = 0;
    for (size_t row = 0; row < n_rows; row++) {
        if (p->wanted && !p->wanted[row]) continue;
        p->row_of[n] = row;
        p->residual[n++] = start->residual[row];
    }
    p->linear = (struct psim_linear){
        .n_rows = n,
        .n = ps->n,
        .residual = p->residual,
        .slope = p->slope,
        .at = p->logs,
        .least = p->least,
        .most = p->most,
        .spread = p->spread,
    };
}

static void
set_slopes(struct path *p, const struct psim_slopes *slopes)
{
    for (size_t i = 0; i < p->linear.n_rows; i++) {
        p->slope[i] = psim_slopes_row(slopes, &p->problem->rows[p->row_of[i]]);
    }
}

/** Loss and pull at a point; its residuals. Infinite where the machine is refused. */
static double
loss_at(struct path *p, const double *logs, double *all, double *residual)
{
    if (!psim_problem_residuals(p->arena, p->problem, logs, p->wanted, all)) {
        return INFINITY;
    }
    for (size_t i = 0; i < p->linear.n_rows; i++) {
        residual[i] = all[p->row_of[i]];
    }
    return psim_loss(residual, p->linear.n_rows) +
           psim_pull(logs, p->spread, p->linear.n);
}

/** The slopes where the path is now; of all parameters, or of those that move. */
static void
take_slopes(struct path *p, const struct psim_start *start, const bool *moves,
            struct psim_fit *fit)
{
    psim_problem_slopes(
        p->arena, p->problem,
        &(struct psim_slopes_of){p->logs, moves, p->wanted, start->slopes},
        &fit->slopes);
    set_slopes(p, &fit->slopes);
}

/** One step downhill, smaller ones where a long one is not. @return whether it was */
static bool
take_step(struct path *p, const bool *chosen, double *radius, double *loss)
{
    double *logs = PSIM_NEW_N(p->arena, double, p->linear.n + 1);
    double *all = PSIM_NEW_N(p->arena, double, p->problem->n_rows + 1);
    double *residual = PSIM_NEW_N(p->arena, double, p->linear.n_rows + 1);
    for (int try = 0; try < MAX_TRIES; try++) {
        psim_linear_step(p->arena, &p->linear, chosen, *radius, logs);
        const double next = loss_at(p, logs, all, residual);
        if (next < *loss) {
            memcpy(p->logs, logs, p->linear.n * sizeof *logs);
            memcpy(p->residual, residual, p->linear.n_rows * sizeof *residual);
            if (try == 0) *radius = fmin(2 * *radius, most_radius);
            *loss = next;
            return true;
        }
        *radius /= 4;
    }
    return false;
}

/** Residuals of all rows: those that were fitted are known. */
static void
finish(struct path *p, double *residual)
{
    bool *others = PSIM_NEW_N(p->arena, bool, p->problem->n_rows + 1);
    for (size_t i = 0; i < p->problem->n_rows; i++) {
        others[i] = p->wanted && !p->wanted[i];
    }
    (void)psim_problem_residuals(p->arena, p->problem, p->logs, others, residual);
    for (size_t i = 0; i < p->linear.n_rows; i++) {
        residual[p->row_of[i]] = p->residual[i];
    }
}

/** Steps with one choice of parameters, until they gain little. */
static void
descend(struct path *p, const struct psim_start *start, size_t most_steps,
        struct psim_fit *fit)
{
    double radius = first_radius;
    for (size_t step = 0; step < most_steps; step++) {
        const double before = fit->loss;
        if (step > 0) take_slopes(p, start, fit->chosen, fit);
        if (!take_step(p, fit->chosen, &radius, &fit->loss)) break;
        fit->steps++;
        if (before - fit->loss < least_progress * before) break;
    }
}

void
psim_fit(struct psim_arena *arena, const struct psim_problem *problem,
         const struct psim_start *start, const bool *wanted, size_t most_steps,
         struct psim_fit *ret)
{
    struct path p = {.arena = arena, .problem = problem, .wanted = wanted};
    start_path(&p, start);
    *ret = (struct psim_fit){
        .logs = p.logs,
        .chosen = PSIM_NEW_N(arena, bool, p.linear.n + 1),
        .residual = PSIM_NEW_N(arena, double, problem->n_rows + 1),
        .slopes = *start->slopes,
        .loss = psim_loss(p.residual, p.linear.n_rows),
    };
    set_slopes(&p, &ret->slopes);
    size_t n_chosen = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round > 0) take_slopes(&p, start, NULL, ret);
        const size_t n =
            psim_linear_choose(arena, &p.linear, PSIM_MAX_FITTED, ret->chosen);
        if (n == n_chosen) break;
        n_chosen = n;
        descend(&p, start, most_steps, ret);
    }
    finish(&p, ret->residual);
}
