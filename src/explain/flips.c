/* SPDX-License-Identifier: MIT */
/** @file What would change the verdict, by predictions (docs/MODEL.md, eq. D3). */
#include "explain/flips.h"

#include <math.h>

#include "util/arena.h"

/** A search of one knob. */
struct search {
    struct psim_arena *arena;
    const struct psim_knob_case *at;
    const struct psim_turner *turner;
    const struct psim_knob *knob;
    enum psim_verdict_kind now; /**< without any turn */
};

/** Predict a turn. @return whether the verdict is another one */
static bool
turns_over(const struct search *s, const struct psim_turn *turn, struct psim_flip *ret)
{
    struct psim_arena scratch = {0};
    struct psim_turned turned = {.knob = s->knob, .turn = *turn};
    psim_turned_predict(&scratch, s->turner, &turned, 1);
    const struct psim_result *result = turned.result;
    if (result) {
        ret->turn = *turn;
        ret->verdict = psim_verdict_of_run(result).kind;
        ret->time_s = result->time_s;
    }
    const bool over = result && ret->verdict != s->now;
    psim_arena_free(&scratch);
    return over;
}

/** The same of a factor; false as well where there is no such turn. */
static bool
scale_turns_over(const struct search *s, double factor, struct psim_flip *ret)
{
    struct psim_turn turn;
    if (!s->knob->scale(s->arena, s->at, factor, &turn)) return false;
    return turns_over(s, &turn, ret);
}

/** Between a factor that leaves the verdict and one that does not. */
static void
bisect(const struct search *s, double stays, double changes, struct psim_flip *ret)
{
    static const double close = 1.01;
    while (fmax(stays / changes, changes / stays) > close) {
        const double middle = sqrt(stays * changes);
        struct psim_flip tried = {.knob = s->knob};
        if (scale_turns_over(s, middle, &tried)) {
            changes = middle;
            *ret = tried;
            ret->found = true;
        } else {
            stays = middle;
        }
    }
}

/** A verdict may turn back in between: what a little less changes already is less. */
static void
look_before(const struct search *s, double before, struct psim_flip *ret)
{
    static const double little = 1.02;
    enum { MOST = 8 };
    for (int i = 0; i < MOST; i++) {
        const double factor = ret->turn.factor;
        const double nearer = factor > 1 ? factor / little : factor * little;
        const bool passed = factor > 1 ? nearer <= before : nearer >= before;
        struct psim_flip tried = {.knob = s->knob};
        if (passed || !scale_turns_over(s, nearer, &tried) ||
            tried.turn.factor == factor) {
            return;
        }
        tried.found = true;
        *ret = tried;
        bisect(s, before, nearer, ret);
    }
}

/** Away from 1 by steps until the verdict changes. @return the distance, as a factor */
static double
walk(const struct search *s, double step, struct psim_flip *ret)
{
    double before = 1;
    for (double factor = step;
         factor <= PSIM_FLIP_MOST && factor >= 1.0 / PSIM_FLIP_MOST; factor *= step) {
        if (scale_turns_over(s, factor, ret)) {
            ret->found = true;
            bisect(s, before, factor, ret);
            look_before(s, before, ret);
            const double reached = ret->turn.factor;
            return fmax(reached, 1 / reached);
        }
        before = factor;
    }
    return HUGE_VAL;
}

/** @return whether the knob can be turned here at all */
static bool
find_scale(const struct search *s, struct psim_flip *ret)
{
    struct psim_turn any;
    if (!s->knob->scale(s->arena, s->at, 2, &any) &&
        !s->knob->scale(s->arena, s->at, 0.5, &any)) {
        return false;
    }
    struct psim_flip up = {.knob = s->knob}, down = {.knob = s->knob};
    const double above = walk(s, 2, &up), below = walk(s, 0.5, &down);
    *ret = above <= below ? up : down;
    ret->knob = s->knob;
    ret->found = fmin(above, below) < HUGE_VAL;
    return true;
}

/** The next choice, before or behind the one that holds, that changes the verdict. */
static bool
find_choice(const struct search *s, struct psim_flip *ret)
{
    struct psim_turn turns[PSIM_MAX_CHOICES];
    const size_t n = s->knob->choices(s->arena, s->at, turns);
    size_t as_is = 0;
    while (as_is < n && !turns[as_is].as_is) {
        as_is++;
    }
    ret->knob = s->knob;
    for (size_t far = 1; far < n; far++) {
        if (as_is >= far && turns_over(s, &turns[as_is - far], ret)) ret->found = true;
        if (ret->found) break;
        if (as_is + far < n && turns_over(s, &turns[as_is + far], ret)) {
            ret->found = true;
        }
        if (ret->found) break;
    }
    return n > 1;
}

size_t
psim_flips_find(struct psim_arena *arena, const struct psim_knob_case *at,
                const struct psim_turner *turner, struct psim_flip ret[PSIM_MAX_FLIPS])
{
    static const struct psim_knob *const lists[] = {psim_knobs, psim_levers};
    struct search s = {arena, at, turner, NULL, psim_verdict_of_run(at->result).kind};
    size_t n = 0;
    for (size_t list = 0; list < PSIM_COUNT(lists); list++) {
        for (s.knob = lists[list]; s.knob->name && n < PSIM_MAX_FLIPS; s.knob++) {
            ret[n] = (struct psim_flip){.knob = s.knob};
            if (s.knob->scale ? find_scale(&s, &ret[n]) : find_choice(&s, &ret[n])) {
                ret[n++].knob = s.knob;
            }
        }
    }
    return n;
}
