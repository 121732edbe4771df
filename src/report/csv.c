/* SPDX-License-Identifier: MIT */
/** @file CSV (RFC 4180) in blocks, blank lines between: the facts, then each table. */
/* A block is its name, its keys, its rows. SI units, unknown is empty. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "util/str.h"

/**
 * Quoted where it has to be; a character that would move a cursor is a '?'. What a
 * spreadsheet would compute, as a name like "=A1", gets its mark of a text, "'".
 */
static void
put_text(FILE *out, const char *text)
{
    const size_t len = strlen(text);
    const bool quoted = text[strcspn(text, ",\"")] != '\0';
    if (quoted) fputc('"', out);
    if (*text != '\0' && strchr("=+-@", *text)) fputc('\'', out);
    for (size_t at = 0; at < len;) {
        int width;
        if (text[at] == '"') fputc('"', out);
        at += psim_str_put(text + at, len - at, out, &width);
    }
    if (quoted) fputc('"', out);
}

/** The shortest of two that reads back as the same number. */
static void
put_number(FILE *out, double number)
{
    char text[32];
    if (!isfinite(number)) return;
    snprintf(text, sizeof text, "%.15g", number);
    double back;
    const char *end = psim_str_number(text, &back);
    if (*end != '\0' || back != number) snprintf(text, sizeof text, "%.17g", number);
    fputs(text, out);
}

static void
put_cell(FILE *out, const struct psim_cell *cell)
{
    switch (cell->kind) {
    case PSIM_CELL_NONE:
        break;
    case PSIM_CELL_NUMBER:
        put_number(out, cell->number);
        break;
    case PSIM_CELL_TEXT:
        put_text(out, cell->text);
        break;
    case PSIM_CELL_FLAG:
        fputs(cell->flag ? "true" : "false", out);
        break;
    }
}

static void
write_facts(const struct psim_document *d, FILE *out)
{
    fputs("facts\nschema", out);
    for (size_t i = 0; i < d->n_facts; i++) {
        fputc(',', out);
        put_text(out, d->facts[i].key);
    }
    fputc('\n', out);
    put_text(out, d->schema);
    for (size_t i = 0; i < d->n_facts; i++) {
        fputc(',', out);
        put_cell(out, &d->facts[i].value);
    }
    fputc('\n', out);
}

static void
write_table(const struct psim_table *t, FILE *out)
{
    fputc('\n', out);
    put_text(out, t->key);
    fputc('\n', out);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (c > 0) fputc(',', out);
        put_text(out, t->columns[c].key);
    }
    fputc('\n', out);
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
        if (i % t->n_columns > 0) fputc(',', out);
        put_cell(out, &t->cells[i]);
        if ((i + 1) % t->n_columns == 0) fputc('\n', out);
    }
}

static void
write_csv(const struct psim_document *d, FILE *out, bool colour)
{
    (void)colour;
    write_facts(d, out);
    for (size_t i = 0; i < d->n_tables; i++) {
        if (d->tables[i].key) write_table(&d->tables[i], out);
    }
}

const struct psim_format psim_format_csv = {
    .name = "csv",
    .extension = "csv",
    .doc = "as json, for spreadsheets: a block for the facts and for each table",
    .write = write_csv,
};
