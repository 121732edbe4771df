/* SPDX-License-Identifier: MIT */
/** @file The text form of a plan, word by word: what all its statements read. */
#include "plan/plan_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

void
psim_reader_fail(struct psim_reader *r, const char *what)
{
    const size_t at = r->w.at > 0 ? r->w.at - 1 : 0;
    const struct psim_loc loc = {r->source, r->w.line, r->w.column[at]};
    r->ok = psim_error(r->diag, loc, "plan: %s is needed here", what);
}

const char *
psim_next_word(struct psim_reader *r, const char *what)
{
    if (r->w.at < r->w.n) return r->w.text[r->w.at++];
    psim_reader_fail(r, what);
    return "";
}

bool
psim_accept(struct psim_reader *r, const char *word)
{
    if (r->w.at >= r->w.n || !psim_str_equal(r->w.text[r->w.at], word)) return false;
    r->w.at++;
    return true;
}

double
psim_next_number(struct psim_reader *r)
{
    double value = 0;
    const char *word = psim_next_word(r, "a number");
    const char *end = psim_str_number(word, &value);
    if (*word && (end == word || *end)) psim_reader_fail(r, "a number");
    return value;
}

int64_t
psim_next_whole(struct psim_reader *r)
{
    const char *word = psim_next_word(r, "a whole number");
    char *end;
    errno = 0;
    const long long value = strtoll(word, &end, 10);
    if (*word && (*end || errno != 0)) psim_reader_fail(r, "a whole number");
    return value;
}

uint64_t
psim_next_count(struct psim_reader *r, uint64_t most)
{
    const int64_t value = psim_next_whole(r);
    if (value >= 0 && (uint64_t)value <= most) return (uint64_t)value;
    const char *what = psim_arena_printf(r->arena, "a number from 0 to %llu",
                                         (unsigned long long)most);
    psim_reader_fail(r, what);
    return 0;
}

bool
psim_has_room(struct psim_reader *r, size_t n, size_t most)
{
    if (n < most) return true;
    psim_reader_fail(
        r, psim_arena_printf(r->arena, "a plan with at most %zu of these", most));
    return false;
}

/** Place of a name in a table whose entries start with theirs; n: nowhere. */
static size_t
place_of(const char *word, const void *table, size_t size, size_t n)
{
    size_t i = 0;
    for (; i < n; i++) {
        const void *entry = (const char *)table + i * size;
        if (psim_str_equal(*(const char *const *)entry, word)) break;
    }
    return i;
}

const char *
psim_new_name(struct psim_reader *r, const void *table, size_t size, size_t n)
{
    const char *word = psim_next_word(r, "a name");
    if (place_of(word, table, size, n) < n) {
        psim_reader_fail(r, "a name not given above");
    }
    return word;
}

uint32_t
psim_index_of(struct psim_reader *r, const char *word, const void *table, size_t size,
              size_t n)
{
    const size_t place = place_of(word, table, size, n);
    if (place < n) return (uint32_t)place;
    if (*word) psim_reader_fail(r, "a name given above");
    return 0;
}

const char *
psim_next_line(struct psim_reader *r, const char *line)
{
    struct psim_words *w = &r->w;
    w->n = w->at = 0;
    w->line++;
    const char *at = line;
    while (*at && *at != '\n' && *at != '#') {
        const size_t blank = strspn(at, " ");
        at += blank;
        size_t len = strcspn(at, " ,\n#");
        if (len == 0 && *at == ',') len = 1;
        if (len == 0) break;
        if (w->n == PSIM_READER_WORDS) {
            w->at = w->n;
            psim_reader_fail(r, "the end of the line");
            break;
        }
        w->column[w->n] = (unsigned)(at - line) + 1;
        w->text[w->n++] = psim_arena_copy(r->arena, at, len);
        at += len;
    }
    at += strcspn(at, "\n");
    return *at ? at + 1 : at;
}
