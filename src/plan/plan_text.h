/* SPDX-License-Identifier: MIT */
/** @file The text form of a plan: pseudocode for people, and read back exactly. */
#pragma once

#include <stdio.h>

#include "plan/plan.h"

/** Print the machine's servers and acts, or only the kernels. */
void psim_plan_print(FILE *out, const struct psim_plan *plan, bool with_machine);

/**
 * Read what psim_plan_print wrote with the machine, or what a person wrote:
 * lines of words; `#` starts a comment. What is left out has the default that
 * psim_plan_print leaves out.
 *
 * @return NULL after an error was recorded
 */
const struct psim_plan *psim_plan_read(struct psim_arena *arena, struct psim_diag *diag,
                                       const char *name, const char *text);
