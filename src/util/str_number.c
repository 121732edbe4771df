/* SPDX-License-Identifier: MIT */
/** @file Numbers from text, correctly rounded, with no say for the locale. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/str.h"

/**
 * A double lies at most 767 significant digits from a tie of two others, so
 * behind that many it only matters whether anything follows.
 */
enum { MAX_DIGITS = 770 };

/** Beyond it, the result is 0 or too large whatever the digits are. */
enum { MAX_EXPONENT = 100000 };

/** 2^53: up to here a double holds every whole number. */
static const int64_t max_whole = INT64_C(1) << 53;

/** digits x 10^exp10; no zero stands first or last. No digits: zero. */
struct decimal {
    bool negative;
    char digits[MAX_DIGITS + 2];
    int n;
    int64_t exp10;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** Digits with at most one point. @return how many there were, kept or not */
static size_t
scan_digits(const char **pos, struct decimal *ret)
{
    size_t seen = 0;
    bool point = false, more = false;
    for (const char *c = *pos;; c++) {
        if (*c == '.' && !point) {
            point = true;
        } else if (!is_digit(*c)) {
            *pos = c;
            break;
        } else {
            seen++;
            const bool leading = ret->n == 0 && *c == '0';
            const bool kept = !leading && ret->n < MAX_DIGITS;
            if (kept) ret->digits[ret->n++] = *c;
            if (!kept && !leading && *c != '0') more = true;
            /* 0.05 is 5e-2: each digit behind the point counts down, but for
             * those dropped at the end; 1234 without its 4 is 123e1. */
            if (point && (kept || leading)) ret->exp10--;
            if (!point && !kept && !leading) ret->exp10++;
        }
    }
    if (more) {
        ret->digits[ret->n++] = '1';
        ret->exp10--;
    }
    while (ret->n > 0 && ret->digits[ret->n - 1] == '0') {
        ret->n--;
        ret->exp10++;
    }
    return seen;
}

/** "e-3"; what looks like the start of one but has no digits is left alone: "2 E". */
static const char *
scan_exponent(const char *text, struct decimal *ret)
{
    if (*text != 'e' && *text != 'E') return text;
    const char *c = text + 1;
    const bool negative = *c == '-';
    if (*c == '-' || *c == '+') c++;
    if (!is_digit(*c)) return text;
    int64_t exponent = 0;
    for (; is_digit(*c); c++) {
        /* Far above MAX_EXPONENT: a file may hold as many digits after a point. */
        if (exponent < INT64_C(1) << 40) exponent = exponent * 10 + (*c - '0');
    }
    ret->exp10 += negative ? -exponent : exponent;
    return c;
}

static const char *
scan(const char *text, struct decimal *ret)
{
    ret->n = 0;
    ret->exp10 = 0;
    const char *c = text;
    ret->negative = *c == '-';
    if (*c == '-' || *c == '+') c++;
    if (scan_digits(&c, ret) == 0) return text;
    return scan_exponent(c, ret);
}

/**
 * Digits and power of ten are both exact as doubles, so that one product or quotient of
 * them is correctly rounded (Clinger, PLDI 1990).
 */
static bool
is_exact(const struct decimal *d)
{
    return d->n <= 15 && d->exp10 >= -22 && d->exp10 <= 22;
}

static double
exact_value(const struct decimal *d)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t digits = 0;
    for (int i = 0; i < d->n; i++) {
        digits = digits * 10 + (d->digits[i] - '0');
    }
    return d->exp10 < 0 ? (double)digits / powers[-d->exp10]
                        : (double)digits * powers[d->exp10];
}

static double
value_of(const struct decimal *d)
{
    double value = 0;
    if (d->n > 0 && is_exact(d)) {
        value = exact_value(d);
    } else if (d->n > 0 && d->exp10 > MAX_EXPONENT) {
        value = HUGE_VAL;
    } else if (d->n > 0 && d->exp10 >= -MAX_EXPONENT) {
        /* Without a decimal point every locale reads it alike, and strtod()
         * rounds correctly. */
        char text[MAX_DIGITS + 32];
        (void)snprintf(text, sizeof text, "%.*se%d", d->n, d->digits, (int)d->exp10);
        value = strtod(text, NULL);
    }
    return d->negative ? -value : value;
}

const char *
psim_str_number_times(const char *text, int exp10, double *ret_value)
{
    struct decimal d;
    const char *end = scan(text, &d);
    if (end == text) return text;
    d.exp10 += exp10;
    *ret_value = value_of(&d);
    return end;
}

const char *
psim_str_number(const char *text, double *ret_value)
{
    return psim_str_number_times(text, 0, ret_value);
}

enum psim_whole_status
psim_str_whole(const char *text, int64_t *ret_value)
{
    struct decimal d;
    const char *end = scan(text, &d);
    if (end == text || *end != '\0') return PSIM_WHOLE_NOT_A_NUMBER;
    if (d.n > 0 && d.exp10 < 0) return PSIM_WHOLE_FRACTION;
    /* 2^53 has 16 digits, so 17 cannot overflow below. */
    if (d.n > 0 && d.n + d.exp10 > 16) return PSIM_WHOLE_TOO_LARGE;
    int64_t value = 0;
    for (int i = 0; i < d.n; i++) {
        value = value * 10 + (d.digits[i] - '0');
    }
    for (int64_t i = 0; d.n > 0 && i < d.exp10; i++) {
        value *= 10;
    }
    if (value > max_whole) return PSIM_WHOLE_TOO_LARGE;
    *ret_value = d.negative ? -value : value;
    return PSIM_WHOLE_OK;
}
