/* SPDX-License-Identifier: MIT */
/** @file nbody: every body attracts every other one. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_nbody, member)

/* clang-format off */
static const struct psim_field fields[] = {
    {.key = "bodies", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1 << 26, AT(bodies), .doc = "each with a place of three and a mass"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices,
     .loc_offset = offsetof(struct psim_nbody, dtype_at), AT(dtype), .doc = "of places, masses and accelerations"},
    {0},
};
/* clang-format on */

/**
 * Cost (docs/MODEL.md, eq. F14): 20 FLOP for each body and each of all, itself too.
 *
 * Returned:
 *   read_bytes    place and mass of each body, once
 *   write_bytes   the acceleration of each body
 */
static struct psim_cost
cost(const struct psim_op *op)
{
    enum { PAIR_FLOP = 20 };
    const struct psim_nbody *n = op->attributes;
    const double bodies = (double)n->bodies;
    const double bytes = psim_dtype_bytes((enum psim_dtype)n->dtype);
    return (struct psim_cost){
        .flop = PAIR_FLOP * bodies * bodies,
        .read_bytes = 4 * bodies * bytes,
        .write_bytes = 3 * bodies * bytes,
    };
}

const struct psim_op_kind psim_op_nbody = {
    .name = "nbody",
    .doc = "accelerations of bodies by all others, every pair computed",
    .fields = fields,
    .size = sizeof(struct psim_nbody),
    .cost = cost,
};
