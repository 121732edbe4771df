/* SPDX-License-Identifier: MIT */
/** @file What crosses below each cache (docs/MODEL.md, eq. R1 to R4, R6). */
#include "plan/reuse.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/** One digit of the walk with its number of values, fastest first. */
struct digit {
    uint8_t axis;
    double count;
};

/** A step that looks its tile up in the caches on its path. */
struct look {
    uint16_t step;
    uint8_t role;
};

/**
 * The walk above one cache: the items whose tiles it sees at once, then wider and
 * wider, level by level.
 */
struct window {
    uint8_t cache;
    double units, instances; /**< that share one; how many there are */
    bool apart;              /**< the items of a unit are far apart in the walk */
    double n[PSIM_MAX_LEVELS + 1][PSIM_MAX_AXES];
    double left[PSIM_MAX_LEVELS]; /**< values of the level that are not in it yet */
    bool kept[PSIM_MAX_LEVELS];   /**< what it spans fits until the level goes on */
};

/** What does not depend on the step. */
struct scene {
    const struct psim_plan *plan;
    const struct psim_kernel *kernel;
    struct digit digits[PSIM_MAX_LEVELS];
    const struct psim_step_count *counts;
    uint32_t resident; /* tensors in the outermost cache */
    struct window windows[PSIM_MAX_CACHES];
    unsigned n_windows;
    struct look looks[PSIM_MAX_STEPS];
    uint16_t n_looks;
    double trips[PSIM_MAX_STEPS][PSIM_MAX_NESTING]; /* of the loops around a look */
};

static void
find_digits(struct scene *scene)
{
    const struct psim_kernel *k = scene->kernel;
    memset(scene->digits, 0, sizeof scene->digits);
    for (uint8_t i = 0; i < k->n_levels; i++) {
        const struct psim_level *level = &k->walk[i];
        double count = k->extent[level->axis];
        if (level->span != 0) {
            count = level->span < count ? level->span : count;
        } else {
            for (uint8_t j = 0; j < i; j++) {
                const struct psim_level *inner = &k->walk[j];
                if (inner->axis != level->axis) continue;
                count = count > inner->span ? count / inner->span : 1;
            }
        }
        scene->digits[i] = (struct digit){level->axis, count};
    }
}

static void
find_looks(struct scene *scene)
{
    const struct psim_kernel *k = scene->kernel;
    const double items = (double)psim_kernel_items(k);
    double open[PSIM_MAX_NESTING] = {0};
    uint8_t depth = 0, role = 0;
    scene->n_looks = 0;
    for (uint16_t s = 0; s < k->n_steps; s++) {
        const struct psim_step *step = &k->steps[s];
        if (step->kind == PSIM_STEP_LOOP) {
            const struct psim_amount *trips = &step->amount;
            open[depth++] = psim_count(k, &trips, 1).sum / items;
        } else if (step->kind == PSIM_STEP_END) {
            assert(depth > 0);
            depth--;
        } else if (step->kind == PSIM_STEP_STOP) {
            depth = 0;
            role++;
        } else if (step->kind == PSIM_STEP_DO && step->tile != PSIM_NONE &&
                   scene->plan->acts[step->act].n_caches > 0) {
            scene->looks[scene->n_looks++] = (struct look){s, role};
            memcpy(scene->trips[s], open, sizeof open);
        }
    }
}

static double
least(double a, double b)
{
    return a < b ? a : b;
}

/** Distinct bytes of a step's tile over n[axis] neighbouring items (eq. R1). */
static double
distinct_bytes(const struct scene *scene, uint16_t step, const double n[PSIM_MAX_AXES])
{
    const struct psim_kernel *k = scene->kernel;
    const struct psim_tile *tile = &k->tiles[k->steps[step].tile];
    const struct psim_tensor *tensor = &scene->plan->tensors[tile->tensor];
    double bytes = tensor->elem_bytes;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        const struct psim_box_dim *dim = &tile->dim[d];
        const double turns = dim->axis == PSIM_NONE ? 1 : n[dim->axis];
        double body = (double)dim->size;
        for (size_t y = PSIM_MAX_NESTING; y-- > 0;) {
            if (dim->step[y] == 0) continue;
            const double trips = scene->trips[step][y];
            body = least(body + (double)dim->step[y] * (trips - 1), body * trips);
        }
        const double c = (double)dim->c;
        const double within = (double)(dim->b_last - dim->b) / c;
        const double moved = (double)dim->a * (turns - 1) / c;
        double per_q = (double)dim->mul;
        if (dim->m != 0 && moved + within >= (double)dim->m) {
            per_q = (double)dim->carry / (double)dim->m;
        }
        body += per_q * within;
        bytes *=
            least(least(body + per_q * moved, body * turns), (double)tensor->extent[d]);
    }
    return bytes;
}

/** Distinct bytes of all tensors that pass a cache: what must fit for reuse. */
static double
footprint_bytes(const struct scene *scene, uint8_t cache, const double n[PSIM_MAX_AXES])
{
    double best[PSIM_MAX_TENSORS] = {0};
    for (uint16_t i = 0; i < scene->n_looks; i++) {
        const struct psim_step *step = &scene->kernel->steps[scene->looks[i].step];
        const struct psim_act *act = &scene->plan->acts[step->act];
        for (uint8_t level = 0; level < act->n_caches; level++) {
            if (act->cache[level] != cache) continue;
            const uint8_t tensor = scene->kernel->tiles[step->tile].tensor;
            const double bytes = distinct_bytes(scene, scene->looks[i].step, n);
            if (bytes > best[tensor]) best[tensor] = bytes;
        }
    }
    double sum = 0;
    for (uint32_t t = 0; t < scene->plan->n_tensors; t++) {
        sum += best[t];
    }
    return sum;
}

static bool
depends_on(const struct scene *scene, uint16_t step, uint8_t axis)
{
    const struct psim_tile *tile =
        &scene->kernel->tiles[scene->kernel->steps[step].tile];
    const uint8_t n_dims = scene->plan->tensors[tile->tensor].n_dims;
    for (uint8_t d = 0; d < n_dims; d++) {
        if (tile->dim[d].axis == axis) return true;
    }
    return false;
}

/** How many values of each axis @p items consecutive items of the walk span. */
static void
values_in_window(const struct scene *scene, double items, double ret_n[PSIM_MAX_AXES],
                 double ret_left[PSIM_MAX_LEVELS])
{
    for (size_t a = 0; a < PSIM_MAX_AXES; a++) {
        ret_n[a] = 1;
    }
    for (uint8_t i = 0; i < scene->kernel->n_levels; i++) {
        const struct digit *digit = &scene->digits[i];
        const double taken = least(digit->count, items > 1 ? items : 1);
        ret_n[digit->axis] *= taken;
        ret_left[i] = digit->count / taken;
        items /= taken;
    }
}

/** Values of one digit among items that lie @p stride apart in the walk. */
static double
values_apart(double stride, double items, double inner, double count)
{
    if (stride < inner) return least(count, floor((items - 1) * stride / inner) + 1);
    const double step = fmod(floor(stride / inner), count);
    double a = count, b = step;
    while (b >= 1) {
        const double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    return least(items, count / a);
}

/**
 * Different tiles of a step among the work-groups that a unit holds at once: one
 * in `units` items of the walk is its own (eq. R2).
 */
static double
tiles_apart(const struct scene *scene, uint16_t step)
{
    const struct psim_kernel *k = scene->kernel;
    const double items = least(k->resident, (double)psim_kernel_items(k) / k->units);
    double tiles = 1, inner = 1;
    if (items <= 1) return 1;
    for (uint8_t i = 0; i < k->n_levels; i++) {
        const struct digit *digit = &scene->digits[i];
        if (depends_on(scene, step, digit->axis)) {
            tiles *= values_apart(k->units, items, inner, digit->count);
        }
        inner *= digit->count;
    }
    return least(tiles, items);
}

static void
find_window(const struct scene *scene, uint8_t cache, struct window *ret)
{
    const struct psim_kernel *k = scene->kernel;
    const struct psim_cache *c = &scene->plan->caches[cache];
    double n[PSIM_MAX_AXES], unused[PSIM_MAX_LEVELS];
    *ret = (struct window){.cache = cache};
    ret->units = c->units == 0 ? k->units : least(c->units, k->units);
    ret->instances = k->units / ret->units;
    values_in_window(scene, (double)k->resident * k->units, n, ret->left);
    values_in_window(scene, (double)k->resident * ret->units, ret->n[0], unused);
    /* The items of one unit share whole tiles, or nothing. */
    ret->apart = ret->units <= 1 && k->units > 1;
    for (size_t a = 0; a < PSIM_MAX_AXES && ret->apart; a++) {
        ret->n[0][a] = 1;
    }
    const double resident = ret->apart ? k->resident : 1;
    for (uint8_t i = 0; i < k->n_levels; i++) {
        memcpy(ret->n[i + 1], ret->n[i], sizeof ret->n[i]);
        if (ret->left[i] <= 1) continue;
        const double bytes = resident * footprint_bytes(scene, cache, ret->n[i]);
        ret->kept[i] = bytes <= (double)c->bytes;
        ret->n[i + 1][scene->digits[i].axis] *= ret->left[i];
    }
}

/** A kernel's moves pass few caches: each window is found once. */
static const struct window *
window_of(struct scene *scene, uint8_t cache)
{
    for (unsigned i = 0; i < scene->n_windows && i < PSIM_MAX_CACHES; i++) {
        if (scene->windows[i].cache == cache) return &scene->windows[i];
    }
    struct window *window = &scene->windows[scene->n_windows++ % PSIM_MAX_CACHES];
    find_window(scene, cache, window);
    return window;
}

/** Traffic below one cache for one step (eq. R2 to R4). */
static double
walk_bytes(struct scene *scene, uint16_t step, uint8_t cache)
{
    const struct window *w = window_of(scene, cache);
    const double at_once = w->apart ? tiles_apart(scene, step) : 1;
    double own = distinct_bytes(scene, step, w->n[0]);
    double bytes = w->instances * at_once * own;
    for (uint8_t i = 0; i < scene->kernel->n_levels; i++) {
        if (w->left[i] <= 1) continue;
        if (!depends_on(scene, step, scene->digits[i].axis)) {
            if (!w->kept[i]) bytes *= w->left[i];
            continue;
        }
        const double wider = distinct_bytes(scene, step, w->n[i + 1]);
        /* Neighbours overlap (halos): the union, not the sum. */
        bytes *= w->kept[i] && w->instances <= 1 ? wider / own : w->left[i];
        own = wider;
    }
    return bytes;
}

/** Whether the tile of a step is another one in each turn of its loops. */
static bool
moves(const struct scene *scene, uint16_t step)
{
    const struct psim_tile *tile =
        &scene->kernel->tiles[scene->kernel->steps[step].tile];
    const uint8_t n_dims = scene->plan->tensors[tile->tensor].n_dims;
    for (uint8_t d = 0; d < n_dims; d++) {
        for (size_t y = 0; y < PSIM_MAX_NESTING; y++) {
            if (tile->dim[d].step[y] != 0) return true;
        }
    }
    return false;
}

/**
 * Whether an earlier step of the same item has touched the same tile, and what
 * went through the cache since then leaves it there: the whole loops of a tile
 * that moves with them, one turn of others (eq. R6).
 */
static bool
kept_in_item(const struct scene *scene, uint16_t step, uint8_t cache)
{
    const struct psim_kernel *k = scene->kernel;
    const struct psim_cache *c = &scene->plan->caches[cache];
    uint16_t before = step;
    while (before-- > 0 && k->steps[before].kind != PSIM_STEP_STOP) {
        const struct psim_step *s = &k->steps[before];
        if (s->kind == PSIM_STEP_DO && s->tile == k->steps[step].tile &&
            !(s->flags & PSIM_STREAM)) {
            break;
        }
    }
    if (before == UINT16_MAX || k->steps[before].kind == PSIM_STEP_STOP) return false;
    struct scene turn = *scene;
    for (uint16_t i = 0; i < scene->n_looks && !moves(scene, before); i++) {
        for (size_t y = 0; y < PSIM_MAX_NESTING; y++) {
            turn.trips[scene->looks[i].step][y] = 1;
        }
    }
    const double units = c->units == 0 ? k->units : least(c->units, k->units);
    double own[PSIM_MAX_AXES], unused[PSIM_MAX_LEVELS];
    values_in_window(scene, units, own, unused);
    return k->resident * footprint_bytes(&turn, cache, own) <= (double)c->bytes;
}

static double
use_bytes(const struct psim_kernel *kernel, uint8_t tensor, bool store)
{
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        if (kernel->uses[i].tensor != tensor) continue;
        return (double)(store ? kernel->uses[i].write_bytes
                              : kernel->uses[i].read_bytes);
    }
    return 0;
}

/** A step's part of what its tensor must move, by the bytes that it asks for. */
static double
compulsory_bytes(const struct scene *scene, uint16_t step)
{
    const struct psim_kernel *k = scene->kernel;
    const uint8_t tensor = k->tiles[k->steps[step].tile].tensor;
    const bool store = (k->steps[step].flags & PSIM_STORE) != 0;
    double all = 0;
    for (uint16_t i = 0; i < scene->n_looks; i++) {
        const uint16_t s = scene->looks[i].step;
        if (k->tiles[k->steps[s].tile].tensor != tensor) continue;
        if (((k->steps[s].flags & PSIM_STORE) != 0) == store) {
            all += scene->counts[s].amount.sum;
        }
    }
    const double own = scene->counts[step].amount.sum;
    return all > 0 ? own / all * use_bytes(k, tensor, store) : 0;
}

/** Bytes of a step below one cache of its path, of @p above that came to it. */
static double
below(struct scene *scene, uint16_t index, uint8_t level, double above, bool ideal)
{
    const struct psim_step *step = &scene->kernel->steps[index];
    const struct psim_act *act = &scene->plan->acts[step->act];
    const struct psim_tile *tile = &scene->kernel->tiles[step->tile];
    const bool outermost = level + 1 == act->n_caches;
    double bytes = above;
    if (step->flags & PSIM_STORE) {
        if (ideal && outermost) {
            /* What its instances may keep dirty is not written by this kernel. */
            const struct psim_cache *cache = &scene->plan->caches[act->cache[level]];
            const double instances =
                cache->units == 0 ? 1
                                  : ceil((double)scene->kernel->units / cache->units);
            bytes = compulsory_bytes(scene, index) - instances * (double)cache->bytes;
        }
    } else if ((outermost && (scene->resident >> tile->tensor & 1)) ||
               (!ideal && kept_in_item(scene, index, act->cache[level]))) {
        bytes = 0;
    } else if (ideal) {
        bytes = compulsory_bytes(scene, index);
    } else if (!(step->flags & PSIM_STREAM)) {
        bytes = walk_bytes(scene, index, act->cache[level]);
    }
    return bytes < 0 ? 0 : least(bytes, above);
}

void
psim_reuse(const struct psim_plan *plan, const struct psim_kernel *kernel,
           const struct psim_step_count *counts, uint32_t resident,
           struct psim_traffic *ret_walk, struct psim_traffic *ret_ideal)
{
    struct scene scene; /* large: filled only for the steps that look up */
    scene.plan = plan;
    scene.kernel = kernel;
    scene.counts = counts;
    scene.resident = resident;
    memset(scene.windows, 0, sizeof scene.windows);
    scene.n_windows = 0;
    find_digits(&scene);
    find_looks(&scene);
    for (uint16_t i = 0; i < scene.n_looks; i++) {
        const uint16_t s = scene.looks[i].step;
        const struct psim_act *act = &plan->acts[kernel->steps[s].act];
        const double all =
            counts[s].amount.sum * kernel->roles[scene.looks[i].role].gangs;
        double walk = all, ideal = all;
        for (uint8_t level = 0; level < act->n_caches; level++) {
            ret_walk->missed_bytes[s][level] = walk =
                below(&scene, s, level, walk, false);
            ret_ideal->missed_bytes[s][level] = ideal =
                below(&scene, s, level, ideal, true);
        }
    }
}
