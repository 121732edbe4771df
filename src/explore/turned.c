/* SPDX-License-Identifier: MIT */
/** @file Knobs turned: each with the prediction that follows. */
#include "explore/turned.h"

#include <pthread.h>
#include <stdatomic.h>

#include "input/merge.h"
#include "util/arena.h"

enum { MAX_THREADS = 64 };

/** Room for all steps of all knobs. */
static size_t
count_most(void)
{
    size_t n = 0;
    while (psim_knobs[n].name) {
        n++;
    }
    return n * PSIM_MAX_KNOB_STEPS;
}

static size_t
add_scaled(struct psim_arena *arena, const struct psim_knob_case *at,
           const struct psim_knob *knob, struct psim_turned *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < PSIM_MAX_KNOB_STEPS && knob->steps[i] > 0; i++) {
        struct psim_turn turn;
        if (!knob->scale(arena, at, knob->steps[i], &turn)) continue;
        ret[n++] = (struct psim_turned){.knob = knob, .turn = turn};
    }
    return n;
}

/** The choice that holds already has its prediction. */
static size_t
add_choices(struct psim_arena *arena, const struct psim_knob_case *at,
            const struct psim_knob *knob, struct psim_turned *ret)
{
    struct psim_turn turns[PSIM_MAX_CHOICES];
    const size_t n_turns = knob->choices(arena, at, turns);
    for (size_t i = 0; i < n_turns; i++) {
        ret[i] = (struct psim_turned){.knob = knob, .turn = turns[i]};
        if (!turns[i].as_is) continue;
        ret[i].hw = at->hw;
        ret[i].workload = at->workload;
        ret[i].result = at->result;
    }
    return n_turns;
}

size_t
psim_turned_list(struct psim_arena *arena, const struct psim_knob_case *at,
                 struct psim_turned **ret)
{
    _Static_assert(PSIM_MAX_CHOICES <= PSIM_MAX_KNOB_STEPS, "room for either");
    struct psim_turned *list = PSIM_NEW_N(arena, struct psim_turned, count_most());
    size_t n = 0;
    for (const struct psim_knob *knob = psim_knobs; knob->name; knob++) {
        n += knob->scale ? add_scaled(arena, at, knob, list + n)
                         : add_choices(arena, at, knob, list + n);
    }
    *ret = list;
    return n;
}

/** The machine with what psim_turn.sets says; NULL after an error. */
static const struct psim_hw *
turn_machine(struct psim_arena *arena, struct psim_diag *diag,
             const struct psim_hw_text *text, const struct psim_turn *turn)
{
    struct psim_hw_text other = *text;
    for (size_t i = 0; i < turn->n_sets; i++) {
        const struct psim_node *over =
            psim_merge_path(arena, diag, other.root, turn->sets[i]);
        other.root =
            over ? psim_merge(arena, diag, other.root, over, psim_hw_tie_keys) : NULL;
        if (!other.root) return NULL;
    }
    return psim_hw_judge(arena, diag, &other);
}

static void
predict_one(struct psim_arena *arena, const struct psim_turner *turner,
            struct psim_turned *turned)
{
    if (turned->result) return;
    struct psim_diag diag = {.arena = arena};
    turned->hw = turn_machine(arena, &diag, turner->text, &turned->turn);
    if (turned->hw) {
        turned->workload = turner->load(turner->context, arena, &diag, &turned->turn);
    }
    if (turned->workload) {
        turned->result =
            psim_predict(arena, &diag, turned->hw, turned->workload, turner->options);
    }
    if (!turned->result) turned->why_not = diag.first ? diag.first->message : "";
}

/** What the threads share: the next of them to take a turn. */
struct pool {
    const struct psim_turner *turner;
    struct psim_turned *turned;
    size_t n;
    atomic_size_t next;
};

struct worker {
    struct pool *pool;
    struct psim_arena arena;
    pthread_t thread;
};

static void *
work(void *context)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    for (;;) {
        const size_t i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->n) return NULL;
        predict_one(&worker->arena, pool->turner, &pool->turned[i]);
    }
}

void
psim_turned_predict(struct psim_arena *arena, const struct psim_turner *turner,
                    struct psim_turned *turned, size_t n)
{
    struct pool pool = {turner, turned, n, 0};
    struct worker workers[MAX_THREADS] = {{&pool, {0}, 0}};
    size_t n_workers = 1;
    while (n_workers < turner->threads && n_workers < MAX_THREADS) {
        struct worker *worker = &workers[n_workers];
        *worker = (struct worker){.pool = &pool};
        /* Without it the others do the work. */
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) break;
        n_workers++;
    }
    (void)work(&workers[0]);
    for (size_t i = 0; i < n_workers; i++) {
        if (i > 0) (void)pthread_join(workers[i].thread, NULL);
        psim_arena_adopt(arena, &workers[i].arena);
    }
}
