/* SPDX-License-Identifier: MIT */
/** @file What servers did, kept while a kernel runs: spans, sums, bins. */
#include "sim/tape.h"

#include <math.h>

#include "sim/des.h"
#include "util/arena.h"

/** How closely an instance is looked at. */
enum closeness { NOT, SHOWN, CLOSELY };

enum { FIRST_SPANS = 1024 };

/** The servers that a step asks, each once. */
struct asked {
    struct psim_des_servers servers[PSIM_MAX_DEMANDS];
    uint16_t first_pair;
    uint8_t n;
    bool simple; /**< nothing but its unit's own servers, and no cache */
};

/** What happens from one time on until another one is joined. */
struct open_span {
    struct psim_tape_span span; /**< count 0: none */
    uint64_t stretch;           /**< in which it began */
};

struct psim_tape_keeping {
    struct asked *steps; /**< one a step, the last one for starts */
    uint8_t *closeness;  /**< [instance] */
    struct open_span *open;
    struct psim_tape_bins *held; /**< [pair], of the tape's */
    size_t span_room;
    double bin_ticks, phase_ticks;
    double join_ticks[CLOSELY + 1];
    psim_tick first, last; /**< single before the one, and from the other on */
    size_t n_first, n_last;
};

/* --- before it runs --------------------------------------------------------- */

bool
psim_tape_is_chosen(uint32_t unit, uint32_t n, uint32_t units)
{
    if (n >= units) return true;
    if (n <= 1) return n == 1 && unit == 0;
    /* The j-th of them is unit j (units - 1) / (n - 1), rounded down. */
    const uint64_t last = units - 1, j = ((uint64_t)unit * (n - 1) + last - 1) / last;
    return j < n && j * last / (n - 1) == unit;
}

static enum closeness
closeness_of(const struct psim_tape_detail *detail, uint32_t unit)
{
    const uint32_t units = detail->of_units;
    if (!psim_tape_is_chosen(unit, detail->shown, units)) return NOT;
    const bool ends =
        unit == 0 ? detail->closely > 0 : unit == units - 1 && detail->closely > 1;
    return ends || detail->closely >= detail->shown ? CLOSELY : SHOWN;
}

static void
choose_instances(struct psim_tape *tape, const struct psim_des *des)
{
    uint8_t *closeness = PSIM_NEW_N(tape->arena, uint8_t, des->n_instances + 1);
    for (uint32_t v = 0; v < des->plan->n_servers; v++) {
        for (uint32_t u = 0; u < des->kernel->units; u++) {
            const bool all = des->servers[v].units == 0;
            const enum closeness of = all ? CLOSELY : closeness_of(&tape->detail, u);
            uint8_t *known = &closeness[psim_tape_instance(tape, v, u)];
            if (of > *known) *known = (uint8_t)of;
        }
    }
    tape->keeping->closeness = closeness;
    tape->kept = PSIM_NEW_N(tape->arena, bool, des->n_instances + 1);
    for (size_t i = 0; i < des->n_instances; i++) {
        tape->kept[i] = closeness[i] != NOT;
    }
}

/** A server that an act asks, or asks once more. */
static void
ask(struct psim_tape *tape, const struct psim_act *act, uint8_t d,
    struct psim_des_servers servers, struct asked *asked)
{
    const struct psim_demand *demand = &act->demand[d];
    struct psim_tape_pair *pair = &tape->pairs[asked->first_pair];
    uint8_t i = 0;
    while (i < asked->n && pair[i].server != demand->server) {
        i++;
    }
    if (i == asked->n) {
        pair[i] = (struct psim_tape_pair){.server = demand->server, .act = act->name};
        asked->servers[asked->n++] = servers;
    }
    /* Sums over the act's demands of it; psim_tape_end knows what they last. */
    pair[i].count_per_s += demand->count_per_unit;
    pair[i].j_per_s += demand->j_per_unit;
}

static void
list_asked(struct psim_tape *tape, const struct psim_des *des, uint8_t act_index,
           struct asked *asked)
{
    const struct psim_act *act = &des->plan->acts[act_index];
    asked->first_pair = (uint16_t)tape->n_pairs;
    double lasts_s[PSIM_MAX_DEMANDS] = {0};
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const uint16_t server = act->demand[d].server;
        ask(tape, act, d, des->servers[server], asked);
        for (uint8_t i = 0; i < asked->n; i++) {
            if (tape->pairs[asked->first_pair + i].server != server) continue;
            lasts_s[i] += act->demand[d].s_per_unit;
        }
    }
    for (uint8_t i = 0; i < asked->n; i++) {
        struct psim_tape_pair *pair = &tape->pairs[asked->first_pair + i];
        pair->count_per_s = lasts_s[i] > 0 ? pair->count_per_s / lasts_s[i] : 0;
        pair->j_per_s = lasts_s[i] > 0 ? pair->j_per_s / lasts_s[i] : 0;
    }
    tape->n_pairs += asked->n;
}

static void
list_pairs(struct psim_tape *tape, const struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    struct asked *steps = PSIM_NEW_N(tape->arena, struct asked, k->n_steps + 1U);
    const size_t most = (size_t)(k->n_steps + 1) * PSIM_MAX_DEMANDS;
    tape->pairs = PSIM_NEW_N(tape->arena, struct psim_tape_pair, most);
    for (uint16_t s = 0; s < k->n_steps; s++) {
        if (k->steps[s].kind != PSIM_STEP_DO) continue;
        list_asked(tape, des, k->steps[s].act, &steps[s]);
    }
    if (des->has_start) list_asked(tape, des, k->start_act, &steps[k->n_steps]);
    tape->keeping->steps = steps;
}

static psim_tick
ticks_of(const struct psim_tape *tape, double s)
{
    const double ticks = s / tape->tick_s;
    return ticks < 0x1p62 ? (psim_tick)llround(ticks) : (psim_tick)1 << 62;
}

void
psim_tape_begin(struct psim_tape *tape, struct psim_des *des)
{
    const struct psim_tape_detail *detail = &tape->detail;
    struct psim_tape_keeping *k = PSIM_NEW(tape->arena, struct psim_tape_keeping);
    tape->keeping = k;
    tape->tick_s = des->tick_s;
    tape->own_servers = des->own_servers;
    tape->n_instances = des->n_instances;
    tape->servers =
        PSIM_NEW_N(tape->arena, struct psim_tape_server, des->plan->n_servers + 1);
    for (uint32_t v = 0; v < des->plan->n_servers; v++) {
        tape->servers[v] =
            (struct psim_tape_server){des->servers[v].first, des->servers[v].units};
    }
    choose_instances(tape, des);
    if (!detail->in_full) return;
    des->tape = tape;
    des->act = psim_tape_act;
    list_pairs(tape, des);
    /* All acts pass by here, those too that no cache or other unit has to do with. */
    for (uint16_t s = 0; s < des->kernel->n_steps; s++) {
        k->steps[s].simple = des->steps[s].simple;
        des->steps[s].simple = false;
    }
    const size_t bins = detail->n_bins;
    tape->held = PSIM_NEW_N(tape->arena, double, tape->n_pairs *bins + 1);
    k->held = PSIM_NEW_N(tape->arena, struct psim_tape_bins, tape->n_pairs + 1);
    for (size_t p = 0; p < tape->n_pairs; p++) {
        k->held[p].bin = &tape->held[p * bins];
    }
    k->open = PSIM_NEW_N(tape->arena, struct open_span, des->n_instances + 1);
    k->bin_ticks = detail->step_s / tape->tick_s;
    k->phase_ticks = detail->phase_s / tape->tick_s;
    k->join_ticks[SHOWN] = detail->join_s / tape->tick_s;
    k->join_ticks[CLOSELY] = detail->join_closely_s / tape->tick_s;
    k->first = ticks_of(tape, detail->first_s);
    k->last = ticks_of(tape, detail->last_s);
    psim_tape_begin_groups(tape, des);
}

/* --- while it runs ---------------------------------------------------------- */

/** From the bin in which it begins on. */
static void
add_from(const struct psim_tape *tape, struct psim_tape_bins *bins, double at,
         double until)
{
    const double bin_ticks = tape->keeping->bin_ticks, in = at / bin_ticks;
    const size_t last = tape->detail.n_bins - 1;
    size_t bin = in < (double)last ? (size_t)in : last;
    for (; bin < last; bin++) {
        const double behind = (double)(bin + 1) * bin_ticks;
        if (until <= behind) break;
        bins->bin[bin] += behind - at;
        at = behind;
    }
    bins->bin[bin] += until - at;
    bins->last = &bins->bin[bin];
    bins->from = (double)bin * bin_ticks;
    bins->behind = bin < last ? (double)(bin + 1) * bin_ticks : (double)INFINITY;
}

void
psim_tape_add(const struct psim_tape *tape, struct psim_tape_bins *bins,
              psim_tick start, psim_tick end)
{
    const double phase_ticks = tape->keeping->phase_ticks;
    const double at = (double)start + phase_ticks, until = (double)end + phase_ticks;
    if (bins->last && at >= bins->from && until <= bins->behind) {
        *bins->last += until - at;
        return;
    }
    add_from(tape, bins, at, until);
}

static void
push(struct psim_tape *tape, const struct psim_tape_span *span)
{
    struct psim_tape_keeping *k = tape->keeping;
    tape->spans = psim_arena_more(tape->arena, tape->spans, tape->n_spans,
                                  &k->span_room, FIRST_SPANS, sizeof *tape->spans);
    tape->spans[tape->n_spans++] = *span;
}

static void
flush(struct psim_tape *tape, struct open_span *open)
{
    if (open->span.count > 0) push(tape, &open->span);
    open->span.count = 0;
}

/** Whether a span at an instance that is looked at closely stands for itself. */
static bool
is_single(struct psim_tape *tape, psim_tick start)
{
    struct psim_tape_keeping *k = tape->keeping;
    const bool first = start < k->first, last = start >= k->last;
    if (!first && !last) return false;
    size_t *n = first ? &k->n_first : &k->n_last;
    if (*n == tape->detail.most_single) return false;
    ++*n;
    return true;
}

static void
keep_span(struct psim_tape *tape, const struct psim_tape_span *span)
{
    struct psim_tape_keeping *k = tape->keeping;
    const enum closeness of = k->closeness[span->instance];
    struct open_span *open = &k->open[span->instance];
    if (of == CLOSELY && is_single(tape, span->start)) {
        flush(tape, open);
        push(tape, span);
        return;
    }
    const uint64_t stretch = k->join_ticks[of] > 0
                                 ? (uint64_t)((double)span->start / k->join_ticks[of])
                                 : span->start;
    if (open->span.count > 0 && open->stretch == stretch) {
        open->span.end = span->end;
        open->span.busy += span->busy;
        open->span.count++;
        return;
    }
    flush(tape, open);
    *open = (struct open_span){*span, stretch};
}

/** What a unit's servers had done before something was asked of them. */
struct before {
    struct psim_des_server *server[PSIM_MAX_DEMANDS];
    psim_tick busy[PSIM_MAX_DEMANDS];
};

static void
look_before(const struct psim_des *des, const struct asked *asked, uint32_t unit,
            struct before *ret)
{
    for (uint8_t i = 0; i < asked->n; i++) {
        ret->server[i] = psim_des_server(des, asked->servers[i].first,
                                         asked->servers[i].units, unit);
        ret->busy[i] = ret->server[i]->busy;
    }
}

/** Each server serves without a break: what it is busy for longer ends when it does. */
static void
keep_after(struct psim_des *des, const struct asked *asked, const struct before *before,
           uint64_t item)
{
    struct psim_tape *tape = des->tape;
    for (uint8_t i = 0; i < asked->n; i++) {
        const struct psim_des_server *server = before->server[i];
        const psim_tick busy = server->busy - before->busy[i];
        if (busy == 0) continue;
        const uint16_t pair = (uint16_t)(asked->first_pair + i);
        const psim_tick start = server->free_at - busy;
        const uint32_t instance = (uint32_t)(server - des->instances);
        psim_tape_add(tape, &tape->keeping->held[pair], start, server->free_at);
        if (!tape->kept[instance]) continue;
        keep_span(tape, &(struct psim_tape_span){
                            .start = start,
                            .end = server->free_at,
                            .busy = busy,
                            .item = item,
                            .instance = instance,
                            .count = 1,
                            .pair = pair,
                        });
    }
}

psim_tick
psim_tape_act(struct psim_des *des, const struct psim_gang *gang,
              const struct psim_des_step *step, psim_tick now)
{
    const struct asked *asked = &des->tape->keeping->steps[gang->pc];
    struct before before;
    look_before(des, asked, gang->unit, &before);
    const psim_tick end =
        asked->simple ? psim_des_act_own(des, gang, step, now) + step->latency[0]
                      : psim_des_act(des, gang, step, now);
    keep_after(des, asked, &before, gang->item);
    return end;
}

psim_tick
psim_tape_start(struct psim_des *des, uint32_t unit, uint64_t item, psim_tick now)
{
    const struct asked *asked = &des->tape->keeping->steps[des->kernel->n_steps];
    struct before before;
    look_before(des, asked, unit, &before);
    const psim_tick end = psim_des_start(des, unit, now);
    keep_after(des, asked, &before, item);
    return end;
}

/* --- at its end ------------------------------------------------------------- */

/** By instance; those of one are in order already. */
static void
sort_spans(struct psim_tape *tape)
{
    size_t *at = PSIM_NEW_N(tape->arena, size_t, tape->n_instances + 2);
    struct psim_tape_span *sorted =
        PSIM_NEW_N(tape->arena, struct psim_tape_span, tape->n_spans + 1);
    for (size_t i = 0; i < tape->n_spans; i++) {
        at[tape->spans[i].instance + 1]++;
    }
    for (size_t i = 0; i < tape->n_instances; i++) {
        at[i + 1] += at[i];
    }
    for (size_t i = 0; i < tape->n_spans; i++) {
        sorted[at[tape->spans[i].instance]++] = tape->spans[i];
    }
    tape->spans = sorted;
}

void
psim_tape_end(struct psim_tape *tape, const struct psim_des *des)
{
    tape->busy = PSIM_NEW_N(tape->arena, psim_tick, tape->n_instances + 1);
    for (size_t i = 0; i < tape->n_instances; i++) {
        tape->busy[i] = des->instances[i].busy;
    }
    if (!tape->detail.in_full) return;
    for (size_t i = 0; i < tape->n_instances; i++) {
        flush(tape, &tape->keeping->open[i]);
    }
    sort_spans(tape);
    psim_tape_end_groups(tape);
    tape->keeping = NULL;
}
