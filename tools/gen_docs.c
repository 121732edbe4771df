/* SPDX-License-Identifier: MIT */
/**
 * @file Writes the reference pages of docs/ into a folder: templates, filled from the
 * field tables that the readers use.
 *
 * A template is docs/NAME.md.in. In it, a line "@fields groups" becomes the table of
 * those keys, "@ops" a section for each op, "@file PATH" the text of a file, and
 * "@{max_depth}" anywhere a limit.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/read.h"
#include "input/text.h"
#include "model/hw_raw.h"
#include "model/workload.h"
#include "result/metric.h"
#include "util/arena.h"
#include "util/str.h"

enum { MANY_WORDS = 16 };

static const struct {
    const char *name;
    const struct psim_field *fields;
} tables[] = {
    {"machine", psim_hw_fields},
    {"parallel_groups", psim_hw_group_fields},
    {"memory_domains", psim_hw_memory_fields},
    {"operations", psim_hw_operation_fields},
    {"libraries", psim_hw_library_fields},
    {"links", psim_hw_link_fields},
    {"link_bandwidth", psim_hw_way_fields},
    {"bandwidth", psim_hw_rate_fields},
    {"tile", psim_hw_tile_fields},
    {"workload", psim_workload_fields},
    {"op", psim_op_key_fields},
};

static const struct {
    const char *name;
    long value;
} limits[] = {
    {"max_groups", PSIM_MAX_GROUPS},
    {"max_memories", PSIM_MAX_MEMORIES},
    {"max_links", PSIM_MAX_LINKS},
    {"max_operations", PSIM_MAX_OPERATIONS},
    {"max_capacities", PSIM_MAX_CAPACITIES},
    {"max_mib", PSIM_READ_MAX_BYTES >> 20},
    {"max_depth", PSIM_READ_MAX_DEPTH},
    {"max_values", PSIM_READ_MAX_VALUES},
    {"max_key", PSIM_READ_MAX_KEY},
    {"max_anchors", PSIM_READ_MAX_ANCHORS},
    {"max_text", PSIM_BIND_MAX_TEXT},
    {"max_ops", PSIM_MAX_OPS},
    {"max_graph_depth", PSIM_MAX_GRAPH_DEPTH},
    {"shown", PSIM_DIAG_SHOWN},
};

struct page {
    struct psim_arena *arena;
    const char *template; /* its path, for messages */
    FILE *out;
};

static _Noreturn void
fail(const struct page *page, const char *what, const char *name)
{
    (void)fprintf(stderr, "gen_docs: %s: %s '%s'\n", page->template, what, name);
    exit(1);
}

/* --- one field ------------------------------------------------------------- */

/** "`fp64`, `fp32` or `bf16`": of each value the first spelling. */
static const char *
choice_words(struct psim_arena *arena, const struct psim_choice *choices)
{
    if (choices == psim_dtype_choices) return "a [data type](SPEC.md#data-types)";
    const struct psim_choice *shown[MANY_WORDS];
    size_t n = 0;
    for (const struct psim_choice *c = choices; c->word; c++) {
        bool again = false;
        for (size_t i = 0; i < n; i++) {
            again |= shown[i]->value == c->value;
        }
        assert(n < MANY_WORDS);
        if (!again) shown[n++] = c;
    }
    const char *words = "";
    for (size_t i = 0; i < n; i++) {
        const char *join = i == 0 ? "" : i + 1 == n ? " or " : ", ";
        words = psim_arena_printf(arena, "%s%s`%s`", words, join, shown[i]->word);
    }
    return words;
}

/** "a time (s) or a number of cycles (cycles)". */
static const char *
dim_words(struct psim_arena *arena, psim_dims dims)
{
    if (dims == 0) return "a number";
    const char *words = "";
    bool any = false;
    for (unsigned d = 0; d < PSIM_N_DIMS; d++) {
        if (!(dims & PSIM_DIM_BIT(d))) continue;
        dims &= ~PSIM_DIM_BIT(d);
        const char *name = psim_dim_name((enum psim_dim)d);
        words = psim_arena_printf(arena, "%s%s%s %s (%s)", words,
                                  !any   ? ""
                                  : dims ? ", "
                                         : " or ",
                                  psim_str_article(name), name,
                                  psim_dim_unit((enum psim_dim)d));
        any = true;
    }
    return words;
}

/** ", 1 to 64"; nothing where all are allowed. */
static const char *
range_words(struct psim_arena *arena, const struct psim_field *f)
{
    const psim_dims dims = f->dims;
    const bool one = dims != 0 && (dims & (dims - 1)) == 0;
    enum psim_dim dim = PSIM_DIM_NONE;
    for (unsigned d = 0; d < PSIM_N_DIMS && one; d++) {
        if (dims & PSIM_DIM_BIT(d)) dim = (enum psim_dim)d;
    }
    const bool count = f->kind == PSIM_FIELD_COUNT || f->kind == PSIM_FIELD_COUNTS;
    const char *min = count ? psim_arena_printf(arena, "%.0f", f->min)
                            : psim_quantity_print(arena, f->min, dim, 10);
    const char *max = count ? psim_arena_printf(arena, "%.0f", f->max)
                            : psim_quantity_print(arena, f->max, dim, 10);
    if (f->max > 0 && f->min >= f->max) return psim_arena_printf(arena, ", %s", max);
    if (f->max == 0 && f->min == 0) return ", 0 or more";
    if (f->max == 0) return psim_arena_printf(arena, ", %s or more", min);
    if (f->min == 0) return psim_arena_printf(arena, ", up to %s", max);
    return psim_arena_printf(arena, ", %s to %s", min, max);
}

/** What may stand behind a key. */
static const char *
value_words(struct psim_arena *arena, const struct psim_field *f)
{
    const char *range = range_words(arena, f);
    switch (f->kind) {
    case PSIM_FIELD_TEXT:
        return "a text";
    case PSIM_FIELD_TEXTS:
        return "a text, or a list of them";
    case PSIM_FIELD_COUNT:
        return psim_arena_printf(arena, "a whole number%s", range);
    case PSIM_FIELD_COUNTS:
        return psim_arena_printf(arena, "a whole number%s, or a list of up to %zu",
                                 range, f->max_items ? f->max_items : 4);
    case PSIM_FIELD_BOOL:
        return "`true` or `false`";
    case PSIM_FIELD_CHOICE:
        return choice_words(arena, f->choices);
    case PSIM_FIELD_CHOICES:
        return psim_arena_printf(arena, "%s, or a list of them",
                                 choice_words(arena, f->choices));
    case PSIM_FIELD_FIGURE:
        return psim_arena_printf(arena, "%s%s", dim_words(arena, f->dims), range);
    case PSIM_FIELD_FIGURES:
        return psim_arena_printf(
            arena, "%s%s; one, or a map of them by %s", dim_words(arena, f->dims),
            range, f->choices == psim_dtype_choices ? "data type" : "launch mode");
    case PSIM_FIELD_MAP:
        return "a map of the keys below";
    case PSIM_FIELD_MAPS:
        return psim_arena_printf(arena, "a list of maps, at most %zu",
                                 f->max_items ? f->max_items : 4096);
    case PSIM_FIELD_NODE:
        break;
    }
    if (!f->dims) return "as its meaning says";
    return psim_arena_printf(arena, "%s, or a map", dim_words(arena, f->dims));
}

/** A '|' would end the cell. */
static void
put_cell(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '|') fputc('\\', out);
        fputc(*c, out);
    }
}

static void
put_rows(const struct page *page, const struct psim_field *fields, const char *before)
{
    for (const struct psim_field *f = fields; f->key; f++) {
        const char *fallback = f->required   ? "**required**"
                               : f->fallback ? f->fallback
                                             : "";
        if (!f->doc || !*f->doc) fail(page, "no doc of key", f->key);
        (void)fprintf(page->out, "| `%s%s` | ", before, f->key);
        put_cell(page->out, value_words(page->arena, f));
        fputs(" | ", page->out);
        put_cell(page->out, fallback);
        fputs(" | ", page->out);
        put_cell(page->out, f->doc);
        fputs(f->unused ? " (no effect yet) |\n" : " |\n", page->out);
        if (f->kind != PSIM_FIELD_MAP) continue;
        put_rows(page, f->fields,
                 psim_arena_printf(page->arena, "%s%s: ", before, f->key));
    }
}

static void
put_table(const struct page *page, const struct psim_field *fields)
{
    fputs("| key | value | default | meaning |\n|---|---|---|---|\n", page->out);
    put_rows(page, fields, "");
}

/* --- directives ------------------------------------------------------------ */

static void
put_fields(const struct page *page, const char *name)
{
    for (size_t i = 0; i < PSIM_COUNT(tables); i++) {
        if (!psim_str_equal(tables[i].name, name)) continue;
        put_table(page, tables[i].fields);
        return;
    }
    /* A table inside another: "libraries.tiles". */
    const char *dot = strchr(name, '.');
    for (size_t i = 0; dot && i < PSIM_COUNT(tables); i++) {
        const size_t len = (size_t)(dot - name);
        if (strlen(tables[i].name) != len || strncmp(tables[i].name, name, len) != 0) {
            continue;
        }
        for (const struct psim_field *f = tables[i].fields; f->key; f++) {
            if (!f->fields || !psim_str_equal(f->key, dot + 1)) continue;
            put_table(page, f->fields);
            return;
        }
    }
    fail(page, "no table of fields", name);
}

static void
put_ops(const struct page *page, const char *name)
{
    (void)name;
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        const struct psim_op_kind *kind = psim_op_kinds[i];
        (void)fprintf(page->out, "%s### `%s`\n\n%c%s.\n\n", i > 0 ? "\n" : "",
                      kind->name, (toupper)((unsigned char)kind->doc[0]),
                      kind->doc + 1);
        put_table(page, kind->fields);
    }
}

static void
put_dtypes(const struct page *page, const char *name)
{
    (void)name;
    fputs("| data type | bytes | a product of it writes | also written |\n"
          "|---|---|---|---|\n",
          page->out);
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        const enum psim_dtype dtype = (enum psim_dtype)t;
        (void)fprintf(page->out, "| `%s` | %u | `%s` |", psim_dtype_name(dtype),
                      psim_dtype_bytes(dtype),
                      psim_dtype_name(psim_dtype_of_product(dtype)));
        for (const struct psim_choice *c = psim_dtype_choices; c->word; c++) {
            if (c->value == t && !psim_str_equal(c->word, psim_dtype_name(dtype))) {
                (void)fprintf(page->out, " `%s`", c->word);
            }
        }
        fputs(" |\n", page->out);
    }
}

static void
put_primitives(const struct page *page, const char *name)
{
    (void)name;
    fputs(
        "| `does` | FLOP | taken from the name | done by, where a machine lacks it |\n"
        "|---|---|---|---|\n",
        page->out);
    for (int p = PSIM_DOES_NOTHING_KNOWN + 1; p < PSIM_N_PRIMITIVES; p++) {
        const enum psim_primitive primitive = (enum psim_primitive)p;
        double times;
        const enum psim_primitive instead = psim_primitive_instead(primitive, &times);
        (void)fprintf(page->out, "| `%s` | ", psim_primitive_name(primitive));
        if (primitive == PSIM_DOES_MATMUL) {
            fputs("2 m n k of its tile |", page->out);
        } else {
            (void)fprintf(page->out, "%g |", psim_primitive_flop(primitive));
        }
        for (const struct psim_choice *c = psim_primitive_choices; c->word; c++) {
            if (c->value == p) (void)fprintf(page->out, " `%s`", c->word);
        }
        if (instead == PSIM_DOES_NOTHING_KNOWN) {
            fputs(" | |\n", page->out);
        } else {
            (void)fprintf(page->out, " | %g `%s` |\n", times,
                          psim_primitive_name(instead));
        }
    }
}

static void
put_metrics(const struct page *page, const char *name)
{
    (void)name;
    static const char *const better[] = {
        [PSIM_BETTER_LOWER] = "lower",
        [PSIM_BETTER_HIGHER] = "higher",
        [PSIM_BETTER_NEITHER] = "",
    };
    fputs("| key | unit | better | meaning |\n|---|---|---|---|\n", page->out);
    for (size_t i = 0; i < psim_metric_count; i++) {
        const struct psim_metric *m = &psim_metrics[i];
        (void)fprintf(page->out, "| `%s` | %s | %s | %s |\n", m->key,
                      psim_dim_unit(m->dim), better[m->better], m->doc);
    }
}

/** The text of a file of the source tree, a zero behind it. */
static const char *
read_source(const struct page *page, const char *path)
{
    struct psim_diag diag = {.arena = page->arena};
    const char *full = psim_arena_printf(page->arena, "%s/%s", PSIM_SOURCE_ROOT, path);
    const char *text;
    size_t len;
    if (!psim_text_load(page->arena, &diag, full, &text, &len)) {
        psim_diag_print(&diag, stderr, false);
        exit(1);
    }
    return text;
}

static void
put_file(const struct page *page, const char *path)
{
    fputs(read_source(page, path), page->out);
}

static const struct {
    const char *word;
    void (*put)(const struct page *page, const char *name);
} directives[] = {
    {"@fields ", put_fields},        {"@ops", put_ops},         {"@dtypes", put_dtypes},
    {"@primitives", put_primitives}, {"@metrics", put_metrics}, {"@file ", put_file},
};

/* --- templates ------------------------------------------------------------- */

/** A line as it is, but for "@{name}". */
static void
put_line(const struct page *page, const char *line)
{
    for (const char *mark = strstr(line, "@{"); mark; mark = strstr(line, "@{")) {
        const char *end = strchr(mark, '}');
        if (!end) fail(page, "no '}' in", line);
        (void)fwrite(line, 1, (size_t)(mark - line), page->out);
        const char *name =
            psim_arena_copy(page->arena, mark + 2, (size_t)(end - mark - 2));
        size_t i = 0;
        while (i < PSIM_COUNT(limits) && !psim_str_equal(limits[i].name, name)) {
            i++;
        }
        if (i == PSIM_COUNT(limits)) fail(page, "no limit", name);
        (void)fprintf(page->out, "%ld", limits[i].value);
        line = end + 1;
    }
    (void)fprintf(page->out, "%s\n", line);
}

static void
put_template_line(const struct page *page, const char *line)
{
    for (size_t i = 0; i < PSIM_COUNT(directives); i++) {
        const size_t len = strlen(directives[i].word);
        if (strncmp(line, directives[i].word, len) != 0) continue;
        directives[i].put(page, line + len);
        return;
    }
    if (line[0] == '@' && line[1] != '{') fail(page, "no directive", line);
    put_line(page, line);
}

static void
write_page(const char *folder, const char *name)
{
    struct psim_arena arena = {0};
    struct page page = {
        .arena = &arena,
        .template = psim_arena_printf(&arena, "docs/%s.in", name),
    };
    const char *text = read_source(&page, page.template);
    const char *path = psim_arena_printf(&arena, "%s/%s", folder, name);
    page.out = fopen(path, "w");
    if (!page.out) fail(&page, strerror(errno), path);
    while (*text) {
        const size_t len = strcspn(text, "\n");
        put_template_line(&page, psim_arena_copy(&arena, text, len));
        text += text[len] == '\n' ? len + 1 : len;
    }
    if (fclose(page.out) != 0) fail(&page, strerror(errno), path);
    psim_arena_free(&arena);
}

int
main(int argc, char **argv)
{
    static const char *const pages[] = {"SPEC.md", "WORKLOAD.md", "REPORT.md"};
    if (argc != 2) {
        (void)fputs("usage: gen_docs FOLDER\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < PSIM_COUNT(pages); i++) {
        write_page(argv[1], pages[i]);
    }
    return 0;
}
