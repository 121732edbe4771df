/* SPDX-License-Identifier: MIT */
/** @file elementwise: one function of each element. */
#include <assert.h>

#include "model/op.h"
#include "util/arena.h"
#include "util/str.h"

#define AT(member) .offset = offsetof(struct psim_elementwise, member)

enum { FUNCTION_FMA = 9 };

/* clang-format off */
const struct psim_function psim_functions[] = {
    {"add",      1, 2, 1, {{PSIM_DOES_ADD, 1}}},
    {"sub",      1, 2, 1, {{PSIM_DOES_ADD, 1}}},
    {"mul",      1, 2, 1, {{PSIM_DOES_MUL, 1}}},
    {"div",      1, 2, 1, {{PSIM_DOES_DIVIDE, 1}}},
    {"relu",     1, 1, 1, {{PSIM_DOES_MAX, 1}}},
    /* x/2 (1 + erf(x / sqrt 2)): FLOP by the field's custom of 8; erf as a
     * polynomial of degree 7 with one exponential. */
    {"gelu",     8, 1, 1, {{PSIM_DOES_FMA, 9}, {PSIM_DOES_MUL, 3}, {PSIM_DOES_EXP2, 1}}},
    /* exp(x) = 2^(x log2 e): the product is an instruction, not a FLOP of the op. */
    {"exp",      1, 1, 1, {{PSIM_DOES_MUL, 1}, {PSIM_DOES_EXP2, 1}}},
    /* x y / (1 + exp(-x)) */
    {"silu_mul", 5, 2, 1, {{PSIM_DOES_MUL, 3}, {PSIM_DOES_EXP2, 1}, {PSIM_DOES_ADD, 1}, {PSIM_DOES_DIVIDE, 1}}},
    {"triad",    2, 2, 1, {{PSIM_DOES_FMA, 1}}},
    /* A chain of multiply-adds: as much arithmetic an element as the user says. */
    [FUNCTION_FMA] = {"fma", 2, 1, 1, {{PSIM_DOES_FMA, 1}}},
    {"fill",     0, 0, 1, {{PSIM_DOES_NOTHING_KNOWN, 0}}},
    {"copy",     0, 1, 1, {{PSIM_DOES_NOTHING_KNOWN, 0}}},
    /* x / (1 + exp(-x)) */
    {"silu",     4, 1, 1, {{PSIM_DOES_MUL, 1}, {PSIM_DOES_EXP2, 1}, {PSIM_DOES_ADD, 1}, {PSIM_DOES_DIVIDE, 1}}},
};
const size_t psim_function_count = PSIM_COUNT(psim_functions);

static const struct psim_choice function_choices[] = {
    {"add", 0}, {"sub", 1}, {"mul", 2}, {"div", 3}, {"relu", 4}, {"gelu", 5}, {"exp", 6},
    {"silu_mul", 7}, {"triad", 8}, {"fma", FUNCTION_FMA}, {"fill", 10}, {"copy", 11}, {"silu", 12}, {NULL, 0},
};
_Static_assert(PSIM_COUNT(function_choices) == PSIM_COUNT(psim_functions) + 1, "a word each");

static const struct psim_field fields[] = {
    {.key = "function", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = function_choices, AT(function),
     .doc = "triad: a + s b; fma: a chain of `flop_per_element` FLOP; the others as named"},
    {.key = "elements", .kind = PSIM_FIELD_COUNT, .required = true, .min = 1, .max = 1e13, AT(elements), .doc = "of each input and output"},
    {.key = "inputs", .kind = PSIM_FIELD_COUNT, .max = 8, AT(inputs), .doc = "tensors read", .fallback = "what the function takes"},
    {.key = "outputs", .kind = PSIM_FIELD_COUNT, .max = 8, AT(outputs), .doc = "tensors written", .fallback = "1"},
    {.key = "flop_per_element", .kind = PSIM_FIELD_COUNT, .min = 2, .max = 1e9, .loc_offset = offsetof(struct psim_elementwise, flop_at), AT(flop_per_element), .doc = "function fma only; even, since each multiply-add is two", .fallback = "2"},
    {.key = "strided", .kind = PSIM_FIELD_BOOL, AT(strided), .doc = "whether inputs are parts of the rows of wider matrices, so that an element's place must be computed", .fallback = "false"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices,
     .loc_offset = offsetof(struct psim_elementwise, dtype_at), AT(dtype), .doc = "of all tensors"},
    {0},
};
/* clang-format on */

int
psim_function_index(const char *name)
{
    int i = 0;
    while (!psim_str_equal(psim_functions[i].name, name)) {
        i++;
        assert((size_t)i < psim_function_count);
    }
    return i;
}

double
psim_elementwise_flop(const struct psim_elementwise *e)
{
    if (e->function == FUNCTION_FMA && e->flop_per_element > 0) {
        return (double)e->flop_per_element;
    }
    return psim_functions[e->function].flop;
}

static void
complete(void *attributes)
{
    struct psim_elementwise *e = attributes;
    if (e->inputs == 0) e->inputs = psim_functions[e->function].inputs;
    if (e->outputs == 0) e->outputs = psim_functions[e->function].outputs;
}

static bool
check(struct psim_diag *diag, const struct psim_op *op)
{
    const struct psim_elementwise *e = op->attributes;
    if (e->flop_per_element > 0 && e->function != FUNCTION_FMA) {
        return psim_error(
            diag, e->flop_at,
            "flop_per_element: '%s' has its own count; function: fma is needed",
            psim_functions[e->function].name);
    }
    if (e->flop_per_element % 2 != 0) {
        return psim_error(diag, e->flop_at,
                          "flop_per_element: %llu is odd; an even number is needed, "
                          "since a multiply-add is two",
                          (unsigned long long)e->flop_per_element);
    }
    return true;
}

/** Cost (docs/MODEL.md, eq. F5): each tensor once. */
static struct psim_cost
cost(const struct psim_op *op)
{
    const struct psim_elementwise *e = op->attributes;
    const double elements = (double)e->elements;
    const double bytes = psim_dtype_bytes((enum psim_dtype)e->dtype);
    return (struct psim_cost){
        .flop = elements * psim_elementwise_flop(e),
        .read_bytes = elements * (double)e->inputs * bytes,
        .write_bytes = elements * (double)e->outputs * bytes,
    };
}

const struct psim_op_kind psim_op_elementwise = {
    .name = "elementwise",
    .doc = "a function of each element: add, relu, gelu, exp, triad, ...",
    .fields = fields,
    .size = sizeof(struct psim_elementwise),
    .complete = complete,
    .check = check,
    .cost = cost,
};
