/* SPDX-License-Identifier: MIT */
/** @file The rules for the keys of one map. */
#pragma once

#include "input/node.h"

struct psim_arena;

/** Whether the key has more than PSIM_READ_MAX_KEY characters. */
bool psim_keys_too_long(const char *key);

/**
 * Whether every key of @p map stands there once; each repetition is recorded.
 * libyaml lets a later key hide an earlier one; an input must not.
 */
bool psim_keys_check(struct psim_arena *arena, struct psim_diag *diag,
                     const struct psim_node *map);
