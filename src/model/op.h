/* SPDX-License-Identifier: MIT */
/** @file The contract of one kind of op, and the attributes of each. */
#pragma once

#include "model/hw.h"

struct psim_op;
struct psim_expansion;

/** What an op asks of any machine, however it is run (docs/MODEL.md, eq. F1 to F8). */
struct psim_cost {
    double flop;        /**< a multiply-add is two */
    double read_bytes;  /**< every element the result depends on, once */
    double write_bytes; /**< every output, once; intermediates an algorithm stores */
};

/**
 * One kind of op. To add a kind: write ops/<kind>.c, which defines one such
 * constant, name it in ops.c, and give it a program in plan/lower.c. A kind that
 * stands for a list of other ops has `expand` in place of `cost`, and no program.
 */
struct psim_op_kind {
    const char *name; /**< as workloads spell it */
    const char *doc;
    const struct psim_field *fields; /**< into the kind's own struct */
    size_t size;                     /**< of that struct */
    size_t algorithm_offset;         /**< of an int in it; 0 = it has none */
    const struct psim_choice *algorithms;
    /** Who asks for it says where the result goes: not a place that is taken again. */
    bool to_given_place;
    /** Put in what the table calls a fallback. */
    void (*complete)(void *attributes);
    /** Rules across fields. @return false after an error */
    bool (*check)(struct psim_diag *diag, const struct psim_op *op);
    struct psim_cost (*cost)(const struct psim_op *op);
    /** Append the ops that it stands for (model/expand.h); after all checks. */
    void (*expand)(const struct psim_op *op, struct psim_expansion *ret);
};

/** The list, ended by NULL. */
extern const struct psim_op_kind *const psim_op_kinds[];
/** NULL where there is none of that name. */
const struct psim_op_kind *psim_op_kind_find(const char *name);

enum psim_cache_start { PSIM_CACHE_COLD, PSIM_CACHE_HOT };

enum psim_data { PSIM_DATA_RANDOM, PSIM_DATA_ZEROS };

struct psim_tile_keys {
    uint64_t m, n, k, q, kv;
};

/** Keys that any op may have: how to run it where the user wants to say so. */
struct psim_op_keys {
    struct psim_word name, library, note;
    struct psim_counts grid_dim, block_dim;
    struct psim_tile_keys tile;
    struct psim_loc tile_at;
    uint64_t stages, split, cluster, lanes;
    struct psim_loc stages_at, split_at, cluster_at, lanes_at;
    int cache; /**< enum psim_cache_start */
    int data;  /**< enum psim_data */
};

extern const struct psim_field psim_op_key_fields[];

struct psim_op {
    const struct psim_op_kind *kind;
    const char *name; /**< the user's, else the kind's with its algorithm */
    struct psim_loc at;
    enum psim_launch_mode launch; /**< how its kernels follow those before */
    uint32_t graph; /**< which of the workload's graphs it is in, from 1; 0: none */
    struct psim_op_keys keys;
    const void *attributes;
    const struct psim_node *node; /**< the map that it was read from: of another op,
                                       where it is one of those that this stands for */
};

/** Whether two ops compute the same: their kind and its attributes, however each is
 * called, launched and mapped. */
bool psim_op_same(const struct psim_op *a, const struct psim_op *b);

enum psim_epilogue { PSIM_EPILOGUE_BIAS, PSIM_EPILOGUE_RELU, PSIM_EPILOGUE_MAX_POOL };

struct psim_gemm {
    uint64_t m, n, k, batch;
    int dtype;
    struct psim_loc dtype_at;
    uint32_t epilogue; /**< set of enum psim_epilogue */
};

enum psim_attention_algorithm {
    PSIM_ATTENTION_NAIVE,
    PSIM_ATTENTION_FLASH2,
    PSIM_ATTENTION_FLASH3,
    PSIM_ATTENTION_FLASH_DECODE,
};

struct psim_attention {
    int algorithm;
    struct psim_loc algorithm_at;
    uint64_t batch, heads, kv_heads, seq_q, seq_kv, head_dim;
    struct psim_loc kv_heads_at;
    bool causal;
    int dtype;
    struct psim_loc dtype_at;
};

enum psim_conv_algorithm {
    PSIM_CONV_DIRECT,
    PSIM_CONV_IM2COL_GEMM,
    PSIM_CONV_IMPLICIT_GEMM,
};

struct psim_conv2d {
    int algorithm;
    uint64_t batch, in_channels, out_channels, height, width, groups;
    struct psim_loc groups_at;
    struct psim_counts kernel, stride, padding, dilation; /**< [height, width] */
    int layout;                                           /**< 0: nhwc, 1: nchw */
    int dtype;
    struct psim_loc dtype_at;
    uint32_t epilogue;
    struct psim_loc epilogue_at;
    struct psim_counts pool; /**< windows of max_pool, side by side; 1 without */
};

struct psim_elementwise {
    int function;
    uint64_t elements, inputs, outputs, flop_per_element;
    struct psim_loc flop_at;
    bool strided; /**< inputs are parts of the rows of wider matrices */
    int dtype;
    struct psim_loc dtype_at;
};

/** softmax, layernorm, rmsnorm: over the columns of each row; batchnorm: of each
 * column. */
struct psim_rows_op {
    uint64_t rows, cols;
    int dtype;
    struct psim_loc dtype_at;
};

struct psim_reduce {
    struct psim_rows_op rows;
    int function; /**< 0: sum, 1: max */
};

enum psim_copy_direction {
    PSIM_COPY_DEVICE,
    PSIM_COPY_HOST_TO_DEVICE,
    PSIM_COPY_DEVICE_TO_HOST,
};

struct psim_copy {
    uint64_t bytes;
    int direction;
    bool pinned;
};

struct psim_transpose {
    uint64_t rows, cols;
    int dtype;
};

struct psim_gather {
    uint64_t table_rows, cols, indices;
    int index; /**< 0: random, 1: sequential */
    int dtype;
};

struct psim_pool2d {
    int function; /**< 0: max, 1: mean */
    uint64_t batch, channels, height, width;
    struct psim_counts kernel, stride, padding; /**< [height, width] */
    int layout, dtype;
};

struct psim_fft {
    uint64_t batch, length;
    int dtype;
};

struct psim_nbody {
    uint64_t bodies;
    int dtype;
    struct psim_loc dtype_at;
};

/** Distinct rows of a table that random indices are expected to meet (eq. F9). */
double psim_gather_distinct(const struct psim_gather *gather);

/** Height and width of a pooling's output. */
void psim_pool2d_output(const struct psim_pool2d *pool, uint64_t *ret_height,
                        uint64_t *ret_width);

enum psim_phase { PSIM_PHASE_PREFILL, PSIM_PHASE_DECODE };

struct psim_transformer_block {
    uint64_t hidden, heads, kv_heads, ffn;
    struct psim_loc heads_at, kv_heads_at, seq_at;
    bool gated;
    int phase;
    uint64_t batch, seq_q, seq_kv;
    int dtype, launch;
    struct psim_loc launch_at; /**< line 0: not given */
};

struct psim_model {
    int model;
    uint64_t batch, height, width;
    int dtype, launch;
    struct psim_loc launch_at; /**< line 0: not given */
};

struct psim_graph {
    const struct psim_node *ops;
    uint64_t repeat;
    int launch;
    struct psim_loc repeat_at, launch_at; /**< line 0: not given */
};

/** Height and width of a convolution's output; before pooling, and without the rows and
 * columns that fill no window. */
void psim_conv2d_output(const struct psim_conv2d *conv, uint64_t *ret_height,
                        uint64_t *ret_width);

/** Pixels of the convolution's output that one pixel of the op's is the largest of. */
uint64_t psim_conv2d_window(const struct psim_conv2d *conv);

/** Places of the kernel. */
uint64_t psim_conv2d_taps(const struct psim_conv2d *conv);

/** One channel a group: nothing to multiply matrices with, whatever the algorithm. */
bool psim_conv2d_is_depthwise(const struct psim_conv2d *conv);

/** Columns of the input on which any output depends. */
double psim_conv2d_columns(const struct psim_conv2d *conv);

/** Bytes of the pixels that any output depends on: what must be read of the input. */
double psim_conv2d_input_bytes(const struct psim_conv2d *conv);

/** (query, key) pairs that the mask keeps, of one head. */
double psim_attention_pairs(const struct psim_attention *attention);

/** What one element of an elementwise function takes. */
struct psim_function {
    const char *name;
    double flop;              /**< an element (docs/MODEL.md, eq. F5) */
    uint64_t inputs, outputs; /**< where the workload does not say */
    struct {
        enum psim_primitive does;
        double times;
    } work[4]; /**< ended by PSIM_DOES_NOTHING_KNOWN */
};

extern const struct psim_function psim_functions[];
extern const size_t psim_function_count;

/** Which of psim_functions has that name; it is one of them. */
int psim_function_index(const char *name);

/** FLOP of one element, with the user's own count where the function asks for it. */
double psim_elementwise_flop(const struct psim_elementwise *elementwise);
