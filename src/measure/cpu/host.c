/* SPDX-License-Identifier: MIT */
/** @file The machine by hwloc; without it, what the C library knows. */
#include "measure/cpu/host.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/arena.h"

#ifdef PSIM_HWLOC
#include <hwloc.h>

static const hwloc_obj_type_t cache_types[PSIM_HOST_CACHES] = {
    HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE};

static unsigned
count(hwloc_topology_t topology, hwloc_obj_type_t type)
{
    const int n = hwloc_get_nbobjs_by_type(topology, type);
    return n > 0 ? (unsigned)n : 0;
}

static void
look_at_caches(hwloc_topology_t topology, struct psim_host *host)
{
    for (int level = 0; level < PSIM_HOST_CACHES; level++) {
        const unsigned n = count(topology, cache_types[level]);
        if (n == 0) break;
        hwloc_obj_t cache = hwloc_get_obj_by_type(topology, cache_types[level], 0);
        host->cache[host->n_caches++] = (struct psim_host_cache){
            .bytes = (size_t)cache->attr->cache.size,
            .n = n,
            .cores = host->n_cores / n > 0 ? host->n_cores / n : 1,
            .line_bytes = cache->attr->cache.linesize,
        };
    }
}

static void
look_at_nodes(hwloc_topology_t topology, struct psim_host *host)
{
    host->n_nodes = count(topology, HWLOC_OBJ_NUMANODE);
    if (host->n_nodes > PSIM_HOST_NODES) host->n_nodes = PSIM_HOST_NODES;
    for (unsigned i = 0; i < host->n_nodes; i++) {
        hwloc_obj_t node = hwloc_get_obj_by_type(topology, HWLOC_OBJ_NUMANODE, i);
        host->node_cpu[i] = hwloc_bitmap_first(node->cpuset);
        host->memory_bytes += (double)node->attr->numanode.local_memory;
    }
}

static bool
look_by_library(struct psim_arena *arena, struct psim_host *host)
{
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology) != 0) return false;
    bool ok = hwloc_topology_load(topology) == 0;
    if (ok) {
        host->n_packages = count(topology, HWLOC_OBJ_PACKAGE);
        host->n_threads = count(topology, HWLOC_OBJ_PU);
        for (unsigned i = 0; i < count(topology, HWLOC_OBJ_CORE); i++) {
            hwloc_obj_t core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, i);
            if (host->n_cores == PSIM_HOST_CPUS) break;
            host->cpus[host->n_cores++] = hwloc_bitmap_first(core->cpuset);
        }
        look_at_caches(topology, host);
        look_at_nodes(topology, host);
        hwloc_obj_t root = hwloc_get_root_obj(topology);
        hwloc_obj_t package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0);
        const char *model =
            hwloc_obj_get_info_by_name(package ? package : root, "CPUModel");
        if (model) host->model = psim_arena_copy(arena, model, strlen(model));
        const unsigned version = hwloc_get_api_version();
        host->told_by =
            psim_arena_printf(arena, "hwloc %u.%u", version >> 16, version >> 8 & 0xff);
        ok = host->n_cores > 0;
    }
    hwloc_topology_destroy(topology);
    return ok;
}
#else
static bool
look_by_library(struct psim_arena *arena, struct psim_host *host)
{
    (void)arena, (void)host;
    return false;
}
#endif

/** Every processor counts as a core of its own, every cache but the last as its own. */
static void
look_by_system(struct psim_host *host)
{
#ifdef _SC_LEVEL1_DCACHE_SIZE
    static const int sizes[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE,
                                _SC_LEVEL3_CACHE_SIZE};
#else
    static const int sizes[] = {-1};
#endif
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) CPU_SET(0, &set);
    for (int cpu = 0; cpu < CPU_SETSIZE && host->n_cores < PSIM_HOST_CPUS; cpu++) {
        if (CPU_ISSET((size_t)cpu, &set)) host->cpus[host->n_cores++] = cpu;
    }
    host->n_packages = host->n_nodes = 1;
    host->n_threads = host->n_cores;
    host->node_cpu[0] = host->cpus[0];
    for (size_t i = 0; i < PSIM_COUNT(sizes); i++) {
        const long bytes = sizes[i] < 0 ? 0 : sysconf(sizes[i]);
        if (bytes <= 0) break;
        const bool last = i == 2;
        host->cache[host->n_caches++] = (struct psim_host_cache){
            .bytes = (size_t)bytes,
            .n = last ? 1 : host->n_cores,
            .cores = last ? host->n_cores : 1,
            .line_bytes = 64,
        };
    }
    host->memory_bytes =
        (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    host->told_by = "the C library";
}

/** "model name : ..." of the system's own description. */
static const char *
model_of_system(struct psim_arena *arena)
{
    char line[512];
    const char *model = NULL;
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && !model && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (!colon || strncmp(line, "model name", 10) != 0) continue;
        const char *name = colon + 1 + strspn(colon + 1, " ");
        model = psim_arena_copy(arena, name, strcspn(name, "\n"));
    }
    if (file) (void)fclose(file);
    return model;
}

const struct psim_host *
psim_host_look(struct psim_arena *arena)
{
    struct psim_host *host = PSIM_NEW(arena, struct psim_host);
    if (!look_by_library(arena, host)) {
        *host = (struct psim_host){0};
        look_by_system(host);
    }
    if (!host->model) host->model = model_of_system(arena);
    if (!host->model) host->model = "a processor";
    return host;
}

size_t
psim_host_last_cache_bytes(const struct psim_host *host)
{
    enum { UNKNOWN = 32 << 20 }; /* as much as the usual one has */
    if (host->n_caches == 0) return UNKNOWN;
    const struct psim_host_cache *last = &host->cache[host->n_caches - 1];
    return last->bytes * last->n;
}

struct touch {
    int cpu;
    void *data;
    size_t bytes;
};

static void *
touch(void *argument)
{
    const struct touch *t = argument;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)t->cpu, &set);
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    memset(t->data, 1, t->bytes);
    return NULL;
}

void
psim_host_touch(int cpu, void *data, size_t bytes)
{
    struct touch t = {cpu, data, bytes};
    pthread_t thread;
    if (pthread_create(&thread, NULL, touch, &t) != 0) return;
    (void)pthread_join(thread, NULL);
}
