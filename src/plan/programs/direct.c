/* SPDX-License-Identifier: MIT */
/** @file direct: convolution in which each lane sums its own output pixels. */
#include <math.h>

#include "plan/lower.h"
#include "util/arena.h"

static size_t
mappings(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_part *part,
         struct psim_mapping *ret, size_t room)
{
    static const uint32_t lanes[] = {128, 256}, channels[] = {1, 4, 8};
    const struct psim_conv2d *c = part->op->attributes;
    const struct psim_ability fma =
        psim_find_vector(hw, PSIM_DOES_FMA, (enum psim_dtype)c->dtype);
    if (!fma.op) {
        (void)psim_lacks(diag, hw, part, PSIM_DOES_FMA, (enum psim_dtype)c->dtype,
                         c->dtype_at);
        return 0;
    }
    const struct psim_view view = psim_view_of(hw, fma.op->group);
    const uint64_t outputs = c->out_channels / c->groups;
    size_t n = 0;
    for (size_t l = 0; l < PSIM_COUNT(lanes); l++) {
        const double width = view.team >= 0 ? lanes[l] : fma.op->by[fma.dtype].lanes;
        for (size_t i = 0; i < PSIM_COUNT(channels) && n < room; i++) {
            if (i > 0 && channels[i - 1] >= outputs) break;
            ret[n++] = (struct psim_mapping){.lanes = (uint32_t)width,
                                             .elements = channels[i],
                                             .registers = 24 + 2 * channels[i]};
        }
        if (view.team < 0) break;
    }
    return n;
}

static double
quick_s(const struct psim_hw *hw, const struct psim_part *part,
        const struct psim_mapping *mapping)
{
    (void)hw;
    (void)part;
    (void)mapping;
    return 0;
}

struct direct_build {
    struct psim_build *b;
    const struct psim_conv2d *c;
    const struct psim_mapping *map;
    uint64_t pixels, out_h, out_w, depth, outputs;
    double elem;
    uint8_t tile_x, tile_w, tile_y, rows, cols;
};

static void
build_tiles(struct direct_build *w)
{
    struct psim_build *b = w->b;
    const struct psim_conv2d *c = w->c;
    const uint64_t image[] = {c->batch * c->height, w->depth * c->groups};
    const uint64_t row[] = {1, w->depth};
    const uint8_t x = psim_build_tensor(b, "X", (uint32_t)(w->elem * (double)c->width),
                                        image, row, 2);
    w->tile_x = psim_add_tile(b, "X", x);
    *psim_tile_dim(b, w->tile_x, 0) = (struct psim_box_dim){
        .axis = 0,
        .a = w->map->lanes,
        .b_last = (int64_t)w->map->lanes - 1,
        .c = (int64_t)w->out_w,
        .m = (int64_t)w->out_h,
        .mul = (int64_t)c->stride.value[0],
        .carry = (int64_t)c->height,
        .offset = -(int64_t)c->padding.value[0],
        .size = 1,
        .step = {(int64_t)c->dilation.value[0]},
    };
    const uint64_t taps = c->kernel.value[0] * c->kernel.value[1];
    const uint64_t weights[] = {taps, c->out_channels, w->depth};
    const uint64_t block[] = {1, w->map->elements, w->depth};
    const uint8_t k = psim_build_tensor(b, "W", (uint32_t)w->elem, weights, block, 3);
    w->tile_w = psim_add_tile(b, "W", k);
    psim_tile_dim(b, w->tile_w, 0)->size = 1;
    psim_tile_dim(b, w->tile_w, 0)->step[0] = (int64_t)c->kernel.value[1];
    psim_tile_dim(b, w->tile_w, 0)->step[1] = 1;
    psim_tile_dim(b, w->tile_w, 1)->axis = 1;
    psim_tile_dim(b, w->tile_w, 1)->a = psim_tile_dim(b, w->tile_w, 1)->size =
        w->map->elements;
    const uint64_t out[] = {w->pixels, c->out_channels};
    const uint64_t cut[] = {w->map->lanes, w->map->elements};
    const uint8_t y = psim_build_tensor(b, "Y", (uint32_t)w->elem, out, cut, 2);
    w->tile_y = psim_add_tile(b, "Y", y);
    psim_tile_dim(b, w->tile_y, 0)->axis = 0;
    psim_tile_dim(b, w->tile_y, 0)->a = psim_tile_dim(b, w->tile_y, 0)->size = w->map->lanes;
    psim_tile_dim(b, w->tile_y, 1)->axis = 1;
    psim_tile_dim(b, w->tile_y, 1)->a = psim_tile_dim(b, w->tile_y, 1)->size =
        w->map->elements;
    const struct psim_cost cost = psim_op_kind_find("conv2d")->cost(
        &(struct psim_op){.kind = psim_op_kind_find("conv2d"), .attributes = c});
    const double weight_bytes = (double)(taps * c->out_channels * w->depth) * w->elem;
    psim_add_use(b, x, cost.read_bytes - weight_bytes, 0);
    psim_add_use(b, k, weight_bytes, 0);
    psim_add_use(b, y, 0, cost.write_bytes);
}

static void
build_steps(struct direct_build *w, const struct psim_ability *fma)
{
    struct psim_build *b = w->b;
    const struct psim_conv2d *c = w->c;
    const struct psim_hw *hw = b->hw;
    const int memory = hw->main_memory, registers = psim_hw_memory(hw, "registers");
    const uint8_t load = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, memory, registers, false), memory, -1,
                               w->elem, true});
    const uint8_t store = psim_act_move(
        b, &(struct psim_move){psim_find_move(hw, registers, memory, false), -1, memory,
                               w->elem, true});
    const uint8_t channel = psim_add_channel(b, "taps", 2, 0);
    const double deep = (double)w->depth;
    /* Lanes of a bundle share a weight; each has a pixel of its own. */
    const double bundles = fmax(w->map->lanes / b->view.bundle_lanes, 1);
    psim_add_role(b, "lanes", 1);
    for (int d = 0; d < 2; d++) {
        psim_add_loop(b, psim_amount_of((double)c->kernel.value[d], PSIM_NONE, PSIM_NONE,
                                        PSIM_NONE));
    }
    psim_add_on(b, PSIM_STEP_RESERVE, channel);
    struct psim_step *step = psim_add_do(
        b, load, psim_amount_of(deep * w->elem, w->rows, PSIM_NONE, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    step->channel = channel;
    step->tile = w->tile_x;
    step = psim_add_do(
        b, load, psim_amount_of(deep * w->elem * bundles, w->cols, PSIM_NONE, PSIM_NONE));
    step->flags = PSIM_ASYNC;
    step->channel = channel;
    step->tile = w->tile_w;
    psim_add_on(b, PSIM_STEP_COMMIT, channel);
    psim_add_on(b, PSIM_STEP_WAIT, channel);
    (void)psim_add_do(b, psim_act_vector(b, fma),
                      psim_amount_of(deep, w->rows, w->cols, PSIM_NONE));
    psim_add_on(b, PSIM_STEP_RELEASE, channel);
    psim_add_end(b);
    psim_add_end(b);
    step = psim_add_do(b, store, psim_amount_of(w->elem, w->rows, w->cols, PSIM_NONE));
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
    b->view = psim_view_of(b->hw, fma.op->group);
    b->gang_lanes = b->view.team >= 0 ? mapping->lanes : (uint32_t)b->view.lanes;
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = part->op->kind->cost(part->op).flop;
    const uint64_t tiles = (w.pixels + mapping->lanes - 1) / mapping->lanes;
    const uint64_t groups = (w.c->out_channels + mapping->elements - 1) / mapping->elements;
    const uint8_t p = psim_add_axis(b, "p", tiles), c = psim_add_axis(b, "c", groups);
    psim_add_level(b, c, 0, false);
    psim_add_level(b, p, 0, false);
    w.rows = psim_add_edge(b, "pixels", p, mapping->lanes,
                           w.pixels - (tiles - 1) * mapping->lanes);
    w.cols = psim_add_edge(b, "channels", c, mapping->elements,
                           w.c->out_channels - (groups - 1) * mapping->elements);
    build_tiles(&w);
    build_steps(&w, &fma);
    if (b->view.team >= 0 && b->hw->groups[b->view.team].start_s > 0) {
        k->start_act = psim_act_delay(b, "start", b->hw->groups[b->view.team].start_s);
    }
    const struct psim_need need = {.lanes = mapping->lanes,
                                   .registers = mapping->registers,
                                   .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, 0);
}

const struct psim_program psim_program_direct = {
    .name = "direct",
    .doc = "convolution, a pixel and a few channels a lane",
    .mappings = mappings,
    .quick_s = quick_s,
    .build = build,
};
