/* SPDX-License-Identifier: MIT */
/** @file Look-ups of a period done again: blocks at even distances, or any box. */
#include "sim/des_repeat.h"

#include <string.h>

#include "sim/des_inner.h"
#include "util/arena.h"

/** Whether the items that the gangs come to next are of the same classes. */
static bool
same_classes(struct psim_des *des, uint64_t items)
{
    const struct psim_skip_log *log = &des->skip.log;
    if (des->one_class) return true;
    for (size_t i = 0; i < log->n_entries; i++) {
        uint32_t x[PSIM_MAX_AXES];
        psim_des_walk(des, log->entry[i].item + items, x);
        if (psim_des_class(des, x) != log->entry[i].class) return false;
    }
    return true;
}

/** A gang as it was at a look-up, but @p times periods later. */
static void
set_ghost(struct psim_des *des, const struct psim_access *access,
          const struct psim_shift *shift, uint64_t times, struct psim_gang *ret)
{
    const struct psim_gang *gang = &des->gangs[access->gang];
    const uint64_t item = access->item + times * shift->items;
    ret->unit = gang->unit;
    memcpy(ret->counter, access->counter, sizeof ret->counter);
    if (shift->items == 0) {
        const struct psim_gang *before = &des->skip.anchor->gangs[access->gang];
        const uint8_t d = psim_anchor_depth(gang, before);
        ret->counter[d] += (uint32_t)times * (gang->counter[d] - before->counter[d]);
        memcpy(ret->x, gang->x, sizeof ret->x);
    } else if (item != ret->item) {
        psim_des_walk(des, item, ret->x);
    }
    ret->item = item;
}

/* --- blocks at even distances ------------------------------------------------ */

/**
 * Blocks by which a box moves on a repetition.
 *
 * @return false if it may not be a whole number, or the same each time
 */
static bool
find_move(const struct psim_des *des, const struct psim_des_dim *dim,
          const struct psim_gang *before, const struct psim_gang *once, int64_t *ret)
{
    *ret = 0;
    if (dim->fixed) return true;
    /* Items of a single axis are its coordinates; others turn over somewhere. */
    const bool moves = before->item != once->item;
    if (!dim->plain || (moves && des->kernel->n_levels > 1)) return false;
    int64_t move =
        dim->a * ((int64_t)once->x[dim->axis] - (int64_t)before->x[dim->axis]);
    for (uint8_t d = 0; d < dim->n_steps; d++) {
        move += dim->box->step[d] *
                ((int64_t)once->counter[d] - (int64_t)before->counter[d]);
    }
    *ret = move / (int64_t)dim->block;
    return *ret * (int64_t)dim->block == move;
}

/** The block of a box that touches one only. */
static bool
find_single(const struct psim_des_tile *tile, const struct psim_gang *gang,
            uint64_t ret_at[PSIM_MAX_TILE_DIMS], uint64_t *ret_bytes)
{
    *ret_bytes = tile->elem_bytes;
    for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        uint64_t last;
        if (!psim_des_blocks(&tile->dim[d], gang, &ret_at[d], &last)) return false;
        if (last != ret_at[d]) return false;
        *ret_bytes *= psim_des_block_size(&tile->dim[d], last);
    }
    return true;
}

/**
 * A box that moves by whole blocks and is not cut at either end is not cut in between,
 * and touches one block if it does there.
 */
static bool
find_even(struct psim_des *des, const struct psim_access *access,
          const struct psim_shift *shift, uint64_t most, struct psim_again *ret)
{
    const struct psim_des_tile *tile = des->steps[access->step].box;
    struct psim_gang before = {.item = UINT64_MAX}, once = before, last = before;
    set_ghost(des, access, shift, 0, &before);
    set_ghost(des, access, shift, 1, &once);
    set_ghost(des, access, shift, most, &last);
    uint64_t at[PSIM_MAX_TILE_DIMS], at_last[PSIM_MAX_TILE_DIMS], bytes;
    if (!find_single(tile, &once, at, &ret->bytes)) return false;
    if (!find_single(tile, &last, at_last, &bytes) || bytes != ret->bytes) return false;
    uint64_t stride = 0, index = 0;
    for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        int64_t move;
        if (!find_move(des, &tile->dim[d], &before, &once, &move)) return false;
        const uint64_t moved = at[d] + (most - 1) * (uint64_t)move;
        if (at_last[d] != moved || (move != 0 && (at[d] == 0 || moved == 0))) {
            return false;
        }
        stride = stride * tile->dim[d].count + (uint64_t)move;
        index = index * tile->dim[d].count + at[d];
    }
    ret->key = tile->key + index;
    ret->stride = stride;
    return true;
}

/** All look-ups of the log, made ready to be done @p most times. */
static struct psim_again *
prepare(struct psim_des *des, const struct psim_shift *shift, uint64_t most)
{
    struct psim_skip *skip = &des->skip;
    const size_t n = skip->log.n_accesses;
    if (n > skip->again_room) {
        skip->again_room = 2 * n;
        skip->again = PSIM_NEW_N(des->arena, struct psim_again, 2 * n);
        skip->unsure = PSIM_NEW_N(des->arena, uint32_t, 2 * n);
    }
    for (size_t i = 0; i < n; i++) {
        const struct psim_access *access = &skip->log.access[i];
        struct psim_again *again = &skip->again[i];
        *again = (struct psim_again){
            .end = access->end,
            .result = access->result,
            .step = &des->steps[access->step],
            .unit = des->gangs[access->gang].unit,
            .level = access->level,
        };
        again->even = find_even(des, access, shift, most, again);
    }
    return skip->again;
}

/* --- one more period --------------------------------------------------------- */

/** Whether what was just missed is what was missed then. */
static bool
same_misses(const struct psim_access *access, const struct psim_des_step *step,
            const struct psim_misses *misses)
{
    if (step->flags & PSIM_STORE) return true;
    if (misses->level != access->level) return false;
    for (uint8_t k = 0; k < step->n_caches; k++) {
        if (misses->bytes[k] != access->bytes[k]) return false;
    }
    return true;
}

/** Set when the new blocks land. @return whether the tile is there as it was then */
static bool
land(const struct psim_again *again, const struct psim_misses *misses, psim_tick by)
{
    const psim_tick end = again->end + by;
    for (unsigned i = 0; i < misses->n_fresh; i++) {
        *misses->fresh[i] = end;
    }
    const psim_tick result = misses->in_flight > end ? misses->in_flight : end;
    return result == again->result + by;
}

/**
 * List the look-ups that are not sure to come out the same.
 *
 * @param passing whether those between the first and the last at a block are
 */
static void
list_unsure(struct psim_des *des, bool passing)
{
    struct psim_skip *skip = &des->skip;
    skip->n_unsure = 0;
    for (uint32_t i = 0; i < skip->log.n_accesses; i++) {
        const struct psim_again *again = &skip->again[i];
        if (again->level < again->first_level || (passing && again->passes)) continue;
        skip->unsure[skip->n_unsure++] = i;
    }
}

/**
 * All look-ups of a period, that many times later.
 *
 * @param passing whether some are left out, as they find what others looked up
 * @return how many came out the same; the one behind them is kept
 */
static size_t
repeat_once(struct psim_des *des, const struct psim_shift *shift, uint64_t times,
            bool passing)
{
    const struct psim_skip *skip = &des->skip;
    struct psim_misses *misses = &des->skip.other;
    const psim_tick by = times * shift->ticks, begin = skip->anchor->now + by;
    struct psim_gang ghost = {.item = UINT64_MAX};
    for (size_t at = 0; at < skip->n_unsure; at++) {
        const uint32_t i = skip->unsure[at];
        const struct psim_again *again = &skip->again[i];
        const struct psim_access *access = &skip->log.access[i];
        if (again->even) {
            const struct psim_des_block block = {again->key +
                                                     (times - 1) * again->stride,
                                                 again->bytes, again->first_level};
            psim_des_look_block(des, again->step, again->unit, block, misses);
        } else {
            set_ghost(des, access, shift, times, &ghost);
            psim_des_look(des, &ghost, again->step, misses);
        }
        if (!same_misses(access, again->step, misses) || !land(again, misses, by)) {
            return i;
        }
        /* Those that pass by would have to wait for an older block: not as logged. */
        const bool found = again->level == again->first_level;
        if (passing && again->leads && found && misses->in_flight > begin) return i;
    }
    return skip->log.n_accesses;
}

/** The run that follows uses up the log's first @p n look-ups, and writes another log.
 */
static void
keep_ahead(struct psim_skip *skip, size_t n, psim_tick by)
{
    struct psim_access *const other = skip->ahead;
    const size_t room = skip->ahead_room;
    skip->ahead = skip->log.access;
    skip->ahead_room = skip->log.access_room;
    skip->log.access = other;
    skip->log.access_room = room;
    skip->n_ahead = n;
    skip->at_ahead = 0;
    skip->ahead_by = by;
}

/** A repetition under way. */
struct course {
    const struct psim_shift *shift;
    struct psim_again *again;
    uint64_t from, window; /**< repetitions done in full before any are passed by */
    bool passing;          /**< some are */
    bool shared;           /**< shared caches recur: nothing is looked up */
};

static bool
is_passing(const struct course *course, uint64_t times)
{
    return course->window != UINT64_MAX && times > course->from + course->window;
}

/** Caches are as they are after @p whole repetitions and @p end look-ups of another. */
static void
settle(struct psim_des *des, const struct course *course, uint64_t whole, size_t end)
{
    const size_t n = des->skip.log.n_accesses;
    const uint64_t times = end > 0 ? whole + 1 : whole;
    if (is_passing(course, times) && !course->shared) {
        psim_pass_end(des, course->again, n, course->window, times, end > 0 ? end : n);
    }
    psim_inner_end(des, course->again, course->shift, whole, end);
}

/** After a repetition that came out the same: what recurs from now on. */
static void
find_steady(struct psim_des *des, struct course *course, uint64_t times)
{
    const size_t n = des->skip.log.n_accesses;
    if (psim_inner_own(des, course->shift, times)) {
        course->from = times;
        course->window = psim_pass_find(des, course->again, n, true);
    }
    if (!psim_inner_is_time(des, times)) return;
    if (is_passing(course, times)) {
        psim_pass_end(des, course->again, n, course->window, times, n);
    }
    course->shared = psim_inner_shared(des, course->shift, times);
}

uint64_t
psim_repeat(struct psim_des *des, const struct psim_shift *shift)
{
    struct psim_skip *skip = &des->skip;
    const uint64_t most = psim_anchor_most(des, skip->anchor, shift);
    const size_t n = skip->log.n_accesses;
    if (n == 0 && (des->one_class || shift->items == 0)) return most;
    if (most == 0) return 0;
    struct course course = {.shift = shift, .again = prepare(des, shift, most)};
    psim_inner_begin(des, course.again, n);
    course.window = psim_pass_find(des, course.again, n, false);
    for (uint64_t times = 1; times <= most; times++) {
        if (course.shared && (des->one_class || shift->items == 0)) break;
        if (!same_classes(des, times * shift->items)) {
            settle(des, &course, times - 1, 0);
            return times - 1;
        }
        if (course.shared) continue;
        const bool passing = is_passing(&course, times);
        if (times == course.from + 1 || passing != course.passing) {
            list_unsure(des, passing);
        }
        course.passing = passing;
        const size_t same = repeat_once(des, shift, times, passing);
        if (same < n) {
            settle(des, &course, times - 1, same + 1);
            keep_ahead(skip, same + 1, times * shift->ticks);
            return times - 1;
        }
        find_steady(des, &course, times);
    }
    settle(des, &course, most, 0);
    return most;
}

void
psim_skip_take(struct psim_des *des, struct psim_misses *ret)
{
    struct psim_skip *skip = &des->skip;
    const struct psim_access *access = &skip->ahead[skip->at_ahead++];
    if (skip->at_ahead == skip->n_ahead) {
        skip->n_ahead = 0;
        *ret = skip->other;
        return;
    }
    memcpy(ret->bytes, access->bytes, sizeof ret->bytes);
    ret->level = access->level;
    ret->n_fresh = 0;
    ret->in_flight = access->result > access->end ? access->result + skip->ahead_by : 0;
}
