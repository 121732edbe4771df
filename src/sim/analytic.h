/* SPDX-License-Identifier: MIT */
/** @file The parts of which the analytic engine makes a time (docs/MODEL.md, eq. A5 to
 * A8): for who explains one. */
#pragma once

#include "sim/work.h"

/** Which effects an estimate takes in: each term is the difference of two. */
struct psim_effects {
    bool refetch; /**< the walk's traffic, not the compulsory one */
    bool fill;    /**< latencies of the first and the last step */
    bool tail;    /**< whole waves, unequal items */
};

/** A candidate for what limits the kernel; the largest one does. */
struct psim_limit {
    double time_s;
    enum psim_binding binding;
    uint16_t index;
};

/** A lone item from start to end (eq. A6). */
struct psim_item_time {
    double whole_s; /**< from placing it to its end */
    double fill_s;  /**< of that, before its roles are in step */
    double next_s;  /**< from its end to that of the next in its slot */
    double most;    /**< the longest item, in mean ones */
    uint8_t role;   /**< that is the slowest, of which all this is */
    struct psim_limit limit;
};

/** Items differ by more than rounding: their lengths matter, not only their number. */
bool psim_analytic_uneven(double most, double mean);

/**
 * When the last of unequal items ends after the mean slot does, in mean items: at
 * the time the queue is empty, the longest has just begun, while the others are in
 * the middle of theirs; lengths are taken as spread evenly (eq. A5).
 */
double psim_analytic_behind(double most);

/** Time for which the busiest instance of a server is held (eq. A5). On a unit, whole
 * items. */
double psim_analytic_server_s(const struct psim_work *w, uint32_t index,
                              const struct psim_effects *with);

/** Steady part of one item: its slowest role, channel or server of the unit. */
struct psim_limit psim_analytic_steady(const struct psim_work *w, uint8_t role);

/** All items ask at once for what fills their channels; a server that they share gives
 * it to the last of them after all others. */
double psim_analytic_queue_s(const struct psim_work *w);

/** Whether a role begins where the loops of another end: they fill the one slot that it
 * waits for. What is steady in an item has passed by then. */
bool psim_analytic_comes_after(const struct psim_work *w, uint8_t role);

struct psim_item_time psim_analytic_item(const struct psim_work *w);

/** No schedule of the plan is faster than this (eq. A7). */
struct psim_limit psim_analytic_bound(const struct psim_work *w,
                                      const struct psim_effects *with);

/** The estimate (eq. A8): every server with the latencies around its work. */
struct psim_limit psim_analytic_estimate(const struct psim_work *w,
                                         const struct psim_item_time *lone,
                                         const struct psim_effects *with);
