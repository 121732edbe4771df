/* SPDX-License-Identifier: MIT */
/** @file What one copy of the kernels offers: inner loops of one thread, as tables.
 *
 * Pointers are to elements of the copy's type. No function allocates, and none
 * knows of threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** out[i] = f(a[i], b[i], s); what a function does not take is not read. */
typedef void psim_stream_fn(void *out, const void *a, const void *b, double s,
                            size_t n);

struct psim_stream_kernel {
    const char *name; /**< as the function of an elementwise op; "scale": s a */
    psim_stream_fn *run;
    bool exact32; /**< good to fp32 only */
};

/** Where sums of a product go: m x n of C, each of k products. */
struct psim_block {
    void *c;
    size_t stride; /**< of C's rows */
    size_t m, n, k;
    bool add; /**< C += A B, else C = A B */
};

/**
 * A product's inner loops. A is brought as panels of `rows` rows, B as panels of
 * `cols` columns: for each step of k their elements stand side by side, with zeros
 * where a panel is not full.
 */
struct psim_product_kernels {
    size_t rows, cols;
    /** @p from: `n_rows` <= rows starts of rows; to[k rows + r] = from[r][k]. */
    void (*pack_rows)(void *to, const void *const *from, size_t n_rows, size_t k);
    /** The same with panels of `cols`: B's columns are rows where they lie. */
    void (*pack_columns)(void *to, const void *const *from, size_t n_cols, size_t k);
    /** Rows of B, @p stride elements apart: to[k cols + c] = from[k stride + c]. */
    void (*pack_steps)(void *to, const void *from, size_t stride, size_t n_cols,
                       size_t k);
    /** A block from packed panels. */
    void (*block)(const struct psim_block *c, const void *a, const void *b);
    /** The same where A's rows lie as they are, each from its own start. */
    void (*block_rows)(const struct psim_block *c, const void *const *a, const void *b);
    /** The textbook: one row of C, k by k. */
    void (*naive_row)(void *c, const void *a, const void *b, size_t n, size_t k);
    /** bias (NULL: none), then relu, on n elements. */
    void (*epilogue)(void *c, const void *bias, bool relu, size_t n);
};

/** Functions of one row. */
struct psim_row_kernels {
    void (*softmax)(void *out, const void *in, size_t n);
    void (*layernorm)(void *out, const void *in, const void *weight, const void *bias,
                      size_t n);
    void (*rmsnorm)(void *out, const void *in, const void *weight, size_t n);
    double (*sum)(const void *in, size_t n);
    double (*max)(const void *in, size_t n);
};

/** One query, and the keys and values that it sees. */
struct psim_one_query {
    const void *query, *keys, *values;
    size_t n_keys, dim;
};

/** Steps of fused and of the textbook's attention. */
struct psim_attention_kernels {
    /**
     * One row of scores, scaled; its first @p n count. What was the largest and the
     * sum so far becomes what they are now; the scores become e^(s - largest).
     * @return by what earlier sums must be multiplied
     */
    double (*online_row)(void *scores, size_t n, double scale, double *max_so_far,
                         double *sum_so_far);
    /** v *= s */
    void (*scale)(void *v, double s, size_t n);
    /** Softmax of s x of the first @p n, zeros in the rest of @p room. */
    void (*softmax_scaled)(void *x, size_t n, size_t room, double scale);
    /** The textbook's loops over one query, on scalars. */
    void (*serial_query)(void *out, void *scores, const struct psim_one_query *q);
};

struct psim_move_kernels {
    /** A stretch of rows of the output, of a `rows` x `cols` input. */
    void (*transpose)(void *out, const void *in, size_t rows, size_t cols,
                      size_t first_col, size_t end_col);
    /** out[i] = row index[i] of the table. */
    void (*gather)(void *out, const void *table, const void *index, size_t n,
                   size_t cols);
    /** The largest of `n_taps` rows of n elements; or their mean. */
    void (*pool_max)(void *out, const void *const *taps, size_t n_taps, size_t n);
    void (*pool_mean)(void *out, const void *const *taps, size_t n_taps, size_t window,
                      size_t n);
};

/** Some butterflies of one pass of Stockham's transform. */
struct psim_fft_pass {
    size_t length;     /**< of the sub-transforms that are left; a power of two */
    size_t stride;     /**< their number */
    const void *roots; /**< e^(-2 pi i j / (length stride)), complex */
    /** Of length stride / 4 butterflies of radix 4; of half of it of radix 2. */
    size_t first, end;
};

struct psim_field_kernels {
    /** Accelerations of bodies first to end by all n: x, y, z, mass each apart. */
    void (*bodies)(void *const acceleration[3], const void *const place[4],
                   size_t first, size_t end, size_t n);
    /** Radix 4, or 2 where the length is 2. */
    void (*fft_pass)(void *out, const void *in, const struct psim_fft_pass *pass);
};

/** Loops whose time is that of one thing; they return what keeps them from being left
 * out. @p turns: invocations, or passes over the data */
struct psim_micro_kernels {
    /** Invocations of a turn: of most rate loops, and of these; latency loops: 1. */
    size_t fma_chains, mixed_chains, exp_chains, rsqrt_chains;
    double (*fma_rate)(size_t turns);
    double (*fma_latency)(size_t turns);
    double (*add_rate)(size_t turns);
    double (*add_latency)(size_t turns);
    double (*mul_rate)(size_t turns);
    double (*mul_latency)(size_t turns);
    double (*max_rate)(size_t turns);
    double (*divide_rate)(size_t turns);
    double (*divide_latency)(size_t turns);
    double (*exp_rate)(size_t turns);
    double (*exp_latency)(size_t turns);
    double (*rsqrt_rate)(size_t turns);
    double (*integer_rate)(size_t turns);
    double (*mixed_rate)(size_t turns); /**< a multiply-add, an addition, and so on */
    double (*load)(const void *from, size_t n, size_t turns);
    void (*store)(void *to, size_t n, size_t turns);
    void (*copy)(void *to, const void *from, size_t n, size_t turns);
};

/** All of one copy. */
struct psim_kernels {
    const char *isa;
    size_t vector_bytes, element_bytes;
    const struct psim_stream_kernel *streams; /**< ended by a NULL name */
    const struct psim_product_kernels *product;
    const struct psim_row_kernels *rows;
    const struct psim_attention_kernels *attention;
    const struct psim_move_kernels *moves;
    const struct psim_field_kernels *fields;
    const struct psim_micro_kernels *micro;
};

/** Elements of a vector. */
static inline size_t
psim_kernels_lanes(const struct psim_kernels *kernels)
{
    return kernels->vector_bytes / kernels->element_bytes;
}
