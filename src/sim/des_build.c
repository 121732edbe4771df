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

/** Demands in two groups: those that always count, then those behind a cache. */
static void
build_act(struct psim_des *des, struct psim_des_step *step, const struct psim_act *act,
          uint8_t cast)
{
    struct psim_des_demand *demands =
        PSIM_NEW_N(des->arena, struct psim_des_demand, act->n_demands);
    uint8_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint8_t d = 0; d < act->n_demands; d++) {
            const struct psim_demand *demand = &act->demand[d];
            if ((demand->behind != 0) != (pass == 1)) continue;
            const bool shared = des->plan->servers[demand->server].units != 1;
            demands[n++] = (struct psim_des_demand){
                .servers = des->servers[demand->server],
                .behind = demand->behind,
                .cast = shared && cast > 1 && demand->behind == 0 ? cast : 1,
                .rate = rate(des, demand->s_per_unit),
            };
        }
        if (pass == 0) step->n_now = n;
    }
    step->n_demands = n;
    step->demands = demands;
    step->n_caches = act->n_caches;
    step->cache = act->cache;
    step->interval = rate(des, act->interval_s);
    for (uint8_t k = 0; k <= act->n_caches; k++) {
        step->latency[k] = ticks(des, act->latency_s[k]);
    }
}

static bool
is_fixed(const struct psim_box_dim *box)
{
    bool fixed = box->axis == PSIM_NONE;
    for (size_t d = 0; d < PSIM_MAX_NESTING; d++) {
        if (box->step[d] != 0) fixed = false;
    }
    return fixed;
}

/** What is the same for all items and turns. */
static struct psim_des_dim
build_dim(const struct psim_tensor *tensor, const struct psim_box_dim *box, uint8_t d)
{
    struct psim_des_dim dim = {
        .box = box,
        .extent = tensor->extent[d],
        .block = tensor->block[d],
        .count = psim_ceil_div(tensor->extent[d], tensor->block[d]),
        .axis = box->axis == PSIM_NONE ? 0 : box->axis,
        .a = box->axis == PSIM_NONE ? 0 : box->mul * box->a,
        .lo = box->mul * box->b + box->offset,
        .hi = box->mul * box->b_last + box->offset + box->size,
        .plain = box->c == 1 && box->m == 0,
        .shift = PSIM_NONE,
        .fixed = is_fixed(box),
    };
    for (uint8_t bit = 0; bit < 63; bit++) {
        if (dim.block == UINT64_C(1) << bit) dim.shift = bit;
    }
    for (int at = 0; at < PSIM_MAX_NESTING; at++) {
        if (box->step[at] != 0) dim.n_steps = (uint8_t)(at + 1);
    }
    if (!dim.fixed) return dim;
    static const uint64_t nowhere[PSIM_MAX_NESTING] = {0};
    static const uint32_t anywhere[PSIM_MAX_AXES] = {0};
    uint64_t lo, hi;
    psim_box_span(box, dim.extent, anywhere, nowhere, &lo, &hi);
    dim.first = lo < hi ? lo / dim.block : 1;
    dim.last = lo < hi ? (hi - 1) / dim.block : 0;
    return dim;
}

static const struct psim_des_tile *
build_tile(struct psim_des *des, const struct psim_tile *from)
{
    const struct psim_tensor *tensor = &des->plan->tensors[from->tensor];
    struct psim_des_tile *tile = PSIM_NEW(des->arena, struct psim_des_tile);
    tile->key = (uint64_t)from->tensor << 58;
    tile->elem_bytes = tensor->elem_bytes;
    for (int d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        tile->dim[d] = d < tensor->n_dims
                           ? build_dim(tensor, &from->dim[d], (uint8_t)d)
                           : (struct psim_des_dim){
                                 .extent = 1, .block = 1, .count = 1, .fixed = true};
    }
    return tile;
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
                step->box = build_tile(des, &k->tiles[from->tile]);
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
    des->n_instances = of_units + shared;
    des->instances =
        PSIM_NEW_N(des->arena, struct psim_des_server, des->n_instances + 1);
    struct psim_des_server *next_own = des->instances;
    struct psim_des_server *next = des->instances + of_units;
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        const uint32_t units = plan->servers[v].units;
        if (units == 1) {
            des->servers[v] = (struct psim_des_servers){next_own++, 1, own};
            continue;
        }
        des->servers[v] = (struct psim_des_servers){
            .first = next,
            .units = units == 0 ? 1 : units,
            .stride = units == 0 ? 0 : 1,
        };
        next += instances(des->kernel, units);
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

/** The blocks that a cache will be asked for: they size its table. */
struct asked {
    uint64_t smallest_bytes; /**< 0: none */
    uint64_t blocks;
};

static void
ask_for(const struct psim_tensor *tensor, struct asked *asked)
{
    uint64_t bytes = tensor->elem_bytes, blocks = 1;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        bytes *= tensor->block[d];
        const uint64_t count = psim_ceil_div(tensor->extent[d], tensor->block[d]);
        blocks = count > UINT32_MAX / blocks ? UINT32_MAX : blocks * count;
    }
    asked->blocks += blocks;
    if (asked->smallest_bytes == 0 || bytes < asked->smallest_bytes) {
        asked->smallest_bytes = bytes;
    }
}

static struct asked
blocks_asked(const struct psim_des *des, uint8_t cache)
{
    const struct psim_kernel *k = des->kernel;
    struct asked asked = {0};
    bool done[PSIM_MAX_TENSORS] = {false};
    for (uint16_t s = 0; s < k->n_steps; s++) {
        const struct psim_step *step = &k->steps[s];
        if (step->kind != PSIM_STEP_DO || step->tile == PSIM_NONE) continue;
        const uint8_t tensor = k->tiles[step->tile].tensor;
        if ((step->flags & PSIM_STREAM) || done[tensor]) continue;
        for (uint8_t i = 0; i < des->steps[s].n_caches && !done[tensor]; i++) {
            if (des->steps[s].cache[i] != cache) continue;
            ask_for(&des->plan->tensors[tensor], &asked);
            done[tensor] = true;
        }
    }
    return asked;
}

static void
build_caches(struct psim_des *des)
{
    const uint32_t n_caches = des->plan->n_caches;
    des->caches = PSIM_NEW_N(des->arena, struct psim_cache_state **, n_caches + 1);
    for (uint32_t c = 0; c < n_caches; c++) {
        const struct asked asked = blocks_asked(des, (uint8_t)c);
        if (asked.smallest_bytes == 0) continue;
        const struct psim_cache *cache = &des->plan->caches[c];
        const uint32_t n_units = des->kernel->units;
        des->caches[c] = PSIM_NEW_N(des->arena, struct psim_cache_state *, n_units);
        for (uint32_t u = 0; u < n_units; u++) {
            const bool another = cache->units == 0 ? u == 0 : u % cache->units == 0;
            des->caches[c][u] = another
                                    ? psim_cache_new(des->arena, cache->bytes,
                                                     asked.smallest_bytes, asked.blocks)
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

static void
build_slots(struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    des->slots = k->units * k->resident;
    for (uint8_t r = 0; r < k->n_roles; r++) {
        des->gangs_per_slot += k->roles[r].gangs;
    }
    const size_t gangs = (size_t)des->slots * des->gangs_per_slot;
    des->gangs = PSIM_NEW_N(des->arena, struct psim_gang, gangs);
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
    des->class_room = FIRST_CLASSES;
    des->classes = PSIM_NEW_N(des->arena, struct psim_des_class, FIRST_CLASSES);
    des->class_table = PSIM_NEW_N(des->arena, uint32_t, (size_t)4 * FIRST_CLASSES);
}
