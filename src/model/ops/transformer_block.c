/* SPDX-License-Identifier: MIT */
/** @file transformer_block: one layer of a decoder, kernel by kernel. */
#include "model/expand.h"

#define AT(member)       .offset = offsetof(struct psim_transformer_block, member)
#define LOC_AT(member)   .loc_offset = offsetof(struct psim_transformer_block, member)
#define MAX_TOKENS       (1 << 24)
#define UNSIGNED(number) ((unsigned long long)(number))

/* clang-format off */
static const struct psim_choice phases[] = {{"prefill", PSIM_PHASE_PREFILL}, {"decode", PSIM_PHASE_DECODE}, {NULL, 0}};
static const struct psim_field fields[] = {
    {.key = "hidden", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 17, AT(hidden), .doc = "elements of a token"},
    {.key = "heads", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 12, LOC_AT(heads_at), AT(heads), .doc = "query heads, into which `hidden` is divided"},
    {.key = "kv_heads", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 12, LOC_AT(kv_heads_at), AT(kv_heads), .doc = "key and value heads", .fallback = "as many as `heads`"},
    {.key = "ffn", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 19, AT(ffn), .doc = "elements of a token between the projections up and down"},
    {.key = "gated", .kind = PSIM_FIELD_BOOL, AT(gated), .doc = "true: silu of one projection times another; false: gelu of one", .fallback = "false"},
    {.key = "phase", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = phases, AT(phase),
     .doc = "prefill: all tokens of a prompt, causal; decode: one more token a sequence, whose key and value are appended to a cache"},
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 20, AT(batch), .doc = "sequences", .fallback = "1"},
    {.key = "seq_q", .kind = PSIM_FIELD_COUNT, .min = 1, .max = MAX_TOKENS, LOC_AT(seq_at), AT(seq_q), .doc = "tokens of a sequence that are processed", .fallback = "prefill: as many as `seq_kv`; decode: 1"},
    {.key = "seq_kv", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 24, AT(seq_kv), .doc = "tokens of a sequence in all, which attention looks at"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices, AT(dtype), .doc = "of weights and tokens"},
    {.key = "launch", .kind = PSIM_FIELD_CHOICE, .choices = psim_launch_mode_choices, LOC_AT(launch_at), AT(launch),
     .doc = "how its kernels follow one another", .fallback = "that of the graph or workload around it"},
    {0},
};
/* clang-format on */

static void
complete(void *attributes)
{
    struct psim_transformer_block *t = attributes;
    if (t->batch == 0) t->batch = 1;
    if (t->kv_heads == 0) t->kv_heads = t->heads;
    if (t->seq_q == 0) t->seq_q = t->phase == PSIM_PHASE_DECODE ? 1 : t->seq_kv;
}

static bool
check(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_transformer_block *t = op->attributes;
    if (t->hidden % t->heads != 0) {
        return psim_error(diag, t->heads_at,
                          "heads: %llu do not divide %llu elements; a divisor of "
                          "'hidden' is needed",
                          UNSIGNED(t->heads), UNSIGNED(t->hidden));
    }
    if (t->heads % t->kv_heads != 0) {
        return psim_error(diag, t->kv_heads_at,
                          "kv_heads: %llu query heads cannot share %llu; a divisor of "
                          "'heads' is needed",
                          UNSIGNED(t->heads), UNSIGNED(t->kv_heads));
    }
    if (t->phase == PSIM_PHASE_DECODE && t->seq_q != 1) {
        return psim_error(diag, t->seq_at,
                          "seq_q: %llu; decode takes one token a sequence",
                          UNSIGNED(t->seq_q));
    }
    if (t->batch * t->seq_q > MAX_TOKENS) {
        return psim_error(diag, op->at,
                          "batch: %llu tokens in all; at most %d are allowed",
                          UNSIGNED(t->batch * t->seq_q), MAX_TOKENS);
    }
    return true;
}

/** The block while it is written down. */
struct block {
    const struct psim_transformer_block *t;
    struct psim_expansion *x;
    uint64_t tokens, head_dim;
};

static void
add_norm(const struct block *b, const char *name)
{
    struct psim_rows_op *norm = psim_expand(b->x, "rmsnorm", name);
    norm->rows = b->tokens;
    norm->cols = b->t->hidden;
    norm->dtype = b->t->dtype;
}

static void
add_projection(const struct block *b, const char *name, uint64_t from, uint64_t to)
{
    struct psim_gemm *gemm = psim_expand(b->x, "gemm", name);
    gemm->m = b->tokens;
    gemm->n = to;
    gemm->k = from;
    gemm->dtype = b->t->dtype;
}

static struct psim_elementwise *
add_function(const struct block *b, const char *name, const char *function,
             uint64_t elements)
{
    struct psim_elementwise *each = psim_expand(b->x, "elementwise", name);
    each->function = psim_function_index(function);
    each->elements = elements;
    each->dtype = b->t->dtype;
    return each;
}

static void
add_attention(const struct block *b)
{
    const struct psim_transformer_block *t = b->t;
    const bool decode = t->phase == PSIM_PHASE_DECODE;
    const uint64_t appended = t->batch * t->kv_heads * b->head_dim;
    if (decode) {
        /* Parts of the row that the projection wrote. */
        add_function(b, "append_k", "copy", appended)->strided = true;
        add_function(b, "append_v", "copy", appended)->strided = true;
    }
    struct psim_attention *a = psim_expand(b->x, "attention", "attention");
    a->algorithm = decode ? PSIM_ATTENTION_FLASH_DECODE : PSIM_ATTENTION_FLASH2;
    a->batch = t->batch;
    a->heads = t->heads;
    a->kv_heads = t->kv_heads;
    a->seq_q = t->seq_q;
    a->seq_kv = t->seq_kv;
    a->head_dim = b->head_dim;
    a->causal = !decode;
    a->dtype = t->dtype;
}

static void
add_ffn(const struct block *b)
{
    const struct psim_transformer_block *t = b->t;
    const uint64_t elements = b->tokens * t->ffn;
    if (t->gated) {
        /* Both halves lie side by side in each row; those of one row in a row. */
        const bool strided = b->tokens > 1;
        add_projection(b, "gate_up", t->hidden, 2 * t->ffn);
        add_function(b, "silu", "silu", elements)->strided = strided;
        add_function(b, "mul", "mul", elements)->strided = strided;
    } else {
        add_projection(b, "up", t->hidden, t->ffn);
        add_function(b, "gelu", "gelu", elements);
    }
    add_projection(b, "down", t->ffn, t->hidden);
}

/** In the order of a framework that runs each step as it stands (eq. F12). */
static void
expand(const struct psim_op *op, struct psim_expansion *ret)
{
    const struct psim_transformer_block *t = op->attributes;
    const struct block b = {
        .t = t,
        .x = ret,
        .tokens = t->batch * t->seq_q,
        .head_dim = t->hidden / t->heads,
    };
    if (t->launch_at.line > 0) ret->launch = (enum psim_launch_mode)t->launch;
    const uint64_t qkv = (t->heads + 2 * t->kv_heads) * b.head_dim;
    add_norm(&b, "attention_norm");
    add_projection(&b, "qkv", t->hidden, qkv);
    add_attention(&b);
    add_projection(&b, "output", t->hidden, t->hidden);
    add_function(&b, "attention_add", "add", b.tokens * t->hidden);
    add_norm(&b, "ffn_norm");
    add_ffn(&b);
    add_function(&b, "ffn_add", "add", b.tokens * t->hidden);
}

const struct psim_op_kind psim_op_transformer_block = {
    .name = "transformer_block",
    .doc = "one layer of a decoder: norms, projections, attention, feed-forward",
    .fields = fields,
    .size = sizeof(struct psim_transformer_block),
    .complete = complete,
    .check = check,
    .expand = expand,
};
