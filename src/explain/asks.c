/* SPDX-License-Identifier: MIT */
/** @file What one origin asks of a server: rates of the machine, as far as each is
 * used.
 */
#include "explain/asks.h"

#include "util/arena.h"

/** Instances that a server stands for, of what hangs on a group. */
static const struct psim_reason *
merged(struct psim_why_kernel *k, int group, double value)
{
    if (value == 1) return NULL;
    const struct psim_reason *n = psim_why_instances(k->w, group, k->unit);
    if (n && n->value == value) return n;
    return psim_why_count(k->w, "instances in one", value, k->w->hw->groups[group].at);
}

const struct psim_reason *
psim_why_number(struct psim_why_kernel *k, const char *name, double value,
                enum psim_dim dim)
{
    struct psim_reason *counted =
        psim_why_new(k->w, PSIM_REASON_COUNTED, name, value, dim);
    counted->at = k->kernel->at;
    return counted;
}

/** The same where it is not one. */
static const struct psim_reason *
number_but_one(struct psim_why_kernel *k, const char *name, double value)
{
    return value == 1 ? NULL : psim_why_number(k, name, value, PSIM_DIM_NONE);
}

/** units / (rate x pipes to choose from x pipes) */
static const struct psim_reason *
pipe_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_operation *op = o->op;
    const struct psim_reason *rate = psim_why_rate(k->w, op, o->dtype, false);
    if (!rate) return NULL;
    const int own = psim_group_hardware(k->w->hw, op->group);
    const int group = op->pipe_group >= 0 ? op->pipe_group : own;
    struct psim_reason *s = psim_why_new(
        k->w, PSIM_REASON_FORMULA, psim_why_text(k->w, "time of one '%s'", op->name),
        o->s, PSIM_DIM_SECONDS);
    s->equation = "eq. M1";
    psim_reason_times(
        k->w->arena, s,
        number_but_one(k, op->moves ? "pieces" : "operations for one", o->units));
    psim_reason_over(k->w->arena, s, rate);
    psim_reason_over(k->w->arena, s, number_but_one(k, "pipes to choose from", o->per));
    psim_reason_over(k->w->arena, s, merged(k, group, o->merged));
    return s;
}

/** Instructions beside the program's own: a figure of a library's tile, or counted. */
static const struct psim_reason *
other_instructions(struct psim_why_kernel *k, double n)
{
    const char *name = "instructions";
    const struct psim_mapping *m = &k->launched->chosen->mapping[k->launched->part];
    const struct psim_menu_tile *t = m->tile;
    const struct psim_figure *stated[] = {
        t ? &t->instructions : NULL, t ? &t->fixed : NULL,  t ? &t->idle : NULL,
        t ? &t->masked : NULL,       t ? &t->padded : NULL,
    };
    for (size_t i = 0; i < PSIM_COUNT(stated); i++) {
        if (stated[i] && stated[i]->given && stated[i]->value == n) {
            return psim_why_figure(k->w, name, stated[i]);
        }
    }
    return psim_why_number(k, name, n, PSIM_DIM_NONE);
}

/** What one invocation does, as the file says where it does; for so many lanes. */
static const struct psim_reason *
work_of_one(struct psim_why_kernel *k, const struct psim_origin *o)
{
    if (!o->op) return number_but_one(k, "lanes that start together", o->per);
    const struct psim_reason *stated = psim_why_invocation(k->w, o->op, o->dtype);
    if (stated && stated->value == o->per) return stated;
    return number_but_one(k,
                          o->op->moves ? "bytes of an invocation"
                          : o->op->does == PSIM_DOES_MATMUL
                              ? "FLOP of an instruction"
                              : "lane operations of an invocation",
                          o->per);
}

/** Issue slots of one unit: the SLOTS before an ISSUE in the list. */
const struct psim_reason *
psim_why_slots(struct psim_why_kernel *k, const struct psim_origin *issue)
{
    struct psim_why *w = k->w;
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA, "issue slots",
                                           issue->units, PSIM_DIM_NONE);
    sum->formula = "sum";
    sum->equation = "eq. M4";
    for (const struct psim_origin *o = issue; o > k->origins->item;) {
        o--;
        if (o->act != issue->act || o->kind == PSIM_ORIGIN_ISSUE) break;
        if (o->kind != PSIM_ORIGIN_SLOTS || o->s == 0) continue;
        const char *name = o->op ? psim_why_text(w, "slots of '%s'", o->op->name)
                                 : "slots of other instructions";
        struct psim_reason *one =
            psim_why_new(w, PSIM_REASON_FORMULA, name, o->s, PSIM_DIM_NONE);
        psim_reason_times(
            w->arena, one,
            o->op ? psim_why_number(k, "invocations", o->units, PSIM_DIM_NONE)
                  : other_instructions(k, o->units));
        if (o->op) {
            psim_reason_times(w->arena, one,
                              psim_why_figure(w, "issue", &o->op->issue));
        }
        psim_reason_over(w->arena, one, work_of_one(k, o));
        psim_reason_add(w->arena, sum, one);
    }
    return sum->n_parts == 1 ? sum->parts[0] : sum;
}

/** A figure by the second or by the cycle, as a rate by the second. */
const struct psim_reason *
psim_why_a_second(struct psim_why_kernel *k, const char *name,
                  const struct psim_figure *figure, int group, double value)
{
    const struct psim_reason *given = psim_why_figure(k->w, name, figure);
    if (figure->dim != PSIM_DIM_OP_PER_CYCLE) return given;
    return psim_why_of(k->w, name, value, PSIM_DIM_OP_PER_S, "$0 x $1", given,
                       psim_why_clock(k->w, group), NULL);
}

static const struct psim_reason *
issue_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_group *group = &k->w->hw->groups[o->index];
    struct psim_reason *s = psim_why_new(k->w, PSIM_REASON_FORMULA, "time to start one",
                                         o->s, PSIM_DIM_SECONDS);
    s->equation = "eq. M4";
    psim_reason_times(k->w->arena, s, psim_why_slots(k, o));
    psim_reason_over(k->w->arena, s,
                     psim_why_a_second(k, "issue rate", &group->issue, o->index,
                                       group->issue_per_s));
    psim_reason_over(k->w->arena, s, merged(k, o->index, o->merged));
    return s;
}

/** The memory whose size and ports another one shares. */
static int
whole_of(const struct psim_hw *hw, int memory)
{
    const int part_of = hw->memories[memory].part_of;
    return part_of >= 0 ? part_of : memory;
}

/** Bytes that one access moves beyond what it asks for (eq. M8). */
static const struct psim_reason *
moved(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_memory *m = &k->w->hw->memories[whole_of(k->w->hw, o->index)];
    const struct psim_reason *asked =
        psim_why_number(k, "bytes asked for", o->bytes, PSIM_DIM_BYTES);
    if (o->count == o->bytes || !m->sector.given) return asked;
    return psim_why_of(
        k->w, "bytes moved", o->count, PSIM_DIM_BYTES, "$0 x max(1, $1 / $2)", asked,
        psim_why_figure(k->w, "sector", &m->sector),
        psim_why_number(k, "bytes of a piece", o->piece_bytes, PSIM_DIM_BYTES), NULL);
}

static const struct psim_reason *
memory_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    struct psim_why *w = k->w;
    const struct psim_memory *m = &w->hw->memories[o->index];
    const struct psim_reason *rate = psim_why_memory_rate(w, o->index,
                                                          !o->write  ? PSIM_WHY_READ
                                                          : o->mixed ? PSIM_WHY_MIXED
                                                                     : PSIM_WHY_WRITE);
    const struct psim_reason *n = merged(k, m->group, o->merged);
    const char *name = psim_why_text(w, "time of a byte of %s", m->name);
    struct psim_reason *s;
    if (o->piece_bytes <= 0) {
        s = psim_why_new(w, PSIM_REASON_FORMULA, name, o->s, PSIM_DIM_SECONDS);
        s->equation = "eq. M6";
        if (o->bytes != 1) {
            psim_reason_times(w->arena, s,
                              psim_why_number(k, "bytes", o->bytes, PSIM_DIM_BYTES));
        }
        psim_reason_over(w->arena, s, rate);
        psim_reason_over(w->arena, s, n);
        return s;
    }
    const struct psim_reason *access =
        m->access.given ? psim_why_figure(w, "access", &m->access)
                        : psim_why_rule(w, "access", 0, PSIM_DIM_BYTES, "eq. M8");
    s = psim_why_of(
        w, name, o->s, PSIM_DIM_SECONDS,
        n ? "($0 x max(1, $1 / $2) / $3 + "
            "max(1 / $4 - 1 / $3, 0) x $1 x $0 / $2) / $5"
          : "$0 x max(1, $1 / $2) / $3 + "
            "max(1 / $4 - 1 / $3, 0) x $1 x $0 / $2",
        psim_why_number(k, "bytes", o->bytes, PSIM_DIM_BYTES), access,
        psim_why_number(k, "bytes of a piece", o->piece_bytes, PSIM_DIM_BYTES), rate,
        psim_why_memory_rate(w, o->index, PSIM_WHY_SCATTERED), n, NULL);
    s->equation = "eq. M8";
    return s;
}

static const struct psim_reason *
port_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_memory *m = &k->w->hw->memories[o->index];
    struct psim_reason *s =
        psim_why_new(k->w, PSIM_REASON_FORMULA,
                     psim_why_text(k->w, "time of a byte through %s.port", m->name),
                     o->s, PSIM_DIM_SECONDS);
    s->equation = "eq. M2";
    if (o->count != 1) psim_reason_times(k->w->arena, s, moved(k, o));
    psim_reason_over(k->w->arena, s, psim_why_port_rate(k->w, o->index));
    psim_reason_over(k->w->arena, s, merged(k, m->port_of, o->merged));
    return s;
}

static const struct psim_reason *
lanes_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    struct psim_reason *s = psim_why_of(
        k->w, "time of a byte, an access a lane", o->s, PSIM_DIM_SECONDS,
        "$0 / ($1 x $2)", psim_why_latency(k->w, o->index, false),
        psim_why_number(k, "lanes", o->units, PSIM_DIM_NONE),
        psim_why_number(k, "bytes of an access", o->per, PSIM_DIM_BYTES), NULL);
    s->equation = "eq. M3";
    return s;
}

static const struct psim_reason *
place_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_group *team = &k->w->hw->groups[o->index];
    struct psim_reason *s = psim_why_of(
        k->w, "time to place it", o->s, PSIM_DIM_SECONDS, "$0 / $1",
        psim_why_number(k, "work-groups in one", o->units, PSIM_DIM_NONE),
        psim_why_a_second(k, "place", &team->place, o->index, team->place_per_s), NULL);
    s->equation = "eq. M9";
    return s;
}

static const struct psim_reason *
link_s(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_link *l = &k->w->hw->links[o->index];
    const struct psim_ways *ways =
        o->kind == PSIM_ORIGIN_STAGING ? &l->staging.ways : &l->ways;
    const enum psim_way way = o->out ? PSIM_WAY_OUT : PSIM_WAY_IN;
    struct psim_reason *rate =
        psim_why_new(k->w, PSIM_REASON_FORMULA, "rate one way", ways->bytes_per_s[way],
                     PSIM_DIM_BYTES_PER_S);
    psim_reason_times(k->w->arena, rate,
                      psim_why_figure(k->w, "bandwidth", &ways->peak));
    if (ways->peak.dim == PSIM_DIM_BYTES_PER_CYCLE) {
        psim_reason_times(k->w->arena, rate, psim_why_clock(k->w, l->group));
    }
    psim_reason_times(k->w->arena, rate,
                      psim_why_figure(k->w, "achieved", &ways->achieved[way]));
    struct psim_reason *s = psim_why_new(
        k->w, PSIM_REASON_FORMULA,
        psim_why_text(k->w, "time of a byte over %s", l->name), o->s, PSIM_DIM_SECONDS);
    s->equation = "eq. M14";
    psim_reason_over(k->w->arena, s, rate);
    psim_reason_over(k->w->arena, s, merged(k, l->group, o->merged));
    return s;
}

/** The longest of an act on the unit's servers, as far as work-groups are in phase. */
static const struct psim_reason *
turn_s(struct psim_why_kernel *k, const struct psim_origin *turn)
{
    struct psim_why *w = k->w;
    const struct psim_reason *longest = NULL;
    const struct psim_plan *plan = k->launched->chosen->plan; /* at the nominal clock */
    const struct psim_act *act = &plan->acts[turn->act];
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_demand *demand = &act->demand[d];
        if (plan->servers[demand->server].units != 1 ||
            demand->server == turn->server) {
            continue;
        }
        struct psim_why_kernel nominal = *k;
        nominal.own = nominal.shared = 1;
        nominal.plan = plan;
        const struct psim_reason *one = psim_why_single_demand(&nominal, turn->act, d);
        if (one && (!longest || one->value > longest->value)) longest = one;
    }
    if (!longest) return NULL;
    const struct psim_figure *phase = NULL;
    for (size_t g = 0; g < w->hw->n_groups && !phase; g++) {
        const struct psim_group *group = &w->hw->groups[g];
        if (group->phase.given && group->in_phase == turn->units) phase = &group->phase;
        if (group->fetched_phase.given && group->fetched_in_phase == turn->units) {
            phase = &group->fetched_phase;
        }
    }
    struct psim_reason *s =
        psim_why_new(w, PSIM_REASON_FORMULA, "longest time on a server of the unit",
                     turn->s, PSIM_DIM_SECONDS);
    s->equation = "eq. M7";
    psim_reason_times(w->arena, s, longest);
    if (turn->units != 1) {
        psim_reason_times(
            w->arena, s,
            phase ? psim_why_figure(w, "in phase", phase)
                  : psim_why_number(k, "in phase", turn->units, PSIM_DIM_NONE));
    }
    return s;
}

static const struct psim_reason *
seconds_of(struct psim_why_kernel *k, const struct psim_origin *o)
{
    switch (o->kind) {
    case PSIM_ORIGIN_PIPE:
    case PSIM_ORIGIN_REACH:
        return pipe_s(k, o);
    case PSIM_ORIGIN_ISSUE:
        return issue_s(k, o);
    case PSIM_ORIGIN_MEMORY:
        return memory_s(k, o);
    case PSIM_ORIGIN_PORT:
        return port_s(k, o);
    case PSIM_ORIGIN_LANES:
    case PSIM_ORIGIN_ACCESS:
        return lanes_s(k, o);
    case PSIM_ORIGIN_TURN:
        return turn_s(k, o);
    case PSIM_ORIGIN_PLACE:
        return place_s(k, o);
    case PSIM_ORIGIN_LINK:
    case PSIM_ORIGIN_STAGING:
        return link_s(k, o);
    case PSIM_ORIGIN_SLOTS:
    case PSIM_ORIGIN_PACE:
    case PSIM_ORIGIN_OWN_WAIT:
    case PSIM_ORIGIN_WAIT:
    case PSIM_ORIGIN_MIXED:
    case PSIM_ORIGIN_WAY:
    case PSIM_ORIGIN_PASSED:
    case PSIM_ORIGIN_DELAY:
    case PSIM_ORIGIN_START:
    case PSIM_ORIGIN_SETUP:
        break;
    }
    return NULL;
}

/** Energy of one: a figure of the operation, the issuing group or the memory. */
static const struct psim_reason *
joules_of(struct psim_why_kernel *k, const struct psim_origin *o)
{
    const struct psim_hw *hw = k->w->hw;
    const struct psim_figure *figure = NULL;
    double each = 0;
    if (o->kind == PSIM_ORIGIN_PIPE) {
        figure = &o->op->by[o->dtype].energy;
        each = o->op->by[o->dtype].energy_j;
    } else if (o->kind == PSIM_ORIGIN_ISSUE) {
        figure = &hw->groups[o->index].energy;
        each = figure->value;
    } else if (o->kind == PSIM_ORIGIN_MEMORY || o->kind == PSIM_ORIGIN_LANES) {
        figure = &hw->memories[whole_of(hw, o->index)].energy;
        each = figure->value;
    }
    if (!figure || !figure->given || each <= 0) return NULL;
    struct psim_reason *j =
        psim_why_new(k->w, PSIM_REASON_FORMULA, "energy of one", o->j, PSIM_DIM_JOULES);
    j->equation = "eq. W1";
    psim_reason_times(k->w->arena, j, psim_why_figure(k->w, "energy", figure));
    /* Of a figure for another unit, or of more than one of it. */
    psim_reason_times(k->w->arena, j,
                      number_but_one(k, "of that for one", o->j / figure->value));
    return j;
}

const struct psim_reason *
psim_why_ask(struct psim_why_kernel *k, const struct psim_origin *o,
             enum psim_why_each each)
{
    switch (each) {
    case PSIM_WHY_SECONDS:
        return o->s > 0 ? seconds_of(k, o) : NULL;
    case PSIM_WHY_JOULES:
        return o->j > 0 ? joules_of(k, o) : NULL;
    case PSIM_WHY_COUNTS:
        if (o->count <= 0) return NULL;
        if (o->kind == PSIM_ORIGIN_ISSUE) return psim_why_slots(k, o);
        if (o->kind == PSIM_ORIGIN_MEMORY || o->kind == PSIM_ORIGIN_PORT) {
            return moved(k, o);
        }
        return psim_why_number(k, "counts", o->count,
                               k->plan->servers[o->server].counts);
    }
    return NULL;
}
