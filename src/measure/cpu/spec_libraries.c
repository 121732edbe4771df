/* SPDX-License-Identifier: MIT */
/** @file A probe as a machine file: the tiles of the kernels that measure runs. */
#include <math.h>

#include "measure/cpu/bench.h"
#include "measure/cpu/flash.h"
#include "measure/cpu/product.h"
#include "measure/cpu/spec.h"
#include "util/arena.h"
#include "util/str.h"

static const char *const types[PSIM_N_TAKEN_TYPES] = {"fp32", "fp64"};
static const enum psim_dtype dtypes[PSIM_N_TAKEN_TYPES] = {PSIM_FP32, PSIM_FP64};

/** Of which a machine file's kernel of that type is a part. */
struct menu {
    FILE *out;
    const struct psim_taken_all *t;
    const struct psim_kernels *kernels;
    enum psim_taken_type type;
};

static void
put_entry(const struct menu *m, const char *name, const char *op, const char *algorithm,
          const char *operation)
{
    fprintf(m->out, "  - name: %s\n    op: %s\n", name, op);
    if (algorithm) fprintf(m->out, "    algorithm: %s\n", algorithm);
    fprintf(m->out, "    data_types: %s\n", types[m->type]);
    if (operation) {
        fprintf(m->out, "    operation: %s_%s\n", operation, types[m->type]);
    }
    if (algorithm && psim_str_equal(algorithm, "implicit_gemm")) {
        fputs("    joins_taps: true\n", m->out);
    }
    fputs("    lanes: 1\n    dispatch: stride\n    confidence: datasheet\n"
          "    source: \"perfsim's own kernels\"\n    tiles:\n",
          m->out);
}

/* Depth of a step in the file: kernels cut k into equal steps and waste none of it,
 * where programs round it up. */
enum { STEP = 32 };

/** A tile, with what packing its panels costs a multiply-add of it. */
static void
put_tile(const struct menu *m, const struct psim_matmul_tile *tile)
{
    const struct psim_taken_loops *loops = &m->t->loops[m->type];
    const double cycles = loops->pack_left.value / (double)tile->n +
                          loops->pack_right.value / (double)tile->m;
    fprintf(m->out, "      - {m: %zu, n: %zu, k: %d, instructions: %.3g}\n", tile->m,
            tile->n, STEP, cycles * m->t->issue_per_cycle.value);
}

/** The menu of packed tiles, which products and convolutions share. */
static void
put_products(const struct menu *m, const char *name, const char *op,
             const char *algorithm)
{
    struct psim_matmul_tile menu[PSIM_MATMUL_TILES];
    psim_matmul_menu(m->kernels, m->t->host, menu);
    put_entry(m, name, op, algorithm, "fma_packed");
    for (int i = 0; i < PSIM_MATMUL_TILES; i++) {
        put_tile(m, &menu[i]);
    }
    /* Where C has fewer columns, a tile has as many vectors as they fill. */
    const size_t lanes = m->kernels->vector_bytes / m->kernels->element_bytes;
    for (size_t vectors = 1; vectors * lanes < menu[0].n; vectors *= 2) {
        put_tile(m, &(struct psim_matmul_tile){menu[0].m, vectors * lanes, menu[0].k});
    }
}

/** A row of C at a time, of at most so many columns as there are. */
static void
put_naive(const struct menu *m)
{
    put_entry(m, "naive", "gemm", NULL, "fma_naive");
    for (unsigned n = 16; n <= 65536; n *= 2) {
        fprintf(m->out, "      - {m: 1, n: %u, k: %d}\n", n, STEP);
    }
}

/** Whatever a BLAS does inside: what it reaches in all, and tiles as ours are. */
static void
put_blas(const struct menu *m)
{
    struct psim_matmul_tile menu[PSIM_MATMUL_TILES];
    psim_matmul_menu(m->kernels, m->t->host, menu);
    put_entry(m, "blas", "gemm", NULL, "fma_blas");
    for (int i = 0; i < PSIM_MATMUL_TILES; i++) {
        fprintf(m->out, "      - {m: %zu, n: %zu, k: %d}\n", menu[i].m, menu[i].n,
                STEP);
    }
}

/** Register tiles over all channels; of the widths the first that divides them. */
static void
put_direct(const struct menu *m, const struct psim_taken *cycles)
{
    static const size_t widths[] = {3, 4, 2, 1};
    const size_t lanes = m->kernels->vector_bytes / m->kernels->element_bytes;
    const size_t rows = m->kernels->product->rows;
    const double alone = 1 / m->t->rate[PSIM_TAKEN_FMA][m->type].per_cycle.value;
    const double slots = (cycles->value - alone) * m->t->issue_per_cycle.value;
    put_entry(m, "direct", "conv2d", "direct", NULL);
    for (size_t i = 0; i < PSIM_COUNT(widths); i++) {
        fprintf(m->out,
                "      - {m: %zu, n: %zu, lanes: %zu, elements: %zu, instructions: "
                "%.3g}\n",
                rows, widths[i] * lanes, lanes, rows * widths[i],
                fmax(0, slots / (double)lanes));
    }
}

static void
put_flash(const struct menu *m)
{
    static const size_t dims[] = {32, 64, 128, 256};
    put_entry(m, "flash2", "attention", "flash2", "fma_rows");
    for (size_t i = 0; i < PSIM_COUNT(dims); i++) {
        const struct psim_flash_tile tile =
            psim_flash_tile_for(m->kernels, m->t->host, dims[i]);
        fprintf(m->out, "      - {head_dim: %zu, q: %zu, kv: %zu}\n", dims[i], tile.q,
                tile.kv);
    }
}

/** Cycles of an element's lane operations, one after the other. */
static double
own_cycles(const struct menu *m, const unsigned times[PSIM_N_TAKEN_OPERATIONS])
{
    double cycles = 0;
    for (int i = 0; i < PSIM_N_TAKEN_OPERATIONS; i++) {
        const struct psim_taken_rate *rate = &m->t->rate[i][m->type];
        cycles += times[i] / (rate->per_cycle.value * (double)rate->lanes);
    }
    return cycles;
}

/**
 * Loops that take longer than their arithmetic: what is left of their cycles goes into
 * `instructions` of an element, at the rate at which a core starts them.
 */
static void
put_loop(const struct menu *m, const char *name, const char *op, const char *tile,
         const struct psim_taken *cycles, const unsigned times[PSIM_N_TAKEN_OPERATIONS])
{
    const double more = fmax(0, cycles->value - own_cycles(m, times));
    fprintf(m->out,
            "  - name: %s\n    op: %s\n    data_types: %s\n"
            "    confidence: measured\n"
            "    source: \"UB: %.3g cycles an element: %s; spread %.1f %%\"\n"
            "    tiles:\n      - {%s, instructions: %.3g}\n",
            name, op, types[m->type], cycles->value, cycles->how, 100 * cycles->spread,
            tile, more * m->t->issue_per_cycle.value);
}

/**
 * Sequences that the L2 holds go through it pass by pass, and once through memory;
 * longer ones each time.
 */
static void
put_fft(const struct menu *m, const struct psim_taken *cycles)
{
    enum { MOST_PASSES = 8, LONGEST = 14, USUAL_L2 = 512 << 10 };
    const struct psim_host *host = m->t->host;
    const size_t l2 = host->n_caches > 1 ? host->cache[1].bytes : USUAL_L2;
    const double held = (double)l2 / (4 * (double)m->kernels->element_bytes);
    fprintf(m->out,
            "  - name: stockham\n    op: fft\n    data_types: %s\n"
            "    confidence: measured\n"
            "    source: \"UB: %.3g cycles a point and pass: %s; spread %.1f %%\"\n"
            "    tiles:\n",
            types[m->type], cycles->value, cycles->how, 100 * cycles->spread);
    for (int passes = 2; passes <= LONGEST; passes++) {
        const double n = ldexp(1, 2 * passes); /* 4^passes */
        const double parts = n <= held ? 1 : fmin(passes, MOST_PASSES);
        fprintf(m->out,
                "      - {max_cols: %.0f, passes: %.0f, lanes: 1, elements: 4096, "
                "instructions: %.3g}\n",
                n, parts, passes / parts * cycles->value * m->t->issue_per_cycle.value);
    }
}

static void
put_type(const struct menu *m)
{
    /* As the programs count them (docs/MODEL.md, eq. P7, F14). */
    static const unsigned of_softmax[PSIM_N_TAKEN_OPERATIONS] = {[PSIM_TAKEN_MAX] = 1,
                                                                 [PSIM_TAKEN_FMA] = 1,
                                                                 [PSIM_TAKEN_EXP2] = 1,
                                                                 [PSIM_TAKEN_ADD] = 1,
                                                                 [PSIM_TAKEN_MUL] = 1};
    static const unsigned of_layernorm[PSIM_N_TAKEN_OPERATIONS] = {
        [PSIM_TAKEN_ADD] = 3, [PSIM_TAKEN_FMA] = 3, [PSIM_TAKEN_MUL] = 1};
    static const unsigned of_rmsnorm[PSIM_N_TAKEN_OPERATIONS] = {
        [PSIM_TAKEN_FMA] = 1, [PSIM_TAKEN_MUL] = 2};
    static const unsigned of_sum[PSIM_N_TAKEN_OPERATIONS] = {[PSIM_TAKEN_ADD] = 1};
    /* Additions are done beside the others. */
    static const unsigned of_pair[PSIM_N_TAKEN_OPERATIONS] = {
        [PSIM_TAKEN_MUL] = 4, [PSIM_TAKEN_FMA] = 5, [PSIM_TAKEN_RSQRT] = 1};
    const struct psim_taken_loops *loops = &m->t->loops[m->type];
    put_products(m, "tiled", "gemm", NULL);
    put_naive(m);
    if (m->t->blas_per_s[m->type].value > 0) put_blas(m);
    put_products(m, "im2col", "gemm", NULL);
    put_products(m, "implicit", "gemm", NULL);
    put_products(m, "implicit", "conv2d", "implicit_gemm");
    put_direct(m, &loops->rows);
    put_flash(m);
    put_loop(m, "rows", "softmax", "rows: 1, passes: 3", &loops->softmax, of_softmax);
    put_loop(m, "rows", "layernorm", "rows: 1, passes: 3", &loops->layernorm,
             of_layernorm);
    put_loop(m, "rows", "rmsnorm", "rows: 1, passes: 2", &loops->rmsnorm, of_rmsnorm);
    put_loop(m, "rows", "reduce", "rows: 1, passes: 1", &loops->sum, of_sum);
    put_fft(m, &loops->transform);
    put_loop(m, "pairs", "nbody", "lanes: 1, k: 1024, elements: 32", &loops->bodies,
             of_pair);
}

void
psim_spec_libraries(FILE *out, const struct psim_taken_all *t)
{
    fputs("\nlibraries:\n", out);
    for (int type = 0; type < PSIM_N_TAKEN_TYPES; type++) {
        const struct menu m = {out, t, psim_kernels_for(dtypes[type]),
                               (enum psim_taken_type)type};
        put_type(&m);
    }
}
