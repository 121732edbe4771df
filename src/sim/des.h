/* SPDX-License-Identifier: MIT */
/** @file State of one kernel in the event engine.
 *
 * Internal to des*.c and event.c. */
#pragma once

#include "plan/plan.h"
#include "sim/cache.h"
#include "sim/des_skip.h"
#include "sim/engine.h"
#include "sim/heap.h"
#include "sim/tape.h"

/** A rate in ticks: whole + frac / 65536 a unit, so that 133.3 fs/B stays exact. */
struct psim_rate {
    uint64_t whole;
    uint32_t frac;
};

/** One instance of a server. */
struct psim_des_server {
    psim_tick free_at, busy;
};

/** The instances of a server: those of one unit lie side by side in memory. */
struct psim_des_servers {
    uint32_t first; /**< among the unit's own, or among all instances */
    uint32_t units; /**< neighbouring units that share one; 0: all */
};

struct psim_des_demand {
    struct psim_des_servers servers;
    uint8_t behind;
    uint8_t cast; /**< what the amount is divided by */
    struct psim_rate rate;
};

/** One dimension of a tile, for finding the blocks that it touches. */
struct psim_des_dim {
    const struct psim_box_dim *box;
    uint64_t extent, block;
    uint64_t count; /**< blocks in all */
    uint64_t first,
        last;          /**< if fixed, of the blocks; none where first is above last */
    int64_t a, lo, hi; /**< if plain, it spans a x + lo to a x + hi, then steps */
    uint8_t shift;     /**< the block is that power of two; PSIM_NONE: it is none */
    uint8_t axis, n_steps;
    bool fixed; /**< the same in every item and turn */
    bool plain; /**< linear in its axis */
    /** If even, it spans block one x + the sum of step[d] y[d] + first, and no more. */
    uint64_t one, step[PSIM_MAX_NESTING];
    bool even;
};

struct psim_des_tile {
    struct psim_des_dim dim[PSIM_MAX_TILE_DIMS];
    uint64_t key; /**< of the tensor's first block */
    uint64_t elem_bytes;
    bool even; /**< in all dimensions: it is one block */
};

/** A step with everything looked up that does not change during the run. */
struct psim_des_step {
    uint8_t kind, flags, channel, n_caches;
    uint8_t n_own;       /**< demands of the unit's own servers, which come first */
    uint8_t n_now;       /**< those, and of shared servers what always counts */
    uint8_t n_demands;   /**< those, and what counts behind a cache */
    bool shared;         /**< it asks what other units ask as well: in order of time */
    bool resident;       /**< its tensor is in the outermost cache already */
    bool simple;         /**< it asks the unit's own servers, and no cache */
    uint16_t jump;       /**< LOOP: behind its END; END: behind its LOOP */
    uint16_t first_hold; /**< into a class' holds, one for each demand of n_now */
    uint32_t chain;
    const struct psim_des_tile *box; /**< NULL: no look-up */
    const struct psim_des_demand *demands;
    const uint8_t *cache;
    psim_tick latency[PSIM_MAX_CACHES + 1];
    struct psim_rate interval;
};

/** What a step is in all items of a class. */
struct psim_des_cost {
    uint64_t amount;
    psim_tick own; /**< the gang's own pace and its chain */
};

/** For how long a step holds a server that it asks whatever caches hold. */
struct psim_des_hold {
    psim_tick ticks;
    uint32_t first, units; /**< as of the server */
};

/** All items with the same values of all parameters behave alike. */
struct psim_des_class {
    const int64_t *values;
    const struct psim_des_cost *costs; /**< one a step */
    const struct psim_des_hold *holds;
};

enum psim_gang_state {
    PSIM_GANG_RUNS,
    PSIM_GANG_ACTS,   /**< served in turn with others: until it alone would be done */
    PSIM_GANG_SHARES, /**< and then until those are that asked by then */
    PSIM_GANG_NEEDS_DATA,
    PSIM_GANG_NEEDS_SPACE,
    PSIM_GANG_DONE,
};

/** How far a gang has come with the slots of a channel. */
struct psim_gang_slots {
    uint32_t waited;             /**< how many it has waited for */
    uint8_t wait_at, release_at; /**< places in the ring of the next ones */
};

/** Two lines of memory: what every step needs, then the channels. */
struct psim_gang {
    uint16_t pc;
    uint16_t own; /**< its number among the gangs of its unit */
    uint8_t role, state, channel, depth;
    uint32_t slot, unit;
    uint32_t turn;  /**< QUEUE: its item among those that its slot took */
    uint32_t class; /**< index + 1; 0: it never had an item */
    uint64_t item;  /**< in the order of the walk */
    uint32_t counter[PSIM_MAX_NESTING];
    uint32_t x[PSIM_MAX_AXES];
    struct psim_gang_slots on[PSIM_MAX_CHANNELS];
};

/** A channel of one work-group: a ring of slots. */
struct psim_des_channel {
    uint32_t reserved, committed, freed;
    uint8_t depth, consumers;
    uint8_t reserve_at; /**< place in the ring of the next one */
    uint8_t filling;    /**< of the one that was reserved last */
    psim_tick *ready;   /**< one a place, as the next */
    uint8_t *releases;
};

/** The items that a slot took, as far back as one of its gangs has to go. */
struct psim_des_taken {
    uint64_t *item; /**< a ring: the n-th at n modulo room, a power of two */
    uint32_t n, room;
};

/** What runs ahead on its own between two steps that are shared with other units. */
struct psim_des_unit {
    struct psim_heap heap; /**< of its gangs */
    uint32_t paused;       /**< gang before a shared step; UINT32_MAX: none */
};

/** Where an item is: neighbours in time ask for the same ones again and again. */
struct psim_des_walked {
    uint64_t item; /**< + 1; 0: none */
    uint32_t x[PSIM_MAX_AXES];
};

enum { PSIM_DES_WALKED = 1024 /**< a power of two */ };

/** What may be counted wrongly if it is not counted here. */
struct psim_des_count {
    uint64_t amount;
    uint64_t missed[PSIM_MAX_CACHES];
};

/** What the first work-groups ask for together: eq. E5. */
struct psim_des_burst {
    psim_tick lasts, ends; /**< 0: none; not known yet */
};

struct psim_des {
    struct psim_arena *arena;
    const struct psim_plan *plan;
    const struct psim_kernel *kernel;
    double tick_s;
    double turning; /**< of a bus' turn, what a read waits: eq. M15 */
    uint64_t items, next_item;
    uint32_t slots, gangs_per_slot;
    uint16_t n_holds;
    struct psim_des_step *steps;
    struct psim_des_step start; /**< the start act as a step */
    bool has_start;
    struct psim_des_servers *servers;
    struct psim_des_server *instances; /**< of units, one after the other; of several */
    uint32_t own_servers;              /**< of one unit */
    size_t n_instances;
    struct psim_cache_state ***caches; /**< [cache][unit] */
    uint64_t n_keys;                   /**< blocks of all tensors looked up */
    uint64_t first_key[PSIM_MAX_TENSORS];
    uint32_t keyed; /**< set of tensors that have theirs */
    struct psim_des_unit *units;
    uint32_t gangs_per_unit;
    bool in_turn; /**< units serve several work-groups in turn: eq. E4 */
    struct psim_des_burst burst[PSIM_MAX_CHANNELS];
    struct psim_heap heap; /**< of units that come to a shared step */
    struct psim_gang *gangs;
    struct psim_des_channel *channels; /**< [slot][channel] */
    psim_tick *ready;                  /**< the rings of all channels in a row */
    uint8_t *releases;
    size_t n_places;
    struct psim_des_taken *taken; /**< QUEUE: [slot] */
    uint32_t *slot_left;          /**< EACH: gangs that still run */
    struct psim_des_class *classes;
    uint32_t n_classes, class_room;
    bool one_class; /**< whatever the item */
    uint32_t *class_table;
    struct psim_des_walked *walked; /**< [item modulo their number] */
    struct psim_des_count *counts;  /**< one a step */
    psim_tick end, end_before;      /**< since the last anchor, and until then */
    uint64_t events;
    struct psim_skip skip;
    struct psim_tape *tape; /**< NULL: nothing is kept */
    /** psim_des_act, or what also keeps it (psim_tape_act). */
    psim_tick (*act)(struct psim_des *des, const struct psim_gang *gang,
                     const struct psim_des_step *step, psim_tick now);
};

/** The first of a unit's own servers. */
static inline struct psim_des_server *
psim_des_own(const struct psim_des *des, uint32_t unit)
{
    return &des->instances[(size_t)unit * des->own_servers];
}

/** The instance that a unit asks. */
static inline struct psim_des_server *
psim_des_server(const struct psim_des *des, uint32_t first, uint32_t units,
                uint32_t unit)
{
    if (units == 0) return &des->instances[first];
    if (units == 1) return &psim_des_own(des, unit)[first];
    return &des->instances[first + unit / units];
}

/** A server serves in the order in which it is asked. @return when it has done so */
static inline psim_tick
psim_des_reserve(struct psim_des_server *server, psim_tick now, psim_tick hold)
{
    const psim_tick begin = server->free_at > now ? server->free_at : now;
    server->free_at = begin + hold;
    server->busy += hold;
    return begin + hold;
}

/**
 * Of what a unit serves in turn: who asks for little does not wait until all is done
 * that others asked for before, but has a share (eq. E4).
 */
static inline psim_tick
psim_des_share(const struct psim_des *des, psim_tick now, psim_tick hold, psim_tick end)
{
    if (!des->in_turn) return end;
    const psim_tick fair = now + hold * des->gangs_per_unit;
    return fair < end ? fair : end;
}

/** The unit's own part of an act. @return when it is done, if nothing else is asked */
static inline psim_tick
psim_des_act_own(struct psim_des *des, const struct psim_gang *gang,
                 const struct psim_des_step *step, psim_tick now)
{
    const struct psim_des_class *class = &des->classes[gang->class - 1];
    const struct psim_des_cost *cost = &class->costs[gang->pc];
    const struct psim_des_hold *hold = class->holds + step->first_hold;
    const struct psim_des_hold *behind = hold + step->n_own;
    struct psim_des_server *own = psim_des_own(des, gang->unit);
    psim_tick end = now + cost->own;
    des->counts[gang->pc].amount += cost->amount;
    for (; hold != behind; hold++) {
        const psim_tick asked = psim_des_reserve(&own[hold->first], now, hold->ticks);
        const psim_tick at = psim_des_share(des, now, hold->ticks, asked);
        end = at > end ? at : end;
    }
    return end;
}

static inline const struct psim_des_class *
psim_des_class_of(const struct psim_des *des, const struct psim_gang *gang)
{
    return &des->classes[gang->class - 1];
}

/** Round up, once an amount. */
static inline psim_tick
psim_rate_ticks(struct psim_rate rate, uint64_t amount)
{
    return amount * rate.whole + ((amount * rate.frac + 65535) >> 16);
}

/** Allocate and look up everything; no event is scheduled yet. */
void psim_des_build(struct psim_des *des, const struct psim_launch *launch);

/** A box with everything found that is the same in all items and turns. */
const struct psim_des_tile *psim_des_tile(struct psim_des *des,
                                          const struct psim_tile *from);

/** The class of an item, made when it is first met. @return its index + 1 */
uint32_t psim_des_class(struct psim_des *des, const uint32_t x[PSIM_MAX_AXES]);

/** Coordinates of an item. */
void psim_des_walk(struct psim_des *des, uint64_t item, uint32_t ret_x[PSIM_MAX_AXES]);

/** Give a gang the first step of an item. */
void psim_des_enter(struct psim_des *des, struct psim_gang *gang, uint64_t item);

/** Start the first work-groups on all slots, breadth first. */
void psim_des_begin(struct psim_des *des);

/** A gang came to its STOP: next item, next work-group or nothing. */
void psim_des_stop(struct psim_des *des, struct psim_gang *gang, psim_tick now);

/** Blocks that a box touches in one dimension. @return false where it is outside */
bool psim_des_blocks(const struct psim_des_dim *dim, const struct psim_gang *gang,
                     uint64_t *ret_first, uint64_t *ret_last);

/** What one block spans in a dimension: less at the tensor's end. */
static inline uint64_t
psim_des_block_size(const struct psim_des_dim *dim, uint64_t index)
{
    const uint64_t left = dim->extent - index * dim->block;
    return left < dim->block ? left : dim->block;
}

/** A block to look up. */
struct psim_des_block {
    uint64_t key, bytes;
    uint8_t level; /**< of the first cache to look into: those before it miss */
};

/** Look up a single block. */
void psim_des_look_block(struct psim_des *des, const struct psim_des_step *step,
                         uint32_t unit, struct psim_des_block block,
                         struct psim_misses *ret);

/** Look up all blocks of the step's box at the gang's place. */
void psim_des_look(struct psim_des *des, const struct psim_gang *gang,
                   const struct psim_des_step *step, struct psim_misses *ret);

/**
 * Reserve the servers of an act from @p now on.
 * @return when its result is there
 */
psim_tick psim_des_act(struct psim_des *des, const struct psim_gang *gang,
                       const struct psim_des_step *step, psim_tick now);

/** Reserve the servers of a work-group's start. @return when it may go on */
psim_tick psim_des_start(struct psim_des *des, uint32_t unit, psim_tick now);

/**
 * Nothing is left to do: end and loads, and what binds.
 * @param time the analytic engine's, which it replaces
 */
void psim_des_end(struct psim_des *des, struct psim_kernel_time *time);

static inline void
psim_des_wake(struct psim_des *des, const struct psim_gang *gang, psim_tick at)
{
    psim_heap_push(&des->units[gang->unit].heap, (struct psim_event){at, gang->own});
}
