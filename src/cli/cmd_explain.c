/* SPDX-License-Identifier: MIT */
/** @file explain: the kernel programs, or the mappings that were looked at. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "plan/plan_text.h"
#include "result/tables.h"
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

/** All programs as one text. @return NULL after an error */
static const char *
programs(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
         const struct psim_workload *workload)
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

static bool
mappings(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
         const struct psim_workload *workload, struct psim_document *document)
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

static int
explain(struct psim_arena *arena, struct psim_diag *diag,
        const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    if (!format) return PSIM_EXIT_USAGE;
    if (arguments->program && arguments->mappings) {
        psim_error(diag, (struct psim_loc){0},
                   "explain: --program or --mappings, not both");
        return PSIM_EXIT_USAGE;
    }
    if (arguments->format && !arguments->mappings) {
        psim_error(diag, (struct psim_loc){0},
                   "explain: --format is for --mappings; a program is text of its own");
        return PSIM_EXIT_USAGE;
    }
    const struct psim_hw *hw =
        psim_load_machine(arena, diag, arguments->words[0], arguments);
    const struct psim_workload *workload = psim_load_workload(
        arena, diag, arguments, arguments->words + 1, arguments->n_words - 1);
    if (!hw || !workload) return PSIM_EXIT_INPUT;
    bool ok = false;
    if (arguments->mappings) {
        struct psim_document document = {.schema = "perfsim/mappings/v1"};
        ok = mappings(arena, diag, hw, workload, &document) &&
             psim_write_document(diag, format, &document, arguments->output);
    } else {
        const char *text = programs(arena, diag, hw, workload);
        ok = text && psim_write_text(diag, text, arguments->output);
    }
    return ok ? PSIM_EXIT_OK : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_program, &psim_option_mappings, &psim_option_format,
    &psim_option_output,  &psim_option_overlay,  &psim_option_no_overlay,
    &psim_option_set,     &psim_option_with,     NULL,
};

const struct psim_command psim_command_explain = {
    .name = "explain",
    .usage = "MACHINE WORKLOAD [--program | --mappings]",
    .doc = "show the kernel programs, or how the mapping was chosen",
    .options = options,
    .least_words = 2,
    .run = explain,
};
