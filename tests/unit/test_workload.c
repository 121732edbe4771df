/* SPDX-License-Identifier: MIT */
/** @file Workloads: graphs unrolled in order, launch modes, ops in words. */
#include <math.h>

#include "check_main.h"
#include "model/workload.h"

static struct psim_arena arena;
static struct psim_diag diag;

static void
setup(void)
{
    arena = (struct psim_arena){0};
    diag = (struct psim_diag){.arena = &arena};
}

static void
teardown(void)
{
    psim_arena_free(&arena);
}

#define SOFTMAX(name)                                                                  \
    "{\"op\": \"softmax\", \"name\": \"" name                                          \
    "\", \"rows\": 1, \"cols\": 1, \"dtype\": \"fp32\"}"

/** The ops by name, one letter each, how often, and the launch mode of each. */
static const char *
text_of(const struct psim_workload *workload)
{
    const char *names = "", *modes = "";
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        names = psim_arena_printf(&arena, "%s%s", names, op->name);
        modes = psim_arena_printf(&arena, "%s%c", modes,
                                  op->launch == PSIM_LAUNCH_GRAPH ? 'g' : 's');
    }
    return psim_arena_printf(&arena, "%llu (%s) %s",
                             (unsigned long long)workload->repeat, names, modes);
}

static const struct {
    const char *name, *ops, *keys, *want;
} rows[] = {
    {"a list", SOFTMAX("a") "," SOFTMAX("b"), "", "1 (ab) ss"},
    {"a repeated list", SOFTMAX("a"), ", \"repeat\": 5", "5 (a) s"},
    {"the only graph repeats the workload",
     "{\"op\": \"graph\", \"repeat\": 3, \"ops\": [" SOFTMAX("a") "]}",
     ", \"repeat\": 5", "15 (a) s"},
    /* 2 (3 a, b): aaab aaab */
    {"a graph inside the only graph",
     "{\"op\": \"graph\", \"repeat\": 2, \"ops\": [{\"op\": \"graph\", "
     "\"repeat\": 3, "
     "\"ops\": [" SOFTMAX("a") "]}," SOFTMAX("b") "]}",
     "", "2 (aaab) ssss"},
    {"a graph beside an op",
     "{\"op\": \"graph\", \"repeat\": 2, \"ops\": [" SOFTMAX("a") "]}," SOFTMAX("b"),
     "", "1 (aab) sss"},
    {"a graph after an op",
     SOFTMAX("b") ",{\"op\": \"graph\", \"repeat\": 2, \"ops\": [" SOFTMAX("a") "]}",
     "", "1 (baa) sss"},
    {"each graph has its own launch mode",
     "{\"op\": \"graph\", \"launch\": \"stream\", \"ops\": [" SOFTMAX(
         "a") "]},{\"op\": \"graph\", \"launch\": \"graph\", \"ops\": "
              "[" SOFTMAX("b") "]}," SOFTMAX("c"),
     "", "1 (abc) sgs"},
    {"a graph that says nothing is launched like what is around it",
     "{\"op\": \"graph\", \"ops\": [" SOFTMAX(
         "a") "]},{\"op\": \"graph\", \"launch\": "
              "\"stream\", \"ops\": [" SOFTMAX(
                  "b") ",{\"op\": \"graph\", \"ops\": [" SOFTMAX("c") "]}]}",
     ", \"launch\": \"graph\"", "1 (abc) gss"},
};

START_TEST(graphs_are_unrolled_in_order)
{
    const char *text = psim_arena_printf(
        &arena, "{\"schema\": \"perfsim/workload/v1\", \"ops\": [%s]%s}", rows[_i].ops,
        rows[_i].keys);
    const struct psim_workload *workload =
        psim_workload_read(&arena, &diag, "w.json", text);
    ck_assert_msg(workload != NULL, "%s: %s", rows[_i].name,
                  check_printed(&arena, &diag, false));
    check_same_text(rows[_i].name, text_of(workload), rows[_i].want);
}
END_TEST

START_TEST(words_are_the_op_that_a_file_would_say)
{
    static const char *const words[] = {
        "conv2d",         "algorithm=direct", "batch=2",       "height=8",
        "width=8",        "kernel=3,5",       "padding=[1,2]", "in_channels=4",
        "out_channels=6", "dtype=fp32"};
    const struct psim_workload *workload =
        psim_workload_words(&arena, &diag, words, PSIM_COUNT(words), NULL);
    ck_assert_ptr_nonnull(workload);
    const struct psim_conv2d *c = workload->ops[0].attributes;
    ck_assert_uint_eq(c->kernel.value[0], 3);
    ck_assert_uint_eq(c->kernel.value[1], 5);
    ck_assert_uint_eq(c->padding.value[0], 1);
    ck_assert_uint_eq(c->padding.value[1], 2);
    /* 2 x 8 x 8 pixels x 6 channels x 15 taps x 4 channels x 2 */
    ck_assert_double_eq(psim_workload_cost(workload).flop, 2.0 * 64 * 6 * 15 * 4 * 2);
}
END_TEST

/** Rows of the input that any output depends on, by trying every output and tap. */
static double
touched(const struct psim_conv2d *c, int d, uint64_t size, uint64_t outputs)
{
    bool *seen = PSIM_NEW_N(&arena, bool, size);
    double n = 0;
    for (uint64_t o = 0; o < outputs; o++) {
        for (uint64_t t = 0; t < c->kernel.value[d]; t++) {
            const uint64_t at = o * c->stride.value[d] + t * c->dilation.value[d];
            const uint64_t row = at - c->padding.value[d];
            if (at < c->padding.value[d] || row >= size || seen[row]) continue;
            seen[row] = true;
            n++;
        }
    }
    return n;
}

static uint64_t
next(uint64_t *state, uint64_t most)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % most;
}

START_TEST(a_convolution_reads_the_pixels_that_outputs_depend_on)
{
    uint64_t state = 1;
    for (int i = 0; i < 2000; i++) {
        const char *words[] = {
            "conv2d",
            "algorithm=direct",
            "in_channels=1",
            "out_channels=1",
            "dtype=int8",
            "width=1",
            psim_arena_printf(&arena, "height=%d", (int)next(&state, 40) + 1),
            psim_arena_printf(&arena, "kernel=%d,1", (int)next(&state, 9) + 1),
            psim_arena_printf(&arena, "stride=%d,1", (int)next(&state, 9) + 1),
            psim_arena_printf(&arena, "padding=%d,0", (int)next(&state, 9)),
            psim_arena_printf(&arena, "dilation=%d,1", (int)next(&state, 9) + 1),
        };
        const struct psim_workload *workload =
            psim_workload_words(&arena, &diag, words, PSIM_COUNT(words), NULL);
        if (!workload) continue; /* the kernel was larger than the image */
        const struct psim_op *op = &workload->ops[0];
        const struct psim_conv2d *c = op->attributes;
        uint64_t height, width;
        psim_conv2d_output(c, &height, &width);
        /* One byte a pixel; the weights are one byte a tap. */
        const double want =
            touched(c, 0, c->height, height) + (double)c->kernel.value[0];
        ck_assert_msg(op->kind->cost(op).read_bytes == want,
                      "%s %s %s %s %s: %g B, want %g B", words[6], words[7], words[8],
                      words[9], words[10], op->kind->cost(op).read_bytes, want);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("model/workload");
    TCase *tc = tcase_create("workload");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, graphs_are_unrolled_in_order, 0, PSIM_COUNT(rows));
    tcase_add_test(tc, words_are_the_op_that_a_file_would_say);
    tcase_add_test(tc, a_convolution_reads_the_pixels_that_outputs_depend_on);
    suite_add_tcase(suite, tc);
    return check_main(suite);
}
