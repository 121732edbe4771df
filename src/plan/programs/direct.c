/* SPDX-License-Identifier: MIT */
/** @file direct: convolution, each lane sums its own pixels (docs/MODEL.md, eq. P9). */
#include <math.h>

#include "plan/lower.h"
#include "util/arena.h"
#include "util/whole.h"

/** Channels of a tile touch whole groups, or lie in one. */
static bool
fits_groups(uint64_t channels, uint64_t outputs)
{
    return channels % outputs == 0 || outputs % channels == 0;
}

/** Lanes beside each other take channels where those are contiguous, else pixels. */
static void
add_tiles(const struct psim_conv2d *c, bool teams, uint64_t lanes, uint64_t elements,
          struct psim_mappings *ret)
{
    static const uint32_t across[] = {1, 4, 8, 32};
    const uint64_t outputs = c->out_channels / c->groups;
    const bool channels_last = c->layout == 0;
    const double sector_bytes = 32, elem = psim_dtype_bytes((enum psim_dtype)c->dtype);
    for (size_t i = 0; i < PSIM_COUNT(across); i++) {
        if (i > 0 && !channels_last) break;
        const uint64_t channels = elements * across[i];
        if (lanes % across[i] != 0 || !fits_groups(channels, outputs)) continue;
        if (i > 0 && channels / 2 >= c->out_channels) break;
        const bool whole = channels >= c->out_channels;
        if (channels_last && !whole && (double)channels * elem < sector_bytes) continue;
        const struct psim_mapping mapping = {
            .lanes = (uint32_t)lanes,
            .elements = (uint32_t)elements,
            .m = (uint32_t)(lanes / across[i]),
            .n = (uint32_t)channels,
            .stages = c->kernel.value[1] > 1 ? (uint32_t)c->kernel.value[1] : 2,
            .registers = (uint32_t)(teams ? 24 + 2 * elements : elements + 3),
        };
        psim_mappings_add(ret, &mapping);
    }
}

/** A library has one variant for a kernel of so many taps. */
static void
library_mapping(const struct psim_hw *hw, const struct psim_part *part,
                struct psim_mappings *ret)
{
    const struct psim_conv2d *c = part->op->attributes;
    const uint64_t taps = psim_conv2d_taps(c);
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, (enum psim_dtype)c->dtype, NULL);
    for (size_t i = 0; library && i < library->n_tiles; i++) {
        const struct psim_menu_tile *tile = &library->tiles[i];
        if (tile->taps > 0 && taps > tile->taps) continue;
        if (tile->m == 0 || tile->n == 0 || tile->lanes == 0) continue;
        if (!fits_groups(tile->n, c->out_channels / c->groups)) continue;
        struct psim_mapping mapping = psim_library_mapping(hw, library, tile);
        mapping.m = (uint32_t)tile->m;
        mapping.n = (uint32_t)tile->n;
        mapping.elements = (uint32_t)(tile->elements ? tile->elements : 1);
        if (mapping.stages == 0) mapping.stages = (uint32_t)c->kernel.value[1];
        psim_mappings_add(ret, &mapping);
        return;
    }
}

static void
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mappings *ret)
{
    static const uint32_t lanes[] = {128, 256}, channels[] = {1, 4, 8};
    const struct psim_conv2d *c = part->op->attributes;
    const struct psim_ability fma =
        psim_find_vector(hw, PSIM_DOES_FMA, (enum psim_dtype)c->dtype);
    if (!fma.op) {
        (void)psim_lacks(diag, hw, part, PSIM_DOES_FMA, (enum psim_dtype)c->dtype,
                         c->dtype_at);
        return;
    }
    const struct psim_view view = psim_view_of(hw, fma.op->group);
    library_mapping(hw, part, ret);
    if (ret->n > 0) return;
    for (size_t l = 0; l < PSIM_COUNT(lanes); l++) {
        const double width = view.team >= 0 ? lanes[l] : fma.op->by[fma.dtype].lanes;
        for (size_t i = 0; i < PSIM_COUNT(channels); i++) {
            add_tiles(c, view.team >= 0, (uint64_t)width, channels[i], ret);
        }
        if (view.team < 0) break;
    }
    if (ret->n == 0) add_tiles(c, view.team >= 0, 1, 1, ret);
}

struct direct_build {
    struct psim_build *b;
    const struct psim_conv2d *c;
    const struct psim_mapping *map;
    uint64_t pixels, out_h, out_w, depth, outputs;
    double elem;
    uint8_t tile_x, tile_w, tile_y, tile_bias, rows, cols, taps;
};

/** Rows of the image that a tile of output pixels sees, tap by tap. */
static void
image_rows(const struct direct_build *w, struct psim_box_dim *dim)
{
    const struct psim_conv2d *c = w->c;
    *dim = (struct psim_box_dim){
        .axis = 0,
        .a = w->map->m,
        .b_last = (int64_t)w->map->m - 1,
        .c = (int64_t)w->out_w,
        .m = (int64_t)w->out_h,
        .mul = (int64_t)c->stride.value[0],
        .carry = (int64_t)c->height,
        .offset = -(int64_t)c->padding.value[0],
        .size = 1,
        .step = {(int64_t)c->dilation.value[0]},
    };
}

/** Input channels of the groups to which a tile of output channels belongs. */
static void
image_channels(const struct direct_build *w, struct psim_box_dim *dim)
{
    *dim = (struct psim_box_dim){
        .axis = 1,
        .a = w->map->n,
        .b_last = (int64_t)w->map->n - 1,
        .c = (int64_t)w->outputs,
        .mul = (int64_t)w->depth,
        .size = (int64_t)w->depth,
    };
}

static void
along(struct psim_box_dim *dim, uint8_t axis, uint32_t step)
{
    dim->axis = axis;
    dim->a = dim->size = step;
}

static void
build_tiles(struct direct_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_conv2d *c = w->c;
    const uint64_t touched = w->map->n > w->outputs ? w->map->n / w->outputs : 1;
    const uint64_t image[] = {c->batch * c->height, w->depth * c->groups};
    const uint64_t row[] = {1, w->depth * touched};
    const uint8_t x = psim_build_tensor(
        b, "X", (uint32_t)(w->elem * psim_conv2d_columns(c)), image, row, 2);
    w->tile_x = psim_add_tile(b, "X", x);
    image_rows(w, psim_tile_dim(b, w->tile_x, 0));
    image_channels(w, psim_tile_dim(b, w->tile_x, 1));
    const uint64_t taps = psim_conv2d_taps(c);
    const uint64_t weights[] = {taps, c->out_channels, w->depth};
    const uint64_t block[] = {1, w->map->n, w->depth};
    const uint8_t k = psim_build_tensor(b, "W", (uint32_t)w->elem, weights, block, 3);
    w->tile_w = psim_add_tile(b, "W", k);
    psim_tile_dim(b, w->tile_w, 0)->size = 1;
    psim_tile_dim(b, w->tile_w, 0)->step[0] = (int64_t)c->kernel.value[1];
    psim_tile_dim(b, w->tile_w, 0)->step[1] = 1;
    along(psim_tile_dim(b, w->tile_w, 1), 1, w->map->n);
    const uint64_t out[] = {w->pixels, c->out_channels};
    const uint64_t cut[] = {w->map->m, w->map->n};
    const uint8_t y = psim_build_tensor(b, "Y", (uint32_t)w->elem, out, cut, 2);
    w->tile_y = psim_add_tile(b, "Y", y);
    along(psim_tile_dim(b, w->tile_y, 0), 0, w->map->m);
    along(psim_tile_dim(b, w->tile_y, 1), 1, w->map->n);
    psim_add_use(b, x, psim_conv2d_input_bytes(c), 0);
    psim_add_use(b, k, (double)(taps * c->out_channels * w->depth) * w->elem, 0)
        ->constant = true;
    psim_add_use(b, y, 0, (double)(w->pixels * c->out_channels) * w->elem);
    if (!(c->epilogue >> PSIM_EPILOGUE_BIAS & 1)) return;
    const uint8_t bias =
        psim_build_tensor(b, "bias", (uint32_t)w->elem, &c->out_channels, &cut[1], 1);
    w->tile_bias = psim_add_tile(b, "bias", bias);
    along(psim_tile_dim(b, w->tile_bias, 0), 1, w->map->n);
    psim_add_use(b, bias, (double)c->out_channels * w->elem, 0)->constant = true;
}

/** Bytes under one tap: of the image, by pixel, and of the weights, by channel. */
struct tap_bytes {
    double inputs, weights;
    bool own; /**< each channel has an input of its own */
};

static struct tap_bytes
tap_bytes(const struct direct_build *w)
{
    const struct psim_view *view = &w->b->view;
    const double deep = (double)w->depth, outputs = (double)w->outputs;
    const double lanes_a_pixel = (double)w->map->n / w->map->elements;
    const bool own = w->outputs == 1;
    /* Lanes of a bundle share the weights of a channel and the inputs of a pixel;
     * without bundles the lanes are those of one vector. */
    const double bundle = view->team >= 0 ? fmin(view->bundle_lanes, w->map->lanes)
                                          : (double)w->map->lanes;
    const double bundles_a_pixel = fmax(lanes_a_pixel / bundle, 1);
    const double bundles_a_channel = w->map->m / fmax(bundle / lanes_a_pixel, 1);
    const double groups = own ? 1 : fmax(w->map->n / outputs, 1);
    const double inputs = own ? deep : deep * groups * bundles_a_pixel;
    return (struct tap_bytes){inputs * w->elem, deep * w->elem * bundles_a_channel,
                              own};
}

static struct psim_amount
of_inputs(const struct direct_build *w, const struct tap_bytes *bytes)
{
    return psim_amount_of(bytes->inputs, w->rows, bytes->own ? w->cols : PSIM_NONE);
}

static struct psim_amount
of_weights(const struct direct_build *w, const struct tap_bytes *bytes)
{
    return psim_amount_of(bytes->weights, w->cols, PSIM_NONE);
}

static void
load_into(struct direct_build *w, uint8_t load, uint8_t tile, struct psim_amount amount)
{
    struct psim_step *step = psim_add_do(w->b, load, amount);
    step->flags = PSIM_ASYNC;
    step->channel = w->taps;
    step->tile = tile;
}

/** A pixel's channels under one tap, and the weights. */
static void
build_loads(struct direct_build *w, uint8_t load)
{
    const struct tap_bytes bytes = tap_bytes(w);
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->taps);
    load_into(w, load, w->tile_x, of_inputs(w, &bytes));
    load_into(w, load, w->tile_w, of_weights(w, &bytes));
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->taps);
}

/** One tap of all sums. */
static void
build_sums(struct direct_build *w, const struct psim_ability *fma, double access)
{
    struct psim_build *b = w->b;
    const struct tap_bytes bytes = tap_bytes(w);
    const uint8_t fetch = psim_act_fetch(b, access, true);
    psim_add_on(b, PSIM_STEP_WAIT, w->taps);
    psim_add_beside(b, fetch, of_inputs(w, &bytes));
    psim_add_beside(b, fetch, of_weights(w, &bytes));
    (void)psim_add_do(b, psim_act_vector(b, fma),
                      psim_amount_of((double)w->depth, w->rows, w->cols));
    psim_add_on(b, PSIM_STEP_RELEASE, w->taps);
}

static void
begin_taps(struct direct_build *w, const char *role)
{
    psim_add_role(w->b, role, 1);
    for (int d = 0; d < 2; d++) {
        psim_add_loop(w->b, psim_amount_flat((double)w->c->kernel.value[d]));
    }
}

static void
end_taps(struct direct_build *w)
{
    psim_add_end(w->b);
    psim_add_end(w->b);
}

/** What is done to each sum, where the machine has it; nobody waits for the bias. */
static void
build_epilogue(struct direct_build *w, uint8_t load)
{
    static const enum psim_primitive does[] = {
        [PSIM_EPILOGUE_BIAS] = PSIM_DOES_ADD,
        [PSIM_EPILOGUE_RELU] = PSIM_DOES_MAX,
    };
    struct psim_build *b = w->b;
    for (size_t e = 0; e < PSIM_COUNT(does); e++) {
        if (!(w->c->epilogue >> e & 1)) continue;
        if (e == PSIM_EPILOGUE_BIAS) {
            struct psim_step *step =
                psim_add_do(b, load, psim_amount_of(w->elem, w->cols, PSIM_NONE));
            step->flags = PSIM_POSTED;
            step->tile = w->tile_bias;
        }
        (void)psim_add_work(b, does[e], (enum psim_dtype)w->c->dtype,
                            psim_amount_of(1, w->rows, w->cols), 1);
    }
}

/** The loads of some taps run ahead of the sums, as an unrolled loop's do. */
static void
build_steps(struct direct_build *w, const struct psim_ability *fma)
{
    struct psim_build *b = w->b;
    const double access = w->elem * w->map->elements;
    const uint8_t load = psim_act_load(b, access, true);
    const uint8_t store = psim_act_store(b, access, true);
    w->taps = psim_add_channel(b, "taps", w->map->stages, 0);
    begin_taps(w, "loads");
    build_loads(w, load);
    end_taps(w);
    psim_add_stop(b);
    begin_taps(w, "sums");
    build_sums(w, fma, access);
    end_taps(w);
    if (w->map->instructions > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->map->instructions),
                          psim_amount_of(1, w->rows, w->cols));
    }
    build_epilogue(w, load);
    const struct psim_amount pixels = psim_amount_of(w->elem, w->rows, w->cols);
    psim_add_beside(b, psim_act_put(b, access, true), pixels);
    struct psim_step *step = psim_add_do(b, store, pixels);
    step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
    step->tile = w->tile_y;
    psim_add_stop(b);
}

static bool
build(struct psim_build *b, const struct psim_part *part,
      const struct psim_mapping *mapping)
{
    struct direct_build w = {.b = b, .c = part->op->attributes, .map = mapping};
    const struct psim_ability fma =
        psim_find_vector(b->hw, PSIM_DOES_FMA, (enum psim_dtype)w.c->dtype);
    psim_conv2d_output(w.c, &w.out_h, &w.out_w);
    w.elem = psim_dtype_bytes((enum psim_dtype)w.c->dtype);
    w.pixels = w.c->batch * w.out_h * w.out_w;
    w.depth = w.c->in_channels / w.c->groups;
    w.outputs = w.c->out_channels / w.c->groups;
    psim_build_view_from(b, fma.op->group, mapping->pace_cycles);
    b->gang_lanes = b->view.team >= 0 ? mapping->lanes : (uint32_t)b->view.lanes;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = part->op->kind->cost(part->op).flop;
    const uint64_t tiles = psim_ceil_div(w.pixels, mapping->m);
    const uint64_t parts = psim_ceil_div(w.c->out_channels, mapping->n);
    const uint8_t p = psim_add_axis(b, "p", tiles), c = psim_add_axis(b, "c", parts);
    psim_add_level(b, c, 0, false);
    psim_add_level(b, p, 0, false);
    w.rows =
        psim_add_edge(b, "pixels", p, mapping->m, w.pixels - (tiles - 1) * mapping->m);
    w.cols = psim_add_edge(b, "channels", c, mapping->n,
                           w.c->out_channels - (parts - 1) * mapping->n);
    build_tiles(&w);
    build_steps(&w, &fma);
    k->start_act = psim_act_start(b, NULL);
    const struct tap_bytes bytes = tap_bytes(&w);
    const struct psim_need need = {
        .lanes = mapping->lanes,
        .registers = mapping->registers,
        .local = b->access.local,
        .local_bytes = mapping->stages *
                       (bytes.inputs * mapping->m * (bytes.own ? mapping->n : 1) +
                        bytes.weights * mapping->n),
    };
    /* Where lanes are not placed work-group by work-group, loads run ahead of them. */
    return psim_build_end(
        b, &need, b->view.team >= 0 ? PSIM_DISPATCH_EACH : PSIM_DISPATCH_STRIDE, 0);
}

const struct psim_program psim_program_direct = {
    .name = "direct",
    .doc = "convolution, a pixel and a few channels a lane",
    .mappings = mappings,
    .build = build,
};
