/* SPDX-License-Identifier: MIT */
/** @file Sums of products of narrow types, for machines that have such instructions. */
#include "measure/kernels/dot.h"

#include <immintrin.h>

enum { CHAINS = 12 };

#define LOOP(name, type, n, step)                                                      \
    static double name(size_t turns)                                                   \
    {                                                                                  \
        type sum[n];                                                                   \
        __m512i a = _mm512_setzero_si512(), b = a;                                     \
        __asm__ volatile("" : "+v"(a), "+v"(b));                                       \
        for (int j = 0; j < (n); j++) {                                                \
            sum[j] = (type)a;                                                          \
        }                                                                              \
        for (size_t i = 0; i < turns; i++) {                                           \
            for (int j = 0; j < (n); j++) {                                            \
                type x = sum[j];                                                       \
                x = step;                                                              \
                __asm__ volatile("" : "+v"(x));                                        \
                sum[j] = x;                                                            \
            }                                                                          \
        }                                                                              \
        double all = 0;                                                                \
        for (int j = 0; j < (n); j++) {                                                \
            all += (double)((__m512i)sum[j])[0];                                       \
        }                                                                              \
        return all;                                                                    \
    }

LOOP(bf16_rate, __m512, CHAINS, _mm512_dpbf16_ps(x, (__m512bh)a, (__m512bh)b))
LOOP(bf16_latency, __m512, 1, _mm512_dpbf16_ps(x, (__m512bh)a, (__m512bh)b))
LOOP(int8_rate, __m512i, CHAINS, _mm512_dpbusd_epi32(x, a, b))
LOOP(int8_latency, __m512i, 1, _mm512_dpbusd_epi32(x, a, b))

const struct psim_dot_kernels psim_dot_v4 = {
    .chains = CHAINS,
    .bf16_products = 32,
    .int8_products = 64,
    .bf16_rate = bf16_rate,
    .bf16_latency = bf16_latency,
    .int8_rate = int8_rate,
    .int8_latency = int8_latency,
};
