/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: knobs turned, and where each kernel goes then. */
#include "report/page_parts.h"
#include "result/metric.h"
#include "util/arena.h"
#include "util/str.h"
#include <cJSON.h>

/** Fewer digits than a result has: a point moves by a pixel or not. */
enum { DIGITS = 5, METRIC_DIGITS = 10 };

/** Kernels of one op in a result. */
struct stretch {
    size_t first, n;
};

/** Where the kernels of each op lie; ops without kernels have none. */
static struct stretch *
find_ops(struct psim_arena *arena, const struct psim_result *r, size_t *ret_n)
{
    *ret_n = r->n_kernels > 0 ? r->kernels[r->n_kernels - 1].op_index + 1 : 0;
    struct stretch *ops = PSIM_NEW_N(arena, struct stretch, *ret_n + 1);
    for (size_t i = 0; i < r->n_kernels; i++) {
        struct stretch *op = &ops[r->kernels[i].op_index];
        if (op->n++ == 0) op->first = i;
    }
    return ops;
}

/** What is shown of the kernels of one class: sums over their launches. */
struct sums {
    double launches, time_s, flop;
    double *bytes; /**< at each level */
};

static double
bytes_at(const struct psim_kernel_result *k, const char *level)
{
    double bytes = 0;
    for (size_t i = 0; i < k->n_servers; i++) {
        if (!psim_str_equal(k->servers[i].level, level)) continue;
        bytes += k->servers[i].read + k->servers[i].written;
    }
    return bytes;
}

static void
add(struct sums *sums, const struct psim_result *base,
    const struct psim_kernel_result *k, double launches)
{
    sums->launches += launches;
    sums->time_s += k->time_s * k->count;
    sums->flop += k->flop * k->count;
    for (size_t m = 0; m < base->n_memories; m++) {
        sums->bytes[m] += bytes_at(k, base->memories[m].name) * k->count;
    }
}

/** Of an op that is cut into other kernels now, the longest stands for all. */
static size_t
longest(const struct psim_result *r, const struct stretch *op)
{
    size_t ret = op->first;
    for (size_t i = op->first; i < op->first + op->n; i++) {
        if (r->kernels[i].time_s > r->kernels[ret].time_s) ret = i;
    }
    return ret;
}

static void
add_op(const struct psim_page_classes *classes, const struct psim_result *base,
       const struct stretch *before, const struct psim_result *now,
       const struct stretch *after, struct sums *sums)
{
    const bool alike = before->n == after->n;
    for (size_t i = 0; i < after->n; i++) {
        const struct psim_kernel_result *k = &now->kernels[after->first + i];
        const size_t was = alike ? before->first + i : longest(base, before);
        const double launches = alike || i == 0 ? base->kernels[was].count : 0;
        add(&sums[classes->of[was]], base, k, launches);
    }
}

/** [time_s, flop, bytes at each level], a kernel after the other, means of a launch. */
static cJSON *
points_json(struct psim_arena *arena, const struct psim_page_run *run,
            const struct psim_page_classes *classes, const struct psim_result *now)
{
    const struct psim_result *base = run->result;
    struct sums *sums = PSIM_NEW_N(arena, struct sums, classes->n + 1);
    for (size_t c = 0; c < classes->n; c++) {
        sums[c].bytes = PSIM_NEW_N(arena, double, base->n_memories + 1);
    }
    size_t n_before, n_after;
    const struct stretch *before = find_ops(arena, base, &n_before);
    const struct stretch *after = find_ops(arena, now, &n_after);
    for (size_t op = 0; op < n_before && op < n_after; op++) {
        if (before[op].n == 0) continue;
        add_op(classes, base, &before[op], now, &after[op], sums);
    }
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    for (size_t c = 0; c < classes->n; c++) {
        const double n = sums[c].launches;
        psim_page_pack_add(&pack, n > 0 ? sums[c].time_s / n : -1, DIGITS);
        psim_page_pack_add(&pack, n > 0 ? sums[c].flop / n : -1, DIGITS);
        for (size_t m = 0; m < base->n_memories; m++) {
            psim_page_pack_add(&pack, n > 0 ? sums[c].bytes[m] / n : -1, DIGITS);
        }
    }
    return psim_page_pack_end(&pack);
}

static cJSON *
roofs_json(const struct psim_machine_roofs *roofs)
{
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    for (size_t i = 0; i < roofs->n_slopes; i++) {
        psim_page_pack_add(&pack, roofs->slopes[i].peak_bytes_per_s, DIGITS);
    }
    return psim_page_pack_end(&pack);
}

/** By name: the order of ceilings is that of their heights, which change. */
static cJSON *
ceilings_json(struct psim_arena *arena, const struct psim_machine_roofs *roofs)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < roofs->n_ceilings; i++) {
        const struct psim_ceiling *c = &roofs->ceilings[i];
        cJSON *one = cJSON_CreateArray();
        cJSON_AddItemToArray(one,
                             psim_page_text(arena, psim_ceiling_kind_name(c->kind)));
        cJSON_AddItemToArray(one, psim_page_text(arena, c->operation));
        cJSON_AddItemToArray(one, psim_page_text(arena, c->dtypes));
        cJSON_AddItemToArray(one, cJSON_CreateNumber(c->peak_flop_per_s));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
slopes_json(struct psim_arena *arena, const struct psim_machine_roofs *roofs)
{
    cJSON *names = cJSON_CreateArray();
    for (size_t i = 0; i < roofs->n_slopes; i++) {
        cJSON_AddItemToArray(names, psim_page_text(arena, roofs->slopes[i].memory));
    }
    cJSON *ret = cJSON_CreateObject();
    cJSON_AddItemToObject(ret, "memories", names);
    cJSON_AddItemToObject(ret, "bytes_per_s", roofs_json(roofs));
    return ret;
}

static cJSON *
step_json(struct psim_arena *arena, const struct psim_page_run *run,
          const struct psim_page_classes *classes, const struct psim_page_turn *turn)
{
    cJSON *step = cJSON_CreateObject();
    psim_page_put_text(arena, step, "label", turn->label);
    psim_page_put_number(step, "factor", turn->factor);
    if (turn->as_is) cJSON_AddTrueToObject(step, "as_is");
    psim_page_put_text(arena, step, "options", turn->options);
    if (!turn->result) {
        psim_page_put_text(arena, step, "why_not", turn->why_not);
        return step;
    }
    struct psim_page_pack metrics;
    psim_page_pack_start(&metrics);
    for (size_t i = 0; i < psim_metric_count; i++) {
        psim_page_pack_add(&metrics, psim_metrics[i].get(turn->result), METRIC_DIGITS);
    }
    cJSON_AddItemToObject(step, "metrics", psim_page_pack_end(&metrics));
    psim_page_put_text(arena, step, "bound_by", turn->result->bound_by);
    psim_page_put_text(arena, step, "bound_by_doc", turn->result->bound_by_doc);
    cJSON_AddItemToObject(step, "points",
                          points_json(arena, run, classes, turn->result));
    cJSON_AddItemToObject(step, "slopes", slopes_json(arena, &turn->roofs));
    cJSON_AddItemToObject(step, "ceilings", ceilings_json(arena, &turn->roofs));
    return step;
}

cJSON *
psim_page_turns_json(struct psim_arena *arena, const struct psim_page_run *run,
                     const struct psim_page_classes *classes)
{
    cJSON *knobs = cJSON_CreateArray(), *steps = NULL;
    const char *name = NULL;
    for (size_t i = 0; i < run->n_turns; i++) {
        const struct psim_page_turn *turn = &run->turns[i];
        if (!psim_str_equal(turn->knob, name)) {
            cJSON *knob = cJSON_CreateObject();
            psim_page_put_text(arena, knob, "name", turn->knob);
            psim_page_put_text(arena, knob, "title", turn->title);
            psim_page_put_text(arena, knob, "doc", turn->doc);
            steps = cJSON_CreateArray();
            cJSON_AddItemToObject(knob, "steps", steps);
            cJSON_AddItemToArray(knobs, knob);
            name = turn->knob;
        }
        cJSON_AddItemToArray(steps, step_json(arena, run, classes, turn));
    }
    return knobs;
}
