/* SPDX-License-Identifier: MIT */
/** @file A measurement file: records of what was run and how long it took. */
#pragma once

#include "model/hw.h"
#include "model/workload.h"

struct psim_record {
    const char *id;
    const char *group; /**< "attention/flash2" */
    struct psim_loc at;
    const struct psim_workload *workload; /**< NULL: see `reason` */
    const char *reason;                   /**< why it cannot be predicted */
    bool cold;                            /**< said so: its inputs were in no cache */
    bool calibration;    /**< micro, launch, idle: neither scored nor skipped */
    const char *library; /**< whose kernel was measured; NULL */
    double time_s;       /**< negative: not known, as all below */
    double energy_j, repeat_spread;
    double host_overhead_s; /**< 0: none */
    enum psim_launch_mode launch;
    bool timed; /**< the record says how: else its launch mode is assumed */
};

struct psim_measured {
    const char *device;
    struct psim_loc device_at;
    double cold_copies; /**< through which "cold" inputs rotated (eq. V2) */
    double burst_calls; /**< of the burst, before the call that was timed (eq. V3) */
    struct psim_record *records;
    size_t n_records;
};

/**
 * Read perfsim/measurements/v1. Unknown keys are kept out and ignored. A record
 * whose op cannot be read is kept with the reason; only a file that is no such
 * file is an error.
 *
 * @return NULL after an error
 */
const struct psim_measured *
psim_measured_load(struct psim_arena *arena, struct psim_diag *diag, const char *path);

/** The same, where what does not say how it was timed was launched by a host each. */
const struct psim_measured *psim_measured_by_host(struct psim_arena *arena,
                                                  const struct psim_measured *measured);

/** Those records whose id one of the patterns matches, as a shell matches files. */
const struct psim_measured *psim_measured_only(struct psim_arena *arena,
                                               const struct psim_measured *measured,
                                               const char *const *patterns,
                                               size_t n_patterns);

/** Warn where the device's model is nowhere in what the machine is called. */
void psim_measured_check_device(struct psim_diag *diag,
                                const struct psim_measured *measured,
                                const struct psim_hw *hw);
