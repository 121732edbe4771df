/* SPDX-License-Identifier: MIT */
/** @file Markdown for people: what the text report says, as a page of a repository. */
#include <string.h>

#include "report/cells.h"
#include "report/format.h"
#include "util/arena.h"

/** What Markdown would take for a mark is escaped. */
static void
put_text(struct psim_arena *arena, const char *text, FILE *out)
{
    const size_t len = strlen(text);
    char *escaped = psim_arena_alloc(arena, 2 * len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (strchr("\\`*_|<[~$&", text[i])) escaped[n++] = '\\';
        escaped[n++] = text[i];
    }
    (void)psim_cells_put(out, escaped);
}

/** At the start of a line "# ", "- " and "1. " would be marks as well. */
static void
put_line(struct psim_arena *arena, const char *text, FILE *out)
{
    const size_t digits = strspn(text, "0123456789");
    fprintf(out, "%.*s", (int)digits, text);
    const char *rest = text + digits;
    const char *marks = digits > 0 ? ".)" : "#+->=";
    if (*rest != '\0' && strchr(marks, *rest)) fputc('\\', out);
    put_text(arena, rest, out);
    fputc('\n', out);
}

static void
put_cell(struct psim_arena *arena, const char *text, FILE *out)
{
    fputc(' ', out);
    put_text(arena, text, out);
    fputs(" |", out);
}

static void
write_facts(struct psim_arena *arena, const struct psim_document *d, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < d->n_facts; i++) {
        const struct psim_fact *f = &d->facts[i];
        if (!f->heading || f->value.kind == PSIM_CELL_NONE) continue;
        if (!any) fputs("\n| | | |\n|---|---|---|\n", out);
        any = true;
        fputc('|', out);
        put_cell(arena, f->heading, out);
        put_cell(arena, psim_cells_text(arena, &f->value, f->dim, f->percent), out);
        put_cell(arena, f->remark ? f->remark : "", out);
        fputc('\n', out);
    }
}

/** How a column stands on the page; one that says nothing in any row does not. */
enum layout { HIDDEN, LEFT, RIGHT };

static enum layout
layout_of(const struct psim_table *t, size_t column)
{
    enum layout layout = HIDDEN;
    if (!t->columns[column].heading) return HIDDEN;
    for (size_t r = 0; r < t->n_rows; r++) {
        const struct psim_cell *cell = &t->cells[r * t->n_columns + column];
        if (cell->kind == PSIM_CELL_NUMBER) return RIGHT;
        if (cell->kind != PSIM_CELL_NONE) layout = LEFT;
    }
    return layout;
}

/** Title, headings, and the line that says how columns stand. */
static void
write_head(struct psim_arena *arena, const struct psim_table *t,
           const enum layout layouts[], FILE *out)
{
    fputs("\n## ", out);
    put_text(arena, t->title, out);
    fputs("\n\n|", out);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (layouts[c] != HIDDEN) put_cell(arena, t->columns[c].heading, out);
    }
    fputs("\n|", out);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (layouts[c] != HIDDEN) fputs(layouts[c] == RIGHT ? "---:|" : "---|", out);
    }
    fputc('\n', out);
}

static void
write_table(struct psim_arena *arena, const struct psim_table *t, FILE *out)
{
    if (!t->title || t->n_rows == 0) return;
    enum layout *layouts = PSIM_NEW_N(arena, enum layout, t->n_columns);
    for (size_t c = 0; c < t->n_columns; c++) {
        layouts[c] = layout_of(t, c);
    }
    write_head(arena, t, layouts, out);
    for (size_t r = 0; r < t->n_rows; r++) {
        const struct psim_arena_mark mark = psim_arena_mark(arena);
        fputc('|', out);
        for (size_t c = 0; c < t->n_columns; c++) {
            if (layouts[c] == HIDDEN) continue;
            const struct psim_cell *cell = &t->cells[r * t->n_columns + c];
            put_cell(
                arena,
                psim_cells_text(arena, cell, t->columns[c].dim, t->columns[c].percent),
                out);
        }
        fputc('\n', out);
        psim_arena_rewind(arena, mark);
    }
}

static void
write_markdown(const struct psim_document *d, FILE *out, bool colour)
{
    (void)colour;
    struct psim_arena arena = {0};
    if (d->title) {
        fputs("# ", out);
        put_text(&arena, d->title, out);
        fputc('\n', out);
    }
    for (size_t i = 0; i < d->n_lines; i++) {
        if (i > 0 || d->title) fputc('\n', out);
        put_line(&arena, d->lines[i], out);
    }
    write_facts(&arena, d, out);
    for (size_t i = 0; i < d->n_tables; i++) {
        write_table(&arena, &d->tables[i], out);
    }
    psim_arena_free(&arena);
}

const struct psim_format psim_format_markdown = {
    .name = "markdown",
    .extension = "md",
    .doc = "as text, for a page of a repository",
    .write = write_markdown,
};
