/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: a machine's roofs, and what its words for sources mean. */
#include "report/page_parts.h"
#include <cJSON.h>

static cJSON *
slopes_json(struct psim_page_notes *notes, const struct psim_machine_roofs *roofs)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < roofs->n_slopes; i++) {
        const struct psim_slope *slope = &roofs->slopes[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(notes->arena, one, "memory", slope->memory);
        psim_page_put_number(one, "bytes_per_s", slope->peak_bytes_per_s);
        psim_page_put_known(one, "j_per_byte", slope->j_per_byte);
        if (slope->home) cJSON_AddTrueToObject(one, "home");
        psim_page_put_note(notes, one, slope->at);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
ceilings_json(struct psim_page_notes *notes, const struct psim_machine_roofs *roofs)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < roofs->n_ceilings; i++) {
        const struct psim_ceiling *ceiling = &roofs->ceilings[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(notes->arena, one, "kind",
                           psim_ceiling_kind_name(ceiling->kind));
        psim_page_put_text(notes->arena, one, "operation", ceiling->operation);
        psim_page_put_text(notes->arena, one, "dtypes", ceiling->dtypes);
        psim_page_put_number(one, "flop_per_s", ceiling->peak_flop_per_s);
        psim_page_put_known(one, "j_per_flop", ceiling->j_per_flop);
        psim_page_put_note(notes, one, ceiling->at);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

cJSON *
psim_page_machine_json(struct psim_page_notes *notes, const struct psim_page *page)
{
    cJSON *machine = cJSON_CreateObject(), *sources = cJSON_CreateObject();
    psim_page_put_text(notes->arena, machine, "name", page->roofs.machine);
    psim_page_put_text(notes->arena, machine, "title", page->roofs.title);
    psim_page_put_known(machine, "base_w", page->roofs.base_w);
    cJSON_AddItemToObject(machine, "slopes", slopes_json(notes, &page->roofs));
    cJSON_AddItemToObject(machine, "ceilings", ceilings_json(notes, &page->roofs));
    for (size_t i = 0; i < page->n_sources; i++) {
        psim_page_put_text(notes->arena, sources, page->sources[i].key,
                           page->sources[i].text);
    }
    cJSON_AddItemToObject(machine, "sources", sources);
    return machine;
}
