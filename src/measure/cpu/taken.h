/* SPDX-License-Identifier: MIT */
/** @file What a probe of this machine takes: figures with their spread, and how. */
#pragma once

#include "measure/cpu/host.h"
#include "measure/cpu/memory.h"
#include "measure/cpu/team.h"
#include "measure/device.h"
#include "measure/kernels/kernels.h"

/** One figure. */
struct psim_taken {
    double value;    /**< the median of the repeats; 0: it was not taken */
    double spread;   /**< of them (measure/stats.h) */
    const char *how; /**< in words */
};

/** Of one instruction, for one type. */
struct psim_taken_rate {
    struct psim_taken per_cycle;      /**< invocations of a whole vector */
    struct psim_taken latency_cycles; /**< of one that waits for another */
    size_t lanes;                     /**< elements of a vector */
};

enum psim_taken_operation {
    PSIM_TAKEN_FMA,
    PSIM_TAKEN_ADD,
    PSIM_TAKEN_MUL,
    PSIM_TAKEN_MAX,
    PSIM_TAKEN_DIVIDE,
    PSIM_TAKEN_EXP2,
    PSIM_TAKEN_RSQRT,
    PSIM_TAKEN_INTEGER,
    PSIM_N_TAKEN_OPERATIONS,
};

enum psim_taken_type { PSIM_TAKEN_FP32, PSIM_TAKEN_FP64, PSIM_N_TAKEN_TYPES };

/** Of one level of memory; the last one is the main memory. */
struct psim_taken_level {
    const char *name;
    struct psim_taken latency_cycles, latency_s;
    struct psim_taken read_bytes_per_s, write_bytes_per_s; /**< by one core */
    struct psim_taken copy_bytes_per_s; /**< by one core, read and written together */
    struct psim_taken all_read_bytes_per_s, all_write_bytes_per_s,
        all_copy_bytes_per_s;             /**< by all cores at once */
    struct psim_taken random_bytes_per_s; /**< all cores, single elements */
    struct psim_taken held_bytes; /**< what one cache really holds for this process */
};

/** Cycles of inner loops of the kernels, by one core out of its caches. */
struct psim_taken_loops {
    struct psim_taken packed, rows, naive;   /**< of a vector's multiply-adds */
    struct psim_taken pack_left, pack_right; /**< of an element that is packed */
    struct psim_taken softmax, layernorm, rmsnorm, sum; /**< of an element of a row */
    struct psim_taken transform;                        /**< of a point, in one pass */
    struct psim_taken bodies;                           /**< of a pair */
    struct psim_taken transpose;                        /**< of an element */
};

enum { PSIM_MAX_LEVELS = PSIM_HOST_CACHES + 1, PSIM_MAX_WIDTHS = 4 };

/** All that is known of a machine after a probe. */
struct psim_taken_all {
    const struct psim_host *host;
    unsigned n_threads;
    struct psim_taken clock_hz, issue_per_cycle;
    struct psim_taken mixed_per_cycle; /**< multiply-adds and additions together */
    struct psim_taken start_s, launch_s, barrier_s;
    struct psim_taken_rate rate[PSIM_N_TAKEN_OPERATIONS][PSIM_N_TAKEN_TYPES];
    struct psim_taken load_per_cycle, store_per_cycle; /**< vectors, in the L1 */
    struct {
        const char *isa;
        size_t vector_bytes;
        struct psim_taken fma_flop_per_s; /**< of one core, fp32 */
    } width[PSIM_MAX_WIDTHS];
    size_t n_widths;
    struct psim_taken_rate dot_bf16, dot_int8;
    struct psim_taken_loops loops[PSIM_N_TAKEN_TYPES];
    struct psim_taken blas_per_s[PSIM_N_TAKEN_TYPES]; /**< FLOP, by one core; 0: none */
    struct psim_taken_level level[PSIM_MAX_LEVELS];
    size_t n_levels;
    struct psim_taken node_latency_s[PSIM_HOST_NODES]; /**< from node 0 to each */
};

/** What the steps of a probe share. */
struct psim_probe {
    struct psim_arena *arena;
    const struct psim_host *host;
    struct psim_team *team;
    const struct psim_kernels *kernels[PSIM_N_TAKEN_TYPES];
    const struct psim_measure_options *options;
    struct psim_region *regions;
    double sample_s; /**< of one repeat, about */
    double end_s;    /**< from then on disturbed repeats count as others do */
};

/** Something that is done @p turns times. */
typedef void psim_probed(const void *context, size_t turns);

/** Who does it: this thread alone, timed by its own processor time; or the team. */
enum psim_by { PSIM_BY_ONE, PSIM_BY_TEAM };

/**
 * Seconds of one turn: as many turns as a sample asks for, repeated, the median.
 *
 * @param ret_clock_hz  the core's, beside it; NULL: not asked for
 */
struct psim_taken psim_take_time(const struct psim_probe *probe, enum psim_by by,
                                 psim_probed *what, const void *context,
                                 double *ret_clock_hz);

/** The same; @p before is done before each repeat, outside of its time. */
struct psim_taken psim_take_time_after(const struct psim_probe *probe, enum psim_by by,
                                       psim_probed *before, psim_probed *what,
                                       const void *context, double *ret_clock_hz);

/** How a figure was taken, in words. */
struct psim_taken psim_taken_with(struct psim_taken taken, double value,
                                  const char *how);

/** A step of a pointer chase through so many bytes of @p data. */
void psim_probe_latency(struct psim_probe *probe, char *data, size_t bytes,
                        struct psim_taken *ret_cycles, struct psim_taken *ret_s);

void psim_probe_rates(struct psim_probe *probe, struct psim_taken_all *ret);
void psim_probe_kernels(struct psim_probe *probe, struct psim_taken_all *ret);
void psim_probe_memory(struct psim_probe *probe, struct psim_taken_all *ret);
void psim_probe_costs(struct psim_probe *probe, struct psim_taken_all *ret);

/** The machine file. */
const char *psim_probe_spec(struct psim_arena *arena,
                            const struct psim_taken_all *taken);
