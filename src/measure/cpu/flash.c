/* SPDX-License-Identifier: MIT */
/** @file Fused attention: scores stay in the cache, the softmax goes along.
 *
 * References: Dao, "FlashAttention-2", arXiv:2307.08691, algorithm 1; Milakov and
 *   Gimelshein, "Online normalizer calculation for softmax", 2018.
 */
#include "measure/cpu/flash.h"

#include <math.h>
#include <string.h>

#include "measure/cpu/attention.h"
#include "util/arena.h"

struct plan {
    struct psim_flash_tile tile;
    size_t rows, cols; /* of a register tile */
    size_t scratch_bytes;
    char *scratch; /* of all threads */
    struct psim_queue queue;
};

/** What one thread works in: keys and values as panels, scores, sums so far. */
struct room {
    char *keys, *values, *scores, *sums;
    double *most, *all;
};

struct psim_flash_tile
psim_flash_tile_for(const struct psim_kernels *kernels, const struct psim_host *host,
                    size_t head_dim)
{
    enum { USUAL_L2 = 512 << 10 };
    const size_t rows = kernels->product->rows, cols = kernels->product->cols;
    const size_t l2 = host->n_caches > 1 ? host->cache[1].bytes : USUAL_L2;
    const size_t half = l2 / 2 / kernels->element_bytes;
    /* Keys and values of four panels; as many queries as leave half of the L2 free. */
    const size_t kv = 4 * cols;
    const size_t left = half > 2 * kv * head_dim ? half - 2 * kv * head_dim : 0;
    size_t q = left / (head_dim + rows) / rows * rows;
    if (q > 32 * rows) q = 32 * rows;
    if (q < 2 * rows) q = 2 * rows;
    return (struct psim_flash_tile){q, kv};
}

static const char *
refuses(const struct psim_bench *bench)
{
    return psim_attention_refuses(bench, PSIM_ATTENTION_FLASH2);
}

static size_t
round_up(size_t n, size_t grain)
{
    return (n + grain - 1) / grain * grain;
}

/** Query tiles that leave no thread idle. */
static size_t
queries_of_tile(const struct psim_bench *bench, size_t most, size_t rows)
{
    const struct psim_attention *a = psim_attention_of(bench);
    const size_t heads = a->batch * a->heads, threads = psim_team_threads(bench->team);
    size_t q = most;
    while (q > 2 * rows && (a->seq_q + q - 1) / q * heads < 2 * threads) {
        q = round_up(q / 2, rows);
    }
    return q;
}

static void
prepare(struct psim_bench *bench)
{
    const struct psim_attention *a = psim_attention_of(bench);
    const size_t bytes = bench->kernels->element_bytes;
    struct plan *plan = PSIM_NEW(bench->arena, struct plan);
    psim_attention_tensors(bench);
    plan->rows = bench->kernels->product->rows;
    plan->cols = bench->kernels->product->cols;
    plan->tile = psim_flash_tile_for(bench->kernels, bench->host, a->head_dim);
    plan->tile.q = queries_of_tile(bench, plan->tile.q, plan->rows);
    const size_t d = round_up(a->head_dim, plan->cols);
    plan->scratch_bytes =
        round_up((2 * plan->tile.kv * d + plan->tile.q * (d + plan->tile.kv)) * bytes +
                     2 * plan->tile.q * sizeof(double),
                 4096);
    plan->scratch =
        psim_bench_scratch(bench, psim_team_threads(bench->team) * plan->scratch_bytes);
    bench->plan = plan;
}

static struct room
room_of(const struct psim_bench *bench, unsigned thread)
{
    const struct plan *plan = bench->plan;
    const size_t bytes = bench->kernels->element_bytes;
    const size_t d = round_up(psim_attention_of(bench)->head_dim, plan->cols);
    struct room r = {
        .most = (double *)(void *)(plan->scratch + thread * plan->scratch_bytes)};
    r.all = r.most + plan->tile.q;
    r.keys = (char *)(r.all + plan->tile.q);
    r.values = r.keys + plan->tile.kv * d * bytes;
    r.scores = r.values + plan->tile.kv * d * bytes;
    r.sums = r.scores + plan->tile.q * plan->tile.kv * bytes;
    return r;
}

/** A tile of keys as columns of B, and of values as rows of it. */
static void
pack_tile(const struct psim_bench *bench, const struct room *room, size_t first,
          size_t n)
{
    enum { MOST = 64 };
    const struct plan *plan = bench->plan;
    const struct psim_product_kernels *k = bench->kernels->product;
    const size_t d = psim_attention_of(bench)->head_dim;
    const size_t bytes = bench->kernels->element_bytes;
    for (size_t j = 0; j < n; j += plan->cols) {
        const void *from[MOST];
        const size_t m = n - j < plan->cols ? n - j : plan->cols;
        for (size_t c = 0; c < m; c++) {
            from[c] = psim_tensor_at(&bench->in[1], (first + j + c) * d);
        }
        k->pack_columns(room->keys + j * d * bytes, from, m, d);
    }
    for (size_t j = 0; j < d; j += plan->cols) {
        k->pack_steps(room->values + j * n * bytes,
                      psim_tensor_at(&bench->in[2], first * d + j), d,
                      d - j < plan->cols ? d - j : plan->cols, n);
    }
}

/** Some rows of a tile of queries, and a tile of keys. */
struct pairs {
    size_t first_row; /* of the tile of queries */
    size_t row, m;    /* of them, in it */
    size_t first_key, n;
};

/** Some rows of queries with one tile of keys: scores, softmax so far, values. */
static void
add_keys(const struct psim_bench *bench, const struct room *room,
         const struct pairs *pairs)
{
    enum { MOST = 64 };
    const struct psim_attention *a = psim_attention_of(bench);
    const struct plan *plan = bench->plan;
    const struct psim_kernels *kernels = bench->kernels;
    const size_t d = a->head_dim, bytes = kernels->element_bytes;
    const size_t row = pairs->row, m = pairs->m, n = pairs->n;
    const size_t first_row = pairs->first_row + row, first_key = pairs->first_key;
    const void *queries[MOST], *weights[MOST];
    char *scores = room->scores, *sums = room->sums + row * d * bytes;
    for (size_t i = 0; i < m; i++) {
        queries[i] = psim_tensor_at(&bench->in[0], (first_row + i) * d);
        weights[i] = scores + i * plan->tile.kv * bytes;
    }
    kernels->product->block_rows(
        &(struct psim_block){scores, plan->tile.kv, m, n, d, false}, queries,
        room->keys);
    for (size_t i = 0; i < m; i++) {
        const size_t visible = psim_attention_visible(a, (first_row + i) % a->seq_q);
        const size_t seen = visible <= first_key      ? 0
                            : visible - first_key < n ? visible - first_key
                                                      : n;
        char *line = scores + i * plan->tile.kv * bytes;
        const double keep = kernels->attention->online_row(
            line, seen, 1 / sqrt((double)d), &room->most[row + i], &room->all[row + i]);
        memset(line + seen * bytes, 0, (n - seen) * bytes);
        if (keep != 1) kernels->attention->scale(sums + i * d * bytes, keep, d);
    }
    kernels->product->block_rows(&(struct psim_block){sums, d, m, d, n, true}, weights,
                                 room->values);
}

static void
do_tile(const struct psim_bench *bench, const struct room *room, size_t first_row,
        size_t q)
{
    const struct psim_attention *a = psim_attention_of(bench);
    const struct plan *plan = bench->plan;
    const size_t d = a->head_dim, bytes = bench->kernels->element_bytes;
    const size_t head = first_row / a->seq_q, share = a->heads / a->kv_heads;
    const size_t keys = head / share * a->seq_kv;
    const size_t last = psim_attention_visible(a, first_row % a->seq_q + q - 1);
    memset(room->sums, 0, q * d * bytes);
    for (size_t i = 0; i < q; i++) {
        room->most[i] = -HUGE_VAL;
        room->all[i] = 0;
    }
    for (size_t key = 0; key < last; key += plan->tile.kv) {
        const size_t n = last - key < plan->tile.kv ? last - key : plan->tile.kv;
        pack_tile(bench, room, keys + key, n);
        for (size_t row = 0; row < q; row += plan->rows) {
            const size_t m = q - row < plan->rows ? q - row : plan->rows;
            add_keys(bench, room, &(struct pairs){first_row, row, m, key, n});
        }
    }
    for (size_t i = 0; i < q; i++) {
        bench->kernels->attention->scale(room->sums + i * d * bytes, 1 / room->all[i],
                                         d);
    }
    memcpy(psim_tensor_at(&bench->out, first_row * d), room->sums, q * d * bytes);
}

static void
part(void *context, unsigned thread)
{
    const struct psim_bench *bench = context;
    const struct psim_attention *a = psim_attention_of(bench);
    struct plan *plan = bench->plan;
    const struct room room = room_of(bench, thread);
    const size_t tiles = (a->seq_q + plan->tile.q - 1) / plan->tile.q;
    size_t piece;
    while (psim_queue_take(&plan->queue, tiles * a->batch * a->heads, &piece)) {
        /* Of causal attention the longest tiles first. */
        const size_t tile = tiles - 1 - piece % tiles, row = tile * plan->tile.q;
        const size_t left = a->seq_q - row;
        do_tile(bench, &room, piece / tiles * a->seq_q + row,
                left < plan->tile.q ? left : plan->tile.q);
    }
}

static void
run(struct psim_bench *bench)
{
    struct plan *plan = bench->plan;
    atomic_store(&plan->queue.next, 0);
    psim_team_run(bench->team, part, bench);
}

const struct psim_cpu_kernel psim_cpu_attention_flash2 = {
    .name = "flash2",
    .op = "attention",
    .doc = "one kernel, online softmax, a tile of queries at a time for each thread",
    .refuses = refuses,
    .prepare = prepare,
    .run = run,
};
