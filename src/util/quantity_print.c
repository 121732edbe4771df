/* SPDX-License-Identifier: MIT */
/** @file Printing quantities and numbers: for people short, for machines exact. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/quantity.h"
#include "util/str.h"

/** 17 significant digits tell any two doubles apart. */
enum { MAX_DIGITS = 17 };

/** d[0].d[1]d[2]... x 10^exponent, without zeros at the end; at least one digit. */
struct digits {
    char d[MAX_DIGITS + 1];
    int n, exponent;
};

/** The prefixes by powers of 1000 from 10^-18 on. */
static const char *const si_prefixes[] = {
    "a", "f", "p", "n", "\xC2\xB5", "m", "", "k", "M", "G", "T", "P", "E",
};
enum { SI_BASE = 6, SI_LAST = 12 };

static const char *const iec_prefixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};

/**
 * The first and the last prefix that reads well, as indices into si_prefixes:
 * nobody says kiloseconds, millibytes or kilocycles.
 */
static const struct {
    int first, last;
} prefix_range[] = {
    [PSIM_DIM_NONE] = {SI_BASE, SI_BASE},
    [PSIM_DIM_BYTES] = {SI_BASE, SI_LAST},
    [PSIM_DIM_SECONDS] = {0, SI_BASE},
    [PSIM_DIM_CYCLES] = {SI_BASE, SI_BASE},
    [PSIM_DIM_HERTZ] = {SI_BASE, SI_LAST},
    [PSIM_DIM_BYTES_PER_S] = {SI_BASE, SI_LAST},
    [PSIM_DIM_BYTES_PER_CYCLE] = {SI_BASE, SI_BASE},
    [PSIM_DIM_FLOP] = {SI_BASE, SI_LAST},
    [PSIM_DIM_FLOP_PER_S] = {SI_BASE, SI_LAST},
    [PSIM_DIM_FLOP_PER_CYCLE] = {SI_BASE, SI_BASE},
    [PSIM_DIM_OP_PER_S] = {SI_BASE, SI_LAST},
    [PSIM_DIM_OP_PER_CYCLE] = {SI_BASE, SI_BASE},
    [PSIM_DIM_FLOP_PER_BYTE] = {SI_BASE, SI_BASE},
    [PSIM_DIM_JOULES] = {0, SI_LAST},
    [PSIM_DIM_WATTS] = {0, SI_LAST},
    [PSIM_DIM_J_PER_BYTE] = {0, SI_LAST},
    [PSIM_DIM_J_PER_FLOP] = {0, SI_LAST},
    [PSIM_DIM_J_PER_OP] = {0, SI_LAST},
};
static_assert(PSIM_COUNT(prefix_range) == PSIM_N_DIMS, "every dimension has its row");

/** @p value finite and not negative. */
static struct digits
digits_of(double value, int n)
{
    /* Room for a decimal point of several bytes, which some locales have. */
    char text[MAX_DIGITS + 32];
    (void)snprintf(text, sizeof text, "%.*e", n - 1, value);
    struct digits ret = {.n = 0};
    const char *c = text;
    for (; *c != 'e'; c++) {
        if (*c >= '0' && *c <= '9') ret.d[ret.n++] = *c;
    }
    const bool negative = c[1] == '-';
    for (c += 2; *c != '\0'; c++) {
        ret.exponent = ret.exponent * 10 + (*c - '0');
    }
    if (negative) ret.exponent = -ret.exponent;
    while (ret.n > 1 && ret.d[ret.n - 1] == '0') {
        ret.n--;
    }
    return ret;
}

/** Exponents that read well without "e": for quantities, and for exact numbers. */
enum { FIXED_FIRST = -5, FIXED_LAST = 5, FIXED_LAST_EXACT = 20 };

/** Room for "-0.00001" with 17 digits, 21 digits, or "-1.2345678901234567e-324". */
struct number_text {
    char t[48];
    int n;
};

static void
put(struct number_text *text, char c)
{
    assert((size_t)text->n + 1 < sizeof text->t);
    text->t[text->n++] = c;
    text->t[text->n] = '\0';
}

/** "0.00125", "12.5", "12500"; beyond @p fixed_last "1.25e25". */
static struct number_text
number_text(bool negative, const struct digits *d, int fixed_last)
{
    struct number_text ret = {.n = 0};
    const bool in_range = d->exponent >= FIXED_FIRST && d->exponent <= fixed_last;
    const int exponent = in_range ? d->exponent : 0;

    if (negative) put(&ret, '-');
    if (exponent < 0) {
        put(&ret, '0');
        put(&ret, '.');
        for (int i = -1; i > exponent; i--) {
            put(&ret, '0');
        }
    }
    for (int i = 0; i < d->n || i <= exponent; i++) {
        if (exponent >= 0 && i == exponent + 1) put(&ret, '.');
        const int digit = i < d->n ? d->d[i] : '0';
        put(&ret, (char)digit);
    }
    if (!in_range) {
        const int n =
            snprintf(ret.t + ret.n, sizeof ret.t - (size_t)ret.n, "e%d", d->exponent);
        ret.n += n;
    }
    return ret;
}

static const char *
with_unit(struct psim_arena *arena, const char *number, const char *prefix,
          enum psim_dim dim)
{
    if (dim == PSIM_DIM_NONE) return psim_arena_printf(arena, "%s", number);
    return psim_arena_printf(arena, "%s %s%s", number, prefix, psim_dim_unit(dim));
}

/** "40 GiB", but NULL where the size is not that round. */
static const char *
print_iec(struct psim_arena *arena, double value, int digits)
{
    const double size = fabs(value);
    if (size < 1024 || fmod(size, 1024) != 0) return NULL;
    size_t p = 0;
    double mantissa = size;
    while (mantissa >= 1024 && p + 1 < PSIM_COUNT(iec_prefixes)) {
        mantissa /= 1024;
        p++;
    }
    if (mantissa >= 1024) return NULL;
    const bool whole = floor(mantissa) == mantissa;
    const struct digits d = digits_of(mantissa, whole && digits < 4 ? 4 : digits);
    const struct number_text text = number_text(value < 0, &d, FIXED_LAST);
    double shown;
    (void)psim_str_number(text.t, &shown);
    if (fabs(shown) != mantissa) return NULL;
    return with_unit(arena, text.t, iec_prefixes[p], PSIM_DIM_BYTES);
}

/** Which power of 1000 a decimal exponent falls into, rounded down. */
static int
thousands(int exponent)
{
    return exponent >= 0 ? exponent / 3 : -((2 - exponent) / 3);
}

static const char *
print_si(struct psim_arena *arena, double value, enum psim_dim dim, int digits)
{
    struct digits d = digits_of(fabs(value), digits);
    int p = SI_BASE + thousands(d.exponent);
    /* Past the last prefix only the plain unit is left, with a power of ten. */
    if (p < prefix_range[dim].first || p > prefix_range[dim].last) p = SI_BASE;
    if (p == SI_BASE && d.exponent >= digits && d.exponent <= FIXED_LAST) {
        d = digits_of(fabs(value), d.exponent + 1);
    }
    d.exponent -= 3 * (p - SI_BASE);
    const struct number_text text = number_text(value < 0, &d, FIXED_LAST);
    return with_unit(arena, text.t, si_prefixes[p], dim);
}

static const char *
print_not_finite(double value)
{
    if (isnan(value)) return "nan";
    return value < 0 ? "-inf" : "inf";
}

const char *
psim_quantity_print(struct psim_arena *arena, double value, enum psim_dim dim,
                    int digits)
{
    assert(dim < PSIM_N_DIMS && digits >= 1 && digits <= MAX_DIGITS);
    if (!isfinite(value)) return with_unit(arena, print_not_finite(value), "", dim);
    if (dim == PSIM_DIM_BYTES) {
        const char *text = print_iec(arena, value, digits);
        if (text) return text;
    }
    return print_si(arena, value, dim, digits);
}

const char *
psim_number_print(struct psim_arena *arena, double value)
{
    if (!isfinite(value)) return print_not_finite(value);
    /* Any text of 15 digits comes back the same from a normal double, so the
     * shortest has 15 with the zeros left away, or more; a subnormal has fewer. */
    const bool normal = value == 0 || fabs(value) >= 0x1p-1022;
    for (int digits = normal ? 15 : 1;; digits++) {
        const struct digits d = digits_of(fabs(value), digits);
        const struct number_text text = number_text(value < 0, &d, FIXED_LAST_EXACT);
        double again;
        (void)psim_str_number(text.t, &again);
        if (again == value || digits == MAX_DIGITS) {
            return psim_arena_printf(arena, "%s", text.t);
        }
    }
}
