/* SPDX-License-Identifier: MIT */
/** @file From a machine's files to a valid machine: layers, fields, names, checks. */
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "input/merge.h"
#include "input/read.h"
#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_EXTENDS = 8, MAX_UNITS = 64, MAX_LAYERS = 64, MAX_ASSUMPTIONS = 64 };

/* Operations of one name are told apart by who issues them. */
static const char *const tie_keys[] = {"supported_by", "op", "algorithm", "operation",
                                       NULL};

struct layers {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_hw_layers *given;
    const char *names[MAX_LAYERS];
    size_t n;
};

static const char *
folder_of(struct psim_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? psim_arena_copy(arena, path, (size_t)(slash - path) + 1) : "";
}

/** Where `extends: NAME` is: beside the file, then in the known folders. */
static const char *
find_base(struct layers *l, const char *path, const char *name)
{
    const char *folder = folder_of(l->arena, path);
    for (size_t i = 0; i <= (l->given ? l->given->n_folders : 0); i++) {
        for (int with_ending = 0; with_ending < 2; with_ending++) {
            const char *try =
                psim_arena_printf(l->arena, "%s%s%s%s", folder, i > 0 ? "/" : "", name,
                                  with_ending ? ".yaml" : "");
            if (access(try, R_OK) == 0) return try;
        }
        if (l->given && i < l->given->n_folders) folder = l->given->folders[i];
    }
    return NULL;
}

/** A file with everything that it extends below it. */
static const struct psim_node *
read_extended(struct layers *l, const char *path, unsigned depth)
{
    const struct psim_node *own = psim_read_file(l->arena, l->diag, path);
    if (!own) return NULL;
    const struct psim_node *extends = psim_node_find(own, "extends");
    if (extends && extends->kind == PSIM_NODE_SCALAR) {
        if (depth == MAX_EXTENDS) {
            psim_error(
                l->diag, extends->at,
                "extends: more than %d machines one over the other; is it a circle?",
                MAX_EXTENDS);
            return NULL;
        }
        const char *base_path = find_base(l, path, extends->scalar);
        if (!base_path) {
            psim_error(l->diag, extends->at,
                       "extends: no machine '%s'; a file beside this one or a name "
                       "that 'perfsim list machines' shows is needed",
                       extends->scalar);
            return NULL;
        }
        const struct psim_node *base = read_extended(l, base_path, depth + 1);
        if (!base) return NULL;
        own = psim_merge(l->arena, l->diag, base, own, tie_keys);
    }
    if (own && l->n < MAX_LAYERS) l->names[l->n++] = path;
    return own;
}

static const struct psim_node *
read_layers(struct layers *l, const char *path)
{
    const struct psim_node *tree = read_extended(l, path, 0);
    if (!l->given) return tree;
    bool ok = true;
    for (size_t i = 0; i < l->given->n_overlays; i++) {
        const struct psim_node *over =
            psim_read_file(l->arena, l->diag, l->given->overlays[i]);
        if (over && tree) tree = psim_merge(l->arena, l->diag, tree, over, tie_keys);
        if (!over || !tree) ok = false;
        if (l->n < MAX_LAYERS) l->names[l->n++] = l->given->overlays[i];
    }
    for (size_t i = 0; i < l->given->n_sets && tree; i++) {
        const struct psim_node *over =
            psim_merge_path(l->arena, l->diag, tree, l->given->sets[i]);
        if (over) tree = psim_merge(l->arena, l->diag, tree, over, tie_keys);
        if (!over) ok = false;
        if (l->n < MAX_LAYERS) {
            l->names[l->n++] =
                psim_arena_printf(l->arena, "--set %s", l->given->sets[i]);
        }
    }
    return ok ? tree : NULL;
}

/** `units: {latency: cycles}` is read before the fields that it serves. */
static bool
read_units(struct psim_diag *diag, const struct psim_node *root,
           struct psim_bare_unit units[MAX_UNITS], struct psim_bare_units *ret)
{
    const struct psim_node *map =
        root->kind == PSIM_NODE_MAP ? psim_node_find(root, "units") : NULL;
    *ret = (struct psim_bare_units){units, 0};
    if (!map) return true;
    if (map->kind != PSIM_NODE_MAP) {
        return psim_error(diag, map->at,
                          "units: a map is needed, as in {latency: cycles}");
    }
    for (const struct psim_node *n = map->first; n; n = n->next) {
        struct psim_quantity one;
        enum psim_dim found;
        if (n->kind != PSIM_NODE_SCALAR || ret->n == MAX_UNITS ||
            psim_quantity_parse("1", (psim_dims)-1, n->scalar, &one, &found) !=
                PSIM_QUANTITY_OK) {
            return psim_error(diag, n->at,
                              "units: %s: a unit is needed, as in 'cycles'", n->key);
        }
        units[ret->n++] = (struct psim_bare_unit){n->key, n->scalar};
    }
    return true;
}

void
psim_hw_assume(struct psim_hw_build *b, struct psim_loc at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = psim_arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < b->hw->n_assumptions; i++) {
        if (psim_str_equal(b->assumptions[i].text, text)) return;
    }
    if (b->hw->n_assumptions == MAX_ASSUMPTIONS) return;
    b->assumptions[b->hw->n_assumptions++] = (struct psim_assumption){text, at};
}

/** Home of a workload's tensors: the largest memory nearest to the root. */
static void
find_main_memory(struct psim_hw_build *b)
{
    struct psim_hw *hw = b->hw;
    hw->main_memory = -1;
    for (int i = 0; i < (int)hw->n_memories; i++) {
        const struct psim_memory *m = &b->memories[i];
        if (m->caches >= 0 || m->part_of >= 0) continue;
        if (hw->main_memory < 0) {
            hw->main_memory = i;
            continue;
        }
        const struct psim_memory *best = &b->memories[hw->main_memory];
        const bool farther =
            m->group != best->group && psim_group_within(hw, best->group, m->group);
        const bool larger = m->group == best->group && m->bytes > best->bytes;
        if (farther || larger) hw->main_memory = i;
    }
}

static const struct psim_hw *
build(struct psim_arena *arena, struct psim_diag *diag, const struct psim_node *root,
      const struct layers *layers)
{
    struct psim_bare_unit unit_items[MAX_UNITS];
    struct psim_bare_units units;
    struct psim_raw_hw raw;
    if (!read_units(diag, root, unit_items, &units)) return NULL;
    if (!psim_bind(arena, diag, root, psim_hw_fields, &units, &raw)) return NULL;
    if (!psim_str_equal(raw.schema.text, "perfsim/hardware/v1")) {
        psim_error(diag, raw.schema.at,
                   "schema: '%s' is not known here; perfsim/hardware/v1 is needed",
                   raw.schema.text);
        return NULL;
    }
    raw.at = root->at;
    struct psim_hw *hw = PSIM_NEW(arena, struct psim_hw);
    struct psim_hw_build b = {
        .arena = arena,
        .diag = diag,
        .raw = &raw,
        .units = &units,
        .groups = PSIM_NEW_N(arena, struct psim_group, (size_t)2 * PSIM_MAX_GROUPS),
        .memories = PSIM_NEW_N(arena, struct psim_memory, raw.memories.n),
        .operations = PSIM_NEW_N(arena, struct psim_operation, raw.operations.n),
        .assumptions = PSIM_NEW_N(arena, struct psim_assumption, MAX_ASSUMPTIONS),
        .hw = hw,
    };
    *hw = (struct psim_hw){
        .name = raw.name.text,
        .title = raw.title.text ? raw.title.text : raw.name.text,
        .at = root->at,
        .groups = b.groups,
        .memories = b.memories,
        .operations = b.operations,
        .assumptions = b.assumptions,
        .power = raw.power,
        .n_layers = layers->n,
    };
    const char **names = PSIM_NEW_N(arena, const char *, layers->n + 1);
    memcpy(names, layers->names, layers->n * sizeof *names);
    hw->layers = names;
    /* Each needs the names of those before it. */
    if (!psim_hw_build_groups(&b) || !psim_hw_build_memories(&b)) return NULL;
    find_main_memory(&b);
    if (!psim_hw_build_operations(&b) || !psim_hw_build_libraries(&b)) return NULL;
    return hw;
}

const struct psim_hw *
psim_hw_load(struct psim_arena *arena, struct psim_diag *diag, const char *path,
             const struct psim_hw_layers *given)
{
    struct layers layers = {.arena = arena, .diag = diag, .given = given};
    const struct psim_node *root = read_layers(&layers, path);
    return root ? build(arena, diag, root, &layers) : NULL;
}

const struct psim_hw *
psim_hw_read(struct psim_arena *arena, struct psim_diag *diag, const char *name,
             const char *text)
{
    struct layers layers = {.names = {name}, .n = 1};
    const struct psim_node *root =
        psim_read_text(arena, diag, name, text, strlen(text));
    return root ? build(arena, diag, root, &layers) : NULL;
}
