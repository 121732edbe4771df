/* SPDX-License-Identifier: MIT */
/** @file How wide text is: a table of the wider of two fonts that stand for most. */
#include "report/text_width.h"

#include <stdint.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/* clang-format off */
/** Of U+0020 to U+007E: advance in thousandths of the font's size, the larger one of
 * DejaVu Sans 2.37 and Liberation Sans 2.1 (which has the widths of Arial). Of the quote
 * the one that is drawn in its place, U+2019. */
static const uint16_t ascii[] = {
    318, 401, 460, 838, 637, 951, 780, 318, 391, 391, 500, 838, 318, 361, 318, 337,
    637, 637, 637, 637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 557,
    1016, 685, 687, 723, 771, 667, 611, 778, 752, 295, 500, 667, 558, 863, 749, 788,
    667, 788, 723, 667, 611, 732, 685, 989, 686, 667, 686, 391, 337, 391, 838, 557,
    500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580, 278, 975, 634, 612,
    635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
};
/* clang-format on */

/** What perfsim itself writes beyond ASCII. */
static const struct {
    uint32_t code;
    unsigned width;
} others[] = {
    {0xB5, 637}, /* micro sign */
    {0xB7, 318}, /* middle dot */
    {0xD7, 838}, /* times */
    {0xB1, 838}, /* plus or minus */
};

/* Wider than any letter of the Latin, Greek and Cyrillic scripts, but for ligatures;
 * wider than a character of a wide script. */
enum { ANY_LETTER = 1100, WIDE = 1300 };

static double
width_of(const char *text, size_t len, size_t *ret_bytes)
{
    uint32_t code = 0;
    int columns;
    *ret_bytes = psim_str_put(text, len, NULL, &columns);
    const bool known = psim_str_utf8(text, len, &code) > 0;
    if (!known || psim_str_is_control(code)) code = '?';
    if (code >= 0x20 && code < 0x20 + PSIM_COUNT(ascii)) return ascii[code - 0x20];
    for (size_t i = 0; i < PSIM_COUNT(others); i++) {
        if (others[i].code == code) return others[i].width;
    }
    return columns == 0 ? 0 : columns == 1 ? ANY_LETTER : WIDE;
}

/** How many bytes fit into a width. */
static size_t
fits(const char *text, size_t len, double font_px, double most_px)
{
    double width = 0;
    size_t at = 0;
    while (at < len) {
        size_t bytes;
        width += width_of(text + at, len - at, &bytes) * font_px / 1000;
        if (width > most_px) break;
        at += bytes;
    }
    return at;
}

double
psim_text_width_px(const char *text, double font_px)
{
    const size_t len = strlen(text);
    double width = 0;
    for (size_t at = 0; at < len;) {
        size_t bytes;
        width += width_of(text + at, len - at, &bytes);
        at += bytes;
    }
    return width * font_px / 1000;
}

const char *
psim_text_cut(struct psim_arena *arena, const char *text, double font_px,
              double most_px)
{
    static const char dots[] = "...";
    const size_t len = strlen(text);
    if (fits(text, len, font_px, most_px) == len) return text;
    size_t n = fits(text, len, font_px, most_px - psim_text_width_px(dots, font_px));
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    return psim_arena_printf(arena, "%.*s%s", (int)n, text, dots);
}

size_t
psim_text_wrap(struct psim_arena *arena, const char *text, double font_px,
               double most_px, size_t most_lines, const char **ret)
{
    size_t lines = 0;
    for (;;) {
        const size_t len = strlen(text);
        const size_t most = fits(text, len, font_px, most_px);
        size_t n = most;
        if (n == len || lines + 1 == most_lines) break;
        while (n > 0 && text[n] != ' ') {
            n--;
        }
        if (n == 0 || n < most / 4) break; /* at a word that is wider than a line */
        ret[lines++] =
            psim_text_cut(arena, psim_arena_copy(arena, text, n), font_px, most_px);
        text += n + 1;
    }
    ret[lines++] = psim_text_cut(arena, text, font_px, most_px);
    return lines;
}
