/* SPDX-License-Identifier: MIT */
/** @file What happened when, in one run of a workload: tracks, spans, counters.
 *
 * Plain data. All times are from the start of the run, its first launch. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/diag.h"
#include "util/quantity.h"

/** How much of a run is kept; what is more is joined (psim_timeline.detail). */
struct psim_timeline_limits {
    size_t spans;   /**< about so many in all; 0: 90,000 */
    size_t placed;  /**< work-groups by themselves, at most; 0: 30,000 */
    size_t points;  /**< of each counter, at most; 0: 1,000 */
    size_t kernels; /**< launches by themselves, at most; 0: 2,000 */
    double steps;   /**< simulated one by one; of what has more, sums; 0: 2e8 */
    /**
     * Where all launches together have more steps, those that are shorter than so many
     * points are not simulated once more, and of the others those first that have most
     * to see for their steps; of the rest no more is known than what was predicted.
     * 0: they are simulated as they come.
     */
    size_t seen_points;
};

enum psim_track_kind {
    PSIM_TRACK_UNIT,   /**< a unit; its spans are work-groups */
    PSIM_TRACK_SERVER, /**< a pipe, a memory, a port, a link; spans: what it serves */
    PSIM_N_TRACK_KINDS,
};

/**
 * Something that does one thing at a time: its spans do not overlap. Where there are
 * many units, tracks are those of some of them; counters are over all.
 */
struct psim_track {
    enum psim_track_kind kind;
    const char *name;  /**< "sm 3", "sm.tensor of sm 3", "hbm" */
    const char *what;  /**< what there are several of: "sm", "sm.tensor", "hbm" */
    const char *group; /**< what its units are: "sm" */
    const char *doc;   /**< what it is, in words; NULL: not told */
    int64_t unit;      /**< to which it belongs, or the first of several; -1: all */
    uint32_t units;    /**< neighbouring units that share it; 0: all */
    /**
     * UNIT: work-groups that a unit has side by side lie in lanes 0, 1 ...; those that
     * are joined in one more, PSIM_LANE_JOINED.
     */
    uint32_t lane;
    double busy_s; /**< over the whole run: the sum of that of its spans */
    struct psim_loc at;
};

#define PSIM_LANE_JOINED UINT32_MAX

/** Something that a track did without a break, as far as the level of detail tells. */
struct psim_span {
    uint32_t track, kernel; /**< indices */
    uint32_t count;         /**< how many were joined to it; 1: it stands for itself */
    int64_t group;    /**< the work-group's number in its kernel; -1: of several */
    int64_t placed;   /**< UNIT: index of that work-group; -1: of several */
    const char *name; /**< "work-group", an act's name */
    double start_s, end_s;
    double busy_s; /**< of it; less than its length where several were joined */
};

enum psim_counter_kind {
    PSIM_COUNTER_OCCUPANCY, /**< resident work-groups, of those that fit */
    PSIM_COUNTER_BUSY,      /**< of a kind of server, mean over its instances */
    PSIM_COUNTER_BANDWIDTH, /**< of a memory, over its instances */
    PSIM_COUNTER_POWER,
    PSIM_N_COUNTER_KINDS,
};

/**
 * A quantity over time: value[i] is its mean from i * step_s on, for step_s or until
 * the run ends.
 */
struct psim_counter {
    enum psim_counter_kind kind;
    const char *name; /**< "hbm bandwidth", "occupancy", "power" */
    const char *what; /**< the server or the memory: "hbm"; NULL: the machine */
    const char *doc;
    enum psim_dim dim;
    bool percent; /**< values are parts: 1 is 100 % */
    double peak;  /**< as stated, over all instances; 0: not stated */
    double mean;  /**< over the run */
    const double *value;
    size_t n;
    double step_s;
};

/** One launch of a kernel. */
struct psim_timeline_kernel {
    const char *name, *op, *mapping;
    uint32_t launches; /**< that were joined to it, in a row; 1: it stands for itself */
    double wait_s;     /**< before the launch: the host has not issued it yet */
    double launch_s;   /**< before start_s: it is being launched */
    double start_s, end_s;
    double clock_hz;       /**< of the units; negative: not known */
    uint64_t groups;       /**< work-groups, of one launch */
    uint32_t bundle;       /**< work-groups that are placed as one, if not 1 */
    const char *unit_name; /**< on which they run: "sm" */
    uint32_t units;        /**< that it uses */
    uint32_t total_units;  /**< that there are */
    uint32_t resident;     /**< work-groups that fit on one, bundles as one */
    uint32_t extent[4];    /**< of the grid; 0: no such axis */
    const char *axis_name[4];
    size_t first_placed, n_placed; /**< its work-groups, in `placed` */
    size_t first_span, n_spans;    /**< its spans, in `spans` */
};

/** Where work-group @p group of kernel @p kernel ran. */
struct psim_placement_of {
    uint32_t kernel, track;
    uint32_t unit, lane;
    uint64_t group; /**< in the order in which they are taken */
    uint32_t x[4];  /**< its place in the grid */
    double start_s, end_s;
};

struct psim_timeline {
    double time_s; /**< until all has ended that is shown */
    double turns;  /**< of the whole workload: the first of them is shown */
    struct psim_timeline_kernel *kernels;
    size_t n_kernels;
    struct psim_track *tracks;
    size_t n_tracks;
    struct psim_span *spans; /**< by kernel, track and start */
    size_t n_spans;
    struct psim_placement_of *placed; /**< by kernel and start */
    size_t n_placed;
    struct psim_counter *counters;
    size_t n_counters;
    /** What was joined or left out, in words; "" where nothing was. */
    const char *detail;
};
