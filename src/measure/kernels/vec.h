/* SPDX-License-Identifier: MIT */
/** @file Vectors of one element type, as wide as the instruction set has them.
 *
 * Every file of this folder is compiled once for each instruction set and element
 * type (src/meson.build): PSIM_REAL64 says which type, PSIM_SUFFIX how the tables
 * of that copy are called.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE__)
#include <immintrin.h>
#endif

#ifndef PSIM_SUFFIX
#define PSIM_SUFFIX none
#endif
#define PSIM_JOIN_(name, suffix) psim_##name##_##suffix
#define PSIM_JOIN(name, suffix)  PSIM_JOIN_(name, suffix)
/** The name of a table in this copy. */
#define PSIM_COPY(name) PSIM_JOIN(name, PSIM_SUFFIX)

#ifdef PSIM_REAL64
typedef double real;
typedef int64_t whole;
#else
typedef float real;
typedef int32_t whole;
#endif

#if defined(__AVX512F__)
#define PSIM_VECTOR_BYTES 64
#elif defined(__AVX__)
#define PSIM_VECTOR_BYTES 32
#else
#define PSIM_VECTOR_BYTES 16
#endif

enum { LANES = PSIM_VECTOR_BYTES / sizeof(real) };

typedef real vec __attribute__((vector_size(PSIM_VECTOR_BYTES)));
typedef whole vecw __attribute__((vector_size(PSIM_VECTOR_BYTES)));
/** The same in memory, at any address of an element. */
typedef real vec_at
    __attribute__((vector_size(PSIM_VECTOR_BYTES), aligned(sizeof(real)), may_alias));

static inline vec
v_load(const real *from)
{
    return *(const vec_at *)from;
}

static inline void
v_store(real *to, vec v)
{
    *(vec_at *)to = v;
}

static inline vec
v_all(real x)
{
    return x - (vec){0};
}

/** The first @p n lanes, the others 0; n <= LANES. */
static inline vec
v_load_part(const real *from, size_t n)
{
    vec v = {0};
    memcpy(&v, from, n * sizeof(real));
    return v;
}

static inline void
v_store_part(real *to, vec v, size_t n)
{
    memcpy(to, &v, n * sizeof(real));
}

#if defined(__AVX512F__) && defined(PSIM_REAL64)
#define PSIM_OF_TWO(name, a, b) ((vec)_mm512_##name##_pd((__m512d)(a), (__m512d)(b)))
#elif defined(__AVX512F__)
#define PSIM_OF_TWO(name, a, b) ((vec)_mm512_##name##_ps((__m512)(a), (__m512)(b)))
#elif defined(__AVX__) && defined(PSIM_REAL64)
#define PSIM_OF_TWO(name, a, b) ((vec)_mm256_##name##_pd((__m256d)(a), (__m256d)(b)))
#elif defined(__AVX__)
#define PSIM_OF_TWO(name, a, b) ((vec)_mm256_##name##_ps((__m256)(a), (__m256)(b)))
#elif defined(__SSE2__) && defined(PSIM_REAL64)
#define PSIM_OF_TWO(name, a, b) ((vec)_mm_##name##_pd((__m128d)(a), (__m128d)(b)))
#elif defined(__SSE2__)
#define PSIM_OF_TWO(name, a, b) ((vec)_mm_##name##_ps((__m128)(a), (__m128)(b)))
#endif

/** Lane by lane a where the bits of @p mask are set, else b. */
static inline vec
v_select(vecw mask, vec a, vec b)
{
    return (vec)((mask & (vecw)a) | (~mask & (vecw)b));
}

static inline vec
v_max(vec a, vec b)
{
#ifdef PSIM_OF_TWO
    return PSIM_OF_TWO(max, a, b);
#else
    return v_select(a > b, a, b);
#endif
}

static inline vec
v_min(vec a, vec b)
{
#ifdef PSIM_OF_TWO
    return PSIM_OF_TWO(min, a, b);
#else
    return v_select(a < b, a, b);
#endif
}

/** A quarter, a half or all of a vector: what every instruction set has. */
typedef real vec16 __attribute__((vector_size(16)));
union v_parts {
    vec v;
    vec16 part[PSIM_VECTOR_BYTES / 16];
};
enum { PARTS = PSIM_VECTOR_BYTES / 16, PART_LANES = 16 / sizeof(real) };

static inline real
v_sum(vec v)
{
    union v_parts all = {.v = v};
    for (int i = 1; i < PARTS; i++) {
        all.part[0] += all.part[i];
    }
    real sum = 0;
    for (int i = 0; i < PART_LANES; i++) {
        sum += all.part[0][i];
    }
    return sum;
}

static inline vec16
v16_max(vec16 a, vec16 b)
{
#if defined(__SSE2__) && defined(PSIM_REAL64)
    return (vec16)_mm_max_pd((__m128d)a, (__m128d)b);
#elif defined(__SSE2__)
    return (vec16)_mm_max_ps((__m128)a, (__m128)b);
#else
    for (int i = 0; i < PART_LANES; i++) {
        a[i] = a[i] > b[i] ? a[i] : b[i];
    }
    return a;
#endif
}

static inline real
v_largest(vec v)
{
    union v_parts all = {.v = v};
    for (int i = 1; i < PARTS; i++) {
        all.part[0] = v16_max(all.part[0], all.part[i]);
    }
    real most = all.part[0][0];
    for (int i = 1; i < PART_LANES; i++) {
        most = all.part[0][i] > most ? all.part[0][i] : most;
    }
    return most;
}
