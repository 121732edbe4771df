/* SPDX-License-Identifier: MIT */
/** @file The kernel of the program `stream` (docs/MODEL.md, eq. P8). */
#include <math.h>

#include "plan/programs/stream.h"
#include "util/arena.h"
#include "util/whole.h"

/** How the elements are cut: lanes of a work-group, elements of a pass, passes. */
struct cut {
    uint64_t pass;   /**< elements of one pass of a work-group */
    uint64_t passes; /**< of a work-group */
    uint64_t groups, bundle, items;
    uint32_t depth; /**< passes whose loads are in flight together */
};

/** Elements that the widest vector operation of the unit takes at once. */
static uint64_t
vector_width(const struct psim_hw *hw, const struct psim_stream *s,
             const struct psim_view *view)
{
    double width = view->lanes;
    struct psim_ability abilities[8];
    size_t missing;
    if (psim_stream_work(hw, s, abilities, &missing)) {
        for (size_t i = 0; s->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
            const double own = abilities[i].op->by[abilities[i].dtype].lanes;
            if (own > width) width = own;
        }
    }
    return (uint64_t)width;
}

/** With teams: a work-group is one pass; neighbours are simulated together. */
static struct cut
cut_for_team(const struct psim_build *b, const struct psim_stream *s,
             const struct psim_mapping *mapping)
{
    enum { MANY_ITEMS = 1 << 16 };
    struct cut cut = {
        .pass = (uint64_t)mapping->lanes * mapping->elements, .passes = 1, .depth = 1};
    if (s->run > 0 && s->run < cut.pass) cut.pass = s->run;
    cut.groups = psim_ceil_div(s->elements, cut.pass);
    const struct psim_need need = {
        .lanes = mapping->lanes, .registers = mapping->registers, .local = -1};
    const uint64_t fit = psim_view_residency(&b->view, &need).groups;
    /* Half a unit's groups as one leaves two to overlap; -0.1 % of the time. */
    cut.bundle = 1;
    while (cut.groups / cut.bundle > MANY_ITEMS && 4 * cut.bundle <= fit) {
        cut.bundle *= 2;
    }
    cut.items = psim_ceil_div(cut.groups, cut.bundle);
    return cut;
}

/** Without: a work-group is folded onto the lanes, pass after pass. */
static struct cut
cut_for_lanes(const struct psim_build *b, const struct psim_stream *s,
              const struct psim_mapping *mapping)
{
    enum { MANY_PASSES = 4096 };
    const struct psim_group *unit = &b->hw->groups[b->view.unit];
    struct cut cut = {.bundle = 1, .depth = 1};
    uint64_t width = vector_width(b->hw, s, &b->view);
    uint64_t group = s->elements / b->view.units + (s->elements % b->view.units != 0);
    if (mapping->lanes > 0) group = (uint64_t)mapping->lanes * mapping->elements;
    while (group / width > MANY_PASSES) {
        width *= 2;
    }
    cut.pass = width < group ? width : group;
    cut.passes = psim_ceil_div(group, cut.pass);
    cut.groups = psim_ceil_div(s->elements, cut.pass * cut.passes);
    cut.items = cut.groups;
    if (unit->in_flight > 0) {
        const double each = (double)cut.pass / (double)vector_width(b->hw, s, &b->view);
        const double depth =
            (double)unit->in_flight / ((s->inputs + s->outputs + 1) * each);
        cut.depth = depth > 16 ? 16 : depth < 1 ? 1 : (uint32_t)depth;
    }
    return cut;
}

/** How many passes and elements each item has; the last one has fewer. */
struct grid {
    uint8_t elements;   /**< parameter: of the only pass */
    uint8_t passes;     /**< parameter: whole passes of an item */
    uint8_t rest, once; /**< of a partial pass: elements, whether; PSIM_NONE without */
    uint8_t index;      /**< parameter: bytes of indices of the only, partial pass */
    uint64_t last_passes; /**< whole ones of the last item */
};

/** Bytes of the indices of so many elements: a row that is cut has it in each part. */
static uint64_t
index_bytes(const struct psim_stream *s, uint64_t elements)
{
    const double bytes = (double)elements * s->index_bytes, whole = round(bytes);
    /* index_bytes is a quotient: its last bit is no byte. */
    return (uint64_t)(fabs(bytes - whole) < 1e-6 ? whole : ceil(bytes));
}

static struct grid
build_grid(struct psim_build *b, const struct psim_stream *s, const struct cut *cut)
{
    struct grid g = {.rest = PSIM_NONE, .once = PSIM_NONE};
    const uint64_t whole = cut->pass * cut->bundle;
    const uint8_t axis = psim_add_axis(b, "i", cut->items);
    psim_add_level(b, axis, 0, false);
    const uint64_t last = s->elements - (cut->items - 1) * whole * cut->passes;
    if (cut->passes == 1) {
        g.elements = psim_add_edge(b, "elements", axis, whole, last);
        if (s->index_bytes <= 0) return g;
        g.index = psim_add_edge(b, "index_bytes", axis, index_bytes(s, whole),
                                index_bytes(s, last));
        return g;
    }
    g.passes = psim_add_edge(b, "passes", axis, cut->passes, last / whole);
    g.last_passes = last / whole;
    if (last % whole != 0) {
        g.rest = psim_add_edge(b, "rest", axis, 0, last % whole);
        g.once = psim_add_edge(b, "once", axis, 0, 1);
        if (s->index_bytes <= 0) return g;
        g.index =
            psim_add_edge(b, "index_bytes", axis, 0, index_bytes(s, last % whole));
    }
    return g;
}

/** One pass over @p elements of each tensor, which may depend on the item. */
struct pass {
    uint64_t elements;
    uint8_t rest;  /**< parameter; PSIM_NONE: `elements` each */
    uint8_t index; /**< parameter: bytes of indices; as `rest` */
    uint8_t tile;  /**< of the first tensor */
};

/** What the steps of one kernel share. */
struct stream_build {
    struct psim_build *b;
    const struct psim_stream *s;
    const struct psim_mapping *map;
    uint8_t channel, index_channel;
};

static void
add_load(struct stream_build *w, const struct pass *pass, uint32_t input)
{
    const struct psim_stream *s = w->s;
    const bool last = input + 1 == s->inputs;
    const struct psim_pieces *pieces = &s->pieces;
    const bool random = last && pieces->pattern == PSIM_RANDOM;
    const int memory = w->b->hw->main_memory;
    const struct psim_move move = {psim_find_move(w->b->hw, memory, -1, false), memory,
                                   -1, psim_stream_in_bytes(s), true};
    const uint8_t act =
        last ? psim_act_move_pieces(w->b, &move, pieces) : psim_act_move(w->b, &move);
    const double bytes = (double)pass->elements * psim_stream_in_bytes(s) * s->reads;
    struct psim_step *step =
        psim_add_do(w->b, act, psim_amount_of(bytes, pass->rest, PSIM_NONE));
    step->flags = s->unfold || random ? PSIM_ASYNC : PSIM_ASYNC | PSIM_STREAM;
    step->channel = w->channel;
    step->tile = random ? PSIM_NONE : (uint8_t)(pass->tile + input);
}

/** Indices come first: what they point to can be asked for only then. */
static void
load_index(struct stream_build *w, const struct pass *pass)
{
    const struct psim_stream *s = w->s;
    if (s->index_bytes <= 0) return;
    const uint8_t act = psim_act_load(w->b, 8, true);
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->index_channel);
    const bool flat = pass->rest == PSIM_NONE;
    const double bytes = flat ? (double)index_bytes(s, pass->elements) : 1;
    struct psim_step *step = psim_add_do(
        w->b, act, psim_amount_of(bytes, flat ? PSIM_NONE : pass->index, PSIM_NONE));
    step->flags = PSIM_ASYNC | PSIM_STREAM;
    step->channel = w->index_channel;
    step->tile = (uint8_t)(pass->tile + s->inputs + s->outputs);
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->index_channel);
    psim_add_on(w->b, PSIM_STEP_WAIT, w->index_channel);
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->index_channel);
}

static void
build_pass(struct stream_build *w, const struct pass *pass)
{
    struct psim_build *b = w->b;
    const struct psim_stream *s = w->s;
    const uint32_t out = psim_stream_out_bytes(s);
    const double n = (double)pass->elements;
    const struct psim_hw *hw = b->hw;
    load_index(w, pass);
    if (s->inputs > 0) {
        psim_add_on(b, PSIM_STEP_RESERVE, w->channel);
        for (uint32_t i = 0; i < s->inputs; i++) {
            add_load(w, pass, i);
        }
        psim_add_on(b, PSIM_STEP_COMMIT, w->channel);
        psim_add_on(b, PSIM_STEP_WAIT, w->channel);
    }
    for (size_t i = 0; s->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
        const struct psim_ability ability =
            psim_find_vector(hw, s->work[i].does, s->dtype);
        (void)psim_add_do(b, psim_act_vector(b, &ability),
                          psim_amount_of(n * s->work[i].times, pass->rest, PSIM_NONE));
    }
    if (w->map->instructions > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->map->instructions),
                          psim_amount_of(n, pass->rest, PSIM_NONE));
    }
    const uint8_t store = psim_act_store(b, out, true);
    for (uint32_t i = 0; i < s->outputs; i++) {
        struct psim_step *step =
            psim_add_do(b, store, psim_amount_of(n * out, pass->rest, PSIM_NONE));
        step->flags = PSIM_POSTED | PSIM_STORE | PSIM_STREAM;
        step->tile = (uint8_t)(pass->tile + s->inputs + i);
    }
    if (s->inputs > 0) psim_add_on(b, PSIM_STEP_RELEASE, w->channel);
}

static struct psim_box_dim *
add_tile(struct psim_build *b, const struct cut *cut, const char *name, uint8_t tensor)
{
    struct psim_box_dim *dim = psim_tile_dim(b, psim_add_tile(b, name, tensor), 0);
    dim->axis = 0;
    dim->size = (int64_t)b->tensors[tensor].block[0];
    dim->a = dim->size * (int64_t)cut->passes;
    if (cut->passes > 1) dim->step[0] = dim->size;
    return dim;
}

/** The partial pass of the last item comes behind its whole ones. */
static uint8_t
add_rest_tiles(struct psim_build *b, const struct cut *cut, uint64_t whole_passes)
{
    const uint8_t n = b->kernel->n_tiles;
    for (uint8_t i = 0; i < n; i++) {
        const char *name = psim_arena_printf(b->arena, "%s_rest", b->tiles[i].name);
        struct psim_box_dim *dim = add_tile(b, cut, name, b->tiles[i].tensor);
        dim->step[0] = 0;
        dim->offset = (int64_t)whole_passes * dim->size;
    }
    return n;
}

static void
build_index(struct psim_build *b, const struct psim_stream *s, const struct cut *cut)
{
    const uint64_t bytes = index_bytes(s, s->elements);
    const uint64_t each = index_bytes(s, cut->pass * cut->bundle);
    const uint8_t tensor = psim_build_tensor(b, "index", 1, &bytes, &each, 1);
    (void)add_tile(b, cut, "index", tensor);
    psim_add_use(b, tensor, (double)bytes, 0);
}

static void
build_tensors(struct psim_build *b, const struct psim_part *part, const struct cut *cut)
{
    const struct psim_stream *s = &part->u.stream;
    for (uint32_t i = 0; i < s->inputs + s->outputs; i++) {
        const bool out = i >= s->inputs, last = i + 1 == s->inputs;
        const uint32_t bytes = out ? psim_stream_out_bytes(s) : psim_stream_in_bytes(s);
        const char *name = psim_arena_printf(b->arena, out ? "out%u" : "in%u",
                                             out ? i - s->inputs : i);
        const uint64_t reads = out ? 1 : s->reads;
        uint64_t extent = s->elements * reads;
        uint64_t cut_block = cut->pass * cut->bundle * reads;
        double all = (double)(extent * bytes);
        if (last && s->read_bytes > 0) all = s->read_bytes;
        if (s->unfold && !out) {
            /* Each tap finds the pixels of the taps before it in a cache; all may lie
             * in the padding. A launch takes its share of the images. */
            const double input = psim_conv2d_input_bytes(s->unfold) / part->launches;
            cut_block = (uint64_t)ceil((double)cut_block * fmax(input, bytes) / all);
            extent = (uint64_t)fmax(input / bytes, 1);
            all = input;
        }
        const uint8_t tensor =
            psim_build_tensor(b, name, bytes, &extent, &cut_block, 1);
        (void)add_tile(b, cut, name, tensor);
        psim_add_use(b, tensor, out ? 0 : all, out ? all : 0);
    }
    if (s->index_bytes > 0) build_index(b, s, cut);
}

bool
psim_stream_build(struct psim_build *b, const struct psim_part *part,
                  const struct psim_mapping *mapping)
{
    const struct psim_stream *s = &part->u.stream;
    psim_build_view_from(b, psim_stream_issuer(b->hw, s), mapping->pace_cycles);
    const struct cut cut =
        b->view.team >= 0 ? cut_for_team(b, s, mapping) : cut_for_lanes(b, s, mapping);
    b->gang_lanes = (uint32_t)b->view.lanes;
    if (b->view.team >= 0) b->gang_lanes = (uint32_t)(mapping->lanes * cut.bundle);
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = s->flop;
    k->bundle = (uint32_t)cut.bundle;
    const struct grid grid = build_grid(b, s, &cut);
    build_tensors(b, part, &cut);
    struct stream_build w = {
        .b = b,
        .s = s,
        .map = mapping,
    };
    if (s->inputs > 0) w.channel = psim_add_channel(b, "loads", cut.depth, 0);
    if (s->index_bytes > 0) {
        w.index_channel = psim_add_channel(b, "indices", cut.depth, 0);
    }
    psim_add_role(b, "lanes", 1);
    if (mapping->fixed > 0) {
        (void)psim_add_do(b, psim_act_issue(b, mapping->fixed),
                          psim_amount_flat(b->gang_lanes));
    }
    if (cut.passes == 1) {
        build_pass(&w, &(struct pass){1, grid.elements, grid.index, 0});
    } else {
        const uint64_t whole = cut.pass * cut.bundle;
        psim_add_loop(b, psim_amount_of(1, grid.passes, PSIM_NONE));
        build_pass(&w, &(struct pass){whole, PSIM_NONE, PSIM_NONE, 0});
        psim_add_end(b);
    }
    if (grid.rest != PSIM_NONE) {
        const uint8_t tile = add_rest_tiles(b, &cut, grid.last_passes);
        psim_add_loop(b, psim_amount_of(1, grid.once, PSIM_NONE));
        build_pass(&w, &(struct pass){1, grid.rest, grid.index, tile});
        psim_add_end(b);
    }
    psim_add_stop(b);
    k->start_act = psim_act_start(b, 0);
    const struct psim_need need = {
        .lanes = b->gang_lanes, .registers = mapping->registers, .local = -1};
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, mapping->resident);
}
