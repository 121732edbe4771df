/* SPDX-License-Identifier: MIT */
/** @file Which values an axis shows, and how they read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/quantity.h"

struct psim_arena;

struct psim_tick {
    double at;
    const char *text; /**< NULL: a small one, without words */
};

/** Values of one axis. */
struct psim_scale {
    double least, most; /**< least < most; both above 0 where it is logarithmic */
    bool log;
    enum psim_dim dim; /**< ticks have its prefixes, "10 T"; its unit is in the title */
    bool percent;
};

/**
 * Round values of a scale, in order: whole powers of ten, or 1, 2 and 5 of them, or as
 * many as @p room allows; on a linear one steps of 1, 2 or 5.
 *
 * @param room how many with words there may be, at least 2
 * @return how many
 */
size_t psim_ticks(struct psim_arena *arena, const struct psim_scale *scale, size_t room,
                  const struct psim_tick **ret);

/** "10 T", "0.1", "25 %": a value with its prefix and no unit. */
const char *psim_tick_text(struct psim_arena *arena, const struct psim_scale *scale,
                           double value);
