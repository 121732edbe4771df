/* SPDX-License-Identifier: MIT */
/** @file Any text as a string of gnuplot: quoted, and nothing but text. */
#include "check_main.h"
#include "report/gnuplot.h"

static const struct {
    const char *text, *quoted;
} rows[] = {
    {"plain", "'plain'"},
    {"", "''"},
    /* In single quotes the quote itself is the only character that means anything: it
     * becomes U+2018 where a word begins, else U+2019. */
    {"it's 'on'", "'it\xE2\x80\x99s \xE2\x80\x98on\xE2\x80\x99'"},
    {"'", "'\xE2\x80\x98'"},
    {"x''y", "'x\xE2\x80\x99\xE2\x80\x99y'"},
    {"`touch x`", "'`touch x`'"},
    {"\"; system(\"touch x\")", "'\"; system(\"touch x\")'"},
    {"@macro {/:Bold x}_y^z~&", "'@macro {/:Bold x}_y^z~&'"},
    {"back\\slash\\", "'back\\slash\\'"},
    {"]]>", "']] >'"},
    {"100 % %s %g", "'100 % %s %g'"},
    /* A line's end would end the command. */
    {"two\nlines\r\ttab", "'two?lines??tab'"},
    {"\x1B[31m\x7F", "'?[31m?'"},
    /* U+009B is a control character as well; U+202E turns text round. */
    {"\xC2\x9B\xE2\x80\xAE", "'?\?'"},
    /* Bytes that are no UTF-8: one alone, an overlong slash, a surrogate. */
    {"a\xFFz", "'a?z'"},
    {"\xC0\xAF", "'?\?'"},
    {"\xED\xA0\x80", "'?\?\?'"},
    /* XML has no U+FFFF. */
    {"\xEF\xBF\xBF", "'?'"},
    {"\xC2\xB5s \xE6\xBC\xA2", "'\xC2\xB5s \xE6\xBC\xA2'"},
};

START_TEST(nothing_in_a_text_is_a_command)
{
    struct psim_arena arena = {0};
    ck_assert_str_eq(psim_gnuplot_quote(&arena, rows[_i].text), rows[_i].quoted);
    psim_arena_free(&arena);
}
END_TEST

static const struct {
    const char *path, *terminal;
} paths[] = {
    {"a.png", "pngcairo"}, {"b/c.svg", "svg"}, {"x.y.pdf", "pdfcairo"},
    {"a.jpeg", NULL},      {"png", NULL},      {".png", NULL},
    {"a.PNG", NULL},
};

START_TEST(the_ending_says_what_is_drawn)
{
    const struct psim_terminal *found = psim_terminal_of(paths[_i].path);
    if (paths[_i].terminal) {
        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found->name, paths[_i].terminal);
    } else {
        ck_assert_ptr_null(found);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("report/gnuplot");
    TCase *cases = tcase_create("gnuplot");
    tcase_add_loop_test(cases, nothing_in_a_text_is_a_command, 0, PSIM_COUNT(rows));
    tcase_add_loop_test(cases, the_ending_says_what_is_drawn, 0, PSIM_COUNT(paths));
    suite_add_tcase(suite, cases);
    return check_main(suite);
}
