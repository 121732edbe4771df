/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: what ran when, and where each work-group did. */
#include <cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "report/page_parts.h"
#include "result/timeline.h"
#include "util/arena.h"
#include "util/str.h"

enum {
    MOST_PLACED = 24000, /**< work-groups by themselves, of all kernels */
    TICKS = 64 * 64 * 64 - 1,
    WIDTH = 3, /**< characters of a number to the base of 64 */
};

static const char sixty_four[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
put_digits(char *at, uint32_t number)
{
    for (int i = WIDTH; i-- > 0; number /= 64) {
        at[i] = sixty_four[number % 64];
    }
}

/** Which of a result's kernels a launch of the timeline is of; n_kernels: none. */
static size_t
kernel_of(const struct psim_result *r, const struct psim_timeline_kernel *k)
{
    size_t i = 0;
    while (i < r->n_kernels && !(psim_str_equal(r->kernels[i].op, k->op) &&
                                 psim_str_equal(r->kernels[i].name, k->name) &&
                                 psim_str_equal(r->kernels[i].mapping, k->mapping))) {
        i++;
    }
    return i;
}

/** Work-groups of one launch by their number: the first of them, and the last. */
struct kept {
    const struct psim_placement_of **by_group;
    uint64_t n, first, last;
};

/**
 * At most @p most: what lies between the first and the last is left out.
 *
 * @return false where that is less than a wave: nothing could be seen of it
 */
static bool
find_kept(struct psim_arena *arena, const struct psim_timeline *t,
          const struct psim_timeline_kernel *k, uint64_t n, uint64_t most,
          struct kept *ret)
{
    *ret = (struct kept){
        .n = n, .by_group = PSIM_NEW_N(arena, const struct psim_placement_of *, n + 1)};
    for (size_t i = 0; i < k->n_placed; i++) {
        const struct psim_placement_of *p = &t->placed[k->first_placed + i];
        if (p->group < n) ret->by_group[p->group] = p;
    }
    while (ret->first < n && ret->by_group[ret->first]) {
        ret->first++;
    }
    while (ret->first + ret->last < n && ret->by_group[n - 1 - ret->last]) {
        ret->last++;
    }
    if (ret->first + ret->last > most) {
        ret->last = ret->last < most / 3 ? ret->last : most / 3;
        ret->first = ret->first < most - ret->last ? ret->first : most - ret->last;
    }
    const uint64_t wave = (uint64_t)k->units * k->resident;
    return ret->first == n || (ret->first >= wave && ret->last > 0);
}

static void
put_column(cJSON *object, const char *key, struct psim_arena *arena,
           const struct kept *kept, uint32_t (*get)(const void *, const void *),
           const void *context)
{
    const uint64_t n = kept->first + kept->last;
    char *text = psim_arena_alloc(arena, n * WIDTH + 1, 1);
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t group = i < kept->first ? i : kept->n - n + i;
        put_digits(text + i * WIDTH, get(kept->by_group[group], context));
    }
    cJSON_AddItemToObject(object, key, cJSON_CreateString(text));
}

static uint32_t
tick(double time_s, const struct psim_timeline_kernel *k)
{
    const double part = (time_s - k->start_s) / (k->end_s - k->start_s);
    return (uint32_t)round(fmin(1, fmax(0, part)) * TICKS);
}

static uint32_t
start_of(const void *placed, const void *kernel)
{
    return tick(((const struct psim_placement_of *)placed)->start_s, kernel);
}

static uint32_t
end_of(const void *placed, const void *kernel)
{
    return tick(((const struct psim_placement_of *)placed)->end_s, kernel);
}

static uint32_t
slot_of(const void *placed, const void *kernel)
{
    const struct psim_placement_of *p = placed;
    return p->unit + p->lane * ((const struct psim_timeline_kernel *)kernel)->units;
}

static cJSON *
play_json(struct psim_arena *arena, const struct kept *kept,
          const struct psim_timeline_kernel *k)
{
    cJSON *play = cJSON_CreateObject();
    psim_page_put_number(play, "first", (double)kept->first);
    psim_page_put_number(play, "ticks", TICKS);
    psim_page_put_number(play, "time_s", k->end_s - k->start_s);
    put_column(play, "start", arena, kept, start_of, k);
    put_column(play, "end", arena, kept, end_of, k);
    put_column(play, "slot", arena, kept, slot_of, k);
    return play;
}

static uint64_t
items_of(const struct psim_page_kernel *own)
{
    uint64_t n = 1;
    for (uint32_t a = 0; a < own->n_axes; a++) {
        n *= own->extent[a];
    }
    return n;
}

/** A class of kernels and the first launch of it that has work-groups. */
struct claim {
    const struct psim_timeline_kernel *kernel;
    size_t index;
    double share_s;
};

static int
by_share(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    if (x->share_s != y->share_s) return x->share_s < y->share_s ? 1 : -1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/** Kernels that take longest get their work-groups first, a third of the room each at
 * most. */
static void
put_plays(struct psim_arena *arena, const struct psim_page_run *run,
          const struct psim_page_classes *classes, struct claim *claims, cJSON *kernels)
{
    uint64_t left = MOST_PLACED;
    qsort(claims, classes->n, sizeof *claims, by_share);
    for (size_t i = 0; i < classes->n; i++) {
        const struct claim *claim = &claims[i];
        if (!claim->kernel || left == 0) continue;
        const uint64_t n = items_of(&run->kernels[classes->first[claim->index]]);
        const uint64_t most = left / 3 > 0 && classes->n > 1 ? left / 3 : left;
        struct kept kept;
        if (n > UINT32_MAX || claim->kernel->end_s <= claim->kernel->start_s ||
            !find_kept(arena, run->timeline, claim->kernel, n, most, &kept)) {
            continue;
        }
        left -= kept.first + kept.last;
        cJSON_AddItemToObject(cJSON_GetArrayItem(kernels, (int)claim->index), "play",
                              play_json(arena, &kept, claim->kernel));
    }
}

/** [launch, start_s, end_s, launch_s, launches], one behind the other. */
static cJSON *
launches_json(struct psim_arena *arena, const struct psim_page_run *run,
              const struct psim_page_classes *classes, struct claim *claims)
{
    enum { DIGITS = 6 };
    const struct psim_timeline *t = run->timeline;
    const struct psim_result *r = run->result;
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    (void)arena;
    for (size_t i = 0; i < t->n_kernels; i++) {
        const struct psim_timeline_kernel *k = &t->kernels[i];
        const size_t at = kernel_of(r, k);
        if (at == r->n_kernels) continue;
        psim_page_pack_add(&pack, (double)at, DIGITS);
        psim_page_pack_add(&pack, k->start_s, DIGITS);
        psim_page_pack_add(&pack, k->end_s, DIGITS);
        psim_page_pack_add(&pack, k->launch_s, DIGITS);
        psim_page_pack_add(&pack, k->launches, DIGITS);
        struct claim *claim = &claims[classes->of[at]];
        claim->share_s += (k->end_s - k->start_s) * k->launches;
        if (!claim->kernel && k->n_placed > 0) claim->kernel = k;
    }
    return psim_page_pack_end(&pack);
}

static cJSON *
counters_json(struct psim_arena *arena, const struct psim_timeline *t)
{
    enum { DIGITS = 3 };
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < t->n_counters; i++) {
        const struct psim_counter *c = &t->counters[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(arena, one, "name", c->name);
        psim_page_put_text(arena, one, "doc", c->doc);
        psim_page_put_text(arena, one, "unit",
                           c->percent ? "%" : psim_dim_unit(c->dim));
        psim_page_put_number(one, "peak", c->peak);
        psim_page_put_number(one, "mean", c->mean);
        psim_page_put_number(one, "step_s", c->step_s);
        if (c->kind == PSIM_COUNTER_BUSY) cJSON_AddTrueToObject(one, "busy");
        struct psim_page_pack pack;
        psim_page_pack_start(&pack);
        for (size_t v = 0; v < c->n; v++) {
            psim_page_pack_add(&pack, c->value[v], DIGITS);
        }
        cJSON_AddItemToObject(one, "values", psim_page_pack_end(&pack));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

void
psim_page_put_timeline(struct psim_arena *arena, const struct psim_page_run *run,
                       const struct psim_page_classes *classes, cJSON *object)
{
    const struct psim_timeline *t = run->timeline;
    if (!t) return;
    struct claim *claims = PSIM_NEW_N(arena, struct claim, classes->n + 1);
    for (size_t i = 0; i < classes->n; i++) {
        claims[i].index = i;
    }
    cJSON *line = cJSON_CreateObject();
    psim_page_put_number(line, "time_s", t->time_s);
    psim_page_put_number(line, "turns", t->turns);
    psim_page_put_text(arena, line, "detail", t->detail);
    cJSON_AddItemToObject(line, "launches", launches_json(arena, run, classes, claims));
    cJSON_AddItemToObject(line, "counters", counters_json(arena, t));
    cJSON_AddItemToObject(object, "timeline", line);
    put_plays(arena, run, classes, claims, cJSON_GetObjectItem(object, "kernels"));
}
