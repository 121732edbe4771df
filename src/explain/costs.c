/* SPDX-License-Identifier: MIT */
/** @file FLOP and compulsory bytes of ops, from the attributes in their file. */
#include "explain/costs.h"

#include <assert.h>
#include <string.h>

#include "explain/why.h"
#include "util/arena.h"
#include "util/str.h"

int
psim_why_dtype(const struct psim_op *op)
{
    for (const struct psim_field *f = op->kind->fields; f->key; f++) {
        if (!psim_str_equal(f->key, "dtype")) continue;
        return *(const int *)(const void *)((const char *)op->attributes + f->offset);
    }
    return PSIM_N_DTYPES;
}

static const struct psim_cost_row *
row_of(const struct psim_op *op)
{
    for (const struct psim_cost_row *row = psim_cost_rows; row->kind; row++) {
        if (!psim_str_equal(row->kind, op->kind->name)) continue;
        if (!row->applies || row->applies(op)) return row;
    }
    return NULL;
}

/** "m", "kernel[1]": an attribute. */
static const struct psim_reason *
attribute(struct psim_why *w, const struct psim_op *op, const char *name)
{
    const char *bracket = strchr(name, '[');
    if (!bracket) return psim_why_attribute(w, op, name, 0);
    const char *key = psim_arena_copy(w->arena, name, (size_t)(bracket - name));
    return psim_why_attribute(w, op, key, (size_t)(bracket[1] - '0'));
}

/** Bytes of an element, from the data type that the op names. */
static const struct psim_reason *
width(struct psim_why *w, const struct psim_op *op, bool of_product)
{
    const enum psim_dtype own = (enum psim_dtype)psim_why_dtype(op);
    const enum psim_dtype dtype = of_product ? psim_dtype_of_product(own) : own;
    const struct psim_node *node = op->node ? psim_node_find(op->node, "dtype") : NULL;
    struct psim_reason *leaf = psim_why_new(
        w, PSIM_REASON_FIGURE, of_product ? "bytes of a result" : "bytes of an element",
        psim_dtype_bytes(dtype), PSIM_DIM_BYTES);
    leaf->at = node ? node->at : op->at;
    leaf->written = node ? node->scalar : psim_dtype_name(dtype);
    return leaf;
}

static const struct psim_reason *of_formula(struct psim_why *w,
                                            const struct psim_op *op,
                                            const struct psim_cost_row *row,
                                            struct psim_reason *ret, const char *text);

static const struct psim_reason *
named(struct psim_why *w, const struct psim_op *op, const struct psim_cost_row *row,
      const char *name)
{
    if (psim_str_equal(name, "w")) return width(w, op, false);
    if (psim_str_equal(name, "w_out")) return width(w, op, true);
    for (size_t i = 0; i < PSIM_COST_VARIABLES && row->variable[i].name; i++) {
        if (!psim_str_equal(row->variable[i].name, name)) continue;
        if (row->variable[i].formula) {
            struct psim_reason *one =
                psim_why_new(w, PSIM_REASON_FORMULA, name, 0, PSIM_DIM_NONE);
            one->equation = row->equation;
            (void)of_formula(w, op, row, one, row->variable[i].formula);
            one->value = psim_reason_evaluate(one);
            return one;
        }
        struct psim_reason *one = psim_why_new(
            w, PSIM_REASON_COUNTED, name, row->variable[i].value(op), PSIM_DIM_NONE);
        one->doc = row->variable[i].doc;
        one->equation = row->equation;
        one->at = op->at;
        psim_why_add_attributes(w, one, op);
        return one;
    }
    const struct psim_reason *found = attribute(w, op, name);
    assert(found);
    return found;
}

static bool
is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_' || c == '[' || c == ']';
}

/** The index of the part of that name, which may be there already. */
static size_t
part_named(struct psim_why *w, const struct psim_op *op,
           const struct psim_cost_row *row, struct psim_reason *ret, const char *name)
{
    const bool known = !psim_str_equal(name, "w") && !psim_str_equal(name, "w_out");
    for (size_t i = 0; i < ret->n_parts && known; i++) {
        if (psim_str_equal(ret->parts[i]->name, name)) return i;
    }
    const struct psim_reason *part = named(w, op, row, name);
    for (size_t i = 0; i < ret->n_parts && !known; i++) {
        if (psim_str_equal(ret->parts[i]->name, part->name)) return i;
    }
    psim_reason_add(w->arena, ret, part);
    return ret->n_parts - 1;
}

/** "2 x m x k" becomes "2 x $0 x $1" of the parts m and k. */
static const struct psim_reason *
of_formula(struct psim_why *w, const struct psim_op *op,
           const struct psim_cost_row *row, struct psim_reason *ret, const char *text)
{
    const char *formula = "";
    while (*text) {
        size_t len = 0;
        const bool starts = *text >= 'a' && *text <= 'z';
        while (starts && (is_of_name(text[len]) ||
                          (len > 0 && text[len] >= '0' && text[len] <= '9'))) {
            len++;
        }
        const bool is_times = len == 1 && *text == 'x';
        if (len == 0 || is_times || text[len] == '(') {
            if (len == 0) len = 1;
            formula = psim_why_text(w, "%s%.*s", formula, (int)len, text);
        } else {
            const char *name = psim_arena_copy(w->arena, text, len);
            formula =
                psim_why_text(w, "%s$%zu", formula, part_named(w, op, row, ret, name));
        }
        text += len;
    }
    ret->formula = formula;
    return ret;
}

const struct psim_reason *
psim_why_op_cost(struct psim_why *w, const struct psim_op *op, enum psim_why_cost what)
{
    static const char *const names[] = {"work", "must be read", "must be written"};
    const struct psim_reason *known = psim_why_known(w, op->attributes, what);
    if (known) return known;
    const struct psim_cost cost = op->kind->cost(op);
    const double values[] = {cost.flop, cost.read_bytes, cost.write_bytes};
    const struct psim_cost_row *row = row_of(op);
    struct psim_reason *reason =
        psim_why_new(w, row ? PSIM_REASON_FORMULA : PSIM_REASON_COUNTED,
                     psim_why_text(w, "%s of %s", names[what], op->name), values[what],
                     what == PSIM_WHY_FLOP ? PSIM_DIM_FLOP : PSIM_DIM_BYTES);
    reason->at = op->at;
    if (row) {
        reason->equation = row->equation;
        (void)of_formula(w, op, row, reason, row->formula[what]);
    } else {
        psim_why_add_attributes(w, reason, op);
    }
    return psim_why_keep(w, op->attributes, what, reason);
}

const struct psim_reason *
psim_why_cost(struct psim_why *w, enum psim_why_cost what)
{
    static const char *const names[] = {"work", "must read", "must write"};
    const double values[] = {w->result->flop, w->result->read_bytes,
                             w->result->write_bytes};
    const struct psim_reason *known = psim_why_known(w, w->workload, what);
    if (known) return known;
    const double repeat = (double)w->workload->repeat;
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA, names[what], values[what] / repeat,
                     what == PSIM_WHY_FLOP ? PSIM_DIM_FLOP : PSIM_DIM_BYTES);
    sum->formula = "sum";
    sum->equation = "eq. F7";
    for (size_t i = 0; i < w->workload->n_ops; i++) {
        psim_reason_add(w->arena, sum, psim_why_op_cost(w, &w->workload->ops[i], what));
    }
    if (repeat == 1) return psim_why_keep(w, w->workload, what, sum);
    sum->name = psim_why_text(w, "%s of one turn", names[what]);
    struct psim_reason *all =
        psim_why_of(w, names[what], values[what], sum->dim, "$0 x $1",
                    psim_why_count(w, "repeat", repeat, w->workload->at), sum, NULL);
    all->equation = "eq. F7";
    return psim_why_keep(w, w->workload, what, all);
}
