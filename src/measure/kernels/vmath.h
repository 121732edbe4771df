/* SPDX-License-Identifier: MIT */
/** @file Functions of vectors: exponential, error function, inverse root. */
#pragma once

#include "measure/kernels/vec.h"

#ifdef PSIM_REAL64
/* 1.5 x 2^52: what is added to it is rounded to a whole number in the low bits. */
static const real round_magic = 6755399441055744.0;
static const real ln2_high = 6.93145751953125e-1, ln2_low = 1.42860682030941723212e-6;
static const real least_exponent = -708, most_exponent = 709;
enum { MANTISSA_BITS = 52, EXPONENT_BIAS = 1023 };
#else
static const real round_magic = 12582912.0f;
static const real ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
static const real least_exponent = -87.3f, most_exponent = 88.3f;
enum { MANTISSA_BITS = 23, EXPONENT_BIAS = 127 };
#endif

/**
 * e^x, clamped to what is neither 0 nor infinite.
 *
 * Notes: x = n ln 2 + r with |r| <= ln(2) / 2; 2^n is put into the exponent's bits,
 *   e^r is a polynomial: for fp32 Cephes' minimax (error 2e-8), for fp64 Taylor to
 *   r^13 (0.3466^14 / 14! = 4e-18).
 * References: Cody and Waite, "Software Manual for the Elementary Functions", 1980;
 *   Moshier, Cephes, expf.c.
 */
static inline vec
v_exp(vec x)
{
    const real log2_e = (real)1.44269504088896340736;
    x = v_min(v_max(x, v_all(least_exponent)), v_all(most_exponent));
    const vec shifted = x * log2_e + round_magic;
    const vec n = shifted - round_magic;
    const vec r = x - n * ln2_high - n * ln2_low;
#ifdef PSIM_REAL64
    vec p = v_all(1.0 / 6227020800.0);
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
#else
    vec p = v_all(1.9875691500E-4f);
    p = p * r + 1.3981999507E-3f;
    p = p * r + 8.3334519073E-3f;
    p = p * r + 4.1665795894E-2f;
    p = p * r + 1.6666665459E-1f;
    p = p * r + 5.0000001201E-1f;
#endif
    p = p * (r * r) + r + 1;
    /* The low bits of `shifted` hold n, and those of the magic number. */
    const vecw whole_n = (vecw)shifted - (vecw)v_all(round_magic);
    return p * (vec)((whole_n + EXPONENT_BIAS) << MANTISSA_BITS);
}

/**
 * The error function, within 1.5e-7.
 * References: Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26.
 */
static inline vec
v_erf(vec x)
{
    const vec z = v_max(x, -x);
    const vec t = 1 / (1 + (real)0.3275911 * z);
    vec p = v_all((real)1.061405429);
    p = p * t - (real)1.453152027;
    p = p * t + (real)1.421413741;
    p = p * t - (real)0.284496736;
    p = p * t + (real)0.254829592;
    const vec y = 1 - p * t * v_exp(-z * z);
    return v_select(x < 0, -y, y);
}

/** The estimate of the hardware where there is one, else from the exponent's bits. */
static inline vec
v_rsqrt_estimate(vec x)
{
#if defined(__AVX512F__) && defined(PSIM_REAL64)
    return (vec)_mm512_rsqrt14_pd((__m512d)x);
#elif defined(__AVX512F__)
    return (vec)_mm512_rsqrt14_ps((__m512)x);
#elif defined(__AVX__) && !defined(PSIM_REAL64)
    return (vec)_mm256_rsqrt_ps((__m256)x);
#elif defined(__SSE__) && !defined(PSIM_REAL64)
    return (vec)_mm_rsqrt_ps((__m128)x);
#else
#ifdef PSIM_REAL64
    vec y = (vec)(0x5fe6eb50c7b537a9 - ((vecw)x >> 1));
    y = y * (1.5 - 0.5 * x * y * y);
#else
    vec y = (vec)(0x5f375a86 - ((vecw)x >> 1));
#endif
    y = y * ((real)1.5 - (real)0.5 * x * y * y);
    return y * ((real)1.5 - (real)0.5 * x * y * y);
#endif
}

/** 1 / sqrt(x) for x > 0: Newton's steps from 12 or 14 bits. */
static inline vec
v_rsqrt(vec x)
{
    vec y = v_rsqrt_estimate(x);
    const vec half = (real)0.5 * x;
    y = y * ((real)1.5 - half * y * y);
#ifdef PSIM_REAL64
    y = y * ((real)1.5 - half * y * y);
#endif
    return y;
}
