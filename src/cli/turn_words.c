/* SPDX-License-Identifier: MIT */
/** @file Turns of knobs as words of a command line, there and back. */
#include "cli/turn_words.h"

#include <string.h>

#include "util/arena.h"

const struct psim_workload *
psim_turn_workload(void *context, struct psim_arena *arena, struct psim_diag *diag,
                   const struct psim_turn *turn)
{
    const struct psim_turn_words *words = context;
    struct psim_arguments with = *words->arguments;
    const char **all = PSIM_NEW_N(arena, const char *, with.n_with + turn->n_with + 1);
    for (size_t i = 0; i < with.n_with; i++) {
        all[i] = with.with[i];
    }
    for (size_t i = 0; i < turn->n_with; i++) {
        all[with.n_with + i] = turn->with[i];
    }
    with.with = all;
    with.n_with += turn->n_with;
    return psim_load_workload(arena, diag, &with, words->words, words->n);
}

/** "--set 'a.b=2 B/s'": for a shell. */
static const char *
add_option(struct psim_arena *arena, const char *text, const char *option,
           const char *value)
{
    const char *join = *text ? " " : "";
    if (strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                      "._=-/") == strlen(value)) {
        return psim_arena_printf(arena, "%s%s%s %s", text, join, option, value);
    }
    char *quoted = psim_arena_alloc(arena, 4 * strlen(value) + 1, 1);
    size_t n = 0;
    for (const char *c = value; *c; c++) {
        if (*c == '\'') { /* '\'' */
            quoted[n++] = '\'';
            quoted[n++] = '\\';
            quoted[n++] = '\'';
        }
        quoted[n++] = *c;
    }
    return psim_arena_printf(arena, "%s%s%s '%s'", text, join, option, quoted);
}

const char *
psim_turn_options(struct psim_arena *arena, const struct psim_turn *turn)
{
    const char *text = "";
    for (size_t i = 0; i < turn->n_sets; i++) {
        text = add_option(arena, text, "--set", turn->sets[i]);
    }
    for (size_t i = 0; i < turn->n_with; i++) {
        text = add_option(arena, text, "--with", turn->with[i]);
    }
    return text;
}
