/* SPDX-License-Identifier: MIT */
/** @file From a machine and a workload to a result, at the clock that the power leaves
 * (docs/MODEL.md, eq. W4). */
#include "sim/predict.h"

#include <math.h>

#include "sim/prediction.h"
#include "sim/roofline.h"
#include "sim/timeline.h"
#include "sim/totals.h"
#include "util/arena.h"

/** The workload is bound by what binds the kernel that takes longest in all. */
static void
set_longest_binding(struct psim_result *r)
{
    double longest = -1;
    for (size_t i = 0; i < r->n_kernels; i++) {
        const double s = r->kernels[i].time_s * r->kernels[i].count;
        if (s <= longest) continue;
        longest = s;
        r->bound_by = r->kernels[i].bound_by;
        r->bound_by_doc = r->kernels[i].bound_by_doc;
    }
}

static void
copy_notes(struct psim_prediction *p)
{
    struct psim_result *r = p->result;
    r->n_assumptions = p->hw->n_assumptions;
    r->assumptions = PSIM_NEW_N(p->arena, struct psim_note, r->n_assumptions + 1);
    for (size_t i = 0; i < r->n_assumptions; i++) {
        r->assumptions[i] =
            (struct psim_note){p->hw->assumptions[i].text, p->hw->assumptions[i].at};
    }
}

/** Mean power at a clock, by the analytic engine. All mappings are chosen already. */
static double
watts_at(struct psim_prediction *p, double clock)
{
    const struct psim_arena_mark mark = psim_arena_mark(p->arena);
    psim_prediction_at(p, psim_engine_find("analytic"), clock);
    const double watts = p->result->energy_j / p->result->time_s;
    psim_arena_rewind(p->arena, mark);
    return watts;
}

/**
 * The clock at which the workload draws @p cap_w where it draws @p full_w at full
 * clock (eq. W4): by the slope through the last two clocks, in logarithms.
 */
static double
clock_at_cap(struct psim_prediction *p, double full_w, double cap_w)
{
    enum { MOST_TRIALS = 16 };
    static const double least_clock = 0.05, close = 3e-3, flattest = 0.2, steepest = 5;
    double clock = 1, watts = full_w, slope = 0.7;
    for (int i = 0; i < MOST_TRIALS && fabs(watts / cap_w - 1) > close; i++) {
        const double next =
            fmin(1, fmax(least_clock, clock * pow(cap_w / watts, slope)));
        const double next_w = watts_at(p, next);
        const double new_slope = log(next / clock) / log(next_w / watts);
        if (new_slope > 0) slope = fmin(steepest, fmax(flattest, new_slope));
        if (next == clock) break; /* there is no more or less of it */
        clock = next;
        watts = next_w;
    }
    return clock;
}

/** Repeated for a second or more: the clock is lowered until the cap holds (eq. W4). */
static void
run_sustained(struct psim_prediction *p)
{
    static const double close = 0.02;
    const struct psim_engine *engine = p->options->engine;
    const double cap_w = p->hw->power.cap.value, full_w = watts_at(p, 1);
    double clock = full_w > cap_w ? clock_at_cap(p, full_w, cap_w) : 1;
    psim_prediction_at(p, engine, clock);
    const double watts = p->result->energy_j / p->result->time_s;
    if (fabs(watts / cap_w - 1) < close || (clock == 1 && watts < cap_w)) return;
    /* Another engine's time is not the same: the cap is as far off as its power is. */
    const double instead_w = cap_w * watts_at(p, clock) / watts;
    clock = full_w > instead_w ? clock_at_cap(p, full_w, instead_w) : 1;
    psim_prediction_at(p, engine, clock);
}

const struct psim_result *
psim_predict(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
             const struct psim_workload *workload,
             const struct psim_predict_options *options)
{
    if (options->timeline && !options->engine->tape) {
        psim_error(diag, (struct psim_loc){0},
                   "the %s engine has no timeline: it knows sums, and not what happens "
                   "when; the event engine has one",
                   options->engine->name);
        return NULL;
    }
    struct psim_result *result = PSIM_NEW(arena, struct psim_result);
    const struct psim_cost cost = psim_workload_cost(workload);
    *result = (struct psim_result){
        .machine = hw->name,
        .machine_title = hw->title,
        .workload = workload->name,
        .workload_title = workload->title,
        .engine = options->engine->name,
        .layers = hw->layers,
        .n_layers = hw->n_layers,
        .flop = cost.flop,
        .read_bytes = cost.read_bytes,
        .write_bytes = cost.write_bytes,
        .sustained = options->sustained && hw->power.base.given && hw->power.cap.given,
    };
    struct psim_prediction p = {
        .arena = arena,
        .diag = diag,
        .hw = hw,
        .workload = workload,
        .options = options,
        .result = result,
        .memos = psim_memos_new(arena, workload->n_ops),
    };
    if (!psim_prediction_choose(&p)) return NULL;
    if (result->sustained) {
        run_sustained(&p);
    } else {
        psim_prediction_at(&p, options->engine, 1);
    }
    set_longest_binding(result);
    psim_total_memories(arena, result);
    psim_sum_roofline(arena, hw, workload, result);
    copy_notes(&p);
    if (options->timeline) result->timeline = psim_timeline_make(&p, options->timeline);
    return result;
}
