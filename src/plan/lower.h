/* SPDX-License-Identifier: MIT */
/** @file From an op to kernels: parts, mappings of a part, programs that build them. */
#pragma once

#include "model/workload.h"
#include "plan/build.h"

enum { PSIM_MAX_PARTS = 8 };

/** How one part is laid out on the machine; a program reads what it needs. */
struct psim_mapping {
    const struct psim_library_kernel *library; /**< NULL: perfsim's own */
    const struct psim_menu_tile *tile;         /**< of it */
    const struct psim_operation *compute, *copy;
    uint32_t m, n, k;   /**< tile of a product; attention: q, kv in m, n */
    uint32_t rows;      /**< rows of a work-group */
    uint32_t lanes;     /**< of a work-group */
    uint32_t elements;  /**< of a lane, in one pass */
    uint32_t stages;    /**< 0: as many as fit */
    uint32_t split;     /**< parts of the sum */
    uint32_t slices;    /**< parts of the lanes with a part of a step's depth; 0 = 1 */
    uint32_t cluster;   /**< work-groups that share moves */
    uint32_t registers; /**< of a lane */
    uint32_t resident;  /**< most work-groups of a unit; 0 = what fits */
    uint32_t
        out_buffer;  /**< bytes of local memory through which a tile leaves; 0 = none */
    uint32_t passes; /**< rows: how often a row is read; 0 = as its size asks */
    uint32_t turns;  /**< streams: passes of a work-group, one after the other; 0 = 1 */
    uint32_t max_groups; /**< streams: that share columns, or in all; 0 = any number */
    double instructions; /**< issue slots an element */
    double fixed;        /**< issue slots of a lane, whatever its share */
    double masked;       /**< attention: issue slots of a masked score */
    double idle;         /**< rows: the same of a lane without a share */
    double padding;      /**< rows: issue slots of a row for columns that it lacks */
    double fixed_pace_cycles; /**< rows: pace of these; 0 = that of the others */
    double
        pace_cycles; /**< between instructions of a bundle alone; 0 = the machine's */
    enum psim_dispatch dispatch;
    bool passed_over; /**< its library prefers others: only its bound counts */
};

/** Dimensions of C = A B, of a batch of them. */
struct psim_product {
    uint64_t m, n, k, batch;
    uint32_t numbers;      /**< of an element: 2 of a complex one; 0 and 1: one */
    uint64_t share_b;      /**< neighbours of the batch with one B; 0 and 1: none */
    enum psim_dtype dtype; /**< of A and B */
    enum psim_dtype out;   /**< of C */
    double a_row_bytes;    /**< contiguous bytes of a row of A and B: what must */
    double b_row_bytes;    /**< be aligned */
    uint32_t epilogue;
    uint64_t window;                /**< neighbouring rows of C of which the largest
                                         is kept; 0 and 1: all are */
    bool weights;                   /**< B is none that a kernel has written */
    uint64_t biases;                /**< rows of bias: one for all, or one a product */
    double flop;                    /**< the op's own */
    const struct psim_conv2d *conv; /**< not NULL: A is the unfolded image */
    uint64_t channels;              /**< of that image, padding included */
};

/** A lane operation and how often it is done. */
struct psim_times {
    enum psim_primitive does;
    double times;
};

/** Lane operations of independent elements: a list of at most 8, ended by none. */
struct psim_element_work {
    const struct psim_times *work;
    enum psim_dtype dtype;
    double share;        /**< of each number of times */
    double converts;     /**< beside them */
    double instructions; /**< other ones */
};

/**
 * What is done to @p elements. Lanes of a team have many elements under way, so that
 * the order of the operations is free; else they come one after the other.
 */
void psim_add_element_work(struct psim_build *b, const struct psim_element_work *w,
                           struct psim_amount elements);

/** One function of each element, or a stretch of a row. */
struct psim_stream {
    uint64_t elements;
    uint32_t inputs, outputs;
    uint32_t reads; /**< elements of an input that one element takes; 1 */
    enum psim_dtype dtype, in, out;
    uint32_t in_bytes, out_bytes; /**< of an element, where not those of the types */
    struct psim_pieces pieces;    /**< of the last input */
    double index_bytes; /**< of an element, of one more input that is read in order */
    double read_bytes;  /**< that must be read of the last input; 0: all it asks for */
    uint64_t run;   /**< elements after which a work-group ends; 0: as it is mapped */
    uint64_t bytes; /**< copy: of it all, by which a library picks its kernel; 0 */
    uint64_t size; /**< by which a library picks its variant: window, length; 0: none */
    double flop;
    struct psim_times work[8]; /**< an element; ended by PSIM_DOES_NOTHING_KNOWN */
    bool weights;              /**< its inputs are none that a kernel has written */
    uint32_t taps;     /**< reads of the last input that come one by one; 0 and 1: all
                            that an element takes come at once */
    uint64_t cols;     /**< elements of each of some vectors; 0: there are none */
    double cols_bytes; /**< of one element of all vectors, read before the first pass */
    struct psim_times cols_work[2]; /**< on one element of all vectors */
    const struct psim_conv2d
        *unfold; /**< not NULL: reads an image, writes its columns */
};

/** Lane operations of each element of a row, then its lanes meet. */
struct psim_pass {
    struct psim_times work[5]; /**< ended by PSIM_DOES_NOTHING_KNOWN */
};

/** What is done to a row; its passes, where it does not stay in registers. */
struct psim_recipe {
    size_t n_passes;
    struct psim_pass once[3];  /**< the row stays in registers from pass to pass */
    struct psim_pass again[3]; /**< each pass reads it again */
    uint32_t vectors;          /**< rows of weights that the last pass reads too */
    bool one_out;              /**< one result a row, not one an element */
};

extern const struct psim_recipe psim_recipe_softmax;
extern const struct psim_recipe psim_recipe_layernorm;
extern const struct psim_recipe psim_recipe_rmsnorm;
extern const struct psim_recipe psim_recipe_sum;
extern const struct psim_recipe psim_recipe_max;

struct psim_rows {
    const struct psim_recipe *recipe;
    uint64_t rows, cols;
    enum psim_dtype dtype;
    double flop;
};

/** Every pair of so many bodies, each with a place of three and a mass. */
struct psim_pairs {
    uint64_t bodies;
    enum psim_dtype dtype;
    double flop;
};

/** A copy over a link, between the memory of the tensors and the host. */
struct psim_transfer {
    uint64_t bytes;
    enum psim_way way;
    bool pinned; /**< the host's pages are locked: no staging */
};

/** Mappings to try, in the order in which they were added. */
struct psim_mappings {
    struct psim_arena *arena; /**< of `item`, which grows */
    struct psim_mapping *item;
    size_t n, room;
};

/** Add one to the list, which grows. */
void psim_mappings_add(struct psim_mappings *list, const struct psim_mapping *mapping);

/**
 * What the user fixed wins over every menu: stages, cluster, split, and the tile
 * @p m x @p n x @p k, 0 where it is not fixed. Where the list has mappings of that
 * tile, only they stay, with the stages and lanes that belong to it; else the tile
 * is tried with those of all others. Mappings that this makes equal are looked at once.
 */
void psim_mappings_fix(struct psim_mappings *list, const struct psim_op_keys *keys,
                       uint64_t m, uint64_t n, uint64_t k);

struct psim_part;

/** Keys of an op that a program may ask for. */
enum psim_asks {
    PSIM_ASKS_GRID = 1,  /**< grid_dim, block_dim */
    PSIM_ASKS_TILE = 2,  /**< tile: m, n, k */
    PSIM_ASKS_KEYS = 4,  /**< tile: q, kv */
    PSIM_ASKS_STEPS = 8, /**< stages, split, cluster */
};

/** What can build a part: one constant a file of programs/. */
struct psim_program {
    const char *name;
    const char *doc;
    unsigned asks; /**< set of enum psim_asks: what else an op says changes nothing */
    /**
     * Add mappings to try, in an order that does not depend on anything but the
     * part and the machine; none after an error that names what it lacks.
     */
    void (*mappings)(struct psim_diag *diag, const struct psim_hw *hw,
                     const struct psim_part *part, struct psim_mappings *ret);
    /**
     * In a few operations, what is not above the bound of that mapping's kernels and
     * the launches of all of them; or NULL.
     */
    double (*quick_s)(const struct psim_view *view, const struct psim_part *part,
                      const struct psim_mapping *mapping, double launch_s);
    /** @return false after psim_build_refuse */
    bool (*build)(struct psim_build *b, const struct psim_part *part,
                  const struct psim_mapping *mapping);
};

/** One task of an op that gets a mapping of its own. */
struct psim_part {
    const struct psim_program *program;
    const char *name;
    const struct psim_op *op;
    const char *library_op;       /**< under which op a machine's libraries list it */
    const char *algorithm;        /**< which algorithm of it; NULL: any */
    enum psim_launch_mode launch; /**< in which its kernels are launched */
    uint32_t launches;            /**< the same kernel so many times, each its share */
    union {
        struct psim_product product;
        struct psim_stream stream;
        struct psim_rows rows;
        struct psim_pairs pairs;
        struct psim_transfer transfer;
    } u;
};

/** An op as parts in the order of execution. */
struct psim_parts {
    struct psim_part part[PSIM_MAX_PARTS];
    size_t n;
};

/**
 * Cut an op into parts.
 * @return false after an error: the machine lacks an operation, type or capacity
 */
bool psim_lower_parts(struct psim_diag *diag, const struct psim_hw *hw,
                      const struct psim_op *op, struct psim_parts *ret);

/**
 * The same in the other way that a library of the machine has for it, no parts where
 * there is none.
 */
bool psim_lower_instead(struct psim_diag *diag, const struct psim_hw *hw,
                        const struct psim_op *op, struct psim_parts *ret);

/** One more part; @p library_op: under which op a machine's libraries list it. */
struct psim_part *psim_add_part(struct psim_parts *parts,
                                const struct psim_program *program, const char *name,
                                const struct psim_op *op, const char *library_op);

/** How one kind of op becomes parts. @return false after an error */
typedef bool psim_lowering(struct psim_diag *diag, const struct psim_hw *hw,
                           const struct psim_op *op, struct psim_parts *ret);
psim_lowering psim_lower_elementwise, psim_lower_softmax, psim_lower_layernorm,
    psim_lower_rmsnorm, psim_lower_batchnorm, psim_lower_reduce, psim_lower_copy,
    psim_lower_transpose, psim_lower_gather, psim_lower_pool2d, psim_lower_fft,
    psim_lower_conv2d, psim_lower_transformed;

/** The library kernels of a machine that serve a part, in the order of the file. */
const struct psim_library_kernel *
psim_library_next(const struct psim_hw *hw, const struct psim_part *part,
                  enum psim_dtype dtype, const struct psim_library_kernel *after);

/** A tile of a library's menu as a mapping; its shape is left to the program. */
struct psim_mapping psim_library_mapping(const struct psim_hw *hw,
                                         const struct psim_library_kernel *library,
                                         const struct psim_menu_tile *tile);

/**
 * "gemm: no operation of 'x' does matmul for fp16", with the types for which it does;
 * at the data type, or at the op where the operation is missing. Always false.
 */
bool psim_lacks(struct psim_diag *diag, const struct psim_hw *hw,
                const struct psim_part *part, enum psim_primitive does,
                enum psim_dtype dtype, struct psim_loc at);

/** The same for a product: what it would take on this machine. Always false. */
bool psim_lacks_product(struct psim_diag *diag, const struct psim_hw *hw,
                        const struct psim_part *part, enum psim_dtype dtype,
                        struct psim_loc at);

/** Warn of keys that no part of an op asks for. */
void psim_warn_of_keys(struct psim_diag *diag, const struct psim_op *op,
                       const struct psim_parts *parts);

/** Whether the library that an op asks for, if any, is one of the machine's. */
bool psim_check_library(struct psim_diag *diag, const struct psim_hw *hw,
                        const struct psim_op *op);

/** Whether the memory of the tensors holds those of each kernel of an op. */
bool psim_check_capacity(struct psim_diag *diag, const struct psim_hw *hw,
                         const struct psim_op *op, const struct psim_plan *plan);

extern const struct psim_program psim_program_product;
extern const struct psim_program psim_program_stream;
extern const struct psim_program psim_program_rows;
extern const struct psim_program psim_program_fused;
extern const struct psim_program psim_program_serial;
extern const struct psim_program psim_program_direct;
extern const struct psim_program psim_program_pairs;
extern const struct psim_program psim_program_engine;
