/* SPDX-License-Identifier: MIT */
/** @file Reading a plan: parameters, walks and boxes at one place of the grid. */
#include "plan/plan.h"

#include <assert.h>

#include "util/arena.h"
#include "util/whole.h"

const char *
psim_step_kind_name(enum psim_step_kind kind)
{
    static const char *const names[] = {
        [PSIM_STEP_LOOP] = "loop",       [PSIM_STEP_END] = "end",
        [PSIM_STEP_DO] = "do",           [PSIM_STEP_RESERVE] = "reserve",
        [PSIM_STEP_COMMIT] = "commit",   [PSIM_STEP_WAIT] = "wait",
        [PSIM_STEP_RELEASE] = "release", [PSIM_STEP_STOP] = "stop",
    };
    _Static_assert(PSIM_COUNT(names) == PSIM_N_STEP_KINDS, "a name each");
    return names[kind];
}

const char *
psim_dispatch_name(enum psim_dispatch dispatch)
{
    static const char *const names[] = {
        [PSIM_DISPATCH_EACH] = "each",
        [PSIM_DISPATCH_STRIDE] = "stride",
        [PSIM_DISPATCH_QUEUE] = "queue",
    };
    _Static_assert(PSIM_COUNT(names) == PSIM_N_DISPATCHES, "a name each");
    return names[dispatch];
}

uint64_t
psim_kernel_items(const struct psim_kernel *kernel)
{
    uint64_t items = 1;
    for (uint8_t a = 0; a < kernel->n_axes; a++) {
        items *= kernel->extent[a];
    }
    return items;
}

/** Values that one level takes, given what its axis' outer level chose. */
static uint64_t
level_count(const struct psim_kernel *kernel, uint8_t level, const uint32_t base[],
            const bool outer_done[])
{
    const struct psim_level *l = &kernel->walk[level];
    const uint64_t extent = kernel->extent[l->axis];
    if (l->span != 0) {
        const uint64_t left = outer_done[l->axis] ? extent - base[l->axis] : extent;
        return l->span < left ? l->span : left;
    }
    for (uint8_t i = 0; i < kernel->n_levels; i++) {
        const struct psim_level *inner = &kernel->walk[i];
        if (inner->axis == l->axis && inner->span != 0) {
            return psim_ceil_div(extent, inner->span);
        }
    }
    return extent;
}

/** How far one value of a level moves along its axis. */
static uint32_t
level_stride(const struct psim_kernel *kernel, uint8_t level)
{
    const struct psim_level *l = &kernel->walk[level];
    if (l->span != 0) return 1;
    for (uint8_t i = 0; i < kernel->n_levels; i++) {
        const struct psim_level *inner = &kernel->walk[i];
        if (inner->axis == l->axis && inner->span != 0) return inner->span;
    }
    return 1;
}

/** Items that one value of a level spans: of an axis both of whose digits are
 * below, all; a last, ragged band makes that less than the digits' product. */
static uint64_t
volume_below(const struct psim_kernel *kernel, uint8_t level, const uint32_t base[],
             const bool outer_done[])
{
    uint64_t volume = 1;
    for (uint8_t i = 0; i < level; i++) {
        const struct psim_level *l = &kernel->walk[i];
        bool whole = l->span == 0;
        for (uint8_t j = i + 1; l->span != 0 && j < level; j++) {
            if (kernel->walk[j].axis == l->axis) whole = true;
        }
        if (!whole) {
            volume *= level_count(kernel, i, base, outer_done);
        } else if (l->span == 0) {
            volume *= kernel->extent[l->axis];
        }
    }
    return volume;
}

void
psim_kernel_walk(const struct psim_kernel *kernel, uint64_t index,
                 uint32_t ret_x[PSIM_MAX_AXES])
{
    bool outer_done[PSIM_MAX_AXES] = {false};
    for (size_t a = 0; a < PSIM_MAX_AXES; a++) {
        ret_x[a] = 0;
    }
    /* From the slowest level inwards: all bands before the last are full, so
     * a division finds the band; only then is the size of a ragged one known. */
    for (uint8_t level = kernel->n_levels; level-- > 0;) {
        const struct psim_level *l = &kernel->walk[level];
        const uint64_t below = volume_below(kernel, level, ret_x, outer_done);
        const uint64_t digit = index / below;
        index -= digit * below;
        const uint64_t count = level_count(kernel, level, ret_x, outer_done);
        assert(digit < count);
        const uint64_t at = l->down ? count - 1 - digit : digit;
        ret_x[l->axis] += (uint32_t)at * level_stride(kernel, level);
        outer_done[l->axis] = true;
    }
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    const int64_t q = a / b;
    return q * b > a ? q - 1 : q;
}

int64_t
psim_param_value(const struct psim_kernel *kernel, uint8_t param, uint32_t x)
{
    const struct psim_param *p = &kernel->params[param];
    for (uint8_t i = 0; i < p->n_runs; i++) {
        const struct psim_run *run = &kernel->runs[p->first_run + i];
        if (x - run->first < run->count) {
            return floor_div(run->a * (int64_t)(x - run->first) + run->b, run->c);
        }
    }
    assert(false && "runs cover their axis");
    return 0;
}

uint64_t
psim_amount_value(const struct psim_kernel *kernel, const struct psim_amount *amount,
                  const uint32_t x[PSIM_MAX_AXES])
{
    uint64_t value = amount->coef;
    for (size_t i = 0; i < PSIM_MAX_FACTORS && amount->param[i] != PSIM_NONE; i++) {
        const uint8_t param = amount->param[i];
        value *=
            (uint64_t)psim_param_value(kernel, param, x[kernel->params[param].axis]);
    }
    return value;
}

static int64_t
box_edge(const struct psim_box_dim *dim, int64_t x, int64_t b)
{
    const int64_t n = dim->a * x + b;
    const int64_t q = dim->c == 1 ? n : floor_div(n, dim->c);
    if (dim->m == 0) return dim->mul * q;
    const int64_t high = floor_div(q, dim->m);
    return dim->mul * (q - high * dim->m) + dim->carry * high;
}

/**
 * Where q goes round from m - 1 to 0 between both ends, the last place of a turn may
 * lie beyond the end of the box, and the first of the next before its start: rows
 * that reach into the padding of two images.
 */
static void
cover_turns(const struct psim_box_dim *dim, int64_t x, int64_t *lo, int64_t *hi)
{
    const int64_t first = floor_div(floor_div(dim->a * x + dim->b, dim->c), dim->m);
    const int64_t last = floor_div(floor_div(dim->a * x + dim->b_last, dim->c), dim->m);
    if (first == last) return;
    const int64_t next = dim->carry * (first + 1);
    const int64_t before = dim->mul * (dim->m - 1) + dim->carry * (last - 1);
    if (next < *lo) *lo = next;
    if (before > *hi) *hi = before;
}

void
psim_box_span(const struct psim_box_dim *dim, uint64_t extent,
              const uint32_t x[PSIM_MAX_AXES], const uint64_t counter[PSIM_MAX_NESTING],
              uint64_t *ret_lo, uint64_t *ret_hi)
{
    const int64_t at = dim->axis == PSIM_NONE ? 0 : (int64_t)x[dim->axis];
    int64_t shift = dim->offset;
    for (size_t d = 0; d < PSIM_MAX_NESTING; d++) {
        if (dim->step[d] != 0) shift += dim->step[d] * (int64_t)counter[d];
    }
    int64_t lo = box_edge(dim, at, dim->b), hi = box_edge(dim, at, dim->b_last);
    if (dim->m != 0) cover_turns(dim, at, &lo, &hi);
    lo += shift;
    hi += shift + dim->size;
    if (lo < 0) lo = 0;
    if (hi > (int64_t)extent) hi = (int64_t)extent;
    if (hi < lo) hi = lo;
    *ret_lo = (uint64_t)lo;
    *ret_hi = (uint64_t)hi;
}

size_t
psim_kernel_bytes(const struct psim_kernel *kernel)
{
    size_t runs = 0;
    for (uint8_t i = 0; i < kernel->n_params; i++) {
        runs += kernel->params[i].n_runs;
    }
    return sizeof *kernel + kernel->n_levels * sizeof *kernel->walk +
           kernel->n_params * sizeof *kernel->params + runs * sizeof *kernel->runs +
           kernel->n_channels * sizeof *kernel->channels +
           kernel->n_tiles * sizeof *kernel->tiles +
           kernel->n_roles * sizeof *kernel->roles +
           kernel->n_steps * sizeof *kernel->steps +
           kernel->n_uses * sizeof *kernel->uses;
}

size_t
psim_plan_machine_bytes(const struct psim_plan *plan)
{
    size_t bytes = plan->n_servers * sizeof *plan->servers;
    for (uint32_t i = 0; i < plan->n_acts; i++) {
        const struct psim_act *act = &plan->acts[i];
        const size_t unused = PSIM_MAX_DEMANDS - act->n_demands;
        bytes += sizeof *act - unused * sizeof *act->demand;
    }
    return bytes;
}
