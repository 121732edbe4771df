/* SPDX-License-Identifier: MIT */
/** @file Pictures: ticks, widths of text, contrast of colours, what goes into a script.
 */
#include <math.h>

#include "check_main.h"
#include "report/figure.h"
#include "report/plots.h"
#include "report/text_width.h"

/* --- ticks ---------------------------------------------------------------------- */

/** Words of the ticks that have some, joined. */
static const char *
words_of(struct psim_arena *arena, const struct psim_scale *scale, size_t room)
{
    const struct psim_tick *ticks;
    const size_t n = psim_ticks(arena, scale, room, &ticks);
    const char *text = "";
    for (size_t i = 0; i < n; i++) {
        if (i > 0) ck_assert_double_lt(ticks[i - 1].at, ticks[i].at);
        if (!ticks[i].text) continue;
        text =
            psim_arena_printf(arena, "%s%s%s", text, *text ? "|" : "", ticks[i].text);
    }
    return text;
}

static const struct {
    struct psim_scale scale;
    size_t room;
    const char *words;
} scales[] = {
    {{.least = 1, .most = 1000, .log = true}, 4, "1|10|100|1000"},
    /* Room for three a decade: 1, 2 and 5. */
    {{.least = 1, .most = 100, .log = true}, 6, "1|2|5|10|20|50|100"},
    /* 12 decades, room for 6: every other. */
    {{.least = 1, .most = 1e12, .log = true, .dim = PSIM_DIM_FLOP_PER_S},
     6,
     "1|100|10 k|1 M|100 M|10 G|1 T"},
    {{.least = 2e-12, .most = 3e-10, .log = true, .dim = PSIM_DIM_J_PER_FLOP},
     3,
     "10 p|100 p"},
    {{.least = 0, .most = 1, .percent = true}, 5, "0 %|20 %|40 %|60 %|80 %|100 %"},
    {{.least = 0, .most = 4.7e-3, .dim = PSIM_DIM_SECONDS}, 5, "0|1 m|2 m|3 m|4 m"},
};

START_TEST(ticks_are_round)
{
    struct psim_arena arena = {0};
    ck_assert_str_eq(words_of(&arena, &scales[_i].scale, scales[_i].room),
                     scales[_i].words);
    psim_arena_free(&arena);
}
END_TEST

/* --- text ----------------------------------------------------------------------- */

START_TEST(text_is_measured_cut_and_wrapped)
{
    struct psim_arena arena = {0};
    /* 'i' is 278, 'm' 975, ' ' 318 thousandths in the wider of the two fonts. */
    ck_assert_double_eq_tol(psim_text_width_px("im i", 10), 18.49, 1e-9);
    /* Beyond ASCII no letter is taken for narrower than it is: 1.1 and 1.3. */
    ck_assert_double_eq_tol(psim_text_width_px("\xC3\x89", 10), 11, 1e-9);
    ck_assert_double_eq_tol(psim_text_width_px("\xE6\xBC\xA2", 10), 13, 1e-9);
    ck_assert_str_eq(psim_text_cut(&arena, "mmmm", 10, 39), "mmmm");
    /* Dots are 3 x 3.18 wide: beside them one 'm' of 9.75 fits into 28. */
    ck_assert_str_eq(psim_text_cut(&arena, "mmmm", 10, 28), "m...");
    const char *lines[3];
    ck_assert_uint_eq(psim_text_wrap(&arena, "mm mm mm", 10, 45, 3, lines), 2);
    ck_assert_str_eq(lines[0], "mm mm");
    ck_assert_str_eq(lines[1], "mm");
    /* The last line that there may be is cut, and so is a word that fits nowhere. */
    ck_assert_uint_eq(psim_text_wrap(&arena, "mm mm mm mm", 10, 25, 2, lines), 2);
    ck_assert_str_eq(lines[1], "m...");
    ck_assert_uint_eq(psim_text_wrap(&arena, "mmmmmm mm", 10, 30, 3, lines), 1);
    ck_assert_str_eq(lines[0], "mm...");
    psim_arena_free(&arena);
}
END_TEST

/* --- colours -------------------------------------------------------------------- */

/** Relative luminance (WCAG 2.2). */
static double
luminance(uint32_t rgb)
{
    static const double weights[] = {0.0722, 0.7152, 0.2126}; /* blue, green, red */
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        const double c = ((rgb >> 8 * i) & 0xFF) / 255.0;
        sum += weights[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double
contrast(uint32_t a, uint32_t b)
{
    const double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

START_TEST(colours_have_contrast)
{
    /* Black on white is 21 : 1 by definition. */
    ck_assert_double_eq_tol(contrast(0x000000, 0xFFFFFF), 21, 1e-9);
    for (int dark = 0; dark <= 1; dark++) {
        const struct psim_theme *theme = psim_theme(dark);
        ck_assert_double_ge(contrast(theme->ink, theme->ground), 7);
        ck_assert_double_ge(contrast(theme->quiet, theme->ground), 4.5);
        ck_assert_double_ge(contrast(theme->axis, theme->ground), 3);
        for (int i = 0; i < PSIM_THEME_COLOURS; i++) {
            ck_assert_msg(contrast(theme->series[i], theme->ground) >= 3, "%d, %d",
                          dark, i);
            ck_assert_msg(contrast(theme->text[i], theme->ground) >= 4.5, "%d, %d",
                          dark, i);
        }
    }
}
END_TEST

/* --- scripts -------------------------------------------------------------------- */

static const char *
script_of(struct psim_arena *arena, const char *title, const char *label,
          double width_px)
{
    const struct psim_figure_style style = {.width_px = width_px,
                                            .terminal = psim_terminal_of("a.svg")};
    struct psim_figure *figure = psim_figure_new(arena, &style, title, NULL);
    const struct psim_axis axis = {.scale = {.least = 1, .most = 100, .log = true}};
    psim_figure_axes(figure, &axis, &axis, 0);
    struct psim_series *marks = psim_figure_series(
        figure, &(struct psim_series){.kind = PSIM_SERIES_MARKS, .colour = 0xFF8000});
    psim_series_mark(figure, marks, 10, 10, 4.5);
    psim_figure_label(figure, &(struct psim_label){.kind = PSIM_LABEL_POINT,
                                                   .text = label,
                                                   .x = 10,
                                                   .y = 10,
                                                   .radius_px = 4.5});
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    psim_figure_write(figure, out);
    ck_assert_int_eq(fclose(out), 0);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}

START_TEST(a_script_holds_data_and_quoted_words)
{
    struct psim_arena arena = {0};
    const char *script = script_of(&arena, "a `b`", "it's", 600);
    /* A radius of 4.5 pixels is gnuplot's size 1 in an SVG. */
    ck_assert_ptr_nonnull(strstr(script, "\n10 10 1\nEND\n"));
    ck_assert_ptr_nonnull(strstr(script, " 'a `b`' at screen "));
    ck_assert_ptr_nonnull(strstr(script, " 'it\xE2\x80\x99s' at screen "));
    ck_assert_ptr_nonnull(strstr(script, " noenhanced "));
    ck_assert_ptr_nonnull(strstr(script, " lc rgb '#ff8000' "));
    ck_assert_str_eq(script, script_of(&arena, "a `b`", "it's", 600));
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_has_no_place_is_numbered)
{
    struct psim_arena arena = {0};
    const char *wide =
        "a label that is wider than a picture of this size can ever hold";
    const char *script = script_of(&arena, "t", wide, 320);
    ck_assert_ptr_nonnull(strstr(script, " '1' at screen "));
    ck_assert_ptr_nonnull(strstr(script, " '1  a label that is wider"));
    psim_arena_free(&arena);
}
END_TEST

/* --- Amdahl --------------------------------------------------------------------- */

START_TEST(amdahl_goes_through_two_points)
{
    /* s = 0.2: t(1) = 10, t(2) = 10 (0.2 + 0.8 / 2) = 6. */
    ck_assert_double_eq_tol(psim_amdahl_serial(1, 10, 2, 6), 0.2, 1e-12);
    /* From 4 units on: t(16) = t(4) (0.5 + 0.5 / 4) = 0.625 t(4). */
    ck_assert_double_eq_tol(psim_amdahl_serial(4, 8, 16, 5), 0.5, 1e-12);
    /* Faster than in proportion, and slower with more units: no law says that. */
    ck_assert_double_eq(psim_amdahl_serial(1, 10, 2, 4), 0);
    ck_assert_double_eq(psim_amdahl_serial(1, 10, 2, 11), 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("report/figure");
    TCase *cases = tcase_create("figure");
    tcase_add_loop_test(cases, ticks_are_round, 0, PSIM_COUNT(scales));
    tcase_add_test(cases, text_is_measured_cut_and_wrapped);
    tcase_add_test(cases, colours_have_contrast);
    tcase_add_test(cases, a_script_holds_data_and_quoted_words);
    tcase_add_test(cases, what_has_no_place_is_numbered);
    tcase_add_test(cases, amdahl_goes_through_two_points);
    suite_add_tcase(suite, cases);
    return check_main(suite);
}
