/* SPDX-License-Identifier: MIT */
/** @file Words for the roofs of a machine. */
#include "result/roofs.h"

const char *
psim_ceiling_kind_name(enum psim_ceiling_kind kind)
{
    static const char *const names[PSIM_N_CEILING_KINDS] = {"matrix", "vector",
                                                            "scalar"};
    return names[kind];
}
