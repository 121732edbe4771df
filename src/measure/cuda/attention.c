/* SPDX-License-Identifier: MIT */
/** @file Attention: in one kernel, and in three that keep the scores in memory. */
#include "measure/cuda/attention.h"

#include <math.h>

#include "measure/cuda/product.h"

static const struct psim_attention *
attention_of(const struct psim_gpu_bench *bench)
{
    return PSIM_GPU_OP(bench, psim_attention);
}

double
psim_gpu_attention_scale(const struct psim_attention *a)
{
    return 1 / sqrt((double)a->head_dim);
}

void
psim_gpu_attention_tensors(struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    const uint64_t queries = a->batch * a->heads * a->seq_q * a->head_dim;
    const uint64_t keys = a->batch * a->kv_heads * a->seq_kv * a->head_dim;
    psim_gpu_input(bench, 0, queries, dtype);
    psim_gpu_input(bench, 1, keys, dtype);
    psim_gpu_input(bench, 2, keys, dtype);
    psim_gpu_output(bench, queries, dtype);
}

const char *
psim_gpu_attention_refuses(const struct psim_gpu_bench *bench,
                           enum psim_attention_algorithm algorithm)
{
    const struct psim_attention *a = attention_of(bench);
    if (a->algorithm != (int)algorithm) return "it has no kernel for that algorithm";
    if (a->causal && a->seq_q > a->seq_kv) return "some of its queries see no key";
    if (a->batch * a->heads > UINT16_MAX) return "it is done for up to 65535 heads";
    if (a->seq_q > INT32_MAX / 2 || a->seq_kv > INT32_MAX / 2) {
        return "it is done for up to 2^30 queries and keys";
    }
    return NULL;
}

/* --- one kernel ---------------------------------------------------------------- */

/** What a work-group takes, by head dimension: two of them are on a unit. */
static const struct flash_tile {
    unsigned head_dim, q, kv, warps;
} flash_tiles[] = {
    {64, 128, 128, 4},
    {128, 128, 64, 4},
    {256, 64, 64, 4},
};

struct flash_plan {
    struct psim_gpu_kernel_code code;
    struct flash_tile tile;
};

static const struct flash_tile *
flash_tile(const struct psim_attention *a)
{
    for (size_t i = 0; i < PSIM_COUNT(flash_tiles); i++) {
        if (flash_tiles[i].head_dim == a->head_dim) return &flash_tiles[i];
    }
    return NULL;
}

static size_t
flash_bytes(const struct flash_tile *t)
{
    return (size_t)(t->q + 2 * t->kv) * t->head_dim * 2;
}

static const char *
flash_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    const char *reason = psim_gpu_attention_refuses(bench, PSIM_ATTENTION_FLASH2);
    if (!reason) reason = psim_gpu_product_refuses(bench->gpu, a->dtype);
    if (reason) return reason;
    const struct flash_tile *t = flash_tile(a);
    if (!t) return "it is done for head dimensions of 64, 128 and 256 only";
    return flash_bytes(t) <= bench->gpu->block_shared_bytes ? NULL
                                                            : "its tile does not fit";
}

static bool
flash_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    struct flash_plan *plan = PSIM_NEW(bench->arena, struct flash_plan);
    const struct flash_tile *t = flash_tile(a);
    bench->plan = plan;
    plan->tile = *t;
    psim_gpu_attention_tensors(bench);
    bench->tile = (struct psim_tile_keys){.q = t->q, .kv = t->kv};
    return psim_gpu_compile(
        bench->gpu, "flash",
        psim_arena_printf(bench->arena,
                          "#define T %s\n#define D %u\n#define Q %u\n#define KV %u\n"
                          "#define WARPS %u\n",
                          psim_gpu_type((enum psim_dtype)a->dtype), t->head_dim, t->q,
                          t->kv, t->warps),
        "flash", flash_bytes(t), &plan->code);
}

static bool
flash_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct psim_attention *a = attention_of(bench);
    const struct flash_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {
        .grid = {(a->seq_q + plan->tile.q - 1) / plan->tile.q, a->batch * a->heads},
        .lanes = plan->tile.warps * 32,
        .shared_bytes = flash_bytes(&plan->tile),
    };
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           q = psim_gpu_at(&bench->in[0], set),
                           k = psim_gpu_at(&bench->in[1], set),
                           v = psim_gpu_at(&bench->in[2], set);
    const int queries = (int)a->seq_q, keys = (int)a->seq_kv, causal = a->causal,
              share = (int)(a->heads / a->kv_heads);
    /* Exponentials are powers of 2. */
    const float scale = (float)(psim_gpu_attention_scale(a) / log(2));
    const void *const parameters[] = {&out,  &q,     &k,      &v,     &queries,
                                      &keys, &share, &causal, &scale, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_flash_kernel;
const struct psim_gpu_kernel psim_gpu_flash_kernel = {
    .name = "flash",
    .op = "attention",
    .doc = "one kernel, online softmax, the matrix instruction of a warp",
    .refuses = flash_refuses,
    .prepare = flash_prepare,
    .run = flash_run,
};

/* --- three kernels ------------------------------------------------------------- */

enum { SOFTMAX_LANES = 256 };

struct three_plan {
    struct psim_gpu_product scores, values;   /* 16 bits */
    struct psim_gpu_tiled scores32, values32; /* fp32 */
    struct psim_gpu_kernel_code softmax;
};

static bool
is_fp32(const struct psim_gpu_bench *bench)
{
    return attention_of(bench)->dtype == PSIM_FP32;
}

static const char *
three_refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    const char *reason = psim_gpu_attention_refuses(bench, PSIM_ATTENTION_NAIVE);
    if (!reason && !is_fp32(bench)) {
        reason = psim_gpu_product_refuses(bench->gpu, a->dtype);
    }
    if (reason) return reason;
    const unsigned wide = psim_gpu_vector((enum psim_dtype)a->dtype, a->seq_kv);
    const uint64_t whole = 16 / psim_dtype_bytes((enum psim_dtype)a->dtype);
    return wide == whole && a->head_dim % whole == 0 ? NULL
                                                     : "rows of whole 16 B are needed";
}

static bool
three_compile(struct psim_gpu_bench *bench, struct three_plan *plan)
{
    const enum psim_dtype dtype = (enum psim_dtype)attention_of(bench)->dtype;
    const bool products =
        is_fp32(bench)
            ? psim_gpu_tiled_prepare(bench, true, &plan->scores32) &&
                  psim_gpu_tiled_prepare(bench, false, &plan->values32)
            : psim_gpu_product_prepare(bench, dtype, PSIM_GPU_B_ROWS, &plan->scores) &&
                  psim_gpu_product_prepare(bench, dtype, PSIM_GPU_B_COLUMNS,
                                           &plan->values);
    return products &&
           psim_gpu_compile(bench->gpu, "softmax_scores",
                            psim_arena_printf(bench->arena,
                                              "#define T %s\n#define WIDE %u\n"
                                              "#define LANES %d\n",
                                              psim_gpu_type(dtype),
                                              16 / psim_dtype_bytes(dtype),
                                              SOFTMAX_LANES),
                            "softmax_scores", 0, &plan->softmax);
}

static bool
three_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    struct three_plan *plan = PSIM_NEW(bench->arena, struct three_plan);
    const uint64_t heads = a->batch * a->heads, share = a->heads / a->kv_heads;
    const float scale = (float)psim_gpu_attention_scale(a);
    const int d = (int)a->head_dim, keys = (int)a->seq_kv;
    bench->plan = plan;
    psim_gpu_attention_tensors(bench);
    psim_gpu_scratch(bench, heads * a->seq_q * a->seq_kv, (enum psim_dtype)a->dtype);
    plan->scores.batch = plan->values.batch = heads;
    plan->scores.problem = (struct psim_gpu_problem){
        .m = a->seq_q, .n = a->seq_kv, .k = d, .share = share, .scale = scale};
    plan->values.problem = (struct psim_gpu_problem){
        .m = a->seq_q, .n = a->head_dim, .k = keys, .share = share, .scale = 1};
    plan->scores32 =
        (struct psim_gpu_tiled){a->seq_q, a->seq_kv, heads, share, d, scale, {0}};
    plan->values32 =
        (struct psim_gpu_tiled){a->seq_q, a->head_dim, heads, share, keys, 1, {0}};
    return three_compile(bench, plan);
}

static bool
run_softmax(const struct psim_gpu_bench *bench, psim_gpu_address scores)
{
    const struct psim_attention *a = attention_of(bench);
    const struct three_plan *plan = bench->plan;
    const struct psim_gpu_launch launch = {.grid = {a->batch * a->heads * a->seq_q},
                                           .lanes = SOFTMAX_LANES};
    const int queries = (int)a->seq_q, keys = (int)a->seq_kv, causal = a->causal;
    const void *const parameters[] = {&scores, &queries, &keys, &causal, NULL};
    return psim_gpu_run(bench->gpu, &plan->softmax, &launch, parameters);
}

static bool
three_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct three_plan *plan = bench->plan;
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           s = psim_gpu_at(&bench->scratch, set),
                           q = psim_gpu_at(&bench->in[0], set),
                           k = psim_gpu_at(&bench->in[1], set),
                           v = psim_gpu_at(&bench->in[2], set);
    if (is_fp32(bench)) {
        return psim_gpu_tiled_run(bench, &plan->scores32, s, q, k) &&
               run_softmax(bench, s) &&
               psim_gpu_tiled_run(bench, &plan->values32, out, s, v);
    }
    return psim_gpu_product_run(bench, &plan->scores, s, q, k) &&
           run_softmax(bench, s) &&
           psim_gpu_product_run(bench, &plan->values, out, s, v);
}

extern const struct psim_gpu_kernel psim_gpu_three_kernel;
const struct psim_gpu_kernel psim_gpu_three_kernel = {
    .name = "three_kernels",
    .op = "attention",
    .doc = "scores, softmax, values: three kernels, scores in memory",
    .refuses = three_refuses,
    .prepare = three_prepare,
    .run = three_run,
};
