/* SPDX-License-Identifier: MIT */
/** @file Data of a kernel, and its result beside the reference. */
#include "measure/cuda/bench.h"

#include <float.h>
#include <math.h>

#include "measure/random.h"

enum {
    MOST_SETS = 2000,  /* as many calls as a graph holds */
    ALIGN_BYTES = 256, /* of each set */
    LANES = 256,       /* of the kernels that fill and look */
};

/** Significant bits of a type, and the exponent of its smallest step. */
static const struct {
    int bits, least_exponent;
    const char *name;
} types[PSIM_N_DTYPES] = {
    [PSIM_FP64] = {53, -1074, "double"}, [PSIM_FP32] = {24, -149, "float"},
    [PSIM_TF32] = {24, -149, NULL}, /* as it is stored */
    [PSIM_BF16] = {8, -133, "bf16_t"},   [PSIM_FP16] = {11, -24, "fp16_t"},
};

const char *
psim_gpu_type(enum psim_dtype dtype)
{
    return types[dtype].name;
}

double
psim_gpu_unit(enum psim_dtype dtype)
{
    return ldexp(1, 1 - types[dtype].bits);
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

double
psim_gpu_value(const struct psim_gpu_tensor *tensor, uint64_t index)
{
    if (tensor->rows > 0) {
        const uint64_t row =
            tensor->sequential ? index : psim_random(tensor->seed, index);
        return (double)(row % tensor->rows);
    }
    const double x = psim_random_signed(tensor->seed, index);
    if (types[tensor->dtype].bits >= 24 || x == 0) return x;
    const int step = ilogb(x) + 1 - types[tensor->dtype].bits;
    const int least = types[tensor->dtype].least_exponent;
    const int exponent = step > least ? step : least;
    return ldexp(nearbyint(ldexp(x, -exponent)), exponent);
}

/* --- filling ------------------------------------------------------------------- */

static uint64_t
set_bytes(const struct psim_gpu_bench *bench)
{
    uint64_t bytes = bench->out.set_bytes + bench->scratch.set_bytes;
    for (int i = 0; i < PSIM_GPU_MAX_INPUTS; i++) {
        bytes += bench->in[i].set_bytes;
    }
    return bytes;
}

bool
psim_gpu_bench_is_cold(const struct psim_gpu_bench *bench)
{
    /* A set is gone when its turn comes, if the others alone fill the cache. */
    return (bench->sets - 1) * set_bytes(bench) >= bench->gpu->l2_bytes ||
           set_bytes(bench) >= 4 * bench->gpu->l2_bytes;
}

static bool
tools(const struct psim_gpu_bench *bench, enum psim_dtype dtype, const char *function,
      struct psim_gpu_kernel_code *ret)
{
    const char *defines =
        psim_arena_printf(bench->arena, "#define T %s\n",
                          types[dtype].name ? types[dtype].name : "float");
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
    const void *const indices[] = {&to,      &t->elements, &t->seed,
                                   &t->rows, &random,      NULL};
    const bool index = t->rows > 0;
    return tools(bench, t->dtype, index ? "fill_indices" : "fill_random", &code) &&
           psim_gpu_run(bench->gpu, &code, &launch, index ? indices : numbers);
}

static bool
take(struct psim_gpu_bench *bench, struct psim_gpu_tensor *tensor)
{
    if (tensor->elements == 0) return true;
    tensor->at = psim_gpu_new(bench->gpu, bench->sets * tensor->set_bytes);
    return tensor->at != 0;
}

/** As many sets as are needed, at most as many as fit. */
static unsigned
sets_of(const struct psim_gpu_bench *bench, bool cold, uint64_t available_bytes)
{
    const uint64_t bytes = set_bytes(bench);
    if (!cold) return 1;
    uint64_t sets = 2 * bench->gpu->l2_bytes / bytes + 2;
    if (sets > MOST_SETS) sets = MOST_SETS;
    if (sets > available_bytes / bytes) sets = available_bytes / bytes;
    return sets > 0 ? (unsigned)sets : 1;
}

bool
psim_gpu_bench_fill(struct psim_gpu_bench *bench, bool cold, const char **ret_reason)
{
    size_t available = 0, all = 0;
    *ret_reason = NULL;
    if (!psim_gpu_ok(bench->gpu, bench->gpu->api.memory_info(&available, &all),
                     "asking for its free memory")) {
        return false;
    }
    const uint64_t usable = available - available / 16;
    if (set_bytes(bench) > usable) {
        *ret_reason = "it takes more than the free memory of the device";
        return true;
    }
    bench->sets = sets_of(bench, cold, usable);
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

/** All of them, or as many as can be afforded: the last one, and random ones. */
static uint64_t *
choose(const struct psim_gpu_bench *bench, const struct psim_gpu_kernel *kernel,
       uint64_t *ret_n)
{
    /* About a tenth of a second of random numbers, rounded. */
    enum { BUDGET = 4000000, LEAST = 8 };
    const uint64_t all = bench->out.elements;
    const uint64_t affordable =
        (uint64_t)fmax(LEAST, BUDGET / fmax(kernel->expect_cost(bench), 1));
    const uint64_t n = all < affordable ? all : affordable;
    uint64_t *list = PSIM_NEW_N(bench->arena, uint64_t, n);
    for (uint64_t i = 0; i < n; i++) {
        list[i] = n == all ? i : i == 0 ? all - 1 : psim_random(0, i) % all;
    }
    *ret_n = n;
    return list;
}

/** Off by that part of what rounding may do. */
static double
off_by(const struct psim_gpu_bench *bench, const struct psim_gpu_expected *want,
       double got, double terms)
{
    /* The result is rounded once; sums of n roundings, each of half a unit of the whole
     * sum's size; a few units for functions that are approximated. */
    const enum psim_dtype sums = psim_dtype_of_sums(bench->out.dtype);
    const double allowed = psim_gpu_unit(bench->out.dtype) * fabs(want->value) +
                           psim_gpu_unit(sums) * (8 + sqrt(terms)) * want->scale +
                           ldexp(1, types[bench->out.dtype].least_exponent) +
                           want->slack + DBL_MIN;
    return isfinite(got) ? fabs(got - want->value) / allowed : (double)INFINITY;
}

static void
compare(const struct psim_gpu_bench *bench, const struct psim_gpu_kernel *kernel,
        const uint64_t *index, const double *got, uint64_t n,
        struct psim_gpu_check *ret)
{
    const double terms = kernel->expect_cost(bench);
    for (uint64_t i = 0; i < n; i++) {
        const struct psim_gpu_expected want = kernel->expect(bench, index[i]);
        const double off = off_by(bench, &want, got[i], terms);
        if (off <= ret->worst) continue;
        *ret = (struct psim_gpu_check){off, index[i], got[i], want.value};
    }
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

/** How many elements of the result are no number. */
static bool
count_nan(const struct psim_gpu_bench *bench, uint64_t *ret)
{
    struct psim_gpu_kernel_code code;
    const struct psim_gpu_launch launch = spread(bench->gpu, bench->out.elements);
    const psim_gpu_address from = psim_gpu_at(&bench->out, 0);
    const psim_gpu_address count = psim_gpu_new(bench->gpu, sizeof(*ret));
    const void *const parameters[] = {&from, &bench->out.elements, &count, NULL};
    *ret = 0;
    return count && tools(bench, bench->out.dtype, "count_nan", &code) &&
           psim_gpu_copy_in(bench->gpu, count, ret, sizeof(*ret)) &&
           psim_gpu_run(bench->gpu, &code, &launch, parameters) &&
           psim_gpu_copy_out(bench->gpu, ret, count, sizeof(*ret));
}

bool
psim_gpu_bench_check(const struct psim_gpu_bench *bench,
                     const struct psim_gpu_kernel *kernel, struct psim_gpu_check *ret)
{
    const struct psim_gpu *gpu = bench->gpu;
    uint64_t n, wrong;
    *ret = (struct psim_gpu_check){0};
    if (!kernel->expect) return true; /* nothing is computed */
    const uint64_t *index = choose(bench, kernel, &n);
    double *got = PSIM_NEW_N(bench->arena, double, n);
    if (!psim_gpu_ok(
            gpu,
            gpu->api.set_bytes(bench->out.at, 0xff, bench->out.set_bytes, gpu->stream),
            "poisoning the result") ||
        !kernel->run(bench, 0) || !psim_gpu_wait(gpu) || !count_nan(bench, &wrong) ||
        !look(bench, index, n, got)) {
        return false;
    }
    compare(bench, kernel, index, got, n, ret);
    if (wrong > 0 && !(ret->worst > 1)) ret->worst = ret->got = (double)NAN;
    return true;
}
