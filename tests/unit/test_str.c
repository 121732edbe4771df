/* SPDX-License-Identifier: MIT */
/** @file Words and numbers as text: guesses, quoting, UTF-8, exact reading. */
#include <locale.h>
#include <math.h>
#include <stdint.h>

#include "check_main.h"
#include "util/str.h"

static const char *const known[] = {"bandwidth", "latency", "size", "fp32", "bf16",
                                    "wait",      "waits",   "k",    NULL};

static const struct {
    const char *typed, *want;
} guesses[] = {
    {"bandwith", "bandwidth"},     /* one letter left out */
    {"bnadwidth", "bandwidth"},    /* two letters swapped: one step, not two */
    {"bandwidthhhh", "bandwidth"}, /* three steps: a third of nine letters */
    {"bandwidthhhhh", NULL},       /* four are too many */
    {"LATENCY", "latency"},        /* capitals cost nothing */
    {"sise", "size"},              /* one replaced; a third of four is one */
    {"sice.", NULL},               /* two */
    {"fp23", "fp32"},              /* swapped */
    {"wiat", "wait"},              /* "waits" would be two steps away */
    {"waist", "wait"}, /* one step from "wait" and from "waits": the first */
    {"j", NULL},       /* a third of one letter is nothing */
    {"", NULL},
};

START_TEST(the_nearest_word_was_probably_meant)
{
    struct psim_guess guess = psim_guess_start(guesses[_i].typed);
    for (size_t i = 0; known[i]; i++) {
        psim_guess_try(&guess, known[i]);
    }
    const char *want = guesses[_i].want;
    ck_assert_msg(psim_str_equal(guess.best, want), "'%s': %s, want %s",
                  guesses[_i].typed, guess.best ? guess.best : "nothing",
                  want ? want : "nothing");
}
END_TEST

START_TEST(words_beyond_the_table_are_not_compared)
{
    char longest[98];
    memset(longest, 'x', sizeof longest);
    longest[97] = '\0'; /* one more than the table holds */
    struct psim_guess guess = psim_guess_start(longest);
    psim_guess_try(&guess, longest);
    ck_assert_ptr_null(guess.best);

    struct psim_guess shorter = psim_guess_start(longest + 1);
    psim_guess_try(&shorter, longest + 1);
    ck_assert_ptr_eq(shorter.best, longest + 1);
}
END_TEST

START_TEST(null_equals_only_null)
{
    ck_assert(psim_str_equal("a", "a"));
    ck_assert(!psim_str_equal("a", "b"));
    ck_assert(!psim_str_equal("a", NULL));
    ck_assert(!psim_str_equal(NULL, "a"));
    ck_assert(psim_str_equal(NULL, NULL));
}
END_TEST

START_TEST(the_article_follows_the_first_letter)
{
    ck_assert_str_eq(psim_str_article("size"), "a");
    ck_assert_str_eq(psim_str_article("energy"), "an");
    ck_assert_str_eq(psim_str_article("Object"), "an");
    ck_assert_str_eq(psim_str_article(""), "a");
}
END_TEST

START_TEST(a_quotation_has_at_most_sixty_characters)
{
    struct psim_arena arena = {0};
    const char *text = "";
    for (int i = 0; i < 60; i++) { /* characters of two bytes */
        text = psim_arena_printf(&arena, "%s\xC3\xA4", text);
    }
    ck_assert_ptr_eq(psim_str_excerpt(&arena, text), text);

    const char *want = psim_arena_printf(&arena, "%.*s...", 57 * 2, text);
    text = psim_arena_printf(&arena, "%sz", text);
    ck_assert_str_eq(psim_str_excerpt(&arena, text), want);
    psim_arena_free(&arena);
}
END_TEST

static const struct {
    const char *name, *text;
    size_t bytes;
    uint32_t code;
} characters[] = {
    {"letter", "a", 1, 'a'},
    {"last of one byte", "\x7F", 1, 0x7F},
    {"first of two", "\xC2\x80", 2, 0x80},
    {"last of two", "\xDF\xBF", 2, 0x7FF},
    {"first of three", "\xE0\xA0\x80", 3, 0x800},
    {"before the surrogates", "\xED\x9F\xBF", 3, 0xD7FF},
    {"behind them", "\xEE\x80\x80", 3, 0xE000},
    {"first of four", "\xF0\x90\x80\x80", 4, 0x10000},
    {"last", "\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    {"one beyond", "\xF4\x90\x80\x80", 0, 0},
    {"surrogate", "\xED\xA0\x80", 0, 0},
    {"slash in two bytes", "\xC0\xAF", 0, 0},
    {"overlong of three", "\xE0\x9F\xBF", 0, 0},
    {"overlong of four", "\xF0\x8F\xBF\xBF", 0, 0},
    {"continuation first", "\x80", 0, 0},
    {"lead alone", "\xC3", 0, 0},
    {"lead before a letter", "\xC3z", 0, 0},
    {"cut short", "\xF0\x90\x80", 0, 0},
    {"no lead", "\xF8\x88\x80\x80", 0, 0},
    {"empty", "", 0, 0},
};

START_TEST(utf8_is_read_strictly)
{
    uint32_t code = 0;
    const char *text = characters[_i].text;
    const size_t n = psim_str_utf8(text, strlen(text), &code);
    ck_assert_msg(n == characters[_i].bytes && code == characters[_i].code,
                  "%s: %zu bytes, U+%04X", characters[_i].name, n, (unsigned)code);
}
END_TEST

/** The value, and what is left behind it. */
static const struct {
    const char *text;
    double value;
    const char *rest;
} numbers[] = {
    {"0", 0, ""},
    {"1555 GB/s", 1555, " GB/s"},
    {"-1.5e3", -1500, ""},
    {"+.5", 0.5, ""},
    {"5.", 5, ""},
    {"1.2.3", 1.2, ".3"},
    {"0x10", 0, "x10"},
    {"1e", 1, "e"}, /* no digits: not an exponent */
    {"2EFLOP", 2, "EFLOP"},
    {"1e+", 1, "e+"},
    {"1E-2", 0.01, ""},
    {"000012", 12, ""},
    {"0.1", 0.1, ""},
    {"123456789012345678901234567890", 123456789012345678901234567890.0, ""},
    {"0.00000000000000000000000000000000000000000000001", 1e-47, ""},
    /* Fifteen digits and powers up to 10^22 are exact, one more of either is not. */
    {"999999999999999e22", 999999999999999e22, ""},
    {"999999999999999e23", 999999999999999e23, ""},
    {"9999999999999993e22", 9999999999999993e22, ""},
    {"999999999999999e-22", 999999999999999e-22, ""},
    {"999999999999999e-23", 999999999999999e-23, ""},
    {"3.7e-12", 3.7e-12, ""},
    /* 2^53 + 1 lies between two doubles; a tie goes to the even one, 2^53 ... */
    {"9007199254740993", 9007199254740992.0, ""},
    /* ... but anything behind it decides for the upper one, 2^53 + 2. */
    {"9007199254740993.00000000000000000000000000001", 9007199254740994.0, ""},
    /* The largest double; the smallest; half of that rounds to even: 0. */
    {"1.7976931348623157e308", 0x1.fffffffffffffp1023, ""},
    {"4.9406564584124654e-324", 0x1p-1074, ""},
    {"2.4703282292062327e-324", 0, ""},
    {"2.4703282292062328e-324", 0x1p-1074, ""},
    {"1e309", HUGE_VAL, ""},
    {"-1e999999999999999999999", -HUGE_VAL, ""},
    {"1e-999999999999999999999", 0, ""},
    {"0e999999999999999999999", 0, ""},
};

START_TEST(numbers_are_read_exactly)
{
    double value = -1;
    const char *end = psim_str_number(numbers[_i].text, &value);
    ck_assert_msg(value == numbers[_i].value, "'%s': %.17g, want %.17g",
                  numbers[_i].text, value, numbers[_i].value);
    check_same_text(numbers[_i].text, end, numbers[_i].rest);
}
END_TEST

static const char *const no_numbers[] = {"",    "-",    ".",   "+.", "e5", "nan",
                                         "inf", "-inf", "abc", " 1", "--1"};

START_TEST(what_is_no_number_moves_nothing)
{
    double value = 42;
    ck_assert_ptr_eq(psim_str_number(no_numbers[_i], &value), no_numbers[_i]);
    ck_assert_double_eq(value, 42);
}
END_TEST

/** "1", many zeros or digits, and what shall follow. */
static char *
long_number(struct psim_arena *arena, char digit, int n, const char *tail)
{
    char *digits = psim_arena_alloc(arena, (size_t)n + 1, 1);
    memset(digits, digit, (size_t)n);
    return psim_arena_printf(arena, "1%s%s", digits, tail);
}

START_TEST(digits_beyond_any_buffer_still_count)
{
    struct psim_arena arena = {0};
    double value = 0;
    /* 1 and 5000 zeros, times 10^-5000. */
    (void)psim_str_number(long_number(&arena, '0', 5000, "e-5000"), &value);
    ck_assert_double_eq(value, 1);
    /* 1.99... with 5000 nines is 2 to a double; so is 1.9...9 with many less. */
    (void)psim_str_number(long_number(&arena, '9', 5000, "e-5000"), &value);
    ck_assert_double_eq(value, 2);
    /* A tie that only the 900th digit breaks: 2^53 + 1 and something. */
    char *zeros = long_number(&arena, '0', 900, "1");
    zeros[0] = '0';
    (void)psim_str_number(psim_arena_printf(&arena, "9007199254740993.%s", zeros),
                          &value);
    ck_assert_double_eq(value, 9007199254740994.0);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_power_of_ten_is_rounded_in_once)
{
    double value = 0;
    ck_assert_str_eq(psim_str_number_times("1.41 GHz", 9, &value), " GHz");
    ck_assert_double_eq(value, 1410000000);
    (void)psim_str_number_times("3.7", -12, &value);
    ck_assert_double_eq(value, 3.7e-12);
    (void)psim_str_number_times("19.5", 12, &value);
    ck_assert_double_eq(value, 19.5e12);
}
END_TEST

START_TEST(the_decimal_comma_of_a_locale_changes_nothing)
{
    /* Where none of them is installed, the test says the same of "C". */
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) (void)setlocale(LC_ALL, "fr_FR.UTF-8");
    double value = 0;
    const char *end = psim_str_number("1.5 GHz", &value);
    const char *comma = psim_str_number("1,5", &value);
    (void)setlocale(LC_ALL, "C");
    ck_assert_str_eq(end, " GHz");
    ck_assert_str_eq(comma, ",5");
    ck_assert_double_eq(value, 1);
}
END_TEST

static const struct {
    const char *text;
    enum psim_whole_status status;
    int64_t value;
} wholes[] = {
    {"0", PSIM_WHOLE_OK, 0},
    {"-0", PSIM_WHOLE_OK, 0},
    {"4096", PSIM_WHOLE_OK, 4096},
    {"-7", PSIM_WHOLE_OK, -7},
    {"1e6", PSIM_WHOLE_OK, 1000000},
    {"2.50e1", PSIM_WHOLE_OK, 25},
    {"1000e-3", PSIM_WHOLE_OK, 1},
    {"3.000", PSIM_WHOLE_OK, 3},
    {"10.5", PSIM_WHOLE_FRACTION, 0},
    {"1e-1", PSIM_WHOLE_FRACTION, 0},
    {"1.0000000000000000000000001", PSIM_WHOLE_FRACTION, 0},
    {"9007199254740992", PSIM_WHOLE_OK, INT64_C(9007199254740992)}, /* 2^53 */
    {"-9007199254740992", PSIM_WHOLE_OK, INT64_C(-9007199254740992)},
    {"9007199254740993", PSIM_WHOLE_TOO_LARGE, 0},
    {"9007199254740992.5", PSIM_WHOLE_FRACTION, 0},
    {"1e16", PSIM_WHOLE_TOO_LARGE, 0},
    {"18446744073709551616", PSIM_WHOLE_TOO_LARGE, 0},
    {"1e999999999999999999999", PSIM_WHOLE_TOO_LARGE, 0},
    {"0e999999999999999999999", PSIM_WHOLE_OK, 0},
    {"10 GB", PSIM_WHOLE_NOT_A_NUMBER, 0},
    {"0x10", PSIM_WHOLE_NOT_A_NUMBER, 0},
    {"", PSIM_WHOLE_NOT_A_NUMBER, 0},
    {"nan", PSIM_WHOLE_NOT_A_NUMBER, 0},
};

START_TEST(whole_numbers_are_never_rounded)
{
    const int64_t untouched = 4242;
    int64_t value = untouched;
    const enum psim_whole_status status = psim_str_whole(wholes[_i].text, &value);
    ck_assert_msg(status == wholes[_i].status, "'%s': status %d, want %d",
                  wholes[_i].text, (int)status, (int)wholes[_i].status);
    const int64_t want = status == PSIM_WHOLE_OK ? wholes[_i].value : untouched;
    ck_assert_msg(value == want, "'%s': %lld, want %lld", wholes[_i].text,
                  (long long)value, (long long)want);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("util/str");
    TCase *words = tcase_create("words");
    tcase_add_loop_test(words, the_nearest_word_was_probably_meant, 0,
                        (int)PSIM_COUNT(guesses));
    tcase_add_test(words, words_beyond_the_table_are_not_compared);
    tcase_add_test(words, null_equals_only_null);
    tcase_add_test(words, the_article_follows_the_first_letter);
    tcase_add_test(words, a_quotation_has_at_most_sixty_characters);
    tcase_add_loop_test(words, utf8_is_read_strictly, 0, (int)PSIM_COUNT(characters));
    suite_add_tcase(suite, words);

    TCase *read = tcase_create("numbers");
    tcase_add_loop_test(read, numbers_are_read_exactly, 0, (int)PSIM_COUNT(numbers));
    tcase_add_loop_test(read, what_is_no_number_moves_nothing, 0,
                        (int)PSIM_COUNT(no_numbers));
    tcase_add_test(read, digits_beyond_any_buffer_still_count);
    tcase_add_test(read, a_power_of_ten_is_rounded_in_once);
    tcase_add_test(read, the_decimal_comma_of_a_locale_changes_nothing);
    tcase_add_loop_test(read, whole_numbers_are_never_rounded, 0,
                        (int)PSIM_COUNT(wholes));
    suite_add_tcase(suite, read);
    return check_main(suite);
}
