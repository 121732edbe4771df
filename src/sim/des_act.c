/* SPDX-License-Identifier: MIT */
/** @file One invocation: servers in order of arrival, blocks looked up in caches. */
#include "sim/des.h"
#include "util/whole.h"

/** What one invocation missed below each cache, and what it had to wait for. */
struct misses {
    uint64_t bytes[PSIM_MAX_CACHES];
    uint8_t level;        /**< caches missed by the block that was farthest away */
    psim_tick in_flight;  /**< when blocks land that others asked for */
    psim_tick *fresh[64]; /**< landing times to set */
    unsigned n_fresh;
};

static psim_tick
reserve(struct psim_des *des, uint32_t unit, uint16_t server, psim_tick now,
        psim_tick hold)
{
    const uint32_t units = des->plan->servers[server].units;
    const uint32_t instance = des->server_at[server] + (units == 0 ? 0 : unit / units);
    const psim_tick begin = des->free_at[instance] > now ? des->free_at[instance] : now;
    des->free_at[instance] = begin + hold;
    des->busy[instance] += hold;
    return begin + hold;
}

/** One block through the caches on its way, inner first. */
static void
look_up(struct psim_des *des, const struct psim_des_step *step, uint32_t unit,
        uint64_t key, uint64_t bytes, struct misses *misses)
{
    uint8_t level = 0;
    for (; level < step->n_caches; level++) {
        const uint8_t cache = step->cache[level];
        if (step->resident && level + 1 == step->n_caches) break;
        const uint32_t units = des->plan->caches[cache].units;
        const struct psim_lookup found = psim_cache_lookup(
            des->caches[cache][units == 0 ? 0 : unit / units], key, bytes);
        if (found.hit) {
            if (*found.ready > misses->in_flight) misses->in_flight = *found.ready;
            break;
        }
        misses->bytes[level] += bytes;
        if (misses->n_fresh < 64) misses->fresh[misses->n_fresh++] = found.ready;
    }
    if (level > misses->level) misses->level = level;
}

/** Bytes of the block at a place: those at the tensor's edge are smaller. */
static uint64_t
block_bytes(const struct psim_tensor *tensor, const uint64_t at[PSIM_MAX_TILE_DIMS])
{
    uint64_t bytes = tensor->elem_bytes;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        const uint64_t left = tensor->extent[d] - at[d] * tensor->block[d];
        bytes *= left < tensor->block[d] ? left : tensor->block[d];
    }
    return bytes;
}

/** All blocks of the step's box at the gang's place. */
static void
look_up_tile(struct psim_des *des, const struct psim_gang *gang,
             const struct psim_des_step *step, uint32_t unit, struct misses *misses)
{
    const struct psim_tile *tile = &des->kernel->tiles[step->tile];
    const struct psim_tensor *tensor = &des->plan->tensors[tile->tensor];
    uint64_t lo[PSIM_MAX_TILE_DIMS] = {0}, hi[PSIM_MAX_TILE_DIMS] = {1, 1, 1};
    uint64_t count[PSIM_MAX_TILE_DIMS] = {1, 1, 1},
             block[PSIM_MAX_TILE_DIMS] = {1, 1, 1};
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        psim_box_span(&tile->dim[d], tensor->extent[d], gang->x, gang->counter, &lo[d],
                      &hi[d]);
        if (lo[d] == hi[d]) return;
        block[d] = tensor->block[d];
        count[d] = psim_ceil_div(tensor->extent[d], block[d]);
    }
    const uint64_t plane = (uint64_t)tile->tensor << 58;
    for (uint64_t i = lo[0] / block[0]; i * block[0] < hi[0]; i++) {
        for (uint64_t j = lo[1] / block[1]; j * block[1] < hi[1]; j++) {
            for (uint64_t k = lo[2] / block[2]; k * block[2] < hi[2]; k++) {
                const uint64_t at[] = {i, j, k};
                look_up(des, step, unit, plane + (i * count[1] + j) * count[2] + k,
                        block_bytes(tensor, at), misses);
            }
        }
    }
}

static void
find_misses(struct psim_des *des, const struct psim_gang *gang,
            const struct psim_des_step *step, uint32_t unit, struct misses *misses)
{
    const uint64_t amount = gang->class->amounts[step - des->steps];
    const bool looks = step->tile != PSIM_NONE && !(step->flags & PSIM_STREAM);
    if (looks) look_up_tile(des, gang, step, unit, misses);
    if (looks && !(step->flags & PSIM_STORE)) return;
    /* Stores go through to memory; streams miss everywhere but where they are held. */
    for (uint8_t k = 0; k < step->n_caches; k++) {
        const bool held = step->resident && k + 1 == step->n_caches;
        if (held && !(step->flags & PSIM_STORE)) break;
        misses->bytes[k] = amount;
        misses->level = (uint8_t)(k + 1);
    }
    if (step->flags & PSIM_STORE) misses->level = 0;
}

psim_tick
psim_des_act(struct psim_des *des, const struct psim_gang *gang,
             const struct psim_des_step *step, psim_tick now)
{
    const uint32_t unit = gang->slot / des->kernel->resident;
    psim_tick end = now;
    if (step == &des->start) {
        for (uint8_t d = 0; d < step->n_now; d++) {
            const psim_tick at = reserve(des, unit, step->demands[d].server, now,
                                         psim_rate_ticks(step->demands[d].rate, 1));
            if (at > end) end = at;
        }
        return end + step->latency[0];
    }
    const size_t index = (size_t)(step - des->steps);
    const psim_tick *holds = gang->class->holds + step->first_hold;
    for (uint8_t d = 0; d < step->n_now; d++) {
        const psim_tick at = reserve(des, unit, step->demands[d].server, now, holds[d]);
        if (at > end) end = at;
    }
    struct psim_des_count *count = &des->counts[index];
    count->amount += gang->class->amounts[index];
    if (now + gang->class->own[index] > end) end = now + gang->class->own[index];
    if (step->n_caches == 0) return end + step->latency[0];

    struct misses misses;
    misses.level = 0;
    misses.in_flight = 0;
    misses.n_fresh = 0;
    for (uint8_t k = 0; k < step->n_caches; k++) {
        misses.bytes[k] = 0;
    }
    find_misses(des, gang, step, unit, &misses);
    for (uint8_t d = step->n_now; d < step->n_demands; d++) {
        const struct psim_des_demand *demand = &step->demands[d];
        const uint64_t bytes = misses.bytes[demand->behind - 1];
        if (bytes == 0) continue;
        const psim_tick at = reserve(des, unit, demand->server, now,
                                     psim_rate_ticks(demand->rate, bytes));
        if (at > end) end = at;
    }
    for (uint8_t k = 0; k < step->n_caches; k++) {
        count->missed[k] += misses.bytes[k];
    }
    end += step->latency[misses.level];
    for (unsigned i = 0; i < misses.n_fresh; i++) {
        *misses.fresh[i] = end;
    }
    return misses.in_flight > end ? misses.in_flight : end;
}
