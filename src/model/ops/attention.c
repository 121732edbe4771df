/* SPDX-License-Identifier: MIT */
/** @file attention: softmax(Q K^T) V, stored or fused. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_attention, member)

static const struct psim_choice algorithm_choices[] = {
    {"naive", PSIM_ATTENTION_NAIVE},
    {"flash2", PSIM_ATTENTION_FLASH2},
    {"flash3", PSIM_ATTENTION_FLASH3},
    {"flash_decode", PSIM_ATTENTION_FLASH_DECODE},
    {NULL, 0},
};

/* clang-format off */
static const struct psim_field fields[] = {
    {.key = "algorithm", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = algorithm_choices,
     .loc_offset = offsetof(struct psim_attention, algorithm_at), AT(algorithm),
     .doc = "naive: three kernels, S and P in memory; flash2: fused, online softmax, one work-group a query tile; "
            "flash3: fused, asynchronous matrix operation, persistent, softmax of one tile under the product of the other; "
            "flash_decode: one query, keys split over work-groups, then combined"},
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 20, AT(batch), .doc = "sequences", .fallback = "1"},
    {.key = "heads", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 16, AT(heads), .doc = "query heads", .fallback = "1"},
    {.key = "kv_heads", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 16, .loc_offset = offsetof(struct psim_attention, kv_heads_at), AT(kv_heads), .doc = "key and value heads", .fallback = "as many as `heads`"},
    {.key = "seq_q", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 24, AT(seq_q), .doc = "queries of a sequence"},
    {.key = "seq_kv", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 24, AT(seq_kv), .doc = "keys of a sequence", .fallback = "as many as `seq_q`"},
    {.key = "head_dim", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 4096, AT(head_dim), .doc = "elements of a query, key and value"},
    {.key = "causal", .kind = PSIM_FIELD_BOOL, AT(causal), .doc = "a query sees the keys up to its own place, counted from the end", .fallback = "false"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices,
     .loc_offset = offsetof(struct psim_attention, dtype_at), AT(dtype), .doc = "of Q, K, V and the result"},
    {0},
};
/* clang-format on */

double
psim_attention_pairs(const struct psim_attention *a)
{
    const double q = (double)a->seq_q, kv = (double)a->seq_kv;
    if (!a->causal) return q * kv;
    /* Row i keeps min(kv, i + 1 + kv - q) keys where that is positive: the last
     * row all, each one before it one less. */
    const double rows = q < kv ? q : kv;
    return rows * kv - rows * (rows - 1) / 2;
}

static void
complete(void *attributes)
{
    struct psim_attention *a = attributes;
    if (a->batch == 0) a->batch = 1;
    if (a->heads == 0) a->heads = 1;
    if (a->kv_heads == 0) a->kv_heads = a->heads;
    if (a->seq_kv == 0) a->seq_kv = a->seq_q;
}

static bool
check(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_attention *a = op->attributes;
    if (a->heads % a->kv_heads != 0) {
        return psim_error(diag, a->kv_heads_at,
                          "kv_heads: %llu query heads cannot share %llu; a divisor of "
                          "'heads' is needed",
                          (unsigned long long)a->heads,
                          (unsigned long long)a->kv_heads);
    }
    if (a->algorithm == PSIM_ATTENTION_FLASH_DECODE && a->seq_q != 1) {
        return psim_error(
            diag, a->algorithm_at,
            "algorithm: flash_decode takes one query a sequence; seq_q: 1 "
            "is needed, or flash2");
    }
    return true;
}

/**
 * Cost (docs/MODEL.md, eq. F3).
 *
 * Returned:
 *   flop          4 d + 5 a pair that the mask keeps: two products, and the
 *                 softmax's maximum, difference, exponential, sum, division
 *   read_bytes    Q, K, V once; naive: S and P as well, each read once
 *   write_bytes   the result once; naive: S and P as well
 */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_attention *a = op->attributes;
    const double heads = (double)a->batch * (double)a->heads;
    const double kv_heads = (double)a->batch * (double)a->kv_heads;
    const double q = (double)a->seq_q, kv = (double)a->seq_kv, d = (double)a->head_dim;
    const double bytes = psim_dtype_bytes((enum psim_dtype)a->dtype);
    const double scores =
        a->algorithm == PSIM_ATTENTION_NAIVE ? 2 * heads * q * kv * bytes : 0;
    return (struct psim_cost){
        .flop = heads * psim_attention_pairs(a) * (4 * d + 5),
        .read_bytes = (heads * q * d + 2 * kv_heads * kv * d) * bytes + scores,
        .write_bytes = heads * q * d * bytes + scores,
    };
}

const struct psim_op_kind psim_op_attention = {
    .name = "attention",
    .doc = "softmax(Q K^T) V for many heads",
    .fields = fields,
    .size = sizeof(struct psim_attention),
    .algorithm_offset = offsetof(struct psim_attention, algorithm),
    .algorithms = algorithm_choices,
    .complete = complete,
    .check = check,
    .cost = cost,
};
