/* SPDX-License-Identifier: MIT */
/** @file Kernels as points: equal ones joined, those without a place left out. */
#include "report/kernel_points.h"

#include <math.h>
#include <stdlib.h>

#include "util/arena.h"
#include "util/str.h"

/** Of the time of its workload: what takes less has no point. */
static const double least_share = 0.002;

/** Kernels of one name whose points would lie on each other are one: relative. */
static const double alike = 0.05;

static bool
is_near(double a, double b)
{
    return fabs(a - b) <= alike * fmax(fabs(a), fabs(b));
}

static double
bytes_at(const struct psim_slope *slope, const struct psim_kernel_result *kernel)
{
    double bytes = 0;
    for (size_t i = 0; i < kernel->n_servers; i++) {
        const struct psim_server_use *use = &kernel->servers[i];
        if (!use->level || !psim_str_equal(use->level, slope->memory)) continue;
        bytes += use->read + use->written;
    }
    return bytes;
}

static const double *
bytes_of(struct psim_arena *arena, const struct psim_machine_roofs *roofs,
         const struct psim_kernel_result *kernel)
{
    double *bytes = PSIM_NEW_N(arena, double, roofs->n_slopes + 1);
    for (size_t s = 0; s < roofs->n_slopes; s++) {
        bytes[s] = bytes_at(&roofs->slopes[s], kernel);
    }
    return bytes;
}

double
psim_op_intensity(const struct psim_machine_roofs *roofs,
                  const struct psim_result *result, const char *op, size_t slope)
{
    double flop = 0, bytes = 0;
    for (size_t i = 0; i < result->n_kernels; i++) {
        const struct psim_kernel_result *kernel = &result->kernels[i];
        if (op && !psim_str_equal(kernel->op, op)) continue;
        flop += kernel->flop * kernel->count;
        bytes += bytes_at(&roofs->slopes[slope], kernel) * kernel->count;
    }
    return flop > 0 && bytes > 0 ? flop / bytes : -1;
}

/** Whether a name says which kernel of a result it is. */
static bool
is_unique(const struct psim_result *result, const struct psim_kernel_result *kernel)
{
    for (size_t i = 0; i < result->n_kernels; i++) {
        const struct psim_kernel_result *other = &result->kernels[i];
        if (other != kernel && psim_str_equal(other->name, kernel->name)) return false;
    }
    return true;
}

static bool
has_siblings(const struct psim_result *result, const struct psim_kernel_result *kernel)
{
    for (size_t i = 0; i < result->n_kernels; i++) {
        const struct psim_kernel_result *other = &result->kernels[i];
        if (other != kernel && psim_str_equal(other->op, kernel->op) &&
            other->flop > 0) {
            return true;
        }
    }
    return false;
}

/** Short, as it stands beside a point: the kernel, or its op where many have one. */
static const char *
name_of(struct psim_arena *arena, const struct psim_result *result,
        const struct psim_kernel_result *kernel)
{
    if (is_unique(result, kernel)) return kernel->name;
    if (!has_siblings(result, kernel)) return kernel->op;
    return psim_arena_printf(arena, "%s: %s", kernel->op, kernel->name);
}

/** Whether two points are in the same place of every picture. */
static bool
same_place(const struct psim_kernel_point *a, const struct psim_kernel_point *b,
           size_t n_slopes)
{
    bool same = a->run == b->run && psim_str_equal(a->kernel, b->kernel) &&
                is_near(a->flop / a->time_s, b->flop / b->time_s) &&
                is_near(a->energy_j / a->flop, b->energy_j / b->flop);
    for (size_t s = 0; same && s < n_slopes; s++) {
        same = is_near(a->bytes[s] / a->flop, b->bytes[s] / b->flop);
    }
    return same;
}

static bool
join(struct psim_kernel_points *ret, const struct psim_kernel_point *point,
     const struct psim_machine_roofs *roofs)
{
    for (size_t i = 0; i < ret->n; i++) {
        struct psim_kernel_point *other = &ret->points[i];
        if (!same_place(other, point, roofs->n_slopes)) continue;
        other->count += point->count;
        other->share += point->share;
        return true;
    }
    return false;
}

static int
longer(const void *a, const void *b)
{
    const struct psim_kernel_point *x = a, *y = b;
    if (x->share != y->share) return x->share < y->share ? 1 : -1;
    return x->flop < y->flop ? 1 : x->flop > y->flop ? -1 : 0;
}

/** All of one result, before those that are too short are left away. */
static void
add_result(struct psim_arena *arena, const struct psim_machine_roofs *roofs,
           const struct psim_result *result, size_t run, struct psim_kernel_points *ret)
{
    for (size_t i = 0; i < result->n_kernels; i++) {
        const struct psim_kernel_result *kernel = &result->kernels[i];
        const struct psim_kernel_point point = {
            .name = name_of(arena, result, kernel),
            .kernel = kernel->name,
            .run = run,
            .flop = kernel->flop,
            .time_s = kernel->time_s,
            .energy_j = kernel->energy_j,
            .count = kernel->count,
            .share = result->time_s > 0
                         ? kernel->time_s * kernel->count / result->time_s
                         : 0,
            .bytes = bytes_of(arena, roofs, kernel),
        };
        if (point.flop <= 0 || point.time_s <= 0) {
            ret->n_idle++;
            ret->idle_s += point.time_s * point.count;
        } else if (!join(ret, &point, roofs)) {
            ret->points[ret->n++] = point;
        }
    }
    ret->all_s += result->time_s;
}

/** The shortest of a run, unless it is all that there is. */
static void
leave_out(struct psim_kernel_points *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < ret->n; i++) {
        const struct psim_kernel_point *point = &ret->points[i];
        if (i > 0 && point->share < least_share) {
            ret->n_small += (size_t)point->count;
            ret->small_s += point->time_s * point->count;
        } else {
            ret->points[kept++] = *point;
        }
    }
    ret->n = kept;
}

void
psim_kernel_points(struct psim_arena *arena, const struct psim_machine_roofs *roofs,
                   const struct psim_result *const *results, size_t n,
                   struct psim_kernel_points *ret)
{
    size_t room = 1;
    for (size_t i = 0; i < n; i++) {
        room += results[i]->n_kernels;
    }
    *ret = (struct psim_kernel_points){
        .points = PSIM_NEW_N(arena, struct psim_kernel_point, room)};
    for (size_t i = 0; i < n; i++) {
        add_result(arena, roofs, results[i], i, ret);
    }
    qsort(ret->points, ret->n, sizeof *ret->points, longer);
    leave_out(ret);
}

static const char *
percent(struct psim_arena *arena, double part_s, double all_s)
{
    const double share = all_s > 0 ? part_s / all_s : 0;
    return share < 0.001 ? "under 0.1 %"
                         : psim_arena_printf(arena, "%.1f %%", 100 * share);
}

const char *
psim_kernel_points_rest(struct psim_arena *arena,
                        const struct psim_kernel_points *points)
{
    const char *small = NULL, *idle = NULL;
    if (points->n_small > 0) {
        small = psim_arena_printf(arena, "%zu short kernel%s (%s of the time)",
                                  points->n_small, points->n_small == 1 ? "" : "s",
                                  percent(arena, points->small_s, points->all_s));
    }
    if (points->n_idle > 0) {
        idle = psim_arena_printf(arena, "%zu kernel%s without FLOP (%s)",
                                 points->n_idle, points->n_idle == 1 ? "" : "s",
                                 percent(arena, points->idle_s, points->all_s));
    }
    if (!small && !idle) return NULL;
    return psim_arena_printf(arena, "not shown: %s%s%s", small ? small : "",
                             small && idle ? ", " : "", idle ? idle : "");
}
