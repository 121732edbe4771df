/* SPDX-License-Identifier: MIT */
/** @file The machine: groups, memories, operations, libraries; built once, then only
 * read. */
#pragma once

#include "model/dtype.h"
#include "model/primitive.h"

struct psim_arena;

enum {
    PSIM_MAX_GROUPS = 32,
    PSIM_MAX_MEMORIES = 16,
    PSIM_MAX_OPERATIONS = 64,
    PSIM_MAX_LINKS = 8,
    PSIM_MAX_CAPACITIES = 8, /**< countable ones of one group */
};

/** How kernels follow one another. */
enum psim_launch_mode {
    PSIM_LAUNCH_STREAM, /**< the host issues each */
    PSIM_LAUNCH_GRAPH,  /**< recorded once, issued together */
    PSIM_N_LAUNCH_MODES,
};

extern const struct psim_choice psim_launch_mode_choices[];

/** So many of something: "blocks: 32". */
struct psim_capacity {
    const char *name;
    uint64_t count;
    struct psim_loc at, key_at;
};

struct psim_capacities {
    struct psim_capacity item[PSIM_MAX_CAPACITIES];
    size_t n;
};

/** Whom an instance that starts instructions serves next. */
enum psim_scheduler {
    PSIM_SCHEDULER_GREEDY,      /**< one until it waits, then the oldest */
    PSIM_SCHEDULER_ROUND_ROBIN, /**< all in turn: equal programs stay in phase */
};

struct psim_group {
    const char *name;
    struct psim_loc at, name_at;
    bool declared; /**< false: a leaf that only `groups` names */
    bool software; /**< has runs_on: program instances, not hardware */
    int runs_on;   /**< index of the hardware group; -1 */
    int child[4];  /**< what one is made of */
    uint64_t number[4];
    struct psim_loc child_at[4], number_at[4];
    size_t n_children;
    bool number_is_max; /**< chosen by the mapping, up to number[0] */
    int parent;         /**< of hardware: the group that contains it; -1 for the root */
    uint64_t total;     /**< hardware: instances in the whole machine */
    struct psim_capacities holds, take;
    struct psim_capacities fits; /**< software: instances at once, by number of parts */
    bool lock_step;
    enum psim_scheduler scheduler;
    double in_phase;         /**< of equal programs, the part of the time; 0: never */
    double fetched_in_phase; /**< the same, of fetches that run ahead of their use */
    struct psim_figure phase, fetched_phase; /**< as the file has these two */
    uint64_t in_flight; /**< instructions that one instance looks ahead; 0 = in order */
    double clock_hz;    /**< its own, or what holds for it: see hw_load.c */
    struct psim_figure clock, issue, energy, start, place, barrier;
    double issue_per_s; /**< invocations one instance starts; 0 = not limited */
    double start_s, barrier_s;
    double place_per_s; /**< instances placed, whole machine; 0 = not limited */
    struct psim_figure launch[PSIM_N_LAUNCH_MODES], host[PSIM_N_LAUNCH_MODES];
};

enum psim_placement {
    PSIM_PLACE_INTERLEAVED, /**< one home a line: instances serve as one */
    PSIM_PLACE_PRIVATE,     /**< each instance keeps what its side touches */
    PSIM_PLACE_FIRST_TOUCH, /**< pages live beside who wrote them first */
};

struct psim_memory {
    const char *name;
    struct psim_loc at;
    int group;   /**< of which each instance has one */
    int part_of; /**< shares size and ports of that memory; -1 */
    int caches;  /**< filled by hardware from that memory; -1 = scratchpad */
    enum psim_placement placement;
    bool writable;
    struct psim_figure size, latency, write_latency, bandwidth, read, write, energy;
    struct psim_figure access, sector, scattered, mixed, write_back;
    struct psim_figure turnaround, translation;
    double bytes; /**< of one instance; 0 = not given, not limited */
    double latency_s, write_latency_s;
    double read_bytes_per_s; /**< what one instance achieves; 0 = not limited */
    double write_bytes_per_s;
    double mixed_bytes_per_s;     /**< of writes by kernels that read it as well */
    double peak_bytes_per_s;      /**< as stated */
    double scattered_bytes_per_s; /**< of accesses that lie apart */
    double access_bytes; /**< of that rate, what one such access takes at least */
    double sector_bytes; /**< what one such access moves at least */
    bool one_access;     /**< no bandwidth given: one access in flight a lane */
    int port_of;         /**< group that has a port to it; -1 */
    struct psim_figure port_bandwidth, port_in_flight;
    double port_bytes_per_s; /**< after Little's law; 0 = not limited */
    bool fixed_clock;
    double turnaround_s;  /**< longer, of a read among writes */
    double translation_s; /**< longer, of a kernel's first read and write */
    uint64_t partitions;  /**< that each keep what is read near them; at least 1 */
    bool duplex;          /**< reads and writes do not share its bandwidth */
};

/** Which way bytes go between the machine and its host. */
enum psim_way {
    PSIM_WAY_IN,  /**< from the host */
    PSIM_WAY_OUT, /**< to the host */
    PSIM_N_WAYS,
};

/** A rate each way: as stated, and what of it is achieved. */
struct psim_ways {
    struct psim_figure peak, achieved[PSIM_N_WAYS];
    double peak_bytes_per_s;         /**< 0 = not limited */
    double bytes_per_s[PSIM_N_WAYS]; /**< achieved */
};

/** What the machine hangs on its host by; both ways at once. */
struct psim_link {
    const char *name;
    struct psim_loc at;
    int group; /**< hardware that hangs on it */
    struct psim_ways ways;
    struct psim_figure latency;
    double latency_s; /**< of one way */
    /** Pages that are not locked go through buffers of the host. */
    struct {
        bool given;
        struct psim_ways ways; /**< of the host's own copies */
        struct psim_figure setup;
        double setup_s; /**< a transfer, beside the engine's */
        uint64_t bytes, number;
    } staging;
};

/** Shape of one matrix instruction, in elements. */
struct psim_mma {
    uint32_t m, n, k;
};

/** An operation for one data type. */
struct psim_rate_of {
    bool supported;
    struct psim_figure throughput, latency, elements, energy;
    double lane_ops_per_s; /**< of one pipe instance; matmul: FLOP/s; moves: B/s */
    double peak_per_s;     /**< the same as stated, without `achieved` */
    double latency_s;
    double lanes;    /**< lane operations of one invocation; moves: bytes */
    double energy_j; /**< of a lane operation; matmul: a FLOP; moves: a byte */
    bool droops;     /**< it makes the clock droop (docs/MODEL.md, eq. W3) */
    struct psim_mma mma;
};

struct psim_operation {
    const char *name, *invocation, *native;
    struct psim_loc at;
    int group; /**< that issues it as one */
    enum psim_primitive does;
    bool moves;
    int from, to;   /**< memories; -1: the lanes' own registers, or `link` */
    int link;       /**< it is one end of a move; -1: both are of the machine */
    int pipe_group; /**< hardware group that has the pipe; -1: one an issuer */
    const char *pipe[4];
    size_t n_pipes; /**< any of them */
    int operand[3]; /**< homes of a, b, c; -1: registers, no traffic */
    bool asynchronous;
    uint64_t multicast;  /**< work-groups that one move may feed; 0 and 1: none */
    int multicast_group; /**< the bundle of them; -1 */
    double setup_s;      /**< once a work-group that uses it */
    double issue_slots;
    bool one_throughput; /**< one figure for all data types, no map of them */
    struct psim_capacities take;
    struct psim_figure align, width, achieved, clock, setup, issue;
    double align_bytes;
    struct psim_rate_of by[PSIM_N_DTYPES];
};

/** One tile that a library offers; which members count depends on the op. */
struct psim_menu_tile {
    uint64_t m, n, k;    /**< matrix products: rows, columns, depth of a step */
    uint64_t q, kv;      /**< attention: queries, keys */
    uint64_t head_dim;   /**< attention: up to this head dimension; 0 = any */
    uint64_t max_cols;   /**< rows: up to this many columns; 0 = any */
    uint64_t rows;       /**< rows: of a work-group */
    uint64_t passes;     /**< rows: how often a row is read; 0 = as its size asks */
    uint64_t turns;      /**< streams: passes of a work-group; 0 = 1 */
    uint64_t max_groups; /**< streams: that share columns, or in all; 0 = any */
    uint64_t lanes;      /**< of a work-group; loaded: the kernel's where 0, so below */
    uint64_t stages;     /**< 0 = as many as fit */
    uint64_t slices;     /**< parts of the lanes with a part of a step's depth */
    uint64_t cluster;    /**< work-groups that share moves */
    uint64_t registers;  /**< of a lane */
    uint64_t elements;   /**< streams, turns of rows: of a lane; 0 = perfsim's choice */
    uint64_t max_elements;     /**< rows: of a lane before a row is split; 0 = never */
    uint64_t taps;             /**< convolutions: up to this many; 0 = any */
    struct psim_figure masked; /**< attention: of a score that the mask may hide */
    struct psim_figure instructions, pace;      /**< the kernel's where not given */
    struct psim_figure fixed, fixed_pace, idle; /**< of a lane, beside its elements */
    struct psim_figure padded; /**< rows: of a column that a row lacks to max_cols */
    struct psim_loc at;
};

/** What a vendor's or framework's library offers for an op: data, not code. */
struct psim_library_kernel {
    const char *library;
    const char *op, *algorithm; /**< NULL: any */
    struct psim_loc at;
    uint32_t dtypes; /**< set of enum psim_dtype */
    int operation;   /**< that computes; -1: the fastest */
    int copy;        /**< that moves operands; -1: the best route */
    const struct psim_menu_tile *tiles;
    size_t n_tiles;
    uint64_t step_bytes; /**< of one operand's row, a step of the k loop */
    uint64_t cluster, min_split, max_split, resident;
    uint64_t sums;    /**< products: tiles whose sums are kept at once; 0 = 1 */
    uint64_t loaders; /**< products: lanes that only load */
    double leaves;    /**< products: issue slots of an element when its tile leaves */
    uint64_t
        pad_channels;     /**< input channels are padded to a multiple of it; 0 = not */
    bool upright;         /**< products: rows of the instruction are rows of the tile */
    bool joins_taps;      /**< conv2d: of few channels, several taps make a step */
    bool masks_all;       /**< attention: a ragged last tile has all of them masked */
    uint64_t align_bytes; /**< rows of operands must be a multiple of it */
    uint64_t misaligned_bytes; /**< of this, some row must be none; 0 = any are taken */
    uint64_t out_bytes; /**< of local memory through which a tile leaves; 0 = none */
    uint64_t also_writes_bytes; /**< an element, beside the result */
    int dispatch;               /**< 1: each, 2: stride, 3: queue; 0 = not said */
    double launches; /**< launches an image or batch element; 0 = one in all */
    double host_s;   /**< of a call in a stream: all its kernels; 0 = each as any */
    double fills;    /**< of the machine, by work-groups, where any mapping does */
    uint64_t clears_bytes; /**< by a launch before it, where work-groups take turns */
    double max_bytes;      /**< copy: up to this many; 0 = any */
    int launch;            /**< 1 + enum psim_launch_mode it is for; 0 = any */
    int batch;             /**< products: 1: of one, 2: of many; 0 = any */
    double split_below; /**< splits only where unsplit work fills less of the machine */
    double split_full;  /**< then into the fewest parts whose waves are so full, of the
                             fullest; 0 = perfsim's choice */
};

/** What the machine draws, and what that does to its clock (docs/MODEL.md, eq. W1). */
struct psim_power {
    struct psim_figure idle, base, active, cap; /**< no base: nothing is known */
    struct psim_figure settle; /**< time constant with which the cap sets in, s */
    struct psim_figure voltage_floor, voltage_slope;
    struct psim_figure droop_share, droop_from, droop_exponent;
    struct psim_figure zeros; /**< energy of FLOP on zeros, of that on random data */
};

/** What was not given and is assumed by a rule: every report lists it. */
struct psim_assumption {
    const char *text;
    struct psim_loc at;
};

struct psim_hw {
    const char *name, *title;
    struct psim_loc at;
    size_t n_groups, n_memories, n_links, n_operations, n_libraries, n_assumptions,
        n_layers;
    const struct psim_group *groups;
    const struct psim_memory *memories;
    const struct psim_link *links;
    const struct psim_operation *operations;
    const struct psim_library_kernel *libraries;
    const struct psim_assumption *assumptions;
    const char *const *layers; /**< files and options it was read from, in order */
    struct psim_power power;   /**< all figures given, or without base */
    int root;                  /**< hardware group that contains all others */
    int main_memory;           /**< home of a workload's tensors */
};

/** What lies over a machine's own file. */
struct psim_hw_layers {
    const char *const *overlays;
    size_t n_overlays;
    /** Lay overlays/NAME.yaml beside the file over it; where there is none, that of the
     * machine it extends over that one. */
    bool own_overlays;
    const char *const *sets; /**< "PATH=VALUE" */
    size_t n_sets;
    const char *const *folders; /**< where `extends` looks, after the file's own */
    size_t n_folders;
};

/**
 * Load a machine: `extends`, the file, overlays, --set, in this order. What
 * comes back has passed every check: nobody checks a machine again.
 *
 * @param layers may be NULL
 * @return NULL after at least one error has been recorded in @p diag
 */
const struct psim_hw *psim_hw_load(struct psim_arena *arena, struct psim_diag *diag,
                                   const char *path,
                                   const struct psim_hw_layers *layers);

/** A machine's layers laid over each other, before they are judged. */
struct psim_hw_text {
    const struct psim_node *root;
    const char *const *layers; /**< files and options, in order */
    size_t n_layers;
};

/** The two halves of psim_hw_load(): what calibrates a machine changes figures between
 * them. @return false after an error */
bool psim_hw_open(struct psim_arena *arena, struct psim_diag *diag, const char *path,
                  const struct psim_hw_layers *layers, struct psim_hw_text *ret);
/** What comes back refers to @p text. @return NULL after an error */
const struct psim_hw *psim_hw_judge(struct psim_arena *arena, struct psim_diag *diag,
                                    const struct psim_hw_text *text);

/** Keys that tell entries of one name apart where layers are merged; NULL ends them. */
extern const char *const psim_hw_tie_keys[];

/** The same from text; @p name stands for the file in messages. */
const struct psim_hw *psim_hw_read(struct psim_arena *arena, struct psim_diag *diag,
                                   const char *name, const char *text);

/** The table of the file's keys, for docs and the fuzz dictionary. */
extern const struct psim_field psim_hw_fields[];

/** Index of a group, of a memory by its name; -1 where there is none. */
int psim_hw_group(const struct psim_hw *hw, const char *name);
int psim_hw_memory(const struct psim_hw *hw, const char *name);

/** Index of a link by its name; -1 where there is none. */
int psim_hw_link(const struct psim_hw *hw, const char *name);

/** Whether hardware group @p inner lies in @p outer, or is it. */
bool psim_group_within(const struct psim_hw *hw, int inner, int outer);

/** Instances of a software group of @p parts that run at once; 0: not said. */
uint64_t psim_group_fits(const struct psim_hw *hw, int group, uint64_t parts);

/** Instances of hardware group @p inner in one of @p outer; 0 where it is not within.
 */
double psim_group_count(const struct psim_hw *hw, int inner, int outer);

/** Hardware on which a group's instances run: itself, or what it runs on. */
int psim_group_hardware(const struct psim_hw *hw, int group);

/** The figure that is a group's clock: its own, or what holds for it; NULL where the
 * file has none at all. */
const struct psim_figure *psim_hw_clock(const struct psim_hw *hw, int group);

/** Lanes of one instance: leaves of hardware, or of what a software group bundles. */
double psim_group_lanes(const struct psim_hw *hw, int group);

/** FLOP/s of all pipes of an operation; for moves B/s. As stated, not achieved. */
double psim_hw_peak_per_s(const struct psim_hw *hw, const struct psim_operation *op,
                          enum psim_dtype dtype);

/** Bytes of the outermost cache of the main memory, all instances; 0: there is none. */
double psim_hw_last_cache_bytes(const struct psim_hw *hw);

/** The same of what all units read: less where parts of the cache keep it each. */
double psim_hw_common_cache_bytes(const struct psim_hw *hw);

/** Of the last bytes that went through the outermost cache, those it holds (eq. R7). */
double psim_hw_write_back_bytes(const struct psim_hw *hw);

/** Fastest operation for a data type's FLOP; NULL where none. */
const struct psim_operation *psim_hw_fastest(const struct psim_hw *hw,
                                             enum psim_dtype dtype);
