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

/** "1 memory", "3 memories". */
static const char *
count(struct psim_arena *arena, size_t n, const char *one, const char *many)
{
    return psim_arena_printf(arena, "%zu %s", n, n == 1 ? one : many);
}

static void
describe_machine(struct psim_arena *arena, const struct psim_hw *hw, const char *path,
                 struct psim_document *d)
{
    psim_document_line(
        d, psim_arena_printf(
               arena, "%s: machine '%s': %s, %s, %s, %s.", path, hw->name,
               count(arena, hw->n_groups, "group", "groups"),
               count(arena, hw->n_memories, "memory", "memories"),
               count(arena, hw->n_operations, "operation", "operations"),
               count(arena, hw->n_libraries, "library kernel", "library kernels")));
    psim_document_fact(d, "file", NULL, NONE, psim_cell_text(path));
    psim_document_fact(d, "machine", NULL, NONE, psim_cell_text(hw->name));
    add_groups(arena, d, hw);
    add_memories(arena, d, hw);
    add_peaks(arena, d, hw);
    add_assumptions(arena, d, hw);
    psim_document_layers(arena, d, hw->layers, hw->n_layers);
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

static void
describe_measurements(struct psim_arena *arena, const struct psim_measured *m,
                      const char *path, struct psim_document *d)
{
    size_t usable = 0, calibration = 0;
    for (size_t i = 0; i < m->n_records; i++) {
        usable += m->records[i].workload != NULL;
        calibration += m->records[i].calibration;
    }
    psim_document_line(
        d,
        psim_arena_printf(arena,
                          "%s: measurements of '%s': %zu records, of which %zu can be "
                          "compared and %zu are for calibration only.",
                          path, m->device, m->n_records, usable, calibration));
    psim_document_fact(d, "file", NULL, NONE, psim_cell_text(path));
    psim_document_fact(d, "device", NULL, NONE, psim_cell_text(m->device));
    psim_document_fact(d, "records", NULL, NONE,
                       psim_cell_number((double)m->n_records));
    psim_document_fact(d, "comparable", NULL, NONE, psim_cell_number((double)usable));
    psim_document_fact(d, "calibration", NULL, NONE,
                       psim_cell_number((double)calibration));
}

static bool
check_machine(struct psim_arena *arena, struct psim_diag *diag, const char *path,
              const struct psim_arguments *arguments, struct psim_document *d)
{
    const struct psim_hw *hw = psim_load_machine(arena, diag, path, arguments);
    if (hw) describe_machine(arena, hw, path, d);
    return hw != NULL;
}

static bool
check_workload(struct psim_arena *arena, struct psim_diag *diag, const char *path,
               const struct psim_arguments *arguments, struct psim_document *d)
{
    (void)arguments;
    const struct psim_workload *w = psim_workload_load(arena, diag, path, NULL);
    if (w) describe_workload(arena, w, path, d);
    return w != NULL;
}

static bool
check_measurements(struct psim_arena *arena, struct psim_diag *diag, const char *path,
                   const struct psim_arguments *arguments, struct psim_document *d)
{
    (void)arguments;
    const struct psim_measured *m = psim_measured_load(arena, diag, path);
    if (m) describe_measurements(arena, m, path, d);
    return m != NULL;
}

static const struct {
    const char *schema;
    bool (*check)(struct psim_arena *arena, struct psim_diag *diag, const char *path,
                  const struct psim_arguments *arguments, struct psim_document *d);
} kinds[] = {
    {"perfsim/hardware/v1", check_machine},
    {"perfsim/workload/v1", check_workload},
    {"perfsim/measurements/v1", check_measurements},
};

/** @return false after an error: the file does not say what it is */
static bool
bad_schema(struct psim_diag *diag, const struct psim_node *root,
           const struct psim_node *schema)
{
    if (root->kind != PSIM_NODE_MAP) {
        return psim_error(
            diag, root->at,
            "a %s stands here; a map with 'schema: perfsim/hardware/v1' or "
            "the like is needed",
            psim_node_kind_name(root->kind));
    }
    if (!schema || schema->kind != PSIM_NODE_SCALAR) {
        return psim_error(
            diag, schema ? schema->at : root->at,
            "schema: missing; perfsim/hardware/v1, perfsim/workload/v1 or "
            "perfsim/measurements/v1 is needed");
    }
    struct psim_guess guess = psim_guess_start(schema->scalar);
    for (size_t i = 0; i < PSIM_COUNT(kinds); i++) {
        psim_guess_try(&guess, kinds[i].schema);
    }
    psim_error(diag, schema->at,
               "schema: '%s' is not known; perfsim/hardware/v1, perfsim/workload/v1 or "
               "perfsim/measurements/v1 is needed",
               psim_str_excerpt(diag->arena, schema->scalar));
    if (guess.best) psim_note(diag, schema->at, "did you mean '%s'?", guess.best);
    return false;
}

static bool
check_one(struct psim_arena *arena, struct psim_diag *diag, const char *path,
          const struct psim_arguments *arguments, struct psim_document *d)
{
    /* Read twice: once for its schema, once by who knows that. Its faults are told
     * once, by the first who meets them. */
    struct psim_arena scratch = {0};
    struct psim_diag own = {.arena = &scratch};
    const struct psim_node *root = psim_read_file(&scratch, &own, path);
    const struct psim_node *schema = root ? psim_node_find(root, "schema") : NULL;
    size_t kind = PSIM_COUNT(kinds);
    for (size_t i = 0; schema && i < PSIM_COUNT(kinds); i++) {
        if (psim_str_equal(schema->scalar, kinds[i].schema)) kind = i;
    }
    psim_arena_free(&scratch);
    if (kind < PSIM_COUNT(kinds)) {
        return kinds[kind].check(arena, diag, path, arguments, d);
    }
    root = psim_read_file(arena, diag, path);
    return root && bad_schema(diag, root, psim_node_find(root, "schema"));
}

static int
check(struct psim_arena *arena, struct psim_diag *diag,
      const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    if (!format) return PSIM_EXIT_USAGE;
    if (arguments->output && arguments->n_words > 1) {
        psim_error(diag, (struct psim_loc){0}, "check: -o takes one FILE, not %zu",
                   arguments->n_words);
        return PSIM_EXIT_USAGE;
    }
    bool ok = true, written = false;
    for (size_t i = 0; i < arguments->n_words; i++) {
        const char *path = psim_find_any(arena, diag, arguments->words[i]);
        struct psim_document *document = PSIM_NEW(arena, struct psim_document);
        document->schema = "perfsim/check/v1";
        if (!path || !check_one(arena, diag, path, arguments, document)) {
            ok = false;
            continue;
        }
        if (written) putchar('\n');
        written = true;
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
