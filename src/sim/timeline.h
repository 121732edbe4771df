/* SPDX-License-Identifier: MIT */
/** @file The timeline of a prediction, made of tapes of its kernels.
 *
 * Internal to timeline*.c and predict.c. */
#pragma once

#include "result/timeline.h"
#include "sim/prediction.h"
#include "sim/tape.h"

/** The first turn of the workload that was just predicted, as far as the limits go. */
const struct psim_timeline *
psim_timeline_make(struct psim_prediction *run,
                   const struct psim_timeline_limits *limits);

/** What was launched, run once more: launches of the same kernel share it. */
struct psim_taped {
    struct psim_tape tape;
    const struct psim_launched *first; /**< launch; NULL: none is shown by itself */
    double start_s;                    /**< of the first one's work-groups */
    double launches;                   /**< that are shown by themselves */
    bool ran;             /**< else nothing is known but what was predicted */
    double effort;        /**< steps that it takes to run it in full */
    double own_spans;     /**< of servers of units, about, if none were joined */
    double shared_spans;  /**< of those that units share */
    uint32_t own, shared; /**< how many servers of a unit; instances for several */
    uint32_t *track;      /**< of each instance whose spans are kept */
};

/** A launch that is shown by itself. */
struct psim_single {
    const struct psim_launched *launched;
    struct psim_taped *taped;
    double first_s; /**< tick 0 of the tape */
    double end_s;
};

/** Launches that are not: those of a row from one on. */
struct psim_rest {
    const struct psim_launched *launched;
    double launches, start_s, end_s;
};

/** A timeline while it is made. */
struct psim_draft {
    struct psim_prediction *run;
    struct psim_timeline_limits limits; /**< none is 0 */
    struct psim_timeline *line;
    struct psim_taped *taped; /**< by psim_launched.timed */
    size_t n_taped;
    struct psim_single *singles; /**< as line->kernels, but for the last one there */
    size_t n_singles;
    struct psim_rest *rests;
    size_t n_rests;
    double step_s; /**< of counters */
    size_t points;
    uint32_t shown, group_units; /**< units whose servers, work-groups are shown */
    uint32_t most_units;
    struct psim_track_table *tracks;
    size_t span_room, placed_room;
};

static inline const struct psim_kernel *
psim_launched_kernel(const struct psim_launched *launched)
{
    return &launched->plan->kernels[launched->launch.kernel];
}

/** Choose for each tape what to keep, so that all of them stay within the limits. */
void psim_timeline_choose(struct psim_draft *draft);

/** What was joined or left out, in words. */
const char *psim_timeline_detail(const struct psim_draft *draft);

/** The track of a unit's lane, or of an instance of a server of a plan. */
uint32_t psim_timeline_lane(struct psim_draft *draft, const struct psim_launched *of,
                            uint32_t unit, uint32_t lane);
uint32_t psim_timeline_server(struct psim_draft *draft, const struct psim_launched *of,
                              uint32_t server, uint32_t unit);

/** All spans and placements, by kernel, track and start. */
void psim_timeline_span(struct psim_draft *draft);

/** All counters, of launches that are shown by themselves and of others. */
void psim_timeline_count(struct psim_draft *draft);
