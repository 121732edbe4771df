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

static void
print_text(const char *text, FILE *out)
{
    const size_t len = strlen(text);
    size_t pos = 0;
    int width;
    for (int n = 0; n < MESSAGE_CHARS && pos < len; n++) {
        pos += psim_str_put(text + pos, len - pos, out, &width);
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
            pos += psim_str_put(w.text + pos, w.end - pos, out, &width);
        }
    }
    fprintf(out, "%s\n%*s | %s", pos < w.end ? "..." : "", gutter, "",
            cut_left ? "   " : "");

    /* The same tabs and widths again, so that the caret stands under its word. */
    for (pos = w.from; pos < w.caret;) {
        int width = 0;
        const bool tab = w.text[pos] == '\t';
        pos += psim_str_put(w.text + pos, w.caret - pos, NULL, &width);
        print_padding(tab ? 1 : width, tab ? '\t' : ' ', out);
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
