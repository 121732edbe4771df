/* SPDX-License-Identifier: MIT */
/** @file What an operation of a machine can do for a program, whatever its name. */
#pragma once

#include "input/bind.h"

enum psim_primitive {
    PSIM_DOES_NOTHING_KNOWN, /**< no program asks for it */
    PSIM_DOES_MATMUL,
    PSIM_DOES_FMA,
    PSIM_DOES_ADD,
    PSIM_DOES_MUL,
    PSIM_DOES_MAX,
    PSIM_DOES_CONVERT,
    PSIM_DOES_EXP2,
    PSIM_DOES_DIVIDE,
    PSIM_DOES_RSQRT,
    PSIM_DOES_INTEGER, /**< address arithmetic and the like */
    PSIM_N_PRIMITIVES,
};

/** For the key `does`. */
extern const struct psim_choice psim_primitive_choices[];

const char *psim_primitive_name(enum psim_primitive primitive);

/** FLOP of one lane operation (docs/MODEL.md, eq. F1); matmul: by its tile. */
double psim_primitive_flop(enum psim_primitive primitive);

/** What an operation's name says where the key `does` is absent. */
enum psim_primitive psim_primitive_guess(const char *operation_name);

/**
 * What does the work of @p primitive where a machine lacks it, and how many of
 * those one takes: an add is a multiply-add by one, a division eight
 * multiply-adds (a Newton step from a table). PSIM_DOES_NOTHING_KNOWN: nothing.
 */
enum psim_primitive psim_primitive_instead(enum psim_primitive primitive,
                                           double *ret_times);
