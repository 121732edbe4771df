/* SPDX-License-Identifier: MIT */
/** @file The roofs of a machine (docs/MODEL.md, eq. F8). */
#include "sim/roofs.h"

#include <stdlib.h>

#include "plan/demands.h"
#include "util/arena.h"
#include "util/str.h"

static enum psim_ceiling_kind
kind_of(const struct psim_operation *op, enum psim_dtype dtype)
{
    if (op->does == PSIM_DOES_MATMUL) return PSIM_CEILING_MATRIX;
    return op->by[dtype].lanes > 1 ? PSIM_CEILING_VECTOR : PSIM_CEILING_SCALAR;
}

static int
faster_slope(const void *a, const void *b)
{
    const double x = ((const struct psim_slope *)a)->peak_bytes_per_s;
    const double y = ((const struct psim_slope *)b)->peak_bytes_per_s;
    return (x < y) - (x > y);
}

static int
higher_ceiling(const void *a, const void *b)
{
    const struct psim_ceiling *x = a, *y = b;
    if (x->peak_flop_per_s == y->peak_flop_per_s) return (int)x->kind - (int)y->kind;
    return x->peak_flop_per_s < y->peak_flop_per_s ? 1 : -1;
}

static void
find_slopes(struct psim_arena *arena, const struct psim_hw *hw,
            struct psim_machine_roofs *ret)
{
    struct psim_slope *slopes = PSIM_NEW_N(arena, struct psim_slope, hw->n_memories);
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *memory = &hw->memories[i];
        if (memory->peak_bytes_per_s <= 0) continue;
        slopes[ret->n_slopes++] = (struct psim_slope){
            .memory = psim_server_name(arena, NULL, memory->name),
            .peak_bytes_per_s =
                memory->peak_bytes_per_s * (double)hw->groups[memory->group].total,
            .j_per_byte = memory->energy.given ? memory->energy.value : -1,
            .home = (int)i == hw->main_memory,
            .at = memory->at,
        };
    }
    qsort(slopes, ret->n_slopes, sizeof *slopes, faster_slope);
    ret->slopes = slopes;
}

/** The operation of a kind that reaches most FLOP/s of a data type. */
static bool
find_ceiling(const struct psim_hw *hw, enum psim_ceiling_kind kind,
             enum psim_dtype dtype, struct psim_ceiling *ret)
{
    *ret = (struct psim_ceiling){.kind = kind, .dtypes = psim_dtype_name(dtype)};
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (op->moves || kind_of(op, dtype) != kind) continue;
        const double peak = psim_hw_peak_per_s(hw, op, dtype);
        if (peak <= ret->peak_flop_per_s) continue;
        const struct psim_rate_of *rate = &op->by[dtype];
        const double flop =
            kind == PSIM_CEILING_MATRIX ? 1 : psim_primitive_flop(op->does);
        ret->operation = op->name;
        ret->peak_flop_per_s = peak;
        ret->j_per_flop = rate->energy.given ? rate->energy_j / flop : -1;
        ret->at = op->at;
    }
    return ret->operation != NULL;
}

/** Data types that one operation computes equally fast are one line. */
static struct psim_ceiling *
same_ceiling(struct psim_ceiling *ceilings, size_t n, const struct psim_ceiling *like)
{
    for (size_t i = 0; i < n; i++) {
        if (ceilings[i].kind == like->kind &&
            ceilings[i].peak_flop_per_s == like->peak_flop_per_s &&
            ceilings[i].j_per_flop == like->j_per_flop &&
            psim_str_equal(ceilings[i].operation, like->operation)) {
            return &ceilings[i];
        }
    }
    return NULL;
}

void
psim_machine_roofs(struct psim_arena *arena, const struct psim_hw *hw,
                   struct psim_machine_roofs *ret)
{
    *ret = (struct psim_machine_roofs){
        .machine = hw->name,
        .title = hw->title,
        .base_w = hw->power.base.given ? hw->power.base.value : -1,
    };
    find_slopes(arena, hw, ret);
    struct psim_ceiling *ceilings = PSIM_NEW_N(
        arena, struct psim_ceiling, (size_t)PSIM_N_CEILING_KINDS * PSIM_N_DTYPES);
    size_t n = 0;
    for (int kind = 0; kind < PSIM_N_CEILING_KINDS; kind++) {
        for (int dtype = 0; dtype < PSIM_N_DTYPES; dtype++) {
            struct psim_ceiling one;
            if (!find_ceiling(hw, (enum psim_ceiling_kind)kind, (enum psim_dtype)dtype,
                              &one)) {
                continue;
            }
            struct psim_ceiling *same = same_ceiling(ceilings, n, &one);
            if (same) {
                same->dtypes =
                    psim_arena_printf(arena, "%s, %s", same->dtypes, one.dtypes);
            } else {
                ceilings[n++] = one;
            }
        }
    }
    qsort(ceilings, n, sizeof *ceilings, higher_ceiling);
    ret->ceilings = ceilings;
    ret->n_ceilings = n;
}
