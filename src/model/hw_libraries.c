/* SPDX-License-Identifier: MIT */
/** @file What libraries offer: names resolved to operations of the machine. */
#include <string.h>

#include "model/hw_raw.h"
#include "model/op.h"
#include "util/arena.h"
#include "util/str.h"

/** Steps of an op that libraries have kernels of their own for, beside the ops. */
static const char *const inner_ops[] = {"im2col", "pad", "strided", "combine"};

/** What programs call an algorithm beside what workloads may ask for. */
static const struct {
    const char *op, *algorithm;
} inner_algorithms[] = {
    {"conv2d", "depthwise"},    {"conv2d", "pointwise"},   {"conv2d", "channels_first"},
    {"conv2d", "turn"},         {"conv2d", "transform"},   {"conv2d", "transformed"},
    {"conv2d", "offsets"},      {"attention", "mask"},     {"batchnorm", "cast"},
    {"batchnorm", "deviation"}, {"batchnorm", "transform"}};

static int
need_operation(struct psim_hw_build *b, const char *key, const struct psim_word *word,
               bool *ok)
{
    if (!word->text) return -1;
    struct psim_guess guess = psim_guess_start(word->text);
    for (size_t i = 0; i < b->hw->n_operations; i++) {
        if (psim_str_equal(b->operations[i].name, word->text)) return (int)i;
        psim_guess_try(&guess, b->operations[i].name);
    }
    *ok = psim_error(
        b->diag, word->at,
        "%s: no operation '%s'; the name of one under 'operations' is needed", key,
        psim_str_excerpt(b->diag->arena, word->text));
    if (guess.best) psim_note(b->diag, word->at, "did you mean '%s'?", guess.best);
    return -1;
}

/** A library for what perfsim does not know is no fault; probably it is a slip. */
static void
warn_unused(struct psim_hw_build *b, const struct psim_word *word, const char *key,
            const struct psim_guess *guess)
{
    psim_warning(b->diag, word->at, "%s: '%s' is not known; this entry is never used",
                 key, psim_str_excerpt(b->diag->arena, word->text));
    if (guess->best) psim_note(b->diag, word->at, "did you mean '%s'?", guess->best);
}

/** One of the words that an entry may mean. @return whether it is the one */
static bool
is_word(struct psim_guess *guess, const char *word)
{
    psim_guess_try(guess, word);
    return psim_str_equal(guess->typed, word);
}

static void
check_op(struct psim_hw_build *b, const struct psim_word *op)
{
    struct psim_guess guess = psim_guess_start(op->text);
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        if (is_word(&guess, psim_op_kinds[i]->name)) return;
    }
    for (size_t i = 0; i < PSIM_COUNT(inner_ops); i++) {
        if (is_word(&guess, inner_ops[i])) return;
    }
    warn_unused(b, op, "op", &guess);
}

static void
check_algorithm(struct psim_hw_build *b, const struct psim_word *op,
                const struct psim_word *algorithm)
{
    const struct psim_op_kind *kind = psim_op_kind_find(op->text);
    if (!kind || !algorithm->text) return;
    struct psim_guess guess = psim_guess_start(algorithm->text);
    for (const struct psim_choice *c = kind->algorithms; c && c->word; c++) {
        if (is_word(&guess, c->word)) return;
    }
    for (const struct psim_field *f = kind->fields; f->key; f++) {
        /* elementwise: one library has a kernel for each function. */
        if (!psim_str_equal(f->key, "function")) continue;
        for (const struct psim_choice *c = f->choices; c->word; c++) {
            if (is_word(&guess, c->word)) return;
        }
    }
    for (size_t i = 0; i < PSIM_COUNT(inner_algorithms); i++) {
        if (psim_str_equal(inner_algorithms[i].op, op->text) &&
            is_word(&guess, inner_algorithms[i].algorithm)) {
            return;
        }
    }
    warn_unused(b, algorithm, "algorithm", &guess);
}

/** What a tile does not say is as the kernel says. */
static const struct psim_menu_tile *
resolved_tiles(struct psim_hw_build *b, const struct psim_raw_library *raw)
{
    const struct psim_menu_tile *from = raw->tiles.items;
    struct psim_menu_tile *tiles =
        PSIM_NEW_N(b->arena, struct psim_menu_tile, raw->tiles.n + 1);
    for (size_t i = 0; i < raw->tiles.n; i++) {
        struct psim_menu_tile *tile = &tiles[i];
        *tile = from[i];
        if (tile->lanes == 0) tile->lanes = raw->lanes;
        if (tile->registers == 0) tile->registers = raw->registers;
        if (tile->stages == 0) tile->stages = raw->stages;
        if (tile->cluster == 0) tile->cluster = raw->cluster;
        if (!tile->instructions.given) tile->instructions = raw->instructions;
        if (!tile->pace.given) tile->pace = raw->pace;
    }
    return tiles;
}

static bool
read_one(struct psim_hw_build *b, const struct psim_raw_library *raw,
         struct psim_library_kernel *kernel)
{
    bool ok = true;
    check_op(b, &raw->op);
    check_algorithm(b, &raw->op, &raw->algorithm);
    *kernel = (struct psim_library_kernel){
        .library = raw->name.text,
        .op = raw->op.text,
        .algorithm = raw->algorithm.text,
        .at = raw->at,
        .dtypes = raw->dtypes ? raw->dtypes : UINT32_MAX,
        .operation = need_operation(b, "operation", &raw->operation, &ok),
        .copy = need_operation(b, "copy", &raw->copy, &ok),
        .tiles = resolved_tiles(b, raw),
        .n_tiles = raw->tiles.n,
        .step_bytes = raw->step.given ? (uint64_t)raw->step.value : 0,
        .cluster = raw->cluster,
        .min_split = raw->min_split,
        .max_split = raw->max_split,
        .resident = raw->resident,
        .sums = raw->sums,
        .loaders = raw->loaders,
        .leaves = raw->leaves.given ? raw->leaves.value : 0,
        .align_bytes = raw->align.given ? (uint64_t)raw->align.value : 0,
        .misaligned_bytes = raw->misaligned.given ? (uint64_t)raw->misaligned.value : 0,
        .out_bytes = raw->out_buffer.given ? (uint64_t)raw->out_buffer.value : 0,
        .also_writes_bytes =
            raw->also_writes.given ? (uint64_t)raw->also_writes.value : 0,
        .dispatch = raw->dispatch,
        .pad_channels = raw->pad_channels,
        .joins_taps = raw->joins_taps,
        .masks_all = raw->masks_all,
        .upright = raw->upright,
        .launches = raw->launches.given ? raw->launches.value : 0,
        .host_s = raw->host.given ? raw->host.value : 0,
        .fills = raw->fills.given ? raw->fills.value : 0,
        .clears_bytes = raw->clears.given ? (uint64_t)raw->clears.value : 0,
        .max_bytes = raw->max_bytes.given ? raw->max_bytes.value : 0,
        .launch = raw->launch,
        .batch = raw->batch,
        .split_below = raw->split_below.given ? raw->split_below.value : 0,
        .split_full = raw->split_full.given ? raw->split_full.value : 0,
    };
    if (kernel->operation >= 0 && b->operations[kernel->operation].moves) {
        ok = psim_error(b->diag, raw->operation.at,
                        "operation: '%s' moves data; one that computes is needed",
                        psim_str_excerpt(b->diag->arena, raw->operation.text));
    }
    if (kernel->copy >= 0 && !b->operations[kernel->copy].moves) {
        ok = psim_error(b->diag, raw->copy.at,
                        "copy: '%s' computes; one that moves data is needed",
                        psim_str_excerpt(b->diag->arena, raw->copy.text));
    }
    return ok;
}

bool
psim_hw_build_libraries(struct psim_hw_build *b)
{
    const struct psim_raw_library *raw = b->raw->libraries.items;
    struct psim_library_kernel *kernels =
        PSIM_NEW_N(b->arena, struct psim_library_kernel, b->raw->libraries.n + 1);
    bool ok = true;
    for (size_t i = 0; i < b->raw->libraries.n; i++) {
        ok = read_one(b, &raw[i], &kernels[i]) && ok;
    }
    b->hw->libraries = kernels;
    b->hw->n_libraries = b->raw->libraries.n;
    return ok;
}
