/* SPDX-License-Identifier: MIT */
/** @file Which records of a measurement file are compared, and with what machine. */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "compare/measured.h"
#include "util/arena.h"
#include "util/str.h"

static bool
is_wanted(const struct psim_record *record, const char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fnmatch(patterns[i], record->id, 0) == 0) return true;
    }
    return false;
}

const struct psim_measured *
psim_measured_only(struct psim_arena *arena, const struct psim_measured *measured,
                   const char *const *patterns, size_t n_patterns)
{
    struct psim_measured *only = PSIM_NEW(arena, struct psim_measured);
    *only = *measured;
    only->n_records = 0;
    only->records = PSIM_NEW_N(arena, struct psim_record, measured->n_records + 1);
    for (size_t i = 0; i < measured->n_records; i++) {
        const struct psim_record *record = &measured->records[i];
        if (!is_wanted(record, patterns, n_patterns)) continue;
        only->records[only->n_records++] = *record;
    }
    return only;
}

/** The first word with a digit in it; NULL where there is none. */
static const char *
model_of(struct psim_arena *arena, const char *device)
{
    for (const char *at = device; *at;) {
        size_t len = 0;
        bool digit = false;
        for (; isalnum((unsigned char)at[len]); len++) {
            digit |= isdigit((unsigned char)at[len]) != 0;
        }
        if (digit) return psim_arena_copy(arena, at, len);
        at += len > 0 ? len : 1;
    }
    return NULL;
}

static bool
mentions(const char *names, const char *model)
{
    const size_t len = strlen(model);
    for (; *names; names++) {
        if (strncasecmp(names, model, len) == 0) return true;
    }
    return false;
}

void
psim_measured_check_device(struct psim_diag *diag, const struct psim_measured *measured,
                           const struct psim_hw *hw)
{
    const char *model = model_of(diag->arena, measured->device);
    /* A machine without a number in its name may be any. */
    const char *names = psim_arena_printf(diag->arena, "%s %s", hw->name, hw->title);
    if (!model || !model_of(diag->arena, names)) return;
    if (mentions(names, model)) return;
    psim_warning(diag, measured->device_at,
                 "device: '%s' was measured, '%s' is predicted: another machine, it "
                 "seems",
                 psim_str_excerpt(diag->arena, measured->device),
                 psim_str_excerpt(diag->arena, hw->title));
}
