/* SPDX-License-Identifier: MIT */
/** @file Predictions beside measurements. */
#include "compare/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/tables.h"
#include "result/terms.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

/** Records whose own repetitions differ by more are noise as much as they are data. */
static const double steady_spread = 0.05;

static bool
has_library(const struct psim_hw *hw, const char *name)
{
    for (size_t i = 0; i < hw->n_libraries; i++) {
        if (psim_str_equal(hw->libraries[i].library, name)) return true;
    }
    return false;
}

/** Inputs that rotate through a few copies stay in a cache that holds all of them, and
 * what is written, which takes the same place again. */
static bool
stays_cached(const struct psim_hw *hw, const struct psim_workload *workload,
             double copies)
{
    if (workload->n_ops != 1) return false;
    const struct psim_cost cost = psim_workload_cost(workload);
    const bool given = workload->ops[0].kind->to_given_place || cost.read_bytes <= 0;
    const double writes = given ? copies : 1;
    const double bytes = copies * cost.read_bytes + writes * cost.write_bytes;
    return bytes / (double)workload->repeat <= psim_hw_last_cache_bytes(hw);
}

/** The workload as it was measured: with that library's kernels, in such a cache. */
static const struct psim_workload *
as_measured(struct psim_arena *arena, const struct psim_hw *hw,
            const struct psim_record *record, double copies)
{
    const struct psim_workload *workload = record->workload;
    const bool library = record->library && has_library(hw, record->library);
    const bool cached = record->cold && stays_cached(hw, workload, copies);
    if (!library && !cached) return workload;
    struct psim_op *ops = PSIM_NEW_N(arena, struct psim_op, workload->n_ops);
    memcpy(ops, workload->ops, workload->n_ops * sizeof *ops);
    for (size_t i = 0; i < workload->n_ops; i++) {
        if (library) {
            ops[i].keys.library = (struct psim_word){record->library, record->at};
        }
        if (cached) ops[i].keys.cache = PSIM_CACHE_HOT;
    }
    struct psim_workload *with = PSIM_NEW(arena, struct psim_workload);
    *with = *workload;
    with->ops = ops;
    return with;
}

static const char *
copied(struct psim_arena *arena, const char *text)
{
    return psim_arena_copy(arena, text, strlen(text));
}

static const char *
first_message(struct psim_arena *arena, const struct psim_diag *diag)
{
    for (const struct psim_diag_entry *e = diag->first; e; e = e->next) {
        if (e->severity != PSIM_SEVERITY_ERROR) continue;
        return copied(arena, e->message);
    }
    return "cannot be predicted";
}

/** The same, repeated for so long that the power cap holds. */
static const struct psim_result *
sustained_run(struct psim_arena *arena, const struct psim_hw *hw,
              const struct psim_workload *workload,
              const struct psim_predict_options *options,
              const struct psim_result *burst)
{
    const double watts = burst->energy_j / burst->time_s;
    if (burst->energy_j < 0 || burst->cap_w < 0 || watts <= burst->cap_w) return burst;
    struct psim_diag diag = {.arena = arena};
    struct psim_predict_options sustained = *options;
    sustained.sustained = true;
    return psim_predict(arena, &diag, hw, workload, &sustained);
}

/** Of the call that was timed: those before it have let the cap set in (eq. V3). */
static double
timed_s(const struct psim_hw *hw, double burst_calls, const struct psim_result *burst,
        const struct psim_result *sustained)
{
    const struct psim_figure *settle = &hw->power.settle;
    if (!settle->given) return burst->time_s;
    const double left = exp(-burst_calls * burst->time_s / settle->value);
    return sustained->time_s + (burst->time_s - sustained->time_s) * left;
}

/** What a run tells of a record, in the memory that stays. */
static struct psim_pair
pair_of(struct psim_arena *arena, const struct psim_record *record,
        const struct psim_result *r)
{
    const struct psim_kernel_result *longest = psim_result_longest(r);
    return (struct psim_pair){
        .record = record,
        .bound_s = r->bound_s + record->host_overhead_s,
        .roofline_s = r->roofline_s,
        .bound_by = copied(arena, r->bound_by),
        .kernel = copied(arena, longest->name),
        .mapping = copied(arena, longest->mapping),
    };
}

const char *
psim_compare_record(struct psim_arena *arena, const struct psim_hw *hw,
                    const struct psim_engine *engine,
                    const struct psim_measured *measured,
                    const struct psim_record *record, struct psim_pair *ret)
{
    if (!record->workload) return record->reason;
    /* A prediction's memory is given back: a file has hundreds of them. */
    struct psim_arena scratch = {0};
    struct psim_diag diag = {.arena = &scratch};
    const struct psim_predict_options options = {
        .engine = engine, .launch_given = true, .launch = record->launch};
    const struct psim_workload *workload =
        as_measured(&scratch, hw, record, measured->cold_copies);
    const struct psim_result *r = psim_predict(&scratch, &diag, hw, workload, &options);
    const char *reason = NULL;
    if (!r) {
        reason = first_message(arena, &diag);
    } else {
        const struct psim_result *sustained =
            sustained_run(&scratch, hw, workload, &options, r);
        *ret = pair_of(arena, record, r);
        ret->predicted_s =
            timed_s(hw, measured->burst_calls, r, sustained) + record->host_overhead_s;
        ret->predicted_j = record->energy_j > 0 ? sustained->energy_j : -1;
    }
    psim_arena_free(&scratch);
    return reason;
}

static void
add_record(struct psim_arena *arena, const struct psim_hw *hw,
           const struct psim_engine *engine, const struct psim_measured *measured,
           const struct psim_record *record, struct psim_comparison *c)
{
    if (record->calibration) {
        c->n_calibration++;
        return;
    }
    const char *reason =
        psim_compare_record(arena, hw, engine, measured, record, &c->pairs[c->n_pairs]);
    if (reason) {
        c->skips[c->n_skips++] = (struct psim_skip){record, reason};
    } else {
        c->n_pairs++;
    }
}

void
psim_compare_add(struct psim_arena *arena, const struct psim_hw *hw,
                 const struct psim_engine *engine, const struct psim_measured *measured,
                 struct psim_comparison *c)
{
    const size_t pairs = c->n_pairs + measured->n_records;
    const size_t skips = c->n_skips + measured->n_records;
    struct psim_pair *more_pairs = PSIM_NEW_N(arena, struct psim_pair, pairs + 1);
    struct psim_skip *more_skips = PSIM_NEW_N(arena, struct psim_skip, skips + 1);
    if (c->n_pairs > 0) memcpy(more_pairs, c->pairs, c->n_pairs * sizeof *more_pairs);
    if (c->n_skips > 0) memcpy(more_skips, c->skips, c->n_skips * sizeof *more_skips);
    c->pairs = more_pairs;
    c->skips = more_skips;
    c->machine = hw->name;
    c->layers = hw->layers;
    c->n_layers = hw->n_layers;
    c->engine = engine->name;
    for (size_t i = 0; i < measured->n_records; i++) {
        add_record(arena, hw, engine, measured, &measured->records[i], c);
    }
}

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct psim_score
psim_compare_score(struct psim_arena *arena, const struct psim_comparison *c,
                   const char *group, bool energy, bool steady)
{
    struct psim_score s = {0};
    double *apes = PSIM_NEW_N(arena, double, c->n_pairs + 1);
    double logs = 0, absolute_logs = 0;
    const bool all = psim_str_equal(group, "all");
    for (size_t i = 0; i < c->n_pairs; i++) {
        const struct psim_pair *p = &c->pairs[i];
        const struct psim_record *r = p->record;
        if (!all && !psim_str_equal(r->group, group)) continue;
        if (steady && !(r->repeat_spread >= 0 && r->repeat_spread <= steady_spread)) {
            continue;
        }
        const double predicted = energy ? p->predicted_j : p->predicted_s;
        const double measured = energy ? r->energy_j : r->time_s;
        if (!(predicted > 0) || !(measured > 0)) continue;
        const double ratio = predicted / measured;
        apes[s.n++] = fabs(ratio - 1);
        s.mape += fabs(ratio - 1);
        logs += log(ratio);
        absolute_logs += fabs(log(ratio));
        s.roofline_mape += fabs(p->roofline_s / r->time_s - 1);
    }
    if (s.n == 0) return s;
    const double n = (double)s.n;
    qsort(apes, s.n, sizeof *apes, by_size);
    s.mape /= n;
    s.roofline_mape /= n;
    s.bias = logs / n;
    s.typical_factor = exp(absolute_logs / n);
    s.median_ape = (apes[(s.n - 1) / 2] + apes[s.n / 2]) / 2;
    s.p90_ape = apes[(size_t)ceil(0.9 * n) - 1];
    return s;
}

static void
add_scores(struct psim_arena *arena, const struct psim_comparison *c, const char *group,
           struct psim_table *t)
{
    for (int energy = 0; energy < 2; energy++) {
        for (int steady = 0; steady < 2; steady++) {
            const struct psim_score s =
                psim_compare_score(arena, c, group, energy, steady);
            if (s.n == 0 && (energy || steady)) continue;
            struct psim_cell *row = psim_table_row(arena, t);
            const struct psim_cell cells[] = {
                psim_cell_text(group),
                psim_cell_text(energy ? "energy" : "time"),
                psim_cell_number((double)s.n),
                psim_cell_flag(steady),
                psim_cell_number(s.mape),
                psim_cell_number(s.median_ape),
                psim_cell_number(s.p90_ape),
                psim_cell_number(s.bias),
                psim_cell_number(s.typical_factor),
                energy ? psim_cell_none : psim_cell_number(s.roofline_mape),
            };
            memcpy(row, cells, sizeof cells);
        }
    }
}

static void
add_summary(struct psim_arena *arena, const struct psim_comparison *c,
            struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"group", "group", NONE, false},
        {"metric", "metric", NONE, false},
        {"n", "records", NONE, false},
        {"steady", "steady", NONE, false},
        {"mape", "MAPE", NONE, true},
        {"median_ape", "median", NONE, true},
        {"p90_ape", "p90", NONE, true},
        {"bias", "bias", NONE, true},
        {"typical_factor", "typical factor", NONE, false},
        {"roofline_mape", "plain roofline", NONE, true},
    };
    struct psim_table *t = psim_document_table(d, "summary", "Errors by group", columns,
                                               PSIM_COUNT(columns));
    add_scores(arena, c, "all", t);
    for (size_t i = 0; i < c->n_pairs; i++) {
        const char *group = c->pairs[i].record->group;
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++) {
            seen = psim_str_equal(c->pairs[j].record->group, group);
        }
        if (!seen) add_scores(arena, c, group, t);
    }
}

static struct psim_cell
known(double value)
{
    return value < 0 ? psim_cell_none : psim_cell_number(value);
}

static void
add_records(struct psim_arena *arena, const struct psim_comparison *c,
            struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"id", "record", NONE, false},
        {"group", NULL, NONE, false},
        {"predicted_time_s", "predicted", PSIM_DIM_SECONDS, false},
        {"bound_time_s", NULL, PSIM_DIM_SECONDS, false},
        {"roofline_time_s", NULL, PSIM_DIM_SECONDS, false},
        {"measured_time_s", "measured", PSIM_DIM_SECONDS, false},
        {"ratio", "ratio", NONE, false},
        {"repeat_spread", "spread", NONE, true},
        {"predicted_energy_j", NULL, PSIM_DIM_JOULES, false},
        {"measured_energy_j", NULL, PSIM_DIM_JOULES, false},
        {"bound_by", "bound by", NONE, false},
        {"kernel", "kernel", NONE, false},
        {"mapping", "mapping", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "records", "Records", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < c->n_pairs; i++) {
        const struct psim_pair *p = &c->pairs[i];
        struct psim_cell *row = psim_table_row(arena, t);
        const struct psim_cell cells[] = {
            psim_cell_text(p->record->id),
            psim_cell_text(p->record->group),
            psim_cell_number(p->predicted_s),
            psim_cell_number(p->bound_s),
            psim_cell_number(p->roofline_s),
            psim_cell_number(p->record->time_s),
            psim_cell_number(p->predicted_s / p->record->time_s),
            known(p->record->repeat_spread),
            known(p->predicted_j),
            known(p->record->energy_j),
            psim_cell_text(p->bound_by),
            psim_cell_text(p->kernel),
            psim_cell_text(p->mapping),
        };
        memcpy(row, cells, sizeof cells);
    }
}

static void
add_skips(struct psim_arena *arena, const struct psim_comparison *c,
          struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"id", "skipped", NONE, false},
        {"reason", "because", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "skipped", "Skipped", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < c->n_skips; i++) {
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(c->skips[i].record->id);
        row[1] = psim_cell_text(c->skips[i].reason);
    }
}

static const char *
verdict(struct psim_arena *arena, const struct psim_comparison *c)
{
    const struct psim_score all = psim_compare_score(arena, c, "all", false, false);
    const char *what =
        all.n == 0 ? "none of the records can be predicted"
                   : psim_arena_printf(arena,
                                       "time is off by %.1f %% in the mean over %zu "
                                       "records (the plain roofline: %.1f %%)",
                                       100 * all.mape, all.n, 100 * all.roofline_mape);
    return psim_arena_printf(
        arena, "%s, %s engine: %s; %zu skipped, %zu for calibration only.", c->machine,
        c->engine, what, c->n_skips, c->n_calibration);
}

void
psim_compare_document(struct psim_arena *arena, const struct psim_comparison *c,
                      struct psim_document *d)
{
    *d = (struct psim_document){.schema = "perfsim/comparison/v1"};
    d->title = psim_arena_printf(arena, "%s against measurements (%s engine)",
                                 c->machine, c->engine);
    psim_document_line(d, verdict(arena, c));
    psim_document_fact(d, "machine", NULL, NONE, psim_cell_text(c->machine));
    psim_document_fact(d, "engine", NULL, NONE, psim_cell_text(c->engine));
    add_records(arena, c, d);
    add_skips(arena, c, d);
    add_summary(arena, c, d);
    psim_document_layers(arena, d, c->layers, c->n_layers);
}
