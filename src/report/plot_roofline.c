/* SPDX-License-Identifier: MIT */
/** @file The roofline: roofs of the machine, and in them the kernels. */
#include <math.h>
#include <string.h>

#include "report/kernel_points.h"
#include "report/plots.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_NAMED = 12 };

struct roofline {
    struct psim_arena *arena;
    const struct psim_roofline_data *data;
    const struct psim_machine_roofs *roofs;
    struct psim_kernel_points kernels;
    struct psim_figure *figure;
    double em;
    double left, right, low, high; /**< of the axes: FLOP/B, FLOP/s */
    double top_flop_per_s;         /**< the highest ceiling in use */
};

/* --- which roofs matter ------------------------------------------------------- */

/** Whether a word is in a list like "fp16, bf16". */
static bool
is_among(const char *list, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += len) {
        const bool starts = at == list || at[-1] == ' ';
        if (starts && (at[len] == '\0' || at[len] == ',')) return true;
    }
    return false;
}

/** Whether a roof of a result, "wgmma, fp16", is of a data type of this ceiling. */
static bool
has_dtype(const struct psim_ceiling *ceiling, const struct psim_roof *roof)
{
    const char *comma = strrchr(roof->name, ',');
    return roof->dim == PSIM_DIM_FLOP_PER_S && comma &&
           is_among(ceiling->dtypes, comma + 2);
}

enum use {
    USE_NONE,  /**< of no data type in use */
    USE_DTYPE, /**< of one, and not its fastest unit */
    USE_FULL,
};

static enum use
use_of(const struct roofline *r, const struct psim_ceiling *ceiling)
{
    enum use use = USE_NONE;
    for (size_t i = 0; i < r->data->n_results; i++) {
        const struct psim_result *result = r->data->results[i];
        for (size_t k = 0; k < result->n_roofs; k++) {
            const struct psim_roof *roof = &result->roofs[k];
            if (!has_dtype(ceiling, roof)) continue;
            if (roof->peak_per_s <= ceiling->peak_flop_per_s) return USE_FULL;
            use = USE_DTYPE;
        }
    }
    return use;
}

static void
find_top(struct roofline *r)
{
    for (size_t i = r->roofs->n_ceilings; i-- > 0;) {
        const struct psim_ceiling *c = &r->roofs->ceilings[i];
        if (use_of(r, c) == USE_FULL || r->top_flop_per_s == 0) {
            r->top_flop_per_s = fmax(r->top_flop_per_s, c->peak_flop_per_s);
        }
    }
}

static const struct psim_slope *
home_of(const struct psim_machine_roofs *roofs)
{
    for (size_t i = 0; i < roofs->n_slopes; i++) {
        if (roofs->slopes[i].home) return &roofs->slopes[i];
    }
    return &roofs->slopes[roofs->n_slopes - 1];
}

/** The memory of the tensors is the first colour, those nearer to the lanes follow. */
static size_t
colour_of(const struct roofline *r, size_t slope)
{
    static const size_t colours[] = {0, 2, 3, 4, 5, 6};
    const size_t rank = r->roofs->n_slopes - 1 - slope;
    const size_t last = PSIM_COUNT(colours) - 1;
    return colours[rank < last ? rank : last];
}

/* --- axes --------------------------------------------------------------------- */

static void
stretch(double *low, double *high, double value)
{
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

/** Room for all points and for the ridges, and some air around them. */
static bool
find_range(struct roofline *r)
{
    const double ridge = r->top_flop_per_s / home_of(r->roofs)->peak_bytes_per_s;
    bool any = false;
    r->left = r->right = ridge;
    r->low = r->high = r->top_flop_per_s;
    for (size_t i = 0; i < r->roofs->n_slopes; i++) {
        stretch(&r->left, &r->right,
                r->top_flop_per_s / r->roofs->slopes[i].peak_bytes_per_s);
    }
    for (size_t i = 0; i < r->kernels.n; i++) {
        const struct psim_kernel_point *point = &r->kernels.points[i];
        for (size_t s = 0; s < r->roofs->n_slopes; s++) {
            if (point->bytes[s] <= 0) continue;
            any = true;
            stretch(&r->left, &r->right, point->flop / point->bytes[s]);
            stretch(&r->low, &r->high, point->flop / point->time_s);
        }
    }
    r->left /= 4;
    r->right *= 6;
    r->low = fmin(r->low / 3, r->top_flop_per_s / 100);
    r->high = r->top_flop_per_s * 3;
    return any;
}

static void
put_axes(struct roofline *r)
{
    const struct psim_axis x = {
        .title = "arithmetic intensity (FLOP/B)",
        .scale = {.least = r->left, .most = r->right, .log = true},
    };
    const struct psim_axis y = {
        .title = "performance (FLOP/s)",
        .scale = {.least = r->low,
                  .most = r->high,
                  .log = true,
                  .dim = PSIM_DIM_FLOP_PER_S},
    };
    psim_figure_axes(r->figure, &x, &y, 0);
}

/* --- roofs -------------------------------------------------------------------- */

static enum psim_dash
dash_of(enum psim_ceiling_kind kind)
{
    static const enum psim_dash dashes[PSIM_N_CEILING_KINDS] = {
        PSIM_DASH_NONE, PSIM_DASH_LONG, PSIM_DASH_DOTS};
    return dashes[kind];
}

static void
put_ceiling(struct roofline *r, const struct psim_ceiling *ceiling)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const enum use use = use_of(r, ceiling);
    const double peak = ceiling->peak_flop_per_s;
    if (peak < r->low || peak > r->high) return;
    const double from = fmax(peak / r->roofs->slopes[0].peak_bytes_per_s, r->left);
    const uint32_t colour = use == USE_FULL    ? theme->ink
                            : use == USE_DTYPE ? theme->quiet
                                               : theme->axis;
    psim_figure_line(
        r->figure,
        &(struct psim_series){.kind = PSIM_SERIES_LINE,
                              .colour = colour,
                              .width_px = r->em * (use == USE_FULL ? 0.16 : 0.08),
                              .dash = dash_of(ceiling->kind)},
        from, peak, r->right, peak);
    psim_figure_label(
        r->figure, &(struct psim_label){
                       .kind = PSIM_LABEL_LINE,
                       .text = psim_arena_printf(
                           r->arena, "%s %s  %s", ceiling->dtypes,
                           psim_ceiling_kind_name(ceiling->kind),
                           psim_quantity_print(r->arena, peak, PSIM_DIM_FLOP_PER_S, 3)),
                       .colour = use == USE_FULL ? theme->ink : theme->quiet,
                       .size = use == USE_FULL ? 1 : 0.88,
                       .x = from,
                       .y = peak,
                       .x1 = r->right,
                       .y1 = peak,
                       .optional = use == USE_NONE,
                   });
}

static void
put_slope(struct roofline *r, size_t at)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const struct psim_slope *slope = &r->roofs->slopes[at];
    const double rate = slope->peak_bytes_per_s;
    const double from = fmax(r->left, r->low / rate);
    const double to = fmin(r->top_flop_per_s / rate, r->right);
    if (from >= to) return;
    psim_figure_line(
        r->figure,
        &(struct psim_series){.kind = PSIM_SERIES_LINE,
                              .colour = theme->series[colour_of(r, at)],
                              .width_px = r->em * (slope->home ? 0.2 : 0.14)},
        from, from * rate, to, to * rate);
    psim_figure_label(r->figure, &(struct psim_label){
                                     .kind = PSIM_LABEL_LINE,
                                     .text = psim_arena_printf(
                                         r->arena, "%s  %s", slope->memory,
                                         psim_quantity_print(r->arena, rate,
                                                             PSIM_DIM_BYTES_PER_S, 3)),
                                     .colour = theme->text[colour_of(r, at)],
                                     .x = to,
                                     .y = to * rate,
                                     .x1 = from,
                                     .y1 = from * rate,
                                 });
}

/** Where a slope meets the highest ceiling in use. */
static void
put_ridge(struct roofline *r, size_t at)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const double x = r->top_flop_per_s / r->roofs->slopes[at].peak_bytes_per_s;
    const size_t colour = colour_of(r, at);
    psim_figure_line(r->figure,
                     &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                           .colour = theme->series[colour],
                                           .width_px = r->em * 0.08,
                                           .dash = PSIM_DASH_DOTS,
                                           .faint = true},
                     x, r->low, x, r->top_flop_per_s);
    const char *value = psim_quantity_print(r->arena, x, PSIM_DIM_FLOP_PER_BYTE, 3);
    psim_figure_label(
        r->figure,
        &(struct psim_label){
            .kind = PSIM_LABEL_POINT,
            .text = r->roofs->slopes[at].home
                        ? psim_arena_printf(r->arena, "ridge %s", value)
                        : value,
            .otherwise = psim_arena_printf(r->arena, "ridge of %s: %s",
                                           r->roofs->slopes[at].memory, value),
            .colour = theme->text[colour],
            .size = 0.92,
            .x = x,
            .y = r->top_flop_per_s,
            .radius_px = 0.3 * r->em,
        });
}

/* --- kernels ------------------------------------------------------------------ */

static double
radius_of(const struct roofline *r, const struct psim_kernel_point *point)
{
    return r->em * (0.3 + 0.6 * sqrt(fmin(point->share, 1)));
}

static enum psim_shape
shape_of(size_t run)
{
    return (enum psim_shape)(run % PSIM_N_SHAPES);
}

/** A thin line through all levels of a kernel. */
static void
put_levels_line(struct roofline *r, const struct psim_kernel_point *point)
{
    double least = INFINITY, most = 0;
    for (size_t s = 0; s < r->roofs->n_slopes; s++) {
        if (point->bytes[s] <= 0) continue;
        least = fmin(least, point->flop / point->bytes[s]);
        most = fmax(most, point->flop / point->bytes[s]);
    }
    if (least >= most) return;
    const double rate = point->flop / point->time_s;
    psim_figure_line(r->figure,
                     &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                           .colour = psim_figure_theme(r->figure)->axis,
                                           .width_px = r->em * 0.06},
                     least, rate, most, rate);
}

/** Marks of one level and one run: the large ones first, small ones lie over them. */
static void
put_marks(struct roofline *r, size_t slope, size_t run)
{
    struct psim_series *marks = psim_figure_series(
        r->figure,
        &(struct psim_series){
            .kind = PSIM_SERIES_MARKS,
            .colour = psim_figure_theme(r->figure)->series[colour_of(r, slope)],
            .shape = shape_of(run)});
    for (size_t i = 0; i < r->kernels.n; i++) {
        const struct psim_kernel_point *point = &r->kernels.points[i];
        if (point->run != run || point->bytes[slope] <= 0) continue;
        psim_series_mark(r->figure, marks, point->flop / point->bytes[slope],
                         point->flop / point->time_s, radius_of(r, point));
    }
}

/** Named at the memory of the tensors, or where it has a point at all. */
static void
put_name(struct roofline *r, const struct psim_kernel_point *point)
{
    size_t at = (size_t)(home_of(r->roofs) - r->roofs->slopes);
    for (size_t s = r->roofs->n_slopes; point->bytes[at] <= 0 && s-- > 0;) {
        if (point->bytes[s] > 0) at = s;
    }
    if (point->bytes[at] <= 0) return;
    const char *times = point->count > 1
                            ? psim_arena_printf(r->arena, " \xC3\x97%.0f", point->count)
                            : "";
    psim_figure_label(
        r->figure, &(struct psim_label){
                       .kind = PSIM_LABEL_POINT,
                       .text = psim_arena_printf(r->arena, "%s%s", point->name, times),
                       .colour = psim_figure_theme(r->figure)->ink,
                       .x = point->flop / point->bytes[at],
                       .y = point->flop / point->time_s,
                       .radius_px = radius_of(r, point),
                   });
}

static void
put_kernels(struct roofline *r)
{
    for (size_t i = 0; i < r->kernels.n; i++) {
        put_levels_line(r, &r->kernels.points[i]);
    }
    for (size_t s = 0; s < r->roofs->n_slopes; s++) {
        for (size_t run = 0; run < r->data->n_results; run++) {
            put_marks(r, s, run);
        }
    }
    const double width = psim_figure_width_px(r->figure);
    const size_t named = (size_t)fmin(fmax(width / 100, 4), MAX_NAMED);
    for (size_t i = 0; i < r->kernels.n && i < named; i++) {
        put_name(r, &r->kernels.points[i]);
    }
}

static void
put_keys(struct roofline *r)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const struct psim_swatch none = {0};
    for (size_t i = 0; i < r->data->n_results && r->data->n_results > 1; i++) {
        const struct psim_swatch mark = {
            .kind = PSIM_SWATCH_MARK, .colour = theme->quiet, .shape = shape_of(i)};
        psim_figure_key(r->figure, &mark, r->data->results[i]->workload_title);
    }
    psim_figure_key(r->figure, &none, "size of a point: share of the time");
    const char *rest = psim_kernel_points_rest(r->arena, &r->kernels);
    if (rest) psim_figure_key(r->figure, &none, rest);
}

struct psim_figure *
psim_roofline_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                     const struct psim_roofline_data *data)
{
    struct roofline r = {.arena = arena, .data = data, .roofs = data->roofs};
    if (r.roofs->n_slopes == 0 || r.roofs->n_ceilings == 0) return NULL;
    psim_kernel_points(arena, r.roofs, data->results, data->n_results, &r.kernels);
    find_top(&r);
    if (!find_range(&r)) return NULL;
    const char *title =
        data->n_results == 1
            ? psim_arena_printf(arena, "%s", data->results[0]->workload_title)
            : psim_arena_printf(arena, "%zu workloads", data->n_results);
    r.figure = psim_figure_new(arena, style, title,
                               psim_arena_printf(arena, "on %s", r.roofs->title));
    r.em = psim_figure_font_px(r.figure);
    put_axes(&r);
    put_kernels(&r);
    for (size_t i = r.roofs->n_ceilings; i-- > 0;) {
        put_ceiling(&r, &r.roofs->ceilings[i]);
    }
    for (size_t i = 0; i < r.roofs->n_slopes; i++) {
        put_slope(&r, i);
        put_ridge(&r, i);
    }
    put_keys(&r);
    return r.figure;
}
