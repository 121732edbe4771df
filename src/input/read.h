/* SPDX-License-Identifier: MIT */
/** @file Read YAML or JSON into a located tree. */
#pragma once

#include "input/node.h"

struct psim_arena;

/** Deep enough for any spec, and the recursion of every later stage ends there. */
enum { PSIM_READ_MAX_DEPTH = 64 };
/** An alias costs nothing to write, so a short file could ask for any number. */
enum { PSIM_READ_MAX_VALUES = 1 << 19 };
/** libyaml itself gives up at 1024. */
enum { PSIM_READ_MAX_KEY = 1000 };
enum { PSIM_READ_MAX_ANCHORS = 1000 };
/** With libyaml's buffers and the tree, reading stays below 256 MiB of memory. */
enum { PSIM_READ_MAX_BYTES = 32 << 20 };

/**
 * Read one document. A name that ends in .json is held to JSON's syntax first
 * (json_strict.c), then both go through the same reader, since JSON is YAML's
 * flow style: so a workload's errors have a line and a column as well.
 *
 * Limits, each with a message of its own: 32 MiB a file, 64 levels, 2^19 values
 * (an alias counts each time it is used), keys of 1000 characters, no key twice,
 * 1000 anchors, UTF-8 without control characters. Tags, merge keys (`<<`), keys
 * that are not plain words and a second document are refused. What an alias stands
 * for is shared, not copied, and keeps the place where it was written.
 *
 * @return NULL after an error has been recorded in @p diag
 */
const struct psim_node *psim_read_file(struct psim_arena *arena, struct psim_diag *diag,
                                       const char *path);
const struct psim_node *psim_read_text(struct psim_arena *arena, struct psim_diag *diag,
                                       const char *name, const char *text, size_t len);

/**
 * Read what stands in @p source from @p offset on as YAML: the VALUE of a `--set`.
 * Places count from the start of the source.
 */
const struct psim_node *psim_read_value(struct psim_arena *arena,
                                        struct psim_diag *diag,
                                        const struct psim_source *source,
                                        size_t offset);
