/* SPDX-License-Identifier: MIT */
/** @file The energy roofline: what a FLOP costs, by how often each byte is used
 * (docs/MODEL.md, eq. G1). */
#include <math.h>

#include "report/kernel_marks.h"
#include "report/measured_marks.h"
#include "report/roofline.h"
#include "util/arena.h"

enum { SAMPLES = 96 };

struct energy {
    struct psim_arena *arena;
    const struct psim_roofline_data *data;
    const struct psim_machine_roofs *roofs;
    const struct psim_slope *home;
    const struct psim_ceiling *top; /**< the highest in use that states its energy */
    size_t home_at;
    struct psim_kernel_points kernels;
    const struct psim_measured_place *measured;
    size_t n_measured;
    struct psim_figure *figure;
    double em;
    double left, right, low, high; /**< of the axes: FLOP/B, J/FLOP */
};

/* --- the model ---------------------------------------------------------------- */

/** Energy of a FLOP: its own, that of its bytes, its part of what is always drawn. */
static double
j_per_flop(const struct energy *e, const struct psim_ceiling *c, double flop_per_byte,
           bool base)
{
    const double s_per_flop =
        fmax(1 / c->peak_flop_per_s, 1 / (e->home->peak_bytes_per_s * flop_per_byte));
    const double base_w = base && e->roofs->base_w > 0 ? e->roofs->base_w : 0;
    return c->j_per_flop + e->home->j_per_byte / flop_per_byte + base_w * s_per_flop;
}

/** Where a FLOP and its bytes take the same energy. */
static double
energy_balance(const struct energy *e)
{
    return e->home->j_per_byte / e->top->j_per_flop;
}

/** Where they take the same time: the ridge point. */
static double
time_balance(const struct energy *e)
{
    return e->top->peak_flop_per_s / e->home->peak_bytes_per_s;
}

static bool
is_used(const struct energy *e, const struct psim_ceiling *c)
{
    return c->j_per_flop > 0 &&
           psim_roof_use(e->data->results, e->data->n_results, c) == PSIM_ROOF_USED;
}

/** What the curve is drawn of; false where the machine does not state it. */
static bool
find_figures(struct energy *e)
{
    if (e->roofs->n_slopes == 0) return false;
    e->home_at = psim_roofs_home(e->roofs);
    e->home = &e->roofs->slopes[e->home_at];
    for (size_t i = 0; i < e->roofs->n_ceilings && !e->top; i++) {
        if (is_used(e, &e->roofs->ceilings[i])) e->top = &e->roofs->ceilings[i];
    }
    return e->top && e->home->j_per_byte > 0;
}

static double
energy_over_work(double flop, double time_s, double energy_j)
{
    (void)time_s;
    return energy_j / flop;
}

/* --- axes --------------------------------------------------------------------- */

static bool
has_place(const struct energy *e, const struct psim_kernel_point *point)
{
    return point->energy_j > 0 && point->bytes[e->home_at] > 0;
}

static double
x_of(const struct energy *e, const struct psim_kernel_point *point)
{
    return point->flop / point->bytes[e->home_at];
}

static void
find_range(struct energy *e)
{
    e->left = fmin(energy_balance(e), time_balance(e)) / 8;
    e->right = fmax(energy_balance(e), time_balance(e)) * 8;
    e->low = e->top->j_per_flop;
    e->high = 0;
    for (size_t i = 0; i < e->kernels.n; i++) {
        const struct psim_kernel_point *point = &e->kernels.points[i];
        if (!has_place(e, point)) continue;
        e->left = fmin(e->left, x_of(e, point) / 2);
        e->right = fmax(e->right, x_of(e, point) * 3);
        e->low = fmin(e->low, point->energy_j / point->flop);
        e->high = fmax(e->high, point->energy_j / point->flop);
    }
    for (size_t i = 0; i < e->n_measured; i++) {
        const struct psim_measured_place *place = &e->measured[i];
        e->left = fmin(e->left, place->x / 2);
        e->right = fmax(e->right, place->x * 3);
        e->low = fmin(e->low, fmin(place->predicted, place->measured));
        e->high = fmax(e->high, fmax(place->predicted, place->measured));
    }
    e->high = fmax(e->high, j_per_flop(e, e->top, e->left, true)) * 2;
    e->low /= 2.5;
}

static void
put_axes(struct energy *e)
{
    const struct psim_axis x = {
        .title = "arithmetic intensity (FLOP/B)",
        .scale = {.least = e->left, .most = e->right, .log = true},
    };
    const struct psim_axis y = {
        .title = "energy of a FLOP (J/FLOP)",
        .scale = {.least = e->low,
                  .most = e->high,
                  .log = true,
                  .dim = PSIM_DIM_J_PER_FLOP},
    };
    psim_figure_axes(e->figure, &x, &y, 0);
}

/* --- curves ------------------------------------------------------------------- */

static void
put_curve(struct energy *e, const struct psim_ceiling *c, bool base,
          const struct psim_series *like)
{
    struct psim_series *curve = psim_figure_series(e->figure, like);
    const double step = log(e->right / e->left) / (SAMPLES - 1);
    for (int i = 0; i < SAMPLES; i++) {
        const double x = i == SAMPLES - 1 ? e->right : e->left * exp(step * i);
        psim_series_point(e->figure, curve, x, j_per_flop(e, c, x, base));
    }
}

/** What is left of it where bytes, or FLOP, cost nothing. */
static void
put_parts(struct energy *e)
{
    const struct psim_theme *theme = psim_figure_theme(e->figure);
    const struct psim_series thin = {.kind = PSIM_SERIES_LINE,
                                     .colour = theme->axis,
                                     .width_px = 0.09 * e->em,
                                     .dash = PSIM_DASH_LONG};
    const double flop = e->top->j_per_flop, byte = e->home->j_per_byte;
    const double to = fmin(e->right, byte / e->low);
    psim_figure_line(e->figure, &thin, e->left, flop, e->right, flop);
    psim_figure_line(e->figure, &thin, e->left, byte / e->left, to, byte / to);
}

static void
put_balance(struct energy *e, double at, size_t colour)
{
    psim_figure_line(
        e->figure,
        &(struct psim_series){.kind = PSIM_SERIES_LINE,
                              .colour = psim_figure_theme(e->figure)->series[colour],
                              .width_px = 0.12 * e->em,
                              .dash = PSIM_DASH_DOTS,
                              .faint = true},
        at, e->low, at, e->high);
}

static void
name_balance(struct energy *e, const char *what, double at, double other, size_t colour)
{
    const char *value = psim_quantity_print(e->arena, at, PSIM_DIM_FLOP_PER_BYTE, 3);
    psim_figure_label(e->figure,
                      &(struct psim_label){
                          .kind = PSIM_LABEL_POINT,
                          .text = psim_arena_printf(e->arena, "%s %s", what, value),
                          .colour = psim_figure_theme(e->figure)->text[colour],
                          .x = at,
                          .y = e->high / pow(e->high / e->low, 0.05),
                          .side = at < other ? PSIM_SIDE_LEFT : PSIM_SIDE_RIGHT,
                      });
}

static void
name_lines(struct energy *e)
{
    const struct psim_theme *theme = psim_figure_theme(e->figure);
    const double flop = e->top->j_per_flop, byte = e->home->j_per_byte;
    const struct psim_label quiet = {
        .kind = PSIM_LABEL_LINE, .colour = theme->quiet, .size = 0.92};
    struct psim_label label = quiet;
    label.text = psim_arena_printf(
        e->arena, "%s %s  %s", e->top->dtypes, psim_ceiling_kind_name(e->top->kind),
        psim_quantity_print(e->arena, flop, PSIM_DIM_J_PER_FLOP, 3));
    label.x = e->left;
    label.y = label.y1 = flop;
    label.x1 = e->right;
    psim_figure_label(e->figure, &label);
    label = quiet;
    label.text =
        psim_arena_printf(e->arena, "%s  %s", e->home->memory,
                          psim_quantity_print(e->arena, byte, PSIM_DIM_J_PER_BYTE, 3));
    label.x = fmin(e->right, byte / e->low);
    label.y = byte / label.x;
    label.x1 = e->left;
    label.y1 = byte / e->left;
    psim_figure_label(e->figure, &label);
}

static void
put_model(struct energy *e)
{
    const struct psim_theme *theme = psim_figure_theme(e->figure);
    put_balance(e, energy_balance(e), 1);
    put_balance(e, time_balance(e), 0);
    put_parts(e);
    put_curve(e, e->top, false,
              &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                    .colour = theme->series[2],
                                    .width_px = 0.14 * e->em});
    if (e->roofs->base_w <= 0) return;
    put_curve(e, e->top, true,
              &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                    .colour = theme->ink,
                                    .width_px = 0.18 * e->em});
}

/* --- kernels ------------------------------------------------------------------ */

static void
put_kernels(struct energy *e)
{
    const struct psim_theme *theme = psim_figure_theme(e->figure);
    for (size_t run = 0; run < e->data->n_results; run++) {
        struct psim_series *marks = psim_figure_series(
            e->figure, &(struct psim_series){.kind = PSIM_SERIES_MARKS,
                                             .colour = theme->series[0],
                                             .shape = psim_shape_of(run)});
        for (size_t i = 0; i < e->kernels.n; i++) {
            const struct psim_kernel_point *point = &e->kernels.points[i];
            if (point->run != run || !has_place(e, point)) continue;
            psim_series_mark(e->figure, marks, x_of(e, point),
                             point->energy_j / point->flop,
                             psim_mark_radius(e->figure, point));
        }
    }
}

static void
name_kernels(struct energy *e)
{
    const size_t named = psim_most_named(e->figure);
    for (size_t i = 0; i < e->kernels.n && i < named; i++) {
        const struct psim_kernel_point *point = &e->kernels.points[i];
        if (!has_place(e, point)) continue;
        psim_figure_label(
            e->figure,
            &(struct psim_label){.kind = PSIM_LABEL_POINT,
                                 .text = psim_point_name(e->arena, point),
                                 .colour = psim_figure_theme(e->figure)->ink,
                                 .x = x_of(e, point),
                                 .y = point->energy_j / point->flop,
                                 .radius_px = psim_mark_radius(e->figure, point)});
    }
}

static void
put_keys(struct energy *e)
{
    const struct psim_theme *theme = psim_figure_theme(e->figure);
    struct psim_swatch line = {
        .kind = PSIM_SWATCH_LINE, .colour = theme->ink, .width_px = 0.18 * e->em};
    if (e->roofs->base_w > 0) {
        psim_figure_key(
            e->figure, &line,
            psim_arena_printf(
                e->arena, "at best, with the %s that are always drawn",
                psim_quantity_print(e->arena, e->roofs->base_w, PSIM_DIM_WATTS, 3)));
    }
    line.colour = theme->series[2];
    line.width_px = 0.14 * e->em;
    psim_figure_key(e->figure, &line, "FLOP and bytes alone");
    psim_kernel_keys(e->figure, e->arena, e->data->results, e->data->n_results,
                     &e->kernels);
}

struct psim_figure *
psim_energy_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                   const struct psim_roofline_data *data)
{
    struct energy e = {.arena = arena, .data = data, .roofs = data->roofs};
    if (!find_figures(&e)) return NULL;
    psim_kernel_points(arena, e.roofs, data->results, data->n_results, &e.kernels);
    e.n_measured = psim_measured_places(arena, data, energy_over_work, &e.measured);
    find_range(&e);
    e.figure = psim_figure_of_results(arena, style, "Energy roofline", e.roofs->title,
                                      data->results, data->n_results);
    e.em = psim_figure_font_px(e.figure);
    put_axes(&e);
    put_model(&e);
    put_kernels(&e);
    psim_measured_marks(e.figure, arena, e.measured, e.n_measured, &e.kernels,
                        e.home_at, energy_over_work, PSIM_DIM_J_PER_FLOP);
    name_balance(&e, "energy balance", energy_balance(&e), time_balance(&e), 1);
    name_balance(&e, "time balance", time_balance(&e), energy_balance(&e), 0);
    name_kernels(&e);
    name_lines(&e);
    put_keys(&e);
    return e.figure;
}
