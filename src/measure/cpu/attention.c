/* SPDX-License-Identifier: MIT */
/** @file Attention that stores its scores: on one lane, and by threads in three steps.
 */
#include "measure/cpu/attention.h"

#include <math.h>

#include "measure/cpu/product.h"
#include "util/arena.h"

const struct psim_attention *
psim_attention_of(const struct psim_bench *bench)
{
    return PSIM_ATTRIBUTES(bench, psim_attention);
}

/** Keys that query @p row sees. */
size_t
psim_attention_visible(const struct psim_attention *a, size_t row)
{
    if (!a->causal) return a->seq_kv;
    const size_t last = row + 1 + a->seq_kv;
    return last > a->seq_q ? last - a->seq_q : 0;
}

void
psim_attention_tensors(struct psim_bench *bench)
{
    const struct psim_attention *a = psim_attention_of(bench);
    psim_bench_input(bench, 0, a->batch * a->heads * a->seq_q * a->head_dim);
    psim_bench_input(bench, 1, a->batch * a->kv_heads * a->seq_kv * a->head_dim);
    psim_bench_input(bench, 2, a->batch * a->kv_heads * a->seq_kv * a->head_dim);
    psim_bench_output(bench, a->batch * a->heads * a->seq_q * a->head_dim);
}

const char *
psim_attention_refuses(const struct psim_bench *bench,
                       enum psim_attention_algorithm algorithm)
{
    const struct psim_attention *a = psim_attention_of(bench);
    if (a->algorithm != (int)algorithm) return psim_other_algorithm;
    if (a->causal && a->seq_q > a->seq_kv) return "some of its queries see no key";
    return psim_refuses_type(a->dtype);
}

/* --- serial ---------------------------------------------------------------------- */

static const char *
serial_refuses(const struct psim_bench *bench)
{
    const char *reason = psim_attention_refuses(bench, PSIM_ATTENTION_NAIVE);
    return !reason && bench->op->keys.lanes != 1 ? "it takes one lane" : reason;
}

static void
serial_prepare(struct psim_bench *bench)
{
    psim_attention_tensors(bench);
    bench->plan = psim_bench_scratch(bench, psim_attention_of(bench)->seq_kv *
                                                bench->kernels->element_bytes);
}

static void
serial_run(struct psim_bench *bench)
{
    const struct psim_attention *a = psim_attention_of(bench);
    const size_t share = a->heads / a->kv_heads, d = a->head_dim;
    for (size_t row = 0; row < a->batch * a->heads * a->seq_q; row++) {
        const size_t keys = row / a->seq_q / share * a->seq_kv * d;
        const struct psim_one_query one = {
            psim_tensor_at(&bench->in[0], row * d),
            psim_tensor_at(&bench->in[1], keys),
            psim_tensor_at(&bench->in[2], keys),
            psim_attention_visible(a, row % a->seq_q),
            d,
        };
        bench->kernels->attention->serial_query(psim_tensor_at(&bench->out, row * d),
                                                bench->plan, &one);
    }
}

const struct psim_cpu_kernel psim_cpu_attention_serial = {
    .name = "serial",
    .op = "attention",
    .doc = "the textbook's loops, one thread, no vectors",
    .alone = true,
    .refuses = serial_refuses,
    .prepare = serial_prepare,
    .run = serial_run,
};

/* --- naive: scores, softmax, values ---------------------------------------------- */

struct plan {
    struct psim_matmul scores, values;
};

static const char *
naive_refuses(const struct psim_bench *bench)
{
    const char *reason = psim_attention_refuses(bench, PSIM_ATTENTION_NAIVE);
    return !reason && bench->op->keys.lanes == 1 ? "it takes all lanes" : reason;
}

static void
naive_prepare(struct psim_bench *bench)
{
    const struct psim_attention *a = psim_attention_of(bench);
    const size_t heads = a->batch * a->heads, share = a->heads / a->kv_heads;
    psim_attention_tensors(bench);
    struct plan *plan = PSIM_NEW(bench->arena, struct plan);
    void *scores = psim_bench_scratch(bench, heads * a->seq_q * a->seq_kv *
                                                 bench->kernels->element_bytes);
    plan->scores = (struct psim_matmul){
        .m = a->seq_q,
        .n = a->seq_kv,
        .k = a->head_dim,
        .batch = heads,
        .a = bench->in[0].data,
        .a_stride = a->head_dim,
        .a_batch = a->seq_q * a->head_dim,
        .b = bench->in[1].data,
        .b_stride = a->head_dim,
        .b_batch = a->seq_kv * a->head_dim,
        .b_share = share,
        .b_columns = true,
        .c = scores,
        .c_stride = a->seq_kv,
        .c_batch = a->seq_q * a->seq_kv,
    };
    plan->values = (struct psim_matmul){
        .m = a->seq_q,
        .n = a->head_dim,
        .k = a->seq_kv,
        .batch = heads,
        .a = scores,
        .a_stride = a->seq_kv,
        .a_batch = a->seq_q * a->seq_kv,
        .b = bench->in[2].data,
        .b_stride = a->head_dim,
        .b_batch = a->seq_kv * a->head_dim,
        .b_share = share,
        .c = bench->out.data,
        .c_stride = a->head_dim,
        .c_batch = a->seq_q * a->head_dim,
    };
    psim_matmul_prepare(bench, &plan->scores);
    psim_matmul_prepare(bench, &plan->values);
    bench->plan = plan;
}

static void
softmax_part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_attention *a = psim_attention_of(bench);
    const struct plan *plan = bench->plan;
    const double scale = 1 / sqrt((double)a->head_dim);
    size_t first, end;
    psim_team_share(bench->team, thread, a->batch * a->heads * a->seq_q, 1, &first,
                    &end);
    for (size_t row = first; row < end; row++) {
        bench->kernels->attention->softmax_scaled(
            (char *)plan->scores.c + row * a->seq_kv * bench->kernels->element_bytes,
            psim_attention_visible(a, row % a->seq_q), a->seq_kv, scale);
    }
}

static void
naive_run(struct psim_bench *bench)
{
    struct plan *plan = bench->plan;
    psim_matmul_run(bench->team, &plan->scores);
    psim_team_run(bench->team, softmax_part, bench);
    psim_matmul_run(bench->team, &plan->values);
}

const struct psim_cpu_kernel psim_cpu_attention_naive = {
    .name = "tiled",
    .op = "attention",
    .doc = "three kernels: tiled products, and a softmax between them",
    .refuses = naive_refuses,
    .prepare = naive_prepare,
    .run = naive_run,
};
