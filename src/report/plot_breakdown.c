/* SPDX-License-Identifier: MIT */
/** @file What binds each kernel: its time as a bar, cut into the terms that it is made
 * of. */
#include <math.h>
#include <stdlib.h>

#include "report/plots.h"
#include "report/text_width.h"
#include "util/arena.h"
#include "util/str.h"

/** The terms of a time, in the order of the bar; their sum is all of it. */
enum term {
    TERM_BYTES,
    TERM_COMPUTE,
    TERM_LATENCY,
    TERM_CLOCK,
    TERM_REFETCH,
    TERM_FILL,
    TERM_TAIL,
    TERM_CONTENTION,
    TERM_LAUNCH,
    TERM_HOST,
    N_TERMS,
};

static const char *const term_words[N_TERMS] = {
    [TERM_BYTES] = "bound by moving bytes",
    [TERM_COMPUTE] = "bound by computing",
    [TERM_LATENCY] = "bound by latency",
    [TERM_CLOCK] = "clock below nominal",
    [TERM_REFETCH] = "bytes moved again",
    [TERM_FILL] = "filling, draining",
    [TERM_TAIL] = "last, partial wave",
    [TERM_CONTENTION] = "waiting for each other",
    [TERM_LAUNCH] = "launch",
    [TERM_HOST] = "waiting for the host",
};

/** Neighbours differ in lightness too; on what binds there are words. */
static uint32_t
colour_of(const struct psim_theme *theme, enum term term)
{
    const uint32_t colours[N_TERMS] = {
        [TERM_BYTES] = theme->text[0],     [TERM_COMPUTE] = theme->text[1],
        [TERM_LATENCY] = theme->text[2],   [TERM_CLOCK] = theme->series[4],
        [TERM_REFETCH] = theme->series[5], [TERM_FILL] = theme->series[3],
        [TERM_TAIL] = theme->quiet,        [TERM_CONTENTION] = theme->ink,
        [TERM_LAUNCH] = theme->axis,       [TERM_HOST] = theme->grid,
    };
    return colours[term];
}

/** Kernels that are alike, or all of a result. */
struct row {
    const char *name, *bound_by;
    double count;
    double seconds[N_TERMS];
    /** Of TERM_BYTES to TERM_LATENCY: what binds longest, and how long one kernel. */
    const char *binds[TERM_LATENCY + 1];
    double binds_s[TERM_LATENCY + 1];
    double all_s;
    double first_s; /**< of one launch: what is alike takes as long */
};

struct breakdown {
    struct psim_arena *arena;
    const struct psim_result *const *results;
    size_t n_results;
    struct row *rows;
    size_t n;
    struct psim_figure *figure;
    double em, most; /**< of the axis: seconds, or 1 */
};

/* --- rows --------------------------------------------------------------------- */

/** What kind of thing binds a kernel. */
static enum term
binding_of(const struct psim_kernel_result *kernel)
{
    for (size_t i = 0; i < kernel->n_servers; i++) {
        const struct psim_server_use *server = &kernel->servers[i];
        if (!psim_str_equal(server->name, kernel->bound_by)) continue;
        return server->counts == PSIM_DIM_BYTES ? TERM_BYTES : TERM_COMPUTE;
    }
    return TERM_LATENCY;
}

static void
add_time(struct row *row, enum term term, double seconds)
{
    if (seconds <= 0) return; /* what rounding left below 0 is nothing */
    row->seconds[term] += seconds;
    row->all_s += seconds;
}

/** Add all launches of a kernel. */
static void
add_kernel(struct row *row, const struct psim_kernel_result *k)
{
    const enum term binding = binding_of(k);
    if (k->bound_s * k->count > row->binds_s[binding]) {
        row->binds_s[binding] = k->bound_s * k->count;
        row->binds[binding] = k->bound_by;
    }
    add_time(row, binding, k->bound_s * k->count);
    add_time(row, TERM_CLOCK, k->clock_s * k->count);
    add_time(row, TERM_REFETCH, k->refetch_s * k->count);
    add_time(row, TERM_FILL, k->fill_s * k->count);
    add_time(row, TERM_TAIL, k->tail_s * k->count);
    add_time(row, TERM_CONTENTION, k->contention_s * k->count);
    add_time(row, TERM_LAUNCH, k->launch_s * k->count);
    row->count += k->count;
}

static bool
has_name(const struct psim_result *result, const struct psim_kernel_result *kernel)
{
    size_t same = 0;
    for (size_t i = 0; i < result->n_kernels; i++) {
        same += psim_str_equal(result->kernels[i].name, kernel->name);
    }
    return same == 1;
}

/** The row of kernels like this one, new where there is none. */
static struct row *
row_of(struct breakdown *b, const struct psim_kernel_result *kernel)
{
    for (size_t i = 0; i < b->n; i++) {
        struct row *row = &b->rows[i];
        const bool same = fabs(row->first_s - kernel->time_s) <= 1e-9 * row->first_s;
        if (same && psim_str_equal(row->bound_by, kernel->bound_by)) return row;
    }
    struct row *row = &b->rows[b->n++];
    const bool plain =
        has_name(b->results[0], kernel) || psim_str_equal(kernel->name, kernel->op);
    *row = (struct row){
        .name = plain ? kernel->name
                      : psim_arena_printf(b->arena, "%s: %s", kernel->op, kernel->name),
        .bound_by = kernel->bound_by,
        .first_s = kernel->time_s,
    };
    return row;
}

static int
longer(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    return (a->all_s < b->all_s) - (a->all_s > b->all_s);
}

/** Of one result: kernels, the longest first, the shortest together. */
static void
find_kernels(struct breakdown *b, size_t most_rows)
{
    const struct psim_result *result = b->results[0];
    b->rows = PSIM_NEW_N(b->arena, struct row, result->n_kernels + 1);
    for (size_t i = 0; i < result->n_kernels; i++) {
        add_kernel(row_of(b, &result->kernels[i]), &result->kernels[i]);
    }
    if (result->host_wait_s > 0) {
        struct row *row = &b->rows[b->n++];
        *row = (struct row){.name = "no kernel runs", .count = 1};
        add_time(row, TERM_HOST, result->host_wait_s);
    }
    qsort(b->rows, b->n, sizeof *b->rows, longer);
    if (b->n <= most_rows) return;
    struct row rest = {0};
    for (size_t i = most_rows - 1; i < b->n; i++) {
        for (int t = 0; t < N_TERMS; t++) {
            rest.seconds[t] += b->rows[i].seconds[t];
        }
        rest.all_s += b->rows[i].all_s;
        rest.count += b->rows[i].count;
    }
    rest.name = psim_arena_printf(b->arena, "%.0f others", rest.count);
    rest.count = 1;
    b->n = most_rows;
    b->rows[b->n - 1] = rest;
}

/** Of several results: a row each. */
static void
find_results(struct breakdown *b)
{
    b->rows = PSIM_NEW_N(b->arena, struct row, b->n_results);
    for (size_t i = 0; i < b->n_results; i++) {
        const struct psim_result *result = b->results[i];
        struct row *row = &b->rows[b->n++];
        *row = (struct row){.name = result->workload};
        for (size_t k = 0; k < result->n_kernels; k++) {
            add_kernel(row, &result->kernels[k]);
        }
        add_time(row, TERM_HOST, result->host_wait_s);
        row->count = 1;
    }
}

/* --- picture ------------------------------------------------------------------ */

/** In parts of its time where the rows are results. */
static double
scale_of(const struct breakdown *b, const struct row *row)
{
    return b->n_results > 1 && row->all_s > 0 ? 1 / row->all_s : 1;
}

/** What is written behind a bar. */
static const char *
figure_of(const struct breakdown *b, const struct row *row)
{
    const char *time = psim_quantity_print(b->arena, row->all_s, PSIM_DIM_SECONDS, 3);
    if (b->n_results > 1) return time;
    return psim_arena_printf(b->arena, "%s  %.1f %%", time,
                             100 * row->all_s / b->results[0]->time_s);
}

static void
put_axes(struct breakdown *b)
{
    double room_px = 0; /* behind the longest bar its figure is written */
    struct psim_tick *names = PSIM_NEW_N(b->arena, struct psim_tick, b->n);
    for (size_t i = 0; i < b->n; i++) {
        const struct row *row = &b->rows[i];
        b->most = fmax(b->most, row->all_s * scale_of(b, row));
        room_px =
            fmax(room_px, psim_text_width_px(figure_of(b, row), b->em) + 0.8 * b->em);
        names[i] = (struct psim_tick){
            .at = (double)i,
            .text = row->count > 1 ? psim_arena_printf(b->arena, "%s \xC3\x97%.0f",
                                                       row->name, row->count)
                                   : row->name,
        };
    }
    const bool parts = b->n_results > 1;
    const struct psim_axis x = {
        .title = parts ? "part of the time" : "time of all its launches (s)",
        .scale = {.least = 0,
                  .most = b->most,
                  .dim = parts ? PSIM_DIM_NONE : PSIM_DIM_SECONDS,
                  .percent = parts},
        .room_px = room_px,
    };
    const struct psim_axis y = {
        .scale = {.least = -0.6, .most = (double)b->n - 0.4},
        .ticks = names,
        .n_ticks = b->n,
        .downwards = true,
        .no_grid = true,
    };
    psim_figure_axes(b->figure, &x, &y, ((double)b->n + 0.4) * 2.1 * b->em);
}

static void
put_bars(struct breakdown *b)
{
    const struct psim_theme *theme = psim_figure_theme(b->figure);
    struct psim_series *bars =
        psim_figure_series(b->figure, &(struct psim_series){.kind = PSIM_SERIES_BARS});
    for (size_t i = 0; i < b->n; i++) {
        const struct row *row = &b->rows[i];
        const double scale = scale_of(b, row), y = (double)i;
        double from = 0;
        for (int t = 0; t < N_TERMS; t++) {
            const double to = from + row->seconds[t] * scale;
            if (to > from) {
                psim_series_bar(b->figure, bars, from, to, y - 0.36, y + 0.36,
                                colour_of(theme, (enum term)t));
            }
            from = to;
        }
    }
}

/** Within the bar, what binds. */
static void
put_bindings(struct breakdown *b, const struct row *row, double y)
{
    const double scale = scale_of(b, row);
    double from = 0;
    for (int t = TERM_BYTES; t <= TERM_LATENCY; t++) {
        const double to = from + row->seconds[t] * scale;
        if (row->binds[t]) {
            psim_figure_label(b->figure,
                              &(struct psim_label){
                                  .kind = PSIM_LABEL_IN,
                                  .text = row->binds[t],
                                  .colour = psim_figure_theme(b->figure)->ground,
                                  .size = 0.92,
                                  .x = from,
                                  .y = y - 0.45,
                                  .x1 = to,
                                  .y1 = y + 0.45,
                                  .optional = true,
                              });
        }
        from = to;
    }
}

static void
put_words(struct breakdown *b)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct row *row = &b->rows[i];
        psim_figure_label(b->figure, &(struct psim_label){
                                         .kind = PSIM_LABEL_POINT,
                                         .text = figure_of(b, row),
                                         .colour = psim_figure_theme(b->figure)->ink,
                                         .x = row->all_s * scale_of(b, row),
                                         .y = (double)i,
                                         .optional = true,
                                     });
        put_bindings(b, row, (double)i);
    }
}

static void
put_keys(struct breakdown *b)
{
    for (int t = 0; t < N_TERMS; t++) {
        double all_s = 0;
        for (size_t i = 0; i < b->n; i++) {
            all_s += b->rows[i].seconds[t];
        }
        const struct psim_swatch bar = {
            .kind = PSIM_SWATCH_BAR,
            .colour = colour_of(psim_figure_theme(b->figure), (enum term)t)};
        if (all_s > 0) psim_figure_key(b->figure, &bar, term_words[t]);
    }
}

struct psim_figure *
psim_breakdown_figure(struct psim_arena *arena, const struct psim_figure_style *style,
                      const char *machine, const struct psim_result *const *results,
                      size_t n)
{
    enum { NARROW_PX = 600, FEW_ROWS = 10, MANY_ROWS = 18 };
    struct breakdown b = {.arena = arena, .results = results, .n_results = n};
    if (n == 1) {
        find_kernels(&b, style->width_px < NARROW_PX ? FEW_ROWS : MANY_ROWS);
    } else {
        find_results(&b);
    }
    b.figure = psim_figure_of_results(arena, style, "What the time is made of", machine,
                                      results, n);
    b.em = psim_figure_font_px(b.figure);
    put_axes(&b);
    put_bars(&b);
    put_words(&b);
    put_keys(&b);
    return b.figure;
}
