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
    double x, y; /**< of a point: where its leader goes to */
    double font_px, half_width, half_height;
    bool
        rings; /**< the first `near` are at the point itself, the others have leaders */
    size_t near;
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
    /* In eighths of a turn: right, left, above, below, then between these. */
    static const int turns[] = {0, 8, 4, 12, 2, 6, 14, 10, 1, 7, 15, 9, 3, 5, 13, 11};
    static const double rings_em[] = {0.15, 1.4, 2.8, 4.5, 6.5, 9};
    const double em = figure->font_px;
    choice->x = psim_figure_x_px(figure, label->x);
    choice->y = psim_figure_y_px(figure, label->y);
    choice->rings = true;
    for (size_t ring = 0; ring < PSIM_COUNT(rings_em); ring++) {
        const double away = label->radius_px + rings_em[ring] * em;
        for (size_t i = 0; i < PSIM_COUNT(turns); i++) {
            const double c = cos(turns[i] * pi / 8), s = sin(turns[i] * pi / 8);
            offer(choice, choice->x + c * away + sign_of(c) * choice->half_width,
                  choice->y - s * away - sign_of(s) * choice->half_height, 0,
                  2.0 * (double)ring + 0.12 * (double)i);
        }
        if (ring == 0) choice->near = choice->n;
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
    if (!choice->rings || chosen < choice->near) return;
    /* From the nearest place of the box to the edge of the mark. */
    const double x = fmin(fmax(choice->x, box->x - box->half_width * 0.9),
                          box->x + box->half_width * 0.9);
    const double y = fmin(fmax(choice->y, box->y - box->half_height * 0.8),
                          box->y + box->half_height * 0.8);
    const double far = hypot(x - choice->x, y - choice->y);
    const double part = far > 0 ? fmin(label->radius_px / far, 1) : 1;
    figure->leaders = psim_figure_grow(figure, figure->leaders, figure->n_leaders,
                                       sizeof *figure->leaders);
    figure->leaders[figure->n_leaders++] =
        (struct psim_leader){.x0 = x,
                             .y0 = y,
                             .x1 = choice->x + (x - choice->x) * part,
                             .y1 = choice->y + (y - choice->y) * part,
                             .colour = figure->theme->axis};
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
        psim_placer_stroke(
            placer, psim_figure_x_px(figure, v[0]), psim_figure_y_px(figure, v[1]),
            psim_figure_x_px(figure, v[2]), psim_figure_y_px(figure, v[3]));
    }
}

void
psim_figure_place_labels(struct psim_figure *figure)
{
    struct psim_placer placer = {.arena = figure->arena, .area = figure->plot};
    unsigned number = 0;
    for (size_t i = 0; i < figure->n_series; i++) {
        add_series(figure, &placer, &figure->series[i]);
    }
    for (size_t i = 0; i < figure->n_labels; i++) {
        const struct psim_label *label = &figure->labels[i];
        if (place(figure, &placer, label, label->text) || label->optional) continue;
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
