/* SPDX-License-Identifier: MIT */
/** @file References by hand, and what a check takes for wrong. */
#include <math.h>

#include "check_main.h"
#include "measure/references.h"
#include "model/workload.h"

static const struct {
    enum psim_dtype dtype;
    double x, want;
} numbers[] = {
    /* e4m3 has steps of 1/32 from 1/4 on: 0.3 is 9.6 of them. */
    {PSIM_FP8, 0.3, 0.3125},
    /* Its smallest step is 1/512: 0.003 is 1.536 of them. */
    {PSIM_FP8, 0.003, 2.0 / 512},
    /* A tie, of 0.28125 = 9 / 32 and 0.3125 = 10 / 32, goes to the even one. */
    {PSIM_FP8, 9.5 / 32, 10.0 / 32},
    /* bf16: steps of 2^-9 from 1/4 on; 0.3 is 153.6 of them. */
    {PSIM_BF16, 0.3, 154.0 / 512},
    /* fp16: steps of 2^-12; 0.3 is 1228.8 of them. */
    {PSIM_FP16, -0.3, -1229.0 / 4096},
    {PSIM_FP32, 0.25, 0.25},
    /* 128 x 0.3 = 38.4; all 256 numbers of the type are as likely. */
    {PSIM_INT8, 0.3, 38},
    {PSIM_INT8, -1, -128},
    {PSIM_INT8, 1 - 0x1p-23, 127},
};

START_TEST(numbers_are_rounded_to_their_type)
{
    ck_assert_double_eq(psim_rounded(numbers[_i].dtype, numbers[_i].x),
                        numbers[_i].want);
}
END_TEST

/** Element i of input n is n + 1 + i / 10. */
static double
get(const void *bench, int input, uint64_t index)
{
    (void)bench;
    return input + 1 + (double)index / 10;
}

static const struct {
    const char *words;
    uint64_t index;
    double want;
} elements[] = {
    /* a + 1.5 b = 1.2 + 1.5 x 2.2 */
    {"elementwise function=triad elements=4 dtype=fp64", 2, 4.5},
    /* A is [1 1.1; 1.2 1.3], B is [2 2.1; 2.2 2.3]: 1.2 x 2.1 + 1.3 x 2.3 */
    {"gemm m=2 n=2 k=2 dtype=fp64", 3, 5.51},
    /* e^1.1 of e^1 and e^1.1 */
    {"softmax rows=1 cols=2 dtype=fp64", 1, 0.52497918747894},
    {"reduce function=sum rows=2 cols=2 dtype=fp64", 1, 2.5},
    {"reduce function=max rows=2 cols=2 dtype=fp64", 1, 1.3},
    /* Column 1 of 2 x 3 is row 1 of 3 x 2: elements 1 and 4. */
    {"transpose rows=2 cols=3 dtype=fp64", 3, 1.4},
    {"gather table_rows=3 cols=2 indices=3 index=sequential dtype=fp64", 5, 1.5},
    /* 1.1 / sqrt((1 + 1.21) / 2 + 1e-5) x 2.1 */
    {"rmsnorm rows=1 cols=2 dtype=fp64", 1, 2.1974999596},
    /* Mean 1.05, variance 0.0025: 0.05 / sqrt(0.00251) x 2.1 + 3.1 */
    {"layernorm rows=1 cols=2 dtype=fp64", 1, 5.19581254},
    /* Channel 1 of pixels 0 and 1 of a row of four: 1.1 and 1.3. */
    {"pool2d channels=2 height=1 width=4 kernel=1,2 dtype=fp64", 1, 1.3},
    {"pool2d function=mean channels=2 height=1 width=4 kernel=1,2 dtype=fp64", 1, 1.2},
    /* The first pixel with padding on its left: taps 1 and 2 of pixels 0 and 1, 2.1 x 1
     * + 2.2 x 1.1. */
    {"conv2d algorithm=direct in_channels=1 out_channels=1 height=1 width=4 kernel=1,3 "
     "padding=0,1 dtype=fp64",
     0, 4.52},
    /* Of the first window the second pixel is the larger: 2 x 1 + 2.1 x 1.1 + 2.2 x 1.2
     * = 6.95. */
    {"conv2d algorithm=implicit_gemm in_channels=1 out_channels=1 height=1 width=4 "
     "kernel=1,3 padding=0,1 epilogue=max_pool pool=1,2 dtype=fp64",
     0, 6.95},
    /* Query 1 x key 2 and 2.1: scores 2.2 and 2.31, values 3 and 3.1. */
    {"attention algorithm=naive seq_q=2 seq_kv=2 head_dim=1 dtype=fp64", 1,
     3.05274723045},
    /* The same, of which query 0 sees key 0 alone. */
    {"attention algorithm=naive causal=true seq_q=2 seq_kv=2 head_dim=1 dtype=fp64", 0,
     3},
    /* Bodies lie at i (1, 1, 1) / 10 apart: 4.1 x 0.1 / (0.03 + 0.01)^1.5 */
    {"nbody bodies=2 dtype=fp64", 0, 51.25},
    /* (1 + 1.1 i) - (1.2 + 1.3 i), its imaginary part */
    {"fft length=2 dtype=complex128", 3, -0.2},
};

START_TEST(elements_are_those_of_the_definition)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const char *words[16];
    char *line = psim_arena_printf(&arena, "%s", elements[_i].words);
    size_t n = 0;
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
        words[n++] = word;
    }
    const struct psim_workload *workload = psim_workload_words(&arena, &diag, words, n, NULL);
    ck_assert_msg(workload != NULL, "%s", check_printed(&arena, &diag, false));
    const struct psim_op *op = &workload->ops[0];
    const struct psim_inputs inputs = {get, NULL};
    const struct psim_reference *reference = psim_reference_of(op);
    const struct psim_expected got =
        reference->expect(op->attributes, &inputs, elements[_i].index);
    /* Hand figures have nine digits. */
    ck_assert_msg(fabs(got.value - elements[_i].want) < 1e-8 * fabs(elements[_i].want),
                  "%s: %.12g, not %.12g", elements[_i].words, got.value,
                  elements[_i].want);
    ck_assert_double_gt(reference->cost(op->attributes), 0);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(whole_numbers_are_right_or_wrong)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const char *const words[] = {"gemm", "m=1", "n=1", "k=1", "dtype=int8"};
    const struct psim_workload *workload = psim_workload_words(&arena, &diag, words, 5, NULL);
    const struct psim_inputs inputs = {get, NULL};
    struct psim_check check = {0};
    psim_check_element(&check, workload->ops, &inputs, PSIM_INT32, 0, 2); /* 1 x 2 */
    ck_assert_double_eq(check.worst, 0);
    psim_check_element(&check, workload->ops, &inputs, PSIM_INT32, 0, 3);
    ck_assert(isinf(check.worst));
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("measure/references");
    TCase *tcase = tcase_create("references");
    tcase_add_loop_test(tcase, numbers_are_rounded_to_their_type, 0,
                        (int)PSIM_COUNT(numbers));
    tcase_add_loop_test(tcase, elements_are_those_of_the_definition, 0,
                        (int)PSIM_COUNT(elements));
    tcase_add_test(tcase, whole_numbers_are_right_or_wrong);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
