/* SPDX-License-Identifier: MIT */
/** @file What the YAML library finds wrong, in words that say what to do. */
#include "input/yaml_words.h"

#include <string.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** Where the library stands when it gives up, seen in the text. */
struct view {
    struct psim_diag *diag;
    const struct psim_yaml_fault *fault;
    const char *text;
    size_t offset, len;
    char next;          /**< the byte there, zero at the end */
    bool line_begins;   /**< only blanks stand before it on its line */
    bool nothing_after; /**< only blanks follow to the end of the file */
};

static struct view
look(struct psim_diag *diag, const struct psim_yaml_fault *fault)
{
    const struct psim_source *source = fault->problem_at.source;
    struct view v = {
        .diag = diag,
        .fault = fault,
        .text = source->text,
        .offset = psim_source_offset(fault->problem_at),
        .len = source->len,
        .line_begins = true,
        .nothing_after = true,
    };
    if (v.offset < v.len) v.next = v.text[v.offset];
    for (size_t i = v.offset; i > 0 && v.text[i - 1] != '\n'; i--) {
        if (v.text[i - 1] != ' ' && v.text[i - 1] != '\t') v.line_begins = false;
    }
    for (size_t i = v.offset; i < v.len && v.nothing_after; i++) {
        v.nothing_after = strchr(" \t\r\n", v.text[i]) != NULL;
    }
    return v;
}

static bool
bad_start(const struct view *v)
{
    if (v->next == '\t') {
        return psim_error(v->diag, v->fault->problem_at,
                          "a tab cannot indent; spaces are needed");
    }
    return psim_error(v->diag, v->fault->problem_at,
                      "a text cannot begin with '%c'; it needs quotes", v->next);
}

/** A key without its colon, or with one that is too far away. */
static bool
no_colon(const struct view *v)
{
    const struct psim_loc at = v->fault->context_at;
    const char *key = v->text + psim_source_offset(at), *end = v->text + v->len;
    const char *eol = memchr(key, '\n', (size_t)(end - key));
    const size_t len = (size_t)((eol ? eol : end) - key);
    if (len > PSIM_READ_MAX_KEY && memchr(key, ':', len)) {
        return psim_error(v->diag, at, "a key of more than %d characters",
                          PSIM_READ_MAX_KEY);
    }
    return psim_error(v->diag, at,
                      "a ':' is missing behind this; 'key: value' is needed");
}

/** "a: b: c", or a key that is indented under a value. */
static bool
bad_colon(const struct view *v)
{
    const struct psim_loc at = v->fault->problem_at;
    size_t line = v->offset;
    bool colon_before = false;
    while (line > 0 && v->text[line - 1] != '\n') {
        line--;
        colon_before |= v->text[line] == ':' && v->text[line + 1] == ' ';
    }
    if (colon_before && line < v->offset) {
        return psim_error(v->diag, at,
                          "a second ':' on this line; a text that holds ': ' needs "
                          "quotes");
    }
    line += strspn(v->text + line, " \t");
    const struct psim_loc key_at = psim_source_at(at.source, line);
    if (at.column - key_at.column > PSIM_READ_MAX_KEY) {
        return psim_error(v->diag, key_at, "a key of more than %d characters",
                          PSIM_READ_MAX_KEY);
    }
    return psim_error(v->diag, key_at,
                      "inconsistent indentation; the keys of one map stand in one "
                      "column");
}

static bool
bad_indentation(const struct view *v)
{
    const struct psim_yaml_fault *f = v->fault;
    if (v->next == ']' || v->next == '}') {
        return psim_error(v->diag, f->problem_at, "this '%c' closes nothing", v->next);
    }
    if (v->next == ':') {
        return psim_error(v->diag, f->problem_at, "a key is needed before ':'");
    }
    if (!v->line_begins) {
        return psim_error(v->diag, f->problem_at,
                          "text behind the end of a value; one value is needed, or "
                          "quotes around the whole");
    }
    const bool list = strstr(f->context, "collection") != NULL;
    psim_error(v->diag, f->problem_at,
               "inconsistent indentation; this line fits no open map or list");
    psim_note(v->diag, f->context_at, "the %s begins here", list ? "list" : "map");
    return false;
}

static bool
bad_value(const struct view *v)
{
    if (v->nothing_after) {
        size_t end = v->offset;
        while (end > 0 && strchr(" \t\r\n", v->text[end - 1])) {
            end--;
        }
        return psim_error(v->diag, psim_source_at(v->fault->problem_at.source, end),
                          "the file ends where a value is needed");
    }
    return psim_error(v->diag, v->fault->problem_at, "a %s is needed before '%c'",
                      v->next == ':' ? "key" : "value", v->next);
}

static bool
bad_bracket(const struct view *v)
{
    const struct psim_yaml_fault *f = v->fault;
    const bool list = strstr(f->context, "sequence") != NULL;
    if (v->nothing_after) {
        return psim_error(v->diag, f->context_at, "this '%c' is not closed",
                          list ? '[' : '{');
    }
    psim_error(v->diag, f->problem_at, "a ',' or '%c' is needed here",
               list ? ']' : '}');
    psim_note(v->diag, f->context_at, "the %s begins here", list ? "list" : "map");
    return false;
}

/** The problems whose words need no look at the text. */
static const struct {
    const char *problem;
    bool at_context;
    const char *words;
} plain_words[] = {
    {
        .problem = "found a tab character that violates indentation",
        .words = "a tab cannot indent; spaces are needed",
    },
    {
        .problem = "found a tab character where an indentation space is expected",
        .words = "a tab cannot indent; spaces are needed",
    },
    {
        .problem = "block sequence entries are not allowed in this context",
        .words = "a list entry ('- ') cannot stand here; it needs a line of its own",
    },
    {
        .problem = "mapping keys are not allowed in this context",
        .words = "a '?' cannot stand here; a text that begins with it needs quotes",
    },
    {
        .problem = "found unexpected ':'",
        .words = "a ':' cannot stand here; a blank behind it or quotes are needed",
    },
    {
        .problem = "found unexpected end of stream",
        .at_context = true,
        .words = "this quote is not closed",
    },
    {
        .problem = "found unexpected document indicator",
        .at_context = true,
        .words = "this quote is not closed",
    },
    {
        .problem = "found unknown escape character",
        .words = "unknown escape; a '\\' in double quotes is written '\\\\'",
    },
    {
        .problem = "did not find expected hexdecimal number",
        .words = "an escape lacks hexadecimal digits; '\\xNN' and '\\uNNNN' have two "
                 "and four",
    },
    {
        .problem = "found invalid Unicode character escape code",
        .words = "this escape is no character; one beyond U+FFFF is needed as itself, "
                 "not as two '\\u'",
    },
    {
        .problem = "did not find expected alphabetic or numeric character",
        .at_context = true,
        .words = "a name is missing behind this; a text that begins with '&' or '*' "
                 "needs quotes",
    },
    {
        .problem = "found an indentation indicator equal to 0",
        .words = "an indentation of 0; 1 to 9 is needed, or nothing",
    },
    {
        .problem = "did not find expected comment or line break",
        .at_context = true,
        .words = "the text of '|' and '>' is needed on the next line",
    },
    {
        .problem = "did not find expected <document start>",
        .words = "text behind the end of the value; a file holds one value",
    },
};

static const struct {
    const char *problem;
    bool (*report)(const struct view *v);
} reports[] = {
    {"could not find expected ':'", no_colon},
    {"found character that cannot start any token", bad_start},
    {"mapping values are not allowed in this context", bad_colon},
    {"did not find expected key", bad_indentation},
    {"did not find expected '-' indicator", bad_indentation},
    {"did not find expected node content", bad_value},
    {"did not find expected ',' or ']'", bad_bracket},
    {"did not find expected ',' or '}'", bad_bracket},
};

bool
psim_yaml_error(struct psim_diag *diag, const struct psim_yaml_fault *fault)
{
    for (size_t i = 0; i < PSIM_COUNT(plain_words); i++) {
        if (!psim_str_equal(fault->problem, plain_words[i].problem)) continue;
        return psim_error(
            diag, plain_words[i].at_context ? fault->context_at : fault->problem_at,
            "%s", plain_words[i].words);
    }
    const struct view v = look(diag, fault);
    for (size_t i = 0; i < PSIM_COUNT(reports); i++) {
        if (psim_str_equal(fault->problem, reports[i].problem)) {
            return reports[i].report(&v);
        }
    }
    return psim_error(diag, fault->problem_at, "cannot be read as YAML: %s",
                      fault->problem);
}
