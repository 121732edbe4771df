/* SPDX-License-Identifier: MIT */
/** @file What every engine and every measurement yields: plain data, SI units. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/diag.h"
#include "util/quantity.h"

struct psim_timeline;

/** To which side of a roofline a server belongs. */
enum psim_side {
    PSIM_SIDE_NEITHER, /**< placing work-groups */
    PSIM_SIDE_MEMORY,  /**< it moves bytes */
    PSIM_SIDE_COMPUTE, /**< it computes, or starts instructions */
};

/** What one server did: a memory, a pipe, a port, an issue slot. */
struct psim_server_use {
    enum psim_side side;
    const char *name;
    const char *doc;      /**< what it is, in words; NULL: not told */
    enum psim_dim counts; /**< BYTES, FLOP or NONE */
    const char *level;    /**< the memory of which it is bandwidth; NULL: of none */
    bool home;            /**< the one in which the tensors live */
    double read, written; /**< in what it counts, over all instances */
    double busy_s;        /**< of the busiest instance */
    double peak_per_s;    /**< of all instances, as stated; 0 = not stated */
    double energy_j;      /**< over all instances */
    struct psim_loc at;
};

/** One kernel of an op, one launch of it. */
struct psim_kernel_result {
    const char *name;
    const char *op;      /**< the op's name in the workload */
    size_t op_index;     /**< of the workload's ops, graphs unrolled */
    const char *mapping; /**< "tile 256x128x64, 4 stages, cluster 2" */
    double count;        /**< launches in the whole workload */
    double time_s, bound_s, launch_s;
    double clock_s, refetch_s, fill_s, tail_s, contention_s; /**< time_s - bound_s */
    double clock_hz; /**< reached by the units; negative: not known, as energy_j */
    double energy_j; /**< with its launch */
    double active_j; /**< of that, drawn by units that have work-groups */
    const char *bound_by, *bound_by_doc;
    double flop;
    double late_bytes; /**< of its writes, in a write-back cache when it ends */
    double groups;     /**< work-groups of the grid */
    uint32_t units, total_units, resident;
    const char *unit_name, *resident_by;
    struct psim_server_use *servers;
    size_t n_servers;
    double events;
};

/** A straight line over the roofline: the fastest unit of a data type, a memory. */
struct psim_roof {
    const char *name;
    double time_s; /**< what this roof alone would take */
    double peak_per_s;
    enum psim_dim dim;
    struct psim_loc at;
};

/** Why a mapping was not taken, and how often. */
struct psim_refusal {
    const char *part, *reason;
    unsigned count;
};

/** What draws power: the machine itself, or one of its servers. */
struct psim_energy_part {
    const char *name, *doc;
    double energy_j; /**< of the whole workload */
    bool of_server;  /**< else the machine's own */
};

struct psim_note {
    const char *text;
    struct psim_loc at;
};

struct psim_result {
    const char *machine, *machine_title;
    const char *workload, *workload_title;
    const char *engine;
    const char *const *layers; /**< files the machine was read from */
    size_t n_layers;
    double time_s, bound_s;
    double host_wait_s; /**< of time_s: no kernel runs, the host has issued none */
    double flop, read_bytes, write_bytes; /**< of the ops, compulsory */
    double roofline_s; /**< plain: FLOP at the peak, compulsory bytes at the peak */
    const char *bound_by, *bound_by_doc;
    double energy_j; /**< negative: not known, as clock_hz */
    double clock_hz; /**< of the units, mean over the kernels' time */
    double cap_w;    /**< mean power that the machine may draw; negative: not known */
    bool sustained;  /**< repeated for so long that the cap has lowered the clock */
    struct psim_energy_part *energies;
    size_t n_energies;
    struct psim_kernel_result *kernels;
    size_t n_kernels;
    struct psim_server_use *memories; /**< levels, inner first, over all kernels */
    size_t n_memories;
    struct psim_roof *roofs;
    size_t n_roofs;
    struct psim_refusal *refusals;
    size_t n_refusals;
    unsigned mappings_tried;
    struct psim_note *assumptions;
    size_t n_assumptions;
    const struct psim_timeline *timeline; /**< result/timeline.h; NULL: not asked for */
};
