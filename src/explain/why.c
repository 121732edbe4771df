/* SPDX-License-Identifier: MIT */
/** @file Making reasons, each once. */
#include "explain/why.h"

#include <stdarg.h>
#include <stdint.h>

#include "util/arena.h"

static size_t
place_of(const struct psim_why *w, const void *of, uint64_t which)
{
    uint64_t hash = ((uintptr_t)of >> 3) * UINT64_C(0x9E3779B97F4A7C15) + which;
    hash = (hash ^ hash >> 31) * UINT64_C(0xBF58476D1CE4E5B9);
    size_t at = (size_t)(hash >> 17);
    for (;; at++) {
        const struct psim_why_memo *memo = &w->memos[at & (w->memo_room - 1)];
        if (!memo->reason || (memo->of == of && memo->which == which)) {
            return at & (w->memo_room - 1);
        }
    }
}

const struct psim_reason *
psim_why_known(const struct psim_why *w, const void *of, uint64_t which)
{
    return w->memo_room > 0 ? w->memos[place_of(w, of, which)].reason : NULL;
}

static void
grow(struct psim_why *w)
{
    const struct psim_why old = *w;
    w->memo_room = old.memo_room ? 2 * old.memo_room : 256;
    w->memos = PSIM_NEW_N(w->arena, struct psim_why_memo, w->memo_room);
    for (size_t i = 0; i < old.memo_room; i++) {
        const struct psim_why_memo *memo = &old.memos[i];
        if (memo->reason) w->memos[place_of(w, memo->of, memo->which)] = *memo;
    }
}

const struct psim_reason *
psim_why_keep(struct psim_why *w, const void *of, uint64_t which,
              const struct psim_reason *reason)
{
    if (!reason) return NULL;
    if (2 * (w->n_memos + 1) > w->memo_room) grow(w);
    w->memos[place_of(w, of, which)] = (struct psim_why_memo){of, which, reason};
    w->n_memos++;
    return reason;
}

struct psim_reason *
psim_why_new(struct psim_why *w, enum psim_reason_kind kind, const char *name,
             double value, enum psim_dim dim)
{
    return psim_reason_new(w->arena, kind, name, value, dim);
}

struct psim_reason *
psim_why_of(struct psim_why *w, const char *name, double value, enum psim_dim dim,
            const char *formula, ...)
{
    struct psim_reason *reason =
        psim_reason_new(w->arena, PSIM_REASON_FORMULA, name, value, dim);
    reason->formula = formula;
    va_list ap;
    va_start(ap, formula);
    for (const struct psim_reason *part;
         (part = va_arg(ap, const struct psim_reason *));) {
        psim_reason_add(w->arena, reason, part);
    }
    va_end(ap);
    return reason;
}

const struct psim_reason *
psim_why_rule(struct psim_why *w, const char *name, double value, enum psim_dim dim,
              const char *equation)
{
    struct psim_reason *rule = psim_why_new(w, PSIM_REASON_RULE, name, value, dim);
    rule->equation = equation;
    return rule;
}

const char *
psim_why_text(struct psim_why *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = psim_arena_vprintf(w->arena, fmt, ap);
    va_end(ap);
    return text;
}
