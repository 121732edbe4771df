/* SPDX-License-Identifier: MIT */
/** @file Data of a kernel, and its result beside the reference. */
#include "measure/cuda/bench.h"

#include <math.h>

#include "measure/random.h"

enum {
    MOST_SETS = 2000,  /* as many calls as a graph holds */
    ALIGN_BYTES = 256, /* of each set */
    LANES = 256,       /* of the kernels that fill and look */
};

/** How kernels call a type. */
static const char *const types[PSIM_N_DTYPES] = {
    [PSIM_FP64] = "double", [PSIM_FP32] = "float", [PSIM_BF16] = "bf16_t",
    [PSIM_FP16] = "fp16_t", [PSIM_FP8] = "fp8_t",  [PSIM_INT8] = "int8_t",
    [PSIM_INT32] = "int",
};

const char *
psim_gpu_type(enum psim_dtype dtype)
{
    return types[dtype];
}

unsigned
psim_gpu_vector(enum psim_dtype dtype, uint64_t n)
{
    unsigned elements = 16 / psim_dtype_bytes(dtype);
    while (n % elements != 0) {
        elements /= 2;
    }
    return elements;
}

static uint64_t
round_up(uint64_t bytes)
{
    return (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

static struct psim_gpu_tensor
tensor_of(uint64_t elements, enum psim_dtype dtype, uint64_t seed)
{
    return (struct psim_gpu_tensor){
        .elements = elements,
        .dtype = dtype,
        .seed = seed,
        .set_bytes = round_up(elements * psim_dtype_bytes(dtype)),
    };
}

void
psim_gpu_input(struct psim_gpu_bench *bench, int i, uint64_t elements,
               enum psim_dtype dtype)
{
    bench->in[i] = tensor_of(elements, dtype, (uint64_t)i + 1);
}

void
psim_gpu_output(struct psim_gpu_bench *bench, uint64_t elements, enum psim_dtype dtype)
{
    bench->out = tensor_of(elements, dtype, 0);
}

void
psim_gpu_scratch(struct psim_gpu_bench *bench, uint64_t elements, enum psim_dtype dtype)
{
    bench->scratch = tensor_of(elements, dtype, 0);
}

psim_gpu_address
psim_gpu_at(const struct psim_gpu_tensor *tensor, unsigned set)
{
    return tensor->at + set * tensor->set_bytes;
}

/* --- filling ------------------------------------------------------------------- */

uint64_t
psim_gpu_bench_bytes(const struct psim_gpu_bench *bench)
{
    uint64_t bytes = bench->out.set_bytes + bench->scratch.set_bytes;
    for (int i = 0; i < PSIM_GPU_MAX_INPUTS; i++) {
        bytes += bench->in[i].set_bytes;
    }
    return bytes;
}

bool
psim_gpu_is_cold(const struct psim_gpu *gpu, uint64_t bytes, unsigned sets)
{
    /* A set is gone when its turn comes, if the others alone fill the cache. */
    return (sets - 1) * bytes >= gpu->l2_bytes || bytes >= 4 * gpu->l2_bytes;
}

bool
psim_gpu_sets(struct psim_gpu *gpu, uint64_t bytes, bool cold, uint64_t runs,
              unsigned *ret, const char **ret_reason)
{
    size_t available = 0, all = 0;
    if (!psim_gpu_ok(gpu, gpu->api.memory_info(&available, &all),
                     "asking for its free memory")) {
        return false;
    }
    const uint64_t usable = available - available / 16;
    *ret = 1;
    if (bytes > usable) {
        *ret_reason = "it takes more than the free memory of the device";
        return true;
    }
    if (!cold) return true;
    uint64_t sets = 2 * gpu->l2_bytes / bytes + 2;
    if (sets > MOST_SETS / runs) sets = MOST_SETS / runs;
    if (sets > usable / bytes) sets = usable / bytes;
    if (sets > 1) *ret = (unsigned)sets;
    return true;
}

static bool
tools(const struct psim_gpu_bench *bench, enum psim_dtype dtype, const char *function,
      struct psim_gpu_kernel_code *ret)
{
    const char *defines = psim_arena_printf(bench->arena, "#define T %s\n",
                                            types[dtype] ? types[dtype] : "float");
    return psim_gpu_compile(bench->gpu, "tools", defines, function, 0, ret);
}

/** Lanes for all elements, or as many as keep the device busy. */
static struct psim_gpu_launch
spread(const struct psim_gpu *gpu, uint64_t elements)
{
    const uint64_t most = (uint64_t)gpu->units * 16;
    const uint64_t groups = (elements + LANES - 1) / LANES;
    return (struct psim_gpu_launch){.grid = {groups < most ? groups : most},
                                    .lanes = LANES};
}

static bool
fill_set(const struct psim_gpu_bench *bench, const struct psim_gpu_tensor *t,
         unsigned set)
{
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = spread(bench->gpu, t->elements);
    const psim_gpu_address to = psim_gpu_at(t, set);
    const int random = !t->sequential;
    const void *const numbers[] = {&to, &t->elements, &t->seed, NULL};
    const void *const turned[] = {
        &to, &t->elements, &t->seed, &t->turned_rows, &t->turned_cols, NULL};
    const void *const indices[] = {&to,      &t->elements, &t->seed,
                                   &t->rows, &random,      NULL};
    const char *const function = t->rows > 0          ? "fill_indices"
                                 : t->turned_rows > 0 ? "fill_turned"
                                                      : "fill_random";
    return tools(bench, t->dtype, function, &code) &&
           psim_gpu_run(bench->gpu, &code, &launch,
                        t->rows > 0          ? indices
                        : t->turned_rows > 0 ? turned
                                             : numbers);
}

static bool
take(struct psim_gpu_bench *bench, struct psim_gpu_tensor *tensor)
{
    if (tensor->elements == 0) return true;
    tensor->at = psim_gpu_new(bench->gpu, bench->sets * tensor->set_bytes);
    return tensor->at != 0;
}

bool
psim_gpu_bench_fill(struct psim_gpu_bench *bench)
{
    if (!take(bench, &bench->out) || !take(bench, &bench->scratch)) return false;
    for (int i = 0; i < PSIM_GPU_MAX_INPUTS; i++) {
        if (!take(bench, &bench->in[i])) return false;
        for (unsigned set = 0; set < bench->sets && bench->in[i].elements > 0; set++) {
            if (!fill_set(bench, &bench->in[i], set)) return false;
        }
    }
    return true;
}

/* --- checking ------------------------------------------------------------------ */

/** Element of an input, as the device has it. */
static double
get_input(const void *context, int input, uint64_t index)
{
    const struct psim_gpu_tensor *t =
        &((const struct psim_gpu_bench *)context)->in[input];
    if (t->rows == 0) return psim_rounded(t->dtype, psim_random_signed(t->seed, index));
    return (double)((t->sequential ? index : psim_random(t->seed, index)) % t->rows);
}

/** Elements of the result, as doubles. */
static bool
look(const struct psim_gpu_bench *bench, const uint64_t *index, uint64_t n, double *ret)
{
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = spread(bench->gpu, n);
    const psim_gpu_address from = psim_gpu_at(&bench->out, 0);
    const psim_gpu_address list = psim_gpu_new(bench->gpu, n * sizeof(*index));
    const psim_gpu_address to = psim_gpu_new(bench->gpu, n * sizeof(*ret));
    const void *const parameters[] = {&from, &list, &n, &to, NULL};
    return list && to && tools(bench, bench->out.dtype, "sample", &code) &&
           psim_gpu_copy_in(bench->gpu, list, index, n * sizeof(*index)) &&
           psim_gpu_run(bench->gpu, &code, &launch, parameters) &&
           psim_gpu_copy_out(bench->gpu, ret, to, n * sizeof(*ret));
}

/** What a result is filled with before: in floating point no number, as whole numbers
 * more than any sum. */
static unsigned char
poison_of(enum psim_dtype dtype)
{
    return psim_is_whole(dtype) ? 0x7f : 0xff;
}

/** How many elements of the result are poisoned, or no number. */
static bool
count_wrong(const struct psim_gpu_bench *bench, uint64_t *ret)
{
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = spread(bench->gpu, bench->out.elements);
    const psim_gpu_address from = psim_gpu_at(&bench->out, 0);
    const psim_gpu_address count = psim_gpu_new(bench->gpu, sizeof(*ret));
    const void *const parameters[] = {&from, &bench->out.elements, &count, NULL};
    *ret = 0;
    return count && tools(bench, bench->out.dtype, "count_wrong", &code) &&
           psim_gpu_copy_in(bench->gpu, count, ret, sizeof(*ret)) &&
           psim_gpu_run(bench->gpu, &code, &launch, parameters) &&
           psim_gpu_copy_out(bench->gpu, ret, count, sizeof(*ret));
}

bool
psim_gpu_bench_check(const struct psim_gpu_bench *bench,
                     const struct psim_gpu_kernel *kernel, struct psim_check *ret)
{
    /* About a tenth of a second of random numbers, rounded. */
    static const double budget = 4e6;
    enum { LEAST = 8 };
    const struct psim_gpu *gpu = bench->gpu;
    const struct psim_inputs inputs = {get_input, bench};
    *ret = (struct psim_check){0};
    if (!psim_reference_of(bench->op)) return true;
    const uint64_t n = psim_sample_size(bench->op, bench->out.elements, budget, LEAST);
    uint64_t *index = PSIM_NEW_N(bench->arena, uint64_t, n), wrong;
    double *got = PSIM_NEW_N(bench->arena, double, n);
    for (uint64_t i = 0; i < n; i++) {
        index[i] = psim_sample(bench->out.elements, n, i);
    }
    if (!psim_gpu_ok(gpu,
                     gpu->api.set_bytes(bench->out.at, poison_of(bench->out.dtype),
                                        bench->out.set_bytes, gpu->stream),
                     "poisoning the result") ||
        !kernel->run(bench, 0) || !psim_gpu_wait(gpu) || !count_wrong(bench, &wrong) ||
        !look(bench, index, n, got)) {
        return false;
    }
    for (uint64_t i = 0; i < n; i++) {
        psim_check_element(ret, bench->op, &inputs, bench->out.dtype, index[i], got[i]);
    }
    if (wrong > 0 && !(ret->worst > 1)) ret->worst = ret->got = (double)NAN;
    return true;
}
