/* SPDX-License-Identifier: MIT */
/** @file Pooling: a lane a vector of channels of a result (kernels/pool.cu). */
#include "measure/cuda/bench.h"

enum { LANES = 256 };

/** What the kernel is told: laid out as there. */
struct pool_image {
    uint32_t all, vectors;
    int32_t height, width, out_height, out_width;
    int32_t kernel[2], stride[2], padding[2];
};

struct pool_plan {
    struct psim_gpu_kernel_code code;
    struct pool_image image;
};

static const struct psim_pool2d *
pool_of(const struct psim_gpu_bench *bench)
{
    return PSIM_GPU_OP(bench, psim_pool2d);
}

static const char *
refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_pool2d *p = pool_of(bench);
    if (p->dtype != PSIM_FP64 && p->dtype != PSIM_FP32 && p->dtype != PSIM_BF16 &&
        p->dtype != PSIM_FP16) {
        return "it is done in fp64, fp32, bf16 and fp16 only";
    }
    if (p->layout != 0) return "it is done in layout nhwc only";
    if (p->height > INT16_MAX || p->width > INT16_MAX) {
        return "it is done up to 32767 pixels a side";
    }
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    if (p->batch * height * width * p->channels > INT32_MAX) {
        return "it is done up to 2^31 results";
    }
    /* A window of padding alone has no largest element. */
    return p->padding.value[0] >= p->kernel.value[0] ||
                   p->padding.value[1] >= p->kernel.value[1]
               ? "its padding is as large as its windows"
               : NULL;
}

static struct pool_image
image_of(const struct psim_pool2d *p, unsigned wide)
{
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    struct pool_image image = {
        .all = (uint32_t)(p->batch * height * width * (p->channels / wide)),
        .vectors = (uint32_t)(p->channels / wide),
        .height = (int32_t)p->height,
        .width = (int32_t)p->width,
        .out_height = (int32_t)height,
        .out_width = (int32_t)width,
    };
    for (int i = 0; i < 2; i++) {
        image.kernel[i] = (int32_t)p->kernel.value[i];
        image.stride[i] = (int32_t)p->stride.value[i];
        image.padding[i] = (int32_t)p->padding.value[i];
    }
    return image;
}

static bool
prepare(struct psim_gpu_bench *bench)
{
    const struct psim_pool2d *p = pool_of(bench);
    const enum psim_dtype dtype = (enum psim_dtype)p->dtype;
    const unsigned wide = psim_gpu_vector(dtype, p->channels);
    struct pool_plan *plan = PSIM_NEW(bench->arena, struct pool_plan);
    bench->plan = plan;
    plan->image = image_of(p, wide);
    psim_gpu_input(bench, 0, p->batch * p->height * p->width * p->channels, dtype);
    psim_gpu_output(bench, (uint64_t)plan->image.all * wide, dtype);
    return psim_gpu_compile(bench->gpu, "pool",
                            psim_arena_printf(bench->arena,
                                              "#define T %s\n#define WIDE %u\n"
                                              "#define %s 1\n",
                                              psim_gpu_type(dtype), wide,
                                              p->function == 0 ? "MAX" : "MEAN"),
                            "windows", 0, &plan->code);
}

static bool
run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct pool_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {
        .grid = {((uint64_t)plan->image.all + LANES - 1) / LANES}, .lanes = LANES};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           in = psim_gpu_at(&bench->in[0], set);
    const void *const parameters[] = {&out, &in, &plan->image, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_pool2d_kernel;
const struct psim_gpu_kernel psim_gpu_pool2d_kernel = {
    .name = "windows",
    .op = "pool2d",
    .doc = "a lane a vector of channels of a result",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};
