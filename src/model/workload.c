/* SPDX-License-Identifier: MIT */
/** @file Workloads: each op's attributes are bound by that op's own table. */
#include "model/workload.h"

#include <assert.h>
#include <string.h>

#include "input/read.h"
#include "model/expand.h"
#include "model/workload_with.h"
#include "util/arena.h"
#include "util/str.h"

/** The file's own keys. */
struct raw {
    struct psim_word schema, name, title, note;
    const struct psim_node *ops;
    uint64_t repeat;
    int launch;
};

#define AT(member) .offset = offsetof(struct raw, member)
/* clang-format off */
const struct psim_field psim_workload_fields[] = {
    {.key = "schema", .kind = PSIM_FIELD_TEXT, .required = true, AT(schema), .doc = "perfsim/workload/v1"},
    {.key = "name", .kind = PSIM_FIELD_TEXT, AT(name), .doc = "one word for tables", .fallback = "the file's name"},
    {.key = "title", .kind = PSIM_FIELD_TEXT, AT(title), .doc = "for headings", .fallback = "the name"},
    {.key = "ops", .kind = PSIM_FIELD_NODE, .required = true, AT(ops), .doc = "a list of ops, in order"},
    {.key = "repeat", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1000000, AT(repeat), .doc = "how often the list is run", .fallback = "1"},
    {.key = "launch", .kind = PSIM_FIELD_CHOICE, .choices = psim_launch_mode_choices, AT(launch),
     .doc = "how kernels follow one another: each issued by the host, or recorded once", .fallback = "stream"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
/* clang-format on */
#undef AT

struct loader {
    struct psim_arena *arena;
    struct psim_diag *diag;
    struct psim_op *ops;
    size_t n_ops, room;
    enum psim_launch_mode launch; /**< of the list that is being read */
    uint32_t n_graphs;            /**< so far, not those inside others */
    bool one_op;                  /**< the workload's list is one op */
    const char *list_name;        /**< where that op is a list, its name */
    uint64_t repeat;              /**< where that op is a graph, of it */
    bool full;                    /**< too many ops: the rest is not looked at */
    struct psim_changes changes;
};

static size_t
count_fields(const struct psim_field *fields)
{
    size_t n = 0;
    while (fields[n].key) {
        n++;
    }
    return n;
}

/** An op's own rows behind the common ones, as one table over one struct. */
static const struct psim_field *
join_fields(struct psim_arena *arena, const struct psim_op_kind *kind, size_t own_at)
{
    const size_t common = count_fields(psim_op_key_fields);
    const size_t own = count_fields(kind->fields);
    struct psim_field *all = PSIM_NEW_N(arena, struct psim_field, common + own + 1);
    memcpy(all, kind->fields, own * sizeof *all);
    for (size_t i = 0; i < own; i++) {
        all[i].offset += own_at;
        if (all[i].loc_offset) all[i].loc_offset += own_at;
    }
    memcpy(all + own, psim_op_key_fields, common * sizeof *all);
    return all;
}

static const struct psim_op_kind *
find_kind(struct psim_diag *diag, const struct psim_node *map)
{
    const struct psim_node *word = psim_node_find(map, "op");
    if (!word) {
        psim_error(diag, map->at,
                   "op: the name of an op is missing, as in \"op\": \"gemm\"");
        return NULL;
    }
    if (word->kind != PSIM_NODE_SCALAR) {
        psim_error(diag, word->at, "op: a %s stands here; the name of an op is needed",
                   psim_node_kind_name(word->kind));
        return NULL;
    }
    const struct psim_op_kind *kind = psim_op_kind_find(word->scalar);
    if (kind) return kind;
    struct psim_guess guess = psim_guess_start(word->scalar);
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        psim_guess_try(&guess, psim_op_kinds[i]->name);
    }
    psim_error(diag, word->at, "op: '%s' is not known; 'perfsim list ops' shows all",
               psim_str_excerpt(diag->arena, word->scalar));
    if (guess.best) psim_note(diag, word->at, "did you mean '%s'?", guess.best);
    return NULL;
}

static void
push_op(struct loader *l, const struct psim_op *op)
{
    if (l->n_ops == l->room) {
        const size_t room = l->room ? 2 * l->room : 4;
        struct psim_op *more = PSIM_NEW_N(l->arena, struct psim_op, room);
        if (l->n_ops > 0) memcpy(more, l->ops, l->n_ops * sizeof *more);
        l->ops = more;
        l->room = room;
    }
    l->ops[l->n_ops++] = *op;
}

const char *
psim_op_group(struct psim_arena *arena, const struct psim_op *op)
{
    const struct psim_op_kind *kind = op->kind;
    if (!kind->algorithms) return kind->name;
    const int *value = (const int *)(const void *)((const char *)op->attributes +
                                                   kind->algorithm_offset);
    for (const struct psim_choice *c = kind->algorithms; c->word; c++) {
        if (c->value == *value) {
            return psim_arena_printf(arena, "%s/%s", kind->name, c->word);
        }
    }
    return kind->name;
}

static bool load_ops(struct loader *l, const struct psim_node *list, unsigned depth);

static bool
too_many(struct loader *l, struct psim_loc at, double n)
{
    l->full = true;
    return psim_error(l->diag, at, "repeat: %.0f ops in all; at most %d are allowed", n,
                      PSIM_MAX_OPS);
}

/** Who runs ops for real runs those of a graph in a row. */
static void
number_graph(struct loader *l, size_t first)
{
    l->n_graphs++;
    for (size_t i = first; i < l->n_ops; i++) {
        l->ops[i].graph = l->n_graphs;
    }
}

/** The ops of a graph, as often as it repeats: the plan sees one flat list. */
static bool
load_graph(struct loader *l, const struct psim_op *op, unsigned depth)
{
    const struct psim_graph *graph = op->attributes;
    if (depth == PSIM_MAX_GRAPH_DEPTH) {
        return psim_error(l->diag, op->at,
                          "graph: nested deeper than %d; a flatter list is needed",
                          PSIM_MAX_GRAPH_DEPTH);
    }
    const size_t first = l->n_ops;
    const enum psim_launch_mode around = l->launch;
    if (graph->launch_at.line > 0) l->launch = (enum psim_launch_mode)graph->launch;
    const bool ok = load_ops(l, graph->ops, depth + 1);
    l->launch = around;
    if (!ok) return false;
    if (depth == 0) number_graph(l, first);
    const size_t n = l->n_ops - first;
    const uint64_t repeat = graph->repeat ? graph->repeat : 1;
    if (depth == 0 && l->one_op) {
        l->list_name = op->name;
        l->repeat = repeat;
        return true;
    }
    const double all = (double)first + (double)n * (double)repeat;
    if (all > PSIM_MAX_OPS) return too_many(l, graph->repeat_at, all);
    for (uint64_t r = 1; r < repeat; r++) {
        for (size_t i = 0; i < n; i++) {
            const struct psim_op copy = l->ops[first + i];
            push_op(l, &copy);
        }
    }
    return true;
}

/** The product of up to three numbers, none above @p most, must not pass it either. */
static bool
check_dim(struct psim_diag *diag, const struct psim_counts *dim, const char *key,
          const char *what, double most)
{
    double all = 1;
    for (size_t i = 0; i < dim->n; i++) {
        all *= (double)dim->value[i];
    }
    if (all <= most) return true;
    return psim_error(diag, dim->at, "%s: %s %s; at most %s are allowed", key,
                      psim_number_print(diag->arena, all), what,
                      psim_number_print(diag->arena, most));
}

static bool
check_launch(struct psim_diag *diag, const struct psim_op_keys *keys)
{
    const bool grid = check_dim(diag, &keys->grid_dim, "grid_dim", "work-groups", 1e12);
    return check_dim(diag, &keys->block_dim, "block_dim", "lanes", 65536) && grid;
}

/** A number that cannot be meant, or that would not be one. */
static bool
check_cost(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_cost cost = op->kind->cost(op);
    if (cost.flop <= 1e24 && cost.read_bytes + cost.write_bytes <= 1e18) return true;
    return psim_error(
        diag, op->at,
        "%s: %.3g FLOP and %.3g B; at most 1e24 FLOP and 1e18 B are allowed",
        psim_str_excerpt(diag->arena, op->name), cost.flop,
        cost.read_bytes + cost.write_bytes);
}

/** Keys that say how one kernel is mapped say nothing of a list of them. */
static bool
check_list_keys(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_op_keys *k = &op->keys;
    const struct {
        const char *key;
        bool given;
    } rows[] = {
        {"grid_dim", k->grid_dim.n > 0}, {"block_dim", k->block_dim.n > 0},
        {"tile", k->tile_at.line > 0},   {"stages", k->stages > 0},
        {"split", k->split > 0},         {"cluster", k->cluster > 0},
        {"lanes", k->lanes > 0},
    };
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        if (!rows[i].given) continue;
        return psim_error(diag, op->at,
                          "%s: '%s' is a list of ops; the key belongs to one of them",
                          rows[i].key, op->kind->name);
    }
    return true;
}

/** The ops that a kind stands for; they have its launch mode, cache and library. */
static bool
load_expansion(struct loader *l, const struct psim_op *op, unsigned depth)
{
    struct psim_expansion x = {.arena = l->arena, .launch = l->launch};
    op->kind->expand(op, &x);
    if (depth == 0 && l->one_op) l->list_name = op->name;
    const char *own = op->keys.name.text;
    for (size_t i = 0; i < x.n_ops; i++) {
        struct psim_op one = *op;
        one.kind = x.ops[i].kind;
        one.name = x.ops[i].name;
        if (own) one.name = psim_arena_printf(l->arena, "%s.%s", own, one.name);
        one.launch = x.launch;
        one.attributes = x.ops[i].attributes;
        if (one.kind->complete) one.kind->complete(x.ops[i].attributes);
        /* What the user gave was checked as a whole. */
        assert(!one.kind->check || one.kind->check(l->diag, &one));
        if (!check_cost(l->diag, &one)) return false;
        push_op(l, &one);
    }
    return true;
}

static bool
load_op(struct loader *l, const struct psim_node *map, unsigned depth)
{
    if (map->kind != PSIM_NODE_MAP) {
        return psim_error(l->diag, map->at,
                          "ops: a map is needed for each op, not a %s",
                          psim_node_kind_name(map->kind));
    }
    const struct psim_op_kind *kind = find_kind(l->diag, map);
    if (!kind) return false;
    map = psim_changes_apply(l->arena, &l->changes, kind, map);
    /* One allocation: the common keys, a place for "op" itself, the kind's own. */
    const size_t own_at = sizeof(struct psim_op_keys) + 2 * sizeof(void *);
    char *both = psim_arena_alloc(l->arena, 1, own_at + kind->size);
    struct psim_arena scratch = {0};
    const struct psim_field *fields = join_fields(&scratch, kind, own_at);
    const bool is_bound = psim_bind(l->arena, l->diag, map, fields, NULL, both);
    psim_arena_free(&scratch);
    if (!is_bound) {
        const struct psim_graph *graph = (void *)(both + own_at);
        /* The faults of a graph's ops are told with its own. */
        if (!kind->cost && !kind->expand && graph->ops &&
            depth < PSIM_MAX_GRAPH_DEPTH) {
            (void)load_ops(l, graph->ops, depth + 1);
        }
        return false;
    }
    if (kind->complete) kind->complete(both + own_at);
    struct psim_op op = {
        .kind = kind,
        .at = map->at,
        .launch = l->launch,
        .attributes = both + own_at,
        .node = map,
    };
    memcpy(&op.keys, both, sizeof op.keys);
    op.name = op.keys.name.text ? op.keys.name.text : psim_op_group(l->arena, &op);
    const bool launches = check_launch(l->diag, &op.keys);
    if ((kind->check && !kind->check(l->diag, &op)) || !launches) return false;
    if (!kind->cost && !check_list_keys(l->diag, &op)) return false;
    if (kind->expand) return load_expansion(l, &op, depth);
    if (!kind->cost) return load_graph(l, &op, depth);
    if (!check_cost(l->diag, &op)) return false;
    push_op(l, &op);
    return true;
}

static bool
load_ops(struct loader *l, const struct psim_node *list, unsigned depth)
{
    if (list->kind != PSIM_NODE_LIST || !list->first) {
        return psim_error(l->diag, list->at,
                          "ops: a list of at least one op is needed");
    }
    bool ok = true;
    for (const struct psim_node *n = list->first; n; n = n->next) {
        ok = load_op(l, n, depth) && ok;
        if (l->n_ops > PSIM_MAX_OPS && !l->full) {
            l->full = true;
            return psim_error(l->diag, n->at, "ops: more than %d ops in all",
                              PSIM_MAX_OPS);
        }
        if (l->full) return false;
    }
    return ok;
}

static const char *
file_word(struct psim_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return psim_arena_copy(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

/** Who changed a workload reads so in every report. */
static const struct psim_workload *
finish(struct loader *l, const struct psim_workload *start,
       const struct psim_workload_with *with)
{
    struct psim_workload *workload = PSIM_NEW(l->arena, struct psim_workload);
    *workload = *start;
    const char *changes = psim_changes_text(l->arena, with);
    if (changes) {
        workload->name = psim_arena_printf(l->arena, "%s, %s", start->name, changes);
        workload->title =
            psim_arena_printf(l->arena, "%s, with %s", start->title, changes);
    }
    workload->ops = l->ops;
    workload->n_ops = l->n_ops;
    /* Both are at most a million. */
    if (l->repeat > 1) workload->repeat *= l->repeat;
    return workload;
}

/** Another kind of file has other keys: they are no faults, so this is asked first. */
static bool
check_schema(struct psim_diag *diag, const struct psim_node *root)
{
    const struct psim_node *schema = psim_node_find(root, "schema");
    if (!schema || schema->kind != PSIM_NODE_SCALAR) return true; /* bind tells */
    if (psim_str_equal(schema->scalar, "perfsim/workload/v1")) return true;
    return psim_error(diag, schema->at,
                      "schema: '%s' is not known here; perfsim/workload/v1 is needed",
                      psim_str_excerpt(diag->arena, schema->scalar));
}

static const struct psim_workload *
load_root(struct psim_arena *arena, struct psim_diag *diag, const char *path,
          const struct psim_node *root, const struct psim_workload_with *with)
{
    struct raw raw;
    if (!check_schema(diag, root)) return NULL;
    bool ok = psim_bind(arena, diag, root, psim_workload_fields, NULL, &raw);
    if (root->kind != PSIM_NODE_MAP) return NULL;
    struct loader l = {
        .arena = arena, .diag = diag, .launch = (enum psim_launch_mode)raw.launch};
    /* Only a list that is one graph may hand its repetition to the workload. */
    l.one_op = raw.ops && psim_node_count(raw.ops) == 1;
    ok = psim_changes_read(arena, diag, with, &l.changes) && ok;
    /* All faults are told at once, those of the ops as well. */
    if (raw.ops) ok = load_ops(&l, raw.ops, 0) && ok;
    if (!ok || !psim_changes_check(diag, &l.changes)) return NULL;
    const char *name = raw.name.text ? raw.name.text : file_word(arena, path);
    return finish(&l,
                  &(struct psim_workload){
                      .name = name,
                      .title = raw.title.text ? raw.title.text : name,
                      .at = root->at,
                      .repeat = raw.repeat ? raw.repeat : 1,
                  },
                  with);
}

const struct psim_workload *
psim_workload_load(struct psim_arena *arena, struct psim_diag *diag, const char *path,
                   const struct psim_workload_with *with)
{
    const struct psim_node *root = psim_read_file(arena, diag, path);
    return root ? load_root(arena, diag, path, root, with) : NULL;
}

const struct psim_workload *
psim_workload_read(struct psim_arena *arena, struct psim_diag *diag, const char *name,
                   const char *text)
{
    const struct psim_node *root =
        psim_read_text(arena, diag, name, text, strlen(text));
    return root ? load_root(arena, diag, name, root, NULL) : NULL;
}

const struct psim_workload *
psim_workload_node(struct psim_arena *arena, struct psim_diag *diag,
                   const struct psim_node *op, const struct psim_workload_with *with)
{
    struct loader l = {.arena = arena, .diag = diag, .one_op = true};
    if (!psim_changes_read(arena, diag, with, &l.changes)) return NULL;
    if (!load_op(&l, op, 0) || !psim_changes_check(diag, &l.changes)) return NULL;
    assert(l.ops);
    const char *name = l.list_name ? l.list_name : l.ops[0].name;
    return finish(
        &l,
        &(struct psim_workload){.name = name, .title = name, .at = op->at, .repeat = 1},
        with);
}

struct psim_cost
psim_workload_cost(const struct psim_workload *workload)
{
    struct psim_cost sum = {0};
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_cost one = workload->ops[i].kind->cost(&workload->ops[i]);
        sum.flop += one.flop;
        sum.read_bytes += one.read_bytes;
        sum.write_bytes += one.write_bytes;
    }
    const double repeat = (double)workload->repeat;
    return (struct psim_cost){sum.flop * repeat, sum.read_bytes * repeat,
                              sum.write_bytes * repeat};
}
