/* SPDX-License-Identifier: MIT */
/** @file The rules for the keys of one map. */
#include "input/keys.h"

#include <stdlib.h>
#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** Maps of a person's size are compared pair by pair, without memory. */
enum { FEW_KEYS = 12 };

bool
psim_keys_too_long(const char *key)
{
    size_t chars = 0;
    for (; *key != '\0'; key++) {
        chars += ((unsigned char)*key & 0xC0u) != 0x80u;
    }
    return chars > PSIM_READ_MAX_KEY;
}

static bool
has_twins(const struct psim_node *map)
{
    for (const struct psim_node *a = map->first; a; a = a->next) {
        for (const struct psim_node *b = map->first; b != a; b = b->next) {
            if (psim_str_equal(a->key, b->key)) return true;
        }
    }
    return false;
}

/** By key, then by place, so that the first of a run of twins is the first given. */
static int
by_key_then_place(const void *left, const void *right)
{
    const struct psim_node *a = *(const struct psim_node *const *)left;
    const struct psim_node *b = *(const struct psim_node *const *)right;
    const int order = strcmp(a->key, b->key);
    if (order != 0) return order;
    if (a->key_at.line != b->key_at.line) {
        return a->key_at.line < b->key_at.line ? -1 : 1;
    }
    if (a->key_at.column == b->key_at.column) return 0;
    return a->key_at.column < b->key_at.column ? -1 : 1;
}

static bool
report_twins(struct psim_diag *diag, const struct psim_node *const *sorted, size_t n)
{
    bool ok = true;
    const struct psim_node *first = sorted[0];
    for (size_t i = 1; i < n; i++) {
        if (!psim_str_equal(sorted[i]->key, first->key)) {
            first = sorted[i];
            continue;
        }
        ok = psim_error(diag, sorted[i]->key_at, "key '%s' is given twice",
                        psim_str_excerpt(diag->arena, first->key));
        psim_note(diag, first->key_at, "first given here");
    }
    return ok;
}

bool
psim_keys_check(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_node *map)
{
    const size_t n = psim_node_count(map);
    if (n < 2 || (n <= FEW_KEYS && !has_twins(map))) return true;

    const struct psim_arena_mark mark = psim_arena_mark(arena);
    const struct psim_node **sorted = PSIM_NEW_N(arena, const struct psim_node *, n);
    size_t i = 0;
    for (const struct psim_node *child = map->first; child; child = child->next) {
        sorted[i++] = child;
    }
    qsort(sorted, n, sizeof(const struct psim_node *), by_key_then_place);
    const bool ok = report_twins(diag, sorted, n);
    /* What was recorded may lie behind the mark. */
    if (ok) psim_arena_rewind(arena, mark);
    return ok;
}
