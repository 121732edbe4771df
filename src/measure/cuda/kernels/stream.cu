// SPDX-License-Identifier: MIT
// Each element once: LOADS vectors of 16 bytes a lane, all under way together.
// -D: T, INPUTS, FUNCTION, LOADS; CHAIN for the one that repeats

enum { WIDE = 16 / sizeof(T), LANES = 256 };
typedef computed<T>::type C;

// s: the number of triad, fill and a product of one input; fma counts with it.
#define F(name, expression)                                                            \
    DEVICE C name(C a, C b, C s) { return expression; }
F(f_add, a + b)
F(f_sub, a - b)
F(f_mul, a *b)
F(f_scale, a *s)
F(f_div, a / b)
F(f_relu, a > 0 ? a : 0)
F(f_exp, exp(a))
F(f_triad, a + s * b)
F(f_fill, s)
F(f_copy, a)
F(f_gelu, (C)0.5 * a * (1 + erf(a * (C)0.70710678118654752)))
F(f_silu, a / (1 + exp(-a)))
F(f_silu_mul, a / (1 + exp(-a)) * b)
DEVICE C f_fma(C a, C b, C s) // of single elements
{
    for (int i = 0; i < (int)s; i++) {
        a = a * (C)0.5 + (C)0.5;
    }
    return a;
}

// All elements of a vector take the same steps side by side.
DEVICE void chain(C (&x)[WIDE], int steps)
{
    for (int t = 0; t < steps; t++) {
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
            x[i] = x[i] * (C)0.5 + (C)0.5;
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES)
    stream(T *out, const T *a, const T *b, u64 n, double s)
{
    typedef chunk<T, WIDE> vec;
    vec in_a[LOADS], in_b[LOADS];
    const u64 first = ((u64)blockIdx.x * LOADS * LANES + threadIdx.x) * WIDE;
#pragma unroll
    for (int j = 0; j < LOADS; j++) {
        const u64 at = first + (u64)j * LANES * WIDE;
        if (at + WIDE > n) continue;
        if (INPUTS > 0) in_a[j] = *(const vec *)(a + at);
        if (INPUTS > 1) in_b[j] = *(const vec *)(b + at);
    }
#pragma unroll
    for (int j = 0; j < LOADS; j++) {
        const u64 at = first + (u64)j * LANES * WIDE;
        if (at + WIDE <= n) {
            vec to;
#ifdef CHAIN
            C all[WIDE];
#pragma unroll
            for (int i = 0; i < WIDE; i++) {
                all[i] = widen(in_a[j].at[i]);
            }
            chain(all, (int)s);
#pragma unroll
            for (int i = 0; i < WIDE; i++) {
                narrow(all[i], to.at[i]);
            }
#else
#pragma unroll
            for (int i = 0; i < WIDE; i++) {
                const C x = INPUTS > 0 ? widen(in_a[j].at[i]) : 0;
                const C y = INPUTS > 1 ? widen(in_b[j].at[i]) : 0;
                narrow(FUNCTION(x, y, (C)s), to.at[i]);
            }
#endif
            *(vec *)(out + at) = to;
            continue;
        }
        // The last elements do not fill a vector.
        for (u64 i = at; i < n; i++) {
            const C x = INPUTS > 0 ? widen(a[i]) : 0;
            const C y = INPUTS > 1 ? widen(b[i]) : 0;
            narrow(FUNCTION(x, y, (C)s), out[i]);
        }
    }
}
