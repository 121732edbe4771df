/* SPDX-License-Identifier: MIT */
/** @file Each element once: functions of elements. */

#include "measure/cuda/bench.h"
#include "util/str.h"

enum { LANES = 256, LOADS = 2 };

struct stream_plan {
    struct psim_gpu_kernel_code code;
    uint64_t groups;
    double s;
};

static const char *
function_of(const struct psim_gpu_bench *bench)
{
    return psim_stream_function(PSIM_GPU_OP(bench, psim_elementwise));
}

static const char *
refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_elementwise *e = PSIM_GPU_OP(bench, psim_elementwise);
    const bool scale = psim_str_equal(function_of(bench), "scale");
    if (!psim_gpu_type((enum psim_dtype)e->dtype)) {
        return "it is done in fp64, fp32, bf16 and fp16 only";
    }
    if (e->outputs != 1 || e->strided || e->inputs > 2 ||
        (e->inputs != psim_functions[e->function].inputs && !scale)) {
        return "it is done with the inputs of its function, one output and whole rows";
    }
    return NULL;
}

static bool
prepare(struct psim_gpu_bench *bench)
{
    const struct psim_elementwise *e = PSIM_GPU_OP(bench, psim_elementwise);
    const enum psim_dtype dtype = (enum psim_dtype)e->dtype;
    struct stream_plan *plan = PSIM_NEW(bench->arena, struct stream_plan);
    const uint64_t group = (uint64_t)LANES * LOADS * 16 / psim_dtype_bytes(dtype);
    bench->plan = plan;
    plan->groups = (e->elements + group - 1) / group;
    const bool chain = psim_str_equal(function_of(bench), "fma");
    plan->s = psim_stream_number(e);
    for (int i = 0; i < (int)e->inputs; i++) {
        psim_gpu_input(bench, i, e->elements, dtype);
    }
    psim_gpu_output(bench, e->elements, dtype);
    return psim_gpu_compile(
        bench->gpu, "stream",
        psim_arena_printf(bench->arena,
                          "#define T %s\n#define INPUTS %d\n#define FUNCTION f_%s\n"
                          "#define LOADS %d\n%s",
                          psim_gpu_type(dtype), (int)e->inputs, function_of(bench),
                          LOADS, chain ? "#define CHAIN 1\n" : ""),
        "stream", 0, &plan->code);
}

static bool
run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct stream_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {.grid = {plan->groups}, .lanes = LANES};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           a = psim_gpu_at(&bench->in[0], set),
                           b = psim_gpu_at(&bench->in[1], set);
    const void *const parameters[] = {&out,     &a,  &b, &bench->out.elements,
                                      &plan->s, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_stream_kernel;
const struct psim_gpu_kernel psim_gpu_stream_kernel = {
    .name = "stream",
    .op = "elementwise",
    .doc = "two vectors of 16 bytes a lane, of each input",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};
