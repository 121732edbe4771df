/* SPDX-License-Identifier: MIT */
/** @file The event engine: gangs run until something blocks them (eq. E1 and E2). */
#include <assert.h>
#include <math.h>

#include "sim/des.h"
#include "sim/work.h"
#include "util/arena.h"
#include "util/whole.h"

extern const struct psim_engine psim_engine_analytic;

static inline struct psim_des_channel *
channel_of(struct psim_des *des, const struct psim_gang *gang, uint8_t channel)
{
    return &des->channels[gang->slot * des->kernel->n_channels + channel];
}

/** The place behind one in a ring. */
static uint8_t
next_place(const struct psim_des_channel *channel, uint8_t place)
{
    return (uint8_t)(place + 1 == channel->depth ? 0 : place + 1);
}

/** Who waits in this work-group for what just happened to a channel. */
static inline void
wake_waiting(struct psim_des *des, const struct psim_gang *by, uint8_t channel,
             enum psim_gang_state state, psim_tick now)
{
    struct psim_gang *gang = &des->gangs[(size_t)by->slot * des->gangs_per_slot];
    for (uint32_t i = 0; i < des->gangs_per_slot; i++, gang++) {
        if (gang->state == state && gang->channel == channel) {
            gang->state = PSIM_GANG_RUNS;
            psim_des_wake(des, gang, now);
        }
    }
}

static void
block(struct psim_gang *gang, enum psim_gang_state state, uint8_t channel)
{
    gang->state = (uint8_t)state;
    gang->channel = channel;
}

/** When all is done that gangs of the unit have asked for by now, of what one asks. */
static psim_tick
asked_until(const struct psim_des *des, const struct psim_gang *gang,
            const struct psim_des_step *step)
{
    const struct psim_des_hold *hold =
        psim_des_class_of(des, gang)->holds + step->first_hold;
    const struct psim_des_server *own = psim_des_own(des, gang->unit);
    psim_tick until = 0;
    for (uint8_t d = 0; d < step->n_own; d++) {
        const psim_tick free_at = own[hold[d].first].free_at;
        if (free_at > until) until = free_at;
    }
    return until;
}

/**
 * Work-groups that started together are served in turn: what one asks is done when
 * that of all is that have asked by then (eq. E5).
 *
 * @return whether the gang goes on now
 */
static bool
share(struct psim_des *des, struct psim_gang *gang, const struct psim_des_step *step,
      psim_tick now)
{
    const psim_tick until = asked_until(des, gang, step);
    if (gang->state == PSIM_GANG_ACTS && until > now) {
        gang->state = PSIM_GANG_SHARES;
        const double more = des->kernel->in_phase * (double)(until - now);
        psim_des_wake(des, gang, now + (psim_tick)more);
        return false;
    }
    gang->state = PSIM_GANG_RUNS;
    gang->pc++;
    return true;
}

/** @return whether the gang goes on now */
static inline bool
step_do(struct psim_des *des, struct psim_gang *gang, const struct psim_des_step *step,
        psim_tick now)
{
    if (gang->state != PSIM_GANG_RUNS) return share(des, gang, step, now);
    const psim_tick end =
        step->simple ? psim_des_act_own(des, gang, step, now) + step->latency[0]
                     : des->act(des, gang, step, now);
    const bool asks = (step->flags & (PSIM_POSTED | PSIM_ASYNC)) == 0;
    if (asks && des->in_turn && step->n_caches == 0 && gang->item < des->slots) {
        gang->state = PSIM_GANG_ACTS;
        psim_des_wake(des, gang, end);
        return false;
    }
    gang->pc++;
    if (step->flags & PSIM_POSTED) {
        if (end > des->end) des->end = end;
        return true;
    }
    if (step->flags & PSIM_ASYNC) {
        const struct psim_des_channel *channel = channel_of(des, gang, step->channel);
        psim_tick *ready = &channel->ready[channel->filling];
        if (end > *ready) *ready = end;
        return true;
    }
    if (end == now) return true;
    psim_des_wake(des, gang, end);
    return false;
}

static inline bool
step_reserve(struct psim_des *des, struct psim_gang *gang, uint8_t c)
{
    struct psim_des_channel *channel = channel_of(des, gang, c);
    if (channel->reserved - channel->freed == channel->depth) {
        block(gang, PSIM_GANG_NEEDS_SPACE, c);
        return false;
    }
    channel->filling = channel->reserve_at;
    channel->ready[channel->filling] = 0;
    channel->reserve_at = next_place(channel, channel->filling);
    channel->reserved++;
    assert(channel->reserved - channel->freed <= des->kernel->channels[c].depth);
    gang->pc++;
    return true;
}

/**
 * Requests of work-groups that start together reach what they share interleaved: the
 * first moves of all of them end together (eq. E5).
 */
static psim_tick
ready_at(struct psim_des *des, const struct psim_gang *gang, uint8_t c, psim_tick ready)
{
    struct psim_des_burst *burst = &des->burst[c];
    if (burst->lasts == 0 || gang->on[c].waited > 0 || gang->item >= des->slots) {
        return ready;
    }
    if (burst->ends == 0) burst->ends = ready + burst->lasts;
    return ready > burst->ends ? ready : burst->ends;
}

static inline bool
step_wait(struct psim_des *des, struct psim_gang *gang, uint8_t c, psim_tick now)
{
    const struct psim_des_channel *channel = channel_of(des, gang, c);
    struct psim_gang_slots *on = &gang->on[c];
    if (channel->committed == on->waited) {
        block(gang, PSIM_GANG_NEEDS_DATA, c);
        return false;
    }
    const psim_tick ready = ready_at(des, gang, c, channel->ready[on->wait_at]);
    if (ready > now) {
        psim_des_wake(des, gang, ready);
        return false;
    }
    on->waited++;
    on->wait_at = next_place(channel, on->wait_at);
    gang->pc++;
    return true;
}

static inline void
step_release(struct psim_des *des, struct psim_gang *gang, uint8_t c, psim_tick now)
{
    struct psim_des_channel *channel = channel_of(des, gang, c);
    struct psim_gang_slots *on = &gang->on[c];
    uint8_t *releases = &channel->releases[on->release_at];
    on->release_at = next_place(channel, on->release_at);
    gang->pc++;
    if (++*releases < channel->consumers) return;
    *releases = 0;
    channel->freed++;
    wake_waiting(des, gang, c, PSIM_GANG_NEEDS_SPACE, now);
}

static void
step_loop(const struct psim_des *des, struct psim_gang *gang,
          const struct psim_des_step *step)
{
    if (psim_des_class_of(des, gang)->costs[gang->pc].amount == 0) {
        gang->pc = step->jump;
        return;
    }
    gang->counter[gang->depth++] = 0;
    gang->pc++;
}

static void
step_end(const struct psim_des *des, struct psim_gang *gang,
         const struct psim_des_step *step)
{
    const uint8_t depth = (uint8_t)(gang->depth - 1);
    /* The loop itself stands before the step that it jumps back to. */
    if (++gang->counter[depth] <
        psim_des_class_of(des, gang)->costs[step->jump - 1].amount) {
        gang->pc = step->jump;
        return;
    }
    gang->counter[depth] = 0;
    gang->depth = depth;
    gang->pc++;
}

/**
 * Run one gang from its resumption until something blocks it.
 *
 * @param turn whether all that other units do before is done
 * @return whether it stands before a shared step without that
 */
static bool
run_gang(struct psim_des *des, struct psim_gang *gang, psim_tick now, bool turn)
{
    for (;;) {
        const struct psim_des_step *step = &des->steps[gang->pc];
        if (step->shared && !turn) return true;
        switch ((enum psim_step_kind)step->kind) {
        case PSIM_STEP_LOOP:
            step_loop(des, gang, step);
            break;
        case PSIM_STEP_END:
            step_end(des, gang, step);
            break;
        case PSIM_STEP_DO:
            if (!step_do(des, gang, step, now)) return false;
            break;
        case PSIM_STEP_RESERVE:
            if (!step_reserve(des, gang, step->channel)) return false;
            break;
        case PSIM_STEP_COMMIT:
            channel_of(des, gang, step->channel)->committed++;
            gang->pc++;
            wake_waiting(des, gang, step->channel, PSIM_GANG_NEEDS_DATA, now);
            break;
        case PSIM_STEP_WAIT:
            if (!step_wait(des, gang, step->channel, now)) return false;
            break;
        case PSIM_STEP_RELEASE:
            step_release(des, gang, step->channel, now);
            break;
        case PSIM_STEP_STOP:
            psim_des_stop(des, gang, now);
            return false;
        case PSIM_N_STEP_KINDS:
            assert(false && "not a step");
            return false;
        }
    }
}

/** A unit goes on by itself until it comes to a shared step. */
static void
run_ahead(struct psim_des *des, uint32_t u)
{
    struct psim_des_unit *unit = &des->units[u];
    unit->paused = UINT32_MAX;
    while (unit->heap.n > 0) {
        const struct psim_event event = psim_heap_pop(&unit->heap);
        const uint32_t g = u * des->gangs_per_unit + event.gang;
        des->events++;
        if (!run_gang(des, &des->gangs[g], event.at, false)) continue;
        unit->paused = g;
        psim_heap_push(&des->heap, (struct psim_event){event.at, u});
        return;
    }
}

/** Shared steps in order of time, units in between as far as they come. */
static void
run_all(struct psim_des *des)
{
    while (des->heap.n > 0) {
        struct psim_event event = psim_heap_pop(&des->heap);
        const uint32_t paused = des->units[event.gang].paused;
        if (paused == des->skip.watch) event.at = psim_skip_check(des, event.at);
        (void)run_gang(des, &des->gangs[paused], event.at, true);
        run_ahead(des, event.gang);
    }
}

/** Femtoseconds, or the smallest power of ten of them in which the run fits. */
static double
choose_tick_s(double expected_s)
{
    double tick_s = 1e-15;
    while (expected_s / tick_s > 0x1p60) {
        tick_s *= 10;
    }
    return tick_s;
}

static void
find_bursts(struct psim_des *des, const struct psim_launch *launch)
{
    if (des->kernel->in_phase <= 0) return;
    struct psim_work *work = PSIM_NEW(des->arena, struct psim_work);
    psim_work_sum(des->plan, launch, 0, work);
    for (uint8_t c = 0; c < des->kernel->n_channels; c++) {
        des->burst[c].lasts = (psim_tick)(psim_work_burst_s(work, c) / des->tick_s);
    }
}

/** What a run needs is given back at its end, whatever its size. */
static void
run_kernel(const struct psim_plan *plan, const struct psim_launch *launch,
           struct psim_tape *tape, struct psim_kernel_time *time)
{
    struct psim_arena scratch = {0};
    struct psim_des des = {
        .arena = &scratch,
        .plan = plan,
        .kernel = &plan->kernels[launch->kernel],
        .tick_s = choose_tick_s(4 * time->time_s),
        .turning = time->turning,
        .act = psim_des_act,
    };
    psim_des_build(&des, launch);
    des.in_turn = des.kernel->in_phase > 0 && des.kernel->resident > 1;
    find_bursts(&des, launch);
    if (tape) psim_tape_begin(tape, &des);
    psim_des_begin(&des);
    for (uint32_t u = 0; u < des.kernel->units; u++) {
        run_ahead(&des, u);
    }
    psim_skip_begin(&des, launch->in_full);
    run_all(&des);
    psim_des_end(&des, time);
    if (tape) psim_tape_end(tape, &des);
    psim_arena_free(&scratch);
}

static void
event_time(struct psim_arena *arena, const struct psim_plan *plan,
           const struct psim_launch *launch, struct psim_kernel_time *ret)
{
    struct psim_kernel_time time;
    psim_engine_analytic.time(arena, plan, launch, &time);
    run_kernel(plan, launch, NULL, &time);
    *ret = time;
}

static void
event_tape(struct psim_arena *arena, const struct psim_plan *plan,
           const struct psim_launch *launch, struct psim_tape *tape,
           struct psim_kernel_time *ret)
{
    struct psim_kernel_time time;
    struct psim_launch how = *launch;
    how.in_full = how.in_full || tape->detail.in_full;
    psim_engine_analytic.time(arena, plan, &how, &time);
    run_kernel(plan, &how, tape, &time);
    *ret = time;
}

const struct psim_engine psim_engine_event = {
    .name = "event",
    .doc = "cycle-approximate: every work-group, server and cache block in time order",
    /* Half a minute to a minute; the largest kernels of practice have a tenth. */
    .most_steps = 2e9, /* a minute */
    .time = event_time,
    .tape = event_tape,
};
