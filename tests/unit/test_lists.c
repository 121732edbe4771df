/* SPDX-License-Identifier: MIT */
/** @file Ops that stand for lists: what they ask for by hand, which kernels they are.
 */
#include "check_plans.h"

static unsigned
count_kind(const struct psim_workload *w, const char *kind, const char *function)
{
    unsigned n = 0;
    for (size_t i = 0; i < w->n_ops; i++) {
        if (!psim_str_equal(w->ops[i].kind->name, kind)) continue;
        const struct psim_elementwise *e = w->ops[i].attributes;
        if (function && e->function != psim_function_index(function)) continue;
        n++;
    }
    return n;
}

static double
flop_of_kind(const struct psim_workload *w, const char *kind)
{
    double flop = 0;
    for (size_t i = 0; i < w->n_ops; i++) {
        if (!psim_str_equal(w->ops[i].kind->name, kind)) continue;
        flop += w->ops[i].kind->cost(&w->ops[i]).flop;
    }
    return flop;
}

/*
 * Multiply-adds of the convolutions of one 224 x 224 image, pixels x weights:
 *   conv1    112^2 x 64 x 3 x 49                                        118,013,952
 *   layer1   56^2 x (64 x 64 + 9 x 64^2 + 64 x 256 + 64 x 256
 *                    + 2 x (256 x 64 + 9 x 64^2 + 64 x 256))            667,942,912
 *   layer2   56^2 x 256 x 128
 *            + 28^2 x (9 x 128^2 + 128 x 512 + 256 x 512
 *                      + 3 x (512 x 128 + 9 x 128^2 + 128 x 512))     1,027,604,480
 *   layer3   28^2 x 512 x 256
 *            + 14^2 x (9 x 256^2 + 256 x 1024 + 512 x 1024
 *                      + 5 x (1024 x 256 + 9 x 256^2 + 256 x 1024))   1,464,336,384
 *   layer4   14^2 x 1024 x 512
 *            + 7^2 x (9 x 512^2 + 512 x 2048 + 1024 x 2048
 *                     + 2 x (2048 x 512 + 9 x 512^2 + 512 x 2048))      809,238,528
 *   fc       2048 x 1000                                                  2,048,000
 * in all 4,089,184,256, as is known; and 1,000 sums of the bias.
 */
START_TEST(resnet50_is_4_09_billion_multiply_adds)
{
    struct psim_arena arena = {0};
    const struct psim_workload *w =
        check_words(&arena, "model model=resnet50 batch=2 dtype=fp16");
    ck_assert_uint_eq(count_kind(w, "conv2d", NULL), 53);
    ck_assert_uint_eq(count_kind(w, "batchnorm", NULL), 53);
    ck_assert_uint_eq(count_kind(w, "elementwise", "relu"), 49);
    ck_assert_uint_eq(count_kind(w, "elementwise", "add"), 16);
    ck_assert_uint_eq(count_kind(w, "pool2d", NULL), 2);
    ck_assert_uint_eq(count_kind(w, "gemm", NULL), 1);
    ck_assert_uint_eq(w->n_ops, 53 + 53 + 49 + 16 + 2 + 1);
    const double convolutions = 4089184256.0 - 2048000;
    ck_assert_double_eq(flop_of_kind(w, "conv2d"), 2 * 2 * convolutions);
    ck_assert_double_eq(flop_of_kind(w, "gemm"), 2 * (2 * 2048000.0 + 1000));
    ck_assert_str_eq(w->name, "model");
    ck_assert_str_eq(w->ops[0].name, "conv1");
    ck_assert_str_eq(w->ops[7].name, "layer1.0.conv2");
    ck_assert_str_eq(w->ops[w->n_ops - 3].name, "layer4.2.relu3");
    ck_assert_str_eq(w->ops[w->n_ops - 1].name, "fc");
    psim_arena_free(&arena);
}
END_TEST

#define LLAMA3_8B                                                                      \
    "transformer_block hidden=4096 heads=32 kv_heads=8 ffn=14336 gated=true "          \
    "dtype=bf16"

/*
 * 2,048 tokens at once, heads of 128:
 *   products   2 x 2048 x 4096 x (6144 + 4096 + 28672 + 14336) = 893,353,197,568
 *   attention  32 x (2048 x 2049 / 2) x (4 x 128 + 5)          =  34,712,223,744
 *   norms      2 x 4 x 2048 x 4096                             =      67,108,864
 *   pointwise  (4 + 1) x 2048 x 14336 + 2 x 2048 x 4096        =     163,577,856
 * and one more token of each of eight sequences:
 *   products   2 x 8 x 4096 x 53248                            =   3,489,660,928
 *   attention  8 x 32 x 2048 x 517                             =     271,056,896
 *   norms      2 x 4 x 8 x 4096                                =         262,144
 *   pointwise  5 x 8 x 14336 + 2 x 8 x 4096                    =         638,976
 */
static const struct {
    const char *words;
    double gemm, attention, rmsnorm, elementwise;
    size_t n_ops;
} blocks[] = {
    {LLAMA3_8B " phase=prefill seq_kv=2048", 893353197568.0, 34712223744.0, 67108864.0,
     163577856.0, 11},
    {LLAMA3_8B " phase=decode batch=8 seq_kv=2048", 3489660928.0, 271056896.0, 262144.0,
     638976.0, 13},
};

START_TEST(llama3_8b_is_the_sum_of_its_parts)
{
    struct psim_arena arena = {0};
    const struct psim_workload *w = check_words(&arena, blocks[_i].words);
    ck_assert_uint_eq(w->n_ops, blocks[_i].n_ops);
    ck_assert_double_eq(flop_of_kind(w, "gemm"), blocks[_i].gemm);
    ck_assert_double_eq(flop_of_kind(w, "attention"), blocks[_i].attention);
    ck_assert_double_eq(flop_of_kind(w, "rmsnorm"), blocks[_i].rmsnorm);
    ck_assert_double_eq(flop_of_kind(w, "elementwise"), blocks[_i].elementwise);
    ck_assert_double_eq(psim_workload_cost(w).flop,
                        blocks[_i].gemm + blocks[_i].attention + blocks[_i].rmsnorm +
                            blocks[_i].elementwise);
    psim_arena_free(&arena);
}
END_TEST

/* --- kernels that are no choice of a matrix library --------------------------- */

/** One of them: op, kernel, work-groups, lanes of each. */
struct launched {
    const char *op, *kernel;
    unsigned groups, lanes;
};

/* The lists of PyTorch 2.11 on an H200, from traces; grids as there. */
static const struct launched prefill_512[] = {
    {"attention_norm", "rmsnorm", 512, 128},
    {"attention_add", "add", 2048, 128},
    {"ffn_norm", "rmsnorm", 512, 128},
    {"silu", "silu", 14336, 128},
    {"mul", "mul", 14336, 128},
    {"ffn_add", "add", 2048, 128},
};
static const struct launched decode_8[] = {
    {"attention_norm", "rmsnorm", 8, 128},
    {"append_k", "copy", 16, 128},
    {"append_v", "copy", 16, 128},
    {"attention_add", "add", 32, 128},
    {"ffn_norm", "rmsnorm", 8, 128},
    {"silu", "silu", 224, 128},
    {"mul", "mul", 224, 128},
    {"ffn_add", "add", 32, 128},
};
/* One token lies in one piece: no places are computed. */
static const struct launched decode_1[] = {
    {"attention_norm", "rmsnorm", 1, 128},
    {"append_k", "copy", 2, 128},
    {"append_v", "copy", 2, 128},
    {"attention_add", "add", 4, 128},
    {"ffn_norm", "rmsnorm", 1, 128},
    {"silu", "silu", 14, 128},
    {"mul", "mul", 14, 128},
    {"ffn_add", "add", 4, 128},
};
#define NORM(op, groups)                                                               \
    {op, "cast", 1, 128}, {op, "deviation", 1, 128},                                   \
    {                                                                                  \
        op, "batchnorm", groups, 512                                                   \
    }
static const struct launched resnet50_1[] = {
    NORM("bn1", 98),
    {"relu", "relu", 784, 128},
    NORM("layer1.0.bn1", 26),
    {"layer1.0.relu1", "relu", 196, 128},
    NORM("layer1.0.bn2", 26),
    {"layer1.0.relu2", "relu", 196, 128},
    NORM("layer1.0.bn3", 104),
    NORM("layer1.0.downsample.1", 104),
    {"layer1.0.add", "add", 784, 128},
    {"layer1.0.relu3", "relu", 784, 128},
    NORM("layer1.1.bn1", 26),
    {"layer1.1.relu1", "relu", 196, 128},
};

static const struct {
    const char *words;
    const struct launched *launched;
    size_t n;
} traces[] = {
    {LLAMA3_8B " phase=prefill seq_kv=512", prefill_512, PSIM_COUNT(prefill_512)},
    {LLAMA3_8B " phase=decode batch=8 seq_kv=2048", decode_8, PSIM_COUNT(decode_8)},
    {LLAMA3_8B " phase=decode batch=1 seq_kv=2048", decode_1, PSIM_COUNT(decode_1)},
    {"model model=resnet50 dtype=fp16", resnet50_1, PSIM_COUNT(resnet50_1)},
};

/** Whose tiles a matrix library picks; the windows of the only pooling overlap. */
static bool
is_picked(const struct psim_op *op)
{
    static const char *const kinds[] = {"gemm", "conv2d", "attention", "pool2d"};
    for (size_t i = 0; i < PSIM_COUNT(kinds); i++) {
        if (psim_str_equal(op->kind->name, kinds[i])) return true;
    }
    return false;
}

static void
check_op_kernels(struct psim_arena *arena, const struct psim_hw *hw,
                 const struct psim_op *op, const struct launched *want, size_t n,
                 size_t *at)
{
    struct psim_chosen c;
    ck_assert(check_choose(arena, hw, op, &c));
    for (size_t p = 0; p < c.parts.n && *at < n; p++, (*at)++) {
        const struct psim_kernel *k = &c.plan->kernels[p];
        const uint64_t groups = psim_kernel_items(k) * k->bundle;
        ck_assert_str_eq(op->name, want[*at].op);
        ck_assert_str_eq(k->name, want[*at].kernel);
        ck_assert_msg(groups == want[*at].groups &&
                          c.mapping[p].lanes == want[*at].lanes,
                      "%s, %s: %llu work-groups of %u lanes, want %u of %u", op->name,
                      k->name, (unsigned long long)groups, c.mapping[p].lanes,
                      want[*at].groups, want[*at].lanes);
    }
}

START_TEST(kernels_are_those_of_the_trace)
{
    struct psim_arena arena = {0};
    const struct psim_hw *hw = check_machine(&arena, "h200", NULL, 0);
    const struct psim_workload *w = check_words(&arena, traces[_i].words);
    size_t at = 0;
    for (size_t i = 0; i < w->n_ops && at < traces[_i].n; i++) {
        if (is_picked(&w->ops[i])) continue;
        check_op_kernels(&arena, hw, &w->ops[i], traces[_i].launched, traces[_i].n,
                         &at);
    }
    ck_assert_uint_eq(at, traces[_i].n);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("model/lists");
    TCase *costs = tcase_create("costs");
    tcase_add_test(costs, resnet50_is_4_09_billion_multiply_adds);
    tcase_add_loop_test(costs, llama3_8b_is_the_sum_of_its_parts, 0,
                        (int)PSIM_COUNT(blocks));
    suite_add_tcase(suite, costs);
    TCase *kernels = tcase_create("kernels");
    tcase_set_timeout(kernels, 60);
    tcase_add_loop_test(kernels, kernels_are_those_of_the_trace, 0,
                        (int)PSIM_COUNT(traces));
    suite_add_tcase(suite, kernels);
    return check_main(suite);
}
