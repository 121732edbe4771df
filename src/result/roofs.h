/* SPDX-License-Identifier: MIT */
/** @file The roofs of a machine, whatever runs on it: what every roofline is drawn in.
 */
#pragma once

#include <stddef.h>

#include "util/diag.h"

enum psim_ceiling_kind {
    PSIM_CEILING_MATRIX, /**< one invocation multiplies tiles */
    PSIM_CEILING_VECTOR, /**< one invocation computes in several lanes */
    PSIM_CEILING_SCALAR,
    PSIM_N_CEILING_KINDS,
};

/** "matrix", "vector", "scalar". */
const char *psim_ceiling_kind_name(enum psim_ceiling_kind kind);

/** The most FLOP/s of one kind of unit, for data types that have it in common. */
struct psim_ceiling {
    enum psim_ceiling_kind kind;
    const char *operation; /**< that reaches it */
    const char *dtypes;    /**< "fp16, bf16" */
    double peak_flop_per_s;
    double j_per_flop; /**< at full voltage; negative: not known */
    struct psim_loc at;
};

/** What a memory delivers at most, over all its instances. */
struct psim_slope {
    const char *memory; /**< as servers of a result are called */
    double peak_bytes_per_s;
    double j_per_byte; /**< at full voltage; negative: not known */
    bool home;         /**< the tensors live in it */
    struct psim_loc at;
};

/** Slopes: the fastest first. Ceilings: the highest first. */
struct psim_machine_roofs {
    const char *machine, *title;
    const struct psim_slope *slopes;
    size_t n_slopes;
    const struct psim_ceiling *ceilings;
    size_t n_ceilings;
    double base_w; /**< drawn whatever runs; negative: not known */
};
