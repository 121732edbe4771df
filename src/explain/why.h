/* SPDX-License-Identifier: MIT */
/** @file What explaining a prediction needs, and how its reasons are made.
 *
 * Internal to src/explain. Where a function returns a reason it may be NULL: what is
 * not there, or one, is left away by who multiplies with it. */
#pragma once

#include "explain/reason.h"
#include "model/workload.h"
#include "plan/origins.h"
#include "sim/analytic.h"
#include "sim/predict.h"

/** A reason that was made before, by what it is of. */
struct psim_why_memo {
    const void *of;
    uint64_t which;
    const struct psim_reason *reason;
};

/** What acts are made of, of a plan. */
struct psim_why_plan {
    const struct psim_chosen *chosen;
    struct psim_origins origins;
};

struct psim_why_kernel;
struct psim_why_group;

/** A prediction, with what is needed to say why. */
struct psim_why {
    struct psim_arena *arena;
    const struct psim_hw *hw;
    const struct psim_workload *workload;
    const struct psim_result *result;
    const struct psim_launch_log *log;
    bool launch_given; /**< instead of the workload's */
    enum psim_launch_mode launch;
    struct psim_why_memo *memos; /**< hashed */
    size_t n_memos, memo_room;
    struct psim_why_plan *plans; /**< of distinct ops; room for all */
    size_t n_plans;
    const char *home;                 /**< level of the memory of the tensors */
    struct psim_why_kernel **kernels; /**< of the launches, at both clocks */
    struct psim_why_group *groups;    /**< equal launches */
    size_t n_groups;
};

/* --- making ------------------------------------------------------------------- */

/** What is kept of a run and of a launch: no two of the same object are the same. */
enum psim_why_kept {
    PSIM_KEPT_TIME = 1,
    PSIM_KEPT_HOST_WAIT,
    PSIM_KEPT_KERNEL_TIME,
    PSIM_KEPT_CLOCK_TERM,
    PSIM_KEPT_REFETCH_TERM,
    PSIM_KEPT_FILL_TERM,
    PSIM_KEPT_TAIL_TERM,
    PSIM_KEPT_CONTENTION,
    PSIM_KEPT_COMPULSORY,
    PSIM_KEPT_MAIN_BYTES,
    PSIM_KEPT_ENERGY,
    PSIM_KEPT_CLOCK,
    PSIM_KEPT_SET_CLOCK,
    PSIM_KEPT_REACHED,
    PSIM_KEPT_VOLTAGE,
    PSIM_KEPT_ACTIVE,
    PSIM_KEPT_SERVERS,
};

/** NULL where none was made yet. */
const struct psim_reason *psim_why_known(const struct psim_why *w, const void *of,
                                         uint64_t which);
/** @return @p reason */
const struct psim_reason *psim_why_keep(struct psim_why *w, const void *of,
                                        uint64_t which,
                                        const struct psim_reason *reason);

struct psim_reason *psim_why_new(struct psim_why *w, enum psim_reason_kind kind,
                                 const char *name, double value, enum psim_dim dim);

/** A formula of parts that are given behind it, ended by NULL. */
struct psim_reason *psim_why_of(struct psim_why *w, const char *name, double value,
                                enum psim_dim dim, const char *formula, ...);

/** What the model itself says. */
const struct psim_reason *psim_why_rule(struct psim_why *w, const char *name,
                                        double value, enum psim_dim dim,
                                        const char *equation);

/** printf into the arena. */
const char *psim_why_text(struct psim_why *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* --- what stands in the files (figures.c) ----------------------------------------- */

/** A figure; NULL where it is not given. */
const struct psim_reason *psim_why_figure(struct psim_why *w, const char *name,
                                          const struct psim_figure *figure);

/** A whole number with its place. */
const struct psim_reason *psim_why_count(struct psim_why *w, const char *name,
                                         double value, struct psim_loc at);

/** A figure in seconds, or in cycles of a group's clock. */
const struct psim_reason *psim_why_seconds(struct psim_why *w, const char *name,
                                           const struct psim_figure *figure, int group,
                                           double value_s);

/** Clock of a group. */
const struct psim_reason *psim_why_clock(struct psim_why *w, int group);

/** Instances of hardware group @p inner in one of @p outer, down to the numbers of the
 * file; NULL where that is one. */
const struct psim_reason *psim_why_instances(struct psim_why *w, int inner, int outer);

/** Rate of one pipe of an operation (eq. M1); @p peak: as stated, not as achieved. */
const struct psim_reason *psim_why_rate(struct psim_why *w,
                                        const struct psim_operation *op,
                                        enum psim_dtype dtype, bool peak);

/** What one invocation of an operation does: FLOP, lane operations or bytes; NULL: one.
 */
const struct psim_reason *psim_why_invocation(struct psim_why *w,
                                              const struct psim_operation *op,
                                              enum psim_dtype dtype);

/** FLOP/s or B/s of all pipes of an operation, as stated. */
const struct psim_reason *psim_why_peak(struct psim_why *w,
                                        const struct psim_operation *op,
                                        enum psim_dtype dtype);

enum psim_why_rate_of {
    PSIM_WHY_PEAK,
    PSIM_WHY_READ,
    PSIM_WHY_WRITE,
    PSIM_WHY_MIXED,
    PSIM_WHY_SCATTERED
};

/** Rate of one instance of a memory. */
const struct psim_reason *psim_why_memory_rate(struct psim_why *w, int memory,
                                               enum psim_why_rate_of which);

/** The same of a port to it (eq. M2). */
const struct psim_reason *psim_why_port_rate(struct psim_why *w, int memory);

/** Latency of a memory, or of what it is a part of; NULL where none is given. */
const struct psim_reason *psim_why_latency(struct psim_why *w, int memory, bool write);

/** Stated peak of all instances of a memory. */
const struct psim_reason *psim_why_memory_peak(struct psim_why *w, int memory);

/* --- what acts ask of servers (demands.c) ------------------------------------------
 */

/** A kernel as it was launched, with its sums: at the nominal clock, or at that
 * reached. */
struct psim_why_kernel {
    struct psim_why *w;
    const struct psim_logged *launched;
    const struct psim_origins *origins;
    const struct psim_plan *plan; /**< at the clock that is looked at */
    const struct psim_kernel *kernel;
    int unit;           /**< hardware group on which work-groups run */
    double shared, own; /**< clocks, of the nominal one: what is set, what is reached */
    struct psim_work *work;
    struct psim_summing *steps;
    struct psim_item_time lone;
    struct psim_why_roles *roles; /**< NULL: not asked for yet */
};

/** Which of the three numbers of a demand. */
enum psim_why_each { PSIM_WHY_SECONDS, PSIM_WHY_COUNTS, PSIM_WHY_JOULES };

/** What one unit of an act's amount asks of a server, behind so many caches; NULL where
 * that is nothing. */
const struct psim_reason *psim_why_demand(struct psim_why_kernel *k, uint8_t act,
                                          uint16_t server, uint8_t behind,
                                          enum psim_why_each each);

/** The same of one demand of an act by itself: it may have several on a server. */
const struct psim_reason *psim_why_single_demand(struct psim_why_kernel *k, uint8_t act,
                                                 uint8_t index);

/** A gang's own pace: a unit of an act's amount; NULL where it has none. */
const struct psim_reason *psim_why_interval(struct psim_why_kernel *k, uint8_t act);

/** Latency of an act where so many caches were missed; NULL: none. */
const struct psim_reason *psim_why_act_latency(struct psim_why_kernel *k, uint8_t act,
                                               uint8_t missed);

/** A part of the nominal clock that servers have which several units share, or those of
 * a unit; NULL: one. */
const struct psim_reason *psim_why_clock_share(struct psim_why_kernel *k, bool own);

/* --- what a kernel does in all (amounts.c, steps.c) ---------------------------------
 */

/** An attribute of an op as its file has it, of a list one; NULL: none of that name. */
const struct psim_reason *psim_why_attribute(struct psim_why *w,
                                             const struct psim_op *op, const char *key,
                                             size_t index);

/** The attributes of an op as its file has them, as parts of what is counted from it.
 */
void psim_why_add_attributes(struct psim_why *w, struct psim_reason *ret,
                             const struct psim_op *op);

/** A step's amount, or how often it is visited, over the whole grid and one gang. */
const struct psim_reason *psim_why_amount(struct psim_why_kernel *k, uint16_t step);
const struct psim_reason *psim_why_visits(struct psim_why_kernel *k, uint16_t step);

/** Work-groups of the grid that are looked at as one. */
const struct psim_reason *psim_why_items(struct psim_why_kernel *k);

/** Places for them: units x resident. */
const struct psim_reason *psim_why_slots_of_units(struct psim_why_kernel *k);

/** Bytes of a step that so many caches missed; @p ideal: each byte once. */
const struct psim_reason *psim_why_missed(struct psim_why_kernel *k, uint16_t step,
                                          uint8_t behind, bool ideal);

/** Which steps count. */
enum psim_why_flow { PSIM_WHY_ALL, PSIM_WHY_READS, PSIM_WHY_WRITES };

/** What all of a kernel asks of a server: seconds, what it counts, joules. */
const struct psim_reason *psim_why_total(struct psim_why_kernel *k, uint16_t server,
                                         bool ideal, enum psim_why_each each,
                                         enum psim_why_flow flow);

/** How long the busiest instance of a server is held (eq. A5). */
const struct psim_reason *psim_why_busy(struct psim_why_kernel *k, uint16_t server,
                                        const struct psim_effects *with);

/* --- how long a kernel takes (visits.c, roles.c, terms.c) ----------------------------
 */

/** One visit to a step, of so much, of so many under way (eq. A2); @p least: at the
 * very least. NULL: it takes no time. */
const struct psim_reason *psim_why_visit(struct psim_why_kernel *k, uint16_t step,
                                         double ahead, bool least);

/** The sums of a role (eq. A3), each over the whole grid; NULL: no time. */
struct psim_why_role {
    const struct psim_reason *inside, *outside; /**< in loops, and not */
    const struct psim_reason *least;
    const struct psim_reason *drain;       /**< of an item */
    const struct psim_reason *fill, *ramp; /**< of an item (eq. A4) */
};

/** A role of the kernel; made once. */
const struct psim_why_role *psim_why_role(struct psim_why_kernel *k, uint8_t role);

/** Sums of a channel over the whole grid (eq. A3); NULL: no time. */
const struct psim_reason *psim_why_channel_fill(struct psim_why_kernel *k,
                                                uint8_t channel, bool beside_loops);

/** No schedule of the plan is faster (eq. A7); @p refetch: with the bytes that caches
 * lose. */
const struct psim_reason *psim_why_bound(struct psim_why_kernel *k, bool refetch);

/** The estimate with its latencies (eq. A8); @p tail: and whole waves. */
const struct psim_reason *psim_why_estimate(struct psim_why_kernel *k, bool tail);

/* --- kernels and the workload (kernels.c, times.c) -----------------------------------
 */

/** In which mode an op's kernels are launched. */
enum psim_launch_mode psim_why_launch_mode(const struct psim_why *w,
                                           const struct psim_op *op);

/** A kernel at the nominal clock, or at that which it reached. */
struct psim_why_kernel *
psim_why_kernel(struct psim_why *w, const struct psim_logged *launched, bool nominal);

/** What a kernel is called: its name, and its op's where others have the same. */
const char *psim_why_kernel_name(struct psim_why *w,
                                 const struct psim_logged *launched);

/** One launch of a kernel: its time, and the terms of that (eq. A9). */
const struct psim_reason *psim_why_kernel_time(struct psim_why *w,
                                               const struct psim_logged *launched);
const struct psim_reason *psim_why_kernel_bound(struct psim_why *w,
                                                const struct psim_logged *launched);
/** These are NULL where the term is nothing. */
const struct psim_reason *psim_why_clock_term(struct psim_why *w,
                                              const struct psim_logged *launched);
const struct psim_reason *psim_why_refetch_term(struct psim_why *w,
                                                const struct psim_logged *launched);
const struct psim_reason *psim_why_fill_term(struct psim_why *w,
                                             const struct psim_logged *launched);
const struct psim_reason *psim_why_tail_term(struct psim_why *w,
                                             const struct psim_logged *launched);
const struct psim_reason *psim_why_contention(struct psim_why *w,
                                              const struct psim_logged *launched);
const struct psim_reason *psim_why_launch(struct psim_why *w,
                                          const struct psim_logged *launched);

/** Equal launches of one turn: what they are, and how many. */
struct psim_why_group {
    const struct psim_logged *launched; /**< the first of them */
    double runs;                        /**< in that turn */
    double times;                       /**< that turn, in the workload */
};

/** All of them, of the first turn and then of the second. @return how many */
size_t psim_why_groups(struct psim_why *w, struct psim_why_group **ret);

/** Which launches of a repeated list count. */
enum psim_why_turns {
    PSIM_WHY_EACH_TURN, /**< the first once, the second for all others (eq. T2) */
    PSIM_WHY_LAST_TURN, /**< the second for all, as the table of kernels has it */
};

/** A sum over all launches of what one of them is; parts that are NULL are nothing. */
typedef const struct psim_reason *psim_why_one(struct psim_why *w,
                                               const struct psim_logged *launched);
struct psim_reason *psim_why_sum(struct psim_why *w, const char *name, double value,
                                 enum psim_dim dim, enum psim_why_turns turns,
                                 psim_why_one *one);

/** Whole workload (eq. T1, T2). */
const struct psim_reason *psim_why_time(struct psim_why *w);
const struct psim_reason *psim_why_host_wait(struct psim_why *w);

/* --- what ops ask for (costs.c, cost_rows.c) -----------------------------------------
 */

enum psim_why_cost { PSIM_WHY_FLOP, PSIM_WHY_READ_BYTES, PSIM_WHY_WRITE_BYTES };

/** FLOP or compulsory bytes of one op, down to its attributes. */
const struct psim_reason *psim_why_op_cost(struct psim_why *w, const struct psim_op *op,
                                           enum psim_why_cost what);

/** The same of all ops, as often as the list is run (eq. F7). */
const struct psim_reason *psim_why_cost(struct psim_why *w, enum psim_why_cost what);

/** The data type of an op; PSIM_N_DTYPES where it has none. */
int psim_why_dtype(const struct psim_op *op);

/* --- what is derived from these (metrics.c, energies.c, columns.c) ------------------
 */

/** Metrics of the run; NULL where the machine does not say. */
const struct psim_reason *psim_why_run_bound(struct psim_why *w);
const struct psim_reason *psim_why_roofline(struct psim_why *w);
const struct psim_reason *psim_why_rate_of_work(struct psim_why *w);
const struct psim_reason *psim_why_compulsory(struct psim_why *w);
const struct psim_reason *psim_why_op_intensity(struct psim_why *w);
const struct psim_reason *psim_why_main_bytes(struct psim_why *w);
const struct psim_reason *psim_why_intensity(struct psim_why *w);
const struct psim_reason *psim_why_compute_share(struct psim_why *w);
const struct psim_reason *psim_why_memory_share(struct psim_why *w);
const struct psim_reason *psim_why_energy(struct psim_why *w);
const struct psim_reason *psim_why_power(struct psim_why *w);
const struct psim_reason *psim_why_mean_clock(struct psim_why *w);
const struct psim_reason *psim_why_j_per_flop(struct psim_why *w);
const struct psim_reason *psim_why_j_per_byte(struct psim_why *w);

/** Whether loads are those of closed forms, which can be explained further. */
bool psim_why_is_analytic(const struct psim_why *w);

/** Bytes of one launch that cross a level of memory; NULL: none. */
const struct psim_reason *psim_why_crossing(struct psim_why *w,
                                            const struct psim_logged *launched,
                                            const char *level, enum psim_why_flow flow);

/** Of one launch: what its server drew, its units, all of it. */
const struct psim_reason *psim_why_kernel_energy(struct psim_why *w,
                                                 const struct psim_logged *launched);
const struct psim_reason *psim_why_kernel_clock(struct psim_why *w,
                                                const struct psim_logged *launched);
