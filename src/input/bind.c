/* SPDX-License-Identifier: MIT */
/** @file Filling structs from maps by a table: keys, nested maps, lists of maps. */
#include "input/bind.h"

#include <assert.h>
#include <string.h>

#include "input/bind_kinds.h"
#include "util/arena.h"
#include "util/str.h"

/** No machine or workload lists as many things by hand. */
enum { MAX_ITEMS = 4096 };

static const struct psim_field *
find_field(const struct psim_field *fields, const char *key)
{
    for (; fields->key; fields++) {
        if (psim_str_equal(fields->key, key)) return fields;
    }
    return NULL;
}

static bool
unknown_key(const struct psim_binder *b, const struct psim_node *node,
            const struct psim_field *fields)
{
    psim_error(b->diag, node->key_at, "unknown key '%s'",
               psim_str_excerpt(b->diag->arena, node->key));
    if (!b->diag->last) return false;
    struct psim_guess guess = psim_guess_start(node->key);
    for (; fields->key; fields++) {
        psim_guess_try(&guess, fields->key);
    }
    if (guess.best) psim_note(b->diag, node->key_at, "did you mean '%s'?", guess.best);
    return false;
}

/** The struct psim_loc at an offset; 0 means that the struct has none. */
static void
store_loc(void *base, size_t offset, struct psim_loc at)
{
    if (offset == 0) return;
    *(struct psim_loc *)(void *)((char *)base + offset) = at;
}

/** "a map like {m: ..., n: ..., k: ...}": its first keys say which form is meant. */
static const char *
map_of(const struct psim_binder *b, const struct psim_field *fields)
{
    enum { KEYS_SHOWN = 3 };
    const char *text = "a map like {";
    for (size_t i = 0; i < KEYS_SHOWN && fields[i].key; i++) {
        text = psim_arena_printf(b->diag->arena, "%s%s%s: ...", text, i > 0 ? ", " : "",
                                 fields[i].key);
    }
    return psim_arena_printf(b->diag->arena, "%s}", text);
}

static bool
bind_map(const struct psim_binder *b, const struct psim_node *node,
         const struct psim_field *field, void *member)
{
    if (node->kind != PSIM_NODE_MAP) {
        return psim_bind_mismatch(b, node, field->key, map_of(b, field->fields));
    }
    store_loc(member, field->item_loc_offset, node->at);
    return psim_bind_rows(b, node, field->fields, member);
}

static bool
bind_maps(const struct psim_binder *b, const struct psim_node *node,
          const struct psim_field *field, void *member)
{
    ((struct psim_items *)member)->faulty = true;
    if (node->kind != PSIM_NODE_LIST) {
        return psim_bind_mismatch(b, node, field->key, "a list of maps");
    }
    const size_t n = psim_node_count(node);
    const size_t max = field->max_items > 0 ? field->max_items : MAX_ITEMS;
    if (n > max) {
        return psim_error(b->diag, node->at,
                          "%s: a list of %zu; at most %zu entries are allowed",
                          field->key, n, max);
    }
    char *items = psim_arena_alloc(b->arena, n, field->item_size);
    bool ok = true;
    size_t i = 0;
    for (const struct psim_node *entry = node->first; entry; entry = entry->next) {
        void *item = items + field->item_size * i++;
        if (!bind_map(b, entry, field, item)) ok = false;
    }
    *(struct psim_items *)member =
        (struct psim_items){.items = items, .n = n, .faulty = !ok};
    return ok;
}

static bool
bind_node(const struct psim_binder *b, const struct psim_node *node,
          const struct psim_field *field, void *member)
{
    (void)b;
    (void)field;
    *(const struct psim_node **)member = node;
    return true;
}

/** THE list of kinds: who fills the member, and its size. */
static const struct {
    psim_bind_fn *bind;
    size_t size; /**< FIGURES: of one; MAP: its fields know */
} kinds[] = {
    [PSIM_FIELD_TEXT] = {psim_bind_text, sizeof(struct psim_word)},
    [PSIM_FIELD_TEXTS] = {psim_bind_texts, sizeof(struct psim_words)},
    [PSIM_FIELD_COUNT] = {psim_bind_count, sizeof(uint64_t)},
    [PSIM_FIELD_COUNTS] = {psim_bind_counts, sizeof(struct psim_counts)},
    [PSIM_FIELD_BOOL] = {psim_bind_bool, sizeof(bool)},
    [PSIM_FIELD_CHOICE] = {psim_bind_choice, sizeof(int)},
    [PSIM_FIELD_CHOICES] = {psim_bind_choices, sizeof(uint32_t)},
    [PSIM_FIELD_FIGURE] = {psim_bind_figure, sizeof(struct psim_figure)},
    [PSIM_FIELD_FIGURES] = {psim_bind_figures, sizeof(struct psim_figure)},
    [PSIM_FIELD_MAP] = {bind_map, 0},
    [PSIM_FIELD_MAPS] = {bind_maps, sizeof(struct psim_items)},
    [PSIM_FIELD_NODE] = {bind_node, sizeof(const struct psim_node *)},
};

/** Zero what the table names, so that an absent key reads as "not given". */
static void
clear(const struct psim_field *fields, void *base)
{
    for (const struct psim_field *f = fields; f->key; f++) {
        void *member = (char *)base + f->offset;
        store_loc(base, f->loc_offset, (struct psim_loc){0});
        if (f->kind == PSIM_FIELD_MAP) {
            store_loc(member, f->item_loc_offset, (struct psim_loc){0});
            clear(f->fields, member);
            continue;
        }
        const bool many = f->kind == PSIM_FIELD_FIGURES;
        const size_t n = many ? psim_bind_n_choices(f->choices) : 1;
        memset(member, 0, n * kinds[f->kind].size);
    }
}

/** One key of the map. */
static bool
bind_key(const struct psim_binder *b, const struct psim_node *node,
         const struct psim_field *fields, void *base)
{
    const struct psim_field *field = find_field(fields, node->key);
    if (!field) return unknown_key(b, node, fields);
    assert(field->kind < PSIM_COUNT(kinds));
    store_loc(base, field->loc_offset, node->at);
    return kinds[field->kind].bind(b, node, field, (char *)base + field->offset);
}

bool
psim_bind_rows(const struct psim_binder *b, const struct psim_node *map,
               const struct psim_field *fields, void *ret_struct)
{
    clear(fields, ret_struct);
    bool ok = true;
    for (const struct psim_node *node = map->first; node; node = node->next) {
        if (!bind_key(b, node, fields, ret_struct)) ok = false;
    }
    for (const struct psim_field *f = fields; f->key; f++) {
        if (!f->required || psim_node_find(map, f->key)) continue;
        if (f->kind == PSIM_FIELD_MAPS) {
            ((struct psim_items *)(void *)((char *)ret_struct + f->offset))->faulty =
                true;
        }
        ok = psim_error(b->diag, map->at, "missing key '%s' (%s)", f->key, f->doc);
    }
    return ok;
}

bool
psim_bind(struct psim_arena *arena, struct psim_diag *diag, const struct psim_node *map,
          const struct psim_field *fields, const struct psim_bare_units *units,
          void *ret_struct)
{
    const struct psim_binder b = {.arena = arena, .diag = diag, .units = units};
    if (map->kind != PSIM_NODE_MAP) {
        return psim_error(diag, map->at, "a %s stands here; a map is needed",
                          psim_node_kind_name(map->kind));
    }
    return psim_bind_rows(&b, map, fields, ret_struct);
}

bool
psim_bind_unknown(struct psim_diag *diag, const struct psim_node *node,
                  const char *what, const struct psim_choice *choices)
{
    const char *word = node->key ? node->key : node->scalar;
    const struct psim_loc at = node->key ? node->key_at : node->at;
    assert(word);
    psim_error(diag, at, "unknown %s '%s'", what, psim_str_excerpt(diag->arena, word));
    struct psim_guess guess = psim_guess_start(word);
    for (; choices->word; choices++) {
        psim_guess_try(&guess, choices->word);
    }
    if (guess.best) psim_note(diag, at, "did you mean '%s'?", guess.best);
    return false;
}
