/* SPDX-License-Identifier: MIT */
/** @file One step of the fit: a convex problem within bounds, solved by NLopt. */
#include <assert.h>
#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "calibrate/linear.h"
#include "util/arena.h"

enum { MAX_EVALUATIONS = 400 };

static const double relative_tolerance = 1e-7;

struct model {
    const struct psim_linear *linear;
    const size_t *index; /**< of the parameters that move */
};

/** Loss and its slope at @p x, the logarithms of those that move. */
static double
value(unsigned n, const double *x, double *slope, void *context)
{
    const struct model *model = context;
    const struct psim_linear *l = model->linear;
    double sum = 0;
    if (slope) memset(slope, 0, n * sizeof *slope);
    for (size_t row = 0; row < l->n_rows; row++) {
        double r = l->residual[row];
        for (unsigned i = 0; i < n; i++) {
            const size_t p = model->index[i];
            r += l->slope[row][p] * (x[i] - l->at[p]);
        }
        double by_residual;
        sum += psim_loss_of(r, &by_residual);
        for (unsigned i = 0; slope && i < n; i++) {
            slope[i] += by_residual * l->slope[row][model->index[i]];
        }
    }
    for (unsigned i = 0; i < n; i++) {
        const double s = l->spread[model->index[i]];
        sum += x[i] * x[i] / (2 * s * s);
        if (slope) slope[i] += x[i] / (s * s);
    }
    return sum;
}

const char *
psim_linear_lack(void)
{
    return NULL;
}

static void
solve(struct model *model, unsigned n, const double *low, const double *high, double *x)
{
    nlopt_opt opt = nlopt_create(NLOPT_LD_SLSQP, n);
    if (!opt) psim_die_out_of_memory(n);
    (void)nlopt_set_min_objective(opt, value, model);
    (void)nlopt_set_lower_bounds(opt, low);
    (void)nlopt_set_upper_bounds(opt, high);
    (void)nlopt_set_ftol_rel(opt, relative_tolerance);
    (void)nlopt_set_maxeval(opt, MAX_EVALUATIONS);
    double least;
    /* Where it stops early its best point is a step all the same: whoever takes it
     * asks whether it is downhill. */
    (void)nlopt_optimize(opt, x, &least);
    nlopt_destroy(opt);
}

void
psim_linear_step(struct psim_arena *arena, const struct psim_linear *l,
                 const bool *chosen, double radius, double *ret_logs)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    size_t *index = PSIM_NEW_N(arena, size_t, l->n + 1);
    double *low = PSIM_NEW_N(arena, double, l->n + 1);
    double *high = PSIM_NEW_N(arena, double, l->n + 1);
    double *x = PSIM_NEW_N(arena, double, l->n + 1);
    unsigned n = 0;
    for (size_t i = 0; i < l->n; i++) {
        ret_logs[i] = l->at[i];
        if (!chosen[i]) continue;
        index[n] = i;
        x[n] = l->at[i];
        low[n] = fmax(l->least[i], l->at[i] - radius);
        high[n] = fmin(l->most[i], l->at[i] + radius);
        assert(low[n] <= x[n] && x[n] <= high[n]);
        n++;
    }
    struct model model = {l, index};
    if (n > 0) solve(&model, n, low, high, x);
    for (unsigned i = 0; i < n; i++) {
        /* Rounding of the library's own may leave the box by a bit. */
        ret_logs[index[i]] = fmin(fmax(x[i], low[i]), high[i]);
    }
    psim_arena_rewind(arena, mark);
}
