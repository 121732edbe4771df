/* SPDX-License-Identifier: MIT */
/** @file gnuplot as a printer: quoting, numbers, the head of a script. */
#include "report/gnuplot.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "util/arena.h"
#include "util/quantity.h"
#include "util/str.h"

/* The font of the default point size; each label has a size of its own. */
#define FONT      "Arial"
#define FONT_SIZE "12"

/* Text of the cairo terminals is in points of 1/72 inch on a picture of 96 dots an
 * inch, their lines are half as wide as asked for in a PDF, their points 3 pixels
 * large; SVG has 0.375 of the font's size. Found out by drawing them. */
const struct psim_terminal psim_terminals[] = {
    {".png", "pngcairo", 1, "", "fontscale 0.75", 3},
    {".svg", "svg", 1, "", "dynamic", 4.5},
    {".pdf", "pdfcairo", 72, "in", "fontscale 0.75 linewidth 2", 3},
    {0},
};

const struct psim_terminal *
psim_terminal_of(const char *path)
{
    const size_t len = strlen(path);
    for (const struct psim_terminal *t = psim_terminals; t->name; t++) {
        const size_t n = strlen(t->ending);
        if (len > n && psim_str_equal(path + len - n, t->ending)) return t;
    }
    return NULL;
}

/** U+FFFE and U+FFFF are characters that no XML holds. */
static bool
is_no_character(uint32_t code)
{
    return (code & 0xFFFEu) == 0xFFFEu;
}

enum { QUOTE_BYTES = 3 };

/** U+2018 where a word begins, else U+2019. */
static const char *
book_quote(const char *text, size_t at)
{
    const bool opens = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
    return opens ? "\xE2\x80\x98" : "\xE2\x80\x99";
}

const char *
psim_gnuplot_quote(struct psim_arena *arena, const char *text)
{
    const size_t len = strlen(text);
    char *quoted = PSIM_NEW_N(arena, char, QUOTE_BYTES *len + 3);
    size_t n = 0;
    quoted[n++] = '\'';
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t bytes = psim_str_utf8(text + at, len - at, &code);
        if (bytes == 0 || psim_str_is_control(code) || is_no_character(code)) {
            quoted[n++] = '?';
            at += bytes == 0 ? 1 : bytes;
            continue;
        }
        if (code == '\'') {
            memcpy(quoted + n, book_quote(text, at), QUOTE_BYTES);
            n += QUOTE_BYTES;
            at++;
            continue;
        }
        if (code == '>' && at > 1 && text[at - 1] == ']' && text[at - 2] == ']') {
            quoted[n++] = ' '; /* XML has no "]]>" in a text, and gnuplot leaves it */
        }
        while (bytes-- > 0) {
            quoted[n++] = text[at++];
        }
    }
    quoted[n] = '\'';
    return quoted;
}

void
psim_gnuplot_number(struct psim_arena *arena, FILE *out, double value)
{
    const char *text = psim_number_print(arena, value);
    fputs(text, out);
    /* What is written as a whole number is one of 64 bits to gnuplot. */
    if (fabs(value) >= 1e18 && !strpbrk(text, ".e")) fputs(".0", out);
}

void
psim_gnuplot_colour(FILE *out, uint32_t rgb)
{
    fprintf(out, "'#%06x'", rgb & 0xFFFFFFu);
}

static void
put_size(struct psim_arena *arena, FILE *out, const struct psim_terminal *terminal,
         double px)
{
    psim_gnuplot_number(arena, out, px / terminal->size_unit);
    fputs(terminal->unit, out);
}

void
psim_gnuplot_head(struct psim_arena *arena, FILE *out,
                  const struct psim_terminal *terminal, double width_px,
                  double height_px, uint32_t background)
{
    fputs("# Drawn by: gnuplot -d THIS_FILE > PICTURE\n"
          "set encoding utf8\n",
          out);
    fprintf(out, "set terminal %s size ", terminal->name);
    put_size(arena, out, terminal, width_px);
    fputs(",", out);
    put_size(arena, out, terminal, height_px);
    fprintf(out, " noenhanced font '%s,%s' %s background rgb ", FONT, FONT_SIZE,
            terminal->scales);
    psim_gnuplot_colour(out, background);
    fputs("\nunset key\nunset title\n", out);
}
