/* SPDX-License-Identifier: MIT */
/** @file Any bytes as a machine: refused in words, or it runs small ops. */
#include "predicted.h"
#include "target.h"
#include "util/arena.h"

enum { MAX_WORDS = 10 };

/** Each program, with edges that no tile divides. */
static const char *const ops[][MAX_WORDS] = {
    {"elementwise", "function=add", "elements=1000", "dtype=fp32"},
    {"elementwise", "function=gelu", "elements=100", "dtype=fp16"},
    {"gemm", "m=40", "n=24", "k=17", "dtype=fp16", "epilogue=bias,relu"},
    {"gemm", "m=3", "n=70", "k=200", "batch=2", "dtype=fp32"},
    {"gemm", "m=64", "n=64", "k=64", "dtype=int8"},
    {"attention", "algorithm=naive", "seq_q=20", "head_dim=8", "dtype=fp32"},
    {"attention", "algorithm=naive", "seq_q=20", "head_dim=8", "dtype=fp32", "lanes=1"},
    {"attention", "algorithm=flash2", "seq_q=70", "head_dim=64", "heads=2",
     "causal=true", "dtype=fp16"},
    {"attention", "algorithm=flash3", "seq_q=70", "head_dim=64", "dtype=fp16"},
    {"attention", "algorithm=flash_decode", "seq_q=1", "seq_kv=300", "heads=4",
     "kv_heads=2", "head_dim=64", "dtype=fp16"},
    {"conv2d", "algorithm=direct", "in_channels=3", "out_channels=4", "height=9",
     "width=7", "kernel=3", "dtype=fp32"},
    {"conv2d", "algorithm=im2col_gemm", "in_channels=3", "out_channels=4", "height=9",
     "width=7", "kernel=3", "dtype=fp16"},
    {"conv2d", "algorithm=implicit_gemm", "in_channels=8", "out_channels=4", "height=9",
     "width=7", "kernel=3", "stride=2", "dtype=fp16"},
    {"softmax", "rows=10", "cols=100", "dtype=fp32"},
    {"layernorm", "rows=3", "cols=3000", "dtype=fp16"},
    {"reduce", "function=sum", "rows=1", "cols=100000", "dtype=fp32"},
};
static const size_t n_ops = PSIM_COUNT(ops);

static void
run_op(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
       const char *const *words)
{
    size_t n = 0;
    while (n < MAX_WORDS && words[n]) {
        n++;
    }
    const struct psim_workload *workload =
        psim_workload_words(arena, diag, words, n, NULL);
    must(workload != NULL, "the op can be read");
    predict_all(arena, diag, hw, workload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const char *text = psim_arena_copy(&arena, (const char *)data, size);
    const struct psim_hw *hw = psim_hw_read(&arena, &diag, "fuzz.yaml", text);
    check_verdict(&diag, hw != NULL, 0);
    if (hw) {
        /* Two of them, or a run would take too long. */
        size_t pick = size;
        for (size_t i = 0; i < size; i++) {
            pick = pick * 31 + data[i];
        }
        run_op(&arena, &diag, hw, ops[pick % n_ops]);
        run_op(&arena, &diag, hw, ops[pick / n_ops % n_ops]);
    }
    print_nowhere(&diag);
    psim_arena_free(&arena);
    return 0;
}
