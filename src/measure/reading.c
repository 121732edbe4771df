/* SPDX-License-Identifier: MIT */
/** @file Readings as a measurement file: ops are written by their own field tables. */
#include "measure/reading.h"

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

static const char *
word_of(const struct psim_choice *choices, int value)
{
    while (choices->word && choices->value != value) {
        choices++;
    }
    return choices->word;
}

static void
add_counts(cJSON *map, const char *key, const struct psim_counts *counts)
{
    if (counts->n == 0) return;
    cJSON *list = cJSON_AddArrayToObject(map, key);
    for (size_t i = 0; i < counts->n; i++) {
        cJSON_AddItemToArray(list, cJSON_CreateNumber((double)counts->value[i]));
    }
}

static void
add_set(cJSON *map, const struct psim_field *field, uint32_t set)
{
    if (set == 0) return;
    cJSON *list = cJSON_AddArrayToObject(map, field->key);
    for (const struct psim_choice *c = field->choices; c->word; c++) {
        if (set >> c->value & 1) {
            cJSON_AddItemToArray(list, cJSON_CreateString(c->word));
        }
    }
}

/** One attribute; what is at its default is left away. */
static void
add_field(cJSON *map, const struct psim_field *field, const void *attributes)
{
    const void *at = (const char *)attributes + field->offset;
    if (field->kind == PSIM_FIELD_COUNT) {
        const uint64_t count = *(const uint64_t *)at;
        if (count > 0) cJSON_AddNumberToObject(map, field->key, (double)count);
    } else if (field->kind == PSIM_FIELD_COUNTS) {
        add_counts(map, field->key, at);
    } else if (field->kind == PSIM_FIELD_BOOL) {
        if (*(const bool *)at) cJSON_AddTrueToObject(map, field->key);
    } else if (field->kind == PSIM_FIELD_CHOICE) {
        const int value = *(const int *)at;
        if (!field->required && value == 0) return;
        cJSON_AddStringToObject(map, field->key, word_of(field->choices, value));
    } else if (field->kind == PSIM_FIELD_CHOICES) {
        add_set(map, field, *(const uint32_t *)at);
    }
}

static cJSON *
op_object(const struct psim_op *op)
{
    cJSON *map = cJSON_CreateObject();
    if (!map) psim_die_out_of_memory(0);
    cJSON_AddStringToObject(map, "op", op->kind->name);
    for (const struct psim_field *f = op->kind->fields; f->key; f++) {
        add_field(map, f, op->attributes);
    }
    if (op->keys.lanes > 0) {
        cJSON_AddNumberToObject(map, "lanes", (double)op->keys.lanes);
    }
    return map;
}

/** Append a value to an id: words and numbers, nothing else. */
static const char *
with_value(struct psim_arena *arena, const char *id, const cJSON *value)
{
    if (cJSON_IsString(value)) {
        return psim_arena_printf(arena, "%s_%s", id, value->valuestring);
    }
    if (cJSON_IsNumber(value)) {
        return psim_arena_printf(arena, "%s_%.0f", id, value->valuedouble);
    }
    if (cJSON_IsTrue(value)) {
        return psim_arena_printf(arena, "%s_%s", id, value->string);
    }
    for (const cJSON *item = value->child; item; item = item->next) {
        id = with_value(arena, id, item);
    }
    return id;
}

static const char *
op_id(struct psim_arena *arena, const struct psim_op *op)
{
    cJSON *map = op_object(op);
    const char *id = op->kind->name;
    for (const cJSON *v = map->child->next; v; v = v->next) {
        id = with_value(arena, id, v);
    }
    if (op->keys.library.text) {
        id = psim_arena_printf(arena, "%s_%s", id, op->keys.library.text);
    }
    cJSON_Delete(map);
    return id;
}

static bool
is_graph(const struct psim_chain *chain)
{
    return chain->n > 1 || chain->repeat > 1;
}

const char *
psim_chain_id(struct psim_arena *arena, const struct psim_chain *chain)
{
    if (!is_graph(chain)) return op_id(arena, chain->ops);
    const char *id =
        psim_arena_printf(arena, "graph_%llu", (unsigned long long)chain->repeat);
    for (size_t i = 0; i < chain->n; i++) {
        id = psim_arena_printf(arena, "%s_%s", id, op_id(arena, &chain->ops[i]));
    }
    return id;
}

const char *
psim_chain_refuses(const struct psim_chain *chain)
{
    if (chain->n > PSIM_CHAIN_OPS) return "its list is too long; up to 64 ops are run";
    return chain->n * chain->repeat > PSIM_CHAIN_RUNS
               ? "it repeats too often; up to 4096 ops are run in all"
               : NULL;
}

size_t
psim_chain_first(const struct psim_chain *chain, size_t i)
{
    size_t first = 0;
    while (chain->ops[first].attributes != chain->ops[i].attributes) {
        first++;
    }
    return first;
}

/** How a kernel was cut, in the op's words: a prediction follows it. */
static void
add_tile(cJSON *op, const struct psim_reading_part *p)
{
    const struct psim_tile_keys *t = &p->tile;
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {{"m", t->m}, {"n", t->n}, {"k", t->k}, {"q", t->q}, {"kv", t->kv}};
    cJSON *tile = NULL;
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        if (rows[i].value == 0) continue;
        if (!tile) tile = cJSON_AddObjectToObject(op, "tile");
        cJSON_AddNumberToObject(tile, rows[i].key, (double)rows[i].value);
    }
    if (p->stages > 0) cJSON_AddNumberToObject(op, "stages", (double)p->stages);
    if (p->split > 0) cJSON_AddNumberToObject(op, "split", (double)p->split);
}

/** @param parts NULL: it was not run */
static cJSON *
chain_object(const struct psim_chain *chain, const struct psim_reading_part *parts,
             const char *launch)
{
    cJSON *graph = is_graph(chain) ? cJSON_CreateObject() : NULL, *list = NULL;
    if (graph) {
        cJSON_AddStringToObject(graph, "op", "graph");
        cJSON_AddStringToObject(graph, "launch", launch);
        cJSON_AddNumberToObject(graph, "repeat", (double)chain->repeat);
        list = cJSON_AddArrayToObject(graph, "ops");
    }
    for (size_t i = 0; i < chain->n; i++) {
        cJSON *op = op_object(&chain->ops[i]);
        if (parts) add_tile(op, &parts[i]);
        if (!graph) return op;
        /* A machine need not know kernels that nobody asked for. */
        const char *library = chain->ops[i].keys.library.text;
        if (library) cJSON_AddStringToObject(op, "library", library);
        cJSON_AddItemToArray(list, op);
    }
    return graph;
}

static void
add_known(cJSON *map, const char *key, double value)
{
    if (value > 0) cJSON_AddNumberToObject(map, key, value);
}

static cJSON *
record_object(struct psim_arena *arena, const struct psim_reading *r)
{
    cJSON *record = cJSON_CreateObject();
    const char *id = psim_chain_id(arena, &r->chain);
    if (!r->cold) id = psim_arena_printf(arena, "%s_hot", id);
    cJSON_AddStringToObject(record, "id", id);
    cJSON_AddItemToObject(
        record, "workload",
        chain_object(&r->chain, r->parts, r->timing ? r->timing : "stream"));
    if (!is_graph(&r->chain)) {
        cJSON_AddStringToObject(record, "library", r->parts[0].kernel);
    }
    cJSON *measured = cJSON_AddObjectToObject(record, "measured");
    cJSON_AddNumberToObject(measured, "time_s", r->time_s);
    if (r->energy_j >= 0) cJSON_AddNumberToObject(measured, "energy_j", r->energy_j);
    cJSON_AddStringToObject(measured, "cache", r->cold ? "cold" : "hot");
    cJSON_AddStringToObject(measured, "timing", r->timing ? r->timing : "host-timed");
    cJSON_AddNumberToObject(measured, "repeat_spread", r->spread);
    cJSON_AddNumberToObject(measured, "repeats", r->repeats);
    cJSON_AddNumberToObject(measured, "calls", r->calls);
    if (r->clock_hz > 0) {
        cJSON_AddNumberToObject(measured, "clock_hz", r->clock_hz);
        cJSON_AddNumberToObject(measured, "cycles", r->time_s * r->clock_hz);
    }
    add_known(measured, "sustained_time_s", r->sustained_time_s);
    add_known(measured, "power_w", r->power_w);
    add_known(measured, "sm_clock_hz", r->sustained_clock_hz);
    if (!r->timing) cJSON_AddNumberToObject(measured, "disturbed", r->disturbed);
    cJSON_AddNumberToObject(measured, "error", r->error);
    return record;
}

static cJSON *
micro_object(struct psim_arena *arena, const struct psim_micro *m)
{
    cJSON *record = cJSON_CreateObject();
    const char *id = psim_arena_printf(arena, "micro_%s", m->instruction);
    for (const struct psim_micro_key *k = m->keys; k->key; k++) {
        id = psim_arena_printf(arena, "%s_%.0f", id, k->value);
    }
    cJSON_AddStringToObject(record, "id", id);
    cJSON *workload = cJSON_AddObjectToObject(record, "workload");
    cJSON_AddStringToObject(workload, "op", "micro");
    cJSON_AddStringToObject(workload, "instruction", m->instruction);
    for (const struct psim_micro_key *k = m->keys; k->key; k++) {
        cJSON_AddNumberToObject(workload, k->key, k->value);
    }
    cJSON *measured = cJSON_AddObjectToObject(record, "measured");
    add_known(measured, "time_s", m->time_s);
    add_known(measured, "cycles", m->cycles);
    add_known(measured, "clock_hz", m->clock_hz);
    cJSON_AddNumberToObject(measured, "repeat_spread", m->spread);
    return record;
}

const char *
psim_readings_text(struct psim_arena *arena, const struct psim_readings *readings)
{
    cJSON *root = cJSON_CreateObject();
    if (!root) psim_die_out_of_memory(0);
    cJSON_AddStringToObject(root, "schema", "perfsim/measurements/v1");
    cJSON_AddStringToObject(root, "device", readings->device);
    cJSON_AddStringToObject(root, "software", readings->software);
    cJSON_AddStringToObject(root, "note", readings->note);
    if (readings->cold_copies > 0) {
        cJSON_AddNumberToObject(root, "cold_copies", readings->cold_copies);
    } else {
        /* Caches are walked over: nothing is left in them, however small it is. */
        cJSON_AddStringToObject(root, "cold", "flushed");
    }
    cJSON *records = cJSON_AddArrayToObject(root, "records");
    for (size_t i = 0; i < readings->n; i++) {
        cJSON_AddItemToArray(records, record_object(arena, &readings->items[i]));
    }
    for (size_t i = 0; i < readings->n_micros; i++) {
        cJSON_AddItemToArray(records, micro_object(arena, &readings->micros[i]));
    }
    cJSON *skipped = cJSON_AddArrayToObject(root, "skipped");
    for (size_t i = 0; i < readings->n_skipped; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(
            item, "workload",
            chain_object(&readings->skipped[i].chain, NULL, "stream"));
        cJSON_AddStringToObject(item, "reason", readings->skipped[i].reason);
        cJSON_AddItemToArray(skipped, item);
    }
    char *text = cJSON_Print(root);
    if (!text) psim_die_out_of_memory(0);
    /* Tabs are layout only: inside of strings they are written \t. */
    char *copy = psim_arena_printf(arena, "%s\n", text);
    for (char *at = strchr(copy, '\t'); at; at = strchr(at, '\t')) {
        *at = ' ';
    }
    cJSON_free(text);
    cJSON_Delete(root);
    return copy;
}
