/* SPDX-License-Identifier: MIT */
/** @file What knobs are written with: options that grow, figures as text. */
#include "explore/turns.h"

#include <string.h>

#include "util/arena.h"

/** Digits with which a figure is typed: more than any was stated with. */
enum { DIGITS = 9 };

const char *
psim_scaled_text(struct psim_arena *arena, const struct psim_figure *figure,
                 double factor)
{
    return psim_quantity_print(arena, figure->value * factor, figure->dim, DIGITS);
}

static bool
can_be_typed(const char *name)
{
    return name[0] != '\0' && !strpbrk(name, ".=");
}

void
psim_turning_set(struct psim_turning *turning, const char *list, const char *name,
                 const char *key, const char *value)
{
    if (!can_be_typed(name)) turning->nameless = true;
    if (turning->n == turning->room) {
        turning->room = turning->room ? 2 * turning->room : 16;
        const char **more = PSIM_NEW_N(turning->arena, const char *, turning->room);
        if (turning->n > 0) memcpy(more, turning->items, turning->n * sizeof *more);
        turning->items = more;
    }
    turning->items[turning->n++] = psim_arena_printf(
        turning->arena, "%s.%s%s%s=%s", list, name, *key ? "." : "", key, value);
}

void
psim_turning_scale(struct psim_turning *turning, const char *list, const char *name,
                   const char *key, const struct psim_figure *figure, double factor)
{
    if (!figure->given) return;
    psim_turning_set(turning, list, name, key,
                     psim_scaled_text(turning->arena, figure, factor));
}

bool
psim_turning_end(const struct psim_turning *turning, double factor,
                 struct psim_turn *ret)
{
    if (turning->n == 0 || turning->nameless) return false;
    *ret = (struct psim_turn){
        .label = psim_arena_printf(
            turning->arena, "\xc3\x97 %s",
            psim_quantity_print(turning->arena, factor, PSIM_DIM_NONE, 3)),
        .factor = factor,
        .as_is = factor == 1,
        .sets = turning->items,
        .n_sets = turning->n,
    };
    return true;
}

const char *
psim_yaml_word(struct psim_arena *arena, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const size_t len = strlen(word);
    /* A word that begins with a letter is no number. */
    const bool letter_first = strspn(word, "abcdefghijklmnopqrstuvwxyz") > 0;
    if (letter_first && strspn(word, plain) == len) return word;
    char *quoted = psim_arena_alloc(arena, 2 * len + 3, 1);
    size_t n = 0;
    quoted[n++] = '\'';
    for (const char *c = word; *c; c++) {
        if (*c == '\'') quoted[n++] = '\'';
        quoted[n++] = *c;
    }
    quoted[n] = '\'';
    return quoted;
}
