/* SPDX-License-Identifier: MIT */
/** @file Tiles of C by threads: each packs what its tile needs, step by step. */
#include "measure/cpu/product.h"

static size_t
round_up(size_t n, size_t grain)
{
    return (n + grain - 1) / grain * grain;
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void
psim_matmul_menu(const struct psim_kernels *kernels, const struct psim_host *host,
                 struct psim_matmul_tile ret[PSIM_MATMUL_TILES])
{
    enum { DEPTH = 256, ROWS = 24, USUAL_L2 = 512 << 10 };
    const struct psim_product_kernels *k = kernels->product;
    const size_t l2 = host->n_caches > 1 ? host->cache[1].bytes : USUAL_L2;
    /* Both panels take two thirds of the L2; C passes by. */
    size_t m = k->rows * ROWS;
    const size_t sides = l2 * 2 / 3 / DEPTH / kernels->element_bytes;
    while (m > k->rows * 4 && m * 3 > sides) {
        m /= 2;
    }
    size_t n = sides > m ? (sides - m) / k->cols * k->cols : k->cols;
    if (n < k->cols) n = k->cols;
    for (int i = 0; i < PSIM_MATMUL_TILES; i++) {
        ret[i] = (struct psim_matmul_tile){m, n, DEPTH};
        m = round_up((m + 1) / 2, k->rows);
        n = round_up((n + 1) / 2, k->cols);
    }
}

/** Rows of which tiles have whole numbers: those of a panel, and of a window. */
static size_t
grain_of(const struct psim_matmul *p)
{
    size_t grain = p->kernels->product->rows;
    while (p->window > 1 && grain % p->window != 0) {
        grain += p->kernels->product->rows;
    }
    return grain;
}

/** Tiles of C, and the sides that make them alike: the last ones are no smaller. */
struct cut {
    size_t rows, cols, m, n;
};

static struct cut
cut_by(const struct psim_matmul *p, const struct psim_matmul_tile *tile, size_t threads)
{
    const struct psim_product_kernels *k = p->kernels->product;
    struct cut c = {.rows = (p->m + tile->m - 1) / tile->m,
                    .cols = (p->n + tile->n - 1) / tile->n};
    /* A few more tiles, where threads would wait for the last of them. */
    for (size_t i = 0; i < threads && c.rows * c.cols * p->batch < 4 * threads; i++) {
        if (c.rows * c.cols * p->batch % threads == 0) break;
        c.cols++;
    }
    c.m = round_up((p->m + c.rows - 1) / c.rows, grain_of(p));
    c.n = round_up((p->n + c.cols - 1) / c.cols, k->cols);
    c.rows = (p->m + c.m - 1) / c.m;
    c.cols = (p->n + c.n - 1) / c.n;
    return c;
}

/** Vector operations of the longest thread: the products, and packing beside them. */
static double
cost(const struct psim_matmul *p, const struct cut *c, size_t threads)
{
    const size_t lanes = psim_kernels_lanes(p->kernels);
    const size_t turns = (c->rows * c->cols * p->batch + threads - 1) / threads;
    const double products = (double)(c->m * c->n) / (double)(2 * lanes);
    const double packing = (double)c->m + 2 * (double)c->n / (double)lanes;
    return (double)turns * (products + packing);
}

void
psim_matmul_prepare(struct psim_bench *bench, struct psim_matmul *p)
{
    struct psim_matmul_tile menu[PSIM_MATMUL_TILES];
    const size_t threads = psim_team_threads(bench->team);
    p->kernels = bench->kernels;
    psim_matmul_menu(p->kernels, bench->host, menu);
    struct cut best = cut_by(p, &menu[0], threads);
    for (int i = 1; i < PSIM_MATMUL_TILES; i++) {
        const struct cut next = cut_by(p, &menu[i], threads);
        if (cost(p, &next, threads) < cost(p, &best, threads)) best = next;
    }
    p->tile_m = best.m;
    p->tile_n = best.n;
    /* Steps of equal depth. */
    const size_t steps = round_up(p->k, menu[0].k) / menu[0].k;
    p->tile_k = (p->k + steps - 1) / steps;
    const size_t panels = (best.m + best.n) * p->tile_k;
    const size_t kept = p->window > 1 ? best.m * best.n : 0;
    p->scratch_bytes = round_up((panels + kept) * p->kernels->element_bytes, 4096);
    p->scratch = psim_bench_scratch(bench, threads * p->scratch_bytes);
}

static const void *
at(const struct psim_matmul *p, const void *from, size_t elements)
{
    return (const char *)from + elements * p->kernels->element_bytes;
}

/** Panels of A from a matrix. */
static void
pack_matrix(const struct psim_matmul *p, void *to, const struct psim_panels *s)
{
    enum { MOST = 64 };
    const size_t rows = p->kernels->product->rows;
    const size_t start = s->item * p->a_batch + s->first_k;
    for (size_t i = 0; i < s->n; i += rows) {
        char *panel = (char *)to + i * s->k * p->kernels->element_bytes;
        const void *from[MOST];
        const size_t n = least(rows, s->n - i);
        for (size_t r = 0; r < n; r++) {
            from[r] = at(p, p->a, start + (s->first + i + r) * p->a_stride);
        }
        p->kernels->product->pack_rows(panel, from, n, s->k);
    }
}

/** Panels of B, from its rows or from its columns. */
static void
pack_b(const struct psim_matmul *p, void *to, const struct psim_panels *s)
{
    enum { MOST = 64 };
    const struct psim_product_kernels *kernels = p->kernels->product;
    const size_t cols = kernels->cols, start = s->item / p->b_share * p->b_batch;
    for (size_t j = 0; j < s->n; j += cols) {
        char *panel = (char *)to + j * s->k * p->kernels->element_bytes;
        const size_t n = least(cols, s->n - j), col = s->first + j;
        if (!p->b_columns) {
            kernels->pack_steps(panel,
                                at(p, p->b, start + s->first_k * p->b_stride + col),
                                p->b_stride, n, s->k);
            continue;
        }
        const void *from[MOST];
        for (size_t c = 0; c < n; c++) {
            from[c] = at(p, p->b, start + (col + c) * p->b_stride + s->first_k);
        }
        kernels->pack_columns(panel, from, n, s->k);
    }
}

/** Rows of a tile of C. */
struct rows_of_c {
    char *at;
    size_t stride, m, n;
};

static void
finish(const struct psim_matmul *p, const struct rows_of_c *c, size_t first_col)
{
    if (!p->bias && !p->relu) return;
    const void *bias = p->bias ? at(p, p->bias, first_col) : NULL;
    for (size_t i = 0; i < c->m; i++) {
        p->kernels->product->epilogue(c->at + i * c->stride * p->kernels->element_bytes,
                                      bias, p->relu, c->n);
    }
}

/** The largest of each column of a window's rows, to a row of the result. */
static void
pool(const struct psim_matmul *p, const struct rows_of_c *c, char *to)
{
    const size_t bytes = p->kernels->element_bytes;
    for (size_t i = 0; i < c->m; i += p->window) {
        const void *rows[PSIM_MATMUL_WINDOW];
        for (size_t j = 0; j < p->window; j++) {
            rows[j] = c->at + (i + j) * c->stride * bytes;
        }
        p->kernels->moves->pool_max(to + i / p->window * p->c_stride * bytes, rows,
                                    p->window, c->n);
    }
}

static void
do_tile(const struct psim_matmul *p, char *scratch, size_t item, size_t row, size_t col)
{
    const size_t m = least(p->tile_m, p->m - row), n = least(p->tile_n, p->n - col);
    const size_t bytes = p->kernels->element_bytes;
    const bool pools = p->window > 1;
    char *b = scratch + p->tile_m * p->tile_k * bytes;
    char *const to =
        (char *)p->c +
        (item * p->c_batch + row / (pools ? p->window : 1) * p->c_stride + col) * bytes;
    const struct rows_of_c c = {pools ? b + p->tile_n * p->tile_k * bytes : to,
                                pools ? p->tile_n : p->c_stride, m, n};
    for (size_t k0 = 0; k0 < p->k; k0 += p->tile_k) {
        const size_t k = least(p->tile_k, p->k - k0);
        const struct psim_panels of_a = {item, row, m, k0, k};
        const struct psim_panels of_b = {item, col, n, k0, k};
        (p->pack_a ? p->pack_a : pack_matrix)(p, scratch, &of_a);
        pack_b(p, b, &of_b);
        p->kernels->product->block(
            &(struct psim_block){c.at, c.stride, m, n, k, k0 > 0}, scratch, b);
    }
    finish(p, &c, col);
    if (pools) pool(p, &c, to);
}

static void
work(void *context, unsigned thread)
{
    struct psim_matmul *p = context;
    const size_t rows = (p->m + p->tile_m - 1) / p->tile_m;
    const size_t cols = (p->n + p->tile_n - 1) / p->tile_n;
    size_t tile;
    while (psim_queue_take(&p->queue, rows * cols * p->batch, &tile)) {
        do_tile(p, p->scratch + thread * p->scratch_bytes, tile / (rows * cols),
                tile % rows * p->tile_m, tile / rows % cols * p->tile_n);
    }
}

void
psim_matmul_run(struct psim_team *team, struct psim_matmul *p)
{
    atomic_store(&p->queue.next, 0);
    psim_team_run(team, work, p);
}
