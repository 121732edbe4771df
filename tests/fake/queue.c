/* SPDX-License-Identifier: MIT */
/** @file Streams, events and graphs over counted time; energy and the vendor's BLAS. */
#include <stdlib.h>

#include "cuda.h"

static struct {
    uint64_t now_ns;
    bool records;
    int recorded, queries;
} stream;

struct graph {
    int nodes;
};

bool
fake_take_turn(void)
{
    if (stream.records) {
        stream.recorded++;
        return false;
    }
    stream.now_ns += (uint64_t)FAKE_MS_OF_KERNEL * 1000000;
    return true;
}

uint64_t
fake_now_ns(void)
{
    return stream.now_ns;
}

/* --- streams ------------------------------------------------------------------- */

EXPORT int cuStreamCreate(void **s, unsigned flags);
EXPORT int
cuStreamCreate(void **s, unsigned flags)
{
    ASK("cuStreamCreate");
    fake_count("stream", 1);
    *s = &stream;
    return flags <= 1 ? 0 : 1;
}

EXPORT int cuStreamDestroy_v2(const void *s);
EXPORT int
cuStreamDestroy_v2(const void *s)
{
    fake_count("stream", -1);
    return s == &stream ? 0 : 1;
}

EXPORT int cuStreamSynchronize(const void *s);
EXPORT int
cuStreamSynchronize(const void *s)
{
    ASK("cuStreamSynchronize");
    return s == &stream && !stream.records ? 0 : 1;
}

/** Busy for a while, so that somebody watches. */
EXPORT int cuStreamQuery(const void *s);
EXPORT int
cuStreamQuery(const void *s)
{
    enum { BUSY = 600, OFTEN = 50000 };
    if (s != &stream) return 1;
    if (++stream.queries % OFTEN != 0) return BUSY;
    ASK("cuStreamQuery");
    return 0;
}

/* --- graphs -------------------------------------------------------------------- */

EXPORT int cuStreamBeginCapture_v2(const void *s, int mode);
EXPORT int
cuStreamBeginCapture_v2(const void *s, int mode)
{
    ASK("cuStreamBeginCapture_v2");
    if (s != &stream || stream.records || mode > 2) return 1;
    stream.records = true;
    stream.recorded = 0;
    return 0;
}

EXPORT int cuStreamEndCapture(const void *s, struct graph **graph);
EXPORT int
cuStreamEndCapture(const void *s, struct graph **graph)
{
    stream.records = false;
    ASK("cuStreamEndCapture");
    fake_count("graph", 1);
    *graph = malloc(sizeof(**graph));
    (*graph)->nodes = stream.recorded;
    return s == &stream ? 0 : 1;
}

EXPORT int cuGraphDestroy(struct graph *graph);
EXPORT int
cuGraphDestroy(struct graph *graph)
{
    fake_count("graph", -1);
    free(graph);
    return 0;
}

EXPORT int cuGraphInstantiateWithFlags(struct graph **exec, const struct graph *graph,
                                       unsigned long long flags);
EXPORT int
cuGraphInstantiateWithFlags(struct graph **exec, const struct graph *graph,
                            unsigned long long flags)
{
    ASK("cuGraphInstantiateWithFlags");
    fake_count("exec", 1);
    *exec = malloc(sizeof(**exec));
    **exec = *graph;
    return (int)flags;
}

EXPORT int cuGraphExecDestroy(struct graph *exec);
EXPORT int
cuGraphExecDestroy(struct graph *exec)
{
    fake_count("exec", -1);
    free(exec);
    return 0;
}

EXPORT int cuGraphLaunch(const struct graph *exec, const void *s);
EXPORT int
cuGraphLaunch(const struct graph *exec, const void *s)
{
    ASK("cuGraphLaunch");
    stream.now_ns += (uint64_t)(exec->nodes * FAKE_MS_OF_KERNEL) * 1000000;
    return s == &stream ? 0 : 1;
}

/* --- events -------------------------------------------------------------------- */

EXPORT int cuEventCreate(uint64_t **event, unsigned flags);
EXPORT int
cuEventCreate(uint64_t **event, unsigned flags)
{
    ASK("cuEventCreate");
    fake_count("event", 1);
    *event = calloc(1, sizeof(**event));
    return (int)flags;
}

EXPORT int cuEventDestroy_v2(uint64_t *event);
EXPORT int
cuEventDestroy_v2(uint64_t *event)
{
    fake_count("event", -1);
    free(event);
    return 0;
}

EXPORT int cuEventRecord(uint64_t *event, const void *s);
EXPORT int
cuEventRecord(uint64_t *event, const void *s)
{
    ASK("cuEventRecord");
    *event = stream.now_ns;
    return s == &stream ? 0 : 1;
}

EXPORT int cuEventElapsedTime(float *ms, const uint64_t *from, const uint64_t *to);
EXPORT int
cuEventElapsedTime(float *ms, const uint64_t *from, const uint64_t *to)
{
    ASK("cuEventElapsedTime");
    *ms = (float)((double)(*to - *from) * 1e-6);
    return 0;
}

/* --- monitor ------------------------------------------------------------------- */

EXPORT int nvmlInit_v2(void);
EXPORT int
nvmlInit_v2(void)
{
    ASK("nvmlInit_v2");
    fake_count("monitor", 1);
    return 0;
}

EXPORT int nvmlShutdown(void);
EXPORT int
nvmlShutdown(void)
{
    fake_count("monitor", -1);
    return 0;
}

EXPORT int nvmlDeviceGetHandleByPciBusId_v2(const char *id, void **device);
EXPORT int
nvmlDeviceGetHandleByPciBusId_v2(const char *id, void **device)
{
    ASK("nvmlDeviceGetHandleByPciBusId_v2");
    *device = &stream;
    return id[0] ? 0 : 1;
}

/** Of the counter's own time: a look at it takes a millisecond. */
EXPORT int nvmlDeviceGetTotalEnergyConsumption(const void *device,
                                               unsigned long long *mj);
EXPORT int
nvmlDeviceGetTotalEnergyConsumption(const void *device, unsigned long long *mj)
{
    static unsigned long long looks;
    ASK("nvmlDeviceGetTotalEnergyConsumption");
    *mj = ++looks * FAKE_WATTS;
    return device ? 0 : 1;
}

EXPORT int nvmlDeviceGetPowerUsage(const void *device, unsigned *mw);
EXPORT int
nvmlDeviceGetPowerUsage(const void *device, unsigned *mw)
{
    ASK("nvmlDeviceGetPowerUsage");
    *mw = FAKE_WATTS * 1000;
    return device ? 0 : 1;
}

EXPORT int nvmlDeviceGetEnforcedPowerLimit(const void *device, unsigned *mw);
EXPORT int
nvmlDeviceGetEnforcedPowerLimit(const void *device, unsigned *mw)
{
    ASK("nvmlDeviceGetEnforcedPowerLimit");
    *mw = 2 * FAKE_WATTS * 1000;
    return device ? 0 : 1;
}

/* --- BLAS: symbols alone ------------------------------------------------------- */

#define BLAS(name)                                                                     \
    EXPORT int name(void);                                                             \
    EXPORT int name(void)                                                              \
    {                                                                                  \
        return fake_call(#name) ? 1 : 15; /* not supported */                          \
    }
BLAS(cublasCreate_v2)
BLAS(cublasDestroy_v2)
BLAS(cublasGetVersion_v2)
BLAS(cublasSetStream_v2)
BLAS(cublasSetWorkspace_v2)
BLAS(cublasGemmStridedBatchedEx)
