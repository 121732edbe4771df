/* SPDX-License-Identifier: MIT */
/** @file Moves of data, and pooling: little arithmetic, many bytes. */
#include "measure/kernels/tables.h"

/* A square of the input whose lines and those of its image stay in the L1. */
enum { SQUARE = 16 };

/** What is left beside whole squares. */
static void
transpose_part(real *out, const real *in, size_t rows, size_t cols, size_t n_rows,
               size_t n_cols)
{
    for (size_t j = 0; j < n_cols; j++) {
        for (size_t i = 0; i < n_rows; i++) {
            out[j * rows + i] = in[i * cols + j];
        }
    }
}

/** A whole square through registers: loads along rows, stores along columns. */
static void
transpose_square(real *restrict out, const real *restrict in, size_t rows, size_t cols)
{
    real square[SQUARE][SQUARE];
    for (size_t i = 0; i < SQUARE; i++) {
        for (size_t j = 0; j < SQUARE; j++) {
            square[j][i] = in[i * cols + j];
        }
    }
    for (size_t j = 0; j < SQUARE; j++) {
        memcpy(out + j * rows, square[j], sizeof square[j]);
    }
}

static void
transpose(void *out, const void *in, size_t rows, size_t cols, size_t first_col,
          size_t end_col)
{
    for (size_t col = first_col; col < end_col; col += SQUARE) {
        const size_t n_cols = end_col - col < SQUARE ? end_col - col : SQUARE;
        for (size_t row = 0; row < rows; row += SQUARE) {
            const size_t n_rows = rows - row < SQUARE ? rows - row : SQUARE;
            real *to = (real *)out + col * rows + row;
            const real *from = (const real *)in + row * cols + col;
            if (n_rows == SQUARE && n_cols == SQUARE) {
                transpose_square(to, from, rows, cols);
            } else {
                transpose_part(to, from, rows, cols, n_rows, n_cols);
            }
        }
    }
}

static void
gather(void *out, const void *in_table, const void *in_index, size_t n, size_t cols)
{
    real *o = out;
    const real *table = in_table;
    const int64_t *index = in_index;
    if (cols == 1) {
        for (size_t i = 0; i < n; i++) {
            o[i] = table[index[i]];
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(o + i * cols, table + (size_t)index[i] * cols, cols * sizeof(real));
    }
}

static void
pool_max(void *out, const void *const *taps, size_t n_taps, size_t n)
{
    real *o = out;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vec most = v_load((const real *)taps[0] + i);
        for (size_t t = 1; t < n_taps; t++) {
            most = v_max(most, v_load((const real *)taps[t] + i));
        }
        v_store(o + i, most);
    }
    for (; i < n; i++) {
        real most = ((const real *)taps[0])[i];
        for (size_t t = 1; t < n_taps; t++) {
            const real x = ((const real *)taps[t])[i];
            most = x > most ? x : most;
        }
        o[i] = most;
    }
}

static void
pool_mean(void *out, const void *const *taps, size_t n_taps, size_t window, size_t n)
{
    real *o = out;
    const real share = 1 / (real)window;
    for (size_t i = 0; i < n; i++) {
        real sum = 0;
        for (size_t t = 0; t < n_taps; t++) {
            sum += ((const real *)taps[t])[i];
        }
        o[i] = sum * share;
    }
}

const struct psim_move_kernels PSIM_COPY(moves) = {
    .transpose = transpose,
    .gather = gather,
    .pool_max = pool_max,
    .pool_mean = pool_mean,
};
