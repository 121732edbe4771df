/* SPDX-License-Identifier: MIT */
/** @file How kernels look: size, shape, name, legend. */
#include "report/kernel_marks.h"

#include <math.h>

#include "util/arena.h"

double
psim_mark_radius(const struct psim_figure *figure,
                 const struct psim_kernel_point *point)
{
    return psim_figure_font_px(figure) * (0.3 + 0.6 * sqrt(fmin(point->share, 1)));
}

enum psim_shape
psim_shape_of(size_t run)
{
    return (enum psim_shape)(run % PSIM_N_SHAPES);
}

const char *
psim_point_name(struct psim_arena *arena, const struct psim_kernel_point *point)
{
    if (point->count <= 1) return point->name;
    return psim_arena_printf(arena, "%s \xC3\x97%.0f", point->name, point->count);
}

size_t
psim_most_named(const struct psim_figure *figure)
{
    enum { FEWEST = 4, MOST = 12, PX_EACH = 100 };
    const double room = psim_figure_width_px(figure) / PX_EACH;
    return (size_t)fmin(fmax(room, FEWEST), MOST);
}

void
psim_kernel_keys(struct psim_figure *figure, struct psim_arena *arena,
                 const struct psim_result *const *results, size_t n,
                 const struct psim_kernel_points *points)
{
    const struct psim_swatch none = {0};
    for (size_t i = 0; i < n && n > 1; i++) {
        const struct psim_swatch mark = {.kind = PSIM_SWATCH_MARK,
                                         .colour = psim_figure_theme(figure)->quiet,
                                         .shape = psim_shape_of(i)};
        psim_figure_key(figure, &mark, results[i]->workload_title);
    }
    psim_figure_key(figure, &none, "size of a point: share of the time");
    const char *rest = psim_kernel_points_rest(arena, points);
    if (rest) psim_figure_key(figure, &none, rest);
}
