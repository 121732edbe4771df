/* SPDX-License-Identifier: MIT */
/** @file What recurs is not simulated again: who watches, and how far it holds.
 *
 * A state that equals an earlier one has the same future as long as loops go on, items
 * are of the same classes, and look-ups in caches come out the same. The first is
 * counted, the other two are tried: they are done in the order of the log, and the
 * first one that comes out otherwise ends the skip (docs/MODEL.md, eq. E3). */
#include "sim/des_skip.h"

#include <string.h>

#include "sim/des_repeat.h"
#include "util/arena.h"

enum {
    NOBODY = UINT32_MAX,
    MOST_LOGGED = 1 << 17, /**< a longer period is not worth its log */
    LONG_LOOP = 64,        /**< turns from which an item is worth more than a period */
    SHORT_LOOP = 6,        /**< turns in which no state is met twice */
    FEW_WAVES = 4,
    MOST_FAILURES = 48,
};

/* --- log ------------------------------------------------------------------- */

/** Room for one more of an array, or no more logging. */
static void *
more_room(struct psim_des *des, void *array, size_t n, size_t *room, size_t size)
{
    if (n < *room) return array;
    const size_t more = *room > 0 ? 2 * *room : 256;
    if (more > MOST_LOGGED) {
        des->skip.logs = false;
        return NULL;
    }
    void *moved = psim_arena_alloc(des->arena, more, size);
    if (n > 0) memcpy(moved, array, n * size);
    *room = more;
    return moved;
}

void
psim_skip_log_access(struct psim_des *des, const struct psim_gang *gang,
                     const struct psim_des_step *step, const struct psim_misses *misses,
                     psim_tick end)
{
    struct psim_skip_log *log = &des->skip.log;
    struct psim_access *room = more_room(des, log->access, log->n_accesses,
                                         &log->access_room, sizeof *log->access);
    if (!room) return;
    log->access = room;
    struct psim_access *access = &log->access[log->n_accesses++];
    access->item = gang->item;
    access->end = end;
    access->result = misses->in_flight > end ? misses->in_flight : end;
    access->gang = (uint32_t)(gang - des->gangs);
    access->step = (uint16_t)(step - des->steps);
    access->level = misses->level;
    memcpy(access->counter, gang->counter, sizeof access->counter);
    memcpy(access->bytes, misses->bytes, sizeof access->bytes);
}

void
psim_skip_log_entry(struct psim_des *des, const struct psim_gang *gang)
{
    struct psim_skip_log *log = &des->skip.log;
    struct psim_entry *room = more_room(des, log->entry, log->n_entries,
                                        &log->entry_room, sizeof *log->entry);
    if (!room) return;
    log->entry = room;
    log->entry[log->n_entries++] =
        (struct psim_entry){gang->item, (uint32_t)(gang - des->gangs), gang->class};
}

/* --- who watches ----------------------------------------------------------- */

static uint64_t
longest_loop(const struct psim_des *des, const struct psim_des_class *class)
{
    uint64_t longest = 0;
    for (uint16_t s = 0; s < des->kernel->n_steps; s++) {
        if (des->steps[s].kind != PSIM_STEP_LOOP) continue;
        if (class->costs[s].amount > longest) longest = class->costs[s].amount;
    }
    return longest;
}

/** Compare by another measure, or no longer, after too many failures. */
static void
choose_measure(struct psim_des *des)
{
    struct psim_skip *skip = &des->skip;
    const uint64_t turns =
        longest_loop(des, psim_des_class_of(des, &des->gangs[skip->watch]));
    const bool can[PSIM_SKIP_NONE] = {
        [PSIM_SKIP_TURNS] = turns >= SHORT_LOOP && !skip->tried[PSIM_SKIP_TURNS],
        [PSIM_SKIP_ITEMS] = des->items >= (uint64_t)FEW_WAVES * des->slots &&
                            !skip->tried[PSIM_SKIP_ITEMS],
    };
    skip->by = PSIM_SKIP_NONE;
    if (can[PSIM_SKIP_TURNS]) skip->by = PSIM_SKIP_TURNS;
    if (can[PSIM_SKIP_ITEMS] && (skip->by == PSIM_SKIP_NONE || turns < LONG_LOOP)) {
        skip->by = PSIM_SKIP_ITEMS;
    }
    skip->failures = 0;
    if (skip->by == PSIM_SKIP_NONE) {
        skip->watch = NOBODY;
        return;
    }
    skip->tried[skip->by] = true;
}

/** Forget the anchor; the next check sets one. */
static void
start_over(struct psim_skip *skip)
{
    skip->anchored = skip->logs = false;
    skip->checks = 0;
    skip->next_anchor = 1;
}

void
psim_skip_begin(struct psim_des *des, bool in_full)
{
    struct psim_skip *skip = &des->skip;
    skip->watch = in_full ? NOBODY : des->units[0].paused;
    if (skip->watch == NOBODY) return;
    start_over(skip);
    choose_measure(des);
    if (skip->watch != NOBODY) skip->anchor = psim_anchor_new(des);
}

void
psim_skip_leave(struct psim_des *des, const struct psim_gang *gang)
{
    struct psim_skip *skip = &des->skip;
    if (skip->watch == NOBODY) return;
    if (des->gangs[skip->watch].slot != gang->slot) return;
    const uint32_t n = des->slots * des->gangs_per_slot;
    do {
        skip->watch += des->gangs_per_slot;
    } while (skip->watch < n && (!des->gangs[skip->watch].class ||
                                 des->gangs[skip->watch].state == PSIM_GANG_DONE));
    start_over(skip);
    if (skip->watch >= n) skip->watch = NOBODY;
}

static void
fail(struct psim_des *des)
{
    if (++des->skip.failures < MOST_FAILURES) return;
    start_over(&des->skip);
    choose_measure(des);
}

static void
set_anchor(struct psim_des *des, psim_tick now)
{
    struct psim_skip *skip = &des->skip;
    psim_anchor_set(des, skip->anchor, now);
    skip->anchored = skip->logs = true;
    skip->next_anchor = 2 * skip->checks;
    skip->log.n_accesses = skip->log.n_entries = 0;
}

/** The state is there again: move on as often as all comes out the same. */
static psim_tick
move_on(struct psim_des *des, psim_tick now, const struct psim_shift *shift)
{
    struct psim_skip *skip = &des->skip;
    const uint64_t times = psim_repeat(des, shift);
    if (times > 0) {
        psim_anchor_move(des, skip->anchor, now, shift, times);
        skip->failures = 0;
    } else {
        fail(des);
    }
    start_over(skip);
    return now + times * shift->ticks;
}

/** Whether this is a place at which states are compared. */
static bool
is_place(const struct psim_des *des, const struct psim_gang *gang)
{
    if (des->skip.n_ahead > 0) return false;
    if (des->skip.by == PSIM_SKIP_TURNS) return gang->depth > 0;
    return gang->item != des->skip.item;
}

psim_tick
psim_skip_check(struct psim_des *des, psim_tick now)
{
    struct psim_skip *skip = &des->skip;
    const struct psim_gang *gang = &des->gangs[skip->watch];
    if (!is_place(des, gang)) return now;
    skip->item = gang->item;
    if (skip->anchored && !skip->logs) { /* too long for its log */
        skip->failures = MOST_FAILURES;
        fail(des);
        return now;
    }
    if (skip->by == PSIM_SKIP_TURNS && skip->anchored &&
        gang->item != skip->anchor->gangs[skip->watch].item) {
        start_over(skip);
        fail(des);
        if (skip->watch == NOBODY) return now;
    }
    struct psim_shift shift;
    if (skip->anchored && psim_anchor_equals(des, skip->anchor, now, &shift)) {
        return move_on(des, now, &shift);
    }
    if (skip->by == PSIM_SKIP_ITEMS) {
        fail(des);
        if (skip->watch == NOBODY) return now;
    }
    if (++skip->checks == skip->next_anchor) set_anchor(des, now);
    return now;
}
