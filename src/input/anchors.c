/* SPDX-License-Identifier: MIT */
/** @file The anchors of a file: a sorted list, so that no look-up is slow. */
#include "input/anchors.h"

#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** The first that does not come before @p name. */
static size_t
lower_bound(const struct psim_anchors *anchors, const char *name)
{
    size_t first = 0, n = anchors->n;
    while (n > 0) {
        const size_t half = n / 2;
        if (strcmp(anchors->items[first + half]->name, name) < 0) {
            first += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return first;
}

struct psim_anchor *
psim_anchors_find(const struct psim_anchors *anchors, const char *name)
{
    const size_t i = lower_bound(anchors, name);
    if (i == anchors->n || !psim_str_equal(anchors->items[i]->name, name)) return NULL;
    return anchors->items[i];
}

struct psim_anchor *
psim_anchors_add(struct psim_arena *arena, struct psim_diag *diag,
                 struct psim_anchors *anchors, const char *name, struct psim_loc at)
{
    const size_t i = lower_bound(anchors, name);
    struct psim_anchor *twin = psim_anchors_find(anchors, name);
    if (twin) {
        psim_error(diag, at, "anchor '&%s' is given twice; one name for one value",
                   psim_str_excerpt(diag->arena, name));
        psim_note(diag, twin->at, "first given here");
    } else if (anchors->n == PSIM_READ_MAX_ANCHORS) {
        psim_error(diag, at, "more than %d anchors", PSIM_READ_MAX_ANCHORS);
        return NULL;
    } else {
        if (!anchors->items) {
            anchors->items =
                PSIM_NEW_N(arena, struct psim_anchor *, PSIM_READ_MAX_ANCHORS);
        }
        memmove(anchors->items + i + 1, anchors->items + i,
                (anchors->n - i) * sizeof(struct psim_anchor *));
        anchors->n++;
    }
    struct psim_anchor *anchor = PSIM_NEW(arena, struct psim_anchor);
    *anchor = (struct psim_anchor){.name = name, .at = at};
    anchors->items[i] = anchor;
    return anchor;
}

bool
psim_anchors_unknown(struct psim_diag *diag, const struct psim_anchors *anchors,
                     const char *name, struct psim_loc at)
{
    if (!psim_diag_shows(diag, at)) return psim_error_unseen(diag);
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; i < anchors->n; i++) {
        psim_guess_try(&guess, anchors->items[i]->name);
    }
    psim_error(diag, at, "alias '*%s' stands for nothing; '&%s' is needed before it",
               psim_str_excerpt(diag->arena, name),
               psim_str_excerpt(diag->arena, name));
    if (guess.best) psim_note(diag, at, "did you mean '*%s'?", guess.best);
    return false;
}
