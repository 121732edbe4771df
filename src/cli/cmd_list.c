/* SPDX-License-Identifier: MIT */
/** @file list: what there is, straight from the lists that the program itself walks. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot.h"
#include "measure/device.h"
#include "result/metric.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_NAMES = 1024 };

static const struct psim_column columns[] = {
    {"name", "name", PSIM_DIM_NONE, false},
    {"doc", "what it is", PSIM_DIM_NONE, false},
};

static void
add_row(struct psim_arena *arena, struct psim_table *table, const char *name,
        const char *doc)
{
    struct psim_cell *row = psim_table_row(arena, table);
    row[0] = psim_cell_text(name);
    row[1] = psim_cell_text(doc);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Value of a top-level key without reading the whole file: "title: ..." of YAML,
 * "title": "..." of JSON. */
static const char *
title_of(struct psim_arena *arena, const char *path)
{
    char line[512];
    const char *title = "";
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *at = line + strspn(line, " \t\"");
        if (strncmp(at, "title", 5) != 0) continue;
        at += 5 + strspn(at + 5, "\": ");
        size_t len = strcspn(at, "\"\n");
        while (len > 0 && (at[len - 1] == ',' || at[len - 1] == ' ')) {
            len--;
        }
        title = psim_arena_copy(arena, at, len);
        break;
    }
    if (file) (void)fclose(file);
    return title;
}

/** All files of a kind in the data folders, by name; the nearest folder wins. */
static void
list_files(struct psim_arena *arena, struct psim_table *table, const char *kind,
           const char *ending)
{
    const char *folders[4];
    const size_t n_folders = psim_data_folders(arena, folders);
    for (size_t f = 0; f < n_folders && f < 1; f++) {
        const char *folder = psim_arena_printf(arena, "%s/%s", folders[f], kind);
        const char **names = PSIM_NEW_N(arena, const char *, MAX_NAMES);
        size_t n = 0;
        DIR *dir = opendir(folder);
        const struct dirent *entry;
        while (dir && n < MAX_NAMES && (entry = readdir(dir))) {
            const char *dot = strrchr(entry->d_name, '.');
            if (!dot || !psim_str_equal(dot, ending)) continue;
            names[n++] =
                psim_arena_copy(arena, entry->d_name, (size_t)(dot - entry->d_name));
        }
        if (dir) (void)closedir(dir);
        qsort(names, n, sizeof *names, by_name);
        for (size_t i = 0; i < n; i++) {
            const char *path =
                psim_arena_printf(arena, "%s/%s%s", folder, names[i], ending);
            add_row(arena, table, names[i], title_of(arena, path));
        }
    }
}

static void
list_machines(struct psim_arena *arena, struct psim_table *table)
{
    list_files(arena, table, "specs", ".yaml");
}

static void
list_workloads(struct psim_arena *arena, struct psim_table *table)
{
    list_files(arena, table, "workloads", ".json");
}

static void
list_ops(struct psim_arena *arena, struct psim_table *table)
{
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        add_row(arena, table, psim_op_kinds[i]->name, psim_op_kinds[i]->doc);
    }
}

static void
list_metrics(struct psim_arena *arena, struct psim_table *table)
{
    for (size_t i = 0; i < psim_metric_count; i++) {
        add_row(arena, table, psim_metrics[i].key, psim_metrics[i].doc);
    }
}

static void
list_formats(struct psim_arena *arena, struct psim_table *table)
{
    for (size_t i = 0; psim_formats[i]; i++) {
        add_row(arena, table, psim_formats[i]->name, psim_formats[i]->doc);
    }
}

static void
list_engines(struct psim_arena *arena, struct psim_table *table)
{
    for (size_t i = 0; psim_engines[i]; i++) {
        add_row(arena, table, psim_engines[i]->name, psim_engines[i]->doc);
    }
}

static void
list_devices(struct psim_arena *arena, struct psim_table *table)
{
    for (size_t i = 0; psim_devices[i]; i++) {
        add_row(arena, table, psim_devices[i]->name, psim_devices[i]->doc);
    }
}

static void
list_plots(struct psim_arena *arena, struct psim_table *table)
{
    for (size_t i = 0; psim_plot_kinds[i]; i++) {
        add_row(arena, table, psim_plot_kinds[i]->name, psim_plot_kinds[i]->doc);
    }
}

static const struct {
    const char *what;
    void (*list)(struct psim_arena *arena, struct psim_table *table);
} lists[] = {
    {"machines", list_machines}, {"workloads", list_workloads},
    {"ops", list_ops},           {"metrics", list_metrics},
    {"formats", list_formats},   {"engines", list_engines},
    {"devices", list_devices},   {"plots", list_plots},
};

static int
list(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments)
{
    const struct psim_format *format = psim_need_format(diag, arguments->format);
    if (!format) return PSIM_EXIT_USAGE;
    struct psim_guess guess = psim_guess_start(arguments->words[0]);
    for (size_t i = 0; i < PSIM_COUNT(lists); i++) {
        psim_guess_try(&guess, lists[i].what);
        if (!psim_str_equal(lists[i].what, arguments->words[0])) continue;
        struct psim_document document = {.schema = "perfsim/list/v1"};
        struct psim_table *table = psim_document_table(
            &document, lists[i].what, lists[i].what, columns, PSIM_COUNT(columns));
        lists[i].list(arena, table);
        return psim_write_document(diag, format, &document, arguments->output)
                   ? PSIM_EXIT_OK
                   : PSIM_EXIT_INPUT;
    }
    psim_error(
        diag, (struct psim_loc){0},
        "list: no list '%s'; machines, workloads, ops, metrics, formats, engines, "
        "devices or plots is needed",
        psim_str_excerpt(arena, arguments->words[0]));
    if (guess.best) {
        psim_note(diag, (struct psim_loc){0}, "did you mean '%s'?", guess.best);
    }
    return PSIM_EXIT_USAGE;
}

static const struct psim_option *const options[] = {&psim_option_format,
                                                    &psim_option_output, NULL};

const struct psim_command psim_command_list = {
    .name = "list",
    .usage = "machines|workloads|ops|metrics|formats|engines|devices|plots",
    .doc = "show what perfsim knows",
    .options = options,
    .least_words = 1,
    .most_words = 1,
    .run = list,
};
