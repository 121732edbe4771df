/* SPDX-License-Identifier: MIT */
/** @file Data of a kernel, and its result beside the reference. */
#include "measure/cpu/bench.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "measure/random.h"
#include "util/arena.h"

double
psim_tensor_get(const struct psim_tensor *tensor, size_t index)
{
    return tensor->element_bytes == sizeof(double)
               ? ((const double *)tensor->data)[index]
               : (double)((const float *)tensor->data)[index];
}

void *
psim_tensor_at(const struct psim_tensor *tensor, size_t index)
{
    return (char *)tensor->data + index * tensor->element_bytes;
}

/** What a thread fills. */
struct fill {
    const struct psim_team *team;
    struct psim_tensor tensor;
    uint64_t seed;
};

static void
fill_part(void *context, unsigned thread)
{
    const struct fill *fill = context;
    size_t first, end;
    psim_team_share(fill->team, thread, fill->tensor.elements, 64, &first, &end);
    for (size_t i = first; i < end; i++) {
        const double x = psim_random_signed(fill->seed, i);
        if (fill->tensor.element_bytes == sizeof(double)) {
            ((double *)fill->tensor.data)[i] = x;
        } else {
            ((float *)fill->tensor.data)[i] = (float)x;
        }
    }
}

static struct psim_tensor
new_tensor(struct psim_bench *bench, size_t elements)
{
    const size_t bytes = bench->kernels->element_bytes;
    return (struct psim_tensor){
        .data = psim_region_new(bench->arena, &bench->regions, elements * bytes),
        .elements = elements,
        .element_bytes = bytes,
    };
}

void
psim_bench_input(struct psim_bench *bench, int i, size_t elements)
{
    bench->in[i] = new_tensor(bench, elements);
    struct fill fill = {bench->team, bench->in[i], (uint64_t)i + 1};
    psim_team_run(bench->team, fill_part, &fill);
}

void
psim_bench_output(struct psim_bench *bench, size_t elements)
{
    bench->out = new_tensor(bench, elements);
    psim_bench_poison(bench);
}

void *
psim_bench_scratch(struct psim_bench *bench, size_t bytes)
{
    return psim_region_new(bench->arena, &bench->regions, bytes);
}

/** All bits set is no number in either type. */
static void
poison_part(void *context, unsigned thread)
{
    const struct fill *fill = context;
    size_t first, end;
    psim_team_share(fill->team, thread, fill->tensor.elements, 64, &first, &end);
    memset(psim_tensor_at(&fill->tensor, first), 0xff,
           (end - first) * fill->tensor.element_bytes);
}

void
psim_bench_poison(struct psim_bench *bench)
{
    struct fill fill = {bench->team, bench->out, 0};
    psim_team_run(bench->team, poison_part, &fill);
}

/** Off by that part of what rounding may do. */
static double
off_by(const struct psim_bench *bench, const struct psim_expected *want, double got,
       double terms)
{
    /* Sums of n roundings, each of half a unit of the whole sum's size, and a few
     * units for functions that are approximated. */
    const bool fp64 = bench->out.element_bytes == sizeof(double);
    const double unit = fp64 ? 0x1p-52 : 0x1p-23;
    const double allowed = unit * (8 + sqrt(terms)) * fmax(want->scale, DBL_MIN);
    return isfinite(got) ? fabs(got - want->value) / allowed : HUGE_VAL;
}

static void
check_one(const struct psim_cpu_kernel *kernel, const struct psim_bench *bench,
          double terms, size_t index, struct psim_check *check)
{
    const struct psim_expected want = kernel->expect(bench, index);
    const double got = psim_tensor_get(&bench->out, index);
    const double off = off_by(bench, &want, got, terms);
    if (off <= check->worst) return;
    *check = (struct psim_check){off, index, got, want.value};
}

struct psim_check
psim_bench_check(const struct psim_cpu_kernel *kernel, const struct psim_bench *bench)
{
    /* About a quarter of a second of scalar multiply-adds. */
    enum { BUDGET = 100000000, LEAST = 64 };
    struct psim_check check = {0};
    const size_t n = bench->out.elements;
    assert(n > 0); /* sizes of ops are at least 1 */
    for (size_t i = 0; i < n; i++) {
        const double got = psim_tensor_get(&bench->out, i);
        if (!isnan(got)) continue;
        return (struct psim_check){HUGE_VAL, i, got, kernel->expect(bench, i).value};
    }
    const double terms = kernel->expect_cost(bench);
    const double affordable = fmax(LEAST, BUDGET / fmax(terms, 1));
    if ((double)n <= affordable) {
        for (size_t i = 0; i < n; i++) {
            check_one(kernel, bench, terms, i, &check);
        }
        return check;
    }
    check_one(kernel, bench, terms, n - 1, &check); /* edges are where slips are */
    for (size_t i = 0; i < (size_t)affordable; i++) {
        check_one(kernel, bench, terms, (size_t)(psim_random(0, i) % n), &check);
    }
    return check;
}
