/* SPDX-License-Identifier: MIT */
/** @file The machine that perfsim runs on: cores, caches, memory. */
#pragma once

#include <stddef.h>

struct psim_arena;

enum { PSIM_HOST_CPUS = 1024, PSIM_HOST_CACHES = 4, PSIM_HOST_NODES = 64 };

/** The data or unified caches of one level; all are taken to be alike. */
struct psim_host_cache {
    size_t bytes;   /**< of one; 0: there is none */
    unsigned n;     /**< in all */
    unsigned cores; /**< that share one */
    size_t line_bytes;
};

struct psim_host {
    const char *model;   /**< as the system calls it */
    const char *told_by; /**< "hwloc 2.9.0", or what stands in for it */
    unsigned n_packages, n_cores, n_threads; /**< on which this process may run */
    int cpus[PSIM_HOST_CPUS];                /**< a processor of each core */
    struct psim_host_cache cache[PSIM_HOST_CACHES]; /**< [0]: the L1 */
    unsigned n_caches;
    double memory_bytes;
    unsigned n_nodes;              /**< of memory */
    int node_cpu[PSIM_HOST_NODES]; /**< a processor of each node; -1: it has none */
};

/** Look round once, before threads are bound. */
const struct psim_host *psim_host_look(struct psim_arena *arena);

/** Bytes of the caches that are the farthest from the cores, all of them. */
size_t psim_host_last_cache_bytes(const struct psim_host *host);

/** Write to memory from that processor first, so that it lies beside it. */
void psim_host_touch(int cpu, void *data, size_t bytes);
