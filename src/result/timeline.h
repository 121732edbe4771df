/* SPDX-License-Identifier: MIT */
/** @file What happened when, in one run of a workload: tracks, spans, counters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/diag.h"
#include "util/quantity.h"

enum psim_track_kind {
    PSIM_TRACK_UNIT,   /**< a unit; its spans are work-groups */
    PSIM_TRACK_SERVER, /**< a pipe, a memory, a port, a link; spans: what it serves */
    PSIM_N_TRACK_KINDS,
};

struct psim_track {
    enum psim_track_kind kind;
    const char *name; /**< "sm 3", "sm.tensor of sm 3", "hbm" */
    const char *doc;  /**< what it is, in words; NULL: not told */
    int64_t unit;     /**< to which it belongs; -1: all share it */
    double busy_s;    /**< over the whole run, spans kept or not */
    struct psim_loc at;
};

/** Something that a track did without a break, as far as the level of detail tells. */
struct psim_span {
    uint32_t track, kernel;
    int64_t group;    /**< the work-group's number in its kernel; -1: of several */
    const char *name; /**< "work-group", an act's name */
    double start_s, end_s;
    double busy_s; /**< of it; less than its length where several were joined */
};

/** A quantity over time: value[i] holds from i * step_s on. */
struct psim_counter {
    const char *name; /**< "hbm bandwidth", "occupancy", "power" */
    enum psim_dim dim;
    bool percent;
    const double *value;
    size_t n;
    double step_s;
};

/** One launch of a kernel. */
struct psim_timeline_kernel {
    const char *name, *op;
    double start_s, end_s;
    uint64_t groups;
    uint32_t units, resident;
    uint32_t extent[4]; /**< of the grid, with names of its axes; 0: no such axis */
    const char *axis_name[4];
};

/** Where work-group @p group of kernel @p kernel ran. */
struct psim_placement_of {
    uint32_t kernel, unit;
    uint64_t group;
    uint32_t x[4]; /**< its place in the grid */
    double start_s, end_s;
};

struct psim_timeline {
    double time_s;
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
    /** What was joined or left out, in words: "spans shorter than 2 us are joined". */
    const char *detail;
};
