/* SPDX-License-Identifier: MIT */
/** @file THE list of ops, and the keys that all of them share. */
#include "model/op.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

extern const struct psim_op_kind psim_op_gemm;
extern const struct psim_op_kind psim_op_attention;
extern const struct psim_op_kind psim_op_conv2d;
extern const struct psim_op_kind psim_op_elementwise;
extern const struct psim_op_kind psim_op_softmax;
extern const struct psim_op_kind psim_op_layernorm;
extern const struct psim_op_kind psim_op_rmsnorm;
extern const struct psim_op_kind psim_op_batchnorm;
extern const struct psim_op_kind psim_op_reduce;
extern const struct psim_op_kind psim_op_copy;
extern const struct psim_op_kind psim_op_transpose;
extern const struct psim_op_kind psim_op_gather;
extern const struct psim_op_kind psim_op_pool2d;
extern const struct psim_op_kind psim_op_fft;
extern const struct psim_op_kind psim_op_nbody;
extern const struct psim_op_kind psim_op_transformer_block;
extern const struct psim_op_kind psim_op_model;
extern const struct psim_op_kind psim_op_graph;

/* clang-format off */
const struct psim_op_kind *const psim_op_kinds[] = {
    &psim_op_gemm,
    &psim_op_attention,
    &psim_op_conv2d,
    &psim_op_elementwise,
    &psim_op_softmax,
    &psim_op_layernorm,
    &psim_op_rmsnorm,
    &psim_op_batchnorm,
    &psim_op_reduce,
    &psim_op_copy,
    &psim_op_transpose,
    &psim_op_gather,
    &psim_op_pool2d,
    &psim_op_fft,
    &psim_op_nbody,
    &psim_op_transformer_block,
    &psim_op_model,
    &psim_op_graph,
    NULL,
};
/* clang-format on */

const struct psim_op_kind *
psim_op_kind_find(const char *name)
{
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        if (psim_str_equal(psim_op_kinds[i]->name, name)) return psim_op_kinds[i];
    }
    return NULL;
}

/** Whether an attribute is the same, wherever it was given. */
static bool
same_field(const struct psim_field *field, const char *a, const char *b)
{
    static const size_t sizes[] = {
        [PSIM_FIELD_COUNT] = sizeof(uint64_t),
        [PSIM_FIELD_BOOL] = sizeof(bool),
        [PSIM_FIELD_CHOICE] = sizeof(int),
        [PSIM_FIELD_CHOICES] = sizeof(uint32_t),
    };
    if (field->kind == PSIM_FIELD_COUNTS) {
        const struct psim_counts *left = (const void *)a, *right = (const void *)b;
        return left->n == right->n &&
               memcmp(left->value, right->value, left->n * sizeof *left->value) == 0;
    }
    assert(field->kind < PSIM_COUNT(sizes) && sizes[field->kind] > 0);
    return memcmp(a, b, sizes[field->kind]) == 0;
}

bool
psim_op_same(const struct psim_op *a, const struct psim_op *b)
{
    if (a->kind != b->kind) return false;
    const char *left = a->attributes, *right = b->attributes;
    for (const struct psim_field *f = a->kind->fields; f->key; f++) {
        if (!same_field(f, left + f->offset, right + f->offset)) return false;
    }
    return true;
}

static const struct psim_choice cache_choices[] = {
    {"cold", PSIM_CACHE_COLD},
    {"hot", PSIM_CACHE_HOT},
    {NULL, 0},
};

static const struct psim_choice data_choices[] = {
    {"random", 0},
    {"zeros", 1},
    {NULL, 0},
};

/* clang-format off */
#define AT(member) .offset = offsetof(struct psim_tile_keys, member)
static const struct psim_field tile_fields[] = {
    {.key = "m", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(m), .doc = "rows of a work-group's result"},
    {.key = "n", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(n), .doc = "columns of it"},
    {.key = "k", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(k), .doc = "depth of one step"},
    {.key = "q", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(q), .doc = "attention: queries of a work-group"},
    {.key = "kv", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 65536, AT(kv), .doc = "attention: keys of one step"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_op_keys, member)
const struct psim_field psim_op_key_fields[] = {
    {.key = "op", .kind = PSIM_FIELD_NODE, .required = true, .offset = sizeof(struct psim_op_keys), .doc = "which op"},
    {.key = "name", .kind = PSIM_FIELD_TEXT, AT(name), .doc = "what reports call it", .fallback = "the op and its algorithm"},
    {.key = "grid_dim", .kind = PSIM_FIELD_COUNTS, .min = 1, .max = 2147483647, .max_items = 3, AT(grid_dim),
     .doc = "launch configuration: work-groups in up to three dimensions", .fallback = "chosen by perfsim"},
    {.key = "block_dim", .kind = PSIM_FIELD_COUNTS, .min = 1, .max = 65536, .max_items = 3, AT(block_dim),
     .doc = "launch configuration: lanes of a work-group", .fallback = "chosen by perfsim"},
    {.key = "tile", .kind = PSIM_FIELD_MAP, .fields = tile_fields, .loc_offset = offsetof(struct psim_op_keys, tile_at), AT(tile),
     .doc = "mapping: sizes of a work-group's tile; one that a library lists brings its lanes and stages", .fallback = "chosen by perfsim"},
    {.key = "stages", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 64, .loc_offset = offsetof(struct psim_op_keys, stages_at), AT(stages), .doc = "mapping: slots of the operand buffer", .fallback = "the tile's in its library, else as many as fit"},
    {.key = "split", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1024, .loc_offset = offsetof(struct psim_op_keys, split_at), AT(split), .doc = "mapping: parts into which the sum is split", .fallback = "chosen by perfsim"},
    {.key = "cluster", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 64, .loc_offset = offsetof(struct psim_op_keys, cluster_at), AT(cluster), .doc = "mapping: work-groups that share moves", .fallback = "chosen by perfsim"},
    {.key = "library", .kind = PSIM_FIELD_TEXT, AT(library), .doc = "an entry of the machine's `libraries`", .fallback = "the machine's first for the op"},
    {.key = "cache", .kind = PSIM_FIELD_CHOICE, .choices = cache_choices, AT(cache),
     .doc = "whether the last-level cache holds the inputs before", .fallback = "cold"},
    {.key = "data", .kind = PSIM_FIELD_CHOICE, .choices = data_choices, AT(data), .doc = "what the inputs hold: it matters for power", .fallback = "random"},
    {.key = "lanes", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1, .loc_offset = offsetof(struct psim_op_keys, lanes_at), AT(lanes),
     .doc = "1: the textbook's loops on one lane", .fallback = "all lanes"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
/* clang-format on */
