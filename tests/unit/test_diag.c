/* SPDX-License-Identifier: MIT */
/** @file Diagnostics: their order, their number, and what stands on the terminal. */
#include "check_main.h"

/** Everything that a case needs; an arena is all there is to free. */
struct fixture {
    struct psim_arena arena;
    struct psim_diag diag;
};

static struct fixture f;

static void
set_up(void)
{
    f = (struct fixture){.diag = {.arena = &f.arena}};
}

static void
tear_down(void)
{
    psim_arena_free(&f.arena);
}

static const struct psim_source *
source_of(const char *name, const char *text)
{
    return psim_source_new(&f.diag, name, text, strlen(text));
}

static struct psim_loc
loc(const struct psim_source *source, unsigned line, unsigned column)
{
    return (struct psim_loc){source, line, column};
}

static void
check_print(const char *want)
{
    check_same_text("print", check_printed(&f.arena, &f.diag, false), want);
}

START_TEST(an_error_is_false_and_shows_its_line)
{
    const struct psim_source *s = source_of("a.yaml", "one: 1\ntwo: 2\n");
    ck_assert(!psim_error(&f.diag, loc(s, 2, 6), "two: %d is wrong", 2));
    ck_assert_uint_eq(f.diag.error_count, 1);
    check_print("a.yaml:2:6: error: two: 2 is wrong\n"
                "    2 | two: 2\n"
                "      |      ^\n");
}
END_TEST

START_TEST(entries_are_printed_in_the_order_of_files_and_lines)
{
    const struct psim_source *a = source_of("z-first.yaml", "l1\nl2\n");
    const struct psim_source *b = source_of("a-second.yaml", "m1\n");
    psim_error(&f.diag, loc(b, 1, 1), "fifth");
    psim_error(&f.diag, loc(a, 2, 2), "fourth");
    psim_warning(&f.diag, loc(a, 2, 1), "third");
    psim_error(&f.diag, loc(a, 0, 0), "second");
    psim_error(&f.diag, (struct psim_loc){0}, "first");
    check_print("perfsim: error: first\n"
                "z-first.yaml: error: second\n"
                "z-first.yaml:2:1: warning: third\n"
                "    2 | l2\n"
                "      | ^\n"
                "z-first.yaml:2:2: error: fourth\n"
                "    2 | l2\n"
                "      |  ^\n"
                "a-second.yaml:1:1: error: fifth\n"
                "    1 | m1\n"
                "      | ^\n");
}
END_TEST

START_TEST(entries_of_one_place_keep_their_order)
{
    const struct psim_source *s = source_of("a", "x");
    psim_error(&f.diag, loc(s, 0, 0), "said first");
    psim_error(&f.diag, loc(s, 0, 0), "said second");
    check_print("a: error: said first\na: error: said second\n");
}
END_TEST

START_TEST(notes_stay_with_their_error_and_repeat_no_line)
{
    const struct psim_source *s = source_of("a", "k: 1\nk: 2\n");
    psim_error(&f.diag, loc(s, 2, 1), "twice");
    psim_note(&f.diag, loc(s, 1, 1), "first here");
    psim_note(&f.diag, loc(s, 2, 1), "did you mean 'j'?");
    psim_error(&f.diag, loc(s, 1, 4), "before");
    check_print("a:1:4: error: before\n"
                "    1 | k: 1\n"
                "      |    ^\n"
                "a:2:1: error: twice\n"
                "    2 | k: 2\n"
                "      | ^\n"
                "a:1:1: note: first here\n"
                "    1 | k: 1\n"
                "      | ^\n"
                "a:2:1: note: did you mean 'j'?\n");
}
END_TEST

START_TEST(the_same_words_at_the_same_place_are_one_error)
{
    const struct psim_source *s = source_of("a", "x: 1\n");
    for (int i = 0; i < 3; i++) {
        psim_error(&f.diag, loc(s, 0, 0), "shared");
        psim_note(&f.diag, loc(s, 0, 0), "once");
    }
    ck_assert_uint_eq(f.diag.error_count, 1);
    check_print("a: error: shared\na: note: once\n");
}
END_TEST

START_TEST(only_the_first_twenty_errors_and_warnings_are_shown)
{
    const struct psim_source *s = source_of("a", "");
    for (unsigned i = 30; i > 0; i--) { /* the first of the file are recorded last */
        psim_error(&f.diag, loc(s, 0, i), "error %u", i);
        psim_note(&f.diag, loc(s, 0, i), "of %u", i);
        if (i <= 21) psim_warning(&f.diag, loc(s, 0, i), "hm %u", i);
    }
    ck_assert_uint_eq(f.diag.error_count, 30);
    ck_assert_uint_eq(f.diag.warning_count, 21);
    const char *want = "";
    for (unsigned i = 1; i <= 20; i++) {
        want = psim_arena_printf(&f.arena,
                                 "%sa: error: error %u\na: note: of %u\n"
                                 "a: warning: hm %u\n",
                                 want, i, i, i);
    }
    check_print(psim_arena_printf(
        &f.arena, "%s... and 10 more errors\n... and 1 more warning\n", want));
}
END_TEST

START_TEST(an_error_that_would_not_be_shown_is_counted)
{
    const struct psim_source *s = source_of("a", "");
    for (unsigned i = 0; i < 20; i++) {
        ck_assert(psim_diag_shows(&f.diag, loc(s, 2, i)));
        psim_error(&f.diag, loc(s, 2, i), "error");
    }
    ck_assert(!psim_diag_shows(&f.diag, loc(s, 3, 1)));
    ck_assert(psim_diag_shows(&f.diag, loc(s, 1, 1)));
    const struct psim_arena_mark before = psim_arena_mark(&f.arena);
    ck_assert(!psim_error(&f.diag, loc(s, 3, 1), "costs no memory"));
    psim_note(&f.diag, loc(s, 3, 1), "nor does this");
    ck_assert(!psim_error_unseen(&f.diag));
    psim_note(&f.diag, loc(s, 3, 1), "nor this");
    ck_assert_uint_eq(psim_arena_mark(&f.arena).used, before.used);
    ck_assert_uint_eq(f.diag.error_count, 22);
}
END_TEST

START_TEST(a_note_without_an_error_is_nothing)
{
    psim_note(&f.diag, (struct psim_loc){0}, "alone");
    check_print("");
}
END_TEST

START_TEST(clearing_forgets_all_but_the_sources)
{
    const struct psim_source *a = source_of("a", "");
    psim_error(&f.diag, loc(a, 0, 0), "forgotten");
    psim_warning(&f.diag, loc(a, 0, 0), "forgotten");
    psim_diag_clear(&f.diag);
    psim_note(&f.diag, loc(a, 0, 0), "of nothing");
    ck_assert_uint_eq(f.diag.error_count, 0);
    ck_assert_uint_eq(f.diag.warning_count, 0);
    check_print("");
    ck_assert_uint_gt(source_of("b", "")->order, a->order);
}
END_TEST

/** A text, a place in it, and the two lines that show it. */
static const struct {
    const char *name, *text;
    unsigned line, column;
    const char *want;
} carets[] = {
    {"behind the end of the line", "ab\ncd\n", 1, 3,
     "    1 | ab\n"
     "      |   ^\n"},
    {"far behind it", "ab\ncd\n", 1, 30,
     "    1 | ab\n"
     "      |   ^\n"},
    {"behind the last line", "ab\n", 2, 1,
     "    2 |\n"
     "      | ^\n"},
    {"no line end", "ab", 1, 2,
     "    1 | ab\n"
     "      |  ^\n"},
    {"a carriage return is no part of the line", "ab\r\ncd\r\n", 1, 2,
     "    1 | ab\n"
     "      |  ^\n"},
    {"tabs are repeated", "\ta:\tb", 1, 5,
     "    1 | \ta:\tb\n"
     "      | \t  \t^\n"},
    {"a character of two bytes is one column", "\xC3\xA4\xC3\xB6: x", 1, 5,
     "    1 | \xC3\xA4\xC3\xB6: x\n"
     "      |     ^\n"},
    {"a wide one takes two", "\xE6\x97\xA5\xE6\x9C\xAC: x", 1, 5,
     "    1 | \xE6\x97\xA5\xE6\x9C\xAC: x\n"
     "      |       ^\n"},
    {"an accent that combines takes none", "e\xCC\x81: x", 1, 5,
     "    1 | e\xCC\x81: x\n"
     "      |    ^\n"},
    {"control characters are shown as '?'", "a\033[31m\x07: \x7F x", 1, 10,
     "    1 | a?[31m?: ? x\n"
     "      |          ^\n"},
    {"so are bytes that are no UTF-8", "a\xFF\xFE: b", 1, 4,
     "    1 | a??: b\n"
     "      |    ^\n"},
    {"and what would turn the text round", "a\xE2\x80\xAE: b", 1, 3,
     "    1 | a?: b\n"
     "      |   ^\n"},
    {"a high line number", "", 1234567, 1,
     "1234567 |\n"
     "        | ^\n"},
};

START_TEST(the_caret_stands_under_its_word)
{
    const struct psim_source *s = source_of("s", carets[_i].text);
    psim_error(&f.diag, loc(s, carets[_i].line, carets[_i].column), "here");
    const char *want =
        psim_arena_printf(&f.arena, "s:%u:%u: error: here\n%s", carets[_i].line,
                          carets[_i].column, carets[_i].want);
    check_same_text(carets[_i].name, check_printed(&f.arena, &f.diag, false), want);
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_caret)
{
    char text[301];
    memset(text, 'x', 300);
    text[300] = '\0';
    text[149] = '^'; /* column 150 */
    const struct psim_source *s = source_of("s", text);
    psim_error(&f.diag, loc(s, 1, 150), "here");
    psim_error(&f.diag, loc(s, 1, 280), "near the end");
    /* 100 characters from column 150 - 60 on; the caret behind "..." and 60. */
    char before[61], after[61];
    memset(before, 'x', 60);
    before[60] = '\0';
    memset(after, 'x', 39);
    after[39] = '\0';
    const char *first = psim_arena_printf(&f.arena,
                                          "s:1:150: error: here\n"
                                          "    1 | ...%s^%s...\n"
                                          "      |    %60s^\n",
                                          before, after, "");
    /* From column 220 on 81 are left. */
    memset(after, 'x', 21);
    after[21] = '\0';
    check_print(psim_arena_printf(&f.arena,
                                  "%ss:1:280: error: near the end\n"
                                  "    1 | ...%s%s\n"
                                  "      |    %60s^\n",
                                  first, before, after, ""));
}
END_TEST

START_TEST(a_message_cannot_reach_the_terminal_raw)
{
    char text[1101];
    memset(text, 'y', 1100);
    text[1100] = '\0';
    const struct psim_source *s = source_of("na\nme", "");
    psim_error(&f.diag, loc(s, 0, 0), "a\nb\033[0m %s", text);
    /* 1000 characters: "a?b?[0m " has 8. */
    text[992] = '\0';
    check_print(psim_arena_printf(&f.arena, "na?me: error: a?b?[0m %s...\n", text));
}
END_TEST

START_TEST(colours_are_only_added)
{
    const struct psim_source *s = source_of("s", "x");
    psim_error(&f.diag, loc(s, 1, 1), "bad");
    psim_note(&f.diag, loc(s, 1, 1), "so");
    psim_warning(&f.diag, loc(s, 1, 1), "odd");
    check_same_text("colour", check_printed(&f.arena, &f.diag, true),
                    "\033[1ms:1:1:\033[0m \033[1;31merror:\033[0m bad\n"
                    "    1 | x\n"
                    "      | \033[1;32m^\033[0m\n"
                    "\033[1ms:1:1:\033[0m \033[1;36mnote:\033[0m so\n"
                    "\033[1ms:1:1:\033[0m \033[1;35mwarning:\033[0m odd\n"
                    "    1 | x\n"
                    "      | \033[1;32m^\033[0m\n");
}
END_TEST

START_TEST(a_place_and_its_byte_are_one)
{
    /* a, LF, umlaut of two bytes, b, LF, LF: offsets 0, 1, 2-3, 4, 5, 6. */
    const struct psim_source *s = source_of("s", "a\n\xC3\xA4z\n\n");
    static const struct {
        size_t offset;
        unsigned line, column;
    } places[] = {{0, 1, 1}, {1, 1, 2}, {2, 2, 1}, {4, 2, 2},
                  {5, 2, 3}, {6, 3, 1}, {7, 4, 1}};
    for (size_t i = 0; i < PSIM_COUNT(places); i++) {
        const struct psim_loc at = psim_source_at(s, places[i].offset);
        ck_assert_uint_eq(at.line, places[i].line);
        ck_assert_uint_eq(at.column, places[i].column);
        ck_assert_uint_eq(psim_source_offset(at), places[i].offset);
    }
    ck_assert_uint_eq(psim_source_offset(loc(s, 2, 99)), 5);
    ck_assert_uint_eq(psim_source_offset(loc(s, 99, 1)), 7);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("util/diag");
    TCase *record = tcase_create("record");
    tcase_add_checked_fixture(record, set_up, tear_down);
    tcase_add_test(record, an_error_is_false_and_shows_its_line);
    tcase_add_test(record, entries_are_printed_in_the_order_of_files_and_lines);
    tcase_add_test(record, entries_of_one_place_keep_their_order);
    tcase_add_test(record, notes_stay_with_their_error_and_repeat_no_line);
    tcase_add_test(record, the_same_words_at_the_same_place_are_one_error);
    tcase_add_test(record, only_the_first_twenty_errors_and_warnings_are_shown);
    tcase_add_test(record, an_error_that_would_not_be_shown_is_counted);
    tcase_add_test(record, a_note_without_an_error_is_nothing);
    tcase_add_test(record, clearing_forgets_all_but_the_sources);
    suite_add_tcase(suite, record);

    TCase *print = tcase_create("print");
    tcase_add_checked_fixture(print, set_up, tear_down);
    tcase_add_loop_test(print, the_caret_stands_under_its_word, 0,
                        (int)PSIM_COUNT(carets));
    tcase_add_test(print, a_long_line_is_cut_around_the_caret);
    tcase_add_test(print, a_message_cannot_reach_the_terminal_raw);
    tcase_add_test(print, colours_are_only_added);
    tcase_add_test(print, a_place_and_its_byte_are_one);
    suite_add_tcase(suite, print);
    return check_main(suite);
}
