/* SPDX-License-Identifier: MIT */
/** @file Threads that wait for work: one a core, the caller is the first of them. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct psim_arena;
struct psim_team;

/** What each thread does; @p thread counts from 0. */
typedef void psim_team_work(void *context, unsigned thread);

/**
 * Start threads, each bound to one of the processors @p cpus, the caller too; NULL:
 * they run wherever they are put. Where the system gives fewer threads, the team is
 * smaller.
 */
struct psim_team *psim_team_start(struct psim_arena *arena, const int *cpus,
                                  unsigned n_threads);
void psim_team_stop(struct psim_team *team);

unsigned psim_team_threads(const struct psim_team *team);

/** All threads do it once; returns when all are done. */
void psim_team_run(struct psim_team *team, psim_team_work *work, void *context);

/** Inside of work: go on when all threads are here. */
void psim_team_meet(struct psim_team *team);

/** A heap of equal pieces of work from which threads take what is next. */
struct psim_queue {
    atomic_size_t next;
};

/** @return false where none of @p n is left */
bool psim_queue_take(struct psim_queue *queue, size_t n, size_t *ret_piece);

/** This thread's part of @p n things, cut at multiples of @p grain. */
void psim_team_share(const struct psim_team *team, unsigned thread, size_t n,
                     size_t grain, size_t *ret_first, size_t *ret_end);
