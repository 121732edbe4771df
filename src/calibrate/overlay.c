/* SPDX-License-Identifier: MIT */
/** @file The overlay as YAML: only what changed, in the shape of the machine's file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/calibrate.h"
#include "util/arena.h"
#include "util/str.h"

/** A text that grows, and what it is of. */
struct writer {
    struct psim_arena *arena;
    const struct psim_calibration *c;
    FILE *out;
};

static const struct psim_change *
find_change(const struct psim_calibration *c, const struct psim_node *node)
{
    for (size_t i = 0; i < c->n_changes; i++) {
        if (c->changes[i].spot->node == node) return &c->changes[i];
    }
    return NULL;
}

static bool
holds_change(const struct psim_calibration *c, const struct psim_node *node)
{
    if (node->kind == PSIM_NODE_SCALAR) return find_change(c, node) != NULL;
    for (const struct psim_node *child = node->first; child; child = child->next) {
        if (holds_change(c, child)) return true;
    }
    return false;
}

/** A word as YAML reads it back: in quotes where it could mean something else. */
static void
put_word(const struct writer *w, const char *word, bool quoted)
{
    const bool plain = !quoted && *word && !strpbrk(word, ":#{}[],&*!|>'\"%@`\\") &&
                       word[0] != '-' && word[0] != '?' && word[0] != ' ';
    if (plain) {
        fputs(word, w->out);
        return;
    }
    fputc('"', w->out);
    for (; *word; word++) {
        if (*word == '"' || *word == '\\') fputc('\\', w->out);
        fputc(*word, w->out);
    }
    fputc('"', w->out);
}

/** Which parameter moved a spot. */
static size_t
parameter_of(const struct psim_calibration *c, const struct psim_spot *spot)
{
    for (size_t i = 0; i < c->parameters.n; i++) {
        const struct psim_parameter *p = &c->parameters.items[i];
        for (size_t k = 0; k < p->n_spots; k++) {
            if (p->spots[k] == spot) return i;
        }
    }
    return c->parameters.n;
}

/** {value: 412 cycles, source: "fit (softmax)", confidence: fitted} */
static void
put_figure(const struct writer *w, const struct psim_change *change)
{
    const char *groups =
        psim_calibration_groups(w->arena, w->c, parameter_of(w->c, change->spot));
    fputs("{value: ", w->out);
    put_word(w, psim_spot_text(w->arena, change->spot, change->number), false);
    fprintf(w->out, ", source: \"fit (%s)\", confidence: fitted}\n",
            groups ? groups : "none");
}

/** A node on one line: [a, b], {a: 1}. */
static void
put_flow(const struct writer *w, const struct psim_node *node)
{
    if (node->kind == PSIM_NODE_SCALAR) {
        put_word(w, node->scalar, node->quoted);
        return;
    }
    const bool map = node->kind == PSIM_NODE_MAP;
    fputc(map ? '{' : '[', w->out);
    for (const struct psim_node *child = node->first; child; child = child->next) {
        if (map) fprintf(w->out, "%s: ", child->key);
        put_flow(w, child);
        if (child->next) fputs(", ", w->out);
    }
    fputc(map ? '}' : ']', w->out);
}

static void
put_blanks(const struct writer *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fputc(' ', w->out);
    }
}

static void put_changed(const struct writer *w, const struct psim_node *node,
                        size_t indent);

/** `key: ` and what has changed in it. */
static void
put_key(const struct writer *w, const struct psim_node *child, size_t indent)
{
    const struct psim_node *value = psim_node_find(child, "value");
    const struct psim_change *change = find_change(w->c, value ? value : child);
    put_blanks(w, indent);
    fprintf(w->out, "%s:%s", child->key, change ? " " : "\n");
    if (change) {
        put_figure(w, change);
    } else {
        put_changed(w, child, indent + 2);
    }
}

/** An entry that has no name cannot be changed by itself: all of them are written. */
static void
put_whole_entry(const struct writer *w, const struct psim_node *entry, size_t indent)
{
    put_blanks(w, indent);
    fputs("- ", w->out);
    if (!holds_change(w->c, entry)) {
        put_flow(w, entry);
        fputc('\n', w->out);
        return;
    }
    for (const struct psim_node *child = entry->first; child; child = child->next) {
        const size_t deep = child == entry->first ? 0 : indent + 2;
        if (holds_change(w->c, child)) {
            put_key(w, child, deep);
            continue;
        }
        put_blanks(w, deep);
        fprintf(w->out, "%s: ", child->key);
        put_flow(w, child);
        fputc('\n', w->out);
    }
}

/** The name, and the keys that tell entries of that name apart. */
static void
put_entry(const struct writer *w, const struct psim_node *list,
          const struct psim_node *entry, size_t indent)
{
    const struct psim_node *name = psim_node_find(entry, "name");
    size_t namesakes = 0;
    for (const struct psim_node *e = list->first; e; e = e->next) {
        if (psim_str_equal(psim_node_find(e, "name")->scalar, name->scalar)) {
            namesakes++;
        }
    }
    put_blanks(w, indent);
    fputs("- name: ", w->out);
    put_flow(w, name);
    fputc('\n', w->out);
    for (const char *const *key = psim_hw_tie_keys; *key && namesakes > 1; key++) {
        const struct psim_node *tie = psim_node_find(entry, *key);
        if (!tie || tie->kind == PSIM_NODE_MAP) continue;
        put_blanks(w, indent + 2);
        fprintf(w->out, "%s: ", *key);
        put_flow(w, tie);
        fputc('\n', w->out);
    }
    for (const struct psim_node *child = entry->first; child; child = child->next) {
        if (holds_change(w->c, child)) put_key(w, child, indent + 2);
    }
}

static void
put_changed(const struct writer *w, const struct psim_node *node, size_t indent)
{
    const bool named = psim_node_is_named_list(node);
    for (const struct psim_node *child = node->first; child; child = child->next) {
        if (node->kind == PSIM_NODE_LIST && !named) {
            put_whole_entry(w, child, indent);
        } else if (!holds_change(w->c, child)) {
            continue;
        } else if (named) {
            put_entry(w, node, child, indent);
        } else {
            if (indent == 0) fputc('\n', w->out);
            put_key(w, child, indent);
        }
    }
}

/* --- the head -----------------------------------------------------------------------
 */

/** A comment, cut into lines. */
static void
put_comment(const struct writer *w, const char *text)
{
    enum { WIDTH = 96 };
    size_t column = 0;
    while (*text) {
        const size_t len = strcspn(text, " ");
        if (column > 0 && column + 1 + len > WIDTH) column = 0;
        fprintf(w->out, "%s%.*s", column == 0 ? "\n# " : " ", (int)len, text);
        column += (column == 0 ? 2 : 1) + len;
        text += len;
        text += strspn(text, " ");
    }
}

/** "9.7 % in the mean (before: 11.7 %; of records left out, in 5 folds: 10.2 %)". */
static const char *
errors(const struct writer *w, size_t engine, bool energy)
{
    const struct psim_calibration *c = w->c;
    const double *result = c->after ? c->after : c->fit.residual;
    const struct psim_rows_of rows = {"all", engine, energy, true};
    const struct psim_rows_of others = {"all", engine, energy, false};
    const struct psim_fit_score before = psim_calibration_score(w->arena, c, c->before,
                                                                rows),
                                after =
                                    psim_calibration_score(w->arena, c, result, rows),
                                left =
                                    psim_calibration_score(w->arena, c, result, others);
    if (after.n == 0) return NULL;
    const char *text = psim_arena_printf(
        w->arena, "%zu %s, %s engine: off by %.1f %% in the mean, before by %.1f %%",
        after.n, energy ? "energies" : "times", c->options->engines[engine]->name,
        100 * after.mape, 100 * before.mape);
    if (c->crossed) {
        text = psim_arena_printf(
            w->arena, "%s, each by a fit without it (%zu folds) by %.1f %%", text,
            c->options->folds,
            100 * psim_calibration_score(w->arena, c, c->crossed, rows).mape);
    }
    if (left.n > 0) {
        text = psim_arena_printf(w->arena, "%s; %zu others by %.1f %%", text, left.n,
                                 100 * left.mape);
    }
    return psim_arena_printf(w->arena, "%s.", text);
}

static void
put_ends(const struct writer *w)
{
    const char *names = NULL;
    for (size_t i = 0; i < w->c->parameters.n; i++) {
        if (!psim_calibration_at_end(w->c, i)) continue;
        const char *name = w->c->parameters.items[i].name;
        names = names ? psim_arena_printf(w->arena, "%s, %s", names, name) : name;
    }
    if (!names) return;
    fputs("\n#", w->out);
    put_comment(w, psim_arena_printf(w->arena,
                                     "At an end of the range: %s. Something else that "
                                     "the records need may stand behind these.",
                                     names));
}

static size_t
count_moved(const struct psim_calibration *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->parameters.n; i++) {
        if (c->fit.chosen[i]) n++;
    }
    return n;
}

static void
put_head(const struct writer *w)
{
    const struct psim_calibration *c = w->c;
    fputs("# SPDX-License-Identifier: MIT", w->out);
    put_comment(w, psim_arena_printf(
                       w->arena,
                       "What measurements say of '%s': %zu numbers for %zu figures, "
                       "fitted by 'perfsim calibrate' (docs/CALIBRATE.md). In brackets "
                       "at each the records that determine it most.",
                       c->name, count_moved(c), c->n_changes));
    fputs("\n#", w->out);
    for (size_t e = 0; e < c->problem.n_engines; e++) {
        for (int energy = 0; energy < 2; energy++) {
            const char *text = errors(w, e, energy);
            if (text) put_comment(w, text);
        }
    }
    put_ends(w);
    fputs("\n#", w->out);
    for (size_t i = 0; i < c->inputs.n; i++) {
        put_comment(w, psim_arena_printf(w->arena, "Records: %s, SHA-256",
                                         c->inputs.items[i].path));
        put_comment(w, c->inputs.items[i].hash);
    }
    for (size_t i = 0; i < c->machine->n_layers; i++) {
        put_comment(
            w, psim_arena_printf(w->arena, "Laid over: %s", c->machine->layers[i]));
    }
    fprintf(w->out, "\nschema: perfsim/hardware/v1\nname: %s\n\nsources:\n", c->name);
    fprintf(w->out, "  fit: \"fit to measurements%s%s, see the head of this file\"\n",
            c->options->date ? " of " : "", c->options->date ? c->options->date : "");
}

const char *
psim_calibration_overlay(struct psim_arena *arena, const struct psim_calibration *c)
{
    char *text = NULL;
    size_t len = 0;
    struct writer w = {arena, c, open_memstream(&text, &len)};
    if (!w.out) psim_die_out_of_memory(0);
    put_head(&w);
    put_changed(&w, c->machine->root, 0);
    if (fclose(w.out) != 0) psim_die_out_of_memory(len);
    const char *ret = psim_arena_copy(arena, text, len);
    free(text);
    return ret;
}
