/* SPDX-License-Identifier: MIT */
/** @file Predicted against measured times. */
#include <math.h>
#include <stdlib.h>

#include "report/plots.h"
#include "util/arena.h"

enum { NAMED = 6, COLOURS = PSIM_THEME_COLOURS - 1 }; /* grey is of no group */

struct accuracy {
    struct psim_arena *arena;
    const struct psim_accuracy_data *data;
    struct psim_figure *figure;
    double em;
    double low, high; /**< of both axes */
};

/** One whose label is sought for, the worst first. */
struct miss {
    double factor; /**< |ln(predicted / measured)| */
    size_t point;
};

static double
error_of(const struct psim_accuracy_point *point)
{
    return fabs(point->predicted / point->measured - 1);
}

double
psim_accuracy_mape(const struct psim_accuracy_data *data, size_t group, size_t *ret_n)
{
    double sum = 0;
    *ret_n = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (group != data->n_groups && data->points[i].group != group) continue;
        sum += error_of(&data->points[i]);
        (*ret_n)++;
    }
    return *ret_n > 0 ? sum / (double)*ret_n : -1;
}

static void
put_axes(struct accuracy *a)
{
    a->low = INFINITY;
    for (size_t i = 0; i < a->data->n; i++) {
        const struct psim_accuracy_point *p = &a->data->points[i];
        a->low = fmin(a->low, fmin(p->measured, p->predicted));
        a->high = fmax(a->high, fmax(p->measured, p->predicted));
    }
    a->low /= 2;
    a->high *= 2;
    struct psim_axis axis = {
        .title = "measured (s)",
        .scale = {
            .least = a->low, .most = a->high, .log = true, .dim = PSIM_DIM_SECONDS}};
    const struct psim_axis x = axis;
    axis.title = "predicted (s)";
    psim_figure_axes(a->figure, &x, &axis, 0);
}

/** From measured / (1 + part) to measured x (1 + part), as far as the plot goes. */
static void
put_band(struct accuracy *a, double part, uint32_t colour)
{
    enum { SAMPLES = 48 };
    struct psim_series *band = psim_figure_series(
        a->figure, &(struct psim_series){.kind = PSIM_SERIES_AREA, .colour = colour});
    const double step = log(a->high / a->low) / (SAMPLES - 1);
    for (int i = 0; i < SAMPLES; i++) {
        const double x = i == SAMPLES - 1 ? a->high : a->low * exp(step * i);
        psim_series_area(a->figure, band, x, fmax(x * (1 - part), a->low),
                         fmin(x * (1 + part), a->high));
    }
}

/** Many points are smaller ones. */
static double
radius_of(const struct accuracy *a)
{
    enum { MANY = 150 };
    return a->em * (a->data->n > MANY ? 0.24 : 0.32);
}

static size_t
colour_of(size_t group)
{
    return group % COLOURS;
}

/** Groups of one colour differ in shape. */
static enum psim_shape
shape_of(size_t group)
{
    return (enum psim_shape)((group + group / COLOURS) % PSIM_N_SHAPES);
}

static void
put_points(struct accuracy *a)
{
    for (size_t g = 0; g < a->data->n_groups; g++) {
        struct psim_series *marks = psim_figure_series(
            a->figure, &(struct psim_series){
                           .kind = PSIM_SERIES_MARKS,
                           .colour = psim_figure_theme(a->figure)->series[colour_of(g)],
                           .shape = shape_of(g)});
        for (size_t i = 0; i < a->data->n; i++) {
            const struct psim_accuracy_point *p = &a->data->points[i];
            if (p->group != g) continue;
            psim_series_mark(a->figure, marks, p->measured, p->predicted, radius_of(a));
        }
    }
}

static int
worse(const void *x, const void *y)
{
    const struct miss *a = x, *b = y;
    if (a->factor != b->factor) return a->factor < b->factor ? 1 : -1;
    return (a->point > b->point) - (a->point < b->point);
}

static void
name_worst(struct accuracy *a)
{
    struct miss *misses = PSIM_NEW_N(a->arena, struct miss, a->data->n);
    for (size_t i = 0; i < a->data->n; i++) {
        const struct psim_accuracy_point *p = &a->data->points[i];
        misses[i] = (struct miss){fabs(log(p->predicted / p->measured)), i};
    }
    qsort(misses, a->data->n, sizeof *misses, worse);
    for (size_t i = 0; i < a->data->n && i < NAMED; i++) {
        const struct psim_accuracy_point *p = &a->data->points[misses[i].point];
        psim_figure_label(
            a->figure,
            &(struct psim_label){
                .kind = PSIM_LABEL_POINT,
                .text = psim_arena_printf(a->arena, "%s \xC3\x97%.2f", p->label,
                                          p->predicted / p->measured),
                .colour = psim_figure_theme(a->figure)->text[colour_of(p->group)],
                .size = 0.92,
                .x = p->measured,
                .y = p->predicted,
                .radius_px = radius_of(a),
                .side = p->predicted > p->measured ? PSIM_SIDE_LEFT : PSIM_SIDE_RIGHT,
            });
    }
}

static void
put_keys(struct accuracy *a)
{
    const struct psim_theme *theme = psim_figure_theme(a->figure);
    for (size_t g = 0; g < a->data->n_groups; g++) {
        size_t n;
        const double mape = psim_accuracy_mape(a->data, g, &n);
        const struct psim_swatch mark = {.kind = PSIM_SWATCH_MARK,
                                         .colour = theme->series[colour_of(g)],
                                         .shape = shape_of(g)};
        psim_figure_key(a->figure, &mark,
                        psim_arena_printf(a->arena, "%s: %.1f %% (%zu)",
                                          a->data->groups[g], 100 * mape, n));
    }
    const struct psim_swatch none = {0};
    psim_figure_key(a->figure, &none,
                    "in brackets how many; bands: within 10 % and 25 %");
}

struct psim_figure *
psim_accuracy_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                     const struct psim_accuracy_data *data)
{
    struct accuracy a = {.arena = arena, .data = data};
    size_t n;
    const double mape = psim_accuracy_mape(data, data->n_groups, &n);
    a.figure = psim_figure_new(
        arena, style,
        psim_arena_printf(arena, "Predicted against measured: MAPE %.1f %%",
                          100 * mape),
        psim_arena_printf(arena, "%zu record%s on %s, %s engine", n, n == 1 ? "" : "s",
                          data->machine, data->engine));
    a.em = psim_figure_font_px(a.figure);
    const struct psim_theme *theme = psim_figure_theme(a.figure);
    put_axes(&a);
    put_band(&a, 0.25, theme->band_far);
    put_band(&a, 0.10, theme->band_near);
    psim_figure_line(a.figure,
                     &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                           .colour = theme->axis,
                                           .width_px = 0.1 * a.em,
                                           .faint = true},
                     a.low, a.low, a.high, a.high);
    put_points(&a);
    name_worst(&a);
    put_keys(&a);
    return a.figure;
}
