/* SPDX-License-Identifier: MIT */
/** @file gnuplot as a child process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct psim_arena;
struct psim_diag;

/** What came back. */
struct psim_drawn {
    const char *bytes; /**< of the picture */
    size_t len;
    bool absent; /**< there is no gnuplot: no error is recorded, the caller says more */
};

/**
 * Run the gnuplot that is found on PATH on a script, without a shell, and take what it
 * writes to its output. What it complains of while it draws is a warning.
 *
 * @param environment of this process; gnuplot gets it without what would change how it
 *                    writes numbers, which terminal it takes and where it looks for
 * files
 * @return false after an error, or where *ret says that it is absent
 */
bool psim_run_gnuplot(struct psim_arena *arena, struct psim_diag *diag,
                      const char *script, char *const *environment,
                      struct psim_drawn *ret);
