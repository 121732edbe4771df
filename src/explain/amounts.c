/* SPDX-License-Identifier: MIT */
/** @file How much a kernel does: sums over its grid, down to what the op says. */
#include <string.h>

#include "explain/asks.h"
#include "plan/count.h"
#include "util/arena.h"
#include "util/str.h"

/** Whether the file has this op by itself, not one that stands for it. */
static bool
is_of_its_own(const struct psim_op *op)
{
    const struct psim_node *word = op->node ? psim_node_find(op->node, "op") : NULL;
    return word && psim_str_equal(word->scalar, op->kind->name);
}

const struct psim_reason *
psim_why_attribute(struct psim_why *w, const struct psim_op *op, const char *key,
                   size_t index)
{
    const struct psim_field *f = op->kind->fields;
    while (f->key && !psim_str_equal(f->key, key)) {
        f++;
    }
    const void *member = (const char *)op->attributes + f->offset;
    const bool listed = f->kind == PSIM_FIELD_COUNTS;
    if (!f->key || !(listed || f->kind == PSIM_FIELD_COUNT)) return NULL;
    const struct psim_node *node = op->node ? psim_node_find(op->node, key) : NULL;
    struct psim_reason *leaf =
        psim_why_new(w, PSIM_REASON_FIGURE,
                     listed ? psim_why_text(w, "%s[%zu]", key, index) : f->key,
                     listed ? (double)((const struct psim_counts *)member)->value[index]
                            : (double)*(const uint64_t *)member,
                     PSIM_DIM_NONE);
    leaf->at = node ? node->at : op->at;
    if (node && node->scalar) leaf->written = node->scalar;
    if (!node)
        leaf->doc =
            is_of_its_own(op) ? "not said there" : "of an op that it stands for";
    return leaf;
}

void
psim_why_add_attributes(struct psim_why *w, struct psim_reason *ret,
                        const struct psim_op *op)
{
    for (const struct psim_field *f = op->kind->fields; f->key; f++) {
        const void *member = (const char *)op->attributes + f->offset;
        size_t n = f->kind == PSIM_FIELD_COUNT && *(const uint64_t *)member > 0;
        if (f->kind == PSIM_FIELD_COUNTS) n = ((const struct psim_counts *)member)->n;
        for (size_t i = 0; i < n; i++) {
            psim_reason_add(w->arena, ret, psim_why_attribute(w, op, f->key, i));
        }
    }
}

/** What a program was given beside the op: the mapping, with the library's line. */
static void
add_mapping(struct psim_why_kernel *k, struct psim_reason *ret)
{
    const struct psim_mapping *m = &k->launched->chosen->mapping[k->launched->part];
    const struct {
        const char *name;
        uint32_t value;
    } rows[] = {
        {"mapping.m", m->m},         {"mapping.n", m->n},
        {"mapping.k", m->k},         {"mapping.rows", m->rows},
        {"mapping.lanes", m->lanes}, {"mapping.elements", m->elements},
        {"mapping.turns", m->turns}, {"mapping.stages", m->stages},
        {"mapping.split", m->split}, {"mapping.cluster", m->cluster},
    };
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        if (rows[i].value == 0) continue;
        struct psim_reason *part =
            psim_why_new(k->w, m->library ? PSIM_REASON_FIGURE : PSIM_REASON_FOUND,
                         rows[i].name, rows[i].value, PSIM_DIM_NONE);
        part->equation = "eq. S2";
        if (m->library) part->at = m->library->at;
        if (m->library) part->doc = "of the library's menu";
        psim_reason_add(k->w->arena, ret, part);
    }
}

/** What all counts of a kernel go back to: one list. */
static const struct psim_reason *
origin_of_counts(struct psim_why_kernel *k)
{
    const struct psim_reason *known = psim_why_known(k->w, k->kernel, 0);
    if (known) return known;
    struct psim_reason *all = psim_why_new(
        k->w, PSIM_REASON_LIST, psim_why_text(k->w, "program of '%s'", k->kernel->name),
        0, PSIM_DIM_NONE);
    all->doc = "its steps: explain --program prints them";
    all->at = k->kernel->at;
    psim_why_add_attributes(k->w, all, k->launched->op);
    add_mapping(k, all);
    return psim_why_keep(k->w, k->kernel, 0, all);
}

static struct psim_reason *
counted(struct psim_why_kernel *k, const char *name, double value, enum psim_dim dim)
{
    struct psim_reason *leaf =
        psim_why_new(k->w, PSIM_REASON_COUNTED, name, value, dim);
    leaf->at = k->kernel->at;
    leaf->equation = "eq. C1";
    psim_reason_add(k->w->arena, leaf, origin_of_counts(k));
    return leaf;
}

/** Places of an axis: one leaf, since all counts have it. */
static const struct psim_reason *
places(struct psim_why_kernel *k, uint8_t axis)
{
    const void *of = &k->kernel->extent[axis];
    const struct psim_reason *known = psim_why_known(k->w, of, 0);
    if (known) return known;
    return psim_why_keep(
        k->w, of, 0,
        counted(k, psim_why_text(k->w, "places of %s", k->kernel->axis_name[axis]),
                k->kernel->extent[axis], PSIM_DIM_NONE));
}

/** "4096, the last 17": the runs of a parameter, in few words. */
static const char *
runs_text(struct psim_why_kernel *k, uint8_t param)
{
    const struct psim_param *p = &k->kernel->params[param];
    const char *text = "";
    for (uint8_t r = 0; r < p->n_runs; r++) {
        const struct psim_run *run = &k->kernel->runs[p->first_run + r];
        const char *join = r ? ", then " : "";
        text = run->a == 0 && run->c == 1
                   ? psim_why_text(k->w, "%s%s%u x %lld", text, join, run->count,
                                   (long long)run->b)
                   : psim_why_text(k->w, "%s%s%u x floor((%lld i + %lld) / %lld)", text,
                                   join, run->count, (long long)run->a,
                                   (long long)run->b, (long long)run->c);
        if (r == 2 && p->n_runs > 3) {
            return psim_why_text(k->w, "%s and %d more stretches", text, p->n_runs - 3);
        }
    }
    return text;
}

/** Amounts whose product is summed: of the loops around a step, and its own. */
struct product {
    const struct psim_amount *amount[PSIM_MAX_NESTING + 1];
    size_t n;
};

static struct product
product_of(const struct psim_kernel *kernel, uint16_t step, bool with_amount)
{
    struct product p = {.n = 0};
    uint16_t first = 0;
    for (uint8_t r = 0; r < kernel->n_roles; r++) {
        const uint16_t start = kernel->roles[r].first_step;
        if (start <= step && start > first) first = start;
    }
    for (uint16_t s = first; s < step; s++) {
        if (kernel->steps[s].kind == PSIM_STEP_LOOP) {
            p.amount[p.n++] = &kernel->steps[s].amount;
        } else if (kernel->steps[s].kind == PSIM_STEP_END) {
            p.n--;
        }
    }
    if (with_amount) p.amount[p.n++] = &kernel->steps[step].amount;
    return p;
}

/** The sum along one axis of the parameters that go with it; NULL: one place. */
static const struct psim_reason *
along(struct psim_why_kernel *k, const struct product *p, uint8_t axis)
{
    const struct psim_kernel *kernel = k->kernel;
    struct psim_amount own[PSIM_MAX_NESTING + 1];
    const struct psim_amount *list[PSIM_MAX_NESTING + 1];
    const char *names = "", *runs = "";
    size_t n = 0, n_params = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct psim_amount *one = &own[n];
        one->coef = 1;
        size_t at = 0;
        for (size_t f = 0; f < PSIM_MAX_FACTORS; f++) {
            const uint8_t param = p->amount[i]->param[f];
            if (param == PSIM_NONE || kernel->params[param].axis != axis) continue;
            one->param[at++] = param;
            const char *join = n_params++ > 0 ? " x " : "";
            names =
                psim_why_text(k->w, "%s%s%s", names, join, kernel->params[param].name);
            runs = psim_why_text(k->w, "%s%s%s", runs, n_params > 1 ? "; " : "",
                                 runs_text(k, param));
        }
        if (at == 0) continue;
        while (at < PSIM_MAX_FACTORS) {
            one->param[at++] = PSIM_NONE;
        }
        list[n] = one;
        n++;
    }
    const char *name = kernel->axis_name[axis];
    if (n == 0) {
        if (kernel->extent[axis] == 1) return NULL;
        return places(k, axis);
    }
    double others = 1;
    for (uint8_t a = 0; a < kernel->n_axes; a++) {
        if (a != axis) others *= kernel->extent[a];
    }
    const double sum = psim_count(kernel, list, n).sum / others;
    struct psim_reason *leaf = counted(
        k, psim_why_text(k->w, "sum of %s over %s", names, name), sum, PSIM_DIM_NONE);
    leaf->doc = runs;
    return leaf;
}

static enum psim_dim
dim_of(const struct psim_why_kernel *k, uint16_t step, bool with_amount)
{
    if (!with_amount) return PSIM_DIM_NONE;
    return k->plan->acts[k->kernel->steps[step].act].counts;
}

static bool
is_alike(const struct product *p, const struct psim_kernel *kernel, uint16_t step,
         bool with_amount)
{
    const struct product other = product_of(kernel, step, with_amount);
    if (p->n != other.n) return false;
    for (size_t i = 0; i < p->n; i++) {
        if (p->amount[i]->coef != other.amount[i]->coef ||
            memcmp(p->amount[i]->param, other.amount[i]->param,
                   sizeof other.amount[i]->param) != 0) {
            return false;
        }
    }
    return true;
}

static const struct psim_reason *
count_of(struct psim_why_kernel *k, uint16_t step, bool with_amount, const char *name,
         double value)
{
    const struct psim_kernel *kernel = k->kernel;
    const uint64_t which = (uint64_t)step << 1 | with_amount;
    const struct psim_reason *known = psim_why_known(k->w, kernel->steps, which);
    if (known) return known;
    const struct product p = product_of(kernel, step, with_amount);
    for (uint16_t s = 0; s < step; s++) {
        /* What is counted alike is one reason. */
        const struct psim_reason *same =
            psim_why_known(k->w, kernel->steps, (uint64_t)s << 1 | with_amount);
        if (same && same->dim == dim_of(k, step, with_amount) &&
            is_alike(&p, kernel, s, with_amount)) {
            return psim_why_keep(k->w, kernel->steps, which, same);
        }
    }
    const enum psim_dim dim = dim_of(k, step, with_amount);
    double coef = 1;
    for (size_t i = 0; i < p.n; i++) {
        coef *= (double)p.amount[i]->coef;
    }
    struct psim_reason *all = psim_why_new(k->w, PSIM_REASON_FORMULA, name, value, dim);
    all->equation = "eq. C1";
    if (coef != 1 || kernel->n_axes == 0) {
        psim_reason_times(k->w->arena, all, counted(k, "of one place", coef, dim));
    }
    for (uint8_t a = 0; a < kernel->n_axes; a++) {
        psim_reason_times(k->w->arena, all, along(k, &p, a));
    }
    if (all->n_parts == 0) {
        psim_reason_times(k->w->arena, all, counted(k, "of one place", coef, dim));
    }
    return psim_why_keep(k->w, kernel->steps, which,
                         all->n_parts == 1 ? all->parts[0] : all);
}

const struct psim_reason *
psim_why_amount(struct psim_why_kernel *k, uint16_t step)
{
    return count_of(k, step, true, "amount", k->steps->sum[step].amount);
}

const struct psim_reason *
psim_why_visits(struct psim_why_kernel *k, uint16_t step)
{
    return count_of(k, step, false, "visits", k->steps->sum[step].visits);
}

const struct psim_reason *
psim_why_items(struct psim_why_kernel *k)
{
    const struct psim_reason *known = psim_why_known(k->w, k->kernel, 1);
    if (known) return known;
    struct psim_reason *items = psim_why_new(
        k->w, PSIM_REASON_FORMULA, "items of the grid", k->work->items, PSIM_DIM_NONE);
    for (uint8_t a = 0; a < k->kernel->n_axes; a++) {
        psim_reason_times(k->w->arena, items, places(k, a));
    }
    return psim_why_keep(k->w, k->kernel, 1,
                         items->n_parts == 1 ? items->parts[0] : items);
}

const struct psim_reason *
psim_why_slots_of_units(struct psim_why_kernel *k)
{
    const struct psim_reason *known = psim_why_known(k->w, k->kernel, 2);
    if (known) return known;
    const struct psim_reason *all = psim_why_instances(k->w, k->unit, k->w->hw->root);
    const bool whole = all && all->value == k->kernel->units;
    struct psim_reason *resident =
        counted(k, "resident on a unit", k->kernel->resident, PSIM_DIM_NONE);
    resident->equation = "eq. M10";
    resident->doc = psim_why_text(k->w, "limited by %s",
                                  k->kernel->resident_by ? k->kernel->resident_by : "");
    return psim_why_keep(
        k->w, k->kernel, 2,
        psim_why_of(k->w, "places", (double)k->kernel->units * k->kernel->resident,
                    PSIM_DIM_NONE, "$0 x $1",
                    whole ? all : counted(k, "units", k->kernel->units, PSIM_DIM_NONE),
                    resident, NULL));
}
