/* SPDX-License-Identifier: MIT */
/** @file fused: the grid, the tensors and the tiles of them. */
#include "plan/programs/fused_work.h"
#include "util/whole.h"

/** First x at which floor((a x + b) / c) is @p tiles or more; @p extent where none. */
static uint64_t
first_with(const struct psim_fused_diagonal *d, int64_t tiles, uint64_t extent)
{
    const int64_t above = tiles * d->c - d->b;
    if (above <= 0) return 0;
    const uint64_t x = psim_ceil_div((uint64_t)above, (uint64_t)d->a);
    return x < extent ? x : extent;
}

static uint8_t
add_stretch(struct psim_run *runs, uint8_t n, uint64_t first, uint64_t end,
            struct psim_run run)
{
    if (end <= first) return n;
    run.first = (uint32_t)first;
    run.count = (uint32_t)(end - first);
    run.b += run.a * (int64_t)first;
    runs[n] = run;
    return (uint8_t)(n + 1);
}

/**
 * A causal mask: query tile x sees floor((a x + b) / c) key tiles, the last of which
 * are masked, as many as its queries span (eq. P3). A last tile that its queries do
 * not fill would see more tiles than there are.
 */
static void
add_triangle(struct psim_fused_work *w)
{
    const struct psim_attention *a = w->a;
    const int64_t bq = w->map.m, bk = w->map.n, all = (int64_t)w->steps;
    const int64_t edge = bq > bk ? bq / bk : 1;
    const struct psim_fused_diagonal sees = {
        .a = bq,
        .b = bq + (int64_t)a->seq_kv - (int64_t)a->seq_q + bk - 1,
        .c = bk,
    };
    w->diagonal = sees;
    w->diagonal.b -= edge * bk; /* the first of those that are masked */
    const uint64_t extent = w->b->kernel->extent[w->axis_q];
    const uint64_t body = first_with(&sees, all + 1, extent);
    const uint64_t some = first_with(&sees, 1, body);
    const uint64_t enough = first_with(&sees, edge, body);
    const int64_t end = (sees.a * ((int64_t)extent - 1) + w->diagonal.b) / bk;
    const int64_t last = end < 0 ? 0 : end < all ? end : all;
    struct psim_run whole[3], masked[4];
    uint8_t n_whole = 0, n_masked = 0;
    n_whole = add_stretch(whole, n_whole, 0, enough, (struct psim_run){0, 0, 0, 0, 1});
    n_whole = add_stretch(whole, n_whole, enough, body,
                          (struct psim_run){0, 0, sees.a, w->diagonal.b, bk});
    n_whole =
        add_stretch(whole, n_whole, body, extent, (struct psim_run){0, 0, 0, last, 1});
    n_masked = add_stretch(masked, n_masked, 0, some, (struct psim_run){0, 0, 0, 0, 1});
    n_masked = add_stretch(masked, n_masked, some, enough,
                           (struct psim_run){0, 0, sees.a, sees.b, bk});
    n_masked = add_stretch(masked, n_masked, enough, body,
                           (struct psim_run){0, 0, 0, edge, 1});
    n_masked = add_stretch(masked, n_masked, body, extent,
                           (struct psim_run){0, 0, 0, all - last, 1});
    w->whole = psim_add_param(w->b, "tiles", w->axis_q, whole, n_whole);
    w->masked = psim_add_param(w->b, "masked", w->axis_q, masked, n_masked);
}

/**
 * Key tiles by query tile. Causal: a triangle; else all, the last of them masked
 * where the keys do not fill it.
 */
static void
add_trips(struct psim_fused_work *w)
{
    struct psim_build *b = w->b;
    const struct psim_attention *a = w->a;
    if (!psim_fused_is_causal(a)) {
        const int64_t ragged = a->seq_kv % w->map.n != 0;
        const int64_t steps = (int64_t)w->per_split;
        if (w->axis_s != PSIM_NONE) {
            const uint64_t splits = b->kernel->extent[w->axis_s];
            const uint64_t last = w->steps - (splits - 1) * w->per_split;
            w->whole = psim_add_edge(b, "tiles", w->axis_s, w->per_split,
                                     last - (uint64_t)ragged);
            w->masked = psim_add_edge(b, "masked", w->axis_s, 0, (uint64_t)ragged);
            return;
        }
        w->whole = psim_add_edge(b, "tiles", w->axis_q, (uint64_t)(steps - ragged),
                                 (uint64_t)(steps - ragged));
        w->masked =
            psim_add_edge(b, "masked", w->axis_q, (uint64_t)ragged, (uint64_t)ragged);
        return;
    }
    add_triangle(w);
}

void
psim_fused_grid(struct psim_fused_work *w)
{
    struct psim_build *b = w->b;
    const uint64_t tiles = psim_ceil_div(w->queries, w->map.m);
    w->axis_q = psim_add_axis(b, "q", tiles);
    w->axis_h = psim_add_axis(b, "h", w->heads);
    w->axis_s = PSIM_NONE;
    const uint64_t splits = psim_ceil_div(w->steps, w->per_split);
    if (splits > 1) {
        w->axis_s = psim_add_axis(b, "s", splits);
        psim_add_level(b, w->axis_s, 0, false);
    }
    psim_add_level(b, w->axis_q, 0, false);
    psim_add_level(b, w->axis_h, 0, false);
    w->rows = psim_add_edge(b, "rows", w->axis_q, w->map.m,
                            w->queries - (tiles - 1) * w->map.m);
    add_trips(w);
}

/* --- tensors --------------------------------------------------------------- */

static uint8_t
add_tensor(struct psim_fused_work *w, const char *name, uint64_t heads, uint64_t rows,
           uint32_t block_rows, double elem)
{
    const uint64_t extent[] = {heads, rows, w->a->head_dim};
    const uint64_t block[] = {1, block_rows < rows ? block_rows : rows, w->a->head_dim};
    return psim_build_tensor(w->b, name, (uint32_t)elem, extent, block, 3);
}

/** One head's (or group's) plane: heads that share keys find the same. */
static uint8_t
add_head_tile(struct psim_fused_work *w, const char *name, uint8_t tensor,
              uint64_t share)
{
    const uint8_t tile = psim_add_tile(w->b, name, tensor);
    struct psim_box_dim *head = psim_tile_dim(w->b, tile, 0);
    head->axis = w->axis_h;
    head->a = 1;
    head->c = (int64_t)share;
    head->size = 1;
    return tile;
}

static void
along_keys(struct psim_fused_work *w, uint8_t tile, bool masked)
{
    struct psim_box_dim *rows = psim_tile_dim(w->b, tile, 1);
    rows->size = w->map.n;
    rows->step[0] = w->map.n;
    if (w->axis_s != PSIM_NONE) {
        rows->axis = w->axis_s;
        rows->a = (int64_t)(w->per_split * w->map.n);
    }
    if (!masked) return;
    /* The masked tiles come last: on the diagonal, or at the end of the keys. */
    if (psim_fused_is_causal(w->a)) {
        rows->axis = w->axis_q;
        rows->a = w->diagonal.a;
        rows->b = rows->b_last = w->diagonal.b;
        rows->c = w->diagonal.c;
        rows->mul = w->map.n;
    } else {
        rows->axis = PSIM_NONE;
        rows->step[0] = 0;
        rows->offset = (int64_t)((w->steps - 1) * w->map.n);
    }
}

/** Of each row and split, the logarithm of its sum of exponentials. */
static void
build_logs(struct psim_fused_work *w)
{
    w->tile_logs = PSIM_NONE;
    if (w->axis_s == PSIM_NONE) return;
    const uint64_t splits = w->b->kernel->extent[w->axis_s];
    const uint64_t extent[] = {splits, w->heads, w->queries};
    const uint64_t block[] = {1, 1, w->map.m < w->queries ? w->map.m : w->queries};
    const uint32_t elem = (uint32_t)w->o_bytes;
    const uint8_t tensor = psim_build_tensor(w->b, "logs", elem, extent, block, 3);
    w->tile_logs = psim_add_tile(w->b, "logs", tensor);
    const uint8_t axes[] = {w->axis_s, w->axis_h, w->axis_q};
    const uint32_t sizes[] = {1, 1, w->map.m};
    for (uint8_t d = 0; d < 3; d++) {
        struct psim_box_dim *dim = psim_tile_dim(w->b, w->tile_logs, d);
        dim->axis = axes[d];
        dim->a = dim->size = sizes[d];
    }
    psim_add_use(w->b, tensor, 0, (double)(splits * w->heads * w->queries) * elem);
}

/** Rows of all heads; of each split, where there are some. Two roles store half each.
 */
static void
build_output_tiles(struct psim_fused_work *w)
{
    const bool split = w->axis_s != PSIM_NONE;
    const uint64_t splits = split ? w->b->kernel->extent[w->axis_s] : 1;
    const uint64_t deep = w->a->head_dim, most = w->map.m * deep;
    const uint64_t extent[] = {splits, w->heads, w->queries * deep};
    const uint64_t block[] = {1, 1, most < extent[2] ? most : extent[2]};
    const uint32_t elem = (uint32_t)w->o_bytes;
    const uint8_t tensor =
        psim_build_tensor(w->b, split ? "partial" : "O", elem, extent, block, 3);
    const int64_t parts = w->ping_pong ? 2 : 1;
    for (int64_t part = 0; part < parts; part++) {
        const uint8_t tile = psim_add_tile(w->b, part ? "O_second" : "O", tensor);
        w->tile_o[part] = tile;
        psim_tile_dim(w->b, tile, 0)->axis = w->axis_s;
        psim_tile_dim(w->b, tile, 0)->a = psim_tile_dim(w->b, tile, 0)->size = 1;
        psim_tile_dim(w->b, tile, 1)->axis = w->axis_h;
        psim_tile_dim(w->b, tile, 1)->a = psim_tile_dim(w->b, tile, 1)->size = 1;
        struct psim_box_dim *rows = psim_tile_dim(w->b, tile, 2);
        rows->axis = w->axis_q;
        rows->a = (int64_t)most;
        rows->size = (int64_t)most / parts;
        rows->offset = part * rows->size;
    }
    psim_add_use(w->b, tensor, 0, (double)(splits * w->heads * extent[2]) * elem);
}

void
psim_fused_tiles(struct psim_fused_work *w)
{
    const struct psim_attention *a = w->a;
    const uint64_t kv_heads = a->batch * a->kv_heads;
    const uint64_t share = w->group > 1 ? 1 : a->heads / a->kv_heads;
    const uint8_t q = add_tensor(w, "Q", w->heads, w->queries, w->map.m, w->elem_bytes);
    const uint8_t k = add_tensor(w, "K", kv_heads, a->seq_kv, w->map.n, w->elem_bytes);
    const uint8_t v = add_tensor(w, "V", kv_heads, a->seq_kv, w->map.n, w->elem_bytes);
    w->tile_q = add_head_tile(w, "Q", q, 1);
    struct psim_box_dim *rows = psim_tile_dim(w->b, w->tile_q, 1);
    rows->axis = w->axis_q;
    rows->a = rows->size = w->map.m;
    for (int masked = 0; masked < 2; masked++) {
        w->tile_k[masked] = add_head_tile(w, masked ? "K_masked" : "K", k, share);
        w->tile_v[masked] = add_head_tile(w, masked ? "V_masked" : "V", v, share);
        along_keys(w, w->tile_k[masked], masked);
        along_keys(w, w->tile_v[masked], masked);
    }
    build_output_tiles(w);
    build_logs(w);
    const double plane = (double)(w->queries * a->head_dim);
    const double keys = (double)(kv_heads * a->seq_kv * a->head_dim) * w->elem_bytes;
    psim_add_use(w->b, q, (double)w->heads * plane * w->elem_bytes, 0);
    psim_add_use(w->b, k, keys, 0);
    psim_add_use(w->b, v, keys, 0);
}
