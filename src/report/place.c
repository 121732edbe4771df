/* SPDX-License-Identifier: MIT */
/** @file Where labels go: turned boxes, and the best free one of a list. */
#include "report/place.h"

#include <math.h>

#include "util/arena.h"

static const double degree = 0.017453292519943295; /* pi / 180 */

struct point {
    double x, y;
};

/** Unit vectors along a box' width and height. */
static void
axes_of(const struct psim_box *box, struct point ret[2])
{
    const double c = cos(box->angle_deg * degree), s = sin(box->angle_deg * degree);
    ret[0] = (struct point){c, -s}; /* y grows downwards */
    ret[1] = (struct point){s, c};
}

/** Half of a box' extent along a direction. */
static double
reach(const struct psim_box *box, const struct point axes[2], struct point along)
{
    return fabs(axes[0].x * along.x + axes[0].y * along.y) * box->half_width +
           fabs(axes[1].x * along.x + axes[1].y * along.y) * box->half_height;
}

/** Two convex shapes are apart where a line along an edge of one separates them. */
bool
psim_boxes_meet(const struct psim_box *a, const struct psim_box *b)
{
    struct point axes[4];
    axes_of(a, axes);
    axes_of(b, axes + 2);
    for (size_t i = 0; i < PSIM_COUNT(axes); i++) {
        const double apart =
            fabs((b->x - a->x) * axes[i].x + (b->y - a->y) * axes[i].y);
        if (apart >= reach(a, axes, axes[i]) + reach(b, axes + 2, axes[i])) {
            return false;
        }
    }
    return true;
}

/** A point as the box sees it: from its centre, along its sides. */
static struct point
seen_from(const struct psim_box *box, double x, double y)
{
    struct point axes[2];
    axes_of(box, axes);
    const double dx = x - box->x, dy = y - box->y;
    return (struct point){dx * axes[0].x + dy * axes[0].y,
                          dx * axes[1].x + dy * axes[1].y};
}

bool
psim_box_meets_disc(const struct psim_box *box, double x, double y, double radius)
{
    const struct point p = seen_from(box, x, y);
    const double dx = fmax(fabs(p.x) - box->half_width, 0);
    const double dy = fmax(fabs(p.y) - box->half_height, 0);
    return dx * dx + dy * dy < radius * radius;
}

bool
psim_box_inside(const struct psim_box *box, const struct psim_rect *rect)
{
    struct point axes[2];
    axes_of(box, axes);
    const double x = reach(box, axes, (struct point){1, 0});
    const double y = reach(box, axes, (struct point){0, 1});
    return box->x - x >= rect->left && box->x + x <= rect->right &&
           box->y - y >= rect->top && box->y + y <= rect->bottom;
}

/** Cut a stretch of a line to |from + t step| <= half. @return false: nothing is left
 */
static bool
clip(double from, double step, double half, double *t0, double *t1)
{
    if (step == 0) return fabs(from) < half;
    const double a = (-half - from) / step, b = (half - from) / step;
    *t0 = fmax(*t0, fmin(a, b));
    *t1 = fmin(*t1, fmax(a, b));
    return *t0 < *t1;
}

double
psim_box_on_line(const struct psim_box *box, double x0, double y0, double x1, double y1)
{
    const struct point a = seen_from(box, x0, y0), b = seen_from(box, x1, y1);
    double t0 = 0, t1 = 1;
    if (!clip(a.x, b.x - a.x, box->half_width, &t0, &t1)) return 0;
    if (!clip(a.y, b.y - a.y, box->half_height, &t0, &t1)) return 0;
    return (t1 - t0) * hypot(b.x - a.x, b.y - a.y);
}

/** Room for one more element: lists double. */
static void *
grow(struct psim_arena *arena, void *list, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0) return list;
    char *more = psim_arena_alloc(arena, n == 0 ? 1 : 2 * n, size);
    const char *old = list;
    for (size_t i = 0; i < n * size; i++) {
        more[i] = old[i];
    }
    return more;
}

void
psim_placer_box(struct psim_placer *placer, const struct psim_box *box)
{
    placer->boxes = grow(placer->arena, placer->boxes, placer->n_boxes, sizeof *box);
    placer->boxes[placer->n_boxes++] = *box;
}

void
psim_placer_disc(struct psim_placer *placer, double x, double y, double radius)
{
    placer->discs =
        grow(placer->arena, placer->discs, placer->n_discs, sizeof *placer->discs);
    placer->discs[placer->n_discs++] = (struct psim_disc){x, y, radius};
}

void
psim_placer_stroke(struct psim_placer *placer, double x0, double y0, double x1,
                   double y1)
{
    placer->strokes = grow(placer->arena, placer->strokes, placer->n_strokes,
                           sizeof *placer->strokes);
    placer->strokes[placer->n_strokes++] = (struct psim_stroke){x0, y0, x1, y1};
}

struct psim_stroke
psim_leader(const struct psim_candidate *c)
{
    const struct psim_box *box = &c->box;
    const double x =
        fmin(fmax(c->tip_x, box->x - box->half_width), box->x + box->half_width);
    const double y =
        fmin(fmax(c->tip_y, box->y - box->half_height), box->y + box->half_height);
    const double far = hypot(x - c->tip_x, y - c->tip_y);
    const double part = far > c->gap ? c->gap / far : 1;
    return (struct psim_stroke){x, y, c->tip_x + (x - c->tip_x) * part,
                                c->tip_y + (y - c->tip_y) * part};
}

/** What a leader costs by the points beneath it; below 0: it cannot be there. */
static double
leader_cost(const struct psim_placer *placer, const struct psim_candidate *c)
{
    static const double each = 1.5;
    const struct psim_stroke line = psim_leader(c);
    double cost = 0;
    for (size_t i = 0; i < placer->n_boxes; i++) {
        if (psim_box_on_line(&placer->boxes[i], line.x0, line.y0, line.x1, line.y1) >
            0) {
            return -1;
        }
    }
    for (size_t i = 0; i < placer->n_discs; i++) {
        const struct psim_disc *disc = &placer->discs[i];
        const struct psim_box square = {disc->x, disc->y, disc->radius, disc->radius,
                                        0};
        const bool own = hypot(disc->x - c->tip_x, disc->y - c->tip_y) < disc->radius;
        if (own) continue;
        if (psim_box_on_line(&square, line.x0, line.y0, line.x1, line.y1) > 0) {
            cost += each;
        }
    }
    return cost;
}

/** A leader as a box, which nothing may cross from then on. */
static void
keep_leader(struct psim_placer *placer, const struct psim_candidate *c)
{
    const struct psim_stroke line = psim_leader(c);
    const double dx = line.x1 - line.x0, dy = line.y0 - line.y1;
    psim_placer_box(placer, &(struct psim_box){.x = (line.x0 + line.x1) / 2,
                                               .y = (line.y0 + line.y1) / 2,
                                               .half_width = hypot(dx, dy) / 2,
                                               .half_height = 0.5,
                                               .angle_deg = atan2(dy, dx) / degree});
}

static bool
is_free(const struct psim_placer *placer, const struct psim_box *box)
{
    if (!psim_box_inside(box, &placer->area)) return false;
    for (size_t i = 0; i < placer->n_boxes; i++) {
        if (psim_boxes_meet(box, &placer->boxes[i])) return false;
    }
    for (size_t i = 0; i < placer->n_discs; i++) {
        const struct psim_disc *disc = &placer->discs[i];
        if (psim_box_meets_disc(box, disc->x, disc->y, disc->radius)) return false;
    }
    return true;
}

/** What lies beneath a box, in its heights. */
static double
beneath(const struct psim_placer *placer, const struct psim_box *box)
{
    double length = 0;
    for (size_t i = 0; i < placer->n_strokes; i++) {
        const struct psim_stroke *s = &placer->strokes[i];
        length += psim_box_on_line(box, s->x0, s->y0, s->x1, s->y1);
    }
    return length / (2 * box->half_height);
}

bool
psim_place(struct psim_placer *placer, const struct psim_candidate *candidates,
           size_t n, size_t *ret_chosen)
{
    double least = INFINITY;
    size_t chosen = n;
    for (size_t i = 0; i < n; i++) {
        const struct psim_candidate *c = &candidates[i];
        if (c->cost >= least || !is_free(placer, &c->box)) continue;
        const double leads = c->leads ? leader_cost(placer, c) : 0;
        const double cost = c->cost + leads + beneath(placer, &c->box);
        if (leads < 0 || cost >= least) continue;
        least = cost;
        chosen = i;
    }
    if (chosen == n) return false;
    psim_placer_box(placer, &candidates[chosen].box);
    if (candidates[chosen].leads) keep_leader(placer, &candidates[chosen]);
    *ret_chosen = chosen;
    return true;
}
