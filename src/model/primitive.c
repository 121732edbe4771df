/* SPDX-License-Identifier: MIT */
/** @file What an operation of a machine can do for a program: one list. */
#include "model/primitive.h"

#include "util/arena.h"
#include "util/str.h"

static const struct {
    const char *name;
    double flop;
    enum psim_primitive instead;
    double times;
} rows[] = {
    [PSIM_DOES_NOTHING_KNOWN] = {"nothing known", 0, PSIM_DOES_NOTHING_KNOWN, 0},
    [PSIM_DOES_MATMUL] = {"matmul", 2, PSIM_DOES_NOTHING_KNOWN, 0},
    [PSIM_DOES_FMA] = {"fma", 2, PSIM_DOES_NOTHING_KNOWN, 0},
    [PSIM_DOES_ADD] = {"add", 1, PSIM_DOES_FMA, 1},
    [PSIM_DOES_MUL] = {"mul", 1, PSIM_DOES_FMA, 1},
    [PSIM_DOES_MAX] = {"max", 1, PSIM_DOES_ADD, 1},
    [PSIM_DOES_CONVERT] = {"convert", 0, PSIM_DOES_ADD, 1},
    [PSIM_DOES_EXP2] = {"exp2", 1, PSIM_DOES_NOTHING_KNOWN, 0},
    /* Markstein, IA-64 and Elementary Functions, 2000: 8 multiply-adds. */
    [PSIM_DOES_DIVIDE] = {"divide", 1, PSIM_DOES_FMA, 8},
    [PSIM_DOES_RSQRT] = {"rsqrt", 1, PSIM_DOES_FMA, 8},
    [PSIM_DOES_INTEGER] = {"integer", 0, PSIM_DOES_ADD, 1},
};
_Static_assert(PSIM_COUNT(rows) == PSIM_N_PRIMITIVES, "a row each");

/* The first spelling of each is the one shown; the others are what specs call
 * an operation that has no key `does`. */
const struct psim_choice psim_primitive_choices[] = {
    {"matmul", PSIM_DOES_MATMUL},
    {"fma", PSIM_DOES_FMA},
    {"add", PSIM_DOES_ADD},
    {"mul", PSIM_DOES_MUL},
    {"max", PSIM_DOES_MAX},
    {"convert", PSIM_DOES_CONVERT},
    {"exp2", PSIM_DOES_EXP2},
    {"divide", PSIM_DOES_DIVIDE},
    {"rsqrt", PSIM_DOES_RSQRT},
    {"integer", PSIM_DOES_INTEGER},
    {"matrix multiply", PSIM_DOES_MATMUL},
    {"multiply-add", PSIM_DOES_FMA},
    {"vector add", PSIM_DOES_ADD},
    {"vector multiply", PSIM_DOES_MUL},
    {"exp", PSIM_DOES_EXP2},
    {"reciprocal", PSIM_DOES_DIVIDE},
    {NULL, 0},
};

const char *
psim_primitive_name(enum psim_primitive primitive)
{
    return rows[primitive].name;
}

double
psim_primitive_flop(enum psim_primitive primitive)
{
    return rows[primitive].flop;
}

enum psim_primitive
psim_primitive_guess(const char *operation_name)
{
    for (const struct psim_choice *c = psim_primitive_choices; c->word; c++) {
        if (psim_str_equal(c->word, operation_name)) {
            return (enum psim_primitive)c->value;
        }
    }
    return PSIM_DOES_NOTHING_KNOWN;
}

enum psim_primitive
psim_primitive_instead(enum psim_primitive primitive, double *ret_times)
{
    *ret_times = rows[primitive].times;
    return rows[primitive].instead;
}
