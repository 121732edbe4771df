/* SPDX-License-Identifier: MIT */
/** @file Reading: the tree with its places, every fault in words, every limit. */
#include <time.h>
#include <unistd.h>

#include "check_main.h"
#include "check_tree.h"
#include "input/read.h"

/** Everything that a case needs; an arena is all there is to free. */
struct fixture {
    struct psim_arena arena;
    struct psim_diag diag;
};

static struct fixture f;

static void
set_up(void)
{
    f = (struct fixture){.diag = {.arena = &f.arena}};
}

static void
tear_down(void)
{
    psim_arena_free(&f.arena);
}

static const struct psim_node *
read_as(const char *name, const char *text)
{
    return psim_read_text(&f.arena, &f.diag, name, text, strlen(text));
}

static const char *
printed(void)
{
    return check_printed(&f.arena, &f.diag, false);
}

/** A text, and the tree it stands for: both formats go through one reader. */
static const struct {
    const char *name, *file, *text, *want;
} trees[] = {
    {"scalars", "t", "a: 1\nb: two words\nc: 'q'\nd: \"q\\n\"\n",
     "{a: 1, b: two words, c: \"q\", d: \"q\n\"}"},
    {"typing is the binder's", "t", "[yes, 1:30, ~, 0x10, 1e3, .nan]",
     "[yes, 1:30, ~, 0x10, 1e3, .nan]"},
    {"block and flow", "t", "a:\n  - b\n  - {c: d}\ne: [f,\n  g]\n",
     "{a: [b, {c: d}], e: [f, g]}"},
    {"list not indented", "t", "a:\n- b\n- c\n", "{a: [b, c]}"},
    {"nothing there", "t", "a:\nb: 1\n", "{a: , b: 1}"},
    {"empty list and map", "t", "a: []\nb: {}\n", "{a: [], b: {}}"},
    {"comments and a mark", "t", "%YAML 1.2\n--- # x\n# y\na: 1 # z\n...\n", "{a: 1}"},
    {"long texts", "t", "a: |\n  x\n  y\nb: >\n  x\n  y\n",
     "{a: \"x\ny\n\", b: \"x y\n\"}"},
    {"line ends of two bytes", "t", "a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"},
    {"a byte order mark", "t",
     "\xEF\xBB\xBF"
     "a: 1",
     "{a: 1}"},
    {"quoted '<<'", "t", "'<<': 1", "{<<: 1}"},
    {"an alias is what it stands for", "t", "a: &x {k: [1]}\nb: *x\nc: {d: *x}\n",
     "{a: {k: [1]}, b: {k: [1]}, c: {d: {k: [1]}}}"},
    {"an anchor on a key", "t", "&k a: 1\nb: *k\n", "{a: 1, b: a}"},
    {"an anchor on nothing", "t", "a: &x\nb: *x\n", "{a: , b: }"},
    {"json", "t.json", "{\"a\": [1, -2.5e3, true, null, \"4096\"],\n\t\"b\":{}}",
     "{a: [1, -2.5e3, true, null, \"4096\"], b: {}}"},
    {"json behind tabs", "t.json", "\t\r\n\t{\"a\"\t:\t1\t}\t\n\t", "{a: 1}"},
    {"json's escapes", "t.json", "[\"\\\"\\\\\\/\\u00b5\\t\"]",
     "[\"\"\\/\xC2\xB5\t\"]"},
    {"json on one line beyond libyaml's window", "t.json", NULL, NULL},
};

START_TEST(a_text_becomes_a_tree)
{
    const char *text = trees[_i].text, *want = trees[_i].want;
    if (!text) {
        /* A value of 2000 characters in a list in a map: keys end at 1024. */
        char *word = psim_arena_alloc(&f.arena, 2001, 1);
        memset(word, 'x', 2000);
        text = psim_arena_printf(&f.arena, "{\"a\": [\"%s\", {\"b\": 1}]}", word);
        want = psim_arena_printf(&f.arena, "{a: [\"%s\", {b: 1}]}", word);
    }
    const struct psim_node *root = read_as(trees[_i].file, text);
    ck_assert_msg(root != NULL, "%s: %s", trees[_i].name, printed());
    check_same_text(trees[_i].name, check_tree(&f.arena, root), want);
    ck_assert_uint_eq(f.diag.error_count, 0);
}
END_TEST

static void
check_at(const char *what, struct psim_loc at, unsigned line, unsigned column)
{
    ck_assert_msg(at.line == line && at.column == column, "%s: %u:%u, want %u:%u", what,
                  at.line, at.column, line, column);
}

START_TEST(every_node_knows_its_place)
{
    const struct psim_node *root = read_as("t", "a: 1\n"
                                                "\xC3\xA4:   x\n" /* an umlaut */
                                                "l:\n"
                                                "  - {k: v}\n"
                                                "  - &n [w]\n"
                                                "e:\n"
                                                "s: *n\n");
    ck_assert_ptr_nonnull(root);
    check_at("root", root->at, 1, 1);
    const struct psim_node *umlaut = psim_node_find(root, "\xC3\xA4");
    check_at("key", umlaut->key_at, 2, 1);
    check_at("value", umlaut->at, 2, 6); /* characters, not bytes */
    const struct psim_node *list = psim_node_find(root, "l");
    check_at("list", list->at, 4, 3);
    check_at("map", list->first->at, 4, 5);
    check_at("key in it", list->first->first->key_at, 4, 6);
    check_at("value in it", list->first->first->at, 4, 9);
    check_at("nothing", psim_node_find(root, "e")->at, 6, 3);
    const struct psim_node *alias = psim_node_find(root, "s");
    check_at("key of an alias", alias->key_at, 7, 1);
    check_at("what it stands for", alias->at, 5, 5);
    check_at("and below", alias->first->at, 5, 9);
}
END_TEST

/* "t" is no .json: YAML. Each row is a fault of syntax, and ends the reading, or
 * one of content; those are collected. */
static const struct {
    const char *name, *text, *want;
} faults[] = {
    {"a tab before a key", "a: 1\n\tb: 2\n",
     "t:2:1: error: a tab cannot indent; spaces are needed\n"
     "    2 | \tb: 2\n"
     "      | ^\n"},
    {"a tab below a key", "a:\n\tb: 2\n",
     "t:2:1: error: a tab cannot indent; spaces are needed\n"
     "    2 | \tb: 2\n"
     "      | ^\n"},
    {"a tab in a block text", "a: |\n\tfoo\n",
     "t:2:1: error: a tab cannot indent; spaces are needed\n"
     "    2 | \tfoo\n"
     "      | ^\n"},
    {"a key deeper than its map", "a: 1\n b: 2\n",
     "t:2:2: error: inconsistent indentation; the keys of one map stand in one column\n"
     "    2 |  b: 2\n"
     "      |  ^\n"},
    {"a key between two columns", "a:\n    b: 1\n  c: 2\n",
     "t:3:3: error: inconsistent indentation; this line fits no open map or list\n"
     "    3 |   c: 2\n"
     "      |   ^\n"
     "t:1:1: note: the map begins here\n"
     "    1 | a:\n"
     "      | ^\n"},
    {"a key where a list was", "- a\nb: 1\n",
     "t:2:1: error: inconsistent indentation; this line fits no open map or list\n"
     "    2 | b: 1\n"
     "      | ^\n"
     "t:1:1: note: the list begins here\n"
     "    1 | - a\n"
     "      | ^\n"},
    {"an entry where a map was", "b: 1\n- a\n",
     "t:2:1: error: inconsistent indentation; this line fits no open map or list\n"
     "    2 | - a\n"
     "      | ^\n"
     "t:1:1: note: the map begins here\n"
     "    1 | b: 1\n"
     "      | ^\n"},
    {"no colon", "a: 1\nb\nc: 2\n",
     "t:2:1: error: a ':' is missing behind this; 'key: value' is needed\n"
     "    2 | b\n"
     "      | ^\n"},
    {"no blank behind the colon", "a: 1\nb:2\n",
     "t:2:1: error: a ':' is missing behind this; 'key: value' is needed\n"
     "    2 | b:2\n"
     "      | ^\n"},
    {"no key", "a: 1\n: 2\n",
     "t:2:1: error: a key is needed before ':'\n"
     "    2 | : 2\n"
     "      | ^\n"},
    {"no key in braces", "{: 1}\n",
     "t:1:2: error: a key is needed before ':'\n"
     "    1 | {: 1}\n"
     "      |  ^\n"},
    {"nothing but an anchor as a key", "&x : 1\n",
     "t:1:1: error: a key is needed before ':'\n"
     "    1 | &x : 1\n"
     "      | ^\n"},
    {"two colons", "a: b: c\n",
     "t:1:5: error: a second ':' on this line; a text that holds ': ' needs quotes\n"
     "    1 | a: b: c\n"
     "      |     ^\n"},
    {"single quote not closed", "a: 'x\nb: 2\n",
     "t:1:4: error: this quote is not closed\n"
     "    1 | a: 'x\n"
     "      |    ^\n"},
    {"double quote not closed", "a: \"x\n---\n",
     "t:1:4: error: this quote is not closed\n"
     "    1 | a: \"x\n"
     "      |    ^\n"},
    {"bracket not closed", "a: [1, 2\n",
     "t:1:4: error: this '[' is not closed\n"
     "    1 | a: [1, 2\n"
     "      |    ^\n"},
    {"brace not closed", "a: {x: [1]\n",
     "t:1:4: error: this '{' is not closed\n"
     "    1 | a: {x: [1]\n"
     "      |    ^\n"},
    {"brace and comma, not closed", "a: {x: 1,\n\n",
     "t:1:10: error: the file ends where a value is needed\n"
     "    1 | a: {x: 1,\n"
     "      |          ^\n"},
    {"bracket not closed before the next key", "a: [1, 2\nb: 3\n",
     "t:2:2: error: a ',' or ']' is needed here\n"
     "    2 | b: 3\n"
     "      |  ^\n"
     "t:1:4: note: the list begins here\n"
     "    1 | a: [1, 2\n"
     "      |    ^\n"},
    {"brace not closed before the next key", "a: {x: 1\nb: 3\n",
     "t:2:2: error: a ',' or '}' is needed here\n"
     "    2 | b: 3\n"
     "      |  ^\n"
     "t:1:4: note: the map begins here\n"
     "    1 | a: {x: 1\n"
     "      |    ^\n"},
    {"the wrong bracket", "a: [1, 2}\n",
     "t:1:9: error: a ',' or ']' is needed here\n"
     "    1 | a: [1, 2}\n"
     "      |         ^\n"
     "t:1:4: note: the list begins here\n"},
    {"a bracket too many", "a: 1\n]\n",
     "t:2:1: error: this ']' closes nothing\n"
     "    2 | ]\n"
     "      | ^\n"},
    {"no value before a comma", "a: [1,,2]\n",
     "t:1:7: error: a value is needed before ','\n"
     "    1 | a: [1,,2]\n"
     "      |       ^\n"},
    {"text behind a quote", "a: 'x' y\n",
     "t:1:8: error: text behind the end of a value; one value is needed, or quotes "
     "around the whole\n"
     "    1 | a: 'x' y\n"
     "      |        ^\n"},
    {"text behind the value", "[1] 2\n",
     "t:1:5: error: text behind the end of the value; a file holds one value\n"
     "    1 | [1] 2\n"
     "      |     ^\n"},
    {"a second document", "a: 1\n---\nb: 2\n",
     "t:2:1: error: a second document begins here; a file holds one\n"
     "    2 | ---\n"
     "      | ^\n"},
    {"text behind the end mark", "a: 1\n...\nb: 2\n",
     "t:3:1: error: text behind the end of the value; a file holds one value\n"
     "    3 | b: 2\n"
     "      | ^\n"},
    {"percent", "a: %x\n",
     "t:1:4: error: a text cannot begin with '%'; it needs quotes\n"
     "    1 | a: %x\n"
     "      |    ^\n"},
    {"at", "a: @x\n",
     "t:1:4: error: a text cannot begin with '@'; it needs quotes\n"
     "    1 | a: @x\n"
     "      |    ^\n"},
    {"backquote", "a: `x`\n",
     "t:1:4: error: a text cannot begin with '`'; it needs quotes\n"
     "    1 | a: `x`\n"
     "      |    ^\n"},
    {"percent at the start of a line", "a: 'x\n%y'\n",
     "t:2:1: error: a line cannot begin with '%'; a text that does needs quotes\n"
     "    2 | %y'\n"
     "      | ^\n"},
    {"an unknown directive", "%FOO\n---\na: 1\n",
     "t:1:5: error: cannot be read as YAML: found unknown directive name\n"
     "    1 | %FOO\n"
     "      |     ^\n"},
    {"another YAML", "%YAML 3.0\n---\na: 1\n",
     "t:1:1: error: cannot be read as YAML: found incompatible YAML document\n"
     "    1 | %YAML 3.0\n"
     "      | ^\n"},
    {"ampersand alone", "a: & b\n",
     "t:1:4: error: a name is missing behind this; a text that begins with '&' or '*' "
     "needs quotes\n"
     "    1 | a: & b\n"
     "      |    ^\n"},
    {"star alone", "a: * b\n",
     "t:1:4: error: a name is missing behind this; a text that begins with '&' or '*' "
     "needs quotes\n"
     "    1 | a: * b\n"
     "      |    ^\n"},
    {"dash behind a key", "a: - b\n",
     "t:1:4: error: a list entry ('- ') cannot stand here; it needs a line of its own\n"
     "    1 | a: - b\n"
     "      |    ^\n"},
    {"question mark", "a: ? b\n",
     "t:1:4: error: a '?' cannot stand here; a text that begins with it needs quotes\n"
     "    1 | a: ? b\n"
     "      |    ^\n"},
    {"text beside a bar", "a: |x\n",
     "t:1:4: error: the text of '|' and '>' is needed on the next line\n"
     "    1 | a: |x\n"
     "      |    ^\n"},
    {"a bar with 0", "a: |0\n x\n",
     "t:1:5: error: an indentation of 0; 1 to 9 is needed, or nothing\n"
     "    1 | a: |0\n"
     "      |     ^\n"},
    {"unknown escape", "a: \"\\q\"\n",
     "t:1:5: error: unknown escape; a '\\' in double quotes is written '\\\\'\n"
     "    1 | a: \"\\q\"\n"
     "      |     ^\n"},
    {"escape cut short", "a: \"\\u12\"\n",
     "t:1:7: error: an escape lacks hexadecimal digits; '\\xNN' and '\\uNNNN' have two "
     "and four\n"
     "    1 | a: \"\\u12\"\n"
     "      |       ^\n"},
    {"two halves of a character", "a: \"\\ud83d\\ude00\"\n",
     "t:1:7: error: this escape is no character; one beyond U+FFFF is needed as "
     "itself, not as two '\\u'\n"
     "    1 | a: \"\\ud83d\\ude00\"\n"
     "      |       ^\n"},
    {"zero in a text", "a: \"x\\0\"\n",
     "t:1:4: error: the text holds a zero character ('\\0')\n"
     "    1 | a: \"x\\0\"\n"
     "      |    ^\n"},
    {"tag", "a: !!str 5\n",
     "t:1:4: error: the tag 'tag:yaml.org,2002:str' is not known; a value without tag "
     "is needed\n"
     "    1 | a: !!str 5\n"
     "      |    ^\n"},
    {"tag of a list", "a: !mine [5]\n",
     "t:1:4: error: the tag '!mine' is not known; a value without tag is needed\n"
     "    1 | a: !mine [5]\n"
     "      |    ^\n"},
    {"tag of a map", "!mine {a: 5}\n",
     "t:1:1: error: the tag '!mine' is not known; a value without tag is needed\n"
     "    1 | !mine {a: 5}\n"
     "      | ^\n"},
    {"tag not closed", "a: !<x\n",
     "t:1:7: error: cannot be read as YAML: did not find the expected '>'\n"
     "    1 | a: !<x\n"
     "      |       ^\n"},
    {"merge key", "b: {<<: {a: 1}}\n",
     "t:1:5: error: merge keys ('<<') are not known; the keys themselves are needed\n"
     "    1 | b: {<<: {a: 1}}\n"
     "      |     ^\n"},
    {"unknown alias", "a: &one 1\nb: *two\nc: *oen\n",
     "t:2:4: error: alias '*two' stands for nothing; '&two' is needed before it\n"
     "    2 | b: *two\n"
     "      |    ^\n"
     "t:3:4: error: alias '*oen' stands for nothing; '&oen' is needed before it\n"
     "    3 | c: *oen\n"
     "      |    ^\n"
     "t:3:4: note: did you mean '*one'?\n"},
    {"alias in its own value", "a: &a [*a]\n",
     "t:1:8: error: alias '*a' stands inside its own value\n"
     "    1 | a: &a [*a]\n"
     "      |        ^\n"
     "t:1:4: note: the value begins here\n"},
    {"alias as a key", "a: &k x\n*k : 1\n",
     "t:2:1: error: an alias cannot be a key; a word is needed\n"
     "    2 | *k : 1\n"
     "      | ^\n"},
    {"anchor twice", "a: &x 1\nb: &x 2\n",
     "t:2:4: error: anchor '&x' is given twice; one name for one value\n"
     "    2 | b: &x 2\n"
     "      |    ^\n"
     "t:1:4: note: first given here\n"
     "    1 | a: &x 1\n"
     "      |    ^\n"},
    {"list as a key", "? [a]\n: b\n",
     "t:1:3: error: a list cannot be a key; a word is needed\n"
     "    1 | ? [a]\n"
     "      |   ^\n"},
    {"map as a key", "{{x}}\n",
     "t:1:2: error: a map cannot be a key; a word is needed\n"
     "    1 | {{x}}\n"
     "      |  ^\n"},
    {"a colon before a bracket", "{a:}\n",
     "t:1:3: error: a ':' cannot stand here; a blank behind it or quotes are needed\n"
     "    1 | {a:}\n"
     "      |   ^\n"},
    {"key twice", "a: 1\nb: {c: 1, c: 2, c: 3}\na: 2\n",
     "t:2:11: error: key 'c' is given twice\n"
     "    2 | b: {c: 1, c: 2, c: 3}\n"
     "      |           ^\n"
     "t:2:5: note: first given here\n"
     "t:2:17: error: key 'c' is given twice\n"
     "    2 | b: {c: 1, c: 2, c: 3}\n"
     "      |                 ^\n"
     "t:2:5: note: first given here\n"
     "t:3:1: error: key 'a' is given twice\n"
     "    3 | a: 2\n"
     "      | ^\n"
     "t:1:1: note: first given here\n"
     "    1 | a: 1\n"
     "      | ^\n"},
    {"empty", "", "t: error: the file is empty\n"},
    {"nothing but a comment", "# nothing\n", "t: error: the file is empty\n"},
    {"nothing behind the dashes", "---\n", "t: error: the file is empty\n"},
    {"null", "~\n", "t: error: the file is empty\n"},
    {"not UTF-8", "a: \xE4\n",
     "t:1:4: error: byte 0xE4 is not UTF-8; text in UTF-8 is needed\n"
     "    1 | a: ?\n"
     "      |    ^\n"},
    {"cut UTF-8", "a: \xC3",
     "t:1:4: error: byte 0xC3 is not UTF-8; text in UTF-8 is needed\n"
     "    1 | a: ?\n"
     "      |    ^\n"},
    {"a zero byte", "a: \x00\n",
     "t:1:4: error: a zero byte; text is needed, not a binary file\n"
     "    1 | a: ?\n"
     "      |    ^\n"},
    {"a control character", "a: \x1B[0m\n",
     "t:1:4: error: the control character U+001B is not allowed\n"
     "    1 | a: ?[0m\n"
     "      |    ^\n"},
    {"a mark inside the text", "a: \xEF\xBB\xBFx\n",
     "t:1:4: error: the control character U+FEFF is not allowed\n"
     "    1 | a: ?x\n"
     "      |    ^\n"},
    {"an old line end", "a: 1\rb: 2\r",
     "t:1:5: error: a carriage return without a line feed; lines end in LF or CR LF\n"
     "    1 | a: 1?b: 2\n"
     "      |     ^\n"},
    {"a line separator", "a: x\xE2\x80\xA8\n",
     "t:1:5: error: the line separator U+2028 is not allowed; lines end in LF or CR "
     "LF\n"
     "    1 | a: x?\n"
     "      |     ^\n"},
    {"next line", "a: x\xC2\x85\n",
     "t:1:5: error: the line separator U+0085 is not allowed; lines end in LF or CR "
     "LF\n"
     "    1 | a: x?\n"
     "      |     ^\n"},
    {"tabs and umlauts before the fault", "\xC3\xA4\t\xC3\xB6: b: c\n",
     "t:1:7: error: a second ':' on this line; a text that holds ': ' needs quotes\n"
     "    1 | \xC3\xA4\t\xC3\xB6: b: c\n"
     "      |  \t    ^\n"},
    {"a byte order mark is no column",
     "\xEF\xBB\xBF"
     "a: b: c\n",
     "t:1:5: error: a second ':' on this line; a text that holds ': ' needs quotes\n"
     "    1 | a: b: c\n"
     "      |     ^\n"},
};

START_TEST(a_fault_is_told_where_and_why)
{
    /* A zero byte inside is the one that strlen() cannot see. */
    const bool zero = strcmp(faults[_i].name, "a zero byte") == 0;
    const size_t len = strlen(faults[_i].text) + (zero ? 2 : 0);
    ck_assert_ptr_null(psim_read_text(&f.arena, &f.diag, "t", faults[_i].text, len));
    check_same_text(faults[_i].name, printed(), faults[_i].want);
}
END_TEST

START_TEST(all_faults_of_content_are_told_at_once)
{
    ck_assert_ptr_null(read_as("t", "a: *one\n"
                                    "b: !tag 1\n"
                                    "<<: 2\n"
                                    "a: \"\\0\"\n"));
    ck_assert_uint_eq(f.diag.error_count, 5);
    check_same_text("all", printed(),
                    "t:1:4: error: alias '*one' stands for nothing; '&one' is needed "
                    "before it\n"
                    "    1 | a: *one\n"
                    "      |    ^\n"
                    "t:2:4: error: the tag '!tag' is not known; a value without tag is "
                    "needed\n"
                    "    2 | b: !tag 1\n"
                    "      |    ^\n"
                    "t:3:1: error: merge keys ('<<') are not known; the keys "
                    "themselves are needed\n"
                    "    3 | <<: 2\n"
                    "      | ^\n"
                    "t:4:1: error: key 'a' is given twice\n"
                    "    4 | a: \"\\0\"\n"
                    "      | ^\n"
                    "t:1:1: note: first given here\n"
                    "    1 | a: *one\n"
                    "      | ^\n"
                    "t:4:4: error: the text holds a zero character ('\\0')\n"
                    "    4 | a: \"\\0\"\n"
                    "      |    ^\n");
}
END_TEST

/** @p n times @p text. */
static char *
repeated(const char *text, size_t n)
{
    const size_t len = strlen(text);
    char *ret = psim_arena_alloc(&f.arena, n * len + 1, 1);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < len; j++) {
            ret[i * len + j] = text[j];
        }
    }
    return ret;
}

/** The first error alone. */
static void
check_first(const char *want)
{
    ck_assert_ptr_nonnull(f.diag.first);
    ck_assert_str_eq(f.diag.first->message, want);
}

START_TEST(depth_ends_at_64)
{
    const char *at =
        psim_arena_printf(&f.arena, "%s1%s", repeated("[", 64), repeated("]", 64));
    ck_assert_ptr_nonnull(read_as("t", at));
    ck_assert_ptr_null(read_as("t", psim_arena_printf(&f.arena, "[%s]", at)));
    check_first("nested deeper than 64 levels");
    check_at("bracket", f.diag.first->at, 1, 65);
}
END_TEST

START_TEST(an_alias_adds_its_depth)
{
    /* 33 levels in the anchor; 32 of brackets and the map's own one more. */
    const char *anchor = psim_arena_printf(&f.arena, "a: &x %s%s\n", repeated("[", 33),
                                           repeated("]", 33));
    ck_assert_ptr_nonnull(
        read_as("t", psim_arena_printf(&f.arena, "%sb: %s*x%s\n", anchor,
                                       repeated("[", 30), repeated("]", 30))));
    ck_assert_ptr_null(
        read_as("t", psim_arena_printf(&f.arena, "%sb: %s*x%s\n", anchor,
                                       repeated("[", 31), repeated("]", 31))));
    check_first("nested deeper than 64 levels");
    check_at("alias", f.diag.first->at, 2, 35);
}
END_TEST

START_TEST(values_end_at_two_to_the_19)
{
    /* The list itself is one value. */
    const size_t max = PSIM_READ_MAX_VALUES - 1;
    char *at = psim_arena_printf(&f.arena, "[%s]", repeated("1,", max));
    ck_assert_ptr_nonnull(read_as("t", at));
    ck_assert_ptr_null(
        read_as("t", psim_arena_printf(&f.arena, "[%s]", repeated("1,", max + 1))));
    check_first("more than 524288 values; an alias counts in full");
}
END_TEST

START_TEST(a_bomb_of_aliases_is_told_before_it_goes_off)
{
    const char *text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; i++) { /* ten times the one before: 10^10 values */
        const char *alias = psim_arena_printf(&f.arena, "*a%d, ", i - 1);
        text = psim_arena_printf(&f.arena, "%sa%d: &a%d [%s]\n", text, i, i,
                                 repeated(alias, 10));
    }
    ck_assert_ptr_null(read_as("t", text));
    ck_assert_uint_eq(f.diag.error_count, 1);
    check_first("more than 524288 values; an alias counts in full");
}
END_TEST

START_TEST(what_an_alias_stands_for_is_shared)
{
    const struct psim_node *root = read_as("t", "a: &x [1, 2]\nb: *x\n");
    ck_assert_ptr_nonnull(root);
    ck_assert_ptr_eq(root->first->first, root->first->next->first);
}
END_TEST

START_TEST(keys_end_at_1000_characters)
{
    const char *key = repeated("\xC3\xA4", 1000); /* of two bytes each */
    ck_assert_ptr_nonnull(read_as("t", psim_arena_printf(&f.arena, "%s: 1\n", key)));
    ck_assert_ptr_null(read_as("t", psim_arena_printf(&f.arena, "%sx: 1\n", key)));
    check_first("a key of more than 1000 characters");
    psim_diag_clear(&f.diag);
    /* libyaml gives up on its own behind 1024. */
    ck_assert_ptr_null(read_as(
        "t", psim_arena_printf(&f.arena, "a: 1\n%s: 1\n", repeated("x", 1100))));
    check_first("a key of more than 1000 characters");
    check_at("key", f.diag.first->at, 2, 1);
    psim_diag_clear(&f.diag);
    ck_assert_ptr_null(
        read_as("t", psim_arena_printf(&f.arena, "  %s: 1\n", repeated("x", 1100))));
    check_first("a key of more than 1000 characters");
    check_at("first key", f.diag.first->at, 1, 3);
}
END_TEST

START_TEST(anchors_end_at_1000)
{
    const char *text = "";
    for (int i = 0; i < 1000; i++) {
        text = psim_arena_printf(&f.arena, "%s- &a%d x\n", text, i);
    }
    ck_assert_ptr_nonnull(read_as("t", text));
    ck_assert_ptr_null(read_as("t", psim_arena_printf(&f.arena, "%s- &b x\n", text)));
    check_first("more than 1000 anchors");
}
END_TEST

START_TEST(files_end_at_32_mib)
{
    char *text = repeated("#", PSIM_READ_MAX_BYTES + 1);
    text[0] = 'a';
    text[1] = '\n';
    ck_assert_ptr_nonnull(
        psim_read_text(&f.arena, &f.diag, "t", text, PSIM_READ_MAX_BYTES));
    ck_assert_ptr_null(
        psim_read_text(&f.arena, &f.diag, "t", text, PSIM_READ_MAX_BYTES + 1));
    ck_assert_str_eq(printed(), "t: error: larger than 32 MiB\n");
}
END_TEST

START_TEST(a_map_of_100000_keys_is_no_trouble)
{
    enum { N = 100000 };
    /* "k00001: 1" is ten bytes with its line end. */
    char *text = psim_arena_alloc(&f.arena, (size_t)N * 10 + 1, 1);
    for (int i = 0; i < N; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, "k%05d: 1\n", i);
        memcpy(text + (size_t)i * 10, line, 10);
    }
    const clock_t start = clock();
    ck_assert_ptr_nonnull(read_as("t", text));
    const char *twice = psim_arena_printf(&f.arena, "%sk00007: 2\n", text);
    ck_assert_ptr_null(read_as("t", twice));
    /* Each pair compared would be 5e9 of them. */
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    ck_assert_msg(seconds < 20, "%.1f s", seconds);
    ck_assert_str_eq(printed(), "t:100001:1: error: key 'k00007' is given twice\n"
                                "100001 | k00007: 2\n"
                                "       | ^\n"
                                "t:8:1: note: first given here\n"
                                "    8 | k00007: 1\n"
                                "      | ^\n");
}
END_TEST

START_TEST(three_hundred_thousand_faults_cost_no_memory)
{
    /* Each alias is unknown; twenty are shown. */
    const size_t n = 300000;
    const char *text = repeated("- *x\n", n);
    ck_assert_ptr_null(read_as("t", text));
    ck_assert_uint_eq(f.diag.error_count, n);
}
END_TEST

START_TEST(a_file_is_read_as_its_text)
{
    char path[] = "/tmp/psim_test_read_XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "a: 1\nb: `\n", 10), 10);
    (void)close(fd);
    ck_assert_ptr_null(psim_read_file(&f.arena, &f.diag, path));
    (void)unlink(path);
    check_first("a text cannot begin with '`'; it needs quotes");
    ck_assert_str_eq(f.diag.first->at.source->name, path);
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "[1, 2]", 6), 6);
    (void)close(ends[1]);
    const char *path = psim_arena_printf(&f.arena, "/dev/fd/%d", ends[0]);
    const struct psim_node *root = psim_read_file(&f.arena, &f.diag, path);
    (void)close(ends[0]);
    ck_assert_str_eq(check_tree(&f.arena, root), "[1, 2]");
}
END_TEST

START_TEST(a_file_without_end_is_too_large)
{
    ck_assert_ptr_null(psim_read_file(&f.arena, &f.diag, "/dev/zero"));
    ck_assert_str_eq(printed(), "/dev/zero: error: larger than 32 MiB\n");
}
END_TEST

START_TEST(a_file_that_cannot_be_read_says_so)
{
    ck_assert_ptr_null(psim_read_file(&f.arena, &f.diag, "/nowhere/x.yaml"));
    ck_assert_ptr_null(psim_read_file(&f.arena, &f.diag, "/tmp"));
    ck_assert_str_eq(
        printed(),
        "/nowhere/x.yaml: error: cannot be opened: No such file or directory\n"
        "/tmp: error: cannot be read: Is a directory\n");
}
END_TEST

START_TEST(a_value_is_read_from_the_middle_of_a_text)
{
    const char *text = "a.b=[1,\n 2]";
    const struct psim_source *s = psim_source_new(&f.diag, "--set", text, strlen(text));
    const struct psim_node *value = psim_read_value(&f.arena, &f.diag, s, 4);
    ck_assert_str_eq(check_tree(&f.arena, value), "[1, 2]");
    check_at("list", value->at, 1, 5);
    check_at("first", value->first->at, 1, 6);
    check_at("second", value->first->next->at, 2, 2);
}
END_TEST

START_TEST(a_value_that_is_missing_or_odd_says_so)
{
    static const char *const texts[] = {"a= # b", "a=[1", "a=\x07"};
    for (size_t i = 0; i < PSIM_COUNT(texts); i++) {
        const struct psim_source *s =
            psim_source_new(&f.diag, "--set", texts[i], strlen(texts[i]));
        ck_assert_ptr_null(psim_read_value(&f.arena, &f.diag, s, 2));
    }
    ck_assert_str_eq(printed(), "--set:1:3: error: a value is needed here\n"
                                "    1 | a= # b\n"
                                "      |   ^\n"
                                "--set:1:3: error: this '[' is not closed\n"
                                "    1 | a=[1\n"
                                "      |   ^\n"
                                "--set:1:3: error: the control character U+0007 is not "
                                "allowed\n"
                                "    1 | a=?\n"
                                "      |   ^\n");
}
END_TEST

START_TEST(children_are_found_and_counted)
{
    const struct psim_node *root = read_as("t", "a: 1\nb: [x, y, z]\n");
    ck_assert_uint_eq(psim_node_count(root), 2);
    ck_assert_uint_eq(psim_node_count(psim_node_find(root, "b")), 3);
    ck_assert_uint_eq(psim_node_count(psim_node_find(root, "a")), 0);
    ck_assert_ptr_null(psim_node_find(root, "c"));
    ck_assert_ptr_null(psim_node_find(psim_node_find(root, "b"), "x"));
    ck_assert_str_eq(psim_node_kind_name(PSIM_NODE_SCALAR), "single value");
}
END_TEST

START_TEST(nothing_and_the_words_for_it_are_empty)
{
    const struct psim_node *root = read_as("t", "[, ~, null, '', 'null', x, [], 0]");
    ck_assert_ptr_null(root); /* YAML wants a value before the comma */
    psim_diag_clear(&f.diag);
    root = read_as("t", "- \n- ~\n- null\n- ''\n- 'null'\n- x\n- []\n- 0\n");
    ck_assert_ptr_nonnull(root);
    size_t i = 0;
    for (const struct psim_node *n = root->first; n; n = n->next) {
        ck_assert_msg(psim_node_is_empty(n) == (i < 3), "entry %zu", i);
        i++;
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("input/read");
    TCase *tree = tcase_create("tree");
    tcase_add_checked_fixture(tree, set_up, tear_down);
    tcase_add_loop_test(tree, a_text_becomes_a_tree, 0, (int)PSIM_COUNT(trees));
    tcase_add_test(tree, every_node_knows_its_place);
    tcase_add_test(tree, what_an_alias_stands_for_is_shared);
    tcase_add_test(tree, a_value_is_read_from_the_middle_of_a_text);
    tcase_add_test(tree, children_are_found_and_counted);
    tcase_add_test(tree, nothing_and_the_words_for_it_are_empty);
    suite_add_tcase(suite, tree);

    TCase *fault = tcase_create("faults");
    tcase_add_checked_fixture(fault, set_up, tear_down);
    tcase_add_loop_test(fault, a_fault_is_told_where_and_why, 0,
                        (int)PSIM_COUNT(faults));
    tcase_add_test(fault, all_faults_of_content_are_told_at_once);
    tcase_add_test(fault, a_value_that_is_missing_or_odd_says_so);
    suite_add_tcase(suite, fault);

    TCase *limits = tcase_create("limits");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    tcase_set_timeout(limits, 60); /* for valgrind; each takes well under 2 s */
    tcase_add_test(limits, depth_ends_at_64);
    tcase_add_test(limits, an_alias_adds_its_depth);
    tcase_add_test(limits, values_end_at_two_to_the_19);
    tcase_add_test(limits, a_bomb_of_aliases_is_told_before_it_goes_off);
    tcase_add_test(limits, keys_end_at_1000_characters);
    tcase_add_test(limits, anchors_end_at_1000);
    tcase_add_test(limits, files_end_at_32_mib);
    tcase_add_test(limits, a_map_of_100000_keys_is_no_trouble);
    tcase_add_test(limits, three_hundred_thousand_faults_cost_no_memory);
    suite_add_tcase(suite, limits);

    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, set_up, tear_down);
    tcase_set_timeout(files, 60);
    tcase_add_test(files, a_file_is_read_as_its_text);
    tcase_add_test(files, a_pipe_is_read_to_its_end);
    tcase_add_test(files, a_file_without_end_is_too_large);
    tcase_add_test(files, a_file_that_cannot_be_read_says_so);
    suite_add_tcase(suite, files);
    return check_main(suite);
}
