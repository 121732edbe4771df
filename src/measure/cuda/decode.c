/* SPDX-License-Identifier: MIT */
/** @file Attention of one query a head: its keys are shared out among work-groups, then
 * their parts are put together (kernels/flash.cu). */
#include <math.h>

#include "measure/cuda/attention.h"
#include "measure/cuda/product.h"

enum { QUERIES = 16 }; /* rows of the matrix instruction */

/** What a work-group, a warp, takes in a step, by head dimension. */
static const struct decode_tile {
    unsigned head_dim, kv;
} tiles[] = {{64, 128}, {128, 64}, {256, 32}};

struct decode_plan {
    struct psim_gpu_kernel_code split, combine;
    struct decode_tile tile;
    uint64_t splits, each; /* each: keys of one */
};

static const struct psim_attention *
attention_of(const struct psim_gpu_bench *bench)
{
    return PSIM_GPU_OP(bench, psim_attention);
}

static const struct decode_tile *
tile_of(const struct psim_attention *a)
{
    for (size_t i = 0; i < PSIM_COUNT(tiles); i++) {
        if (tiles[i].head_dim == a->head_dim) return &tiles[i];
    }
    return NULL;
}

static size_t
tile_bytes(const struct decode_tile *t)
{
    return (size_t)(QUERIES + 2 * t->kv) * t->head_dim * 2;
}

static const char *
refuses(const struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    const char *reason = psim_gpu_attention_refuses(bench, PSIM_ATTENTION_FLASH_DECODE);
    if (!reason) reason = psim_gpu_product_refuses(bench->gpu, a->dtype);
    if (reason) return reason;
    if (a->heads / a->kv_heads > QUERIES) {
        return "it is done for up to 16 heads that share keys";
    }
    return tile_of(a) ? NULL : "it is done for head dimensions of 64, 128 and 256 only";
}

/** So many work-groups that some wait while others load, none with too few keys. */
static void
share_out(const struct psim_gpu_bench *bench, struct decode_plan *plan)
{
    enum { GROUPS = 6, TURNS = 2, LEAST_STEPS = 2 }; /* of a unit: as many fit */
    const struct psim_attention *a = attention_of(bench);
    const uint64_t steps = (a->seq_kv + plan->tile.kv - 1) / plan->tile.kv;
    const uint64_t wanted = (uint64_t)bench->gpu->units * GROUPS * TURNS;
    const uint64_t heads = a->batch * a->kv_heads;
    uint64_t splits = wanted > heads ? wanted / heads : 1;
    if (splits > steps / LEAST_STEPS) splits = steps / LEAST_STEPS;
    if (splits < 1) splits = 1;
    const uint64_t own_steps = (steps + splits - 1) / splits;
    plan->each = own_steps * plan->tile.kv;
    plan->splits = (steps + own_steps - 1) / own_steps;
}

static bool
prepare(struct psim_gpu_bench *bench)
{
    const struct psim_attention *a = attention_of(bench);
    struct decode_plan *plan = PSIM_NEW(bench->arena, struct decode_plan);
    bench->plan = plan;
    plan->tile = *tile_of(a);
    share_out(bench, plan);
    psim_gpu_attention_tensors(bench);
    if (plan->splits > 1) {
        const uint64_t part_elements = a->head_dim + 2; /* maximum and sum */
        psim_gpu_scratch(bench, a->batch * a->heads * plan->splits * part_elements,
                         PSIM_FP32);
    }
    bench->tile = (struct psim_tile_keys){.q = QUERIES, .kv = plan->tile.kv};
    bench->split = plan->splits;
    const char *defines = psim_arena_printf(
        bench->arena,
        "#define T %s\n#define D %u\n#define Q %d\n#define KV %u\n#define WARPS 1\n"
        "#define SPLIT 1\n",
        psim_gpu_type((enum psim_dtype)a->dtype), plan->tile.head_dim, QUERIES,
        plan->tile.kv);
    return psim_gpu_compile(bench->gpu, "flash", defines, "flash_split",
                            tile_bytes(&plan->tile), &plan->split) &&
           psim_gpu_compile(bench->gpu, "flash", defines, "combine", 0, &plan->combine);
}

static bool
run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct psim_attention *a = attention_of(bench);
    const struct decode_plan *plan = bench->plan;
    const struct psim_gpu_launch walk = {
        .grid = {plan->splits, a->batch * a->kv_heads},
        .lanes = 32,
        .shared_bytes = tile_bytes(&plan->tile),
    };
    const struct psim_gpu_launch sum = {.grid = {a->batch * a->heads},
                                        .lanes = plan->tile.head_dim};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           parts = psim_gpu_at(&bench->scratch, set),
                           q = psim_gpu_at(&bench->in[0], set),
                           k = psim_gpu_at(&bench->in[1], set),
                           v = psim_gpu_at(&bench->in[2], set);
    const int queries = (int)(a->heads / a->kv_heads), keys = (int)a->seq_kv,
              each = (int)plan->each, n = (int)plan->splits;
    /* Exponentials are powers of 2. */
    const float scale = (float)(psim_gpu_attention_scale(a) / log(2));
    const void *const walked[] = {&out,     &parts, &q,    &k,     &v,
                                  &queries, &keys,  &each, &scale, NULL};
    const void *const summed[] = {&out, &parts, &n, &scale, NULL};
    if (!psim_gpu_run(bench->gpu, &plan->split, &walk, walked)) return false;
    return n == 1 || psim_gpu_run(bench->gpu, &plan->combine, &sum, summed);
}

extern const struct psim_gpu_kernel psim_gpu_decode_kernel;
const struct psim_gpu_kernel psim_gpu_decode_kernel = {
    .name = "flash_split",
    .op = "attention",
    .doc = "keys shared out among work-groups of a warp, parts put together after",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};
