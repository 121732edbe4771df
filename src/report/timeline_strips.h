/* SPDX-License-Identifier: MIT */
/** @file How busy it all is over time: strips under the units of a timeline's picture.
 *
 * Internal to plot_timeline.c. */
#pragma once

#include "report/figure.h"
#include "result/timeline.h"

enum { PSIM_MOST_STRIPS = 8 };

struct psim_timeline_strips {
    const struct psim_counter *counter[PSIM_MOST_STRIPS];
    /** Track of what is one server with few spans: they are drawn; SIZE_MAX: none. */
    size_t track[PSIM_MOST_STRIPS];
    size_t n;
    const char *acts[PSIM_THEME_COLOURS]; /**< what these spans are called */
    size_t n_acts;
};

/** Occupancy, the busiest servers, power. */
void psim_timeline_find_strips(const struct psim_timeline *line,
                               struct psim_timeline_strips *ret);

/** What stands beside a strip, on the left and on the right. */
const char *psim_strip_name(const struct psim_counter *counter);
const char *psim_strip_mean(struct psim_arena *arena,
                            const struct psim_counter *counter);

/**
 * The first strip begins at @p top of the figure's y axis, which counts pixels.
 *
 * @param colours of acts, enough for all of them
 */
void psim_timeline_draw_strips(struct psim_arena *arena,
                               const struct psim_timeline *line,
                               const struct psim_timeline_strips *strips, double top,
                               double strip_px, const uint32_t *colours,
                               struct psim_figure *figure);
