/* SPDX-License-Identifier: MIT */
/** @file Predict: each thread takes the next record of the next machine. */
#include "calibrate/runs.h"

#include <pthread.h>
#include <stdatomic.h>

#include "util/arena.h"

/** More machines at once would take more memory and no less time. */
enum { MAX_AT_ONCE = 32, MAX_THREADS = 256 };

/** What the threads share: read only, but for the next item and answers of their own.
 */
struct pool {
    struct psim_question *questions;
    size_t n;
    const struct psim_hw *const *machines;
    struct psim_targets targets;
    atomic_size_t next;
};

static void
answer_one(const struct pool *pool, size_t q, size_t t, struct psim_arena *arena)
{
    const struct psim_question *question = &pool->questions[q];
    const struct psim_target *target = &pool->targets.items[t];
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    struct psim_pair pair;
    const char *refused =
        psim_compare_record(arena, pool->machines[q], question->engine, target->file,
                            target->record, &pair);
    question->answer[t] = (struct psim_answer){
        refused ? 0 : pair.predicted_s,
        refused || pair.predicted_j < 0 ? 0 : pair.predicted_j,
    };
    psim_arena_rewind(arena, mark);
}

static void *
work(void *context)
{
    struct pool *pool = context;
    struct psim_arena arena = {0};
    const size_t n = pool->n * pool->targets.n;
    for (;;) {
        const size_t item = atomic_fetch_add(&pool->next, 1);
        if (item >= n) break;
        const size_t q = item / pool->targets.n, t = item % pool->targets.n;
        const bool *wanted = pool->questions[q].wanted;
        if (!pool->machines[q] || (wanted && !wanted[t])) continue;
        answer_one(pool, q, t, &arena);
    }
    psim_arena_free(&arena);
    return NULL;
}

/** A few machines that fit the memory together. */
static void
run_batch(struct psim_question *questions, size_t n, struct psim_targets targets,
          unsigned threads)
{
    struct psim_arena arena = {0};
    const struct psim_hw **machines = PSIM_NEW_N(&arena, const struct psim_hw *, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct psim_diag diag = {.arena = &arena};
        machines[i] = psim_hw_judge(&arena, &diag, questions[i].machine);
        if (diag.error_count > 0) machines[i] = NULL;
        questions[i].refused = !machines[i];
    }
    struct pool pool = {questions, n, machines, targets, 0};
    pthread_t others[MAX_THREADS];
    size_t n_others = 0;
    while (n_others + 1 < threads && n_others < MAX_THREADS) {
        /* Without it the others do the work. */
        if (pthread_create(&others[n_others], NULL, work, &pool) != 0) break;
        n_others++;
    }
    (void)work(&pool);
    for (size_t i = 0; i < n_others; i++) {
        (void)pthread_join(others[i], NULL);
    }
    psim_arena_free(&arena);
}

void
psim_runs(struct psim_question *questions, size_t n, struct psim_targets targets,
          unsigned threads)
{
    for (size_t from = 0; from < n; from += MAX_AT_ONCE) {
        const size_t left = n - from;
        run_batch(questions + from, left < MAX_AT_ONCE ? left : MAX_AT_ONCE, targets,
                  threads);
    }
}
