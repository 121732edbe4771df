/* SPDX-License-Identifier: MIT */
/** @file The roofline's roofs: slopes, ceilings, ridge points. */
#include "report/roofline.h"

#include <math.h>
#include <string.h>

#include "util/arena.h"

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

enum psim_roof_use
psim_roof_use(const struct psim_result *const *results, size_t n,
              const struct psim_ceiling *ceiling)
{
    enum psim_roof_use use = PSIM_ROOF_UNUSED;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < results[i]->n_roofs; k++) {
            const struct psim_roof *roof = &results[i]->roofs[k];
            if (!has_dtype(ceiling, roof)) continue;
            if (roof->peak_per_s <= ceiling->peak_flop_per_s) return PSIM_ROOF_USED;
            use = PSIM_ROOF_SLOWER;
        }
    }
    return use;
}

double
psim_roofs_top(const struct psim_machine_roofs *roofs,
               const struct psim_result *const *results, size_t n)
{
    for (size_t i = 0; i < roofs->n_ceilings; i++) { /* the highest first */
        const struct psim_ceiling *c = &roofs->ceilings[i];
        if (psim_roof_use(results, n, c) == PSIM_ROOF_USED) return c->peak_flop_per_s;
    }
    return roofs->ceilings[0].peak_flop_per_s;
}

size_t
psim_roofs_home(const struct psim_machine_roofs *roofs)
{
    for (size_t i = 0; i < roofs->n_slopes; i++) {
        if (roofs->slopes[i].home) return i;
    }
    return roofs->n_slopes - 1;
}

size_t
psim_slope_colour(const struct psim_machine_roofs *roofs, size_t slope)
{
    static const size_t colours[] = {0, 2, 3, 4, 5, 6};
    const size_t rank = roofs->n_slopes - 1 - slope;
    const size_t last = PSIM_COUNT(colours) - 1;
    return colours[rank < last ? rank : last];
}

/* --- lines -------------------------------------------------------------------- */

static enum psim_dash
dash_of(enum psim_ceiling_kind kind)
{
    static const enum psim_dash dashes[PSIM_N_CEILING_KINDS] = {
        PSIM_DASH_NONE, PSIM_DASH_LONG, PSIM_DASH_DOTS};
    return dashes[kind];
}

static enum psim_roof_use
use_of(const struct psim_roofline *r, const struct psim_ceiling *ceiling)
{
    return psim_roof_use(r->data->results, r->data->n_results, ceiling);
}

/** Roofs of no data type in use are left out where there is no room for their names. */
static bool
is_drawn(const struct psim_roofline *r, const struct psim_ceiling *ceiling)
{
    enum { WIDE_PX = 600 };
    const double peak = ceiling->peak_flop_per_s;
    if (peak < r->low || peak > r->high) return false;
    return use_of(r, ceiling) != PSIM_ROOF_UNUSED ||
           psim_figure_width_px(r->figure) >= WIDE_PX;
}

static void
put_ceiling(struct psim_roofline *r, const struct psim_ceiling *ceiling)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const enum psim_roof_use use = use_of(r, ceiling);
    const double peak = ceiling->peak_flop_per_s;
    psim_figure_line(
        r->figure,
        &(struct psim_series){.kind = PSIM_SERIES_LINE,
                              .colour = use == PSIM_ROOF_USED     ? theme->ink
                                        : use == PSIM_ROOF_SLOWER ? theme->quiet
                                                                  : theme->axis,
                              .width_px = r->em * (use == PSIM_ROOF_USED ? 0.16 : 0.08),
                              .dash = dash_of(ceiling->kind)},
        fmax(peak / r->roofs->slopes[0].peak_bytes_per_s, r->left), peak, r->right,
        peak);
}

static void
name_ceiling(struct psim_roofline *r, const struct psim_ceiling *ceiling)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const enum psim_roof_use use = use_of(r, ceiling);
    const double peak = ceiling->peak_flop_per_s;
    const char *rate = psim_quantity_print(r->arena, peak, PSIM_DIM_FLOP_PER_S, 3);
    psim_figure_label(
        r->figure,
        &(struct psim_label){
            .kind = PSIM_LABEL_LINE,
            .text = psim_arena_printf(r->arena, "%s %s  %s", ceiling->dtypes,
                                      psim_ceiling_kind_name(ceiling->kind), rate),
            .brief = rate,
            .colour = use == PSIM_ROOF_USED ? theme->ink : theme->quiet,
            .size = use == PSIM_ROOF_USED ? 1 : 0.88,
            .x = fmax(peak / r->roofs->slopes[0].peak_bytes_per_s, r->left),
            .y = peak,
            .x1 = r->right,
            .y1 = peak,
            .optional = use == PSIM_ROOF_UNUSED,
        });
}

/** From the left edge to the highest ceiling in use. @return false: not seen at all */
static bool
span_of(const struct psim_roofline *r, const struct psim_slope *slope, double *from,
        double *to)
{
    *from = fmax(r->left, r->low / slope->peak_bytes_per_s);
    *to = fmin(r->top_flop_per_s / slope->peak_bytes_per_s, r->right);
    return *from < *to;
}

static void
put_slope(struct psim_roofline *r, size_t at)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const struct psim_slope *slope = &r->roofs->slopes[at];
    const double rate = slope->peak_bytes_per_s;
    double from, to;
    if (!span_of(r, slope, &from, &to)) return;
    psim_figure_line(
        r->figure,
        &(struct psim_series){.kind = PSIM_SERIES_LINE,
                              .colour = theme->series[psim_slope_colour(r->roofs, at)],
                              .width_px = r->em * (slope->home ? 0.2 : 0.14)},
        from, from * rate, to, to * rate);
}

static void
name_slope(struct psim_roofline *r, size_t at)
{
    const struct psim_slope *slope = &r->roofs->slopes[at];
    const double rate = slope->peak_bytes_per_s;
    double from, to;
    if (!span_of(r, slope, &from, &to)) return;
    psim_figure_label(
        r->figure,
        &(struct psim_label){
            .kind = PSIM_LABEL_LINE,
            .text = psim_arena_printf(
                r->arena, "%s  %s", slope->memory,
                psim_quantity_print(r->arena, rate, PSIM_DIM_BYTES_PER_S, 3)),
            .brief = slope->memory,
            .colour =
                psim_figure_theme(r->figure)->text[psim_slope_colour(r->roofs, at)],
            .x = to,
            .y = to * rate,
            .x1 = from,
            .y1 = from * rate,
        });
}

/** Where a slope meets the highest ceiling in use. */
static void
put_ridge(struct psim_roofline *r, size_t at)
{
    const struct psim_theme *theme = psim_figure_theme(r->figure);
    const double x = r->top_flop_per_s / r->roofs->slopes[at].peak_bytes_per_s;
    const size_t colour = psim_slope_colour(r->roofs, at);
    psim_figure_line(r->figure,
                     &(struct psim_series){.kind = PSIM_SERIES_LINE,
                                           .colour = theme->series[colour],
                                           .width_px = r->em * 0.08,
                                           .dash = PSIM_DASH_DOTS,
                                           .faint = true},
                     x, r->low, x, r->top_flop_per_s);
}

static void
name_ridge(struct psim_roofline *r, size_t at)
{
    const double x = r->top_flop_per_s / r->roofs->slopes[at].peak_bytes_per_s;
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
            .colour =
                psim_figure_theme(r->figure)->text[psim_slope_colour(r->roofs, at)],
            .size = 0.92,
            .side = PSIM_SIDE_ABOVE,
            .optional = !r->roofs->slopes[at].home,
            .x = x,
            .y = r->top_flop_per_s,
            .radius_px = 0.3 * r->em,
        });
}

void
psim_roofline_roofs(struct psim_roofline *r)
{
    for (size_t i = r->roofs->n_ceilings; i-- > 0;) {
        if (is_drawn(r, &r->roofs->ceilings[i])) put_ceiling(r, &r->roofs->ceilings[i]);
    }
    for (size_t i = 0; i < r->roofs->n_slopes; i++) {
        put_slope(r, i);
        put_ridge(r, i);
    }
}

void
psim_roofline_name_first(struct psim_roofline *r)
{
    const size_t home = psim_roofs_home(r->roofs);
    for (size_t i = 0; i < r->roofs->n_ceilings; i++) {
        const struct psim_ceiling *c = &r->roofs->ceilings[i];
        if (is_drawn(r, c) && use_of(r, c) == PSIM_ROOF_USED) name_ceiling(r, c);
    }
    name_ridge(r, home);
    name_slope(r, home);
    for (size_t i = 0; i < r->roofs->n_slopes; i++) {
        if (i == home) continue;
        name_ridge(r, i);
        name_slope(r, i);
    }
}

void
psim_roofline_name_rest(struct psim_roofline *r)
{
    for (size_t i = 0; i < r->roofs->n_ceilings; i++) {
        const struct psim_ceiling *c = &r->roofs->ceilings[i];
        if (is_drawn(r, c) && use_of(r, c) != PSIM_ROOF_USED) name_ceiling(r, c);
    }
}
