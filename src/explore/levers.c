/* SPDX-License-Identifier: MIT */
/** @file THE list of knobs that only questions turn: how one kernel is done. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explore/turns.h"
#include "result/verdict.h"
#include "sim/predict.h"
#include "util/arena.h"
#include "util/str.h"

/* --- the memory that is busiest -------------------------------------------------- */

/** Whose bandwidth or port a server is; -1: of no memory. */
static int
memory_of(const struct psim_hw *hw, const struct psim_server_use *use)
{
    static const char port[] = ".port";
    for (size_t i = 0; i < hw->n_memories; i++) {
        const char *name = hw->memories[i].name;
        const size_t len = strlen(name);
        if (use->level && psim_str_equal(use->level, name)) return (int)i;
        if (!use->level && strncmp(use->name, name, len) == 0 &&
            psim_str_equal(use->name + len, port)) {
            return (int)i;
        }
    }
    return -1;
}

static bool
scale_level(struct psim_arena *arena, const struct psim_knob_case *at, double factor,
            struct psim_turn *ret)
{
    const struct psim_server_use *busiest = psim_verdict_of_run(at->result).memory;
    int memory = busiest ? memory_of(at->hw, busiest) : -1;
    if (memory < 0) return false;
    if (at->hw->memories[memory].part_of >= 0 && busiest->level) {
        memory = at->hw->memories[memory].part_of;
    }
    /* The memory of the tensors is a knob of its own. */
    if (memory == at->hw->main_memory) return false;
    if (!psim_scale_memory(arena, at, memory, factor, ret)) return false;
    ret->label =
        psim_arena_printf(arena, "%s %s", at->hw->memories[memory].name, ret->label);
    return true;
}

/* --- how much there is ------------------------------------------------------------ */

/** A key of all ops that have it; 0 where they differ, or none has it. */
static uint64_t
common_count(const struct psim_workload *workload, const char *key)
{
    uint64_t ret = 0;
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        for (const struct psim_field *f = op->kind->fields; f->key; f++) {
            if (f->kind != PSIM_FIELD_COUNT || !psim_str_equal(f->key, key)) continue;
            const void *member = (const char *)op->attributes + f->offset;
            const uint64_t own = *(const uint64_t *)member;
            if (ret != 0 && own != ret) return 0;
            ret = own;
        }
    }
    return ret;
}

/** Words that scale together, of the first kind of size that the ops have. */
static const char *const sizes[][2] = {
    {"seq_q", "seq_kv"}, {"m", NULL},      {"rows", NULL},   {"elements", NULL},
    {"indices", NULL},   {"length", NULL}, {"bodies", NULL}, {"bytes", NULL},
};

static bool
scale_size(struct psim_arena *arena, const struct psim_knob_case *at, double factor,
           struct psim_turn *ret)
{
    static const double most = 1e13; /* beyond what any key takes */
    size_t kind = 0;
    while (kind < PSIM_COUNT(sizes) &&
           common_count(at->workload, sizes[kind][0]) == 0) {
        kind++;
    }
    if (kind == PSIM_COUNT(sizes)) return false;
    const char **with = PSIM_NEW_N(arena, const char *, PSIM_COUNT(sizes[0]));
    size_t n = 0;
    *ret = (struct psim_turn){.with = with};
    for (size_t i = 0; i < PSIM_COUNT(sizes[0]) && sizes[kind][i]; i++) {
        const double now = (double)common_count(at->workload, sizes[kind][i]);
        const double wanted = round(now * factor);
        if (now == 0) continue;
        if (wanted < 1 || wanted > most) return false;
        with[n++] = psim_arena_printf(arena, "%s=%.0f", sizes[kind][i], wanted);
        if (n > 1) continue;
        ret->factor = wanted / now;
        ret->as_is = wanted == now;
        ret->label = psim_arena_printf(arena, "%s %.0f", sizes[kind][i], wanted);
    }
    ret->n_with = n;
    return true;
}

/* --- how it is done --------------------------------------------------------------- */

static int
algorithm_of(const struct psim_op *op)
{
    const char *attributes = op->attributes;
    return *(const int *)(const void *)(attributes + op->kind->algorithm_offset);
}

static size_t
choose_algorithm(struct psim_arena *arena, const struct psim_knob_case *at,
                 struct psim_turn ret[PSIM_MAX_CHOICES])
{
    const struct psim_op *first = &at->workload->ops[0];
    if (!first->kind->algorithms) return 0;
    for (size_t i = 1; i < at->workload->n_ops; i++) {
        const struct psim_op *op = &at->workload->ops[i];
        if (op->kind != first->kind || algorithm_of(op) != algorithm_of(first))
            return 0;
    }
    size_t n = 0;
    for (const struct psim_choice *c = first->kind->algorithms; c->word; c++) {
        const char **with = PSIM_NEW(arena, const char *);
        *with = psim_arena_printf(arena, "algorithm=%s", c->word);
        ret[n++] = (struct psim_turn){
            .label = c->word,
            .as_is = c->value == algorithm_of(first),
            .with = with,
            .n_with = 1,
        };
        if (n == PSIM_MAX_CHOICES) break;
    }
    return n;
}

/** Tiles that were looked at. */
struct tiles {
    struct psim_arena *arena;
    const struct psim_chosen *chosen;
    struct psim_mapping *item;
    size_t n, room;
    size_t part; /**< of which they are */
};

/** Whether the ops' key `tile` means something to a part; how it is said. */
static unsigned
asks_of(const struct psim_chosen *chosen, size_t part)
{
    return chosen->parts.part[part].program->asks & (PSIM_ASKS_TILE | PSIM_ASKS_KEYS);
}

static void
keep_tile(void *context, const struct psim_tried *tried)
{
    struct tiles *t = context;
    const struct psim_mapping *m = &tried->mapping;
    if (tried->part != t->part || tried->refusal || m->m == 0) return;
    for (size_t i = 0; i < t->n; i++) {
        const struct psim_mapping *other = &t->item[i];
        if (other->m == m->m && other->n == m->n && other->k == m->k) return;
    }
    if (t->n == t->room) {
        const size_t room = t->room ? 2 * t->room : 32;
        struct psim_mapping *more = PSIM_NEW_N(t->arena, struct psim_mapping, room);
        if (t->n > 0) memcpy(more, t->item, t->n * sizeof *more);
        t->item = more;
        t->room = room;
    }
    t->item[t->n++] = *m;
}

static int
by_area(const void *a, const void *b)
{
    const struct psim_mapping *x = a, *y = b;
    const uint64_t own = (uint64_t)x->m * x->n, other = (uint64_t)y->m * y->n;
    if (own != other) return own < other ? -1 : 1;
    if (x->m != y->m) return x->m < y->m ? -1 : 1;
    return (x->k > y->k) - (x->k < y->k);
}

static struct psim_turn
tile_turn(struct psim_arena *arena, const struct psim_mapping *m, bool keys,
          const struct psim_mapping *chosen)
{
    const char **with = PSIM_NEW(arena, const char *);
    *with =
        keys ? psim_arena_printf(arena, "tile={q: %u, kv: %u}", m->m, m->n)
             : psim_arena_printf(arena, "tile={m: %u, n: %u, k: %u}", m->m, m->n, m->k);
    return (struct psim_turn){
        .label = keys ? psim_arena_printf(arena, "%ux%u", m->m, m->n)
                      : psim_arena_printf(arena, "%ux%ux%u", m->m, m->n, m->k),
        .as_is = m->m == chosen->m && m->n == chosen->n && m->k == chosen->k,
        .with = with,
        .n_with = 1,
    };
}

/** Of a workload of one op, tiles in the order of their size, around the one taken. */
static size_t
choose_tile(struct psim_arena *arena, const struct psim_knob_case *at,
            struct psim_turn ret[PSIM_MAX_CHOICES])
{
    const struct psim_op *op = &at->workload->ops[0];
    if (at->workload->n_ops != 1) return 0;
    struct psim_diag quiet = {.arena = arena};
    struct psim_choose_options options = {
        .launch = op->launch, .launch_s = psim_launch_s(at->hw, op->launch)};
    struct psim_chosen chosen;
    if (!psim_choose(arena, &quiet, at->hw, op, &chosen, &options)) return 0;
    struct tiles tiles = {.arena = arena, .chosen = &chosen};
    while (tiles.part < chosen.parts.n && asks_of(&chosen, tiles.part) == 0) {
        tiles.part++;
    }
    if (tiles.part == chosen.parts.n) return 0;
    options.trace = keep_tile;
    options.context = &tiles;
    struct psim_chosen again;
    (void)psim_choose(arena, &quiet, at->hw, op, &again, &options);
    if (tiles.n == 0) return 0;
    qsort(tiles.item, tiles.n, sizeof *tiles.item, by_area);
    const struct psim_mapping *taken = &chosen.mapping[tiles.part];
    size_t middle = 0;
    while (middle + 1 < tiles.n && by_area(&tiles.item[middle], taken) < 0) {
        middle++;
    }
    const size_t half = PSIM_MAX_CHOICES / 2;
    const size_t first = middle > half ? middle - half : 0;
    const bool keys = (asks_of(&chosen, tiles.part) & PSIM_ASKS_KEYS) != 0;
    size_t n = 0;
    for (size_t i = first; i < tiles.n && n < PSIM_MAX_CHOICES; i++) {
        ret[n++] = tile_turn(arena, &tiles.item[i], keys, taken);
    }
    return n > 1 ? n : 0;
}

/* clang-format off */
const struct psim_knob psim_levers[] = {
    {"level", "Bandwidth of the busiest level", "bytes a second of the memory that is busiest, where that is not the one that holds the tensors",
     {0}, scale_level, NULL},
    {"size", "Size", "how much there is of it: tokens, rows, elements",
     {0}, scale_size, NULL},
    {"tile", "Tile", "what one work-group does, among the tiles that were looked at",
     {0}, NULL, choose_tile},
    {"algorithm", "Algorithm", "how the op is done: stored step by step, or fused",
     {0}, NULL, choose_algorithm},
    {0},
};
/* clang-format on */
