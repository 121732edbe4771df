/* SPDX-License-Identifier: MIT */
/** @file A set of addresses; what is printed never depends on them. */
#include "explain/seen.h"

#include <stdint.h>

static size_t
place_of(const struct psim_seen *seen, const struct psim_reason *reason)
{
    size_t at = (size_t)(((uintptr_t)reason >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    for (;; at++) {
        const struct psim_reason *other = seen->item[at & (seen->room - 1)].reason;
        if (!other || other == reason) return at & (seen->room - 1);
    }
}

static void
grow(struct psim_seen *seen)
{
    const struct psim_seen old = *seen;
    seen->room = old.room ? 2 * old.room : 64;
    seen->item = psim_arena_alloc(seen->arena, seen->room, sizeof *seen->item);
    for (size_t i = 0; i < old.room; i++) {
        if (old.item[i].reason) {
            seen->item[place_of(seen, old.item[i].reason)] = old.item[i];
        }
    }
}

size_t
psim_seen_number(struct psim_seen *seen, const struct psim_reason *reason,
                 bool *ret_new)
{
    if (2 * (seen->n + 1) > seen->room) grow(seen);
    const size_t at = place_of(seen, reason);
    *ret_new = seen->item[at].reason == NULL;
    if (*ret_new) {
        seen->item[at].reason = reason;
        seen->item[at].number = ++seen->n;
    }
    return seen->item[at].number;
}
