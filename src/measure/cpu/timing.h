/* SPDX-License-Identifier: MIT */
/** @file Clocks: the wall's, and the cycles of the core behind it. */
#pragma once

#include "measure/cpu/host.h"
#include "measure/cpu/team.h"

/** Seconds of a clock that is never set. */
double psim_now_s(void);

/** Seconds that this thread has had a processor: what others take of it is not in it.
 */
double psim_own_s(void);

/**
 * Cycles of this core in a second, now: additions that wait for each other take a
 * cycle each, whatever the core. Takes about 0.1 ms; of three tries the fastest.
 */
double psim_core_clock_hz(void);

/** Seconds of processors that all threads of this process have had. */
double psim_process_s(void);

/** Times this process was made to give up a processor, so far. */
long psim_times_preempted(void);

/** Leave the processor to others. */
void psim_rest(double seconds);

/** Memory of its own to walk over, so that no cache holds anything else. */
struct psim_flush {
    unsigned char *data;
    size_t bytes;
};

/** Each thread reads all of it. */
void psim_flush_caches(struct psim_team *team, const struct psim_flush *flush);
