/* SPDX-License-Identifier: MIT */
/** @file Results beside their references: what rounding may do, and what is wrong. */
#include <float.h>
#include <math.h>

#include "measure/random.h"
#include "measure/references.h"
#include "util/arena.h"

/** Significant bits of a type, and the exponent of its smallest step; whole numbers
 * have neither. */
static const struct {
    int bits, least_exponent;
} types[PSIM_N_DTYPES] = {
    [PSIM_FP64] = {53, -1074}, [PSIM_FP32] = {24, -149},
    [PSIM_TF32] = {24, -149}, /* as it is stored */
    [PSIM_BF16] = {8, -133},   [PSIM_FP16] = {11, -24},
    [PSIM_FP8] = {4, -9}, /* e4m3 */
};

bool
psim_is_whole(enum psim_dtype dtype)
{
    return types[dtype].bits == 0;
}

double
psim_unit(enum psim_dtype dtype)
{
    return ldexp(1, 1 - types[dtype].bits);
}

double
psim_rounded(enum psim_dtype dtype, double x)
{
    if (dtype == PSIM_INT8) return floor(128 * x);
    if (types[dtype].bits >= 24 || x == 0) return x;
    const int step = ilogb(x) + 1 - types[dtype].bits;
    const int least = types[dtype].least_exponent;
    const int exponent = step > least ? step : least;
    return ldexp(nearbyint(ldexp(x, -exponent)), exponent);
}

/** Off by that part of what rounding may do. */
static double
off_by(enum psim_dtype dtype, const struct psim_expected *want, double got,
       double terms)
{
    if ((want->scale == 0 && want->slack == 0) || psim_is_whole(dtype)) {
        return got == want->value ? 0 : HUGE_VAL;
    }
    /* The result is rounded once; sums of n roundings, each of half a unit of the whole
     * sum's size; a few units for functions that are approximated. */
    const double sums = psim_unit(psim_dtype_of_sums((int)dtype));
    const double allowed =
        psim_unit(dtype) * fabs(want->value) + sums * (8 + sqrt(terms)) * want->scale +
        ldexp(1, types[dtype].least_exponent) + want->slack + DBL_MIN;
    return isfinite(got) ? fabs(got - want->value) / allowed : HUGE_VAL;
}

void
psim_check_element(struct psim_check *check, const struct psim_op *op,
                   const struct psim_inputs *in, enum psim_dtype dtype, uint64_t index,
                   double got)
{
    const struct psim_reference *r = psim_reference_of(op);
    const struct psim_expected want = r->expect(op->attributes, in, index);
    const double off = off_by(dtype, &want, got, r->cost(op->attributes));
    if (off <= check->worst) return;
    *check = (struct psim_check){off, (size_t)index, got, want.value};
}

uint64_t
psim_sample_size(const struct psim_op *op, uint64_t all, double budget, uint64_t least)
{
    const double cost = psim_reference_of(op)->cost(op->attributes);
    const double affordable = fmax((double)least, budget / fmax(cost, 1));
    return (double)all < affordable ? all : (uint64_t)affordable;
}

uint64_t
psim_sample(uint64_t all, uint64_t n, uint64_t i)
{
    if (n == all) return i;
    return i == 0 ? all - 1 : psim_random(0, i) % all;
}

const char *
psim_what_is_wrong(struct psim_arena *arena, const char *kernel,
                   const struct psim_check *check)
{
    if (check->worst <= 1) return NULL;
    if (isnan(check->got)) {
        return psim_arena_printf(
            arena, "its kernel '%s' is wrong: elements are not written, or no numbers",
            kernel);
    }
    return psim_arena_printf(arena,
                             "its kernel '%s' is wrong: element %zu is %.9g, not %.9g",
                             kernel, check->index, check->got, check->want);
}
