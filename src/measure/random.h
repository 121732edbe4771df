/* SPDX-License-Identifier: MIT */
/** @file Random numbers that are the same on every machine. */
#pragma once

#include <stdint.h>

/**
 * Number @p index of the sequence @p seed: any of them at once, so that threads fill
 * their parts of a tensor alone and a reference asks for single elements again.
 *
 * References: Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 *   OOPSLA 2014 (SplitMix64).
 */
uint64_t psim_random(uint64_t seed, uint64_t index);

/** The same as a number in [-1, 1), exact in fp32. */
double psim_random_signed(uint64_t seed, uint64_t index);
