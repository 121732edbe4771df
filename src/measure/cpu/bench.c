/* SPDX-License-Identifier: MIT */
/** @file Data of a kernel, and its result beside the reference. */
#include "measure/cpu/bench.h"

#include <assert.h>
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
    const struct psim_tensor *given = &bench->given;
    if (i == 0 && given->elements == elements &&
        given->element_bytes == bench->kernels->element_bytes) {
        bench->in[0] = *given;
        return;
    }
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

static double
get_input(const void *context, int input, uint64_t index)
{
    const struct psim_bench *bench = context;
    return psim_tensor_get(&bench->in[input], (size_t)index);
}

struct psim_check
psim_bench_check(const struct psim_bench *bench)
{
    /* About a quarter of a second of scalar multiply-adds. */
    static const double budget = 1e8;
    enum { LEAST = 64 };
    const struct psim_inputs inputs = {get_input, bench};
    const enum psim_dtype dtype =
        bench->out.element_bytes == sizeof(double) ? PSIM_FP64 : PSIM_FP32;
    const size_t all = bench->out.elements;
    const size_t n = (size_t)psim_sample_size(bench->op, all, budget, LEAST);
    struct psim_check check = {0};
    assert(all > 0); /* sizes of ops are at least 1 */
    for (size_t i = 0; i < all; i++) {
        const double got = psim_tensor_get(&bench->out, i);
        if (isnan(got)) return (struct psim_check){HUGE_VAL, i, got, 0};
    }
    for (size_t i = 0; i < n; i++) {
        const size_t at = (size_t)psim_sample(all, n, i);
        psim_check_element(&check, bench->op, &inputs, dtype, at,
                           psim_tensor_get(&bench->out, at));
    }
    return check;
}
