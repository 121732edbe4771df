/* SPDX-License-Identifier: MIT */
/** @file THE list of formulas of what ops ask for (docs/MODEL.md, eq. F2 to F14). */
#include <stddef.h>

#include "explain/costs.h"

static bool
has_epilogue(const struct psim_op *op)
{
    const struct psim_gemm *g = op->attributes;
    return g->epilogue != 0;
}

static double
steps_of(uint32_t epilogue)
{
    return (epilogue >> PSIM_EPILOGUE_BIAS & 1) + (epilogue >> PSIM_EPILOGUE_RELU & 1);
}

static double
gemm_steps(const struct psim_op *op)
{
    const struct psim_gemm *g = op->attributes;
    return steps_of(g->epilogue);
}

static double
gemm_bias(const struct psim_op *op)
{
    const struct psim_gemm *g = op->attributes;
    return g->epilogue >> PSIM_EPILOGUE_BIAS & 1;
}

static bool
is_naive(const struct psim_op *op)
{
    const struct psim_attention *a = op->attributes;
    return a->algorithm == PSIM_ATTENTION_NAIVE;
}

static double
pairs(const struct psim_op *op)
{
    return psim_attention_pairs(op->attributes);
}

static bool
unfolds(const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    return c->algorithm == PSIM_CONV_IM2COL_GEMM && !psim_conv2d_is_depthwise(c);
}

static bool
pools(const struct psim_op *op)
{
    return psim_conv2d_window(op->attributes) > 1;
}

static bool
unfolds_and_pools(const struct psim_op *op)
{
    return unfolds(op) && pools(op);
}

static double
conv_steps(const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    return steps_of(c->epilogue);
}

static double
conv_bias(const struct psim_op *op)
{
    const struct psim_conv2d *c = op->attributes;
    return c->epilogue >> PSIM_EPILOGUE_BIAS & 1;
}

static double
image_bytes(const struct psim_op *op)
{
    return psim_conv2d_input_bytes(op->attributes);
}

static double
function_flop(const struct psim_op *op)
{
    return psim_elementwise_flop(op->attributes);
}

static bool
comes_in(const struct psim_op *op)
{
    const struct psim_copy *c = op->attributes;
    return c->direction == PSIM_COPY_HOST_TO_DEVICE;
}

static bool
goes_out(const struct psim_op *op)
{
    const struct psim_copy *c = op->attributes;
    return c->direction == PSIM_COPY_DEVICE_TO_HOST;
}

static double
distinct(const struct psim_op *op)
{
    return psim_gather_distinct(op->attributes);
}

static bool
is_max(const struct psim_op *op)
{
    const struct psim_pool2d *p = op->attributes;
    return p->function == 0;
}

/** Pixels of an image that some window covers. */
static double
covered(const struct psim_op *op)
{
    const struct psim_pool2d *p = op->attributes;
    const double images = (double)p->batch * (double)p->channels;
    return op->kind->cost(op).read_bytes /
           (images * psim_dtype_bytes((enum psim_dtype)p->dtype));
}

#define CONV_OUTPUTS "batch x out_height x out_width x out_channels"
#define CONV_DEPTH   "kernel[0] x kernel[1] x in_channels / groups"
#define CONV_FLOP    CONV_OUTPUTS " x (2 x " CONV_DEPTH " + epilogue_steps)"
#define CONV_READ    "image_bytes + out_channels x (" CONV_DEPTH " + biases) x w"
#define CONV_WRITE   CONV_OUTPUTS " x w"
#define WINDOW       "(pool[0] x pool[1])"
#define POOLED_FLOP                                                                    \
    CONV_OUTPUTS " x (2 x " CONV_DEPTH                                                 \
                 " + epilogue_steps + (pool[0] x pool[1] - 1) / " WINDOW ")"
#define POOLED_WRITE CONV_OUTPUTS " / " WINDOW " x w"
#define UNFOLDED                                                                       \
    " + batch x out_height x out_width x kernel[0] x kernel[1] x in_channels x w"
#define CONV_OUT(d, side)                                                              \
    "floor((" side " + 2 x padding[" d "] - dilation[" d "] x (kernel[" d              \
    "] - 1) - 1) / stride[" d "]) + 1"
#define POOLED_OUT(d, side) "floor((" CONV_OUT(d, side) ") / pool[" d "]) x pool[" d "]"
#define CONV_VARIABLES(out)                                                            \
    {                                                                                  \
        {"out_height", NULL, out("0", "height"), NULL},                                \
            {"out_width", NULL, out("1", "width"), NULL},                              \
            {"epilogue_steps", "bias, relu", NULL, conv_steps},                        \
            {"biases", NULL, NULL, conv_bias},                                         \
            {"image_bytes", "pixels on which any output depends", NULL, image_bytes},  \
    }
#define POOL_OUT(d, side)                                                              \
    "floor((" side " + 2 x padding[" d "] - kernel[" d "]) / stride[" d "]) + 1"
#define POOL_VARIABLES                                                                 \
    {                                                                                  \
        {"out_height", NULL, POOL_OUT("0", "height"), NULL},                           \
            {"out_width", NULL, POOL_OUT("1", "width"), NULL},                         \
            {"covered", "pixels that some window covers", NULL, covered},              \
    }
#define POOL_READ  "batch x channels x covered x w"
#define POOL_WRITE "batch x channels x out_height x out_width x w"

#define SCORES " + 2 x batch x heads x seq_q x seq_kv x w"
#define ATTENTION_READ                                                                 \
    "(batch x heads x seq_q x head_dim + 2 x batch x kv_heads x seq_kv x head_dim) x " \
    "w"
#define ATTENTION_WRITE "batch x heads x seq_q x head_dim x w"
#define ATTENTION_FLOP  "batch x heads x pairs x (4 x head_dim + 5)"
#define PAIRS                                                                          \
    {                                                                                  \
        {"pairs", "(query, key) pairs of a head that the mask keeps", NULL, pairs},    \
    }
#define ELEMENTS "rows x cols x w"

/* clang-format off */
const struct psim_cost_row psim_cost_rows[] = {
    {"gemm", has_epilogue, "eq. F2",
     {"batch x (2 x m x n x k + epilogue_steps x m x n)", "batch x (m x k + k x n) x w + biases x n x w_out", "batch x m x n x w_out"},
     {{"epilogue_steps", "bias, relu", NULL, gemm_steps}, {"biases", NULL, NULL, gemm_bias}}},
    {"gemm", NULL, "eq. F2", {"2 x batch x m x n x k", "batch x (m x k + k x n) x w", "batch x m x n x w_out"}, {{0}}},
    {"attention", is_naive, "eq. F3", {ATTENTION_FLOP, ATTENTION_READ SCORES, ATTENTION_WRITE SCORES}, PAIRS},
    {"attention", NULL, "eq. F3", {ATTENTION_FLOP, ATTENTION_READ, ATTENTION_WRITE}, PAIRS},
    {"conv2d", unfolds_and_pools, "eq. F4", {POOLED_FLOP, CONV_READ UNFOLDED, POOLED_WRITE UNFOLDED}, CONV_VARIABLES(POOLED_OUT)},
    {"conv2d", pools, "eq. F4", {POOLED_FLOP, CONV_READ, POOLED_WRITE}, CONV_VARIABLES(POOLED_OUT)},
    {"conv2d", unfolds, "eq. F4", {CONV_FLOP, CONV_READ UNFOLDED, CONV_WRITE UNFOLDED}, CONV_VARIABLES(CONV_OUT)},
    {"conv2d", NULL, "eq. F4", {CONV_FLOP, CONV_READ, CONV_WRITE}, CONV_VARIABLES(CONV_OUT)},
    {"elementwise", NULL, "eq. F5", {"elements x flop_of_one", "elements x inputs x w", "elements x outputs x w"},
     {{"flop_of_one", "FLOP of the function", NULL, function_flop}}},
    {"softmax", NULL, "eq. F6", {"5 x rows x cols", ELEMENTS, ELEMENTS}, {{0}}},
    {"layernorm", NULL, "eq. F6", {"8 x rows x cols", "(rows + 2) x cols x w", ELEMENTS}, {{0}}},
    {"rmsnorm", NULL, "eq. F6", {"4 x rows x cols", "(rows + 1) x cols x w", ELEMENTS}, {{0}}},
    {"batchnorm", NULL, "eq. F6", {"4 x rows x cols + 2 x cols", "(rows + 4) x cols x w", ELEMENTS}, {{0}}},
    {"reduce", NULL, "eq. F6", {"rows x cols", ELEMENTS, "rows x w"}, {{0}}},
    {"copy", comes_in, "eq. F9", {"0", "0", "bytes"}, {{0}}},
    {"copy", goes_out, "eq. F9", {"0", "bytes", "0"}, {{0}}},
    {"copy", NULL, "eq. F9", {"0", "bytes", "bytes"}, {{0}}},
    {"transpose", NULL, "eq. F9", {"0", ELEMENTS, ELEMENTS}, {{0}}},
    {"gather", NULL, "eq. F9", {"0", "distinct_rows x cols x w + 8 x indices", "indices x cols x w"},
     {{"distinct_rows", "rows of the table that are met", NULL, distinct}}},
    {"pool2d", is_max, "eq. F10", {"batch x channels x out_height x out_width x (kernel[0] x kernel[1] - 1)", POOL_READ, POOL_WRITE}, POOL_VARIABLES},
    {"pool2d", NULL, "eq. F10", {"batch x channels x out_height x out_width x kernel[0] x kernel[1]", POOL_READ, POOL_WRITE}, POOL_VARIABLES},
    {"fft", NULL, "eq. F11", {"5 x batch x length x log2(length)", "batch x length x 2 x w", "batch x length x 2 x w"}, {{0}}},
    {"nbody", NULL, "eq. F14", {"20 x bodies x bodies", "4 x bodies x w", "3 x bodies x w"}, {{0}}},
    {0},
};
/* clang-format on */
