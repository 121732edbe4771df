/* SPDX-License-Identifier: MIT */
/** @file Text for people: sentences, facts with what they mean, aligned tables. */
#include "report/cells.h"
#include "report/format.h"
#include "util/arena.h"

static void
pad(FILE *out, int width)
{
    while (width-- > 0) {
        fputc(' ', out);
    }
}

static void
write_facts(struct psim_arena *arena, const struct psim_document *d, FILE *out)
{
    int key_width = 0, value_width = 0;
    for (size_t i = 0; i < d->n_facts; i++) {
        const struct psim_fact *f = &d->facts[i];
        if (!f->heading || f->value.kind == PSIM_CELL_NONE) continue;
        const int key = psim_cells_width(f->heading);
        const int value =
            psim_cells_width(psim_cells_text(arena, &f->value, f->dim, f->percent));
        if (key > key_width) key_width = key;
        if (value > value_width && f->remark) value_width = value;
    }
    if (key_width > 0) fputc('\n', out);
    for (size_t i = 0; i < d->n_facts; i++) {
        const struct psim_fact *f = &d->facts[i];
        if (!f->heading || f->value.kind == PSIM_CELL_NONE) continue;
        const char *value = psim_cells_text(arena, &f->value, f->dim, f->percent);
        fprintf(out, "  %s", f->heading);
        pad(out, key_width - psim_cells_width(f->heading) + 2);
        (void)psim_cells_put(out, value);
        if (f->remark) {
            pad(out, value_width - psim_cells_width(value) + 2);
            (void)psim_cells_put(out, f->remark);
        }
        fputc('\n', out);
    }
}

/** How a column stands on the page. */
struct layout {
    int width; /**< 0: it is not shown, as it says nothing in any row */
    bool right;
};

static struct layout
layout_of(struct psim_arena *arena, const struct psim_table *t, size_t column)
{
    const struct psim_column *c = &t->columns[column];
    struct layout layout = {0};
    bool any = false;
    if (!c->heading) return layout;
    for (size_t r = 0; r < t->n_rows; r++) {
        const struct psim_cell *cell = &t->cells[r * t->n_columns + column];
        const struct psim_arena_mark mark = psim_arena_mark(arena);
        const int width =
            psim_cells_width(psim_cells_text(arena, cell, c->dim, c->percent));
        psim_arena_rewind(arena, mark);
        if (width > layout.width) layout.width = width;
        any |= cell->kind != PSIM_CELL_NONE;
        layout.right |= cell->kind == PSIM_CELL_NUMBER;
    }
    const int heading = psim_cells_width(c->heading);
    if (heading > layout.width) layout.width = heading;
    if (!any) layout.width = 0;
    return layout;
}

/** @param row SIZE_MAX: the headings */
static void
write_row(struct psim_arena *arena, const struct psim_table *t,
          const struct layout layouts[], size_t row, FILE *out)
{
    const struct psim_arena_mark mark = psim_arena_mark(arena);
    size_t last = t->n_columns;
    for (size_t c = 0; c < t->n_columns; c++) {
        if (layouts[c].width > 0) last = c;
    }
    fputs("  ", out);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (layouts[c].width == 0) continue;
        const struct psim_column *column = &t->columns[c];
        const char *text =
            row == SIZE_MAX ? column->heading
                            : psim_cells_text(arena, &t->cells[row * t->n_columns + c],
                                              column->dim, column->percent);
        const int gap = layouts[c].width - psim_cells_width(text);
        if (layouts[c].right) pad(out, gap);
        (void)psim_cells_put(out, text);
        if (c == last) break;
        if (!layouts[c].right) pad(out, gap);
        fputs("  ", out);
    }
    fputc('\n', out);
    psim_arena_rewind(arena, mark);
}

static void
write_table(struct psim_arena *arena, const struct psim_table *t, FILE *out,
            bool colour)
{
    if (!t->title || t->n_rows == 0) return;
    struct layout *layouts = PSIM_NEW_N(arena, struct layout, t->n_columns);
    for (size_t c = 0; c < t->n_columns; c++) {
        layouts[c] = layout_of(arena, t, c);
    }
    fprintf(out, "\n%s", colour ? "\033[1m" : "");
    (void)psim_cells_put(out, t->title);
    fprintf(out, "%s\n", colour ? "\033[0m" : "");
    write_row(arena, t, layouts, SIZE_MAX, out);
    for (size_t r = 0; r < t->n_rows; r++) {
        write_row(arena, t, layouts, r, out);
    }
}

static void
write_text(const struct psim_document *d, FILE *out, bool colour)
{
    struct psim_arena arena = {0};
    for (size_t i = 0; i < d->n_lines; i++) {
        (void)psim_cells_put(out, d->lines[i]);
        fputc('\n', out);
    }
    write_facts(&arena, d, out);
    for (size_t i = 0; i < d->n_tables; i++) {
        write_table(&arena, &d->tables[i], out, colour);
    }
    psim_arena_free(&arena);
}

const struct psim_format psim_format_text = {
    .name = "text",
    .extension = "txt",
    .doc = "a page for people: sentences, facts, tables",
    .write = write_text,
};
