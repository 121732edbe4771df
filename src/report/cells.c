/* SPDX-License-Identifier: MIT */
/** @file Cells as people read them. */
#include "report/cells.h"

#include <string.h>

#include "util/arena.h"
#include "util/str.h"

int
psim_cells_put(FILE *out, const char *text)
{
    const size_t len = strlen(text);
    int columns = 0, width;
    for (size_t at = 0; at < len; columns += width) {
        at += psim_str_put(text + at, len - at, out, &width);
    }
    return columns;
}

int
psim_cells_width(const char *text)
{
    return psim_cells_put(NULL, text);
}

const char *
psim_cells_text(struct psim_arena *arena, const struct psim_cell *cell,
                enum psim_dim dim, bool percent)
{
    switch (cell->kind) {
    case PSIM_CELL_NONE:
        break;
    case PSIM_CELL_NUMBER:
        if (percent) return psim_arena_printf(arena, "%.1f %%", 100 * cell->number);
        return psim_quantity_print(arena, cell->number, dim, 4);
    case PSIM_CELL_TEXT:
        return cell->text;
    case PSIM_CELL_FLAG:
        return cell->flag ? "yes" : "no";
    }
    return "-";
}
