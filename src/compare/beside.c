/* SPDX-License-Identifier: MIT */
/** @file Measured records beside the prediction of a workload. */
#include "compare/beside.h"

#include "result/tables.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

/** Whether a record's workload is this list of ops, as often. */
static bool
same_list(const struct psim_workload *a, const struct psim_op *ops, size_t n_ops,
          uint64_t repeat)
{
    if (a->n_ops != n_ops || a->repeat != repeat) return false;
    for (size_t i = 0; i < n_ops; i++) {
        if (!psim_op_same(&a->ops[i], &ops[i])) return false;
    }
    return true;
}

/** How well the way it was measured suits the op: the higher, the better. */
static int
suits(const struct psim_record *record, const struct psim_op *op)
{
    const char *library = op->keys.library.text;
    const int caches = record->workload->ops[0].keys.cache == op->keys.cache ? 2 : 0;
    const int same =
        library && record->library && psim_str_equal(library, record->library);
    return caches + same;
}

/** The record that suits best; NULL where none is of that work. */
static const struct psim_record *
find_record(const struct psim_measured *measured, const struct psim_op *ops,
            size_t n_ops, uint64_t repeat)
{
    const struct psim_record *best = NULL;
    for (size_t i = 0; i < measured->n_records; i++) {
        const struct psim_record *record = &measured->records[i];
        if (record->calibration || !record->workload) continue;
        if (!same_list(record->workload, ops, n_ops, repeat)) continue;
        if (!best || suits(record, ops) > suits(best, ops)) best = record;
    }
    return best;
}

static void
set_cost(struct psim_beside *item, struct psim_cost cost)
{
    item->flop = cost.flop;
    item->bytes = cost.read_bytes + cost.write_bytes;
}

/** Whether an op before it is the same; else how often it comes. */
static bool
came_before(const struct psim_workload *workload, size_t index, double *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; i < workload->n_ops; i++) {
        if (!psim_op_same(&workload->ops[i], &workload->ops[index])) continue;
        if (i < index) return true;
        *ret_count += (double)workload->repeat;
    }
    return false;
}

void
psim_beside_find(struct psim_arena *arena, const struct psim_hw *hw,
                 const struct psim_engine *engine, const struct psim_workload *workload,
                 const struct psim_measured *measured, struct psim_besides *ret)
{
    *ret = (struct psim_besides){0};
    struct psim_beside *items =
        PSIM_NEW_N(arena, struct psim_beside, workload->n_ops + 1);
    ret->items = items;
    const struct psim_record *whole =
        find_record(measured, workload->ops, workload->n_ops, workload->repeat);
    const bool one = workload->n_ops == 1 && workload->repeat == 1;
    if (whole &&
        !psim_compare_record(arena, hw, engine, measured, whole, &items[ret->n].pair)) {
        items[ret->n].whole = true;
        items[ret->n].op = workload->name;
        items[ret->n].count = 1;
        set_cost(&items[ret->n++], psim_workload_cost(workload));
    }
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        double count;
        if (came_before(workload, i, &count)) continue;
        ret->n_ops++;
        const struct psim_record *record = one ? NULL : find_record(measured, op, 1, 1);
        if (one && ret->n > 0) ret->n_found++;
        if (!record) continue;
        struct psim_beside *item = &items[ret->n];
        if (psim_compare_record(arena, hw, engine, measured, record, &item->pair)) {
            continue;
        }
        item->op_index = i;
        item->op = op->name;
        item->count = count;
        set_cost(item, op->kind->cost(op));
        ret->n++;
        ret->n_found++;
    }
}

static const struct psim_column columns[] = {
    {"op", "op", NONE, false},
    {"count", "runs", NONE, false},
    {"record", "measured as", NONE, false},
    {"measured_time_s", "measured", PSIM_DIM_SECONDS, false},
    {"predicted_time_s", "predicted so", PSIM_DIM_SECONDS, false},
    {"ratio", "ratio", NONE, false},
    {"flop_per_byte", "intensity of the op", PSIM_DIM_FLOP_PER_BYTE, false},
    {"measured_flop_per_s", "measured rate", PSIM_DIM_FLOP_PER_S, false},
    {"measured_energy_j", "measured energy", PSIM_DIM_JOULES, false},
    {"predicted_energy_j", "predicted so", PSIM_DIM_JOULES, false},
    {"at", "given in", NONE, false},
};

static struct psim_cell
known(double value)
{
    return value < 0 ? psim_cell_none : psim_cell_number(value);
}

static const char *
whole_words(struct psim_arena *arena, const struct psim_beside *b)
{
    const double error = b->pair.predicted_s / b->pair.record->time_s - 1;
    return psim_arena_printf(
        arena,
        "Measured, it took %s (%s); predicted as it was measured: %s, %.1f %% %s.",
        psim_quantity_print(arena, b->pair.record->time_s, PSIM_DIM_SECONDS, 4),
        b->pair.record->id,
        psim_quantity_print(arena, b->pair.predicted_s, PSIM_DIM_SECONDS, 4),
        100 * (error < 0 ? -error : error), error < 0 ? "less" : "more");
}

void
psim_beside_document(struct psim_arena *arena, const struct psim_besides *besides,
                     struct psim_document *document)
{
    if (besides->n > 0 && besides->items[0].whole) {
        psim_document_line(document, whole_words(arena, &besides->items[0]));
    } else {
        psim_document_line(
            document, psim_arena_printf(
                          arena, "Records were found for %zu of its %zu different ops.",
                          besides->n_found, besides->n_ops));
    }
    struct psim_table *t = psim_document_table(document, "measured", "Measured",
                                               columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < besides->n; i++) {
        const struct psim_beside *b = &besides->items[i];
        const struct psim_record *record = b->pair.record;
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(b->op);
        row[1] = psim_cell_number(b->count);
        row[2] = psim_cell_text(record->id);
        row[3] = psim_cell_number(record->time_s);
        row[4] = psim_cell_number(b->pair.predicted_s);
        row[5] = psim_cell_number(b->pair.predicted_s / record->time_s);
        row[6] = b->bytes > 0 ? psim_cell_number(b->flop / b->bytes) : psim_cell_none;
        row[7] = psim_cell_number(b->flop / record->time_s);
        row[8] = known(record->energy_j);
        row[9] = known(b->pair.predicted_j);
        row[10] = psim_cell_text(psim_loc_text(arena, record->at));
    }
}
