/* SPDX-License-Identifier: MIT */
/** @file Reasons: made part by part, checked from the leaves up. */
#include "explain/reason.h"

#include <math.h>
#include <string.h>

#include "explain/formula.h"
#include "explain/seen.h"
#include "util/arena.h"

const char *
psim_reason_kind_name(enum psim_reason_kind kind)
{
    static const char *const names[PSIM_N_REASON_KINDS] = {
        [PSIM_REASON_FORMULA] = "formula", [PSIM_REASON_FIGURE] = "figure",
        [PSIM_REASON_COUNTED] = "counted", [PSIM_REASON_FOUND] = "found",
        [PSIM_REASON_RULE] = "rule",       [PSIM_REASON_LIST] = "list",
    };
    return names[kind];
}

struct psim_reason *
psim_reason_new(struct psim_arena *arena, enum psim_reason_kind kind, const char *name,
                double value, enum psim_dim dim)
{
    struct psim_reason *reason = PSIM_NEW(arena, struct psim_reason);
    *reason =
        (struct psim_reason){.kind = kind, .name = name, .value = value, .dim = dim};
    return reason;
}

void
psim_reason_add(struct psim_arena *arena, struct psim_reason *reason,
                const struct psim_reason *part)
{
    if (!part) return;
    if (reason->n_parts == reason->room) {
        const size_t room = reason->room ? 2 * reason->room : 4;
        const struct psim_reason **more =
            PSIM_NEW_N(arena, const struct psim_reason *, room);
        for (size_t i = 0; i < reason->n_parts; i++) {
            more[i] = reason->parts[i];
        }
        reason->parts = more;
        reason->room = room;
    }
    reason->parts[reason->n_parts++] = part;
}

static void
append(struct psim_arena *arena, struct psim_reason *reason,
       const struct psim_reason *part, const char *operator, const char * first)
{
    if (!part) return;
    const char *before = reason->formula ? reason->formula : first;
    reason->formula = psim_arena_printf(arena, "%s%s$%zu", before,
                                        *before ? operator : "", reason->n_parts);
    psim_reason_add(arena, reason, part);
}

void
psim_reason_times(struct psim_arena *arena, struct psim_reason *reason,
                  const struct psim_reason *part)
{
    append(arena, reason, part, " x ", "");
}

void
psim_reason_over(struct psim_arena *arena, struct psim_reason *reason,
                 const struct psim_reason *part)
{
    append(arena, reason, part, " / ", "1");
}

double
psim_reason_evaluate(const struct psim_reason *reason)
{
    if (reason->kind != PSIM_REASON_FORMULA) return reason->value;
    return psim_formula_evaluate(reason);
}

const char *
psim_reason_value(struct psim_arena *arena, const struct psim_reason *reason)
{
    enum { DIGITS = 4 };
    static const double whole = 1e15; /* numbers are exact below it */
    const double value = reason->value;
    if (reason->percent) return psim_arena_printf(arena, "%.1f %%", 100 * value);
    if (reason->dim == PSIM_DIM_NONE && value == floor(value) && fabs(value) < whole) {
        return psim_number_print(arena, value);
    }
    return psim_quantity_print(arena, value, reason->dim, DIGITS);
}

/** The largest number that the value is made of: what rounding is measured by. */
static double
scale_of(const struct psim_reason *reason)
{
    double scale = fabs(reason->value);
    for (size_t i = 0; i < reason->n_parts; i++) {
        if (reason->parts[i]->dim != reason->dim) continue;
        scale = fmax(scale, fabs(reason->parts[i]->value));
    }
    return scale;
}

static const struct psim_reason *
find_fault(struct psim_seen *seen, const struct psim_reason *reason, double tolerance)
{
    bool is_new;
    (void)psim_seen_number(seen, reason, &is_new);
    if (!is_new) return NULL;
    for (size_t i = 0; i < reason->n_parts; i++) {
        const struct psim_reason *fault = find_fault(seen, reason->parts[i], tolerance);
        if (fault) return fault;
    }
    const double off = fabs(psim_reason_evaluate(reason) - reason->value);
    return off <= tolerance * scale_of(reason) ? NULL : reason;
}

const struct psim_reason *
psim_reason_fault(const struct psim_reason *reason, double tolerance)
{
    struct psim_arena scratch = {0};
    struct psim_seen seen = {.arena = &scratch};
    const struct psim_reason *fault = find_fault(&seen, reason, tolerance);
    psim_arena_free(&scratch);
    return fault;
}
