/* SPDX-License-Identifier: MIT */
/** @file Inner loops of products: packing, and a tile of C that stays in registers. */
#include "measure/kernels/tables.h"

/* Sums that stay in registers, VECS vectors of each of ROWS rows: with 32 registers
 * 24 sums, three of B and one of A; with 16 registers 12 sums. */
#if defined(__AVX512F__) || !defined(__x86_64__)
enum { ROWS = 8, VECS = 3 };
#else
enum { ROWS = 6, VECS = 2 };
#endif
enum { COLS = VECS * LANES };

/** to[k width + r] = from[r][k], zeros where there are fewer rows than that. */
static inline void
pack(real *to, const void *const *from, size_t width, size_t n, size_t k)
{
    for (size_t r = 0; r < n; r++) {
        const real *row = from[r];
        for (size_t i = 0; i < k; i++) {
            to[i * width + r] = row[i];
        }
    }
    for (size_t i = 0; n < width && i < k; i++) {
        memset(to + i * width + n, 0, (width - n) * sizeof(real));
    }
}

/** Eight full rows at once: what is stored lies side by side. */
static void
pack_rows(void *to, const void *const *from, size_t n_rows, size_t k)
{
    if (n_rows != ROWS) {
        pack(to, from, ROWS, n_rows, k);
        return;
    }
    const real *row[ROWS];
    real *o = to;
    for (int r = 0; r < ROWS; r++) {
        row[r] = from[r];
    }
    for (size_t i = 0; i < k; i++, o += ROWS) {
        for (int r = 0; r < ROWS; r++) {
            o[r] = row[r][i];
        }
    }
}

static void
pack_columns(void *to, const void *const *from, size_t n_cols, size_t k)
{
    pack(to, from, COLS, n_cols, k);
}

static void
pack_steps(void *to, const void *from, size_t stride, size_t n_cols, size_t k)
{
    real *o = to;
    const real *b = from;
    for (size_t i = 0; i < k; i++, o += COLS, b += stride) {
        if (n_cols == COLS) {
            for (int v = 0; v < VECS; v++) {
                v_store(o + v * LANES, v_load(b + v * LANES));
            }
        } else {
            memcpy(o, b, n_cols * sizeof(real));
            memset(o + n_cols, 0, (COLS - n_cols) * sizeof(real));
        }
    }
}

/** Loops over these are unrolled, so that sums are registers. */
#define UNROLLED static inline __attribute__((always_inline)) void

UNROLLED
store_sums(real *c, size_t stride, vec sum[ROWS][VECS], bool add, const int vecs)
{
    for (int r = 0; r < ROWS; r++) {
        for (int v = 0; v < vecs; v++) {
            real *at = c + (size_t)r * stride + (size_t)v * LANES;
            v_store(at, add ? v_load(at) + sum[r][v] : sum[r][v]);
        }
    }
}

/** One tile of registers, ROWS x vecs vectors: A packed. */
UNROLLED
tile_packed(real *c, size_t stride, const real *restrict a, const real *restrict b,
            size_t k, bool add, const int vecs)
{
    vec sum[ROWS][VECS] = {0};
    for (size_t i = 0; i < k; i++, a += ROWS, b += COLS) {
        vec right[VECS];
        for (int v = 0; v < vecs; v++) {
            right[v] = v_load(b + v * LANES);
        }
        for (int r = 0; r < ROWS; r++) {
            for (int v = 0; v < vecs; v++) {
                sum[r][v] += a[r] * right[v];
            }
        }
    }
    store_sums(c, stride, sum, add, vecs);
}

/** The same, each row of A from its own start. */
UNROLLED
tile_rows(real *c, size_t stride, const real *const *a, const real *restrict b,
          size_t k, bool add, const int vecs)
{
    vec sum[ROWS][VECS] = {0};
    for (size_t i = 0; i < k; i++, b += COLS) {
        vec right[VECS];
        for (int v = 0; v < vecs; v++) {
            right[v] = v_load(b + v * LANES);
        }
        for (int r = 0; r < ROWS; r++) {
            for (int v = 0; v < vecs; v++) {
                sum[r][v] += a[r][i] * right[v];
            }
        }
    }
    store_sums(c, stride, sum, add, vecs);
}

/** A, packed or by rows: one of the two is given. */
struct left {
    const real *packed;
    const real *row[ROWS];
};

/** So many vectors of columns of it; vecs counts to three at most. */
static void
whole_tile(real *c, size_t stride, const struct left *a, const real *b, size_t k,
           bool add, int vecs)
{
    _Static_assert(VECS <= 3, "a case for each");
    if (a->packed) {
        if (vecs == 1) tile_packed(c, stride, a->packed, b, k, add, 1);
        if (vecs == 2) tile_packed(c, stride, a->packed, b, k, add, 2);
        if (vecs == 3) tile_packed(c, stride, a->packed, b, k, add, VECS);
    } else {
        if (vecs == 1) tile_rows(c, stride, a->row, b, k, add, 1);
        if (vecs == 2) tile_rows(c, stride, a->row, b, k, add, 2);
        if (vecs == 3) tile_rows(c, stride, a->row, b, k, add, VECS);
    }
}

/** What of a whole tile lies inside C. */
static void
put_part(real *c, size_t stride, const real *from, size_t m, size_t n, bool add)
{
    for (size_t r = 0; r < m; r++) {
        for (size_t j = 0; j < n; j++) {
            const real sum = from[r * COLS + j];
            c[r * stride + j] = add ? c[r * stride + j] + sum : sum;
        }
    }
}

/** At most ROWS x COLS of C; where less than whole vectors are, by way of a copy. */
static void
any_tile(real *c, size_t stride, const struct left *a, const real *b, size_t m,
         size_t n, size_t k, bool add)
{
    const int vecs = n < COLS ? (int)((n + LANES - 1) / LANES) : VECS;
    if (m >= ROWS && (n >= COLS || n % LANES == 0)) {
        whole_tile(c, stride, a, b, k, add, vecs);
    } else {
        real part[ROWS * COLS];
        whole_tile(part, COLS, a, b, k, false, vecs);
        put_part(c, stride, part, m < ROWS ? m : ROWS, n < COLS ? n : COLS, add);
    }
}

static void
block(void *out, size_t stride, const void *pa, const void *pb, size_t m, size_t n,
      size_t k, bool add)
{
    for (size_t j = 0; j < n; j += COLS) {
        const real *b = (const real *)pb + j * k;
        for (size_t i = 0; i < m; i += ROWS) {
            const struct left a = {.packed = (const real *)pa + i * k};
            any_tile((real *)out + i * stride + j, stride, &a, b, m - i, n - j, k, add);
        }
    }
}

static void
block_rows(void *out, size_t stride, const void *const *pa, const void *pb, size_t m,
           size_t n, size_t k, bool add)
{
    for (size_t i = 0; i < m; i += ROWS) {
        const size_t full = m - i < ROWS ? m - i : ROWS;
        /* Rows beyond the end are computed from the last one and left away. */
        struct left a = {NULL, {0}};
        for (size_t r = 0; r < ROWS; r++) {
            a.row[r] = pa[i + (r < full ? r : full - 1)];
        }
        for (size_t j = 0; j < n; j += COLS) {
            any_tile((real *)out + i * stride + j, stride, &a, (const real *)pb + j * k,
                     m - i, n - j, k, add);
        }
    }
}

static void
naive_row(void *out, const void *in_a, const void *in_b, size_t n, size_t k)
{
    real *c = out;
    const real *a = in_a, *b = in_b;
    memset(c, 0, n * sizeof(real));
    for (size_t i = 0; i < k; i++, b += n) {
        const vec left = v_all(a[i]);
        size_t j = 0;
        for (; j + LANES <= n; j += LANES) {
            v_store(c + j, v_load(c + j) + left * v_load(b + j));
        }
        for (; j < n; j++) {
            c[j] += a[i] * b[j];
        }
    }
}

static void
epilogue(void *out, const void *in_bias, bool relu, size_t n)
{
    real *c = out;
    const real *bias = in_bias;
    for (size_t j = 0; j < n; j++) {
        const real x = c[j] + (bias ? bias[j] : 0);
        c[j] = relu && x < 0 ? 0 : x;
    }
}

const struct psim_product_kernels PSIM_COPY(product) = {
    .rows = ROWS,
    .cols = COLS,
    .pack_rows = pack_rows,
    .pack_columns = pack_columns,
    .pack_steps = pack_steps,
    .block = block,
    .block_rows = block_rows,
    .naive_row = naive_row,
    .epilogue = epilogue,
};
