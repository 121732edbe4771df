/* SPDX-License-Identifier: MIT */
/** @file Energy, power and clock (docs/MODEL.md, eq. W1 to W4). */
#include <math.h>

#include "explain/asks.h"
#include "explain/why.h"
#include "sim/power.h"
#include "util/arena.h"

static struct psim_setting
setting_of(const struct psim_why *w, const struct psim_logged *l)
{
    return (struct psim_setting){
        .power = &w->hw->power, .clock = w->log->clock, .flop_energy = l->flop_energy};
}

/* --- clocks --------------------------------------------------------------------------
 */

/** What the power cap leaves; NULL: all. */
static const struct psim_reason *
set_clock(struct psim_why *w)
{
    if (w->log->clock == 1) return NULL;
    const struct psim_reason *known = psim_why_known(w, w->log, PSIM_KEPT_SET_CLOCK);
    if (known) return known;
    struct psim_reason *set =
        psim_why_new(w, PSIM_REASON_FOUND, "clock set", w->log->clock, PSIM_DIM_NONE);
    set->percent = true;
    set->equation = "eq. W4";
    set->doc = "at which the mean power of the workload is the cap";
    psim_reason_add(w->arena, set, psim_why_figure(w, "power cap", &w->hw->power.cap));
    return psim_why_keep(w, w->log, PSIM_KEPT_SET_CLOCK, set);
}

/** The clock that a load leaves, of the nominal one; NULL: all of it. */
static const struct psim_reason *
reached_share(struct psim_why *w, const struct psim_logged *l)
{
    if (l->time.clock == 1) return NULL;
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_REACHED);
    if (known) return known;
    const struct psim_power *power = &w->hw->power;
    const struct psim_setting setting = setting_of(w, l);
    const struct psim_launch launch = {.kernel = l->kernel, .resident = l->resident};
    const struct psim_reason *set = set_clock(w);
    struct psim_droop droop;
    struct psim_reason *share;
    if (!psim_power_droop(&setting, l->chosen->plan, &launch, &droop)) {
        return set;
    }
    const struct psim_reason *left = psim_why_figure(w, "share", &power->droop_share);
    if (!left)
        left = psim_why_rule(w, "share", power->droop_share.value, PSIM_DIM_NONE,
                             "eq. W3");
    struct psim_reason *top =
        psim_why_new(w, PSIM_REASON_FORMULA, "clock of a kernel that droops", droop.top,
                     PSIM_DIM_NONE);
    top->percent = true;
    top->equation = "eq. W3";
    psim_reason_times(w->arena, top, left);
    psim_reason_times(w->arena, top, set);
    if (droop.clock != l->time.clock) {
        share = psim_why_new(w, PSIM_REASON_FOUND, "clock reached", l->time.clock,
                             PSIM_DIM_NONE);
        psim_reason_add(w->arena, share, top);
    } else if (droop.clock >= droop.top) {
        share = psim_why_of(w, "clock reached", droop.clock, PSIM_DIM_NONE, "$0", top,
                            NULL);
    } else {
        struct psim_reason *core = psim_why_new(
            w, PSIM_REASON_FOUND, "energy of the core", droop.core_j, PSIM_DIM_JOULES);
        core->equation = "eq. W1";
        core->doc = "all but the base and what has a supply of its own";
        struct psim_reason *time = psim_why_new(
            w, PSIM_REASON_FOUND, "time at that clock", droop.time_s, PSIM_DIM_SECONDS);
        time->equation = "eq. W3";
        share =
            psim_why_of(w, "clock reached", droop.clock, PSIM_DIM_NONE,
                        "$0 x min(1, pow($1 / $2 / $3, -$4))", top, core, time,
                        psim_why_figure(w, "droop from", &power->droop_from),
                        psim_why_figure(w, "exponent", &power->droop_exponent), NULL);
    }
    share->percent = true;
    share->equation = "eq. W3";
    return psim_why_keep(w, l, PSIM_KEPT_REACHED, share);
}

const struct psim_reason *
psim_why_clock_share(struct psim_why_kernel *k, bool own)
{
    if ((own ? k->own : k->shared) == 1) return NULL;
    return own ? reached_share(k->w, k->launched) : set_clock(k->w);
}

const struct psim_reason *
psim_why_kernel_clock(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_CLOCK);
    if (known || l->result.clock_hz < 0) return known;
    const struct psim_reason *nominal =
        psim_why_clock(w, psim_hw_group(w->hw, l->result.unit_name));
    const struct psim_reason *share = reached_share(w, l);
    if (!share) return nominal;
    struct psim_reason *clock = psim_why_of(
        w, psim_why_text(w, "clock of %s", psim_why_kernel_name(w, l)),
        l->result.clock_hz, PSIM_DIM_HERTZ, "$0 x $1", nominal, share, NULL);
    clock->equation = "eq. W3";
    return psim_why_keep(w, l, PSIM_KEPT_CLOCK, clock);
}

/* --- energy --------------------------------------------------------------------------
 */

/** Voltage of the core, of that at the nominal clock; NULL: all of it. */
static const struct psim_reason *
voltage(struct psim_why *w)
{
    const struct psim_power *p = &w->hw->power;
    if (w->log->clock == 1) return NULL;
    const struct psim_reason *known = psim_why_known(w, w->log, PSIM_KEPT_VOLTAGE);
    if (known) return known;
    const struct psim_reason *slope = psim_why_figure(w, "slope", &p->voltage_slope);
    const struct psim_reason *floor_v = psim_why_figure(w, "floor", &p->voltage_floor);
    if (!slope)
        slope =
            psim_why_rule(w, "slope", p->voltage_slope.value, PSIM_DIM_NONE, "eq. W1");
    if (!floor_v)
        floor_v =
            psim_why_rule(w, "floor", p->voltage_floor.value, PSIM_DIM_NONE, "eq. W1");
    struct psim_reason *v =
        psim_why_of(w, "voltage", psim_power_voltage(p, w->log->clock), PSIM_DIM_NONE,
                    "max($0, 1 - $1 x (1 - $2))", floor_v, slope, set_clock(w), NULL);
    v->equation = "eq. W1";
    v->percent = true;
    return psim_why_keep(w, w->log, PSIM_KEPT_VOLTAGE, v);
}

/** Times the square of the voltage. */
static void
times_voltage(struct psim_why *w, struct psim_reason *ret)
{
    psim_reason_times(w->arena, ret, voltage(w));
    psim_reason_times(w->arena, ret, voltage(w));
}

static const struct psim_reason *
simulated(struct psim_why *w, const struct psim_logged *l, const char *name,
          double value)
{
    struct psim_reason *seen =
        psim_why_new(w, PSIM_REASON_FOUND, name, value, PSIM_DIM_JOULES);
    seen->doc = "of what the event engine has seen";
    seen->equation = "eq. E1";
    seen->at = l->op->at;
    return seen;
}

/** What one server draws in one launch. */
static const struct psim_reason *
server_energy(struct psim_why *w, const struct psim_logged *l, uint16_t v)
{
    const struct psim_server_use *use = &l->result.servers[v];
    const struct psim_server *server = &l->chosen->plan->servers[v];
    if (use->energy_j <= 0) return NULL;
    const char *name = psim_why_text(w, "energy on %s", use->name);
    if (!psim_why_is_analytic(w)) return simulated(w, l, name, use->energy_j);
    const struct psim_reason *full = psim_why_total(
        psim_why_kernel(w, l, false), v, false, PSIM_WHY_JOULES, PSIM_WHY_ALL);
    struct psim_reason *all =
        psim_why_new(w, PSIM_REASON_FORMULA, name, use->energy_j, PSIM_DIM_JOULES);
    all->equation = "eq. W1";
    psim_reason_times(w->arena, all, full);
    if (server->fixed_clock) return all->n_parts == 1 ? full : all;
    times_voltage(w, all);
    if (server->counts == PSIM_DIM_FLOP && l->flop_energy != 1) {
        psim_reason_times(w->arena, all,
                          psim_why_figure(w, "of zeros", &w->hw->power.zeros));
    }
    return all->n_parts == 1 ? full : all;
}

/** For how long units that have work draw for it. */
static const struct psim_reason *
busy_time(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_kernel_result *r = &l->result;
    const double work_s = r->bound_s + r->clock_s + r->refetch_s;
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA, "steady time", work_s, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    psim_reason_add(w->arena, sum, psim_why_kernel_bound(w, l));
    psim_reason_add(w->arena, sum, psim_why_clock_term(w, l));
    psim_reason_add(w->arena, sum, psim_why_refetch_term(w, l));
    struct psim_reason *busy =
        psim_why_of(w, "busy time", fmin(r->time_s, work_s), PSIM_DIM_SECONDS,
                    "min($0, $1)", psim_why_kernel_time(w, l), sum, NULL);
    busy->equation = "eq. W1";
    return busy;
}

/** What units with work-groups draw beyond their operations; NULL: nothing. */
static const struct psim_reason *
active(struct psim_why *w, const struct psim_logged *l)
{
    if (l->result.active_j <= 0) return NULL;
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_ACTIVE);
    if (known) return known;
    const struct psim_plan *plan = l->chosen->plan;
    const double units = psim_power_units(plan, &plan->kernels[l->kernel]);
    struct psim_reason *all = psim_why_new(w, PSIM_REASON_FORMULA, "active",
                                           l->result.active_j, PSIM_DIM_JOULES);
    all->equation = "eq. W1";
    all->doc = "units that have work-groups";
    psim_reason_times(w->arena, all,
                      psim_why_figure(w, "active power", &w->hw->power.active));
    if (units != 1) {
        struct psim_reason *part = psim_why_new(
            w, PSIM_REASON_COUNTED, "units that have work", units, PSIM_DIM_NONE);
        part->percent = true;
        part->at = l->op->at;
        psim_reason_times(w->arena, all, part);
    }
    psim_reason_times(w->arena, all, reached_share(w, l));
    times_voltage(w, all);
    psim_reason_times(w->arena, all, busy_time(w, l));
    return psim_why_keep(w, l, PSIM_KEPT_ACTIVE, all);
}

/** What all servers draw in one launch. */
static const struct psim_reason *
servers(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *known = psim_why_known(w, l, PSIM_KEPT_SERVERS);
    if (known) return known;
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA,
                     psim_why_text(w, "what %s does", psim_why_kernel_name(w, l)), 0,
                     PSIM_DIM_JOULES);
    sum->formula = "sum";
    sum->equation = "eq. W1";
    for (uint16_t v = 0; v < l->chosen->plan->n_servers; v++) {
        const struct psim_reason *one = server_energy(w, l, v);
        if (!one) continue;
        psim_reason_add(w->arena, sum, one);
        sum->value += l->result.servers[v].energy_j;
    }
    return sum->n_parts > 0 ? psim_why_keep(w, l, PSIM_KEPT_SERVERS, sum) : NULL;
}

const struct psim_reason *
psim_why_kernel_energy(struct psim_why *w, const struct psim_logged *l)
{
    if (l->result.energy_j < 0) return NULL;
    const struct psim_reason *launch = psim_why_launch(w, l);
    const double on_s = l->result.time_s + l->result.launch_s;
    struct psim_reason *base =
        psim_why_of(w, "base", w->hw->power.base.value * on_s, PSIM_DIM_JOULES,
                    launch ? "$0 x ($1 + $2)" : "$0 x $1",
                    psim_why_figure(w, "base power", &w->hw->power.base),
                    psim_why_kernel_time(w, l), launch, NULL);
    base->doc = "whatever runs: clocks, leakage, memories that wait";
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA,
                     psim_why_text(w, "energy of %s", psim_why_kernel_name(w, l)),
                     l->result.energy_j, PSIM_DIM_JOULES);
    sum->formula = "sum";
    sum->equation = "eq. W1";
    psim_reason_add(w->arena, sum, base);
    psim_reason_add(w->arena, sum, active(w, l));
    psim_reason_add(w->arena, sum, servers(w, l));
    return sum;
}

static void
add_sum(struct psim_why *w, struct psim_reason *ret, const char *name,
        psim_why_one *one)
{
    struct psim_reason *sum =
        psim_why_sum(w, name, 0, PSIM_DIM_JOULES, PSIM_WHY_LAST_TURN, one);
    sum->value = psim_reason_evaluate(sum);
    sum->equation = "eq. W1";
    if (sum->n_parts > 0) psim_reason_add(w->arena, ret, sum);
}

const struct psim_reason *
psim_why_energy(struct psim_why *w)
{
    const struct psim_reason *known = psim_why_known(w, w->result, PSIM_KEPT_ENERGY);
    if (known || w->result->energy_j < 0) return known;
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA, "energy",
                                           w->result->energy_j, PSIM_DIM_JOULES);
    sum->formula = "sum";
    sum->equation = "eq. W1";
    struct psim_reason *base = psim_why_of(
        w, "base", w->hw->power.base.value * w->result->time_s, PSIM_DIM_JOULES,
        "$0 x $1", psim_why_figure(w, "base power", &w->hw->power.base),
        psim_why_time(w), NULL);
    base->doc = "whatever runs: clocks, leakage, memories that wait";
    psim_reason_add(w->arena, sum, base);
    add_sum(w, sum, "active units", active);
    add_sum(w, sum, "operations and moves", servers);
    return psim_why_keep(w, w->result, PSIM_KEPT_ENERGY, sum);
}

const struct psim_reason *
psim_why_power(struct psim_why *w)
{
    const struct psim_reason *energy = psim_why_energy(w);
    if (!energy || !(w->result->time_s > 0)) return NULL;
    struct psim_reason *power =
        psim_why_of(w, "power", energy->value / w->result->time_s, PSIM_DIM_WATTS,
                    "$0 / $1", energy, psim_why_time(w), NULL);
    power->equation = "eq. D1";
    return power;
}

static const struct psim_reason *
time_of(struct psim_why *w, const struct psim_logged *l)
{
    return psim_why_kernel_time(w, l);
}

static const struct psim_reason *
cycles_of(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *clock = psim_why_kernel_clock(w, l);
    const struct psim_reason *time = psim_why_kernel_time(w, l);
    return psim_why_of(w, psim_why_text(w, "cycles of %s", psim_why_kernel_name(w, l)),
                       clock->value * time->value, PSIM_DIM_CYCLES, "$0 x $1", clock,
                       time, NULL);
}

const struct psim_reason *
psim_why_mean_clock(struct psim_why *w)
{
    if (w->result->clock_hz < 0) return NULL;
    struct psim_reason *cycles = psim_why_sum(
        w, "cycles of all kernels", 0, PSIM_DIM_CYCLES, PSIM_WHY_LAST_TURN, cycles_of);
    struct psim_reason *time = psim_why_sum(
        w, "time of all kernels", 0, PSIM_DIM_SECONDS, PSIM_WHY_LAST_TURN, time_of);
    cycles->value = psim_reason_evaluate(cycles);
    time->value = psim_reason_evaluate(time);
    struct psim_reason *clock = psim_why_of(
        w, "clock", w->result->clock_hz, PSIM_DIM_HERTZ, "$0 / $1", cycles, time, NULL);
    clock->equation = "eq. D1";
    return clock;
}

static const struct psim_reason *
over(struct psim_why *w, const char *name, enum psim_dim dim,
     const struct psim_reason *of)
{
    const struct psim_reason *energy = psim_why_energy(w);
    if (!energy || !of || !(of->value > 0)) return NULL;
    struct psim_reason *r = psim_why_of(w, name, energy->value / of->value, dim,
                                        "$0 / $1", energy, of, NULL);
    r->equation = "eq. D1";
    return r;
}

const struct psim_reason *
psim_why_j_per_flop(struct psim_why *w)
{
    return over(w, "energy of work", PSIM_DIM_J_PER_FLOP,
                psim_why_cost(w, PSIM_WHY_FLOP));
}

const struct psim_reason *
psim_why_j_per_byte(struct psim_why *w)
{
    return over(w, "energy of moves", PSIM_DIM_J_PER_BYTE, psim_why_main_bytes(w));
}
