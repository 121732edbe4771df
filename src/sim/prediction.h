/* SPDX-License-Identifier: MIT */
/** @file One run of a workload: its kernels one after the other, set to one clock.
 *
 * Internal to predict.c and prediction.c. */
#pragma once

#include "sim/memo.h"
#include "sim/residency.h"
#include "sim/timed.h"

/** A kernel that was launched, perhaps several times in a row: eq. T2. */
struct psim_launched {
    const struct psim_op *op;
    const char *mapping;
    const struct psim_plan *plan;
    struct psim_launch launch;
    struct psim_setting setting;
    struct psim_kernel_time time; /**< of one, with the translation */
    double translation_s;         /**< of its time, at its start */
    double clock_hz;              /**< negative: not known */
    size_t timed;                 /**< which of those that were timed it is */
    uint32_t times;
    double end_before_s; /**< of what was launched before */
    double begin_s;      /**< of the first launch */
    double issued_s;     /**< when the host has issued that */
    double issue_s;      /**< and how long it takes for each of the others */
    double end_s;        /**< of the last launch */
};

/** A prediction under way: the result while it grows. */
struct psim_prediction {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_hw *hw;
    const struct psim_workload *workload;
    const struct psim_predict_options *options;
    const struct psim_engine *engine;
    double clock; /* that the machine is set to, of the nominal one */
    struct psim_memos memos;
    enum psim_launch_mode launch; /* of the op in hand */
    struct psim_result *result;
    size_t kernel_room;
    struct psim_residency_list held; /* tensors in the outermost cache */
    struct psim_timed_table timed;   /* kernels that were run before, at this clock */
    double time_s, bound_s;
    double host_wait_s; /* of time_s */
    double steps;       /* that an engine goes through one by one */
    double host_s;      /* when the host has issued the launches so far */
    unsigned turn;      /* of a repeated list */
    bool keeps;         /* launches are kept: of the first turn, for a timeline */
    struct psim_launched *launched;
    size_t n_launched, launched_room;
};

/**
 * Choose all mappings, before any run. All faults first: nothing is simulated for a
 * workload that is refused.
 *
 * @return false after an error
 */
bool psim_prediction_choose(struct psim_prediction *run);

/**
 * Time all kernels and sum times and energies in the result; what was there before is
 * forgotten.
 *
 * @param clock that the machine is set to, of the nominal one
 */
void psim_prediction_at(struct psim_prediction *run, const struct psim_engine *engine,
                        double clock);
