/* SPDX-License-Identifier: MIT */
/** @file Words: equality, guesses, quoting, one character of UTF-8. */
#include "util/str.h"

#include <string.h>

#include "util/arena.h"

/** No key, choice or name comes near it; the table of a guess stays on the stack. */
enum { MAX_WORD = 96 };

/** Longer texts are cut in messages: the line below shows the rest. */
enum { EXCERPT_CHARS = 60 };

bool
psim_str_equal(const char *a, const char *b)
{
    if (!a || !b) return a == b;
    return strcmp(a, b) == 0;
}

struct psim_guess
psim_guess_start(const char *typed)
{
    return (struct psim_guess){.typed = typed};
}

static char
lower(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return c;
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Insertions, deletions, replacements and swaps of neighbours from @p a to @p b. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][MAX_WORD + 1];
    for (size_t j = 0; j <= b_len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            const size_t replace = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(least(up[j], row[j - 1]) + 1, up[j - 1] + replace);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = least(row[j], up2[j - 2] + 1);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

void
psim_guess_try(struct psim_guess *guess, const char *word)
{
    const size_t word_len = strlen(word), near_enough = word_len / 3;
    if (word_len > MAX_WORD) return;
    /* strnlen: what was typed may be a whole file in quotes. */
    const size_t typed_len = strnlen(guess->typed, MAX_WORD + 1);
    if (typed_len > word_len + near_enough || word_len > typed_len + near_enough ||
        typed_len > MAX_WORD) {
        return;
    }
    const size_t d = distance(guess->typed, typed_len, word, word_len);
    if (d > near_enough || (guess->best && d >= guess->distance)) return;
    guess->best = word;
    guess->distance = d;
}

const char *
psim_str_article(const char *word)
{
    return *word != '\0' && strchr("aeiouAEIOU", *word) ? "an" : "a";
}

const char *
psim_str_excerpt(struct psim_arena *arena, const char *text)
{
    const char *cut = text; /* behind the last character that fits before "..." */
    size_t chars = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c & 0xC0u) == 0x80u) continue;
        if (chars == EXCERPT_CHARS - 3) cut = c;
        if (chars++ == EXCERPT_CHARS) {
            return psim_arena_printf(arena, "%.*s...", (int)(cut - text), text);
        }
    }
    return text;
}

size_t
psim_str_utf8(const char *text, size_t len, uint32_t *ret_code)
{
    /* The least code of each length: a smaller one was written too long. */
    static const uint32_t least_code[] = {0, 0, 0x80, 0x800, 0x10000};

    if (len == 0) return 0;
    const unsigned char lead = (unsigned char)text[0];
    if (lead < 0x80) {
        *ret_code = lead;
        return 1;
    }
    const size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC0 || lead >= 0xF8 || len < n) return 0;
    uint32_t code = lead & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        const unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xC0u) != 0x80u) return 0;
        code = code << 6 | (byte & 0x3Fu);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least_code[n] || code > 0x10FFFF || surrogate) return 0;
    *ret_code = code;
    return n;
}
