/* SPDX-License-Identifier: MIT */
/** @file Keys of ops said otherwise than in the file. */
#include "model/workload_with.h"

#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** "KEY=VALUE" or "OP.KEY=VALUE". @return false after an error */
static bool
read_change(struct psim_arena *arena, struct psim_diag *diag, const char *word,
            struct psim_change *ret)
{
    const struct psim_source *source =
        psim_source_new(diag, "--with", word, strlen(word));
    const char *equals = strchr(word, '=');
    if (!equals) {
        return psim_error(diag, psim_source_at(source, source->len),
                          "a '=' is missing; KEY=VALUE is needed, as in batch=8");
    }
    const char *dot = memchr(word, '.', (size_t)(equals - word));
    const char *key = dot ? dot + 1 : word;
    ret->at = psim_source_at(source, (size_t)(key - word));
    if (key == equals || dot == word) {
        return psim_error(
            diag, dot == word ? psim_source_at(source, 0) : ret->at,
            "a word is missing here; KEY=VALUE or OP.KEY=VALUE is needed");
    }
    ret->op = dot ? psim_arena_copy(arena, word, (size_t)(dot - word)) : NULL;
    ret->key = psim_arena_copy(arena, key, (size_t)(equals - key));
    ret->value = psim_read_value(arena, diag, source, (size_t)(equals - word) + 1);
    return ret->value != NULL;
}

bool
psim_changes_read(struct psim_arena *arena, struct psim_diag *diag,
                  const struct psim_workload_with *with, struct psim_changes *ret)
{
    *ret = (struct psim_changes){0};
    if (!with || with->n == 0) return true;
    ret->item = PSIM_NEW_N(arena, struct psim_change, with->n);
    bool ok = true;
    for (size_t i = 0; i < with->n; i++) {
        ok = read_change(arena, diag, with->words[i], &ret->item[ret->n++]) && ok;
    }
    return ok;
}

static bool
knows(const struct psim_field *fields, const char *key)
{
    while (fields->key && !psim_str_equal(fields->key, key)) {
        fields++;
    }
    return fields->key != NULL;
}

static bool
is_meant(const struct psim_change *change, const struct psim_op_kind *kind,
         const struct psim_node *map)
{
    if (!knows(kind->fields, change->key) && !knows(psim_op_key_fields, change->key)) {
        return false;
    }
    if (!change->op || psim_str_equal(change->op, kind->name)) return true;
    const struct psim_node *name = psim_node_find(map, "name");
    return name && name->kind == PSIM_NODE_SCALAR &&
           psim_str_equal(name->scalar, change->op);
}

/** The map with another value of a key, or with one more key. */
static const struct psim_node *
replace(struct psim_arena *arena, const struct psim_node *map,
        const struct psim_change *change)
{
    struct psim_node *with = PSIM_NEW(arena, struct psim_node);
    *with = *map;
    const struct psim_node **slot = &with->first;
    for (const struct psim_node *child = map->first; child; child = child->next) {
        if (psim_str_equal(child->key, change->key)) continue;
        struct psim_node *kept = PSIM_NEW(arena, struct psim_node);
        *kept = *child;
        *slot = kept;
        slot = &kept->next;
    }
    struct psim_node *value = PSIM_NEW(arena, struct psim_node);
    *value = *change->value;
    value->key = change->key;
    value->key_at = change->at;
    value->next = NULL;
    *slot = value;
    return with;
}

const struct psim_node *
psim_changes_apply(struct psim_arena *arena, const struct psim_changes *changes,
                   const struct psim_op_kind *kind, const struct psim_node *map)
{
    for (size_t i = 0; i < changes->n; i++) {
        if (!is_meant(&changes->item[i], kind, map)) continue;
        changes->item[i].used = true;
        map = replace(arena, map, &changes->item[i]);
    }
    return map;
}

const char *
psim_changes_text(struct psim_arena *arena, const struct psim_workload_with *with)
{
    const char *text = NULL;
    for (size_t i = 0; with && i < with->n; i++) {
        text = text ? psim_arena_printf(arena, "%s, %s", text, with->words[i])
                    : psim_arena_printf(arena, "%s", with->words[i]);
    }
    return text;
}

/** Keys that were probably meant, of any op. */
static void
guess_key(struct psim_diag *diag, const struct psim_change *change)
{
    struct psim_guess guess = psim_guess_start(change->key);
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        for (const struct psim_field *f = psim_op_kinds[i]->fields; f->key; f++) {
            psim_guess_try(&guess, f->key);
        }
    }
    for (const struct psim_field *f = psim_op_key_fields; f->key; f++) {
        psim_guess_try(&guess, f->key);
    }
    if (!guess.best || psim_str_equal(guess.best, change->key)) return;
    psim_note(diag, change->at, "did you mean '%s'?", guess.best);
}

bool
psim_changes_check(struct psim_diag *diag, const struct psim_changes *changes)
{
    bool ok = true;
    for (size_t i = 0; i < changes->n; i++) {
        const struct psim_change *change = &changes->item[i];
        if (change->used) continue;
        const char *key = psim_str_excerpt(diag->arena, change->key);
        if (change->op) {
            ok = psim_error(diag, change->at,
                            "%s: the workload has no op '%s' that knows this key", key,
                            psim_str_excerpt(diag->arena, change->op));
        } else {
            ok = psim_error(diag, change->at,
                            "%s: no op of the workload knows this key", key);
        }
        guess_key(diag, change);
    }
    return ok;
}
