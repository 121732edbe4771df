/* SPDX-License-Identifier: MIT */
/** @file Stages in a row, over queues of one writer and one reader. */
#include "measure/cpu/stages.h"

#include <sched.h>

/** Wait until a count has come so far. */
static void
wait_for(const atomic_size_t *count, size_t least)
{
    enum { LOOKS = 2000 };
    for (unsigned looks = 0; atomic_load_explicit(count, memory_order_acquire) < least;
         looks++) {
        if (looks > LOOKS) (void)sched_yield(); /* fewer processors than stages */
    }
}

static uint64_t *
slot(const struct psim_stages *s, unsigned queue, size_t frame)
{
    return s->queue[queue].words + frame % s->depth * s->words;
}

/** What a stage does with a frame; the first one makes it. */
static void
work(const struct psim_stages *s, unsigned stage, size_t frame)
{
    uint64_t *to = slot(s, stage, frame), x = s->additions;
    const uint64_t *from = stage > 0 ? slot(s, stage - 1, frame) : NULL;
    for (size_t i = 0; i < s->additions; i++) {
        x += i;
        __asm__ volatile("" : "+r"(x)); /* each waits for the one before */
    }
    for (size_t i = 0; i < s->words; i++) {
        to[i] = (from ? from[i] : frame) + 1;
    }
}

/** Wait for the stage before and for room behind; work; hand on; give room back. */
static void
one_frame(struct psim_stages *s, unsigned stage, size_t frame)
{
    const bool first = stage == 0, last = stage + 1 == s->n;
    struct psim_stage_queue *behind = &s->queue[stage];
    if (!first) wait_for(&s->queue[stage - 1].committed, frame + 1);
    if (!last && frame >= s->depth) wait_for(&behind->released, frame + 1 - s->depth);
    work(s, stage, frame);
    atomic_store_explicit(&behind->committed, frame + 1, memory_order_release);
    if (first) return;
    atomic_store_explicit(&s->queue[stage - 1].released, frame + 1,
                          memory_order_release);
}

static void
run_stage(void *context, unsigned thread)
{
    struct psim_stages *s = context;
    for (size_t frame = 0; frame < s->frames; frame++) {
        one_frame(s, thread, frame);
    }
}

static void
run_all(void *context, unsigned thread)
{
    struct psim_stages *s = context;
    (void)thread;
    for (size_t frame = 0; frame < s->frames; frame++) {
        for (unsigned stage = 0; stage < s->n; stage++) {
            one_frame(s, stage, frame);
        }
    }
}

size_t
psim_stages_run(struct psim_team *team, struct psim_stages *s)
{
    const size_t last_frame = s->frames - 1;
    for (unsigned i = 0; i < s->n; i++) {
        atomic_store(&s->queue[i].committed, 0);
        atomic_store(&s->queue[i].released, 0);
    }
    psim_team_run(team, psim_team_threads(team) > 1 ? run_stage : run_all, s);
    const uint64_t *words = slot(s, s->n - 1, last_frame);
    size_t wrong = 0;
    for (size_t i = 0; i < s->words; i++) {
        wrong += words[i] != last_frame + s->n;
    }
    return wrong;
}
