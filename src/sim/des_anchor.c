/* SPDX-License-Identifier: MIT */
/** @file A state of a kernel: kept, met again, moved on.
 *
 * Times count from now: what is over is over, however long ago. Numbers that only grow
 * count as differences, and moving on leaves them where they are. */
#include "sim/des_anchor.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"

static size_t
n_gangs(const struct psim_des *des)
{
    return (size_t)des->slots * des->gangs_per_slot;
}

static size_t
n_channels(const struct psim_des *des)
{
    return (size_t)des->slots * des->kernel->n_channels;
}

/** When a gang goes on that waits for nobody. */
static psim_tick
pending(const struct psim_des *des, uint32_t gang)
{
    const struct psim_des_unit *unit = &des->units[gang / des->gangs_per_unit];
    return psim_heap_pending(&unit->heap, gang % des->gangs_per_unit);
}

/** Set of the channels that a role waits for or releases. */
static uint8_t
channels_of(const struct psim_kernel *kernel, uint8_t role, enum psim_step_kind kind)
{
    uint8_t channels = 0;
    for (const struct psim_step *step = &kernel->steps[kernel->roles[role].first_step];
         step->kind != PSIM_STEP_STOP; step++) {
        if (step->kind == kind) channels |= (uint8_t)(1U << step->channel);
    }
    return channels;
}

struct psim_anchor *
psim_anchor_new(struct psim_des *des)
{
    struct psim_arena *arena = des->arena;
    struct psim_anchor *anchor = PSIM_NEW(arena, struct psim_anchor);
    anchor->gangs = PSIM_NEW_N(arena, struct psim_gang, n_gangs(des));
    anchor->pending = PSIM_NEW_N(arena, psim_tick, n_gangs(des));
    anchor->paused = PSIM_NEW_N(arena, uint32_t, des->kernel->units);
    anchor->channels = PSIM_NEW_N(arena, struct psim_des_channel, n_channels(des) + 1);
    anchor->ready = PSIM_NEW_N(arena, psim_tick, des->n_places + 1);
    anchor->releases = PSIM_NEW_N(arena, uint8_t, des->n_places + 1);
    anchor->servers = PSIM_NEW_N(arena, struct psim_des_server, des->n_instances);
    anchor->slot_left = PSIM_NEW_N(arena, uint32_t, des->slots);
    anchor->counts = PSIM_NEW_N(arena, struct psim_des_count, des->kernel->n_steps);
    if (des->taken) {
        anchor->taken = PSIM_NEW_N(arena, struct psim_des_taken, des->slots);
    }
    anchor->waits = PSIM_NEW_N(arena, uint8_t, des->kernel->n_roles);
    anchor->releases_of = PSIM_NEW_N(arena, uint8_t, des->kernel->n_roles);
    for (uint8_t r = 0; r < des->kernel->n_roles; r++) {
        anchor->waits[r] = channels_of(des->kernel, r, PSIM_STEP_WAIT);
        anchor->releases_of[r] = channels_of(des->kernel, r, PSIM_STEP_RELEASE);
    }
    return anchor;
}

/** @param ret has a ring of its own, as large as the last one that it held */
static void
copy_taken(struct psim_arena *arena, const struct psim_des_taken *from,
           struct psim_des_taken *ret)
{
    uint64_t *item =
        ret->room == from->room ? ret->item : PSIM_NEW_N(arena, uint64_t, from->room);
    if (from->room > 0) memcpy(item, from->item, from->room * sizeof *item);
    *ret = (struct psim_des_taken){item, from->n, from->room};
}

void
psim_anchor_set(struct psim_des *des, struct psim_anchor *anchor, psim_tick now)
{
    anchor->now = now;
    anchor->next_item = des->next_item;
    anchor->events = des->events;
    /* What ends from here on counts apart: it is what would end later again. */
    if (des->end > des->end_before) des->end_before = des->end;
    des->end = 0;
    memcpy(anchor->gangs, des->gangs, n_gangs(des) * sizeof *des->gangs);
    for (uint32_t g = 0; g < n_gangs(des); g++) {
        anchor->pending[g] = pending(des, g);
    }
    for (uint32_t u = 0; u < des->kernel->units; u++) {
        anchor->paused[u] = des->units[u].paused;
    }
    memcpy(anchor->channels, des->channels, n_channels(des) * sizeof *des->channels);
    memcpy(anchor->ready, des->ready, des->n_places * sizeof *des->ready);
    memcpy(anchor->releases, des->releases, des->n_places * sizeof *des->releases);
    memcpy(anchor->servers, des->instances, des->n_instances * sizeof *des->instances);
    memcpy(anchor->slot_left, des->slot_left, des->slots * sizeof *des->slot_left);
    memcpy(anchor->counts, des->counts, des->kernel->n_steps * sizeof *des->counts);
    for (uint32_t s = 0; des->taken && s < des->slots; s++) {
        copy_taken(des->arena, &des->taken[s], &anchor->taken[s]);
    }
}

/* --- comparison ------------------------------------------------------------ */

/** The two states. */
struct pair {
    const struct psim_des *des;
    const struct psim_anchor *anchor;
    psim_tick now;
    uint64_t items; /**< by which the anchor's have moved on */
};

/** Whether what ends at @p at ends as long from now as it did from the anchor. */
static bool
same_wait(const struct pair *p, psim_tick at, psim_tick before)
{
    const psim_tick wait = at > p->now ? at - p->now : 0;
    const psim_tick wait_before = before > p->anchor->now ? before - p->anchor->now : 0;
    return wait == wait_before;
}

/** The same counters if items moved on, else one of them higher. */
static bool
same_counters(const struct pair *p, const struct psim_gang *gang,
              const struct psim_gang *before)
{
    unsigned higher = 0;
    for (uint8_t d = 0; d < gang->depth; d++) {
        if (gang->counter[d] == before->counter[d]) continue;
        if (p->items > 0 || gang->counter[d] < before->counter[d]) return false;
        higher++;
    }
    return higher <= 1;
}

/** A place of the anchor's ring, turned as far as the channel's reservations are. */
static uint8_t
turned(const struct psim_des_channel *channel, const struct psim_des_channel *before,
       uint8_t place)
{
    const unsigned depth = channel->depth;
    assert(depth > 0);
    return (uint8_t)((place + channel->reserve_at + depth - before->reserve_at) %
                     depth);
}

/** The same places in the rings, the same distance behind the channels' counts. */
static bool
same_slots(const struct pair *p, const struct psim_gang *gang,
           const struct psim_gang *before)
{
    const uint8_t n = p->des->kernel->n_channels;
    const struct psim_des_channel *channel = &p->des->channels[(size_t)gang->slot * n];
    const struct psim_des_channel *was = &p->anchor->channels[(size_t)gang->slot * n];
    for (uint8_t c = 0; c < n; c++, channel++, was++) {
        const struct psim_gang_slots *on = &gang->on[c], *on_before = &before->on[c];
        if ((p->anchor->waits[gang->role] >> c & 1) &&
            (on->wait_at != turned(channel, was, on_before->wait_at) ||
             channel->committed - on->waited != was->committed - on_before->waited)) {
            return false;
        }
        if ((p->anchor->releases_of[gang->role] >> c & 1) &&
            on->release_at != turned(channel, was, on_before->release_at)) {
            return false;
        }
    }
    return true;
}

static bool
same_gang(const struct pair *p, uint32_t g)
{
    const struct psim_gang *gang = &p->des->gangs[g], *before = &p->anchor->gangs[g];
    if (gang->state != before->state || !gang->class != !before->class) return false;
    /* What has ended starts afresh, if at all. */
    if (!gang->class || gang->state == PSIM_GANG_DONE) return true;
    const bool blocked =
        gang->state == PSIM_GANG_NEEDS_DATA || gang->state == PSIM_GANG_NEEDS_SPACE;
    if (gang->pc != before->pc || gang->depth != before->depth ||
        gang->class != before->class || gang->item != before->item + p->items ||
        (blocked && gang->channel != before->channel)) {
        return false;
    }
    if (!blocked && !same_wait(p, pending(p->des, g), p->anchor->pending[g])) {
        return false;
    }
    return same_counters(p, gang, before) && same_slots(p, gang, before);
}

/** The ring may have turned: which of its places is the first means nothing. */
static bool
same_ring(const struct pair *p, const struct psim_des_channel *a,
          const struct psim_des_channel *b)
{
    const size_t first = (size_t)(a->ready - p->des->ready);
    const psim_tick *ready = &p->anchor->ready[first];
    const uint8_t *releases = &p->anchor->releases[first];
    for (uint8_t place = 0; place < a->depth; place++) {
        const uint8_t at = turned(a, b, place);
        if (!same_wait(p, a->ready[at], ready[place])) return false;
        if (a->releases[at] != releases[place]) return false;
    }
    return a->filling == turned(a, b, b->filling);
}

static bool
same_channels(const struct pair *p)
{
    for (size_t i = 0; i < n_channels(p->des); i++) {
        const struct psim_des_channel *a = &p->des->channels[i];
        const struct psim_des_channel *b = &p->anchor->channels[i];
        if (a->reserved - a->freed != b->reserved - b->freed ||
            a->committed - a->freed != b->committed - b->freed || !same_ring(p, a, b)) {
            return false;
        }
    }
    return true;
}

/** The items that a slot has taken and not all of its gangs have come to. */
static bool
same_taken(const struct pair *p, uint32_t slot)
{
    const struct psim_des *des = p->des;
    const struct psim_des_taken *a = &des->taken[slot], *b = &p->anchor->taken[slot];
    if (a->room != b->room) return false;
    const size_t first = (size_t)slot * des->gangs_per_slot;
    for (size_t g = first; g < first + des->gangs_per_slot; g++) {
        const uint32_t behind = a->n - des->gangs[g].turn;
        if (behind != b->n - p->anchor->gangs[g].turn) return false;
        for (uint32_t i = 1; i <= behind && i <= a->n; i++) {
            if (a->item[(a->n - i) & (a->room - 1)] !=
                b->item[(b->n - i) & (b->room - 1)] + p->items) {
                return false;
            }
        }
    }
    return true;
}

bool
psim_anchor_equals(const struct psim_des *des, const struct psim_anchor *anchor,
                   psim_tick now, struct psim_shift *ret)
{
    const uint32_t watch = des->skip.watch;
    struct pair p = {des, anchor, now, 0};
    p.items = des->gangs[watch].item - anchor->gangs[watch].item;
    if (now == anchor->now || !same_gang(&p, watch)) return false;
    const bool by_turn = des->kernel->dispatch == PSIM_DISPATCH_STRIDE;
    if (!by_turn && des->next_item != anchor->next_item + p.items) return false;
    for (size_t i = 0; i < des->n_instances; i++) {
        if (!same_wait(&p, des->instances[i].free_at, anchor->servers[i].free_at)) {
            return false;
        }
    }
    for (uint32_t g = 0; g < n_gangs(des); g++) {
        if (!same_gang(&p, g)) return false;
    }
    for (uint32_t u = 0; u < des->kernel->units; u++) {
        if (des->units[u].paused != anchor->paused[u]) return false;
    }
    if (!same_channels(&p)) return false;
    for (uint32_t s = 0; s < des->slots; s++) {
        if (des->slot_left[s] != anchor->slot_left[s]) return false;
        if (des->taken && !same_taken(&p, s)) return false;
    }
    *ret = (struct psim_shift){now - anchor->now, p.items};
    return true;
}

/* --- moving on ------------------------------------------------------------- */

/** Turns of the loop that is open at a depth. */
static uint64_t
turns_of(const struct psim_des *des, const struct psim_gang *gang, uint8_t depth)
{
    uint16_t open[PSIM_MAX_NESTING] = {0};
    uint8_t n = 0;
    for (uint16_t s = des->kernel->roles[gang->role].first_step; s < gang->pc; s++) {
        if (des->steps[s].kind == PSIM_STEP_LOOP && n < PSIM_MAX_NESTING) open[n++] = s;
        if (des->steps[s].kind == PSIM_STEP_END) n--;
    }
    return psim_des_class_of(des, gang)->costs[open[depth]].amount;
}

uint64_t
psim_anchor_most(const struct psim_des *des, const struct psim_anchor *anchor,
                 const struct psim_shift *shift)
{
    const bool by_turn = des->kernel->dispatch == PSIM_DISPATCH_STRIDE;
    uint64_t most = UINT64_MAX;
    if (shift->items > 0 && !by_turn) {
        most = (des->items - des->next_item) / shift->items;
    }
    for (size_t g = 0; g < n_gangs(des); g++) {
        const struct psim_gang *gang = &des->gangs[g];
        if (!gang->class || gang->state == PSIM_GANG_DONE) continue;
        uint64_t more = UINT64_MAX;
        if (shift->items > 0) {
            if (by_turn) more = (des->items - 1 - gang->item) / shift->items;
        } else if (gang->depth > 0) {
            const uint8_t d = psim_anchor_depth(gang, &anchor->gangs[g]);
            const uint32_t turns = gang->counter[d] - anchor->gangs[g].counter[d];
            if (turns == 0) continue;
            more = (turns_of(des, gang, d) - 1 - gang->counter[d]) / turns;
        }
        if (more < most) most = more;
    }
    return most < UINT64_MAX ? most : 0;
}

/** The places in the ring stay: only the distance between them counts. */
static void
move_taken(const struct psim_des_taken *taken, uint64_t items)
{
    for (uint32_t i = 0; i < taken->room; i++) {
        taken->item[i] += items;
    }
}

static void
move_gangs(struct psim_des *des, const struct psim_anchor *anchor, uint64_t items,
           uint64_t times)
{
    for (size_t g = 0; g < n_gangs(des); g++) {
        struct psim_gang *gang = &des->gangs[g];
        if (!gang->class || gang->state == PSIM_GANG_DONE) continue;
        if (items > 0) {
            gang->item += items;
            psim_kernel_walk(des->kernel, gang->item, gang->x);
        } else if (gang->depth > 0) {
            const uint8_t d = psim_anchor_depth(gang, &anchor->gangs[g]);
            gang->counter[d] +=
                (uint32_t)times * (gang->counter[d] - anchor->gangs[g].counter[d]);
        }
    }
}

static void
move_counts(struct psim_des *des, const struct psim_anchor *anchor, uint64_t times)
{
    for (size_t i = 0; i < des->n_instances; i++) {
        struct psim_des_server *server = &des->instances[i];
        server->busy += times * (server->busy - anchor->servers[i].busy);
    }
    for (uint16_t s = 0; s < des->kernel->n_steps; s++) {
        struct psim_des_count *count = &des->counts[s];
        const struct psim_des_count *before = &anchor->counts[s];
        count->amount += times * (count->amount - before->amount);
        for (size_t k = 0; k < PSIM_MAX_CACHES; k++) {
            count->missed[k] += times * (count->missed[k] - before->missed[k]);
        }
    }
    const uint64_t events = times * (des->events - anchor->events);
    des->events += events;
    des->skip.skipped += events;
}

void
psim_anchor_move(struct psim_des *des, const struct psim_anchor *anchor, psim_tick now,
                 const struct psim_shift *shift, uint64_t times)
{
    const psim_tick by = times * shift->ticks;
    const uint64_t items = times * shift->items;
    for (uint32_t s = 0; des->taken && s < des->slots; s++) {
        move_taken(&des->taken[s], items);
    }
    move_gangs(des, anchor, items, times);
    if (des->kernel->dispatch != PSIM_DISPATCH_STRIDE) des->next_item += items;
    move_counts(des, anchor, times);
    for (size_t i = 0; i < des->n_instances; i++) {
        if (des->instances[i].free_at > now) des->instances[i].free_at += by;
    }
    for (size_t i = 0; i < des->n_places; i++) {
        if (des->ready[i] > now) des->ready[i] += by;
    }
    psim_heap_delay(&des->heap, by);
    for (uint32_t u = 0; u < des->kernel->units; u++) {
        psim_heap_delay(&des->units[u].heap, by);
    }
    /* Of all periods the last one ends last. */
    if (des->end > 0) {
        if (des->end > des->end_before) des->end_before = des->end;
        des->end += by;
    }
}
