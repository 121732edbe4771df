/* SPDX-License-Identifier: MIT */
/** @file What the parts of a machine file share: figures in words. */
#pragma once

#include <stdio.h>

#include "measure/cpu/taken.h"
#include "util/quantity.h"

/** "KEY: {value: ..., confidence: measured, source: ...}" behind @p indent blanks. */
void psim_spec_figure(FILE *out, int indent, const char *key, double value,
                      enum psim_dim dim, const struct psim_taken *taken);

/** The same in braces, for a list in one line. */
void psim_spec_inline(FILE *out, const char *key, double value, enum psim_dim dim,
                      const struct psim_taken *taken);

void psim_spec_groups(FILE *out, const struct psim_taken_all *taken);
void psim_spec_memories(FILE *out, const struct psim_taken_all *taken);
void psim_spec_operations(FILE *out, const struct psim_taken_all *taken);
void psim_spec_libraries(FILE *out, const struct psim_taken_all *taken);

/** The group whose instances have one cache of that level each. */
const char *psim_spec_group_of(const struct psim_taken_all *taken, unsigned level);
