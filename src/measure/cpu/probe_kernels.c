/* SPDX-License-Identifier: MIT */
/** @file Inner loops of the kernels that measure runs, by one core, data in its caches.
 *
 * What an inner loop takes beyond its arithmetic (shuffles, chains of sums, packing)
 * is a figure of that loop, taken here once, and holds for every shape.
 */
#include <math.h>

#include "measure/cpu/blas.h"
#include "measure/cpu/product.h"
#include "measure/cpu/taken.h"
#include "util/arena.h"

/** What a loop works on. */
struct place {
    const struct psim_kernels *kernels;
    struct psim_matmul_tile tile;
    char *a, *b, *c;
    size_t n; /* elements, or bodies */
};

enum {
    ROW = 2048,    /* elements of a row */
    COLS = 256,    /* of the textbook's product */
    POINTS = 1024, /* of a transform */
    BODIES = 1024,
    DEPTH = 64, /* of products whose A is not packed: a head, a tap's channels */
};

static size_t
bytes(const struct place *p, size_t elements)
{
    return elements * p->kernels->element_bytes;
}

/** The products of one step of a tile, both panels packed before. */
static void
packed_tile(const void *context, size_t turns)
{
    const struct place *p = context;
    const struct psim_matmul_tile *t = &p->tile;
    const struct psim_block block = {p->c, t->n, t->m, t->n, t->k, true};
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->product->block(&block, p->a, p->b);
    }
}

/** Panels of A for it. */
static void
pack_left(const void *context, size_t turns)
{
    const struct place *p = context;
    const struct psim_product_kernels *k = p->kernels->product;
    const struct psim_matmul_tile *t = &p->tile;
    for (size_t turn = 0; turn < turns; turn++) {
        for (size_t i = 0; i < t->m; i += k->rows) {
            const void *rows[64];
            for (size_t r = 0; r < k->rows; r++) {
                rows[r] = p->a + bytes(p, (i + r) * t->k);
            }
            k->pack_rows(p->c + bytes(p, i * t->k), rows, k->rows, t->k);
        }
    }
}

/** Panels of B for it. */
static void
pack_right(const void *context, size_t turns)
{
    const struct place *p = context;
    const struct psim_product_kernels *k = p->kernels->product;
    const struct psim_matmul_tile *t = &p->tile;
    for (size_t turn = 0; turn < turns; turn++) {
        for (size_t j = 0; j < t->n; j += k->cols) {
            k->pack_steps(p->c + bytes(p, j * t->k), p->b + bytes(p, j), t->n, k->cols,
                          t->k);
        }
    }
}

/** Rows of A as they lie, B packed before: what attention and direct sums do. */
static void
rows_tile(const void *context, size_t turns)
{
    const struct place *p = context;
    const struct psim_product_kernels *k = p->kernels->product;
    const size_t n = 4 * k->cols;
    const struct psim_block block = {p->c, n, k->rows, n, DEPTH, true};
    const void *rows[64];
    for (size_t r = 0; r < k->rows; r++) {
        rows[r] = p->a + bytes(p, r * DEPTH);
    }
    for (size_t turn = 0; turn < turns; turn++) {
        k->block_rows(&block, rows, p->b);
    }
}

static void
naive_row(const void *context, size_t turns)
{
    const struct place *p = context;
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->product->naive_row(p->c, p->a, p->b, COLS, DEPTH);
    }
}

static void
softmax(const void *context, size_t turns)
{
    const struct place *p = context;
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->rows->softmax(p->c, p->a, ROW);
    }
}

static void
layernorm(const void *context, size_t turns)
{
    const struct place *p = context;
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->rows->layernorm(p->c, p->a, p->b, p->b, ROW);
    }
}

static void
rmsnorm(const void *context, size_t turns)
{
    const struct place *p = context;
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->rows->rmsnorm(p->c, p->a, p->b, ROW);
    }
}

static void
sum(const void *context, size_t turns)
{
    const struct place *p = context;
    for (size_t turn = 0; turn < turns; turn++) {
        double all = p->kernels->rows->sum(p->a, ROW);
        __asm__ volatile("" : "+m"(all));
    }
}

/** A pass in the middle: butterflies of four, whose roots are shared by 16. */
static void
transform(const void *context, size_t turns)
{
    const struct place *p = context;
    const struct psim_fft_pass pass = {POINTS / 16, 16, p->b, 0, POINTS / 4};
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->fields->fft_pass(p->c, p->a, &pass);
    }
}

static void
bodies(const void *context, size_t turns)
{
    const struct place *p = context;
    const size_t block = 4 * p->kernels->vector_bytes / p->kernels->element_bytes;
    const size_t all = bytes(p, BODIES);
    const void *const at[4] = {p->a, p->a + all, p->a + 2 * all, p->b};
    void *const out[3] = {p->c, p->c + all, p->c + 2 * all};
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->fields->bodies(out, at, 0, block, BODIES);
    }
}

static void
transpose(const void *context, size_t turns)
{
    const struct place *p = context;
    for (size_t turn = 0; turn < turns; turn++) {
        p->kernels->moves->transpose(p->c, p->a, 64, 64, 0, 64);
    }
}

/** Cycles of one piece of work; @p each of them a turn. */
static struct psim_taken
cycles_each(const struct psim_probe *probe, psim_probed *what,
            const struct place *place, double each, const char *how)
{
    double clock_hz;
    what(place, 1);
    const struct psim_taken s =
        psim_take_time(probe, PSIM_BY_ONE, what, place, &clock_hz);
    return psim_taken_with(s, s.value * clock_hz / each, how);
}

static void
take_type(struct psim_probe *probe, enum psim_taken_type type,
          struct psim_taken_all *all)
{
    struct psim_taken_loops *ret = &all->loops[type];
    struct place p = {.kernels = probe->kernels[type]};
    struct psim_matmul_tile menu[PSIM_MATMUL_TILES];
    psim_matmul_menu(p.kernels, probe->host, menu);
    p.tile = menu[0];
    const double m = (double)p.tile.m, n = (double)p.tile.n, k = (double)p.tile.k;
    const double lanes = (double)psim_kernels_lanes(p.kernels);
    const double rows = (double)p.kernels->product->rows;
    const double cols = 4 * (double)p.kernels->product->cols;
    const size_t room = 4 * (p.tile.m + p.tile.n) * (p.tile.k + p.tile.m + p.tile.n);
    p.a = psim_region_new(probe->arena, &probe->regions, bytes(&p, room));
    p.b = psim_region_new(probe->arena, &probe->regions, bytes(&p, room));
    p.c = psim_region_new(probe->arena, &probe->regions, bytes(&p, room));
    ret->packed = cycles_each(probe, packed_tile, &p, m * n * k / lanes,
                              "a step of a packed tile, in the L2");
    ret->pack_left =
        cycles_each(probe, pack_left, &p, m * k, "packing rows, in the L2");
    ret->pack_right =
        cycles_each(probe, pack_right, &p, n * k, "packing columns, in the L2");
    ret->rows =
        cycles_each(probe, rows_tile, &p, rows * cols * DEPTH / lanes,
                    "a tile of registers whose rows lie as they are, in the L1");
    ret->naive = cycles_each(probe, naive_row, &p, (double)COLS * DEPTH / lanes,
                             "the textbook's loop over a row of C, in the L2");
    ret->softmax = cycles_each(probe, softmax, &p, ROW, "a row of 2048 in the L1");
    ret->layernorm = cycles_each(probe, layernorm, &p, ROW, "a row of 2048 in the L1");
    ret->rmsnorm = cycles_each(probe, rmsnorm, &p, ROW, "a row of 2048 in the L1");
    ret->sum = cycles_each(probe, sum, &p, ROW, "a row of 2048 in the L1");
    ret->transform = cycles_each(probe, transform, &p, POINTS,
                                 "a pass of radix 4 over 1024 points in the L1");
    ret->bodies =
        cycles_each(probe, bodies, &p, 4 * lanes * BODIES, "bodies by 1024 others");
    ret->transpose =
        cycles_each(probe, transpose, &p, 64 * 64, "a matrix of 64 x 64 in the L1");
}

void
psim_probe_kernels(struct psim_probe *probe, struct psim_taken_all *ret)
{
    take_type(probe, PSIM_TAKEN_FP32, ret);
    take_type(probe, PSIM_TAKEN_FP64, ret);
    for (int type = 0; type < PSIM_N_TAKEN_TYPES; type++) {
        const char *coretype;
        const double rate =
            psim_blas_rate(probe->arena, type == PSIM_TAKEN_FP64, &coretype);
        ret->blas_per_s[type] = (struct psim_taken){
            rate, 0,
            psim_arena_printf(
                probe->arena,
                "a product of 512 cubed by the BLAS, best of 6, " PSIM_BLAS_VARIABLE
                "='%s'",
                coretype)};
    }
}
