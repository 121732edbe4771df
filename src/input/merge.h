/* SPDX-License-Identifier: MIT */
/** @file Lay one tree over another: `extends`, overlays and --set are one thing. */
#pragma once

#include "input/node.h"

/**
 * A tree that has what @p over says, and the rest from @p base. Maps are merged
 * key by key. A list of maps is merged by the maps' `name`: an entry of the
 * same name is merged, a new name is added behind. Where several entries of either
 * list share a name, the one is meant that also agrees in every other key (a word, or a
 * list of words) among @p tie_keys that the overlay's entry gives; none: it is added; more than
 * one: an error, as is one entry met twice. Any other list or scalar is replaced
 * whole, and so is a list of names by `[]`. A node that one layer gave keeps its
 * place; a map that both gave keeps that of the base.
 *
 * A map that holds the key `value` (a figure with its source) replaces what it is
 * laid over whole, as a plain scalar does: a new value never keeps an old source.
 *
 * Children that are not touched are shared with @p base and @p over.
 *
 * @param tie_keys NULL-terminated, may be NULL
 * @return NULL after an error; all faults are recorded
 */
const struct psim_node *psim_merge(struct psim_arena *arena, struct psim_diag *diag,
                                   const struct psim_node *base,
                                   const struct psim_node *over,
                                   const char *const *tie_keys);

/**
 * The tree that `--set PATH=VALUE` lays over a file. PATH is keys and names
 * joined by dots: `memory_domains.hbm.bandwidth=2 TB/s`; inside a list of maps
 * a step is the `name` of one entry, so it holds no dot. VALUE is read as YAML.
 * Messages show the option as a source of its own, "--set". @p base is asked only
 * where a list must be told from a map; whether a key exists is the binder's
 * business.
 *
 * @return NULL after an error
 */
const struct psim_node *psim_merge_path(struct psim_arena *arena,
                                        struct psim_diag *diag,
                                        const struct psim_node *base,
                                        const char *assignment);
