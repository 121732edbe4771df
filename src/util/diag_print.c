/* SPDX-License-Identifier: MIT */
/** @file Printing diagnostics: message, line and caret, safe for any terminal. */
#include <stdint.h>
#include <string.h>

#include "util/diag.h"
#include "util/str.h"

/** A line of input beyond it is cut; so much is shown before the caret. */
enum { LINE_CHARS = 100, CHARS_BEFORE_CARET = 60 };

/** A message beyond it would bury the others. */
enum { MESSAGE_CHARS = 1000 };

/** Terminal colours, or empty strings. */
struct palette {
    const char *severity[3];
    const char *bold, *caret, *off;
};

static const struct palette coloured = {
    .severity = {"\033[1;31m", "\033[1;35m", "\033[1;36m"},
    .bold = "\033[1m",
    .caret = "\033[1;32m",
    .off = "\033[0m",
};
static const struct palette plain = {{"", "", ""}, "", "", ""};

struct code_range {
    uint32_t first, last;
};

static bool
in_ranges(uint32_t code, const struct code_range *ranges)
{
    while (ranges->last != 0 && code > ranges->last) {
        ranges++;
    }
    return ranges->last != 0 && code >= ranges->first;
}

/** What would move the cursor, change the terminal's state or turn the text round. */
static bool
is_control(uint32_t code)
{
    static const struct code_range ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0x200E, 0x200F}, {0x2028, 0x202E},
        {0x2066, 0x2069}, {0xFEFF, 0xFEFF}, {0, 0},
    };
    return in_ranges(code, ranges);
}

/** Columns of the terminal: 0 for accents that combine, 2 for wide scripts. */
static int
width_of(uint32_t code)
{
    static const struct code_range combining[] = {
        {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},
        {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0, 0},
    };
    static const struct code_range wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
        {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}, {0, 0},
    };
    if (in_ranges(code, combining)) return 0;
    return in_ranges(code, wide) ? 2 : 1;
}

/** One character, or '?' for what must not reach the terminal. @return its bytes */
static size_t
print_character(const char *text, size_t len, FILE *out, int *ret_width)
{
    uint32_t code = 0;
    const size_t n = psim_str_utf8(text, len, &code);
    if (n == 0 || is_control(code)) {
        fputc('?', out);
        *ret_width = 1;
        return n == 0 ? 1 : n;
    }
    fwrite(text, 1, n, out);
    *ret_width = width_of(code);
    return n;
}

static void
print_text(const char *text, FILE *out)
{
    const size_t len = strlen(text);
    size_t pos = 0;
    int width;
    for (int n = 0; n < MESSAGE_CHARS && pos < len; n++) {
        pos += print_character(text + pos, len - pos, out, &width);
    }
    if (pos < len) fputs("...", out);
}

/** What stands between the gutter and the caret. */
static void
print_padding(int width, char as, FILE *out)
{
    for (int i = 0; i < width; i++) {
        fputc(as, out);
    }
}

/** A part of a line: from the byte @p from, the caret under the byte @p caret. */
struct window {
    const char *text;
    size_t from, caret, end; /**< end: of the line */
};

static struct window
window_of(struct psim_loc at)
{
    struct psim_loc from = at;
    from.column = at.column > CHARS_BEFORE_CARET ? at.column - CHARS_BEFORE_CARET : 1;
    struct window w = {
        .text = at.source->text,
        .from = psim_source_offset(from),
        .caret = psim_source_offset(at),
    };
    const char *rest = w.text + w.caret;
    const char *eol = memchr(rest, '\n', at.source->len - w.caret);
    w.end = eol ? (size_t)(eol - w.text) : at.source->len;
    if (w.end > w.caret && w.text[w.end - 1] == '\r') w.end--;
    return w;
}

static int
digits_of(unsigned n)
{
    int digits = 1;
    while (n >= 10) {
        n /= 10;
        digits++;
    }
    return digits;
}

static void
print_line_with_caret(struct psim_loc at, const struct palette *p, FILE *out)
{
    const struct window w = window_of(at);
    const int gutter = digits_of(at.line) > 5 ? digits_of(at.line) : 5;
    const bool cut_left = at.column > CHARS_BEFORE_CARET;

    fprintf(out, "%*u |", gutter, at.line);
    if (w.from < w.end) fputs(cut_left ? " ..." : " ", out);
    size_t pos = w.from;
    int n = 0;
    while (pos < w.end && n++ < LINE_CHARS) {
        int width;
        if (w.text[pos] == '\t') {
            fputc(w.text[pos++], out);
        } else {
            pos += print_character(w.text + pos, w.end - pos, out, &width);
        }
    }
    fprintf(out, "%s\n%*s | %s", pos < w.end ? "..." : "", gutter, "",
            cut_left ? "   " : "");

    /* The same tabs and widths again, so that the caret stands under its word. */
    for (pos = w.from; pos < w.caret;) {
        uint32_t code = 0;
        const size_t bytes = psim_str_utf8(w.text + pos, w.caret - pos, &code);
        const bool shown_as_is = bytes > 0 && !is_control(code);
        if (code == '\t') {
            fputc('\t', out);
        } else {
            print_padding(shown_as_is ? width_of(code) : 1, ' ', out);
        }
        pos += bytes > 0 ? bytes : 1;
    }
    fprintf(out, "%s^%s\n", p->caret, p->off);
}

static void
print_entry(const struct psim_diag_entry *e, const struct palette *p, FILE *out)
{
    static const char *const words[] = {
        [PSIM_SEVERITY_ERROR] = "error",
        [PSIM_SEVERITY_WARNING] = "warning",
        [PSIM_SEVERITY_NOTE] = "note",
    };
    fputs(p->bold, out);
    print_text(e->at.source ? e->at.source->name : "perfsim", out);
    if (e->at.source && e->at.line > 0) {
        fprintf(out, ":%u:%u", e->at.line, e->at.column);
    }
    fprintf(out, ":%s %s%s:%s ", p->off, p->severity[e->severity], words[e->severity],
            p->off);
    print_text(e->message, out);
    fputc('\n', out);
}

static bool
has_line(const struct psim_diag_entry *e)
{
    return e->at.source && e->at.source->text && e->at.line > 0;
}

static void
print_more(unsigned n, unsigned shown, const char *what, FILE *out)
{
    if (n <= shown) return;
    fprintf(out, "... and %u more %s%s\n", n - shown, what, n - shown == 1 ? "" : "s");
}

void
psim_diag_print(const struct psim_diag *diag, FILE *out, bool colour)
{
    const struct palette *p = colour ? &coloured : &plain;
    unsigned shown[] = {[PSIM_SEVERITY_ERROR] = 0, [PSIM_SEVERITY_WARNING] = 0};
    for (const struct psim_diag_entry *e = diag->first; e; e = e->next) {
        shown[e->severity]++;
        print_entry(e, p, out);
        if (has_line(e)) print_line_with_caret(e->at, p, out);
        for (const struct psim_diag_entry *note = e->note; note; note = note->next) {
            print_entry(note, p, out);
            const bool same_line =
                note->at.source == e->at.source && note->at.line == e->at.line;
            if (has_line(note) && !same_line) {
                print_line_with_caret(note->at, p, out);
            }
        }
    }
    print_more(diag->error_count, shown[PSIM_SEVERITY_ERROR], "error", out);
    print_more(diag->warning_count, shown[PSIM_SEVERITY_WARNING], "warning", out);
}
