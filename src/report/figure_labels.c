/* SPDX-License-Identifier: MIT */
/** @file A picture: each label finds a place, or becomes an entry of the legend. */
#include <math.h>

#include "report/figure_parts.h"
#include "report/text_width.h"
#include "util/arena.h"

/* Room around a text, in its font's size: to each side, and from its middle up and
 * down, with what hangs below the line. */
static const double side = 0.2, half_line = 0.62;

static const double pi = 3.14159265358979323846;

enum { MAX_CANDIDATES = 160 };

/** What may be left away is not led to from far. */
enum { NEAR_RINGS = 3 };

struct psim_box
psim_text_box(const struct psim_text *text)
{
    const double width = psim_text_width_px(text->text, text->font_px);
    const double along = (0.5 - text->align) * width;
    return (struct psim_box){
        .x = text->x + along * cos(text->angle_deg * pi / 180),
        .y = text->y - along * sin(text->angle_deg * pi / 180),
        .half_width = width / 2 + side * text->font_px,
        .half_height = half_line * text->font_px,
        .angle_deg = text->angle_deg,
    };
}

/** Places for one label, and its font. */
struct choice {
    struct psim_candidate all[MAX_CANDIDATES];
    size_t n;
    double font_px, half_width, half_height;
};

static void
start(struct choice *ret, const struct psim_figure *figure,
      const struct psim_label *label, const char *text)
{
    const double font_px = figure->font_px * (label->size > 0 ? label->size : 1);
    *ret = (struct choice){
        .font_px = font_px,
        .half_width = psim_text_width_px(text, font_px) / 2 + side * font_px,
        .half_height = half_line * font_px,
    };
}

static void
offer(struct choice *choice, double x, double y, double angle_deg, double cost)
{
    if (choice->n == MAX_CANDIDATES) return;
    choice->all[choice->n++] =
        (struct psim_candidate){.box = {.x = x,
                                        .y = y,
                                        .half_width = choice->half_width,
                                        .half_height = choice->half_height,
                                        .angle_deg = angle_deg},
                                .cost = cost};
}

/** -1, 0 or 1, where a direction is nearly along the other axis 0. */
static double
sign_of(double part)
{
    return part > 0.35 ? 1 : part < -0.35 ? -1 : 0;
}

/** Round a point, first close to it, then in rings that grow. */
static void
offer_round(struct choice *choice, const struct psim_figure *figure,
            const struct psim_label *label)
{
    /* In sixteenths of a turn: right, left, above, below, then between these. */
    static const int all[PSIM_N_SIDES][16] = {
        [PSIM_SIDE_RIGHT] = {0, 8, 4, 12, 2, 6, 14, 10, 1, 7, 15, 9, 3, 5, 13, 11},
        [PSIM_SIDE_ABOVE] = {4, 2, 6, 3, 5, 1, 7, 14, 0, 8, 15, 13, 10, 9, 11, 12},
        [PSIM_SIDE_LEFT] = {8, 0, 4, 12, 6, 2, 10, 14, 7, 1, 9, 15, 5, 3, 11, 13},
    };
    const int *turns = all[label->side];
    static const double rings_em[] = {0.1, 1.2, 2.5, 4, 6, 8.5};
    const size_t n_rings = label->optional ? NEAR_RINGS : PSIM_COUNT(rings_em);
    const double em = figure->font_px;
    const double x = psim_figure_x_px(figure, label->x);
    const double y = psim_figure_y_px(figure, label->y);
    for (size_t ring = 0; ring < n_rings; ring++) {
        const double away = label->radius_px + 1.5 + rings_em[ring] * em;
        for (size_t i = 0; i < PSIM_COUNT(all[0]); i++) {
            const double c = cos(turns[i] * pi / 8), s = sin(turns[i] * pi / 8);
            offer(choice, x + c * away + sign_of(c) * choice->half_width,
                  y - s * away - sign_of(s) * choice->half_height, 0,
                  2.0 * (double)ring + 0.12 * (double)i);
            struct psim_candidate *last = &choice->all[choice->n - 1];
            last->leads = ring > 0;
            last->tip_x = x;
            last->tip_y = y;
            last->gap = label->radius_px;
        }
    }
}

/** Along a line, from its far end back, above it and below. */
static void
offer_along(struct choice *choice, const struct psim_figure *figure,
            const struct psim_label *label)
{
    enum { STEPS = 40 };
    double x0 = psim_figure_x_px(figure, label->x),
           y0 = psim_figure_y_px(figure, label->y);
    double x1 = psim_figure_x_px(figure, label->x1),
           y1 = psim_figure_y_px(figure, label->y1);
    const double length = hypot(x1 - x0, y1 - y0);
    const double room = length - 2 * choice->half_width;
    if (room < 0) return;
    const bool back = x1 < x0;
    /* gnuplot turns text of an SVG by whole degrees only. */
    const double angle =
        round((back ? atan2(y1 - y0, x0 - x1) : atan2(y0 - y1, x1 - x0)) * 180 / pi);
    const double ux = (x1 - x0) / length, uy = (y1 - y0) / length;
    const double nx = back ? -uy : uy, ny = back ? ux : -ux; /* to above */
    /* Turned by whole degrees only, its end leaves the line by up to half of one. */
    const double off =
        choice->half_height + 0.0087 * choice->half_width + label->radius_px;
    for (int i = 0; i <= STEPS; i++) {
        const double at = length - choice->half_width - room * i / STEPS;
        for (int down = 0; down <= 1; down++) {
            const double d = down ? -off : off;
            offer(choice, x0 + ux * at + nx * d, y0 + uy * at + ny * d, angle,
                  0.06 * i + 0.5 * down);
        }
    }
}

/** In the middle of a box, if it has the room. */
static void
offer_in(struct choice *choice, const struct psim_figure *figure,
         const struct psim_label *label)
{
    const double x0 = psim_figure_x_px(figure, label->x),
                 x1 = psim_figure_x_px(figure, label->x1);
    const double y0 = psim_figure_y_px(figure, label->y),
                 y1 = psim_figure_y_px(figure, label->y1);
    if (fabs(x1 - x0) < 2 * choice->half_width ||
        fabs(y1 - y0) < 2 * choice->half_height) {
        return;
    }
    offer(choice, (x0 + x1) / 2, (y0 + y1) / 2, 0, 0);
}

static void
put(struct psim_figure *figure, const struct psim_label *label, const char *text,
    const struct choice *choice, size_t chosen)
{
    const struct psim_box *box = &choice->all[chosen].box;
    psim_figure_text(figure, &(struct psim_text){.text = text,
                                                 .x = box->x,
                                                 .y = box->y,
                                                 .font_px = choice->font_px,
                                                 .align = 0.5,
                                                 .angle_deg = box->angle_deg,
                                                 .colour = label->colour});
    const struct psim_candidate *candidate = &choice->all[chosen];
    if (!candidate->leads) return;
    const struct psim_stroke line = psim_leader(candidate);
    figure->leaders = psim_figure_grow(figure, figure->leaders, figure->n_leaders,
                                       sizeof *figure->leaders);
    figure->leaders[figure->n_leaders++] =
        (struct psim_leader){line.x0, line.y0, line.x1, line.y1, figure->theme->axis};
}

static bool
place(struct psim_figure *figure, struct psim_placer *placer,
      const struct psim_label *label, const char *text)
{
    struct choice choice;
    size_t chosen;
    start(&choice, figure, label, text);
    switch (label->kind) {
    case PSIM_LABEL_POINT:
        offer_round(&choice, figure, label);
        break;
    case PSIM_LABEL_LINE:
        offer_along(&choice, figure, label);
        break;
    case PSIM_LABEL_IN:
        offer_in(&choice, figure, label);
        break;
    }
    if (!psim_place(placer, choice.all, choice.n, &chosen)) return false;
    put(figure, label, text, &choice, chosen);
    return true;
}

/** What labels have to keep off. */
static void
add_series(struct psim_figure *figure, struct psim_placer *placer,
           const struct psim_series *series)
{
    const double *v = series->values;
    for (size_t i = 0; series->kind == PSIM_SERIES_MARKS && i < series->n;
         i++, v += 3) {
        psim_placer_disc(placer, psim_figure_x_px(figure, v[0]),
                         psim_figure_y_px(figure, v[1]), v[2] + 1);
    }
    if (series->kind != PSIM_SERIES_LINE || series->faint) return;
    for (size_t i = 1; i < series->n; i++, v += 2) {
        if (isnan(v[0]) || isnan(v[2])) continue; /* a break */
        psim_placer_stroke(
            placer, psim_figure_x_px(figure, v[0]), psim_figure_y_px(figure, v[1]),
            psim_figure_x_px(figure, v[2]), psim_figure_y_px(figure, v[3]));
    }
}

void
psim_figure_place_labels(struct psim_figure *figure)
{
    struct psim_placer placer = {.arena = figure->arena, .area = figure->plot};
    placer.area.right += figure->x.room_px;
    unsigned number = 0;
    for (size_t i = 0; i < figure->n_series; i++) {
        add_series(figure, &placer, figure->series[i]);
    }
    for (size_t i = 0; i < figure->n_labels; i++) {
        const struct psim_label *label = &figure->labels[i];
        if (place(figure, &placer, label, label->text)) continue;
        if (label->brief && place(figure, &placer, label, label->brief)) continue;
        if (label->optional) continue;
        const char *words = label->otherwise ? label->otherwise : label->text;
        const char *tag = psim_arena_printf(figure->arena, "%u", number + 1);
        const struct psim_swatch none = {.colour = label->colour};
        if (place(figure, &placer, label, tag)) {
            number++;
            words = psim_arena_printf(figure->arena, "%s  %s", tag, words);
        }
        psim_figure_key(figure, &none, words);
    }
}
