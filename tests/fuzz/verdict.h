/* SPDX-License-Identifier: MIT */
/** @file What every target asks of an answer: it is explained, and it prints. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "util/diag.h"

static inline void
must(bool holds, const char *what)
{
    if (holds) return;
    (void)fprintf(stderr, "broken: %s\n", what);
    abort();
}

/** What was refused is explained, what was taken is not; and all of it prints. */
static inline void
check_verdict(const struct psim_diag *diag, bool taken, unsigned errors_before)
{
    must(taken == (diag->error_count == errors_before), "refused means explained");
}

static inline void
print_nowhere(const struct psim_diag *diag)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) abort();
    psim_diag_print(diag, out, true);
    (void)fclose(out);
    free(text);
}
