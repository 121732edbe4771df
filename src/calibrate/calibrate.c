/* SPDX-License-Identifier: MIT */
/** @file The whole of a calibration: records, folds, fits, rounding. */
#include "calibrate/calibrate.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "input/merge.h"
#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** Steps of the fit of all records, and of those that only cross-validate it. */
enum { MAX_STEPS = 4, MAX_FOLD_STEPS = 2 };

/** What stands in the overlay. */
enum { SIGNIFICANT_DIGITS = 3 };

/** All records of all files that are scored. */
static struct psim_targets
targets_of(struct psim_arena *arena, struct psim_inputs inputs)
{
    size_t n_records = 0;
    for (size_t i = 0; i < inputs.n; i++) {
        n_records += inputs.items[i].measured->n_records;
    }
    struct psim_target *items = PSIM_NEW_N(arena, struct psim_target, n_records + 1);
    n_records = 0;
    for (size_t i = 0; i < inputs.n; i++) {
        const struct psim_measured *m = inputs.items[i].measured;
        for (size_t k = 0; k < m->n_records; k++) {
            if (m->records[k].calibration) continue;
            items[n_records++] = (struct psim_target){m, &m->records[k]};
        }
    }
    return (struct psim_targets){items, n_records};
}

/* --- folds ------------------------------------------------------------------------ */

/** FNV-1a: a record's place in the deal depends on its name only. */
static uint64_t
hash_of(const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (; *text; text++) {
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    }
    return h;
}

struct card {
    uint64_t hash;
    size_t group, target;
};

static int
by_group_and_hash(const void *a, const void *b)
{
    const struct card *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->target > y->target) - (x->target < y->target);
}

/** Deal the targets out, group by group, so that each fold has some of each. */
static const size_t *
deal(struct psim_arena *arena, struct psim_targets targets, size_t folds)
{
    struct card *cards = PSIM_NEW_N(arena, struct card, targets.n + 1);
    size_t *ret = PSIM_NEW_N(arena, size_t, targets.n + 1);
    for (size_t i = 0; i < targets.n; i++) {
        const struct psim_record *record = targets.items[i].record;
        size_t group = 0;
        while (!psim_str_equal(targets.items[group].record->group, record->group)) {
            group++;
        }
        cards[i] = (struct card){hash_of(record->id), group, i};
    }
    qsort(cards, targets.n, sizeof *cards, by_group_and_hash);
    for (size_t i = 0; i < targets.n; i++) {
        ret[cards[i].target] = i % folds;
    }
    return ret;
}

static void
set_folds(struct psim_arena *arena, struct psim_calibration *c)
{
    const size_t folds = c->options->half ? 2 : c->options->folds;
    const struct psim_problem *problem = &c->problem;
    size_t *fold = PSIM_NEW_N(arena, size_t, problem->n_rows + 1);
    bool *fitted = PSIM_NEW_N(arena, bool, problem->n_rows + 1);
    const size_t *of = folds ? deal(arena, problem->targets, folds) : NULL;
    for (size_t i = 0; i < problem->n_rows; i++) {
        if (of) fold[i] = of[problem->rows[i].target];
        fitted[i] = !c->options->half || fold[i] == 0;
    }
    c->fold = fold;
    c->fitted = fitted;
}

/* --- fits ------------------------------------------------------------------------- */

static void
say(const struct psim_calibration *c, const char *step)
{
    if (c->options->progress) c->options->progress(c->options->context, step);
}

static void
cross_validate(struct psim_arena *arena, const struct psim_start *start,
               struct psim_calibration *c)
{
    double *crossed = PSIM_NEW_N(arena, double, c->problem.n_rows + 1);
    bool *wanted = PSIM_NEW_N(arena, bool, c->problem.n_rows + 1);
    for (size_t fold = 0; fold < c->options->folds; fold++) {
        say(c,
            psim_arena_printf(arena, "fold %zu of %zu", fold + 1, c->options->folds));
        for (size_t i = 0; i < c->problem.n_rows; i++) {
            wanted[i] = c->fold[i] != fold;
        }
        const struct psim_arena_mark mark = psim_arena_mark(arena);
        struct psim_fit fit;
        psim_fit(arena, &c->problem, start, wanted, MAX_FOLD_STEPS, &fit);
        for (size_t i = 0; i < c->problem.n_rows; i++) {
            if (!wanted[i]) crossed[i] = fit.residual[i];
        }
        psim_arena_rewind(arena, mark);
    }
    c->crossed = crossed;
}

static const double *
steepest(struct psim_arena *arena, const struct psim_calibration *c,
         const struct psim_slopes *slopes)
{
    double *ret = PSIM_NEW_N(arena, double, slopes->n + 1);
    for (size_t row = 0; row < c->problem.n_rows; row++) {
        const double *slope = psim_slopes_row(slopes, &c->problem.rows[row]);
        for (size_t i = 0; i < slopes->n && c->fitted[row]; i++) {
            ret[i] = fmax(ret[i], fabs(slope[i]));
        }
    }
    return ret;
}

static bool
cannot_read(struct psim_diag *diag, const struct psim_calibration *c, size_t parameter,
            const char *what)
{
    return psim_error(diag, c->parameters.items[parameter].at,
                      "the machine cannot be read with %s", what);
}

/** A range that somebody gave is one of machines: else its end could not be tried. */
static bool
check_ranges(struct psim_arena *arena, struct psim_diag *diag,
             const struct psim_calibration *c)
{
    static const char *const what[] = {"this first guess", "the least of this range",
                                       "the most of this range"};
    bool ok = true;
    for (size_t i = 0; i < c->parameters.n; i++) {
        const struct psim_parameter *p = &c->parameters.items[i];
        const struct psim_parameters one = {p, 1};
        struct psim_problem alone = c->problem;
        alone.parameters = &one;
        const double ends[] = {0, p->least, p->most};
        for (size_t end = 0; end < 3 && p->at.line > 0; end++) {
            if (psim_problem_reads(arena, &alone, &ends[end])) continue;
            ok = cannot_read(diag, c, i, what[end]);
            break;
        }
    }
    return ok;
}

/** Where the first guesses are not those of the machine's file, what they predict. */
static const double *
first_residual(struct psim_arena *arena, const struct psim_calibration *c,
               const double *zeros)
{
    struct psim_change *changes;
    if (psim_parameters_changes(arena, &c->parameters, zeros, &changes) == 0) {
        return c->before;
    }
    double *residual = PSIM_NEW_N(arena, double, c->problem.n_rows + 1);
    const bool ok = psim_problem_residuals(arena, &c->problem, zeros, NULL, residual);
    return ok ? residual : NULL;
}

/** Fit all that may be seen, then as often as there are folds without one of them. */
static bool
fit_all(struct psim_arena *arena, struct psim_diag *diag, struct psim_calibration *c)
{
    double *zeros = PSIM_NEW_N(arena, double, c->parameters.n + 1);
    struct psim_slopes slopes;
    const struct psim_start start = {first_residual(arena, c, zeros), &slopes};
    if (!start.residual) return cannot_read(diag, c, 0, "all first guesses");
    say(c, "slopes of all records by all parameters");
    psim_problem_slopes(arena, &c->problem, &(struct psim_slopes_of){.logs = zeros},
                        &slopes);
    c->first_slope = steepest(arena, c, &slopes);
    say(c, "fit");
    psim_fit(arena, &c->problem, &start, c->fitted, MAX_STEPS, &c->fit);
    if (c->options->folds > 0) cross_validate(arena, &start, c);
    return true;
}

static void
set_spread(struct psim_arena *arena, struct psim_calibration *c)
{
    const size_t n = c->parameters.n;
    const double **slope = PSIM_NEW_N(arena, const double *, c->problem.n_rows + 1);
    double *residual = PSIM_NEW_N(arena, double, c->problem.n_rows + 1);
    double *spread = PSIM_NEW_N(arena, double, n + 1);
    double *ret = PSIM_NEW_N(arena, double, n + 1);
    struct psim_linear linear = {.n = n,
                                 .residual = residual,
                                 .slope = slope,
                                 .at = c->fit.logs,
                                 .spread = spread};
    for (size_t i = 0; i < n; i++) {
        spread[i] = c->parameters.items[i].spread;
    }
    for (size_t row = 0; row < c->problem.n_rows; row++) {
        if (!c->fitted[row]) continue;
        slope[linear.n_rows] = psim_slopes_row(&c->fit.slopes, &c->problem.rows[row]);
        residual[linear.n_rows++] = c->fit.residual[row];
    }
    psim_linear_spread(arena, &linear, c->fit.chosen, ret);
    c->spread = ret;
}

/* --- what is written ----------------------------------------------------------------
 */

double
psim_calibration_rounded(double value)
{
    const double unit = pow(10, SIGNIFICANT_DIGITS - 1 - floor(log10(fabs(value))));
    return round(value * unit) / unit;
}

static void
set_changes(struct psim_arena *arena, struct psim_calibration *c)
{
    struct psim_change *all;
    const size_t n_all =
        psim_parameters_changes(arena, &c->parameters, c->fit.logs, &all);
    size_t n = 0;
    for (size_t i = 0; i < n_all; i++) {
        all[i].number = psim_calibration_rounded(all[i].number);
        if (all[i].number != all[i].spot->number) all[n++] = all[i];
    }
    c->changes = all;
    c->n_changes = n;
}

/** Predict by the overlay as it is written: nobody gets other figures than these. */
static bool
check_overlay(struct psim_arena *arena, struct psim_diag *diag,
              struct psim_calibration *c)
{
    const struct psim_node *over = psim_read_text(arena, diag, "the fitted overlay",
                                                  c->overlay, strlen(c->overlay));
    const struct psim_node *root =
        over ? psim_merge(arena, diag, c->machine->root, over, psim_hw_tie_keys) : NULL;
    if (!root) return false;
    struct psim_hw_text machine = *c->machine;
    machine.root = root;
    if (!psim_hw_judge(arena, diag, &machine)) return false;
    struct psim_problem problem = c->problem;
    problem.machine = &machine;
    double *after = PSIM_NEW_N(arena, double, problem.n_rows + 1);
    c->after = after;
    return psim_problem_residuals(arena, &problem, NULL, NULL, after);
}

static bool
has_energy(const struct psim_parameters *parameters)
{
    for (size_t i = 0; i < parameters->n; i++) {
        const enum psim_dim dim = parameters->items[i].spots[0]->dim;
        if (dim == PSIM_DIM_J_PER_BYTE || dim == PSIM_DIM_J_PER_FLOP ||
            dim == PSIM_DIM_J_PER_OP || dim == PSIM_DIM_WATTS) {
            return true;
        }
    }
    return false;
}

/** A pattern that nothing matches is a slip. */
static bool
check_keep(struct psim_diag *diag, struct psim_spots spots,
           const struct psim_calibrate_options *o)
{
    bool ok = true;
    for (size_t i = 0; i < o->n_keep; i++) {
        size_t k = 0;
        while (k < spots.n && fnmatch(o->keep[i], spots.items[k].path, 0) != 0) {
            k++;
        }
        if (k < spots.n) continue;
        ok = psim_error(diag, (struct psim_loc){0}, "--keep: no figure is like '%s'",
                        psim_str_excerpt(diag->arena, o->keep[i]));
    }
    return ok;
}

static bool
find_parameters(struct psim_arena *arena, struct psim_diag *diag,
                struct psim_calibration *c)
{
    const struct psim_spots spots = psim_spots_find(arena, c->machine->root);
    const struct psim_calibrate_options *o = c->options;
    if (o->parameters_path) {
        return psim_parameters_load(arena, diag, o->parameters_path, spots,
                                    &c->parameters);
    }
    c->parameters = psim_parameters_default(arena, spots, o->keep, o->n_keep);
    return check_keep(diag, spots, o);
}

static bool
find_rows(struct psim_arena *arena, struct psim_diag *diag, struct psim_calibration *c)
{
    const struct psim_calibrate_options *o = c->options;
    c->problem = (struct psim_problem){
        .machine = c->machine,
        .parameters = &c->parameters,
        .targets = targets_of(arena, c->inputs),
        .engines = o->engines,
        .n_engines = o->n_engines,
        .guide = psim_engines[0],
        .threads = o->threads,
    };
    c->problem.n_rows = psim_problem_rows(
        arena, &c->problem, has_energy(&c->parameters), &c->problem.rows, &c->before);
    if (c->problem.n_rows == 0) {
        return psim_error(diag, (struct psim_loc){0},
                          "none of the records can be predicted, so none determines "
                          "anything");
    }
    set_folds(arena, c);
    return true;
}

bool
psim_calibrate(struct psim_arena *arena, struct psim_diag *diag,
               const struct psim_hw_text *machine, struct psim_inputs inputs,
               const struct psim_calibrate_options *options,
               struct psim_calibration *ret)
{
    struct psim_hw_text *own = PSIM_NEW(arena, struct psim_hw_text);
    *own = *machine;
    own->root = psim_spots_own(arena, machine->root);
    const struct psim_hw *hw = psim_hw_judge(arena, diag, own);
    if (!hw) return false;
    *ret = (struct psim_calibration){
        .name = hw->name,
        .machine = own,
        .options = options,
        .inputs = inputs,
    };
    if (!find_parameters(arena, diag, ret)) return false;
    if (!find_rows(arena, diag, ret)) return false;
    if (!check_ranges(arena, diag, ret)) return false;
    if (!fit_all(arena, diag, ret)) return false;
    set_spread(arena, ret);
    set_changes(arena, ret);
    ret->overlay = psim_calibration_overlay(arena, ret);
    if (!check_overlay(arena, diag, ret)) return false;
    /* Once more: its head tells the errors of what was written. */
    ret->overlay = psim_calibration_overlay(arena, ret);
    return true;
}
