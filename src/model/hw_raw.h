/* SPDX-License-Identifier: MIT */
/** @file A machine as bound from its file, before names are resolved.
 *
 * Internal to hw_*.c. */
#pragma once

#include "model/hw.h"

struct psim_raw_group {
    struct psim_word name;
    struct psim_loc at;
    struct psim_words groups, runs_on;
    const struct psim_node *number, *holds, *take, *fits;
    struct psim_figure clock, issue, energy, start, place, barrier;
    uint64_t in_flight;
    bool lock_step;
    int scheduler; /**< enum psim_scheduler */
    struct psim_figure in_phase, fetched_in_phase;
    struct psim_figure launch[PSIM_N_LAUNCH_MODES], host[PSIM_N_LAUNCH_MODES];
    struct psim_word note;
};

struct psim_raw_port {
    struct psim_word of;
    struct psim_figure bandwidth, in_flight;
};

struct psim_raw_memory {
    struct psim_word name;
    struct psim_loc at;
    struct psim_word shared_across, part_of, caches, note;
    int access_mode, placement, clock;
    struct psim_figure size, latency, write_latency, energy, access, sector, write_back;
    const struct psim_node *bandwidth;
    struct psim_raw_port port;
    struct psim_figure turnaround, translation;
    uint64_t banks, partitions;
    bool duplex;
};

struct psim_raw_staging {
    const struct psim_node *bandwidth;
    struct psim_figure buffer, setup;
    uint64_t number;
};

struct psim_raw_link {
    struct psim_word name, note;
    struct psim_loc at;
    struct psim_words between;
    const struct psim_node *bandwidth;
    struct psim_figure latency;
    struct psim_loc staging_at; /**< line 0: not given */
    struct psim_raw_staging staging;
};

struct psim_raw_operands {
    struct psim_word home[3];
};

struct psim_raw_operation {
    struct psim_word name;
    struct psim_loc at;
    struct psim_word supported_by, invocation_name, native_implementation, note;
    uint32_t dtypes, droops;
    struct psim_figure latency[PSIM_N_DTYPES], throughput[PSIM_N_DTYPES];
    struct psim_figure elements[PSIM_N_DTYPES], energy[PSIM_N_DTYPES];
    struct psim_loc throughput_at; /**< line 0: not given */
    struct psim_words pipe, moves;
    struct psim_raw_operands operands;
    bool asynchronous;
    struct psim_word multicast;
    struct psim_figure issue, clock, width, align, achieved, setup;
    const struct psim_node *take, *tile;
    int does;
};

struct psim_raw_library {
    struct psim_word name, op, algorithm, operation, copy, note;
    struct psim_loc at;
    uint32_t dtypes;
    struct psim_items tiles;
    uint64_t pad_channels;
    bool joins_taps, masks_all, upright;
    struct psim_figure step, align, misaligned, host, instructions, pace, launches,
        split_below, split_full, out_buffer, also_writes, fills, clears, leaves;
    uint64_t cluster, min_split, max_split, lanes, registers, stages, resident, sums,
        loaders;
    struct psim_figure max_bytes;
    int dispatch, launch, batch;
    struct psim_word source;
    int confidence;
};

struct psim_raw_hw {
    struct psim_word schema, name, title, extends, note;
    struct psim_loc at, groups_at, memories_at;
    const struct psim_node *units, *sources;
    struct psim_items groups, memories, links, operations, libraries;
    struct psim_power power;
};

/** The machine while it is built: what psim_hw has as const. */
struct psim_hw_build {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_raw_hw *raw;
    const struct psim_bare_units *units;
    struct psim_group *groups;
    struct psim_memory *memories;
    struct psim_link *links;
    struct psim_operation *operations;
    struct psim_assumption *assumptions;
    bool has_tree; /**< the groups are sound: what lies in what may be asked */
    struct psim_hw *hw;
};

/* Each records all its faults and returns whether there were none. */
bool psim_hw_build_groups(struct psim_hw_build *b); /* names and numbers */
bool psim_hw_build_tree(struct psim_hw_build *b);   /* what lies in what */
bool psim_hw_build_memories(struct psim_hw_build *b);
bool psim_hw_build_links(struct psim_hw_build *b);
bool psim_hw_build_operations(struct psim_hw_build *b);
bool psim_hw_build_libraries(struct psim_hw_build *b);
bool psim_hw_build_power(struct psim_hw_build *b); /* energies, where all else is */

/* Where a list is not built, since it or what it refers to could not be read: the
 * faults of what its entries hold by themselves. */
void psim_hw_read_group_nodes(struct psim_hw_build *b);
void psim_hw_read_memory_nodes(struct psim_hw_build *b);
void psim_hw_read_link_nodes(struct psim_hw_build *b);
void psim_hw_read_operation_nodes(struct psim_hw_build *b);

/** Reports list it: "clock of 'block': 1 GHz". Said once. */
void psim_hw_assume(struct psim_hw_build *b, struct psim_loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Index of a group by its name.
 * @return -1 after an error that says what was probably meant
 */
int psim_hw_need_group(struct psim_hw_build *b, const char *key,
                       const struct psim_word *name);
int psim_hw_need_memory(struct psim_hw_build *b, const char *key,
                        const struct psim_word *name);

/** {blocks: 32, threads: 2}. @p node may be NULL. */
bool psim_hw_read_capacities(struct psim_hw_build *b, const char *key,
                             const struct psim_node *node, struct psim_capacities *ret);

/** Whether some group holds each of the capacities that are taken. */
bool psim_hw_check_takes(struct psim_hw_build *b, const struct psim_capacities *take);

/** Seconds of a latency that is given in seconds or in cycles of a clock. */
double psim_hw_seconds(const struct psim_figure *figure, double clock_hz);

/**
 * A bandwidth as a map of @p fields, or as a figure by itself, which is bound by
 * @p plain. @p node may be NULL.
 */
bool psim_hw_bind_bandwidth(struct psim_hw_build *b, const struct psim_node *node,
                            const struct psim_field *fields,
                            const struct psim_field *plain, void *ret);

/** Bytes a second of a figure in B/s or B/cycle; 0 where it is not given. */
double psim_hw_bytes_per_s(const struct psim_figure *figure, double clock_hz);

extern const struct psim_field psim_hw_group_fields[];
extern const struct psim_field psim_hw_memory_fields[];
extern const struct psim_field psim_hw_link_fields[];
extern const struct psim_field psim_hw_way_fields[]; /* of its {peak: ...} */
extern const struct psim_field psim_hw_operation_fields[];
extern const struct psim_field psim_hw_library_fields[];
extern const struct psim_field psim_hw_rate_fields[]; /* of {peak: ..., read: ...} */
extern const struct psim_field psim_hw_tile_fields[]; /* of {m: ..., n: ..., k: ...} */
