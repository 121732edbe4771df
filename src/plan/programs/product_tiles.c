/* SPDX-License-Identifier: MIT */
/** @file product: the grid, the tensors and the tiles of them. */
#include <math.h>

#include "plan/programs/product_work.h"
#include "util/whole.h"

static uint64_t
taps(const struct psim_product *p)
{
    return p->conv ? psim_conv2d_taps(p->conv) : 1;
}

/** Rows of A or columns of B in each tile; tiles that only fill a cluster have none. */
static uint8_t
add_edge_and_padding(struct psim_build *b, const char *name, uint8_t axis,
                     uint64_t total, uint32_t tile)
{
    const uint32_t extent = b->kernel->extent[axis];
    const uint32_t real = (uint32_t)psim_ceil_div(total, tile);
    const int64_t last = (int64_t)(total - (uint64_t)(real - 1) * tile);
    struct psim_run runs[3];
    uint8_t n = 0;
    if (real > 1) runs[n++] = (struct psim_run){0, real - 1, 0, tile, 1};
    runs[n++] = (struct psim_run){real - 1, 1, 0, last, 1};
    if (extent > real) runs[n++] = (struct psim_run){real, extent - real, 0, 0, 1};
    return psim_add_param(b, name, axis, runs, n);
}

/**
 * The walk: bands in which the work-groups that run at once cover a nearly square
 * part of C, so that they share most of what they read. The cluster is fastest.
 */
static void
build_walk(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const double at_once = b->view.units;
    const double own = w->share_a ? w->map.n : w->map.m;
    const double other = w->share_a ? w->map.m : w->map.n;
    double band = floor(sqrt(at_once * other / own) + 0.5);
    if (band < 1) band = 1;
    band = (double)psim_round_up((uint64_t)band, w->map.cluster);
    const uint8_t fast = w->share_a ? w->axis_n : w->axis_m;
    const uint8_t slow = w->share_a ? w->axis_m : w->axis_n;
    psim_add_level(b, fast, (uint64_t)band, false);
    psim_add_level(b, slow, 0, false);
    psim_add_level(b, fast, 0, false);
    if (w->axis_s != PSIM_NONE) psim_add_level(b, w->axis_s, 0, false);
    if (w->axis_b != PSIM_NONE) psim_add_level(b, w->axis_b, 0, false);
}

void
psim_product_grid(struct psim_product_work *w)
{
    struct psim_build *b = w->b;
    const struct psim_product *p = w->p;
    w->axis_m = psim_add_axis(b, "m", w->tiles_m);
    w->axis_n = psim_add_axis(b, "n", w->tiles_n);
    w->axis_s = w->axis_b = w->trips = w->tail = PSIM_NONE;
    if (w->split > 1) w->axis_s = psim_add_axis(b, "s", w->split);
    if (p->batch > 1) w->axis_b = psim_add_axis(b, "b", p->batch);
    build_walk(w);
    w->rows = add_edge_and_padding(b, "rows", w->axis_m, p->m, w->map.m);
    w->cols = add_edge_and_padding(b, "cols", w->axis_n, p->n, w->map.n);
    w->kept = w->rows;
    if (w->window > 1) {
        w->kept = add_edge_and_padding(b, "kept", w->axis_m, p->m / w->window,
                                       w->map.m / w->window);
    }
    if (w->split > 1) {
        const uint64_t last = w->steps - (w->split - 1) * w->per_split;
        w->trips = psim_add_edge(b, "steps", w->axis_s, w->per_split,
                                 last - (w->rest ? 1 : 0));
        if (w->rest) w->tail = psim_add_edge(b, "tail", w->axis_s, 0, 1);
    }
}

/* --- tensors and tiles ----------------------------------------------------- */

/** A matrix of a batch of them, cut into tiles of rows x cols. */
struct matrix {
    const char *name;
    uint64_t batch;
    uint64_t rows, cols;
    uint64_t block_rows, block_cols;
    double elem_bytes;
};

static uint8_t
add_matrix(struct psim_product_work *w, const struct matrix *m)
{
    const uint64_t extent[] = {m->batch, m->rows, m->cols};
    const uint64_t block[] = {1, m->block_rows < m->rows ? m->block_rows : m->rows,
                              m->block_cols < m->cols ? m->block_cols : m->cols};
    const uint8_t tensor =
        psim_build_tensor(w->b, m->name, (uint32_t)m->elem_bytes, extent, block, 3);
    return tensor;
}

static uint8_t
add_matrix_tile(struct psim_product_work *w, const char *name, uint8_t tensor,
                uint64_t share)
{
    const uint8_t tile = psim_add_tile(w->b, name, tensor);
    struct psim_box_dim *batch = psim_tile_dim(w->b, tile, 0);
    batch->size = 1;
    batch->axis = w->axis_b;
    batch->a = w->axis_b == PSIM_NONE ? 0 : 1;
    batch->c = (int64_t)share;
    return tile;
}

/** Along k: the split's first step, then one step a turn; or the partial step. */
static void
along_k(struct psim_product_work *w, struct psim_box_dim *dim, bool partial)
{
    const int64_t k = w->map.k;
    if (partial) {
        dim->offset = (int64_t)(w->steps - 1) * k;
        dim->size = (int64_t)w->rest;
        return;
    }
    dim->axis = w->axis_s;
    dim->a = w->axis_s == PSIM_NONE ? 0 : (int64_t)w->per_split * k;
    dim->step[0] = k;
    dim->size = k;
}

static void
along_tiles(struct psim_box_dim *dim, uint8_t axis, uint32_t tile)
{
    dim->axis = axis;
    dim->a = tile;
    dim->size = tile;
}

static void
build_matrix_tiles(struct psim_product_work *w)
{
    const struct psim_product *p = w->p;
    const uint64_t share = p->share_b > 1 ? p->share_b : 1;
    const struct matrix all_a = {"A",      p->batch, p->m,       p->k,
                                 w->map.m, w->map.k, w->in_bytes};
    const struct matrix all_b = {"B",      p->batch / share, p->k,       p->n,
                                 w->map.k, w->map.n,         w->in_bytes};
    const uint8_t a = add_matrix(w, &all_a), b = add_matrix(w, &all_b);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        w->tile_a[partial] = add_matrix_tile(w, partial ? "A_tail" : "A", a, 1);
        along_tiles(psim_tile_dim(w->b, w->tile_a[partial], 1), w->axis_m, w->map.m);
        along_k(w, psim_tile_dim(w->b, w->tile_a[partial], 2), partial);
        w->tile_b[partial] = add_matrix_tile(w, partial ? "B_tail" : "B", b, share);
        along_k(w, psim_tile_dim(w->b, w->tile_b[partial], 1), partial);
        along_tiles(psim_tile_dim(w->b, w->tile_b[partial], 2), w->axis_n, w->map.n);
    }
    psim_add_use(w->b, a, (double)(p->batch * p->m * p->k) * w->in_bytes, 0);
    psim_add_use(w->b, b, (double)(all_b.batch * p->k * p->n) * w->in_bytes, 0)
        ->constant = p->weights;
}

/** Channels of one tile: the part's first step, then one step a turn; or the last. */
static void
along_channels(struct psim_product_work *w, struct psim_box_dim *dim, bool partial)
{
    if (w->joined) {
        dim->size = (int64_t)w->p->channels;
        return;
    }
    dim->size = partial ? (int64_t)w->rest : w->map.k;
    dim->offset = partial ? (int64_t)(w->steps - 1) * w->map.k : 0;
    if (partial) return;
    dim->step[2] = w->map.k;
    if (w->split == 1) return;
    dim->axis = w->axis_s;
    dim->a = (int64_t)w->per_split * w->map.k;
}

/**
 * Rows of the image under one row of taps; under all of them where they are joined.
 * Pixels that are pooled come window by window: a row of windows is `high` rows of
 * pixels, so its taps span as many rows more (eq. P16).
 */
static uint8_t
add_image_tile(struct psim_product_work *w, uint8_t image, bool partial)
{
    const struct psim_conv2d *c = w->p->conv;
    uint64_t out_h, out_w;
    psim_conv2d_output(c, &out_h, &out_w);
    const int64_t dilation = (int64_t)c->dilation.value[0];
    const int64_t stride = (int64_t)c->stride.value[0];
    const int64_t high = (int64_t)c->pool.value[0];
    const int64_t joined = ((int64_t)c->kernel.value[0] - 1) * dilation + 1;
    const uint8_t tile = psim_add_tile(w->b, partial ? "X_tail" : "X", image);
    *psim_tile_dim(w->b, tile, 0) = (struct psim_box_dim){
        .axis = w->axis_m,
        .a = w->map.m,
        .b_last = (int64_t)w->map.m - 1,
        .c = (int64_t)out_w * high,
        .m = (int64_t)out_h / high,
        .mul = stride * high,
        .carry = (int64_t)c->height,
        .offset = -(int64_t)c->padding.value[0],
        .size = (w->joined ? joined : 1) + (high - 1) * stride,
        .step = {w->joined ? 0 : dilation},
    };
    struct psim_box_dim *deep = psim_tile_dim(w->b, tile, 1);
    deep->axis = w->axis_b;
    deep->a = (int64_t)w->p->channels;
    along_channels(w, deep, partial);
    return tile;
}

static uint8_t
add_weight_tile(struct psim_product_work *w, uint8_t weights, bool partial)
{
    const uint8_t tile = psim_add_tile(w->b, partial ? "W_tail" : "W", weights);
    struct psim_box_dim *tap = psim_tile_dim(w->b, tile, 0);
    tap->size = w->joined ? (int64_t)taps(w->p) : 1;
    tap->axis = w->axis_b;
    tap->a = (int64_t)taps(w->p);
    tap->step[0] = w->joined ? 0 : (int64_t)w->p->conv->kernel.value[1];
    tap->step[1] = w->joined ? 0 : 1;
    along_channels(w, psim_tile_dim(w->b, tile, 1), partial);
    along_tiles(psim_tile_dim(w->b, tile, 2), w->axis_n, w->map.n);
    return tile;
}

/**
 * The unfolded image as boxes of the image itself: rows of all columns that are
 * read, a chunk of channels deep. Taps of one column of the kernel find the same rows
 * again. Groups of channels are the batch.
 */
static void
build_conv_tiles(struct psim_product_work *w)
{
    const struct psim_product *p = w->p;
    const struct psim_conv2d *c = p->conv;
    const uint64_t channels = p->channels;
    const uint64_t chunk = w->map.k < channels ? w->map.k : channels;
    const uint64_t image[] = {c->batch * c->height, p->batch * channels};
    const uint64_t block[] = {1, chunk};
    const uint8_t x = psim_build_tensor(
        w->b, "X", (uint32_t)(w->in_bytes * psim_conv2d_columns(c)), image, block, 2);
    const uint64_t weights[] = {p->batch * taps(p), channels, p->n};
    const uint64_t weight_block[] = {1, chunk, w->map.n < p->n ? w->map.n : p->n};
    const uint8_t k =
        psim_build_tensor(w->b, "W", (uint32_t)w->in_bytes, weights, weight_block, 3);
    for (int partial = 0; partial < (w->rest ? 2 : 1); partial++) {
        w->tile_a[partial] = add_image_tile(w, x, partial);
        w->tile_b[partial] = add_weight_tile(w, k, partial);
    }
    /* Channels that a library adds are read like the others. */
    const double padded = (double)(p->batch * channels) / (double)c->in_channels;
    psim_add_use(w->b, x, round(psim_conv2d_input_bytes(c) * padded), 0);
    psim_add_use(w->b, k, (double)(p->batch * taps(p) * channels * p->n) * w->in_bytes,
                 0)
        ->constant = true;
}

static void
build_output_tile(struct psim_product_work *w)
{
    const struct psim_product *p = w->p;
    const double bytes = w->c_bytes;
    const uint64_t rows = p->m / w->window;
    const uint32_t tile = w->map.m / w->window;
    const uint64_t extent[] = {p->batch * w->split, rows, p->n};
    const uint64_t block[] = {1, tile < rows ? tile : rows,
                              w->map.n < p->n ? w->map.n : p->n};
    const uint8_t c = psim_build_tensor(w->b, w->split > 1 ? "partial" : "C",
                                        (uint32_t)bytes, extent, block, 3);
    w->tile_c = psim_add_tile(w->b, "C", c);
    struct psim_box_dim *plane = psim_tile_dim(w->b, w->tile_c, 0);
    plane->size = 1;
    plane->axis = w->axis_s != PSIM_NONE ? w->axis_s : w->axis_b;
    plane->a = plane->axis == PSIM_NONE ? 0 : 1;
    along_tiles(psim_tile_dim(w->b, w->tile_c, 1), w->axis_m, tile);
    along_tiles(psim_tile_dim(w->b, w->tile_c, 2), w->axis_n, w->map.n);
    psim_add_use(w->b, c, 0,
                 (double)(p->batch * w->split) * (double)rows * (double)p->n * bytes);
}

/** One element for each column of C; the last part of a split sum adds it. */
static void
build_bias_tile(struct psim_product_work *w)
{
    const struct psim_product *p = w->p;
    const uint64_t extent[] = {p->biases, p->n};
    const uint64_t block[] = {1, w->map.n < p->n ? w->map.n : p->n};
    const uint8_t bias =
        psim_build_tensor(w->b, "bias", (uint32_t)w->out_bytes, extent, block, 2);
    w->tile_bias = psim_add_tile(w->b, "bias", bias);
    struct psim_box_dim *group = psim_tile_dim(w->b, w->tile_bias, 0);
    group->size = 1;
    if (p->biases > 1) {
        group->axis = w->axis_b;
        group->a = 1;
    }
    along_tiles(psim_tile_dim(w->b, w->tile_bias, 1), w->axis_n, w->map.n);
    w->adds = PSIM_NONE;
    if (w->split > 1) w->adds = psim_add_edge(w->b, "adds", w->axis_s, 0, 1);
    psim_add_use(w->b, bias, (double)(p->biases * p->n) * w->out_bytes, 0)->constant =
        true;
}

void
psim_product_tiles(struct psim_product_work *w)
{
    if (w->p->conv) {
        build_conv_tiles(w);
    } else {
        build_matrix_tiles(w);
    }
    build_output_tile(w);
    w->tile_bias = PSIM_NONE;
    if (w->p->epilogue >> PSIM_EPILOGUE_BIAS & 1) build_bias_tile(w);
}
