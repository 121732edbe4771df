/* SPDX-License-Identifier: MIT */
/** @file What the event engine keeps of one kernel, if it is asked to.
 *
 * A run that is recorded ends at the same tick, with the same loads, as one that is
 * not. Times are ticks from the start of the kernel. */
#pragma once

#include "plan/plan.h"
#include "sim/heap.h"

struct psim_arena;
struct psim_des;
struct psim_gang;
struct psim_des_step;

/** How much of a kernel is kept. Sums are exact, whatever it is. */
struct psim_tape_detail {
    bool in_full;      /**< else nothing but sums: what recurs may be skipped */
    double step_s;     /**< length of a bin of the counters */
    double phase_s;    /**< by which the first bin begins before the kernel */
    size_t n_bins;     /**< enough until the kernel ends, or more */
    uint32_t of_units; /**< units that there are: among them some are chosen, evenly */
    uint32_t shown;    /**< units of whose servers spans are kept */
    uint32_t closely; /**< of those, looked at more closely: the first, the last, all */
    /**
     * Spans of these, and of servers that units share, that begin before first_s or
     * from last_s on are kept by themselves, @p most_single in each of the two.
     */
    double first_s, last_s;
    size_t most_single;
    double
        join_closely_s; /**< others of these that begin in one such time are joined */
    double join_s;      /**< those of other units */
    uint64_t first_groups; /**< so many work-groups are kept by themselves */
    uint64_t last_groups;  /**< so many at the end of the order as well */
    uint32_t group_units;  /**< units whose other work-groups are kept, joined */
};

/** What a server did without a break, or several such times. */
struct psim_tape_span {
    psim_tick start, end, busy;
    uint64_t item; /**< of the first of them, in the order of the walk */
    uint32_t instance, count;
    uint16_t pair; /**< of the first of them */
};

/** One work-group, from where it got its place until all of it has ended. */
struct psim_tape_group {
    psim_tick start, end;
    uint64_t item;
    uint32_t unit, lane;
};

/** A time in which a unit always had one of @p count other work-groups. */
struct psim_tape_joined {
    psim_tick start, end;
    uint32_t unit;
    uint64_t count;
};

/** A step, or the start of work-groups, and a server that it asks. */
struct psim_tape_pair {
    uint16_t server;
    const char *act;
    double count_per_s,
        j_per_s; /**< while it holds the server; energy at full voltage */
};

/** The instances of a server: see psim_tape_instance. */
struct psim_tape_server {
    uint32_t first, units;
};

struct psim_tape_keeping;
struct psim_tape_slots;

/** Zero-initialise it but for arena and detail. */
struct psim_tape {
    struct psim_arena *arena;
    struct psim_tape_detail detail;
    /* What comes of it: */
    double tick_s;
    struct psim_tape_span *spans; /**< by instance and start */
    size_t n_spans;
    struct psim_tape_group *groups; /**< in the order of their starts */
    size_t n_groups;
    struct psim_tape_joined *joined; /**< by unit and start */
    size_t n_joined;
    struct psim_tape_server *servers; /**< of the plan */
    uint32_t own_servers;
    psim_tick *busy; /**< of each instance */
    size_t n_instances;
    bool *kept; /**< instance: whether its spans are */
    struct psim_tape_pair *pairs;
    size_t n_pairs;
    double *held;     /**< [pair][bin]: ticks for which servers were held */
    double *resident; /**< [bin]: ticks that slots had a work-group */
    double *active;   /**< [bin]: ticks that units had one */
    struct psim_tape_keeping *keeping; /**< while it runs, as slots */
    struct psim_tape_slots *slots;
};

/** The number of the instance of a server that a unit asks. */
static inline size_t
psim_tape_instance(const struct psim_tape *tape, uint32_t server, uint32_t unit)
{
    const struct psim_tape_server *of = &tape->servers[server];
    if (of->units == 0) return of->first;
    if (of->units == 1) return (size_t)unit * tape->own_servers + of->first;
    return of->first + unit / of->units;
}

/* --- called by the engine -------------------------------------------------- */

/** All is built and nothing has happened yet. */
void psim_tape_begin(struct psim_tape *tape, struct psim_des *des);

/** Instead of psim_des_act: the same, and keep what was reserved. */
psim_tick psim_tape_act(struct psim_des *des, const struct psim_gang *gang,
                        const struct psim_des_step *step, psim_tick now);

/** Instead of psim_des_start. */
psim_tick psim_tape_start(struct psim_des *des, uint32_t unit, uint64_t item,
                          psim_tick now);

/** A gang of a slot comes to an item, or the first of them does. */
void psim_tape_enter(struct psim_des *des, uint32_t slot, uint64_t item, psim_tick now);

/** A gang of a slot, or the last one, has ended its item: @p gangs of them at once. */
void psim_tape_leave(struct psim_des *des, uint32_t slot, uint64_t item, uint32_t gangs,
                     psim_tick now);

/** The kernel has ended. */
void psim_tape_end(struct psim_tape *tape, const struct psim_des *des);

/* --- parts of it ------------------------------------------------------------ */

/** Which units of all are chosen, where @p n are, spread evenly. */
bool psim_tape_is_chosen(uint32_t unit, uint32_t n, uint32_t units);

/** Bins of one sum, and the one that was added to last: the next is mostly the same. */
struct psim_tape_bins {
    double *bin;
    double *last;        /**< one of them; NULL: nothing was added yet */
    double from, behind; /**< where that begins and ends, in ticks from the first one */
};

/** Add the time from @p start to @p end to the bins. */
void psim_tape_add(const struct psim_tape *tape, struct psim_tape_bins *bins,
                   psim_tick start, psim_tick end);

/** Work-groups: made ready, and put in order at the end. */
void psim_tape_begin_groups(struct psim_tape *tape, const struct psim_des *des);
void psim_tape_end_groups(struct psim_tape *tape);
