/* SPDX-License-Identifier: MIT */
/** @file A state of a kernel under way, to be met again later.
 *
 * Internal to des*.c. */
#pragma once

#include "sim/des.h"

/** A copy of all that the future depends on but for caches, which are looked up again.
 */
struct psim_anchor {
    psim_tick now;
    uint64_t next_item, events;
    struct psim_gang *gangs;
    psim_tick *pending; /**< one a gang */
    uint32_t *paused;   /**< one a unit */
    struct psim_des_channel *channels;
    psim_tick *ready;
    uint8_t *releases;
    struct psim_des_server *servers;
    struct psim_des_taken *taken; /**< with rings of its own */
    uint32_t *slot_left;
    struct psim_des_count *counts;
    uint8_t *waits;       /**< [role]: set of the channels that it waits for */
    uint8_t *releases_of; /**< [role]: set of those that it releases */
};

/** How a state differs from an anchor that it equals otherwise. */
struct psim_shift {
    psim_tick ticks;
    uint64_t items; /**< 0: counters of loops moved on */
};

/** Room for the states of a kernel. */
struct psim_anchor *psim_anchor_new(struct psim_des *des);

/** Keep the state at @p now, in the place of the last one. */
void psim_anchor_set(struct psim_des *des, struct psim_anchor *anchor, psim_tick now);

/**
 * Whether the state at @p now is the anchor's, later by @p ret: the same steps, waits
 * and rings, with counters of one loop a gang or all items moved on.
 */
bool psim_anchor_equals(const struct psim_des *des, const struct psim_anchor *anchor,
                        psim_tick now, struct psim_shift *ret);

/** How often the shift can be done before a loop or the items end. */
uint64_t psim_anchor_most(const struct psim_des *des, const struct psim_anchor *anchor,
                          const struct psim_shift *shift);

/** Move the state at @p now on by @p times the shift. */
void psim_anchor_move(struct psim_des *des, const struct psim_anchor *anchor,
                      psim_tick now, const struct psim_shift *shift, uint64_t times);

/** The depth at which a gang's counter is above the anchor's; 0 where none is. */
static inline uint8_t
psim_anchor_depth(const struct psim_gang *gang, const struct psim_gang *before)
{
    uint8_t depth = 0;
    for (uint8_t d = 0; d < gang->depth; d++) {
        if (gang->counter[d] != before->counter[d]) depth = d;
    }
    return depth;
}
