/* SPDX-License-Identifier: MIT */
/** @file From a machine's files to a valid machine: layers, fields, names, checks. */
#include <assert.h>
#include <dirent.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "input/merge.h"
#include "input/read.h"
#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_EXTENDS = 8, MAX_UNITS = 64, MAX_LAYERS = 64, MAX_ASSUMPTIONS = 64 };

/* Operations of one name are told apart by who issues them, kernels of a library by
 * what they serve. */
const char *const psim_hw_tie_keys[] = {
    "supported_by", "op", "algorithm", "operation", "copy", "data_types", NULL};

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

/** A device or a pipe that a file names would be read for ever. */
static bool
is_plain_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
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
            if (is_plain_file(try)) return try;
        }
        if (l->given && i < l->given->n_folders) folder = l->given->folders[i];
    }
    return NULL;
}

/** Names of machines in the known folders that were probably meant. */
static void
guess_machine(struct layers *l, struct psim_guess *guess)
{
    for (size_t i = 0; l->given && i < l->given->n_folders; i++) {
        DIR *dir = opendir(l->given->folders[i]);
        const struct dirent *entry;
        while (dir && (entry = readdir(dir))) {
            const char *dot = strrchr(entry->d_name, '.');
            if (!psim_str_equal(dot, ".yaml")) continue;
            psim_guess_try(guess, psim_arena_copy(l->arena, entry->d_name,
                                                  (size_t)(dot - entry->d_name)));
        }
        if (dir) (void)closedir(dir);
    }
}

static void
no_base(struct layers *l, const struct psim_node *extends)
{
    struct psim_guess guess = psim_guess_start(extends->scalar);
    guess_machine(l, &guess);
    psim_error(l->diag, extends->at,
               "extends: no machine '%s'; a file beside this one or a name that "
               "'perfsim list machines' shows is needed",
               psim_str_excerpt(l->diag->arena, extends->scalar));
    if (guess.best) psim_note(l->diag, extends->at, "did you mean '%s'?", guess.best);
}

/** overlays/NAME.yaml beside a machine's file; NULL where there is none. */
static const char *
overlay_beside(struct psim_arena *arena, const char *path)
{
    const char *folder = folder_of(arena, path);
    const char *overlay =
        psim_arena_printf(arena, "%soverlays/%s", folder, path + strlen(folder));
    return is_plain_file(overlay) ? overlay : NULL;
}

/** @p tree with the file over it; NULL after an error. */
static const struct psim_node *
lay_over(struct layers *l, const struct psim_node *tree, const char *path)
{
    const struct psim_node *over = psim_read_file(l->arena, l->diag, path);
    if (l->n < MAX_LAYERS) l->names[l->n++] = path;
    return over && tree ? psim_merge(l->arena, l->diag, tree, over, psim_hw_tie_keys)
                        : NULL;
}

/** A place in a row of files, each of which extends the next. */
struct place {
    unsigned depth;
    bool has_overlay; /* a file before it has one of its own */
};

/** A file with everything that it extends below it. */
static const struct psim_node *
read_extended(struct layers *l, const char *path, struct place at)
{
    const struct psim_node *own = psim_read_file(l->arena, l->diag, path);
    if (!own) return NULL;
    const bool overlaid = l->given && l->given->own_overlays && !at.has_overlay;
    const char *overlay = overlaid ? overlay_beside(l->arena, path) : NULL;
    const struct psim_node *extends = psim_node_find(own, "extends");
    if (extends && extends->kind == PSIM_NODE_SCALAR) {
        if (at.depth == MAX_EXTENDS) {
            psim_error(
                l->diag, extends->at,
                "extends: more than %d machines one over the other; is it a circle?",
                MAX_EXTENDS);
            return NULL;
        }
        const char *base_path = find_base(l, path, extends->scalar);
        if (!base_path) {
            no_base(l, extends);
            return NULL;
        }
        const struct place next = {at.depth + 1, at.has_overlay || overlay};
        const struct psim_node *base = read_extended(l, base_path, next);
        if (!base) return NULL;
        own = psim_merge(l->arena, l->diag, base, own, psim_hw_tie_keys);
    }
    if (own && l->n < MAX_LAYERS) l->names[l->n++] = path;
    return overlay ? lay_over(l, own, overlay) : own;
}

static const struct psim_node *
read_layers(struct layers *l, const char *path)
{
    const struct psim_node *tree = read_extended(l, path, (struct place){0});
    if (!l->given) return tree;
    bool ok = true;
    for (size_t i = 0; i < l->given->n_overlays; i++) {
        const struct psim_node *over = lay_over(l, tree, l->given->overlays[i]);
        if (over) tree = over;
        if (!over) ok = false;
    }
    for (size_t i = 0; i < l->given->n_sets && tree; i++) {
        const struct psim_node *over =
            psim_merge_path(l->arena, l->diag, tree, l->given->sets[i]);
        if (over) tree = psim_merge(l->arena, l->diag, tree, over, psim_hw_tie_keys);
        if (!over) ok = false;
        if (l->n < MAX_LAYERS) {
            l->names[l->n++] =
                psim_arena_printf(l->arena, "--set %s", l->given->sets[i]);
        }
    }
    return ok ? tree : NULL;
}

/** Whether any key of the file takes a figure under this name; else the nearest. */
static bool
takes_figures(const struct psim_field *fields, const char *key,
              struct psim_guess *guess)
{
    for (const struct psim_field *f = fields; f->key; f++) {
        if (f->fields && takes_figures(f->fields, key, guess)) return true;
        if (!f->dims) continue;
        if (psim_str_equal(f->key, key)) return true;
        psim_guess_try(guess, f->key);
    }
    return false;
}

/** One line of `units:`; @p ret without key where that is none of figures. */
static bool
read_unit(struct psim_diag *diag, const struct psim_node *n, struct psim_bare_unit *ret)
{
    struct psim_quantity one;
    enum psim_dim found;
    struct psim_guess guess = psim_guess_start(n->key);
    const char *key = psim_str_excerpt(diag->arena, n->key);
    if (!takes_figures(psim_hw_fields, n->key, &guess)) {
        (void)psim_error(diag, n->key_at,
                         "units: no key '%s' takes figures; one as 'latency' is needed",
                         key);
        if (guess.best) psim_note(diag, n->key_at, "did you mean '%s'?", guess.best);
        ret->key = NULL;
        return false;
    }
    if (n->kind != PSIM_NODE_SCALAR) {
        return psim_error(diag, n->at,
                          "units: %s: a %s stands here; a unit as 'cycles' is needed",
                          key, psim_node_kind_name(n->kind));
    }
    if (psim_quantity_parse("1", (psim_dims)-1, n->scalar, &one, &found) !=
        PSIM_QUANTITY_OK) {
        return psim_error(diag, n->at,
                          "units: %s: '%s' is no unit; one as 'cycles' is needed", key,
                          psim_str_excerpt(diag->arena, n->scalar));
    }
    ret->unit = n->scalar;
    return true;
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
    bool ok = true;
    for (const struct psim_node *n = map->first; n; n = n->next) {
        struct psim_bare_unit unit = {n->key, NULL};
        if (!read_unit(diag, n, &unit)) ok = false;
        if (!unit.key) continue;
        /* No key is given twice, and the tables have fewer that take figures. */
        assert(ret->n < MAX_UNITS);
        units[ret->n++] = unit;
    }
    return ok;
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
static bool
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
    if (hw->main_memory >= 0) return true;
    return psim_error(b->diag, b->raw->memories_at,
                      "memory_domains: all are caches or parts; one that holds the "
                      "data is needed");
}

/**
 * Judge each list as far as what it refers to could be read, so that all faults of
 * a file are told at once and none only follows from another.
 */
static bool
build_lists(struct psim_hw_build *b)
{
    const struct psim_raw_hw *raw = b->raw;
    bool ok = !raw->groups.faulty;
    if (ok) {
        ok = psim_hw_build_groups(b);
        b->has_tree = ok && psim_hw_build_tree(b);
    } else {
        psim_hw_read_group_nodes(b);
    }
    const bool groups = !raw->groups.faulty, memories = groups && !raw->memories.faulty;
    ok = b->has_tree;
    if (memories) {
        ok = psim_hw_build_memories(b) && ok;
        if (ok) ok = find_main_memory(b);
    } else {
        psim_hw_read_memory_nodes(b);
    }
    const bool links = memories && !raw->links.faulty;
    if (links) {
        ok = psim_hw_build_links(b) && ok;
    } else {
        psim_hw_read_link_nodes(b);
    }
    const bool operations = links && !raw->operations.faulty;
    if (operations) {
        ok = psim_hw_build_operations(b) && ok;
    } else {
        psim_hw_read_operation_nodes(b);
    }
    if (operations && !raw->libraries.faulty) ok = psim_hw_build_libraries(b) && ok;
    return ok && operations && psim_hw_build_power(b);
}

/** Another kind of file has other keys: they are no faults, so this is asked first. */
static bool
check_schema(struct psim_diag *diag, const struct psim_node *root)
{
    const struct psim_node *schema = psim_node_find(root, "schema");
    if (!schema || schema->kind != PSIM_NODE_SCALAR) return true; /* bind tells */
    if (psim_str_equal(schema->scalar, "perfsim/hardware/v1")) return true;
    return psim_error(diag, schema->at,
                      "schema: '%s' is not known here; perfsim/hardware/v1 is needed",
                      psim_str_excerpt(diag->arena, schema->scalar));
}

static struct psim_hw *
start_hw(struct psim_hw_build *b, const struct psim_hw_text *text)
{
    const struct psim_raw_hw *raw = b->raw;
    /* Each group may name four leaves besides itself. */
    b->groups = PSIM_NEW_N(b->arena, struct psim_group, (size_t)5 * PSIM_MAX_GROUPS);
    b->memories = PSIM_NEW_N(b->arena, struct psim_memory, raw->memories.n);
    b->links = PSIM_NEW_N(b->arena, struct psim_link, raw->links.n);
    b->operations = PSIM_NEW_N(b->arena, struct psim_operation, raw->operations.n);
    b->assumptions = PSIM_NEW_N(b->arena, struct psim_assumption, MAX_ASSUMPTIONS);
    const char **names = PSIM_NEW_N(b->arena, const char *, text->n_layers + 1);
    memcpy(names, text->layers, text->n_layers * sizeof *names);
    b->hw = PSIM_NEW(b->arena, struct psim_hw);
    *b->hw = (struct psim_hw){
        .name = raw->name.text,
        .title = raw->title.text ? raw->title.text : raw->name.text,
        .at = text->root->at,
        .groups = b->groups,
        .memories = b->memories,
        .links = b->links,
        .operations = b->operations,
        .assumptions = b->assumptions,
        .power = raw->power,
        .layers = names,
        .n_layers = text->n_layers,
    };
    return b->hw;
}

const struct psim_hw *
psim_hw_judge(struct psim_arena *arena, struct psim_diag *diag,
              const struct psim_hw_text *text)
{
    const struct psim_node *root = text->root;
    struct psim_bare_unit unit_items[MAX_UNITS];
    struct psim_bare_units units;
    struct psim_raw_hw raw;
    if (!check_schema(diag, root)) return NULL;
    bool ok = read_units(diag, root, unit_items, &units);
    ok = psim_bind(arena, diag, root, psim_hw_fields, &units, &raw) && ok;
    if (root->kind != PSIM_NODE_MAP) return NULL;
    raw.at = root->at;
    struct psim_hw_build b = {
        .arena = arena, .diag = diag, .raw = &raw, .units = &units};
    const struct psim_hw *hw = start_hw(&b, text);
    return build_lists(&b) && ok ? hw : NULL;
}

bool
psim_hw_open(struct psim_arena *arena, struct psim_diag *diag, const char *path,
             const struct psim_hw_layers *given, struct psim_hw_text *ret)
{
    struct layers layers = {.arena = arena, .diag = diag, .given = given};
    const struct psim_node *root = read_layers(&layers, path);
    if (!root) return false;
    const char **names = PSIM_NEW_N(arena, const char *, layers.n + 1);
    memcpy(names, layers.names, layers.n * sizeof *names);
    *ret = (struct psim_hw_text){root, names, layers.n};
    return true;
}

const struct psim_hw *
psim_hw_load(struct psim_arena *arena, struct psim_diag *diag, const char *path,
             const struct psim_hw_layers *given)
{
    struct psim_hw_text text;
    if (!psim_hw_open(arena, diag, path, given, &text)) return NULL;
    return psim_hw_judge(arena, diag, &text);
}

const struct psim_hw *
psim_hw_read(struct psim_arena *arena, struct psim_diag *diag, const char *name,
             const char *text)
{
    const char *const layers[] = {psim_arena_copy(arena, name, strlen(name))};
    const struct psim_node *root =
        psim_read_text(arena, diag, name, text, strlen(text));
    const struct psim_hw_text whole = {root, layers, 1};
    return root ? psim_hw_judge(arena, diag, &whole) : NULL;
}
