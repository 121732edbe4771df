/* SPDX-License-Identifier: MIT */
/** @file The roofline: roofs of the machine, and in them the kernels. */
#include <math.h>

#include "report/kernel_marks.h"
#include "report/measured_marks.h"
#include "report/roofline.h"
#include "util/arena.h"

/* --- axes --------------------------------------------------------------------- */

static void
stretch(double *low, double *high, double value)
{
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static double
flop_per_s(double flop, double time_s, double energy_j)
{
    (void)energy_j;
    return time_s > 0 ? flop / time_s : 0;
}

/** Room for all points and for the ridges, and some air around them. */
static bool
find_range(struct psim_roofline *r)
{
    const double ridge = r->top_flop_per_s /
                         r->roofs->slopes[psim_roofs_home(r->roofs)].peak_bytes_per_s;
    bool any = false;
    r->left = r->right = ridge;
    r->low = r->high = r->top_flop_per_s;
    for (size_t i = 0; i < r->roofs->n_slopes; i++) {
        stretch(&r->left, &r->right,
                r->top_flop_per_s / r->roofs->slopes[i].peak_bytes_per_s);
    }
    for (size_t i = 0; i < r->kernels.n; i++) {
        const struct psim_kernel_point *point = &r->kernels.points[i];
        for (size_t s = 0; s < r->roofs->n_slopes; s++) {
            if (point->bytes[s] <= 0) continue;
            any = true;
            stretch(&r->left, &r->right, point->flop / point->bytes[s]);
            stretch(&r->low, &r->high, point->flop / point->time_s);
        }
    }
    for (size_t i = 0; i < r->n_measured; i++) {
        stretch(&r->left, &r->right, r->measured[i].x);
        stretch(&r->low, &r->high,
                fmin(r->measured[i].predicted, r->measured[i].measured));
    }
    r->left /= 4;
    /* Ceilings are seen over a third of the width. */
    r->right = fmax(r->right * 6, ridge * pow(ridge / r->left, 0.45));
    r->low = fmin(r->low / 3, r->top_flop_per_s / 100);
    r->high = r->top_flop_per_s * 3;
    return any;
}

static void
put_axes(struct psim_roofline *r)
{
    const struct psim_axis x = {
        .title = "arithmetic intensity (FLOP/B)",
        .scale = {.least = r->left, .most = r->right, .log = true},
    };
    const struct psim_axis y = {
        .title = "performance (FLOP/s)",
        .scale = {.least = r->low,
                  .most = r->high,
                  .log = true,
                  .dim = PSIM_DIM_FLOP_PER_S},
    };
    psim_figure_axes(r->figure, &x, &y, 0);
}

/* --- kernels ------------------------------------------------------------------ */

/** A thin line through all levels of each kernel. */
static void
put_levels(struct psim_roofline *r)
{
    struct psim_series *lines = psim_figure_series(
        r->figure, &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                         .colour = psim_figure_theme(r->figure)->axis,
                                         .width_px = r->em * 0.06});
    for (size_t i = 0; i < r->kernels.n; i++) {
        const struct psim_kernel_point *point = &r->kernels.points[i];
        double least = INFINITY, most = 0;
        for (size_t s = 0; s < r->roofs->n_slopes; s++) {
            if (point->bytes[s] <= 0) continue;
            least = fmin(least, point->flop / point->bytes[s]);
            most = fmax(most, point->flop / point->bytes[s]);
        }
        if (least >= most) continue;
        psim_series_point(r->figure, lines, least, point->flop / point->time_s);
        psim_series_point(r->figure, lines, most, point->flop / point->time_s);
        psim_series_break(r->figure, lines);
    }
}

/** Marks of one level and one run: the large ones first, small ones lie over them. */
static void
put_marks(struct psim_roofline *r, size_t slope, size_t run)
{
    struct psim_series *marks = psim_figure_series(
        r->figure, &(struct psim_series){
                       .kind = PSIM_SERIES_MARKS,
                       .colour = psim_figure_theme(r->figure)
                                     ->series[psim_slope_colour(r->roofs, slope)],
                       .shape = psim_shape_of(run)});
    for (size_t i = 0; i < r->kernels.n; i++) {
        const struct psim_kernel_point *point = &r->kernels.points[i];
        if (point->run != run || point->bytes[slope] <= 0) continue;
        psim_series_mark(r->figure, marks, point->flop / point->bytes[slope],
                         point->flop / point->time_s,
                         psim_mark_radius(r->figure, point));
    }
}

/** Named at the memory of the tensors, or where it has a point at all. */
static void
put_name(struct psim_roofline *r, const struct psim_kernel_point *point)
{
    size_t at = psim_roofs_home(r->roofs);
    for (size_t s = r->roofs->n_slopes; point->bytes[at] <= 0 && s-- > 0;) {
        if (point->bytes[s] > 0) at = s;
    }
    if (point->bytes[at] <= 0) return;
    psim_figure_label(r->figure, &(struct psim_label){
                                     .kind = PSIM_LABEL_POINT,
                                     .text = psim_point_name(r->arena, point),
                                     .colour = psim_figure_theme(r->figure)->ink,
                                     .x = point->flop / point->bytes[at],
                                     .y = point->flop / point->time_s,
                                     .radius_px = psim_mark_radius(r->figure, point),
                                 });
}

static void
put_kernels(struct psim_roofline *r)
{
    put_levels(r);
    for (size_t s = 0; s < r->roofs->n_slopes; s++) {
        for (size_t run = 0; run < r->data->n_results; run++) {
            put_marks(r, s, run);
        }
    }
}

/** Those that take longest; a narrow picture has room for few. */
static void
put_names(struct psim_roofline *r)
{
    const size_t named = psim_most_named(r->figure);
    for (size_t i = 0; i < r->kernels.n && i < named; i++) {
        put_name(r, &r->kernels.points[i]);
    }
}

struct psim_figure *
psim_roofline_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                     const struct psim_roofline_data *data)
{
    struct psim_roofline r = {.arena = arena, .data = data, .roofs = data->roofs};
    if (r.roofs->n_slopes == 0 || r.roofs->n_ceilings == 0) return NULL;
    psim_kernel_points(arena, r.roofs, data->results, data->n_results, &r.kernels);
    r.top_flop_per_s = psim_roofs_top(r.roofs, data->results, data->n_results);
    r.n_measured = psim_measured_places(arena, data, flop_per_s, &r.measured);
    if (!find_range(&r)) return NULL;
    r.figure = psim_figure_of_results(arena, style, "Roofline", r.roofs->title,
                                      data->results, data->n_results);
    r.em = psim_figure_font_px(r.figure);
    put_axes(&r);
    psim_roofline_roofs(&r);
    put_kernels(&r);
    psim_measured_marks(r.figure, arena, r.measured, r.n_measured, &r.kernels,
                        psim_roofs_home(r.roofs), flop_per_s, PSIM_DIM_FLOP_PER_S);
    psim_roofline_name_first(&r);
    put_names(&r);
    psim_roofline_name_rest(&r);
    psim_kernel_keys(r.figure, arena, data->results, data->n_results, &r.kernels);
    return r.figure;
}
