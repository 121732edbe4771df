/* SPDX-License-Identifier: MIT */
/** @file Bodies that pull each other, and Fourier transforms. */
#include "measure/kernels/tables.h"
#include "measure/kernels/vmath.h"

/** Of all distances squared, so that a body does not pull itself without end. */
static const real softening = (real)1e-2;

struct pull {
    vec x, y, z;
};

struct body {
    real x, y, z, mass;
};

/** What bodies at one place each get from one other. */
static inline void
add_pull(struct pull *sum, const vec at[3], struct body other)
{
    const vec dx = other.x - at[0], dy = other.y - at[1], dz = other.z - at[2];
    const vec square = dx * dx + dy * dy + dz * dz + softening;
    const vec inverse = v_rsqrt(square);
    const vec weight = other.mass * inverse * inverse * inverse;
    sum->x += weight * dx;
    sum->y += weight * dy;
    sum->z += weight * dz;
}

/** Two vectors of bodies stay in registers, all others pass by. */
static void
bodies(void *const acceleration[3], const void *const place[4], size_t first,
       size_t end, size_t n)
{
    enum { AT_ONCE = 2, STRETCH = AT_ONCE * LANES };
    const real *x = place[0], *y = place[1], *z = place[2], *mass = place[3];
    for (size_t i = first; i < end; i += STRETCH) {
        vec at[AT_ONCE][3];
        struct pull sum[AT_ONCE] = {0};
        size_t part[AT_ONCE];
        for (size_t v = 0; v < AT_ONCE; v++) {
            const size_t from = i + v * LANES;
            part[v] = from >= end ? 0 : end - from < LANES ? end - from : LANES;
            at[v][0] = v_load_part(x + from, part[v]);
            at[v][1] = v_load_part(y + from, part[v]);
            at[v][2] = v_load_part(z + from, part[v]);
        }
        for (size_t j = 0; j < n; j++) {
            const struct body other = {x[j], y[j], z[j], mass[j]};
            for (int v = 0; v < AT_ONCE; v++) {
                add_pull(&sum[v], at[v], other);
            }
        }
        for (size_t v = 0; v < AT_ONCE; v++) {
            const size_t to = i + v * LANES;
            v_store_part((real *)acceleration[0] + to, sum[v].x, part[v]);
            v_store_part((real *)acceleration[1] + to, sum[v].y, part[v]);
            v_store_part((real *)acceleration[2] + to, sum[v].z, part[v]);
        }
    }
}

/* --- transforms: real and imaginary parts side by side --------------------------- */

typedef struct {
    real re, im;
} complex_real;

static inline complex_real
times(complex_real a, complex_real b)
{
    return (complex_real){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static inline complex_real
plus(complex_real a, complex_real b)
{
    return (complex_real){a.re + b.re, a.im + b.im};
}

static inline complex_real
minus(complex_real a, complex_real b)
{
    return (complex_real){a.re - b.re, a.im - b.im};
}

/** Radix 2, the last pass of odd powers of two. */
static void
pass_2(complex_real *o, const complex_real *x, size_t stride, size_t first, size_t end)
{
    for (size_t q = first; q < end; q++) {
        const complex_real a = x[q], b = x[q + stride];
        o[q] = plus(a, b);
        o[q + stride] = minus(a, b);
    }
}

/** One butterfly of radix 4: outputs times the powers of a root. */
static inline void
butterfly(complex_real *o, const complex_real *x, size_t in_step, size_t out_step,
          const complex_real w[3], size_t n)
{
    for (size_t q = 0; q < n; q++) {
        const complex_real a = x[q], b = x[q + in_step], c = x[q + 2 * in_step],
                           d = x[q + 3 * in_step];
        const complex_real ac = plus(a, c), a_c = minus(a, c);
        const complex_real bd = plus(b, d), b_d = minus(b, d);
        const complex_real turned = {b_d.im, -b_d.re}; /* -i (b - d) */
        o[q] = plus(ac, bd);
        o[q + out_step] = times(plus(a_c, turned), w[0]);
        o[q + 2 * out_step] = times(minus(ac, bd), w[1]);
        o[q + 3 * out_step] = times(minus(a_c, turned), w[2]);
    }
}

/** The first pass: neighbours differ in their root, not in their place in it. */
static void
pass_first(complex_real *o, const complex_real *x, size_t length,
           const complex_real *roots, size_t first, size_t end)
{
    for (size_t p = first; p < end; p++) {
        const complex_real w[3] = {roots[p], roots[2 * p], roots[3 * p]};
        butterfly(o + 4 * p, x + p, length / 4, 1, w, 1);
    }
}

static void
fft_pass(void *out, const void *in, const struct psim_fft_pass *pass)
{
    complex_real *o = out;
    const complex_real *x = in, *roots = pass->roots;
    const size_t stride = pass->stride, first = pass->first, end = pass->end;
    if (pass->length == 2) {
        pass_2(o, x, stride, first, end);
    } else if (stride == 1) {
        pass_first(o, x, pass->length, roots, first, end);
    } else {
        /* Butterflies in order: stride of them have one root. */
        for (size_t at = first; at < end;) {
            const size_t p = at / stride, q = at % stride;
            const size_t n = stride - q < end - at ? stride - q : end - at;
            const complex_real w[3] = {roots[p * stride], roots[2 * p * stride],
                                       roots[3 * p * stride]};
            butterfly(o + stride * 4 * p + q, x + stride * p + q,
                      stride * pass->length / 4, stride, w, n);
            at += n;
        }
    }
}

const struct psim_field_kernels PSIM_COPY(fields) = {
    .bodies = bodies,
    .fft_pass = fft_pass,
};
