/* SPDX-License-Identifier: MIT */
/** @file Of repeated times: what is typical, and how far they lie apart. */
#pragma once

#include <stddef.h>

/** The middle one; of an even number the mean of the two in the middle. n >= 1 */
double psim_median(const double *values, size_t n);

/**
 * How far repeats lie apart: half of them lie within this part of the median,
 * (third quartile - first quartile) / median. Quartiles are the medians of the lower
 * and of the upper half, the middle one of an odd number in neither. 0 of one.
 */
double psim_spread(const double *values, size_t n);
