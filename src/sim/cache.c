/* SPDX-License-Identifier: MIT */
/** @file A cache of blocks: a table of those that are held, a list of their uses.
 *
 * Each use is written behind the uses before; of a block only the last one counts. So a
 * hit writes to one entry and to the end of the list, whatever else the cache holds,
 * and the oldest block is found at the list's start, past uses that no longer count. */
#include "sim/cache.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"

#define NOBODY UINT32_MAX

struct entry {
    uint64_t key;
    psim_tick ready;
    uint32_t bytes; /* as many as fit: a block of 4 GiB is too large for any cache */
    uint32_t last;  /* place of its last use in the list; 0: it is not held */
};

struct psim_cache_state {
    struct psim_arena *arena;
    uint64_t capacity, used, blocks;
    struct entry *entries; /* direct: [key] */
    uint32_t *table;       /* index + 1 of an entry; 0 = empty; NULL: direct */
    uint32_t *uses;        /* index of the entry, from [1] on */
    uint32_t first_use, end_use, use_room;
    uint32_t mask, n_entries, room, n_held;
    uint32_t unused; /* index + 1 of an entry dropped; its `bytes` are the next one's */
    uint8_t shift;
};

enum { PROBE = 9, FIRST_USES = 128 };

/* --- uses ------------------------------------------------------------------- */

/** Leave out uses that no longer count; more room if they are few. */
static void
shrink_uses(struct psim_cache_state *cache)
{
    uint32_t end = 1;
    for (uint32_t at = cache->first_use; at < cache->end_use; at++) {
        const uint32_t index = cache->uses[at];
        if (cache->entries[index].last != at) continue;
        cache->uses[end] = index;
        cache->entries[index].last = end++;
    }
    cache->first_use = 1;
    cache->end_use = end;
    if (2 * (uint64_t)end <= cache->use_room) return;
    uint32_t *more = PSIM_NEW_N(cache->arena, uint32_t, 2 * (size_t)cache->use_room);
    memcpy(more, cache->uses, end * sizeof *more);
    cache->uses = more;
    cache->use_room *= 2;
}

static inline void
use(struct psim_cache_state *cache, uint32_t index)
{
    struct entry *e = &cache->entries[index];
    if (e->last + 1 == cache->end_use && e->last > 0) return;
    if (cache->end_use == cache->use_room) shrink_uses(cache);
    cache->uses[cache->end_use] = index;
    e->last = cache->end_use++;
}

/* --- table ------------------------------------------------------------------ */

/** Eight neighbours stand in one line of memory: a box asks for neighbours. */
static inline uint32_t
slot_of(const struct psim_cache_state *cache, uint64_t key)
{
    /* Fibonacci hashing (Knuth, vol. 3, sec. 6.4): keys at even distances spread. */
    const uint64_t hash = (key >> 3) * UINT64_C(0x9E3779B97F4A7C15);
    const uint32_t group = (uint32_t)(hash >> cache->shift) << 3;
    return (group | ((uint32_t)(key ^ (hash >> 20)) & 7)) & cache->mask;
}

/** Where a key stands, or the empty place for it. */
static inline uint32_t
place_of(const struct psim_cache_state *cache, uint64_t key)
{
    uint32_t at = slot_of(cache, key);
    while (cache->table[at] != 0 && cache->entries[cache->table[at] - 1].key != key) {
        at = (at + PROBE) & cache->mask;
    }
    return at;
}

/** Steps from one place to another, as places are probed. */
static inline uint32_t
probes(const struct psim_cache_state *cache, uint32_t from, uint32_t to)
{
    static const uint32_t inverse = 0x38E38E39; /* of 9, modulo 2^32 */
    static_assert(PROBE == 9, "its inverse");
    return ((to - from) * inverse) & cache->mask;
}

/** Close a hole: whoever was pushed past it by probing moves back. */
static void
close_hole(struct psim_cache_state *cache, uint32_t hole)
{
    for (uint32_t at = (hole + PROBE) & cache->mask; cache->table[at] != 0;
         at = (at + PROBE) & cache->mask) {
        const uint32_t home = slot_of(cache, cache->entries[cache->table[at] - 1].key);
        if (probes(cache, home, at) >= probes(cache, hole, at)) {
            cache->table[hole] = cache->table[at];
            hole = at;
        }
    }
    cache->table[hole] = 0;
}

/** NOBODY where there is none. */
static inline uint32_t
find_entry(const struct psim_cache_state *cache, uint64_t key)
{
    if (!cache->table) return cache->entries[key].last > 0 ? (uint32_t)key : NOBODY;
    return cache->table[place_of(cache, key)] - 1;
}

/* --- what is held ----------------------------------------------------------- */

struct psim_cache_state *
psim_cache_new(struct psim_arena *arena, uint64_t bytes, uint64_t block_bytes,
               uint64_t blocks)
{
    struct psim_cache_state *cache = PSIM_NEW(arena, struct psim_cache_state);
    /* Edge blocks are smaller than block_bytes: twice the room, then the oldest
     * goes early. */
    uint64_t room = 2 * (bytes / (block_bytes > 0 ? block_bytes : 1)) + 16;
    if (room > 1U << 20) room = 1U << 20;
    /* A table of all blocks is the faster one: neighbours stand side by side. */
    const bool direct = blocks <= 4 * room;
    if (room > blocks) room = blocks;
    *cache = (struct psim_cache_state){
        .arena = arena,
        .capacity = bytes,
        .blocks = blocks,
        .room = (uint32_t)room,
        .entries = PSIM_NEW_N(arena, struct entry, direct ? blocks : room),
        .uses = PSIM_NEW_N(arena, uint32_t, FIRST_USES),
        .first_use = 1,
        .end_use = 1,
        .use_room = FIRST_USES,
    };
    if (direct) return cache;
    uint32_t size = 64;
    uint8_t bits = 6;
    for (; size < 2 * room; size *= 2) {
        bits++;
    }
    cache->table = PSIM_NEW_N(arena, uint32_t, size);
    cache->mask = size - 1;
    cache->shift = (uint8_t)(64 - (bits - 3));
    return cache;
}

static void
drop_oldest(struct psim_cache_state *cache)
{
    uint32_t victim;
    do {
        assert(cache->first_use < cache->end_use);
        victim = cache->uses[cache->first_use];
    } while (cache->entries[victim].last != cache->first_use++);
    struct entry *e = &cache->entries[victim];
    cache->used -= e->bytes;
    cache->n_held--;
    e->last = 0;
    if (!cache->table) return;
    close_hole(cache, place_of(cache, e->key));
    e->bytes = cache->unused;
    cache->unused = victim + 1;
}

/** An entry that holds nothing. */
static uint32_t
take_entry(struct psim_cache_state *cache, uint64_t key)
{
    if (!cache->table) return (uint32_t)key;
    uint32_t index = cache->n_entries;
    if (cache->unused > 0) {
        index = cache->unused - 1;
        cache->unused = cache->entries[index].bytes;
    } else {
        cache->n_entries++;
    }
    cache->table[place_of(cache, key)] = index + 1;
    return index;
}

bool
psim_cache_fits(const struct psim_cache_state *cache, uint64_t bytes, uint64_t blocks)
{
    return bytes <= cache->capacity && blocks <= cache->room;
}

void
psim_cache_touch(struct psim_cache_state *cache, uint64_t key)
{
    const uint32_t index = find_entry(cache, key);
    assert(index != NOBODY);
    use(cache, index);
}

struct psim_lookup
psim_cache_lookup(struct psim_cache_state *cache, uint64_t key, uint64_t bytes)
{
    assert(key < cache->blocks);
    const uint32_t held = find_entry(cache, key);
    if (held != NOBODY) {
        use(cache, held);
        return (struct psim_lookup){true, &cache->entries[held].ready};
    }
    while (cache->n_held > 0 &&
           (cache->used + bytes > cache->capacity || cache->n_held == cache->room)) {
        drop_oldest(cache);
    }
    const uint32_t index = take_entry(cache, key);
    struct entry *e = &cache->entries[index];
    e->key = key;
    e->bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    e->ready = 0;
    cache->used += e->bytes;
    cache->n_held++;
    use(cache, index);
    return (struct psim_lookup){false, &e->ready};
}

uint64_t
psim_cache_bytes(const struct psim_cache_state *cache)
{
    return cache->used;
}

uint32_t
psim_cache_count(const struct psim_cache_state *cache)
{
    return cache->n_held;
}

void
psim_cache_list(const struct psim_cache_state *cache, struct psim_held *ret)
{
    for (uint32_t at = cache->first_use; at < cache->end_use; at++) {
        const struct entry *e = &cache->entries[cache->uses[at]];
        if (e->last == at) *ret++ = (struct psim_held){e->key, e->bytes, e->ready};
    }
}

void
psim_cache_refill(struct psim_cache_state *cache, const struct psim_held *held,
                  uint32_t n)
{
    while (cache->n_held > 0) {
        drop_oldest(cache);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct psim_lookup put =
            psim_cache_lookup(cache, held[i].key, held[i].bytes);
        assert(!put.hit);
        *put.ready = held[i].ready;
    }
    assert(cache->n_held == n);
}
