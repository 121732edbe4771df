/* SPDX-License-Identifier: MIT */
/** @file The contract of one kernel of the GPU, and what it works on.
 *
 * To add a kernel: write its source in kernels/, its file in this folder, and name it
 * in kernels.c.
 */
#pragma once

#include "measure/cuda/gpu.h"
#include "measure/references.h"

enum { PSIM_GPU_MAX_INPUTS = 4 };

/**
 * Elements that are random numbers in [-1, 1) rounded to their type, or rows of a
 * table. Nothing of them is kept on the host: each can be computed again.
 */
struct psim_gpu_tensor {
    uint64_t elements;
    enum psim_dtype dtype;
    uint64_t seed;
    uint64_t rows;   /**< of what these are indices; 0: they are numbers */
    bool sequential; /**< index i is i */
    /** Of matrices of such a size that are stored column by column; 0: row by row. */
    uint64_t turned_rows, turned_cols;
    psim_gpu_address at;
    uint64_t set_bytes; /**< from one set to the next */
};

/** One op that is about to be run, with its data. */
struct psim_gpu_bench {
    struct psim_gpu *gpu;
    struct psim_arena *arena;
    const struct psim_op *op;
    struct psim_gpu_tensor in[PSIM_GPU_MAX_INPUTS], out, scratch;
    /** So many copies of all tensors: calls that take turns find nothing in caches. */
    unsigned sets;
    void *plan; /**< the kernel's own */
    /** How it was cut, as a workload spells it; zeros where that says nothing. */
    struct psim_tile_keys tile;
    uint64_t stages, split;
};

struct psim_gpu_kernel {
    const char *name; /**< as `library` of an op, and of a machine, spells it */
    const char *op;   /**< of this kind */
    const char *doc;
    /** NULL: it can do that op on that device; else why not, the end of a sentence. */
    const char *(*refuses)(const struct psim_gpu_bench *bench);
    /** Say which tensors there are, compile. */
    bool (*prepare)(struct psim_gpu_bench *bench);
    /** All of it, once, on a set of the tensors. */
    bool (*run)(const struct psim_gpu_bench *bench, unsigned set);
};

/** THE list, ended by NULL. */
extern const struct psim_gpu_kernel *const psim_gpu_kernels[];

/**
 * The kernel that runs an op: the one of its `library`, else the first that can.
 * @param ret_reason why there is none
 */
const struct psim_gpu_kernel *psim_gpu_kernel_for(const struct psim_gpu_bench *bench,
                                                  const char **ret_reason);

/* --- for prepare() ------------------------------------------------------------- */

void psim_gpu_input(struct psim_gpu_bench *bench, int i, uint64_t elements,
                    enum psim_dtype dtype);
void psim_gpu_output(struct psim_gpu_bench *bench, uint64_t elements,
                     enum psim_dtype dtype);
/** Memory beside the tensors, of each set. */
void psim_gpu_scratch(struct psim_gpu_bench *bench, uint64_t elements,
                      enum psim_dtype dtype);

/** How kernels call a type: "bf16_t"; NULL: they do not know it. */
const char *psim_gpu_type(enum psim_dtype dtype);

/** The most elements, a power of 2, of one vector of 16 bytes that divide @p n. */
unsigned psim_gpu_vector(enum psim_dtype dtype, uint64_t n);

#define PSIM_GPU_PLAN(bench, type) ((struct type *)(bench)->plan)
#define PSIM_GPU_OP(bench, type)   ((const struct type *)(bench)->op->attributes)

/* --- for run() ------------------------------------------------------------------- */

/** Where a tensor's copy lies. */
psim_gpu_address psim_gpu_at(const struct psim_gpu_tensor *tensor, unsigned set);

/* --- for the device ------------------------------------------------------------ */

/** Memory of one set of all its tensors. */
uint64_t psim_gpu_bench_bytes(const struct psim_gpu_bench *bench);

/**
 * How many sets of so many bytes: where @p cold, so many that the last-level cache
 * holds none when its turn comes; fewer where that takes too many calls or memory.
 *
 * @param runs       kernels in one call
 * @param ret_reason why there is not even one; else it is left as it is
 * @return false after an error
 */
bool psim_gpu_sets(struct psim_gpu *gpu, uint64_t bytes, bool cold, uint64_t runs,
                   unsigned *ret, const char **ret_reason);

/** Whether calls that take turns find nothing in the last-level cache. */
bool psim_gpu_is_cold(const struct psim_gpu *gpu, uint64_t bytes, unsigned sets);

/** Take memory for so many sets of all tensors, and fill them. */
bool psim_gpu_bench_fill(struct psim_gpu_bench *bench);

/**
 * Poison the result, run, and compare it with the reference: all of it where that is
 * cheap, else as much as can be computed in a tenth of a second.
 * @return false after an error
 */
bool psim_gpu_bench_check(const struct psim_gpu_bench *bench,
                          const struct psim_gpu_kernel *kernel, struct psim_check *ret);
