/* SPDX-License-Identifier: MIT */
/** @file Quantities: read with any unit, printed for people and for machines. */
#include <locale.h>
#include <math.h>
#include <stdint.h>

#include "check_main.h"
#include "util/quantity.h"
#include "util/str.h"

/** A set of one, by the end of the dimension's name. */
#define ONE(dim)       PSIM_DIM_BIT(PSIM_DIM_##dim)
#define TIME_OR_CYCLES (ONE(SECONDS) | ONE(CYCLES))

static const struct {
    const char *text;
    psim_dims allowed;
    enum psim_dim dim;
    double value;
} good[] = {
    {"1555 GB/s", ONE(BYTES_PER_S), PSIM_DIM_BYTES_PER_S, 1555e9},
    {"40GiB", ONE(BYTES), PSIM_DIM_BYTES, 40.0 * 1024 * 1024 * 1024},
    {"40 GB", ONE(BYTES), PSIM_DIM_BYTES, 40e9},
    {"32 KB", ONE(BYTES), PSIM_DIM_BYTES, 32000},
    {"32 kB", ONE(BYTES), PSIM_DIM_BYTES, 32000},
    {"32 KiB", ONE(BYTES), PSIM_DIM_BYTES, 32768},
    {"2 TiB", ONE(BYTES), PSIM_DIM_BYTES, 0x1p41},
    {"1 PiB", ONE(BYTES), PSIM_DIM_BYTES, 0x1p50},
    {"8 bit", ONE(BYTES), PSIM_DIM_BYTES, 1},
    {"1 Mibit", ONE(BYTES), PSIM_DIM_BYTES, 131072},              /* 2^20 / 8 */
    {"400 Gbit/s", ONE(BYTES_PER_S), PSIM_DIM_BYTES_PER_S, 50e9}, /* / 8 */
    {"400 Gbps", ONE(BYTES_PER_S), PSIM_DIM_BYTES_PER_S, 50e9},
    {"50 GBps", ONE(BYTES_PER_S), PSIM_DIM_BYTES_PER_S, 50e9},
    {"1 GiB/s", ONE(BYTES_PER_S), PSIM_DIM_BYTES_PER_S, 0x1p30},
    {"1 B/ns", ONE(BYTES_PER_S), PSIM_DIM_BYTES_PER_S, 1e9},
    {"1.41GHz", ONE(HERTZ), PSIM_DIM_HERTZ, 1410000000},
    {"1410 MHz", ONE(HERTZ), PSIM_DIM_HERTZ, 1410000000},
    {"1.5 ms", ONE(SECONDS), PSIM_DIM_SECONDS, 1.5e-3},
    {"3 us", ONE(SECONDS), PSIM_DIM_SECONDS, 3e-6},
    {"3 \xC2\xB5s", ONE(SECONDS), PSIM_DIM_SECONDS, 3e-6}, /* U+00B5, micro sign */
    {"3 \xCE\xBCs", ONE(SECONDS), PSIM_DIM_SECONDS, 3e-6}, /* U+03BC, Greek mu */
    {"7 fs", ONE(SECONDS), PSIM_DIM_SECONDS, 7e-15},
    {"400 cycles", TIME_OR_CYCLES, PSIM_DIM_CYCLES, 400},
    {"1 cycle", TIME_OR_CYCLES, PSIM_DIM_CYCLES, 1},
    {"5 clk", TIME_OR_CYCLES, PSIM_DIM_CYCLES, 5},
    {"400 ns", TIME_OR_CYCLES, PSIM_DIM_SECONDS, 400e-9},
    {"128 B/clk", ONE(BYTES_PER_CYCLE), PSIM_DIM_BYTES_PER_CYCLE, 128},
    {"2 GFLOP", ONE(FLOP), PSIM_DIM_FLOP, 2e9},
    {"312 TFLOP/s", ONE(FLOP_PER_S), PSIM_DIM_FLOP_PER_S, 312e12},
    {"19.5 TFLOPS", ONE(FLOP_PER_S), PSIM_DIM_FLOP_PER_S, 19.5e12},
    {"1 Eflop/s", ONE(FLOP_PER_S), PSIM_DIM_FLOP_PER_S, 1e18},
    {"644 FLOP/cycle", ONE(FLOP_PER_CYCLE), PSIM_DIM_FLOP_PER_CYCLE, 644},
    {"10 Mop/s", ONE(OP_PER_S), PSIM_DIM_OP_PER_S, 1e7},
    {"10 /s", ONE(OP_PER_S), PSIM_DIM_OP_PER_S, 10},
    {"0.125 /cycle", ONE(OP_PER_CYCLE), PSIM_DIM_OP_PER_CYCLE, 0.125},
    {"2 ops/cycle", ONE(OP_PER_CYCLE), PSIM_DIM_OP_PER_CYCLE, 2},
    {"4 FLOP/B", ONE(FLOP_PER_BYTE), PSIM_DIM_FLOP_PER_BYTE, 4},
    {"3 mJ", ONE(JOULES), PSIM_DIM_JOULES, 3e-3},
    {"700 W", ONE(WATTS), PSIM_DIM_WATTS, 700},
    {"1 MW", ONE(WATTS), PSIM_DIM_WATTS, 1e6},
    {"3.7 pJ/B", ONE(J_PER_BYTE), PSIM_DIM_J_PER_BYTE, 3.7e-12},
    {"2 pJ/bit", ONE(J_PER_BYTE), PSIM_DIM_J_PER_BYTE, 16e-12}, /* 8 bits a byte */
    {"1.5 pJ/FLOP", ONE(J_PER_FLOP), PSIM_DIM_J_PER_FLOP, 1.5e-12},
    {"20 pJ/op", ONE(J_PER_OP), PSIM_DIM_J_PER_OP, 20e-12},
    {"0.91", ONE(NONE), PSIM_DIM_NONE, 0.91},
    {"91 %", ONE(NONE), PSIM_DIM_NONE, 0.91},
    {"91%", ONE(NONE), PSIM_DIM_NONE, 0.91},
    {"-3 GB", ONE(BYTES), PSIM_DIM_BYTES, -3e9},
    {"5 GB  ", ONE(BYTES), PSIM_DIM_BYTES, 5e9},
};

START_TEST(a_quantity_is_read_in_si)
{
    struct psim_quantity q = {0};
    enum psim_dim found = PSIM_N_DIMS;
    const enum psim_quantity_status status =
        psim_quantity_parse(good[_i].text, good[_i].allowed, NULL, &q, &found);
    ck_assert_msg(status == PSIM_QUANTITY_OK, "'%s': status %d", good[_i].text,
                  (int)status);
    ck_assert_msg(q.value == good[_i].value && q.dim == good[_i].dim,
                  "'%s': %.17g in dimension %d, want %.17g in %d", good[_i].text,
                  q.value, (int)q.dim, good[_i].value, (int)good[_i].dim);
}
END_TEST

static const struct {
    const char *text;
    psim_dims allowed;
    enum psim_quantity_status status;
    enum psim_dim found; /**< only for a wrong dimension */
} refused[] = {
    {"1555", ONE(BYTES_PER_S), PSIM_QUANTITY_NO_UNIT, 0},
    {"1.41 GHz", ONE(BYTES), PSIM_QUANTITY_WRONG_DIM, PSIM_DIM_HERTZ},
    {"5 GB", ONE(BYTES_PER_S), PSIM_QUANTITY_WRONG_DIM, PSIM_DIM_BYTES},
    {"5 ms", ONE(NONE), PSIM_QUANTITY_WRONG_DIM, PSIM_DIM_SECONDS},
    {"91 %", ONE(BYTES), PSIM_QUANTITY_WRONG_DIM, PSIM_DIM_NONE},
    {"12 parsec", ONE(SECONDS), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"5 Ms", ONE(SECONDS), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 mB", ONE(BYTES), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"8 Gb", ONE(BYTES), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 GiHz", ONE(HERTZ), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 k%", ONE(NONE), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 k", ONE(NONE), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 GB/", ONE(BYTES_PER_S), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 GB/s/s", ONE(BYTES_PER_S), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 GBps/s", ONE(BYTES_PER_S), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 B/%", ONE(BYTES_PER_S), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 s/B", ONE(BYTES_PER_S), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"2 /", ONE(OP_PER_S), PSIM_QUANTITY_UNKNOWN_UNIT, 0},
    {"inf B", ONE(BYTES), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"nan", ONE(NONE), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"", ONE(NONE), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"fast", ONE(SECONDS), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"1.5.2 s", ONE(SECONDS), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"12-13 s", ONE(SECONDS), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"1,000 B", ONE(BYTES), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"0x10", ONE(NONE), PSIM_QUANTITY_NOT_A_NUMBER, 0},
    {"1e999 B", ONE(BYTES), PSIM_QUANTITY_TOO_LARGE, 0},
    {"1e308 kB", ONE(BYTES), PSIM_QUANTITY_TOO_LARGE, 0},
    {"1e308 KiB", ONE(BYTES), PSIM_QUANTITY_TOO_LARGE, 0},
};

START_TEST(what_is_no_quantity_says_why)
{
    const struct psim_quantity untouched = {-1, PSIM_N_DIMS};
    struct psim_quantity q = untouched;
    enum psim_dim found = PSIM_N_DIMS;
    const enum psim_quantity_status status =
        psim_quantity_parse(refused[_i].text, refused[_i].allowed, NULL, &q, &found);
    ck_assert_msg(status == refused[_i].status, "'%s': status %d, want %d",
                  refused[_i].text, (int)status, (int)refused[_i].status);
    ck_assert_double_eq(q.value, untouched.value);
    const bool wrong_dim = status == PSIM_QUANTITY_WRONG_DIM;
    ck_assert_int_eq(found, wrong_dim ? refused[_i].found : PSIM_N_DIMS);
}
END_TEST

static const struct {
    const char *text, *bare_unit;
    psim_dims allowed;
    enum psim_quantity_status status;
    struct psim_quantity want;
} bare[] = {
    {"400", "cycles", TIME_OR_CYCLES, PSIM_QUANTITY_OK, {400, PSIM_DIM_CYCLES}},
    {"8", "GB", ONE(BYTES), PSIM_QUANTITY_OK, {8e9, PSIM_DIM_BYTES}},
    {"1e7", "op/s", ONE(OP_PER_S), PSIM_QUANTITY_OK, {1e7, PSIM_DIM_OP_PER_S}},
    /* A unit that is written wins. */
    {"5 ns", "cycles", TIME_OR_CYCLES, PSIM_QUANTITY_OK, {5e-9, PSIM_DIM_SECONDS}},
    /* The header's unit does not fit: a plain number stays one where that is allowed.
     */
    {"0.5", "cycles", ONE(NONE) | ONE(BYTES), PSIM_QUANTITY_OK, {0.5, PSIM_DIM_NONE}},
    {"0.5", "cycles", ONE(BYTES), PSIM_QUANTITY_WRONG_DIM, {-1, PSIM_DIM_CYCLES}},
    {"5", "parsec", ONE(BYTES), PSIM_QUANTITY_UNKNOWN_UNIT, {-1, PSIM_N_DIMS}},
    {"0.5", NULL, ONE(NONE) | ONE(BYTES), PSIM_QUANTITY_OK, {0.5, PSIM_DIM_NONE}},
};

START_TEST(a_header_gives_bare_numbers_their_unit)
{
    struct psim_quantity q = {-1, PSIM_N_DIMS};
    enum psim_dim found = PSIM_N_DIMS;
    const enum psim_quantity_status status = psim_quantity_parse(
        bare[_i].text, bare[_i].allowed, bare[_i].bare_unit, &q, &found);
    ck_assert_msg(status == bare[_i].status, "'%s': status %d", bare[_i].text,
                  (int)status);
    ck_assert_double_eq(q.value, bare[_i].want.value);
    ck_assert_int_eq(status == PSIM_QUANTITY_OK ? q.dim : found, bare[_i].want.dim);
}
END_TEST

START_TEST(every_dimension_reads_its_own_unit)
{
    for (unsigned d = PSIM_DIM_NONE + 1; d < PSIM_N_DIMS; d++) {
        enum psim_dim found = PSIM_N_DIMS;
        const char *unit = psim_dim_unit((enum psim_dim)d);
        ck_assert_msg(psim_unit_find(unit, &found), "%s", unit);
        ck_assert_uint_eq(found, d);
        ck_assert_str_ne(psim_dim_name((enum psim_dim)d), "");
    }
    enum psim_dim untouched = PSIM_N_DIMS;
    ck_assert(!psim_unit_find("parsec", &untouched));
    ck_assert(!psim_unit_find("", &untouched));
    ck_assert_int_eq(untouched, PSIM_N_DIMS);
}
END_TEST

static const struct {
    double value;
    enum psim_dim dim;
    int digits;
    const char *want;
} shown[] = {
    {1.935e12, PSIM_DIM_BYTES_PER_S, 3, "1.94 TB/s"}, /* a tie: to the even digit */
    {1.555e12, PSIM_DIM_BYTES_PER_S, 4, "1.555 TB/s"},
    {83.52e-6, PSIM_DIM_SECONDS, 4, "83.52 \xC2\xB5s"},
    {40.0 * 0x1p30, PSIM_DIM_BYTES, 3, "40 GiB"},
    {12.5e9, PSIM_DIM_FLOP_PER_S, 4, "12.5 GFLOP/s"},
    {128 * 0x1p20, PSIM_DIM_BYTES, 4, "128 MiB"},
    {1.5 * 0x1p30, PSIM_DIM_BYTES, 4, "1.5 GiB"},
    {1023 * 1024.0, PSIM_DIM_BYTES, 3, "1023 KiB"},
    {1025 * 1024.0, PSIM_DIM_BYTES, 4, "1.05 MB"}, /* 1,049,600: no round MiB */
    {128e6, PSIM_DIM_BYTES, 4, "128 MB"},          /* 125,000 x 1024, but 122.07 MiB */
    {30e6, PSIM_DIM_BYTES, 4, "30 MB"},
    {1000, PSIM_DIM_BYTES, 4, "1 kB"},
    {512, PSIM_DIM_BYTES, 4, "512 B"},
    {0.5, PSIM_DIM_BYTES, 4, "0.5 B"},
    {0x1p62, PSIM_DIM_BYTES, 4, "4.612 EB"}, /* 4096 PiB: past the last prefix */
    {0x1p50, PSIM_DIM_BYTES_PER_S, 4, "1.126 PB/s"}, /* rates are decimal */
    {-3e9, PSIM_DIM_BYTES, 4, "-3 GB"},
    {-4096, PSIM_DIM_BYTES, 4, "-4 KiB"},
    {0, PSIM_DIM_BYTES, 4, "0 B"},
    {-0.0, PSIM_DIM_SECONDS, 4, "0 s"},
    {0, PSIM_DIM_NONE, 4, "0"},
    {999.96e9, PSIM_DIM_HERTZ, 4, "1 THz"}, /* rounds up into the next prefix */
    {999.94e9, PSIM_DIM_HERTZ, 4, "999.9 GHz"},
    {1, PSIM_DIM_SECONDS, 4, "1 s"},
    {0.9999, PSIM_DIM_SECONDS, 4, "999.9 ms"},
    {12345.6, PSIM_DIM_SECONDS, 3, "12346 s"}, /* nobody says 12.3 ks */
    {1e-15, PSIM_DIM_SECONDS, 3, "1 fs"},
    {1e-18, PSIM_DIM_SECONDS, 3, "1 as"},
    {1.5e-19, PSIM_DIM_SECONDS, 3, "1.5e-19 s"},
    {3.7e-12, PSIM_DIM_J_PER_BYTE, 3, "3.7 pJ/B"},
    {12345, PSIM_DIM_CYCLES, 4, "12345 cycles"},
    {1234567, PSIM_DIM_CYCLES, 4, "1.235e6 cycles"},
    {0.03125, PSIM_DIM_OP_PER_CYCLE, 4, "0.03125 op/cycle"},
    {1024, PSIM_DIM_FLOP_PER_CYCLE, 3, "1024 FLOP/cycle"},
    {0.91, PSIM_DIM_NONE, 4, "0.91"},
    {2.0 / 3, PSIM_DIM_NONE, 3, "0.667"},
    {1e-7, PSIM_DIM_NONE, 3, "1e-7"},
    {156.25, PSIM_DIM_FLOP_PER_BYTE, 4, "156.2 FLOP/B"},
    {1.23e25, PSIM_DIM_FLOP, 3, "1.23e25 FLOP"},
    {1.7976931348623157e308, PSIM_DIM_BYTES, 4, "1.798e308 B"},
    {5e-324, PSIM_DIM_SECONDS, 4, "4.941e-324 s"},
    {123e9, PSIM_DIM_BYTES_PER_S, 1, "100 GB/s"},
    {HUGE_VAL, PSIM_DIM_BYTES_PER_S, 4, "inf B/s"},
    {-HUGE_VAL, PSIM_DIM_NONE, 4, "-inf"},
    {(double)NAN, PSIM_DIM_SECONDS, 4, "nan s"},
};

START_TEST(a_quantity_is_printed_for_people)
{
    struct psim_arena arena = {0};
    const char *text =
        psim_quantity_print(&arena, shown[_i].value, shown[_i].dim, shown[_i].digits);
    check_same_text(shown[_i].want, text, shown[_i].want);
    psim_arena_free(&arena);
}
END_TEST

static const struct {
    double value;
    const char *want;
} exact[] = {
    {0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {0.1 + 0.2, "0.30000000000000004"}, /* 17 digits: 0.3 is another double */
    {1.0 / 3, "0.3333333333333333"},    /* 16 */
    {1e20, "100000000000000000000"},
    {1e21, "1e21"},
    {1e-5, "0.00001"},
    {1e-6, "1e-6"},
    {123456789, "123456789"},
    {9007199254740992.0, "9007199254740992"},
    {1.7976931348623157e308, "1.7976931348623157e308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"}, /* the least normal one */
    {5e-324, "5e-324"}, /* the least of all: one digit tells it from its neighbours */
    {HUGE_VAL, "inf"},
    {-HUGE_VAL, "-inf"},
    {(double)NAN, "nan"},
};

START_TEST(a_number_is_printed_as_short_as_it_reads_back)
{
    struct psim_arena arena = {0};
    check_same_text(exact[_i].want, psim_number_print(&arena, exact[_i].value),
                    exact[_i].want);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(every_number_reads_back_as_itself)
{
    struct psim_arena arena = {0};
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        /* Any odd multiplier walks over all exponents; the constant is Knuth's. */
        bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407u;
        double value, again = 0;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        const char *text = psim_number_print(&arena, value);
        ck_assert_ptr_eq(psim_str_number(text, &again), text + strlen(text));
        ck_assert_msg(again == value, "%s: %.17g, want %.17g", text, again, value);
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_locale_changes_no_byte)
{
    struct psim_arena arena = {0};
    /* Where none of them is installed, the test says the same of "C". */
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) (void)setlocale(LC_ALL, "fr_FR.UTF-8");
    const char *people = psim_quantity_print(&arena, 1.555e12, PSIM_DIM_BYTES_PER_S, 4);
    const char *machine = psim_number_print(&arena, 1.25);
    (void)setlocale(LC_ALL, "C");
    ck_assert_str_eq(people, "1.555 TB/s");
    ck_assert_str_eq(machine, "1.25");
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("util/quantity");
    TCase *parse = tcase_create("parse");
    tcase_add_loop_test(parse, a_quantity_is_read_in_si, 0, (int)PSIM_COUNT(good));
    tcase_add_loop_test(parse, what_is_no_quantity_says_why, 0,
                        (int)PSIM_COUNT(refused));
    tcase_add_loop_test(parse, a_header_gives_bare_numbers_their_unit, 0,
                        (int)PSIM_COUNT(bare));
    tcase_add_test(parse, every_dimension_reads_its_own_unit);
    suite_add_tcase(suite, parse);

    TCase *print = tcase_create("print");
    tcase_add_loop_test(print, a_quantity_is_printed_for_people, 0,
                        (int)PSIM_COUNT(shown));
    tcase_add_loop_test(print, a_number_is_printed_as_short_as_it_reads_back, 0,
                        (int)PSIM_COUNT(exact));
    tcase_add_test(print, every_number_reads_back_as_itself);
    tcase_add_test(print, a_locale_changes_no_byte);
    suite_add_tcase(suite, print);
    return check_main(suite);
}
