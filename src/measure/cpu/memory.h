/* SPDX-License-Identifier: MIT */
/** @file Memory for tensors: large pages where the system has them, given back whole.
 */
#pragma once

#include <stddef.h>

/** Regions that were asked for, the last first. */
struct psim_region {
    struct psim_region *next;
    void *data;
    size_t bytes;
};

struct psim_arena;

/** Zeroed, on a page's boundary; ends the process where there is no memory. */
void *psim_region_new(struct psim_arena *arena, struct psim_region **list,
                      size_t bytes);

/** Give all of them back. */
void psim_regions_free(struct psim_region **list);
