/* SPDX-License-Identifier: MIT */
/** @file Residuals and slopes of a fit: what is predicted for machines near the first
 * one. */
#include <math.h>
#include <string.h>

#include "calibrate/fit.h"
#include "util/arena.h"

/** By how much a parameter is moved to see what it does: mappings jump, and a smaller
 * step would see one jump or none. */
static const double probe = 0.07;

/** No time or energy changes by a larger power of one figure, but by a jump. */
static const double most_slope = 1.2;

/** Less than that is rounding. */
static const double least_slope = 1e-4;

/** What is said of a record that cannot be predicted at some point: far off. */
static const double refused_residual = 3;

static const struct psim_hw_text *
machine_at(struct psim_arena *arena, const struct psim_problem *problem,
           const double *logs)
{
    struct psim_change *changes;
    const size_t n =
        psim_parameters_changes(arena, problem->parameters, logs, &changes);
    struct psim_hw_text *text = PSIM_NEW(arena, struct psim_hw_text);
    *text = *problem->machine;
    text->root = psim_spots_change(arena, text->root, changes, n);
    return text;
}

bool
psim_problem_reads(struct psim_arena *arena, const struct psim_problem *problem,
                   const double *logs)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    struct psim_diag diag = {.arena = arena};
    const bool reads =
        psim_hw_judge(arena, &diag, machine_at(arena, problem, logs)) != NULL;
    psim_arena_rewind(arena, mark);
    return reads;
}

static double
predicted(const struct psim_answer *answer, bool energy)
{
    return energy ? answer->energy_j : answer->time_s;
}

size_t
psim_problem_rows(struct psim_arena *arena, const struct psim_problem *problem,
                  bool with_energy, const struct psim_row **ret_rows,
                  const double **ret_residual)
{
    const size_t n_targets = problem->targets.n, n_engines = problem->n_engines;
    struct psim_row *rows =
        PSIM_NEW_N(arena, struct psim_row, 2 * n_engines * n_targets);
    struct psim_question *ask = PSIM_NEW_N(arena, struct psim_question, n_engines);
    for (size_t e = 0; e < n_engines; e++) {
        ask[e] = (struct psim_question){
            .machine = problem->machine,
            .engine = problem->engines[e],
            .answer = PSIM_NEW_N(arena, struct psim_answer, n_targets + 1),
        };
    }
    psim_runs(ask, n_engines, problem->targets, problem->threads);
    double *residual = PSIM_NEW_N(arena, double, 2 * n_engines * n_targets + 1);
    size_t n = 0;
    for (size_t i = 0; i < 2 * n_engines * n_targets; i++) {
        const size_t target = i / (2 * n_engines), e = i / 2 % n_engines;
        const bool energy = i % 2 == 1;
        const struct psim_record *record = problem->targets.items[target].record;
        const double measured = energy ? record->energy_j : record->time_s;
        if (energy && !with_energy) continue;
        const double p = predicted(&ask[e].answer[target], energy);
        if (!(measured > 0) || !(p > 0)) continue;
        residual[n] = log(p / measured);
        rows[n++] = (struct psim_row){target, e, energy, measured};
    }
    *ret_rows = rows;
    *ret_residual = residual;
    return n;
}

/** Targets of which some row is wanted. */
static const bool *
wanted_targets(struct psim_arena *arena, const struct psim_problem *problem,
               const bool *wanted)
{
    bool *ret = PSIM_NEW_N(arena, bool, problem->targets.n + 1);
    for (size_t i = 0; i < problem->n_rows; i++) {
        if (!wanted || wanted[i]) ret[problem->rows[i].target] = true;
    }
    return ret;
}

bool
psim_problem_residuals(struct psim_arena *arena, const struct psim_problem *problem,
                       const double *logs, const bool *wanted, double *residual)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    struct psim_question *ask =
        PSIM_NEW_N(arena, struct psim_question, problem->n_engines);
    const struct psim_hw_text *machine =
        logs ? machine_at(arena, problem, logs) : problem->machine;
    for (size_t e = 0; e < problem->n_engines; e++) {
        ask[e] = (struct psim_question){
            .machine = machine,
            .engine = problem->engines[e],
            .wanted = wanted_targets(arena, problem, wanted),
            .answer = PSIM_NEW_N(arena, struct psim_answer, problem->targets.n + 1),
        };
    }
    psim_runs(ask, problem->n_engines, problem->targets, problem->threads);
    bool ok = true;
    for (size_t e = 0; e < problem->n_engines; e++) {
        ok = ok && !ask[e].refused;
    }
    for (size_t i = 0; i < problem->n_rows && ok; i++) {
        const struct psim_row *row = &problem->rows[i];
        if (wanted && !wanted[i]) continue;
        const double p = predicted(&ask[row->engine].answer[row->target], row->energy);
        residual[i] = p > 0 ? log(p / row->measured) : refused_residual;
    }
    psim_arena_rewind(arena, mark);
    return ok;
}

/* --- slopes ----------------------------------------------------------------------- */

static double *
slope_at(const struct psim_slopes *slopes, size_t target, bool energy)
{
    return slopes->items + (2 * target + (energy ? 1 : 0)) * slopes->n;
}

const double *
psim_slopes_row(const struct psim_slopes *slopes, const struct psim_row *row)
{
    return slope_at(slopes, row->target, row->energy);
}

/** Of the targets that are wanted those that depend on a parameter, as far as is known.
 */
static const bool *
dependent(struct psim_arena *arena, const struct psim_problem *problem,
          const struct psim_slopes_of *of, size_t parameter)
{
    bool *ret = PSIM_NEW_N(arena, bool, problem->targets.n + 1);
    const bool *wanted = wanted_targets(arena, problem, of->wanted);
    for (size_t t = 0; t < problem->targets.n; t++) {
        ret[t] =
            wanted[t] && (!of->known || slope_at(of->known, t, false)[parameter] != 0 ||
                          slope_at(of->known, t, true)[parameter] != 0);
    }
    return ret;
}

/** d ln(predicted) / d ln(factor); 0 where one of the two is not known. */
static double
slope_of(const struct psim_answer *there, const struct psim_answer *here, bool energy,
         double step)
{
    const double a = predicted(there, energy), b = predicted(here, energy);
    if (!(a > 0) || !(b > 0)) return 0;
    const double slope = log(a / b) / step;
    if (fabs(slope) < least_slope) return 0;
    return fmin(fmax(slope, -most_slope), most_slope);
}

/** A machine with one parameter moved, to be asked. @return by how much it is moved */
static double
ask_beside(struct psim_arena *arena, const struct psim_problem *problem,
           const struct psim_slopes_of *of, size_t parameter, struct psim_question *ret)
{
    const size_t n = problem->parameters->n;
    const bool here = parameter == n;
    double *there = PSIM_NEW_N(arena, double, n + 1), step = 0;
    memcpy(there, of->logs, n * sizeof *there);
    if (!here) {
        const struct psim_parameter *p = &problem->parameters->items[parameter];
        step = there[parameter] + probe <= p->most ? probe : -probe;
        there[parameter] += step;
    }
    *ret = (struct psim_question){
        .machine = machine_at(arena, problem, there),
        .engine = problem->guide,
        .wanted = here ? wanted_targets(arena, problem, of->wanted)
                       : dependent(arena, problem, of, parameter),
        .answer = PSIM_NEW_N(arena, struct psim_answer, problem->targets.n + 1),
    };
    return step;
}

void
psim_problem_slopes(struct psim_arena *arena, const struct psim_problem *problem,
                    const struct psim_slopes_of *of, struct psim_slopes *ret)
{
    const size_t n = problem->parameters->n, n_targets = problem->targets.n;
    struct psim_slopes slopes = {n, PSIM_NEW_N(arena, double, 2 * n * n_targets + 1)};
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    struct psim_question *ask = PSIM_NEW_N(arena, struct psim_question, n + 1);
    size_t *parameter = PSIM_NEW_N(arena, size_t, n + 1), n_ask = 0;
    double *step = PSIM_NEW_N(arena, double, n + 1);
    for (size_t i = 0; i <= n; i++) {
        /* The last is the point itself. */
        if (i < n && of->moves && !of->moves[i]) continue;
        parameter[n_ask] = i;
        step[n_ask] = ask_beside(arena, problem, of, i, &ask[n_ask]);
        n_ask++;
    }
    psim_runs(ask, n_ask, problem->targets, problem->threads);
    const struct psim_answer *here = ask[n_ask - 1].answer;
    for (size_t k = 0; k + 1 < n_ask; k++) {
        for (size_t t = 0; t < n_targets && !ask[k].refused; t++) {
            const struct psim_answer *there = &ask[k].answer[t];
            slope_at(&slopes, t, false)[parameter[k]] =
                slope_of(there, &here[t], false, step[k]);
            slope_at(&slopes, t, true)[parameter[k]] =
                slope_of(there, &here[t], true, step[k]);
        }
    }
    psim_arena_rewind(arena, mark);
    *ret = slopes;
}
