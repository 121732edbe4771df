/* SPDX-License-Identifier: MIT */
/** @file Measurement files: unknown keys are ignored, what is needed is checked. */
#include "compare/measured.h"

#include <math.h>
#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** Copies through which a "cold" measurement rotates, where no file says (eq. V2). */
enum { COLD_COPIES = 32 };

/** Two that are not timed, then half of eleven. */
static const double burst_calls = 7.5;

enum { MAX_RECORDS = 1 << 20 };

/** Ops that calibrate a machine and are no workloads. */
static const char *const calibration_ops[] = {"micro", "launch", "idle"};

static const char *
word_of(const struct psim_node *map, const char *key)
{
    const struct psim_node *n =
        map && map->kind == PSIM_NODE_MAP ? psim_node_find(map, key) : NULL;
    return n && n->kind == PSIM_NODE_SCALAR ? n->scalar : NULL;
}

/** A number of a record; @p fallback where it is absent or none. */
static double
number_of(const struct psim_node *map, const char *key, double fallback)
{
    const char *word = word_of(map, key);
    double value;
    if (!word) return fallback;
    const char *end = psim_str_number(word, &value);
    return end != word && *end == '\0' && isfinite(value) ? value : fallback;
}

static bool
is_calibration(const char *op)
{
    for (size_t i = 0; i < PSIM_COUNT(calibration_ops); i++) {
        if (op && psim_str_equal(op, calibration_ops[i])) return true;
    }
    return false;
}

/** The first error's words, without its place: one line of a table. */
static const char *
first_message(const struct psim_diag *diag)
{
    for (const struct psim_diag_entry *e = diag->first; e; e = e->next) {
        if (e->severity == PSIM_SEVERITY_ERROR) return e->message;
    }
    return "cannot be read";
}

/** The workload with what the record says about its inputs. */
static const struct psim_workload *
record_workload(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_node *op, const char *cache)
{
    const struct psim_workload *read = psim_workload_node(arena, diag, op, NULL);
    if (!read || !cache) return read;
    struct psim_op *ops = PSIM_NEW_N(arena, struct psim_op, read->n_ops);
    memcpy(ops, read->ops, read->n_ops * sizeof *ops);
    for (size_t i = 0; i < read->n_ops; i++) {
        ops[i].keys.cache =
            psim_str_equal(cache, "hot") ? PSIM_CACHE_HOT : PSIM_CACHE_COLD;
    }
    struct psim_workload *with = PSIM_NEW(arena, struct psim_workload);
    *with = *read;
    with->ops = ops;
    return with;
}

static const char *
group_of(struct psim_arena *arena, const struct psim_node *op)
{
    const char *name = word_of(op, "op"), *algorithm = word_of(op, "algorithm");
    if (!name) return "unknown";
    return algorithm ? psim_arena_printf(arena, "%s/%s", name, algorithm) : name;
}

static bool
is_word(const struct psim_node *map, const char *key, const char *word)
{
    const char *text = word_of(map, key);
    return text && psim_str_equal(text, word);
}

static void
read_record(struct psim_arena *arena, struct psim_diag *diag,
            const struct psim_node *node, struct psim_record *ret)
{
    const struct psim_node *op =
        node->kind == PSIM_NODE_MAP ? psim_node_find(node, "workload") : NULL;
    const struct psim_node *measured =
        node->kind == PSIM_NODE_MAP ? psim_node_find(node, "measured") : NULL;
    const char *id = word_of(node, "id"), *timing = word_of(measured, "timing");
    *ret = (struct psim_record){
        .id = id ? id : psim_arena_printf(arena, "line %u", node->at.line),
        .group = group_of(arena, op),
        .at = node->at,
        .cold = is_word(measured, "cache", "cold"),
        .calibration = is_calibration(word_of(op, "op")),
        .library = word_of(node, "library"),
        .time_s = number_of(measured, "time_s", -1),
        .energy_j = number_of(measured, "energy_j", -1),
        .repeat_spread = number_of(measured, "repeat_spread", -1),
        /* Files have it beside the workload or among what was measured. */
        .host_overhead_s = number_of(node, "host_overhead_s",
                                     number_of(measured, "host_overhead_s", 0)),
        .launch = timing && psim_str_equal(timing, "host-timed") ? PSIM_LAUNCH_STREAM
                                                                 : PSIM_LAUNCH_GRAPH,
        .timed = timing != NULL,
    };
    if (ret->calibration) return;
    if (!op || op->kind != PSIM_NODE_MAP) {
        ret->reason = "it has no workload";
    } else if (!(ret->time_s > 0)) {
        ret->reason = "it has no time";
    } else {
        /* Its faults are the record's, not the file's. */
        struct psim_diag own = {.arena = arena, .source_count = diag->source_count};
        /* Who says nothing repeats a call with the same tensors (eq. V2). */
        const char *cache = word_of(measured, "cache");
        if (!cache && !word_of(op, "cache")) cache = "hot";
        ret->workload = record_workload(arena, &own, op, cache);
        if (!ret->workload) ret->reason = first_message(&own);
    }
}

const struct psim_measured *
psim_measured_load(struct psim_arena *arena, struct psim_diag *diag, const char *path)
{
    const struct psim_node *root = psim_read_file(arena, diag, path);
    if (!root) return NULL;
    const struct psim_node *schema = psim_node_find(root, "schema");
    const struct psim_node *list = psim_node_find(root, "records");
    if (!schema || !psim_str_equal(schema->scalar, "perfsim/measurements/v1")) {
        psim_error(
            diag, schema ? schema->at : root->at,
            "schema: '%s' is no measurement file; perfsim/measurements/v1 is needed",
            schema && schema->scalar ? psim_str_excerpt(diag->arena, schema->scalar)
                                     : "");
        return NULL;
    }
    if (!list || list->kind != PSIM_NODE_LIST || psim_node_count(list) > MAX_RECORDS) {
        psim_error(diag, list ? list->at : root->at,
                   "records: a list of at most %d records is needed", MAX_RECORDS);
        return NULL;
    }
    struct psim_measured *measured = PSIM_NEW(arena, struct psim_measured);
    const char *device = word_of(root, "device");
    measured->device = device ? device : "unknown";
    measured->device_at = device ? psim_node_find(root, "device")->at : root->at;
    /* Where caches are walked over before each call nothing stays in them. */
    measured->cold_copies = is_word(root, "cold", "flushed")
                                ? HUGE_VAL
                                : number_of(root, "cold_copies", COLD_COPIES);
    measured->burst_calls = number_of(root, "burst_calls", burst_calls);
    measured->records =
        PSIM_NEW_N(arena, struct psim_record, psim_node_count(list) + 1);
    for (const struct psim_node *n = list->first; n; n = n->next) {
        read_record(arena, diag, n, &measured->records[measured->n_records++]);
    }
    return measured;
}

const struct psim_measured *
psim_measured_by_host(struct psim_arena *arena, const struct psim_measured *measured)
{
    struct psim_measured *ret = PSIM_NEW(arena, struct psim_measured);
    *ret = *measured;
    ret->records = PSIM_NEW_N(arena, struct psim_record, measured->n_records + 1);
    for (size_t i = 0; i < measured->n_records; i++) {
        ret->records[i] = measured->records[i];
        if (!ret->records[i].timed) ret->records[i].launch = PSIM_LAUNCH_STREAM;
    }
    return ret;
}
