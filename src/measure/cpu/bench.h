/* SPDX-License-Identifier: MIT */
/** @file The contract of one kernel of the CPU, and what it works on.
 *
 * To add a kernel: write it beside its family in this folder and name it in kernels.c.
 */
#pragma once

#include "measure/cpu/host.h"
#include "measure/cpu/memory.h"
#include "measure/cpu/team.h"
#include "measure/kernels/dot.h"
#include "measure/kernels/kernels.h"
#include "measure/references.h"
#include "model/op.h"

enum { PSIM_MAX_INPUTS = 6 };

struct psim_tensor {
    void *data;
    size_t elements, element_bytes;
};

/** One op that is about to be run, with its data. */
struct psim_bench {
    struct psim_arena *arena;
    struct psim_region *regions;
    const struct psim_op *op;
    const struct psim_host *host;
    struct psim_team *team;
    const struct psim_kernels *kernels; /**< of the op's type */
    const struct psim_blas *blas;       /**< NULL: there is none */
    struct psim_tensor in[PSIM_MAX_INPUTS], out;
    /** What the op before has written: its first input, where it is as large. */
    struct psim_tensor given;
    void *plan; /**< the kernel's own */
};

struct psim_cpu_kernel {
    const char *name; /**< as `library` of an op, and of a machine, spells it */
    const char *op;   /**< of this kind */
    const char *doc;
    bool alone; /**< only the caller surely works all the time: others may sleep */
    /** NULL: it can do that op; else why not, as the end of a sentence. */
    const char *(*refuses)(const struct psim_bench *bench);
    /** Make tensors and whatever else must be there before. */
    void (*prepare)(struct psim_bench *bench);
    /** All of it, once, by the whole team. */
    void (*run)(struct psim_bench *bench);
};

/** THE list, ended by NULL. */
extern const struct psim_cpu_kernel *const psim_cpu_kernels[];

/**
 * The kernel that runs an op: the one of its `library`, else the first that can.
 * @param ret_reason why there is none
 */
const struct psim_cpu_kernel *psim_cpu_kernel_for(const struct psim_bench *bench,
                                                  const char **ret_reason);

/** The type of an op's elements; fp32 of one that has none. */
enum psim_dtype psim_op_dtype(const struct psim_op *op);

/** The kernels for a type, by the widest vectors that this machine has. */
const struct psim_kernels *psim_kernels_for(enum psim_dtype dtype);

/** All copies that this machine can run, narrowest first. @return how many */
size_t psim_kernels_all(enum psim_dtype dtype, const struct psim_kernels *ret[8]);

/** Loops of products of narrow types; NULL: this machine has none. */
const struct psim_dot_kernels *psim_kernels_dot(void);

/** Input @p i: random numbers in [-1, 1), the same on each machine. */
void psim_bench_input(struct psim_bench *bench, int i, size_t elements);

/** The result, poisoned. */
void psim_bench_output(struct psim_bench *bench, size_t elements);

/** Memory beside the tensors. */
void *psim_bench_scratch(struct psim_bench *bench, size_t bytes);

/** Element of a tensor, as a double. */
double psim_tensor_get(const struct psim_tensor *tensor, size_t index);

/** Bytes of element @p index of a tensor's data. */
void *psim_tensor_at(const struct psim_tensor *tensor, size_t index);

/** Nothing of the result may look as if it had been computed. */
void psim_bench_poison(struct psim_bench *bench);

/**
 * Compare with the reference: no element may be poisoned still, and as many as can be
 * computed in a quarter of a second must be right.
 */
struct psim_check psim_bench_check(const struct psim_bench *bench);

/** The reason of a kernel that is of another algorithm: any other says more. */
extern const char psim_other_algorithm[];

/** Data types of kernels that come in both. NULL, or the reason. */
const char *psim_refuses_type(int dtype);

#define PSIM_ATTRIBUTES(bench, type) ((const struct type *)(bench)->op->attributes)
