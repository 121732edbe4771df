/* SPDX-License-Identifier: MIT */
/** @file Fields of words and whole numbers. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "input/bind_kinds.h"
#include "util/arena.h"
#include "util/str.h"

/** A message that lists more words is not read. */
enum { MAX_WORDS_SHOWN = 16 };

static const char *
excerpt(const struct psim_binder *b, const struct psim_node *node)
{
    return psim_str_excerpt(b->diag->arena, node->scalar);
}

bool
psim_bind_mismatch(const struct psim_binder *b, const struct psim_node *node,
                   const char *name, const char *needed)
{
    if (psim_node_is_empty(node)) {
        return psim_error(b->diag, node->at, "%s: no value is given; %s is needed",
                          name, needed);
    }
    return psim_error(b->diag, node->at, "%s: a %s stands here; %s is needed", name,
                      psim_node_kind_name(node->kind), needed);
}

bool
psim_bind_is_value(const struct psim_binder *b, const struct psim_node *node,
                   const char *name, const char *needed)
{
    if (node->kind == PSIM_NODE_SCALAR && !psim_node_is_empty(node)) return true;
    return psim_bind_mismatch(b, node, name, needed);
}

static bool
read_text(const struct psim_binder *b, const struct psim_node *node, const char *name,
          struct psim_word *ret)
{
    if (!psim_bind_is_value(b, node, name, "a text")) return false;
    if (*node->scalar == '\0') {
        return psim_error(b->diag, node->at, "%s: the text is empty; a text is needed",
                          name);
    }
    if (strlen(node->scalar) > PSIM_BIND_MAX_TEXT) {
        return psim_error(b->diag, node->at,
                          "%s: a text of %zu bytes; at most %d are allowed", name,
                          strlen(node->scalar), PSIM_BIND_MAX_TEXT);
    }
    *ret = (struct psim_word){.text = node->scalar, .at = node->at};
    return true;
}

bool
psim_bind_text(const struct psim_binder *b, const struct psim_node *node,
               const struct psim_field *field, void *member)
{
    return read_text(b, node, field->key, member);
}

/** The entries of a list, or the one value itself. */
static const struct psim_node *
first_entry(const struct psim_node *node, size_t *ret_n)
{
    const bool list = node->kind == PSIM_NODE_LIST;
    *ret_n = list ? psim_node_count(node) : 1;
    return list ? node->first : node;
}

bool
psim_bind_texts(const struct psim_binder *b, const struct psim_node *node,
                const struct psim_field *field, void *member)
{
    size_t n;
    const struct psim_node *entry = first_entry(node, &n);
    if (node->kind == PSIM_NODE_MAP) {
        return psim_bind_mismatch(b, node, field->key, "a text or a list of texts");
    }
    struct psim_word *items = PSIM_NEW_N(b->arena, struct psim_word, n);
    bool ok = true;
    for (size_t i = 0; i < n; i++, entry = entry->next) {
        if (!read_text(b, entry, field->key, &items[i])) ok = false;
    }
    *(struct psim_words *)member = (struct psim_words){.items = items, .n = n};
    return ok;
}

/** "1 or more", "1 to 4". */
static const char *
count_range(const struct psim_binder *b, const struct psim_field *field)
{
    struct psim_arena *arena = b->diag->arena;
    const char *min = psim_number_print(arena, field->min);
    if (field->max == 0) return psim_arena_printf(arena, "%s or more", min);
    return psim_arena_printf(arena, "%s to %s", min,
                             psim_number_print(arena, field->max));
}

static bool
read_count(const struct psim_binder *b, const struct psim_node *node,
           const struct psim_field *field, uint64_t *ret)
{
    int64_t value = 0;
    assert(field->min >= 0);
    if (!psim_bind_is_value(b, node, field->key, "a whole number")) return false;
    if (node->quoted) {
        return psim_error(b->diag, node->at,
                          "%s: '%s' in quotes is a text; a whole number is needed",
                          field->key, excerpt(b, node));
    }
    switch (psim_str_whole(node->scalar, &value)) {
    case PSIM_WHOLE_OK:
        break;
    case PSIM_WHOLE_NOT_A_NUMBER:
    case PSIM_WHOLE_FRACTION:
        return psim_error(b->diag, node->at,
                          "%s: '%s' is not a whole number; %s is needed", field->key,
                          excerpt(b, node), count_range(b, field));
    case PSIM_WHOLE_TOO_LARGE:
        return psim_error(b->diag, node->at,
                          "%s: '%s' is beyond 2^53; %s is needed, and exact only up to "
                          "there",
                          field->key, excerpt(b, node), count_range(b, field));
    }
    const bool below = (double)value < field->min;
    if (below || (field->max > 0 && (double)value > field->max)) {
        return psim_error(
            b->diag, node->at, "%s: %" PRId64 " is %s %s; %s is needed", field->key,
            value, below ? "below" : "above",
            psim_number_print(b->diag->arena, below ? field->min : field->max),
            count_range(b, field));
    }
    *ret = (uint64_t)value;
    return true;
}

bool
psim_bind_count(const struct psim_binder *b, const struct psim_node *node,
                const struct psim_field *field, void *member)
{
    return read_count(b, node, field, member);
}

bool
psim_bind_counts(const struct psim_binder *b, const struct psim_node *node,
                 const struct psim_field *field, void *member)
{
    struct psim_counts *ret = member;
    const size_t max = field->max_items > 0 ? field->max_items : PSIM_COUNT(ret->value);
    assert(max <= PSIM_COUNT(ret->value));
    if (node->kind == PSIM_NODE_MAP) {
        return psim_bind_mismatch(b, node, field->key,
                                  "a whole number or a list of them");
    }
    size_t n;
    const struct psim_node *entry = first_entry(node, &n);
    if (n == 0 || n > max) {
        return psim_error(b->diag, node->at,
                          "%s: a list of %zu; 1 to %zu whole numbers are needed",
                          field->key, n, max);
    }
    bool ok = true;
    for (size_t i = 0; i < n; i++, entry = entry->next) {
        if (!read_count(b, entry, field, &ret->value[i])) ok = false;
    }
    ret->n = n;
    ret->at = node->at;
    return ok;
}

bool
psim_bind_bool(const struct psim_binder *b, const struct psim_node *node,
               const struct psim_field *field, void *member)
{
    if (!psim_bind_is_value(b, node, field->key, "true or false")) return false;
    if (node->quoted) {
        return psim_error(b->diag, node->at,
                          "%s: '%s' in quotes is a text; true or false is needed",
                          field->key, excerpt(b, node));
    }
    const bool is_true = psim_str_equal(node->scalar, "true");
    if (!is_true && !psim_str_equal(node->scalar, "false")) {
        return psim_error(b->diag, node->at,
                          "%s: '%s' is no truth value; true or false is needed",
                          field->key, excerpt(b, node));
    }
    *(bool *)member = is_true;
    return true;
}

size_t
psim_bind_n_choices(const struct psim_choice *choices)
{
    size_t n = 0;
    for (; choices->word; choices++) {
        assert(choices->value >= 0);
        if ((size_t)choices->value >= n) n = (size_t)choices->value + 1;
    }
    return n;
}

/** "fp64, fp32 or bf16": of each value the spelling that comes first. */
static const char *
choice_words(struct psim_arena *arena, const struct psim_choice *choices)
{
    const struct psim_choice *shown[MAX_WORDS_SHOWN];
    size_t n = 0;
    bool more = false;
    for (const struct psim_choice *c = choices; c->word && !more; c++) {
        bool again = false;
        for (size_t i = 0; i < n; i++) {
            if (shown[i]->value == c->value) again = true;
        }
        if (again) continue;
        more = n == MAX_WORDS_SHOWN;
        if (!more) shown[n++] = c;
    }
    const char *words = "";
    for (size_t i = 0; i < n; i++) {
        const char *join = i == 0 ? "" : i + 1 == n && !more ? " or " : ", ";
        words = psim_arena_printf(arena, "%s%s%s", words, join, shown[i]->word);
    }
    return more ? psim_arena_printf(arena, "%s ...", words) : words;
}

bool
psim_bind_find_choice(const struct psim_binder *b, const struct psim_choice *choices,
                      struct psim_word word, const char *name, int *ret_value)
{
    struct psim_guess guess = psim_guess_start(word.text);
    for (const struct psim_choice *c = choices; c->word; c++) {
        if (psim_str_equal(c->word, word.text)) {
            *ret_value = c->value;
            return true;
        }
    }
    if (!psim_diag_shows(b->diag, word.at)) return psim_error_unseen(b->diag);
    psim_error(b->diag, word.at, "%s: '%s' is not known; %s is needed", name,
               psim_str_excerpt(b->diag->arena, word.text),
               choice_words(b->diag->arena, choices));
    for (const struct psim_choice *c = choices; c->word; c++) {
        psim_guess_try(&guess, c->word);
    }
    if (guess.best) psim_note(b->diag, word.at, "did you mean '%s'?", guess.best);
    return false;
}

static bool
read_choice(const struct psim_binder *b, const struct psim_node *node,
            const struct psim_field *field, int *ret)
{
    if (node->kind != PSIM_NODE_SCALAR || psim_node_is_empty(node)) {
        if (!psim_diag_shows(b->diag, node->at)) return psim_error_unseen(b->diag);
        return psim_bind_mismatch(b, node, field->key,
                                  choice_words(b->diag->arena, field->choices));
    }
    const struct psim_word word = {.text = node->scalar, .at = node->at};
    return psim_bind_find_choice(b, field->choices, word, field->key, ret);
}

bool
psim_bind_choice(const struct psim_binder *b, const struct psim_node *node,
                 const struct psim_field *field, void *member)
{
    return read_choice(b, node, field, member);
}

bool
psim_bind_choices(const struct psim_binder *b, const struct psim_node *node,
                  const struct psim_field *field, void *member)
{
    assert(psim_bind_n_choices(field->choices) <= 32);
    uint32_t set = 0;
    bool ok = true;
    size_t n;
    const struct psim_node *entry = first_entry(node, &n);
    for (size_t i = 0; i < n; i++, entry = entry->next) {
        int value = 0;
        if (!read_choice(b, entry, field, &value)) {
            ok = false;
            continue;
        }
        const uint32_t bit = UINT32_C(1) << value;
        if (set & bit) {
            psim_warning(b->diag, entry->at, "%s: '%s' is named twice", field->key,
                         excerpt(b, entry));
        }
        set |= bit;
    }
    *(uint32_t *)member = set;
    return ok;
}
