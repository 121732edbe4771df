/* SPDX-License-Identifier: MIT */
/** @file check: what is wrong with a file, or what was understood of it. */
#include <stdio.h>

#include "cli/command.h"
#include "compare/measured.h"
#include "input/read.h"
#include "result/tables.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

static void
add_groups(struct psim_arena *arena, struct psim_document *d, const struct psim_hw *hw)
{
    static const struct psim_column columns[] = {
        {"name", "group", NONE, false},  {"total", "in all", NONE, false},
        {"kind", "kind", NONE, false},   {"clock_hz", "clock", PSIM_DIM_HERTZ, false},
        {"at", "given in", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "groups", "Groups", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < hw->n_groups; i++) {
        const struct psim_group *g = &hw->groups[i];
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(g->name);
        row[1] = g->software ? psim_cell_none : psim_cell_number((double)g->total);
        row[2] = psim_cell_text(g->software ? "software" : "hardware");
        row[3] = psim_cell_number(g->clock_hz);
        row[4] = psim_cell_text(psim_loc_text(arena, g->at));
    }
}

static void
add_memories(struct psim_arena *arena, struct psim_document *d,
             const struct psim_hw *hw)
{
    static const struct psim_column columns[] = {
        {"name", "memory", NONE, false},
        {"instances", "in all", NONE, false},
        {"size_bytes", "size each", PSIM_DIM_BYTES, false},
        {"latency_s", "latency", PSIM_DIM_SECONDS, false},
        {"peak_bytes_per_s", "peak of all", PSIM_DIM_BYTES_PER_S, false},
        {"read_bytes_per_s", "read", PSIM_DIM_BYTES_PER_S, false},
        {"write_bytes_per_s", "write", PSIM_DIM_BYTES_PER_S, false},
        {"at", "given in", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "memories", "Memories", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        const double n = (double)hw->groups[m->group].total;
        const bool rated = m->peak_bytes_per_s > 0;
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(m->name);
        row[1] = psim_cell_number(n);
        row[2] = m->bytes > 0 ? psim_cell_number(m->bytes) : psim_cell_none;
        row[3] = m->latency_s > 0 ? psim_cell_number(m->latency_s) : psim_cell_none;
        row[4] = rated ? psim_cell_number(m->peak_bytes_per_s * n) : psim_cell_none;
        row[5] = rated ? psim_cell_number(m->read_bytes_per_s * n) : psim_cell_none;
        row[6] = rated ? psim_cell_number(m->write_bytes_per_s * n) : psim_cell_none;
        row[7] = psim_cell_text(psim_loc_text(arena, m->at));
    }
}

/** Fastest operation of each data type, and where it meets the main memory's roof. */
static void
add_peaks(struct psim_arena *arena, struct psim_document *d, const struct psim_hw *hw)
{
    static const struct psim_column columns[] = {
        {"dtype", "data type", NONE, false},
        {"operation", "fastest operation", NONE, false},
        {"peak_flop_per_s", "peak", PSIM_DIM_FLOP_PER_S, false},
        {"ridge_flop_per_byte", "ridge point", PSIM_DIM_FLOP_PER_BYTE, false},
        {"at", "given in", NONE, false},
    };
    struct psim_table *t = psim_document_table(d, "peaks", "Peaks and ridge points",
                                               columns, PSIM_COUNT(columns));
    const double memory = hw->memories[hw->main_memory].peak_bytes_per_s;
    for (int type = 0; type < PSIM_N_DTYPES; type++) {
        const struct psim_operation *op = psim_hw_fastest(hw, (enum psim_dtype)type);
        if (!op) continue;
        const double peak = psim_hw_peak_per_s(hw, op, (enum psim_dtype)type);
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(psim_dtype_name((enum psim_dtype)type));
        row[1] = psim_cell_text(op->name);
        row[2] = psim_cell_number(peak);
        row[3] = memory > 0 ? psim_cell_number(peak / memory) : psim_cell_none;
        row[4] = psim_cell_text(psim_loc_text(arena, op->at));
    }
}

static void
add_assumptions(struct psim_arena *arena, struct psim_document *d,
                const struct psim_hw *hw)
{
    static const struct psim_column columns[] = {
        {"text", "assumed", NONE, false},
        {"at", "because of", NONE, false},
    };
    struct psim_table *t =
        psim_document_table(d, "assumptions", "Assumed", columns, PSIM_COUNT(columns));
    for (size_t i = 0; i < hw->n_assumptions; i++) {
        struct psim_cell *row = psim_table_row(arena, t);
        row[0] = psim_cell_text(hw->assumptions[i].text);
        row[1] = psim_cell_text(psim_loc_text(arena, hw->assumptions[i].at));
    }
}

static void
describe_machine(struct psim_arena *arena, const struct psim_hw *hw, const char *path,
                 struct psim_document *d)
{
    psim_document_line(
        d,
        psim_arena_printf(arena,
                          "%s: machine '%s': %zu groups, %zu memories, %zu operations, "
                          "%zu library kernels.",
                          path, hw->name, hw->n_groups, hw->n_memories,
                          hw->n_operations, hw->n_libraries));
    psim_document_fact(d, "file", NULL, NONE, psim_cell_text(path));
    psim_document_fact(d, "machine", NULL, NONE, psim_cell_text(hw->name));
    add_groups(arena, d, hw);
    add_memories(arena, d, hw);
    add_peaks(arena, d, hw);
    add_assumptions(arena, d, hw);
}

static void
describe_workload(struct psim_arena *arena, const struct psim_workload *w,
                  const char *path, struct psim_document *d)
{
    const struct psim_cost cost = psim_workload_cost(w);
    const double bytes = cost.read_bytes + cost.write_bytes;
    psim_document_line(
        d, psim_arena_printf(arena, "%s: workload '%s': %zu op%s, run %llu time%s.",
                             path, w->name, w->n_ops, w->n_ops == 1 ? "" : "s",
                             (unsigned long long)w->repeat, w->repeat == 1 ? "" : "s"));
    psim_document_fact(d, "file", NULL, NONE, psim_cell_text(path));
    psim_document_fact(d, "workload", NULL, NONE, psim_cell_text(w->name));
    psim_document_fact(d, "flop", "work", PSIM_DIM_FLOP, psim_cell_number(cost.flop));
    psim_document_fact(d, "compulsory_bytes", "must move", PSIM_DIM_BYTES,
                       psim_cell_number(bytes));
    psim_document_fact(
        d, "compulsory_flop_per_byte", "intensity", PSIM_DIM_FLOP_PER_BYTE,
        bytes > 0 ? psim_cell_number(cost.flop / bytes) : psim_cell_none);
}

static const char *
schema_of(struct psim_arena *arena, struct psim_diag *diag, const char *path)
{
    const struct psim_node *root = psim_read_file(arena, diag, path);
    if (!root) return NULL;
    const struct psim_node *schema =
        root->kind == PSIM_NODE_MAP ? psim_node_find(root, "schema") : NULL;
    if (schema && schema->kind == PSIM_NODE_SCALAR) return schema->scalar;
    psim_error(diag, root->at,
               "schema: missing; perfsim/hardware/v1, perfsim/workload/v1 or "
               "perfsim/measurements/v1 is needed");
    return NULL;
}

static bool
check_one(struct psim_arena *arena, struct psim_diag *diag, const char *path,
          const struct psim_arguments *arguments, struct psim_document *d)
{
    /* The file is read twice: once for its schema, once by who knows that. */
    struct psim_diag own = {.arena = arena};
    const char *schema = schema_of(arena, &own, path);
    if (!schema) return schema_of(arena, diag, path) != NULL;
    if (psim_str_equal(schema, "perfsim/hardware/v1")) {
        const struct psim_hw *hw = psim_load_machine(arena, diag, path, arguments);
        if (hw) describe_machine(arena, hw, path, d);
        return hw != NULL;
    }
    if (psim_str_equal(schema, "perfsim/measurements/v1")) {
        const struct psim_measured *m = psim_measured_load(arena, diag, path);
        if (m) {
            psim_document_line(d,
                               psim_arena_printf(arena, "%s: %zu measurements of '%s'.",
                                                 path, m->n_records, m->device));
        }
        return m != NULL;
    }
    const struct psim_workload *w = psim_workload_load(arena, diag, path);
    if (w) describe_workload(arena, w, path, d);
    return w != NULL;
}

static int
check(struct psim_arena *arena, struct psim_diag *diag,
      const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    if (!format) return PSIM_EXIT_USAGE;
    bool ok = true;
    for (size_t i = 0; i < arguments->n_words; i++) {
        const char *path =
            psim_find_file(arena, diag, "specs", ".yaml", arguments->words[i]);
        struct psim_document *document = PSIM_NEW(arena, struct psim_document);
        document->schema = "perfsim/check/v1";
        if (!path || !check_one(arena, diag, path, arguments, document)) {
            ok = false;
            continue;
        }
        if (i > 0 && !arguments->output) putchar('\n');
        ok = psim_write_document(diag, format, document, arguments->output) && ok;
    }
    return ok ? PSIM_EXIT_OK : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_format,     &psim_option_output, &psim_option_overlay,
    &psim_option_no_overlay, &psim_option_set,    NULL,
};

const struct psim_command psim_command_check = {
    .name = "check",
    .usage = "FILE...",
    .doc = "say what is wrong with files, or what was understood of them",
    .options = options,
    .least_words = 1,
    .run = check,
};
