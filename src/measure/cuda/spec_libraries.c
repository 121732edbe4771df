/* SPDX-License-Identifier: MIT */
/** @file `libraries:` of a machine file: the kernels that `measure` runs, as it cuts
 * them.
 *
 * Here are those of elements and rows.
 */
#include <stdlib.h>

#include "measure/cuda/rows.h"
#include "measure/cuda/spec.h"
#include "measure/cuda/spec_entries.h"

/* --- elements ------------------------------------------------------------------ */

static const struct {
    const char *algorithm; /* NULL: any other */
    const char *function;  /* of the source */
    bool narrow;           /* elements of 16 bits */
    int inputs;
    unsigned fixed; /* issue slots of a lane beyond the program's */
} streams[] = {
    {"add", "add", false, 2, 44},     {"add", "add", true, 2, 140},
    {"triad", "triad", false, 2, 48}, {"relu", "relu", false, 1, 44},
    {"relu", "relu", true, 1, 98},    {"gelu", "gelu", false, 1, 161},
    {"gelu", "gelu", true, 1, 297},   {"exp", "exp", false, 1, 86},
    {"exp", "exp", true, 1, 198},     {"silu_mul", "silu_mul", true, 2, 379},
    {"silu", "silu", true, 1, 352},   {"fill", "fill", false, 0, 41},
    {"div", "div", false, 2, 118},    {"fma", "fma", false, 1, 160},
    {NULL, "copy", false, 1, 44},     {NULL, "sub", true, 2, 94},
};

static void
put_streams(const struct psim_gpu_entries *w)
{
    struct psim_arena *arena = w->gpu->arena;
    for (size_t i = 0; i < PSIM_COUNT(streams); i++) {
        const bool chain =
            streams[i].function[0] == 'f' && streams[i].function[1] == 'm';
        const char *defines =
            psim_arena_printf(arena,
                              "#define T %s\n#define INPUTS %d\n#define FUNCTION "
                              "f_%s\n#define LOADS 2\n%s",
                              streams[i].narrow ? "bf16_t" : "float", streams[i].inputs,
                              streams[i].function, chain ? "#define CHAIN 1\n" : "");
        psim_gpu_entry(
            w, "stream", "elementwise",
            psim_arena_printf(arena, "%s%s%s    data_types: [%s]\n    lanes: 256\n",
                              streams[i].algorithm ? "    algorithm: " : "",
                              streams[i].algorithm ? streams[i].algorithm : "",
                              streams[i].algorithm ? "\n" : "",
                              streams[i].narrow ? "bf16, fp16" : "fp32"));
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(arena, "elements: %d, fixed: %u",
                              streams[i].narrow ? 16 : 8, streams[i].fixed),
            psim_gpu_entry_registers(w, "stream", "stream", defines, 0));
    }
}

/* --- rows ---------------------------------------------------------------------- */

static const struct {
    const char *op, *define;
    bool narrow;
    double instructions;         /* of an element */
    unsigned fixed, fixed_group; /* of a lane: rows of a warp, of a work-group */
} rows[] = {
    {"softmax", "SOFTMAX", true, 2.7, 80, 110},
    {"softmax", "SOFTMAX", false, 2.9, 72, 102},
    {"layernorm", "LAYERNORM", true, 2.7, 86, 128},
    {"layernorm", "LAYERNORM", false, 0, 56, 98},
    {"rmsnorm", "RMSNORM", true, 2.5, 66, 96},
    {"rmsnorm", "RMSNORM", false, 0.5, 45, 73},
    {"reduce", "SUM", true, 2.5, 60, 70},
    {"reduce", "SUM", false, 0.75, 68, 68},
};

static void
put_rows_tile(const struct psim_gpu_entries *w, size_t i, uint64_t cols, bool last)
{
    struct psim_arena *arena = w->gpu->arena;
    const bool reduces = rows[i].define[0] == 'S' && rows[i].define[1] == 'U';
    const struct psim_gpu_row_shape s =
        psim_gpu_row_shape(rows[i].narrow ? PSIM_BF16 : PSIM_FP32, cols);
    const unsigned each = reduces && s.each > 4 ? 4 : s.each;
    const char *defines = psim_arena_printf(
        arena,
        "#define T %s\n#define WIDE %u\n#define LANES %u\n#define ROWS %u\n"
        "#define PER %u\n#define %s 1\n",
        rows[i].narrow ? "bf16_t" : "float", s.wide, s.lanes, s.rows, each,
        rows[i].define);
    const char *most =
        last ? ""
             : psim_arena_printf(arena, "max_cols: %llu, ", (unsigned long long)cols);
    psim_gpu_entry_tile(
        w,
        psim_arena_printf(arena,
                          "%srows: %u, lanes: %u, passes: 1, instructions: %g, "
                          "fixed: %u",
                          most, s.rows, s.lanes * s.rows, rows[i].instructions,
                          s.rows > 1 ? rows[i].fixed : rows[i].fixed_group),
        psim_gpu_entry_registers(w, "rows", "rows", defines, 0));
}

static void
put_rows(const struct psim_gpu_entries *w)
{
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        psim_gpu_entry_paced(w, "rows", rows[i].op,
                             rows[i].narrow ? "    data_types: [bf16, fp16]\n"
                                            : "    data_types: [fp32]\n");
        for (uint64_t cols = 256; cols < 32768; cols *= 2) {
            put_rows_tile(w, i, cols, false);
        }
        put_rows_tile(w, i, 32768, true);
    }
}

/* --- moves ----------------------------------------------------------------------- */

static void
put_moves(const struct psim_gpu_entries *w)
{
    psim_gpu_entry(w, "transpose", "transpose", "    lanes: 256\n");
    psim_gpu_entry_tile(
        w, "n: 32, elements: 4, fixed: 150",
        psim_gpu_entry_registers(w, "moves", "transpose", "#define T float\n", 0));
    const char *defines = "#define T float\n#define WIDE 4\n#define VECTORS 64u\n";
    const unsigned registers =
        psim_gpu_entry_registers(w, "moves", "gather", defines, 0);
    psim_gpu_entry(w, "gather", "gather", "    data_types: [fp32]\n    lanes: 256\n");
    psim_gpu_entry_tile(w, "max_cols: 1, elements: 1, fixed: 15", registers);
    psim_gpu_entry_tile(w, "rows: 1024, elements: 4, fixed: 18", registers);
    psim_gpu_entry(w, "gather", "gather",
                   "    data_types: [bf16, fp16]\n    lanes: 256\n");
    psim_gpu_entry_tile(w, "max_cols: 1, elements: 1, fixed: 15", registers);
    psim_gpu_entry_tile(w, "rows: 1024, elements: 8, fixed: 18", registers);
}

const char *
psim_gpu_spec_libraries(const struct psim_gpu_probe *probe)
{
    char *text = NULL;
    size_t size = 0;
    struct psim_gpu_entries w = {open_memstream(&text, &size), probe->gpu, NULL};
    const char *latency = psim_quantity_print(
        w.gpu->arena, psim_gpu_taken(probe, "fma_fp32_latency"), PSIM_DIM_CYCLES, 4);
    w.pace = psim_arena_printf(w.gpu->arena,
                               "    pace: {value: %s, confidence: measured, source: "
                               "\"probe (a chain of multiply-adds by one warp)\"}\n",
                               latency);
    if (!w.out) psim_die_out_of_memory(0);
    put_streams(&w);
    put_rows(&w);
    psim_gpu_entries_of_products(&w);
    put_moves(&w);
    psim_gpu_entries_of_fields(&w);
    fputs(
        "  - {name: driver, op: copy, source: \"copies of the driver\"}\n"
        "  - {name: cublas, op: gemm, source: \"tiles of perfsim's own enumeration\"}",
        w.out);
    (void)fclose(w.out);
    const char *kept = psim_arena_copy(probe->gpu->arena, text, size);
    free(text);
    return kept;
}
