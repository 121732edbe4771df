/* SPDX-License-Identifier: MIT */
/** @file Lay one tree over another: `extends`, overlays and --set are one thing. */
#pragma once

#include "input/node.h"

/**
 * A tree that has what @p over says, and the rest from @p base. Maps are merged
 * key by key. A list of maps is merged by the maps' `name`: an entry of the
 * same name is merged, a new name is added behind; where several entries of the
 * base share a name, the one that also agrees in every other scalar key among
 * @p tie_keys that the overlay's entry gives, and an error if that leaves more
 * than one. Any other list or scalar is replaced whole. Every node keeps the
 * place of the layer that gave it.
 *
 * A map that holds the key `value` (a figure with its source) and a plain
 * scalar replace each other whole: a new value never keeps an old source.
 *
 * @param tie_keys NULL-terminated, may be NULL
 * @return NULL after an error
 */
const struct psim_node *psim_merge(struct psim_arena *arena, struct psim_diag *diag,
                                   const struct psim_node *base,
                                   const struct psim_node *over,
                                   const char *const *tie_keys);

/**
 * The tree that `--set PATH=VALUE` lays over a file. PATH is keys and names
 * joined by dots: `memory_domains.hbm.bandwidth=2 TB/s`; inside a list of maps
 * a step is the `name` of one entry. VALUE is read as YAML. Messages show the
 * option as its own source. @p base is asked only where a list must be told
 * from a map.
 */
const struct psim_node *psim_merge_path(struct psim_arena *arena, struct psim_diag *diag,
                                        const struct psim_node *base,
                                        const char *assignment);
