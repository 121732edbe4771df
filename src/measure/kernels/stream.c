/* SPDX-License-Identifier: MIT */
/** @file Functions of each element. */
#include "measure/kernels/tables.h"
#include "measure/kernels/vmath.h"

/** A loop over vectors, four at a time, and what is left of the last one. */
#define STREAM(name, of_a, of_b, value)                                                \
    static void name(void *out, const void *in_a, const void *in_b, double factor,     \
                     size_t n)                                                         \
    {                                                                                  \
        real *o = out;                                                                 \
        const real *pa = in_a, *pb = in_b;                                             \
        const vec s = v_all((real)factor);                                             \
        vec a = {0}, b = {0};                                                          \
        size_t i = 0;                                                                  \
        (void)pa, (void)pb, (void)s, (void)a, (void)b;                                 \
        for (; i + LANES <= n; i += LANES) {                                           \
            if (of_a) a = v_load(pa + i);                                              \
            if (of_b) b = v_load(pb + i);                                              \
            v_store(o + i, value);                                                     \
        }                                                                              \
        if (i == n) return;                                                            \
        if (of_a) a = v_load_part(pa + i, n - i);                                      \
        if (of_b) b = v_load_part(pb + i, n - i);                                      \
        v_store_part(o + i, value, n - i);                                             \
    }

STREAM(add, 1, 1, a + b)
STREAM(sub, 1, 1, a - b)
STREAM(mul, 1, 1, a *b)
STREAM(divide, 1, 1, a / b)
STREAM(scale, 1, 0, a *s)
STREAM(triad, 1, 1, a + s * b)
STREAM(relu, 1, 0, v_max(a, (vec){0}))
STREAM(fill, 0, 0, s)
STREAM(copy, 1, 0, a)
STREAM(exponential, 1, 0, v_exp(a))
STREAM(gelu, 1, 0, (real)0.5 * a * (1 + v_erf(a * (real)0.70710678118654752440)))
STREAM(silu, 1, 0, a / (1 + v_exp(-a)))
STREAM(silu_mul, 1, 1, a *b / (1 + v_exp(-a)))

/** x = x s + s, @p factor times FMA: eight vectors at once hide the latency. */
static void
chain(void *out, const void *in_a, const void *in_b, double factor, size_t n)
{
    enum { AT_ONCE = 8, STRETCH = AT_ONCE * LANES };
    real *o = out;
    const real *a = in_a;
    const vec s = v_all((real)0.5);
    (void)in_b;
    size_t i = 0;
    for (; i + STRETCH <= n; i += STRETCH) {
        vec x[AT_ONCE];
        for (int j = 0; j < AT_ONCE; j++) {
            x[j] = v_load(a + i + (size_t)j * LANES);
        }
        for (size_t t = 0; t < (size_t)factor; t++) {
            for (int j = 0; j < AT_ONCE; j++) {
                x[j] = x[j] * s + s;
            }
        }
        for (int j = 0; j < AT_ONCE; j++) {
            v_store(o + i + (size_t)j * LANES, x[j]);
        }
    }
    for (; i < n; i += LANES) {
        const size_t part = n - i < LANES ? n - i : LANES;
        vec x = v_load_part(a + i, part);
        for (size_t t = 0; t < (size_t)factor; t++) {
            x = x * s + s;
        }
        v_store_part(o + i, x, part);
    }
}

const struct psim_stream_kernel PSIM_COPY(streams)[] = {
    {"add", add, false},         {"sub", sub, false},     {"mul", mul, false},
    {"div", divide, false},      {"relu", relu, false},   {"gelu", gelu, true},
    {"exp", exponential, false}, {"silu", silu, false},   {"silu_mul", silu_mul, false},
    {"triad", triad, false},     {"fma", chain, false},   {"fill", fill, false},
    {"copy", copy, false},       {"scale", scale, false}, {NULL, NULL, false},
};
