/* SPDX-License-Identifier: MIT */
/** @file How lanes reach the tensors: by loads and stores, or by copies to a scratchpad
 * and from there. */
#pragma once

#include "plan/view.h"

/** The operations on the way between the tensors' home and the lanes. */
struct psim_access {
    int local; /**< scratchpad on the way; -1: loads and stores reach the home */
    const struct psim_operation *load, *store; /**< direct; NULL: implied by use */
    const struct psim_operation *in, *out;     /**< staged: home to local and back */
    const struct psim_operation *fetch, *put;  /**< staged: local to lanes and back */
};

/**
 * A machine that has loads from the home uses them; one that has no move from there
 * at all loads by using an operand; any other one copies to a scratchpad first
 * (eq. M12).
 *
 * @return false where there is no way
 */
bool psim_access_find(const struct psim_view *view, struct psim_access *ret);
