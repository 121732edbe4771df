/* SPDX-License-Identifier: MIT */
/** @file A probe as a machine file: the tiles of the kernels that measure runs. */
#include "measure/cpu/bench.h"
#include "measure/cpu/flash.h"
#include "measure/cpu/product.h"
#include "measure/cpu/spec.h"

static void
put_entry(FILE *out, const char *name, const char *op, const char *algorithm)
{
    fprintf(out, "  - name: %s\n    op: %s\n", name, op);
    if (algorithm) fprintf(out, "    algorithm: %s\n", algorithm);
    fputs("    confidence: datasheet\n    source: \"perfsim's own kernels\"\n", out);
}

/** The menu of packed tiles, which products and convolutions share. */
static void
put_products(FILE *out, const struct psim_host *host,
             const struct psim_kernels *kernels, const char *type, const char *name,
             const char *op, const char *algorithm)
{
    struct psim_matmul_tile menu[PSIM_MATMUL_TILES];
    psim_matmul_menu(kernels, host, menu);
    put_entry(out, name, op, algorithm);
    fprintf(out, "    data_types: %s\n    stages: 1\n    tiles:\n", type);
    for (int i = 0; i < PSIM_MATMUL_TILES; i++) {
        fprintf(out, "      - {m: %zu, n: %zu, k: %zu}\n", menu[i].m, menu[i].n,
                menu[i].k);
    }
}

static void
put_flash(FILE *out, const struct psim_host *host, const struct psim_kernels *kernels,
          const char *type)
{
    static const size_t dims[] = {32, 64, 128, 256};
    put_entry(out, "flash2", "attention", "flash2");
    fprintf(out, "    data_types: %s\n    tiles:\n", type);
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
        const struct psim_flash_tile tile = psim_flash_tile_for(kernels, host, dims[i]);
        fprintf(out, "      - {head_dim: %zu, q: %zu, kv: %zu}\n", dims[i], tile.q,
                tile.kv);
    }
}

void
psim_spec_libraries(FILE *out, const struct psim_taken_all *t)
{
    static const struct {
        enum psim_dtype dtype;
        const char *name;
    } types[] = {{PSIM_FP32, "fp32"}, {PSIM_FP64, "fp64"}};
    static const struct {
        const char *name, *op, *algorithm;
    } products[] = {
        {"tiled", "gemm", NULL},
        {"blas", "gemm", NULL},
        {"im2col", "gemm", NULL},
        {"implicit", "gemm", NULL},
        {"implicit", "conv2d", "implicit_gemm"},
    };
    fputs("\nlibraries:\n", out);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct psim_kernels *kernels = psim_kernels_for(types[i].dtype);
        for (size_t j = 0; j < sizeof products / sizeof *products; j++) {
            put_products(out, t->host, kernels, types[i].name, products[j].name,
                         products[j].op, products[j].algorithm);
        }
        put_flash(out, t->host, kernels, types[i].name);
    }
}
