/* SPDX-License-Identifier: MIT */
/** @file Stages in a row: each waits for a frame, works, and hands it on. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/cpu/team.h"

enum { PSIM_MOST_STAGES = 8 };

/**
 * A queue of `depth` frames between two stages, filled by one and emptied by the next.
 * Each count is written by one side: it is on a line of its own.
 */
struct psim_stage_queue {
    uint64_t *words; /**< of all frames that it holds */
    _Alignas(64) atomic_size_t committed;
    _Alignas(64) atomic_size_t released;
};

/** What is to be done, and its queues: one behind each stage. */
struct psim_stages {
    unsigned n;
    size_t frames, depth;
    size_t words; /**< of a frame */
    size_t
        additions; /**< of a frame in a stage, each waits for the one before: cycles */
    struct psim_stage_queue *queue;
};

/**
 * All frames go through all stages, a stage by each thread, or all by one where the
 * team has one. Each stage adds 1 to each word of a frame.
 *
 * @param team of 1 or `n` threads
 * @return how many words of the last frame are not `n` more than at the start
 */
size_t psim_stages_run(struct psim_team *team, struct psim_stages *stages);
