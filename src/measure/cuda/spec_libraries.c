/* SPDX-License-Identifier: MIT */
/** @file `libraries:` of a machine file: the kernels that `measure` runs, cut as they
 * are cut there.
 *
 * Registers are those of the code that the compiler made for this device. Issue slots
 * beyond those of perfsim's programs were counted by hardware counters on a device of
 * compute capability 9.0: the sources are the same, so that elsewhere they are likely.
 */
#include <assert.h>
#include <stdlib.h>

#include "measure/cuda/product.h"
#include "measure/cuda/rows.h"
#include "measure/cuda/spec.h"

/** What all entries are written with. */
struct writer {
    FILE *out;
    struct psim_gpu *gpu;
    const char *pace; /**< of instructions that wait for one another */
};

static unsigned
registers_of(const struct writer *w, const char *source, const char *function,
             const char *defines, size_t shared_bytes)
{
    struct psim_gpu_kernel_code code;
    if (!psim_gpu_compile(w->gpu, source, defines, function, shared_bytes, &code)) {
        return 0;
    }
    return code.registers;
}

static void
start(const struct writer *w, const char *name, const char *op, const char *more)
{
    fprintf(w->out, "  - name: %s\n    op: %s\n%s", name, op, more);
    fprintf(
        w->out,
        "    source: \"kernels/*.cu of perfsim, compiled for %s (registers); hardware "
        "counters at compute capability 9.0 (instructions)\"\n"
        "    confidence: %s\n    tiles:\n",
        w->gpu->target, w->gpu->capability == 90 ? "measured" : "assumed");
}

/** Few warps, each of whose instructions waits for the one before. */
static void
start_paced(const struct writer *w, const char *name, const char *op, const char *more)
{
    start(w, name, op, psim_arena_printf(w->gpu->arena, "%s%s", more, w->pace));
}

static void
put_tile(const struct writer *w, const char *text, unsigned registers)
{
    fprintf(w->out, "      - {%s", text);
    if (registers > 0) fprintf(w->out, ", registers: %u", registers);
    fputs("}\n", w->out);
}

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
put_streams(const struct writer *w)
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
        start(w, "stream", "elementwise",
              psim_arena_printf(arena, "%s%s%s    data_types: [%s]\n    lanes: 256\n",
                                streams[i].algorithm ? "    algorithm: " : "",
                                streams[i].algorithm ? streams[i].algorithm : "",
                                streams[i].algorithm ? "\n" : "",
                                streams[i].narrow ? "bf16, fp16" : "fp32"));
        put_tile(w,
                 psim_arena_printf(arena, "elements: %d, fixed: %u",
                                   streams[i].narrow ? 16 : 8, streams[i].fixed),
                 registers_of(w, "stream", "stream", defines, 0));
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
put_rows_tile(const struct writer *w, size_t i, uint64_t cols, bool last)
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
    put_tile(w,
             psim_arena_printf(arena,
                               "%srows: %u, lanes: %u, passes: 1, instructions: %g, "
                               "fixed: %u",
                               most, s.rows, s.lanes * s.rows, rows[i].instructions,
                               s.rows > 1 ? rows[i].fixed : rows[i].fixed_group),
             registers_of(w, "rows", "rows", defines, 0));
}

static void
put_rows(const struct writer *w)
{
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        start_paced(w, "rows", rows[i].op,
                    rows[i].narrow ? "    data_types: [bf16, fp16]\n"
                                   : "    data_types: [fp32]\n");
        for (uint64_t cols = 256; cols < 32768; cols *= 2) {
            put_rows_tile(w, i, cols, false);
        }
        put_rows_tile(w, i, 32768, true);
    }
}

/* --- products ------------------------------------------------------------------ */

/** Issue slots beyond the program's: of a multiply-add, and of a lane once. */
static const struct counted {
    unsigned m, n;
    bool image;
    double instructions;
    unsigned fixed;
} counts[] = {
    {128, 256, false, 0.0167, 1218}, {128, 128, false, 0.0236, 1322},
    {128, 64, false, 0.0222, 960},   {64, 64, false, 0.0303, 620},
    {128, 128, true, 0.042, 748},    {128, 64, true, 0.0605, 891},
    {64, 64, true, 0.085, 539},
};

static const struct counted *
count_of(const struct psim_gpu_tile *t, bool image)
{
    for (size_t i = 0; i < PSIM_COUNT(counts); i++) {
        const struct counted *c = &counts[i];
        if (c->m == t->m && c->n == t->n && c->image == image) return c;
    }
    assert(!"a tile that was not counted");
    return NULL;
}

static void
put_product_tiles(const struct writer *w, bool image)
{
    const struct psim_gpu_tile *tiles =
        image ? psim_gpu_image_tiles : psim_gpu_product_tiles;
    struct psim_arena *arena = w->gpu->arena;
    for (const struct psim_gpu_tile *t = tiles; t->m > 0; t++) {
        const char *defines = psim_arena_printf(
            arena,
            "#define T bf16_t\n#define M %u\n#define N %u\n#define K %u\n"
            "#define STAGES %u\n#define WARPS_M %u\n#define WARPS_N %u\n%s",
            t->m, t->n, t->k, t->stages, t->warps_m, t->warps_n,
            image ? "#define CONV 1\n" : "");
        const struct counted *count = count_of(t, image);
        put_tile(
            w,
            psim_arena_printf(arena,
                              "m: %u, n: %u, k: %u, stages: %u, lanes: %u, "
                              "instructions: %g, fixed: %u",
                              t->m, t->n, t->k, t->stages, 32 * t->warps_m * t->warps_n,
                              count->instructions, count->fixed),
            registers_of(w, "product", "product", defines, psim_gpu_tile_bytes(t)));
    }
}

#define HALVES "    data_types: [bf16, fp16]\n"
#define BY_MMA HALVES "    operation: mma\n    copy: async_copy\n"

static void
put_products(const struct writer *w)
{
    start_paced(w, "mma", "gemm", BY_MMA);
    put_product_tiles(w, false);
    start_paced(w, "three_kernels", "gemm", BY_MMA);
    put_product_tiles(w, false);
    start_paced(w, "implicit", "gemm", BY_MMA);
    put_product_tiles(w, true);
    start_paced(w, "implicit", "conv2d",
                "    algorithm: implicit_gemm\n" BY_MMA "    joins_taps: true\n");
    put_product_tiles(w, true);
}

static void
put_tiled(const struct writer *w, const char *name)
{
    start(w, name, "gemm",
          "    data_types: [fp32]\n    operation: fma\n    copy: load\n"
          "    pace: {value: 4.3 cycles, confidence: measured, source: \"hardware "
          "counters "
          "at compute capability 9.0 (two warps of a scheduler use 0.47 of its "
          "slots)\"}\n");
    put_tile(
        w,
        "m: 128, n: 128, k: 8, stages: 2, lanes: 256, instructions: 0.123, fixed: 473",
        registers_of(w, "tiled", "tiled", "", 0));
}

static void
put_wgmma(const struct writer *w)
{
    struct psim_arena *arena = w->gpu->arena;
    start(w, "wgmma", "gemm",
          HALVES "    operation: wgmma\n    copy: bulk_copy\n    lanes: 384\n");
    for (int n = 256; n >= 128; n /= 2) {
        const int stages = n == 256 ? 4 : 6;
        const char *defines =
            psim_arena_printf(arena,
                              "#define T bf16_t\n#define TYPE \"bf16\"\n#define N "
                              "%d\n#define STAGES %d\n",
                              n, stages);
        put_tile(w,
                 psim_arena_printf(arena, "m: 128, n: %d, k: 64, stages: %d, fixed: %d",
                                   n, stages, n == 256 ? 797 : 453),
                 registers_of(w, "wgmma", "product", defines, 48 << 10));
    }
}

/* --- attention, moves ---------------------------------------------------------- */

static void
put_attention(const struct writer *w)
{
    static const struct {
        int d, q, kv;
        double instructions, fixed, masked;
    } tiles[] = {{64, 128, 128, 4.6, 579, 3.3},
                 {128, 128, 64, 9.4, 935, 2.6},
                 {256, 64, 64, 30.9, 870, 3.8}};
    struct psim_arena *arena = w->gpu->arena;
    start_paced(w, "flash", "attention",
                "    algorithm: flash2\n" BY_MMA "    lanes: 128\n    stages: 1\n");
    for (size_t i = 0; i < PSIM_COUNT(tiles); i++) {
        const char *defines = psim_arena_printf(
            arena,
            "#define T bf16_t\n#define D %d\n#define Q %d\n#define KV %d\n"
            "#define WARPS 4\n",
            tiles[i].d, tiles[i].q, tiles[i].kv);
        put_tile(w,
                 psim_arena_printf(arena,
                                   "q: %d, kv: %d, head_dim: %d, instructions: %g, "
                                   "fixed: %g, masked: %g",
                                   tiles[i].q, tiles[i].kv, tiles[i].d,
                                   tiles[i].instructions, tiles[i].fixed,
                                   tiles[i].masked),
                 registers_of(w, "flash", "flash", defines,
                              (size_t)(tiles[i].q + 2 * tiles[i].kv) *
                                  (size_t)tiles[i].d * 2));
    }
    start_paced(w, "three_kernels", "softmax", HALVES "    lanes: 256\n");
    put_tile(w, "rows: 1, passes: 2, instructions: 9.3, fixed: 177",
             registers_of(w, "softmax_scores", "softmax_scores",
                          "#define T bf16_t\n#define WIDE 8\n#define LANES 256\n", 0));
    start_paced(w, "three_kernels", "softmax",
                "    data_types: [fp32]\n    lanes: 256\n");
    put_tile(w, "rows: 1, passes: 2, instructions: 6.5, fixed: 238",
             registers_of(w, "softmax_scores", "softmax_scores",
                          "#define T float\n#define WIDE 4\n#define LANES 256\n", 0));
}

static void
put_moves(const struct writer *w)
{
    start(w, "transpose", "transpose", "    lanes: 256\n");
    put_tile(w, "n: 32, elements: 4, fixed: 150",
             registers_of(w, "moves", "transpose", "#define T float\n", 0));
    const char *defines = "#define T float\n#define WIDE 4\n#define VECTORS 64u\n";
    const unsigned registers = registers_of(w, "moves", "gather", defines, 0);
    start(w, "gather", "gather", "    data_types: [fp32]\n    lanes: 256\n");
    put_tile(w, "max_cols: 1, elements: 1, fixed: 15", registers);
    put_tile(w, "rows: 1024, elements: 4, fixed: 18", registers);
    start(w, "gather", "gather", HALVES "    lanes: 256\n");
    put_tile(w, "max_cols: 1, elements: 1, fixed: 15", registers);
    put_tile(w, "rows: 1024, elements: 8, fixed: 18", registers);
}

const char *
psim_gpu_spec_libraries(const struct psim_gpu_probe *probe)
{
    char *text = NULL;
    size_t size = 0;
    struct writer w = {open_memstream(&text, &size), probe->gpu, NULL};
    const char *latency = psim_quantity_print(
        w.gpu->arena, psim_gpu_taken(probe, "fma_fp32_latency"), PSIM_DIM_CYCLES, 4);
    w.pace = psim_arena_printf(w.gpu->arena,
                               "    pace: {value: %s, confidence: measured, source: "
                               "\"probe (a chain of multiply-adds by one warp)\"}\n",
                               latency);
    if (!w.out) psim_die_out_of_memory(0);
    put_streams(&w);
    put_rows(&w);
    if (probe->gpu->capability == 90) put_wgmma(&w);
    put_products(&w);
    put_tiled(&w, "tiled");
    put_tiled(&w, "three_kernels");
    put_attention(&w);
    put_moves(&w);
    fputs(
        "  - {name: driver, op: copy, source: \"copies of the driver\"}\n"
        "  - {name: cublas, op: gemm, source: \"tiles of perfsim's own enumeration\"}",
        w.out);
    (void)fclose(w.out);
    const char *kept = psim_arena_copy(probe->gpu->arena, text, size);
    free(text);
    return kept;
}
