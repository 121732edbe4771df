/* SPDX-License-Identifier: MIT */
/**
 * @file Read YAML or JSON into a located tree: the only file that knows libyaml.
 *
 * The tree is built from the library's events, with a stack of open lists and maps
 * in place of recursion. Faults of content (a key twice, an unknown alias) are
 * collected; faults of syntax and limits end the reading.
 */
#include "input/read.h"

#include <string.h>
#include <yaml.h>

#include "input/anchors.h"
#include "input/json_strict.h"
#include "input/keys.h"
#include "input/text.h"
#include "input/yaml_words.h"
#include "util/arena.h"
#include "util/str.h"

/** A list or map that is not closed yet. */
struct frame {
    struct psim_node *node;
    const struct psim_node **slot; /**< where its next child hangs */
    const char *key;               /**< the key whose value comes next, or NULL */
    struct psim_loc key_at;
    struct psim_anchor *anchor; /**< NULL where it has none */
    size_t n_values_before;
    unsigned height;
};

struct reader {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_source *source;
    struct psim_loc origin; /**< where the text that libyaml sees begins */
    struct psim_anchors anchors;
    struct frame frames[PSIM_READ_MAX_DEPTH];
    int depth;
    size_t n_values;
    const struct psim_node *root;
    bool ok; /**< false once a fault of content was recorded */
};

static struct psim_loc
loc_of(const struct reader *r, yaml_mark_t mark)
{
    /* libyaml counts lines and characters from 0, people from 1. */
    struct psim_loc at = r->origin;
    if (mark.line == 0) {
        at.column += (unsigned)mark.column;
    } else {
        at.line += (unsigned)mark.line;
        at.column = (unsigned)mark.column + 1;
    }
    return at;
}

static struct frame *
top(struct reader *r)
{
    return r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
}

static bool
wants_key(struct reader *r)
{
    const struct frame *f = top(r);
    return f && f->node->kind == PSIM_NODE_MAP && !f->key;
}

static const char *
word(const struct reader *r, const yaml_char_t *text)
{
    return psim_arena_copy(r->arena, (const char *)text, strlen((const char *)text));
}

/** Count values, those behind an alias too. */
static bool
count_values(struct reader *r, size_t n, struct psim_loc at)
{
    r->n_values += n;
    if (r->n_values <= PSIM_READ_MAX_VALUES) return true;
    return psim_error(r->diag, at, "more than %d values; an alias counts in full",
                      PSIM_READ_MAX_VALUES);
}

/** Hang a node into the list or map that is open. */
static void
hang(struct reader *r, struct psim_node *node, unsigned height)
{
    struct frame *f = top(r);
    if (!f) {
        r->root = node;
        return;
    }
    if (f->node->kind == PSIM_NODE_MAP) {
        node->key = f->key;
        node->key_at = f->key_at;
        f->key = NULL;
    }
    if (f->height < height + 1) f->height = height + 1;
    *f->slot = node;
    f->slot = &node->next;
}

static void
refuse_tag(struct reader *r, const yaml_char_t *tag, struct psim_loc at)
{
    if (!tag) return;
    r->ok = psim_error(r->diag, at,
                       "the tag '%s' is not known; a value without tag "
                       "is needed",
                       psim_str_excerpt(r->diag->arena, (const char *)tag));
}

/** @return false only where there are too many */
static bool
add_anchor(struct reader *r, const yaml_char_t *name, struct psim_loc at,
           struct psim_anchor **ret)
{
    *ret = NULL;
    if (!name) return true;
    const unsigned errors = r->diag->error_count;
    *ret = psim_anchors_add(r->arena, r->diag, &r->anchors, word(r, name), at);
    if (r->diag->error_count != errors) r->ok = false;
    return *ret != NULL;
}

static void
set_key(struct reader *r, const char *key, bool plain, struct psim_loc at)
{
    struct frame *f = top(r);
    f->key = key;
    f->key_at = at;
    if (plain && psim_str_equal(key, "<<")) {
        r->ok = psim_error(r->diag, at,
                           "merge keys ('<<') are not known; the keys themselves are "
                           "needed");
    } else if (plain && *key == '\0') {
        r->ok = psim_error(r->diag, at, "a key is needed before ':'");
    } else if (psim_keys_too_long(key)) {
        r->ok = psim_error(r->diag, at, "a key of more than %d characters",
                           PSIM_READ_MAX_KEY);
    }
}

static bool
on_scalar(struct reader *r, const yaml_event_t *event)
{
    const struct psim_loc at = loc_of(r, event->start_mark);
    const char *text = (const char *)event->data.scalar.value;
    const size_t len = event->data.scalar.length;
    const bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    refuse_tag(r, event->data.scalar.tag, at);
    if (memchr(text, '\0', len)) {
        r->ok = psim_error(r->diag, at, "the text holds a zero character ('\\0')");
    }
    struct psim_node *node = PSIM_NEW(r->arena, struct psim_node);
    *node = (struct psim_node){
        .kind = PSIM_NODE_SCALAR,
        .at = at,
        .scalar = psim_arena_copy(r->arena, text, len),
        .quoted = !plain,
    };
    struct psim_anchor *anchor;
    if (!add_anchor(r, event->data.scalar.anchor, at, &anchor)) return false;
    if (anchor) {
        anchor->node = node;
        anchor->complete = true;
        anchor->n_values = 1;
    }
    if (wants_key(r)) {
        set_key(r, node->scalar, plain, at);
        return true;
    }
    hang(r, node, 0);
    return count_values(r, 1, at);
}

/** What an alias stands for is shared: only its first node is copied, for its key. */
static bool
on_alias(struct reader *r, const yaml_event_t *event)
{
    const struct psim_loc at = loc_of(r, event->start_mark);
    const char *name = word(r, event->data.alias.anchor);
    if (wants_key(r)) {
        r->ok = psim_error(r->diag, at, "an alias cannot be a key; a word is needed");
        top(r)->key = name;
        top(r)->key_at = at;
        return true;
    }
    struct psim_node *node = PSIM_NEW(r->arena, struct psim_node);
    *node = (struct psim_node){.kind = PSIM_NODE_SCALAR, .at = at, .scalar = ""};
    const struct psim_anchor *anchor = psim_anchors_find(&r->anchors, name);
    if (!anchor) {
        r->ok = psim_anchors_unknown(r->diag, &r->anchors, name, at);
    } else if (!anchor->complete) {
        r->ok = psim_error(r->diag, at, "alias '*%s' stands inside its own value",
                           psim_str_excerpt(r->diag->arena, name));
        psim_note(r->diag, anchor->at, "the value begins here");
    } else {
        *node = *anchor->node;
        node->key = NULL;
        node->next = NULL;
    }
    const bool known = anchor && anchor->complete;
    const unsigned height = known ? anchor->height : 0;
    if (r->depth + (int)height > PSIM_READ_MAX_DEPTH) {
        return psim_error(r->diag, at, "nested deeper than %d levels",
                          PSIM_READ_MAX_DEPTH);
    }
    hang(r, node, height);
    return count_values(r, known ? anchor->n_values : 1, at);
}

static bool
on_open(struct reader *r, enum psim_node_kind kind, struct psim_loc at,
        const yaml_char_t *anchor_name)
{
    if (wants_key(r)) {
        return psim_error(r->diag, at, "a %s cannot be a key; a word is needed",
                          psim_node_kind_name(kind));
    }
    if (r->depth == PSIM_READ_MAX_DEPTH) {
        return psim_error(r->diag, at, "nested deeper than %d levels",
                          PSIM_READ_MAX_DEPTH);
    }
    struct psim_node *node = PSIM_NEW(r->arena, struct psim_node);
    *node = (struct psim_node){.kind = kind, .at = at};
    struct psim_anchor *anchor;
    if (!add_anchor(r, anchor_name, at, &anchor)) return false;

    hang(r, node, 0);
    r->frames[r->depth++] = (struct frame){
        .node = node,
        .slot = &node->first,
        .anchor = anchor,
        .n_values_before = r->n_values,
        .height = 1,
    };
    return count_values(r, 1, at);
}

static void
on_close(struct reader *r)
{
    const struct frame closed = r->frames[--r->depth];
    if (closed.node->kind == PSIM_NODE_MAP &&
        !psim_keys_check(r->arena, r->diag, closed.node)) {
        r->ok = false;
    }
    if (closed.anchor) {
        closed.anchor->node = closed.node;
        closed.anchor->height = closed.height;
        closed.anchor->n_values = r->n_values - closed.n_values_before;
        closed.anchor->complete = true;
    }
    struct frame *outer = top(r);
    if (outer && outer->height < closed.height + 1) outer->height = closed.height + 1;
}

/** @return false to stop reading */
static bool
on_event(struct reader *r, const yaml_event_t *event)
{
    const struct psim_loc at = loc_of(r, event->start_mark);
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(r, event);
    case YAML_ALIAS_EVENT:
        return on_alias(r, event);
    case YAML_SEQUENCE_START_EVENT:
        refuse_tag(r, event->data.sequence_start.tag, at);
        return on_open(r, PSIM_NODE_LIST, at, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        refuse_tag(r, event->data.mapping_start.tag, at);
        return on_open(r, PSIM_NODE_MAP, at, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_close(r);
        return true;
    case YAML_DOCUMENT_START_EVENT:
        if (!r->root) return true;
        return psim_error(r->diag, at,
                          "a second document begins here; a file holds "
                          "one");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return true;
}

static bool
syntax_error(const struct reader *r, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) psim_die_out_of_memory(0);
    const struct psim_yaml_fault fault = {
        .problem = parser->problem,
        .context = parser->context,
        .problem_at = loc_of(r, parser->problem_mark),
        .context_at = loc_of(r, parser->context_mark),
    };
    return psim_yaml_error(r->diag, &fault);
}

/** Run libyaml over the text. @return whether it came to the end */
static bool
read_events(struct reader *r, const char *text, size_t len)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) psim_die_out_of_memory(0);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);

    bool ok = true;
    for (bool ended = false; ok && !ended;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            ok = syntax_error(r, &parser);
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        ok = on_event(r, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return ok;
}

/** The text from @p pos to @p end. @return NULL also for none; @p ret_ok tells */
static const struct psim_node *
read_tree(struct psim_arena *arena, struct psim_diag *diag,
          const struct psim_source *source, size_t pos, size_t end, bool *ret_ok)
{
    struct reader r = {
        .arena = arena,
        .diag = diag,
        .source = source,
        .origin = psim_source_at(source, pos),
        .ok = true,
    };
    const bool ended = psim_text_check_directives(diag, source, pos) &&
                       read_events(&r, source->text + pos, end - pos);
    *ret_ok = ended && r.ok;
    return *ret_ok ? r.root : NULL;
}

const struct psim_node *
psim_read_text(struct psim_arena *arena, struct psim_diag *diag, const char *name,
               const char *text, size_t len)
{
    const struct psim_source *source = psim_text_open(diag, name, text, len);
    if (!source) return NULL;
    size_t pos = 0, end = source->len;
    if (psim_json_is_named(name)) {
        if (!psim_json_check(diag, source)) return NULL;
        psim_text_trim(source->text, &pos, &end);
    }
    bool ok;
    const struct psim_node *root = read_tree(arena, diag, source, pos, end, &ok);
    if (ok && (!root || psim_node_is_empty(root))) {
        psim_error(diag, (struct psim_loc){.source = source}, "the file is empty");
        return NULL;
    }
    return root;
}

const struct psim_node *
psim_read_value(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_source *source, size_t offset)
{
    bool ok;
    if (!psim_text_check(diag, source)) return NULL;
    const struct psim_node *root =
        read_tree(arena, diag, source, offset, source->len, &ok);
    if (ok && !root) {
        psim_error(diag, psim_source_at(source, offset), "a value is needed here");
    }
    return root;
}

const struct psim_node *
psim_read_file(struct psim_arena *arena, struct psim_diag *diag, const char *path)
{
    const char *text;
    size_t len;
    if (!psim_text_load(arena, diag, path, &text, &len)) return NULL;
    return psim_read_text(arena, diag, path, text, len);
}
