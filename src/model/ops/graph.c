/* SPDX-License-Identifier: MIT */
/** @file graph: ops in a row, repeated. */
#include "model/op.h"

#define AT(member) .offset = offsetof(struct psim_graph, member)

/* clang-format off */
static const struct psim_field fields[] = {
    {.key = "ops", .kind = PSIM_FIELD_NODE, .required = true, AT(ops), .doc = "a list of ops, one after the other"},
    {.key = "repeat", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1000000,
     .loc_offset = offsetof(struct psim_graph, repeat_at), AT(repeat), .doc = "how often the list is run", .fallback = "1"},
    {.key = "launch", .kind = PSIM_FIELD_CHOICE, .choices = psim_launch_mode_choices,
     .loc_offset = offsetof(struct psim_graph, launch_at), AT(launch), .doc = "how its kernels follow one another", .fallback = "that of the graph or workload around it"},
    {0},
};
/* clang-format on */

const struct psim_op_kind psim_op_graph = {
    .name = "graph",
    .doc = "ops in a row, repeated, launched one by one or as a recorded graph",
    .fields = fields,
    .size = sizeof(struct psim_graph),
};
