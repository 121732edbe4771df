/* SPDX-License-Identifier: MIT */
/** @file The machine seen by one kernel: its unit, its lanes, what it can do. */
#pragma once

#include "model/hw.h"

/** Where work-groups run. Every program starts by asking for it. */
struct psim_view {
    const struct psim_hw *hw;
    int unit;            /**< hardware group that runs a work-group */
    int team;            /**< software group that is a work-group; -1: hardware only */
    uint32_t units;      /**< in the whole machine */
    double lanes;        /**< leaves of hardware in one unit, or of a full team */
    double team_lanes;   /**< most lanes of one work-group; 0 without a team */
    double bundle_lanes; /**< lanes that are issued as one (a warp); 1 without */
};

/**
 * The unit for operations that @p issuer issues. With software groups: the
 * hardware of the smallest bundle whose parts can meet, below the one that is
 * launched. Without: the lowest declared hardware group at or above the issuer.
 */
struct psim_view psim_view_of(const struct psim_hw *hw, int issuer);

/** The hardware group @p unit by itself, whatever runs on its parts. */
struct psim_view psim_view_on(const struct psim_hw *hw, int unit);

/** Lanes of a work-group where nobody says how many. */
uint32_t psim_view_usual_lanes(const struct psim_view *view);

/** A capability: which operation, how many of its lane operations for one. */
struct psim_ability {
    const struct psim_operation *op; /**< NULL: the machine cannot */
    enum psim_dtype dtype;           /**< in which it computes */
    double times;
};

/**
 * The fastest operation that does @p does in @p dtype, directly or by what
 * stands in for it (psim_primitive_instead).
 */
struct psim_ability psim_find_ability(const struct psim_hw *hw,
                                      enum psim_primitive does, enum psim_dtype dtype);

/**
 * The same, in a wider type where the own one is not supported (fp16 sums in fp32),
 * on a machine that has any operation at all for the own one.
 */
struct psim_ability psim_find_vector(const struct psim_hw *hw, enum psim_primitive does,
                                     enum psim_dtype dtype);

/**
 * The operation for a product of matrices: the fastest matrix one, else a
 * multiply-add; in a wider type only where the machine has no matrix operation, since
 * there nobody would expect the product anywhere else.
 */
struct psim_ability psim_find_product(const struct psim_hw *hw, enum psim_dtype dtype);

/** The type in which an operation that was found for @p dtype computes. */
enum psim_dtype psim_computed_dtype(const struct psim_operation *op,
                                    enum psim_dtype dtype);

/** Operation that moves from one memory to the other, the widest; NULL where none.
 * -1: the lanes' registers, whether the machine lists them as a memory or not. */
const struct psim_operation *psim_find_move(const struct psim_hw *hw, int from, int to,
                                            bool asynchronous);

/**
 * Memory of the unit that holds a tile: a scratchpad that moves fill, any other, else
 * the largest cache; -1 where it has none.
 */
int psim_find_local(const struct psim_view *view);

/** Bytes of register files in one unit; 0 = not stated. */
double psim_register_bytes(const struct psim_view *view);

/** What one work-group takes, and how many fit on a unit at once (eq. M10). */
struct psim_need {
    double lanes;
    double registers; /**< 32-bit ones of a lane */
    int local;        /**< memory of `local_bytes`; -1 */
    double local_bytes;
};

struct psim_residency {
    uint32_t groups;        /**< 0: not even one */
    const char *limited_by; /**< name of the capacity */
};

/** By every capacity of the unit that a work-group takes; the scarcest limits it. */
struct psim_residency psim_view_residency(const struct psim_view *view,
                                          const struct psim_need *need);

/** Of equal work-groups on one unit, for what part of the time they are in phase. */
double psim_view_in_phase(const struct psim_view *view);

/** The same of fetches to registers, which run ahead of their use. */
double psim_view_fetched_in_phase(const struct psim_view *view);

/** From the end of a kernel to the start of the next; 0 where none is given. */
double psim_launch_s(const struct psim_hw *hw, enum psim_launch_mode mode);

/** The host issues at most one launch in that time; 0 where none is given. */
double psim_host_s(const struct psim_hw *hw, enum psim_launch_mode mode);
