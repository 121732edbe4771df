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
    bool ahead;     /**< loads are a role of their own, which runs ahead */
};

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

/** Instructions of one pass: what a core that looks ahead has in flight. */
static double
pass_instructions(const struct psim_build *b, const struct psim_stream *s,
                  double elements)
{
    const double in = psim_stream_in_bytes(s), out = psim_stream_out_bytes(s);
    const struct psim_access *a = &b->access;
    const double load = a->load ? a->load->by[PSIM_FP32].lanes : in;
    const double store = a->store ? a->store->by[PSIM_FP32].lanes : out;
    double n = elements * (s->inputs * s->reads * in / load + s->outputs * out / store);
    struct psim_ability abilities[8];
    size_t missing;
    if (!psim_stream_work(b->hw, s, abilities, &missing)) return n;
    for (size_t i = 0; s->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
        const struct psim_operation *op = abilities[i].op;
        n += elements * s->work[i].times * abilities[i].times * op->issue_slots /
             op->by[abilities[i].dtype].lanes;
    }
    return n;
}

/** Without: a work-group is folded onto the lanes, pass after pass. */
static struct cut
cut_for_lanes(const struct psim_build *b, const struct psim_stream *s,
              const struct psim_mapping *mapping)
{
    enum { MANY_PASSES = 4096, MOST_AHEAD = 16 };
    const struct psim_group *unit = &b->hw->groups[b->view.unit];
    const bool staged = b->access.local >= 0;
    struct cut cut = {.bundle = 1, .depth = 1};
    uint64_t width = psim_stream_width(s, &b->view);
    uint64_t group = s->elements / b->view.units + (s->elements % b->view.units != 0);
    if (mapping->lanes > 0) group = (uint64_t)mapping->lanes * mapping->elements;
    if (mapping->lanes == 0 && mapping->elements > width) width = mapping->elements;
    while (!staged && group / width > MANY_PASSES) {
        width *= 2;
    }
    cut.pass = width < group ? width : group;
    cut.passes = psim_ceil_div(group, cut.pass);
    cut.groups = psim_ceil_div(s->elements, cut.pass * cut.passes);
    cut.items = cut.groups;
    if (staged) {
        cut.depth = 2;
    } else if (unit->in_flight > 0) {
        const double depth =
            (double)unit->in_flight / pass_instructions(b, s, (double)cut.pass);
        cut.depth = depth > MOST_AHEAD ? MOST_AHEAD : depth < 1 ? 1 : (uint32_t)depth;
    }
    cut.ahead = cut.depth > 1 && s->inputs > 0;
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
    struct pass whole, rest;
};

static struct psim_amount
amount(const struct pass *pass, double each)
{
    return psim_amount_of((double)pass->elements * each, pass->rest, PSIM_NONE);
}

static void
add_load(struct stream_build *w, const struct pass *pass, uint32_t input)
{
    const struct psim_stream *s = w->s;
    const bool last = input + 1 == s->inputs;
    const struct psim_pieces *pieces = &s->pieces;
    const bool random = last && pieces->pattern == PSIM_RANDOM;
    const double elem = psim_stream_in_bytes(s);
    const struct psim_move move = psim_load_move(w->b, elem, true);
    const uint8_t act =
        last ? psim_act_move_pieces(w->b, &move, pieces) : psim_act_move(w->b, &move);
    struct psim_step *step = psim_add_do(w->b, act, amount(pass, elem * s->reads));
    step->flags = s->unfold || random ? PSIM_ASYNC : PSIM_ASYNC | PSIM_STREAM;
    step->channel = w->channel;
    step->tile = random ? PSIM_NONE : (uint8_t)(pass->tile + input);
}

static struct psim_amount
amount_of_index(const struct psim_stream *s, const struct pass *pass)
{
    if (pass->rest != PSIM_NONE) return psim_amount_of(1, pass->index, PSIM_NONE);
    return psim_amount_flat((double)index_bytes(s, pass->elements));
}

/** Indices come first: what they point to can be asked for only then. */
static void
load_index(struct stream_build *w, const struct pass *pass)
{
    const struct psim_stream *s = w->s;
    if (s->index_bytes <= 0) return;
    const uint8_t act = psim_act_load(w->b, 8, true);
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->index_channel);
    const struct psim_amount bytes = amount_of_index(s, pass);
    struct psim_step *step = psim_add_do(w->b, act, bytes);
    step->flags = PSIM_ASYNC | PSIM_STREAM;
    step->channel = w->index_channel;
    step->tile = (uint8_t)(pass->tile + s->inputs + s->outputs);
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->index_channel);
    psim_add_on(w->b, PSIM_STEP_WAIT, w->index_channel);
    psim_add_beside(w->b, psim_act_fetch(w->b, 8, true), bytes);
    psim_add_on(w->b, PSIM_STEP_RELEASE, w->index_channel);
}

static void
build_loads(struct stream_build *w, const struct pass *pass)
{
    load_index(w, pass);
    if (w->s->inputs == 0) return;
    psim_add_on(w->b, PSIM_STEP_RESERVE, w->channel);
    for (uint32_t i = 0; i < w->s->inputs; i++) {
        add_load(w, pass, i);
    }
    psim_add_on(w->b, PSIM_STEP_COMMIT, w->channel);
}

static void
build_work(struct stream_build *w, const struct pass *pass)
{
    struct psim_build *b = w->b;
    const struct psim_stream *s = w->s;
    const double in = psim_stream_in_bytes(s), out = psim_stream_out_bytes(s);
    if (s->inputs > 0) {
        psim_add_on(b, PSIM_STEP_WAIT, w->channel);
        psim_add_beside(b, psim_act_fetch(b, in, true),
                        amount(pass, in * s->reads * s->inputs));
    }
    for (size_t i = 0; s->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
        (void)psim_add_work(b, s->work[i].does, s->dtype, amount(pass, 1),
                            s->work[i].times);
    }
    if (w->map->instructions > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->map->instructions), amount(pass, 1));
    }
    const uint8_t store = psim_act_store(b, out, true);
    psim_add_beside(b, psim_act_put(b, out, true), amount(pass, out * s->outputs));
    for (uint32_t i = 0; i < s->outputs; i++) {
        struct psim_step *step = psim_add_do(b, store, amount(pass, out));
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

/** All passes of an item: of the role that loads, of the one that works, or of both. */
static void
build_role(struct stream_build *w, const struct grid *grid, bool loads, bool works)
{
    struct psim_build *b = w->b;
    const bool loops = w->whole.rest == PSIM_NONE;
    psim_add_role(b, works ? "lanes" : "load", 1);
    if (works && w->map->fixed > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->map->fixed),
                          psim_amount_flat(b->gang_lanes));
    }
    for (int tail = 0; tail < (grid->rest != PSIM_NONE ? 2 : 1); tail++) {
        const struct pass *pass = tail ? &w->rest : &w->whole;
        const uint8_t trips = tail ? grid->once : grid->passes;
        if (loops) psim_add_loop(b, psim_amount_of(1, trips, PSIM_NONE));
        if (loads) build_loads(w, pass);
        if (works) build_work(w, pass);
        if (loops) psim_add_end(b);
    }
    psim_add_stop(b);
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
    struct stream_build w = {.b = b, .s = s, .map = mapping};
    uint8_t rest_tile = 0;
    if (s->inputs > 0) w.channel = psim_add_channel(b, "loads", cut.depth, 0);
    if (s->index_bytes > 0) {
        w.index_channel = psim_add_channel(b, "indices", cut.depth, 0);
    }
    if (cut.passes > 1 && grid.rest != PSIM_NONE) {
        rest_tile = add_rest_tiles(b, &cut, grid.last_passes);
    }
    const struct pass whole = {cut.pass * cut.bundle, PSIM_NONE, PSIM_NONE, 0};
    const struct pass rest = {1, grid.rest, grid.index, rest_tile};
    w.whole = cut.passes > 1 ? whole : (struct pass){1, grid.elements, grid.index, 0};
    w.rest = rest;
    if (cut.ahead) build_role(&w, &grid, true, false);
    build_role(&w, &grid, !cut.ahead, true);
    k->start_act = psim_act_start(b, 0);
    const struct psim_need need = {
        .lanes = b->gang_lanes,
        .registers = mapping->registers,
        .local = b->access.local,
        .local_bytes = (double)cut.pass * psim_stream_staged_bytes(s),
    };
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, mapping->resident);
}
