/* SPDX-License-Identifier: MIT */
/**
 * @file JSON's syntax, held strictly, because YAML accepts more.
 *
 *     value  = map | list | text | number | "true" | "false" | "null"
 *     map    = "{" [ text ":" value { "," text ":" value } ] "}"
 *     list   = "[" [ value { "," value } ] "]"
 *
 * RFC 8259 with two limits of the reader behind it: depth, and a key stands on one
 * line with its colon.
 */
#include "input/json_strict.h"

#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** What may come next. */
enum expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /**< behind '[' */
    EXPECT_KEY,
    EXPECT_KEY_OR_END, /**< behind '{' */
    EXPECT_COMMA_OR_END,
    EXPECT_NOTHING,
};

struct checker {
    struct psim_diag *diag;
    const struct psim_source *source;
    const char *pos, *end;
    const char *open[PSIM_READ_MAX_DEPTH]; /**< the brackets that are still open */
    int depth;
};

static struct psim_loc
loc_at(const struct checker *c, const char *pos)
{
    return psim_source_at(c->source, (size_t)(pos - c->source->text));
}

/** Counts from the start of the text, so only for what is about to be reported. */
static struct psim_loc
here(const struct checker *c)
{
    return loc_at(c, c->pos);
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_space(struct checker *c)
{
    while (c->pos < c->end && is_space(*c->pos)) {
        c->pos++;
    }
}

/** The next byte; a zero, which no value holds, at the end. */
static char
peek(const struct checker *c, size_t ahead)
{
    if ((size_t)(c->end - c->pos) <= ahead) return '\0';
    return c->pos[ahead];
}

/** "\n" and the like, behind the backslash. */
static bool
check_escape(struct checker *c)
{
    const char kind = peek(c, 1);
    if (kind == 'u') {
        for (size_t i = 2; i < 6; i++) {
            const char digit = peek(c, i);
            const bool hex = is_digit(digit) || (digit >= 'a' && digit <= 'f') ||
                             (digit >= 'A' && digit <= 'F');
            if (!hex) {
                return psim_error(
                    c->diag, here(c),
                    "'\\u' needs four hexadecimal digits, as in '\\u00b5'");
            }
        }
        c->pos += 6;
        return true;
    }
    if (kind == '\0' || !strchr("\"\\/bfnrt", kind)) {
        return psim_error(c->diag, here(c),
                          "unknown escape; a '\\' in a text is written '\\\\'");
    }
    c->pos += 2;
    return true;
}

static bool
check_text(struct checker *c)
{
    const char *quote = c->pos++;
    for (;;) {
        const char byte = peek(c, 0);
        if (c->pos == c->end || byte == '\n' || byte == '\r') {
            return psim_error(c->diag, loc_at(c, quote),
                              "this quote is not closed; a text ends on its line");
        }
        if (byte == '"') break;
        if ((unsigned char)byte < ' ') {
            return psim_error(c->diag, here(c),
                              "a control character in a text; an escape is needed, "
                              "as '\\t' for a tab");
        }
        if (byte != '\\') {
            c->pos++;
        } else if (!check_escape(c)) {
            return false;
        }
    }
    c->pos++;
    return true;
}

static size_t
skip_digits(struct checker *c)
{
    const char *first = c->pos;
    while (is_digit(peek(c, 0))) {
        c->pos++;
    }
    return (size_t)(c->pos - first);
}

/** At a digit, or at what other formats let a number begin with. */
static bool
check_number(struct checker *c)
{
    const char *number = c->pos;
    if (peek(c, 0) == '-') c->pos++;
    const char first = peek(c, 0);
    const size_t whole = skip_digits(c);
    bool ok = whole == 1 || (whole > 1 && first != '0');
    if (ok && peek(c, 0) == '.') {
        c->pos++;
        ok = skip_digits(c) > 0;
    }
    if (ok && (peek(c, 0) == 'e' || peek(c, 0) == 'E')) {
        c->pos++;
        if (peek(c, 0) == '+' || peek(c, 0) == '-') c->pos++;
        ok = skip_digits(c) > 0;
    }
    if (ok && !is_word(peek(c, 0)) && peek(c, 0) != '.') return true;
    return psim_error(c->diag, loc_at(c, number),
                      "not a number of JSON; digits as in 12, -0.5 or 1e6 are needed, "
                      "and a unit needs quotes");
}

static bool
bad_word(struct checker *c, const char *word, size_t len, const char *const *words)
{
    struct psim_arena *arena = c->diag->arena;
    const struct psim_loc at = loc_at(c, word);
    const char *typed = psim_str_excerpt(arena, psim_arena_copy(arena, word, len));
    struct psim_guess guess = psim_guess_start(typed);
    for (; *words; words++) {
        psim_guess_try(&guess, *words);
    }
    psim_error(c->diag, at, "'%s' is not a value of JSON; a text needs double quotes",
               typed);
    if (guess.best) psim_note(c->diag, at, "did you mean '%s'?", guess.best);
    return false;
}

/** true, false, null, or what was meant by another word. */
static bool
check_word(struct checker *c)
{
    static const char *const words[] = {"true", "false", "null", NULL};
    const char *word = c->pos;
    while (is_word(peek(c, 0))) {
        c->pos++;
    }
    const size_t len = (size_t)(c->pos - word);
    for (size_t i = 0; words[i]; i++) {
        if (strlen(words[i]) == len && memcmp(word, words[i], len) == 0) return true;
    }
    return bad_word(c, word, len, words);
}

/** What people write that JSON lacks, with words of its own. */
static bool
check_foreign(struct checker *c, const char *needed)
{
    const char next = peek(c, 0);
    if (next == '#' || (next == '/' && (peek(c, 1) == '/' || peek(c, 1) == '*'))) {
        return psim_error(c->diag, here(c), "JSON has no comments; %s is needed",
                          needed);
    }
    if (next == '\'') {
        return psim_error(c->diag, here(c),
                          "a single quote; JSON's texts stand in double quotes");
    }
    return psim_error(c->diag, here(c), "%s is needed here", needed);
}

static bool
open_bracket(struct checker *c, enum expect *ret)
{
    if (c->depth == PSIM_READ_MAX_DEPTH) {
        return psim_error(c->diag, here(c), "nested deeper than %d levels",
                          PSIM_READ_MAX_DEPTH);
    }
    *ret = *c->pos == '{' ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
    c->open[c->depth++] = c->pos++;
    return true;
}

static char
closing(const struct checker *c)
{
    if (c->depth == 0) return '\0';
    return *c->open[c->depth - 1] == '{' ? '}' : ']';
}

static void
close_bracket(struct checker *c, enum expect *ret)
{
    c->pos++;
    c->depth--;
    *ret = c->depth > 0 ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
}

static bool
check_value(struct checker *c, enum expect *expect)
{
    const char next = peek(c, 0);
    if (next == '{' || next == '[') return open_bracket(c, expect);
    if (next == closing(c) && *expect == EXPECT_VALUE_OR_END) {
        close_bracket(c, expect);
        return true;
    }
    *expect = c->depth > 0 ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
    if (next == '"') return check_text(c);
    if (is_digit(next) || (next != '\0' && strchr("+-.", next))) return check_number(c);
    if (is_word(next)) return check_word(c);
    return check_foreign(c, "a value");
}

/** Whether a key with its quotes and blanks has more characters than is allowed. */
static bool
is_too_long(const char *key, const char *end)
{
    if (end - key <= PSIM_READ_MAX_KEY + 2) return false;
    size_t chars = 0;
    for (; key < end; key++) {
        chars += ((unsigned char)*key & 0xC0u) != 0x80u;
    }
    return chars > PSIM_READ_MAX_KEY + 2;
}

/** "key": with nothing but blanks before the colon, where the reader looks for it. */
static bool
check_key(struct checker *c, enum expect *expect)
{
    if (peek(c, 0) == '}' && *expect == EXPECT_KEY_OR_END) {
        close_bracket(c, expect);
        return true;
    }
    if (peek(c, 0) != '"') return check_foreign(c, "a key in double quotes");
    const char *key = c->pos;
    if (!check_text(c)) return false;
    while (peek(c, 0) == ' ' || peek(c, 0) == '\t') {
        c->pos++;
    }
    if (is_too_long(key, c->pos)) {
        return psim_error(c->diag, loc_at(c, key), "a key of more than %d characters",
                          PSIM_READ_MAX_KEY);
    }
    if (peek(c, 0) != ':') {
        return psim_error(c->diag, here(c), "a ':' is needed on the line of its key");
    }
    c->pos++;
    *expect = EXPECT_VALUE;
    return true;
}

static bool
check_comma(struct checker *c, enum expect *expect)
{
    const bool in_map = closing(c) == '}';
    if (peek(c, 0) == closing(c)) {
        close_bracket(c, expect);
        return true;
    }
    if (peek(c, 0) != ',') {
        return check_foreign(c, in_map ? "a ',' or '}'" : "a ',' or ']'");
    }
    const char *comma = c->pos++;
    skip_space(c);
    if (c->pos < c->end && *c->pos == closing(c)) {
        return psim_error(c->diag, loc_at(c, comma),
                          "nothing follows this comma; remove it");
    }
    *expect = in_map ? EXPECT_KEY : EXPECT_VALUE;
    return true;
}

static bool
ends_early(const struct checker *c)
{
    if (c->depth == 0) {
        const struct psim_loc file = {.source = c->source};
        return psim_error(c->diag, file, "the file is empty");
    }
    const char *bracket = c->open[c->depth - 1];
    return psim_error(c->diag, loc_at(c, bracket), "this '%c' is not closed", *bracket);
}

bool
psim_json_is_named(const char *name)
{
    const size_t len = strlen(name);
    return len >= 5 && psim_str_equal(name + len - 5, ".json");
}

bool
psim_json_check(struct psim_diag *diag, const struct psim_source *source)
{
    struct checker c = {
        .diag = diag,
        .source = source,
        .pos = source->text,
        .end = source->text + source->len,
    };
    enum expect expect = EXPECT_VALUE;
    for (;;) {
        bool ok = false;
        skip_space(&c);
        if (expect == EXPECT_NOTHING) break;
        if (c.pos == c.end) return ends_early(&c);
        switch (expect) {
        case EXPECT_VALUE:
        case EXPECT_VALUE_OR_END:
            ok = check_value(&c, &expect);
            break;
        case EXPECT_KEY:
        case EXPECT_KEY_OR_END:
            ok = check_key(&c, &expect);
            break;
        case EXPECT_COMMA_OR_END:
            ok = check_comma(&c, &expect);
            break;
        case EXPECT_NOTHING:
            break;
        }
        if (!ok) return false;
    }
    if (c.pos == c.end) return true;
    return psim_error(diag, here(&c),
                      "text behind the end of the value; a file holds "
                      "one value");
}
