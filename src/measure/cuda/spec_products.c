/* SPDX-License-Identifier: MIT */
/** @file Entries of `libraries:`: matrix products, convolution, attention. */
#include <assert.h>

#include "measure/cuda/product.h"
#include "measure/cuda/spec_entries.h"

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
put_product_tiles(const struct psim_gpu_entries *w, bool image)
{
    const struct psim_gpu_tile *tiles =
        image ? psim_gpu_small_tiles : psim_gpu_product_tiles;
    struct psim_arena *arena = w->gpu->arena;
    const unsigned k = psim_gpu_tile_k(PSIM_BF16);
    for (const struct psim_gpu_tile *t = tiles; t->m > 0; t++) {
        const char *defines = psim_arena_printf(
            arena,
            "#define T bf16_t\n#define M %u\n#define N %u\n#define K %u\n"
            "#define STAGES %u\n#define WARPS_M %u\n#define WARPS_N %u\n%s",
            t->m, t->n, k, t->stages, t->warps_m, t->warps_n,
            image ? "#define CONV 1\n" : "");
        const struct counted *count = count_of(t, image);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(arena,
                              "m: %u, n: %u, k: %u, stages: %u, lanes: %u, "
                              "instructions: %g, fixed: %u",
                              t->m, t->n, k, t->stages, 32 * t->warps_m * t->warps_n,
                              count->instructions, count->fixed),
            psim_gpu_entry_registers(w, "product", "product", defines,
                                     psim_gpu_tile_bytes(t)));
    }
}

/** Elements of a byte. An instruction takes twice as many of them, so that as many
 * slots do twice the work; where fp8 is unpacked, that takes two slots a register. */
static void
put_byte_tiles(const struct psim_gpu_entries *w, enum psim_dtype dtype)
{
    static const double of_int8 = 0.012, of_fp8 = 0.012, unpacking = 0.023;
    const bool narrow = dtype == PSIM_FP8;
    const bool unpacks = narrow && w->gpu->capability == 90;
    struct psim_arena *arena = w->gpu->arena;
    const unsigned k = psim_gpu_tile_k(dtype);
    for (const struct psim_gpu_tile *t = narrow ? psim_gpu_small_tiles
                                                : psim_gpu_product_tiles;
         t->m > 0; t++) {
        const char *defines = psim_arena_printf(
            arena,
            "#define T %s\n#define M %u\n#define N %u\n#define K %u\n"
            "#define STAGES %u\n#define WARPS_M %u\n#define WARPS_N %u\n"
            "#define B_ROWS 1\n",
            psim_gpu_type(dtype), t->m, t->n, k, t->stages, t->warps_m, t->warps_n);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(arena,
                              "m: %u, n: %u, k: %u, stages: %u, lanes: %u, "
                              "instructions: %g, fixed: 900",
                              t->m, t->n, k, t->stages, 32 * t->warps_m * t->warps_n,
                              narrow ? of_fp8 + (unpacks ? unpacking : 0) : of_int8),
            psim_gpu_entry_registers(w, "product", "product", defines,
                                     psim_gpu_tile_bytes(t)));
    }
}

#define BY_WARP "    operation: mma\n    copy: async_copy\n"

static void
put_bytes(const struct psim_gpu_entries *w)
{
    psim_gpu_entry_estimated(w, "mma", "gemm", "    data_types: [int8]\n" BY_WARP);
    put_byte_tiles(w, PSIM_INT8);
    if (w->gpu->capability < 89) return;
    psim_gpu_entry_estimated(w, "mma", "gemm", "    data_types: [fp8]\n" BY_WARP);
    put_byte_tiles(w, PSIM_FP8);
}

#define HALVES "    data_types: [bf16, fp16]\n"
#define BY_MMA HALVES BY_WARP

static void
put_products(const struct psim_gpu_entries *w)
{
    psim_gpu_entry_paced(w, "mma", "gemm", BY_MMA);
    put_product_tiles(w, false);
    psim_gpu_entry_paced(w, "three_kernels", "gemm", BY_MMA);
    put_product_tiles(w, false);
    psim_gpu_entry_paced(w, "implicit", "gemm", BY_MMA);
    put_product_tiles(w, true);
    psim_gpu_entry_paced(w, "implicit", "conv2d",
                         "    algorithm: implicit_gemm\n" BY_MMA
                         "    joins_taps: true\n");
    put_product_tiles(w, true);
}

static void
put_tiled(const struct psim_gpu_entries *w, const char *name)
{
    psim_gpu_entry(
        w, name, "gemm",
        "    data_types: [fp32]\n    operation: fma\n    copy: load\n"
        "    pace: {value: 4.3 cycles, confidence: measured, source: \"hardware "
        "counters "
        "at compute capability 9.0 (two warps of a scheduler use 0.47 of its "
        "slots)\"}\n");
    psim_gpu_entry_tile(
        w,
        "m: 128, n: 128, k: 8, stages: 2, lanes: 256, instructions: 0.123, fixed: 473",
        psim_gpu_entry_registers(w, "tiled", "tiled", "", 0));
}

static void
put_wgmma(const struct psim_gpu_entries *w)
{
    struct psim_arena *arena = w->gpu->arena;
    psim_gpu_entry(w, "wgmma", "gemm",
                   HALVES
                   "    operation: wgmma\n    copy: bulk_copy\n    lanes: 384\n");
    for (int n = 256; n >= 128; n /= 2) {
        const int stages = n == 256 ? 4 : 6;
        const char *defines =
            psim_arena_printf(arena,
                              "#define T bf16_t\n#define TYPE \"bf16\"\n#define N "
                              "%d\n#define STAGES %d\n",
                              n, stages);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(arena, "m: 128, n: %d, k: 64, stages: %d, fixed: %d", n,
                              stages, n == 256 ? 797 : 453),
            psim_gpu_entry_registers(w, "wgmma", "product", defines, 48 << 10));
    }
}

/* --- attention -------------------------------------------------------------- */

/** As many slots of a score and a weighted value as where queries are many. */
static void
put_decode(const struct psim_gpu_entries *w)
{
    static const struct {
        unsigned d, kv;
        double instructions;
    } tiles[] = {{64, 128, 4.6}, {128, 64, 9.4}, {256, 32, 30.9}};
    psim_gpu_entry_estimated(w, "flash_split", "attention",
                             "    algorithm: flash_decode\n" BY_MMA
                             "    lanes: 32\n    stages: 1\n    max_split: 1024\n");
    for (size_t i = 0; i < PSIM_COUNT(tiles); i++) {
        const char *defines = psim_arena_printf(
            w->gpu->arena,
            "#define T bf16_t\n#define D %u\n#define Q 16\n#define KV %u\n"
            "#define WARPS 1\n#define SPLIT 1\n",
            tiles[i].d, tiles[i].kv);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(w->gpu->arena,
                              "q: 16, kv: %u, head_dim: %u, instructions: %g, "
                              "fixed: 500",
                              tiles[i].kv, tiles[i].d, tiles[i].instructions),
            psim_gpu_entry_registers(w, "flash", "flash_split", defines, 0));
    }
}

static void
put_attention(const struct psim_gpu_entries *w)
{
    static const struct {
        int d, q, kv;
        double instructions, fixed, masked;
    } tiles[] = {{64, 128, 128, 4.6, 579, 3.3},
                 {128, 128, 64, 9.4, 935, 2.6},
                 {256, 64, 64, 30.9, 870, 3.8}};
    struct psim_arena *arena = w->gpu->arena;
    psim_gpu_entry_paced(w, "flash", "attention",
                         "    algorithm: flash2\n" BY_MMA
                         "    lanes: 128\n    stages: 1\n");
    for (size_t i = 0; i < PSIM_COUNT(tiles); i++) {
        const char *defines = psim_arena_printf(
            arena,
            "#define T bf16_t\n#define D %d\n#define Q %d\n#define KV %d\n"
            "#define WARPS 4\n",
            tiles[i].d, tiles[i].q, tiles[i].kv);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(arena,
                              "q: %d, kv: %d, head_dim: %d, instructions: %g, "
                              "fixed: %g, masked: %g",
                              tiles[i].q, tiles[i].kv, tiles[i].d,
                              tiles[i].instructions, tiles[i].fixed, tiles[i].masked),
            psim_gpu_entry_registers(w, "flash", "flash", defines,
                                     (size_t)(tiles[i].q + 2 * tiles[i].kv) *
                                         (size_t)tiles[i].d * 2));
    }
    put_decode(w);
    psim_gpu_entry_paced(w, "three_kernels", "softmax", HALVES "    lanes: 256\n");
    psim_gpu_entry_tile(w, "rows: 1, passes: 2, instructions: 9.3, fixed: 177",
                        psim_gpu_entry_registers(
                            w, "softmax_scores", "softmax_scores",
                            "#define T bf16_t\n#define WIDE 8\n#define LANES 256\n",
                            0));
    psim_gpu_entry_paced(w, "three_kernels", "softmax",
                         "    data_types: [fp32]\n    lanes: 256\n");
    psim_gpu_entry_tile(w, "rows: 1, passes: 2, instructions: 6.5, fixed: 238",
                        psim_gpu_entry_registers(
                            w, "softmax_scores", "softmax_scores",
                            "#define T float\n#define WIDE 4\n#define LANES 256\n", 0));
}

void
psim_gpu_entries_of_products(const struct psim_gpu_entries *w)
{
    if (w->gpu->capability == 90) put_wgmma(w);
    put_products(w);
    put_bytes(w);
    put_tiled(w, "tiled");
    put_tiled(w, "three_kernels");
    put_attention(w);
}
