/* SPDX-License-Identifier: MIT */
/** @file Energy of a kernel, and how the clock droops under its load (eq. W1 to W3). */
#include "sim/power.h"

#include <math.h>

#include "plan/clock.h"
#include "util/arena.h"

double
psim_power_voltage(const struct psim_power *power, double clock)
{
    const double v = 1 - power->voltage_slope.value * (1 - clock);
    return fmax(v, power->voltage_floor.value);
}

double
psim_power_units(const struct psim_plan *plan, const struct psim_kernel *kernel)
{
    if (kernel->beside) return 0;
    const double all = plan->total_units > 0 ? plan->total_units : kernel->units;
    return fmin(kernel->units, (double)psim_kernel_items(kernel)) / all;
}

double
psim_power_server_j(const struct psim_setting *setting,
                    const struct psim_server *server, const struct psim_load *load)
{
    if (server->fixed_clock) return load->energy_j;
    const double v = psim_power_voltage(setting->power, setting->clock);
    const double data = server->counts == PSIM_DIM_FLOP ? setting->flop_energy : 1;
    return v * v * data * load->energy_j;
}

double
psim_power_active_j(const struct psim_setting *setting, const struct psim_plan *plan,
                    const struct psim_kernel *kernel,
                    const struct psim_kernel_time *time)
{
    /* Filling, draining and the last, partial wave: most units wait or are done. */
    const double busy_s =
        fmin(time->time_s, time->bound_s + time->clock_s + time->refetch_s);
    const double v = psim_power_voltage(setting->power, setting->clock);
    return v * v * setting->power->active.value * psim_power_units(plan, kernel) *
           time->clock * busy_s;
}

/** Of the core alone: what is fixed has a supply of its own. */
static double
core_j(const struct psim_setting *setting, const struct psim_plan *plan,
       const struct psim_kernel *kernel, const struct psim_kernel_time *time)
{
    double sum = psim_power_active_j(setting, plan, kernel, time);
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        if (plan->servers[v].fixed_clock) continue;
        sum += psim_power_server_j(setting, &plan->servers[v], &time->loads[v]);
    }
    return sum;
}

/** A kernel to be timed, with what may lower its clock. */
struct timed {
    const struct psim_setting *setting;
    const struct psim_plan *plan;
    const struct psim_launch *launch;
};

static void
time_at(struct psim_arena *arena, const struct psim_engine *engine,
        const struct timed *of, double clock, struct psim_kernel_time *ret)
{
    struct psim_arena scratch = {0};
    const struct psim_plan slower =
        psim_plan_at_clock(&scratch, of->plan, of->setting->clock, clock);
    engine->time(arena, &slower, of->launch, ret);
    ret->clock = clock;
    psim_arena_free(&scratch);
}

/** Time against clock, as a part that grows with the cycle and one that does not. */
struct pace {
    double fixed_s, core_s;
};

static struct pace
pace_through(const struct psim_kernel_time *a, const struct psim_kernel_time *b)
{
    const double core_s = (b->time_s - a->time_s) / (1 / b->clock - 1 / a->clock);
    return (struct pace){a->time_s - core_s / a->clock, core_s};
}

/** A load: its energy, and how its time goes with the clock. */
struct load {
    double core_j;
    struct pace pace;
};

/** The clock that is left where the load draws its energy in the time at @p clock. */
static double
left_of(const struct psim_power *power, double top, const struct load *load,
        double clock)
{
    const double time_s = load->pace.fixed_s + load->pace.core_s / clock;
    const double too_much = load->core_j / time_s / power->droop_from.value;
    return top * fmin(1, pow(too_much, -power->droop_exponent.value));
}

/** Where the clock that is left is the one that runs: a lower one draws less. */
static double
droop(const struct psim_power *power, double top, const struct load *load)
{
    enum { HALVINGS = 40 };
    double low = 0, high = top;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        *(left_of(power, top, load, middle) > middle ? &low : &high) = middle;
    }
    return high;
}

/**
 * The clock under a load that droops (eq. W3), by the analytic engine: the time at
 * two clocks tells how it goes with them.
 *
 * @param top what the load leaves however little it draws
 */
static double
drooped(const struct timed *of, double top, struct load *ret)
{
    const struct psim_engine *engine = psim_engine_find("analytic");
    const struct psim_power *power = of->setting->power;
    const struct psim_kernel *kernel = &of->plan->kernels[of->launch->kernel];
    struct psim_arena scratch = {0};
    struct psim_kernel_time at_top, lower;
    time_at(&scratch, engine, of, top, &at_top);
    *ret = (struct load){core_j(of->setting, of->plan, kernel, &at_top),
                         {0, at_top.time_s * top}};
    double clock = left_of(power, top, ret, top);
    if (clock < top) {
        time_at(&scratch, engine, of, clock, &lower);
        ret->pace = pace_through(&at_top, &lower);
        clock = droop(power, top, ret);
    }
    psim_arena_free(&scratch);
    return clock;
}

/** Time a load that droops; an engine that finds it slower has it droop less. */
static void
time_drooping(struct psim_arena *arena, const struct psim_engine *engine,
              const struct timed *of, struct psim_kernel_time *ret)
{
    static const double close = 0.02;
    const struct psim_power *power = of->setting->power;
    const struct psim_kernel *kernel = &of->plan->kernels[of->launch->kernel];
    const double top = of->setting->clock * power->droop_share.value;
    struct load load;
    double clock = drooped(of, top, &load);
    time_at(arena, engine, of, clock, ret);
    if (ret->contention_s == 0) return;
    const double slower = ret->time_s / (ret->time_s - ret->contention_s);
    load.core_j = core_j(of->setting, of->plan, kernel, ret);
    load.pace.core_s *= slower;
    load.pace.fixed_s *= slower;
    clock = droop(power, top, &load);
    if (fabs(clock / ret->clock - 1) > close) {
        time_at(arena, engine, of, clock, ret);
    }
}

static bool
may_droop(const struct psim_setting *setting, const struct psim_plan *plan,
          const struct psim_launch *launch)
{
    return setting->power->base.given &&
           psim_kernel_droops(plan, &plan->kernels[launch->kernel]);
}

void
psim_power_time(struct psim_arena *arena, const struct psim_engine *engine,
                const struct psim_setting *setting, const struct psim_plan *plan,
                const struct psim_launch *launch, struct psim_kernel_time *ret)
{
    const bool droops = may_droop(setting, plan, launch);
    if (!droops && setting->clock == 1) {
        engine->time(arena, plan, launch, ret);
        ret->clock = 1;
        return;
    }
    const struct timed of = {setting, plan, launch};
    if (droops) {
        time_drooping(arena, engine, &of, ret);
    } else {
        time_at(arena, engine, &of, setting->clock, ret);
    }
    struct psim_arena scratch = {0};
    struct psim_kernel_time nominal;
    psim_engine_find("analytic")->time(&scratch, plan, launch, &nominal);
    ret->clock_s = ret->bound_s - nominal.bound_s;
    ret->bound_s = nominal.bound_s;
    psim_arena_free(&scratch);
}

bool
psim_power_droop(const struct psim_setting *setting, const struct psim_plan *plan,
                 const struct psim_launch *launch, struct psim_droop *ret)
{
    const struct timed of = {setting, plan, launch};
    if (!setting->power->base.given ||
        !psim_kernel_droops(plan, &plan->kernels[launch->kernel])) {
        return false;
    }
    struct load load;
    ret->top = setting->clock * setting->power->droop_share.value;
    ret->clock = drooped(&of, ret->top, &load);
    ret->core_j = load.core_j;
    ret->time_s = load.pace.fixed_s + load.pace.core_s / ret->clock;
    return true;
}

void
psim_power_tape(struct psim_arena *arena, const struct psim_engine *engine,
                const struct psim_setting *setting, const struct psim_plan *plan,
                const struct psim_launch *launch, double clock, struct psim_tape *tape,
                struct psim_kernel_time *ret)
{
    struct psim_arena scratch = {0};
    const bool nominal = setting->clock == 1 && !may_droop(setting, plan, launch);
    const struct psim_plan slower =
        nominal ? *plan : psim_plan_at_clock(&scratch, plan, setting->clock, clock);
    engine->tape(arena, &slower, launch, tape, ret);
    ret->clock = clock;
    psim_arena_free(&scratch);
}
