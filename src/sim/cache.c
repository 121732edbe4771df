/* SPDX-License-Identifier: MIT */
/** @file A cache of blocks: hash table of open addressing, list in order of use. */
#include "sim/cache.h"

#include <assert.h>

#include "util/arena.h"

#define NOBODY UINT32_MAX

/** Two in a line of memory. */
struct entry {
    uint64_t key;
    psim_tick ready;
    uint32_t bytes; /* as many as fit: a block of 4 GiB is too large for any cache */
    uint32_t newer, older;
};

struct psim_cache_state {
    uint64_t capacity, used;
    struct entry *entries;
    uint32_t *table; /**< index + 1 of an entry; 0 = empty */
    uint32_t mask, n_entries, room;
    uint32_t newest, oldest, unused;
};

static uint32_t
slot_of(const struct psim_cache_state *cache, uint64_t key)
{
    /* Fibonacci hashing of eight neighbours together: a box asks for neighbours, and
     * finds them in one line of memory. */
    const uint64_t hash = (key >> 3) * UINT64_C(0x9E3779B97F4A7C15);
    const uint32_t group = (uint32_t)(hash >> 32) & ~7U;
    return (group | (((uint32_t)key ^ (uint32_t)(hash >> 29)) & 7)) & cache->mask;
}

struct psim_cache_state *
psim_cache_new(struct psim_arena *arena, uint64_t bytes, uint64_t block_bytes,
               uint64_t blocks)
{
    struct psim_cache_state *cache = PSIM_NEW(arena, struct psim_cache_state);
    /* Edge blocks are smaller than block_bytes: twice the room, then the oldest
     * goes early. */
    uint64_t room = 2 * (bytes / (block_bytes > 0 ? block_bytes : 1)) + 16;
    if (room > blocks) room = blocks;
    if (room > 1U << 20) room = 1U << 20;
    uint32_t size = 64;
    while (size < 2 * room) {
        size *= 2;
    }
    cache->capacity = bytes;
    cache->room = (uint32_t)room;
    cache->entries = PSIM_NEW_N(arena, struct entry, room);
    cache->table = PSIM_NEW_N(arena, uint32_t, size);
    cache->mask = size - 1;
    cache->newest = cache->oldest = cache->unused = NOBODY;
    return cache;
}

static void
unlink_entry(struct psim_cache_state *cache, uint32_t index)
{
    const struct entry *e = &cache->entries[index];
    if (e->newer == NOBODY) {
        cache->newest = e->older;
    } else {
        cache->entries[e->newer].older = e->older;
    }
    if (e->older == NOBODY) {
        cache->oldest = e->newer;
    } else {
        cache->entries[e->older].newer = e->newer;
    }
}

static void
link_newest(struct psim_cache_state *cache, uint32_t index)
{
    struct entry *e = &cache->entries[index];
    e->newer = NOBODY;
    e->older = cache->newest;
    if (cache->newest != NOBODY) cache->entries[cache->newest].newer = index;
    cache->newest = index;
    if (cache->oldest == NOBODY) cache->oldest = index;
}

static void
drop_oldest(struct psim_cache_state *cache)
{
    const uint32_t victim = cache->oldest;
    assert(victim != NOBODY);
    unlink_entry(cache, victim);
    cache->used -= cache->entries[victim].bytes;
    uint32_t hole = slot_of(cache, cache->entries[victim].key);
    while (cache->table[hole] != victim + 1) {
        hole = (hole + 1) & cache->mask;
    }
    /* Close the hole: whoever was pushed past it by probing moves back. */
    for (uint32_t at = (hole + 1) & cache->mask; cache->table[at] != 0;
         at = (at + 1) & cache->mask) {
        const uint32_t home = slot_of(cache, cache->entries[cache->table[at] - 1].key);
        if (((at - home) & cache->mask) >= ((at - hole) & cache->mask)) {
            cache->table[hole] = cache->table[at];
            hole = at;
        }
    }
    cache->table[hole] = 0;
    cache->entries[victim].older = cache->unused;
    cache->unused = victim;
}

static uint32_t
take_entry(struct psim_cache_state *cache)
{
    if (cache->unused != NOBODY) {
        const uint32_t index = cache->unused;
        cache->unused = cache->entries[index].older;
        return index;
    }
    return cache->n_entries++;
}

/** NOBODY where there is none. */
static inline uint32_t
find_entry(const struct psim_cache_state *cache, uint64_t key)
{
    uint32_t at = slot_of(cache, key);
    while (cache->table[at] != 0) {
        const uint32_t index = cache->table[at] - 1;
        if (cache->entries[index].key == key) return index;
        at = (at + 1) & cache->mask;
    }
    return NOBODY;
}

static inline void
make_newest(struct psim_cache_state *cache, uint32_t index)
{
    if (cache->newest == index) return;
    unlink_entry(cache, index);
    link_newest(cache, index);
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
    make_newest(cache, index);
}

struct psim_lookup
psim_cache_lookup(struct psim_cache_state *cache, uint64_t key, uint64_t bytes)
{
    const uint32_t held = find_entry(cache, key);
    if (held != NOBODY) {
        make_newest(cache, held);
        return (struct psim_lookup){true, &cache->entries[held].ready};
    }
    while (cache->oldest != NOBODY &&
           (cache->used + bytes > cache->capacity ||
            (cache->unused == NOBODY && cache->n_entries == cache->room))) {
        drop_oldest(cache);
    }
    const uint32_t index = take_entry(cache);
    struct entry *e = &cache->entries[index];
    e->key = key;
    e->bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    e->ready = 0;
    cache->used += e->bytes;
    uint32_t at = slot_of(cache, key);
    while (cache->table[at] != 0) {
        at = (at + 1) & cache->mask;
    }
    cache->table[at] = index + 1;
    link_newest(cache, index);
    return (struct psim_lookup){false, &e->ready};
}
