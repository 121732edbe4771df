/* SPDX-License-Identifier: MIT */
/** @file Inner loops of products: packing, and a tile of C that stays in registers. */
#include <assert.h>

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
            for (size_t v = 0; v < VECS; v++) {
                v_store(o + v * LANES, v_load(b + v * LANES));
            }
        } else {
            memcpy(o, b, n_cols * sizeof(real));
            memset(o + n_cols, 0, (COLS - n_cols) * sizeof(real));
        }
    }
}

/** Where the sums of one tile of registers go. */
struct tile {
    real *c;
    size_t stride, k;
    bool add;
};

/** Loops over these are unrolled, so that sums are registers. */
#define UNROLLED static inline __attribute__((always_inline)) void

UNROLLED
store_sums(struct tile t, vec sum[ROWS][VECS], const size_t vecs)
{
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t v = 0; v < vecs; v++) {
            real *at = t.c + r * t.stride + v * LANES;
            v_store(at, t.add ? v_load(at) + sum[r][v] : sum[r][v]);
        }
    }
}

/** One tile of registers, ROWS x vecs vectors: A packed. */
UNROLLED
tile_packed(struct tile t, const real *restrict a, const real *restrict b,
            const size_t vecs)
{
    vec sum[ROWS][VECS] = {0};
    for (size_t i = 0; i < t.k; i++, a += ROWS, b += COLS) {
        vec right[VECS];
        for (size_t v = 0; v < vecs; v++) {
            right[v] = v_load(b + v * LANES);
        }
        for (size_t r = 0; r < ROWS; r++) {
            for (size_t v = 0; v < vecs; v++) {
                sum[r][v] += a[r] * right[v];
            }
        }
    }
    store_sums(t, sum, vecs);
}

/** The same, each row of A from its own start. */
UNROLLED
tile_rows(struct tile t, const real *const *a, const real *restrict b,
          const size_t vecs)
{
    vec sum[ROWS][VECS] = {0};
    for (size_t i = 0; i < t.k; i++, b += COLS) {
        vec right[VECS];
        for (size_t v = 0; v < vecs; v++) {
            right[v] = v_load(b + v * LANES);
        }
        for (size_t r = 0; r < ROWS; r++) {
            for (size_t v = 0; v < vecs; v++) {
                sum[r][v] += a[r][i] * right[v];
            }
        }
    }
    store_sums(t, sum, vecs);
}

/** A, packed or by rows: one of the two is given. */
struct left {
    const real *packed;
    const real *row[ROWS];
};

/** As many vectors of columns of it as hold n. */
static void
whole_tile(struct tile t, const struct left *a, const real *b, size_t n)
{
    _Static_assert(VECS <= 3, "a case for each");
    const bool one = n <= LANES, two = !one && VECS > 2 && n <= 2 * (size_t)LANES;
    if (a->packed) {
        if (one) {
            tile_packed(t, a->packed, b, 1);
        } else if (two) {
            tile_packed(t, a->packed, b, 2);
        } else {
            tile_packed(t, a->packed, b, VECS);
        }
    } else {
        if (one) {
            tile_rows(t, a->row, b, 1);
        } else if (two) {
            tile_rows(t, a->row, b, 2);
        } else {
            tile_rows(t, a->row, b, VECS);
        }
    }
}

/** What of a whole tile lies inside C. */
static void
put_part(struct tile t, const real *from, size_t m, size_t n)
{
    for (size_t r = 0; r < m; r++) {
        for (size_t j = 0; j < n; j++) {
            const real sum = from[r * COLS + j];
            t.c[r * t.stride + j] = t.add ? t.c[r * t.stride + j] + sum : sum;
        }
    }
}

/** At most ROWS x COLS of C; where less than whole vectors are, by way of a copy. */
static void
any_tile(struct tile t, const struct left *a, const real *b, size_t m, size_t n)
{
    if (m >= ROWS && (n >= COLS || n % LANES == 0)) {
        whole_tile(t, a, b, n);
    } else {
        real part[ROWS * COLS];
        whole_tile((struct tile){part, COLS, t.k, false}, a, b, n);
        put_part(t, part, m < ROWS ? m : ROWS, n < COLS ? n : COLS);
    }
}

/** The tile of a block that begins there. */
static inline struct tile
tile_at(const struct psim_block *c, size_t i, size_t j)
{
    return (struct tile){(real *)c->c + i * c->stride + j, c->stride, c->k, c->add};
}

static void
block(const struct psim_block *c, const void *pa, const void *pb)
{
    assert(pa && pb);
    for (size_t j = 0; j < c->n; j += COLS) {
        const real *b = (const real *)pb + j * c->k;
        for (size_t i = 0; i < c->m; i += ROWS) {
            const struct left a = {.packed = (const real *)pa + i * c->k};
            any_tile(tile_at(c, i, j), &a, b, c->m - i, c->n - j);
        }
    }
}

static void
block_rows(const struct psim_block *c, const void *const *pa, const void *pb)
{
    for (size_t i = 0; i < c->m; i += ROWS) {
        const size_t full = c->m - i < ROWS ? c->m - i : ROWS;
        /* Rows beyond the end are computed from the last one and left away. */
        struct left a = {NULL, {0}};
        for (size_t r = 0; r < ROWS; r++) {
            a.row[r] = pa[i + (r < full ? r : full - 1)];
        }
        for (size_t j = 0; j < c->n; j += COLS) {
            any_tile(tile_at(c, i, j), &a, (const real *)pb + j * c->k, c->m - i,
                     c->n - j);
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
