/* SPDX-License-Identifier: MIT */
/** @file What every test program needs: to run its suite, and to see diagnostics. */
#pragma once

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/diag.h"

/** ck_assert_msg() notes its place in a file each time: too slow for millions. */
#define CHECK_THAT(condition, ...)                                                     \
    do {                                                                               \
        if (!(condition)) ck_abort_msg(__VA_ARGS__);                                   \
    } while (0)

/** Run the suite as the environment says, for main() to return. */
static inline int
check_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/** What psim_diag_print() writes, as one string in @p arena. */
static inline const char *
check_printed(struct psim_arena *arena, const struct psim_diag *diag, bool colour)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    psim_diag_print(diag, out, colour);
    ck_assert_int_eq(fclose(out), 0);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}

/** The two texts must be the same; else both are shown whole, with the row's name. */
static inline void
check_same_text(const char *name, const char *got, const char *want)
{
    ck_assert_msg(strcmp(got, want) == 0, "%s: got\n%s\nwant\n%s", name, got, want);
}
