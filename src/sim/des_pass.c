/* SPDX-License-Identifier: MIT */
/** @file Look-ups that need not be repeated: many units pass by the same block.
 *
 * Only in a cache that all units share and that has room for all that is touched within
 * a few periods: then a block that was touched in them is there. What is dropped is
 * older, in whatever order the younger ones stand, and that order is made good at the
 * end. */
#include "sim/des_repeat.h"

#include <stdlib.h>

#include "sim/des_inner.h"
#include "util/arena.h"

enum {
    FEWEST = 64, /**< look-ups for which it is worth to sort them */
    FAR = 8,     /**< periods after which a block counts as come to anew */
};

/** A look-up by the blocks that it touches, one after the other. */
struct psim_touch {
    uint64_t stride, rest; /**< its blocks: rest + a multiple of stride */
    uint64_t turn;         /**< the lower, the earlier it comes to a block */
    uint32_t index;
    uint8_t cache;
};

static int
compare(const void *a, const void *b)
{
    const struct psim_touch *x = a, *y = b;
    if (x->cache != y->cache) return x->cache < y->cache ? -1 : 1;
    if (x->stride != y->stride) return x->stride < y->stride ? -1 : 1;
    if (x->rest != y->rest) return x->rest < y->rest ? -1 : 1;
    if (x->turn != y->turn) return x->turn < y->turn ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/** A block far ahead is come to early by who moves up, late by who moves down. */
static struct psim_touch
touch_of(const struct psim_again *again, uint8_t cache, uint32_t index)
{
    struct psim_touch touch = {.stride = again->stride, .index = index, .cache = cache};
    const bool down = (int64_t)again->stride < 0;
    const uint64_t length = down ? 0 - again->stride : again->stride;
    touch.rest = length > 0 ? again->key % length : again->key;
    const uint64_t place = length > 0 ? again->key / length : 0;
    touch.turn = down ? place : UINT64_MAX - place;
    return touch;
}

/** What all look-ups of a period ask of each cache. */
struct crowd {
    uint64_t periods; /**< from the first touch of a block to its last */
    uint64_t blocks[UINT8_MAX + 1], bytes[UINT8_MAX + 1];
};

/** Whether the first cache that was looked into had the block. */
static bool
is_hit(const struct psim_again *again)
{
    return again->level == again->first_level;
}

/** Whether those in the middle are sure to find the block as they did. */
static bool
can_pass(const struct psim_again *again, const struct psim_touch *first, size_t n)
{
    if (n < 3) return false;
    const bool was_there = is_hit(&again[first->index]);
    for (size_t i = 0; i < n; i++) {
        const struct psim_again *one = &again[first[i].index];
        if (one->step->flags & PSIM_STORE) return false;
        if (i > 0 && !is_hit(one)) return false;
        if (was_there && one->result != one->end) return false;
    }
    return true;
}

/** All that touch the same blocks. */
static void
mark_group(struct psim_again *again, const struct psim_touch *first, size_t n,
           struct crowd *crowd)
{
    const uint64_t periods = first[n - 1].turn - first[0].turn + 1;
    crowd->blocks[first->cache] += periods;
    crowd->bytes[first->cache] += periods * again[first->index].bytes;
    if (periods > crowd->periods) crowd->periods = periods;
    if (!can_pass(again, first, n)) return;
    again[first->index].leads = true;
    for (size_t i = 1; i + 1 < n; i++) {
        again[first[i].index].passes = true;
    }
}

/** Whether two that stand side by side come to a block soon after one another. */
static bool
is_same_group(const struct psim_touch *a, const struct psim_touch *b)
{
    return a->cache == b->cache && a->stride == b->stride && a->rest == b->rest &&
           b->turn - a->turn <= FAR;
}

/** Whether a cache of the unit has the block: no other is looked into. */
static bool
is_inner_hit(const struct psim_again *again)
{
    return again->level < again->first_level;
}

/** Whether all look-ups are in caches that all units share, at even distances. */
static bool
is_shared(const struct psim_des *des, const struct psim_again *again, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct psim_des_step *step = again[i].step;
        if (is_inner_hit(&again[i])) continue;
        const uint8_t first = again[i].first_level;
        if (!again[i].even || step->resident) return false;
        if (step->n_caches != first + 1) return false;
        if (des->plan->caches[step->cache[first]].units != 0) return false;
    }
    return true;
}

static uint8_t
cache_of(const struct psim_again *again)
{
    return again->step->cache[again->first_level];
}

/** The look-ups in shared caches. @return how many */
static size_t
list_touches(struct psim_des *des, const struct psim_again *again, size_t n)
{
    size_t touches = 0;
    if (n > des->skip.touch_room) {
        des->skip.touch_room = 2 * n;
        des->skip.touch = PSIM_NEW_N(des->arena, struct psim_touch, 2 * n);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (is_inner_hit(&again[i])) continue;
        des->skip.touch[touches++] = touch_of(&again[i], cache_of(&again[i]), i);
    }
    return touches;
}

uint64_t
psim_pass_find(struct psim_des *des, struct psim_again *again, size_t n, bool inner)
{
    for (size_t i = 0; i < n; i++) {
        again[i].first_level = inner ? psim_inner_levels(des, again[i].step) : 0;
    }
    if (n < FEWEST || !is_shared(des, again, n)) return UINT64_MAX;
    n = list_touches(des, again, n);
    if (n == 0) return UINT64_MAX;
    struct psim_touch *touch = des->skip.touch;
    qsort(touch, n, sizeof *touch, compare);
    struct crowd crowd = {0};
    for (size_t first = 0, i = 1; i <= n; i++) {
        if (i < n && is_same_group(&touch[i - 1], &touch[i])) continue;
        mark_group(again, &touch[first], i - first, &crowd);
        first = i;
    }
    /* A block's touches, and as much again before they begin and after they end. */
    const uint64_t window = crowd.periods + 1;
    for (uint32_t c = 0; c < des->plan->n_caches; c++) {
        if (crowd.blocks[c] == 0) continue;
        if (!psim_cache_fits(des->caches[c][0], 2 * window * crowd.bytes[c],
                             2 * window * crowd.blocks[c])) {
            return UINT64_MAX;
        }
    }
    return window;
}

void
psim_pass_end(struct psim_des *des, const struct psim_again *again, size_t n,
              uint64_t window, uint64_t times, size_t end)
{
    for (uint64_t t = times - window; t <= times; t++) {
        const size_t until = t < times ? n : end;
        for (size_t i = 0; i < until; i++) {
            if (is_inner_hit(&again[i])) continue;
            psim_cache_touch(des->caches[cache_of(&again[i])][0],
                             again[i].key + (t - 1) * again[i].stride);
        }
    }
}
