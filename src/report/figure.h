/* SPDX-License-Identifier: MIT */
/** @file A picture: axes, series, labels that find their places, a legend; a gnuplot
 * script comes out. */
#pragma once

#include <stdio.h>

#include "report/gnuplot.h"
#include "report/place.h"
#include "report/theme.h"
#include "report/ticks.h"

struct psim_figure_style {
    double width_px; /**< PSIM_FIGURE_LEAST_PX to PSIM_FIGURE_MOST_PX */
    bool dark;
    const struct psim_terminal *terminal;
};

enum { PSIM_FIGURE_LEAST_PX = 320, PSIM_FIGURE_MOST_PX = 4800 };

struct psim_axis {
    const char *title; /**< with its unit: "time (s)"; NULL: none */
    struct psim_scale scale;
    const struct psim_tick *ticks; /**< NULL: round values */
    size_t n_ticks;
    bool downwards; /**< y only: its values grow downwards */
    bool no_grid;
    double room_px; /**< x only: kept free behind the plot, for labels */
};

enum psim_series_kind {
    PSIM_SERIES_LINE,  /**< x, y: one after the other */
    PSIM_SERIES_MARKS, /**< x, y, radius in pixels */
    PSIM_SERIES_BARS,  /**< x0, x1, y0, y1, colour */
    PSIM_SERIES_AREA,  /**< x, and from which y to which: a band */
};

enum psim_dash { PSIM_DASH_NONE, PSIM_DASH_LONG, PSIM_DASH_DOTS };

enum psim_shape {
    PSIM_SHAPE_CIRCLE,
    PSIM_SHAPE_SQUARE,
    PSIM_SHAPE_TRIANGLE,
    PSIM_SHAPE_DIAMOND,
    PSIM_SHAPE_DOWN, /**< a triangle that stands on its tip */
    PSIM_N_SHAPES,
};

/** Things that look alike, in values of the axes. */
struct psim_series {
    enum psim_series_kind kind;
    uint32_t colour;
    double width_px; /**< of lines */
    enum psim_dash dash;
    enum psim_shape shape;
    bool hollow;
    bool faint; /**< labels need not keep off it */
    double *values;
    size_t n; /**< points, not values */
};

enum psim_label_kind {
    PSIM_LABEL_POINT, /**< beside x, y, which is a mark of `radius_px` */
    PSIM_LABEL_LINE,  /**< along the line from x, y to x1, y1 */
    PSIM_LABEL_IN,    /**< upright, within the box from x, y to x1, y1, or not at all */
};

enum psim_label_side { PSIM_SIDE_RIGHT, PSIM_SIDE_ABOVE, PSIM_SIDE_LEFT, PSIM_N_SIDES };

/** Something to be said at a place. */
struct psim_label {
    enum psim_label_kind kind;
    const char *text;
    uint32_t colour;
    double size; /**< of its font, in that of the picture; 0: 1 */
    double x, y, x1, y1;
    double radius_px;
    const char *brief;     /**< in its place, where there is none for all; NULL: none */
    const char *otherwise; /**< for the legend, where there is no place; NULL: `text` */
    enum psim_label_side side; /**< of a point: where it is best */
    bool optional;             /**< left away where there is no place */
};

/** What an entry of the legend shows before its words. */
struct psim_swatch {
    enum { PSIM_SWATCH_NONE, PSIM_SWATCH_LINE, PSIM_SWATCH_MARK, PSIM_SWATCH_BAR } kind;
    uint32_t colour;
    double width_px;
    enum psim_dash dash;
    enum psim_shape shape;
    bool hollow;
};

struct psim_figure;

/**
 * @param title what is seen, wrapped where it is long
 * @param line  under it, quieter; NULL: none
 */
struct psim_figure *psim_figure_new(struct psim_arena *arena,
                                    const struct psim_figure_style *style,
                                    const char *title, const char *line);

const struct psim_theme *psim_figure_theme(const struct psim_figure *figure);
/** Size of the font of its labels; all else is drawn in proportion. */
double psim_figure_font_px(const struct psim_figure *figure);
double psim_figure_width_px(const struct psim_figure *figure);

/**
 * Once, before anything that has values.
 *
 * @param height_px of the plot itself; 0: in proportion to the width
 */
void psim_figure_axes(struct psim_figure *figure, const struct psim_axis *x,
                      const struct psim_axis *y, double height_px);

/** Where a value is in the picture, in pixels from its left and its top. */
double psim_figure_x_px(const struct psim_figure *figure, double x);
double psim_figure_y_px(const struct psim_figure *figure, double y);

/** Later ones are drawn over earlier ones. */
struct psim_series *psim_figure_series(struct psim_figure *figure,
                                       const struct psim_series *like);
void psim_series_point(struct psim_figure *figure, struct psim_series *series, double x,
                       double y);
/** The next point starts a line of its own. */
void psim_series_break(struct psim_figure *figure, struct psim_series *series);
void psim_series_mark(struct psim_figure *figure, struct psim_series *series, double x,
                      double y, double radius_px);
void psim_series_bar(struct psim_figure *figure, struct psim_series *series, double x0,
                     double x1, double y0, double y1, uint32_t colour);
void psim_series_area(struct psim_figure *figure, struct psim_series *series, double x,
                      double y0, double y1);
/** A line from one point to another, as a series of its own. */
void psim_figure_line(struct psim_figure *figure, const struct psim_series *like,
                      double x0, double y0, double x1, double y1);

/** The first ones get the better places. */
void psim_figure_label(struct psim_figure *figure, const struct psim_label *label);

/** An entry of the legend, in the order in which they are added. */
void psim_figure_key(struct psim_figure *figure, const struct psim_swatch *swatch,
                     const char *text);

/** Place the labels and print the script. */
void psim_figure_write(struct psim_figure *figure, FILE *out);
