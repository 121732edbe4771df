/* SPDX-License-Identifier: MIT */
/** @file What --sweep says, as arguments of one run after the other. */
#include "cli/sweep.h"

#include <string.h>

#include "cli/command.h"
#include "util/arena.h"
#include "util/quantity.h"
#include "util/str.h"

static const struct psim_loc nowhere;

static bool
wrong(struct psim_diag *diag, const char *text)
{
    return psim_error(diag, nowhere,
                      "--sweep: '%s' says no values; KEY=V1,V2,... or KEY=FROM..TO is "
                      "needed",
                      psim_str_excerpt(diag->arena, text));
}

/** Words between commas, without the spaces around them; an empty one is kept. */
static size_t
split(struct psim_arena *arena, const char *text, size_t len, const char **ret,
      size_t most)
{
    size_t n = 0, at = 0;
    while (at <= len && n < most) {
        size_t end = at;
        while (end < len && text[end] != ',') {
            end++;
        }
        size_t from = at, to = end;
        while (from < to && text[from] == ' ') {
            from++;
        }
        while (to > from && text[to - 1] == ' ') {
            to--;
        }
        ret[n++] = psim_arena_copy(arena, text + from, to - from);
        at = end + 1;
    }
    return n;
}

static bool
read_keys(struct psim_arena *arena, struct psim_diag *diag, const char *text,
          size_t len, struct psim_sweep *ret)
{
    const char **keys = PSIM_NEW_N(arena, const char *, PSIM_SWEEP_MOST + 1);
    ret->keys = keys;
    ret->n_keys = split(arena, text, len, keys, PSIM_SWEEP_MOST);
    for (size_t i = 0; i < ret->n_keys; i++) {
        if (*keys[i] == '\0') return wrong(diag, text);
        ret->parameter =
            i == 0 ? keys[0]
                   : psim_arena_printf(arena, "%s, %s", ret->parameter, keys[i]);
    }
    return true;
}

/** A number with or without a unit; any unit will do, the key's table judges it. */
static bool
read_value(const char *text, double *ret)
{
    const psim_dims any = PSIM_DIM_BIT(PSIM_N_DIMS) - 1;
    struct psim_quantity quantity;
    enum psim_dim dim;
    if (psim_quantity_parse(text, any, NULL, &quantity, &dim) != PSIM_QUANTITY_OK) {
        return false;
    }
    *ret = quantity.value;
    return true;
}

/** "1 TB/s..8 TB/s": doubled as long as it does not pass the end. */
static bool
read_range(struct psim_arena *arena, struct psim_diag *diag, const char *text,
           const char *dots, const char **texts, size_t *ret_n)
{
    const char *from = psim_arena_copy(arena, text, (size_t)(dots - text));
    double number, first, last;
    const char *unit = psim_str_number(from, &number);
    if (unit == from || !read_value(from, &first) || !read_value(dots + 2, &last) ||
        first <= 0 || last < first) {
        return psim_error(
            diag, nowhere,
            "--sweep: '%s' is no range; two numbers above 0 with the same "
            "unit, the larger one last, are needed",
            psim_str_excerpt(arena, text));
    }
    for (*ret_n = 0; first <= last; first *= 2, number *= 2) {
        if (*ret_n == PSIM_SWEEP_MOST) break;
        texts[(*ret_n)++] =
            psim_arena_printf(arena, "%s%s", psim_number_print(arena, number), unit);
    }
    return true;
}

/** The values as numbers, or as words. @return false: numbers that do not grow */
static bool
number_them(struct psim_arena *arena, struct psim_diag *diag, struct psim_sweep *ret)
{
    double *values = PSIM_NEW_N(arena, double, ret->n);
    ret->values = values;
    for (size_t i = 0; i < ret->n && !ret->words; i++) {
        ret->words = !read_value(ret->texts[i], &values[i]);
    }
    for (size_t i = 0; i < ret->n; i++) {
        if (ret->words) {
            values[i] = (double)i;
        } else if (i > 0 && values[i] <= values[i - 1]) {
            return psim_error(diag, nowhere,
                              "--sweep: '%s' is not above '%s'; values that grow are "
                              "needed",
                              psim_str_excerpt(arena, ret->texts[i]),
                              psim_str_excerpt(arena, ret->texts[i - 1]));
        }
    }
    return true;
}

bool
psim_sweep_read(struct psim_arena *arena, struct psim_diag *diag, const char *text,
                struct psim_sweep *ret)
{
    *ret = (struct psim_sweep){0};
    const char *equals = strchr(text, '=');
    if (!equals || equals[1] == '\0') return wrong(diag, text);
    if (!read_keys(arena, diag, text, (size_t)(equals - text), ret)) return false;
    const char *values = equals + 1, *dots = strstr(values, "..");
    const char **texts = PSIM_NEW_N(arena, const char *, PSIM_SWEEP_MOST + 1);
    ret->texts = texts;
    if (dots) {
        if (!read_range(arena, diag, values, dots, texts, &ret->n)) return false;
    } else {
        ret->n = split(arena, values, strlen(values), texts, PSIM_SWEEP_MOST + 1);
        if (ret->n > PSIM_SWEEP_MOST) {
            return psim_error(diag, nowhere, "--sweep: more than %d values",
                              PSIM_SWEEP_MOST);
        }
        for (size_t i = 0; i < ret->n; i++) {
            if (*texts[i] == '\0') return wrong(diag, text);
        }
    }
    return number_them(arena, diag, ret);
}

bool
psim_sweep_of_machine(const char *key)
{
    const size_t len = strcspn(key, ".");
    for (const struct psim_field *field = psim_hw_fields; field->key; field++) {
        if (strlen(field->key) == len && strncmp(field->key, key, len) == 0)
            return true;
    }
    return false;
}

struct psim_arguments
psim_sweep_arguments(struct psim_arena *arena, const struct psim_sweep *sweep,
                     const struct psim_arguments *arguments, size_t at)
{
    struct psim_arguments ret = *arguments;
    const size_t n_sets = arguments->n_sets, n_with = arguments->n_with;
    ret.sets = PSIM_NEW_N(arena, const char *, n_sets + sweep->n_keys + 1);
    ret.with = PSIM_NEW_N(arena, const char *, n_with + sweep->n_keys + 1);
    for (size_t i = 0; i < n_sets; i++) {
        ret.sets[i] = arguments->sets[i];
    }
    for (size_t i = 0; i < n_with; i++) {
        ret.with[i] = arguments->with[i];
    }
    for (size_t i = 0; i < sweep->n_keys; i++) {
        const char *key = sweep->keys[i];
        const char *word = psim_arena_printf(arena, "%s=%s", key, sweep->texts[at]);
        if (psim_sweep_of_machine(key)) {
            ret.sets[ret.n_sets++] = word;
        } else {
            ret.with[ret.n_with++] = word;
        }
    }
    return ret;
}
