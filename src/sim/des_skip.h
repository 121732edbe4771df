/* SPDX-License-Identifier: MIT */
/** @file What recurs is not simulated again (docs/MODEL.md, eq. E3).
 *
 * Internal to des*.c and event.c. */
#pragma once

#include "plan/plan.h"
#include "sim/heap.h"

struct psim_des;
struct psim_gang;
struct psim_des_step;
struct psim_anchor;
struct psim_again;
struct psim_touch;
struct psim_inner;

/** Blocks of one look-up that others may have to wait for; more count as landed. */
enum { PSIM_MOST_FRESH = 64 };

/** What one invocation missed below each cache, and what it had to wait for. */
struct psim_misses {
    uint64_t bytes[PSIM_MAX_CACHES];
    uint8_t level;       /**< caches missed by the block that was farthest away */
    psim_tick in_flight; /**< when blocks land that others asked for */
    psim_tick *fresh[PSIM_MOST_FRESH]; /**< landing times to set */
    unsigned n_fresh;
};

/** One look-up of a tile, and how it came out. */
struct psim_access {
    uint64_t item;
    uint32_t counter[PSIM_MAX_NESTING];
    uint64_t bytes[PSIM_MAX_CACHES];
    psim_tick end;    /**< when what it missed is there */
    psim_tick result; /**< when all of the tile is there */
    uint32_t gang;
    uint16_t step;
    uint8_t level;
};

/** A gang that came to an item. */
struct psim_entry {
    uint64_t item;
    uint32_t gang, class;
};

/** All that happened since an anchor, as far as it may come out otherwise. */
struct psim_skip_log {
    struct psim_access *access;
    struct psim_entry *entry;
    size_t n_accesses, access_room;
    size_t n_entries, entry_room;
};

/** What has to move on for the state to come back. */
enum psim_skip_by {
    PSIM_SKIP_TURNS, /**< loop counters */
    PSIM_SKIP_ITEMS, /**< items */
    PSIM_SKIP_NONE,
};

/** Who watches for a state that was there before. */
struct psim_skip {
    uint32_t watch; /**< gang at whose events states are compared; UINT32_MAX: none */
    uint8_t by;     /**< enum psim_skip_by */
    bool logs;
    bool tried[PSIM_SKIP_NONE];
    struct psim_anchor *anchor; /**< the state to compare with */
    bool anchored;
    uint64_t item;                /**< of the watched gang when states were compared */
    uint64_t checks, next_anchor; /**< Brent: a new anchor at each power of two */
    uint64_t failures;            /**< items or anchors without a skip */
    struct psim_skip_log log;
    struct psim_inner *inner;
    struct psim_again *again; /**< the look-ups of the log */
    struct psim_touch *touch; /**< the same in order of their blocks */
    size_t again_room, touch_room;
    uint32_t *unsure; /**< those of them that may come out otherwise */
    size_t n_unsure;
    /**
     * Look-ups of the period in hand that are done already, in `ahead`: they came out
     * as before, but for the last one, which came out as `other`.
     */
    struct psim_access *ahead;
    size_t n_ahead, at_ahead, ahead_room;
    psim_tick ahead_by; /**< how much later than logged they happen */
    struct psim_misses other;
    uint64_t skipped; /**< events */
};

/** Begin to watch, once all units stand before a shared step; or not, @p in_full. */
void psim_skip_begin(struct psim_des *des, bool in_full);

/**
 * It is the watched gang's turn at @p now: if the state was there before, move on by as
 * many periods as come out the same.
 *
 * @return when it is then
 */
psim_tick psim_skip_check(struct psim_des *des, psim_tick now);

/** The work-group of a gang has no further item: another one is watched. */
void psim_skip_leave(struct psim_des *des, const struct psim_gang *gang);

/** Keep a look-up; @p misses as it was found, before stores are treated. */
void psim_skip_log_access(struct psim_des *des, const struct psim_gang *gang,
                          const struct psim_des_step *step,
                          const struct psim_misses *misses, psim_tick end);
void psim_skip_log_entry(struct psim_des *des, const struct psim_gang *gang);

/** The look-up in hand is done already: how it came out. */
void psim_skip_take(struct psim_des *des, struct psim_misses *ret);
