/* SPDX-License-Identifier: MIT */
/** @file A plan's kernel made ready for the event engine: everything in ticks. */
#include <assert.h>
#include <math.h>

#include "sim/des.h"
#include "util/arena.h"
#include "util/whole.h"

static psim_tick
ticks(const struct psim_des *des, double s)
{
    return (psim_tick)llround(s / des->tick_s);
}

static struct psim_rate
rate(const struct psim_des *des, double s_per_unit)
{
    const double per_unit = s_per_unit / des->tick_s;
    const double whole = floor(per_unit);
    const double frac = round((per_unit - whole) * 65536);
    if (frac >= 65536) return (struct psim_rate){(uint64_t)whole + 1, 0};
    return (struct psim_rate){(uint64_t)whole, (uint32_t)frac};
}

static uint32_t
instances(const struct psim_kernel *kernel, uint32_t units)
{
    return units == 0 ? 1 : (uint32_t)psim_ceil_div(kernel->units, units);
}

/** Demands in three groups: of the unit's own servers, of others, behind a cache. */
static int
group_of(const struct psim_plan *plan, const struct psim_demand *demand)
{
    if (demand->behind != 0) return 2;
    return plan->servers[demand->server].units == 1 ? 0 : 1;
}

static void
build_act(struct psim_des *des, struct psim_des_step *step, const struct psim_act *act,
          uint8_t cast)
{
    struct psim_des_demand *demands =
        PSIM_NEW_N(des->arena, struct psim_des_demand, act->n_demands);
    uint8_t n = 0;
    for (int group = 0; group < 3; group++) {
        for (uint8_t d = 0; d < act->n_demands; d++) {
            const struct psim_demand *demand = &act->demand[d];
            if (group_of(des->plan, demand) != group) continue;
            demands[n++] = (struct psim_des_demand){
                .servers = des->servers[demand->server],
                .behind = demand->behind,
                .cast = group == 1 && cast > 1 ? cast : 1,
                .rate = rate(des, demand->s_per_unit),
            };
        }
        if (group == 0) step->n_own = n;
        if (group == 1) step->n_now = n;
    }
    step->n_demands = n;
    step->simple = n == step->n_own && act->n_caches == 0;
    step->demands = demands;
    step->n_caches = act->n_caches;
    step->cache = act->cache;
    step->interval = rate(des, act->interval_s);
    for (uint8_t k = 0; k <= act->n_caches; k++) {
        step->latency[k] = ticks(des, act->latency_s[k]);
    }
    for (uint8_t d = 0; d < act->n_demands && !(step->flags & PSIM_STORE); d++) {
        const double turn_s = des->plan->servers[act->demand[d].server].turn_s;
        const double late_s = des->turning * turn_s;
        step->latency[act->demand[d].behind] += ticks(des, late_s);
    }
}

static void
build_steps(struct psim_des *des, const struct psim_launch *launch)
{
    const struct psim_kernel *k = des->kernel;
    des->steps = PSIM_NEW_N(des->arena, struct psim_des_step, k->n_steps);
    uint16_t open[PSIM_MAX_NESTING];
    uint8_t depth = 0;
    for (uint16_t s = 0; s < k->n_steps; s++) {
        const struct psim_step *from = &k->steps[s];
        struct psim_des_step *step = &des->steps[s];
        step->kind = from->kind;
        step->flags = from->flags;
        step->channel = from->channel;
        step->chain = from->chain;
        if (from->kind == PSIM_STEP_LOOP) {
            open[depth++] = s;
        } else if (from->kind == PSIM_STEP_END) {
            assert(depth > 0);
            depth--;
            step->jump = (uint16_t)(open[depth] + 1);
            des->steps[open[depth]].jump = (uint16_t)(s + 1);
        } else if (from->kind == PSIM_STEP_DO) {
            build_act(des, step, &des->plan->acts[from->act], from->cast);
            step->first_hold = des->n_holds;
            des->n_holds = (uint16_t)(des->n_holds + step->n_now);
            if (from->tile != PSIM_NONE && !(from->flags & PSIM_STREAM)) {
                step->box = psim_des_tile(des, &k->tiles[from->tile]);
            }
            step->resident = from->tile != PSIM_NONE &&
                             (launch->resident >> k->tiles[from->tile].tensor & 1);
        }
    }
    if (k->start_act != PSIM_NONE) {
        des->has_start = true;
        build_act(des, &des->start, &des->plan->acts[k->start_act], 1);
    }
}

/** Those of the units side by side, then those that units share. */
static void
build_servers(struct psim_des *des)
{
    const struct psim_plan *plan = des->plan;
    des->servers = PSIM_NEW_N(des->arena, struct psim_des_servers, plan->n_servers);
    uint32_t own = 0;
    size_t shared = 0;
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        if (plan->servers[v].units == 1) {
            own++;
        } else {
            shared += instances(des->kernel, plan->servers[v].units);
        }
    }
    const size_t of_units = (size_t)own * des->kernel->units;
    des->own_servers = own;
    des->n_instances = of_units + shared;
    des->instances =
        PSIM_NEW_N(des->arena, struct psim_des_server, des->n_instances + 1);
    uint32_t next_own = 0;
    size_t next = of_units;
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        const uint32_t units = plan->servers[v].units;
        des->servers[v].units = units;
        if (units == 1) {
            des->servers[v].first = next_own++;
        } else {
            des->servers[v].first = (uint32_t)next;
            next += instances(des->kernel, units);
        }
    }
}

/** Whether a step asks for a server or looks into a cache that is not its unit's own.
 */
static bool
is_shared(const struct psim_plan *plan, const struct psim_step *step,
          const struct psim_des_step *built)
{
    if (step->kind != PSIM_STEP_DO) return false;
    const struct psim_act *act = &plan->acts[step->act];
    for (uint8_t d = 0; d < act->n_demands; d++) {
        if (plan->servers[act->demand[d].server].units != 1) return true;
    }
    for (uint8_t k = 0; built->box && k < act->n_caches; k++) {
        if (plan->caches[act->cache[k]].units != 1) return true;
    }
    return false;
}

/** Where nothing is shared, units still take their steps in order of time. */
static void
find_shared(struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    bool any = false;
    for (uint16_t s = 0; s < k->n_steps; s++) {
        des->steps[s].shared = is_shared(des->plan, &k->steps[s], &des->steps[s]);
        any = any || des->steps[s].shared;
    }
    for (uint16_t s = 0; s < k->n_steps; s++) {
        struct psim_des_step *step = &des->steps[s];
        if (step->kind == PSIM_STEP_DO && !any) step->shared = true;
        if (step->kind == PSIM_STEP_STOP) {
            step->shared = k->dispatch != PSIM_DISPATCH_STRIDE;
        }
    }
}

static uint64_t
block_bytes(const struct psim_tensor *tensor)
{
    uint64_t bytes = tensor->elem_bytes;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        bytes *= tensor->block[d];
    }
    return bytes;
}

/** The smallest block that a cache is asked for; 0: it is not asked. */
static uint64_t
smallest_asked(const struct psim_des *des, uint8_t cache)
{
    const struct psim_kernel *k = des->kernel;
    uint64_t smallest = 0;
    for (uint16_t s = 0; s < k->n_steps; s++) {
        if (!des->steps[s].box) continue;
        for (uint8_t i = 0; i < des->steps[s].n_caches; i++) {
            if (des->steps[s].cache[i] != cache) continue;
            const uint8_t tensor = k->tiles[k->steps[s].tile].tensor;
            const uint64_t bytes = block_bytes(&des->plan->tensors[tensor]);
            if (smallest == 0 || bytes < smallest) smallest = bytes;
        }
    }
    return smallest;
}

static void
build_caches(struct psim_des *des)
{
    const uint32_t n_caches = des->plan->n_caches;
    des->caches = PSIM_NEW_N(des->arena, struct psim_cache_state **, n_caches + 1);
    for (uint32_t c = 0; c < n_caches; c++) {
        const uint64_t smallest = smallest_asked(des, (uint8_t)c);
        if (smallest == 0) continue;
        const struct psim_cache *cache = &des->plan->caches[c];
        const uint32_t n_units = des->kernel->units;
        des->caches[c] = PSIM_NEW_N(des->arena, struct psim_cache_state *, n_units);
        for (uint32_t u = 0; u < n_units; u++) {
            const bool another = cache->units == 0 ? u == 0 : u % cache->units == 0;
            des->caches[c][u] = another ? psim_cache_new(des->arena, cache->bytes,
                                                         smallest, des->n_keys)
                                        : des->caches[c][u - 1];
        }
    }
}

/** The rings of all slots of all work-groups. */
static void
build_channels(struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    const size_t n = (size_t)des->slots * k->n_channels;
    for (uint8_t c = 0; c < k->n_channels; c++) {
        des->n_places += (size_t)des->slots * k->channels[c].depth;
    }
    psim_tick *ready = PSIM_NEW_N(des->arena, psim_tick, des->n_places + 1);
    uint8_t *releases = PSIM_NEW_N(des->arena, uint8_t, des->n_places + 1);
    des->ready = ready;
    des->releases = releases;
    des->channels = PSIM_NEW_N(des->arena, struct psim_des_channel, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct psim_channel *from = &k->channels[i % k->n_channels];
        des->channels[i] = (struct psim_des_channel){
            .depth = from->depth,
            .consumers = from->consumers,
            .ready = ready,
            .releases = releases,
        };
        ready += from->depth;
        releases += from->depth;
    }
}

/** At the start of a line of memory: each takes two. */
static struct psim_gang *
new_gangs(struct psim_arena *arena, size_t n)
{
    enum { LINE = 64 };
    static_assert(sizeof(struct psim_gang) == (size_t)2 * LINE, "two lines");
    char *room = psim_arena_alloc(arena, n * sizeof(struct psim_gang) + LINE, 1);
    const size_t past = (uintptr_t)room % LINE;
    return (struct psim_gang *)(void *)(room + (past > 0 ? LINE - past : 0));
}

static void
build_slots(struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    des->slots = k->units * k->resident;
    for (uint8_t r = 0; r < k->n_roles; r++) {
        des->gangs_per_slot += k->roles[r].gangs;
    }
    const size_t gangs = (size_t)des->slots * des->gangs_per_slot;
    des->gangs = new_gangs(des->arena, gangs);
    build_channels(des);
    des->slot_left = PSIM_NEW_N(des->arena, uint32_t, des->slots);
    if (k->dispatch == PSIM_DISPATCH_QUEUE) {
        des->taken = PSIM_NEW_N(des->arena, struct psim_des_taken, des->slots);
    }
    des->gangs_per_unit = k->resident * des->gangs_per_slot;
    des->units = PSIM_NEW_N(des->arena, struct psim_des_unit, k->units);
    for (uint32_t u = 0; u < k->units; u++) {
        psim_heap_init(des->arena, &des->units[u].heap, des->gangs_per_unit);
        des->units[u].paused = UINT32_MAX;
    }
    for (size_t g = 0; g < gangs; g++) {
        des->gangs[g].own = (uint16_t)(g % des->gangs_per_unit);
    }
    psim_heap_init(des->arena, &des->heap, k->units);
}

/** Whether a parameter is the same along its whole axis. */
static bool
is_constant(const struct psim_kernel *k, const struct psim_param *param)
{
    for (uint16_t r = 0; r < param->n_runs; r++) {
        const struct psim_run *run = &k->runs[param->first_run + r];
        const uint8_t p = (uint8_t)(param - k->params);
        if (run->a != 0) return false;
        if (psim_param_value(k, p, run->first) != psim_param_value(k, p, 0)) {
            return false;
        }
    }
    return true;
}

void
psim_des_build(struct psim_des *des, const struct psim_launch *launch)
{
    enum { FIRST_CLASSES = 64 };
    des->items = psim_kernel_items(des->kernel);
    des->one_class = true;
    for (uint8_t p = 0; p < des->kernel->n_params; p++) {
        if (!is_constant(des->kernel, &des->kernel->params[p])) des->one_class = false;
    }
    build_servers(des);
    build_steps(des, launch);
    find_shared(des);
    build_caches(des);
    build_slots(des);
    des->counts = PSIM_NEW_N(des->arena, struct psim_des_count, des->kernel->n_steps);
    des->walked = PSIM_NEW_N(des->arena, struct psim_des_walked, PSIM_DES_WALKED);
    des->class_room = FIRST_CLASSES;
    des->classes = PSIM_NEW_N(des->arena, struct psim_des_class, FIRST_CLASSES);
    des->class_table = PSIM_NEW_N(des->arena, uint32_t, (size_t)4 * FIRST_CLASSES);
}
