/* SPDX-License-Identifier: MIT */
/** @file How often a period can be repeated until something comes out otherwise.
 *
 * Internal to des*.c. */
#pragma once

#include "sim/des_anchor.h"

/**
 * Do the look-ups of the log again, later by one shift, by two, and so on, until a loop
 * or the items end, an item is of another class, or one comes out otherwise: those that
 * are done by then are taken by the run that follows.
 *
 * @return how often all of them came out as they did
 */
uint64_t psim_repeat(struct psim_des *des, const struct psim_shift *shift);
