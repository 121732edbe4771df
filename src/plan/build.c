/* SPDX-License-Identifier: MIT */
/** @file Building kernels step by step; what leaves is const. */
#include "plan/build.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"
#include "util/whole.h"

void
psim_build_init(struct psim_build *b, struct psim_arena *arena,
                const struct psim_hw *hw)
{
    memset(b, 0, offsetof(struct psim_build, servers));
    b->arena = b->names = arena;
    b->hw = hw;
    b->plan.repeat = 1;
}

void
psim_build_view_from(struct psim_build *b, int issuer, double pace_cycles)
{
    b->view = psim_view_of(b->hw, issuer);
    if (!psim_access_find(&b->view, &b->access)) {
        (void)psim_build_refuse(b, "no operations move data from '%s' to the lanes",
                                b->hw->memories[b->hw->main_memory].name);
    }
    b->pace_s = pace_cycles / b->hw->groups[b->view.unit].clock_hz;
}

void
psim_build_view_on(struct psim_build *b, int unit)
{
    b->view = psim_view_on(b->hw, unit);
    b->gang_lanes = 1;
    b->pace_s = 0;
}

void
psim_build_again(struct psim_build *b)
{
    b->plan.n_kernels = b->plan.n_tensors = b->plan.n_acts = 0;
    b->refusal = NULL;
}

bool
psim_build_refuse(struct psim_build *b, const char *fmt, ...)
{
    if (b->refusal) return false;
    va_list ap;
    va_start(ap, fmt);
    b->refusal = psim_arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    return false;
}

static bool
has_name(const char *name, const void *table, size_t size, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const void *entry = (const char *)table + i * size;
        if (psim_str_equal(*(const char *const *)entry, name)) return true;
    }
    return false;
}

const char *
psim_build_unique(struct psim_build *b, const char *name, const void *table,
                  size_t size, size_t n)
{
    const char *unique = name;
    for (unsigned i = 2; has_name(unique, table, size, n); i++) {
        unique = psim_arena_printf(b->arena, "%s.%u", name, i);
    }
    return unique;
}

uint8_t
psim_build_tensor(struct psim_build *b, const char *name, uint32_t elem_bytes,
                  const uint64_t *extent, const uint64_t *block, uint8_t n_dims)
{
    assert(b->plan.n_tensors < PSIM_MAX_TENSORS);
    struct psim_tensor *tensor = &b->tensors[b->plan.n_tensors];
    *tensor = (struct psim_tensor){.name = psim_build_unique(b, name, b->tensors,
                                                             sizeof *b->tensors,
                                                             b->plan.n_tensors),
                                   .elem_bytes = elem_bytes,
                                   .n_dims = n_dims};
    memcpy(tensor->extent, extent, n_dims * sizeof *extent);
    memcpy(tensor->block, block, n_dims * sizeof *block);
    return (uint8_t)b->plan.n_tensors++;
}

struct psim_kernel *
psim_build_kernel(struct psim_build *b, const char *name)
{
    assert(b->plan.n_kernels < PSIM_BUILD_KERNELS);
    b->kernel = &b->kernels[b->plan.n_kernels];
    *b->kernel = (struct psim_kernel){
        .name = psim_build_unique(b, name, b->kernels, sizeof *b->kernels,
                                  b->plan.n_kernels),
        .unit_name = b->hw->groups[b->view.unit].name,
        .units = b->view.units,
        .bundle = 1,
        .start_act = PSIM_NONE,
    };
    b->n_runs = 0;
    b->memories_read = 0;
    return b->kernel;
}

uint8_t
psim_add_axis(struct psim_build *b, const char *name, uint64_t extent)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_axes < PSIM_MAX_AXES);
    if (extent == 0 || extent > UINT32_MAX) {
        (void)psim_build_refuse(b, "grid: %llu work-groups along one axis",
                                (unsigned long long)extent);
        extent = 1;
    }
    k->axis_name[k->n_axes] = name;
    k->extent[k->n_axes] = (uint32_t)extent;
    return k->n_axes++;
}

void
psim_add_level(struct psim_build *b, uint8_t axis, uint64_t span, bool down)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_levels < PSIM_MAX_LEVELS);
    if (span >= k->extent[axis]) return; /* the band is the whole axis */
    b->levels[k->n_levels++] =
        (struct psim_level){.axis = axis, .down = down, .span = (uint32_t)span};
}

uint8_t
psim_add_param(struct psim_build *b, const char *name, uint8_t axis,
               const struct psim_run *runs, uint8_t n)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_params < PSIM_MAX_PARAMS && b->n_runs + n <= PSIM_BUILD_RUNS);
    b->params[k->n_params] = (struct psim_param){
        .name = name, .axis = axis, .n_runs = n, .first_run = b->n_runs};
    memcpy(&b->runs[b->n_runs], runs, n * sizeof *runs);
    b->n_runs = (uint16_t)(b->n_runs + n);
    return k->n_params++;
}

uint8_t
psim_add_edge(struct psim_build *b, const char *name, uint8_t axis, uint64_t full,
              uint64_t last)
{
    const uint32_t extent = b->kernel->extent[axis];
    const struct psim_run runs[] = {
        {0, extent - 1, 0, (int64_t)full, 1},
        {extent - 1, 1, 0, (int64_t)last, 1},
    };
    if (last == full || extent == 1) {
        const struct psim_run one = {0, extent, 0, (int64_t)last, 1};
        return psim_add_param(b, name, axis, &one, 1);
    }
    return psim_add_param(b, name, axis, runs, 2);
}

uint8_t
psim_add_channel(struct psim_build *b, const char *name, uint64_t depth,
                 uint64_t slot_bytes)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_channels < PSIM_MAX_CHANNELS && depth > 0 && depth <= PSIM_MAX_DEPTH);
    b->channels[k->n_channels] = (struct psim_channel){.name = name,
                                                       .depth = (uint8_t)depth,
                                                       .consumers = 1,
                                                       .slot_bytes = slot_bytes};
    return k->n_channels++;
}

uint8_t
psim_add_tile(struct psim_build *b, const char *name, uint8_t tensor)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_tiles < PSIM_BUILD_TILES);
    struct psim_tile *tile = &b->tiles[k->n_tiles];
    *tile = (struct psim_tile){.name = name, .tensor = tensor};
    for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        tile->dim[d] =
            (struct psim_box_dim){.axis = PSIM_NONE, .c = 1, .mul = 1, .size = 1};
        if (d < b->tensors[tensor].n_dims) {
            tile->dim[d].size = (int64_t)b->tensors[tensor].extent[d];
        }
    }
    return k->n_tiles++;
}

struct psim_box_dim *
psim_tile_dim(struct psim_build *b, uint8_t tile, uint8_t dim)
{
    return &b->tiles[tile].dim[dim];
}

struct psim_use *
psim_add_use(struct psim_build *b, uint8_t tensor, double read_bytes,
             double write_bytes)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_uses < PSIM_MAX_TENSORS && read_bytes >= 0 && write_bytes >= 0);
    b->uses[k->n_uses++] = (struct psim_use){
        .tensor = tensor,
        .read_bytes = (uint64_t)read_bytes,
        .write_bytes = (uint64_t)write_bytes,
    };
    return &b->uses[k->n_uses - 1];
}

void
psim_add_role(struct psim_build *b, const char *name, uint8_t gangs)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_roles < PSIM_BUILD_ROLES);
    b->roles[k->n_roles++] =
        (struct psim_role){.name = name, .gangs = gangs, .first_step = k->n_steps};
}

struct psim_amount
psim_amount_of(double coef, uint8_t p0, uint8_t p1)
{
    struct psim_amount amount = {.coef = (uint64_t)(coef + 0.5)};
    const uint8_t params[] = {p0, p1};
    size_t n = 0;
    for (size_t i = 0; i < PSIM_COUNT(params); i++) {
        if (params[i] != PSIM_NONE) amount.param[n++] = params[i];
    }
    while (n < PSIM_MAX_FACTORS) {
        amount.param[n++] = PSIM_NONE;
    }
    return amount;
}

struct psim_amount
psim_amount_flat(double coef)
{
    return psim_amount_of(coef, PSIM_NONE, PSIM_NONE);
}

static struct psim_step *
new_step(struct psim_build *b, enum psim_step_kind kind)
{
    struct psim_kernel *k = b->kernel;
    assert(k->n_steps < PSIM_MAX_STEPS);
    struct psim_step *step = &b->steps[k->n_steps++];
    *step = (struct psim_step){
        .kind = (uint8_t)kind,
        .channel = PSIM_NONE,
        .act = PSIM_NONE,
        .tile = PSIM_NONE,
        .amount = psim_amount_flat(1),
    };
    return step;
}

void
psim_add_loop(struct psim_build *b, struct psim_amount trips)
{
    new_step(b, PSIM_STEP_LOOP)->amount = trips;
}

void
psim_add_end(struct psim_build *b)
{
    (void)new_step(b, PSIM_STEP_END);
}

void
psim_add_on(struct psim_build *b, enum psim_step_kind kind, uint8_t channel)
{
    new_step(b, kind)->channel = channel;
}

struct psim_step *
psim_add_do(struct psim_build *b, uint8_t act, struct psim_amount amount)
{
    struct psim_step *step = new_step(b, PSIM_STEP_DO);
    step->act = act;
    step->amount = amount;
    return step;
}

struct psim_step *
psim_add_work(struct psim_build *b, enum psim_primitive does, enum psim_dtype dtype,
              struct psim_amount elements, double each)
{
    struct psim_ability ability = psim_find_vector(b->hw, does, dtype);
    if (!ability.op) {
        (void)psim_build_refuse(b, "no operation does %s for %s",
                                psim_primitive_name(does), psim_dtype_name(dtype));
        return psim_add_do(b, PSIM_NONE, elements);
    }
    if (each == floor(each)) {
        elements.coef *= (uint64_t)each;
    } else {
        ability.times *= each;
    }
    return psim_add_do(b, psim_act_vector(b, &ability), elements);
}

void
psim_add_stop(struct psim_build *b)
{
    (void)new_step(b, PSIM_STEP_STOP);
}

static void *
keep(struct psim_build *b, const void *items, size_t n, size_t size)
{
    void *copy = psim_arena_alloc(b->arena, n + 1, size);
    if (n > 0) memcpy(copy, items, n * size);
    return copy;
}

bool
psim_build_end(struct psim_build *b, const struct psim_need *need,
               enum psim_dispatch dispatch, uint64_t most_resident)
{
    struct psim_kernel *k = b->kernel;
    for (uint8_t a = 0; a < k->n_axes; a++) {
        bool walked = false;
        for (uint8_t i = 0; i < k->n_levels; i++) {
            if (b->levels[i].axis == a && b->levels[i].span == 0) walked = true;
        }
        if (!walked) psim_add_level(b, a, 0, false);
    }
    const struct psim_residency residency = psim_view_residency(&b->view, need);
    if (residency.groups == 0) {
        return psim_build_refuse(b, "not enough %s", residency.limited_by);
    }
    if (b->refusal) return false;
    const uint64_t items = psim_kernel_items(k);
    uint64_t resident = residency.groups;
    k->resident_by = residency.limited_by;
    if (most_resident > 0 && most_resident < resident) {
        resident = most_resident;
        k->resident_by = "the mapping";
    }
    const uint64_t wanted = psim_ceil_div(items, k->units);
    if (resident > wanted) {
        resident = wanted;
        k->resident_by = "the grid";
    }
    k->resident = (uint32_t)resident;
    k->dispatch = (uint8_t)dispatch;
    k->launch_s = b->launch_s;
    k->in_phase = psim_view_in_phase(&b->view);
    b->in_phase = b->fetched_in_phase = 0;
    b->pace_s = 0;
    k->walk = keep(b, b->levels, k->n_levels, sizeof *k->walk);
    k->params = keep(b, b->params, k->n_params, sizeof *k->params);
    k->runs = keep(b, b->runs, b->n_runs, sizeof *k->runs);
    k->channels = keep(b, b->channels, k->n_channels, sizeof *k->channels);
    k->tiles = keep(b, b->tiles, k->n_tiles, sizeof *k->tiles);
    k->roles = keep(b, b->roles, k->n_roles, sizeof *k->roles);
    k->steps = keep(b, b->steps, k->n_steps, sizeof *k->steps);
    k->uses = keep(b, b->uses, k->n_uses, sizeof *k->uses);
    b->plan.n_kernels++;
    return true;
}

void
psim_build_view(const struct psim_build *b, struct psim_plan *ret)
{
    *ret = b->plan;
    ret->servers = b->servers;
    ret->acts = b->acts;
    ret->caches = b->caches;
    ret->tensors = b->tensors;
    ret->kernels = b->kernels;
    ret->total_units = b->view.units;
}

const struct psim_plan *
psim_build_plan(struct psim_build *b)
{
    struct psim_plan *plan = PSIM_NEW(b->arena, struct psim_plan);
    *plan = b->plan;
    plan->servers = keep(b, b->servers, plan->n_servers, sizeof *b->servers);
    plan->acts = keep(b, b->acts, plan->n_acts, sizeof *b->acts);
    plan->caches = keep(b, b->caches, plan->n_caches, sizeof *b->caches);
    plan->tensors = keep(b, b->tensors, plan->n_tensors, sizeof *b->tensors);
    plan->kernels = keep(b, b->kernels, plan->n_kernels, sizeof *b->kernels);
    plan->total_units = b->view.units;
    struct psim_launch *launches =
        PSIM_NEW_N(b->arena, struct psim_launch, plan->n_kernels + 1);
    for (uint32_t i = 0; i < plan->n_kernels; i++) {
        launches[i].kernel = i;
    }
    plan->launches = launches;
    plan->n_launches = plan->n_kernels;
    return plan;
}
