/* SPDX-License-Identifier: MIT */
/** @file THE list of kernels of the GPU; of several that can the first is taken. */
#include "measure/cuda/bench.h"
#include "util/str.h"

extern const struct psim_gpu_kernel psim_gpu_stream_kernel, psim_gpu_softmax_kernel,
    psim_gpu_layernorm_kernel, psim_gpu_rmsnorm_kernel, psim_gpu_reduce_kernel,
    psim_gpu_transpose_kernel, psim_gpu_gather_kernel, psim_gpu_copy_kernel,
    psim_gpu_wgmma_kernel, psim_gpu_mma_kernel, psim_gpu_tiled_kernel,
    psim_gpu_cublas_kernel, psim_gpu_flash_kernel, psim_gpu_three_kernel,
    psim_gpu_implicit_kernel, psim_gpu_decode_kernel, psim_gpu_pool2d_kernel,
    psim_gpu_nbody_kernel, psim_gpu_fft_kernel;

const struct psim_gpu_kernel *const psim_gpu_kernels[] = {
    &psim_gpu_stream_kernel,    &psim_gpu_softmax_kernel,
    &psim_gpu_layernorm_kernel, &psim_gpu_rmsnorm_kernel,
    &psim_gpu_reduce_kernel,    &psim_gpu_transpose_kernel,
    &psim_gpu_gather_kernel,    &psim_gpu_copy_kernel,
    &psim_gpu_wgmma_kernel,     &psim_gpu_mma_kernel,
    &psim_gpu_tiled_kernel,     &psim_gpu_cublas_kernel,
    &psim_gpu_flash_kernel,     &psim_gpu_three_kernel,
    &psim_gpu_implicit_kernel,  &psim_gpu_decode_kernel,
    &psim_gpu_pool2d_kernel,    &psim_gpu_nbody_kernel,
    &psim_gpu_fft_kernel,       NULL,
};

const struct psim_gpu_kernel *
psim_gpu_kernel_for(const struct psim_gpu_bench *bench, const char **ret_reason)
{
    const char *library = bench->op->keys.library.text;
    *ret_reason = library ? "it has no kernel of that library for the op"
                          : "it has no kernel for the op";
    for (size_t i = 0; psim_gpu_kernels[i]; i++) {
        const struct psim_gpu_kernel *k = psim_gpu_kernels[i];
        if (!psim_str_equal(k->op, bench->op->kind->name)) continue;
        if (library && !psim_str_equal(k->name, library)) continue;
        const char *reason = k->refuses(bench);
        if (!reason) return k;
        *ret_reason = reason;
    }
    return NULL;
}
