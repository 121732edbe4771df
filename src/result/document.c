/* SPDX-License-Identifier: MIT */
/** @file Facts and tables, filled row by row. */
#include "result/document.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"

const struct psim_cell psim_cell_none = {.kind = PSIM_CELL_NONE};

struct psim_cell
psim_cell_number(double number)
{
    return (struct psim_cell){.kind = PSIM_CELL_NUMBER, .number = number};
}

struct psim_cell
psim_cell_text(const char *text)
{
    if (!text) return psim_cell_none;
    return (struct psim_cell){.kind = PSIM_CELL_TEXT, .text = text};
}

struct psim_cell
psim_cell_flag(bool flag)
{
    return (struct psim_cell){.kind = PSIM_CELL_FLAG, .flag = flag};
}

void
psim_document_line(struct psim_document *document, const char *line)
{
    assert(document->n_lines < PSIM_MAX_LINES);
    document->lines[document->n_lines++] = line;
}

struct psim_fact *
psim_document_fact(struct psim_document *document, const char *key, const char *heading,
                   enum psim_dim dim, struct psim_cell value)
{
    assert(document->n_facts < PSIM_MAX_FACTS);
    struct psim_fact *fact = &document->facts[document->n_facts++];
    *fact =
        (struct psim_fact){.key = key, .heading = heading, .value = value, .dim = dim};
    return fact;
}

struct psim_table *
psim_document_table(struct psim_document *document, const char *key, const char *title,
                    const struct psim_column *columns, size_t n_columns)
{
    assert(document->n_tables < PSIM_MAX_TABLES);
    struct psim_table *table = &document->tables[document->n_tables++];
    *table = (struct psim_table){
        .key = key, .title = title, .columns = columns, .n_columns = n_columns};
    return table;
}

struct psim_cell *
psim_table_row(struct psim_arena *arena, struct psim_table *table)
{
    if (table->n_rows == table->room) {
        const size_t room = table->room ? 2 * table->room : 16;
        struct psim_cell *more =
            PSIM_NEW_N(arena, struct psim_cell, room * table->n_columns);
        if (table->n_rows > 0) {
            memcpy(more, table->cells, table->n_rows * table->n_columns * sizeof *more);
        }
        table->cells = more;
        table->room = room;
    }
    return &table->cells[table->n_rows++ * table->n_columns];
}
