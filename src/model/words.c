/* SPDX-License-Identifier: MIT */
/** @file One op from the words of a command line: "gemm m=4096 n=4096 dtype=bf16". */
#include <string.h>

#include "input/text.h"
#include "model/workload.h"
#include "util/arena.h"
#include "util/str.h"

/** The words as one line, which messages show. */
struct line {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_source *source;
};

static struct psim_node *
new_scalar(const struct line *l, size_t from, size_t len)
{
    struct psim_node *node = PSIM_NEW(l->arena, struct psim_node);
    *node = (struct psim_node){
        .kind = PSIM_NODE_SCALAR,
        .at = psim_source_at(l->source, from),
        .scalar = psim_arena_copy(l->arena, l->source->text + from, len),
    };
    return node;
}

/** "m: 128" inside braces. @return NULL after an error */
static struct psim_node *
new_pair(const struct line *l, const struct psim_node *map, size_t from, size_t end)
{
    const char *text = l->source->text;
    while (from < end && text[from] == ' ') {
        from++;
    }
    const char *colon = memchr(text + from, ':', end - from);
    const size_t key_len = colon ? (size_t)(colon - text) - from : 0;
    size_t at = from + key_len + 1;
    while (at < end && text[at] == ' ') {
        at++;
    }
    if (key_len == 0 || at >= end) {
        psim_error(l->diag, psim_source_at(l->source, from),
                   "key: value is needed, as in {m: 128, n: 64}");
        return NULL;
    }
    struct psim_node *pair = new_scalar(l, at, end - at);
    pair->key = psim_arena_copy(l->arena, text + from, key_len);
    pair->key_at = psim_source_at(l->source, from);
    if (!psim_node_find(map, pair->key)) return pair;
    psim_error(l->diag, pair->key_at, "%s: is given twice",
               psim_str_excerpt(l->diag->arena, pair->key));
    return NULL;
}

/** "3,3" and "[3,3]" are lists, "{m: 128, n: 64}" is a map; everything else is one
 * word. @return NULL after an error */
static struct psim_node *
new_value(const struct line *l, size_t from, size_t len)
{
    const char *text = l->source->text + from;
    const bool list = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    const bool map = len >= 2 && text[0] == '{' && text[len - 1] == '}';
    if (!list && !map && !memchr(text, ',', len)) return new_scalar(l, from, len);

    struct psim_node *items = PSIM_NEW(l->arena, struct psim_node);
    *items = (struct psim_node){.kind = map ? PSIM_NODE_MAP : PSIM_NODE_LIST,
                                .at = psim_source_at(l->source, from)};
    const struct psim_node **slot = &items->first;
    const size_t end = list || map ? from + len - 1 : from + len;
    for (size_t at = list || map ? from + 1 : from; at <= end;) {
        const char *comma = memchr(l->source->text + at, ',', end - at);
        const size_t next = comma ? (size_t)(comma - l->source->text) : end;
        struct psim_node *item =
            map ? new_pair(l, items, at, next) : new_scalar(l, at, next - at);
        if (!item) return NULL;
        *slot = item;
        slot = &item->next;
        at = next + 1;
    }
    return items;
}

/** One word: the op itself, or key=value. @return NULL after an error */
static struct psim_node *
new_child(const struct line *l, const struct psim_node *map, size_t from, size_t len)
{
    const struct psim_loc at = psim_source_at(l->source, from);
    const char *text = l->source->text + from;
    if (from == 0) {
        struct psim_node *op = new_scalar(l, from, len);
        op->key = "op";
        op->key_at = at;
        return op;
    }
    const char *equals = memchr(text, '=', len);
    const size_t key_len = equals ? (size_t)(equals - text) : 0;
    if (key_len == 0) {
        const char *word = psim_arena_copy(l->diag->arena, text, len);
        psim_error(l->diag, at, "'%s': key=value is needed, as in m=4096",
                   psim_str_excerpt(l->diag->arena, word));
        return NULL;
    }
    struct psim_node *child = new_value(l, from + key_len + 1, len - key_len - 1);
    if (!child) return NULL;
    child->key = psim_arena_copy(l->arena, text, key_len);
    child->key_at = at;
    const struct psim_node *twin = psim_node_find(map, child->key);
    if (!twin) return child;
    psim_error(l->diag, at, "%s: is given twice",
               psim_str_excerpt(l->diag->arena, child->key));
    psim_note(l->diag, twin->key_at, "first given here");
    return NULL;
}

static const struct psim_node *
words_to_map(const struct line *l, const char *const *words, size_t n)
{
    struct psim_node *map = PSIM_NEW(l->arena, struct psim_node);
    *map = (struct psim_node){.kind = PSIM_NODE_MAP, .at = {l->source, 1, 1}};
    const struct psim_node **slot = &map->first;
    bool ok = true;
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        struct psim_node *child = new_child(l, map, from, strlen(words[i]));
        from += strlen(words[i]) + 1;
        if (!child) {
            ok = false;
            continue;
        }
        *slot = child;
        slot = &child->next;
    }
    return ok ? map : NULL;
}

const struct psim_workload *
psim_workload_words(struct psim_arena *arena, struct psim_diag *diag,
                    const char *const *words, size_t n,
                    const struct psim_workload_with *with)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        len += strlen(words[i]) + 1;
    }
    char *text = psim_arena_alloc(arena, len, 1);
    for (size_t i = 0, at = 0; i < n; i++) {
        if (i > 0) text[at - 1] = ' ';
        memcpy(text + at, words[i], strlen(words[i]));
        at += strlen(words[i]) + 1;
    }
    const struct line line = {
        .arena = arena,
        .diag = diag,
        .source = psim_source_new(diag, "command line", text, len - 1),
    };
    if (!psim_text_check(diag, line.source)) return NULL;
    const struct psim_node *map = words_to_map(&line, words, n);
    return map ? psim_workload_node(arena, diag, map, with) : NULL;
}
