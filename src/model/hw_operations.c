/* SPDX-License-Identifier: MIT */
/** @file Operations: who issues them, on which pipe, between which memories, how fast.
 */
#include <math.h>
#include <string.h>

#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

static const char *
excerpt(const struct psim_hw_build *b, const char *text)
{
    return psim_str_excerpt(b->diag->arena, text);
}

/** An invocation spreads over the pipes below its issuer, or shares one above it. */
static bool
check_reach(struct psim_hw_build *b, const struct psim_word *word,
            const struct psim_operation *op)
{
    const int issuer = psim_group_hardware(b->hw, op->group);
    if (!b->has_tree || psim_group_within(b->hw, op->pipe_group, issuer) ||
        psim_group_within(b->hw, issuer, op->pipe_group)) {
        return true;
    }
    return psim_error(
        b->diag, word->at,
        "pipe: '%s' neither lies in '%s', which issues the operation, nor "
        "contains it",
        psim_str_excerpt(b->diag->arena, b->groups[op->pipe_group].name),
        psim_str_excerpt(b->diag->arena, b->groups[issuer].name));
}

/** "sm.lsu": the group that has the pipe, and its name; all of a list in one group. */
static bool
read_pipes(struct psim_hw_build *b, const struct psim_words *words,
           struct psim_operation *op)
{
    op->pipe_group = -1;
    if (words->n > PSIM_COUNT(op->pipe)) {
        return psim_error(b->diag, words->items[PSIM_COUNT(op->pipe)].at,
                          "pipe: more than %zu to choose from", PSIM_COUNT(op->pipe));
    }
    for (size_t i = 0; i < words->n; i++) {
        const struct psim_word *word = &words->items[i];
        const char *dot = strrchr(word->text, '.');
        if (!dot || dot == word->text || dot[1] == '\0') {
            return psim_error(b->diag, word->at,
                              "pipe: '%s' names no group; 'group.name' is needed",
                              psim_str_excerpt(b->diag->arena, word->text));
        }
        const struct psim_word group = {
            psim_arena_copy(b->arena, word->text, (size_t)(dot - word->text)),
            word->at};
        const int found = psim_hw_need_group(b, "pipe", &group);
        if (found < 0) return false;
        if (b->groups[found].software) {
            return psim_error(b->diag, word->at,
                              "pipe: '%s' is software; a hardware group has pipes",
                              psim_str_excerpt(b->diag->arena, group.text));
        }
        if (op->pipe_group >= 0 && found != op->pipe_group) {
            return psim_error(
                b->diag, word->at,
                "pipe: pipes of different groups; a list must stay in one");
        }
        op->pipe_group = found;
        op->pipe[op->n_pipes++] = dot + 1;
    }
    return op->n_pipes == 0 || op->group < 0 || check_reach(b, &words->items[0], op);
}

/** "registers" means the lanes' own where no memory has that name. */
static int
read_home(struct psim_hw_build *b, const char *key, const struct psim_word *word,
          bool *ok)
{
    if (psim_hw_memory(b->hw, word->text) < 0 &&
        psim_str_equal(word->text, "registers")) {
        return -1;
    }
    const int found = psim_hw_need_memory(b, key, word);
    if (found < 0) *ok = false;
    return found;
}

/** What moves between a link and the memory of the tensors, by itself. */
static bool
read_engine(struct psim_hw_build *b, const struct psim_raw_operation *raw,
            const int links[2], struct psim_operation *op)
{
    op->link = links[0] >= 0 ? links[0] : links[1];
    if ((links[0] >= 0 ? op->to : op->from) != b->hw->main_memory) {
        return psim_error(b->diag, raw->moves.items[links[0] >= 0].at,
                          "moves: over '%s' to or from '%s' is needed, the memory of "
                          "the tensors",
                          excerpt(b, b->links[op->link].name),
                          excerpt(b, b->memories[b->hw->main_memory].name));
    }
    const int across = b->links[op->link].group;
    if (op->group < 0 || across < 0 || !b->has_tree) return true;
    const bool hardware = !b->groups[op->group].software;
    if (hardware && psim_group_within(b->hw, op->group, across)) return true;
    return psim_error(b->diag, raw->supported_by.at,
                      "supported_by: '%s' moves data over '%s'; '%s' is needed, or a "
                      "hardware group in it",
                      excerpt(b, op->name), excerpt(b, b->links[op->link].name),
                      excerpt(b, b->groups[across].name));
}

static bool
read_moves(struct psim_hw_build *b, const struct psim_raw_operation *raw,
           struct psim_operation *op)
{
    op->from = op->to = op->link = -1;
    if (raw->moves.n == 0) return true;
    if (raw->moves.n != 2) {
        return psim_error(b->diag, raw->moves.items[0].at,
                          "moves: [from, to] is needed, two memories");
    }
    bool ok = true;
    op->moves = true;
    const int links[] = {psim_hw_link(b->hw, raw->moves.items[0].text),
                         psim_hw_link(b->hw, raw->moves.items[1].text)};
    if (links[0] < 0) op->from = read_home(b, "moves", &raw->moves.items[0], &ok);
    if (links[1] < 0) op->to = read_home(b, "moves", &raw->moves.items[1], &ok);
    if (links[0] >= 0 || links[1] >= 0) return ok && read_engine(b, raw, links, op);
    if (ok && op->from == op->to) {
        ok = psim_error(b->diag, raw->moves.items[1].at,
                        "moves: from and to are the same memory");
    }
    return ok;
}

/** One of m, n, k: plain counts. */
struct tile_counts {
    uint64_t m, n, k;
};

/* clang-format off */
#define AT(member) .offset = offsetof(struct tile_counts, member)
const struct psim_field psim_hw_tile_fields[] = {
    {.key = "m", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(m), .doc = "rows"},
    {.key = "n", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(n), .doc = "columns"},
    {.key = "k", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 65536, AT(k), .doc = "depth"},
    {0},
};
#undef AT
/* clang-format on */

static bool
read_one_tile(struct psim_hw_build *b, const struct psim_node *node,
              struct psim_mma *ret)
{
    struct tile_counts counts;
    if (!psim_bind(b->arena, b->diag, node, psim_hw_tile_fields, NULL, &counts)) {
        return false;
    }
    *ret =
        (struct psim_mma){(uint32_t)counts.m, (uint32_t)counts.n, (uint32_t)counts.k};
    return true;
}

static bool
read_tiles(struct psim_hw_build *b, const struct psim_node *node,
           struct psim_operation *op)
{
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        op->by[t].mma = (struct psim_mma){1, 1, 1};
    }
    if (!node) return true;
    if (node->kind != PSIM_NODE_MAP) {
        return psim_error(b->diag, node->at,
                          "tile: {m: ..., n: ..., k: ...} is needed");
    }
    if (psim_node_find(node, "m") || !node->first) {
        struct psim_mma one;
        if (!read_one_tile(b, node, &one)) return false;
        for (int t = 0; t < PSIM_N_DTYPES; t++) {
            op->by[t].mma = one;
        }
        return true;
    }
    bool ok = true;
    for (const struct psim_node *n = node->first; n; n = n->next) {
        const struct psim_choice *c = psim_dtype_choices;
        while (c->word && !psim_str_equal(c->word, n->key)) {
            c++;
        }
        ok = (c->word
                  ? read_one_tile(b, n, &op->by[c->value].mma)
                  : psim_bind_unknown(b->diag, n, "data type", psim_dtype_choices)) &&
             ok;
    }
    return ok;
}

/** One figure for all data types has one place, those of a map have one each. */
static bool
is_one_figure(const struct psim_figure figures[PSIM_N_DTYPES])
{
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        if (!figures[t].given || figures[t].at.line != figures[0].at.line ||
            figures[t].at.column != figures[0].at.column) {
            return false;
        }
    }
    return true;
}

static void
find_dtypes(const struct psim_raw_operation *raw, struct psim_operation *op)
{
    op->one_throughput = is_one_figure(raw->throughput);
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        const bool listed = raw->dtypes >> t & 1;
        const bool implied =
            raw->dtypes == 0 && (op->moves || raw->throughput[t].given);
        op->by[t].supported = listed || implied;
    }
}

static bool
rate_fits(const struct psim_operation *op, enum psim_dim dim)
{
    const bool bytes = dim == PSIM_DIM_BYTES_PER_S || dim == PSIM_DIM_BYTES_PER_CYCLE;
    const bool flop = dim == PSIM_DIM_FLOP_PER_S || dim == PSIM_DIM_FLOP_PER_CYCLE;
    if (op->moves) return !flop;
    return !bytes && (!flop || psim_primitive_flop(op->does) > 0);
}

/** Rate of one pipe in what programs count: FLOP, lane operations or bytes. */
static void
find_rate(struct psim_hw_build *b, const struct psim_raw_operation *raw,
          struct psim_operation *op, int t)
{
    struct psim_rate_of *rate = &op->by[t];
    const double hz =
        raw->clock.given ? raw->clock.value : b->groups[op->group].clock_hz;
    const double lanes = psim_group_lanes(b->hw, op->group);
    rate->throughput = raw->throughput[t];
    rate->latency = raw->latency[t];
    rate->elements = raw->elements[t];
    rate->energy = raw->energy[t];
    rate->latency_s = psim_hw_seconds(&raw->latency[t], hz);
    rate->lanes = raw->elements[t].given ? raw->elements[t].value : lanes;
    double work = rate->lanes;
    if (op->does == PSIM_DOES_MATMUL) {
        work = 2.0 * rate->mma.m * rate->mma.n * rate->mma.k;
    } else if (op->moves) {
        rate->lanes = raw->width.given ? raw->width.value : 4 * lanes;
        work = rate->lanes;
    }
    if (!raw->throughput[t].given) return;
    const enum psim_dim dim = raw->throughput[t].dim;
    const bool per_cycle = dim == PSIM_DIM_OP_PER_CYCLE ||
                           dim == PSIM_DIM_FLOP_PER_CYCLE ||
                           dim == PSIM_DIM_BYTES_PER_CYCLE;
    double per_s = raw->throughput[t].value * (per_cycle ? hz : 1);
    if (dim == PSIM_DIM_OP_PER_CYCLE || dim == PSIM_DIM_OP_PER_S) {
        per_s *= work;
    } else if (op->does != PSIM_DOES_MATMUL && !op->moves) {
        per_s /= psim_primitive_flop(op->does);
    }
    rate->peak_per_s = per_s;
    rate->lane_ops_per_s = per_s * (raw->achieved.given ? raw->achieved.value : 1);
}

static bool
check_rates(struct psim_hw_build *b, const struct psim_raw_operation *raw,
            struct psim_operation *op)
{
    bool any = false;
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        if (!op->by[t].supported) continue;
        any = true;
        const struct psim_figure *figure = &raw->throughput[t];
        if (!figure->given && !op->moves) {
            return psim_error(
                b->diag, raw->throughput_at.line ? raw->throughput_at : raw->name.at,
                "throughput: '%s' has none for %s; one is needed for each supported "
                "data type",
                psim_str_excerpt(b->diag->arena, op->name),
                psim_dtype_name((enum psim_dtype)t));
        }
        if (figure->given && !rate_fits(op, figure->dim)) {
            const bool flop = !op->moves && psim_primitive_flop(op->does) > 0;
            return psim_error(b->diag, figure->at,
                              "throughput: a %s of an operation that %s; %s is needed",
                              psim_dim_name(figure->dim),
                              op->moves ? "moves data"
                              : flop    ? "computes"
                                        : "does no FLOP",
                              op->moves ? "B/s, B/cycle, op/s or op/cycle"
                              : flop    ? "op/s, op/cycle, FLOP/s or FLOP/cycle"
                                        : "op/s or op/cycle");
        }
        if (b->has_tree) find_rate(b, raw, op, t);
    }
    if (!any) {
        return psim_error(
            b->diag, raw->name.at,
            "supported_data_types: '%s' supports none; a list, or a map of "
            "'throughput' by data type, is needed",
            psim_str_excerpt(b->diag->arena, op->name));
    }
    return true;
}

/** Figures of a map by data type that no data type of the list asks for. */
static bool
check_map(struct psim_hw_build *b, const struct psim_raw_operation *raw,
          const char *key, const struct psim_figure figures[PSIM_N_DTYPES])
{
    bool ok = true;
    if (is_one_figure(figures)) return true;
    for (int t = 0; t < PSIM_N_DTYPES && raw->dtypes != 0; t++) {
        if (!figures[t].given || raw->dtypes >> t & 1) continue;
        ok = psim_error(b->diag, figures[t].at,
                        "%s: %s is not among 'supported_data_types'", key,
                        psim_dtype_name((enum psim_dtype)t));
    }
    return ok;
}

/** An operation is known by its name, its issuer and a data type. */
static bool
check_twins(struct psim_hw_build *b, const struct psim_raw_operation *raw, size_t index)
{
    const struct psim_operation *op = &b->operations[index];
    for (size_t i = 0; i < index; i++) {
        const struct psim_operation *other = &b->operations[i];
        if (!psim_str_equal(op->name, other->name) || op->group != other->group) {
            continue;
        }
        for (int t = 0; t < PSIM_N_DTYPES; t++) {
            if (!op->by[t].supported || !other->by[t].supported) continue;
            psim_error(b->diag, raw[index].name.at,
                       "name: operation '%s' of '%s' is given twice for %s",
                       psim_str_excerpt(b->diag->arena, op->name),
                       psim_str_excerpt(b->diag->arena, raw[index].supported_by.text),
                       psim_dtype_name((enum psim_dtype)t));
            psim_note(b->diag, raw[i].name.at, "first given here");
            return false;
        }
    }
    return true;
}

/** The most work-groups that one move can feed: the size of the named bundle. */
static bool
read_multicast(struct psim_hw_build *b, const struct psim_word *word,
               struct psim_operation *op)
{
    op->multicast_group = -1;
    if (!word->text) return true;
    const int group = psim_hw_need_group(b, "multicast", word);
    if (group < 0) return false;
    op->multicast_group = group;
    op->multicast = b->groups[group].number[0];
    return true;
}

static bool
read_one(struct psim_hw_build *b, const struct psim_raw_operation *raw,
         struct psim_operation *op)
{
    op->name = raw->name.text;
    op->at = raw->at;
    op->invocation = raw->invocation_name.text;
    op->native = raw->native_implementation.text;
    op->asynchronous = raw->asynchronous;
    op->issue = raw->issue;
    op->issue_slots = raw->issue.given ? raw->issue.value : 1;
    op->align = raw->align;
    op->width = raw->width;
    op->achieved = raw->achieved;
    op->clock = raw->clock;
    op->setup = raw->setup;
    op->align_bytes = raw->align.given ? raw->align.value : 1;
    op->does = (enum psim_primitive)raw->does;
    op->group = psim_hw_need_group(b, "supported_by", &raw->supported_by);
    bool ok = op->group >= 0;
    if (ok) op->setup_s = psim_hw_seconds(&raw->setup, b->groups[op->group].clock_hz);
    ok = read_moves(b, raw, op) && ok;
    if (!op->moves && op->does == PSIM_DOES_NOTHING_KNOWN) {
        op->does = psim_primitive_guess(op->name);
        if (op->does == PSIM_DOES_NOTHING_KNOWN && op->invocation) {
            op->does = psim_primitive_guess(op->invocation);
        }
    }
    ok = read_pipes(b, &raw->pipe, op) && ok;
    for (size_t i = 0; i < PSIM_COUNT(op->operand); i++) {
        op->operand[i] = -1;
        if (!raw->operands.home[i].text) continue;
        op->operand[i] = read_home(b, "operands", &raw->operands.home[i], &ok);
    }
    ok = psim_hw_read_capacities(b, "take", raw->take, &op->take) && ok;
    ok = psim_hw_check_takes(b, &op->take) && ok;
    ok = read_tiles(b, raw->tile, op) && ok;
    ok = read_multicast(b, &raw->multicast, op) && ok;
    ok = check_map(b, raw, "throughput", raw->throughput) && ok;
    ok = check_map(b, raw, "latency", raw->latency) && ok;
    ok = check_map(b, raw, "elements", raw->elements) && ok;
    ok = check_map(b, raw, "energy", raw->energy) && ok;
    find_dtypes(raw, op);
    return ok && check_rates(b, raw, op);
}

void
psim_hw_read_operation_nodes(struct psim_hw_build *b)
{
    const struct psim_raw_operation *raw = b->raw->operations.items;
    for (size_t i = 0; i < b->raw->operations.n; i++) {
        struct psim_operation unused = {0};
        (void)read_tiles(b, raw[i].tile, &unused);
    }
}

bool
psim_hw_build_operations(struct psim_hw_build *b)
{
    const struct psim_raw_operation *raw = b->raw->operations.items;
    bool ok = true;
    for (size_t i = 0; i < b->raw->operations.n; i++) {
        ok = read_one(b, &raw[i], &b->operations[i]) && ok;
        b->hw->n_operations = i + 1;
        ok = check_twins(b, raw, i) && ok;
    }
    return ok;
}
