/* SPDX-License-Identifier: MIT */
/** @file A picture as a gnuplot script. */
#include <assert.h>
#include <math.h>

#include "report/figure_parts.h"
#include "util/arena.h"

/** Parts of the picture are written to so many digits: a hundredth of a pixel. */
static const double places = 1e6;

struct script {
    struct psim_figure *figure;
    FILE *out;
    unsigned label, arrow, object, data; /**< numbers given so far */
};

static void
number(struct script *s, double value)
{
    psim_gnuplot_number(s->figure->arena, s->out, value);
}

static double
rounded(double value)
{
    const double r = round(value * places) / places;
    return r == 0 ? 0 : r; /* never -0 */
}

/** "screen 0.5,0.25" */
static void
put_at(struct script *s, double x_px, double y_px)
{
    fputs("screen ", s->out);
    number(s, rounded(x_px / s->figure->style.width_px));
    fputs(",", s->out);
    number(s, rounded(1 - y_px / s->figure->height_px));
}

static void
put_margins(struct script *s)
{
    const struct psim_figure *f = s->figure;
    const struct {
        const char *name;
        double at;
    } margins[] = {
        {"lmargin", f->plot.left / f->style.width_px},
        {"rmargin", f->plot.right / f->style.width_px},
        {"tmargin", 1 - f->plot.top / f->height_px},
        {"bmargin", 1 - f->plot.bottom / f->height_px},
    };
    for (size_t i = 0; i < PSIM_COUNT(margins); i++) {
        fprintf(s->out, "set %s at screen ", margins[i].name);
        number(s, rounded(margins[i].at));
        fputs("\n", s->out);
    }
}

/** Ticks without words: those are labels, so that nothing is written over them. */
static void
put_axis(struct script *s, char name, const struct psim_axis *axis)
{
    const struct psim_scale *scale = &axis->scale;
    if (scale->log) fprintf(s->out, "set logscale %c\n", name);
    fprintf(s->out, "set %crange [", name);
    number(s, axis->downwards ? scale->most : scale->least);
    fputs(":", s->out);
    number(s, axis->downwards ? scale->least : scale->most);
    fputs("]\n", s->out);
    fprintf(s->out, "set %ctics nomirror out scale 0.6,0.35 (", name);
    for (size_t i = 0; i < axis->n_ticks; i++) {
        fprintf(s->out, "%s'' ", i == 0 ? "" : ", ");
        number(s, axis->ticks[i].at);
        fputs(axis->ticks[i].text ? " 0" : " 1", s->out);
    }
    fputs(")\n", s->out);
}

static void
put_axes(struct script *s)
{
    const struct psim_figure *f = s->figure;
    fputs("set border 3 lw ", s->out);
    number(s, fmax(1, f->font_px / 14));
    fputs(" lc rgb ", s->out);
    psim_gnuplot_colour(s->out, f->theme->axis);
    fputs("\n", s->out);
    put_axis(s, 'x', &f->x);
    put_axis(s, 'y', &f->y);
    if (f->x.no_grid && f->y.no_grid) return;
    fprintf(s->out, "set grid%s%s back lt 1 lw ", f->x.no_grid ? "" : " xtics",
            f->y.no_grid ? "" : " ytics");
    number(s, fmax(1, f->font_px / 14));
    fputs(" lc rgb ", s->out);
    psim_gnuplot_colour(s->out, f->theme->grid);
    fputs("\n", s->out);
}

static void
put_text(struct script *s, const struct psim_text *text)
{
    const char *align = text->align == 0   ? "left"
                        : text->align == 1 ? "right"
                                           : "center";
    fprintf(s->out, "set label %u %s at ", ++s->label,
            psim_gnuplot_quote(s->figure->arena, text->text));
    put_at(s, text->x, text->y);
    fprintf(s->out, " %s front font ',", align);
    number(s, rounded(text->font_px));
    fputs("' tc rgb ", s->out);
    psim_gnuplot_colour(s->out, text->colour);
    if (text->angle_deg != 0) {
        fputs(" rotate by ", s->out);
        number(s, text->angle_deg);
    }
    fputs("\n", s->out);
}

static void
put_dash(struct script *s, enum psim_dash dash)
{
    static const char *const dashes[] = {[PSIM_DASH_NONE] = " dt 1",
                                         [PSIM_DASH_LONG] = " dt (8,5)",
                                         [PSIM_DASH_DOTS] = " dt (2,4)"};
    fputs(dashes[dash], s->out);
}

static void
put_arrow(struct script *s, const double ends[4], double width_px, uint32_t colour,
          enum psim_dash dash)
{
    fprintf(s->out, "set arrow %u from ", ++s->arrow);
    put_at(s, ends[0], ends[1]);
    fputs(" to ", s->out);
    put_at(s, ends[2], ends[3]);
    fputs(" nohead front lw ", s->out);
    number(s, rounded(width_px));
    fputs(" lc rgb ", s->out);
    psim_gnuplot_colour(s->out, colour);
    put_dash(s, dash);
    fputs("\n", s->out);
}

/* --- marks ------------------------------------------------------------------- */

/** Types of gnuplot's points, filled and hollow; and how large a shape is drawn, so
 * that all cover about as much. */
static const struct {
    int filled, hollow;
    double scale;
} shapes[PSIM_N_SHAPES] = {
    [PSIM_SHAPE_CIRCLE] = {7, 6, 1},      [PSIM_SHAPE_SQUARE] = {5, 4, 0.88},
    [PSIM_SHAPE_TRIANGLE] = {9, 8, 1.05}, [PSIM_SHAPE_DIAMOND] = {13, 12, 0.9},
    [PSIM_SHAPE_DOWN] = {11, 10, 1.05},
};

static double
point_size(const struct script *s, enum psim_shape shape, double radius_px)
{
    return rounded(radius_px * shapes[shape].scale /
                   s->figure->style.terminal->point_px);
}

/** A ring of the ground's colour sets a mark off from what it lies on. */
static double
ring_px(const struct psim_figure *figure)
{
    return figure->font_px / 11;
}

static void
put_sample(struct script *s, const struct psim_sample *sample)
{
    const struct psim_swatch *w = &sample->swatch;
    const double em = s->figure->font_px, x = sample->x, y = sample->y;
    if (w->kind == PSIM_SWATCH_LINE) {
        put_arrow(s, (const double[]){x, y, x + 1.6 * em, y}, w->width_px, w->colour,
                  w->dash);
    } else if (w->kind == PSIM_SWATCH_BAR) {
        fprintf(s->out, "set object %u rectangle from ", ++s->object);
        put_at(s, x + 0.4 * em, y + 0.45 * em);
        fputs(" to ", s->out);
        put_at(s, x + 1.5 * em, y - 0.45 * em);
        fputs(" fs solid 1 noborder fc rgb ", s->out);
        psim_gnuplot_colour(s->out, w->colour);
        fputs("\n", s->out);
    } else {
        fprintf(s->out, "set label %u '' at ", ++s->label);
        put_at(s, x + 0.9 * em, y);
        fprintf(s->out, " point pt %d ps ",
                w->hollow ? shapes[w->shape].hollow : shapes[w->shape].filled);
        number(s, point_size(s, w->shape, 0.38 * em));
        fputs(" lw ", s->out);
        number(s, rounded(w->hollow ? 1.4 * ring_px(s->figure) : 1));
        fputs(" lc rgb ", s->out);
        psim_gnuplot_colour(s->out, w->colour);
        fputs("\n", s->out);
    }
}

/* --- series ------------------------------------------------------------------ */

/** A mark's third column: gnuplot's size of it, @p more_px larger. */
static void
put_rows(struct script *s, const struct psim_series *series)
{
    const double *v = series->values;
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(*v)) { /* gnuplot ends a line at an empty one */
            fputs("\n", s->out);
            v += 2;
            continue;
        }
        number(s, *v++);
        fputs(" ", s->out);
        number(s, *v++);
        if (series->kind == PSIM_SERIES_MARKS) {
            fputs(" ", s->out);
            number(s, point_size(s, series->shape, *v++));
        } else {
            const int more = series->kind == PSIM_SERIES_BARS   ? 3
                             : series->kind == PSIM_SERIES_AREA ? 1
                                                                : 0;
            for (int k = 0; k < more; k++) {
                fputs(" ", s->out);
                number(s, *v++);
            }
        }
        fputs("\n", s->out);
    }
}

static void
put_data(struct script *s, const struct psim_series *series)
{
    fprintf(s->out, "$d%u << END\n", ++s->data);
    put_rows(s, series);
    fputs("END\n", s->out);
}

static void
put_line(struct script *s, const struct psim_series *series)
{
    fprintf(s->out, "$d%u using 1:2 with lines lw ", s->data);
    number(s, rounded(series->width_px));
    fputs(" lc rgb ", s->out);
    psim_gnuplot_colour(s->out, series->colour);
    put_dash(s, series->dash);
    fputs(" notitle", s->out);
}

/** Beneath each mark one of the ground's colour, a little larger. */
static void
put_marks(struct script *s, const struct psim_series *series)
{
    const double ring = ring_px(s->figure);
    const int filled = shapes[series->shape].filled;
    fprintf(s->out, "$d%u using 1:2:($3 + ", s->data);
    number(s, point_size(s, series->shape, ring));
    fprintf(s->out, ") with points pt %d ps variable lc rgb ", filled);
    psim_gnuplot_colour(s->out, s->figure->theme->ground);
    fprintf(s->out, " notitle, \\\n     $d%u using 1:2:3 with points pt %d ps variable",
            s->data, series->hollow ? shapes[series->shape].hollow : filled);
    if (series->hollow) {
        fputs(" lw ", s->out);
        number(s, rounded(1.4 * ring));
    }
    fputs(" lc rgb ", s->out);
    psim_gnuplot_colour(s->out, series->colour);
    fputs(" notitle", s->out);
}

static void
put_bars(struct script *s)
{
    fprintf(
        s->out,
        "$d%u using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4:5 with boxxyerror lc rgb "
        "variable fs solid 1 noborder notitle",
        s->data);
}

static void
put_area(struct script *s, const struct psim_series *series)
{
    fprintf(s->out, "$d%u using 1:2:3 with filledcurves lc rgb ", s->data);
    psim_gnuplot_colour(s->out, series->colour);
    fputs(" fs solid 1 noborder notitle", s->out);
}

static void
put_series(struct script *s)
{
    const struct psim_figure *f = s->figure;
    for (size_t i = 0; i < f->n_series; i++) {
        if (f->series[i]->n > 0) put_data(s, f->series[i]);
    }
    s->data = 0;
    fputs("plot ", s->out);
    for (size_t i = 0; i < f->n_series; i++) {
        const struct psim_series *series = f->series[i];
        if (series->n == 0) continue;
        if (s->data++ > 0) fputs(", \\\n     ", s->out);
        if (series->kind == PSIM_SERIES_LINE) put_line(s, series);
        if (series->kind == PSIM_SERIES_MARKS) put_marks(s, series);
        if (series->kind == PSIM_SERIES_BARS) put_bars(s);
        if (series->kind == PSIM_SERIES_AREA) put_area(s, series);
    }
    assert(s->data > 0); /* gnuplot draws no picture of nothing */
    fputs("\n", s->out);
}

void
psim_figure_write(struct psim_figure *figure, FILE *out)
{
    struct script s = {.figure = figure, .out = out};
    psim_figure_place_labels(figure);
    psim_figure_place_entries(figure);
    figure->height_px = ceil(figure->height_px);
    psim_gnuplot_head(figure->arena, out, figure->style.terminal,
                      figure->style.width_px, figure->height_px, figure->theme->ground);
    put_margins(&s);
    put_axes(&s);
    for (size_t i = 0; i < figure->n_leaders; i++) {
        const struct psim_leader *l = &figure->leaders[i];
        put_arrow(&s, (const double[]){l->x0, l->y0, l->x1, l->y1},
                  fmax(1, figure->font_px / 16), l->colour, PSIM_DASH_NONE);
    }
    for (size_t i = 0; i < figure->n_samples; i++) {
        put_sample(&s, &figure->samples[i]);
    }
    for (size_t i = 0; i < figure->n_texts; i++) {
        put_text(&s, &figure->texts[i]);
    }
    put_series(&s);
}
