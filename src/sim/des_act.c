/* SPDX-License-Identifier: MIT */
/** @file One invocation: servers in order of arrival, blocks looked up in caches. */
#include "sim/des.h"
#include "util/whole.h"

/** Reserve what an act asks for because it missed caches. @return when that is done */
static inline psim_tick
reserve_behind(struct psim_des *des, const struct psim_des_step *step, uint32_t unit,
               const uint64_t *missed, psim_tick now)
{
    psim_tick end = now;
    for (uint8_t d = step->n_now; d < step->n_demands; d++) {
        const struct psim_des_demand *demand = &step->demands[d];
        const uint64_t bytes = missed[demand->behind - 1];
        if (bytes == 0) continue;
        struct psim_des_server *server =
            psim_des_server(des, demand->servers.first, demand->servers.units, unit);
        const psim_tick hold = psim_rate_ticks(demand->rate, bytes);
        const psim_tick at = psim_des_reserve(server, now, hold);
        if (at > end) end = at;
    }
    return end;
}

/** One block through the caches on its way, inner first. */
static inline void
look_up(struct psim_des *des, const struct psim_des_step *step, uint32_t unit,
        struct psim_des_block block, struct psim_misses *misses)
{
    uint8_t level = block.level;
    for (; level < step->n_caches; level++) {
        const uint8_t cache = step->cache[level];
        if (step->resident && level + 1 == step->n_caches) break;
        const struct psim_lookup found =
            psim_cache_lookup(des->caches[cache][unit], block.key, block.bytes);
        if (found.hit) {
            if (*found.ready > misses->in_flight) misses->in_flight = *found.ready;
            break;
        }
        misses->bytes[level] += block.bytes;
        if (misses->n_fresh < PSIM_MOST_FRESH) {
            misses->fresh[misses->n_fresh++] = found.ready;
        }
    }
    if (level > misses->level) misses->level = level;
}

static inline uint64_t
block_of(const struct psim_des_dim *dim, uint64_t at)
{
    return dim->shift == PSIM_NONE ? at / dim->block : at >> dim->shift;
}

/** Where a box begins and ends. @return false where it is outside */
static inline bool
find_span(const struct psim_des_dim *dim, const struct psim_gang *gang,
          uint64_t *ret_lo, uint64_t *ret_hi)
{
    if (!dim->plain) {
        uint64_t turns[PSIM_MAX_NESTING];
        for (size_t d = 0; d < PSIM_MAX_NESTING; d++) {
            turns[d] = gang->counter[d];
        }
        psim_box_span(dim->box, dim->extent, gang->x, turns, ret_lo, ret_hi);
        return *ret_lo < *ret_hi;
    }
    int64_t at = dim->a * (int64_t)gang->x[dim->axis];
    for (uint8_t d = 0; d < dim->n_steps; d++) {
        at += dim->box->step[d] * (int64_t)gang->counter[d];
    }
    const int64_t lo = at + dim->lo, hi = at + dim->hi;
    *ret_lo = lo > 0 ? (uint64_t)lo : 0;
    *ret_hi = hi < (int64_t)dim->extent ? (uint64_t)hi : dim->extent;
    return hi > 0 && *ret_lo < *ret_hi;
}

/** Blocks that a box touches in one dimension. @return false where it is outside */
static inline bool
find_blocks(const struct psim_des_dim *dim, const struct psim_gang *gang,
            uint64_t *ret_first, uint64_t *ret_last)
{
    if (dim->fixed) {
        *ret_first = dim->first;
        *ret_last = dim->last;
        return dim->first <= dim->last;
    }
    uint64_t lo, hi;
    if (!find_span(dim, gang, &lo, &hi)) return false;
    *ret_first = block_of(dim, lo);
    const uint64_t behind = (*ret_first + 1) * dim->block;
    *ret_last = hi <= behind ? *ret_first : block_of(dim, hi - 1);
    return true;
}

bool
psim_des_blocks(const struct psim_des_dim *dim, const struct psim_gang *gang,
                uint64_t *ret_first, uint64_t *ret_last)
{
    return find_blocks(dim, gang, ret_first, ret_last);
}

static inline void
no_misses(const struct psim_des_step *step, struct psim_misses *ret)
{
    ret->level = 0;
    ret->in_flight = 0;
    ret->n_fresh = 0;
    for (uint8_t k = 0; k < step->n_caches; k++) {
        ret->bytes[k] = 0;
    }
}

void
psim_des_look_block(struct psim_des *des, const struct psim_des_step *step,
                    uint32_t unit, struct psim_des_block block,
                    struct psim_misses *misses)
{
    no_misses(step, misses);
    for (uint8_t k = 0; k < block.level; k++) {
        misses->bytes[k] = block.bytes;
    }
    look_up(des, step, unit, block, misses);
}

/** The one block of an even box. */
static inline void
look_even(struct psim_des *des, const struct psim_gang *gang,
          const struct psim_des_step *step, struct psim_misses *misses)
{
    const struct psim_des_tile *tile = step->box;
    uint64_t key = 0, bytes = tile->elem_bytes;
    for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        const struct psim_des_dim *dim = &tile->dim[d];
        uint64_t at = dim->first + dim->one * gang->x[dim->axis];
        for (uint8_t y = 0; y < dim->n_steps; y++) {
            at += dim->step[y] * gang->counter[y];
        }
        if (at >= dim->count) return;
        key = key * dim->count + at;
        bytes *= psim_des_block_size(dim, at);
    }
    look_up(des, step, gang->unit, (struct psim_des_block){tile->key + key, bytes, 0},
            misses);
}

void
psim_des_look(struct psim_des *des, const struct psim_gang *gang,
              const struct psim_des_step *step, struct psim_misses *misses)
{
    no_misses(step, misses);
    const struct psim_des_tile *tile = step->box;
    if (tile->even) {
        look_even(des, gang, step, misses);
        return;
    }
    const struct psim_des_dim *dim = tile->dim;
    uint64_t first[PSIM_MAX_TILE_DIMS], last[PSIM_MAX_TILE_DIMS];
    for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        if (!find_blocks(&dim[d], gang, &first[d], &last[d])) return;
    }
    for (uint64_t i = first[0]; i <= last[0]; i++) {
        const uint64_t plane = psim_des_block_size(&dim[0], i) * tile->elem_bytes;
        for (uint64_t j = first[1]; j <= last[1]; j++) {
            const uint64_t row = psim_des_block_size(&dim[1], j) * plane;
            const uint64_t key = tile->key + (i * dim[1].count + j) * dim[2].count;
            for (uint64_t k = first[2]; k <= last[2]; k++) {
                const uint64_t bytes = row * psim_des_block_size(&dim[2], k);
                look_up(des, step, gang->unit,
                        (struct psim_des_block){key + k, bytes, 0}, misses);
            }
        }
    }
}

/** Stores go through to memory; streams miss everywhere but where they are held. */
static void
miss_all(const struct psim_des_step *step, uint64_t amount, struct psim_misses *misses)
{
    misses->level = 0;
    for (uint8_t k = 0; k < step->n_caches; k++) {
        const bool held = step->resident && k + 1 == step->n_caches;
        misses->bytes[k] = 0;
        if (held && !(step->flags & PSIM_STORE)) break;
        misses->bytes[k] = amount;
        if (!(step->flags & PSIM_STORE)) misses->level = (uint8_t)(k + 1);
    }
}

/** What an act finds in its caches, or did when it was repeated. */
static inline void
find_misses(struct psim_des *des, const struct psim_gang *gang,
            const struct psim_des_step *step, uint64_t amount, struct psim_misses *ret)
{
    ret->in_flight = 0;
    ret->n_fresh = 0;
    if (step->box && des->skip.n_ahead > 0) {
        psim_skip_take(des, ret);
    } else if (step->box) {
        psim_des_look(des, gang, step, ret);
    }
    if (!step->box || (step->flags & PSIM_STORE)) miss_all(step, amount, ret);
}

psim_tick
psim_des_start(struct psim_des *des, uint32_t unit, psim_tick now)
{
    const struct psim_des_step *step = &des->start;
    psim_tick end = now;
    for (uint8_t d = 0; d < step->n_now; d++) {
        const struct psim_des_demand *demand = &step->demands[d];
        struct psim_des_server *server =
            psim_des_server(des, demand->servers.first, demand->servers.units, unit);
        const psim_tick hold = psim_rate_ticks(demand->rate, 1);
        const psim_tick at = psim_des_reserve(server, now, hold);
        if (at > end) end = at;
    }
    return end + step->latency[0];
}

psim_tick
psim_des_act(struct psim_des *des, const struct psim_gang *gang,
             const struct psim_des_step *step, psim_tick now)
{
    const struct psim_des_class *class = psim_des_class_of(des, gang);
    const struct psim_des_hold *holds = class->holds + step->first_hold;
    psim_tick end = psim_des_act_own(des, gang, step, now);
    for (uint8_t d = step->n_own; d < step->n_now; d++) {
        const struct psim_des_hold *hold = &holds[d];
        struct psim_des_server *server =
            psim_des_server(des, hold->first, hold->units, gang->unit);
        const psim_tick at = psim_des_reserve(server, now, hold->ticks);
        if (at > end) end = at;
    }
    if (step->n_caches == 0) return end + step->latency[0];

    struct psim_misses misses;
    find_misses(des, gang, step, class->costs[gang->pc].amount, &misses);
    const psim_tick behind = reserve_behind(des, step, gang->unit, misses.bytes, now);
    if (behind > end) end = behind;
    struct psim_des_count *count = &des->counts[gang->pc];
    for (uint8_t k = 0; k < step->n_caches; k++) {
        count->missed[k] += misses.bytes[k];
    }
    end += step->latency[misses.level];
    for (unsigned i = 0; i < misses.n_fresh; i++) {
        *misses.fresh[i] = end;
    }
    if (step->box && des->skip.logs) {
        psim_skip_log_access(des, gang, step, &misses, end);
    }
    return misses.in_flight > end ? misses.in_flight : end;
}
