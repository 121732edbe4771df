/* SPDX-License-Identifier: MIT */
/** @file Reasons as rows of a table: each once, with the row that it is a part of. */
#include "explain/explain.h"
#include "explain/seen.h"
#include "result/tables.h"
#include "util/arena.h"

static const struct psim_column columns[] = {
    {"subject", "of", PSIM_DIM_NONE, false},
    {"id", "number", PSIM_DIM_NONE, false},
    {"parent", "part of", PSIM_DIM_NONE, false},
    {"same_as", "same as", PSIM_DIM_NONE, false},
    {"name", "name", PSIM_DIM_NONE, false},
    {"value", "value", PSIM_DIM_NONE, false},
    {"unit", "unit", PSIM_DIM_NONE, false},
    {"kind", "kind", PSIM_DIM_NONE, false},
    {"formula", "formula", PSIM_DIM_NONE, false},
    {"with_values", "with values", PSIM_DIM_NONE, false},
    {"equation", "equation", PSIM_DIM_NONE, false},
    {"at", "given in", PSIM_DIM_NONE, false},
    {"written", "as written", PSIM_DIM_NONE, false},
    {"confidence", "confidence", PSIM_DIM_NONE, false},
    {"source", "source", PSIM_DIM_NONE, false},
    {"doc", "what it is", PSIM_DIM_NONE, false},
};

struct psim_reason_rows {
    struct psim_arena *arena;
    struct psim_table *table;
    const char *subject;
    struct psim_seen seen;
    size_t *row_of; /**< the first row of a reason, by its number in the set */
    size_t room;
};

struct psim_reason_rows *
psim_reason_rows_new(struct psim_arena *arena, struct psim_document *document)
{
    struct psim_reason_rows *rows = PSIM_NEW(arena, struct psim_reason_rows);
    *rows = (struct psim_reason_rows){
        .arena = arena,
        .table = psim_document_table(document, "reasons", "Reasons", columns,
                                     PSIM_COUNT(columns)),
        .seen = {.arena = arena},
    };
    return rows;
}

static void
remember(struct psim_reason_rows *a, size_t number, size_t row)
{
    if (number >= a->room) {
        const size_t room = 2 * number + 64;
        size_t *more = PSIM_NEW_N(a->arena, size_t, room);
        for (size_t i = 0; i < a->room; i++) {
            more[i] = a->row_of[i];
        }
        a->row_of = more;
        a->room = room;
    }
    a->row_of[number] = row;
}

static void
add(struct psim_reason_rows *a, const struct psim_reason *r, size_t parent)
{
    bool is_new;
    const size_t number = psim_seen_number(&a->seen, r, &is_new);
    struct psim_cell *row = psim_table_row(a->arena, a->table);
    const size_t own = a->table->n_rows;
    const bool formula = r->kind == PSIM_REASON_FORMULA && r->n_parts > 0;
    const char *unit = psim_dim_unit(r->dim);
    row[0] = psim_cell_text(a->subject);
    row[1] = psim_cell_number((double)own);
    row[2] = parent > 0 ? psim_cell_number((double)parent) : psim_cell_none;
    if (!is_new) row[3] = psim_cell_number((double)a->row_of[number]);
    row[4] = psim_cell_text(r->name);
    if (r->kind != PSIM_REASON_LIST) row[5] = psim_cell_number(r->value);
    row[6] = psim_cell_text(*unit ? unit : NULL);
    row[7] = psim_cell_text(psim_reason_kind_name(r->kind));
    if (formula) {
        row[8] = psim_cell_text(psim_reason_formula(a->arena, r, false));
        row[9] = psim_cell_text(psim_reason_formula(a->arena, r, true));
    }
    row[10] = psim_cell_text(r->equation);
    if (r->at.source) row[11] = psim_cell_text(psim_loc_text(a->arena, r->at));
    row[12] = psim_cell_text(r->written);
    if (r->confidence != PSIM_CONFIDENCE_UNSTATED) {
        row[13] = psim_cell_text(psim_confidence_name(r->confidence));
    }
    row[14] = psim_cell_text(r->source);
    row[15] = psim_cell_text(r->doc);
    if (!is_new) return;
    remember(a, number, own);
    for (size_t i = 0; i < r->n_parts; i++) {
        add(a, r->parts[i], own);
    }
}

void
psim_reason_rows_add(struct psim_reason_rows *rows, const char *subject,
                     const struct psim_reason *reason)
{
    rows->subject = subject;
    add(rows, reason, 0);
}
