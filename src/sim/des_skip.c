/* SPDX-License-Identifier: MIT */
/** @file What recurs is not simulated again: who watches, and how far it holds.
 *
 * A state that equals an earlier one has the same future as long as loops go on, items
 * are of the same classes, and look-ups in caches come out the same. The first is
 * counted, the other two are tried: they are done in the order of the log, and the
 * first one that comes out otherwise ends the skip (docs/MODEL.md, eq. E3). */
#include "sim/des_skip.h"

#include <assert.h>
#include <string.h>

#include "sim/des_anchor.h"
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
    log->entry[log->n_entries++] = (struct psim_entry){gang->class->values, gang->item,
                                                       (uint32_t)(gang - des->gangs)};
}

/* --- one more period ------------------------------------------------------- */

/** Whether the items that the gangs come to next are of the same classes. */
static bool
same_classes(struct psim_des *des, uint64_t items)
{
    const struct psim_skip_log *log = &des->skip.log;
    for (size_t i = 0; i < log->n_entries; i++) {
        uint32_t x[PSIM_MAX_AXES];
        psim_kernel_walk(des->kernel, log->entry[i].item + items, x);
        if (psim_des_class(des, x)->values != log->entry[i].values) return false;
    }
    return true;
}

/** A gang as it was at a look-up, but @p times periods later. */
static void
set_ghost(const struct psim_des *des, const struct psim_access *access,
          const struct psim_shift *shift, uint64_t times, struct psim_gang *ret)
{
    const struct psim_gang *gang = &des->gangs[access->gang];
    const uint64_t item = access->item + times * shift->items;
    ret->unit = gang->unit;
    memcpy(ret->counter, access->counter, sizeof ret->counter);
    if (shift->items == 0) {
        const struct psim_gang *before = &des->skip.anchor->gangs[access->gang];
        const uint8_t d = psim_anchor_depth(gang, before);
        ret->counter[d] += times * (gang->counter[d] - before->counter[d]);
        memcpy(ret->x, gang->x, sizeof ret->x);
    } else if (item != ret->item) {
        psim_kernel_walk(des->kernel, item, ret->x);
    }
    ret->item = item;
}

/** Do a look-up again. @return whether it comes out the same, but for @p by */
static bool
repeat_access(struct psim_des *des, const struct psim_access *access,
              const struct psim_gang *ghost, psim_tick by)
{
    const struct psim_des_step *step = &des->steps[access->step];
    struct psim_misses *misses = &des->skip.other;
    psim_des_look(des, ghost, step, misses);
    if (!(step->flags & PSIM_STORE)) {
        if (misses->level != access->level) return false;
        for (uint8_t k = 0; k < step->n_caches; k++) {
            if (misses->bytes[k] != access->bytes[k]) return false;
        }
    }
    const psim_tick end = access->end + by;
    for (unsigned i = 0; i < misses->n_fresh; i++) {
        *misses->fresh[i] = end;
    }
    const psim_tick result = misses->in_flight > end ? misses->in_flight : end;
    return result == access->result + by;
}

/**
 * All look-ups of a period, that many times later.
 *
 * @return whether they all come out the same; those that are done are kept if not
 */
static bool
repeat_accesses(struct psim_des *des, const struct psim_shift *shift, uint64_t times)
{
    struct psim_skip *skip = &des->skip;
    struct psim_gang ghost = {.item = UINT64_MAX};
    for (size_t i = 0; i < skip->log.n_accesses; i++) {
        const struct psim_access *access = &skip->log.access[i];
        set_ghost(des, access, shift, times, &ghost);
        if (repeat_access(des, access, &ghost, times * shift->ticks)) continue;
        skip->ahead = skip->log.access;
        skip->n_ahead = i + 1;
        skip->at_ahead = 0;
        skip->ahead_by = times * shift->ticks;
        /* The log that is being used up is not written to. */
        skip->log.access = NULL;
        skip->log.access_room = 0;
        return false;
    }
    return true;
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

/* --- who watches ----------------------------------------------------------- */

static uint64_t
longest_loop(const struct psim_des *des, const struct psim_des_class *class)
{
    uint64_t longest = 0;
    for (uint16_t s = 0; s < des->kernel->n_steps; s++) {
        if (des->steps[s].kind != PSIM_STEP_LOOP) continue;
        if (class->amounts[s] > longest) longest = class->amounts[s];
    }
    return longest;
}

/** Compare by another measure, or no longer, after too many failures. */
static void
choose_measure(struct psim_des *des)
{
    struct psim_skip *skip = &des->skip;
    const uint64_t turns = longest_loop(des, des->gangs[skip->watch].class);
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
psim_skip_begin(struct psim_des *des)
{
    struct psim_skip *skip = &des->skip;
    skip->watch = 0;
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
        skip->watch++;
    } while (skip->watch < n && (!des->gangs[skip->watch].class ||
                                 des->gangs[skip->watch].state == PSIM_GANG_DONE));
    start_over(skip);
    if (skip->watch == n) skip->watch = NOBODY;
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
    const uint64_t most = psim_anchor_most(des, skip->anchor, shift);
    uint64_t times = 0;
    while (times < most && same_classes(des, (times + 1) * shift->items) &&
           repeat_accesses(des, shift, times + 1)) {
        times++;
    }
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
    return gang->depth == 0 && gang->pc == des->kernel->roles[gang->role].first_step;
}

psim_tick
psim_skip_check(struct psim_des *des, psim_tick now)
{
    struct psim_skip *skip = &des->skip;
    const struct psim_gang *gang = &des->gangs[skip->watch];
    if (!is_place(des, gang)) return now;
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
