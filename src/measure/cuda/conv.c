/* SPDX-License-Identifier: MIT */
/** @file Convolution as a product whose left matrix is unfolded on the way in. */

#include "measure/cuda/product.h"

static const struct psim_conv2d *
conv_of(const struct psim_gpu_bench *bench)
{
    return PSIM_GPU_OP(bench, psim_conv2d);
}

static bool
has(const struct psim_conv2d *c, enum psim_epilogue what)
{
    return (c->epilogue >> what & 1) != 0;
}

enum { LEAST_ROWS = 64 }; /* of a tile */

static const char *
refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_conv2d *c = conv_of(bench);
    if (c->algorithm != PSIM_CONV_IMPLICIT_GEMM) {
        return "it has no kernel for that algorithm";
    }
    const char *reason = psim_gpu_product_refuses(bench->gpu, c->dtype);
    if (reason) return reason;
    if (c->groups != 1) return "it is done with one group of channels";
    if (c->layout != 0) return "it is done in layout nhwc only";
    /* A tile's rows, of which the smallest has 64, are whole windows. */
    if (LEAST_ROWS % psim_conv2d_window(c) != 0) {
        return "it is done with windows of 2, 4, 8, 16, 32 or 64 pixels";
    }
    if (c->in_channels % 8 != 0 || c->out_channels % 8 != 0) {
        return "channels of whole 16 B are needed";
    }
    return c->batch * c->height * c->width * c->in_channels <= INT32_MAX
               ? NULL
               : "it is done for up to 2^31 elements";
}

static struct psim_gpu_problem
problem_of(const struct psim_conv2d *c)
{
    uint64_t height, width;
    psim_conv2d_output(c, &height, &width);
    struct psim_gpu_problem p = {
        .m = c->batch * height * width,
        .n = c->out_channels,
        .k = (int32_t)(c->kernel.value[0] * c->kernel.value[1] * c->in_channels),
        .share = 1,
        .scale = 1,
        .height = (int32_t)c->height,
        .width = (int32_t)c->width,
        .channels = (int32_t)c->in_channels,
        .out_height = (int32_t)height,
        .out_width = (int32_t)width,
        .kernel_width = (int32_t)c->kernel.value[1],
    };
    for (int i = 0; i < 2; i++) {
        p.stride[i] = (int32_t)c->stride.value[i];
        p.padding[i] = (int32_t)c->padding.value[i];
        p.dilation[i] = (int32_t)c->dilation.value[i];
    }
    return p;
}

static bool
prepare(struct psim_gpu_bench *bench)
{
    const struct psim_conv2d *c = conv_of(bench);
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    struct psim_gpu_product *plan = PSIM_NEW(bench->arena, struct psim_gpu_product);
    bench->plan = plan;
    plan->batch = 1;
    plan->problem = problem_of(c);
    plan->bias = has(c, PSIM_EPILOGUE_BIAS);
    plan->relu = has(c, PSIM_EPILOGUE_RELU);
    psim_gpu_input(bench, 0, c->batch * c->height * c->width * c->in_channels, dtype);
    psim_gpu_input(bench, 1, (uint64_t)plan->problem.k * c->out_channels, dtype);
    if (has(c, PSIM_EPILOGUE_BIAS)) psim_gpu_input(bench, 2, c->out_channels, dtype);
    const uint64_t window = psim_conv2d_window(c);
    psim_gpu_output(bench, plan->problem.m / window * c->out_channels, dtype);
    for (int i = 0; i < 2 && window > 1; i++) {
        plan->pool[i] = (unsigned)c->pool.value[i];
    }
    if (!psim_gpu_product_prepare(bench, dtype, PSIM_GPU_IMAGE, plan)) return false;
    bench->tile = (struct psim_tile_keys){
        .m = plan->tile.m, .n = plan->tile.n, .k = psim_gpu_tile_k(dtype)};
    bench->stages = plan->tile.stages;
    return true;
}

static bool
run(const struct psim_gpu_bench *bench, unsigned set)
{
    struct psim_gpu_product own = *PSIM_GPU_PLAN(bench, psim_gpu_product);
    if (bench->in[2].elements > 0) own.problem.bias = psim_gpu_at(&bench->in[2], set);
    return psim_gpu_product_run(bench, &own, psim_gpu_at(&bench->out, set),
                                psim_gpu_at(&bench->in[0], set),
                                psim_gpu_at(&bench->in[1], set));
}

extern const struct psim_gpu_kernel psim_gpu_implicit_kernel;
const struct psim_gpu_kernel psim_gpu_implicit_kernel = {
    .name = "implicit",
    .op = "conv2d",
    .doc = "a product by the matrix instruction of a warp, unfolded on the way in",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};
