/* SPDX-License-Identifier: MIT */
/** @file From an op to parts: the only place where kinds of op meet programs. */
#include "plan/lower.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

const struct psim_library_kernel *
psim_library_next(const struct psim_hw *hw, const struct psim_part *part,
                  enum psim_dtype dtype, const struct psim_library_kernel *after)
{
    const char *wanted = part->op->keys.library.text;
    const char *group = part->library_op;
    for (size_t i = after ? (size_t)(after - hw->libraries) + 1 : 0;
         i < hw->n_libraries; i++) {
        const struct psim_library_kernel *kernel = &hw->libraries[i];
        if (!psim_str_equal(kernel->op, group)) continue;
        if (!(kernel->dtypes >> dtype & 1)) continue;
        if (kernel->algorithm && !psim_str_equal(kernel->algorithm, part->algorithm)) {
            continue;
        }
        if (wanted && !psim_str_equal(kernel->library, wanted)) continue;
        return kernel;
    }
    return NULL;
}

struct psim_mapping
psim_library_mapping(const struct psim_hw *hw,
                     const struct psim_library_kernel *library,
                     const struct psim_menu_tile *tile)
{
    return (struct psim_mapping){
        .library = library,
        .tile = tile,
        .compute = library->operation >= 0 ? &hw->operations[library->operation] : NULL,
        .copy = library->copy >= 0 ? &hw->operations[library->copy] : NULL,
        .lanes = (uint32_t)tile->lanes,
        .registers = (uint32_t)tile->registers,
        .stages = (uint32_t)tile->stages,
        .elements = (uint32_t)tile->elements,
        .rows = (uint32_t)tile->rows,
        .passes = (uint32_t)tile->passes,
        .turns = (uint32_t)tile->turns,
        .max_groups = (uint32_t)tile->max_groups,
        .slices = (uint32_t)tile->slices,
        .cluster = (uint32_t)(tile->cluster ? tile->cluster : 1),
        .resident = (uint32_t)library->resident,
        .out_buffer = (uint32_t)library->out_bytes,
        .instructions = tile->instructions.given ? tile->instructions.value : 0,
        .fixed = tile->fixed.given ? tile->fixed.value : 0,
        .masked = tile->masked.given ? tile->masked.value : 0,
        .idle = tile->idle.given    ? tile->idle.value
                : tile->fixed.given ? tile->fixed.value
                                    : 0,
        .fixed_pace_cycles = tile->fixed_pace.given ? tile->fixed_pace.value : 0,
        .pace_cycles = tile->pace.given ? tile->pace.value : 0,
        .dispatch = library->dispatch ? (enum psim_dispatch)(library->dispatch - 1)
                                      : PSIM_DISPATCH_EACH,
    };
}

void
psim_mappings_add(struct psim_mappings *list, const struct psim_mapping *mapping)
{
    enum { FIRST_ROOM = 64 };
    list->item = psim_arena_more(list->arena, list->item, list->n, &list->room,
                                 FIRST_ROOM, sizeof *list->item);
    list->item[list->n++] = *mapping;
}

static bool
is_twin(const struct psim_mapping *a, const struct psim_mapping *b)
{
    return a->library == b->library && a->m == b->m && a->n == b->n && a->k == b->k &&
           a->split == b->split && a->stages == b->stages && a->cluster == b->cluster &&
           a->lanes == b->lanes;
}

/** Whether a mapping has the tile that is asked for; 0 is any. */
static bool
has_tile(const struct psim_mapping *mapping, uint64_t m, uint64_t n, uint64_t k)
{
    return (m == 0 || mapping->m == m) && (n == 0 || mapping->n == n) &&
           (k == 0 || mapping->k == k);
}

void
psim_mappings_fix(struct psim_mappings *list, const struct psim_op_keys *keys,
                  uint64_t m, uint64_t n, uint64_t k)
{
    const uint64_t others = keys->stages | keys->cluster | keys->split;
    if ((m | n | k | others) == 0) return;
    bool listed = false;
    for (size_t i = 0; i < list->n && !listed; i++) {
        listed = has_tile(&list->item[i], m, n, k);
    }
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct psim_mapping mapping = list->item[i];
        if (listed && !has_tile(&mapping, m, n, k)) continue;
        if (m > 0) mapping.m = (uint32_t)m;
        if (n > 0) mapping.n = (uint32_t)n;
        if (k > 0) mapping.k = (uint32_t)k;
        if (keys->stages > 0) mapping.stages = (uint32_t)keys->stages;
        if (keys->cluster > 0) mapping.cluster = (uint32_t)keys->cluster;
        if (keys->split > 0) mapping.split = (uint32_t)keys->split;
        mapping.passed_over = false; /* the user knows better */
        bool twin = false;
        for (size_t j = 0; j < kept && !twin; j++) {
            twin = is_twin(&list->item[j], &mapping);
        }
        if (!twin) list->item[kept++] = mapping;
    }
    list->n = kept;
}

struct psim_part *
psim_add_part(struct psim_parts *parts, const struct psim_program *program,
              const char *name, const struct psim_op *op, const char *library_op)
{
    struct psim_part *part = &parts->part[parts->n++];
    *part = (struct psim_part){
        .program = program,
        .name = name,
        .op = op,
        .library_op = library_op,
        .launches = 1,
    };
    return part;
}

static bool
lower_gemm(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_op *op,
           struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_gemm *g = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    const double elem = psim_dtype_bytes(dtype);
    struct psim_part *part =
        psim_add_part(ret, &psim_program_product, "gemm", op, "gemm");
    part->u.product = (struct psim_product){
        .m = g->m,
        .n = g->n,
        .k = g->k,
        .batch = g->batch,
        .dtype = dtype,
        .out = psim_dtype_of_product(dtype),
        .a_row_bytes = (double)g->k * elem,
        .b_row_bytes = (double)g->n * elem,
        .epilogue = g->epilogue,
        .weights = true,
        .biases = 1,
        .flop = op->kind->cost(op).flop,
    };
    return true;
}

/** Some frameworks mask the scores in a kernel of its own: all are read and written. */
static void
add_mask(const struct psim_hw *hw, const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_attention *a = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    const struct psim_part wanted = {
        .op = op, .library_op = "attention", .algorithm = "mask"};
    const struct psim_library_kernel *library = NULL;
    do {
        library = psim_library_next(hw, &wanted, dtype, library);
    } while (library && !library->algorithm); /* one for any algorithm has none of it */
    if (!library) return;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "mask", op, "attention");
    part->algorithm = "mask";
    part->u.stream = (struct psim_stream){
        .elements = a->batch * a->heads * a->seq_q * a->seq_kv,
        .inputs = 1,
        .outputs = 1,
        .reads = 1,
        .dtype = dtype,
        .in = dtype,
        .out = dtype,
        .work = {{PSIM_DOES_ADD, 1}},
    };
}

/** Scores, softmax, values: S and P go through memory between them. */
static void
lower_naive(const struct psim_hw *hw, const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_attention *a = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    const double elem = psim_dtype_bytes(dtype);
    const uint64_t heads = a->batch * a->heads;
    const double pairs = psim_attention_pairs(a) * (double)heads;
    const double products = 2 * pairs * (double)a->head_dim;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_product, "scores", op, "gemm");
    part->u.product = (struct psim_product){
        .m = a->seq_q,
        .n = a->seq_kv,
        .k = a->head_dim,
        .batch = heads,
        .share_b = a->heads / a->kv_heads,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = (double)a->head_dim * elem,
        .b_row_bytes = (double)a->head_dim * elem, /* K is read by rows: B transposed */
        .flop = products,
    };
    if (a->causal) add_mask(hw, op, ret);
    part = psim_add_part(ret, &psim_program_rows, "softmax", op, "softmax");
    part->u.rows = (struct psim_rows){.recipe = &psim_recipe_softmax,
                                      .rows = heads * a->seq_q,
                                      .cols = a->seq_kv,
                                      .dtype = dtype,
                                      .flop = 5 * pairs};
    part = psim_add_part(ret, &psim_program_product, "values", op, "gemm");
    part->u.product = (struct psim_product){
        .m = a->seq_q,
        .n = a->head_dim,
        .k = a->seq_kv,
        .batch = heads,
        .share_b = a->heads / a->kv_heads,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = (double)a->seq_kv * elem,
        .b_row_bytes = (double)a->head_dim * elem,
        .flop = products,
    };
}

static bool
lower_attention(struct psim_diag *diag, const struct psim_hw *hw,
                const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_attention *a = op->attributes;
    static const char *const names[] = {
        [PSIM_ATTENTION_NAIVE] = "naive",
        [PSIM_ATTENTION_FLASH2] = "flash2",
        [PSIM_ATTENTION_FLASH3] = "flash3",
        [PSIM_ATTENTION_FLASH_DECODE] = "flash_decode",
    };
    if (a->algorithm == PSIM_ATTENTION_NAIVE && op->keys.lanes == 1) {
        (void)psim_add_part(ret, &psim_program_serial, "attention", op, "attention");
    } else if (a->algorithm == PSIM_ATTENTION_NAIVE) {
        lower_naive(hw, op, ret);
    } else {
        psim_add_part(ret, &psim_program_fused, names[a->algorithm], op, "attention")
            ->algorithm = names[a->algorithm];
    }
    return true;
}

static bool
lower_nbody(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_op *op,
            struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_nbody *n = op->attributes;
    psim_add_part(ret, &psim_program_pairs, "nbody", op, "nbody")->u.pairs =
        (struct psim_pairs){.bodies = n->bodies,
                            .dtype = (enum psim_dtype)n->dtype,
                            .flop = op->kind->cost(op).flop};
    return true;
}

static const struct {
    const char *op;
    psim_lowering *lower;
    psim_lowering *instead; /**< another way, where a library has one; NULL */
} lowerings[] = {
    {"gemm", lower_gemm, NULL},
    {"attention", lower_attention, NULL},
    {"conv2d", psim_lower_conv2d, psim_lower_transformed},
    {"elementwise", psim_lower_elementwise, NULL},
    {"softmax", psim_lower_softmax, NULL},
    {"layernorm", psim_lower_layernorm, NULL},
    {"rmsnorm", psim_lower_rmsnorm, NULL},
    {"batchnorm", psim_lower_batchnorm, NULL},
    {"reduce", psim_lower_reduce, NULL},
    {"copy", psim_lower_copy, NULL},
    {"transpose", psim_lower_transpose, NULL},
    {"gather", psim_lower_gather, NULL},
    {"pool2d", psim_lower_pool2d, NULL},
    {"fft", psim_lower_fft, NULL},
    {"nbody", lower_nbody, NULL},
};

static bool
is_naive_attention(const struct psim_op *op)
{
    const struct psim_attention *a = op->attributes;
    return psim_str_equal(op->kind->name, "attention") &&
           a->algorithm == PSIM_ATTENTION_NAIVE;
}

bool
psim_lower_instead(struct psim_diag *diag, const struct psim_hw *hw,
                   const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_op_keys *k = &op->keys;
    ret->n = 0;
    /* Who says how an op is cut means the way that can be cut so. */
    if (k->tile.m || k->tile.n || k->tile.k || k->stages || k->split || k->cluster) {
        return true;
    }
    for (size_t i = 0; i < PSIM_COUNT(lowerings); i++) {
        if (!lowerings[i].instead) continue;
        if (!psim_str_equal(lowerings[i].op, op->kind->name)) continue;
        return lowerings[i].instead(diag, hw, op, ret);
    }
    return true;
}

bool
psim_lower_parts(struct psim_diag *diag, const struct psim_hw *hw,
                 const struct psim_op *op, struct psim_parts *ret)
{
    ret->n = 0;
    if (!psim_check_library(diag, hw, op)) return false;
    if (op->keys.lanes == 1 && !is_naive_attention(op)) {
        return psim_error(diag, op->keys.lanes_at,
                          "lanes: only naive attention has a program for one lane");
    }
    for (size_t i = 0; i < PSIM_COUNT(lowerings); i++) {
        if (psim_str_equal(lowerings[i].op, op->kind->name)) {
            if (!lowerings[i].lower(diag, hw, op, ret)) return false;
            psim_warn_of_keys(diag, op, ret);
            return true;
        }
    }
    /* Whoever adds a kind of op gives it its parts. */
    assert(false && "a kind of op without a program");
    return false;
}
