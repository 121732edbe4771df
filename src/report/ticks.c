/* SPDX-License-Identifier: MIT */
/** @file Which values an axis shows: powers of ten, or steps of 1, 2, 5. */
#include "report/ticks.h"

#include <math.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

enum { MAX_TICKS = 512, DIGITS = 4 };

/** Of rounding: a tick at the end of an axis is on it. */
static const double slack = 1e-9;

struct list {
    struct psim_arena *arena;
    const struct psim_scale *scale;
    struct psim_tick *ticks;
    size_t n;
};

const char *
psim_tick_text(struct psim_arena *arena, const struct psim_scale *scale, double value)
{
    if (scale->percent) {
        return psim_arena_printf(
            arena, "%s %%",
            psim_quantity_print(arena, value * 100, PSIM_DIM_NONE, DIGITS));
    }
    if (value == 0) return "0";
    const char *text = psim_quantity_print(arena, value, scale->dim, DIGITS);
    const char *unit = psim_dim_unit(scale->dim);
    size_t len = strlen(text);
    const size_t unit_len = strlen(unit);
    if (len > unit_len && psim_str_equal(text + len - unit_len, unit)) len -= unit_len;
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    return psim_arena_copy(arena, text, len);
}

static void
add(struct list *list, double at, bool words)
{
    const struct psim_scale *s = list->scale;
    const double low = s->least * (s->least > 0 ? 1 - slack : 1 + slack);
    const double high = s->most * (s->most > 0 ? 1 + slack : 1 - slack);
    if (at < low || at > high || list->n == MAX_TICKS) return;
    list->ticks[list->n++] = (struct psim_tick){
        .at = at, .text = words ? psim_tick_text(list->arena, s, at) : NULL};
}

/** 10^e, correctly rounded where a power of ten is a decimal literal. */
static double
ten_to(int e)
{
    double value = 1;
    char text[16];
    (void)snprintf(text, sizeof text, "1e%d", e);
    (void)psim_str_number(text, &value);
    return value;
}

/** Digits of a decade that have words: all, 1-2-5, 1 alone, or each so many decades. */
static void
add_decades(struct list *list, size_t room)
{
    const int first = (int)floor(log10(list->scale->least) - slack);
    const int last = (int)ceil(log10(list->scale->most) + slack);
    const double span = log10(list->scale->most / list->scale->least);
    int every = 1;
    while (span / every > (double)room) {
        every++;
    }
    const bool fives = span * 3 <= (double)room, minor = span < 8 && every == 1;
    for (int e = first; e <= last; e++) {
        const double decade = ten_to(e);
        for (int digit = 1; digit <= (minor ? 9 : 1); digit++) {
            const bool shown = digit == 1 ? (e % every + every) % every == 0
                                          : fives && (digit == 2 || digit == 5);
            add(list, digit * decade, shown);
        }
    }
}

static void
add_steps(struct list *list, size_t room)
{
    const struct psim_scale *s = list->scale;
    const double rough = (s->most - s->least) / (double)room;
    const double decade = ten_to((int)floor(log10(rough)));
    const double steps[] = {1, 2, 5, 10};
    double step = decade;
    for (size_t i = 0; i < PSIM_COUNT(steps) && step < rough; i++) {
        step = steps[i] * decade;
    }
    const double first = ceil(s->least / step - slack);
    const double last = floor(s->most / step + slack);
    for (double i = first; i <= last; i++) {
        add(list, i * step, true);
    }
}

size_t
psim_ticks(struct psim_arena *arena, const struct psim_scale *scale, size_t room,
           const struct psim_tick **ret)
{
    struct list list = {.arena = arena,
                        .scale = scale,
                        .ticks = PSIM_NEW_N(arena, struct psim_tick, MAX_TICKS)};
    if (scale->log) {
        add_decades(&list, room);
    } else {
        add_steps(&list, room);
    }
    *ret = list.ticks;
    return list.n;
}
