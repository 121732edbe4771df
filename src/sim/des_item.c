/* SPDX-License-Identifier: MIT */
/** @file Who gets which item: classes of items, first work-groups, the next one. */
#include <assert.h>
#include <string.h>

#include "sim/des.h"
#include "util/arena.h"
#include "util/whole.h"

static uint32_t
hash_values(const int64_t *values, uint8_t n)
{
    uint64_t hash = 0;
    for (uint8_t i = 0; i < n; i++) {
        hash = (hash ^ (uint64_t)values[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return (uint32_t)(hash >> 32);
}

static uint64_t
amount_of(const struct psim_step *step, const int64_t *values)
{
    uint64_t amount = step->amount.coef;
    for (size_t i = 0; i < PSIM_MAX_FACTORS && step->amount.param[i] != PSIM_NONE;
         i++) {
        amount *= (uint64_t)values[step->amount.param[i]];
    }
    return amount;
}

static void
fill_class(struct psim_des *des, struct psim_des_class *class, const int64_t *values)
{
    const struct psim_kernel *k = des->kernel;
    int64_t *kept = PSIM_NEW_N(des->arena, int64_t, k->n_params + 1U);
    struct psim_des_cost *costs =
        PSIM_NEW_N(des->arena, struct psim_des_cost, k->n_steps);
    struct psim_des_hold *holds =
        PSIM_NEW_N(des->arena, struct psim_des_hold, des->n_holds + 1U);
    memcpy(kept, values, k->n_params * sizeof *kept);
    for (uint16_t s = 0; s < k->n_steps; s++) {
        const struct psim_des_step *step = &des->steps[s];
        if (step->kind != PSIM_STEP_LOOP && step->kind != PSIM_STEP_DO) continue;
        struct psim_des_cost *cost = &costs[s];
        cost->amount = amount_of(&k->steps[s], values);
        if (step->kind == PSIM_STEP_LOOP) {
            assert(cost->amount <= UINT32_MAX); /* or it would take minutes */
            continue;
        }
        for (uint8_t d = 0; d < step->n_now; d++) {
            const struct psim_des_demand *demand = &step->demands[d];
            const uint64_t part = psim_ceil_div(cost->amount, demand->cast);
            holds[step->first_hold + d] =
                (struct psim_des_hold){psim_rate_ticks(demand->rate, part),
                                       demand->servers.first, demand->servers.units};
        }
        cost->own = psim_rate_ticks(step->interval, cost->amount);
        if (step->chain > 1) {
            const psim_tick dependent = (step->chain - 1) * step->latency[0];
            if (dependent > cost->own) cost->own = dependent;
        }
    }
    *class = (struct psim_des_class){kept, costs, holds};
}

static void
grow_classes(struct psim_des *des)
{
    struct psim_des_class *more =
        PSIM_NEW_N(des->arena, struct psim_des_class, 2 * (size_t)des->class_room);
    memcpy(more, des->classes, des->n_classes * sizeof *more);
    des->classes = more;
    des->class_room *= 2;
    des->class_table = PSIM_NEW_N(des->arena, uint32_t, 4 * (size_t)des->class_room);
    const uint32_t mask = 4 * des->class_room - 1;
    for (uint32_t i = 0; i < des->n_classes; i++) {
        uint32_t at = hash_values(more[i].values, des->kernel->n_params) & mask;
        while (des->class_table[at] != 0) {
            at = (at + 1) & mask;
        }
        des->class_table[at] = i + 1;
    }
}

uint32_t
psim_des_class(struct psim_des *des, const uint32_t x[PSIM_MAX_AXES])
{
    const struct psim_kernel *k = des->kernel;
    int64_t values[PSIM_MAX_PARAMS];
    for (uint8_t p = 0; p < k->n_params; p++) {
        values[p] = psim_param_value(k, p, x[k->params[p].axis]);
    }
    const uint32_t mask = 4 * des->class_room - 1;
    uint32_t at = hash_values(values, k->n_params) & mask;
    while (des->class_table[at] != 0) {
        const struct psim_des_class *class = &des->classes[des->class_table[at] - 1];
        if (memcmp(class->values, values, k->n_params * sizeof *values) == 0) {
            return des->class_table[at];
        }
        at = (at + 1) & mask;
    }
    if (des->n_classes == des->class_room) {
        grow_classes(des);
        return psim_des_class(des, x);
    }
    struct psim_des_class *class = &des->classes[des->n_classes++];
    des->class_table[at] = des->n_classes;
    fill_class(des, class, values);
    return des->n_classes;
}

void
psim_des_walk(struct psim_des *des, uint64_t item, uint32_t ret_x[PSIM_MAX_AXES])
{
    struct psim_des_walked *walked = &des->walked[item % PSIM_DES_WALKED];
    if (walked->item != item + 1) {
        walked->item = item + 1;
        psim_kernel_walk(des->kernel, item, walked->x);
    }
    memcpy(ret_x, walked->x, sizeof walked->x);
}

void
psim_des_enter(struct psim_des *des, struct psim_gang *gang, uint64_t item)
{
    gang->item = item;
    psim_des_walk(des, item, gang->x);
    gang->class = psim_des_class(des, gang->x);
    gang->pc = des->kernel->roles[gang->role].first_step;
    gang->depth = 0;
    gang->state = PSIM_GANG_RUNS;
    if (des->skip.logs) psim_skip_log_entry(des, gang);
}

/** Items that the slowest gang of a slot has still to take up. */
static uint32_t
furthest_behind(const struct psim_des *des, uint32_t slot)
{
    const struct psim_gang *gang = &des->gangs[(size_t)slot * des->gangs_per_slot];
    uint32_t most = 0;
    for (uint32_t i = 0; i < des->gangs_per_slot; i++) {
        const uint32_t behind = des->taken[slot].n - gang[i].turn;
        if (behind > most) most = behind;
    }
    return most;
}

/** A slot takes an item: all its gangs come to it, one after the other. */
static void
take(struct psim_des *des, uint32_t slot, uint64_t item)
{
    enum { FIRST_ROOM = 8 };
    struct psim_des_taken *taken = &des->taken[slot];
    if (taken->n == 0 || furthest_behind(des, slot) > taken->room) {
        const uint32_t room = taken->room > 0 ? 2 * taken->room : FIRST_ROOM;
        uint64_t *more = PSIM_NEW_N(des->arena, uint64_t, room);
        for (uint32_t i = 1; i <= taken->room; i++) {
            const uint32_t at = taken->n - i;
            more[at & (room - 1)] = taken->item[at & (taken->room - 1)];
        }
        taken->item = more;
        taken->room = room;
    }
    taken->item[taken->n++ & (taken->room - 1)] = item;
}

/** Fresh channels and gangs for a work-group; tokens are back in their place. */
static void
start_group(struct psim_des *des, uint32_t slot, uint64_t item, psim_tick now)
{
    const struct psim_kernel *k = des->kernel;
    for (uint8_t c = 0; c < k->n_channels; c++) {
        struct psim_des_channel *channel =
            &des->channels[(size_t)slot * k->n_channels + c];
        const uint8_t primed = k->channels[c].primed;
        channel->reserved = channel->committed = primed;
        channel->freed = 0;
        channel->reserve_at = primed % channel->depth;
        memset(channel->ready, 0, channel->depth * sizeof *channel->ready);
        memset(channel->releases, 0, channel->depth);
    }
    struct psim_gang *gang = &des->gangs[(size_t)slot * des->gangs_per_slot];
    psim_tick at = now;
    const uint32_t unit = slot / k->resident;
    if (des->tape) psim_tape_enter(des, slot, item, now);
    if (des->has_start) {
        at = des->tape ? psim_tape_start(des, unit, item, now)
                       : psim_des_start(des, unit, now);
    }
    for (uint8_t r = 0; r < k->n_roles; r++) {
        for (uint8_t i = 0; i < k->roles[r].gangs; i++, gang++) {
            gang->slot = slot;
            gang->unit = unit;
            gang->role = r;
            memset(gang->on, 0, sizeof gang->on);
            psim_des_enter(des, gang, item);
            psim_des_wake(des, gang, at);
        }
    }
    des->slot_left[slot] = des->gangs_per_slot;
    if (des->taken) take(des, slot, item);
}

void
psim_des_begin(struct psim_des *des)
{
    const struct psim_kernel *k = des->kernel;
    for (uint32_t layer = 0; layer < k->resident; layer++) {
        for (uint32_t unit = 0; unit < k->units; unit++) {
            if (des->next_item == des->items) return;
            start_group(des, unit * k->resident + layer, des->next_item++, 0);
        }
    }
}

/** The item that follows in a slot that keeps its work-group; all items if none. */
static uint64_t
following_item(struct psim_des *des, struct psim_gang *gang)
{
    if (des->kernel->dispatch == PSIM_DISPATCH_STRIDE) return gang->item + des->slots;
    const struct psim_des_taken *taken = &des->taken[gang->slot];
    if (gang->turn + 1 == taken->n) {
        if (des->next_item == des->items) return des->items;
        take(des, gang->slot, des->next_item++);
    }
    gang->turn++;
    return taken->item[gang->turn & (taken->room - 1)];
}

void
psim_des_stop(struct psim_des *des, struct psim_gang *gang, psim_tick now)
{
    if (now > des->end) des->end = now;
    if (des->kernel->dispatch == PSIM_DISPATCH_EACH) {
        gang->state = PSIM_GANG_DONE;
        if (--des->slot_left[gang->slot] > 0) return;
        if (des->tape) {
            psim_tape_leave(des, gang->slot, gang->item, des->gangs_per_slot, now);
        }
        if (des->next_item < des->items) {
            start_group(des, gang->slot, des->next_item++, now);
        } else {
            psim_skip_leave(des, gang);
        }
        return;
    }
    const uint64_t item = following_item(des, gang);
    if (des->tape) {
        psim_tape_leave(des, gang->slot, gang->item, 1, now);
        if (item < des->items) psim_tape_enter(des, gang->slot, item, now);
    }
    if (item >= des->items) {
        gang->state = PSIM_GANG_DONE;
        psim_skip_leave(des, gang);
        return;
    }
    psim_des_enter(des, gang, item);
    psim_des_wake(des, gang, now);
}
