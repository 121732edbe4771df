/* SPDX-License-Identifier: MIT */
/** @file The page of `perfsim report`: a frame of HTML around data in JSON. */
#include "report/page.h"

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "report/page_frame.h"
#include "report/page_parts.h"
#include "result/metric.h"
#include "util/arena.h"
#include "util/str.h"

/** What every metric is: values stand with the runs. */
static cJSON *
metrics_json(struct psim_arena *arena)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < psim_metric_count; i++) {
        const struct psim_metric *m = &psim_metrics[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(arena, one, "key", m->key);
        psim_page_put_text(arena, one, "heading", m->heading);
        psim_page_put_text(arena, one, "doc", m->doc);
        psim_page_put_text(arena, one, "unit",
                           m->percent ? "%" : psim_dim_unit(m->dim));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

/** What would end the element, or the string in some readers, as an escape of JSON. */
static const struct {
    const char *text, *escape;
} escapes[] = {
    {"<", "\\u003c"},
    {">", "\\u003e"},
    {"&", "\\u0026"},
    {"\xe2\x80\xa8", "\\u2028"},
    {"\xe2\x80\xa9", "\\u2029"},
};

static const char *
escape(struct psim_arena *arena, const char *json)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    for (const char *c = json; *c;) {
        const size_t plain = strcspn(c, "<>&\xe2");
        (void)fwrite(c, 1, plain, out);
        c += plain;
        if (!*c) break;
        size_t i = 0;
        while (i < PSIM_COUNT(escapes) &&
               strncmp(c, escapes[i].text, strlen(escapes[i].text)) != 0) {
            i++;
        }
        if (i < PSIM_COUNT(escapes)) {
            fputs(escapes[i].escape, out);
            c += strlen(escapes[i].text);
        } else {
            fputc(*c++, out);
        }
    }
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}

const char *
psim_page_json(struct psim_arena *arena, const struct psim_page *page)
{
    struct psim_page_notes notes = {.arena = arena};
    struct psim_page_lines lines = {.arena = arena};
    cJSON *root = cJSON_CreateObject(), *runs = cJSON_CreateArray();
    cJSON_AddItemToObject(root, "schema", cJSON_CreateString("perfsim/page/v1"));
    psim_page_put_text(arena, root, "version", page->version);
    psim_page_put_text(arena, root, "command", page->command);
    cJSON_AddItemToObject(root, "machine", psim_page_machine_json(&notes, page));
    cJSON_AddItemToObject(root, "metrics", metrics_json(arena));
    for (size_t i = 0; i < page->n_runs; i++) {
        cJSON_AddItemToArray(runs, psim_page_run_json(&notes, &lines, &page->runs[i]));
    }
    cJSON_AddItemToObject(root, "runs", runs);
    cJSON_AddItemToObject(root, "lines",
                          cJSON_CreateStringArray(lines.items, (int)lines.n));
    cJSON_AddItemToObject(root, "notes", psim_page_notes_json(&notes, page));
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    if (!text) psim_die_out_of_memory(0);
    const char *ret = escape(arena, text);
    free(text);
    return ret;
}

/** Text between elements. */
static void
put_text(const char *text, FILE *out)
{
    const size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        int width;
        switch (text[at]) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        default:
            at += psim_str_put(text + at, len - at, out, &width);
            continue;
        }
        at++;
    }
}

void
psim_page_write(struct psim_arena *arena, const struct psim_page *page, FILE *out)
{
    const char *join = "";
    fputs(psim_page_before_title, out);
    for (size_t i = 0; i < page->n_runs; i++) {
        fputs(join, out);
        put_text(page->runs[i].result->workload_title, out);
        join = "; ";
    }
    fputs(" on ", out);
    put_text(page->roofs.title, out);
    fputs(psim_page_before_data, out);
    fputs(psim_page_json(arena, page), out);
    fputs(psim_page_after_data, out);
}
