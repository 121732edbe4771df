/* SPDX-License-Identifier: MIT */
/** @file Kinds of op that only move data: copy, transpose, gather. */
#include <math.h>

#include "model/op.h"

/* clang-format off */
#define DTYPE(type) {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices, .offset = offsetof(type, dtype), .doc = "of all tensors"}

static const struct psim_choice directions[] = {
    {"device", PSIM_COPY_DEVICE}, {"host_to_device", PSIM_COPY_HOST_TO_DEVICE}, {"device_to_host", PSIM_COPY_DEVICE_TO_HOST}, {NULL, 0},
};

#define AT(member) .offset = offsetof(struct psim_copy, member)
static const struct psim_field copy_fields[] = {
    {.key = "bytes", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1e15, AT(bytes), .doc = "to be copied"},
    {.key = "direction", .kind = PSIM_FIELD_CHOICE, .choices = directions, AT(direction), .doc = "within the device, or over the link to its host", .fallback = "device"},
    {.key = "pinned", .kind = PSIM_FIELD_BOOL, AT(pinned), .doc = "whether the host's pages are locked in memory", .fallback = "false"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_transpose, member)
static const struct psim_field transpose_fields[] = {
    {.key = "rows", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 30, AT(rows), .doc = "of the input"},
    {.key = "cols", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 30, AT(cols), .doc = "of the input"},
    DTYPE(struct psim_transpose), {0},
};
#undef AT

static const struct psim_choice index_choices[] = {{"random", 0}, {"sequential", 1}, {NULL, 0}};

#define AT(member) .offset = offsetof(struct psim_gather, member)
static const struct psim_field gather_fields[] = {
    {.key = "table_rows", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1e12, AT(table_rows), .doc = "rows of the table"},
    {.key = "cols", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 24, AT(cols), .doc = "elements of a row", .fallback = "1"},
    {.key = "indices", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1e12, AT(indices), .doc = "rows that are read; each index is 8 B"},
    {.key = "index", .kind = PSIM_FIELD_CHOICE, .choices = index_choices, AT(index), .doc = "where they point", .fallback = "random"},
    DTYPE(struct psim_gather), {0},
};
#undef AT
/* clang-format on */

/** Every byte once in, once out, as far as the machine's own memory has a part in it;
 * no arithmetic (docs/MODEL.md, eq. F9). */
static struct psim_cost
copy_cost(const struct psim_op *op)
{
    const struct psim_copy *c = op->attributes;
    const double bytes = (double)c->bytes;
    return (struct psim_cost){
        .read_bytes = c->direction == PSIM_COPY_HOST_TO_DEVICE ? 0 : bytes,
        .write_bytes = c->direction == PSIM_COPY_DEVICE_TO_HOST ? 0 : bytes,
    };
}

static struct psim_cost
transpose_cost(const struct psim_op *op)
{
    const struct psim_transpose *t = op->attributes;
    const double bytes =
        (double)t->rows * (double)t->cols * psim_dtype_bytes((enum psim_dtype)t->dtype);
    return (struct psim_cost){.read_bytes = bytes, .write_bytes = bytes};
}

double
psim_gather_distinct(const struct psim_gather *g)
{
    const double rows = (double)g->table_rows, n = (double)g->indices;
    if (g->index == 1) return fmin(rows, n);
    /* A row is missed by all with probability (1 - 1/rows)^n. */
    return rows > 1 ? -rows * expm1(n * log1p(-1 / rows)) : 1;
}

static struct psim_cost
gather_cost(const struct psim_op *op)
{
    const struct psim_gather *g = op->attributes;
    const double row_bytes =
        (double)g->cols * psim_dtype_bytes((enum psim_dtype)g->dtype);
    return (struct psim_cost){
        .read_bytes = psim_gather_distinct(g) * row_bytes + 8 * (double)g->indices,
        .write_bytes = (double)g->indices * row_bytes,
    };
}

static void
complete_gather(void *attributes)
{
    struct psim_gather *g = attributes;
    if (g->cols == 0) g->cols = 1;
}

const struct psim_op_kind psim_op_copy = {
    .name = "copy",
    .doc = "bytes from one place to another",
    .fields = copy_fields,
    .size = sizeof(struct psim_copy),
    .to_given_place = true,
    .cost = copy_cost,
};

const struct psim_op_kind psim_op_transpose = {
    .name = "transpose",
    .doc = "rows become columns",
    .fields = transpose_fields,
    .size = sizeof(struct psim_transpose),
    .cost = transpose_cost,
};

const struct psim_op_kind psim_op_gather = {
    .name = "gather",
    .doc = "rows of a table, by index",
    .fields = gather_fields,
    .size = sizeof(struct psim_gather),
    .complete = complete_gather,
    .cost = gather_cost,
};
