/* SPDX-License-Identifier: MIT */
/** @file Words and numbers as text: equality, what was probably meant, reading. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct psim_arena;

/** NULL equals only NULL. */
bool psim_str_equal(const char *a, const char *b);

/** Looks at one known word after the other, keeps the nearest to what was typed. */
struct psim_guess {
    const char *typed;
    const char *best; /**< NULL while nothing was near enough */
    size_t distance;
};

struct psim_guess psim_guess_start(const char *typed);
/**
 * Edit distance with transposition, blind to the case of ASCII letters; near
 * enough is a third of the word's length. Of two equally near the first stays.
 */
void psim_guess_try(struct psim_guess *guess, const char *word);

/** "a" or "an", by the first letter of @p word. */
const char *psim_str_article(const char *word);

/** What to quote in a message: the text, or its first 57 characters and "...". */
const char *psim_str_excerpt(struct psim_arena *arena, const char *text);

/**
 * One character of UTF-8.
 *
 * @param ret_code its code point
 * @return its bytes, 1 to 4; 0 where the bytes are no UTF-8 (overlong and
 *         surrogate forms are none) or @p len is 0
 */
size_t psim_str_utf8(const char *text, size_t len, uint32_t *ret_code);

/** What would move a terminal's cursor, change its state or turn the text round. */
bool psim_str_is_control(uint32_t code);

/**
 * Print one character, or '?' for what must not reach a terminal: what would move
 * the cursor, change its state or turn the text round, and what is no UTF-8.
 *
 * @param out       NULL: only count
 * @param ret_width columns of a terminal: 0 for accents that combine, 2 for wide
 *                  scripts
 * @return its bytes; @p len must not be 0
 */
size_t psim_str_put(const char *text, size_t len, FILE *out, int *ret_width);

/**
 * `strtod` for any locale: sign, digits, one point, exponent; nothing hexadecimal,
 * no infinity, no NaN. Correctly rounded; too large a number gives HUGE_VAL.
 * @return where the number ended, @p text where there is none
 */
const char *psim_str_number(const char *text, double *ret_value);

/** The same times 10^@p exp10, rounded once: "1.41" with 9 is 1410000000 exactly. */
const char *psim_str_number_times(const char *text, int exp10, double *ret_value);

enum psim_whole_status {
    PSIM_WHOLE_OK,
    PSIM_WHOLE_NOT_A_NUMBER,
    PSIM_WHOLE_FRACTION,  /**< a number, but not a whole one */
    PSIM_WHOLE_TOO_LARGE, /**< beyond 2^53 on either side: a double would round it */
};

/** The whole text as a whole number: "4096", "-1", "1e6", "2.50e1"; never rounded. */
enum psim_whole_status psim_str_whole(const char *text, int64_t *ret_value);
