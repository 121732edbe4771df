/* SPDX-License-Identifier: MIT */
/** @file A picture: the legend, in rows under the plot. */
#include <math.h>

#include "report/figure_parts.h"
#include "report/text_width.h"

/* In sizes of its font: a row, a swatch with its gap, and between two entries. */
static const double row_em = 1.5, swatch_em = 2.2, gap_em = 1.6;

enum { ENTRY_LINES = 2 };

/** Where the next entry goes. */
struct rows {
    double x, y; /**< y: the middle of its row */
    double left, right, font_px;
};

static void
next_row(struct rows *rows)
{
    rows->x = rows->left;
    rows->y += row_em * rows->font_px;
}

static void
put_entry(struct psim_figure *figure, struct rows *rows, const struct psim_entry *entry)
{
    const double em = rows->font_px;
    const bool has_swatch = entry->swatch.kind != PSIM_SWATCH_NONE;
    const double before = has_swatch ? swatch_em * em : 0;
    const double room = rows->right - rows->left - before;
    const double width = psim_text_width_px(entry->text, em);
    if (rows->x > rows->left && rows->x + before + width > rows->right) next_row(rows);
    if (has_swatch) {
        figure->samples = psim_figure_grow(figure, figure->samples, figure->n_samples,
                                           sizeof *figure->samples);
        figure->samples[figure->n_samples++] =
            (struct psim_sample){.swatch = entry->swatch, .x = rows->x, .y = rows->y};
    }
    const char *lines[ENTRY_LINES];
    const size_t n =
        psim_text_wrap(figure->arena, entry->text, em, room, ENTRY_LINES, lines);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) next_row(rows);
        psim_figure_text(figure, &(struct psim_text){.text = lines[i],
                                                     .x = rows->x + before,
                                                     .y = rows->y,
                                                     .font_px = em,
                                                     .colour = figure->theme->ink});
    }
    rows->x += before + fmin(width, room) + gap_em * em;
    if (n > 1) rows->x = rows->right;
}

void
psim_figure_place_entries(struct psim_figure *figure)
{
    const double em = figure->font_px;
    struct rows rows = {
        .x = em,
        .y = figure->height_px + 0.9 * em,
        .left = em,
        .right = figure->style.width_px - em,
        .font_px = 0.92 * em,
    };
    if (figure->n_entries == 0) return;
    for (size_t i = 0; i < figure->n_entries; i++) {
        put_entry(figure, &rows, &figure->entries[i]);
    }
    figure->height_px = rows.y + 1.2 * em;
}
