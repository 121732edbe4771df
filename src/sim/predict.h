/* SPDX-License-Identifier: MIT */
/** @file From a machine and a workload to a result: mapping, plan, engine, sums. */
#pragma once

#include "plan/lower.h"
#include "result/result.h"
#include "result/timeline.h"
#include "sim/engine.h"

struct psim_chosen;

/** One kernel as it was launched, in the order of the launches: what a result is made
 * of. */
struct psim_logged {
    const struct psim_op *op;
    const struct psim_chosen *chosen;
    size_t part;     /**< of the op */
    uint32_t kernel; /**< of the chosen plan */
    unsigned turn;   /**< of a repeated list: the first, or the second for all others */
    uint32_t resident;            /**< set of tensors that the outermost cache held */
    bool reads_anew, writes_anew; /**< what was not held */
    double flop_energy;           /**< of what FLOP take, by the data */
    double issue_s;               /**< host time of one launch */
    double before_s;              /**< when what was before had ended */
    double host_before_s;         /**< when the host had issued what was before */
    struct psim_kernel_time time;
    struct psim_kernel_result result;
};

/** All launches of the last run, for who explains it. */
struct psim_launch_log {
    struct psim_logged *item;
    size_t n, room;
    double clock; /**< that the machine was set to, of the nominal one */
};

struct psim_predict_options {
    const struct psim_engine *engine;
    bool launch_given;
    enum psim_launch_mode launch; /**< instead of the workload's */
    bool any_launch; /**< false: kernels only, no launch before the first */
    /** Repeated for a second or more: the power cap has lowered the clock. */
    bool sustained;
    /**
     * How much of the run is kept as the result's timeline; NULL: it has none. The
     * engine must be one that can (psim_engine.tape).
     */
    const struct psim_timeline_limits *timeline;
    struct psim_launch_log *log; /**< NULL: nobody asks */
};

/** The chosen mapping of each part of an op, and the plan made of them. */
struct psim_chosen {
    const struct psim_plan *plan;
    struct {
        const struct psim_part *part;
        size_t n;
    } parts;
    struct psim_mapping *mapping; /**< of each part */
    uint32_t *kernels_of;         /**< kernels that each part became */
    double bound_s; /**< least bound over all mappings, sum over the parts */
    unsigned tried;
    struct psim_refusal *refusals;
    size_t n_refusals;
};

/** One mapping that was looked at: for `explain --mappings`. */
struct psim_tried {
    size_t part;
    struct psim_mapping mapping;
    double time_s, bound_s;
    const char *refusal; /**< NULL: it was timed */
};

struct psim_choose_options {
    enum psim_launch_mode launch; /**< of its kernels */
    double launch_s; /**< of every kernel: a mapping of two kernels pays it twice */
    /** Called for each mapping looked at; may be NULL. */
    void (*trace)(void *context, const struct psim_tried *tried);
    void *context;
};

/**
 * Choose a mapping for each part of an op: all are ordered by a quick lower bound
 * and timed analytically until no lower bound is below the best time. The first of
 * equal ones wins, so the choice does not depend on anything but its inputs.
 *
 * @return false after an error that names what the machine lacks
 */
bool psim_choose(struct psim_arena *arena, struct psim_diag *diag,
                 const struct psim_hw *hw, const struct psim_op *op,
                 struct psim_chosen *ret, const struct psim_choose_options *options);

struct psim_origins;

/** Which figures the acts of the chosen plan are made of (plan/origins.h): the plan is
 * built once more. */
void psim_chosen_trace(struct psim_arena *arena, const struct psim_hw *hw,
                       double launch_s, const struct psim_chosen *chosen,
                       struct psim_origins *ret);

/** @return NULL after an error */
const struct psim_result *psim_predict(struct psim_arena *arena, struct psim_diag *diag,
                                       const struct psim_hw *hw,
                                       const struct psim_workload *workload,
                                       const struct psim_predict_options *options);

/** "tile 256x128x64, 4 stages, split 2": for tables. */
const char *psim_mapping_text(struct psim_arena *arena,
                              const struct psim_mapping *mapping);
