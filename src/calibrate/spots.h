/* SPDX-License-Identifier: MIT */
/** @file The numbers of a machine's files: where each stands, and trees with others. */
#pragma once

#include "model/hw.h"

/** One number of a tree. */
struct psim_spot {
    /** Keys and names down to it: "memory_domains.l2.latency". Of entries of one name
     * it says what tells them apart: "libraries.vendor/gemm/fp8.instructions". */
    const char *path;
    const char *stem; /**< the path without its last key */
    const char *key;  /**< the last key */
    const struct psim_node *node;
    const struct psim_node *entry; /**< of the list that it lies in; NULL */
    bool nameable;                 /**< false: no overlay can mean just this entry */
    double number;                 /**< as written */
    const char *unit;              /**< as written, with its blank: " cycles" */
    double value;                  /**< in the SI unit of `dim` */
    enum psim_dim dim;             /**< of `units:` where none is written */
    enum psim_confidence confidence;
};

struct psim_spots {
    const struct psim_spot *items;
    size_t n;
};

/** A copy in which nothing is shared, since what an alias repeats may change by itself,
 * and in which some figures that were left to their fallback are written out. */
const struct psim_node *psim_spots_own(struct psim_arena *arena,
                                       const struct psim_node *root);

/** All numbers of a machine, in the order of its files. */
struct psim_spots psim_spots_find(struct psim_arena *arena,
                                  const struct psim_node *root);

/** A number to be written in place of one. */
struct psim_change {
    const struct psim_spot *spot;
    double number; /**< in the unit that is written there */
};

/** The tree with other numbers; what holds none of them is shared with @p root. */
const struct psim_node *psim_spots_change(struct psim_arena *arena,
                                          const struct psim_node *root,
                                          const struct psim_change *changes, size_t n);

/** "412 cycles": a number as it is written at that spot. */
const char *psim_spot_text(struct psim_arena *arena, const struct psim_spot *spot,
                           double number);
