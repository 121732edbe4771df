/* SPDX-License-Identifier: MIT */
/** @file A calibration as a document: errors before and after, what moved, what did
 * not. */
#include <math.h>
#include <string.h>

#include "calibrate/calibrate.h"
#include "result/tables.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

static void
add_score(struct psim_arena *arena, const struct psim_calibration *c,
          struct psim_rows_of of, struct psim_table *t)
{
    const struct psim_fit_score before =
        psim_calibration_score(arena, c, c->before, of);
    const struct psim_fit_score after = psim_calibration_score(arena, c, c->after, of);
    if (after.n == 0) return;
    struct psim_cell crossed = psim_cell_none;
    if (c->crossed) {
        crossed =
            psim_cell_number(psim_calibration_score(arena, c, c->crossed, of).mape);
    }
    struct psim_cell *row = psim_table_row(arena, t);
    const struct psim_cell cells[] = {
        psim_cell_text(of.group),
        psim_cell_text(c->options->engines[of.engine]->name),
        psim_cell_text(of.energy ? "energy" : "time"),
        psim_cell_text(of.fitted ? "fitted" : "left out"),
        psim_cell_number((double)after.n),
        psim_cell_number(before.mape),
        psim_cell_number(before.median_ape),
        psim_cell_number(before.bias),
        psim_cell_number(after.mape),
        psim_cell_number(after.median_ape),
        psim_cell_number(after.bias),
        crossed,
    };
    memcpy(row, cells, sizeof cells);
}

static void
add_group(struct psim_arena *arena, const struct psim_calibration *c, const char *group,
          struct psim_table *t)
{
    for (size_t e = 0; e < c->problem.n_engines; e++) {
        for (int energy = 0; energy < 2; energy++) {
            for (int left = 0; left < 2; left++) {
                add_score(arena, c, (struct psim_rows_of){group, e, energy, !left}, t);
            }
        }
    }
}

static void
add_errors(struct psim_arena *arena, const struct psim_calibration *c,
           struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"group", "group", NONE, false},
        {"engine", "engine", NONE, false},
        {"metric", "metric", NONE, false},
        {"part", "part", NONE, false},
        {"n", "records", NONE, false},
        {"before_mape", "MAPE before", NONE, true},
        {"before_median_ape", "median", NONE, true},
        {"before_bias", "bias", NONE, true},
        {"after_mape", "after", NONE, true},
        {"after_median_ape", "median", NONE, true},
        {"after_bias", "bias", NONE, true},
        {"crossed_mape", "cross-validated", NONE, true},
    };
    struct psim_table *t = psim_document_table(d, "errors", "Errors by group", columns,
                                               PSIM_COUNT(columns));
    add_group(arena, c, "all", t);
    for (size_t i = 0; i < c->problem.targets.n; i++) {
        const struct psim_target *items = c->problem.targets.items;
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = psim_str_equal(items[k].record->group, items[i].record->group);
        }
        if (!seen) add_group(arena, c, items[i].record->group, t);
    }
}

/* --- parameters ---------------------------------------------------------------------
 */

/** What the overlay has of a spot. */
static double
written(const struct psim_calibration *c, const struct psim_spot *spot)
{
    for (size_t i = 0; i < c->n_changes; i++) {
        if (c->changes[i].spot == spot) return c->changes[i].number;
    }
    return spot->number;
}

static const char *
range_of(struct psim_arena *arena, const struct psim_parameter *p)
{
    enum { DIGITS = 3 };
    return psim_arena_printf(
        arena, "%s to %s",
        psim_quantity_print(arena, p->first[0] * exp(p->least), NONE, DIGITS),
        psim_quantity_print(arena, p->first[0] * exp(p->most), NONE, DIGITS));
}

/** Records whose prediction it changes by a fiftieth of itself or more. */
static size_t
count_records(const struct psim_calibration *c, size_t parameter)
{
    static const double least_slope = 0.02;
    size_t n = 0;
    for (size_t i = 0; i < c->problem.n_rows; i++) {
        const struct psim_row *row = &c->problem.rows[i];
        const double slope = psim_slopes_row(&c->fit.slopes, row)[parameter];
        if (c->fitted[i] && row->engine == 0 && fabs(slope) >= least_slope) {
            n++;
        }
    }
    return n;
}

static void
add_moved(struct psim_arena *arena, const struct psim_calibration *c,
          struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"parameter", "moved", NONE, false},
        {"kind", "kind", NONE, false},
        {"confidence", "was", NONE, false},
        {"first", "first guess", NONE, false},
        {"fitted", "fitted", NONE, false},
        {"range", "range", NONE, false},
        {"at_end", "at its end", NONE, false},
        {"uncertainty", "known to", NONE, true},
        {"n_figures", "figures", NONE, false},
        {"n_rows", "records", NONE, false},
        {"determined_by", "determined by", NONE, false},
    };
    struct psim_table *t = psim_document_table(d, "parameters", "Parameters that moved",
                                               columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < c->parameters.n; i++) {
        const struct psim_parameter *p = &c->parameters.items[i];
        const struct psim_spot *lead = p->spots[0];
        if (!c->fit.chosen[i]) continue;
        struct psim_cell *row = psim_table_row(arena, t);
        const struct psim_cell cells[] = {
            psim_cell_text(p->name),
            psim_cell_text(p->kind),
            psim_cell_text(psim_confidence_name(lead->confidence)),
            psim_cell_text(psim_spot_text(arena, lead, p->first[0])),
            psim_cell_text(psim_spot_text(arena, lead, written(c, lead))),
            psim_cell_text(range_of(arena, p)),
            psim_cell_flag(psim_calibration_at_end(c, i)),
            psim_cell_number(psim_calibration_rounded(c->spread[i])),
            psim_cell_number((double)p->n_spots),
            psim_cell_number((double)count_records(c, i)),
            psim_cell_text(psim_calibration_groups(arena, c, i)),
        };
        memcpy(row, cells, sizeof cells);
    }
}

static void
add_kept(struct psim_arena *arena, const struct psim_calibration *c,
         struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"parameter", "kept", NONE, false},
        {"why", "because", NONE, false},
    };
    struct psim_table *t = psim_document_table(
        d, "kept", "Parameters that stay as they are", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < c->parameters.n; i++) {
        if (c->fit.chosen[i]) continue;
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(c->parameters.items[i].name);
        row[1] = psim_cell_text(c->first_slope[i] > 0
                                    ? "the records would gain too little by it"
                                    : "no record depends on it");
    }
}

static void
add_inputs(struct psim_arena *arena, const struct psim_calibration *c,
           struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"path", "measurements", NONE, false},
        {"sha256", "SHA-256", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "inputs", "Measurements", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < c->inputs.n; i++) {
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(c->inputs.items[i].path);
        row[1] = psim_cell_text(c->inputs.items[i].hash);
    }
}

static const char *
verdict(struct psim_arena *arena, const struct psim_calibration *c)
{
    const struct psim_rows_of all = {"all", 0, false, true};
    size_t n = 0;
    for (size_t i = 0; i < c->parameters.n; i++) {
        if (c->fit.chosen[i]) n++;
    }
    const struct psim_fit_score before =
        psim_calibration_score(arena, c, c->before, all);
    const struct psim_fit_score after = psim_calibration_score(arena, c, c->after, all);
    return psim_arena_printf(
        arena,
        "%s: %zu of %zu parameters moved; time is off by %.1f %% in the mean over %zu "
        "records, before by %.1f %%.",
        c->name, n, c->parameters.n, 100 * after.mape, after.n, 100 * before.mape);
}

void
psim_calibration_document(struct psim_arena *arena, const struct psim_calibration *c,
                          struct psim_document *d)
{
    *d = (struct psim_document){.schema = "perfsim/calibration/v1"};
    d->title = psim_arena_printf(arena, "%s calibrated", c->name);
    psim_document_line(d, verdict(arena, c));
    psim_document_fact(d, "machine", NULL, NONE, psim_cell_text(c->name));
    add_errors(arena, c, d);
    add_moved(arena, c, d);
    add_kept(arena, c, d);
    add_inputs(arena, c, d);
    psim_document_layers(arena, d, c->machine->layers, c->machine->n_layers);
}
