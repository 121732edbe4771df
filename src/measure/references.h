/* SPDX-License-Identifier: MIT */
/** @file What results must be: each op from its definition, in double precision.
 *
 * Nothing of what kernels share is used, and no device: inputs are asked for one by
 * one.
 */
#pragma once

#include <stdbool.h>

#include "model/op.h"

/** Elements of an op's inputs, wherever they are. */
struct psim_inputs {
    double (*get)(const void *bench, int input, uint64_t index);
    const void *bench;
};

/** What an element of the result must be. */
struct psim_expected {
    double value;
    /** Sum of the absolute values of what was summed; 0: it is only moved. */
    double scale;
    double slack; /**< what intermediate results of fewer bits may add to the error */
};

struct psim_reference {
    const char *op; /**< of this kind */
    /** Element @p index of the result. */
    struct psim_expected (*expect)(const void *attributes, const struct psim_inputs *in,
                                   uint64_t index);
    /** What one such element takes, in multiply-adds. */
    double (*cost)(const void *attributes);
};

/** The one of an op; NULL: nobody knows what is copied from or to another device. */
const struct psim_reference *psim_reference_of(const struct psim_op *op);

/* --- what kernels are told as well ---------------------------------------------- */

/** An elementwise op's function: "add"; "scale" is a product of one input. */
const char *psim_stream_function(const struct psim_elementwise *e);

/** What an elementwise function of that name gives; NULL: there is no such name. */
double (*psim_stream_reference(const char *name))(double a, double b, double s);

/** The number `s` of an elementwise op; of a chain: its length. */
double psim_stream_number(const struct psim_elementwise *e);

/** Random rows are those of this seed. */
enum { PSIM_GATHER_SEED = 2 };

/** Row of the table that is row @p i of a gather's result. */
uint64_t psim_gather_row(const struct psim_gather *g, uint64_t i);

/* --- beside a result ------------------------------------------------------------- */

/** Distance of numbers of a type at 1: what rounding leaves is half of it. */
double psim_unit(enum psim_dtype dtype);

/** Of whole numbers none is rounded. */
bool psim_is_whole(enum psim_dtype dtype);

/** A number in [-1, 1) of at most 24 bits, rounded to a type; of int8: 128 times it. */
double psim_rounded(enum psim_dtype dtype, double x);

/** A result beside its reference: how much of what is allowed it is off. */
struct psim_check {
    double worst; /**< error over tolerance; at most 1 is right */
    size_t index; /**< where; */
    double got, want;
};

/** One element more; @p dtype is that of the result. */
void psim_check_element(struct psim_check *check, const struct psim_op *op,
                        const struct psim_inputs *in, enum psim_dtype dtype,
                        uint64_t index, double got);

/** How many elements of @p all can be looked at for so many multiply-adds. */
uint64_t psim_sample_size(const struct psim_op *op, uint64_t all, double budget,
                          uint64_t least);

/** Which they are: all of them, or the last one (edges are where slips are), and
 * random ones. */
uint64_t psim_sample(uint64_t all, uint64_t n, uint64_t i);

/** Why a kernel's result is wrong; NULL: it is right. */
const char *psim_what_is_wrong(struct psim_arena *arena, const char *kernel,
                               const struct psim_check *check);
