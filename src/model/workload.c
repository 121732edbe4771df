/* SPDX-License-Identifier: MIT */
/** @file Workloads: each op's attributes are bound by that op's own table. */
#include "model/workload.h"

#include <assert.h>
#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_OPS = 65536, MAX_GRAPH_DEPTH = 4 };

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
    int launch;      /* of the last graph that said so; -1 */
    uint64_t repeat; /* of the only graph, where the list is just that */
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
    if (!word || word->kind != PSIM_NODE_SCALAR) {
        psim_error(diag, word ? word->at : map->at,
                   "op: which op is missing, as in \"op\": \"gemm\"");
        return NULL;
    }
    const struct psim_op_kind *kind = psim_op_kind_find(word->scalar);
    if (kind) return kind;
    struct psim_guess guess = psim_guess_start(word->scalar);
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        psim_guess_try(&guess, psim_op_kinds[i]->name);
    }
    psim_error(diag, word->at, "op: '%s' is not known; 'perfsim list ops' shows all",
               word->scalar);
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

/** The ops of a graph, as often as it repeats: the plan sees one flat list. */
static bool
load_graph(struct loader *l, const struct psim_op *op, unsigned depth)
{
    const struct psim_graph *graph = op->attributes;
    if (depth == MAX_GRAPH_DEPTH) {
        return psim_error(l->diag, op->at, "graph: graphs nested deeper than %d",
                          MAX_GRAPH_DEPTH);
    }
    const size_t first = l->n_ops;
    if (!load_ops(l, graph->ops, depth + 1)) return false;
    const size_t n = l->n_ops - first;
    const uint64_t repeat = graph->repeat ? graph->repeat : 1;
    l->launch = graph->launch;
    if (first == 0 && l->repeat == 0) {
        l->repeat = repeat;
        return true;
    }
    if (n * repeat > MAX_OPS) {
        return psim_error(l->diag, op->at, "repeat: more than %d ops in all", MAX_OPS);
    }
    for (uint64_t r = 1; r < repeat; r++) {
        for (size_t i = 0; i < n; i++) {
            const struct psim_op copy = l->ops[first + i];
            push_op(l, &copy);
        }
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
    /* One allocation: the common keys, a place for "op" itself, the kind's own. */
    const size_t own_at = sizeof(struct psim_op_keys) + 2 * sizeof(void *);
    char *both = psim_arena_alloc(l->arena, 1, own_at + kind->size);
    const struct psim_field *fields = join_fields(l->arena, kind, own_at);
    if (!psim_bind(l->arena, l->diag, map, fields, NULL, both)) return false;
    if (kind->complete) kind->complete(both + own_at);
    struct psim_op op = {.kind = kind, .at = map->at, .attributes = both + own_at};
    memcpy(&op.keys, both, sizeof op.keys);
    op.name = op.keys.name.text ? op.keys.name.text : psim_op_group(l->arena, &op);
    if (kind->check && !kind->check(l->diag, &op)) return false;
    if (!kind->cost) return load_graph(l, &op, depth);
    if (kind->cost(&op).flop > 1e24 || kind->cost(&op).read_bytes > 1e18) {
        return psim_error(l->diag, map->at, "%s: larger than 1e24 FLOP or 1e18 B",
                          op.name);
    }
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
        if (l->n_ops > MAX_OPS) {
            return psim_error(l->diag, n->at, "ops: more than %d", MAX_OPS);
        }
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

static const struct psim_workload *
finish(struct loader *l, const struct psim_workload *start)
{
    struct psim_workload *workload = PSIM_NEW(l->arena, struct psim_workload);
    *workload = *start;
    workload->ops = l->ops;
    workload->n_ops = l->n_ops;
    if (l->repeat > 1 && workload->repeat <= UINT64_MAX / l->repeat) {
        workload->repeat *= l->repeat;
    }
    if (l->launch >= 0) workload->launch = (enum psim_launch_mode)l->launch;
    return workload;
}

static const struct psim_workload *
load_root(struct psim_arena *arena, struct psim_diag *diag, const char *path,
          const struct psim_node *root)
{
    struct raw raw;
    if (!psim_bind(arena, diag, root, psim_workload_fields, NULL, &raw)) return NULL;
    if (!psim_str_equal(raw.schema.text, "perfsim/workload/v1")) {
        psim_error(diag, raw.schema.at,
                   "schema: '%s' is not known here; perfsim/workload/v1 is needed",
                   raw.schema.text);
        return NULL;
    }
    struct loader l = {.arena = arena, .diag = diag, .launch = -1};
    /* Only a list that is one graph may hand its repetition to the workload. */
    if (raw.ops->kind == PSIM_NODE_LIST && psim_node_count(raw.ops) != 1) l.repeat = 1;
    if (!load_ops(&l, raw.ops, 0)) return NULL;
    const char *name = raw.name.text ? raw.name.text : file_word(arena, path);
    return finish(&l, &(struct psim_workload){
                          .name = name,
                          .title = raw.title.text ? raw.title.text : name,
                          .at = root->at,
                          .repeat = raw.repeat ? raw.repeat : 1,
                          .launch = (enum psim_launch_mode)raw.launch,
                      });
}

const struct psim_workload *
psim_workload_load(struct psim_arena *arena, struct psim_diag *diag, const char *path)
{
    const struct psim_node *root = psim_read_file(arena, diag, path);
    return root ? load_root(arena, diag, path, root) : NULL;
}

const struct psim_workload *
psim_workload_read(struct psim_arena *arena, struct psim_diag *diag, const char *name,
                   const char *text)
{
    const struct psim_node *root =
        psim_read_text(arena, diag, name, text, strlen(text));
    return root ? load_root(arena, diag, name, root) : NULL;
}

const struct psim_workload *
psim_workload_node(struct psim_arena *arena, struct psim_diag *diag,
                   const struct psim_node *op)
{
    struct loader l = {.arena = arena, .diag = diag, .launch = -1};
    if (!load_op(&l, op, 0)) return NULL;
    assert(l.ops);
    return finish(&l, &(struct psim_workload){.name = l.ops[0].name,
                                              .title = l.ops[0].name,
                                              .at = op->at,
                                              .repeat = 1});
}

/** "3,3" and "[3,3]" are lists; everything else is one word. */
static const struct psim_node *
word_value(struct psim_arena *arena, struct psim_loc at, const char *text)
{
    struct psim_node *node = PSIM_NEW(arena, struct psim_node);
    *node = (struct psim_node){.kind = PSIM_NODE_SCALAR, .at = at, .scalar = text};
    size_t len = strlen(text);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    } else if (!strchr(text, ',')) {
        return node;
    }
    *node = (struct psim_node){.kind = PSIM_NODE_LIST, .at = at};
    const struct psim_node **slot = &node->first;
    for (size_t from = 0; from <= len;) {
        const size_t part = strcspn(text + from, ",]");
        struct psim_node *item = PSIM_NEW(arena, struct psim_node);
        *item = (struct psim_node){.kind = PSIM_NODE_SCALAR,
                                   .at = at,
                                   .scalar = psim_arena_copy(arena, text + from, part)};
        *slot = item;
        slot = &item->next;
        from += part + 1;
    }
    return node;
}

static const struct psim_node *
words_to_map(struct psim_arena *arena, struct psim_diag *diag, const char *const *words,
             size_t n)
{
    const char *line = words[0];
    for (size_t i = 1; i < n; i++) {
        line = psim_arena_printf(arena, "%s %s", line, words[i]);
    }
    const struct psim_source *source =
        psim_source_new(diag, "command line", line, strlen(line));
    struct psim_loc at = {source, 1, 1};
    struct psim_node *map = PSIM_NEW(arena, struct psim_node);
    *map = (struct psim_node){.kind = PSIM_NODE_MAP, .at = at};
    const struct psim_node **slot = &map->first;
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(words[i], '=');
        const size_t key_len = equals ? (size_t)(equals - words[i]) : 0;
        if (i > 0 && key_len == 0) {
            ok = psim_error(diag, at, "'%s': key=value is needed, as in m=4096",
                            words[i]);
        } else {
            struct psim_loc value_at = at;
            if (i > 0) value_at.column += (unsigned)key_len + 1;
            struct psim_node *child = PSIM_NEW(arena, struct psim_node);
            *child = *word_value(arena, value_at, i == 0 ? words[0] : equals + 1);
            child->key = i == 0 ? "op" : psim_arena_copy(arena, words[i], key_len);
            child->key_at = at;
            if (psim_node_find(map, child->key)) {
                ok = psim_error(diag, at, "%s: is given twice", child->key);
            } else {
                *slot = child;
                slot = &child->next;
            }
        }
        at.column += (unsigned)strlen(words[i]) + 1;
    }
    return ok ? map : NULL;
}

const struct psim_workload *
psim_workload_words(struct psim_arena *arena, struct psim_diag *diag,
                    const char *const *words, size_t n)
{
    const struct psim_node *map = words_to_map(arena, diag, words, n);
    return map ? psim_workload_node(arena, diag, map) : NULL;
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
