/* SPDX-License-Identifier: MIT */
/** @file A metric over a parameter, with what would be ideal. */
#include <math.h>

#include "report/plots.h"
#include "util/arena.h"
#include "util/str.h"

enum { SAMPLES = 64 };

struct scaling {
    struct psim_arena *arena;
    const struct psim_scaling_data *data;
    struct psim_figure *figure;
    double em;
    double low, high;
};

double
psim_amdahl_serial(double n0, double time0_s, double n1, double time1_s)
{
    const double fewer = n0 / n1;
    return fmin(fmax((time1_s / time0_s - fewer) / (1 - fewer), 0), 1);
}

/* --- values ------------------------------------------------------------------- */

static const struct psim_result *
result_of(const struct scaling *s, size_t run, size_t i)
{
    return s->data->results[run * s->data->n + i];
}

static double
value_of(const struct scaling *s, size_t run, size_t i)
{
    return s->data->metric->get(result_of(s, run, i));
}

/** Only of a time, or of its inverse, it is known what would be ideal. */
static bool
is_time(const struct scaling *s)
{
    return s->data->metric->dim == PSIM_DIM_SECONDS;
}

static bool
is_rate(const struct scaling *s)
{
    return s->data->metric->dim == PSIM_DIM_FLOP_PER_S;
}

/** So many times what it is at the first value, where the time is @p factor of it. */
static double
scaled(const struct scaling *s, size_t run, double factor)
{
    const double first = value_of(s, run, 0);
    return is_time(s) ? first * factor : first / factor;
}

static bool
has_amdahl(const struct scaling *s)
{
    return s->data->parallel && !s->data->words && s->data->n >= 2 &&
           (is_time(s) || is_rate(s));
}

/** The work of one value in that of the first: FLOP, or bytes where there are none. */
static double
work_of(const struct scaling *s, size_t run, size_t i)
{
    const struct psim_result *first = result_of(s, run, 0), *r = result_of(s, run, i);
    if (first->flop > 0) return r->flop / first->flop;
    const double bytes = first->read_bytes + first->write_bytes;
    return bytes > 0 ? (r->read_bytes + r->write_bytes) / bytes : 1;
}

static bool
has_work(const struct scaling *s)
{
    if (s->data->parallel || !is_time(s) || s->data->n < 2) return false;
    return work_of(s, 0, s->data->n - 1) != 1;
}

static double
serial_of(const struct scaling *s, size_t run)
{
    const double *n = s->data->values;
    const double t0 = value_of(s, run, 0), t1 = value_of(s, run, 1);
    return is_time(s) ? psim_amdahl_serial(n[0], t0, n[1], t1)
                      : psim_amdahl_serial(n[0], t1, n[1], t0);
}

static double
amdahl(const struct scaling *s, size_t run, double serial, double x)
{
    return scaled(s, run, serial + (1 - serial) * s->data->values[0] / x);
}

/* --- axes --------------------------------------------------------------------- */

static bool
find_range(struct scaling *s)
{
    const struct psim_scaling_data *d = s->data;
    s->low = INFINITY;
    for (size_t run = 0; run < d->n_runs; run++) {
        for (size_t i = 0; i < d->n; i++) {
            const double value = value_of(s, run, i);
            if (value < 0) return false;
            s->low = fmin(s->low, value);
            s->high = fmax(s->high, value);
            if (!has_amdahl(s)) continue;
            const double ideal = scaled(s, run, d->values[0] / d->values[i]);
            s->low = fmin(s->low, ideal);
            s->high = fmax(s->high, ideal);
        }
    }
    return true;
}

static void
put_axes(struct scaling *s)
{
    const struct psim_scaling_data *d = s->data;
    const bool log_y = s->low > 0 && s->high > 4 * s->low;
    const double first = d->values[0], last = d->values[d->n - 1];
    const bool log_x = !d->words && first > 0 && last >= 4 * first;
    const double beside = d->n > 1 ? 0.06 : 1;
    struct psim_tick *ticks = PSIM_NEW_N(s->arena, struct psim_tick, d->n);
    for (size_t i = 0; i < d->n; i++) {
        ticks[i] = (struct psim_tick){.at = d->values[i], .text = d->texts[i]};
    }
    struct psim_axis x = {.title = d->parameter,
                          .ticks = ticks,
                          .n_ticks = d->n,
                          .scale = {.log = log_x}};
    const double ratio = log_x ? pow(last / first, beside) : 1;
    const double step = fmax(last - first, 1) * beside;
    x.scale.least = log_x ? first / ratio : first - step;
    x.scale.most = log_x ? last * ratio : last + step;
    struct psim_axis y = {
        .title = psim_arena_printf(s->arena,
                                   d->metric->dim == PSIM_DIM_NONE ? "%s" : "%s (%s)",
                                   d->metric->heading, psim_dim_unit(d->metric->dim)),
        .scale = {.log = log_y, .dim = d->metric->dim, .percent = d->metric->percent},
    };
    y.scale.least = log_y ? s->low / 1.6 : 0;
    y.scale.most = log_y ? s->high * 1.8 : s->high > 0 ? s->high * 1.15 : 1;
    psim_figure_axes(s->figure, &x, &y, 0);
}

/* --- lines -------------------------------------------------------------------- */

static uint32_t
colour_of(const struct scaling *s, size_t run)
{
    return psim_figure_theme(s->figure)->series[run % PSIM_THEME_COLOURS];
}

/** Lines that are no results are thin. */
static double
law_px(const struct scaling *s)
{
    return 0.13 * s->em;
}

static struct psim_series
line_of(const struct scaling *s, size_t run, enum psim_dash dash)
{
    return (struct psim_series){.kind = PSIM_SERIES_LINE,
                                .colour = s->data->n_runs > 1
                                              ? colour_of(s, run)
                                              : psim_figure_theme(s->figure)->quiet,
                                .width_px = law_px(s),
                                .dash = dash};
}

/** Amdahl's law, or without its serial part what no overhead would give. */
static void
put_law(struct scaling *s, size_t run, double serial, enum psim_dash dash)
{
    const double *n = s->data->values;
    const double step = log(n[s->data->n - 1] / n[0]) / (SAMPLES - 1);
    struct psim_series like = line_of(s, run, dash);
    if (serial > 0 && s->data->n_runs == 1) {
        like.colour = psim_figure_theme(s->figure)->series[1];
    }
    struct psim_series *line = psim_figure_series(s->figure, &like);
    for (int i = 0; i < SAMPLES; i++) {
        const double x = i == SAMPLES - 1 ? n[s->data->n - 1] : n[0] * exp(step * i);
        psim_series_point(s->figure, line, x, amdahl(s, run, serial, x));
    }
}

static void
put_work(struct scaling *s, size_t run)
{
    const struct psim_series like = line_of(s, run, PSIM_DASH_LONG);
    struct psim_series *line = psim_figure_series(s->figure, &like);
    for (size_t i = 0; i < s->data->n; i++) {
        psim_series_point(s->figure, line, s->data->values[i],
                          scaled(s, run, work_of(s, run, i)));
    }
}

static void
put_run(struct scaling *s, size_t run)
{
    const struct psim_scaling_data *d = s->data;
    if (has_amdahl(s)) {
        put_law(s, run, 0, PSIM_DASH_LONG);
        put_law(s, run, serial_of(s, run), PSIM_DASH_DOTS);
    } else if (has_work(s)) {
        put_work(s, run);
    }
    struct psim_series *line =
        psim_figure_series(s->figure, &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                                            .colour = colour_of(s, run),
                                                            .width_px = 0.18 * s->em});
    struct psim_series *marks = psim_figure_series(
        s->figure, &(struct psim_series){
                       .kind = PSIM_SERIES_MARKS,
                       .colour = colour_of(s, run),
                       .shape = (enum psim_shape)(run % PSIM_N_SHAPES),
                   });
    for (size_t i = 0; i < d->n; i++) {
        psim_series_point(s->figure, line, d->values[i], value_of(s, run, i));
        psim_series_mark(s->figure, marks, d->values[i], value_of(s, run, i),
                         0.38 * s->em);
    }
}

/** The value, and what binds where that has changed. */
static void
name_points(struct scaling *s, size_t run)
{
    const struct psim_metric *metric = s->data->metric;
    const char *before = NULL;
    for (size_t i = 0; i < s->data->n; i++) {
        const double value = value_of(s, run, i);
        const char *binds = result_of(s, run, i)->bound_by;
        const char *text = psim_quantity_print(
            s->arena, metric->percent ? 100 * value : value, metric->dim, 3);
        if (metric->percent) text = psim_arena_printf(s->arena, "%s %%", text);
        const bool tell = binds && !psim_str_equal(binds, before);
        psim_figure_label(
            s->figure,
            &(struct psim_label){
                .kind = PSIM_LABEL_POINT,
                .text =
                    tell ? psim_arena_printf(s->arena, "%s, %s", text, binds) : text,
                .brief = text,
                .colour = psim_figure_theme(s->figure)->text[run % PSIM_THEME_COLOURS],
                .size = 0.88,
                .x = s->data->values[i],
                .y = value,
                .radius_px = 0.38 * s->em,
                .side = PSIM_SIDE_ABOVE,
                .optional = true,
            });
        before = binds;
    }
}

static void
put_keys(struct scaling *s)
{
    const struct psim_scaling_data *d = s->data;
    for (size_t run = 0; run < d->n_runs; run++) {
        const struct psim_swatch mark = {.kind = PSIM_SWATCH_MARK,
                                         .colour = colour_of(s, run),
                                         .shape =
                                             (enum psim_shape)(run % PSIM_N_SHAPES)};
        if (d->n_runs > 1) {
            psim_figure_key(s->figure, &mark, d->names[run]);
        }
        if (!has_amdahl(s)) continue;
        const struct psim_swatch law = {
            .kind = PSIM_SWATCH_LINE,
            .colour = d->n_runs > 1 ? colour_of(s, run)
                                    : psim_figure_theme(s->figure)->series[1],
            .width_px = law_px(s),
            .dash = PSIM_DASH_DOTS};
        psim_figure_key(
            s->figure, &law,
            psim_arena_printf(s->arena, "Amdahl's law, %.1f %% serial by the first two",
                              100 * serial_of(s, run)));
    }
    const struct psim_swatch ideal = {.kind = PSIM_SWATCH_LINE,
                                      .colour = psim_figure_theme(s->figure)->quiet,
                                      .width_px = law_px(s),
                                      .dash = PSIM_DASH_LONG};
    if (has_amdahl(s)) psim_figure_key(s->figure, &ideal, "ideal: nothing serial");
    if (has_work(s)) psim_figure_key(s->figure, &ideal, "in proportion to the work");
}

struct psim_figure *
psim_scaling_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                    const struct psim_scaling_data *data)
{
    struct scaling s = {.arena = arena, .data = data};
    if (!find_range(&s)) return NULL;
    s.figure = psim_figure_new(
        arena, style, psim_words_joined(arena, data->names, data->n_runs),
        psim_arena_printf(arena, "%s over %s on %s", data->metric->heading,
                          data->parameter, data->machine));
    s.em = psim_figure_font_px(s.figure);
    put_axes(&s);
    for (size_t run = 0; run < data->n_runs; run++) {
        put_run(&s, run);
    }
    for (size_t run = 0; run < data->n_runs; run++) {
        name_points(&s, run);
    }
    put_keys(&s);
    return s.figure;
}
