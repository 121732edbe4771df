/* SPDX-License-Identifier: MIT */
/** @file Binding: every kind of field filled, every fault of a field in words. */
#include <stddef.h>

#include "check_main.h"
#include "input/bind.h"
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

enum type { FP64, FP32, BF16, N_TYPES };

static const struct psim_choice types[] = {
    {"fp64", FP64}, {"fp32", FP32}, {"bf16", BF16}, {"bfloat16", BF16}, {NULL, 0},
};

/** More than a message lists. */
static const struct psim_choice letters[] = {
    {"aa", 0},  {"bb", 1},  {"cc", 2},  {"dd", 3},  {"ee", 4},  {"ff", 5},
    {"gg", 6},  {"hh", 7},  {"ii", 8},  {"jj", 9},  {"kk", 10}, {"ll", 11},
    {"mm", 12}, {"nn", 13}, {"oo", 14}, {"pp", 15}, {"qq", 16}, {NULL, 0},
};

struct port {
    struct psim_word of;
    struct psim_figure bandwidth;
    struct psim_loc at;
};

/** One member for each kind of field. */
struct thing {
    struct psim_word text;
    struct psim_words texts;
    uint64_t count;
    struct psim_counts counts, pair;
    bool flag;
    int choice, letter;
    uint32_t choices;
    struct psim_figure figure, plain, part, latency;
    struct psim_figure rates[N_TYPES];
    struct port port;
    struct psim_items ports;
    const struct psim_node *node;
    struct psim_loc flag_at;
    int not_in_the_table;
};

#define AT(member) offsetof(struct thing, member)

static const struct psim_field port_fields[] = {
    {
        .key = "of",
        .doc = "whose",
        .kind = PSIM_FIELD_TEXT,
        .required = true,
        .offset = offsetof(struct port, of),
    },
    {
        .key = "bandwidth",
        .doc = "what it carries",
        .kind = PSIM_FIELD_FIGURE,
        .dims = PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_S),
        .offset = offsetof(struct port, bandwidth),
    },
    {.key = NULL},
};

static const struct psim_field fields[] = {
    {
        .key = "text",
        .doc = "a word",
        .kind = PSIM_FIELD_TEXT,
        .required = true,
        .offset = AT(text),
    },
    {
        .key = "texts",
        .doc = "words",
        .kind = PSIM_FIELD_TEXTS,
        .offset = AT(texts),
    },
    {
        .key = "count",
        .doc = "how many",
        .kind = PSIM_FIELD_COUNT,
        .min = 1,
        .max = 4096,
        .offset = AT(count),
    },
    {
        .key = "counts",
        .doc = "how many along each axis",
        .kind = PSIM_FIELD_COUNTS,
        .offset = AT(counts),
    },
    {
        .key = "pair",
        .doc = "two at most",
        .kind = PSIM_FIELD_COUNTS,
        .min = 1,
        .max_items = 2,
        .offset = AT(pair),
    },
    {
        .key = "flag",
        .doc = "whether",
        .kind = PSIM_FIELD_BOOL,
        .offset = AT(flag),
        .loc_offset = AT(flag_at),
    },
    {
        .key = "choice",
        .doc = "a type",
        .kind = PSIM_FIELD_CHOICE,
        .choices = types,
        .offset = AT(choice),
    },
    {
        .key = "letter",
        .doc = "one of many",
        .kind = PSIM_FIELD_CHOICE,
        .choices = letters,
        .offset = AT(letter),
    },
    {
        .key = "choices",
        .doc = "types",
        .kind = PSIM_FIELD_CHOICES,
        .choices = types,
        .offset = AT(choices),
    },
    {
        .key = "figure",
        .doc = "a size",
        .kind = PSIM_FIELD_FIGURE,
        .dims = PSIM_DIM_BIT(PSIM_DIM_BYTES),
        .offset = AT(figure),
    },
    {
        .key = "plain",
        .doc = "a number with any sign",
        .kind = PSIM_FIELD_FIGURE,
        .min = -1e9,
        .offset = AT(plain),
    },
    {
        .key = "part",
        .doc = "a part of the whole",
        .kind = PSIM_FIELD_FIGURE,
        .max = 1,
        .offset = AT(part),
    },
    {
        .key = "latency",
        .doc = "in any of three",
        .kind = PSIM_FIELD_FIGURE,
        .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS) | PSIM_DIM_BIT(PSIM_DIM_CYCLES) |
                PSIM_DIM_BIT(PSIM_DIM_JOULES),
        .offset = AT(latency),
    },
    {
        .key = "rates",
        .doc = "by type",
        .kind = PSIM_FIELD_FIGURES,
        .dims = PSIM_DIM_BIT(PSIM_DIM_FLOP_PER_CYCLE),
        .choices = types,
        .offset = AT(rates),
    },
    {
        .key = "port",
        .doc = "one map",
        .kind = PSIM_FIELD_MAP,
        .fields = port_fields,
        .item_loc_offset = offsetof(struct port, at),
        .offset = AT(port),
    },
    {
        .key = "ports",
        .doc = "a list of maps",
        .kind = PSIM_FIELD_MAPS,
        .fields = port_fields,
        .item_size = sizeof(struct port),
        .item_loc_offset = offsetof(struct port, at),
        .max_items = 3,
        .offset = AT(ports),
    },
    {
        .key = "node",
        .doc = "read by its owner",
        .kind = PSIM_FIELD_NODE,
        .offset = AT(node),
    },
    {.key = NULL},
};

static const struct psim_bare_unit unit_items[] = {{"latency", "cycles"}};
static const struct psim_bare_units units = {unit_items, PSIM_COUNT(unit_items)};

static bool
bind(const char *text, const struct psim_bare_units *header, struct thing *ret)
{
    const struct psim_node *root =
        psim_read_text(&f.arena, &f.diag, "t", text, strlen(text));
    ck_assert_msg(root != NULL, "%s", check_printed(&f.arena, &f.diag, false));
    return psim_bind(&f.arena, &f.diag, root, fields, header, ret);
}

static struct thing
bound(const char *text)
{
    struct thing ret;
    memset(&ret, 0xAA, sizeof ret); /* nothing may be left as it was */
    const bool ok = bind(text, NULL, &ret);
    ck_assert_msg(ok, "%s", check_printed(&f.arena, &f.diag, false));
    ck_assert_uint_eq(f.diag.error_count, 0);
    return ret;
}

START_TEST(what_is_absent_reads_as_not_given)
{
    struct thing t = bound("text: x");
    ck_assert_ptr_null(t.texts.items);
    ck_assert_uint_eq(t.texts.n, 0);
    ck_assert_uint_eq(t.count, 0);
    ck_assert_uint_eq(t.counts.n, 0);
    ck_assert(!t.flag);
    ck_assert_ptr_null(t.flag_at.source);
    ck_assert_int_eq(t.choice, 0);
    ck_assert_uint_eq(t.choices, 0);
    ck_assert(!t.figure.given);
    for (size_t i = 0; i < N_TYPES; i++) {
        ck_assert(!t.rates[i].given);
    }
    ck_assert_ptr_null(t.port.of.text);
    ck_assert_ptr_null(t.port.at.source);
    ck_assert_uint_eq(t.ports.n, 0);
    ck_assert_ptr_null(t.node);
    int untouched;
    memset(&untouched, 0xAA, sizeof untouched);
    ck_assert_int_eq(t.not_in_the_table, untouched);
}
END_TEST

START_TEST(words_are_bound_with_their_places)
{
    const struct thing t = bound("text: two words\ntexts: [a, \"5\", 5]\n");
    ck_assert_str_eq(t.text.text, "two words");
    ck_assert_uint_eq(t.text.at.column, 7);
    ck_assert_uint_eq(t.texts.n, 3);
    ck_assert_str_eq(t.texts.items[1].text, "5");
    ck_assert_str_eq(t.texts.items[2].text, "5");
    ck_assert_uint_eq(t.texts.items[1].at.column, 12);
}
END_TEST

START_TEST(one_word_is_a_list_of_one)
{
    const struct thing t = bound("{text: x, texts: a, counts: 7, choices: fp32}");
    ck_assert_uint_eq(t.texts.n, 1);
    ck_assert_str_eq(t.texts.items[0].text, "a");
    ck_assert_uint_eq(t.counts.n, 1);
    ck_assert_uint_eq(t.counts.value[0], 7);
    ck_assert_uint_eq(t.choices, 1u << FP32);
}
END_TEST

START_TEST(an_empty_list_of_words_is_given_and_empty)
{
    const struct thing t = bound("{text: x, texts: [], choices: [], ports: []}");
    ck_assert_uint_eq(t.texts.n, 0);
    ck_assert_uint_eq(t.choices, 0);
    ck_assert_uint_eq(t.ports.n, 0);
}
END_TEST

START_TEST(whole_numbers_are_bound)
{
    const struct thing t =
        bound("{text: x, count: 4.096e3, counts: [0, 1, 2, 9007199254740992]}");
    ck_assert_uint_eq(t.count, 4096);
    ck_assert_uint_eq(t.counts.n, 4);
    ck_assert_uint_eq(t.counts.value[0], 0);
    ck_assert_uint_eq(t.counts.value[3], UINT64_C(1) << 53);
    ck_assert_uint_eq(t.counts.at.column, 35);
}
END_TEST

START_TEST(truth_and_choices_are_bound)
{
    const struct thing t =
        bound("{text: x, flag: true, choice: bfloat16, choices: [bf16, fp64]}");
    ck_assert(t.flag);
    ck_assert_uint_eq(t.flag_at.column, 17);
    ck_assert_int_eq(t.choice, BF16);
    ck_assert_uint_eq(t.choices, 1u << BF16 | 1u << FP64);
}
END_TEST

START_TEST(a_figure_is_bound_from_its_short_form)
{
    const struct thing t = bound("{text: x, figure: 40 GiB, plain: -1.5, part: 91 %}");
    ck_assert(t.figure.given);
    ck_assert_double_eq(t.figure.value, 40 * 0x1p30);
    ck_assert_int_eq(t.figure.dim, PSIM_DIM_BYTES);
    ck_assert_int_eq(t.figure.confidence, PSIM_CONFIDENCE_UNSTATED);
    ck_assert_ptr_null(t.figure.source);
    ck_assert_uint_eq(t.figure.at.column, 19);
    ck_assert_double_eq(t.plain.value, -1.5);
    ck_assert_double_eq(t.part.value, 0.91);
}
END_TEST

START_TEST(a_figure_is_bound_from_its_long_form)
{
    const struct thing t = bound("text: x\n"
                                 "figure:\n"
                                 "  value: 40 GB\n"
                                 "  source: the data sheet, page 3\n"
                                 "  confidence: datasheet\n"
                                 "  note: without ECC\n");
    ck_assert_double_eq(t.figure.value, 40e9);
    ck_assert_int_eq(t.figure.confidence, PSIM_CONFIDENCE_DATASHEET);
    ck_assert_str_eq(t.figure.source, "the data sheet, page 3");
    ck_assert_uint_eq(t.figure.at.line, 3);
    ck_assert_uint_eq(t.figure.at.column, 10);
}
END_TEST

START_TEST(one_figure_holds_for_all_choices)
{
    const struct thing t = bound("{text: x, rates: {value: 64 FLOP/cycle, source: s}}");
    for (size_t i = 0; i < N_TYPES; i++) {
        ck_assert(t.rates[i].given);
        ck_assert_double_eq(t.rates[i].value, 64);
        ck_assert_str_eq(t.rates[i].source, "s");
    }
}
END_TEST

START_TEST(figures_are_bound_by_choice)
{
    const struct thing t =
        bound("{text: x, rates: {fp32: 64 FLOP/cycle, bfloat16: {value: 1 kFLOP/cycle,"
              " confidence: assumed}}}");
    ck_assert(!t.rates[FP64].given);
    ck_assert_double_eq(t.rates[FP32].value, 64);
    ck_assert_double_eq(t.rates[BF16].value, 1000);
    ck_assert_int_eq(t.rates[BF16].confidence, PSIM_CONFIDENCE_ASSUMED);
}
END_TEST

START_TEST(maps_are_bound_by_their_own_table)
{
    const struct thing t = bound("text: x\n"
                                 "port: {of: a}\n"
                                 "ports:\n"
                                 "  - {of: b, bandwidth: 1 GB/s}\n"
                                 "  - {of: c}\n");
    ck_assert_str_eq(t.port.of.text, "a");
    ck_assert_uint_eq(t.port.at.line, 2);
    ck_assert_uint_eq(t.port.at.column, 7);
    ck_assert_uint_eq(t.ports.n, 2);
    const struct port *ports = t.ports.items;
    ck_assert_double_eq(ports[0].bandwidth.value, 1e9);
    ck_assert_str_eq(ports[1].of.text, "c");
    ck_assert(!ports[1].bandwidth.given);
    ck_assert_uint_eq(ports[1].at.line, 5);
}
END_TEST

START_TEST(a_node_is_left_to_its_owner)
{
    const struct thing t = bound("{text: x, node: {a: [1, 2]}}");
    ck_assert_int_eq(t.node->kind, PSIM_NODE_MAP);
    ck_assert_str_eq(t.node->key, "node");
    const struct thing empty = bound("{text: x, node: ~}");
    ck_assert(psim_node_is_empty(empty.node));
}
END_TEST

START_TEST(the_header_gives_bare_numbers_their_unit)
{
    struct thing t;
    ck_assert(bind("{text: x, latency: 400, plain: 7}", &units, &t));
    ck_assert_int_eq(t.latency.dim, PSIM_DIM_CYCLES);
    ck_assert_double_eq(t.latency.value, 400);
    ck_assert_double_eq(t.plain.value, 7);
    ck_assert(bind("{text: x, latency: 5 ns}", &units, &t));
    ck_assert_int_eq(t.latency.dim, PSIM_DIM_SECONDS);
}
END_TEST

/** What stands behind "text: x, ", and what is said of it; places count from there. */
static const struct {
    const char *text, *want;
} faults[] = {
    {"txet: y", "t:1:11: error: unknown key 'txet'\n"
                "t:1:11: note: did you mean 'text'?\n"},
    {"something else: y", "t:1:11: error: unknown key 'something else'\n"},
    {"texts: {a: b}",
     "t:1:18: error: texts: a map stands here; a text or a list of texts is needed\n"},
    {"texts: [a, [b], ~, '']",
     "t:1:22: error: texts: a list stands here; a text is needed\n"
     "t:1:27: error: texts: no value is given; a text is needed\n"
     "t:1:30: error: texts: the text is empty; a text is needed\n"},

    {"count: many",
     "t:1:18: error: count: 'many' is not a whole number; 1 to 4096 is needed\n"},
    {"count: 10.5",
     "t:1:18: error: count: '10.5' is not a whole number; 1 to 4096 is needed\n"},
    {"count: 10 GB",
     "t:1:18: error: count: '10 GB' is not a whole number; 1 to 4096 is needed\n"},
    {"count: '7'",
     "t:1:18: error: count: '7' in quotes is a text; a whole number is needed\n"},
    {"count: 0", "t:1:18: error: count: 0 is below 1; 1 to 4096 is needed\n"},
    {"count: -3", "t:1:18: error: count: -3 is below 1; 1 to 4096 is needed\n"},
    {"count: 4097", "t:1:18: error: count: 4097 is above 4096; 1 to 4096 is needed\n"},
    {"count: 9007199254740993", "t:1:18: error: count: '9007199254740993' is beyond "
                                "2^53; 1 to 4096 is needed, and "
                                "exact only up to there\n"},
    {"count: [1]",
     "t:1:18: error: count: a list stands here; a whole number is needed\n"},
    {"count: ", "t:1:18: error: count: no value is given; a whole number is needed\n"},

    {"counts: [1, x, -1]",
     "t:1:23: error: counts: 'x' is not a whole number; 0 or more is needed\n"
     "t:1:26: error: counts: -1 is below 0; 0 or more is needed\n"},
    {"counts: [1, 2, 3, 4, 5]",
     "t:1:19: error: counts: a list of 5; 1 to 4 whole numbers are needed\n"},
    {"pair: [1, 2, 3]",
     "t:1:17: error: pair: a list of 3; 1 to 2 whole numbers are needed\n"},
    {"pair: []", "t:1:17: error: pair: a list of 0; 1 to 2 whole numbers are needed\n"},
    {"pair: {a: 1}",
     "t:1:17: error: pair: a map stands here; a whole number or a list of them is "
     "needed\n"},

    {"flag: yes",
     "t:1:17: error: flag: 'yes' is no truth value; true or false is needed\n"},
    {"flag: 'true'",
     "t:1:17: error: flag: 'true' in quotes is a text; true or false is needed\n"},
    {"flag: []", "t:1:17: error: flag: a list stands here; true or false is needed\n"},

    {"choice: fp23",
     "t:1:19: error: choice: 'fp23' is not known; fp64, fp32 or bf16 is needed\n"
     "t:1:19: note: did you mean 'fp32'?\n"},
    {"choice: int8",
     "t:1:19: error: choice: 'int8' is not known; fp64, fp32 or bf16 is needed\n"},
    {"choice: [fp32]",
     "t:1:19: error: choice: a list stands here; fp64, fp32 or bf16 is needed\n"},
    {"choice: ~",
     "t:1:19: error: choice: no value is given; fp64, fp32 or bf16 is needed\n"},
    {"letter: zzz",
     "t:1:19: error: letter: 'zzz' is not known; aa, bb, cc, dd, ee, ff, gg, hh, ii, "
     "jj, kk, ll, mm, nn, oo, pp ... is needed\n"},
    {"choices: [fp32, x, {}]",
     "t:1:27: error: choices: 'x' is not known; fp64, fp32 or bf16 is needed\n"
     "t:1:30: error: choices: a map stands here; fp64, fp32 or bf16 is needed\n"},

    {"figure: big", "t:1:19: error: figure: 'big' is not a number; a size (B) is "
                    "needed\n"},
    {"figure: nan B", "t:1:19: error: figure: 'nan B' is not a number; a size (B) is "
                      "needed\n"},
    {"figure: 40", "t:1:19: error: figure: '40' has no unit; a size (B) is needed\n"},
    {"figure: 40 Gb",
     "t:1:19: error: figure: unknown unit in '40 Gb'; a size (B) is needed\n"
     "t:1:19: note: did you mean 'GB' (bytes) or 'Gbit' (bits)?\n"},
    {"figure: 40 gib",
     "t:1:19: error: figure: unknown unit in '40 gib'; a size (B) is needed\n"
     "t:1:19: note: did you mean 'GiB' (bytes) or 'Gibit' (bits)?\n"},
    {"figure: 1.41 GHz",
     "t:1:19: error: figure: '1.41 GHz' is a frequency; a size (B) is needed\n"},
    {"figure: 5 J",
     "t:1:19: error: figure: '5 J' is an energy; a size (B) is needed\n"},
    {"figure: 1e999 B",
     "t:1:19: error: figure: '1e999 B' is too large; numbers end at 1.8e308\n"},
    {"figure: -3 GB",
     "t:1:19: error: figure: -3 GB is below 0 B; 0 B or more is needed\n"},
    {"figure: [1 B]",
     "t:1:19: error: figure: a list stands here; a size (B) is needed\n"},
    {"figure: ~", "t:1:19: error: figure: no value is given; a size (B) is needed\n"},
    {"part: 120 %", "t:1:17: error: part: 1.2 is above 1; 0 to 1 is needed\n"},
    {"part: -1", "t:1:17: error: part: -1 is below 0; 0 to 1 is needed\n"},
    /* Four digits would say that 1 is above 1. */
    {"part: 1.0000001",
     "t:1:17: error: part: 1.0000001 is above 1; 0 to 1 is needed\n"},
    {"part: 5 s", "t:1:17: error: part: '5 s' is a time; a plain number is needed\n"},
    {"latency: 5",
     "t:1:20: error: latency: '5' has no unit; a time (s), a number of cycles (cycles) "
     "or an energy (J) is needed\n"},

    {"figure: {source: s, confidence: rumour, sorce: t}",
     "t:1:19: error: missing key 'value' (the quantity itself)\n"
     "t:1:43: error: confidence: 'rumour' is not known; datasheet, measured, fitted or "
     "assumed is needed\n"
     "t:1:51: error: unknown key 'sorce'\n"
     "t:1:51: note: did you mean 'source'?\n"},
    {"figure: {value: {value: 1 B}}",
     "t:1:27: error: figure: a map stands here; a size (B) is needed\n"},
    {"figure: {value: 1 s, note: [a]}",
     "t:1:38: error: note: a list stands here; a text is needed\n"},

    {"rates: {fp32: 1 s, fp33: 2 FLOP/cycle, bf16: ~}",
     "t:1:25: error: rates.fp32: '1 s' is a time; a compute rate per cycle "
     "(FLOP/cycle) "
     "is needed\n"
     "t:1:30: error: rates: 'fp33' is not known; fp64, fp32 or bf16 is needed\n"
     "t:1:30: note: did you mean 'fp32'?\n"
     "t:1:56: error: rates.bf16: no value is given; a compute rate per cycle "
     "(FLOP/cycle) is needed\n"},
    {"rates: {bf16: 1 FLOP/cycle, bfloat16: 1 FLOP/cycle}",
     "t:1:39: error: rates: 'bfloat16' is given twice, by another word; one is needed\n"
     "t:1:25: note: first given here\n"},
    {"rates: 5",
     "t:1:18: error: rates: '5' has no unit; a compute rate per cycle (FLOP/cycle) is "
     "needed\n"},

    {"port: 5", "t:1:17: error: port: a single value stands here; a map like {of: ..., "
                "bandwidth: ...} is needed\n"},
    {"port: {bandwidth: 5}",
     "t:1:17: error: missing key 'of' (whose)\n"
     "t:1:29: error: bandwidth: '5' has no unit; a bandwidth (B/s) is needed\n"},
    {"ports: {of: a}",
     "t:1:18: error: ports: a map stands here; a list of maps is needed\n"},
    {"ports: [{of: a}, b, {off: c}]",
     "t:1:28: error: ports: a single value stands here; a map like {of: ..., "
     "bandwidth: ...} is needed\n"
     "t:1:31: error: missing key 'of' (whose)\n"
     "t:1:32: error: unknown key 'off'\n"},
    {"ports: [{of: a}, {of: b}, {of: c}, {of: d}]",
     "t:1:18: error: ports: a list of 4; at most 3 entries are allowed\n"},
};

/** The printed text without the lines of input, which here are all one. */
static const char *
without_lines(const char *printed)
{
    const char *ret = "";
    for (const char *line = printed; *line != '\0';) {
        const size_t len = strcspn(line, "\n") + 1;
        if (*line != ' ') {
            ret = psim_arena_printf(&f.arena, "%s%.*s", ret, (int)len, line);
        }
        line += len;
    }
    return ret;
}

START_TEST(a_fault_says_what_is_wrong_and_what_is_needed)
{
    struct thing t;
    const char *text = psim_arena_printf(&f.arena, "{text: x, %s}", faults[_i].text);
    ck_assert_msg(!bind(text, NULL, &t), "%s", text);
    const char *printed = check_printed(&f.arena, &f.diag, false);
    check_same_text(text, without_lines(printed), faults[_i].want);
}
END_TEST

START_TEST(all_faults_are_told_at_once_with_their_lines)
{
    struct thing t;
    ck_assert(!bind("count: 0\n"
                    "figure: 1.41 GHz\n"
                    "flga: true\n",
                    NULL, &t));
    check_same_text("all", check_printed(&f.arena, &f.diag, false),
                    "t:1:1: error: missing key 'text' (a word)\n"
                    "    1 | count: 0\n"
                    "      | ^\n"
                    "t:1:8: error: count: 0 is below 1; 1 to 4096 is needed\n"
                    "    1 | count: 0\n"
                    "      |        ^\n"
                    "t:2:9: error: figure: '1.41 GHz' is a frequency; a size (B) is "
                    "needed\n"
                    "    2 | figure: 1.41 GHz\n"
                    "      |         ^\n"
                    "t:3:1: error: unknown key 'flga'\n"
                    "    3 | flga: true\n"
                    "      | ^\n"
                    "t:3:1: note: did you mean 'flag'?\n");
}
END_TEST

START_TEST(a_header_unit_that_does_not_fit_says_so)
{
    static const struct psim_bare_unit wrong_items[] = {{"figure", "cycles"}};
    static const struct psim_bare_units wrong = {wrong_items, 1};
    struct thing t;
    ck_assert(!bind("{text: x, figure: 5}", &wrong, &t));
    ck_assert_str_eq(f.diag.first->message,
                     "figure: '5' is a number of cycles; a size (B) is needed");
}
END_TEST

START_TEST(a_choice_named_twice_is_a_warning)
{
    struct thing t;
    ck_assert(bind("{text: x, choices: [bf16, fp32, bfloat16]}", NULL, &t));
    ck_assert_uint_eq(t.choices, 1u << BF16 | 1u << FP32);
    ck_assert_str_eq(without_lines(check_printed(&f.arena, &f.diag, false)),
                     "t:1:33: warning: choices: 'bfloat16' is named twice\n");
}
END_TEST

START_TEST(a_root_that_is_no_map_says_so)
{
    struct thing t;
    ck_assert(!bind("[a]", NULL, &t));
    ck_assert_str_eq(f.diag.first->message, "a list stands here; a map is needed");
}
END_TEST

START_TEST(long_texts_are_quoted_in_part)
{
    char text[200] = "{text: x, figure: ";
    const size_t len = strlen(text);
    memset(text + len, 'y', 100);
    text[len + 100] = '}';
    struct thing t;
    ck_assert(!bind(text, NULL, &t));
    ck_assert_str_eq(
        f.diag.first->message,
        "figure: 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
        "...' is not a number; a size (B) is needed");
}
END_TEST

START_TEST(faults_beyond_those_shown_cost_no_memory)
{
    enum { N = 50000, LINE = 11 };
    const char head[] = "text: x\nrates:\n";
    char *text = psim_arena_alloc(&f.arena, sizeof head + (size_t)N * LINE, 1);
    memcpy(text, head, sizeof head);
    for (size_t i = 0; i < N; i++) {
        memcpy(text + sizeof head - 1 + i * LINE,
               psim_arena_printf(&f.arena, " k%05zu: 1\n", i), LINE);
    }
    struct psim_arena words = {0}; /* for the diagnostics alone */
    f.diag.arena = &words;
    (void)psim_arena_alloc(&words, 1, 1);
    const struct psim_arena_mark before = psim_arena_mark(&words);

    struct thing t;
    ck_assert(!bind(text, NULL, &t));
    ck_assert_uint_eq(f.diag.error_count, N);
    /* All that was said fits into the first block of 64 KiB. */
    ck_assert_ptr_eq(psim_arena_mark(&words).head, before.head);
    psim_arena_free(&words);
}
END_TEST

static const struct {
    const char *text, *want;
} unknowns[] = {
    {"{bf61: 1}", "t:1:2: error: unknown data type 'bf61'\n"
                  "t:1:2: note: did you mean 'bf16'?\n"},
    {"[fp99]", "t:1:2: error: unknown data type 'fp99'\n"},
};

START_TEST(an_owner_of_a_node_says_what_is_unknown)
{
    const char *text = unknowns[_i].text;
    const struct psim_node *root =
        psim_read_text(&f.arena, &f.diag, "t", text, strlen(text));
    ck_assert(!psim_bind_unknown(&f.diag, root->first, "data type", types));
    ck_assert_str_eq(without_lines(check_printed(&f.arena, &f.diag, false)),
                     unknowns[_i].want);
}
END_TEST

START_TEST(confidences_have_names)
{
    ck_assert_str_eq(psim_confidence_name(PSIM_CONFIDENCE_UNSTATED), "unstated");
    ck_assert_str_eq(psim_confidence_name(PSIM_CONFIDENCE_DATASHEET), "datasheet");
    ck_assert_str_eq(psim_confidence_name(PSIM_CONFIDENCE_MEASURED), "measured");
    ck_assert_str_eq(psim_confidence_name(PSIM_CONFIDENCE_FITTED), "fitted");
    ck_assert_str_eq(psim_confidence_name(PSIM_CONFIDENCE_ASSUMED), "assumed");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("input/bind");
    TCase *kinds = tcase_create("kinds");
    tcase_add_checked_fixture(kinds, set_up, tear_down);
    tcase_add_test(kinds, what_is_absent_reads_as_not_given);
    tcase_add_test(kinds, words_are_bound_with_their_places);
    tcase_add_test(kinds, one_word_is_a_list_of_one);
    tcase_add_test(kinds, an_empty_list_of_words_is_given_and_empty);
    tcase_add_test(kinds, whole_numbers_are_bound);
    tcase_add_test(kinds, truth_and_choices_are_bound);
    tcase_add_test(kinds, a_figure_is_bound_from_its_short_form);
    tcase_add_test(kinds, a_figure_is_bound_from_its_long_form);
    tcase_add_test(kinds, one_figure_holds_for_all_choices);
    tcase_add_test(kinds, figures_are_bound_by_choice);
    tcase_add_test(kinds, maps_are_bound_by_their_own_table);
    tcase_add_test(kinds, a_node_is_left_to_its_owner);
    tcase_add_test(kinds, the_header_gives_bare_numbers_their_unit);
    tcase_add_test(kinds, confidences_have_names);
    suite_add_tcase(suite, kinds);

    TCase *fault = tcase_create("faults");
    tcase_add_checked_fixture(fault, set_up, tear_down);
    tcase_add_loop_test(fault, a_fault_says_what_is_wrong_and_what_is_needed, 0,
                        (int)PSIM_COUNT(faults));
    tcase_add_test(fault, all_faults_are_told_at_once_with_their_lines);
    tcase_add_test(fault, a_header_unit_that_does_not_fit_says_so);
    tcase_add_test(fault, a_choice_named_twice_is_a_warning);
    tcase_add_test(fault, a_root_that_is_no_map_says_so);
    tcase_add_test(fault, long_texts_are_quoted_in_part);
    tcase_add_test(fault, faults_beyond_those_shown_cost_no_memory);
    tcase_add_loop_test(fault, an_owner_of_a_node_says_what_is_unknown, 0,
                        (int)PSIM_COUNT(unknowns));
    suite_add_tcase(suite, fault);
    return check_main(suite);
}
