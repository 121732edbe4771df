/* SPDX-License-Identifier: MIT */
/** @file Which reasons of a graph were met before: a set of addresses. */
#pragma once

#include "explain/reason.h"
#include "util/arena.h"

/** Empty where it is zero. */
struct psim_seen {
    struct psim_arena *arena;
    struct {
        const struct psim_reason *reason;
        size_t number;
    } * item;
    size_t n, room;
};

/** Where a reason is, which is put there if it is new: its number from 1 on.
 * @param ret_new whether it is */
size_t psim_seen_number(struct psim_seen *seen, const struct psim_reason *reason,
                        bool *ret_new);
