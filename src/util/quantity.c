/* SPDX-License-Identifier: MIT */
/** @file Reading quantities: a number, a prefix, a unit or a ratio of two. */
#include "util/quantity.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/** What units are made of. COUNT stands for "nothing": the 1 in "1/s". */
enum base { COUNT, BYTE, SECOND, CYCLE, HERTZ, FLOP, OP, JOULE, WATT };

static const struct {
    const char *name, *unit;
    enum base over, under; /**< the dimension is over/under */
} dims[] = {
    [PSIM_DIM_NONE] = {"plain number", "", COUNT, COUNT},
    [PSIM_DIM_BYTES] = {"size", "B", BYTE, COUNT},
    [PSIM_DIM_SECONDS] = {"time", "s", SECOND, COUNT},
    [PSIM_DIM_CYCLES] = {"number of cycles", "cycles", CYCLE, COUNT},
    [PSIM_DIM_HERTZ] = {"frequency", "Hz", HERTZ, COUNT},
    [PSIM_DIM_BYTES_PER_S] = {"bandwidth", "B/s", BYTE, SECOND},
    [PSIM_DIM_BYTES_PER_CYCLE] = {"bandwidth per cycle", "B/cycle", BYTE, CYCLE},
    [PSIM_DIM_FLOP] = {"FLOP count", "FLOP", FLOP, COUNT},
    [PSIM_DIM_FLOP_PER_S] = {"compute rate", "FLOP/s", FLOP, SECOND},
    [PSIM_DIM_FLOP_PER_CYCLE] = {"compute rate per cycle", "FLOP/cycle", FLOP, CYCLE},
    [PSIM_DIM_OP_PER_S] = {"rate of invocations", "op/s", OP, SECOND},
    [PSIM_DIM_OP_PER_CYCLE] = {"rate of invocations per cycle", "op/cycle", OP, CYCLE},
    [PSIM_DIM_FLOP_PER_BYTE] = {"arithmetic intensity", "FLOP/B", FLOP, BYTE},
    [PSIM_DIM_JOULES] = {"energy", "J", JOULE, COUNT},
    [PSIM_DIM_WATTS] = {"power", "W", WATT, COUNT},
    [PSIM_DIM_J_PER_BYTE] = {"energy per byte", "J/B", JOULE, BYTE},
    [PSIM_DIM_J_PER_FLOP] = {"energy per FLOP", "J/FLOP", JOULE, FLOP},
    [PSIM_DIM_J_PER_OP] = {"energy per invocation", "J/op", JOULE, OP},
};
static_assert(PSIM_COUNT(dims) == PSIM_N_DIMS, "every dimension has its row");

/**
 * Which prefixes a unit takes. "2 mB" and "5 Ms" are slips of the shift key, and
 * Ki is for what is counted in powers of two.
 */
enum { SMALL = 1, LARGE = 2, IEC = 4 };

static const struct {
    const char *text;
    int exp10, exp2;
    unsigned class;
} prefixes[] = {
    {"a", -18, 0, SMALL}, {"f", -15, 0, SMALL},       {"p", -12, 0, SMALL},
    {"n", -9, 0, SMALL},  {"\xC2\xB5", -6, 0, SMALL}, {"u", -6, 0, SMALL},
    {"m", -3, 0, SMALL},  {"\xCE\xBC", -6, 0, SMALL}, {"k", 3, 0, LARGE},
    {"K", 3, 0, LARGE},   {"M", 6, 0, LARGE},         {"G", 9, 0, LARGE},
    {"T", 12, 0, LARGE},  {"P", 15, 0, LARGE},        {"E", 18, 0, LARGE},
    {"Ki", 0, 10, IEC},   {"Mi", 0, 20, IEC},         {"Gi", 0, 30, IEC},
    {"Ti", 0, 40, IEC},   {"Pi", 0, 50, IEC},
};

/** Every spelling of a unit; those of a ratio stand for the whole of it. */
static const struct spelling {
    const char *text;
    enum base over, under;
    int exp10, exp2;
    unsigned prefixes;
} spellings[] = {
    {"B", BYTE, COUNT, 0, 0, LARGE | IEC},    {"bit", BYTE, COUNT, 0, -3, LARGE | IEC},
    {"s", SECOND, COUNT, 0, 0, SMALL},        {"cycle", CYCLE, COUNT, 0, 0, LARGE},
    {"cycles", CYCLE, COUNT, 0, 0, LARGE},    {"clk", CYCLE, COUNT, 0, 0, LARGE},
    {"Hz", HERTZ, COUNT, 0, 0, LARGE},        {"FLOP", FLOP, COUNT, 0, 0, LARGE},
    {"Flop", FLOP, COUNT, 0, 0, LARGE},       {"flop", FLOP, COUNT, 0, 0, LARGE},
    {"op", OP, COUNT, 0, 0, LARGE},           {"ops", OP, COUNT, 0, 0, LARGE},
    {"J", JOULE, COUNT, 0, 0, SMALL | LARGE}, {"W", WATT, COUNT, 0, 0, SMALL | LARGE},
    {"FLOPS", FLOP, SECOND, 0, 0, LARGE},     {"Bps", BYTE, SECOND, 0, 0, LARGE},
    {"bps", BYTE, SECOND, 0, -3, LARGE},      {"%", COUNT, COUNT, -2, 0, 0},
};

/** A unit taken apart. */
struct unit {
    enum base over, under;
    int exp10, exp2;
};

const char *
psim_dim_unit(enum psim_dim dim)
{
    assert(dim < PSIM_N_DIMS);
    return dims[dim].unit;
}

const char *
psim_dim_name(enum psim_dim dim)
{
    assert(dim < PSIM_N_DIMS);
    return dims[dim].name;
}

static bool
same_text(const char *text, size_t len, const char *other)
{
    return strlen(other) == len && memcmp(text, other, len) == 0;
}

/** "GB": a spelling with one of its prefixes, or bare. */
static bool
find_spelling(const char *text, size_t len, struct unit *ret)
{
    for (size_t i = 0; i < PSIM_COUNT(spellings); i++) {
        const struct spelling *s = &spellings[i];
        const size_t s_len = strlen(s->text);
        if (len < s_len || memcmp(text + len - s_len, s->text, s_len) != 0) continue;
        *ret = (struct unit){s->over, s->under, s->exp10, s->exp2};
        if (len == s_len) return true;
        for (size_t p = 0; p < PSIM_COUNT(prefixes); p++) {
            if (!same_text(text, len - s_len, prefixes[p].text)) continue;
            if (!(s->prefixes & prefixes[p].class)) break;
            ret->exp10 += prefixes[p].exp10;
            ret->exp2 += prefixes[p].exp2;
            return true;
        }
    }
    return false;
}

/** "GB/s", "/cycle", "pJ/bit". */
static bool
find_ratio(const char *text, size_t len, struct unit *ret)
{
    const char *slash = memchr(text, '/', len);
    if (!slash) return find_spelling(text, len, ret);

    struct unit under;
    const size_t over_len = (size_t)(slash - text);
    *ret = (struct unit){.over = OP};
    if (over_len > 0 && !find_spelling(text, over_len, ret)) return false;
    if (!find_spelling(slash + 1, len - over_len - 1, &under)) return false;
    /* "GBps/s" and "B/%" are no ratios of two plain units. */
    if (ret->under != COUNT || under.under != COUNT) return false;
    if (under.over == COUNT) return false;
    ret->under = under.over;
    ret->exp10 -= under.exp10;
    ret->exp2 -= under.exp2;
    return true;
}

static bool
find_dim(const char *text, size_t len, struct unit *ret_unit, enum psim_dim *ret_dim)
{
    if (!find_ratio(text, len, ret_unit)) return false;
    for (size_t d = 0; d < PSIM_N_DIMS; d++) {
        if (dims[d].over == ret_unit->over && dims[d].under == ret_unit->under) {
            *ret_dim = (enum psim_dim)d;
            return true;
        }
    }
    return false;
}

bool
psim_unit_find(const char *unit, enum psim_dim *ret_dim)
{
    struct unit found;
    enum psim_dim dim;
    if (!find_dim(unit, strlen(unit), &found, &dim)) return false;
    *ret_dim = dim;
    return true;
}

const char *
psim_unit_guess(struct psim_arena *arena, const char *typed, psim_dims allowed)
{
    struct psim_guess guess = psim_guess_start(typed);
    for (size_t d = 0; d < PSIM_N_DIMS; d++) {
        if (!(allowed & PSIM_DIM_BIT(d)) || dims[d].over == COUNT) continue;
        psim_guess_try(&guess, dims[d].unit);
        for (size_t p = 0; p < PSIM_COUNT(prefixes); p++) {
            enum psim_dim dim;
            const char *with =
                psim_arena_printf(arena, "%s%s", prefixes[p].text, dims[d].unit);
            if (psim_unit_find(with, &dim)) psim_guess_try(&guess, with);
        }
    }
    return guess.best;
}

/** "1.5.2", "12-13" and "1,000" are slips in the number, not units. */
static bool
looks_like_unit(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char c = text[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != '/' && c != '%' && (unsigned char)c < 0x80) return false;
    }
    return true;
}

enum psim_quantity_status
psim_quantity_parse(const char *text, psim_dims allowed, const char *bare_unit,
                    struct psim_quantity *ret, enum psim_dim *reterr_dim)
{
    double value;
    const char *unit_text = psim_str_number(text, &value);
    if (unit_text == text) return PSIM_QUANTITY_NOT_A_NUMBER;
    unit_text += strspn(unit_text, " ");
    size_t len = strlen(unit_text);
    while (len > 0 && unit_text[len - 1] == ' ') {
        len--;
    }

    struct unit unit = {.over = COUNT};
    enum psim_dim dim = PSIM_DIM_NONE;
    const bool none_allowed = (allowed & PSIM_DIM_BIT(PSIM_DIM_NONE)) != 0;
    if (len > 0) {
        if (!looks_like_unit(unit_text, len)) return PSIM_QUANTITY_NOT_A_NUMBER;
        if (!find_dim(unit_text, len, &unit, &dim)) return PSIM_QUANTITY_UNKNOWN_UNIT;
    } else if (bare_unit) {
        if (!find_dim(bare_unit, strlen(bare_unit), &unit, &dim)) {
            return PSIM_QUANTITY_UNKNOWN_UNIT;
        }
        if (none_allowed && !(allowed & PSIM_DIM_BIT(dim))) {
            unit = (struct unit){.over = COUNT};
            dim = PSIM_DIM_NONE;
        }
    } else if (!none_allowed) {
        return PSIM_QUANTITY_NO_UNIT;
    }
    if (!(allowed & PSIM_DIM_BIT(dim))) {
        *reterr_dim = dim;
        return PSIM_QUANTITY_WRONG_DIM;
    }
    /* Once more with the prefix inside, so that "1.41 GHz" is rounded only once. */
    (void)psim_str_number_times(text, unit.exp10, &value);
    value = ldexp(value, unit.exp2);
    if (!isfinite(value)) return PSIM_QUANTITY_TOO_LARGE;
    *ret = (struct psim_quantity){.value = value, .dim = dim};
    return PSIM_QUANTITY_OK;
}
