/* SPDX-License-Identifier: MIT */
/** @file A picture: its titles, axes and series. */
#include "report/figure.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "report/figure_parts.h"
#include "report/text_width.h"
#include "util/arena.h"

/* Between a narrow and a wide picture sizes grow with the width, though less; beyond
 * the wide one all grows alike, as on a screen of finer dots. */
static const double narrow_px = 380, wide_px = 1200;

/** From @p narrow at 380 pixels to @p wide at 1200. */
static double
between(double width_px, double narrow, double wide)
{
    const double t = (width_px - narrow_px) / (wide_px - narrow_px);
    return narrow + fmin(fmax(t, 0), 1) * (wide - narrow);
}

void *
psim_figure_grow(struct psim_figure *figure, void *list, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0) return list;
    void *more = psim_arena_alloc(figure->arena, n == 0 ? 1 : 2 * n, size);
    if (n > 0) memcpy(more, list, n * size);
    return more;
}

void
psim_figure_text(struct psim_figure *figure, const struct psim_text *text)
{
    figure->texts =
        psim_figure_grow(figure, figure->texts, figure->n_texts, sizeof *text);
    figure->texts[figure->n_texts++] = *text;
}

/** Lines of text from the top. @return where they end */
static double
put_lines(struct psim_figure *figure, const char *text, double top, double font_px,
          uint32_t colour)
{
    const char *lines[PSIM_TITLE_LINES];
    const double pad = figure->font_px;
    const size_t n =
        psim_text_wrap(figure->arena, text, font_px, figure->style.width_px - 2 * pad,
                       PSIM_TITLE_LINES, lines);
    for (size_t i = 0; i < n; i++) {
        psim_figure_text(figure, &(struct psim_text){.text = lines[i],
                                                     .x = pad,
                                                     .y = top + 0.65 * font_px,
                                                     .font_px = font_px,
                                                     .colour = colour});
        top += 1.3 * font_px;
    }
    return top;
}

struct psim_figure *
psim_figure_new(struct psim_arena *arena, const struct psim_figure_style *style,
                const char *title, const char *line)
{
    struct psim_figure *figure = PSIM_NEW(arena, struct psim_figure);
    const double width_px = style->width_px;
    *figure = (struct psim_figure){
        .arena = arena,
        .style = *style,
        .theme = psim_theme(style->dark),
        .font_px = between(width_px, 11, 15) * fmax(width_px / wide_px, 1),
    };
    const double em = figure->font_px;
    double top = put_lines(figure, title, 0.8 * em, 1.3 * em, figure->theme->ink);
    if (line) {
        top = put_lines(figure, line, top + 0.2 * em, 0.95 * em, figure->theme->quiet);
    }
    figure->plot.top = top + 0.6 * em;
    return figure;
}

const struct psim_theme *
psim_figure_theme(const struct psim_figure *figure)
{
    return figure->theme;
}

double
psim_figure_font_px(const struct psim_figure *figure)
{
    return figure->font_px;
}

double
psim_figure_width_px(const struct psim_figure *figure)
{
    return figure->style.width_px;
}

/** Part of a scale that lies below a value. */
static double
part_of(const struct psim_scale *scale, double value)
{
    if (scale->log) return log(value / scale->least) / log(scale->most / scale->least);
    return (value - scale->least) / (scale->most - scale->least);
}

double
psim_figure_x_px(const struct psim_figure *figure, double x)
{
    const struct psim_rect *plot = &figure->plot;
    return plot->left + part_of(&figure->x.scale, x) * (plot->right - plot->left);
}

double
psim_figure_y_px(const struct psim_figure *figure, double y)
{
    const struct psim_rect *plot = &figure->plot;
    const double part = part_of(&figure->y.scale, y);
    return figure->y.downwards ? plot->top + part * (plot->bottom - plot->top)
                               : plot->bottom - part * (plot->bottom - plot->top);
}

static double
tick_font(const struct psim_figure *figure)
{
    return 0.92 * figure->font_px;
}

static double
widest(const struct psim_figure *figure, const struct psim_axis *axis)
{
    double width = 0;
    for (size_t i = 0; i < axis->n_ticks; i++) {
        if (!axis->ticks[i].text) continue;
        width = fmax(width, psim_text_width_px(axis->ticks[i].text, tick_font(figure)));
    }
    return width;
}

static void
choose_ticks(struct psim_figure *figure, struct psim_axis *axis, double room)
{
    if (axis->ticks) return;
    axis->n_ticks = psim_ticks(figure->arena, &axis->scale, room < 2 ? 2 : (size_t)room,
                               &axis->ticks);
}

/** Names of rows may take this much of the width; longer ones are cut. */
static const double most_names = 0.4;

static void
cut_names(struct psim_figure *figure)
{
    struct psim_axis *y = &figure->y;
    struct psim_tick *ticks = PSIM_NEW_N(figure->arena, struct psim_tick, y->n_ticks);
    for (size_t i = 0; i < y->n_ticks; i++) {
        ticks[i] = y->ticks[i];
        if (!ticks[i].text) continue;
        ticks[i].text = psim_text_cut(figure->arena, ticks[i].text, tick_font(figure),
                                      most_names * figure->style.width_px);
    }
    y->ticks = ticks;
}

static void
put_y_axis(struct psim_figure *figure)
{
    const double em = figure->font_px;
    const struct psim_axis *y = &figure->y;
    for (size_t i = 0; i < y->n_ticks; i++) {
        if (!y->ticks[i].text) continue;
        psim_figure_text(
            figure, &(struct psim_text){.text = y->ticks[i].text,
                                        .x = figure->plot.left - 0.6 * em,
                                        .y = psim_figure_y_px(figure, y->ticks[i].at),
                                        .font_px = tick_font(figure),
                                        .align = 1,
                                        .colour = figure->theme->quiet});
    }
}

/** Words of the x axis stand apart: of two that would touch the later is left away. */
static void
put_x_axis(struct psim_figure *figure)
{
    const double em = figure->font_px, font_px = tick_font(figure);
    const struct psim_axis *x = &figure->x;
    double free_from = 0;
    for (size_t i = 0; i < x->n_ticks; i++) {
        const char *text = x->ticks[i].text;
        const double half = text ? psim_text_width_px(text, font_px) / 2 : 0;
        const double at = psim_figure_x_px(figure, x->ticks[i].at);
        if (!text || at - half < free_from ||
            at + half > figure->style.width_px - 0.2 * em) {
            continue;
        }
        free_from = at + half + 0.5 * em;
        psim_figure_text(figure, &(struct psim_text){.text = text,
                                                     .x = at,
                                                     .y = figure->plot.bottom + em,
                                                     .font_px = font_px,
                                                     .align = 0.5,
                                                     .colour = figure->theme->quiet});
    }
    figure->height_px = figure->plot.bottom + 1.9 * em;
    if (!x->title) return;
    psim_figure_text(figure, &(struct psim_text){
                                 .text = psim_text_cut(figure->arena, x->title, em,
                                                       figure->style.width_px - 2 * em),
                                 .x = (figure->plot.left + figure->plot.right) / 2,
                                 .y = figure->plot.bottom + 2.4 * em,
                                 .font_px = em,
                                 .align = 0.5,
                                 .colour = figure->theme->ink});
    figure->height_px = figure->plot.bottom + 3.3 * em;
}

void
psim_figure_axes(struct psim_figure *figure, const struct psim_axis *x,
                 const struct psim_axis *y, double height_px)
{
    assert(x->scale.least < x->scale.most && y->scale.least < y->scale.most);
    const double em = figure->font_px, width_px = figure->style.width_px;
    struct psim_rect *plot = &figure->plot;
    figure->x = *x;
    figure->y = *y;
    if (y->title) {
        psim_figure_text(
            figure, &(struct psim_text){.text = psim_text_cut(figure->arena, y->title,
                                                              em, width_px - 2 * em),
                                        .x = em,
                                        .y = plot->top + 0.65 * em,
                                        .font_px = em,
                                        .colour = figure->theme->ink});
        plot->top += 2 * em; /* above the words of the uppermost tick */
    }
    if (height_px <= 0) height_px = width_px * between(width_px, 0.9, 0.52);
    plot->bottom = plot->top + height_px;
    choose_ticks(figure, &figure->y, height_px / (2.4 * em));
    cut_names(figure);
    plot->left = em + widest(figure, &figure->y) + 0.6 * em;
    plot->right = width_px - 1.6 * em - x->room_px;
    choose_ticks(figure, &figure->x, (plot->right - plot->left) / (3.8 * em));
    put_y_axis(figure);
    put_x_axis(figure);
}

static const size_t columns_of[] = {[PSIM_SERIES_LINE] = 2,
                                    [PSIM_SERIES_MARKS] = 3,
                                    [PSIM_SERIES_BARS] = 5,
                                    [PSIM_SERIES_AREA] = 3};

struct psim_series *
psim_figure_series(struct psim_figure *figure, const struct psim_series *like)
{
    figure->series = psim_figure_grow(figure, figure->series, figure->n_series,
                                      sizeof(struct psim_series *));
    struct psim_series *series = PSIM_NEW(figure->arena, struct psim_series);
    figure->series[figure->n_series++] = series;
    *series = *like;
    series->values = NULL;
    series->n = 0;
    return series;
}

static void
add(struct psim_figure *figure, struct psim_series *series, const double *values)
{
    const size_t columns = columns_of[series->kind];
    series->values = psim_figure_grow(figure, series->values, series->n,
                                      columns * sizeof *series->values);
    memcpy(series->values + columns * series->n, values, columns * sizeof *values);
    series->n++;
}

void
psim_series_point(struct psim_figure *figure, struct psim_series *series, double x,
                  double y)
{
    assert(series->kind == PSIM_SERIES_LINE);
    add(figure, series, (const double[]){x, y});
}

void
psim_series_break(struct psim_figure *figure, struct psim_series *series)
{
    assert(series->kind == PSIM_SERIES_LINE);
    add(figure, series, (const double[]){NAN, NAN});
}

void
psim_series_mark(struct psim_figure *figure, struct psim_series *series, double x,
                 double y, double radius_px)
{
    assert(series->kind == PSIM_SERIES_MARKS);
    add(figure, series, (const double[]){x, y, radius_px});
}

void
psim_series_bar(struct psim_figure *figure, struct psim_series *series, double x0,
                double x1, double y0, double y1, uint32_t colour)
{
    assert(series->kind == PSIM_SERIES_BARS);
    add(figure, series, (const double[]){x0, x1, y0, y1, colour});
}

void
psim_series_area(struct psim_figure *figure, struct psim_series *series, double x,
                 double y0, double y1)
{
    assert(series->kind == PSIM_SERIES_AREA);
    add(figure, series, (const double[]){x, y0, y1});
}

void
psim_figure_line(struct psim_figure *figure, const struct psim_series *like, double x0,
                 double y0, double x1, double y1)
{
    struct psim_series *series = psim_figure_series(figure, like);
    psim_series_point(figure, series, x0, y0);
    psim_series_point(figure, series, x1, y1);
}

void
psim_figure_label(struct psim_figure *figure, const struct psim_label *label)
{
    figure->labels =
        psim_figure_grow(figure, figure->labels, figure->n_labels, sizeof *label);
    figure->labels[figure->n_labels++] = *label;
}

void
psim_figure_key(struct psim_figure *figure, const struct psim_swatch *swatch,
                const char *text)
{
    figure->entries = psim_figure_grow(figure, figure->entries, figure->n_entries,
                                       sizeof *figure->entries);
    figure->entries[figure->n_entries++] =
        (struct psim_entry){.swatch = *swatch, .text = text};
}
