/* SPDX-License-Identifier: MIT */
/** @file Caches that hold the same again, but for later blocks.
 *
 * Internal to des*.c. */
#pragma once

#include "sim/des_repeat.h"

/** What one of them held. */
struct psim_inner_list {
    struct psim_cache_state *cache;
    struct psim_held *held;
    uint32_t n, room;
};

/** Blocks of a tensor, and by how many of them all its look-ups move on. */
struct psim_inner_move {
    uint64_t first, behind, stride;
};

/** Caches that are watched together. */
struct psim_inner_group {
    struct psim_inner_list *lists;
    size_t n;
    uint64_t kept;      /**< repetition after which lists were kept; 0: none */
    uint64_t steady_at; /**< from which on they recur; UINT64_MAX: not yet */
};

struct psim_inner {
    struct psim_inner_group own;    /**< of single units */
    struct psim_inner_group shared; /**< by all units, behind those */
    struct psim_held *now;          /**< room for one list */
    uint32_t now_room;
    struct psim_inner_move moves[PSIM_MAX_TENSORS];
    size_t n_moves;
    uint64_t missed_bytes; /**< in shared caches, a period */
};

/** Of the caches that a step looks into, those that are not one for all units: 0, 1. */
uint8_t psim_inner_levels(const struct psim_des *des, const struct psim_des_step *step);

/** Begin to watch the caches of the look-ups that are repeated. */
void psim_inner_begin(struct psim_des *des, const struct psim_again *again, size_t n);

/** After a repetition that came out the same: whether own caches recur from now on. */
bool psim_inner_own(struct psim_des *des, const struct psim_shift *shift,
                    uint64_t times);

/** Whether it is time to see if shared caches recur, in their order of use. */
bool psim_inner_is_time(const struct psim_des *des, uint64_t times);

/** The same for shared ones, in their order of use: then nothing need be looked up. */
bool psim_inner_shared(struct psim_des *des, const struct psim_shift *shift,
                       uint64_t times);

/** They hold what they do after @p whole repetitions and @p end look-ups of another. */
void psim_inner_end(struct psim_des *des, const struct psim_again *again,
                    const struct psim_shift *shift, uint64_t whole, size_t end);
