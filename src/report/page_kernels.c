/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: kernels that are alike once, and their launches. */
#include "report/page_parts.h"
#include "util/arena.h"
#include "util/str.h"
#include <cJSON.h>

/** Servers of all kernels, each once: what it is. */
struct servers {
    const struct psim_server_use **items;
    size_t n;
};

static size_t
server_index(struct servers *servers, const struct psim_server_use *use)
{
    size_t i = 0;
    while (i < servers->n && !psim_str_equal(servers->items[i]->name, use->name)) {
        i++;
    }
    if (i == servers->n) servers->items[servers->n++] = use;
    return i;
}

/** [server, read, written, busy_s, energy_j], one behind the other. */
static cJSON *
uses_json(struct servers *servers, const struct psim_kernel_result *k)
{
    enum { DIGITS = 10 }; /* a size of 2^30 is one, so that it reads as 1 GiB */
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    for (size_t i = 0; i < k->n_servers; i++) {
        const struct psim_server_use *use = &k->servers[i];
        psim_page_pack_add(&pack, (double)server_index(servers, use), DIGITS);
        psim_page_pack_add(&pack, use->read, DIGITS);
        psim_page_pack_add(&pack, use->written, DIGITS);
        psim_page_pack_add(&pack, use->busy_s, DIGITS);
        psim_page_pack_add(&pack, use->energy_j, DIGITS);
    }
    return psim_page_pack_end(&pack);
}

static cJSON *
grid_json(struct psim_arena *arena, const struct psim_page_kernel *own)
{
    cJSON *axes = cJSON_CreateArray();
    for (uint32_t a = 0; a < own->n_axes; a++) {
        cJSON *axis = cJSON_CreateObject();
        psim_page_put_text(arena, axis, "name", own->axis_name[a]);
        psim_page_put_number(axis, "extent", own->extent[a]);
        cJSON_AddItemToArray(axes, axis);
    }
    return axes;
}

static cJSON *
walk_json(const struct psim_page_kernel *own)
{
    cJSON *walk = cJSON_CreateArray();
    for (uint32_t i = 0; i < own->n_levels; i++) {
        const int level[] = {(int)own->level[i].axis, (int)own->level[i].span,
                             own->level[i].down};
        cJSON_AddItemToArray(walk, cJSON_CreateIntArray(level, PSIM_COUNT(level)));
    }
    return walk;
}

static cJSON *
kernel_json(struct psim_arena *arena, struct servers *servers,
            const struct psim_kernel_result *k, const struct psim_page_kernel *own)
{
    const struct {
        const char *key;
        double number;
    } numbers[] = {
        {"time_s", k->time_s},
        {"bound_s", k->bound_s},
        {"launch_s", k->launch_s},
        {"clock_s", k->clock_s},
        {"refetch_s", k->refetch_s},
        {"fill_s", k->fill_s},
        {"tail_s", k->tail_s},
        {"contention_s", k->contention_s},
        {"flop", k->flop},
        {"groups", k->groups},
        {"units", k->units},
        {"total_units", k->total_units},
        {"resident", k->resident},
        {"bundle", own->bundle},
        {"program", (double)own->program},
    };
    const struct {
        const char *key, *text;
    } texts[] = {
        {"name", k->name},           {"mapping", k->mapping},
        {"bound_by", k->bound_by},   {"bound_by_doc", k->bound_by_doc},
        {"unit_name", k->unit_name}, {"resident_by", k->resident_by},
    };
    cJSON *one = cJSON_CreateObject();
    for (size_t i = 0; i < PSIM_COUNT(texts); i++) {
        psim_page_put_text(arena, one, texts[i].key, texts[i].text);
    }
    for (size_t i = 0; i < PSIM_COUNT(numbers); i++) {
        psim_page_put_number(one, numbers[i].key, numbers[i].number);
    }
    psim_page_put_known(one, "clock_hz", k->clock_hz);
    psim_page_put_known(one, "energy_j", k->energy_j);
    cJSON_AddItemToObject(one, "uses", uses_json(servers, k));
    cJSON_AddItemToObject(one, "axes", grid_json(arena, own));
    cJSON_AddItemToObject(one, "walk", walk_json(own));
    return one;
}

static cJSON *
servers_json(struct psim_page_notes *notes, const struct servers *servers)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < servers->n; i++) {
        const struct psim_server_use *use = servers->items[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(notes->arena, one, "name", use->name);
        psim_page_put_text(notes->arena, one, "doc", use->doc);
        psim_page_put_text(notes->arena, one, "unit", psim_dim_unit(use->counts));
        if (use->level) psim_page_put_text(notes->arena, one, "level", use->level);
        psim_page_put_number(one, "peak_per_s", use->peak_per_s);
        psim_page_put_note(notes, one, use->at);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

/** Kernels that are alike once, then the launches: which, of which op, how often. */
void
psim_page_put_kernels(struct psim_page_notes *notes, const struct psim_page_run *run,
                      const struct psim_page_classes *classes, cJSON *object)
{
    const struct psim_result *r = run->result;
    size_t most = 1;
    for (size_t i = 0; i < classes->n; i++) {
        most += r->kernels[classes->first[i]].n_servers;
    }
    struct servers servers = {
        PSIM_NEW_N(notes->arena, const struct psim_server_use *, most), 0};
    cJSON *kernels = cJSON_CreateArray(), *launches = cJSON_CreateArray();
    for (size_t i = 0; i < classes->n; i++) {
        const size_t first = classes->first[i];
        cJSON_AddItemToArray(kernels,
                             kernel_json(notes->arena, &servers, &r->kernels[first],
                                         &run->kernels[first]));
    }
    for (size_t i = 0; i < r->n_kernels; i++) {
        cJSON *one = cJSON_CreateArray();
        cJSON_AddItemToArray(one, cJSON_CreateNumber((double)classes->of[i]));
        cJSON_AddItemToArray(one, psim_page_text(notes->arena, r->kernels[i].op));
        cJSON_AddItemToArray(one, cJSON_CreateNumber(r->kernels[i].count));
        cJSON_AddItemToArray(one, cJSON_CreateNumber((double)r->kernels[i].op_index));
        cJSON_AddItemToArray(launches, one);
    }
    cJSON_AddItemToObject(object, "servers", servers_json(notes, &servers));
    cJSON_AddItemToObject(object, "kernels", kernels);
    cJSON_AddItemToObject(object, "launches", launches);
}
