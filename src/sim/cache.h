/* SPDX-License-Identifier: MIT */
/** @file Blocks of tensors that a cache holds, least recently used out first. */
#pragma once

#include "sim/heap.h"

struct psim_cache_state;

/**
 * Room for blocks of at least @p block_bytes; keys are below @p blocks, so that the
 * table's size is known.
 */
struct psim_cache_state *psim_cache_new(struct psim_arena *arena, uint64_t bytes,
                                        uint64_t block_bytes, uint64_t blocks);

/** Answer to one look-up. */
struct psim_lookup {
    bool hit;
    psim_tick *ready; /**< when the block is there: read at a hit, set after a miss */
};

/**
 * Look a block up and keep it as the most recently used. After a miss it counts
 * as held at once; whoever finds it before `*ready` waits until then.
 */
struct psim_lookup psim_cache_lookup(struct psim_cache_state *cache, uint64_t key,
                                     uint64_t bytes);

/** Whether so many blocks of so many bytes in all are never dropped by each other. */
bool psim_cache_fits(const struct psim_cache_state *cache, uint64_t bytes,
                     uint64_t blocks);

/** Count a block that is there as the most recently used. */
void psim_cache_touch(struct psim_cache_state *cache, uint64_t key);

/** A block as a cache holds it. */
struct psim_held {
    uint64_t key, bytes;
    psim_tick ready;
};

/** Bytes of all blocks that a cache holds. */
uint64_t psim_cache_bytes(const struct psim_cache_state *cache);

/** How many blocks a cache holds. */
uint32_t psim_cache_count(const struct psim_cache_state *cache);

/** All that it holds, the one used longest ago first; as many as it counts. */
void psim_cache_list(const struct psim_cache_state *cache, struct psim_held *ret);

/** Hold these instead, in that order; they fit. */
void psim_cache_refill(struct psim_cache_state *cache, const struct psim_held *held,
                       uint32_t n);
