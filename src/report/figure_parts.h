/* SPDX-License-Identifier: MIT */
/** @file What a picture is made of while it is made: for src/report/figure*.c only. */
#pragma once

#include "report/figure.h"

enum { PSIM_TITLE_LINES = 3 };

/** A line of text where it stands; y is that of its middle. */
struct psim_text {
    const char *text;
    double x, y, font_px;
    double align; /**< 0: x is its left end, 0.5: its middle, 1: its right end */
    double angle_deg;
    uint32_t colour;
};

struct psim_entry {
    struct psim_swatch swatch;
    const char *text;
};

/** A thin line from a label to what it names. */
struct psim_leader {
    double x0, y0, x1, y1;
    uint32_t colour;
};

/** An entry's swatch, at its place. */
struct psim_sample {
    struct psim_swatch swatch;
    double x, y;
};

struct psim_figure {
    struct psim_arena *arena;
    struct psim_figure_style style;
    const struct psim_theme *theme;
    double font_px, height_px;
    struct psim_axis x, y;
    struct psim_rect plot;
    struct psim_text *texts;
    struct psim_series **series;
    struct psim_label *labels;
    struct psim_entry *entries;
    struct psim_leader *leaders;
    struct psim_sample *samples;
    size_t n_texts, n_series, n_labels, n_entries, n_leaders, n_samples;
};

/** Room for one more behind @p n elements. */
void *psim_figure_grow(struct psim_figure *figure, void *list, size_t n, size_t size);

void psim_figure_text(struct psim_figure *figure, const struct psim_text *text);

/** What a text covers. */
struct psim_box psim_text_box(const struct psim_text *text);

/** Give each label its place; what has none becomes a numbered entry. */
void psim_figure_place_labels(struct psim_figure *figure);

/** Set the entries in rows under the plot; the picture grows as needed. */
void psim_figure_place_entries(struct psim_figure *figure);
