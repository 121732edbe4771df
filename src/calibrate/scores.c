/* SPDX-License-Identifier: MIT */
/** @file What a fit did: errors by group, and which records said what. */
#include <math.h>
#include <stdlib.h>

#include "calibrate/calibrate.h"
#include "util/arena.h"
#include "util/str.h"

/** A group that determines less of a parameter is not named. */
static const double least_share = 0.15;

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const char *
group_of(const struct psim_calibration *c, size_t row)
{
    return c->problem.targets.items[c->problem.rows[row].target].record->group;
}

struct psim_fit_score
psim_calibration_score(struct psim_arena *arena, const struct psim_calibration *c,
                       const double *residual, struct psim_rows_of of)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    double *apes = PSIM_NEW_N(arena, double, c->problem.n_rows + 1);
    struct psim_fit_score s = {0};
    const bool all = psim_str_equal(of.group, "all");
    for (size_t i = 0; i < c->problem.n_rows; i++) {
        const struct psim_row *row = &c->problem.rows[i];
        if (row->engine != of.engine || row->energy != of.energy) continue;
        if (c->fitted[i] != of.fitted) continue;
        if (!all && !psim_str_equal(group_of(c, i), of.group)) continue;
        apes[s.n] = fabs(exp(residual[i]) - 1);
        s.mape += apes[s.n++];
        s.bias += residual[i];
    }
    if (s.n > 0) {
        qsort(apes, s.n, sizeof *apes, by_size);
        s.mape /= (double)s.n;
        s.bias /= (double)s.n;
        s.median_ape = (apes[(s.n - 1) / 2] + apes[s.n / 2]) / 2;
    }
    psim_arena_rewind(arena, mark);
    return s;
}

/** What one group says of a parameter: squares of slopes, as they count in the fit. */
static double
share_of(const struct psim_calibration *c, const char *group, size_t parameter)
{
    double sum = 0;
    for (size_t i = 0; i < c->problem.n_rows; i++) {
        const struct psim_row *row = &c->problem.rows[i];
        if (!c->fitted[i] || (group && !psim_str_equal(group_of(c, i), group))) {
            continue;
        }
        const double slope = psim_slopes_row(&c->fit.slopes, row)[parameter];
        sum += slope * slope;
    }
    return sum;
}

/** The group of the largest share, but one. */
static const char *
next_group(const struct psim_calibration *c, size_t parameter, const char *but,
           double *ret_share)
{
    const char *best = NULL;
    *ret_share = 0;
    for (size_t i = 0; i < c->problem.n_rows; i++) {
        const char *group = group_of(c, i);
        if (i > 0 && psim_str_equal(group, group_of(c, i - 1))) continue;
        if (psim_str_equal(group, but) || psim_str_equal(group, best)) continue;
        const double share = share_of(c, group, parameter);
        if (share <= *ret_share) continue;
        *ret_share = share;
        best = group;
    }
    return best;
}

const char *
psim_calibration_groups(struct psim_arena *arena, const struct psim_calibration *c,
                        size_t parameter)
{
    const double whole = share_of(c, NULL, parameter);
    double share;
    const char *first = next_group(c, parameter, NULL, &share);
    if (!first) return NULL;
    const char *second = next_group(c, parameter, first, &share);
    if (!second || share < least_share * whole) return first;
    return psim_arena_printf(arena, "%s, %s", first, second);
}

bool
psim_calibration_at_end(const struct psim_calibration *c, size_t parameter)
{
    static const double near = 1e-3;
    const struct psim_parameter *p = &c->parameters.items[parameter];
    const double log_factor = c->fit.logs[parameter];
    return c->fit.chosen[parameter] &&
           (log_factor - p->least < near || p->most - log_factor < near);
}
