/* SPDX-License-Identifier: MIT */
/** @file Building a plan: servers and acts from the machine, kernels step by step. */
#pragma once

#include "plan/access.h"
#include "plan/plan.h"

enum {
    PSIM_BUILD_SERVERS = 64,
    PSIM_BUILD_ACTS = 64,
    PSIM_BUILD_KERNELS = 16,
    PSIM_BUILD_RUNS = 64,
    PSIM_BUILD_TILES = 32,
    PSIM_BUILD_ROLES = 8,
};

/** What of the machine a server stands for: the same thing is the same server. */
struct psim_server_key {
    enum {
        PSIM_KEY_PIPE,
        PSIM_KEY_ISSUE,
        PSIM_KEY_MEMORY,
        PSIM_KEY_PORT,
        PSIM_KEY_LANES,
        PSIM_KEY_TURN,
        PSIM_KEY_PLACE,
        PSIM_KEY_LINK
    } kind;
    int index;        /**< group of the pipe or issue, link, memory of the rest */
    const char *name; /**< of the pipe, of what a link does; "write": the writes
                           of a duplex memory */
    int unit;         /**< as seen from it */
};

/**
 * A plan while it is built. One kernel at a time: psim_build_kernel starts it,
 * the psim_add_* append to it, psim_build_end closes it.
 */
struct psim_build {
    struct psim_arena *arena; /**< of kernels; a search gives it back after each */
    struct psim_arena *names; /**< of what stays: servers and their names */
    const struct psim_hw *hw;
    struct psim_view view;
    struct psim_access access; /**< as seen from the view */
    struct psim_plan plan;
    struct psim_kernel *kernel; /**< the one being built */
    uint16_t n_runs;
    uint64_t memories_read; /**< by the kernel being built, one bit each */
    uint32_t gang_lanes;    /**< lanes of the gangs for which acts are made */
    double launch_s;        /**< of every kernel */
    double pace_s;   /**< between instructions of a bundle alone; 0: its group's */
    double in_phase; /**< of blocking acts, what takes turns on a unit (eq. M7) */
    double fetched_in_phase;      /**< the same, of fetches to registers */
    const char *refusal;          /**< why this mapping cannot be; NULL while it can */
    struct psim_origins *origins; /**< of its acts; NULL: nobody asks */
    /* From here on, what is counted is filled and the rest is never read. */
    struct psim_server servers[PSIM_BUILD_SERVERS];
    struct psim_server_key keys[PSIM_BUILD_SERVERS];
    double multiplicity[PSIM_BUILD_SERVERS]; /**< instances merged into one */
    struct psim_act acts[PSIM_BUILD_ACTS];
    const char
        *operation_of[PSIM_BUILD_ACTS]; /**< act names before psim_build_unique */
    struct psim_cache caches[PSIM_MAX_MEMORIES];
    int cache_memory[PSIM_MAX_MEMORIES];
    struct psim_tensor tensors[PSIM_MAX_TENSORS];
    struct psim_kernel kernels[PSIM_BUILD_KERNELS];
    struct psim_level levels[PSIM_MAX_LEVELS];
    struct psim_param params[PSIM_MAX_PARAMS];
    struct psim_run runs[PSIM_BUILD_RUNS];
    struct psim_channel channels[PSIM_MAX_CHANNELS];
    struct psim_tile tiles[PSIM_BUILD_TILES];
    struct psim_role roles[PSIM_BUILD_ROLES];
    struct psim_step steps[PSIM_MAX_STEPS];
    struct psim_use uses[PSIM_MAX_TENSORS];
};

/** An empty plan for a machine; what it will hold lives in @p arena. */
void psim_build_init(struct psim_build *b, struct psim_arena *arena,
                     const struct psim_hw *hw);

/** Look at the machine from where @p issuer issues; bundles alone at @p pace_cycles. */
void psim_build_view_from(struct psim_build *b, int issuer, double pace_cycles);

/** Look at hardware group @p unit by itself: what its engines do, lanes do not. */
void psim_build_view_on(struct psim_build *b, int unit);

/** Forget kernels, tensors and acts; servers and caches are the machine's and stay. */
void psim_build_again(struct psim_build *b);

/** Refuse the mapping: the first reason stays. Always false. */
bool psim_build_refuse(struct psim_build *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * The name, or "name.2" and so on where an entry of @p table has it: the text form
 * of a plan finds entries by name. Entries start with their name.
 */
const char *psim_build_unique(struct psim_build *b, const char *name, const void *table,
                              size_t size, size_t n);

/** A tensor, cut into blocks: @p n_dims extents and as many sides of a block. */
uint8_t psim_build_tensor(struct psim_build *b, const char *name, uint32_t elem_bytes,
                          const uint64_t *extent, const uint64_t *block,
                          uint8_t n_dims);

/* --- acts ------------------------------------------------------------------ */

/** Lane operations of a vector operation. */
uint8_t psim_act_vector(struct psim_build *b, const struct psim_ability *ability);

/** One lane operation of a mix, and how often it is done. */
struct psim_mixed {
    struct psim_ability ability;
    double times;
};

/**
 * Lane operations of several kinds whose order is free, so that their pipes work at
 * the same time (eq. M11).
 *
 * @param instructions that keep no pipe, among them
 */
uint8_t psim_act_mix(struct psim_build *b, const char *name,
                     const struct psim_mixed *mixed, size_t n, double instructions);

/**
 * FLOP of a matrix operation; @p shape of one instruction, for its operands.
 *
 * @param streams true: whoever invokes it goes on once the last rows have entered
 */
uint8_t psim_act_matrix(struct psim_build *b, const struct psim_operation *op,
                        enum psim_dtype dtype, const struct psim_mma *shape,
                        bool streams);

/** An act that was put together elsewhere: the one made before, where one is alike. */
uint8_t psim_build_act(struct psim_build *b, const struct psim_act *act);

/** How a move is done. */
enum psim_pattern {
    PSIM_WHOLE,   /**< neighbours ask for neighbouring bytes */
    PSIM_STRIDED, /**< pieces that lie apart, until a cache has put them together */
    PSIM_RANDOM,  /**< pieces that lie apart, and where is not known */
};

struct psim_move {
    const struct psim_operation *op; /**< NULL: implied by use */
    int from, to;                    /**< memories; -1: the lanes' registers */
    double access_bytes;             /**< of one lane's access */
    bool aligned;                    /**< false: in pieces of access_bytes */
};

/** What a move asks for where neighbours do not ask for neighbouring bytes. */
struct psim_pieces {
    enum psim_pattern pattern;
    double bytes;   /**< contiguous, of one piece */
    double missing; /**< RANDOM: the part that no cache holds */
};

/** Bytes from or to a memory, through the caches between. */
uint8_t psim_act_move(struct psim_build *b, const struct psim_move *move);

/** The same in pieces that lie apart (eq. M8). */
uint8_t psim_act_move_pieces(struct psim_build *b, const struct psim_move *move,
                             const struct psim_pieces *pieces);

/**
 * A load that lanes issue, and a store: between the tensors' home and registers, or,
 * where those do not reach it, the copy between the home and a scratchpad.
 */
uint8_t psim_act_load(struct psim_build *b, double access_bytes, bool aligned);
uint8_t psim_act_store(struct psim_build *b, double access_bytes, bool aligned);

/** What remains of the way where there is a scratchpad on it; PSIM_NONE without. */
uint8_t psim_act_fetch(struct psim_build *b, double access_bytes, bool aligned);
uint8_t psim_act_put(struct psim_build *b, double access_bytes, bool aligned);

/** The move of psim_act_load. */
struct psim_move psim_load_move(const struct psim_build *b, double access_bytes,
                                bool aligned);

/** Issue slots and nothing else: what a library's kernel spends on one element. */
uint8_t psim_act_issue(struct psim_build *b, double instructions);

/** Lane operations, with what else the same loop does for one of them. */
struct psim_fed {
    struct psim_ability compute;
    struct psim_move fetch;      /**< operands come on their way */
    double fetch_bytes;          /**< for one lane operation */
    struct psim_ability convert; /**< op NULL: operands are of the right type */
    double converts;             /**< for one lane operation */
};

/** Instruction by instruction side by side: the slowest of their servers counts. */
uint8_t psim_act_fed(struct psim_build *b, const struct psim_fed *fed);

/** A wait of fixed length; @p meeting: the group whose barrier it is, or -1. */
uint8_t psim_act_delay(struct psim_build *b, const char *name, double seconds,
                       int meeting);

/**
 * Placing one work-group on a unit, and what its operations set up once (eq. M9).
 * @return PSIM_NONE where that costs nothing
 */
uint8_t psim_act_start(struct psim_build *b, const struct psim_operation *copy);

/* --- kernels --------------------------------------------------------------- */

/** Start a kernel on all units of the view. */
struct psim_kernel *psim_build_kernel(struct psim_build *b, const char *name);

/** An axis of the grid; more than 2^32 - 1 places along it refuse the mapping. */
uint8_t psim_add_axis(struct psim_build *b, const char *name, uint64_t extent);

/** The next slower digit of the walk; @p span 0: all that is left of the axis. */
void psim_add_level(struct psim_build *b, uint8_t axis, uint64_t span, bool down);

/** A parameter that is `full` everywhere but at the last place, where it is `last`. */
uint8_t psim_add_edge(struct psim_build *b, const char *name, uint8_t axis,
                      uint64_t full, uint64_t last);

/** A parameter from runs, which must cover the axis. */
uint8_t psim_add_param(struct psim_build *b, const char *name, uint8_t axis,
                       const struct psim_run *runs, uint8_t n);

/** A channel of @p depth slots with one consumer. */
uint8_t psim_add_channel(struct psim_build *b, const char *name, uint64_t depth,
                         uint64_t slot_bytes);

/** A tile that is the whole tensor until its dimensions are set. */
uint8_t psim_add_tile(struct psim_build *b, const char *name, uint8_t tensor);

/** One dimension of a tile, to be set. */
struct psim_box_dim *psim_tile_dim(struct psim_build *b, uint8_t tile, uint8_t dim);

/**
 * Bytes of a tensor that any schedule of the kernel must read and write.
 * @return the use, which may be called constant
 */
struct psim_use *psim_add_use(struct psim_build *b, uint8_t tensor, double read_bytes,
                              double write_bytes);

/** Open a role; steps go to it until psim_add_stop. */
void psim_add_role(struct psim_build *b, const char *name, uint8_t gangs);

/** The same amount for every item, to the nearest whole. */
struct psim_amount psim_amount_flat(double coef);

/** @p coef times parameters, PSIM_NONE where unused. */
struct psim_amount psim_amount_of(double coef, uint8_t p0, uint8_t p1);

/** Open a loop, which psim_add_end closes. */
void psim_add_loop(struct psim_build *b, struct psim_amount trips);
void psim_add_end(struct psim_build *b);

/** Reserve, commit, wait or release. */
void psim_add_on(struct psim_build *b, enum psim_step_kind kind, uint8_t channel);

/** @return the step, to be given a tile, flags, a chain, a cast */
struct psim_step *psim_add_do(struct psim_build *b, uint8_t act,
                              struct psim_amount amount);

/** One that nobody waits for, of an act that may be PSIM_NONE. */
void psim_add_beside(struct psim_build *b, uint8_t act, struct psim_amount amount);

/**
 * @p each vector operations on each element. A fraction of an operation is one of
 * a slower act, since amounts are whole. The mapping is refused where the machine
 * cannot do it.
 */
struct psim_step *psim_add_work(struct psim_build *b, enum psim_primitive does,
                                enum psim_dtype dtype, struct psim_amount elements,
                                double each);

/** Close the role that is open. */
void psim_add_stop(struct psim_build *b);

/** Residency, dispatch and launch; then copy the kernel's tables to the arena. */
bool psim_build_end(struct psim_build *b, const struct psim_need *need,
                    enum psim_dispatch dispatch, uint64_t most_resident);

/** The plan as it is, in place: valid until the next change of the build. */
void psim_build_view(const struct psim_build *b, struct psim_plan *ret);

/** The plan with all kernels in the order of building, launched once each. */
const struct psim_plan *psim_build_plan(struct psim_build *b);
