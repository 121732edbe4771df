/* SPDX-License-Identifier: MIT */
/** @file The plain roofline of a workload (docs/MODEL.md, eq. F8). */
#include "sim/roofline.h"

#include "util/arena.h"
#include "util/str.h"

static enum psim_dtype
dtype_of(const struct psim_op *op)
{
    /* Each kind that has a cost has a data type, under the key that says so. */
    for (const struct psim_field *f = op->kind->fields; f->key; f++) {
        if (psim_str_equal(f->key, "dtype")) {
            return (enum psim_dtype) *
                   (const int *)(const void *)((const char *)op->attributes +
                                               f->offset);
        }
    }
    return PSIM_FP32;
}

void
psim_sum_roofline(struct psim_arena *arena, const struct psim_hw *hw,
                  const struct psim_workload *workload, struct psim_result *r)
{
    const struct psim_memory *memory = &hw->memories[hw->main_memory];
    r->roofs = PSIM_NEW_N(arena, struct psim_roof, PSIM_N_DTYPES + 1);
    const double memory_per_s =
        memory->peak_bytes_per_s * (double)hw->groups[memory->group].total;
    double memory_s = 0;
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        const struct psim_cost cost = op->kind->cost(op);
        const enum psim_dtype dtype = dtype_of(op);
        const struct psim_operation *fastest = psim_hw_fastest(hw, dtype);
        if (!fastest) fastest = psim_hw_fastest(hw, psim_dtype_of_sums(dtype));
        const enum psim_dtype used =
            fastest && fastest->by[dtype].supported ? dtype : psim_dtype_of_sums(dtype);
        const double peak = fastest ? psim_hw_peak_per_s(hw, fastest, used) : 0;
        const double compute_s = peak > 0 ? cost.flop / peak : 0;
        const double bytes = cost.read_bytes + cost.write_bytes;
        const double move_s = memory_per_s > 0 ? bytes / memory_per_s : 0;
        r->roofline_s += compute_s > move_s ? compute_s : move_s;
        memory_s += move_s;
        const char *name = psim_arena_printf(
            arena, "%s, %s", fastest ? fastest->name : "none", psim_dtype_name(used));
        size_t roof = 0;
        while (roof < r->n_roofs && !psim_str_equal(r->roofs[roof].name, name)) {
            roof++;
        }
        if (roof == PSIM_N_DTYPES) continue;
        if (roof == r->n_roofs) {
            r->roofs[r->n_roofs++] =
                (struct psim_roof){.name = name,
                                   .peak_per_s = peak,
                                   .dim = PSIM_DIM_FLOP_PER_S,
                                   .at = fastest ? fastest->at : hw->at};
        }
        r->roofs[roof].time_s += compute_s * (double)workload->repeat;
    }
    r->roofline_s *= (double)workload->repeat;
    if (memory_per_s <= 0) return;
    r->roofs[r->n_roofs++] = (struct psim_roof){
        .name = memory->name,
        .time_s = memory_s * (double)workload->repeat,
        .peak_per_s = memory_per_s,
        .dim = PSIM_DIM_BYTES_PER_S,
        .at = memory->at,
    };
}
