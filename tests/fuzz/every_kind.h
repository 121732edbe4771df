/* SPDX-License-Identifier: MIT */
/** @file The way of an input through all that reads it, with every kind of field. */
#pragma once

#include <stddef.h>

#include "input/bind.h"
#include "input/merge.h"
#include "input/read.h"
#include "util/arena.h"
#include "verdict.h"

struct item {
    struct psim_word name;
    struct psim_figure size;
    struct psim_loc at;
};

struct all {
    struct psim_word text;
    struct psim_words texts;
    uint64_t count;
    struct psim_counts counts;
    bool flag;
    int choice;
    uint32_t choices;
    struct psim_figure figure, plain, figures[3];
    struct item item;
    struct psim_items items;
    const struct psim_node *node;
    struct psim_loc flag_at;
};

#define ALL(member)  offsetof(struct all, member)
#define ITEM(member) offsetof(struct item, member)

static const struct psim_choice choices[] = {
    {"fp32", 0}, {"bf16", 1}, {"fp8", 2}, {"bfloat16", 1}, {NULL, 0},
};

/* clang-format off: a table is read by its columns. */
static const struct psim_field item_fields[] = {
    {.key = "name",
     .doc = "-",
     .kind = PSIM_FIELD_TEXT,
     .required = true,
     .offset = ITEM(name)},
    {.key = "size",
     .doc = "-",
     .kind = PSIM_FIELD_FIGURE,
     .offset = ITEM(size),
     .dims = PSIM_DIM_BIT(PSIM_DIM_BYTES)},
    {.key = NULL},
};

static const struct psim_field all_fields[] = {
    {.key = "text",
     .doc = "-",
     .kind = PSIM_FIELD_TEXT,
     .required = true,
     .offset = ALL(text)},
    {.key = "texts", .doc = "-", .kind = PSIM_FIELD_TEXTS, .offset = ALL(texts)},
    {.key = "count",
     .doc = "-",
     .kind = PSIM_FIELD_COUNT,
     .offset = ALL(count),
     .min = 1,
     .max = 4096},
    {.key = "counts",
     .doc = "-",
     .kind = PSIM_FIELD_COUNTS,
     .offset = ALL(counts),
     .max_items = 3},
    {.key = "flag",
     .doc = "-",
     .kind = PSIM_FIELD_BOOL,
     .offset = ALL(flag),
     .loc_offset = ALL(flag_at)},
    {.key = "choice",
     .doc = "-",
     .kind = PSIM_FIELD_CHOICE,
     .offset = ALL(choice),
     .choices = choices},
    {.key = "choices",
     .doc = "-",
     .kind = PSIM_FIELD_CHOICES,
     .offset = ALL(choices),
     .choices = choices},
    {.key = "figure",
     .doc = "-",
     .kind = PSIM_FIELD_FIGURE,
     .offset = ALL(figure),
     .max = 1e18,
     .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS) | PSIM_DIM_BIT(PSIM_DIM_CYCLES)},
    {.key = "plain",
     .doc = "-",
     .kind = PSIM_FIELD_FIGURE,
     .offset = ALL(plain),
     .min = -1e300},
    {.key = "figures",
     .doc = "-",
     .kind = PSIM_FIELD_FIGURES,
     .offset = ALL(figures),
     .choices = choices,
     .dims = PSIM_DIM_BIT(PSIM_DIM_FLOP_PER_CYCLE)},
    {.key = "item",
     .doc = "-",
     .kind = PSIM_FIELD_MAP,
     .offset = ALL(item),
     .fields = item_fields,
     .item_loc_offset = ITEM(at)},
    {.key = "items",
     .doc = "-",
     .kind = PSIM_FIELD_MAPS,
     .offset = ALL(items),
     .fields = item_fields,
     .item_size = sizeof(struct item),
     .item_loc_offset = ITEM(at)},
    {.key = "node", .doc = "-", .kind = PSIM_FIELD_NODE, .offset = ALL(node)},
    {.key = NULL},
};
/* clang-format on */

static const struct psim_bare_unit bare_unit_items[] = {{"figure", "cycles"}};
static const struct psim_bare_units bare_units = {bare_unit_items, 1};

/** Read, bind, lay over itself, and take as a `--set`. Always 0. */
static inline int
fuzz_input(const char *name, const void *data, size_t size)
{
    static const char *const tie_keys[] = {"size", NULL};
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const char *text = psim_arena_copy(&arena, data, size);

    const struct psim_node *root = psim_read_text(&arena, &diag, name, text, size);
    check_verdict(&diag, root != NULL, 0);
    const struct psim_node *base = root;
    if (root) {
        struct all all;
        const bool bound =
            psim_bind(&arena, &diag, root, all_fields, &bare_units, &all);
        check_verdict(&diag, bound, 0);
        unsigned errors = diag.error_count;
        const struct psim_node *merged =
            psim_merge(&arena, &diag, root, root, tie_keys);
        check_verdict(&diag, merged != NULL, errors);
    }
    /* The text up to its first zero as an option over the tree that it is itself. */
    const unsigned errors = diag.error_count;
    const struct psim_node *over = psim_merge_path(&arena, &diag, base, text);
    check_verdict(&diag, over != NULL, errors);
    if (base && over) (void)psim_merge(&arena, &diag, base, over, tie_keys);
    print_nowhere(&diag);
    psim_arena_free(&arena);
    return 0;
}
