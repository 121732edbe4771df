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
                .server = demand->server,
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
        step->tile = from->tile;
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
            step->resident = from->tile != PSIM_NONE &&
                             (launch->resident >> k->tiles[from->tile].tensor & 1);
        }
    }
    if (k->start_act != PSIM_NONE) {
        des->has_start = true;
        build_act(des, &des->start, &des->plan->acts[k->start_act], 1);
    }
}

static void
build_servers(struct psim_des *des)
{
    uint32_t n = 0;
    des->server_at = PSIM_NEW_N(des->arena, uint32_t, des->plan->n_servers);
    for (uint32_t v = 0; v < des->plan->n_servers; v++) {
        des->server_at[v] = n;
        n += instances(des->kernel, des->plan->servers[v].units);
    }
    des->free_at = PSIM_NEW_N(des->arena, psim_tick, n);
    des->busy = PSIM_NEW_N(des->arena, psim_tick, n);
}

/** What a cache will be asked for: it sizes the table. */
struct asked {
    uint64_t smallest; /**< bytes of a block; 0: nothing is looked up */
    uint64_t blocks;   /**< different ones */
};

static bool
passes(const struct psim_des *des, uint16_t step, uint8_t cache)
{
    const struct psim_step *s = &des->kernel->steps[step];
    if (s->kind != PSIM_STEP_DO || s->tile == PSIM_NONE) return false;
    if (s->flags & PSIM_STREAM) return false;
    for (uint8_t i = 0; i < des->steps[step].n_caches; i++) {
        if (des->steps[step].cache[i] == cache) return true;
    }
    return false;
}

static struct asked
asked_of(const struct psim_des *des, uint8_t cache)
{
    const struct psim_kernel *k = des->kernel;
    struct asked asked = {0};
    bool seen[PSIM_MAX_TENSORS] = {false};
    for (uint16_t s = 0; s < k->n_steps; s++) {
        if (!passes(des, s, cache)) continue;
        const uint8_t tensor = k->tiles[k->steps[s].tile].tensor;
        const struct psim_tensor *t = &des->plan->tensors[tensor];
        uint64_t bytes = t->elem_bytes, blocks = 1;
        for (uint8_t d = 0; d < t->n_dims; d++) {
            bytes *= t->block[d];
            blocks *= (t->extent[d] + t->block[d] - 1) / t->block[d];
        }
        if (asked.smallest == 0 || bytes < asked.smallest) asked.smallest = bytes;
        if (!seen[tensor]) asked.blocks += blocks;
        seen[tensor] = true;
    }
    return asked;
}

static void
build_caches(struct psim_des *des)
{
    const uint32_t n_caches = des->plan->n_caches;
    des->caches = PSIM_NEW_N(des->arena, struct psim_cache_state **, n_caches + 1);
    for (uint32_t c = 0; c < n_caches; c++) {
        const struct asked asked = asked_of(des, (uint8_t)c);
        if (asked.smallest == 0) continue;
        const struct psim_cache *cache = &des->plan->caches[c];
        const uint32_t n = instances(des->kernel, cache->units);
        des->caches[c] = PSIM_NEW_N(des->arena, struct psim_cache_state *, n);
        for (uint32_t i = 0; i < n; i++) {
            des->caches[c][i] =
                psim_cache_new(des->arena, cache->bytes, asked.smallest, asked.blocks);
        }
    }
}

static void
build_slots(struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    des->slots = k->units * k->resident;
    uint32_t ring = 0;
    for (uint8_t c = 0; c < k->n_channels; c++) {
        des->ring_at[c] = (uint16_t)ring;
        ring += k->channels[c].depth;
    }
    des->ring_size = ring;
    for (uint8_t r = 0; r < k->n_roles; r++) {
        des->gangs_per_slot += k->roles[r].gangs;
    }
    const size_t gangs = (size_t)des->slots * des->gangs_per_slot;
    des->gangs = PSIM_NEW_N(des->arena, struct psim_gang, gangs);
    des->channels = PSIM_NEW_N(des->arena, struct psim_des_channel,
                               (size_t)des->slots * k->n_channels + 1);
    des->ready = PSIM_NEW_N(des->arena, psim_tick, (size_t)des->slots * ring + 1);
    des->releases = PSIM_NEW_N(des->arena, uint8_t, (size_t)des->slots * ring + 1);
    des->slot_left = PSIM_NEW_N(des->arena, uint32_t, des->slots);
    if (k->dispatch == PSIM_DISPATCH_QUEUE) {
        des->slot_last = PSIM_NEW_N(des->arena, uint64_t, des->slots);
        des->item_next = PSIM_NEW_N(des->arena, uint64_t, des->items);
    }
    psim_heap_init(des->arena, &des->heap, gangs);
}

void
psim_des_build(struct psim_des *des, const struct psim_launch *launch)
{
    enum { FIRST_CLASSES = 64 };
    des->items = psim_kernel_items(des->kernel);
    build_steps(des, launch);
    build_servers(des);
    build_caches(des);
    build_slots(des);
    des->counts = PSIM_NEW_N(des->arena, struct psim_des_count, des->kernel->n_steps);
    des->class_room = FIRST_CLASSES;
    des->classes = PSIM_NEW_N(des->arena, struct psim_des_class, FIRST_CLASSES);
    des->class_table = PSIM_NEW_N(des->arena, uint32_t, (size_t)4 * FIRST_CLASSES);
}
