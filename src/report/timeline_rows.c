/* SPDX-License-Identifier: MIT */
/** @file Units as rows, work-groups as boxes: as many as can be seen. */
#include "report/timeline_rows.h"

#include <math.h>
#include <stdlib.h>

#include "util/arena.h"
#include "util/str.h"

enum { MOST_BOXES = 5000, MOST_LANES = 4 /**< that a row has room for */ };

/** A lane lower than this is not seen. */
static const double least_lane_px = 2.5;
/** Of the ground's colour, in what is joined. */
static const double paler = 0.6;

/* --- rows ----------------------------------------------------------------------- */

static int
compare_rows(const void *a, const void *b)
{
    const struct psim_timeline_row *x = a, *y = b;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

/** Whether work-groups of a group's units are joined: then they are of some units. */
static bool
is_joined(const struct psim_timeline *line, const char *group)
{
    for (size_t i = 0; i < line->n_tracks; i++) {
        const struct psim_track *track = &line->tracks[i];
        if (track->kind == PSIM_TRACK_UNIT && track->lane == PSIM_LANE_JOINED &&
            psim_str_equal(track->group, group)) {
            return true;
        }
    }
    return false;
}

/**
 * Units of one group, in the order of their numbers, each once: those with
 * work-groups, or only those of which all of them are known.
 */
static void
list_group(const struct psim_timeline *line, const char *group,
           struct psim_timeline_rows *rows)
{
    const size_t first = rows->n;
    const bool joined = is_joined(line, group);
    for (size_t i = 0; i < line->n_tracks; i++) {
        const struct psim_track *track = &line->tracks[i];
        if (track->kind == PSIM_TRACK_UNIT && psim_str_equal(track->group, group) &&
            (!joined || track->lane == PSIM_LANE_JOINED)) {
            rows->row[rows->n++] =
                (struct psim_timeline_row){.group = group, .unit = track->unit};
        }
    }
    qsort(rows->row + first, rows->n - first, sizeof *rows->row, compare_rows);
    size_t n = first;
    for (size_t i = first; i < rows->n; i++) {
        if (i > first && rows->row[i].unit == rows->row[n - 1].unit) continue;
        rows->row[n++] = rows->row[i];
    }
    rows->n = n;
}

/** The row of a track's unit; SIZE_MAX: it has none. */
static size_t
row_of(const struct psim_timeline_rows *rows, const struct psim_track *track)
{
    size_t r = 0;
    while (r < rows->n && (rows->row[r].unit != track->unit ||
                           !psim_str_equal(rows->row[r].group, track->group))) {
        r++;
    }
    return r < rows->n && track->kind == PSIM_TRACK_UNIT ? r : SIZE_MAX;
}

static void
list_units(struct psim_arena *arena, const struct psim_timeline *line,
           struct psim_timeline_rows *rows)
{
    rows->row = PSIM_NEW_N(arena, struct psim_timeline_row, line->n_tracks + 1);
    for (size_t i = 0; i < line->n_tracks; i++) {
        const struct psim_track *track = &line->tracks[i];
        if (track->kind != PSIM_TRACK_UNIT) continue;
        size_t r = 0;
        while (r < rows->n && !psim_str_equal(rows->row[r].group, track->group)) {
            r++;
        }
        if (r == rows->n) list_group(line, track->group, rows);
    }
}

/**
 * Work-groups that a kernel has side by side. Where one has the unit for itself, its
 * roles may come to the next one before: that is drawn over it.
 */
static void
find_lanes(struct psim_arena *arena, const struct psim_timeline *line,
           struct psim_timeline_rows *rows)
{
    rows->lanes = PSIM_NEW_N(arena, uint32_t, line->n_kernels + 1);
    rows->most_lanes = 1;
    for (size_t i = 0; i < line->n_kernels; i++) {
        rows->lanes[i] = 1;
    }
    for (size_t i = 0; i < line->n_placed; i++) {
        const struct psim_placement_of *placed = &line->placed[i];
        uint32_t *lanes = &rows->lanes[placed->kernel];
        if (line->kernels[placed->kernel].resident == 1) continue;
        if (placed->lane >= *lanes) *lanes = placed->lane + 1;
        if (*lanes > rows->most_lanes) rows->most_lanes = *lanes;
    }
}

void
psim_timeline_find_rows(struct psim_arena *arena, const struct psim_timeline *line,
                        double room_px, double most_row_px,
                        struct psim_timeline_rows *ret)
{
    *ret = (struct psim_timeline_rows){0};
    list_units(arena, line, ret);
    find_lanes(arena, line, ret);
    const double units = (double)ret->n, boxes = (double)line->n_placed + 1;
    const double seen = room_px / least_lane_px / fmin(ret->most_lanes, MOST_LANES);
    const double most = floor(fmax(1, fmin(seen, units * MOST_BOXES / boxes)));
    if (most < units) {
        const size_t n = (size_t)most, last = ret->n - 1;
        for (size_t i = 0; i < n; i++) {
            ret->row[i] = ret->row[n > 1 ? i * last / (n - 1) : 0];
        }
        ret->n = n;
    }
    ret->row_px = ret->n > 0 ? fmin(room_px / (double)ret->n, most_row_px) : 0;
    for (size_t i = 0; i < ret->n; i++) {
        ret->row[i].top_px = (double)i * ret->row_px;
    }
    ret->of_track = PSIM_NEW_N(arena, size_t, line->n_tracks + 1);
    for (size_t i = 0; i < line->n_tracks; i++) {
        ret->of_track[i] = row_of(ret, &line->tracks[i]);
    }
}

/* --- boxes ---------------------------------------------------------------------- */

/** A box that may grow: what follows it too closely is no box of its own. */
struct box {
    double x0, x1;
    uint32_t kernel;
    bool open;
};

struct drawing {
    const struct psim_timeline_rows *rows;
    struct psim_figure *figure;
    struct psim_series *series;
    const uint32_t *colours; /**< of kernels */
    struct box *open;        /**< [row][lane] */
    double pixel_s;
};

/** A line of the ground between neighbours, where there is room for one. */
static double
height_of(double px)
{
    return px > 3 ? px - fmin(0.15 * px, 1) : px;
}

static void
put_box(const struct drawing *d, size_t row, uint32_t lane, const struct box *box)
{
    const double lane_px = d->rows->row_px / d->rows->lanes[box->kernel];
    const double top = d->rows->row[row].top_px + lane * lane_px;
    const bool apart = box->x1 - box->x0 > 3 * d->pixel_s;
    psim_series_bar(d->figure, d->series, box->x0,
                    apart ? box->x1 - d->pixel_s : box->x1, top,
                    top + height_of(lane_px), d->colours[box->kernel]);
}

/** Boxes of less than two pixels are drawn as one, as far as they follow each other. */
static void
add_box(const struct drawing *d, size_t row, uint32_t lane, const struct box *box)
{
    struct box *open = &d->open[row * d->rows->most_lanes + lane];
    const bool small = box->x1 - box->x0 < 2 * d->pixel_s;
    if (open->open && small && open->kernel == box->kernel &&
        box->x0 - open->x1 < d->pixel_s) {
        open->x1 = box->x1;
        return;
    }
    if (open->open) {
        open->x1 = fmin(open->x1, box->x0);
        put_box(d, row, lane, open);
    }
    *open = *box;
    open->open = true;
}

uint32_t
psim_timeline_pale(uint32_t colour, uint32_t ground)
{
    uint32_t mixed = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        const double a = colour >> shift & 0xFF, b = ground >> shift & 0xFF;
        mixed |= (uint32_t)round(a + paler * (b - a)) << shift;
    }
    return mixed;
}

/** Where work-groups are joined, the whole row, and paler. */
static void
put_joined(const struct drawing *d, const struct psim_timeline *line)
{
    const uint32_t ground = psim_figure_theme(d->figure)->ground;
    for (size_t i = 0; i < line->n_spans; i++) {
        const struct psim_span *span = &line->spans[i];
        const size_t row = d->rows->of_track[span->track];
        if (row == SIZE_MAX || span->placed >= 0) continue;
        const double top = d->rows->row[row].top_px;
        psim_series_bar(d->figure, d->series, span->start_s, span->end_s, top,
                        top + height_of(d->rows->row_px),
                        psim_timeline_pale(d->colours[span->kernel], ground));
    }
}

void
psim_timeline_draw_rows(struct psim_arena *arena, const struct psim_timeline *line,
                        const struct psim_timeline_rows *rows, const uint32_t *colours,
                        struct psim_figure *figure)
{
    const struct drawing d = {
        .rows = rows,
        .figure = figure,
        .series =
            psim_figure_series(figure, &(struct psim_series){.kind = PSIM_SERIES_BARS}),
        .colours = colours,
        .open = PSIM_NEW_N(arena, struct box, rows->n * rows->most_lanes + 1),
        .pixel_s = 1 / (psim_figure_x_px(figure, 1) - psim_figure_x_px(figure, 0)),
    };
    put_joined(&d, line);
    for (size_t i = 0; i < line->n_placed; i++) {
        const struct psim_placement_of *placed = &line->placed[i];
        const size_t row = rows->of_track[placed->track];
        if (row == SIZE_MAX) continue;
        const bool alone = line->kernels[placed->kernel].resident == 1;
        add_box(&d, row, alone ? 0 : placed->lane,
                &(struct box){.x0 = placed->start_s,
                              .x1 = placed->end_s,
                              .kernel = placed->kernel});
    }
    for (size_t r = 0; r < rows->n; r++) {
        for (uint32_t lane = 0; lane < rows->most_lanes; lane++) {
            const struct box *box = &d.open[r * rows->most_lanes + lane];
            if (box->open) put_box(&d, r, lane, box);
        }
    }
}
