/* SPDX-License-Identifier: MIT */
/** @file Caches that hold the same again, but for later blocks.
 *
 * All look-ups of a tensor move on by one number of blocks each period. If what a cache
 * holds after a period is what it held a period before, moved on, then all that comes
 * out of it recurs: its look-ups need not be done again (docs/MODEL.md, eq. E3). */
#include "sim/des_inner.h"

#include <assert.h>

#include "util/arena.h"

uint8_t
psim_inner_levels(const struct psim_des *des, const struct psim_des_step *step)
{
    return step->n_caches > 0 && des->plan->caches[step->cache[0]].units != 0;
}

/** The blocks of the tensor of a box. */
static struct psim_inner_move
move_of(const struct psim_again *again)
{
    const uint64_t first = again->step->box->key;
    uint64_t blocks = 1;
    for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        blocks *= again->step->box->dim[d].count;
    }
    return (struct psim_inner_move){first, first + blocks, again->stride};
}

/** Whether a look-up moves on as the others of its tensor do. */
static bool
add_move(struct psim_inner *inner, const struct psim_inner_move *move)
{
    for (size_t i = 0; i < inner->n_moves; i++) {
        if (inner->moves[i].first != move->first) continue;
        return inner->moves[i].stride == move->stride;
    }
    inner->moves[inner->n_moves++] = *move;
    return true;
}

static void
add_lists(struct psim_des *des, struct psim_inner_group *group, uint8_t cache)
{
    struct psim_cache_state *const *of = des->caches[cache];
    for (size_t i = 0; i < group->n; i++) {
        if (group->lists[i].cache == of[0]) return;
    }
    for (uint32_t u = 0; u < des->kernel->units; u++) {
        if (u > 0 && of[u] == of[u - 1]) continue;
        group->lists[group->n++].cache = of[u];
    }
}

static void
clear(struct psim_des *des, struct psim_inner_group *group)
{
    if (!group->lists) {
        const size_t most = (size_t)des->plan->n_caches * des->kernel->units;
        group->lists = PSIM_NEW_N(des->arena, struct psim_inner_list, most + 1);
    }
    group->kept = group->n = 0;
    group->steady_at = UINT64_MAX;
}

static bool
add_look_up(struct psim_des *des, const struct psim_again *again,
            const struct psim_access *access)
{
    struct psim_inner *inner = des->skip.inner;
    const struct psim_des_step *step = again->step;
    if (!again->even || step->resident || (step->flags & PSIM_STORE)) return false;
    const struct psim_inner_move move = move_of(again);
    if (!add_move(inner, &move)) return false;
    const uint8_t own = psim_inner_levels(des, step);
    if (own > 0) add_lists(des, &inner->own, step->cache[0]);
    for (uint8_t k = own; k < step->n_caches; k++) {
        if (des->plan->caches[step->cache[k]].units != 0) return false;
        add_lists(des, &inner->shared, step->cache[k]);
        inner->missed_bytes += access->bytes[k];
    }
    return true;
}

void
psim_inner_begin(struct psim_des *des, const struct psim_again *again, size_t n)
{
    if (!des->skip.inner) des->skip.inner = PSIM_NEW(des->arena, struct psim_inner);
    struct psim_inner *inner = des->skip.inner;
    clear(des, &inner->own);
    clear(des, &inner->shared);
    inner->n_moves = 0;
    inner->missed_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        if (add_look_up(des, &again[i], &des->skip.log.access[i])) continue;
        inner->own.n = inner->shared.n = 0;
        return;
    }
}

static uint64_t
stride_of(const struct psim_inner *inner, uint64_t key)
{
    for (size_t i = 0; i < inner->n_moves; i++) {
        const struct psim_inner_move *move = &inner->moves[i];
        if (key >= move->first && key < move->behind) return move->stride;
    }
    return 0;
}

static struct psim_held *
room_for(struct psim_des *des, struct psim_held *held, uint32_t *room, uint32_t n)
{
    if (n <= *room) return held;
    *room = 2 * n;
    return PSIM_NEW_N(des->arena, struct psim_held, *room);
}

static void
keep(struct psim_des *des, struct psim_inner_list *list)
{
    list->n = psim_cache_count(list->cache);
    list->held = room_for(des, list->held, &list->room, list->n);
    psim_cache_list(list->cache, list->held);
}

/** @param begin of the period behind the one after which @p before was held */
static bool
is_moved(const struct psim_inner *inner, const struct psim_held *before,
         const struct psim_held *now, psim_tick begin, psim_tick by)
{
    const bool landed = before->ready <= begin && now->ready <= begin + by;
    return now->key == before->key + stride_of(inner, before->key) &&
           now->bytes == before->bytes && (landed || now->ready == before->ready + by);
}

static bool
list_recurs(struct psim_des *des, const struct psim_inner_list *list, psim_tick begin,
            psim_tick by)
{
    struct psim_inner *inner = des->skip.inner;
    if (psim_cache_count(list->cache) != list->n) return false;
    inner->now = room_for(des, inner->now, &inner->now_room, list->n);
    psim_cache_list(list->cache, inner->now);
    for (uint32_t i = 0; i < list->n; i++) {
        if (!is_moved(inner, &list->held[i], &inner->now[i], begin, by)) return false;
    }
    return true;
}

static bool
is_power(uint64_t times)
{
    return (times & (times - 1)) == 0;
}

/** Whether they hold what they did a period before, and from now on will. */
static bool
recur(struct psim_des *des, struct psim_inner_group *group,
      const struct psim_shift *shift, uint64_t times)
{
    bool all = group->kept > 0 && times == group->kept + 1;
    const psim_tick begin = des->skip.anchor->now + times * shift->ticks;
    for (size_t i = 0; i < group->n && all; i++) {
        all = list_recurs(des, &group->lists[i], begin, shift->ticks);
    }
    if (all) group->steady_at = times;
    if (!all && !is_power(times)) return false;
    for (size_t i = 0; i < group->n; i++) {
        keep(des, &group->lists[i]);
    }
    group->kept = times;
    return all;
}

/** After the 1st, 2nd, 4th, 8th ... repetition, and the one behind each. */
static bool
is_time(const struct psim_inner_group *group, uint64_t times)
{
    if (group->n == 0 || group->steady_at != UINT64_MAX) return false;
    return is_power(times) || times == group->kept + 1;
}

bool
psim_inner_own(struct psim_des *des, const struct psim_shift *shift, uint64_t times)
{
    struct psim_inner_group *own = &des->skip.inner->own;
    return is_time(own, times) && recur(des, own, shift, times);
}

bool
psim_inner_is_time(const struct psim_des *des, uint64_t times)
{
    const struct psim_inner *inner = des->skip.inner;
    const struct psim_inner_group *shared = &inner->shared;
    if (inner->own.n > 0 && inner->own.steady_at == UINT64_MAX) return false;
    /* Not before all that they held may have been dropped. */
    uint64_t used = 0;
    for (size_t i = 0; i < shared->n; i++) {
        used += psim_cache_bytes(shared->lists[i].cache);
    }
    return times * inner->missed_bytes >= used && is_time(shared, times);
}

bool
psim_inner_shared(struct psim_des *des, const struct psim_shift *shift, uint64_t times)
{
    return recur(des, &des->skip.inner->shared, shift, times);
}

/** Move on what they held when they first recurred. */
static void
move_lists(const struct psim_inner *inner, const struct psim_inner_group *group,
           uint64_t whole, psim_tick by)
{
    const uint64_t periods = whole - group->steady_at;
    for (size_t i = 0; i < group->n; i++) {
        const struct psim_inner_list *list = &group->lists[i];
        for (uint32_t h = 0; h < list->n; h++) {
            struct psim_held *held = &list->held[h];
            held->key += periods * stride_of(inner, held->key);
            held->ready += periods * by;
        }
        psim_cache_refill(list->cache, list->held, list->n);
    }
}

/** The look-ups of a period that ended early, in own caches. */
static void
redo(struct psim_des *des, const struct psim_again *again,
     const struct psim_shift *shift, uint64_t whole, size_t end)
{
    struct psim_misses *other = &des->skip.other;
    for (size_t i = 0; i < end; i++, again++) {
        if (psim_inner_levels(des, again->step) == 0) continue;
        const struct psim_lookup found =
            psim_cache_lookup(des->caches[again->step->cache[0]][again->unit],
                              again->key + whole * again->stride, again->bytes);
        assert(found.hit == (again->level == 0));
        if (found.hit) continue;
        *found.ready = again->end + (whole + 1) * shift->ticks;
        /* The last one came out otherwise: when it lands is still to be found. */
        if (i + 1 == end) other->fresh[other->n_fresh++] = found.ready;
    }
}

void
psim_inner_end(struct psim_des *des, const struct psim_again *again,
               const struct psim_shift *shift, uint64_t whole, size_t end)
{
    const struct psim_inner *inner = des->skip.inner;
    if (inner->shared.steady_at <= whole) {
        move_lists(inner, &inner->shared, whole, shift->ticks);
    }
    if (inner->own.steady_at > whole) return;
    move_lists(inner, &inner->own, whole, shift->ticks);
    redo(des, again, shift, whole, end);
}
