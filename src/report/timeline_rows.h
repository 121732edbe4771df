/* SPDX-License-Identifier: MIT */
/** @file Units of a timeline as rows of a picture, their work-groups as boxes.
 *
 * Internal to plot_timeline.c. */
#pragma once

#include "report/figure.h"
#include "result/timeline.h"

/** A unit with a row of its own. */
struct psim_timeline_row {
    const char *group;
    int64_t unit;
    double top_px; /**< from the first row's */
};

struct psim_timeline_rows {
    struct psim_timeline_row *row; /**< by group and number */
    size_t n;
    double row_px;
    uint32_t *lanes; /**< of each row, while a kernel runs */
    uint32_t most_lanes;
    size_t *of_track; /**< row of each track; SIZE_MAX: none */
};

/**
 * Rows of the units that have work-groups, in @p room_px at most; where that is too
 * low, of some units, spread evenly, the first and the last among them.
 */
void psim_timeline_find_rows(struct psim_arena *arena, const struct psim_timeline *line,
                             double room_px, double most_row_px,
                             struct psim_timeline_rows *ret);

/** The colour of work-groups that are joined. */
uint32_t psim_timeline_pale(uint32_t colour, uint32_t ground);

/**
 * Boxes of single work-groups over those of joined ones. Rows begin at 0 of the
 * figure's y axis, which counts pixels; its x axis counts seconds.
 *
 * @param colours of each kernel
 */
void psim_timeline_draw_rows(struct psim_arena *arena, const struct psim_timeline *line,
                             const struct psim_timeline_rows *rows,
                             const uint32_t *colours, struct psim_figure *figure);
