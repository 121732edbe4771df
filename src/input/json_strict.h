/* SPDX-License-Identifier: MIT */
/** @file JSON's syntax, held strictly, because YAML accepts more. */
#pragma once

#include "util/diag.h"

/** Whether a file of that name is held to JSON: it ends in ".json". */
bool psim_json_is_named(const char *name);

/**
 * Whether the text is one JSON value (RFC 8259). The first fault is recorded
 * with its place and what was expected there: a comma, a quoted key, a value.
 * Comments, trailing commas, single quotes, bare words, NaN and numbers with
 * leading zeros are faults. No recursion: depth is bounded by a counter.
 */
bool psim_json_check(struct psim_diag *diag, const struct psim_source *source);
