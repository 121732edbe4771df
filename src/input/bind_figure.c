/* SPDX-License-Identifier: MIT */
/** @file Fields of figures: a quantity, and who says so. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "input/bind_kinds.h"
#include "util/arena.h"
#include "util/str.h"

/** Figures in messages; more only where a bound would look the same. */
enum { SHOWN_DIGITS = 4, ALL_DIGITS = 17 };

static const struct psim_choice confidences[] = {
    {"datasheet", PSIM_CONFIDENCE_DATASHEET},
    {"measured", PSIM_CONFIDENCE_MEASURED},
    {"fitted", PSIM_CONFIDENCE_FITTED},
    {"assumed", PSIM_CONFIDENCE_ASSUMED},
    {NULL, 0},
};
static_assert(PSIM_COUNT(confidences) == PSIM_N_CONFIDENCES,
              "every confidence but 'unstated' has its word");

const char *
psim_confidence_name(enum psim_confidence confidence)
{
    for (const struct psim_choice *c = confidences; c->word; c++) {
        if (c->value == (int)confidence) return c->word;
    }
    return "unstated";
}

/** The long form of a figure. */
struct long_form {
    const struct psim_node *value;
    struct psim_word source, note;
    int confidence;
};

static const struct psim_field long_form_fields[] = {
    {
        .key = "value",
        .doc = "the quantity itself",
        .kind = PSIM_FIELD_NODE,
        .required = true,
        .offset = offsetof(struct long_form, value),
    },
    {
        .key = "source",
        .doc = "who says so",
        .kind = PSIM_FIELD_TEXT,
        .offset = offsetof(struct long_form, source),
    },
    {
        .key = "confidence",
        .doc = "how it is known",
        .kind = PSIM_FIELD_CHOICE,
        .choices = confidences,
        .offset = offsetof(struct long_form, confidence),
    },
    {
        .key = "note",
        .doc = "for the reader of the file",
        .kind = PSIM_FIELD_TEXT,
        .offset = offsetof(struct long_form, note),
    },
    {.key = NULL},
};

static psim_dims
dims_of(const struct psim_field *field)
{
    return field->dims ? field->dims : PSIM_DIM_BIT(PSIM_DIM_NONE);
}

/** "a time (s) or a number of cycles (cycles)". */
static const char *
needed(const struct psim_binder *b, const struct psim_field *field)
{
    struct psim_arena *arena = b->diag->arena;
    const char *words = NULL;
    psim_dims rest = dims_of(field);
    for (unsigned d = 0; d < PSIM_N_DIMS; d++) {
        if (!(rest & PSIM_DIM_BIT(d))) continue;
        rest &= ~PSIM_DIM_BIT(d);
        const char *name = psim_dim_name((enum psim_dim)d);
        const char *unit = psim_dim_unit((enum psim_dim)d);
        const char *join = !words ? "" : rest ? ", " : " or ";
        words = psim_arena_printf(arena, "%s%s%s %s%s%s%s", words ? words : "", join,
                                  psim_str_article(name), name, *unit ? " (" : "", unit,
                                  *unit ? ")" : "");
    }
    return words;
}

/** What the file's `units:` says about this key, or NULL. */
static const struct psim_bare_unit *
bare_unit(const struct psim_binder *b, const char *key)
{
    for (size_t i = 0; b->units && i < b->units->n; i++) {
        if (psim_str_equal(b->units->items[i].key, key)) return &b->units->items[i];
    }
    return NULL;
}

static bool
out_of_range(const struct psim_binder *b, const struct psim_node *node,
             const struct psim_field *field, const char *name,
             const struct psim_quantity *q)
{
    struct psim_arena *arena = b->diag->arena;
    const bool below = q->value < field->min;
    const char *min = psim_quantity_print(arena, field->min, q->dim, SHOWN_DIGITS);
    const char *max = psim_quantity_print(arena, field->max, q->dim, SHOWN_DIGITS);
    const char *bound = below ? min : max;
    const char *value = psim_quantity_print(arena, q->value, q->dim, SHOWN_DIGITS);
    for (int n = SHOWN_DIGITS; n < ALL_DIGITS && psim_str_equal(value, bound);) {
        value = psim_quantity_print(arena, q->value, q->dim, ++n);
    }
    if (field->max == 0) {
        return psim_error(b->diag, node->at, "%s: %s is below %s; %s or more is needed",
                          name, value, bound, min);
    }
    return psim_error(b->diag, node->at, "%s: %s is %s %s; %s to %s is needed", name,
                      value, below ? "below" : "above", bound, min, max);
}

/** Of slips of the shift key one is no slip everywhere: b is a bit to many. */
static bool
guess_unit(const struct psim_binder *b, const struct psim_node *node,
           const struct psim_field *field)
{
    double value;
    const char *typed = psim_str_number(node->scalar, &value);
    typed += strspn(typed, " ");
    struct psim_arena *arena = b->diag->arena;
    const char *unit = psim_unit_guess(arena, typed, dims_of(field));
    if (!unit) return false;
    const char *byte = strchr(unit, 'B');
    if (byte && strchr(typed, 'b')) {
        psim_note(b->diag, node->at, "did you mean '%s' (bytes) or '%.*sbit%s' (bits)?",
                  unit, (int)(byte - unit), unit, byte + 1);
    } else {
        psim_note(b->diag, node->at, "did you mean '%s'?", unit);
    }
    return false;
}

/** Why the text of a figure is none. */
static bool
bad_quantity(const struct psim_binder *b, const struct psim_node *node,
             const struct psim_field *field, const char *name,
             enum psim_quantity_status status, enum psim_dim found)
{
    const char *text = psim_str_excerpt(b->diag->arena, node->scalar);
    switch (status) {
    case PSIM_QUANTITY_OK:
        return true;
    case PSIM_QUANTITY_NOT_A_NUMBER:
        return psim_error(b->diag, node->at, "%s: '%s' is not a number; %s is needed",
                          name, text, needed(b, field));
    case PSIM_QUANTITY_NO_UNIT:
        return psim_error(b->diag, node->at, "%s: '%s' has no unit; %s is needed", name,
                          text, needed(b, field));
    case PSIM_QUANTITY_UNKNOWN_UNIT:
        (void)psim_error(b->diag, node->at, "%s: unknown unit in '%s'; %s is needed",
                         name, text, needed(b, field));
        return guess_unit(b, node, field);
    case PSIM_QUANTITY_WRONG_DIM:
        return psim_error(b->diag, node->at, "%s: '%s' is %s %s; %s is needed", name,
                          text, psim_str_article(psim_dim_name(found)),
                          psim_dim_name(found), needed(b, field));
    case PSIM_QUANTITY_TOO_LARGE:
        return psim_error(b->diag, node->at,
                          "%s: '%s' is too large; numbers end at 1.8e308", name, text);
    }
    return false;
}

/** The quantity of a figure. @p name is how messages call it. */
static bool
read_quantity(const struct psim_binder *b, const struct psim_node *node,
              const struct psim_field *field, const char *name,
              struct psim_quantity *ret)
{
    enum psim_quantity_status status = PSIM_QUANTITY_NOT_A_NUMBER;
    enum psim_dim found = PSIM_DIM_NONE;
    const bool is_value = node->kind == PSIM_NODE_SCALAR && !psim_node_is_empty(node);
    const struct psim_bare_unit *bare = bare_unit(b, field->key);
    if (is_value) {
        status = psim_quantity_parse(node->scalar, dims_of(field),
                                     bare ? bare->unit : NULL, ret, &found);
    }
    if (status == PSIM_QUANTITY_NO_UNIT && bare && !bare->unit) return false;
    const bool in_range = status == PSIM_QUANTITY_OK && ret->value >= field->min &&
                          (field->max == 0 || ret->value <= field->max);
    if (in_range) return true;
    if (!psim_diag_shows(b->diag, node->at)) return psim_error_unseen(b->diag);
    if (!is_value) return psim_bind_mismatch(b, node, name, needed(b, field));
    if (status == PSIM_QUANTITY_OK) return out_of_range(b, node, field, name, ret);
    return bad_quantity(b, node, field, name, status, found);
}

/** One figure, short or long. */
static bool
read_figure(const struct psim_binder *b, const struct psim_node *node,
            const struct psim_field *field, const char *name, struct psim_figure *ret)
{
    struct long_form form = {.value = node};
    if (node->kind == PSIM_NODE_MAP &&
        !psim_bind_rows(b, node, long_form_fields, &form)) {
        return false;
    }
    struct psim_quantity q;
    if (!read_quantity(b, form.value, field, name, &q)) return false;
    *ret = (struct psim_figure){
        .value = q.value,
        .dim = q.dim,
        .given = true,
        .confidence = (enum psim_confidence)form.confidence,
        .at = form.value->at,
        .source = form.source.text,
    };
    return true;
}

bool
psim_bind_figure(const struct psim_binder *b, const struct psim_node *node,
                 const struct psim_field *field, void *member)
{
    return read_figure(b, node, field, field->key, member);
}

/** {bf16: 1024 FLOP/cycle, fp8: 2048 FLOP/cycle} */
static bool
read_by_choice(const struct psim_binder *b, const struct psim_node *map,
               const struct psim_field *field, struct psim_figure *ret)
{
    bool ok = true;
    for (const struct psim_node *child = map->first; child; child = child->next) {
        const struct psim_word word = {.text = child->key, .at = child->key_at};
        int choice = 0;
        if (!psim_bind_find_choice(b, field->choices, word, field->key, &choice)) {
            ok = false;
            continue;
        }
        /* Two spellings of one choice are two keys to the reader. */
        if (ret[choice].given) {
            ok = psim_error(b->diag, child->key_at,
                            "%s: '%s' is given twice, by another word; one is needed",
                            field->key, child->key);
            psim_note(b->diag, ret[choice].at, "first given here");
            continue;
        }
        const char *name =
            psim_arena_printf(b->diag->arena, "%s.%s", field->key, child->key);
        if (!read_figure(b, child, field, name, &ret[choice])) ok = false;
    }
    return ok;
}

bool
psim_bind_figures(const struct psim_binder *b, const struct psim_node *node,
                  const struct psim_field *field, void *member)
{
    struct psim_figure *ret = member;
    if (node->kind == PSIM_NODE_MAP && !psim_node_find(node, "value")) {
        return read_by_choice(b, node, field, ret);
    }
    if (!read_figure(b, node, field, field->key, &ret[0])) return false;
    const size_t n = psim_bind_n_choices(field->choices);
    for (size_t i = 1; i < n; i++) {
        ret[i] = ret[0];
    }
    return true;
}
