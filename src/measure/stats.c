/* SPDX-License-Identifier: MIT */
/** @file Medians and quartiles of a few values. */
#include "measure/stats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1024 };

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double
middle(const double *sorted, size_t n)
{
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static void
sort(double ret[MOST], const double *values, size_t n)
{
    assert(n >= 1 && n <= MOST);
    memcpy(ret, values, n * sizeof *values);
    qsort(ret, n, sizeof *ret, by_size);
}

double
psim_median(const double *values, size_t n)
{
    double sorted[MOST];
    sort(sorted, values, n);
    return middle(sorted, n);
}

double
psim_spread(const double *values, size_t n)
{
    double sorted[MOST];
    sort(sorted, values, n);
    if (n < 2) return 0;
    const size_t half = n / 2;
    return (middle(sorted + n - half, half) - middle(sorted, half)) / middle(sorted, n);
}
