/* SPDX-License-Identifier: MIT */
/** @file Laying trees over each other: maps, lists of names, figures, `--set`. */
#include <time.h>

#include "check_main.h"
#include "check_tree.h"
#include "input/merge.h"
#include "input/read.h"

/** Everything that a case needs; an arena is all there is to free. */
struct fixture {
    struct psim_arena arena;
    struct psim_diag diag;
};

static struct fixture f;

static const char *const ties[] = {"by", "clock", NULL};

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
tree(const char *name, const char *text)
{
    const struct psim_node *root =
        psim_read_text(&f.arena, &f.diag, name, text, strlen(text));
    ck_assert_msg(root != NULL, "%s: %s", name,
                  check_printed(&f.arena, &f.diag, false));
    return root;
}

static const char *
merged(const char *base, const char *over)
{
    return check_tree(&f.arena, psim_merge(&f.arena, &f.diag, tree("base", base),
                                           tree("over", over), ties));
}

static const struct {
    const char *name, *base, *over, *want;
} rows[] = {
    {"a key of each", "{a: 1}", "{b: 2}", "{a: 1, b: 2}"},
    {"the overlay wins", "{a: 1, b: 2}", "{a: 3}", "{a: 3, b: 2}"},
    {"the order is the base's, then the overlay's", "{a: 1, b: 2}",
     "{d: 4, c: 3, b: 5}", "{a: 1, b: 5, d: 4, c: 3}"},
    {"maps are merged at any depth", "{a: {b: {c: 1, d: 2}}}", "{a: {b: {d: 3, e: 4}}}",
     "{a: {b: {c: 1, d: 3, e: 4}}}"},
    {"nothing laid over", "{a: {b: 1}}", "{}", "{a: {b: 1}}"},
    {"laid over nothing", "{}", "{a: {b: 1}}", "{a: {b: 1}}"},
    {"another root", "[1, 2]", "{a: 1}", "{a: 1}"},
    {"a list of words is replaced", "{a: [x, y, z]}", "{a: [w]}", "{a: [w]}"},
    {"a list of numbers is replaced", "{a: [4, 4, 4]}", "{a: [8]}", "{a: [8]}"},
    {"a map takes the place of a word", "{a: x}", "{a: {b: 1}}", "{a: {b: 1}}"},
    {"a word takes the place of a map", "{a: {b: 1}}", "{a: x}", "{a: x}"},
    {"quotes stay", "{a: 1}", "{a: \"1\"}", "{a: \"1\"}"},

    {"a figure loses its old source", "{a: {value: 1 s, source: old}}", "{a: 2 s}",
     "{a: 2 s}"},
    {"and a plain one gets a source", "{a: 1 s}", "{a: {value: 2 s, source: new}}",
     "{a: {value: 2 s, source: new}}"},
    {"a new value never keeps an old source", "{a: {value: 1 s, source: old}}",
     "{a: {value: 2 s}}", "{a: {value: 2 s}}"},
    {"a source alone is added", "{a: {value: 1 s, source: old}}", "{a: {source: new}}",
     "{a: {value: 1 s, source: new}}"},
    {"a figure for all takes the place of those by name", "{a: {p: 1 s, q: 2 s}}",
     "{a: {value: 3 s}}", "{a: {value: 3 s}}"},
    {"one figure of several", "{a: {p: 1 s, q: 2 s}}", "{a: {q: 3 s}}",
     "{a: {p: 1 s, q: 3 s}}"},

    {"an entry is found by its name", "[{name: m, a: 1}, {name: n, a: 2}]",
     "[{name: n, a: 3, b: 4}]", "[{name: m, a: 1}, {name: n, a: 3, b: 4}]"},
    {"a new name is added behind", "[{name: m}]", "[{name: n, a: 1}]",
     "[{name: m}, {name: n, a: 1}]"},
    {"the order of the base stays", "[{name: m}, {name: n}]",
     "[{name: n, a: 1}, {name: m, a: 2}]", "[{name: m, a: 2}, {name: n, a: 1}]"},
    {"name need not stand first", "[{a: 1, name: m}]", "[{a: 2, name: m}]",
     "[{a: 2, name: m}]"},
    {"lists inside entries", "[{name: m, l: [{name: x, k: 1}]}]",
     "[{name: m, l: [{name: x, k: 2}, {name: y}]}]",
     "[{name: m, l: [{name: x, k: 2}, {name: y}]}]"},
    {"an empty list clears", "{l: [{name: m}]}", "{l: []}", "{l: []}"},
    {"a list of words takes the place of names", "{l: [{name: m}]}", "{l: [x]}",
     "{l: [x]}"},
    {"names take the place of an empty list", "{l: []}", "{l: [{name: m}]}",
     "{l: [{name: m}]}"},
    {"maps without names are replaced", "{l: [{a: 1}, {a: 2}]}", "{l: [{a: 3}]}",
     "{l: [{a: 3}]}"},

    {"of two entries the one that agrees", "[{name: m, by: x, a: 1}, {name: m, by: y}]",
     "[{name: m, by: y, a: 2}]", "[{name: m, by: x, a: 1}, {name: m, by: y, a: 2}]"},
    {"in every tie key that is given",
     "[{name: m, by: x, clock: 1}, {name: m, by: x, clock: 2}]",
     "[{name: m, by: x, clock: 2, a: 3}]",
     "[{name: m, by: x, clock: 1}, {name: m, by: x, clock: 2, a: 3}]"},
    {"none agrees: a new one", "[{name: m, by: x}, {name: m, by: y}]",
     "[{name: m, by: z}]", "[{name: m, by: x}, {name: m, by: y}, {name: m, by: z}]"},
    {"a base without the key does not agree", "[{name: m}, {name: m, by: y}]",
     "[{name: m, by: z}]", "[{name: m}, {name: m, by: y}, {name: m, by: z}]"},
    {"a list of words ties as a word does",
     "[{name: m, by: [x, y]}, {name: m, by: [x]}, {name: m, by: x}]",
     "[{name: m, by: [x], a: 1}]",
     "[{name: m, by: [x, y]}, {name: m, by: [x], a: 1}, {name: m, by: x}]"},
    {"a list of others ties nothing", "[{name: m, by: [x]}, {name: m, by: [y, x]}]",
     "[{name: m, by: [x, y]}]",
     "[{name: m, by: [x]}, {name: m, by: [y, x]}, {name: m, by: [x, y]}]"},
    {"but a name that stands once is meant", "[{name: m, by: [x]}]",
     "[{name: m, by: [y]}]", "[{name: m, by: [y]}]"},
    {"a name that stands once is meant, whatever the rest", "[{name: m, by: x}]",
     "[{name: m, by: y}]", "[{name: m, by: y}]"},
    {"but two of the overlay are told apart", "[{name: m, by: x, a: 1}]",
     "[{name: m, by: y}, {name: m, by: x, a: 2}]",
     "[{name: m, by: x, a: 2}, {name: m, by: y}]"},
    {"two new ones of one name", "[{name: n}]", "[{name: m, by: x}, {name: m, by: y}]",
     "[{name: n}, {name: m, by: x}, {name: m, by: y}]"},
};

START_TEST(the_overlay_has_its_say_and_the_base_the_rest)
{
    check_same_text(rows[_i].name, merged(rows[_i].base, rows[_i].over), rows[_i].want);
    ck_assert_uint_eq(f.diag.error_count, 0);
}
END_TEST

static const struct {
    const char *name, *base, *over, *want;
} faults[] = {
    {"two are meant", "[{name: m, by: x}, {name: m, by: y}]", "[{name: m}]",
     "over:1:9: error: name: 'm' means several entries; 'by' or 'clock' is needed to "
     "tell them apart\n"
     "    1 | [{name: m}]\n"
     "      |         ^\n"
     "base:1:2: note: one of them\n"
     "    1 | [{name: m, by: x}, {name: m, by: y}]\n"
     "      |  ^\n"
     "base:1:20: note: another\n"
     "    1 | [{name: m, by: x}, {name: m, by: y}]\n"
     "      |                    ^\n"},
    {"one is changed twice, and all is told", "{k: [{name: m, by: x}], l: [{name: n}]}",
     "{k: [{name: m}, {name: m, by: x}],\n l: [{name: n, a: 1}, {a: 2}]}",
     "over:1:24: error: name: the entry 'm' is changed twice; one entry for both is "
     "needed\n"
     "    1 | {k: [{name: m}, {name: m, by: x}],\n"
     "      |                        ^\n"
     "over:1:6: note: first changed here\n"
     "over:2:23: error: an entry without name; the name of the entry that it changes "
     "or adds is needed\n"
     "    2 |  l: [{name: n, a: 1}, {a: 2}]}\n"
     "      |                       ^\n"},
    {"a name that is a list", "[{name: n}]", "[{name: [n]}]",
     "over:1:2: error: an entry without name; the name of the entry that it changes or "
     "adds is needed\n"
     "    1 | [{name: [n]}]\n"
     "      |  ^\n"},
};

START_TEST(what_cannot_be_laid_over_says_why)
{
    check_same_text("tree", merged(faults[_i].base, faults[_i].over), "null");
    check_same_text(faults[_i].name, check_printed(&f.arena, &f.diag, false),
                    faults[_i].want);
}
END_TEST

START_TEST(without_tie_keys_a_shared_name_is_ambiguous)
{
    const struct psim_node *base = tree("base", "[{name: m}, {name: m}]");
    ck_assert_ptr_null(
        psim_merge(&f.arena, &f.diag, base, tree("over", "[{name: m}]"), NULL));
    ck_assert_str_eq(f.diag.first->message,
                     "name: 'm' means several entries; a name of its own is needed to "
                     "tell them apart");
}
END_TEST

/** "[{name: m, by: 0}, ...": @p n entries of one name. */
static const char *
namesakes(int n)
{
    const char *text = "[";
    for (int i = 0; i < n; i++) {
        text = psim_arena_printf(&f.arena, "%s{name: m, by: %d}, ", text, i);
    }
    return psim_arena_printf(&f.arena, "%s]", text);
}

START_TEST(namesakes_end_at_64)
{
    ck_assert_str_ne(merged(namesakes(64), "[{name: m, by: 7, a: 1}]"), "null");
    ck_assert_str_eq(merged(namesakes(65), "[{name: m, by: 7, a: 1}]"), "null");
    ck_assert_str_eq(f.diag.first->message, "name: more than 64 entries are named 'm'");
}
END_TEST

START_TEST(every_node_keeps_the_place_of_its_layer)
{
    const struct psim_node *base = tree("base", "a: 1\nm: {x: 1}\nk: 1\n");
    const struct psim_node *over = tree("over", "m: {y: 2}\na: 3\n");
    const struct psim_node *root = psim_merge(&f.arena, &f.diag, base, over, NULL);
    const struct psim_node *map = psim_node_find(root, "m");
    ck_assert_str_eq(psim_node_find(root, "a")->at.source->name, "over");
    ck_assert_uint_eq(psim_node_find(root, "a")->key_at.line, 2);
    ck_assert_str_eq(psim_node_find(root, "k")->at.source->name, "base");
    ck_assert_str_eq(map->at.source->name, "base");
    ck_assert_str_eq(psim_node_find(map, "x")->at.source->name, "base");
    ck_assert_str_eq(psim_node_find(map, "y")->at.source->name, "over");
    /* Neither layer was touched. */
    ck_assert_str_eq(check_tree(&f.arena, base), "{a: 1, m: {x: 1}, k: 1}");
    ck_assert_str_eq(check_tree(&f.arena, over), "{m: {y: 2}, a: 3}");
}
END_TEST

/** @p n lines of @p line_len bytes, each with its number. */
static char *
numbered(const char *format, size_t line_len, int n)
{
    char *text = psim_arena_alloc(&f.arena, (size_t)n * line_len + 1, 1);
    for (int i = 0; i < n; i++) {
        const char *line = psim_arena_printf(&f.arena, "%05d", i);
        memcpy(text + (size_t)i * line_len, format, line_len);
        memcpy(strchr(text + (size_t)i * line_len, '#'), line, 5);
    }
    return text;
}

START_TEST(large_maps_and_lists_are_no_trouble)
{
    enum { N = 50000 };
    const struct psim_node *maps = tree("maps", numbered("k#....: 1\n", 10, N));
    const struct psim_node *lists = tree("lists", numbered("- name: n#....\n", 15, N));
    const clock_t start = clock();
    const struct psim_node *map = psim_merge(&f.arena, &f.diag, maps, maps, ties);
    const struct psim_node *list = psim_merge(&f.arena, &f.diag, lists, lists, ties);
    /* Each pair compared would be 2.5e9 of them, twice. */
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    ck_assert_msg(seconds < 20, "%.1f s", seconds);
    ck_assert_uint_eq(psim_node_count(map), N);
    ck_assert_uint_eq(psim_node_count(list), N);
}
END_TEST

static const char base_of_paths[] =
    "a: 1\n"
    "m: {x: 1, y: {z: 2}}\n"
    "domains:\n"
    "  - {name: near, size: 1 KiB}\n"
    "  - {name: far memory, size: 1 GB, l: [{name: i}]}\n"
    "grid: [4, 4]\n";

static const struct {
    const char *assignment, *want;
} paths[] = {
    {"a=2", "{a: 2}"},
    {"new=2", "{new: 2}"},
    {"m.x=[1, 2]", "{m: {x: [1, 2]}}"},
    {"m.y.z={p: q}", "{m: {y: {z: {p: q}}}}"},
    {"m.new.newer=1", "{m: {new: {newer: 1}}}"},
    {"a.value=3", "{a: {value: 3}}"},
    {"a= x = y", "{a: x = y}"},
    {"a='quoted'", "{a: \"quoted\"}"},
    {"a=~", "{a: ~}"},
    {"domains.near.size=2 KiB", "{domains: [{name: near, size: 2 KiB}]}"},
    {"domains.far memory.l.i.k=1",
     "{domains: [{name: far memory, l: [{name: i, k: 1}]}]}"},
    {"domains.near={size: 3 B, k: 1}", "{domains: [{name: near, size: 3 B, k: 1}]}"},
    {"domains=[{name: other}]", "{domains: [{name: other}]}"},
    {"grid=[8]", "{grid: [8]}"},
};

START_TEST(an_assignment_becomes_a_tree)
{
    const struct psim_node *base = tree("base", base_of_paths);
    const struct psim_node *over =
        psim_merge_path(&f.arena, &f.diag, base, paths[_i].assignment);
    check_same_text(paths[_i].assignment, check_tree(&f.arena, over), paths[_i].want);
    ck_assert_uint_eq(f.diag.error_count, 0);
    ck_assert_ptr_nonnull(psim_merge(&f.arena, &f.diag, base, over, ties));
}
END_TEST

START_TEST(an_assignment_needs_no_base)
{
    const struct psim_node *over = psim_merge_path(&f.arena, &f.diag, NULL, "a.b=1");
    ck_assert_str_eq(check_tree(&f.arena, over), "{a: {b: 1}}");
}
END_TEST

START_TEST(places_are_those_of_the_option)
{
    const struct psim_node *base = tree("base", base_of_paths);
    const struct psim_node *over =
        psim_merge_path(&f.arena, &f.diag, base, "domains.near.size=2 KiB");
    const struct psim_node *size = over->first->first->first->next;
    ck_assert_str_eq(size->key, "size");
    ck_assert_str_eq(size->at.source->name, "--set");
    ck_assert_uint_eq(size->at.line, 1);
    ck_assert_uint_eq(size->at.column, 19);
    ck_assert_uint_eq(size->key_at.column, 14);
}
END_TEST

static const struct {
    const char *assignment, *want;
} bad_paths[] = {
    {"a", "--set:1:2: error: a '=' is missing; PATH=VALUE is needed\n"
          "    1 | a\n"
          "      |  ^\n"},
    {"=1", "--set:1:1: error: a key is missing here; PATH=VALUE is needed\n"
           "    1 | =1\n"
           "      | ^\n"},
    {"m..x=1", "--set:1:3: error: a key is missing here; PATH=VALUE is needed\n"
               "    1 | m..x=1\n"
               "      |   ^\n"},
    {"m.=1", "--set:1:3: error: a key is missing here; PATH=VALUE is needed\n"
             "    1 | m.=1\n"
             "      |   ^\n"},
    {"a=", "--set:1:3: error: a value is needed here\n"
           "    1 | a=\n"
           "      |   ^\n"},
    {"a=[1", "--set:1:3: error: this '[' is not closed\n"
             "    1 | a=[1\n"
             "      |   ^\n"},
    {"a=b: c: d", "--set:1:7: error: a second ':' on this line; a text that holds ': ' "
                  "needs quotes\n"
                  "    1 | a=b: c: d\n"
                  "      |       ^\n"},
    {"domains.naer.size=1 B",
     "--set:1:9: error: no entry is named 'naer'; an entry of the list is needed\n"
     "    1 | domains.naer.size=1 B\n"
     "      |         ^\n"
     "--set:1:9: note: did you mean 'near'?\n"
     "base:4:3: note: the list begins here\n"
     "    4 |   - {name: near, size: 1 KiB}\n"
     "      |   ^\n"},
    {"grid.x=1",
     "--set:1:6: error: 'x' would be inside a list without names; the list can be set "
     "as a whole only\n"
     "    1 | grid.x=1\n"
     "      |      ^\n"},
    {"domains.near=5 GB", "--set:1:14: error: 'near' is an entry of a list; a map of "
                          "what to change in it is "
                          "needed\n"
                          "    1 | domains.near=5 GB\n"
                          "      |              ^\n"},
    {"domains.near={name: far}",
     "--set:1:15: error: name: the path has named the entry; another key is needed\n"
     "    1 | domains.near={name: far}\n"
     "      |               ^\n"},
    {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
     "--set:1:65: error: a path of more than 32 keys\n"
     "    1 | ...a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1\n"
     "      |                                                                ^\n"},
};

START_TEST(what_is_no_assignment_says_why)
{
    const struct psim_node *base = tree("base", base_of_paths);
    ck_assert_ptr_null(
        psim_merge_path(&f.arena, &f.diag, base, bad_paths[_i].assignment));
    check_same_text(bad_paths[_i].assignment, check_printed(&f.arena, &f.diag, false),
                    bad_paths[_i].want);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("input/merge");
    TCase *merge = tcase_create("merge");
    tcase_add_checked_fixture(merge, set_up, tear_down);
    tcase_set_timeout(merge, 60); /* for valgrind */
    tcase_add_loop_test(merge, the_overlay_has_its_say_and_the_base_the_rest, 0,
                        (int)PSIM_COUNT(rows));
    tcase_add_loop_test(merge, what_cannot_be_laid_over_says_why, 0,
                        (int)PSIM_COUNT(faults));
    tcase_add_test(merge, without_tie_keys_a_shared_name_is_ambiguous);
    tcase_add_test(merge, namesakes_end_at_64);
    tcase_add_test(merge, every_node_keeps_the_place_of_its_layer);
    tcase_add_test(merge, large_maps_and_lists_are_no_trouble);
    suite_add_tcase(suite, merge);

    TCase *path = tcase_create("path");
    tcase_add_checked_fixture(path, set_up, tear_down);
    tcase_add_loop_test(path, an_assignment_becomes_a_tree, 0, (int)PSIM_COUNT(paths));
    tcase_add_test(path, an_assignment_needs_no_base);
    tcase_add_test(path, places_are_those_of_the_option);
    tcase_add_loop_test(path, what_is_no_assignment_says_why, 0,
                        (int)PSIM_COUNT(bad_paths));
    suite_add_tcase(suite, path);
    return check_main(suite);
}
