/* SPDX-License-Identifier: MIT */
/** @file Which side of the machine holds a kernel up (docs/MODEL.md, eq. D2). */
#pragma once

#include "result/result.h"

enum psim_verdict_kind {
    PSIM_VERDICT_MEMORY,  /**< bytes take longest */
    PSIM_VERDICT_COMPUTE, /**< operations take longest */
    PSIM_VERDICT_LATENCY, /**< neither is busy half of the time: it waits */
    PSIM_VERDICT_LAUNCH,  /**< starting takes longer than running */
    PSIM_N_VERDICTS,
};

/** "memory-bound", "compute-bound", "latency-bound", "launch-bound". */
const char *psim_verdict_name(enum psim_verdict_kind kind);

struct psim_verdict {
    enum psim_verdict_kind kind;
    /** The server of each side that is held longest; NULL: none is. */
    const struct psim_server_use *memory, *compute;
    double memory_share, compute_share; /**< of the kernel's time */
};

/** Of one kernel. */
struct psim_verdict psim_verdict_of(const struct psim_kernel_result *kernel);

/** Of a whole run: that of the kernel whose launches take longest in all, where
 * launches and waits for the host do not take longer than half of it. */
struct psim_verdict psim_verdict_of_run(const struct psim_result *result);

/** Launches and waits for the host, as a part of a run's time. */
double psim_verdict_overhead(const struct psim_result *result);
