/* SPDX-License-Identifier: MIT */
/** @file Matrix products: tiled, by the textbook, and by a BLAS. */

#include "measure/cpu/blas.h"
#include "measure/cpu/product.h"
#include "util/arena.h"

static const struct psim_gemm *
gemm_of(const struct psim_bench *bench)
{
    return PSIM_ATTRIBUTES(bench, psim_gemm);
}

static bool
has(const struct psim_gemm *g, enum psim_epilogue what)
{
    return (g->epilogue >> what & 1) != 0;
}

static const char *
refuses(const struct psim_bench *bench)
{
    return psim_refuses_type(gemm_of(bench)->dtype);
}

static void
make_tensors(struct psim_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    psim_bench_input(bench, 0, g->batch * g->m * g->k);
    psim_bench_input(bench, 1, g->batch * g->k * g->n);
    if (has(g, PSIM_EPILOGUE_BIAS)) psim_bench_input(bench, 2, g->n);
    psim_bench_output(bench, g->batch * g->m * g->n);
}

/* --- tiled --------------------------------------------------------------------- */

static void
prepare_tiled(struct psim_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    make_tensors(bench);
    struct psim_matmul *p = PSIM_NEW(bench->arena, struct psim_matmul);
    *p = (struct psim_matmul){
        .m = g->m,
        .n = g->n,
        .k = g->k,
        .batch = g->batch,
        .a = bench->in[0].data,
        .a_stride = g->k,
        .a_batch = g->m * g->k,
        .b = bench->in[1].data,
        .b_stride = g->n,
        .b_batch = g->k * g->n,
        .b_share = 1,
        .c = bench->out.data,
        .c_stride = g->n,
        .c_batch = g->m * g->n,
        .bias = has(g, PSIM_EPILOGUE_BIAS) ? bench->in[2].data : NULL,
        .relu = has(g, PSIM_EPILOGUE_RELU),
    };
    psim_matmul_prepare(bench, p);
    bench->plan = p;
}

static void
run_tiled(struct psim_bench *bench)
{
    psim_matmul_run(bench->team, bench->plan);
}

const struct psim_cpu_kernel psim_cpu_tiled = {
    .name = "tiled",
    .op = "gemm",
    .doc = "packed tiles, sums in registers, a tile of C at a time for each thread",
    .refuses = refuses,
    .prepare = prepare_tiled,
    .run = run_tiled,
};

/* --- naive --------------------------------------------------------------------- */

static void
naive_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_gemm *g = gemm_of(bench);
    size_t first, end;
    psim_team_share(bench->team, thread, g->batch * g->m, 1, &first, &end);
    for (size_t row = first; row < end; row++) {
        const size_t item = row / g->m;
        void *c = psim_tensor_at(&bench->out, row * g->n);
        bench->kernels->product->naive_row(
            c, psim_tensor_at(&bench->in[0], row * g->k),
            psim_tensor_at(&bench->in[1], item * g->k * g->n), g->n, g->k);
        if (g->epilogue == 0) continue;
        bench->kernels->product->epilogue(
            c, has(g, PSIM_EPILOGUE_BIAS) ? bench->in[2].data : NULL,
            has(g, PSIM_EPILOGUE_RELU), g->n);
    }
}

static void
run_naive(struct psim_bench *bench)
{
    psim_team_run(bench->team, naive_part, bench);
}

const struct psim_cpu_kernel psim_cpu_naive_gemm = {
    .name = "naive",
    .op = "gemm",
    .doc = "the textbook's loops over a row of C, k and its columns",
    .refuses = refuses,
    .prepare = make_tensors,
    .run = run_naive,
};

/* --- blas ---------------------------------------------------------------------- */

static const char *
refuses_blas(const struct psim_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    const char *reason = psim_refuses_type(g->dtype);
    if (!reason && g->epilogue != 0) return "a BLAS has no epilogues";
    return !reason && !bench->blas ? "no BLAS was found" : reason;
}

static void
run_blas(struct psim_bench *bench)
{
    const struct psim_gemm *g = gemm_of(bench);
    const struct psim_blas_product product = {g->dtype == PSIM_FP64, (int)g->m,
                                              (int)g->n, (int)g->k};
    for (size_t i = 0; i < g->batch; i++) {
        psim_blas_gemm(bench->blas, product,
                       psim_tensor_at(&bench->in[0], i * g->m * g->k),
                       psim_tensor_at(&bench->in[1], i * g->k * g->n),
                       psim_tensor_at(&bench->out, i * g->m * g->n));
    }
}

const struct psim_cpu_kernel psim_cpu_blas = {
    .name = "blas",
    .op = "gemm",
    .doc = "sgemm and dgemm of the BLAS that was found",
    .alone = true, /* its threads are its own, and need not spin */
    .refuses = refuses_blas,
    .prepare = make_tensors,
    .run = run_blas,
};
