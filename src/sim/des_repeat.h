/* SPDX-License-Identifier: MIT */
/** @file How often a period can be repeated until something comes out otherwise.
 *
 * Internal to des*.c. */
#pragma once

#include "sim/des_anchor.h"

/** A look-up of a single block whose key moves on by the same each time. */
struct psim_again {
    uint64_t key, stride; /**< of the first repetition, and from one to the next */
    uint64_t bytes;
    psim_tick end, result; /**< as logged */
    const struct psim_des_step *step;
    uint32_t unit;
    uint8_t level;
    uint8_t first_level; /**< of the cache that is the first to be looked into */
    bool even;           /**< or else the box has to be found each time */
    bool leads;          /**< first of those that touch a block */
    bool passes;         /**< neither first nor last of them, and sure to find it */
};

/**
 * Do the look-ups of the log again, later by one shift, by two, and so on, until a loop
 * or the items end, an item is of another class, or one comes out otherwise: those that
 * are done by then are taken by the run that follows.
 *
 * @return how often all of them came out as they did
 */
uint64_t psim_repeat(struct psim_des *des, const struct psim_shift *shift);

/**
 * Find look-ups that need not be done: of those that touch a block one after the other,
 * the first shows whether it is there and the last when it was used last.
 *
 * @param inner whether caches of single units are not looked into
 * @return repetitions to do in full first; UINT64_MAX: all
 */
uint64_t psim_pass_find(struct psim_des *des, struct psim_again *again, size_t n,
                        bool inner);

/**
 * Put into their order of use the blocks that were touched last, once @p times periods
 * are done, the last one up to its look-up @p end.
 */
void psim_pass_end(struct psim_des *des, const struct psim_again *again, size_t n,
                   uint64_t window, uint64_t times, size_t end);
