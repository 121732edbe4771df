/* SPDX-License-Identifier: MIT */
/** @file Units against time: work-groups as boxes, and under them how busy it all is.
 */
#include <math.h>
#include <stdlib.h>

#include "report/plots.h"
#include "report/text_width.h"
#include "report/timeline_rows.h"
#include "report/timeline_strips.h"
#include "result/timeline.h"
#include "util/arena.h"
#include "util/str.h"

/** Kernels of one name. */
struct kind {
    const char *name;
    double time_s;
};

struct drawing {
    struct psim_arena *arena;
    const struct psim_timeline *line;
    struct psim_figure *figure;
    const struct psim_theme *theme;
    double em;
    struct psim_timeline_rows rows;
    struct kind *kinds;
    size_t n_kinds;
    uint32_t *colours; /**< of each kernel */
    struct psim_timeline_strips strips;
    double strips_top, strip_px;
};

/* --- kernels ------------------------------------------------------------------- */

static int
longer(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;
    return (x->time_s < y->time_s) - (x->time_s > y->time_s);
}

static size_t
kind_of(const struct drawing *d, const char *name)
{
    size_t i = 0;
    while (i < d->n_kinds && !psim_str_equal(d->kinds[i].name, name)) {
        i++;
    }
    return i;
}

/** Those that take longest have a colour each, all others share one. */
static void
find_kinds(struct drawing *d)
{
    const struct psim_timeline *line = d->line;
    d->kinds = PSIM_NEW_N(d->arena, struct kind, line->n_kernels + 1);
    d->colours = PSIM_NEW_N(d->arena, uint32_t, line->n_kernels + 1);
    for (size_t i = 0; i < line->n_kernels; i++) {
        const struct psim_timeline_kernel *k = &line->kernels[i];
        const size_t kind = kind_of(d, k->name);
        if (kind == d->n_kinds) d->kinds[d->n_kinds++].name = k->name;
        d->kinds[kind].time_s += k->end_s - k->start_s;
    }
    qsort(d->kinds, d->n_kinds, sizeof *d->kinds, longer);
    for (size_t i = 0; i < line->n_kernels; i++) {
        const size_t kind = kind_of(d, line->kernels[i].name);
        const size_t last = PSIM_THEME_COLOURS - 1;
        d->colours[i] = d->theme->series[kind < last ? kind : last];
    }
}

/** Those that no kernel has, as far as there are any. */
static const uint32_t *
act_colours(const struct drawing *d)
{
    uint32_t *colours = PSIM_NEW_N(d->arena, uint32_t, PSIM_THEME_COLOURS);
    for (size_t i = 0; i < PSIM_THEME_COLOURS; i++) {
        const size_t last = PSIM_THEME_COLOURS - 1;
        colours[i] = d->theme->text[d->n_kinds + i < last ? d->n_kinds + i : last];
    }
    return colours;
}

/** @return whether acts have a colour each that no kernel has */
static bool
acts_are_told(const struct drawing *d)
{
    return d->n_kinds + d->strips.n_acts < PSIM_THEME_COLOURS;
}

static bool
has_joined(const struct drawing *d)
{
    for (size_t i = 0; i < d->line->n_tracks; i++) {
        if (d->line->tracks[i].lane == PSIM_LANE_JOINED) return true;
    }
    return false;
}

static void
put_key(const struct drawing *d, uint32_t colour, const char *text)
{
    const struct psim_swatch bar = {.kind = PSIM_SWATCH_BAR, .colour = colour};
    psim_figure_key(d->figure, &bar, text);
}

static void
put_keys(const struct drawing *d)
{
    const size_t last = PSIM_THEME_COLOURS - 1;
    for (size_t i = 0; i < d->n_kinds && d->n_kinds > 1 && i <= last; i++) {
        const bool others = i == last && d->n_kinds > last + 1;
        put_key(
            d, d->theme->series[i],
            others ? psim_arena_printf(d->arena, "%zu other kernels", d->n_kinds - last)
                   : d->kinds[i].name);
    }
    if (has_joined(d)) {
        put_key(d, psim_timeline_pale(d->theme->series[0], d->theme->ground),
                "pale: several work-groups as one");
    }
    for (size_t i = 0; i < d->strips.n_acts && acts_are_told(d); i++) {
        put_key(d, act_colours(d)[i], d->strips.acts[i]);
    }
    const struct psim_counter *bottom = d->strips.counter[d->strips.n - 1];
    if (bottom->kind != PSIM_COUNTER_POWER || bottom->peak <= 0) return;
    const struct psim_swatch dots = {.kind = PSIM_SWATCH_LINE,
                                     .colour = d->theme->ink,
                                     .width_px = fmax(1, d->em / 16),
                                     .dash = PSIM_DASH_DOTS};
    psim_figure_key(d->figure, &dots, "power cap");
}

/* --- axes ----------------------------------------------------------------------- */

/** Names of strips, and of units as far as they do not touch. */
static size_t
name_rows(const struct drawing *d, struct psim_tick *ret)
{
    const double apart_px = 1.5 * d->em;
    double free_from = -apart_px;
    size_t n = 0;
    for (size_t i = 0; i < d->rows.n; i++) {
        const double middle = d->rows.row[i].top_px + 0.5 * d->rows.row_px;
        if (middle < free_from) continue;
        free_from = middle + apart_px;
        ret[n++] = (struct psim_tick){
            .at = middle,
            .text = psim_arena_printf(d->arena, "%s %lld", d->rows.row[i].group,
                                      (long long)d->rows.row[i].unit)};
    }
    for (size_t i = 0; i < d->strips.n; i++) {
        ret[n++] =
            (struct psim_tick){.at = d->strips_top + ((double)i + 0.5) * d->strip_px,
                               .text = psim_strip_name(d->strips.counter[i])};
    }
    return n;
}

static void
put_axes(struct drawing *d)
{
    double room_px = 0;
    struct psim_tick *names =
        PSIM_NEW_N(d->arena, struct psim_tick, d->rows.n + PSIM_MOST_STRIPS);
    for (size_t i = 0; i < d->strips.n; i++) {
        const double width_px =
            psim_text_width_px(psim_strip_mean(d->arena, d->strips.counter[i]), d->em);
        room_px = fmax(room_px, width_px + 0.8 * d->em);
    }
    d->strip_px = 2.4 * d->em;
    d->strips_top = (double)d->rows.n * d->rows.row_px + 0.8 * d->em;
    const double height_px = d->strips_top + (double)d->strips.n * d->strip_px;
    const struct psim_axis x = {
        .title = "time (s)",
        .scale = {.least = 0,
                  /* What takes no time has an axis all the same. */
                  .most = d->line->time_s > 0 ? d->line->time_s : 1,
                  .dim = PSIM_DIM_SECONDS},
        .room_px = room_px,
    };
    const struct psim_axis y = {
        .scale = {.least = 0, .most = height_px},
        .ticks = names,
        .n_ticks = name_rows(d, names),
        .downwards = true,
        .no_grid = true,
    };
    psim_figure_axes(d->figure, &x, &y, height_px);
}

/** How long it takes, where, and what is not seen of it. */
static const char *
line_of(const struct drawing *d, const struct psim_result *result)
{
    const char *text = psim_arena_printf(
        d->arena, "Timeline: %s on %s",
        psim_quantity_print(d->arena, d->line->time_s, PSIM_DIM_SECONDS, 4),
        result->machine_title);
    if (d->line->turns > 1) {
        text = psim_arena_printf(d->arena, "%s, the first of %.0f turns", text,
                                 d->line->turns);
    }
    double units = 0;
    for (size_t i = 0; i < d->line->n_kernels; i++) {
        units = fmax(units, d->line->kernels[i].units);
    }
    if ((double)d->rows.n < units) {
        text = psim_arena_printf(d->arena, "%s; %zu of %.0f units are drawn", text,
                                 d->rows.n, units);
    }
    return text;
}

struct psim_figure *
psim_timeline_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                     const struct psim_result *result)
{
    static const double wide = 0.36, least_px = 180;
    struct drawing d = {
        .arena = arena, .line = result->timeline, .theme = psim_theme(style->dark)};
    /* A figure tells the size of its font: one that is not drawn. */
    d.em = psim_figure_font_px(psim_figure_new(arena, style, "", NULL));
    find_kinds(&d);
    psim_timeline_find_rows(arena, d.line, fmax(least_px, wide * style->width_px),
                            2.4 * d.em, &d.rows);
    psim_timeline_find_strips(d.line, &d.strips);
    d.figure =
        psim_figure_new(arena, style, result->workload_title, line_of(&d, result));
    put_axes(&d);
    psim_timeline_draw_rows(arena, d.line, &d.rows, d.colours, d.figure);
    psim_timeline_draw_strips(arena, d.line, &d.strips, d.strips_top, d.strip_px,
                              act_colours(&d), d.figure);
    put_keys(&d);
    return d.figure;
}
