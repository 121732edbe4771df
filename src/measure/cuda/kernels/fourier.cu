// SPDX-License-Identifier: MIT
// Fourier transforms by Stockham's passes (no step puts numbers in another order):
// y[q + s (R p + r)] = w(n)^(p r) sum over k of x[q + s (p + m k)] w(R)^(r k), where
// w(n) = e^(-2 pi i / n), n = R m is what is left to be done, s what was done before.
// A work-group has COLUMNS of the (p, q), and does the sum of R numbers of each in
// shared memory, again by Stockham's passes, of 4 and at last of 2.
// -D: T, LOG_R (of 2), COLUMNS, LANES

enum { R = 1 << LOG_R };

struct __align__(2 * sizeof(T)) complex {
    T re, im;
};
DEVICE complex operator+(complex a, complex b) { return {a.re + b.re, a.im + b.im}; }
DEVICE complex operator-(complex a, complex b) { return {a.re - b.re, a.im - b.im}; }
DEVICE complex operator*(complex a, complex b)
{
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
DEVICE void sine_and_cosine(float x, float *s, float *c) { sincospif(x, s, c); }
DEVICE void sine_and_cosine(double x, double *s, double *c) { sincospi(x, s, c); }

// w(n)^i; exact in its argument, since i < n and n is a power of two.
DEVICE complex root(u32 i, u32 n)
{
    complex w;
    sine_and_cosine((T)-2 * (T)i / (T)n, &w.im, &w.re);
    return w;
}

// Where a number of a column lies: one more for every 16 and column, against conflicts.
enum { PADDED = R + R / 16 + 1, BYTES = COLUMNS * PADDED * sizeof(complex) };
DEVICE u32 slot(u32 column, u32 i) { return column * PADDED + i + i / 16; }

DEVICE void pass_of_4(complex *to, const complex *from, const complex *roots, u32 n)
{
    const u32 m = n / 4, s = R / n;
    for (u32 at = threadIdx.x; at < COLUMNS * R / 4; at += LANES) {
        const u32 column = at / (R / 4), i = at % (R / 4), p = i / s, q = i % s;
        const complex a = from[slot(column, q + s * p)],
                      b = from[slot(column, q + s * (p + m))],
                      c = from[slot(column, q + s * (p + 2 * m))],
                      d = from[slot(column, q + s * (p + 3 * m))];
        const complex ac = a + c, a_c = a - c, bd = b + d, b_d = b - d;
        const complex turned = {b_d.im, -b_d.re}; // -i (b - d)
        // w(n)^p is w(R)^(p R / n), and n s is R.
        to[slot(column, q + s * 4 * p)] = ac + bd;
        to[slot(column, q + s * (4 * p + 1))] = (a_c + turned) * roots[p * s];
        to[slot(column, q + s * (4 * p + 2))] = (ac - bd) * roots[2 * p * s];
        to[slot(column, q + s * (4 * p + 3))] = (a_c - turned) * roots[3 * p * s];
    }
}
DEVICE void pass_of_2(complex *to, const complex *from)
{
    for (u32 at = threadIdx.x; at < COLUMNS * R / 2; at += LANES) {
        const u32 column = at / (R / 2), i = at % (R / 2);
        const complex a = from[slot(column, i)], b = from[slot(column, i + R / 2)];
        to[slot(column, i)] = a + b;
        to[slot(column, i + R / 2)] = a - b;
    }
}

// All of a sequence in one pass where n = R and s = 1: its columns are sequences.
extern "C" __global__ void __launch_bounds__(LANES)
    fourier(complex *out, const complex *in, u64 columns, u32 log_n, u32 log_s)
{
    extern __shared__ __align__(16) char buffer[];
    complex *from = (complex *)buffer, *to = (complex *)(buffer + BYTES);
    complex *const roots = (complex *)(buffer + 2 * BYTES);
    // All are powers of two; a sequence has `each` columns.
    const u32 n = 1u << log_n, s = 1u << log_s, log_each = log_n - LOG_R + log_s;
    const u32 each = 1u << log_each;
    const u64 first = (u64)blockIdx.x * COLUMNS;
    for (u32 i = threadIdx.x; i < R; i += LANES) {
        roots[i] = root(i, R);
    }
    for (u32 i = threadIdx.x; i < COLUMNS * R; i += LANES) {
        // Lanes lie along what is contiguous.
        const u32 column = each == 1 ? i / R : i % COLUMNS;
        const u32 k = each == 1 ? i % R : i / COLUMNS;
        const u64 c = first + column, sequence = c >> log_each;
        const u32 own = (u32)c & (each - 1);
        const u64 at = (sequence << (log_each + LOG_R)) + own + ((u64)k << log_each);
        if (c < columns) from[slot(column, k)] = in[at];
    }
    __syncthreads();
#pragma unroll
    for (u32 left = R; left > 2; left /= 4) {
        pass_of_4(to, from, roots, left);
        __syncthreads();
        complex *const other = from;
        from = to;
        to = other;
    }
    if (LOG_R % 2 == 1) {
        pass_of_2(to, from);
        __syncthreads();
        from = to;
    }
    for (u32 i = threadIdx.x; i < COLUMNS * R; i += LANES) {
        const u32 column = s == 1 ? i / R : i % COLUMNS;
        const u32 r = s == 1 ? i % R : i / COLUMNS;
        const u64 c = first + column, sequence = c >> log_each;
        const u32 own = (u32)c & (each - 1), p = own >> log_s, q = own & (s - 1);
        if (c >= columns) continue;
        complex x = from[slot(column, r)];
        if (n > R) x = x * root(p * r, n);
        out[(sequence << (log_each + LOG_R)) + q + (((u64)p * R + r) << log_s)] = x;
    }
}
