/* SPDX-License-Identifier: MIT */
/** @file The kernel program: servers, channels and steps, all that an engine knows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/diag.h"
#include "util/quantity.h"

struct psim_arena;

enum {
    PSIM_MAX_AXES = 4,      /**< of a grid */
    PSIM_MAX_LEVELS = 6,    /**< of a walk: an axis may be cut in two */
    PSIM_MAX_FACTORS = 4,   /**< parameters in one amount */
    PSIM_MAX_CACHES = 4,    /**< that one move passes */
    PSIM_MAX_DEMANDS = 20,  /**< of one act: 4 pipes, an issuer, a turn, 2 of each
                               memory and cache on its way, one of the lanes */
    PSIM_MAX_TILE_DIMS = 3, /**< of a tensor */
    PSIM_MAX_NESTING = 4,   /**< loops inside loops */
    PSIM_MAX_CHANNELS = 8,  /**< of a kernel */
    PSIM_MAX_DEPTH = 64,    /**< slots of a channel */
    PSIM_MAX_GANGS = 64,    /**< of one work-group */
    PSIM_MAX_STEPS = 128,   /**< of a kernel */
    PSIM_MAX_PARAMS = 16,   /**< of a kernel */
    PSIM_MAX_TENSORS = 32,  /**< of a plan */
};

/** No axis, no loop, no channel, no tile, no act. */
#define PSIM_NONE UINT8_MAX

/**
 * Something that serves demands one after the other, in the order of their
 * arrival: a pipe, a port, a memory, a link, an issue slot. Pipes of equal kind
 * below one unit are one server with their summed rate; a role that is bound to one
 * of them (a stage on its own core, a device of a ring) has a server of its own.
 */
struct psim_server {
    const char *name;     /**< as reports show it: "hbm", "sm.tensor" */
    const char *doc;      /**< what it is, in words; NULL in a plan read from text */
    enum psim_dim counts; /**< what it counts: BYTES, FLOP, or NONE for invocations */
    uint32_t units;       /**< neighbouring units that share one instance; 0 = all */
    const char *level;    /**< the memory of which it is bandwidth; NULL: of none */
    bool home;            /**< the memory in which the tensors live */
    double peak_per_s;    /**< of one instance, as stated; 0 = not stated */
    double turn_s;        /**< longer, of a read among writes that finds it busy */
    bool in_phase;        /**< no hardware: turns of work-groups at the same act */
    bool fixed_clock;     /**< it keeps its pace and voltage when the clock changes */
    struct psim_loc at;   /**< the line of the machine that gave it */
};

/** What one unit of an act's amount asks of one server. */
struct psim_demand {
    uint16_t server;
    uint8_t behind;        /**< 0: always; k: of what missed the first k caches only */
    double s_per_unit;     /**< how long the server is held */
    double count_per_unit; /**< how much it counts */
    double j_per_unit;     /**< energy, at full voltage */
};

/** One operation, resolved for this machine: data type, homes, route. */
struct psim_act {
    const char *name;     /**< the operation's, for people */
    enum psim_dim counts; /**< of an amount: BYTES, FLOP, or NONE for lane operations */
    uint8_t n_demands, n_caches;
    uint8_t cache[PSIM_MAX_CACHES];        /**< passed in this order, inner first */
    double latency_s[PSIM_MAX_CACHES + 1]; /**< [k]: when k caches were missed */
    double fixed_s[PSIM_MAX_CACHES + 1];   /**< of that, what no clock changes */
    double interval_s;                     /**< one gang's own pace, a unit of amount */
    bool fixed_interval;                   /**< no clock changes that */
    bool droops;                           /**< it makes the clock droop (eq. W3) */
    struct psim_demand demand[PSIM_MAX_DEMANDS];
};

/** Hardware that keeps blocks of tensors, least recently used out first. */
struct psim_cache {
    const char *name;
    uint64_t bytes; /**< of one instance */
    uint32_t units; /**< neighbouring units that share one instance; 0 = all */
};

/** Boxes of a tensor are cut into blocks: what a cache keeps or drops as one. */
struct psim_tensor {
    const char *name;
    uint32_t elem_bytes;
    uint8_t n_dims;
    uint64_t extent[PSIM_MAX_TILE_DIMS];
    uint64_t block[PSIM_MAX_TILE_DIMS];
};

/**
 * A stretch of a parameter: value(x) = floor((a (x - first) + b) / c) for
 * first <= x < first + count. The last row of tiles, the rows of a causal
 * triangle, the last split are stretches.
 */
struct psim_run {
    uint32_t first, count;
    int64_t a, b, c;
};

/** A function of one axis, whole and not negative. */
struct psim_param {
    const char *name;
    uint8_t axis;
    uint8_t n_runs;
    uint16_t first_run;
};

/** coef times the product of up to four parameters: exact, whatever the shape. */
struct psim_amount {
    uint64_t coef;
    uint8_t param[PSIM_MAX_FACTORS]; /**< PSIM_NONE where unused */
};

/**
 * One dimension of a box. With q(b) = floor((a x + b) / c) for the axis' x, and
 * y[d] the counter of the role's loop at depth d, it spans
 *     mul (q(b) mod m) + carry (q(b) div m) + sum of step[d] y[d] + offset
 * up to the same with q(b_last), plus size - 1; cut to the tensor. m = 0 leaves
 * q as it is. Convolution needs all of it: x counts tiles of output pixels, q
 * output rows, m rows of an image, y the tap and the channel.
 */
struct psim_box_dim {
    uint8_t axis; /**< PSIM_NONE: constant in it */
    int64_t a, b, b_last, c, m, mul, carry, offset, size;
    int64_t step[PSIM_MAX_NESTING];
};

struct psim_tile {
    const char *name;
    uint8_t tensor;
    struct psim_box_dim dim[PSIM_MAX_TILE_DIMS];
};

/** Bounded queue of slots between roles: reserve, fill, commit, wait, release. */
struct psim_channel {
    const char *name;
    uint8_t depth;
    uint8_t primed;    /**< slots that are full at the start: tokens */
    uint8_t consumers; /**< gangs that wait for and release every slot */
    uint64_t slot_bytes;
};

enum psim_step_kind {
    PSIM_STEP_LOOP,    /**< `amount` times the steps up to END */
    PSIM_STEP_END,     /**< of the loop */
    PSIM_STEP_DO,      /**< invoke an act */
    PSIM_STEP_RESERVE, /**< wait for a free slot */
    PSIM_STEP_COMMIT,  /**< the slot is complete once its moves have landed */
    PSIM_STEP_WAIT,    /**< for the next full slot */
    PSIM_STEP_RELEASE, /**< free it */
    PSIM_STEP_STOP,    /**< end of the role's program */
    PSIM_N_STEP_KINDS,
};

enum psim_step_flag {
    PSIM_ASYNC = 1,  /**< lands in the reserved slot; the gang goes on */
    PSIM_POSTED = 2, /**< nobody waits for it; the gang goes on */
    PSIM_STORE = 4,  /**< writes */
    PSIM_STREAM = 8, /**< each byte touched once in the kernel: no look-up */
};

struct psim_step {
    uint8_t kind, flags;
    uint8_t channel;
    uint8_t act, tile;
    uint8_t cast;   /**< work-groups that receive one move; 0 and 1: only this one */
    uint32_t chain; /**< dependent invocations in a row; 0 and 1: none */
    struct psim_amount amount;
};

/** A sequential program; its gangs drift apart, the lanes of one gang do not. */
struct psim_role {
    const char *name;
    uint8_t gangs;
    uint16_t first_step; /**< up to its STOP */
};

enum psim_dispatch {
    PSIM_DISPATCH_EACH,   /**< a new work-group for every item, where a slot frees */
    PSIM_DISPATCH_STRIDE, /**< slot s takes s, s + slots, ...; roles run ahead */
    PSIM_DISPATCH_QUEUE,  /**< slots take the next item; roles run ahead */
    PSIM_N_DISPATCHES,
};

/** One digit of the order in which items are taken, fastest first. */
struct psim_level {
    uint8_t axis;
    bool down;     /**< counts down: the longest first */
    uint32_t span; /**< of an axis cut in two, the inner has the span; 0 = the rest */
};

/** What a kernel must at least move of a tensor, however it is run. */
struct psim_use {
    uint8_t tensor;
    bool constant; /**< weights: no kernel before has written it */
    uint64_t read_bytes, write_bytes;
};

struct psim_kernel {
    const char *name;
    const char *unit_name; /**< the group on which a work-group runs */
    struct psim_loc at;    /**< the op in the workload */
    uint8_t n_axes, n_levels, n_params, n_channels, n_roles, n_tiles, n_uses;
    uint8_t dispatch; /**< enum psim_dispatch */
    uint16_t n_steps;
    uint32_t extent[PSIM_MAX_AXES];
    const char *axis_name[PSIM_MAX_AXES];
    uint32_t units;          /**< unit instances used */
    uint32_t resident;       /**< work-groups at once on one unit */
    const char *resident_by; /**< the capacity that limits it */
    uint32_t bundle;         /**< real work-groups in one item */
    uint8_t start_act;       /**< placing a work-group; PSIM_NONE */
    double in_phase; /**< of work-groups of a unit that start together (eq. E5) */
    bool beside;     /**< an engine's: no unit has a work-group of it */
    double launch_s; /**< from the end of the kernel before */
    double flop;     /**< the op's own, exact */
    const struct psim_level *walk;
    const struct psim_param *params;
    const struct psim_run *runs;
    const struct psim_channel *channels;
    const struct psim_tile *tiles;
    const struct psim_role *roles;
    const struct psim_step *steps;
    const struct psim_use *uses;
};

/** One kernel in the order of execution. */
struct psim_launch {
    uint32_t kernel;
    uint32_t resident; /**< set of tensors that the outermost cache holds already */
    bool in_full;      /**< simulate also what recurs: the same result, later */
};

struct psim_plan {
    uint32_t n_servers, n_acts, n_caches, n_tensors, n_kernels, n_launches;
    uint32_t repeat;        /**< of the whole sequence */
    uint32_t total_units;   /**< of the unit group, whether used or not */
    double host_interval_s; /**< the host issues at most one launch in that time */
    const struct psim_server *servers;
    const struct psim_act *acts;
    const struct psim_cache *caches;
    const struct psim_tensor *tensors;
    const struct psim_kernel *kernels;
    const struct psim_launch *launches;
};

/** As the text form has it: "reserve", "stride". */
const char *psim_step_kind_name(enum psim_step_kind kind);
const char *psim_dispatch_name(enum psim_dispatch dispatch);

/** Items of the grid: product of the extents. */
uint64_t psim_kernel_items(const struct psim_kernel *kernel);

/** Coordinates of the item that is taken as @p index -th, by the walk. */
void psim_kernel_walk(const struct psim_kernel *kernel, uint64_t index,
                      uint32_t ret_x[PSIM_MAX_AXES]);

/** A parameter at a place of its axis, an amount at a place of the grid. */
int64_t psim_param_value(const struct psim_kernel *kernel, uint8_t param, uint32_t x);
uint64_t psim_amount_value(const struct psim_kernel *kernel,
                           const struct psim_amount *amount,
                           const uint32_t x[PSIM_MAX_AXES]);

/**
 * Where a box starts and ends in one dimension, cut to the tensor; @p ret_hi is
 * exclusive. Both equal: it lies outside (padding).
 */
void psim_box_span(const struct psim_box_dim *dim, uint64_t extent,
                   const uint32_t x[PSIM_MAX_AXES],
                   const uint64_t counter[PSIM_MAX_NESTING], uint64_t *ret_lo,
                   uint64_t *ret_hi);

/** Bytes that one kernel's program needs, whatever its shape: 8 KiB hold any. */
size_t psim_kernel_bytes(const struct psim_kernel *kernel);

/** Bytes of servers and acts, with the demands that they have. */
size_t psim_plan_machine_bytes(const struct psim_plan *plan);
