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

/** Passes of a work-group: those of the mapping, more where groups are limited. */
static void
cut_passes(const struct psim_stream *s, const struct psim_mapping *mapping,
           struct cut *cut)
{
    const uint64_t turns = mapping->turns > 1 ? mapping->turns : 1;
    uint64_t all = psim_ceil_div(s->elements, cut->pass), columns = 1;
    if (s->cols > 0 && mapping->n > 0) {
        /* Work-groups side by side, and as many one above the other. */
        columns = psim_ceil_div(s->cols, mapping->n);
        const uint64_t rows = s->elements / s->cols;
        const uint64_t height = psim_ceil_div(cut->pass, mapping->n);
        all = psim_ceil_div(rows, height);
    }
    uint64_t groups = psim_ceil_div(all, turns);
    if (mapping->max_groups > 0 && groups > mapping->max_groups) {
        groups = mapping->max_groups;
    }
    cut->passes = psim_ceil_div(all, groups);
    cut->groups = groups * columns;
    /* Columns that are no multiple leave lanes idle: each has less than a pass. */
    if (columns > 1) cut->pass = psim_ceil_div(s->elements, cut->groups * cut->passes);
    cut->groups = psim_ceil_div(s->elements, cut->pass * cut->passes);
}

/** With teams: a work-group has its passes; neighbours are simulated together. */
static struct cut
cut_for_team(const struct psim_build *b, const struct psim_stream *s,
             const struct psim_mapping *mapping)
{
    enum { MANY_ITEMS = 1 << 16 };
    struct cut cut = {
        .pass = (uint64_t)mapping->lanes * mapping->elements, .passes = 1, .depth = 1};
    /* Runs share a work-group where its library says so. */
    const uint64_t most = s->run * (mapping->rows > 1 ? mapping->rows : 1);
    if (s->run > 0 && most < cut.pass) cut.pass = most;
    cut_passes(s, mapping, &cut);
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
    cut.ahead = cut.depth > 1 && s->inputs > 0 && psim_stream_taps(s, mapping) == 0;
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

uint64_t
psim_stream_index_bytes(const struct psim_stream *s, uint64_t elements)
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
        g.index =
            psim_add_edge(b, "index_bytes", axis, psim_stream_index_bytes(s, whole),
                          psim_stream_index_bytes(s, last));
        return g;
    }
    g.passes = psim_add_edge(b, "passes", axis, cut->passes, last / whole);
    g.last_passes = last / whole;
    if (last % whole != 0) {
        g.rest = psim_add_edge(b, "rest", axis, 0, last % whole);
        g.once = psim_add_edge(b, "once", axis, 0, 1);
        if (s->index_bytes <= 0) return g;
        g.index = psim_add_edge(b, "index_bytes", axis, 0,
                                psim_stream_index_bytes(s, last % whole));
    }
    return g;
}

/** A tile of a tensor of which a pass takes so many elements, a block at a time. */
static struct psim_box_dim *
add_tile(struct psim_build *b, const struct cut *cut, const char *name, uint8_t tensor,
         uint64_t of_pass)
{
    struct psim_box_dim *dim = psim_tile_dim(b, psim_add_tile(b, name, tensor), 0);
    dim->axis = 0;
    dim->size = (int64_t)b->tensors[tensor].block[0];
    dim->a = (int64_t)(of_pass * cut->passes);
    if (cut->passes > 1) dim->step[0] = (int64_t)of_pass;
    return dim;
}

/** The partial pass of the last item comes behind its whole ones. */
static uint8_t
add_rest_tiles(struct psim_build *b, const struct cut *cut, uint8_t first,
               uint64_t whole_passes)
{
    const uint8_t n = b->kernel->n_tiles;
    for (uint8_t i = first; i < n; i++) {
        const char *name = psim_arena_printf(b->arena, "%s_rest", b->tiles[i].name);
        const uint8_t tile = psim_add_tile(b, name, b->tiles[i].tensor);
        struct psim_box_dim *dim = psim_tile_dim(b, tile, 0);
        *dim = b->tiles[i].dim[0];
        dim->offset += (int64_t)whole_passes * (dim->a / (int64_t)cut->passes);
        dim->step[0] = 0;
    }
    return n;
}

static void
build_index(struct psim_build *b, const struct psim_stream *s, const struct cut *cut)
{
    const uint64_t bytes = psim_stream_index_bytes(s, s->elements);
    const uint64_t each = psim_stream_index_bytes(s, cut->pass * cut->bundle);
    const uint8_t tensor = psim_build_tensor(b, "index", 1, &bytes, &each, 1);
    (void)add_tile(b, cut, "index", tensor, each);
    psim_add_use(b, tensor, (double)bytes, 0);
}

/** A tensor that every pass takes its part of. */
struct taken {
    const char *name;
    uint32_t bytes;    /**< of an element */
    uint64_t elements; /**< in all */
    uint64_t of_pass;
};

/** Inputs whose elements neighbours share: the image of an unfolding, of a window. */
static struct taken
shared_input(const struct psim_part *part, const struct taken *asked)
{
    const struct psim_stream *s = &part->u.stream;
    /* All may lie in the padding; a launch takes its share of the images. */
    const double input =
        s->unfold ? psim_conv2d_input_bytes(s->unfold) / part->launches : s->read_bytes;
    const double all = (double)(asked->elements * asked->bytes);
    return (struct taken){
        .name = asked->name,
        .bytes = asked->bytes,
        .elements = (uint64_t)fmax(input / asked->bytes, 1),
        .of_pass =
            (uint64_t)ceil((double)asked->of_pass * fmax(input, asked->bytes) / all),
    };
}

/** What each load of some taps finds of a pass's share: a part that is its own. */
static void
build_window(struct psim_stream_steps *w, const struct cut *cut,
             const struct taken *input)
{
    struct psim_build *b = w->b;
    const uint32_t whole = w->s->taps / w->taps, rest = w->s->taps % w->taps;
    const uint64_t block = psim_ceil_div(input->of_pass, whole + (rest > 0));
    const uint8_t tensor =
        psim_build_tensor(b, input->name, input->bytes, &input->elements, &block, 1);
    struct psim_box_dim *dim = add_tile(b, cut, input->name, tensor, input->of_pass);
    dim->step[cut->passes > 1] = (int64_t)block;
    psim_add_use(b, tensor, w->s->read_bytes, 0);
    if (rest == 0) return;
    dim = add_tile(b, cut, psim_arena_printf(b->arena, "%s_last", input->name), tensor,
                   input->of_pass);
    dim->offset = (int64_t)(whole * block);
}

static void
build_inputs(struct psim_stream_steps *w, const struct psim_part *part,
             const struct cut *cut)
{
    const struct psim_stream *s = w->s;
    for (uint32_t i = 0; i < s->inputs; i++) {
        const bool last = i + 1 == s->inputs, window = last && s->taps > 1;
        struct taken input = {
            .name = psim_arena_printf(w->b->arena, "in%u", i),
            .bytes = psim_stream_in_bytes(s),
            .elements = s->elements * s->reads,
            .of_pass = cut->pass * cut->bundle * s->reads,
        };
        double all = (double)(input.elements * input.bytes);
        if (s->unfold) all = psim_conv2d_input_bytes(s->unfold) / part->launches;
        if (last && s->read_bytes > 0) all = s->read_bytes;
        if (s->unfold || window) input = shared_input(part, &input);
        if (window && w->taps > 0) {
            build_window(w, cut, &input);
            continue;
        }
        const uint8_t tensor = psim_build_tensor(w->b, input.name, input.bytes,
                                                 &input.elements, &input.of_pass, 1);
        (void)add_tile(w->b, cut, input.name, tensor, input.of_pass);
        psim_add_use(w->b, tensor, all, 0)->constant = s->weights;
    }
}

/**
 * Vectors that hold something for each column. Work-groups that follow one another
 * have the same columns, where the mapping says how many they take.
 */
static void
build_columns(struct psim_stream_steps *w, const struct cut *cut)
{
    struct psim_build *b = w->b;
    const struct psim_stream *s = w->s;
    w->columns = PSIM_NONE;
    if (s->cols == 0) return;
    const uint64_t all = cut->pass * cut->bundle * cut->passes;
    uint64_t cols = w->map->n > 0 ? w->map->n : all;
    if (cols > s->cols) cols = s->cols;
    const uint8_t tensor =
        psim_build_tensor(b, "columns", (uint32_t)s->cols_bytes, &s->cols, &cols, 1);
    w->columns = psim_add_tile(b, "columns", tensor);
    struct psim_box_dim *dim = psim_tile_dim(b, w->columns, 0);
    dim->axis = 0;
    dim->a = 1;
    dim->c = (int64_t)psim_ceil_div(cut->items, psim_ceil_div(s->cols, cols));
    dim->mul = dim->size = (int64_t)cols;
    psim_add_use(b, tensor, (double)s->cols * s->cols_bytes, 0)->constant = true;
}

/** @return the first tile of a pass */
static uint8_t
build_tensors(struct psim_stream_steps *w, const struct psim_part *part,
              const struct cut *cut)
{
    struct psim_build *b = w->b;
    const struct psim_stream *s = w->s;
    build_columns(w, cut);
    const uint8_t first = b->kernel->n_tiles;
    build_inputs(w, part, cut);
    const bool window = w->taps > 0 && s->taps % w->taps > 0;
    w->last_taps = s->inputs > 0 && window ? (uint8_t)s->inputs : PSIM_NONE;
    w->out = (uint8_t)(b->kernel->n_tiles - first);
    const uint64_t of_pass = cut->pass * cut->bundle;
    for (uint32_t i = 0; i < s->outputs; i++) {
        const char *name = psim_arena_printf(b->arena, "out%u", i);
        const uint32_t bytes = psim_stream_out_bytes(s);
        const uint8_t tensor =
            psim_build_tensor(b, name, bytes, &s->elements, &of_pass, 1);
        (void)add_tile(b, cut, name, tensor, of_pass);
        psim_add_use(b, tensor, 0, (double)(s->elements * bytes));
    }
    w->index = (uint8_t)(b->kernel->n_tiles - first);
    if (s->index_bytes > 0) build_index(b, s, cut);
    return first;
}

static void
build_passes(struct psim_stream_steps *w, const struct psim_part *part,
             const struct cut *cut)
{
    struct psim_build *b = w->b;
    const struct grid grid = build_grid(b, w->s, cut);
    const uint8_t first = build_tensors(w, part, cut);
    w->trips = grid.passes;
    w->once = grid.once;
    w->loops = cut->passes > 1;
    w->whole =
        (struct psim_stream_pass){cut->pass * cut->bundle, PSIM_NONE, PSIM_NONE, first};
    if (!w->loops) {
        w->whole = (struct psim_stream_pass){1, grid.elements, grid.index, first};
    } else if (grid.rest != PSIM_NONE) {
        const uint8_t tile = add_rest_tiles(b, cut, first, grid.last_passes);
        w->rest = (struct psim_stream_pass){1, grid.rest, grid.index, tile};
    }
    if (w->s->inputs > 0) w->channel = psim_add_channel(b, "loads", cut->depth, 0);
    if (w->s->index_bytes > 0) {
        w->index_channel = psim_add_channel(b, "indices", cut->depth, 0);
    }
    if (cut->ahead) psim_stream_add_role(w, true, false);
    psim_stream_add_role(w, !cut->ahead, true);
}

/** Some kernels load by another operation than the widest. */
static bool
load_by(struct psim_build *b, const struct psim_operation *op)
{
    const int registers = psim_hw_memory(b->hw, "registers");
    const bool loads = op->link < 0 && op->from == b->hw->main_memory &&
                       (op->to < 0 || op->to == registers);
    if (!loads || b->access.local >= 0) {
        return psim_build_refuse(b, "'%s' does not load what the lanes need", op->name);
    }
    b->access.load = op;
    return true;
}

bool
psim_stream_build(struct psim_build *b, const struct psim_part *part,
                  const struct psim_mapping *mapping)
{
    const struct psim_stream *s = &part->u.stream;
    psim_build_view_from(b, psim_stream_issuer(b->hw, s), mapping->pace_cycles);
    if (mapping->copy && !load_by(b, mapping->copy)) return false;
    const struct cut cut =
        b->view.team >= 0 ? cut_for_team(b, s, mapping) : cut_for_lanes(b, s, mapping);
    b->gang_lanes = (uint32_t)b->view.lanes;
    if (b->view.team >= 0) b->gang_lanes = (uint32_t)(mapping->lanes * cut.bundle);
    struct psim_kernel *k = psim_build_kernel(b, part->name);
    k->at = part->op->at;
    k->flop = s->flop;
    k->bundle = (uint32_t)cut.bundle;
    struct psim_stream_steps w = {
        .b = b, .s = s, .map = mapping, .taps = psim_stream_taps(s, mapping)};
    build_passes(&w, part, &cut);
    k->start_act = psim_act_start(b, NULL);
    const struct psim_need need = {
        .lanes = b->gang_lanes,
        .registers = mapping->registers,
        .local = b->access.local,
        .local_bytes = (double)cut.pass * psim_stream_staged_bytes(s),
    };
    return psim_build_end(b, &need, PSIM_DISPATCH_EACH, mapping->resident);
}
