/* SPDX-License-Identifier: MIT */
/** @file What roles wait for in each other's channels. */
#pragma once

#include "sim/work.h"

/**
 * First slots and rings (docs/MODEL.md, eq. A4), into each role of @p w, whose
 * channels are summed: times until their first slot is full, in seconds.
 */
void psim_work_wait(struct psim_work *w);
