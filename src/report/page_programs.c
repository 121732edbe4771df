/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: programs, line by line, with what each line counts. */
#include <cJSON.h>
#include <string.h>

#include "report/page_parts.h"

/** Lines recur from program to program: each is there once, programs name them. */
static cJSON *
lines_json(struct psim_page_lines *lines, const char *text)
{
    enum { DIGITS = 9 };
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    while (*text) {
        const size_t len = strcspn(text, "\n");
        psim_page_pack_add(&pack, (double)psim_page_line(lines, text, len), DIGITS);
        text += len;
        if (*text) text++;
    }
    return psim_page_pack_end(&pack);
}

/** [line, visits, amount], one behind the other, and the units of the amounts. */
static void
put_counts(const struct psim_page_program *program, cJSON *object)
{
    enum { DIGITS = 9 };
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    cJSON *units = cJSON_CreateArray();
    for (size_t i = 0; i < program->n_counts; i++) {
        const struct psim_page_count *count = &program->counts[i];
        psim_page_pack_add(&pack, count->line, DIGITS);
        psim_page_pack_add(&pack, count->visits, DIGITS);
        psim_page_pack_add(&pack, count->amount, DIGITS);
        cJSON_AddItemToArray(units, cJSON_CreateString(psim_dim_unit(count->dim)));
    }
    cJSON_AddItemToObject(object, "counts", psim_page_pack_end(&pack));
    cJSON_AddItemToObject(object, "units", units);
}

cJSON *
psim_page_programs_json(struct psim_page_lines *lines, const struct psim_page_run *run)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < run->n_programs; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddItemToObject(one, "lines", lines_json(lines, run->programs[i].text));
        put_counts(&run->programs[i], one);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}
