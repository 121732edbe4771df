/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: what is said of one workload. */
#include <cJSON.h>
#include <math.h>

#include "report/page_parts.h"
#include "result/metric.h"
#include "result/tables.h"

static cJSON *
metrics_json(const struct psim_result *r)
{
    cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; i < psim_metric_count; i++) {
        psim_page_put_known(object, psim_metrics[i].key, psim_metrics[i].get(r));
    }
    return object;
}

/** The sentences that the text report begins with. */
static cJSON *
sentences_json(struct psim_arena *arena, const struct psim_result *r)
{
    struct psim_document document;
    psim_result_document(arena, r, &document);
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < document.n_lines; i++) {
        cJSON_AddItemToArray(list, psim_page_text(arena, document.lines[i]));
    }
    return list;
}

static cJSON *
memories_json(struct psim_page_notes *notes, const struct psim_result *r)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < r->n_memories; i++) {
        const struct psim_server_use *use = &r->memories[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(notes->arena, one, "name", use->name);
        psim_page_put_number(one, "read_bytes", use->read);
        psim_page_put_number(one, "written_bytes", use->written);
        psim_page_put_number(one, "peak_bytes_per_s", use->peak_per_s);
        if (use->home) cJSON_AddTrueToObject(one, "home");
        psim_page_put_note(notes, one, use->at);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
roofs_json(struct psim_page_notes *notes, const struct psim_result *r)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < r->n_roofs; i++) {
        const struct psim_roof *roof = &r->roofs[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(notes->arena, one, "name", roof->name);
        psim_page_put_number(one, "peak_per_s", roof->peak_per_s);
        psim_page_put_text(notes->arena, one, "unit", psim_dim_unit(roof->dim));
        psim_page_put_number(one, "time_s", roof->time_s);
        psim_page_put_note(notes, one, roof->at);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
energies_json(struct psim_arena *arena, const struct psim_result *r)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < r->n_energies; i++) {
        const struct psim_energy_part *part = &r->energies[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(arena, one, "name", part->name);
        psim_page_put_text(arena, one, "doc", part->doc);
        psim_page_put_number(one, "energy_j", part->energy_j);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
assumptions_json(struct psim_page_notes *notes, const struct psim_result *r)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < r->n_assumptions; i++) {
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(notes->arena, one, "text", r->assumptions[i].text);
        psim_page_put_note(notes, one, r->assumptions[i].at);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
measured_json(struct psim_arena *arena, const struct psim_page_run *run)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < run->n_measured; i++) {
        const struct psim_page_measured *m = &run->measured[i];
        cJSON *one = cJSON_CreateObject();
        psim_page_put_text(arena, one, "id", m->id);
        psim_page_put_text(arena, one, "op", m->op);
        if (m->whole) cJSON_AddTrueToObject(one, "whole");
        psim_page_put_number(one, "op_index", (double)m->op_index);
        psim_page_put_number(one, "count", m->count);
        psim_page_put_number(one, "flop", m->flop);
        psim_page_put_number(one, "bytes", m->bytes);
        psim_page_put_number(one, "measured_s", m->measured_s);
        psim_page_put_number(one, "predicted_s", m->predicted_s);
        psim_page_put_known(one, "measured_j", m->measured_j);
        psim_page_put_known(one, "predicted_j", m->predicted_j);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *
layers_json(struct psim_arena *arena, const struct psim_result *r)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < r->n_layers; i++) {
        cJSON_AddItemToArray(list, psim_page_text(arena, r->layers[i]));
    }
    return list;
}

cJSON *
psim_page_run_json(struct psim_page_notes *notes, struct psim_page_lines *lines,
                   const struct psim_page_run *run)
{
    struct psim_arena *arena = notes->arena;
    const struct psim_result *r = run->result;
    struct psim_page_classes classes;
    psim_page_classify(arena, run, &classes);
    cJSON *ret = cJSON_CreateObject();
    psim_page_put_text(arena, ret, "words", run->words);
    psim_page_put_text(arena, ret, "workload", r->workload);
    psim_page_put_text(arena, ret, "title", r->workload_title);
    psim_page_put_text(arena, ret, "engine", r->engine);
    psim_page_put_text(arena, ret, "bound_by", r->bound_by);
    psim_page_put_text(arena, ret, "bound_by_doc", r->bound_by_doc);
    psim_page_put_known(ret, "cap_w", r->cap_w);
    cJSON_AddItemToObject(ret, "sentences", sentences_json(arena, r));
    cJSON_AddItemToObject(ret, "metrics", metrics_json(r));
    cJSON_AddItemToObject(ret, "memories", memories_json(notes, r));
    cJSON_AddItemToObject(ret, "roofs", roofs_json(notes, r));
    cJSON_AddItemToObject(ret, "energies", energies_json(arena, r));
    cJSON_AddItemToObject(ret, "assumptions", assumptions_json(notes, r));
    cJSON_AddItemToObject(ret, "layers", layers_json(arena, r));
    psim_page_put_kernels(notes, run, &classes, ret);
    cJSON_AddItemToObject(ret, "programs", psim_page_programs_json(lines, run));
    cJSON_AddItemToObject(ret, "knobs", psim_page_turns_json(arena, run, &classes));
    cJSON_AddItemToObject(ret, "measured", measured_json(arena, run));
    psim_page_put_timeline(arena, run, &classes, ret);
    psim_page_put_text(arena, ret, "no_timeline", run->no_timeline);
    return ret;
}
