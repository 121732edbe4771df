/* SPDX-License-Identifier: MIT */
/** @file What was measured: where it is, and how it looks. */
#include "report/measured_marks.h"

#include <math.h>

#include "report/kernel_marks.h"
#include "report/roofline.h"
#include "util/arena.h"

/** Of the font's size. */
static const double hollow_em = 0.36, filled_em = 0.22;

/** Of many measured points none but the first have words. */
enum { NAMED = 3 };

size_t
psim_measured_places(struct psim_arena *arena, const struct psim_roofline_data *data,
                     psim_axis_value *value, const struct psim_measured_place **ret)
{
    struct psim_measured_place *places =
        PSIM_NEW_N(arena, struct psim_measured_place, data->n_measured + 1);
    const size_t home = psim_roofs_home(data->roofs);
    size_t n = 0;
    for (size_t i = 0; i < data->n_measured; i++) {
        const struct psim_measured_point *p = &data->measured[i];
        const struct psim_measured_place place = {
            .point = p,
            .x = psim_op_intensity(data->roofs, data->results[p->run], p->op, home),
            .predicted = value(p->flop, p->predicted_s, p->predicted_j),
            .measured = value(p->flop, p->measured_s, p->measured_j),
        };
        if (place.x > 0 && place.predicted > 0 && place.measured > 0)
            places[n++] = place;
    }
    *ret = places;
    return n;
}

/** Whether a kernel is drawn where this was predicted. */
static bool
is_at_kernel(const struct psim_measured_place *place,
             const struct psim_kernel_points *kernels, size_t home,
             psim_axis_value *value)
{
    static const double near = 0.05; /* of either axis, relative */
    for (size_t i = 0; i < kernels->n; i++) {
        const struct psim_kernel_point *k = &kernels->points[i];
        if (k->run != place->point->run || k->bytes[home] <= 0) continue;
        const double x = k->flop / k->bytes[home];
        const double y = value(k->flop, k->time_s, k->energy_j);
        if (y > 0 && fabs(log(x / place->x)) < near &&
            fabs(log(y / place->predicted)) < near) {
            return true;
        }
    }
    return false;
}

static void
put_mark(struct psim_figure *figure, const struct psim_measured_place *place,
         bool hollow, double radius_px)
{
    struct psim_series *mark = psim_figure_series(
        figure, &(struct psim_series){.kind = PSIM_SERIES_MARKS,
                                      .colour = psim_figure_theme(figure)->ink,
                                      .shape = psim_shape_of(place->point->run),
                                      .hollow = hollow});
    psim_series_mark(figure, mark, place->x,
                     hollow ? place->measured : place->predicted, radius_px);
}

static void
put_name(struct psim_figure *figure, struct psim_arena *arena,
         const struct psim_measured_place *place, enum psim_dim dim)
{
    const char *value = psim_quantity_print(arena, place->measured, dim, 3);
    psim_figure_label(figure,
                      &(struct psim_label){
                          .kind = PSIM_LABEL_POINT,
                          .text = psim_arena_printf(arena, "measured %s", value),
                          .colour = psim_figure_theme(figure)->quiet,
                          .size = 0.88,
                          .x = place->x,
                          .y = place->measured,
                          .radius_px = hollow_em * psim_figure_font_px(figure),
                          .optional = true,
                      });
}

static void
put_keys(struct psim_figure *figure, bool alone)
{
    struct psim_swatch mark = {.kind = PSIM_SWATCH_MARK,
                               .colour = psim_figure_theme(figure)->ink,
                               .hollow = true};
    psim_figure_key(figure, &mark, "measured");
    mark.hollow = false;
    if (alone) psim_figure_key(figure, &mark, "predicted as it was measured");
}

void
psim_measured_marks(struct psim_figure *figure, struct psim_arena *arena,
                    const struct psim_measured_place *places, size_t n,
                    const struct psim_kernel_points *kernels, size_t home,
                    psim_axis_value *value, enum psim_dim dim)
{
    const double em = psim_figure_font_px(figure);
    bool alone = false;
    for (size_t i = 0; i < n; i++) {
        const struct psim_measured_place *place = &places[i];
        const struct psim_series line = {.kind = PSIM_SERIES_LINE,
                                         .colour = psim_figure_theme(figure)->ink,
                                         .width_px = 0.1 * em};
        psim_figure_line(figure, &line, place->x, place->predicted, place->x,
                         place->measured);
        if (!is_at_kernel(place, kernels, home, value)) {
            put_mark(figure, place, false, filled_em * em);
            alone = true;
        }
    }
    for (size_t i = 0; i < n; i++) {
        put_mark(figure, &places[i], true, hollow_em * em);
        if (i < NAMED) put_name(figure, arena, &places[i], dim);
    }
    if (n > 0) put_keys(figure, alone);
}
