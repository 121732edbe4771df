/* SPDX-License-Identifier: MIT */
/** @file Formulas of reasons, computed and printed. */
#include "explain/formula.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/* --- computing ---------------------------------------------------------------- */

/** A place in a formula. A fault in one is the programmer's. */
struct reading {
    const struct psim_reason *reason;
    const char *at;
};

static double read_sum(struct reading *r);

static void
skip(struct reading *r)
{
    while (*r->at == ' ') {
        r->at++;
    }
}

static bool
accept(struct reading *r, const char *word)
{
    skip(r);
    const size_t len = strlen(word);
    if (strncmp(r->at, word, len) != 0) return false;
    r->at += len;
    return true;
}

/** Where the arguments of a function start; the function is applied pairwise. */
static double
read_function(struct reading *r, const char *name)
{
    double value = read_sum(r);
    while (accept(r, ",")) {
        const double next = read_sum(r);
        if (psim_str_equal(name, "max(")) {
            value = fmax(value, next);
        } else if (psim_str_equal(name, "min(")) {
            value = fmin(value, next);
        } else {
            assert(psim_str_equal(name, "pow("));
            value = pow(value, next);
        }
    }
    const bool closed = accept(r, ")");
    assert(closed);
    (void)closed;
    if (psim_str_equal(name, "ceil(")) return ceil(value);
    if (psim_str_equal(name, "floor(")) return floor(value);
    return psim_str_equal(name, "log2(") ? log2(value) : value;
}

static double
read_atom(struct reading *r)
{
    static const char *const functions[] = {"max(",   "min(",  "pow(", "ceil(",
                                            "floor(", "log2(", "("};
    for (size_t i = 0; i < PSIM_COUNT(functions); i++) {
        if (accept(r, functions[i])) return read_function(r, functions[i]);
    }
    if (accept(r, "-")) return -read_atom(r);
    if (accept(r, "$")) {
        char *end;
        const unsigned long part = strtoul(r->at, &end, 10);
        assert(end > r->at && part < r->reason->n_parts);
        r->at = end;
        return r->reason->parts[part]->value;
    }
    double value = 0;
    skip(r);
    const char *end = psim_str_number(r->at, &value);
    assert(end > r->at);
    r->at = end;
    return value;
}

static double
read_product(struct reading *r)
{
    double value = read_atom(r);
    for (;;) {
        if (accept(r, "x ")) {
            value *= read_atom(r);
        } else if (accept(r, "/ ")) {
            value /= read_atom(r);
        } else {
            return value;
        }
    }
}

static double
read_sum(struct reading *r)
{
    double value = read_product(r);
    for (;;) {
        if (accept(r, "+ ")) {
            value += read_product(r);
        } else if (accept(r, "- ")) {
            value -= read_product(r);
        } else {
            return value;
        }
    }
}

static double
of_all(const struct psim_reason *reason)
{
    const bool sum = psim_str_equal(reason->formula, "sum");
    const bool most = psim_str_equal(reason->formula, "max");
    double value = reason->n_parts > 0 ? reason->parts[0]->value : 0;
    for (size_t i = 1; i < reason->n_parts; i++) {
        const double part = reason->parts[i]->value;
        value = sum ? value + part : most ? fmax(value, part) : fmin(value, part);
    }
    return value;
}

static bool
is_of_all(const char *formula)
{
    return psim_str_equal(formula, "sum") || psim_str_equal(formula, "max") ||
           psim_str_equal(formula, "min");
}

double
psim_formula_evaluate(const struct psim_reason *reason)
{
    assert(reason->formula);
    if (is_of_all(reason->formula)) return of_all(reason);
    struct reading r = {reason, reason->formula};
    const double value = read_sum(&r);
    skip(&r);
    assert(*r.at == '\0');
    return value;
}

/* --- printing ----------------------------------------------------------------- */

static void
put_part(struct psim_arena *arena, FILE *out, const struct psim_reason *part,
         bool with_values)
{
    fputs(with_values ? psim_reason_value(arena, part) : part->name, out);
}

/** Of many parts the largest are named, in their order, and the others counted. */
static void
put_all(struct psim_arena *arena, FILE *out, const struct psim_reason *reason,
        bool with_values)
{
    enum { MOST = 6 };
    const bool sum = psim_str_equal(reason->formula, "sum");
    const char *join = sum ? " + " : ", ";
    if (!sum) fprintf(out, "%s(", reason->formula);
    size_t left = reason->n_parts, shown = 0;
    for (size_t i = 0; i < reason->n_parts; i++) {
        size_t larger = 0;
        for (size_t j = 0; j < reason->n_parts && left > MOST; j++) {
            const double other = reason->parts[j]->value;
            const double own = reason->parts[i]->value;
            if (other > own || (other == own && j < i)) larger++;
        }
        if (reason->n_parts > MOST && larger >= MOST - 1) continue;
        if (shown++ > 0) fputs(join, out);
        put_part(arena, out, reason->parts[i], with_values);
    }
    left -= shown;
    if (left > 0) fprintf(out, "%s%zu others", join, left);
    if (!sum) fputc(')', out);
}

const char *
psim_reason_formula(struct psim_arena *arena, const struct psim_reason *reason,
                    bool with_values)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    if (is_of_all(reason->formula)) {
        put_all(arena, out, reason, with_values);
    } else {
        for (const char *c = reason->formula; *c;) {
            if (*c != '$') {
                fputc(*c++, out);
                continue;
            }
            char *end;
            const unsigned long part = strtoul(c + 1, &end, 10);
            put_part(arena, out, reason->parts[part], with_values);
            c = end;
        }
    }
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}
