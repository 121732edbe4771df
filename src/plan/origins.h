/* SPDX-License-Identifier: MIT */
/** @file Behind each demand and latency of an act: which figures of the machine.
 *
 * Nobody asks while mappings are tried. Who explains a plan has it built once more with
 * a list of origins in the build: what the acts are made of is then said by the code
 * that makes them. */
#pragma once

#include "plan/build.h"

enum psim_origin_kind {
    PSIM_ORIGIN_PIPE,    /**< `units` of the rate of `op` on one of its pipes */
    PSIM_ORIGIN_SLOTS,   /**< of the next issue: `units` times those of `op`, over
                              `per`; without `op` `units` other instructions */
    PSIM_ORIGIN_ISSUE,   /**< all slots before it, on group `index` */
    PSIM_ORIGIN_MEMORY,  /**< bandwidth of memory `index` */
    PSIM_ORIGIN_PORT,    /**< of a port to it */
    PSIM_ORIGIN_LANES,   /**< lanes that each have one access of `per` bytes in flight,
                              `units` lanes of a unit */
    PSIM_ORIGIN_TURN,    /**< `units` of the longest time on any server of the unit */
    PSIM_ORIGIN_PLACE,   /**< `units` work-groups of group `index` placed */
    PSIM_ORIGIN_LINK,    /**< link `index`, one way */
    PSIM_ORIGIN_STAGING, /**< the same of the host's own copies */
    PSIM_ORIGIN_PACE,   /**< interval: `units` slots of a bundle alone, `per` bundles */
    PSIM_ORIGIN_REACH,  /**< interval: `units` of the rate of `op`, on `per` pipes */
    PSIM_ORIGIN_ACCESS, /**< interval: as LANES, of a gang's lanes */
    PSIM_ORIGIN_OWN_WAIT, /**< latency: of `op` */
    PSIM_ORIGIN_WAIT,     /**< latency: of memory `index` */
    PSIM_ORIGIN_MIXED,    /**< latency: of memory `index` as far as data miss, `units`,
                               of the cache before it else */
    PSIM_ORIGIN_WAY,      /**< latency: `units` ways over link `index` */
    PSIM_ORIGIN_PASSED,   /**< latency: of memory `index`, whatever holds the data */
    PSIM_ORIGIN_DELAY,    /**< latency: fixed, of a barrier of group `index` */
    PSIM_ORIGIN_START,    /**< latency: of placing a work-group of group `index` */
    PSIM_ORIGIN_SETUP,    /**< latency: of `op`, once a work-group */
};

/** One reason of one act; `s`, `count`, `j` are what it adds a unit of its amount. */
struct psim_origin {
    enum psim_origin_kind kind;
    uint8_t act;
    uint16_t server; /**< of the plan; demands only */
    uint8_t behind;  /**< of a demand, or caches missed of a latency; PSIM_NONE: any */
    double times;    /**< how often, for one unit of the act's amount */
    double s, count, j;
    const struct psim_operation *op;
    enum psim_dtype dtype;
    int index;
    double units, per;
    double merged; /**< instances of the machine that the server stands for */
    double bytes;  /**< MEMORY, PORT: asked for */
    double piece_bytes;
    bool write, mixed; /**< MEMORY: writes of a kernel that reads it too */
    bool out;          /**< LINK, STAGING: to the host */
    bool longest;      /**< latencies of which only the longest counts */
};

/** A list that grows; those from `n_done` on belong to the act under construction. */
struct psim_origins {
    struct psim_arena *arena;
    struct psim_origin *item;
    size_t n, room, n_done;
};

/** One more of the act under construction, of a build that has a list. */
void psim_origin_add(struct psim_build *b, const struct psim_origin *origin);

/** The same from its members; where nobody asks, they are not even looked at. */
#define PSIM_ORIGIN(b, ...)                                                            \
    do {                                                                               \
        if ((b)->origins) psim_origin_add((b), &(struct psim_origin){__VA_ARGS__});    \
    } while (0)

/** How many there are: a mark. */
size_t psim_origin_mark(const struct psim_build *b);

/** All since a mark are asked for @p times as often. */
void psim_origin_scale(struct psim_build *b, size_t mark, double times);

/** The act is done: @p act, or PSIM_NONE where there was one alike. */
void psim_origin_end(struct psim_build *b, uint8_t act);
