/* SPDX-License-Identifier: MIT */
/** @file Read YAML or JSON into a located tree. */
#pragma once

#include "input/node.h"

struct psim_arena;

/**
 * Read one document. A name that ends in .json is held to JSON's syntax first
 * (json_strict.c), then both go through the same reader, since JSON is YAML's
 * flow style: so a workload's errors have a line and a column as well.
 *
 * Limits, each with a message of its own: 64 MiB a file, 64 levels, 2^20 values
 * (an alias counts each time it is used), keys of 1000 characters, no key twice.
 *
 * @return NULL after an error has been recorded in @p diag
 */
const struct psim_node *psim_read_file(struct psim_arena *arena, struct psim_diag *diag,
                                       const char *path);
const struct psim_node *psim_read_text(struct psim_arena *arena, struct psim_diag *diag,
                                       const char *name, const char *text, size_t len);
