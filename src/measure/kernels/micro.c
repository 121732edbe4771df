/* SPDX-License-Identifier: MIT */
/** @file Loops of one instruction each: as many at once as the units take, or one
 * after the other.
 */
#include "measure/kernels/tables.h"
#include "measure/kernels/vmath.h"

/* Chains that do not depend on each other: two units of a latency of six, and more. */
enum { CHAINS = 12 };

#if defined(__x86_64__) && defined(__AVX512F__)
#define KEEP(x) __asm__ volatile("" : "+v"(x))
#elif defined(__x86_64__)
#define KEEP(x) __asm__ volatile("" : "+x"(x))
#elif defined(__aarch64__)
#define KEEP(x) __asm__ volatile("" : "+w"(x))
#else
#define KEEP(x) __asm__ volatile("" : "+m"(x))
#endif

/** `step` of x with the constants s and t, @p n chains of it. */
#define LOOP(name, n, step)                                                            \
    static double name(size_t turns)                                                   \
    {                                                                                  \
        vec chain[n];                                                                  \
        vec s = v_all(1), t = v_all((real)0.001);                                      \
        KEEP(s);                                                                       \
        KEEP(t);                                                                       \
        for (int j = 0; j < (n); j++) {                                                \
            chain[j] = v_all((real)(j + 1) / (n));                                     \
        }                                                                              \
        for (size_t i = 0; i < turns; i++) {                                           \
            for (int j = 0; j < (n); j++) {                                            \
                vec x = chain[j];                                                      \
                x = step;                                                              \
                KEEP(x);                                                               \
                chain[j] = x;                                                          \
            }                                                                          \
        }                                                                              \
        double all = 0;                                                                \
        for (int j = 0; j < (n); j++) {                                                \
            all += (double)v_sum(chain[j]);                                            \
        }                                                                              \
        return all;                                                                    \
    }

LOOP(fma_rate, CHAINS, x *s + t)
LOOP(fma_latency, 1, x *s + t)
LOOP(add_rate, CHAINS, x + t)
LOOP(add_latency, 1, x + t)
LOOP(mul_rate, CHAINS, x *s)
LOOP(mul_latency, 1, x *s)
LOOP(max_rate, CHAINS, v_max(x, t))
LOOP(divide_rate, CHAINS, s / x)
LOOP(divide_latency, 1, s / x)
LOOP(exp_rate, 8, v_exp(x))
LOOP(exp_latency, 1, v_exp(x))
LOOP(rsqrt_rate, 8, v_rsqrt(x))

/* As many of each as there are registers for. */
#if PSIM_VECTOR_BYTES == 64
enum { OF_EACH = 12, OF_BOTH = 2 * OF_EACH };
#else
enum { OF_EACH = 6, OF_BOTH = 2 * OF_EACH };
#endif

static double
mixed_rate(size_t turns)
{
    vec product[OF_EACH] = {0}, sum[OF_EACH] = {0};
    vec s = v_all(1), t = v_all((real)0.001);
    KEEP(s);
    KEEP(t);
    for (size_t i = 0; i < turns; i++) {
        for (int j = 0; j < OF_EACH; j++) {
            vec x = product[j], y = sum[j];
            x = x * s + t;
            y = y + t;
            KEEP(x);
            KEEP(y);
            product[j] = x;
            sum[j] = y;
        }
    }
    double all = 0;
    for (int j = 0; j < OF_EACH; j++) {
        all += (double)v_sum(product[j] + sum[j]);
    }
    return all;
}

/** Additions of whole numbers, of the element's width. */
static double
integer_rate(size_t turns)
{
    vecw chain[CHAINS] = {0};
    vecw one = (vecw){0} + 1;
    KEEP(one);
    for (size_t i = 0; i < turns; i++) {
        for (int j = 0; j < CHAINS; j++) {
            vecw x = chain[j];
            x += one;
            KEEP(x);
            chain[j] = x;
        }
    }
    double all = 0;
    for (int j = 0; j < CHAINS; j++) {
        all += (double)chain[j][0];
    }
    return all;
}

/** All of it, again and again; what is loaded is dropped. */
static double
load(const void *from, size_t n, size_t turns)
{
    enum { AT_ONCE = 8, STRETCH = AT_ONCE * LANES };
    const real *x = from;
    vec last = {0};
    for (size_t t = 0; t < turns; t++) {
        for (size_t i = 0; i + STRETCH <= n; i += STRETCH) {
            for (size_t j = 0; j < AT_ONCE; j++) {
                last = v_load(x + i + j * LANES);
                KEEP(last);
            }
        }
    }
    return (double)last[0];
}

static void
store(void *to, size_t n, size_t turns)
{
    enum { AT_ONCE = 8, STRETCH = AT_ONCE * LANES };
    real *x = to;
    vec value = v_all(1);
    for (size_t t = 0; t < turns; t++) {
        KEEP(value);
        for (size_t i = 0; i + STRETCH <= n; i += STRETCH) {
            for (size_t j = 0; j < AT_ONCE; j++) {
                v_store(x + i + j * LANES, value);
            }
            __asm__ volatile("" ::: "memory");
        }
    }
}

static void
copy(void *to, const void *from, size_t n, size_t turns)
{
    enum { AT_ONCE = 4, STRETCH = AT_ONCE * LANES };
    real *o = to;
    const real *x = from;
    for (size_t t = 0; t < turns; t++) {
        for (size_t i = 0; i + STRETCH <= n; i += STRETCH) {
            for (size_t j = 0; j < AT_ONCE; j++) {
                v_store(o + i + j * LANES, v_load(x + i + j * LANES));
            }
            __asm__ volatile("" ::: "memory");
        }
    }
}

const struct psim_micro_kernels PSIM_COPY(micro) = {
    .fma_chains = CHAINS,
    .mixed_chains = OF_BOTH,
    .exp_chains = 8,
    .rsqrt_chains = 8,
    .fma_rate = fma_rate,
    .fma_latency = fma_latency,
    .add_rate = add_rate,
    .add_latency = add_latency,
    .mul_rate = mul_rate,
    .mul_latency = mul_latency,
    .max_rate = max_rate,
    .divide_rate = divide_rate,
    .divide_latency = divide_latency,
    .exp_rate = exp_rate,
    .exp_latency = exp_latency,
    .rsqrt_rate = rsqrt_rate,
    .integer_rate = integer_rate,
    .mixed_rate = mixed_rate,
    .load = load,
    .store = store,
    .copy = copy,
};
