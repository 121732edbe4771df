/* SPDX-License-Identifier: MIT */
/** @file Functions of a row: softmax, norms, sums. */
#include <float.h>
#include <math.h>

#include "measure/kernels/tables.h"
#include "measure/kernels/vmath.h"

/* Sums and maxima in as many chains: additions wait for each other. */
enum { CHAINS = 8, STRETCH = CHAINS * LANES };

static real
largest(const real *x, size_t n)
{
    /* They take two or three cycles each. */
    enum { OF_MAXIMA = 4, AT_ONCE = OF_MAXIMA * LANES };
    vec most[OF_MAXIMA];
    for (int j = 0; j < OF_MAXIMA; j++) {
        most[j] = v_all(x[0]);
    }
    size_t i = 0;
    for (; i + AT_ONCE <= n; i += AT_ONCE) {
        for (int j = 0; j < OF_MAXIMA; j++) {
            most[j] = v_max(most[j], v_load(x + i + (size_t)j * LANES));
        }
    }
    for (; i + LANES <= n; i += LANES) {
        most[0] = v_max(most[0], v_load(x + i));
    }
    real all = v_largest(v_max(v_max(most[0], most[1]), v_max(most[2], most[3])));
    for (; i < n; i++) {
        all = x[i] > all ? x[i] : all;
    }
    return all;
}

/** Sum of f(x), where `v` is a vector of the row. */
#define SUM(name, value)                                                               \
    static real name(const real *x, real s, size_t n)                                  \
    {                                                                                  \
        vec sum[CHAINS] = {0}, v;                                                      \
        (void)s;                                                                       \
        size_t i = 0;                                                                  \
        for (; i + STRETCH <= n; i += STRETCH) {                                       \
            for (int j = 0; j < CHAINS; j++) {                                         \
                v = v_load(x + i + (size_t)j * LANES);                                 \
                sum[j] += (value);                                                     \
            }                                                                          \
        }                                                                              \
        for (; i + LANES <= n; i += LANES) {                                           \
            v = v_load(x + i);                                                         \
            sum[0] += (value);                                                         \
        }                                                                              \
        for (int j = 1; j < CHAINS; j++) {                                             \
            sum[0] += sum[j];                                                          \
        }                                                                              \
        real all = v_sum(sum[0]);                                                      \
        v = v_all(s);                                                                  \
        if (i < n) {                                                                   \
            for (size_t k = 0; i + k < n; k++) {                                       \
                v[k] = x[i + k];                                                       \
            }                                                                          \
            const vec last = value;                                                    \
            for (size_t k = 0; i + k < n; k++) {                                       \
                all += last[k];                                                        \
            }                                                                          \
        }                                                                              \
        return all;                                                                    \
    }

SUM(sum_of, v)
SUM(sum_squares, v *v)
SUM(sum_deviations, (v - s) * (v - s))

/** e^(s x - shift) into `out`; @return their sum. */
static real
exponentials(real *out, const real *x, real s, real shift, size_t n)
{
    enum { AT_ONCE = 2 * LANES };
    vec sum[2] = {0};
    size_t i = 0;
    for (; i + AT_ONCE <= n; i += AT_ONCE) {
        const vec e0 = v_exp(v_load(x + i) * s - shift);
        const vec e1 = v_exp(v_load(x + i + LANES) * s - shift);
        sum[0] += e0;
        sum[1] += e1;
        v_store(out + i, e0);
        v_store(out + i + LANES, e1);
    }
    real all = v_sum(sum[0] + sum[1]);
    for (; i < n; i += LANES) {
        const size_t part = n - i < LANES ? n - i : LANES;
        const vec e = v_exp(v_load_part(x + i, part) * s - shift);
        for (size_t k = 0; k < part; k++) {
            all += e[k];
        }
        v_store_part(out + i, e, part);
    }
    return all;
}

static void
multiply(real *x, real s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] *= s;
    }
}

static void
softmax(void *out, const void *in, size_t n)
{
    multiply(out, 1 / exponentials(out, in, 1, largest(in, n), n), n);
}

static void
layernorm(void *out, const void *in, const void *in_weight, const void *in_bias,
          size_t n)
{
    const real *x = in, *weight = in_weight, *bias = in_bias;
    real *o = out;
    const real mean = sum_of(x, 0, n) / (real)n;
    const real variance = sum_deviations(x, mean, n) / (real)n;
    const real root = (real)(1 / sqrt((double)variance + 1e-5));
    for (size_t i = 0; i < n; i++) {
        o[i] = (x[i] - mean) * root * weight[i] + bias[i];
    }
}

static void
rmsnorm(void *out, const void *in, const void *in_weight, size_t n)
{
    const real *x = in, *weight = in_weight;
    real *o = out;
    const real square = sum_squares(x, 0, n) / (real)n;
    const real root = (real)(1 / sqrt((double)square + 1e-5));
    for (size_t i = 0; i < n; i++) {
        o[i] = x[i] * root * weight[i];
    }
}

static double
sum(const void *in, size_t n)
{
    return (double)sum_of(in, 0, n);
}

static double
max(const void *in, size_t n)
{
    return (double)largest(in, n);
}

const struct psim_row_kernels PSIM_COPY(rows) = {
    .softmax = softmax,
    .layernorm = layernorm,
    .rmsnorm = rmsnorm,
    .sum = sum,
    .max = max,
};

/* --- attention --------------------------------------------------------------- */

static double
online_row(void *in, size_t n, double scale, double *max_so_far, double *sum_so_far)
{
    real *x = in;
    if (n == 0) return 1;
    const double before = *max_so_far;
    const double most = (double)largest(x, n) * scale;
    if (most > before) *max_so_far = most;
    const real shift = (real)*max_so_far;
    const double sum = (double)exponentials(x, x, (real)scale, shift, n);
    const double keep = before < *max_so_far ? exp(before - *max_so_far) : 1;
    *sum_so_far = *sum_so_far * keep + sum;
    return keep;
}

static void
scale_by(void *v, double s, size_t n)
{
    multiply(v, (real)s, n);
}

static void
softmax_scaled(void *in, size_t n, size_t room, double scale)
{
    real *x = in;
    if (n > 0) {
        const real s = (real)scale;
        multiply(x, 1 / exponentials(x, x, s, s * largest(x, n), n), n);
    }
    memset(x + n, 0, (room - n) * sizeof(real));
}

/** One lane: the barrier keeps compilers from making vectors of it. */
static void
serial_query(void *out, void *in_scores, const struct psim_one_query *q)
{
    real *o = out, *scores = in_scores;
    const real *query = q->query, *keys = q->keys, *values = q->values;
    const size_t n_keys = q->n_keys, dim = q->dim;
    const real scale = (real)(1 / sqrt((double)dim));
    real most = (real)-INFINITY, all = 0;
    for (size_t j = 0; j < n_keys; j++) {
        real dot = 0;
        for (size_t d = 0; d < dim; d++) {
            dot += query[d] * keys[j * dim + d];
            __asm__ volatile("");
        }
        scores[j] = dot * scale;
        most = scores[j] > most ? scores[j] : most;
    }
    for (size_t j = 0; j < n_keys; j++) {
        scores[j] = (real)exp((double)scores[j] - (double)most);
        all += scores[j];
    }
    for (size_t d = 0; d < dim; d++) {
        o[d] = 0;
    }
    for (size_t j = 0; j < n_keys; j++) {
        const real p = scores[j] / all;
        for (size_t d = 0; d < dim; d++) {
            o[d] += p * values[j * dim + d];
            __asm__ volatile("" ::: "memory");
        }
    }
}

const struct psim_attention_kernels PSIM_COPY(attention) = {
    .online_row = online_row,
    .scale = scale_by,
    .softmax_scaled = softmax_scaled,
    .serial_query = serial_query,
};
