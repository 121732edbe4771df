/* SPDX-License-Identifier: MIT */
/** @file Medians and spreads by hand, and random numbers that stay what they are. */
#include <math.h>

#include "check_main.h"
#include "measure/random.h"
#include "measure/stats.h"

static const struct {
    const char *name;
    double values[7];
    size_t n;
    double median, spread;
} rows[] = {
    {"one", {4}, 1, 4, 0},
    /* halves {3} and {5}: (5 - 3) / 4 */
    {"two", {5, 3}, 2, 4, 0.5},
    /* 1 2 4: halves {1} and {4}, the middle one in neither: (4 - 1) / 2 */
    {"three", {4, 1, 2}, 3, 2, 1.5},
    /* 1 2 3 10: halves 1 2 and 3 10: medians 1.5 and 6.5; (6.5 - 1.5) / 2.5 */
    {"four", {10, 3, 2, 1}, 4, 2.5, 2},
    /* 1 1 2 2 2 3 100: halves 1 1 2 and 2 3 100: (3 - 1) / 2; the last one counts
     * no more than any that is larger than 3 */
    {"an outlier", {100, 2, 1, 2, 3, 2, 1}, 7, 2, 1},
};

START_TEST(median_and_spread_are_those_by_hand)
{
    ck_assert_msg(psim_median(rows[_i].values, rows[_i].n) == rows[_i].median,
                  "%s: median %g", rows[_i].name,
                  psim_median(rows[_i].values, rows[_i].n));
    ck_assert_msg(psim_spread(rows[_i].values, rows[_i].n) == rows[_i].spread,
                  "%s: spread %g", rows[_i].name,
                  psim_spread(rows[_i].values, rows[_i].n));
}
END_TEST

START_TEST(random_numbers_are_the_published_ones)
{
    /* SplitMix64 from state 0: the first outputs of Vigna's splitmix64.c. */
    ck_assert_uint_eq(psim_random(0, 0), 0xe220a8397b1dcdafu);
    ck_assert_uint_eq(psim_random(0, 1), 0x6e789e6aa1b965f4u);
    ck_assert_uint_eq(psim_random(0, 2), 0x06c45d188009454fu);
}
END_TEST

START_TEST(signed_numbers_are_spread_around_zero)
{
    enum { N = 100000 };
    double sum = 0, square = 0;
    for (size_t i = 0; i < N; i++) {
        const double x = psim_random_signed(7, i);
        ck_assert_double_ge(x, -1);
        ck_assert_double_lt(x, 1);
        ck_assert_double_eq(x, (double)(float)x);
        sum += x;
        square += x * x;
    }
    /* Mean 0 with deviation sqrt(1/3 / N) = 0.0018; mean square 1/3 with
     * sqrt(4/45 / N) = 0.00094: five of them. */
    ck_assert_double_lt(fabs(sum / N), 0.0092);
    ck_assert_double_lt(fabs(square / N - 1.0 / 3), 0.0047);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("measure/stats");
    TCase *tcase = tcase_create("stats");
    tcase_add_loop_test(tcase, median_and_spread_are_those_by_hand, 0,
                        (int)PSIM_COUNT(rows));
    tcase_add_test(tcase, random_numbers_are_the_published_ones);
    tcase_add_test(tcase, signed_numbers_are_spread_around_zero);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
