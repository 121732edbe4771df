/* SPDX-License-Identifier: MIT */
/** @file What is done to a row, as lane operations (docs/MODEL.md, eq. F6). */
#include "plan/lower.h"

/* clang-format off */
const struct psim_recipe psim_recipe_softmax = {
    .n_passes = 3,
    .once = {
        {{{PSIM_DOES_MAX, 1}}},
        {{{PSIM_DOES_FMA, 1}, {PSIM_DOES_EXP2, 1}, {PSIM_DOES_ADD, 1}}},
        {{{PSIM_DOES_MUL, 1}}},
    },
    .again = {
        {{{PSIM_DOES_MAX, 1}}},
        {{{PSIM_DOES_FMA, 1}, {PSIM_DOES_EXP2, 1}, {PSIM_DOES_ADD, 1}}},
        {{{PSIM_DOES_FMA, 1}, {PSIM_DOES_EXP2, 1}, {PSIM_DOES_MUL, 1}}},
    },
};

/** Mean and squares in one pass (Welford, Technometrics 4, 1962). */
const struct psim_recipe psim_recipe_layernorm = {
    .n_passes = 2,
    .once = {
        {{{PSIM_DOES_ADD, 2}, {PSIM_DOES_FMA, 2}}},
        {{{PSIM_DOES_ADD, 1}, {PSIM_DOES_MUL, 1}, {PSIM_DOES_FMA, 1}}},
    },
    .again = {
        {{{PSIM_DOES_ADD, 2}, {PSIM_DOES_FMA, 2}}},
        {{{PSIM_DOES_ADD, 1}, {PSIM_DOES_MUL, 1}, {PSIM_DOES_FMA, 1}}},
    },
    .vectors = 2,
};

const struct psim_recipe psim_recipe_rmsnorm = {
    .n_passes = 2,
    .once = {
        {{{PSIM_DOES_FMA, 1}}},
        {{{PSIM_DOES_MUL, 2}}},
    },
    .again = {
        {{{PSIM_DOES_FMA, 1}}},
        {{{PSIM_DOES_MUL, 2}}},
    },
    .vectors = 1,
};

const struct psim_recipe psim_recipe_sum = {
    .n_passes = 1,
    .once = {{{{PSIM_DOES_ADD, 1}}}},
    .again = {{{{PSIM_DOES_ADD, 1}}}},
    .one_out = true,
};

const struct psim_recipe psim_recipe_max = {
    .n_passes = 1,
    .once = {{{{PSIM_DOES_MAX, 1}}}},
    .again = {{{{PSIM_DOES_MAX, 1}}}},
    .one_out = true,
};
/* clang-format on */
