/* SPDX-License-Identifier: MIT */
/** @file The kernel programs of a workload, and the mappings that were looked at. */
#include "cli/explain_plans.h"

#include <stdio.h>
#include <stdlib.h>

#include "plan/plan_text.h"
#include "sim/memo.h"
#include "util/arena.h"

/** The table of mappings while it grows. */
struct tracing {
    struct psim_arena *arena;
    struct psim_table *table;
    const struct psim_op *op;
};

static void
trace(void *context, const struct psim_tried *tried)
{
    const struct tracing *t = context;
    struct psim_cell *row = psim_table_row(t->arena, t->table);
    row[0] = psim_cell_text(t->op->name);
    row[1] = psim_cell_number((double)tried->part + 1);
    row[2] = psim_cell_text(psim_mapping_text(t->arena, &tried->mapping));
    row[3] = tried->refusal ? psim_cell_none : psim_cell_number(tried->time_s);
    row[4] = tried->refusal ? psim_cell_none : psim_cell_number(tried->bound_s);
    row[5] = tried->refusal
                 ? psim_cell_text(psim_arena_printf(t->arena, "%s", tried->refusal))
                 : psim_cell_none;
}

static const struct psim_column mapping_columns[] = {
    {"op", "op", PSIM_DIM_NONE, false},
    {"part", "part", PSIM_DIM_NONE, false},
    {"mapping", "mapping", PSIM_DIM_NONE, false},
    {"time_s", "time", PSIM_DIM_SECONDS, false},
    {"bound_s", "at least", PSIM_DIM_SECONDS, false},
    {"refused", "refused because", PSIM_DIM_NONE, false},
};

/** An op that a graph repeats is explained once. */
static bool
is_new(const struct psim_memos *seen, const struct psim_op *op)
{
    struct psim_memo *memo = psim_memos_find(seen, op);
    if (memo->op) return false;
    memo->op = op;
    return true;
}

const char *
psim_explain_programs(struct psim_arena *arena, struct psim_diag *diag,
                      const struct psim_hw *hw, const struct psim_workload *workload)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    bool ok = true;
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        const struct psim_choose_options options = {
            .launch = op->launch,
            .launch_s = psim_launch_s(hw, op->launch),
        };
        struct psim_chosen chosen;
        if (!psim_choose(arena, diag, hw, op, &chosen, &options)) {
            ok = false;
            continue;
        }
        fprintf(out, "%s# %s on %s\n", i > 0 ? "\n" : "", op->name, hw->name);
        psim_plan_print(out, chosen.plan, true);
    }
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const char *copy = ok ? psim_arena_copy(arena, text, len) : NULL;
    free(text);
    return copy;
}

bool
psim_explain_mappings(struct psim_arena *arena, struct psim_diag *diag,
                      const struct psim_hw *hw, const struct psim_workload *workload,
                      struct psim_document *document)
{
    struct psim_table *table =
        psim_document_table(document, "mappings", "Mappings looked at", mapping_columns,
                            PSIM_COUNT(mapping_columns));
    const struct psim_memos seen = psim_memos_new(arena, workload->n_ops);
    bool ok = true;
    for (size_t i = 0; i < workload->n_ops; i++) {
        if (!is_new(&seen, &workload->ops[i])) continue;
        struct tracing tracing = {arena, table, &workload->ops[i]};
        const struct psim_choose_options options = {
            .launch = workload->ops[i].launch,
            .launch_s = psim_launch_s(hw, workload->ops[i].launch),
            .trace = trace,
            .context = &tracing,
        };
        struct psim_chosen chosen;
        ok = psim_choose(arena, diag, hw, tracing.op, &chosen, &options) && ok;
    }
    return ok;
}
