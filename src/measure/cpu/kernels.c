/* SPDX-License-Identifier: MIT */
/** @file THE list of the CPU's kernels. */
#include "measure/cpu/bench.h"
#include "util/str.h"

extern const struct psim_cpu_kernel psim_cpu_streams, psim_cpu_copy, psim_cpu_tiled,
    psim_cpu_naive_gemm, psim_cpu_blas, psim_cpu_softmax, psim_cpu_layernorm,
    psim_cpu_rmsnorm, psim_cpu_reduce, psim_cpu_transpose, psim_cpu_gather,
    psim_cpu_pool2d, psim_cpu_attention_serial, psim_cpu_attention_naive,
    psim_cpu_attention_flash2, psim_cpu_conv_direct, psim_cpu_conv_im2col,
    psim_cpu_conv_implicit, psim_cpu_nbody, psim_cpu_fft;

const struct psim_cpu_kernel *const psim_cpu_kernels[] = {
    &psim_cpu_streams,
    &psim_cpu_copy,
    &psim_cpu_tiled, /* the default of its op: the first */
    &psim_cpu_naive_gemm,
    &psim_cpu_blas,
    &psim_cpu_softmax,
    &psim_cpu_layernorm,
    &psim_cpu_rmsnorm,
    &psim_cpu_reduce,
    &psim_cpu_transpose,
    &psim_cpu_gather,
    &psim_cpu_pool2d,
    &psim_cpu_attention_serial,
    &psim_cpu_attention_naive,
    &psim_cpu_attention_flash2,
    &psim_cpu_conv_direct,
    &psim_cpu_conv_im2col,
    &psim_cpu_conv_implicit,
    &psim_cpu_nbody,
    &psim_cpu_fft,
    NULL,
};

const char psim_other_algorithm[] = "there is no kernel of that algorithm";

const char *
psim_refuses_type(int dtype)
{
    if (dtype == PSIM_FP32 || dtype == PSIM_FP64) return NULL;
    return "it is done in fp32 and fp64 only";
}

const struct psim_cpu_kernel *
psim_cpu_kernel_for(const struct psim_bench *bench, const char **ret_reason)
{
    const char *library = bench->op->keys.library.text, *first = NULL;
    for (size_t i = 0; psim_cpu_kernels[i]; i++) {
        const struct psim_cpu_kernel *kernel = psim_cpu_kernels[i];
        if (!psim_str_equal(kernel->op, bench->op->kind->name)) continue;
        if (library && !psim_str_equal(kernel->name, library)) continue;
        const char *reason = kernel->refuses(bench);
        if (!reason) return kernel;
        if (!first || first == psim_other_algorithm) first = reason;
    }
    *ret_reason = first     ? first
                  : library ? "there is no kernel of that library"
                            : "there is no kernel for it";
    return NULL;
}

enum psim_dtype
psim_op_dtype(const struct psim_op *op)
{
    for (const struct psim_field *f = op->kind->fields; f->key; f++) {
        if (f->kind != PSIM_FIELD_CHOICE || !psim_str_equal(f->key, "dtype")) continue;
        const void *at = (const char *)op->attributes + f->offset;
        return (enum psim_dtype) * (const int *)at;
    }
    return PSIM_FP32; /* copies have none */
}
