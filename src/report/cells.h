/* SPDX-License-Identifier: MIT */
/** @file Cells as people read them: what text and Markdown share. */
#pragma once

#include <stdio.h>

#include "result/document.h"

/** Print, or only count, a text of any origin. @return its columns */
int psim_cells_put(FILE *out, const char *text);
int psim_cells_width(const char *text);

/** "1.5 ms", "59.5 %", "yes"; "-" where it is not known. */
const char *psim_cells_text(struct psim_arena *arena, const struct psim_cell *cell,
                            enum psim_dim dim, bool percent);
