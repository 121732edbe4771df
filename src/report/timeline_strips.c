/* SPDX-License-Identifier: MIT */
/** @file Strips of a timeline's picture: counters as areas, few spans as boxes. */
#include "report/timeline_strips.h"

#include <math.h>

#include "util/arena.h"
#include "util/str.h"

enum { BUSIEST = 4, FEW_SPANS = 200 };

/** What is busy for less than this part of the time has no strip. */
static const double least_busy = 0.01;
/** Spans are all that a server did, but for rounding. */
static const double known_part = 0.999;

/* --- which ---------------------------------------------------------------------- */

/** The track of a server that there is one of; SIZE_MAX: there are more. */
static size_t
only_track(const struct psim_timeline *line, const char *what)
{
    size_t only = SIZE_MAX, n = 0;
    for (size_t i = 0; i < line->n_tracks; i++) {
        const struct psim_track *track = &line->tracks[i];
        if (track->kind != PSIM_TRACK_SERVER || !psim_str_equal(track->what, what)) {
            continue;
        }
        only = i;
        n++;
    }
    for (size_t i = 0; i < line->n_kernels && n == 1; i++) {
        const bool shared = line->tracks[only].unit < 0;
        if (!shared && line->kernels[i].total_units != 1) n = 0;
    }
    return n == 1 ? only : SIZE_MAX;
}

/** @return false where there are more of them than colours */
static bool
add_act(struct psim_timeline_strips *strips, const char *act)
{
    for (size_t i = 0; i < strips->n_acts; i++) {
        if (psim_str_equal(strips->acts[i], act)) return true;
    }
    if (strips->n_acts == PSIM_COUNT(strips->acts)) return false;
    strips->acts[strips->n_acts++] = act;
    return true;
}

/** Its spans, if there are few enough to tell them apart. */
static size_t
few_spans(const struct psim_timeline *line, struct psim_timeline_strips *strips,
          const struct psim_counter *counter)
{
    const size_t track = only_track(line, counter->what), before = strips->n_acts;
    size_t n = 0;
    double busy_s = 0;
    for (size_t i = 0; i < line->n_spans && track != SIZE_MAX; i++) {
        const struct psim_span *span = &line->spans[i];
        if (span->track != track) continue;
        if (span->count != 1 || ++n > FEW_SPANS || !add_act(strips, span->name)) {
            strips->n_acts = before;
            return SIZE_MAX;
        }
        busy_s += span->busy_s;
    }
    /* Not where a launch is known by its sums alone. */
    return busy_s > known_part * counter->mean * line->time_s ? track : SIZE_MAX;
}

void
psim_timeline_find_strips(const struct psim_timeline *line,
                          struct psim_timeline_strips *ret)
{
    *ret = (struct psim_timeline_strips){0};
    const struct psim_counter *power = NULL;
    size_t busy = 0;
    for (size_t i = 0; i < line->n_counters; i++) {
        const struct psim_counter *c = &line->counters[i];
        const bool is_busy = c->kind == PSIM_COUNTER_BUSY && c->mean >= least_busy;
        if (c->kind == PSIM_COUNTER_POWER) power = c;
        if (c->kind != PSIM_COUNTER_OCCUPANCY && (!is_busy || busy++ >= BUSIEST)) {
            continue;
        }
        ret->track[ret->n] = is_busy ? few_spans(line, ret, c) : SIZE_MAX;
        ret->counter[ret->n++] = c;
    }
    if (!power) return;
    ret->track[ret->n] = SIZE_MAX;
    ret->counter[ret->n++] = power;
}

/* --- words ---------------------------------------------------------------------- */

const char *
psim_strip_name(const struct psim_counter *counter)
{
    return counter->kind == PSIM_COUNTER_BUSY ? counter->what : counter->name;
}

const char *
psim_strip_mean(struct psim_arena *arena, const struct psim_counter *counter)
{
    if (!counter->percent) {
        return psim_quantity_print(arena, counter->mean, counter->dim, 3);
    }
    return psim_arena_printf(arena, "%.0f %%", 100 * counter->mean);
}

/* --- drawing -------------------------------------------------------------------- */

/** A strip and where it is, in the figure's y. */
struct strip {
    const struct psim_counter *counter;
    size_t track;
    double bottom, height;
};

static double
top_of(const struct psim_counter *counter)
{
    double most = counter->percent ? 1 : counter->peak;
    for (size_t i = 0; i < counter->n; i++) {
        most = fmax(most, counter->value[i]);
    }
    return most > 0 ? most : 1;
}

static void
draw_area(const struct psim_timeline *line, const struct strip *strip,
          struct psim_figure *figure)
{
    const struct psim_counter *c = strip->counter;
    const double most = top_of(c);
    const struct psim_series like = {.kind = PSIM_SERIES_AREA,
                                     .colour = psim_figure_theme(figure)->series[6]};
    struct psim_series *area = psim_figure_series(figure, &like);
    for (size_t i = 0; i < c->n; i++) {
        const double y = strip->bottom - strip->height * fmin(1, c->value[i] / most);
        const double from_s = (double)i * c->step_s;
        const double to_s = fmin(from_s + c->step_s, line->time_s);
        psim_series_area(figure, area, from_s, strip->bottom, y);
        psim_series_area(figure, area, to_s, strip->bottom, y);
    }
}

static uint32_t
colour_of(const struct psim_timeline_strips *strips, const char *act)
{
    size_t i = 0;
    while (i + 1 < strips->n_acts && !psim_str_equal(strips->acts[i], act)) {
        i++;
    }
    return strips->colours[i];
}

static void
draw_spans(const struct psim_timeline *line, const struct psim_timeline_strips *strips,
           const struct strip *strip, struct psim_figure *figure)
{
    struct psim_series *bars =
        psim_figure_series(figure, &(struct psim_series){.kind = PSIM_SERIES_BARS});
    const double pixel_s =
        1 / (psim_figure_x_px(figure, 1) - psim_figure_x_px(figure, 0));
    for (size_t i = 0; i < line->n_spans; i++) {
        const struct psim_span *span = &line->spans[i];
        if (span->track != strip->track) continue;
        const bool apart = span->end_s - span->start_s > 3 * pixel_s;
        psim_series_bar(
            figure, bars,
            &(struct psim_bar){.x0 = span->start_s,
                               .x1 = apart ? span->end_s - pixel_s : span->end_s,
                               .y0 = strip->bottom - strip->height,
                               .y1 = strip->bottom,
                               .colour = colour_of(strips, span->name)});
        psim_figure_label(figure, &(struct psim_label){
                                      .kind = PSIM_LABEL_IN,
                                      .text = span->name,
                                      .colour = psim_figure_theme(figure)->ground,
                                      .size = 0.92,
                                      .x = span->start_s,
                                      .y = strip->bottom - 1.1 * strip->height,
                                      .x1 = span->end_s,
                                      .y1 = strip->bottom + 0.1 * strip->height,
                                      .optional = true,
                                  });
    }
}

/** The ground that it stands on, and where its peak is. */
static void
draw_lines(const struct psim_timeline *line, const struct strip *strip,
           struct psim_figure *figure)
{
    const struct psim_counter *c = strip->counter;
    struct psim_series thin = {.kind = PSIM_SERIES_LINE,
                               .colour = psim_figure_theme(figure)->axis,
                               .width_px = fmax(1, psim_figure_font_px(figure) / 16),
                               .faint = true};
    psim_figure_line(figure, &thin, 0, strip->bottom, line->time_s, strip->bottom);
    if (c->percent || c->peak <= 0) return;
    const double y = strip->bottom - strip->height * c->peak / top_of(c);
    thin.dash = PSIM_DASH_DOTS;
    thin.colour = psim_figure_theme(figure)->ink;
    psim_figure_line(figure, &thin, 0, y, line->time_s, y);
}

void
psim_timeline_draw_strips(struct psim_arena *arena, const struct psim_timeline *line,
                          const struct psim_timeline_strips *strips,
                          struct psim_figure *figure)
{
    for (size_t i = 0; i < strips->n; i++) {
        const struct strip strip = {.counter = strips->counter[i],
                                    .track = strips->track[i],
                                    .bottom = strips->top_px +
                                              ((double)i + 0.85) * strips->strip_px,
                                    .height = 0.7 * strips->strip_px};
        if (strip.track == SIZE_MAX) {
            draw_area(line, &strip, figure);
        } else {
            draw_spans(line, strips, &strip, figure);
        }
        draw_lines(line, &strip, figure);
        psim_figure_label(figure, &(struct psim_label){
                                      .kind = PSIM_LABEL_POINT,
                                      .text = psim_strip_mean(arena, strip.counter),
                                      .colour = psim_figure_theme(figure)->ink,
                                      .x = line->time_s,
                                      .y = strip.bottom - 0.5 * strip.height,
                                  });
    }
}
