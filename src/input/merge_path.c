/* SPDX-License-Identifier: MIT */
/** @file `--set PATH=VALUE` as a tree to be laid over a file. */
#include <string.h>

#include "input/merge.h"
#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** No path of a spec is half as long. */
enum { MAX_STEPS = 32 };

struct step {
    const char *word;
    struct psim_loc at;
    bool is_name; /**< of an entry of a list, not a key of a map */
};

struct path {
    struct step steps[MAX_STEPS];
    size_t n;
};

/** Cut the text before the '=' at its dots. */
static bool
split(struct psim_diag *diag, const struct psim_source *source, size_t len,
      struct path *ret)
{
    const char *begin = source->text, *end = source->text + len;
    ret->n = 0;
    for (const char *pos = begin;;) {
        const char *dot = memchr(pos, '.', (size_t)(end - pos));
        const size_t step_len = (size_t)((dot ? dot : end) - pos);
        const struct psim_loc at = psim_source_at(source, (size_t)(pos - begin));
        if (step_len == 0) {
            return psim_error(diag, at, "a key is missing here; PATH=VALUE is needed");
        }
        if (ret->n == MAX_STEPS) {
            return psim_error(diag, at, "a path of more than %d keys", MAX_STEPS);
        }
        ret->steps[ret->n++] = (struct step){
            .word = psim_arena_copy(diag->arena, pos, step_len),
            .at = at,
        };
        if (!dot) return true;
        pos = dot + 1;
    }
}

static bool
unknown_name(struct psim_diag *diag, const struct psim_node *list,
             const struct step *step)
{
    struct psim_guess guess = psim_guess_start(step->word);
    for (const struct psim_node *entry = list->first; entry; entry = entry->next) {
        psim_guess_try(&guess, psim_node_find(entry, "name")->scalar);
    }
    psim_error(diag, step->at, "no entry is named '%s'; an entry of the list is needed",
               psim_str_excerpt(diag->arena, step->word));
    if (guess.best) psim_note(diag, step->at, "did you mean '%s'?", guess.best);
    psim_note(diag, list->at, "the list begins here");
    return false;
}

static const struct psim_node *
find_name(const struct psim_node *list, const char *name)
{
    const struct psim_node *entry = list->first;
    while (entry && !psim_str_equal(psim_node_find(entry, "name")->scalar, name)) {
        entry = entry->next;
    }
    return entry;
}

/** Walk the base along the path, to tell names from keys. */
static bool
resolve(struct psim_diag *diag, const struct psim_node *base, struct path *path)
{
    for (size_t i = 0; i < path->n && base; i++) {
        struct step *step = &path->steps[i];
        if (base->kind != PSIM_NODE_LIST) {
            base = psim_node_find(base, step->word);
            continue;
        }
        if (!psim_node_is_named_list(base)) {
            return psim_error(diag, step->at,
                              "'%s' would be inside a list without names; the list "
                              "can be set as a whole only",
                              psim_str_excerpt(diag->arena, step->word));
        }
        step->is_name = true;
        const struct psim_node *entry = find_name(base, step->word);
        if (!entry) return unknown_name(diag, base, step);
        base = entry;
    }
    return true;
}

static struct psim_node *
new_node(struct psim_arena *arena, enum psim_node_kind kind, struct psim_loc at,
         const struct psim_node *first)
{
    struct psim_node *node = PSIM_NEW(arena, struct psim_node);
    *node = (struct psim_node){.kind = kind, .at = at, .first = first};
    return node;
}

/** [{name: step, and what @p map holds}] */
static struct psim_node *
wrap_in_list(struct psim_arena *arena, const struct step *step,
             const struct psim_node *map)
{
    struct psim_node *name = new_node(arena, PSIM_NODE_SCALAR, step->at, NULL);
    name->key = "name";
    name->key_at = step->at;
    name->scalar = step->word;
    name->next = map->first;
    const struct psim_node *entry = new_node(arena, PSIM_NODE_MAP, step->at, name);
    return new_node(arena, PSIM_NODE_LIST, step->at, entry);
}

/** The value inside one map or list for each step of the path, innermost first. */
static const struct psim_node *
wrap(struct psim_arena *arena, struct psim_diag *diag, const struct path *path,
     const struct psim_node *value)
{
    struct psim_node *node = PSIM_NEW(arena, struct psim_node);
    *node = *value;
    for (size_t i = path->n; i-- > 0;) {
        const struct step *step = &path->steps[i];
        if (!step->is_name) {
            node->key = step->word;
            node->key_at = step->at;
            node = new_node(arena, PSIM_NODE_MAP, step->at, node);
            continue;
        }
        const struct psim_node *name = psim_node_find(node, "name");
        if (node->kind != PSIM_NODE_MAP) {
            psim_error(diag, node->at,
                       "'%s' is an entry of a list; a map of what to change in it is "
                       "needed",
                       psim_str_excerpt(diag->arena, step->word));
            return NULL;
        }
        if (name) {
            psim_error(diag, name->key_at,
                       "name: the path has named the entry; another key is needed");
            return NULL;
        }
        node = wrap_in_list(arena, step, node);
    }
    return node;
}

const struct psim_node *
psim_merge_path(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_node *base, const char *assignment)
{
    const struct psim_source *source =
        psim_source_new(diag, "--set", assignment, strlen(assignment));
    const char *equals = strchr(assignment, '=');
    if (!equals) {
        psim_error(diag, psim_source_at(source, source->len),
                   "a '=' is missing; PATH=VALUE is needed");
        return NULL;
    }
    const size_t path_len = (size_t)(equals - assignment);
    const struct psim_node *value = psim_read_value(arena, diag, source, path_len + 1);
    struct path path;
    if (!value || !split(diag, source, path_len, &path)) return NULL;
    if (!resolve(diag, base, &path)) return NULL;
    return wrap(arena, diag, &path, value);
}
