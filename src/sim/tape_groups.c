/* SPDX-License-Identifier: MIT */
/** @file Which work-group ran where and when, kept while a kernel runs. */
#include <assert.h>
#include <stdlib.h>

#include "sim/des.h"
#include "sim/tape.h"
#include "util/arena.h"

enum { LANES = 64 /**< a bit each; who finds none is joined to others */ };
enum { FIRST_BEGUN = 4, FIRST_ROOM = 256 };

static const size_t nowhere = SIZE_MAX;

/** A work-group that has begun. */
struct begun {
    uint64_t item;
    size_t group;  /**< among those that stand for themselves; nowhere: joined */
    uint32_t left; /**< gangs that have not ended it */
};

/** Of a slot whose roles run ahead, several. */
struct slot {
    struct begun *begun;
    uint32_t n;
    size_t room;
    psim_tick from; /**< since when it has one */
};

struct unit {
    uint64_t lanes;  /**< set of those in use */
    uint32_t slots;  /**< that have a work-group */
    uint32_t others; /**< work-groups that are joined */
    bool chosen;     /**< whether they are kept */
    psim_tick from;  /**< since when it has a work-group */
    size_t joined;   /**< the last one; nowhere: none yet */
};

struct psim_tape_slots {
    struct slot *slot;
    struct unit *unit;
    struct psim_tape_bins resident, active; /**< the tape's */
    uint64_t items;
    size_t group_room, joined_room;
};

void
psim_tape_begin_groups(struct psim_tape *tape, const struct psim_des *des)
{
    const uint32_t units = des->kernel->units;
    const size_t bins = tape->detail.n_bins;
    struct psim_tape_slots *slots = PSIM_NEW(tape->arena, struct psim_tape_slots);
    slots->slot = PSIM_NEW_N(tape->arena, struct slot, des->slots);
    slots->unit = PSIM_NEW_N(tape->arena, struct unit, units);
    slots->items = des->items;
    for (uint32_t u = 0; u < units; u++) {
        slots->unit[u].joined = nowhere;
        slots->unit[u].chosen =
            psim_tape_is_chosen(u, tape->detail.group_units, tape->detail.of_units);
    }
    tape->resident = PSIM_NEW_N(tape->arena, double, bins);
    tape->active = PSIM_NEW_N(tape->arena, double, bins);
    slots->resident.bin = tape->resident;
    slots->active.bin = tape->active;
    tape->slots = slots;
}

static struct begun *
find_begun(const struct slot *slot, uint64_t item)
{
    for (uint32_t i = 0; i < slot->n; i++) {
        if (slot->begun[i].item == item) return &slot->begun[i];
    }
    return NULL;
}

/** Lowest lane that no other work-group of the unit is in. */
static uint32_t
take_lane(struct unit *unit)
{
    uint32_t lane = 0;
    while (lane < LANES && (unit->lanes >> lane & 1)) {
        lane++;
    }
    if (lane < LANES) unit->lanes |= UINT64_C(1) << lane;
    return lane;
}

/** @return its index; nowhere where there is no lane for it */
static size_t
begin_single(struct psim_tape *tape, uint32_t u, uint64_t item, psim_tick now)
{
    struct psim_tape_slots *s = tape->slots;
    const uint32_t lane = take_lane(&s->unit[u]);
    if (lane == LANES) return nowhere;
    tape->groups = psim_arena_more(tape->arena, tape->groups, tape->n_groups,
                                   &s->group_room, FIRST_ROOM, sizeof *tape->groups);
    tape->groups[tape->n_groups] = (struct psim_tape_group){
        .start = now, .end = now, .item = item, .unit = u, .lane = lane};
    return tape->n_groups++;
}

static void
begin_joined(struct psim_tape *tape, uint32_t u, psim_tick now)
{
    struct psim_tape_slots *s = tape->slots;
    struct unit *unit = &s->unit[u];
    if (unit->others++ > 0 || !unit->chosen) {
        if (unit->chosen) tape->joined[unit->joined].count++;
        return;
    }
    if (unit->joined != nowhere && tape->joined[unit->joined].end == now) {
        tape->joined[unit->joined].count++;
        return;
    }
    tape->joined = psim_arena_more(tape->arena, tape->joined, tape->n_joined,
                                   &s->joined_room, FIRST_ROOM, sizeof *tape->joined);
    tape->joined[tape->n_joined] =
        (struct psim_tape_joined){.start = now, .end = now, .unit = u, .count = 1};
    unit->joined = tape->n_joined++;
}

void
psim_tape_enter(struct psim_des *des, uint32_t slot_index, uint64_t item, psim_tick now)
{
    struct psim_tape *tape = des->tape;
    struct psim_tape_slots *s = tape->slots;
    struct slot *slot = &s->slot[slot_index];
    if (find_begun(slot, item)) return;
    const uint32_t u = slot_index / des->kernel->resident;
    if (slot->n == 0) {
        slot->from = now;
        if (s->unit[u].slots++ == 0) s->unit[u].from = now;
    }
    slot->begun = psim_arena_more(tape->arena, slot->begun, slot->n, &slot->room,
                                  FIRST_BEGUN, sizeof *slot->begun);
    const bool single =
        item < tape->detail.first_groups || s->items - item <= tape->detail.last_groups;
    const size_t group = single ? begin_single(tape, u, item, now) : nowhere;
    if (group == nowhere) begin_joined(tape, u, now);
    slot->begun[slot->n++] = (struct begun){item, group, des->gangs_per_slot};
}

static void
end_one(struct psim_tape *tape, uint32_t u, const struct begun *begun, psim_tick now)
{
    struct unit *unit = &tape->slots->unit[u];
    if (begun->group != nowhere) {
        struct psim_tape_group *group = &tape->groups[begun->group];
        group->end = now;
        unit->lanes &= ~(UINT64_C(1) << group->lane);
    } else if (--unit->others == 0 && unit->chosen) {
        tape->joined[unit->joined].end = now;
    }
}

void
psim_tape_leave(struct psim_des *des, uint32_t slot_index, uint64_t item,
                uint32_t gangs, psim_tick now)
{
    struct psim_tape *tape = des->tape;
    struct psim_tape_slots *s = tape->slots;
    struct slot *slot = &s->slot[slot_index];
    struct begun *begun = find_begun(slot, item);
    assert(begun && begun->left >= gangs);
    begun->left -= gangs;
    if (begun->left > 0) return;
    const uint32_t u = slot_index / des->kernel->resident;
    end_one(tape, u, begun, now);
    *begun = slot->begun[--slot->n];
    if (slot->n > 0) return;
    psim_tape_add(tape, &s->resident, slot->from, now);
    if (--s->unit[u].slots > 0) return;
    psim_tape_add(tape, &s->active, s->unit[u].from, now);
}

static int
compare_groups(const void *a, const void *b)
{
    const struct psim_tape_group *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static int
compare_joined(const void *a, const void *b)
{
    const struct psim_tape_joined *x = a, *y = b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

void
psim_tape_end_groups(struct psim_tape *tape)
{
    if (tape->n_groups > 0) {
        qsort(tape->groups, tape->n_groups, sizeof *tape->groups, compare_groups);
    }
    if (tape->n_joined > 0) {
        qsort(tape->joined, tape->n_joined, sizeof *tape->joined, compare_joined);
    }
    tape->slots = NULL;
}
