/* SPDX-License-Identifier: MIT */
/** @file A timeline as trace events for Perfetto and other viewers of traces. */
#pragma once

#include <stdio.h>

#include "result/result.h"
#include "result/timeline.h"

struct psim_arena;

/**
 * Print a result's timeline in the trace event format: complete events ('X') for
 * kernels, launches and spans, counters ('C'), names ('M'). Microseconds with six
 * decimals. Valid JSON whatever the names contain; one event a line, of bounded length.
 *
 * References: "Trace Event Format", D. Sinclair et al., 2016.
 */
void psim_trace_write(struct psim_arena *arena, const struct psim_result *result,
                      FILE *out);
