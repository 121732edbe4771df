/* SPDX-License-Identifier: MIT */
/** @file Recording diagnostics: in order of place, and no more than will be shown. */
#include "util/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/** Errors of no file first, then files as they were opened, then lines. */
static bool
before(struct psim_loc a, struct psim_loc b)
{
    if (!a.source || !b.source) return !a.source && b.source;
    if (a.source->order != b.source->order) return a.source->order < b.source->order;
    if (a.line != b.line) return a.line < b.line;
    return a.column < b.column;
}

static bool
same_entry(const struct psim_diag_entry *entry, enum psim_severity severity,
           struct psim_loc at, const char *message)
{
    return entry->severity == severity && entry->at.source == at.source &&
           entry->at.line == at.line && entry->at.column == at.column &&
           psim_str_equal(entry->message, message);
}

/** How an entry came to hang in the list. */
enum kept { KEPT_NEW, KEPT_TWIN, KEPT_NOT };

/** Where a new entry belongs: behind all that are not after it. */
static struct psim_diag_entry **
find_slot(struct psim_diag *diag, enum psim_severity severity, struct psim_loc at,
          unsigned *ret_ahead)
{
    struct psim_diag_entry **slot = &diag->first;
    *ret_ahead = 0;
    while (*slot && !before(at, (*slot)->at)) {
        *ret_ahead += (*slot)->severity == severity;
        slot = &(*slot)->next;
    }
    return slot;
}

/** Cut the last entry of that severity off once there is one too many. */
static void
drop_surplus(struct psim_diag *diag, enum psim_severity severity)
{
    struct psim_diag_entry **surplus = NULL;
    unsigned n = 0;
    for (struct psim_diag_entry **e = &diag->first; *e; e = &(*e)->next) {
        if ((*e)->severity != severity) continue;
        n++;
        surplus = e;
    }
    if (n > PSIM_DIAG_SHOWN) *surplus = (*surplus)->next;
}

static enum kept __attribute__((format(printf, 4, 0)))
push(struct psim_diag *diag, enum psim_severity severity, struct psim_loc at,
     const char *fmt, va_list ap)
{
    unsigned ahead;
    struct psim_diag_entry **slot = find_slot(diag, severity, at, &ahead);
    diag->last = NULL;
    /* Before any memory is spent on it. */
    if (ahead >= PSIM_DIAG_SHOWN) return KEPT_NOT;

    const struct psim_arena_mark mark = psim_arena_mark(diag->arena);
    const char *message = psim_arena_vprintf(diag->arena, fmt, ap);
    for (struct psim_diag_entry *e = diag->first; e != *slot; e = e->next) {
        if (!same_entry(e, severity, at, message)) continue;
        psim_arena_rewind(diag->arena, mark);
        return KEPT_TWIN;
    }
    struct psim_diag_entry *entry = PSIM_NEW(diag->arena, struct psim_diag_entry);
    *entry = (struct psim_diag_entry){
        .severity = severity,
        .at = at,
        .message = message,
        .next = *slot,
    };
    *slot = entry;
    diag->last = entry;
    drop_surplus(diag, severity);
    return KEPT_NEW;
}

bool
psim_error(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const enum kept kept = push(diag, PSIM_SEVERITY_ERROR, at, fmt, ap);
    va_end(ap);
    diag->error_count += kept != KEPT_TWIN;
    diag->said++;
    return false;
}

bool
psim_diag_shows(struct psim_diag *diag, struct psim_loc at)
{
    unsigned ahead;
    (void)find_slot(diag, PSIM_SEVERITY_ERROR, at, &ahead);
    return ahead < PSIM_DIAG_SHOWN;
}

bool
psim_error_unseen(struct psim_diag *diag)
{
    diag->last = NULL;
    diag->error_count++;
    diag->said++;
    return false;
}

void
psim_warning(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const enum kept kept = push(diag, PSIM_SEVERITY_WARNING, at, fmt, ap);
    va_end(ap);
    diag->warning_count += kept != KEPT_TWIN;
}

void
psim_note(struct psim_diag *diag, struct psim_loc at, const char *fmt, ...)
{
    if (!diag->last) return;
    struct psim_diag_entry *note = PSIM_NEW(diag->arena, struct psim_diag_entry);
    va_list ap;
    va_start(ap, fmt);
    *note = (struct psim_diag_entry){
        .severity = PSIM_SEVERITY_NOTE,
        .at = at,
        .message = psim_arena_vprintf(diag->arena, fmt, ap),
    };
    va_end(ap);
    struct psim_diag_entry **slot = &diag->last->note;
    while (*slot) {
        slot = &(*slot)->next;
    }
    *slot = note;
}

void
psim_diag_clear(struct psim_diag *diag)
{
    diag->first = diag->last = NULL;
    diag->error_count = diag->warning_count = 0;
}

const struct psim_source *
psim_source_new(struct psim_diag *diag, const char *name, const char *text, size_t len)
{
    struct psim_source *source = PSIM_NEW(diag->arena, struct psim_source);
    *source = (struct psim_source){
        .name = name,
        .text = text,
        .len = len,
        .order = diag->source_count++,
    };
    return source;
}

/** Whether the byte begins a character: columns count these. */
static bool
begins_character(char c)
{
    return ((unsigned char)c & 0xC0u) != 0x80u;
}

struct psim_loc
psim_source_at(const struct psim_source *source, size_t offset)
{
    assert(offset <= source->len);
    struct psim_loc at = {.source = source, .line = 1, .column = 1};
    const char *line = source->text, *stop = source->text + offset;
    while (line < stop) {
        const char *eol = memchr(line, '\n', (size_t)(stop - line));
        if (!eol) break;
        at.line++;
        line = eol + 1;
    }
    for (; line < stop; line++) {
        at.column += begins_character(*line);
    }
    return at;
}

size_t
psim_source_offset(struct psim_loc at)
{
    assert(at.line > 0 && at.column > 0);
    const char *pos = at.source->text, *end = pos + at.source->len;
    for (unsigned n = 1; n < at.line && pos < end; n++) {
        const char *eol = memchr(pos, '\n', (size_t)(end - pos));
        pos = eol ? eol + 1 : end;
    }
    for (unsigned n = 1; n < at.column && pos < end && *pos != '\n'; n++) {
        do {
            pos++;
        } while (pos < end && !begins_character(*pos));
    }
    return (size_t)(pos - at.source->text);
}
