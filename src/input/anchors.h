/* SPDX-License-Identifier: MIT */
/** @file The anchors of a file, and what each stands for. */
#pragma once

#include "input/node.h"

struct psim_arena;

/** `&name value`: the value, once its end was read. */
struct psim_anchor {
    const char *name;
    struct psim_loc at;
    const struct psim_node *node;
    bool complete;   /**< an alias before its end would contain itself */
    unsigned height; /**< levels of lists and maps in it; 0 for a single value */
    size_t n_values; /**< itself and all below, aliases counted in full */
};

/** Zero-initialise it. Kept in the order of the names. */
struct psim_anchors {
    struct psim_anchor **items;
    size_t n;
};

/** NULL where there is none of that name. */
struct psim_anchor *psim_anchors_find(const struct psim_anchors *anchors,
                                      const char *name);

/**
 * A new one, to be completed by the caller. A name given twice is recorded as an
 * error and hides the first.
 *
 * @return NULL after PSIM_READ_MAX_ANCHORS of them
 */
struct psim_anchor *psim_anchors_add(struct psim_arena *arena, struct psim_diag *diag,
                                     struct psim_anchors *anchors, const char *name,
                                     struct psim_loc at);

/** Record that no anchor has that name, with one that may have been meant. False. */
bool psim_anchors_unknown(struct psim_diag *diag, const struct psim_anchors *anchors,
                          const char *name, struct psim_loc at);
