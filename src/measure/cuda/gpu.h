/* SPDX-License-Identifier: MIT */
/** @file One GPU: what it is, its memory, programs that are compiled for it, launches.
 *
 * Whatever fails says so in `diag` and returns false; all that was taken is given back
 * by psim_gpu_close(), in whatever state things are.
 */
#pragma once

#include <stdbool.h>

#include "measure/cuda/api.h"
#include "util/arena.h"
#include "util/diag.h"

struct psim_gpu_memory;
struct psim_gpu_module;

struct psim_gpu {
    struct psim_arena *arena;
    struct psim_diag *diag;
    struct psim_gpu_api api;
    const char *name;
    const char *target; /**< as the compiler calls it: "sm_90a" */
    int device, driver_version, compiler_major, compiler_minor;
    int capability; /**< 90: compute capability 9.0 */
    int units, unit_lanes, unit_registers, unit_blocks;
    size_t unit_shared_bytes, block_shared_bytes;
    size_t l2_bytes, memory_bytes;
    double clock_hz, memory_clock_hz; /**< as the driver states them */
    unsigned memory_bus_bits;
    psim_gpu_context *context;
    psim_gpu_stream *stream;
    psim_gpu_monitor *monitor; /**< NULL: see api.no_monitor */
    psim_gpu_blas *blas;       /**< NULL until it is asked for */
    struct psim_gpu_memory *memory;
    struct psim_gpu_module *modules;
};

/** A function of a program that was compiled for this GPU. */
struct psim_gpu_kernel_code {
    psim_gpu_function *function;
    unsigned registers, local_bytes;
    size_t shared_bytes; /**< beside what a launch asks for */
};

bool psim_gpu_open(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
                   struct psim_gpu *ret);
void psim_gpu_close(struct psim_gpu *gpu);

/** A call's result: true for success, else an error with @p what in it. */
bool psim_gpu_ok(const struct psim_gpu *gpu, int result, const char *what);

/** The same for the compiler. */
bool psim_gpu_compiler_ok(const struct psim_gpu *gpu, int result, const char *what);

/** Unload all programs: psim_gpu_close() does. */
void psim_gpu_forget_code(struct psim_gpu *gpu);

/** Memory of the device; freed by psim_gpu_free_all(). @return 0 after an error */
psim_gpu_address psim_gpu_new(struct psim_gpu *gpu, size_t bytes);
/** Memory of the host that the device reads by itself. @return NULL after an error */
void *psim_gpu_new_host(struct psim_gpu *gpu, size_t bytes);
/** All of it that was allocated since. */
void psim_gpu_free_all(struct psim_gpu *gpu);

/** Copies that are done when they return. */
bool psim_gpu_copy_in(const struct psim_gpu *gpu, psim_gpu_address to, const void *from,
                      size_t bytes);
bool psim_gpu_copy_out(const struct psim_gpu *gpu, void *to, psim_gpu_address from,
                       size_t bytes);
bool psim_gpu_wait(const struct psim_gpu *gpu);

/**
 * Compile a source of sources.h, with lines in front of it, once for each such text.
 *
 * @param defines lines of "#define NAME VALUE\n"
 * @param shared_bytes that launches will ask for
 */
bool psim_gpu_compile(struct psim_gpu *gpu, const char *source, const char *defines,
                      const char *function, size_t shared_bytes,
                      struct psim_gpu_kernel_code *ret);

/** A text of sources.h by its name. */
const char *psim_gpu_source_text(const char *name);

/** How a kernel is launched. */
struct psim_gpu_launch {
    uint64_t grid[3]; /**< 0 counts as 1 */
    unsigned lanes;
    size_t shared_bytes;
};

/** @param parameters their addresses, in order, ended by NULL */
bool psim_gpu_run(const struct psim_gpu *gpu, const struct psim_gpu_kernel_code *code,
                  const struct psim_gpu_launch *launch, const void *const *parameters);
