/* SPDX-License-Identifier: MIT */
/** @file Reasons that stand in a machine's file: figures, counts, rates made of them.
 */
#include <math.h>
#include <string.h>

#include "explain/why.h"
#include "util/arena.h"
#include "util/str.h"

/** The value as it stands in its file: up to what ends it in YAML or JSON. */
static const char *
written(struct psim_why *w, struct psim_loc at)
{
    if (!at.source || at.line == 0) return NULL;
    const char *text = at.source->text + psim_source_offset(at);
    const char *end = at.source->text + at.source->len;
    const char quote = *text == '"' || *text == '\'' ? *text : '\0';
    size_t len = 0;
    if (quote) {
        for (len = 1; text + len < end && text[len] != quote && text[len] != '\n';) {
            len++;
        }
        return psim_arena_copy(w->arena, text + 1, len - 1);
    }
    while (text + len < end && !strchr(",}]\n\r", text[len])) {
        if (text[len] == ' ' && text[len + 1] == '#') break;
        len++;
    }
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    return psim_arena_copy(w->arena, text, len);
}

const struct psim_reason *
psim_why_figure(struct psim_why *w, const char *name, const struct psim_figure *figure)
{
    if (!figure->given) return NULL;
    const struct psim_reason *known = psim_why_known(w, figure, 0);
    if (known) return known;
    struct psim_reason *leaf =
        psim_why_new(w, PSIM_REASON_FIGURE, name, figure->value, figure->dim);
    leaf->at = figure->at;
    leaf->written = written(w, figure->at);
    leaf->confidence = figure->confidence;
    leaf->source = figure->source;
    return psim_why_keep(w, figure, 0, leaf);
}

const struct psim_reason *
psim_why_count(struct psim_why *w, const char *name, double value, struct psim_loc at)
{
    struct psim_reason *leaf =
        psim_why_new(w, PSIM_REASON_FIGURE, name, value, PSIM_DIM_NONE);
    leaf->at = at;
    leaf->written = written(w, at);
    return leaf;
}

const struct psim_reason *
psim_why_clock(struct psim_why *w, int group)
{
    const struct psim_figure *clock = psim_hw_clock(w->hw, group);
    if (clock) return psim_why_figure(w, "clock", clock);
    struct psim_reason *rule = psim_why_new(
        w, PSIM_REASON_RULE, "clock", w->hw->groups[group].clock_hz, PSIM_DIM_HERTZ);
    rule->doc = "no clock is given: assumed";
    rule->at = w->hw->at;
    return rule;
}

const struct psim_reason *
psim_why_seconds(struct psim_why *w, const char *name, const struct psim_figure *figure,
                 int group, double value_s)
{
    if (!figure->given) return NULL;
    if (figure->dim != PSIM_DIM_CYCLES) return psim_why_figure(w, name, figure);
    const struct psim_reason *known = psim_why_known(w, figure, 1);
    if (known) return known;
    return psim_why_keep(
        w, figure, 1,
        psim_why_of(w, name, value_s, PSIM_DIM_SECONDS, "$0 / $1",
                    psim_why_figure(w, psim_why_text(w, "cycles of %s", name), figure),
                    psim_why_clock(w, group), NULL));
}

/** Of how many parts of that kind a group is made. */
static const struct psim_reason *
parts_of(struct psim_why *w, int part)
{
    const struct psim_group *groups = w->hw->groups;
    const struct psim_group *whole = &groups[groups[part].parent];
    for (size_t c = 0; c < whole->n_children; c++) {
        if (whole->child[c] != part || whole->number[c] == 1) continue;
        return psim_why_count(
            w, psim_why_text(w, "'%s' of a '%s'", groups[part].name, whole->name),
            (double)whole->number[c], whole->number_at[c]);
    }
    return NULL;
}

const struct psim_reason *
psim_why_instances(struct psim_why *w, int inner, int outer)
{
    const struct psim_group *groups = w->hw->groups;
    const double value = psim_group_count(w->hw, inner, outer);
    if (value <= 1) return NULL;
    const uint64_t which = (uint64_t)outer + 2;
    const struct psim_reason *known = psim_why_known(w, &groups[inner], which);
    if (known) return known;
    struct psim_reason *all = psim_why_new(
        w, PSIM_REASON_FORMULA,
        psim_why_text(w, "'%s' of a '%s'", groups[inner].name, groups[outer].name),
        value, PSIM_DIM_NONE);
    for (int at = inner; at != outer && at >= 0; at = groups[at].parent) {
        psim_reason_times(w->arena, all, parts_of(w, at));
    }
    const bool single = all->n_parts == 1;
    return psim_why_keep(w, &groups[inner], which, single ? all->parts[0] : all);
}

static bool
is_a_cycle(enum psim_dim dim)
{
    return dim == PSIM_DIM_OP_PER_CYCLE || dim == PSIM_DIM_FLOP_PER_CYCLE ||
           dim == PSIM_DIM_BYTES_PER_CYCLE;
}

/** Lanes of a group, where an operation does not say how many elements it takes. */
static const struct psim_reason *
lanes_of(struct psim_why *w, int group)
{
    const struct psim_group *g = &w->hw->groups[group];
    const double lanes = psim_group_lanes(w->hw, group);
    if (lanes == 1) return NULL;
    const bool plain = g->n_children == 0 && g->number[0] == lanes;
    return psim_why_count(w, psim_why_text(w, "lanes of a '%s'", g->name), lanes,
                          plain || g->n_children == 1 ? g->number_at[0] : g->at);
}

/** 2 m n k of an instruction. */
static const struct psim_reason *
tile_flop(struct psim_why *w, const struct psim_operation *op, enum psim_dtype dtype)
{
    const struct psim_mma *mma = &op->by[dtype].mma;
    const char *const names[] = {"m", "n", "k"};
    const double sides[] = {mma->m, mma->n, mma->k};
    struct psim_reason *flop = psim_why_of(
        w, "FLOP of an instruction", 2.0 * mma->m * mma->n * mma->k, PSIM_DIM_FLOP,
        "$0", psim_why_rule(w, "FLOP of a multiply-add", 2, PSIM_DIM_NONE, "eq. F1"),
        NULL);
    for (size_t i = 0; i < PSIM_COUNT(sides); i++) {
        struct psim_reason *side =
            psim_why_new(w, PSIM_REASON_FIGURE, psim_why_text(w, "tile.%s", names[i]),
                         sides[i], PSIM_DIM_NONE);
        side->at = op->at;
        psim_reason_times(w->arena, flop, side);
    }
    flop->equation = "eq. F1";
    return flop;
}

const struct psim_reason *
psim_why_invocation(struct psim_why *w, const struct psim_operation *op,
                    enum psim_dtype dtype)
{
    const struct psim_rate_of *rate = &op->by[dtype];
    if (op->does == PSIM_DOES_MATMUL) return tile_flop(w, op, dtype);
    if (!op->moves) {
        const struct psim_reason *elements =
            psim_why_figure(w, "elements", &rate->elements);
        return elements ? elements : lanes_of(w, op->group);
    }
    if (op->width.given) return psim_why_figure(w, "width", &op->width);
    return psim_why_of(w, "width", rate->lanes, PSIM_DIM_BYTES,
                       lanes_of(w, op->group) ? "$0 x $1" : "$0",
                       psim_why_rule(w, "bytes of a lane", 4, PSIM_DIM_BYTES, "eq. M1"),
                       lanes_of(w, op->group), NULL);
}

const struct psim_reason *
psim_why_rate(struct psim_why *w, const struct psim_operation *op,
              enum psim_dtype dtype, bool peak)
{
    const struct psim_rate_of *rate = &op->by[dtype];
    if (!rate->throughput.given) return NULL;
    const struct psim_reason *known = psim_why_known(w, rate, peak);
    if (known) return known;
    const bool matrix = op->does == PSIM_DOES_MATMUL;
    struct psim_reason *all = psim_why_new(
        w, PSIM_REASON_FORMULA,
        psim_why_text(w, "%s of '%s'", peak ? "peak of a pipe" : "rate of a pipe",
                      op->name),
        peak ? rate->peak_per_s : rate->lane_ops_per_s,
        matrix      ? PSIM_DIM_FLOP_PER_S
        : op->moves ? PSIM_DIM_BYTES_PER_S
                    : PSIM_DIM_OP_PER_S);
    const enum psim_dim dim = rate->throughput.dim;
    all->equation = "eq. M1";
    psim_reason_times(w->arena, all,
                      psim_why_figure(w, "throughput", &rate->throughput));
    if (is_a_cycle(dim)) {
        psim_reason_times(w->arena, all,
                          op->clock.given ? psim_why_figure(w, "clock", &op->clock)
                                          : psim_why_clock(w, op->group));
    }
    if (dim == PSIM_DIM_OP_PER_CYCLE || dim == PSIM_DIM_OP_PER_S) {
        psim_reason_times(w->arena, all, psim_why_invocation(w, op, dtype));
    } else if (!matrix && !op->moves) {
        psim_reason_over(w->arena, all,
                         psim_why_rule(w, "FLOP of a lane operation",
                                       psim_primitive_flop(op->does), PSIM_DIM_NONE,
                                       "eq. F1"));
    }
    if (!peak) {
        psim_reason_times(w->arena, all, psim_why_figure(w, "achieved", &op->achieved));
    }
    return psim_why_keep(w, rate, peak, all);
}

const struct psim_reason *
psim_why_peak(struct psim_why *w, const struct psim_operation *op,
              enum psim_dtype dtype)
{
    const int group = op->pipe_group >= 0 ? op->pipe_group : op->group;
    const bool lane_ops = op->does != PSIM_DOES_MATMUL && !op->moves;
    struct psim_reason *all =
        psim_why_new(w, PSIM_REASON_FORMULA, psim_why_text(w, "peak of '%s'", op->name),
                     psim_hw_peak_per_s(w->hw, op, dtype),
                     op->moves ? PSIM_DIM_BYTES_PER_S : PSIM_DIM_FLOP_PER_S);
    all->equation = "eq. M1";
    psim_reason_times(w->arena, all, psim_why_rate(w, op, dtype, true));
    psim_reason_times(
        w->arena, all,
        psim_why_instances(w, psim_group_hardware(w->hw, group), w->hw->root));
    if (op->n_pipes > 1) {
        psim_reason_times(w->arena, all,
                          psim_why_count(w, psim_why_text(w, "pipes of '%s'", op->name),
                                         (double)op->n_pipes, op->at));
    }
    if (lane_ops) {
        psim_reason_times(w->arena, all,
                          psim_why_rule(w, "FLOP of a lane operation",
                                        psim_primitive_flop(op->does), PSIM_DIM_NONE,
                                        "eq. F1"));
    }
    return all;
}

const struct psim_reason *
psim_why_memory_rate(struct psim_why *w, int memory, enum psim_why_rate_of which)
{
    const struct psim_memory *m = &w->hw->memories[memory];
    const uint64_t key = (uint64_t)which + 4;
    const struct psim_reason *known = psim_why_known(w, m, key);
    if (known || !m->bandwidth.given) return known;
    const struct {
        const char *name;
        const struct psim_figure *part;
        double value;
    } rows[] = {
        [PSIM_WHY_PEAK] = {"peak", NULL, m->peak_bytes_per_s},
        [PSIM_WHY_READ] = {"rate of reads", &m->read, m->read_bytes_per_s},
        [PSIM_WHY_WRITE] = {"rate of writes", &m->write, m->write_bytes_per_s},
        [PSIM_WHY_MIXED] = {"rate of writes among reads", &m->mixed,
                            m->mixed_bytes_per_s},
        [PSIM_WHY_SCATTERED] = {"rate of accesses apart", &m->scattered,
                                m->scattered_bytes_per_s},
    };
    struct psim_reason *rate = psim_why_new(
        w, PSIM_REASON_FORMULA, psim_why_text(w, "%s of %s", rows[which].name, m->name),
        rows[which].value, PSIM_DIM_BYTES_PER_S);
    rate->equation = "eq. M6";
    psim_reason_times(w->arena, rate, psim_why_figure(w, "bandwidth", &m->bandwidth));
    if (is_a_cycle(m->bandwidth.dim)) {
        psim_reason_times(w->arena, rate, psim_why_clock(w, m->group));
    }
    if (rows[which].part) {
        psim_reason_times(w->arena, rate,
                          psim_why_figure(w, "achieved", rows[which].part));
    }
    const bool plain = rate->n_parts == 1;
    return psim_why_keep(w, m, key, plain ? rate->parts[0] : rate);
}

const struct psim_reason *
psim_why_memory_peak(struct psim_why *w, int memory)
{
    const struct psim_memory *m = &w->hw->memories[memory];
    const struct psim_reason *each = psim_why_memory_rate(w, memory, PSIM_WHY_PEAK);
    const struct psim_reason *n = psim_why_instances(w, m->group, w->hw->root);
    if (!each || !n) return each;
    return psim_why_of(w, psim_why_text(w, "peak of all %s", m->name),
                       m->peak_bytes_per_s * (double)w->hw->groups[m->group].total,
                       PSIM_DIM_BYTES_PER_S, "$0 x $1", each, n, NULL);
}

const struct psim_reason *
psim_why_latency(struct psim_why *w, int memory, bool write)
{
    const struct psim_memory *m = &w->hw->memories[memory];
    const struct psim_figure *own = write ? &m->write_latency : &m->latency;
    if (!own->given && m->part_of >= 0) return psim_why_latency(w, m->part_of, write);
    return psim_why_seconds(
        w, psim_why_text(w, "%slatency of %s", write ? "write " : "", m->name), own,
        m->group, write ? m->write_latency_s : m->latency_s);
}

const struct psim_reason *
psim_why_port_rate(struct psim_why *w, int memory)
{
    const struct psim_memory *m = &w->hw->memories[memory];
    const struct psim_reason *known = psim_why_known(w, m, 2);
    if (known) return known;
    const char *name = psim_why_text(w, "rate of a port of %s", m->name);
    struct psim_reason *stated = psim_why_new(
        w, PSIM_REASON_FORMULA, name, m->port_bytes_per_s, PSIM_DIM_BYTES_PER_S);
    psim_reason_times(w->arena, stated,
                      psim_why_figure(w, "bandwidth of the port", &m->port_bandwidth));
    if (is_a_cycle(m->port_bandwidth.dim)) {
        psim_reason_times(w->arena, stated, psim_why_clock(w, m->port_of));
    }
    if (!m->port_in_flight.given || m->latency_s <= 0) {
        return psim_why_keep(w, m, 2, stated);
    }
    const struct psim_reason *flight =
        psim_why_figure(w, "bytes in flight", &m->port_in_flight);
    const struct psim_reason *latency = psim_why_latency(w, memory, false);
    struct psim_reason *port;
    if (stated->n_parts == 0) {
        port = psim_why_of(w, name, m->port_bytes_per_s, PSIM_DIM_BYTES_PER_S,
                           "$0 / $1", flight, latency, NULL);
    } else {
        stated->name = psim_why_text(w, "bandwidth of a port of %s", m->name);
        stated->value = psim_reason_evaluate(stated);
        port = psim_why_of(w, name, m->port_bytes_per_s, PSIM_DIM_BYTES_PER_S,
                           "min($0, $1 / $2)", stated, flight, latency, NULL);
    }
    port->equation = "eq. M2";
    return psim_why_keep(w, m, 2, port);
}
