/* SPDX-License-Identifier: MIT */
/** @file JSON, held strictly: what passes, and every message for what does not. */
#include "check_main.h"
#include "input/json_strict.h"
#include "input/read.h"

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

static bool
check(const char *text)
{
    return psim_json_check(&f.diag,
                           psim_source_new(&f.diag, "t.json", text, strlen(text)));
}

static const char *const good[] = {
    "{}",
    "[]",
    " \t\r\n[ ] ",
    "0",
    "-0.5e+10",
    "[1E5, 12, 0.25, 1e-3]",
    "\"text\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00b5\\uABCD\"",
    "\"\xC3\xA4 # // ' , ] }\"",
    "true",
    "[false, null]",
    "{\"a\" : {\"b\":[{}, []]} , \"\": [[[]]]}",
};

START_TEST(json_passes)
{
    ck_assert_msg(check(good[_i]), "%s: %s", good[_i],
                  check_printed(&f.arena, &f.diag, false));
    ck_assert_uint_eq(f.diag.error_count, 0);
}
END_TEST

static const struct {
    const char *name, *text, *want;
} bad[] = {
    {"empty", "", "t.json: error: the file is empty\n"},
    {"blank", " \n\t\r\n", "t.json: error: the file is empty\n"},
    {"comment", "{\"a\": 1 // one\n}",
     "t.json:1:9: error: JSON has no comments; a ',' or '}' is needed\n"
     "    1 | {\"a\": 1 // one\n"
     "      |         ^\n"},
    {"block comment", "/* x */ {}",
     "t.json:1:1: error: JSON has no comments; a value is needed\n"
     "    1 | /* x */ {}\n"
     "      | ^\n"},
    {"hash", "# x\n{}",
     "t.json:1:1: error: JSON has no comments; a value is needed\n"
     "    1 | # x\n"
     "      | ^\n"},
    {"trailing comma in a map", "{\"a\": 1,}",
     "t.json:1:8: error: nothing follows this comma; remove it\n"
     "    1 | {\"a\": 1,}\n"
     "      |        ^\n"},
    {"trailing comma in a list", "[1, 2, ]",
     "t.json:1:6: error: nothing follows this comma; remove it\n"
     "    1 | [1, 2, ]\n"
     "      |      ^\n"},
    {"no comma in a map", "{\"a\": 1 \"b\": 2}",
     "t.json:1:9: error: a ',' or '}' is needed here\n"
     "    1 | {\"a\": 1 \"b\": 2}\n"
     "      |         ^\n"},
    {"no comma in a list", "[1 2]",
     "t.json:1:4: error: a ',' or ']' is needed here\n"
     "    1 | [1 2]\n"
     "      |    ^\n"},
    {"two commas", "[1,,2]",
     "t.json:1:4: error: a value is needed here\n"
     "    1 | [1,,2]\n"
     "      |    ^\n"},
    {"comma first", "{,}",
     "t.json:1:2: error: a key in double quotes is needed here\n"
     "    1 | {,}\n"
     "      |  ^\n"},
    {"single quotes", "{'a': 1}",
     "t.json:1:2: error: a single quote; JSON's texts stand in double quotes\n"
     "    1 | {'a': 1}\n"
     "      |  ^\n"},
    {"single quotes in a list", "['a']",
     "t.json:1:2: error: a single quote; JSON's texts stand in double quotes\n"
     "    1 | ['a']\n"
     "      |  ^\n"},
    {"bare key", "{a: 1}",
     "t.json:1:2: error: a key in double quotes is needed here\n"
     "    1 | {a: 1}\n"
     "      |  ^\n"},
    {"number as a key", "{1: 1}",
     "t.json:1:2: error: a key in double quotes is needed here\n"
     "    1 | {1: 1}\n"
     "      |  ^\n"},
    {"bare word", "{\"a\": fp32}",
     "t.json:1:7: error: 'fp32' is not a value of JSON; a text needs double quotes\n"
     "    1 | {\"a\": fp32}\n"
     "      |       ^\n"},
    {"a long bare word",
     "[xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]",
     "t.json:1:2: error: "
     "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is not a value of "
     "JSON; a text needs double quotes\n"
     "    1 | "
     "[xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]\n"
     "      |  ^\n"},
    {"Python's word", "{\"a\": True}",
     "t.json:1:7: error: 'True' is not a value of JSON; a text needs double quotes\n"
     "    1 | {\"a\": True}\n"
     "      |       ^\n"
     "t.json:1:7: note: did you mean 'true'?\n"},
    {"nearly null", "[nul]",
     "t.json:1:2: error: 'nul' is not a value of JSON; a text needs double quotes\n"
     "    1 | [nul]\n"
     "      |  ^\n"
     "t.json:1:2: note: did you mean 'null'?\n"},
    {"not a number", "[NaN]",
     "t.json:1:2: error: 'NaN' is not a value of JSON; a text needs double quotes\n"
     "    1 | [NaN]\n"
     "      |  ^\n"},
    {"infinity", "[-Infinity]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [-Infinity]\n"
     "      |  ^\n"},
    {"plus", "[+1]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [+1]\n"
     "      |  ^\n"},
    {"point first", "[.5]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [.5]\n"
     "      |  ^\n"},
    {"point last", "[1.]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [1.]\n"
     "      |  ^\n"},
    {"two points", "[1.2.3]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [1.2.3]\n"
     "      |  ^\n"},
    {"leading zero", "[01]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [01]\n"
     "      |  ^\n"},
    {"minus alone", "[-]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [-]\n"
     "      |  ^\n"},
    {"exponent cut short", "[1e]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [1e]\n"
     "      |  ^\n"},
    {"hexadecimal", "[0x10]",
     "t.json:1:2: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | [0x10]\n"
     "      |  ^\n"},
    {"a unit", "{\"a\": 4 GB}",
     "t.json:1:9: error: a ',' or '}' is needed here\n"
     "    1 | {\"a\": 4 GB}\n"
     "      |         ^\n"},
    {"a unit without a blank", "{\"a\": 4GB}",
     "t.json:1:7: error: not a number of JSON; digits as in 12, -0.5 or 1e6 are "
     "needed, and a unit needs quotes\n"
     "    1 | {\"a\": 4GB}\n"
     "      |       ^\n"},
    {"no colon", "{\"a\" 1}",
     "t.json:1:6: error: a ':' is needed on the line of its key\n"
     "    1 | {\"a\" 1}\n"
     "      |      ^\n"},
    {"colon on the next line", "{\"a\"\n: 1}",
     "t.json:1:5: error: a ':' is needed on the line of its key\n"
     "    1 | {\"a\"\n"
     "      |     ^\n"},
    {"two colons", "{\"a\":: 1}",
     "t.json:1:6: error: a value is needed here\n"
     "    1 | {\"a\":: 1}\n"
     "      |      ^\n"},
    {"no value", "{\"a\":}",
     "t.json:1:6: error: a value is needed here\n"
     "    1 | {\"a\":}\n"
     "      |      ^\n"},
    {"map not closed", "{\"a\": [1, 2]\n",
     "t.json:1:1: error: this '{' is not closed\n"
     "    1 | {\"a\": [1, 2]\n"
     "      | ^\n"},
    {"list not closed", "{\"a\": [1, 2\n",
     "t.json:1:7: error: this '[' is not closed\n"
     "    1 | {\"a\": [1, 2\n"
     "      |       ^\n"},
    {"map not closed behind a comma", "{\"a\": 1,\n",
     "t.json:1:1: error: this '{' is not closed\n"
     "    1 | {\"a\": 1,\n"
     "      | ^\n"},
    {"key at the end", "{\"a\"",
     "t.json:1:5: error: a ':' is needed on the line of its key\n"
     "    1 | {\"a\"\n"
     "      |     ^\n"},
    {"the wrong bracket", "[1, 2}",
     "t.json:1:6: error: a ',' or ']' is needed here\n"
     "    1 | [1, 2}\n"
     "      |      ^\n"},
    {"a bracket too many", "{\"a\": 1}}",
     "t.json:1:9: error: text behind the end of the value; a file holds one value\n"
     "    1 | {\"a\": 1}}\n"
     "      |         ^\n"},
    {"two values", "{} {}",
     "t.json:1:4: error: text behind the end of the value; a file holds one value\n"
     "    1 | {} {}\n"
     "      |    ^\n"},
    {"quote not closed", "{\"a\": \"b\n}",
     "t.json:1:7: error: this quote is not closed; a text ends on its line\n"
     "    1 | {\"a\": \"b\n"
     "      |       ^\n"},
    {"quote not closed at the end", "[\"ab",
     "t.json:1:2: error: this quote is not closed; a text ends on its line\n"
     "    1 | [\"ab\n"
     "      |  ^\n"},
    {"a tab in a text", "[\"a\tb\"]",
     "t.json:1:4: error: a control character in a text; an escape is needed, as '\\t' "
     "for a tab\n"
     "    1 | [\"a\tb\"]\n"
     "      |    ^\n"},
    {"unknown escape", "[\"a\\q\"]",
     "t.json:1:4: error: unknown escape; a '\\' in a text is written '\\\\'\n"
     "    1 | [\"a\\q\"]\n"
     "      |    ^\n"},
    {"escape of a quote", "[\"a\\'\"]",
     "t.json:1:4: error: unknown escape; a '\\' in a text is written '\\\\'\n"
     "    1 | [\"a\\'\"]\n"
     "      |    ^\n"},
    {"escape at the end", "[\"a\\",
     "t.json:1:4: error: unknown escape; a '\\' in a text is written '\\\\'\n"
     "    1 | [\"a\\\n"
     "      |    ^\n"},
    {"short escape", "[\"\\u12g4\"]",
     "t.json:1:3: error: '\\u' needs four hexadecimal digits, as in '\\u00b5'\n"
     "    1 | [\"\\u12g4\"]\n"
     "      |   ^\n"},
};

START_TEST(what_is_no_json_is_told_where_and_why)
{
    ck_assert_msg(!check(bad[_i].text), "%s", bad[_i].name);
    check_same_text(bad[_i].name, check_printed(&f.arena, &f.diag, false),
                    bad[_i].want);
}
END_TEST

/** @p n times the same letter. */
static const char *
repeated(char letter, int n)
{
    char *text = psim_arena_alloc(&f.arena, (size_t)n + 1, 1);
    memset(text, letter, (size_t)n);
    return text;
}

START_TEST(depth_ends_at_the_limit)
{
    const int max = PSIM_READ_MAX_DEPTH;
    const char *at =
        psim_arena_printf(&f.arena, "%s%s", repeated('[', max), repeated(']', max));
    ck_assert(check(at));
    ck_assert(!check(repeated('[', max + 1)));
    ck_assert_uint_eq(f.diag.first->at.column, 65);
    ck_assert_str_eq(f.diag.first->message, "nested deeper than 64 levels");
}
END_TEST

START_TEST(keys_end_at_the_limit)
{
    const int max = PSIM_READ_MAX_KEY;
    ck_assert(check(psim_arena_printf(&f.arena, "{\"%s\":1}", repeated('k', max))));
    ck_assert(
        !check(psim_arena_printf(&f.arena, "{\"%s\":1}", repeated('k', max + 1))));
    ck_assert_uint_eq(f.diag.first->at.column, 2);
    ck_assert_str_eq(f.diag.first->message, "a key of more than 1000 characters");
}
END_TEST

START_TEST(characters_of_a_key_are_counted_not_bytes)
{
    char *key = psim_arena_alloc(&f.arena, 2 * PSIM_READ_MAX_KEY + 1, 1);
    for (size_t i = 0; i < PSIM_READ_MAX_KEY; i++) {
        key[2 * i] = '\xC3';
        key[2 * i + 1] = '\xA4';
    }
    ck_assert(check(psim_arena_printf(&f.arena, "{\"%s\":1}", key)));
    ck_assert(!check(psim_arena_printf(&f.arena, "{\"%sx\":1}", key)));
}
END_TEST

START_TEST(the_text_may_end_at_any_byte)
{
    const char *text = "{\"a\": [1.5e3, \"\\u00b5\", true], \"b\": {\"c\": null}}";
    for (size_t len = 0; len <= strlen(text); len++) {
        /* Copied, so that a sanitizer sees a step too far. */
        const char *cut = psim_arena_copy(&f.arena, text, len);
        const bool ok =
            psim_json_check(&f.diag, psim_source_new(&f.diag, "cut", cut, len));
        ck_assert_msg(ok == (len == strlen(text)), "%zu bytes", len);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("input/json_strict");
    TCase *syntax = tcase_create("syntax");
    tcase_add_checked_fixture(syntax, set_up, tear_down);
    tcase_add_loop_test(syntax, json_passes, 0, (int)PSIM_COUNT(good));
    tcase_add_loop_test(syntax, what_is_no_json_is_told_where_and_why, 0,
                        (int)PSIM_COUNT(bad));
    tcase_add_test(syntax, the_text_may_end_at_any_byte);
    suite_add_tcase(suite, syntax);

    TCase *limits = tcase_create("limits");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    tcase_add_test(limits, depth_ends_at_the_limit);
    tcase_add_test(limits, keys_end_at_the_limit);
    tcase_add_test(limits, characters_of_a_key_are_counted_not_bytes);
    suite_add_tcase(suite, limits);
    return check_main(suite);
}
