/* SPDX-License-Identifier: MIT */
/** @file What the YAML library finds wrong, in words that say what to do. */
#pragma once

#include "util/diag.h"

/** A failure as the library tells it. */
struct psim_yaml_fault {
    const char *problem, *context; /**< context may be NULL */
    struct psim_loc problem_at, context_at;
};

/** Record it. Always false. */
bool psim_yaml_error(struct psim_diag *diag, const struct psim_yaml_fault *fault);
