/* SPDX-License-Identifier: MIT */
/** @file Reasons as indented text, for people. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explain/explain.h"
#include "explain/seen.h"
#include "util/str.h"

/** A part of a sum below this share is in the formula, and nowhere else. */
static const double little = 0.01;

enum { WIDTH = 96 /* of a line that has both forms of a formula */ };

struct psim_printer {
    struct psim_arena *arena;
    struct psim_seen seen;
    bool full;
};

struct psim_printer *
psim_printer_new(struct psim_arena *arena, bool full)
{
    struct psim_printer *p = PSIM_NEW(arena, struct psim_printer);
    *p = (struct psim_printer){.arena = arena, .seen = {.arena = arena}, .full = full};
    return p;
}

/** "specs/toy.yaml:15": where it stands. */
static void
put_place(FILE *out, struct psim_loc at)
{
    if (!at.source) return;
    fprintf(out, "  [%s", at.source->name);
    if (at.line > 0) fprintf(out, ":%u", at.line);
    fputc(']', out);
}

/** A figure's value as written, and who says so. */
static void
put_figure(FILE *out, const struct psim_reason *r)
{
    put_place(out, r->at);
    if (r->written) fprintf(out, " %s", r->written);
    if (r->confidence != PSIM_CONFIDENCE_UNSTATED) {
        fprintf(out, ", %s", psim_confidence_name(r->confidence));
    }
    if (r->source) fprintf(out, ": %s", r->source);
}

static void
put_head(struct psim_printer *p, FILE *out, const struct psim_reason *r, int indent)
{
    fprintf(out, "%*s%s", indent, "", r->name);
    if (r->kind != PSIM_REASON_LIST) {
        fprintf(out, " = %s", psim_reason_value(p->arena, r));
    }
    if (r->kind == PSIM_REASON_FIGURE) {
        put_figure(out, r);
    } else if (r->equation) {
        fprintf(out, "  (%s)", r->equation);
    }
    if (r->doc) fprintf(out, "  %s", r->doc);
}

static bool
is_one_of(const struct psim_reason *r, const char *formula)
{
    return r->formula && psim_str_equal(r->formula, formula);
}

/** Of candidates the one that is taken: the first of equal ones. */
static const struct psim_reason *
winner(const struct psim_reason *r)
{
    for (size_t i = 0; i < r->n_parts; i++) {
        if (r->parts[i]->value == r->value) return r->parts[i];
    }
    const struct psim_reason *best = r->n_parts > 0 ? r->parts[0] : NULL;
    for (size_t i = 1; i < r->n_parts; i++) {
        if (fabs(r->parts[i]->value - r->value) < fabs(best->value - r->value)) {
            best = r->parts[i];
        }
    }
    return best;
}

/** Whether a part is shown below the formula that names it. */
static bool
is_shown(const struct psim_printer *p, const struct psim_reason *r,
         const struct psim_reason *part)
{
    if (p->full || r->kind != PSIM_REASON_FORMULA) return true;
    if (is_one_of(r, "max") || is_one_of(r, "min")) return part == winner(r);
    if (!is_one_of(r, "sum")) return true;
    return fabs(part->value) >= little * fabs(r->value);
}

static void
put_formula(struct psim_printer *p, FILE *out, const struct psim_reason *r, int indent)
{
    if (r->kind != PSIM_REASON_FORMULA || r->n_parts == 0) return;
    const bool plain = r->n_parts == 1 && (is_one_of(r, "$0") || is_one_of(r, "sum") ||
                                           is_one_of(r, "max"));
    if (plain) return;
    const char *names = psim_reason_formula(p->arena, r, false);
    const char *values = psim_reason_formula(p->arena, r, true);
    const bool fits = (size_t)indent + strlen(names) + strlen(values) < WIDTH;
    fprintf(out, "%*s= %s", indent, "", names);
    if (!fits) fprintf(out, "\n%*s", indent - 1, "");
    fprintf(out, " = %s\n", values);
}

static void
put(struct psim_printer *p, FILE *out, const struct psim_reason *r, int indent)
{
    enum { STEP = 2 };
    bool is_new;
    (void)psim_seen_number(&p->seen, r, &is_new);
    const bool again = !is_new && r->n_parts > 0;
    /* What a count was made from is told once. */
    if (again && r->kind != PSIM_REASON_FORMULA) return;
    put_head(p, out, r, indent);
    fputs(again ? "  (as above)\n" : "\n", out);
    if (again) return;
    put_formula(p, out, r, indent + STEP);
    for (size_t i = 0; i < r->n_parts; i++) {
        if (is_shown(p, r, r->parts[i])) put(p, out, r->parts[i], indent + STEP);
    }
}

void
psim_reason_print(struct psim_printer *p, FILE *out, const struct psim_reason *reason)
{
    put(p, out, reason, 0);
}
