/* SPDX-License-Identifier: MIT */
/** @file Where labels go: boxes that meet no other box, no point and no edge. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct psim_arena;

/* All lengths are pixels, y grows downwards, angles are counter-clockwise. */

/** A rectangle that may be turned. */
struct psim_box {
    double x, y; /**< its centre */
    double half_width, half_height;
    double angle_deg;
};

/** An upright rectangle. */
struct psim_rect {
    double left, top, right, bottom;
};

/** Whether two boxes have a point in common that is no edge of one. */
bool psim_boxes_meet(const struct psim_box *a, const struct psim_box *b);
bool psim_box_meets_disc(const struct psim_box *box, double x, double y, double radius);
bool psim_box_inside(const struct psim_box *box, const struct psim_rect *rect);
/** How much of a line lies in a box. */
double psim_box_on_line(const struct psim_box *box, double x0, double y0, double x1,
                        double y1);

struct psim_disc {
    double x, y, radius;
};

struct psim_stroke {
    double x0, y0, x1, y1;
};

/** What is there already. Fill in the area, add, then place one label after the other.
 */
struct psim_placer {
    struct psim_arena *arena;
    struct psim_rect area; /**< labels stay in it */
    struct psim_box *boxes;
    struct psim_disc *discs;     /**< no label covers them */
    struct psim_stroke *strokes; /**< labels keep off them where they can */
    size_t n_boxes, n_discs, n_strokes;
};

void psim_placer_box(struct psim_placer *placer, const struct psim_box *box);
void psim_placer_disc(struct psim_placer *placer, double x, double y, double radius);
void psim_placer_stroke(struct psim_placer *placer, double x0, double y0, double x1,
                        double y1);

/** One place for a label, and how little it is liked; 0 is best. */
struct psim_candidate {
    struct psim_box box;
    double cost;
    bool leads;               /**< a thin line leads from it to what it names */
    double tip_x, tip_y, gap; /**< there, and ends this far before it */
};

/** The line of a candidate that leads. */
struct psim_stroke psim_leader(const struct psim_candidate *candidate);

/**
 * Take the candidate of least cost that meets nothing, and whose leader crosses no box
 * and no other leader. A line beneath it costs as much as it is long, in heights of the
 * label; a point beneath its leader costs as well. Of equal ones the first wins.
 *
 * @param ret_chosen its index; its box is there from now on
 * @return false where none is free
 */
bool psim_place(struct psim_placer *placer, const struct psim_candidate *candidates,
                size_t n, size_t *ret_chosen);
