/* SPDX-License-Identifier: MIT */
/** @file Words: equality, and which known word was probably meant. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool psim_str_equal(const char *a, const char *b);

/** Looks at one known word after the other, keeps the nearest to what was typed. */
struct psim_guess {
    const char *typed;
    const char *best; /**< NULL while nothing was near enough */
    size_t distance;
};

struct psim_guess psim_guess_start(const char *typed);
/** Edit distance with transposition; near enough is a third of the word's length. */
void psim_guess_try(struct psim_guess *guess, const char *word);

/**
 * `strtod` for any locale: digits, one point, exponent; nothing hexadecimal, no
 * infinity, no NaN. @return where the number ended, @p text where there is none
 */
const char *psim_str_number(const char *text, double *ret_value);
